//! What a search found out about the root.

use rules::Move;

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
    /// The result for the mover with best play, where the search has proven it: -1, 0 or 1.
    pub proven: Option<i8>,
    /// Plies to the end of the game, this move included, by the proof that was found, if it is of a win or a loss.
    pub plies_to_end: Option<u32>,
}

impl RootMove {
    /// Sort key: proven wins first, the quickest of them, then by visits, proven losses last, the slowest of them first.
    fn rank(&self) -> (i8, i64, u32) {
        let plies = self.plies_to_end.map_or(0, i64::from);
        match self.proven {
            Some(1) => (1, -plies, self.visits),
            Some(-1) => (-1, plies, self.visits),
            _ => (0, 0, self.visits),
        }
    }
}

/// The root after a search.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RootReport {
    /// All legal moves: proven wins, the quickest first, then the most visited, then by prior; proven losses come last, the
    /// slowest first. Empty if the game is over.
    pub moves: Vec<RootMove>,
    /// Mean value of the root for the mover, in [-1, 1].
    pub value: f32,
    /// The root's result for the mover with best play, where it is proven: -1, 0 or 1.
    pub proven: Option<i8>,
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

impl Search {
    pub(crate) fn report(&self, playouts: u32) -> RootReport {
        let value = self.root_stats.mean();
        let edges = self.tree.edges_of(self.root);
        let mut moves: Vec<RootMove> = edges
            .iter()
            .filter(|e| self.root_moves.is_empty() || self.root_moves.contains(&e.mv))
            .map(|e| {
                let visits = e.stats.visits();
                let seen = if visits > 0 { e.stats.mean() } else { value };
                let proven = e.stats.proven();
                let plies_to_end = proven.filter(|r| *r != 0).map(|_| 1 + u32::from(self.tree.plies_after(e)));
                RootMove { mv: e.mv, visits, value: seen, prior: e.prior, proven, plies_to_end }
            })
            .collect();
        // A stable sort: what is equal stays in the order of priors.
        moves.sort_by_key(|m| std::cmp::Reverse(m.rank()));
        let proven = self.root_stats.proven();
        RootReport {
            plies_to_end: proven.filter(|r| *r != 0).map(|_| u32::from(self.tree.header(self.root).plies_to_end)),
            moves,
            value,
            proven,
            playouts,
            nodes: self.nodes(),
            pv: self.line(None),
        }
    }

    /// Quick wins before slow ones, slow losses before quick ones.
    fn haste(&self, edge: &Edge) -> i32 {
        let plies = i32::from(self.tree.plies_after(edge));
        if edge.stats.proven() == Some(1) { -plies } else { plies }
    }

    /// The line that the search expects: the most visited moves, or the proof. With `first`, the line after this move of the root.
    #[must_use]
    pub fn line(&self, first: Option<Move>) -> Vec<Move> {
        let mut line = Vec::new();
        let (mut node, mut stats) = (self.root, self.root_stats);
        let allowed = |e: &&Edge| self.root_moves.is_empty() || self.root_moves.contains(&e.mv);
        loop {
            let edges = self.tree.edges_of(node);
            let at_root = line.is_empty();
            let best = match (first.filter(|_| at_root), stats.proven()) {
                (Some(mv), _) => edges.iter().find(|e| e.mv == mv),
                (None, Some(1 | -1)) => edges.iter().rev().max_by_key(|e| (e.stats.proven(), self.haste(e))),
                // The first of the most visited: `max_by_key` would take the last.
                _ => edges
                    .iter()
                    .rev()
                    .filter(|e| !e.stats.is_lost() && (!at_root || allowed(e)))
                    .max_by_key(|e| e.stats.visits()),
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
