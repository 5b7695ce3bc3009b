//! A searcher of either kind with how far it searches, for those who do not care which it is.

use evaluator::Evaluator;
use rules::{Game, Move, Word};

use crate::{AlphaBeta, Limit, Params, ParamsError, RootReport, Search, StopWhen};

/// What finds a move, and how far it searches for each.
#[derive(Debug)]
pub enum Searcher<W: Word = u64> {
    /// Monte Carlo tree search.
    Mcts {
        /// The search with its tree.
        search: Box<Search<W>>,
        /// When the search of a move ends.
        limit: Limit,
    },
    /// Alpha-beta search.
    AlphaBeta {
        /// The search with its table.
        search: Box<AlphaBeta<W>>,
        /// Positions that the search of a move looks at.
        nodes: u64,
    },
}

impl<W: Word> Searcher<W> {
    /// Monte Carlo tree search.
    ///
    /// # Errors
    /// If the constants and the limit contradict each other: [`Params::check_limit`].
    pub fn mcts(params: Params, limit: Limit) -> Result<Searcher<W>, ParamsError> {
        params.check_limit(limit)?;
        Ok(Searcher::Mcts { search: Box::new(Search::new(params)?), limit })
    }

    /// Monte Carlo tree search with the usual constants and so many playouts for each move.
    #[must_use]
    pub fn playouts(playouts: u32) -> Searcher<W> {
        Searcher::Mcts { search: Box::default(), limit: Limit::Playouts(playouts) }
    }

    /// Alpha-beta search that looks at so many positions for each move.
    #[must_use]
    pub fn alphabeta(nodes: u64) -> Searcher<W> {
        Searcher::AlphaBeta { search: Box::default(), nodes }
    }

    /// Forgets what earlier searches found. Needed before another game and when the evaluator changes.
    pub fn clear(&mut self) {
        match self {
            Searcher::Mcts { search, .. } => search.clear(),
            Searcher::AlphaBeta { search, .. } => search.clear(),
        }
    }

    /// Ends searches before their limit from now on when this is met: see [`Search::stop_when`].
    pub fn stop_when(&mut self, stop: Option<StopWhen>) {
        match self {
            Searcher::Mcts { search, .. } => search.stop_when(stop),
            Searcher::AlphaBeta { search, .. } => search.stop_when(stop),
        }
    }

    /// Searches the current position of `game`, on as many threads as there are evaluators where the kind of search has use for them. The
    /// evaluators must judge alike.
    ///
    /// # Panics
    /// If there is no evaluator.
    pub fn run_on(&mut self, game: &Game<W>, evaluators: &mut [Box<dyn Evaluator<W>>]) -> RootReport {
        match self {
            Searcher::Mcts { search, limit } => search.run_on(game, evaluators, *limit),
            Searcher::AlphaBeta { search, nodes } => {
                let evaluator = evaluators.first_mut().expect("a search needs an evaluator");
                search.run(game, evaluator.as_mut(), *nodes)
            }
        }
    }

    /// The line that the last search expects after a move of its root; empty if there is none.
    #[must_use]
    pub fn line(&self, first: Move) -> Vec<Move> {
        match self {
            Searcher::Mcts { search, .. } => search.line(Some(first)),
            Searcher::AlphaBeta { search, .. } => search.line(first),
        }
    }
}
