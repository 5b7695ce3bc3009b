//! One playout: select, expand, evaluate, back up.
//!
//! [`Search::run`] calls [`Search::playout`] again and again; sequential halving (`halving`) and batches (`batch`) call its parts. The tree is one
//! list of slots: a node is its header's slot, and its moves are the slots behind it, so that the move number `i` of `node` is the slot
//! `node + 1 + i`. Statistics are those of the side that makes the move; [`Stats::turned`] gives them as the other side sees them.

use evaluator::Evaluator;
use rules::{History, Move, Position, Rules, Word};

use crate::Search;
use crate::tree::{Edge, NodeId, Stats, opposite};

/// Bits of a sort key that hold a move's place in its list; [`Evaluator::order`] has the 22 above them.
const PLACE_BITS: u32 = 10;
/// The most moves that a node can have. Only rules of very many men in hand that build walls besides may lead to more.
const MAX_EDGES: usize = u16::MAX as usize;

/// How a move stands among those of its node, for lists that do not fit the packed keys of [`Search::judge`].
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct SortKey {
    falling_prior: u32,
    order: u32,
    place: u32,
}

/// Where a descent ends.
pub(crate) enum Leaf {
    /// What the position is worth to its mover is known.
    Known(f32),
    /// The position has no node yet.
    Unvisited,
    /// The descent goes on in the subtree of this number, which is searched on its own.
    Subtree(usize),
}

impl<W: Word> Search<W> {
    /// Descends from the root to a leaf by PUCT, judges the leaf, and backs the judgement up to every node on the way.
    /// Returns the judgement as the mover of the root sees it.
    pub(crate) fn playout(&mut self, rules: &Rules<W>, root: &Position<W>, evaluator: &mut dyn Evaluator<W>) -> f32 {
        let history = self.history.len();
        let mut position = *root;
        let leaf = self.descend(|history, mv| {
            history.push(rules, &position);
            rules.play(&mut position, mv);
        });
        let (value, over) = match leaf {
            Leaf::Known(worth) => (worth, None),
            Leaf::Unvisited | Leaf::Subtree(_) => {
                let (leaf, value) = self.expand(rules, &position, evaluator);
                if let Some((_, edge)) = self.path.last() {
                    self.tree.set_child(*edge, leaf);
                }
                (value, self.tree.header(leaf).terminal())
            }
        };
        self.history.truncate(history);
        self.back_up(value, over.filter(|_| self.params.solver), Stats::add)
    }

    /// Follows PUCT from the root until there is nothing to choose, and notes the path. `follow` is told of each move on it.
    #[inline]
    pub(crate) fn descend(&mut self, mut follow: impl FnMut(&mut History<W>, Move)) -> Leaf {
        let (mut node, mut stats) = (self.root, self.root_stats);
        self.path.clear();
        loop {
            let edge = self.select(node, stats);
            self.path.push((node, edge));
            let chosen = *self.tree.edge(edge);
            let child = chosen.child();
            stats = chosen.stats.turned();
            // Read before the move is made: the processor fetches the header from memory meanwhile.
            let known = child.and_then(|child| self.tree.known(child, stats));
            follow(&mut self.history, chosen.mv);
            match (child, known) {
                // A root whose own worth is known is searched all the same; a move that leads to a known worth is not.
                (_, Some(worth)) => return Leaf::Known(worth),
                (Some(child), None) => node = child,
                (None, None) => return chosen.subtree().map_or(Leaf::Unvisited, Leaf::Subtree),
            }
        }
    }

