//! Alpha-beta search: iterative deepening with a table of positions, ordered and reduced by an evaluator's policy.
//!
//! [`node`] holds the search of one position, [`quiescence`] what follows where it ends, [`ordering`] which moves come first. All numbers
//! but the evaluator's are whole, and nothing depends on a clock, so that a number of nodes always gives the same result.

mod node;
mod ordering;
mod quiescence;
mod root;
mod score;
mod table;

use std::ops::ControlFlow;

use evaluator::Evaluator;
use rules::{Game, History, Move, MoveList, Rules, Word};

use crate::{RootReport, StopWhen};
use ordering::QuietHistory;
use root::RootLine;
use table::Table;

/// Nodes between two questions whether to go on.
const NODES_BETWEEN_QUESTIONS: u64 = 512;
/// Memory of the table unless something else is asked for, in bytes.
const DEFAULT_MEMORY: usize = 64 << 20;

/// An alpha-beta searcher with its table, which it keeps from move to move.
///
/// Pruning rests on assumptions, and each is only made where the compiled rules allow it: that making no move would be no worse than the
/// best move where no capture is forced ([`Rules::must_capture`]), that noisy moves are those of [`Rules::is_noisy`]. Ends of games are what
/// the rules say they are, repetitions included. A table does not know how a position came about, so that a score may rest on a repetition
/// of another line, as in all programs of the kind.
#[derive(Debug)]
pub struct AlphaBeta<W: Word = u64> {
    table: Table,
    /// The hash of the rules that the table belongs to.
    table_rules: String,
    memory: usize,
    root_moves: Vec<Move>,
    past_claims: bool,
    history: History<W>,
    quiets: QuietHistory,
    frames: Vec<Frame>,
    /// The moves of the root, best first.
    lines: Vec<RootLine>,
    nodes: u64,
    limit: u64,
    stopped: bool,
    /// What ends a search before its limit.
    stop: Option<StopWhen>,
    /// Plies that the iteration in progress looks ahead.
    depth: i32,
    /// The deepest ply that the search has reached.
    deepest: i32,
}

/// What the search keeps for one ply of the current line.
#[derive(Debug, Default)]
struct Frame {
    moves: MoveList,
    priors: Vec<f32>,
    /// Sort keys of moves, each with the number of its move below.
    order: Vec<u64>,
    /// Quiet moves that refuted another move at this ply.
    killers: [Move; 2],
    /// The best line from here on.
    line: Vec<Move>,
}

/// What does not change during a search.
struct Context<'a, W: Word> {
    rules: &'a Rules<W>,
    evaluator: &'a mut dyn Evaluator<W>,
    /// Asked now and then whether to go on.
    watch: &'a mut dyn FnMut(Watch<'_>) -> ControlFlow<()>,
}

/// What a search tells while it goes on.
#[derive(Debug)]
pub enum Watch<'a> {
    /// So many nodes have been searched.
    Nodes(u64),
    /// An iteration is finished.
    Iteration(Iteration<'a>),
}

/// What a search has found when an iteration is finished.
#[derive(Debug)]
pub struct Iteration<'a> {
    /// What is known of the root.
    pub report: &'a RootReport,
    /// Positions looked at so far.
    pub nodes: u64,
    /// Plies that the iteration looked ahead.
    pub depth: u32,
    /// The deepest ply that any line reached.
    pub deepest: u32,
    /// The share of the memory that the table uses, from 0 to 1.
    pub fullness: f64,
    lines: &'a [RootLine],
}

impl Iteration<'_> {
    /// [`AlphaBeta::line`], as far as the search has come.
    #[must_use]
    pub fn line(&self, first: Move) -> Vec<Move> {
        line_of(self.lines, first)
    }
}

/// The line that begins with a move of the root; empty if there is none.
fn line_of(lines: &[RootLine], first: Move) -> Vec<Move> {
    lines.iter().find(|line| line.mv == first).map(|line| line.pv.clone()).unwrap_or_default()
}

impl<W: Word> Default for AlphaBeta<W> {
    fn default() -> AlphaBeta<W> {
        AlphaBeta::new()
    }
}

