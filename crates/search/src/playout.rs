//! One playout: select, expand, evaluate, back up.

use evaluator::Evaluator;
use rules::{Position, Rules};

use crate::Search;
use crate::tree::{Edge, NodeId, Stats};

/// Bits of a sort key that hold a move's place in its list; [`Evaluator::order`] has the 23 above them.
const PLACE_BITS: u32 = evaluator::MAX_MOVES.ilog2();

impl Search {
    /// Walks from the root to a leaf by PUCT, judges the leaf, and adds the judgement to every node on the way.
    /// Returns it for the mover of the root.
    pub(crate) fn playout(&mut self, rules: &Rules, root: &Position, evaluator: &mut dyn Evaluator) -> f32 {
        let history = self.history.len();
        let mut position = *root;
        let (value, over) = match self.walk(rules, &mut position) {
            Some(result) => (f32::from(result), None),
            None => {
                let (leaf, value) = self.expand(rules, &position, evaluator);
                if let Some((_, edge)) = self.path.last() {
                    self.tree.set_child(*edge, leaf);
                }
                (value, self.tree.header(leaf).terminal())
            }
        };
        self.history.truncate(history);
        self.back_up(value, over.filter(|_| self.params.solver))
    }

    /// Follows PUCT from the root until there is nothing to choose: `position` goes along, and the path and its positions are noted.
    /// Returns the result for the mover, if it is known; nobody has looked at the position otherwise.
    #[inline]
    fn walk(&mut self, rules: &Rules, position: &mut Position) -> Option<i8> {
        let (mut node, mut stats) = (self.root, self.root_stats);
        self.path.clear();
        loop {
            let edge = self.select(node, stats);
            self.path.push((node, edge));
            let chosen = *self.tree.edge(edge);
            let child = chosen.child();
            stats = chosen.stats.turned();
            // Read first: it comes from memory while the move is made.
            let over = child.and_then(|child| self.tree.header(child).terminal());
            self.history.push(rules, position);
            rules.play(position, chosen.mv);
            match (child, over.or(stats.proven())) {
                // The root's own result does not end the walk, but this move's does.
                (_, Some(result)) => return Some(result),
                (Some(child), None) => node = child,
                (None, None) => return None,
            }
        }
    }

    /// The move that PUCT prefers (Rosin 2011, as in AlphaZero): mean value plus exploration.
    #[inline]
    pub(crate) fn select(&self, node: NodeId, stats: Stats) -> u32 {
        let edges = self.tree.edges_of(node).iter().enumerate();
        let best = if node == self.root && !self.root_moves.is_empty() {
            self.best_of(edges.filter(|(_, edge)| self.root_moves.contains(&edge.mv)), stats)
        } else {
            self.best_of(edges, stats)
        };
        node + 1 + best
    }

    /// The place of the best among a node's moves.
    #[inline(always)]
    fn best_of<'a>(&self, edges: impl Iterator<Item = (usize, &'a Edge)>, stats: Stats) -> u32 {
        let exploration = self.params.cpuct * (stats.visits() as f32).sqrt();
        let mut best = (f32::NEG_INFINITY, 0);
        for (i, edge) in edges {
            let visits = edge.stats.visits();
            if visits == 0 {
                let first_play = stats.mean() - self.params.fpu_reduction;
                if first_play + exploration * edge.prior > best.0 {
                    return i as u32;
                }
                // Edges stand by falling prior, so no later unvisited one can be better, and none is visited before this one.
                break;
            }
            let score = edge.stats.mean() + exploration * edge.prior / (1 + visits) as f32;
            // Who knows that a move loses tries another. If all do, the node is proven, and asked only as a root.
            if score > best.0 && !edge.stats.is_lost() {
                best = (score, i as u32);
            }
        }
        best.1
    }

    /// Makes a node for a leaf, with its legal moves, or for the end of the game. Returns it with its value for the mover.
    pub(crate) fn expand(
        &mut self,
        rules: &Rules,
        position: &Position,
        evaluator: &mut dyn Evaluator,
    ) -> (NodeId, f32) {
        rules.legal_moves(position, &mut self.moves);
        if let Some(outcome) = rules.outcome(position, &self.moves, &self.history) {
            let result = outcome.for_color(position.turn());
            return (self.tree.add_terminal(result as i8), result as f32);
        }
        self.judge(rules, position, evaluator)
    }

    /// Makes a node with the legal moves that have just been found.
    pub(crate) fn judge(&mut self, rules: &Rules, position: &Position, evaluator: &mut dyn Evaluator) -> (NodeId, f32) {
        // More moves than any variant without walls is known to reach would not fit the evaluator's room.
        self.moves.truncate(evaluator::MAX_MOVES);
        self.priors.clear();
        self.priors.resize(self.moves.len(), 0.0);
        let value = evaluator.evaluate(rules, position, &self.moves, &mut self.priors);
        // By falling prior. Priors are positive, so their bits order as they do; ties go by the evaluator's own order of moves.
        let (moves, priors, turn) = (&self.moves, &self.priors, position.turn());
        self.order.clear();
        self.order.extend(moves.iter().zip(priors).enumerate().map(|(i, (mv, prior))| {
            let (prior, order) = (u64::from(!prior.to_bits()), u64::from(evaluator.order(*mv, turn)));
            prior << 32 | order << PLACE_BITS | i as u64
        }));
        self.order.sort_unstable();
        let places = self.order.iter().map(|key| (key & ((1 << PLACE_BITS) - 1)) as usize);
        let edges = places.map(|i| Edge::new(moves[i], priors[i]));
        (self.tree.add_node(edges), value)
    }

    /// Adds the leaf's value to all moves that led to it, changing sides at each step, and to the root. `over` is the result, for
    /// its mover, of a leaf where the game has ended: what follows from it is proven, as far up as it does (Winands, Björnsson and
    /// Saito 2008). A position of the tree has one past, so draws by repetition are as good a proof as mates.
    /// Returns the value for the mover of the root.
    pub(crate) fn back_up(&mut self, mut value: f32, over: Option<i8>) -> f32 {
        let mut proven = over;
        for (node, edge) in self.path.iter().rev() {
            value = -value;
            let stats = &mut self.tree.edge_mut(*edge).stats;
            stats.add(value);
            if let Some(result) = proven {
                stats.prove(-result);
                proven = self.tree.follows(*node, *edge);
                value = proven.map_or(value, f32::from);
            }
        }
        self.root_stats.add(value);
        if let Some(result) = proven {
            self.root_stats.prove(result);
        }
        value
    }
}