    /// The move that PUCT prefers (Rosin 2011, as in AlphaZero): mean value plus exploration.
    #[inline]
    pub(crate) fn select(&self, node: NodeId, stats: Stats) -> u32 {
        let edges = self.tree.edges_of(node).iter().enumerate();
        let best = if node == self.root && !self.root_moves.is_empty() {
            let allowed = edges.filter(|(_, edge)| self.root_moves.contains(&edge.mv));
            // Where all allowed moves are proven to lose, the first of them is taken.
            let first = allowed.clone().next().map_or(0, |(i, _)| i as u32);
            first.max(self.best_of(allowed, stats))
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
                // Edges stand by falling prior, so no unvisited edge behind this one can be better, and all visited ones stand before it.
                break;
            }
            let score = edge.stats.mean() + exploration * edge.prior / (1 + visits) as f32;
            // A move that is proven to lose is passed over while there is another. Where all moves lose, their node is proven to be lost,
            // and only the root is still asked for one.
            if score > best.0 && !edge.stats.is_lost() {
                best = (score, i as u32);
            }
        }
        best.1
    }

    /// Makes a node for a leaf, with its legal moves, or for the end of the game. Returns it with its value for the mover.
    pub(crate) fn expand(
        &mut self,
        rules: &Rules<W>,
        position: &Position<W>,
        evaluator: &mut dyn Evaluator<W>,
    ) -> (NodeId, f32) {
        rules.legal_moves(position, &mut self.moves);
        if let Some(ending) = rules.ending(position, &self.moves, &self.history) {
            let worth = rules.worth(ending, position.turn());
            return (self.tree.add_terminal(worth), worth);
        }
        self.judge(rules, position, evaluator)
    }

    /// Makes a node with the legal moves that have just been found.
    pub(crate) fn judge(
        &mut self,
        rules: &Rules<W>,
        position: &Position<W>,
        evaluator: &mut dyn Evaluator<W>,
    ) -> (NodeId, f32) {
        if self.moves.len() > 1 << PLACE_BITS || rules.builds_walls() {
            return self.judge_many(rules, position, evaluator);
        }
        self.priors.clear();
        self.priors.resize(self.moves.len(), 0.0);
        let value = evaluator.evaluate(rules, position, &self.moves, &mut self.priors);
        // Edges are sorted by falling prior. Priors are positive floats, whose bits order as they do; ties go by the evaluator's own order of
        // moves.
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

    /// [`Search::judge`] for more moves, or moves of higher numbers, than a sort key has room for. Moves beyond the most that a node can
    /// have are left out.
    #[cold]
    #[inline(never)]
    fn judge_many(
        &mut self,
        rules: &Rules<W>,
        position: &Position<W>,
        evaluator: &mut dyn Evaluator<W>,
    ) -> (NodeId, f32) {
        self.moves.truncate(MAX_EDGES);
        self.priors.clear();
        self.priors.resize(self.moves.len(), 0.0);
        let value = evaluator.evaluate(rules, position, &self.moves, &mut self.priors);
        let mut keys: Vec<SortKey> = Vec::with_capacity(self.moves.len());
        keys.extend(self.moves.iter().zip(&self.priors).enumerate().map(|(place, (mv, prior))| SortKey {
            falling_prior: !prior.to_bits(),
            order: evaluator.order(*mv, position.turn()),
            place: place as u32,
        }));
        keys.sort_unstable();
        let edges = keys.iter().map(|key| Edge::new(self.moves[key.place as usize], self.priors[key.place as usize]));
        (self.tree.add_node(edges), value)
    }

    /// Records the leaf's value at all moves of the path, changing sides at each step, and at the root. `over` is what a leaf where the
    /// game has ended is worth to its mover: what follows from it is proven, as far up as it does (Winands, Björnsson and Saito 2008,
    /// "Monte-Carlo Tree Search Solver", for wins and losses; worths between them are proven where all moves are).
    ///
    /// This is sound for any payoff: every ending has an exact worth in [-1, 1], a node has one past, so that repetitions are as good a
    /// proof as mates, and only a worth of 1 is taken as the best before all moves of a node are known.
    /// Returns the value for the mover of the root.
    #[inline]
    pub(crate) fn back_up(
        &mut self,
        mut value: f32,
        over: Option<f32>,
        mut record: impl FnMut(&mut Stats, f32),
    ) -> f32 {
        let mut proven = over;
        for (node, edge) in self.path.iter().rev() {
            value = -value;
            let stats = &mut self.tree.edge_mut(*edge).stats;
            record(stats, value);
            if let Some(worth) = proven {
                stats.prove(opposite(worth));
                proven = self.tree.follows(*node, *edge);
                value = proven.unwrap_or(value);
            }
        }
        record(&mut self.root_stats, value);
        if let Some(worth) = proven {
            self.root_stats.prove(worth);
        }
        value
    }
}
