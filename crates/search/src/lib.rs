#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod alphabeta;
mod batch;
mod gathered;
mod halving;
mod mate;
mod params;
mod playout;
mod report;
mod searcher;
mod tree;
mod view;

use batch::Subtrees;
use evaluator::Evaluator;
use rules::{Game, History, Move, MoveList, Position, Rules, Word};

pub use alphabeta::{AlphaBeta, Iteration, Watch};
pub use gathered::{Judge, Judgement, Waiting};
pub use mate::{MAX_PLIES, Mate, MateSearch};
pub use params::{Limit, Params, ParamsError, RootPolicy, StopWhen};
pub use report::{RootMove, RootReport};
pub use searcher::Searcher;
use tree::{NO_NODE, NodeId, Stats, Tree};
pub use view::ViewNode;

/// A searcher on boards of a word with its tree, which it keeps from move to move of one game.
#[derive(Debug)]
pub struct Search<W: Word = u64> {
    params: Params,
    tree: Tree,
    root: NodeId,
    root_stats: Stats,
    /// Subtrees below the tree that are searched on their own while the search grows in batches.
    subtrees: Subtrees<W>,
    /// The hash of the rules, the first position and the moves of the game that the root belongs to, to recognise its continuation.
    game: Option<(String, Position<W>, Vec<Move>)>,
    /// The only moves of the root that are searched; empty: all moves.
    root_moves: Vec<Move>,
    /// Whether a root that has legal moves is searched though the game may be over.
    past_claims: bool,
    /// What ends a search before its limit.
    stop: Option<StopWhen>,
    /// The positions of the game, then the positions on the path of the current playout.
    history: History<W>,
    /// The nodes of the current path, each with the edge taken from it.
    path: Vec<(NodeId, u32)>,
    moves: MoveList,
    priors: Vec<f32>,
    /// Sort keys of a new node's moves.
    order: Vec<u64>,
}

impl<W: Word> Default for Search<W> {
    /// A searcher with the usual constants.
    fn default() -> Search<W> {
        Search::unchecked(Params::default())
    }
}

impl<W: Word> Search<W> {
    /// A searcher with an empty tree.
    ///
    /// # Errors
    /// If the constants contradict each other: [`Params::check`].
    pub fn new(params: Params) -> Result<Search<W>, ParamsError> {
        params.check().map(|()| Search::unchecked(params))
    }

    /// A searcher with constants that were checked.
    pub(crate) fn unchecked(params: Params) -> Search<W> {
        Search {
            params,
            tree: Tree::default(),
            root: NO_NODE,
            root_stats: Stats::default(),
            subtrees: Subtrees::default(),
            game: None,
            root_moves: Vec::new(),
            past_claims: false,
            stop: None,
            history: History::new(),
            path: Vec::new(),
            moves: MoveList::new(),
            priors: Vec::new(),
            order: Vec::new(),
        }
    }

    /// Forgets the tree. Needed when the evaluator changes.
    pub fn clear(&mut self) {
        self.game = None;
    }

    /// Sets [`Params::batch`]. What the tree holds is kept.
    ///
    /// # Errors
    /// If the other constants do not go with it: [`Params::check`]. The batch stays what it was.
    pub fn set_batch(&mut self, batch: u32) -> Result<(), ParamsError> {
        let params = Params { batch, ..self.params };
        params.check().map(|()| self.params = params)
    }

    /// The current [`Params::batch`].
    #[must_use]
    pub fn batch(&self) -> u32 {
        self.params.batch
    }

    /// Sets the memory that the tree may take, in bytes. What the tree holds is kept.
    pub fn set_memory(&mut self, bytes: usize) {
        self.params.max_slots = bytes / tree::BYTES_PER_SLOT;
    }

    /// The share of its memory that the tree takes, from 0; the last node may take it a little above 1.
    #[must_use]
    pub fn fullness(&self) -> f64 {
        self.slots() as f64 / self.params.max_slots.max(1) as f64
    }

    /// Searches only these moves of the root from now on, all moves if the list is empty. Starts a new tree if the list has changed.
    pub fn restrict(&mut self, moves: Vec<Move>) {
        if moves != self.root_moves {
            self.clear();
            self.root_moves = moves;
        }
    }

    /// Whether a root is searched even where the game has ended with legal moves left: by repetition, the n-move rule or counting, which a
    /// player may have to claim first. Below the root such ends always end the game. Off at first.
    pub fn search_past_claims(&mut self, on: bool) {
        if on != self.past_claims {
            self.clear();
            self.past_claims = on;
        }
    }

    /// Ends searches before their limit from now on when this is met. Results of searches that it does not end stay as they are.
    pub fn stop_when(&mut self, stop: Option<StopWhen>) {
        self.stop = stop;
    }

    /// Whether there is nothing to search in the current position of `game`.
    fn is_over(&self, game: &Game<W>) -> bool {
        game.outcome().is_some() && (!self.past_claims || game.legal().is_empty())
    }

