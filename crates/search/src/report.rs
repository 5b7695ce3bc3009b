//! What a search found out about the root.

use std::cmp::Ordering;

use rules::{Move, Word};

use crate::Search;
use crate::tree::Edge;

/// One move of the root.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RootMove {
    /// The move.
    pub mv: Move,
    /// Playouts that began with it.
    pub visits: u32,
    /// Mean value for the mover, in [-1, 1]; the root's own mean for an unvisited move.
    pub value: f32,
    /// The evaluator's prior, noise included.
    pub prior: f32,
    /// What the move is worth to the mover with best play, in [-1, 1], where the search has proven it: 1 a win, -1 a loss, 0 a draw, and
    /// under a payoff of fractions any worth that an ending has.
    pub proven: Option<f32>,
    /// Plies to the end of the game, this move included, by the proof that was found, if it is of a win or a loss.
    pub plies_to_end: Option<u32>,
}

impl RootMove {
    /// How two moves of a root compare, the better one being less: proven wins come first, the quickest of them, and proven losses last,
    /// the slowest of them first. Between them, moves of a root whose worth is `known` stand by what they are worth, and then, as all
    /// others do, by visits.
    fn order(&self, other: &RootMove, known: bool) -> Ordering {
        let class = |m: &RootMove| match m.proven {
            Some(1.0) => 1,
            Some(-1.0) => -1,
            _ => 0,
        };
        let worth = |m: &RootMove| if known && class(m) == 0 { m.proven.unwrap_or(0.0) } else { 0.0 };
        let haste = |m: &RootMove| class(m) * -m.plies_to_end.map_or(0, i64::from);
        let by_class = class(other).cmp(&class(self));
        let by_worth = worth(other).total_cmp(&worth(self));
        by_class.then(by_worth).then(haste(other).cmp(&haste(self))).then(other.visits.cmp(&self.visits))
    }
}

/// The root after a search.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RootReport {
    /// All legal moves: proven wins, the quickest first, then the most visited, then by prior; proven losses come last, the
    /// slowest first. Where the root is proven to be worth something between, the moves of that worth come first. Empty if the game is
    /// over.
    pub moves: Vec<RootMove>,
    /// Mean value of the root for the mover, in [-1, 1].
    pub value: f32,
    /// What the root is worth to the mover with best play, in [-1, 1], where that is proven: see [`RootMove::proven`].
    pub proven: Option<f32>,
    /// Plies to the end of the game by the proof that was found, if it is a win or a loss: an upper bound for the winner.
    pub plies_to_end: Option<u32>,
    /// Playouts of this call.
    pub playouts: u32,
    /// Positions in the tree.
    pub nodes: usize,
    /// Principal variation: from the root, the most visited moves, and the proof where there is one.
    pub pv: Vec<Move>,
}

impl RootReport {
    /// The move to play: the first of [`RootReport::moves`].
    #[must_use]
    pub fn best(&self) -> Option<Move> {
        self.moves.first().map(|m| m.mv)
    }
}

impl<W: Word> Search<W> {
    /// What the root is proven to be worth to the mover.
    pub(crate) fn proven(&self) -> Option<f32> {
        self.root_stats.is_proven().then(|| self.tree.known(self.root, self.root_stats)).flatten()
    }

    pub(crate) fn report(&self, playouts: u32) -> RootReport {
        let proven = self.proven();
        let value = proven.unwrap_or_else(|| self.root_stats.mean());
        let edges = self.tree.edges_of(self.root);
        let mut moves: Vec<RootMove> = edges
            .iter()
            .filter(|e| self.root_moves.is_empty() || self.root_moves.contains(&e.mv))
            .map(|e| {
                let (visits, proven) = (e.stats.visits(), self.tree.proven(e));
                let mean = if visits > 0 { e.stats.mean() } else { value };
                let decided = e.stats.is_won() || e.stats.is_lost();
                let plies_to_end = decided.then(|| 1 + u32::from(self.tree.plies_after(e)));
                RootMove { mv: e.mv, visits, value: proven.unwrap_or(mean), prior: e.prior, proven, plies_to_end }
            })
            .collect();
        // A stable sort: equal moves stay in the order of their priors.
        moves.sort_by(|a, b| a.order(b, proven.is_some()));
        let decided = self.root_stats.is_won() || self.root_stats.is_lost();
        RootReport {
            plies_to_end: decided.then(|| u32::from(self.tree.header(self.root).plies_to_end)),
            moves,
            value,
            proven,
            playouts,
            nodes: self.nodes(),
            pv: self.line(None),
        }
    }

    /// Higher for quick wins than for slow ones, and for slow losses than for quick ones.
    fn haste(&self, edge: &Edge) -> i32 {
        let plies = i32::from(self.tree.plies_after(edge));
        if edge.stats.is_won() { -plies } else { plies }
    }

    /// The line that the search expects: the most visited moves, or the proof. With `first`, the line after this move of the root.
    #[must_use]
    pub fn line(&self, first: Option<Move>) -> Vec<Move> {
        let mut line = Vec::new();
        let (mut node, mut stats) = (self.root, self.root_stats);
        loop {
            let edges = self.tree.edges_of(node);
            let at_root = line.is_empty();
            let allowed = |e: &Edge| !at_root || self.root_moves.is_empty() || self.root_moves.contains(&e.mv);
            let known = stats.is_proven().then(|| self.tree.known(node, stats)).flatten();
            // Best play of a known position makes a move of its worth; elsewhere any move may do that is not proven to lose.
            let keeps = |e: &Edge| match known {
                Some(_) => self.tree.proven(e) == known,
                None => !e.stats.is_lost(),
            };
            // Moves are looked at from behind: `max_by_key` takes the last of equal ones, and the first is wanted.
            let best = match first.filter(|_| at_root) {
                Some(mv) => edges.iter().find(|e| e.mv == mv),
                None if stats.is_won() || stats.is_lost() => {
                    edges.iter().rev().max_by_key(|e| (e.stats.proof(), self.haste(e)))
                }
                None => edges.iter().rev().filter(|e| keeps(e) && allowed(e)).max_by_key(|e| e.stats.visits()),
            };
            let Some(best) = best.filter(|e| e.stats.visits() > 0) else { return line };
            line.push(best.mv);
            match (best.child(), best.subtree()) {
                (Some(child), _) => (node, stats) = (child, best.stats.turned()),
                (None, subtree) => {
                    let subtree = subtree.and_then(|number| self.subtree(number));
                    line.extend(subtree.iter().flat_map(|search| search.line(None)));
                    return line;
                }
            }
        }
    }
}
