//! The search tree: nodes and edges in two arenas, addressed by number.

use rules::Move;

pub(crate) type NodeId = u32;
const NO_CHILD: NodeId = NodeId::MAX;
/// `edge_count` of a node that nobody has looked at yet.
const UNEXPANDED: u16 = u16::MAX;

/// Bits of [`Stats::count`] that hold visits; the two above them hold what is proven.
const VISIT_BITS: u32 = 30;

/// How often something was visited, with what results, and what is proven of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stats {
    count: u32,
    value_sum: f32,
}

impl Stats {
    /// Below 2^30.
    #[inline]
    pub(crate) fn visits(self) -> u32 {
        self.count & ((1 << VISIT_BITS) - 1)
    }

    #[inline]
    pub(crate) fn add(&mut self, value: f32) {
        self.count += 1;
        self.value_sum += value;
    }

    /// Mean value, in [-1, 1]. Only after a visit.
    #[inline]
    pub(crate) fn mean(self) -> f32 {
        self.value_sum / self.visits() as f32
    }

    /// The result that best play is known to have: -1, 0 or 1.
    #[inline]
    pub(crate) fn proven(self) -> Option<i8> {
        match self.count >> VISIT_BITS {
            0 => None,
            code => Some(code as i8 - 2),
        }
    }

    #[inline]
    pub(crate) fn is_lost(self) -> bool {
        self.count >> VISIT_BITS == 1
    }

    /// Notes a proven result, which replaces what was thought before.
    pub(crate) fn prove(&mut self, result: i8) {
        self.count = self.visits() | ((result + 2) as u32) << VISIT_BITS;
        self.value_sum = f32::from(result) * self.visits() as f32;
    }

    /// The same seen from the other side.
    #[inline]
    pub(crate) fn turned(self) -> Stats {
        let mut turned = Stats { value_sum: -self.value_sum, ..self };
        if let Some(result) = self.proven() {
            turned.prove(-result);
        }
        turned
    }
}

/// A position in the tree. Its statistics are those of the edge that leads to it, [`Stats::turned`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) first_edge: u32,
    /// Number of legal moves; 0 at the end of a game, [`UNEXPANDED`] before the first look.
    edge_count: u16,
    /// Result for the mover where the game has ended: -1, 0 or 1.
    result: i8,
    /// Plies to the end of the game by what is proven, at most 255.
    pub(crate) plies_to_end: u8,
}

impl Node {
    pub(crate) fn is_unexpanded(&self) -> bool {
        self.edge_count == UNEXPANDED
    }

    /// Whether the node has moves to choose from.
    #[inline]
    pub(crate) fn is_expanded(&self) -> bool {
        self.edge_count != UNEXPANDED && self.edge_count != 0
    }

    #[inline]
    pub(crate) fn terminal(&self) -> Option<f32> {
        (self.edge_count == 0).then_some(f32::from(self.result))
    }
}

/// A move of a node, with the statistics that selection reads, seen by the side that makes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    pub(crate) mv: Move,
    pub(crate) prior: f32,
    pub(crate) stats: Stats,
    child: NodeId,
}

impl Edge {
    pub(crate) fn new(mv: Move, prior: f32) -> Edge {
        Edge { mv, prior, stats: Stats::default(), child: NO_CHILD }
    }
}

/// What an edge costs at most: itself, its node, and as much again while a part of the tree is kept.
pub(crate) const BYTES_PER_EDGE: usize = 2 * (size_of::<Edge>() + size_of::<Node>());

/// All nodes and edges.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
}

impl Tree {
    pub(crate) fn clear(&mut self) {
        self.nodes.clear();
        self.edges.clear();
    }

    pub(crate) fn add_node(&mut self) -> NodeId {
        self.nodes.push(Node { first_edge: 0, edge_count: UNEXPANDED, result: 0, plies_to_end: 0 });
        (self.nodes.len() - 1) as NodeId
    }

    /// Number of edges.
    pub(crate) fn edges(&self) -> usize {
        self.edges.len()
    }

    /// Number of nodes.
    pub(crate) fn nodes(&self) -> usize {
        self.nodes.len()
    }

    #[inline]
    pub(crate) fn node(&self, node: NodeId) -> &Node {
        &self.nodes[node as usize]
    }