impl<W: Word> AlphaBeta<W> {
    /// A searcher that knows nothing yet.
    #[must_use]
    pub fn new() -> AlphaBeta<W> {
        AlphaBeta {
            table: Table::new(0),
            table_rules: String::new(),
            memory: DEFAULT_MEMORY,
            root_moves: Vec::new(),
            past_claims: false,
            history: History::new(),
            quiets: QuietHistory::default(),
            frames: (0..=score::MAX_PLY).map(|_| Frame::default()).collect(),
            lines: Vec::new(),
            nodes: 0,
            limit: 0,
            stopped: false,
            stop: None,
            depth: 0,
            deepest: 0,
        }
    }

    /// Forgets all positions. Needed before another game, for its result not to depend on this one, and when the evaluator changes.
    pub fn clear(&mut self) {
        self.table_rules.clear();
    }

    /// Sets the memory that the table may take, in bytes. What it holds is forgotten if that changes anything.
    pub fn set_memory(&mut self, bytes: usize) {
        if bytes != self.memory {
            self.memory = bytes;
            self.clear();
        }
    }

    /// The share of the memory that the table uses, from 0 to 1.
    #[must_use]
    pub fn fullness(&self) -> f64 {
        self.table.fullness()
    }

    /// Searches only these moves of the root from now on, all moves if the list is empty.
    pub fn restrict(&mut self, moves: Vec<Move>) {
        self.root_moves = moves;
    }

    /// Whether a root is searched even where the game has ended with legal moves left: see [`crate::Search::search_past_claims`]. Off at
    /// first.
    pub fn search_past_claims(&mut self, on: bool) {
        self.past_claims = on;
    }

    /// Ends searches before their limit from now on when this is met: see [`crate::Search::stop_when`].
    pub fn stop_when(&mut self, stop: Option<StopWhen>) {
        self.stop = stop;
    }

    /// Plies that the last finished iteration looked ahead, and the deepest ply that any line reached.
    #[must_use]
    pub fn depths(&self) -> (u32, u32) {
        let reached = if self.stopped { self.depth - 1 } else { self.depth };
        (reached.max(0) as u32, self.deepest.max(0) as u32)
    }

    /// The line that the last search expects after a move of the root; empty if it looked no further than to refute it.
    #[must_use]
    pub fn line(&self, first: Move) -> Vec<Move> {
        line_of(&self.lines, first)
    }

    /// Searches the current position of `game` until so many positions have been looked at, at least 1. A game that is over gives a report
    /// without moves.
    pub fn run(&mut self, game: &Game<W>, evaluator: &mut dyn Evaluator<W>, nodes: u64) -> RootReport {
        self.run_watched(game, evaluator, nodes, 1, &mut |_| ControlFlow::Continue(()))
    }

    /// [`AlphaBeta::run`] that finds the best `lines` moves with their lines, tells `watch` how far it has come, and ends when that breaks.
    pub fn run_watched(
        &mut self,
        game: &Game<W>,
        evaluator: &mut dyn Evaluator<W>,
        nodes: u64,
        lines: usize,
        watch: &mut dyn FnMut(Watch<'_>) -> ControlFlow<()>,
    ) -> RootReport {
        self.prepare(game);
        if game.outcome().is_some() && (!self.past_claims || game.legal().is_empty()) {
            return RootReport::default();
        }
        self.limit = nodes.max(1);
        let mut context = Context { rules: game.rules(), evaluator, watch };
        self.deepen(&mut context, game, lines.max(1))
    }

    fn prepare(&mut self, game: &Game<W>) {
        if self.table_rules != game.rules().hash() {
            self.table = Table::new(self.memory);
            self.quiets.clear();
            game.rules().hash().clone_into(&mut self.table_rules);
        }
        self.table.begin();
        self.quiets.fade();
        self.history.copy_from(game.history());
        self.frames.iter_mut().for_each(|frame| frame.killers = [Move::NONE; 2]);
        (self.nodes, self.stopped, self.depth, self.deepest) = (0, false, 0, 0);
        self.lines.clear();
    }

    /// Counts a node. False once the search must end.
    #[inline]
    fn count_node(&mut self, context: &mut Context<'_, W>) -> bool {
        if self.stopped || self.nodes >= self.limit {
            self.stopped = true;
            return false;
        }
        self.nodes += 1;
        if self.nodes.is_multiple_of(NODES_BETWEEN_QUESTIONS) {
            let stop = self.stop.as_ref().is_some_and(StopWhen::is_met);
            self.stopped = (context.watch)(Watch::Nodes(self.nodes)).is_break() || stop;
        }
        !self.stopped
    }
}
