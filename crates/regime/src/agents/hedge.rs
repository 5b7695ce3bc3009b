//! An agent that weighs several sources of value against each other by their realised errors.

use std::sync::{Arc, Mutex, PoisonError};

use arena::{Choice, Failure, Player, SearchPlayer};
use evaluator::{Evaluator, look};
use rules::{Color, Game, Move, Position, Rules, Word};
use search::Searcher;

use crate::suite::{Hedge, HedgeEvidence};

/// Shares of the sources in the value, which sum to 1. The evaluator reads them, and the player moves them.
type Shares = Arc<Mutex<Vec<f32>>>;

/// The prior of one evaluator and the weighted values of several.
struct Weighed<W: Word> {
    prior: Box<dyn Evaluator<W>>,
    sources: Vec<Box<dyn Evaluator<W>>>,
    shares: Shares,
    unused: Vec<f32>,
}

impl<W: Word> Evaluator<W> for Weighed<W> {
    fn evaluate(&mut self, rules: &Rules<W>, position: &Position<W>, moves: &[Move], priors: &mut [f32]) -> f32 {
        self.prior.evaluate(rules, position, moves, priors);
        self.unused.resize(moves.len(), 0.0);
        let shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        let mut value = 0.0;
        for (source, share) in self.sources.iter_mut().zip(shares.iter()) {
            value += share * source.evaluate(rules, position, moves, &mut self.unused);
        }
        value
    }

    fn order(&self, mv: Move, turn: Color) -> u32 {
        self.prior.order(mv, turn)
    }

    fn reset(&mut self, seed: u64) {
        self.prior.reset(seed);
        self.sources.iter_mut().for_each(|source| source.reset(seed));
    }
}

/// Searches with a value that is a weighted sum of sources, and moves the weights by the errors of what the sources said of the roots of
/// searches (Hedge; Freund and Schapire 1997, with squared errors).
pub(crate) struct HedgePlayer<W: Word> {
    search: SearchPlayer<W>,
    /// A second set of the sources, which is asked about the roots of searches.
    sources: Vec<Box<dyn Evaluator<W>>>,
    shares: Shares,
    rate: f32,
    learns_from: HedgeEvidence,
    /// What each source said of the roots of the searches that are to be judged: that of the last one, or those of the whole game.
    said: Vec<Vec<f32>>,
    seed: u64,
}

impl<W: Word> HedgePlayer<W> {
    /// `make` makes the evaluators of the sources anew each time it is called; there must be at least two sources.
    pub(crate) fn new(
        prior: Box<dyn Evaluator<W>>,
        make: &dyn Fn() -> Vec<Box<dyn Evaluator<W>>>,
        hedge: &Hedge,
        playouts: u32,
    ) -> HedgePlayer<W> {
        let (searched, sources) = (make(), make());
        let shares = Arc::new(Mutex::new(vec![1.0 / sources.len() as f32; sources.len()]));
        let evaluator = Weighed { prior, sources: searched, shares: Arc::clone(&shares), unused: Vec::new() };
        let search = SearchPlayer::new(Searcher::playouts(playouts), Box::new(evaluator));
        let (rate, learns_from) = (hedge.rate as f32, hedge.learns_from);
        HedgePlayer { search, sources, shares, rate, learns_from, said: Vec::new(), seed: 0 }
    }

    /// Moves the shares by the mean squared errors of what was said, and forgets it. `truth` is from -1 to 1.
    fn learn(&mut self, truth: f32) {
        let said = std::mem::take(&mut self.said);
        if said.is_empty() {
            return;
        }
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        for (source, share) in shares.iter_mut().enumerate() {
            let error: f32 = said.iter().map(|of| (of[source] - truth) * (of[source] - truth)).sum();
            *share *= libm::expf(-self.rate * error / said.len() as f32);
        }
        let sum: f32 = shares.iter().sum();
        let count = shares.len() as f32;
        // Where all shares have fallen to 0 in 32 bits, they begin anew as equals.
        shares.iter_mut().for_each(|share| *share = if sum > 0.0 { *share / sum } else { 1.0 / count });
    }
}

impl<W: Word> Player<W> for HedgePlayer<W> {
    fn choose(&mut self, game: &Game<W>) -> Result<Choice, Failure> {
        let choice = self.search.choose(game)?;
        if let (HedgeEvidence::Search, Some(found), false) = (self.learns_from, choice.estimate, self.said.is_empty()) {
            self.learn(found);
            // The tree holds values by the shares of before, so it is not used again.
            self.search.new_game(self.seed);
        }
        self.said.push(self.sources.iter_mut().map(|source| look(source.as_mut(), game).0).collect());
        Ok(choice)
    }

    fn game_over(&mut self, worth: f32) {
        if self.learns_from == HedgeEvidence::Results {
            self.learn(worth);
        }
    }

    fn new_game(&mut self, seed: u64) {
        self.seed = seed;
        self.search.new_game(seed);
        self.sources.iter_mut().for_each(|source| source.reset(seed));
        self.said.clear();
        if self.learns_from == HedgeEvidence::Results {
            return;
        }
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        let even = 1.0 / shares.len() as f32;
        shares.fill(even);
    }
}
