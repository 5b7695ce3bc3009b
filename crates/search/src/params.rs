//! The constants of a search, and which of them go together.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

/// Search constants. They are selected together with an evaluator and inherited with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Params {
    /// Weight of exploration: `cpuct * prior * sqrt(parent visits) / (1 + visits)` is added to a move's mean value.
    pub cpuct: f32,
    /// First-play urgency: an unvisited move counts as its parent's mean value less this.
    pub fpu_reduction: f32,
    /// The most leaves that wait for their judgement at once, at least 1, which is a search of one playout after the other. What a search
    /// finds depends on this number, but not on the number of threads. While the tree is small, fewer leaves wait: a 128th of the root's
    /// visits.
    pub batch: u32,
    /// How the root shares out its playouts.
    pub root: RootPolicy,
    /// Whether ends of games prove worths further up the tree (MCTS-Solver): proven losses are not looked at again, and the search
    /// ends when the root is proven.
    pub solver: bool,
    /// The tree stops growing at this many slots, one for each edge and each node (20 bytes each, and as many again while a part of the
    /// tree is kept): the search then returns early.
    pub max_slots: usize,
}

/// What ends a search before its limit: a question that is asked before each playout, or now and then. Such a search reports what it has found by then.
#[derive(Clone)]
pub struct StopWhen(Arc<dyn Fn() -> bool + Send + Sync>);

impl StopWhen {
    /// Ends searches when this is true.
    pub fn new(met: impl Fn() -> bool + Send + Sync + 'static) -> StopWhen {
        StopWhen(Arc::new(met))
    }

    /// Whether the search shall end.
    #[inline]
    pub(crate) fn is_met(&self) -> bool {
        (self.0)()
    }
}

impl fmt::Debug for StopWhen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StopWhen")
    }
}

/// How the root of a search shares out its playouts over moves. Below the root PUCT always does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RootPolicy {
    /// By PUCT.
    #[default]
    Puct,
    /// By sequential halving ([`crate::Search::run_halving`]). It needs to know the number of playouts beforehand
    /// ([`Limit::Playouts`]), and makes them one after the other (a [`Params::batch`] of 1).
    Halving {
        /// How many moves share the playouts, at least 1.
        considered: u32,
    },
}

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// After this many playouts, on top of what a reused tree already holds.
    Playouts(u32),
    /// When the root has been visited this often, visits of a reused tree included.
    Nodes(u32),
}

/// Constants that have no meaning, or none together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ParamsError {
    /// A batch of nothing.
    #[error("a batch of 0 playouts; at least 1 was expected")]
    EmptyBatch,
    /// Halving among no moves.
    #[error("sequential halving among 0 moves; at least 1 was expected")]
    NothingConsidered,
    /// Halving in batches.
    #[error("sequential halving makes its playouts one after the other; it has no batch, but {0} was given")]
    HalvingInBatches(u32),
    /// Halving without a number of playouts.
    #[error("sequential halving shares out a number of playouts; it has no limit of {0} nodes")]
    HalvingToNodes(u32),
}

impl Default for Params {
    fn default() -> Params {
        Params { cpuct: 1.5, fpu_reduction: 0.2, batch: 1, root: RootPolicy::Puct, solver: true, max_slots: 40_000_000 }
    }
}

impl Params {
    /// Refuses constants that contradict each other.
    ///
    /// # Errors
    /// An empty batch, sequential halving among no moves, or sequential halving in batches.
    pub fn check(&self) -> Result<(), ParamsError> {
        match (self.batch, self.root) {
            (0, _) => Err(ParamsError::EmptyBatch),
            (_, RootPolicy::Halving { considered: 0 }) => Err(ParamsError::NothingConsidered),
            (2.., RootPolicy::Halving { .. }) => Err(ParamsError::HalvingInBatches(self.batch)),
            _ => Ok(()),
        }
    }

    /// [`Params::check`], and refuses a limit that they do not go with.
    ///
    /// # Errors
    /// As [`Params::check`]; also sequential halving with [`Limit::Nodes`].
    pub fn check_limit(&self, limit: Limit) -> Result<(), ParamsError> {
        match (self.root, limit) {
            (RootPolicy::Halving { .. }, Limit::Nodes(nodes)) => Err(ParamsError::HalvingToNodes(nodes)),
            _ => self.check(),
        }
    }
}
