//! Openings: positions and sequences of moves, each of which is played twice with colours swapped.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;

use evaluator::Relabel;
use rand::Rng;
use rules::{FenError, Game, MoveList, Rules, Word};
use thiserror::Error;

use crate::interrupt::Since;
use crate::random::{Purpose, sort_by_address, stream};

/// Attempts at one opening before the number of its moves grows by one.
const ATTEMPTS_PER_LENGTH: u64 = 64;
/// Plies by which an opening may outgrow its length before a set counts as exhausted.
const MAX_EXTRA_PLIES: u64 = 16;
/// Plies that a random opening may have by request.
pub(crate) const MAX_PLIES: u32 = 256;

/// Moves in UCI notation from the start position of a variant or another position. They are kept as text, so that they can be tried
/// under other rules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Opening {
    /// FEN of the first position; `None` for the variant's start position.
    pub start: Option<String>,
    /// The moves; none for the start position itself.
    pub moves: Vec<String>,
}

/// Why there is no such opening.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OpeningError {
    /// The first position is not one of the rules.
    #[error(transparent)]
    Start(#[from] FenError),
    /// A move cannot be played.
    #[error("opening `{line}`, ply {ply}: {reason}")]
    Move {
        /// The whole opening.
        line: String,
        /// Number of the move, from 1.
        ply: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The program was told to stop while openings were drawn.
    #[error("stopped by a signal")]
    Stopped,
    /// No openings were given.
    #[error("no openings are given: a match needs at least one")]
    Empty,
    /// The rules do not allow as many openings.
    #[error(
        "only {found} of {wanted} distinct openings of {plies} plies were found in `{variant}`: ask for fewer or longer ones"
    )]
    Exhausted {
        /// Openings found.
        found: u32,
        /// Openings asked for.
        wanted: u32,
        /// Length asked for.
        plies: String,
        /// Name of the variant.
        variant: String,
    },
    /// A range of lengths that is empty or too long.
    #[error("opening lengths of {0} plies: expected a range within 0 to 256, lower end first")]
    Plies(String),
    /// The judge is a player that does not search.
    #[error("`{0}` does not search: the judge of openings needs a value, as of `zero@playouts=400`")]
    Judge(String),
}

impl Opening {
    /// The game after the opening, which is not over.
    ///
    /// # Errors
    /// If the first position cannot be, a move is not legal, or the game ends on the way.
    pub fn game<W: Word>(&self, rules: &Arc<Rules<W>>) -> Result<Game<W>, OpeningError> {
        let start = self.start.as_ref().map_or_else(|| Ok(rules.start()), |fen| rules.parse_fen(fen))?;
        let mut game = Game::from_position(Arc::clone(rules), start);
        let error = |ply, reason| OpeningError::Move { line: self.moves.join(" "), ply, reason };
        for (index, text) in self.moves.iter().enumerate() {
            let mv = rules.parse_uci(game.position(), text).map_err(|e| error(index + 1, e.to_string()))?;
            game.play(mv);
            if let Some(outcome) = game.outcome() {
                return Err(error(index + 1, format!("the game is over ({outcome})")));
            }
        }
        match game.outcome() {
            None => Ok(game),
            Some(outcome) => Err(error(0, format!("the game is over at the start ({outcome})"))),
        }
    }

    /// Whether the opening can also be played under `rules` without ending the game.
    #[must_use]
    pub fn legal_in<W: Word>(&self, rules: &Arc<Rules<W>>) -> bool {
        self.game(rules).is_ok()
    }
}

/// How a set of random openings is drawn.
#[derive(Clone, Debug)]
pub struct RandomOpenings<'a, W: Word = u64> {
    /// Seed of the set.
    pub seed: u64,
    /// Number of random plies; the length of each opening is drawn from this range.
    pub plies: RangeInclusive<u32>,
    /// Further rules under which every opening must be legal.
    pub also_legal_in: &'a [Arc<Rules<W>>],
    /// The relabelling that takes the squares of these rules to those of the rules that they mirror. The openings are then the
    /// mirror images of those that the seed gives under the mirrored rules.
    pub relabel: Option<&'a Relabel>,
}

impl<W: Word> RandomOpenings<'_, W> {
    /// Sets of `plies` random moves without further conditions.
    #[must_use]
    pub fn new(seed: u64, plies: RangeInclusive<u32>) -> Self {
        RandomOpenings { seed, plies, also_legal_in: &[], relabel: None }
    }

    /// The first `count` openings: uniformly random legal moves that do not end the game and lead to `count` distinct
    /// positions. Opening i depends on the seed, on i and on the openings before it alone. Where new positions get
    /// rare, openings are lengthened ply by ply.
    ///
    /// # Errors
    /// If the range of plies is wrong, or the rules do not have so many openings.
    pub fn generate(&self, rules: &Arc<Rules<W>>, count: u32) -> Result<Vec<Opening>, OpeningError> {
        let plies = format!("{}..={}", self.plies.start(), self.plies.end());
        if self.plies.is_empty() || *self.plies.end() > MAX_PLIES {
            return Err(OpeningError::Plies(plies));
        }
        let mut seen = BTreeSet::new();
        let mut openings = Vec::new();
        let since = Since::now();
        for index in 0..count {
            if since.interrupted().is_some() {
                return Err(OpeningError::Stopped);
            }
            let opening = (0..ATTEMPTS_PER_LENGTH * (MAX_EXTRA_PLIES + 1)).find_map(|attempt| {
                let (opening, key) = self.attempt(rules, index, attempt)?;
                let fits = self.also_legal_in.iter().all(|other| opening.legal_in(other));
                (fits && seen.insert(key)).then_some(opening)
            });
            openings.push(opening.ok_or_else(|| OpeningError::Exhausted {
                found: index,
                wanted: count,
                plies: plies.clone(),
                variant: rules.name().to_owned(),
            })?);
        }
        Ok(openings)
    }

    /// Draws one random line, with the key of the position that it leads to; `None` if it ends the game.
    fn attempt(&self, rules: &Arc<Rules<W>>, index: u32, attempt: u64) -> Option<(Opening, u64)> {
        let mut rng = stream(self.seed, index.into(), attempt, Purpose::Opening);
        let length = u64::from(rng.random_range(self.plies.clone())) + attempt / ATTEMPTS_PER_LENGTH;
        let mut game = Game::new(Arc::clone(rules));
        let mut moves = Vec::new();
        for _ in 0..length {
            if game.outcome().is_some() {
                return None;
            }
            let mv = random_move(&game, self.relabel, &mut rng);
            moves.push(rules.uci(game.position(), mv));
            game.play(mv);
        }
        game.outcome().is_none().then(|| (Opening { start: None, moves }, game.position().key()))
    }
}

/// A uniformly random legal move of a game that is not over.
pub(crate) fn random_move<W: Word>(game: &Game<W>, relabel: Option<&Relabel>, rng: &mut impl Rng) -> rules::Move {
    let mut moves: MoveList = game.legal().clone();
    sort_by_address(game.rules(), &mut moves, relabel);
    moves[rng.random_range(0..moves.len() as u32) as usize]
}
