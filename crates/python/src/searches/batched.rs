//! Monte Carlo tree search by PUCT that judges leaves in batches, for evaluators that are slow one by one and fast together.
//!
//! Selection is that of the crate `search`, with the constants of [`search::Params`]; with a batch of 1 it grows the tree that a search without
//! solver grows. Ends of games count with their exact worth, and nothing further up is proven. While leaves wait for their judgement, the moves
//! that led to them count as visited with a value a little worse than their mean, as in `search`. What is found depends on the batch, and on
//! nothing else. Nothing here knows Python.

use std::sync::Arc;

use evaluator::Uniform;
use rules::{Game, History, Move, MoveList, Position, Rules, Word};
use search::{Params, RootMove, RootReport, ViewNode};

/// Edges that lead to no node yet, and to a leaf that waits for its judgement.
const UNVISITED: u32 = u32::MAX;
const WAITING: u32 = u32::MAX - 1;
/// How much less than the average a visit counts while its value is not known yet.
const VIRTUAL_LOSS: f32 = 0.5;
/// A batch has at most one leaf, and another one for each so many visits of the root.
const VISITS_PER_LEAF: u32 = 4;

/// A position to be judged.
pub struct Leaf<W: Word> {
    pub position: Position<W>,
    pub moves: MoveList,
    /// How often the position occurred before.
    pub repetitions: u32,
    /// The edges from the root that lead here, each with its virtual loss, and that of the root.
    path: Vec<(usize, f32)>,
    root_loss: f32,
}

/// What was found of a position: its value for the mover in [-1, 1], and a prior for each move.
pub struct Judgement {
    pub value: f32,
    pub priors: Vec<f32>,
}

#[derive(Clone, Copy, Default)]
struct Stats {
    visits: u32,
    sum: f32,
}

impl Stats {
    fn add(&mut self, value: f32) {
        self.visits += 1;
        self.sum += value;
    }

    fn mean(self) -> f32 {
        self.sum / self.visits as f32
    }

    fn add_virtual_loss(&mut self) -> f32 {
        let value = if self.visits == 0 { -1.0 } else { (self.mean() - VIRTUAL_LOSS).max(-1.0) };
        self.add(value);
        value
    }

    fn turned(self) -> Stats {
        Stats { sum: -self.sum, ..self }
    }
}

struct Edge {
    mv: Move,
    prior: f32,
    stats: Stats,
    child: u32,
}

struct Node {
    first: usize,
    count: usize,
    /// What the end of the game is worth to the mover, where it has ended.
    worth: Option<f32>,
}

/// A search of one position.
pub struct BatchedSearch<W: Word> {
    rules: Arc<Rules<W>>,
    root: Position<W>,
    history: History<W>,
    params: Params,
    batch: u32,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    stats: Stats,
    order: Uniform,
    made: u32,
}

impl<W: Word> BatchedSearch<W> {
    /// A search of a game that is not over, and the leaf that comes first: the root itself.
    pub fn new(game: &Game<W>, params: Params, batch: u32) -> (BatchedSearch<W>, Leaf<W>) {
        let rules = Arc::clone(game.rules());
        let order = Uniform::new(&rules);
        let root = Leaf {
            position: *game.position(),
            moves: game.legal().clone(),
            repetitions: game.repetitions(),
            path: Vec::new(),
            root_loss: 0.0,
        };
        let search = BatchedSearch {
            root: *game.position(),
            history: game.history().clone(),
            rules,
            params,
            batch,
            nodes: Vec::new(),
            edges: Vec::new(),
            stats: Stats::default(),
            order,
            made: 0,
        };
        (search, root)
    }

    /// Takes the judgement of the root.
    pub fn begin(&mut self, root: &Leaf<W>, judgement: &Judgement) {
        self.add_node(root, judgement);
        self.stats.add(judgement.value);
    }

    /// Playouts so far.
    pub fn made(&self) -> u32 {
        self.made
    }

