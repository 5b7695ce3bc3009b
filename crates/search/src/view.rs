//! The tree as others may look at it.

use std::collections::BinaryHeap;

use rules::{Move, Word};

use crate::Search;

/// A position of the tree that was visited.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ViewNode {
    /// Number of the position before, in the same list; the root has none.
    pub parent: Option<usize>,
    /// The move that led here; the root has none.
    pub mv: Option<Move>,
    /// Playouts that came through here.
    pub visits: u32,
    /// Mean value for the side that made the move, in [-1, 1]; at the root, for the side to move.
    pub value: f32,
    /// Prior of the move; 1 at the root.
    pub prior: f32,
    /// What the position is worth, in [-1, 1], to the side that [`ViewNode::value`] is for, where that is proven.
    pub proven: Option<f32>,
}

impl<W: Word> Search<W> {
    /// The most visited positions of the tree, at most `limit`, the root first, each after its parent.
    #[must_use]
    pub fn view(&mut self, limit: usize) -> Vec<ViewNode> {
        self.join_subtrees();
        let stats = self.root_stats;
        let root = ViewNode {
            parent: None,
            mv: None,
            visits: stats.visits(),
            value: if stats.visits() > 0 { stats.mean() } else { 0.0 },
            prior: 1.0,
            proven: self.proven(),
        };
        let mut seen = Vec::new();
        // The most visited position first; of equally visited ones, the one that was found first.
        let mut open = BinaryHeap::from([(root.visits, std::cmp::Reverse(0), self.root)]);
        let mut found = vec![root];
        while let Some((_, std::cmp::Reverse(number), node)) = open.pop() {
            if seen.len() == limit {
                break;
            }
            let parent = seen.len();
            seen.push(found[number]);
            for edge in self.tree.edges_of(node).iter().filter(|e| e.stats.visits() > 0) {
                let Some(child) = edge.child() else { continue };
                open.push((edge.stats.visits(), std::cmp::Reverse(found.len()), child));
                found.push(ViewNode {
                    parent: Some(parent),
                    mv: Some(edge.mv),
                    visits: edge.stats.visits(),
                    value: edge.stats.mean(),
                    prior: edge.prior,
                    proven: self.tree.proven(edge),
                });
            }
        }
        seen
    }
}
