//! The search tree: one arena of slots, addressed by number. A node is a slot with its header and one slot for each of its moves behind
//! it, so that what a visit reads lies together.

use std::ops::Range;

use rules::Move;

/// Number of a node's first slot.
pub(crate) type NodeId = u32;
/// No node: nobody has looked at the position yet.
pub(crate) const NO_NODE: NodeId = NodeId::MAX;
/// Edges lead to nodes of the same tree below this number, and to subtrees that are searched on their own from it on.
const FIRST_SUBTREE: NodeId = 1 << 31;
/// What a visit whose value is not known yet is taken to be worth less than the average.
const VIRTUAL_LOSS: f32 = 0.5;

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

    /// Counts a visit whose value is not known yet as a little worse than the average, a first one as lost, so that others are tried
    /// meanwhile. Returns the value that was counted.
    #[inline]
    pub(crate) fn add_virtual_loss(&mut self) -> f32 {
        let value = if self.visits() == 0 { -1.0 } else { (self.mean() - VIRTUAL_LOSS).max(-1.0) };
        self.add(value);
        value
    }

    /// Puts the value of a visit in place of its virtual loss.
    #[inline]
    pub(crate) fn replace_virtual_loss(&mut self, virtual_loss: f32, value: f32) {
        match self.proven() {
            Some(result) => self.prove(result),
            None => self.value_sum += value - virtual_loss,
        }
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

/// What is known of a position besides its moves. Its statistics are those of the edge that leads to it, [`Stats::turned`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    /// Number of legal moves; 0 at the end of a game.
    edge_count: u16,
    /// Result for the mover where the game has ended: -1, 0 or 1.
    result: i8,
    /// Plies to the end of the game by what is proven, at most 255.
    pub(crate) plies_to_end: u8,
}

impl Header {
    /// The result for the mover, if the game has ended.
    #[inline]
    pub(crate) fn terminal(self) -> Option<i8> {
        (self.edge_count == 0).then_some(self.result)
    }

    #[inline]
    fn edges(self, node: NodeId) -> Range<usize> {
        let first = node as usize + 1;
        first..first + usize::from(self.edge_count)
    }
}

/// A move of a node, with the statistics that selection reads, seen by the side that makes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    pub(crate) mv: Move,
    pub(crate) prior: f32,
    pub(crate) stats: Stats,
    /// The node that it leads to, or [`NO_NODE`]. In a node's first slot: its header.
    child: u32,
}

impl Edge {
    pub(crate) fn new(mv: Move, prior: f32) -> Edge {
        Edge { mv, prior, stats: Stats::default(), child: NO_NODE }
    }

    /// The slot of a header.
    fn of_header(header: Header) -> Edge {
        let [low, high] = header.edge_count.to_le_bytes();
        let child = u32::from_le_bytes([low, high, header.result.cast_unsigned(), header.plies_to_end]);
        Edge { child, ..Edge::new(Move::default(), 0.0) }
    }

    #[inline]
    fn header(&self) -> Header {
        let [low, high, result, plies_to_end] = self.child.to_le_bytes();
        Header { edge_count: u16::from_le_bytes([low, high]), result: result.cast_signed(), plies_to_end }
    }

    /// The node that it leads to, if there is one yet, and in the same tree.
    #[inline]
    pub(crate) fn child(&self) -> Option<NodeId> {
        (self.child < FIRST_SUBTREE).then_some(self.child)
    }

    /// The number of the subtree that it leads to, if that is searched on its own.
    #[inline]
    pub(crate) fn subtree(&self) -> Option<usize> {
        (FIRST_SUBTREE..NO_NODE).contains(&self.child).then(|| (self.child - FIRST_SUBTREE) as usize)
    }
}

/// What a move costs at most: a node has more than one slot, of which one is its header, and keeping a part of the tree copies it.
pub(crate) const BYTES_PER_SLOT: usize = 2 * size_of::<Edge>();

/// All nodes and edges.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    slots: Vec<Edge>,
    nodes: usize,
}

impl Tree {
    pub(crate) fn clear(&mut self) {
        self.slots.clear();
        self.nodes = 0;
    }

    /// Number of slots: edges and nodes.
    pub(crate) fn slots(&self) -> usize {
        self.slots.len()
    }

    /// Number of nodes.
    pub(crate) fn nodes(&self) -> usize {
        self.nodes
    }

    #[inline]
    pub(crate) fn header(&self, node: NodeId) -> Header {
        self.slots[node as usize].header()
    }

    #[inline]
    pub(crate) fn edge(&self, edge: u32) -> &Edge {
        &self.slots[edge as usize]
    }

    /// The moves of a node; none if there is no node.
    #[inline]
    pub(crate) fn edges_of(&self, node: NodeId) -> &[Edge] {
        match self.slots.get(node as usize) {
            Some(slot) => &self.slots[slot.header().edges(node)],
            None => &[],
        }
    }