    /// Chooses leaves for the next batch until `playouts` are made in all. Returns none only if all of these ended where the worth is known.
    pub fn gather(&mut self, playouts: u32) -> Vec<Leaf<W>> {
        let most = self.batch.min(1 + self.stats.visits / VISITS_PER_LEAF) as usize;
        let mut leaves = Vec::new();
        while leaves.len() < most && self.made < playouts && self.nodes.len() + self.edges.len() < self.params.max_slots
        {
            match self.descend(self.batch > 1) {
                Descent::Known { path, root_loss, worth } => self.back_up(&path, root_loss, worth),
                Descent::Waiting { path, root_loss } => {
                    self.undo(&path, root_loss);
                    break;
                }
                Descent::Leaf(leaf) => leaves.push(leaf),
            }
            self.made += 1;
        }
        leaves
    }

    /// Takes the judgements of a batch of leaves, one for each.
    pub fn judge(&mut self, leaves: &[Leaf<W>], judgements: &[Judgement]) {
        for (leaf, judgement) in leaves.iter().zip(judgements) {
            let node = self.add_node(leaf, judgement);
            if let Some((edge, _)) = leaf.path.last() {
                self.edges[*edge].child = node;
            }
            self.back_up(&leaf.path, leaf.root_loss, judgement.value);
        }
    }

    fn add_node(&mut self, leaf: &Leaf<W>, judgement: &Judgement) -> u32 {
        let turn = leaf.position.turn();
        let mut order: Vec<usize> = (0..leaf.moves.len()).collect();
        // Edges stand by falling prior; ties go by the number of the move.
        order.sort_by_key(|i| (!judgement.priors[*i].to_bits(), self.number(leaf.moves[*i], turn)));
        let first = self.edges.len();
        self.edges.extend(order.iter().map(|i| Edge {
            mv: leaf.moves[*i],
            prior: judgement.priors[*i],
            stats: Stats::default(),
            child: UNVISITED,
        }));
        self.nodes.push(Node { first, count: order.len(), worth: None });
        self.nodes.len() as u32 - 1
    }

    fn number(&self, mv: Move, turn: rules::Color) -> u32 {
        evaluator::Evaluator::<W>::order(&self.order, mv, turn)
    }

    /// Follows PUCT from the root to where nothing is known yet, or everything is.
    fn descend(&mut self, virtual_losses: bool) -> Descent<W> {
        let before = self.history.len();
        let (mut node, mut stats, mut position) = (0, self.stats, self.root);
        let mut path = Vec::new();
        let root_loss = if virtual_losses { self.stats.add_virtual_loss() } else { 0.0 };
        let descent = loop {
            let edge = self.select(node, stats);
            let chosen = &mut self.edges[edge];
            let (child, mv) = (chosen.child, chosen.mv);
            stats = chosen.stats.turned();
            let loss = if virtual_losses { chosen.stats.add_virtual_loss() } else { 0.0 };
            path.push((edge, loss));
            if child == WAITING {
                break Descent::Waiting { path, root_loss };
            }
            self.history.push(&self.rules, &position);
            self.rules.play(&mut position, mv);
            if child != UNVISITED {
                node = child as usize;
                match self.nodes[node].worth {
                    Some(worth) => break Descent::Known { path, root_loss, worth },
                    None => continue,
                }
            }
            let mut moves = MoveList::new();
            self.rules.legal_moves(&position, &mut moves);
            if let Some(ending) = self.rules.ending(&position, &moves, &self.history) {
                let worth = self.rules.worth(ending, position.turn());
                self.edges[edge].child = self.nodes.len() as u32;
                self.nodes.push(Node { first: 0, count: 0, worth: Some(worth) });
                break Descent::Known { path, root_loss, worth };
            }
            self.edges[edge].child = WAITING;
            let repetitions = self.history.repetitions(&self.rules, &position);
            break Descent::Leaf(Leaf { position, moves, repetitions, path, root_loss });
        };
        self.history.truncate(before);
        descent
    }

    /// The edge that PUCT prefers, as `search` has it.
    fn select(&self, node: usize, stats: Stats) -> usize {
        let Node { first, count, .. } = self.nodes[node];
        let exploration = self.params.cpuct * (stats.visits as f32).sqrt();
        let mut best = (f32::NEG_INFINITY, first);
        for (number, edge) in self.edges[first..first + count].iter().enumerate() {
            if edge.stats.visits == 0 {
                let first_play = stats.mean() - self.params.fpu_reduction;
                if first_play + exploration * edge.prior > best.0 {
                    return first + number;
                }
                break;
            }
            let score = edge.stats.mean() + exploration * edge.prior / (1 + edge.stats.visits) as f32;
            if score > best.0 {
                best = (score, first + number);
            }
        }
        best.1
    }

