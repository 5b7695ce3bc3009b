//! What a search found out about the root.

use rules::Move;

use crate::Search;

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
}

/// The root after a search.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RootReport {
    /// All legal moves, most visited first, then by prior. Empty if the game is over.
    pub moves: Vec<RootMove>,
    /// Mean value of the root for the mover, in [-1, 1].
    pub value: f32,
    /// Playouts of this call.
    pub playouts: u32,
    /// Positions in the tree.
    pub nodes: usize,
    /// Principal variation: from the root, the most visited moves.
    pub pv: Vec<Move>,
}

impl RootReport {
    /// The move to play: the most visited one.
    #[must_use]
    pub fn best(&self) -> Option<Move> {
        self.moves.first().map(|m| m.mv)
    }
}

impl Search {
    pub(crate) fn report(&self, playouts: u32) -> RootReport {
        let value = self.root_stats.mean();
        let mut moves: Vec<RootMove> = self
            .tree
            .edges_of(self.root)
            .iter()
            .map(|e| RootMove {
                mv: e.mv,
                visits: e.stats.visits,
                value: if e.stats.visits > 0 { e.stats.mean() } else { value },
                prior: e.prior,
            })
            .collect();
        moves.sort_by_key(|m| std::cmp::Reverse(m.visits));
        RootReport { moves, value, playouts, nodes: self.tree.nodes(), pv: self.principal_variation() }
    }

    fn principal_variation(&self) -> Vec<Move> {
        let mut pv = Vec::new();
        let mut node = self.root;
        loop {
            let edges = self.tree.edges_of(node);
            // The first of the most visited: `max_by_key` would take the last.
            let Some(best) = edges.iter().rev().max_by_key(|e| e.stats.visits).filter(|e| e.stats.visits > 0) else {
                return pv;
            };
            pv.push(best.mv);
            match self.tree.existing_child(best) {
                Some(child) => node = child,
                None => return pv,
            }
        }
    }
}