    #[inline]
    pub(crate) fn edge(&self, edge: u32) -> &Edge {
        &self.edges[edge as usize]
    }

    fn edge_range(&self, node: NodeId) -> std::ops::Range<usize> {
        let n = self.node(node);
        let first = n.first_edge as usize;
        first..first + if n.is_expanded() { usize::from(n.edge_count) } else { 0 }
    }

    #[inline]
    pub(crate) fn edges_of(&self, node: NodeId) -> &[Edge] {
        &self.edges[self.edge_range(node)]
    }

    /// The node that an edge leads to, made on the first visit.
    #[inline]
    pub(crate) fn child(&mut self, edge: u32) -> NodeId {
        if self.edges[edge as usize].child == NO_CHILD {
            self.edges[edge as usize].child = self.add_node();
        }
        self.edges[edge as usize].child
    }

    /// The result that is proven for the mover of a node now that one of its moves is: that one wins, or all are proven. Notes how
    /// long it takes.
    pub(crate) fn follows(&mut self, node: NodeId, edge: u32) -> Option<i8> {
        let plies_after =
            |edge: &Edge| self.existing_child(edge).map_or(0, |child| self.node(child).plies_to_end).saturating_add(1);
        let edge = self.edge(edge);
        let (mut result, mut plies) = (-1, 0);
        if edge.stats.proven() == Some(1) {
            (result, plies) = (1, plies_after(edge));
        } else {
            for edge in self.edges_of(node) {
                result = result.max(edge.stats.proven()?);
                plies = plies.max(plies_after(edge));
            }
        }
        self.nodes[node as usize].plies_to_end = plies;
        Some(result)
    }

    pub(crate) fn existing_child(&self, edge: &Edge) -> Option<NodeId> {
        (edge.child != NO_CHILD).then_some(edge.child)
    }

    /// The edge of a move, if its node exists.
    pub(crate) fn followed(&self, node: NodeId, mv: Move) -> Option<(NodeId, Stats)> {
        let edge = self.edges_of(node).iter().find(|e| e.mv == mv)?;
        Some((self.existing_child(edge)?, edge.stats))
    }

    pub(crate) fn set_terminal(&mut self, node: NodeId, value: f32) {
        let n = &mut self.nodes[node as usize];
        n.edge_count = 0;
        n.result = value as i8;
    }

    pub(crate) fn set_edges(&mut self, node: NodeId, edges: impl Iterator<Item = Edge>) {
        let first = self.edges.len();
        self.edges.extend(edges);
        let count = (self.edges.len() - first) as u16;
        let n = &mut self.nodes[node as usize];
        n.first_edge = first as u32;
        n.edge_count = count;
    }

    #[inline]
    pub(crate) fn edge_mut(&mut self, edge: u32) -> &mut Edge {
        &mut self.edges[edge as usize]
    }

    /// Blends noise into the priors of a node whose edges are unvisited, and restores their order.
    pub(crate) fn mix_priors(&mut self, node: NodeId, share: f32, noise: &[f32]) {
        let range = self.edge_range(node);
        let edges = &mut self.edges[range];
        for (edge, noise) in edges.iter_mut().zip(noise) {
            edge.prior = (1.0 - share) * edge.prior + share * noise;
        }
        edges.sort_by(|a, b| b.prior.total_cmp(&a.prior));
    }

    /// Drops everything that is not below `root`, and returns its new number.
    pub(crate) fn keep_subtree(&mut self, root: NodeId) -> NodeId {
        let mut kept = Tree::default();
        kept.nodes.push(*self.node(root));
        let mut next = 0;
        let mut old = vec![root];
        // Nodes are copied breadth first: `old[i]` is where the kept node `i` came from.
        while next < kept.nodes.len() {
            let range = self.edge_range(old[next]);
            let first = kept.edges.len();
            for edge in &self.edges[range] {
                let mut edge = *edge;
                if let Some(child) = self.existing_child(&edge) {
                    edge.child = kept.nodes.len() as NodeId;
                    kept.nodes.push(*self.node(child));
                    old.push(child);
                }
                kept.edges.push(edge);
            }
            if kept.nodes[next].is_expanded() {
                kept.nodes[next].first_edge = first as u32;
            }
            next += 1;
        }
        *self = kept;
        0
    }
}
