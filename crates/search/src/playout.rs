//! One playout: select, expand, evaluate, back up.

use evaluator::Evaluator;
use rules::{Position, Rules, repetitions};

use crate::Search;
use crate::tree::{Edge, NodeId};

impl Search {
    /// Walks from the root to a leaf by PUCT, judges the leaf, and adds the judgement to every node on the way.
    pub(crate) fn playout(&mut self, rules: &Rules, root: &Position, evaluator: &mut dyn Evaluator) {
        let history = self.keys.len();
        let mut position = *root;
        let mut node = self.root;
        self.path.clear();
        while self.tree.node(node).is_expanded() {
            let edge = self.select(node);
            self.path.push((node, edge));
            self.keys.push(position.key());
            rules.play(&mut position, self.tree.edge(edge).mv);
            node = self.tree.child(edge);
        }
        let value = match self.tree.node(node).terminal() {
            Some(value) => value,
            None => self.expand(rules, &position, node, evaluator),
        };
        self.keys.truncate(history);
        self.back_up(node, value);
    }

    /// The move that PUCT prefers (Rosin 2011, as in AlphaZero): mean value plus exploration.
    fn select(&self, node: NodeId) -> u32 {
        let parent = self.tree.node(node);
        let exploration = self.params.cpuct * (parent.visits as f32).sqrt();
        let first_play = parent.mean() - self.params.fpu_reduction;
        let mut best = (f32::NEG_INFINITY, parent.first_edge);
        for (i, edge) in self.tree.edges_of(node).iter().enumerate() {
            let unvisited = edge.visits == 0;
            let value = if unvisited { first_play } else { edge.mean() };
            let score = value + exploration * edge.prior / (1 + edge.visits) as f32;
            if score > best.0 {
                best = (score, parent.first_edge + i as u32);
            }
            // Edges stand by falling prior, so no later unvisited one can be better, and none is visited before this one.
            if unvisited {
                break;
            }
        }
        best.1
    }

    /// Turns a leaf into an inner node with its legal moves, or into the end of the game. Returns its value for the mover.
    pub(crate) fn expand(
        &mut self,
        rules: &Rules,
        position: &Position,
        node: NodeId,
        evaluator: &mut dyn Evaluator,
    ) -> f32 {
        rules.legal_moves(position, &mut self.moves);
        if let Some(outcome) = rules.outcome(position, &self.moves, repetitions(position, &self.keys)) {
            let value = outcome.for_color(position.turn()) as f32;
            self.tree.set_terminal(node, value);
            return value;
        }
        self.priors.clear();
        self.priors.resize(self.moves.len(), 0.0);
        let value = evaluator.evaluate(rules, position, &self.moves, &mut self.priors);
        let turn = position.turn();
        self.order.clear();
        self.order.extend(self.moves.iter().zip(&self.priors).enumerate().map(|(i, (mv, prior))| {
            // Priors are positive, so their bits order as they do; ties go by the evaluator's own order of moves.
            (u64::from(!prior.to_bits()) << 32 | u64::from(evaluator.order(*mv, turn)), i as u16)
        }));
        self.order.sort_unstable();
        let ranked = self.order.iter().map(|(_, i)| usize::from(*i));
        let edges = ranked.map(|i| Edge::new(self.moves[i], self.priors[i]));
        self.tree.set_edges(node, edges);
        value
    }

    /// Adds the leaf's value to it and to its ancestors, changing sides at each step.
    fn back_up(&mut self, leaf: NodeId, mut value: f32) {
        self.tree.add_visit(leaf, value);
        for (node, edge) in self.path.iter().rev() {
            value = -value;
            self.tree.add_edge_visit(*edge, value);
            self.tree.add_visit(*node, value);
        }
    }
}