    /// Records the value of a leaf for its mover at all edges of its path and at the root, in place of virtual losses.
    fn back_up(&mut self, path: &[(usize, f32)], root_loss: f32, mut value: f32) {
        let batched = self.batch > 1;
        let record = |stats: &mut Stats, value: f32, loss: f32| {
            if batched {
                stats.sum += value - loss;
            } else {
                stats.add(value);
            }
        };
        for (edge, loss) in path.iter().rev() {
            value = -value;
            record(&mut self.edges[*edge].stats, value, *loss);
        }
        record(&mut self.stats, value, root_loss);
    }

    /// Takes the virtual losses of a descent back that met a leaf which waits already.
    fn undo(&mut self, path: &[(usize, f32)], root_loss: f32) {
        for (edge, loss) in path {
            let stats = &mut self.edges[*edge].stats;
            *stats = Stats { visits: stats.visits - 1, sum: stats.sum - loss };
        }
        self.stats = Stats { visits: self.stats.visits - 1, sum: self.stats.sum - root_loss };
    }

    /// What is known of the root.
    pub fn report(&self) -> RootReport {
        let value = self.stats.mean();
        let mut moves: Vec<RootMove> = self.children(0).map(|edge| self.root_move(edge, value)).collect();
        // A stable sort: equal moves stay in the order of their priors.
        moves.sort_by_key(|mv| std::cmp::Reverse(mv.visits));
        RootReport {
            moves,
            value,
            playouts: self.made,
            nodes: self.nodes.len(),
            pv: self.line(),
            ..RootReport::default()
        }
    }

    fn root_move(&self, edge: &Edge, value: f32) -> RootMove {
        let visits = edge.stats.visits;
        let value = if visits > 0 { edge.stats.mean() } else { value };
        RootMove { mv: edge.mv, visits, value, prior: edge.prior, proven: None, plies_to_end: None }
    }

    fn children(&self, node: usize) -> impl Iterator<Item = &Edge> {
        let Node { first, count, .. } = self.nodes[node];
        self.edges[first..first + count].iter()
    }

    /// The most visited moves from the root.
    fn line(&self) -> Vec<Move> {
        let (mut line, mut node) = (Vec::new(), 0);
        loop {
            let visited = self.children(node).filter(|edge| edge.stats.visits > 0);
            let Some(best) = visited.reduce(|a, b| if b.stats.visits > a.stats.visits { b } else { a }) else {
                return line;
            };
            line.push(best.mv);
            if best.child >= WAITING {
                return line;
            }
            node = best.child as usize;
        }
    }

    /// The most visited positions of the tree, as [`search::Search::view`] gives them.
    pub fn view(&self, limit: usize) -> Vec<ViewNode> {
        let root = ViewNode {
            parent: None,
            mv: None,
            visits: self.stats.visits,
            value: self.stats.mean(),
            prior: 1.0,
            proven: None,
        };
        let mut open = std::collections::BinaryHeap::from([(root.visits, std::cmp::Reverse(0), 0_usize)]);
        let (mut seen, mut found) = (Vec::new(), vec![root]);
        while let Some((_, std::cmp::Reverse(number), node)) = open.pop() {
            if seen.len() == limit {
                break;
            }
            let parent = Some(seen.len());
            seen.push(found[number]);
            for edge in self.children(node).filter(|edge| edge.stats.visits > 0 && edge.child < WAITING) {
                open.push((edge.stats.visits, std::cmp::Reverse(found.len()), edge.child as usize));
                let Stats { visits, .. } = edge.stats;
                let (mv, value, prior) = (Some(edge.mv), edge.stats.mean(), edge.prior);
                found.push(ViewNode { parent, mv, visits, value, prior, proven: None });
            }
        }
        seen
    }
}

/// Where a descent ended.
enum Descent<W: Word> {
    Known { path: Vec<(usize, f32)>, root_loss: f32, worth: f32 },
    Waiting { path: Vec<(usize, f32)>, root_loss: f32 },
    Leaf(Leaf<W>),
}