    /// Searches the current position of `game` and reports on its moves. If the last call was on this position of the game, or on an
    /// earlier one, the tree is carried on. A game that is over gives a report without moves.
    ///
    /// # Panics
    /// If the limit does not go with the root's policy. [`Params::check_limit`] tells beforehand.
    pub fn run(&mut self, game: &Game<W>, evaluator: &mut dyn Evaluator<W>, limit: Limit) -> RootReport {
        if let RootPolicy::Halving { considered } = self.params.root {
            let Limit::Playouts(playouts) = limit else { panic!("sequential halving needs a number of playouts") };
            return self.run_halving(game, evaluator, playouts, considered, &[]);
        }
        self.set_root(game, evaluator);
        if self.is_over(game) {
            return RootReport::default();
        }
        self.join_subtrees();
        let mut playouts = 0;
        while self.may_grow() {
            let done = match limit {
                Limit::Playouts(n) => playouts >= n,
                Limit::Nodes(n) => self.root_stats.visits() >= n,
            };
            if done {
                break;
            }
            self.playout(game.rules(), game.position(), evaluator);
            playouts += 1;
        }
        self.report(playouts)
    }

    /// [`Search::run`] on as many threads as there are evaluators, which must judge alike. With a batch of 1 only the first judges.
    ///
    /// # Panics
    /// If there is no evaluator, or as [`Search::run`].
    pub fn run_on(&mut self, game: &Game<W>, evaluators: &mut [Box<dyn Evaluator<W>>], limit: Limit) -> RootReport {
        let first = evaluators.first_mut().expect("a search needs an evaluator");
        // Sequential halving has no batches: its parameters would have been refused.
        if self.params.batch == 1 {
            return self.run(game, first.as_mut(), limit);
        }
        self.set_root(game, first.as_mut());
        if self.is_over(game) {
            return RootReport::default();
        }
        let wanted = match limit {
            Limit::Playouts(n) => n,
            Limit::Nodes(n) => n.saturating_sub(self.root_stats.visits()),
        };
        let playouts = self.playouts_in_batches(game.rules(), game.position(), evaluators, wanted);
        self.report(playouts)
    }

    /// [`Search::run`] with noise blended into the root's priors: `(1 - share) * prior + share * noise(move)`. The noise should sum to 1 over
    /// the legal moves. Starts a new tree, since visits of an old one were made without the noise.
    ///
    /// # Panics
    /// As [`Search::run`].
    pub fn run_noisy(
        &mut self,
        game: &Game<W>,
        evaluator: &mut dyn Evaluator<W>,
        limit: Limit,
        share: f32,
        noise: &[f32],
    ) -> RootReport {
        self.clear();
        self.set_root(game, evaluator);
        if !self.is_over(game) {
            self.tree.mix_priors(self.root, share, noise);
        }
        self.run(game, evaluator, limit)
    }

    /// Makes the game's position the root, keeping what is known below it, and expands it.
    fn set_root(&mut self, game: &Game<W>, evaluator: &mut dyn Evaluator<W>) {
        self.find_root(game);
        if self.root == NO_NODE {
            self.expand_root(game.rules(), game.position(), evaluator, !self.is_over(game));
        }
    }

    /// Makes the game's position the root if the tree holds it; else there is no root.
    fn find_root(&mut self, game: &Game<W>) {
        self.history.copy_from(game.history());
        // A node at which the tree saw the game end has no moves, although the game may have some ([`Search::search_past_claims`]).
        let ended = |search: &Search<W>| search.tree.header(search.root).terminal().is_some();
        if !self.advance(game) || (!self.is_over(game) && ended(self)) {
            self.tree.clear();
            self.subtrees = Subtrees::default();
            self.root = NO_NODE;
            self.root_stats = Stats::default();
        }
        self.game = Some((game.rules().hash().to_owned(), *game.start(), game.moves().to_vec()));
    }

    /// Judges the root for the first time. Returns its value for the mover. With `anyway` the root gets its moves even if its past has ended
    /// the game.
    fn expand_root(
        &mut self,
        rules: &Rules<W>,
        position: &Position<W>,
        evaluator: &mut dyn Evaluator<W>,
        anyway: bool,
    ) -> f32 {
        let (root, value) = if anyway {
            rules.legal_moves(position, &mut self.moves);
            self.judge(rules, position, evaluator)
        } else {
            self.expand(rules, position, evaluator)
        };
        self.root = root;
        self.root_stats.add(value);
        if let Some(worth) = self.tree.header(root).terminal().filter(|_| self.params.solver) {
            self.root_stats.prove(worth);
        }
        value
    }

    /// Follows the moves made since the last call. False if the tree does not hold them.
    fn advance(&mut self, game: &Game<W>) -> bool {
        let Some((hash, start, played)) = &self.game else { return false };
        if hash != game.rules().hash() || start != game.start() || !game.moves().starts_with(played) {
            return false;
        }
        let new_moves = game.moves()[played.len()..].to_vec();
        if new_moves.is_empty() {
            return true;
        }
        self.join_subtrees();
        let (mut root, mut stats) = (self.root, self.root_stats);
        for mv in new_moves {
            let Some((child, edge)) = self.tree.followed(root, mv) else { return false };
            (root, stats) = (child, edge.turned());
        }
        self.tree = self.tree.copy_from(root);
        (self.root, self.root_stats) = (0, stats);
        true
    }
}
