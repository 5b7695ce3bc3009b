//! The interface of players, and the players that do not search.

use std::time::Duration;

use evaluator::Evaluator;
use rules::{Game, Move, Word};

use crate::failure::Failure;
use crate::openings::random_move;
use crate::random::{Purpose, stream};
use crate::spec::SpecError;

/// Chooses moves in games. Players of this program never fail and are deterministic: for one seed and game they choose the same
/// moves. External engines may do otherwise.
pub trait Player<W: Word = u64>: Send {
    /// Chooses a legal move of `game`, which is not over.
    ///
    /// # Errors
    /// If the player does not name a legal move in time: it forfeits the game.
    fn choose(&mut self, game: &Game<W>) -> Result<Choice, Failure>;

    /// Called before each game: forgets the last one and restarts the player's random streams from `seed`.
    fn new_game(&mut self, seed: u64);

    /// Called after each game with what its end is worth to the player, from -1 to 1.
    fn game_over(&mut self, _worth: f32) {}

    /// Called before [`Player::new_game`]: makes sure that the player can play. If it had to be started again, returns what had
    /// happened to it since its last game.
    ///
    /// # Errors
    /// If the player cannot be started.
    fn prepare(&mut self) -> Result<Option<String>, SpecError> {
        Ok(None)
    }

    /// The clock of the player, if it plays with one.
    fn clock(&self) -> Option<Clock> {
        None
    }

    /// Called before each choice with the other player's clock.
    fn see_clock(&mut self, _other: Option<Clock>) {}
}

/// The time that a player has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Time for all moves to come.
    pub left: Duration,
    /// Time gained with each move.
    pub increment: Duration,
}

/// A move, and what its player thought.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choice {
    /// The move, legal in the game.
    pub mv: Move,
    /// The result that the player expects, in [-1, 1] for itself; `None` if it has no opinion.
    pub estimate: Option<f32>,
    /// Whether the player had no move of its own that the rules of the game allow, so that `mv` was chosen in its place.
    pub illegal: bool,
    /// The effort behind the choice; `None` if the player did not search.
    pub root: Option<RootInfo>,
    /// What an external engine said about its choice.
    pub engine: Option<EngineInfo>,
}

impl Choice {
    /// The player's score of its choice in centipawns for itself; `None` if it has no opinion. A mate counts 100,000 less one
    /// centipawn for each of its moves. An expected result counts as the centipawns of its logistic Elo, 20 pawns at most.
    #[must_use]
    pub fn centipawns(&self) -> Option<i64> {
        if let Some(engine) = self.engine {
            return engine.score.map(Score::centipawns);
        }
        let value = f64::from(self.estimate?).clamp(-0.999_999, 0.999_999);
        Some((400.0 * libm::log10((1.0 + value) / (1.0 - value))).clamp(-2000.0, 2000.0) as i64)
    }
}

/// What an external engine said about its choice, and how long it took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EngineInfo {
    /// The last exact score that it gave the move. Bounds, and scores of other moves, do not count.
    pub score: Option<Score>,
    /// The depth at which it gave that score, in plies.
    pub depth: Option<u32>,
    /// Nodes searched.
    pub nodes: Option<u64>,
    /// Time from the command to think to the answer.
    pub time: Duration,
}

/// A score in the form that UCI has, for the side to move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Score {
    /// In centipawns.
    Centipawns(i32),
    /// Mate in that many moves; the side to move is mated if the number is negative or 0.
    Mate(i32),
}

impl Score {
    fn centipawns(self) -> i64 {
        match self {
            Score::Centipawns(score) => score.into(),
            Score::Mate(moves) if moves > 0 => 100_000 - i64::from(moves),
            Score::Mate(moves) => -100_000 - i64::from(moves),
        }
    }
}

/// The effort behind a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RootInfo {
    /// Playouts for this move.
    pub playouts: u32,
    /// Positions in the tree afterwards.
    pub nodes: u64,
    /// Playouts that began with the chosen move, with those of a tree that was reused.
    pub visits: u32,
}

/// Plays uniformly random legal moves.
#[derive(Clone, Debug, Default)]
pub struct RandomPlayer {
    seed: u64,
}

impl RandomPlayer {
    /// A player whose streams depend on the game's seed and the ply.
    #[must_use]
    pub fn new() -> RandomPlayer {
        RandomPlayer::default()
    }
}

impl<W: Word> Player<W> for RandomPlayer {
    fn choose(&mut self, game: &Game<W>) -> Result<Choice, Failure> {
        let mut rng = stream(self.seed, 0, game.ply() as u64, Purpose::RandomMove);
        let mv = random_move(game, None, &mut rng);
        Ok(Choice { mv, estimate: None, illegal: false, root: None, engine: None })
    }

    fn new_game(&mut self, seed: u64) {
        self.seed = seed;
    }
}

/// Plays the move with the best prior of an evaluator, without any search.
pub struct PolicyPlayer<W: Word = u64> {
    evaluator: Box<dyn Evaluator<W>>,
}

impl<W: Word> PolicyPlayer<W> {
    /// A player with an evaluator made for the rules of its games.
    #[must_use]
    pub fn new(evaluator: Box<dyn Evaluator<W>>) -> PolicyPlayer<W> {
        PolicyPlayer { evaluator }
    }
}

impl<W: Word> Player<W> for PolicyPlayer<W> {
    fn choose(&mut self, game: &Game<W>) -> Result<Choice, Failure> {
        let (mv, value) = best_prior(game, self.evaluator.as_mut());
        Ok(Choice { mv, estimate: Some(value), illegal: false, root: None, engine: None })
    }

    fn new_game(&mut self, seed: u64) {
        self.evaluator.reset(seed);
    }
}

/// The legal move with the best prior, and the value of the position. Of moves with equal priors the first in the evaluator's own
/// order is taken.
pub(crate) fn best_prior<W: Word>(game: &Game<W>, evaluator: &mut dyn Evaluator<W>) -> (Move, f32) {
    let mut priors = vec![0.0; game.legal().len()];
    let value = evaluator.evaluate(game.rules(), game.position(), game.legal(), &mut priors);
    let turn = game.position().turn();
    let best = game.legal().iter().zip(&priors).min_by(|(a, prior_a), (b, prior_b)| {
        let order = || evaluator.order(**a, turn).cmp(&evaluator.order(**b, turn));
        prior_b.total_cmp(prior_a).then_with(order)
    });
    (*best.expect("the game is not over").0, value)
}