    /// Plies to the end of the game after a move, by what is proven.
    pub(crate) fn plies_after(&self, edge: &Edge) -> u8 {
        edge.child().map_or(0, |child| self.header(child).plies_to_end)
    }

    /// The edge of a move, if its node exists.
    pub(crate) fn followed(&self, node: NodeId, mv: Move) -> Option<(NodeId, Stats)> {
        let edge = self.edges_of(node).iter().find(|e| e.mv == mv)?;
        Some((edge.child()?, edge.stats))
    }

    /// Adds a node where the game has ended, with its result for the mover.
    pub(crate) fn add_terminal(&mut self, result: i8) -> NodeId {
        self.add(Header { edge_count: 0, result, plies_to_end: 0 }, std::iter::empty())
    }

    /// Adds a node with its moves.
    pub(crate) fn add_node(&mut self, edges: impl ExactSizeIterator<Item = Edge>) -> NodeId {
        self.add(Header { edge_count: edges.len() as u16, result: 0, plies_to_end: 0 }, edges)
    }

    fn add(&mut self, header: Header, edges: impl Iterator<Item = Edge>) -> NodeId {
        let node = self.slots.len() as NodeId;
        self.slots.push(Edge::of_header(header));
        self.slots.extend(edges);
        self.nodes += 1;
        node
    }

    /// Ties a node to the edge that leads to it.
    pub(crate) fn set_child(&mut self, edge: u32, child: NodeId) {
        self.slots[edge as usize].child = child;
    }

    /// Ties a subtree that is searched on its own to the edge that leads to it.
    pub(crate) fn set_subtree(&mut self, edge: u32, subtree: usize) {
        self.slots[edge as usize].child = FIRST_SUBTREE + subtree as u32;
    }

    /// The result that is proven for the mover of a node now that one of its moves is: that one wins, or all are proven. Notes how
    /// long it takes.
    pub(crate) fn follows(&mut self, node: NodeId, edge: u32) -> Option<i8> {
        let edge = self.edge(edge);
        let (mut result, mut plies) = (-1, 0);
        if edge.stats.proven() == Some(1) {
            (result, plies) = (1, self.plies_after(edge));
        } else {
            for edge in self.edges_of(node) {
                result = result.max(edge.stats.proven()?);
                plies = plies.max(self.plies_after(edge));
            }
        }
        let header = Header { plies_to_end: plies.saturating_add(1), ..self.header(node) };
        self.slots[node as usize] = Edge::of_header(header);
        Some(result)
    }

    #[inline]
    pub(crate) fn edge_mut(&mut self, edge: u32) -> &mut Edge {
        &mut self.slots[edge as usize]
    }

    /// Blends noise into the priors of a node whose edges are unvisited, and restores their order.
    pub(crate) fn mix_priors(&mut self, node: NodeId, share: f32, noise: &[f32]) {
        let range = self.header(node).edges(node);
        let edges = &mut self.slots[range];
        for (edge, noise) in edges.iter_mut().zip(noise) {
            edge.prior = (1.0 - share) * edge.prior + share * noise;
        }
        edges.sort_by(|a, b| b.prior.total_cmp(&a.prior));
    }

    /// A copy of `root` and all below it; `root` is its first node.
    pub(crate) fn copy_from(&self, root: NodeId) -> Tree {
        let mut kept = Tree::default();
        let copy = |kept: &mut Tree, node: NodeId| kept.add(self.header(node), self.edges_of(node).iter().copied());
        let mut next = copy(&mut kept, root);
        // Nodes are copied breadth first: those before `next` have found their children.
        while (next as usize) < kept.slots.len() {
            let edges = kept.header(next).edges(next);
            next = edges.end as NodeId;
            for edge in edges {
                if let Some(child) = kept.slots[edge].child() {
                    kept.slots[edge].child = copy(&mut kept, child);
                }
            }
        }
        kept
    }

    /// Appends all nodes of another tree, and returns the new number of `root`.
    pub(crate) fn append(&mut self, other: &Tree, root: NodeId) -> NodeId {
        let shift = self.slots.len() as NodeId;
        self.slots.reserve(other.slots.len());
        let mut next = 0;
        while next < other.slots.len() {
            let header = other.slots[next].header();
            self.slots.push(Edge::of_header(header));
            let edges = header.edges(next as NodeId);
            next = edges.end;
            self.slots.extend(
                other.slots[edges]
                    .iter()
                    .map(|edge| Edge { child: edge.child().map_or(NO_NODE, |child| child + shift), ..*edge }),
            );
        }
        self.nodes += other.nodes;
        root + shift
    }

    /// Adds a node with the moves of another tree's node, whose children stay behind.
    pub(crate) fn add_copy(&mut self, other: &Tree, node: NodeId) -> NodeId {
        self.add(other.header(node), other.edges_of(node).iter().map(|edge| Edge { child: NO_NODE, ..*edge }))
    }
}
