//! Opening books of random moves: legal, distinct, and balanced by the judgement of a search.

use std::collections::BTreeSet;
use std::sync::Arc;

use rand::RngCore;
use rayon::prelude::*;
use rules::{Game, Rules, Word};

use crate::factory::PlayerFactory;
use crate::openings::{MAX_PLIES, Opening, OpeningError, random_move};
use crate::random::{Purpose, stream};

/// Candidates that are judged in parallel before they are accepted in order. A larger number only means that more of them are
/// judged in vain at the end.
const BATCH: u64 = 32;
/// Candidates in a row that may fail before a book counts as exhausted.
const MAX_FAILURES: u64 = 20_000;

/// What a book is made of.
#[derive(Clone, Copy)]
pub struct BookMaker<'a, W: Word = u64> {
    /// Seed of the moves and of the judge.
    pub seed: u64,
    /// Random plies of each opening.
    pub plies: u32,
    /// The judge of the positions, if they are to be balanced.
    pub balance: Option<Balance<'a, W>>,
}

/// What counts as balanced.
#[derive(Clone, Copy)]
pub struct Balance<'a, W: Word = u64> {
    /// The largest value, for either side, that a search may give the position, in (0, 1] on the scale from -1, a
    /// loss, to 1, a win.
    pub limit: f32,
    /// Makes the searches that judge. They should not be those of a player of the match.
    pub judge: &'a PlayerFactory<W>,
}

/// A position of a book.
#[derive(Clone, Debug, PartialEq)]
pub struct BookLine {
    /// The position, in the variant's own FEN.
    pub fen: String,
    /// The moves that led to it.
    pub opening: Opening,
    /// Its value for the side to move, if it was judged.
    pub value: Option<f32>,
}

/// How much of a book is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookProgress {
    /// Openings found.
    pub found: usize,
    /// Candidates looked at.
    pub tried: u64,
}

impl<W: Word> BookMaker<'_, W> {
    /// Makes `count` openings on the current rayon thread pool. Candidate k depends on the seed and k alone; those that
    /// are balanced and lead to a position that is not in the book yet are taken in order, so a smaller book is the
    /// beginning of a larger one and the number of threads changes nothing.
    ///
    /// # Errors
    /// If there are too many plies, the judge does not search, or the rules do not hold that many openings.
    pub fn make(
        &self,
        rules: &Arc<Rules<W>>,
        count: usize,
        on_progress: &mut (dyn FnMut(BookProgress) + Send),
    ) -> Result<Vec<BookLine>, OpeningError> {
        if self.plies > MAX_PLIES {
            return Err(OpeningError::Plies(self.plies.to_string()));
        }
        if let Some(balance) = self.balance
            && balance.judge.search().is_none()
        {
            return Err(OpeningError::Judge(balance.judge.name()));
        }
        let mut seen = BTreeSet::new();
        let mut lines = Vec::new();
        let (mut tried, mut accepted_at) = (0, 0);
        while lines.len() < count {
            if tried - accepted_at > MAX_FAILURES {
                return Err(OpeningError::Exhausted {
                    found: lines.len() as u32,
                    wanted: count as u32,
                    plies: self.plies.to_string(),
                    variant: rules.name().to_owned(),
                });
            }
            let batch: Vec<u64> = (tried..tried + BATCH).collect();
            let candidates: Vec<_> = batch
                .into_par_iter()
                .map_init(|| self.balance.and_then(|b| b.judge.search()), |judge, k| self.candidate(rules, k, judge))
                .collect();
            for (line, key) in candidates {
                tried += 1;
                let Some(line) = line else { continue };
                if lines.len() < count && seen.insert(key) {
                    lines.push(line);
                    accepted_at = tried;
                }
            }
            on_progress(BookProgress { found: lines.len(), tried });
        }
        Ok(lines)
    }

    /// Makes candidate number `k` with the key of its position; no line if the game ends on the way or the position is out of
    /// balance.
    fn candidate(&self, rules: &Arc<Rules<W>>, k: u64, judge: &mut Option<Judge<W>>) -> (Option<BookLine>, u64) {
        let mut rng = stream(self.seed, k, 0, Purpose::BookLine);
        let mut game = Game::new(Arc::clone(rules));
        let mut moves = Vec::new();
        for _ in 0..self.plies {
            if game.outcome().is_some() {
                return (None, 0);
            }
            let mv = random_move(&game, None, &mut rng);
            moves.push(rules.uci(game.position(), mv));
            game.play(mv);
        }
        if game.outcome().is_some() {
            return (None, 0);
        }
        // A book holds positions without their history, so the judge must not see the history either.
        let game = Game::from_position(Arc::clone(rules), *game.position());
        if game.outcome().is_some() {
            return (None, 0);
        }
        let mut value = None;
        if let (Some(balance), Some((search, evaluator))) = (self.balance, judge.as_mut()) {
            search.clear();
            evaluator.reset(stream(self.seed, k, 0, Purpose::BookJudge).next_u64());
            let judged = search.run_on(&game, std::slice::from_mut(evaluator)).value;
            if judged.abs() > balance.limit {
                return (None, 0);
            }
            value = Some(judged);
        }
        let line = BookLine { fen: rules.fen(game.position()), opening: Opening { start: None, moves }, value };
        (Some(line), game.position().key())
    }
}

type Judge<W> = (search::Searcher<W>, Box<dyn evaluator::Evaluator<W>>);

/// A book as text: one FEN per line, which is EPD with counters. [`crate::Book`] reads it.
#[must_use]
pub fn epd(lines: &[BookLine]) -> String {
    lines.iter().map(|line| format!("{}\n", line.fen)).collect()
}
