//! The search tree: one arena of slots, addressed by number. A node is a slot with its header and one slot for each of its moves behind
//! it, so that what a visit reads lies together.

use std::ops::Range;

use rules::Move;

/// Number of a node's first slot.
pub(crate) type NodeId = u32;
/// Stands for no node: the position has not been expanded.
pub(crate) const NO_NODE: NodeId = NodeId::MAX;
/// Where edges lead to: numbers below this one are nodes of the same tree, numbers from it on are subtrees that are searched on their own.
const FIRST_SUBTREE: NodeId = 1 << 31;
/// How much less than the average a visit counts while its value is not known yet.
const VIRTUAL_LOSS: f32 = 0.5;

/// Bits of [`Stats::count`] that hold visits; the two above them hold one of the codes below.
const VISIT_BITS: u32 = 30;
/// Proven to be worth -1.
const LOST: u32 = 1;
/// Proven to be worth something between -1 and 1: a draw, or what a payoff has between. The worth itself stands in the node's header.
const KNOWN: u32 = 2;
/// Proven to be worth 1, which nothing exceeds.
const WON: u32 = 3;

/// A worth as the other side sees it. Unlike the minus sign this never makes -0, which prints otherwise than 0.
#[inline]
pub(crate) fn opposite(worth: f32) -> f32 {
    0.0 - worth
}

/// How often a move or position was visited, with what values, and whether its worth is proven.
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

    /// Counts a visit whose value is not known yet as a little worse than the average, and as lost if it is the first visit, so that other
    /// moves are tried meanwhile. Returns the value that was counted.
    #[inline]
    pub(crate) fn add_virtual_loss(&mut self) -> f32 {
        let value = if self.visits() == 0 { -1.0 } else { (self.mean() - VIRTUAL_LOSS).max(-1.0) };
        self.add(value);
        value
    }

    /// Puts the value of a visit in place of its virtual loss.
    #[inline]
    pub(crate) fn replace_virtual_loss(&mut self, virtual_loss: f32, value: f32) {
        match self.proof() {
            0 => self.value_sum += value - virtual_loss,
            LOST => self.prove(-1.0),
            WON => self.prove(1.0),
            // The sum has been the worth of all visits, this one included, since it was proven.
            _ => {}
        }
    }

    /// Mean value, in [-1, 1]. Only after a visit.
    #[inline]
    pub(crate) fn mean(self) -> f32 {
        self.value_sum / self.visits() as f32
    }

    /// 0 where nothing is proven, else [`LOST`], [`KNOWN`] or [`WON`], which are in the order of what they are worth.
    #[inline]
    pub(crate) fn proof(self) -> u32 {
        self.count >> VISIT_BITS
    }

    /// Whether the worth that best play leads to is known exactly.
    #[inline]
    pub(crate) fn is_proven(self) -> bool {
        self.proof() != 0
    }

    #[inline]
    pub(crate) fn is_lost(self) -> bool {
        self.proof() == LOST
    }

    #[inline]
    pub(crate) fn is_won(self) -> bool {
        self.proof() == WON
    }

    /// Notes a proven worth, in [-1, 1], which replaces the values found before.
    #[inline]
    pub(crate) fn prove(&mut self, worth: f32) {
        let proof = match worth {
            -1.0 => LOST,
            1.0 => WON,
            _ => KNOWN,
        };
        self.count = self.visits() | proof << VISIT_BITS;
        self.value_sum = worth * self.visits() as f32;
    }

    /// The statistics as the other side sees them.
    #[inline]
    pub(crate) fn turned(self) -> Stats {
        let mut turned = Stats { value_sum: -self.value_sum, ..self };
        match self.proof() {
            0 => {}
            LOST => turned.prove(1.0),
            WON => turned.prove(-1.0),
            _ => turned.value_sum = opposite(self.value_sum),
        }
        turned
    }
}

/// What is known of a position besides its moves. Its statistics are those of the edge that leads to it, [`Stats::turned`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    /// Number of legal moves; 0 at the end of a game.
    edge_count: u16,
    /// Plies to the end of the game by what is proven, at most 255.
    pub(crate) plies_to_end: u8,
    /// What the position is worth to the mover, in [-1, 1]: where the game has ended, or where best play is proven. 0 elsewhere.
    worth: f32,
}

impl Header {
    /// What the end of the game is worth to the mover, if the game has ended.
    #[inline]
    pub(crate) fn terminal(self) -> Option<f32> {
        (self.edge_count == 0).then_some(self.worth)
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
    /// In a node's first slot: the worth of its header.
    pub(crate) prior: f32,
    pub(crate) stats: Stats,
    /// The node that it leads to, or [`NO_NODE`]. In a node's first slot: the rest of its header.
    child: u32,
}

impl Edge {
    #[inline]
    pub(crate) fn new(mv: Move, prior: f32) -> Edge {
        Edge { mv, prior, stats: Stats::default(), child: NO_NODE }
    }

    /// The slot of a header.
    #[inline]
    fn of_header(header: Header) -> Edge {
        let [low, high] = header.edge_count.to_le_bytes();
        let child = u32::from_le_bytes([low, high, 0, header.plies_to_end]);
        Edge { child, ..Edge::new(Move::default(), header.worth) }
    }

    #[inline]
    fn header(&self) -> Header {
        let [low, high, _, plies_to_end] = self.child.to_le_bytes();
        Header { edge_count: u16::from_le_bytes([low, high]), plies_to_end, worth: self.prior }
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

/// Bytes of memory for each slot: the slot itself, and another one while a part of the tree is kept, which copies that part.
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
    #[inline]
    pub(crate) fn slots(&self) -> usize {
        self.slots.len()
    }

    /// Number of nodes.
    #[inline]
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
    #[inline]
    pub(crate) fn plies_after(&self, edge: &Edge) -> u8 {
        edge.child().map_or(0, |child| self.header(child).plies_to_end)
    }

    /// The edge of a move, if its node exists.
    pub(crate) fn followed(&self, node: NodeId, mv: Move) -> Option<(NodeId, Stats)> {
        let edge = self.edges_of(node).iter().find(|e| e.mv == mv)?;
        Some((edge.child()?, edge.stats))
    }

    /// What a node is worth to its mover, where the game has ended or `stats`, the mover's, say that it is proven.
    #[inline]
    pub(crate) fn known(&self, node: NodeId, stats: Stats) -> Option<f32> {
        let header = self.header(node);
        (header.edge_count == 0 || stats.is_proven()).then_some(header.worth)
    }

    /// What a move is proven to be worth to the side that makes it.
    #[inline]
    pub(crate) fn proven(&self, edge: &Edge) -> Option<f32> {
        // The node of a move that is proven stands in the tree: proofs begin at nodes.
        let child = edge.child().filter(|_| edge.stats.is_proven())?;
        Some(opposite(self.header(child).worth))
    }

    /// Adds a node where the game has ended, with what that is worth to the mover.
    #[inline]
    pub(crate) fn add_terminal(&mut self, worth: f32) -> NodeId {
        self.add(Header { edge_count: 0, plies_to_end: 0, worth }, std::iter::empty())
    }

    /// Adds a node with its moves.
    pub(crate) fn add_node(&mut self, edges: impl ExactSizeIterator<Item = Edge>) -> NodeId {
        self.add(Header { edge_count: edges.len() as u16, plies_to_end: 0, worth: 0.0 }, edges)
    }

    fn add(&mut self, header: Header, edges: impl Iterator<Item = Edge>) -> NodeId {
        let node = self.slots.len() as NodeId;
        self.slots.push(Edge::of_header(header));
        self.slots.extend(edges);
        self.nodes += 1;
        node
    }

    /// Ties a node to the edge that leads to it.
    #[inline]
    pub(crate) fn set_child(&mut self, edge: u32, child: NodeId) {
        self.slots[edge as usize].child = child;
    }

    /// Ties a subtree that is searched on its own to the edge that leads to it.
    #[inline]
    pub(crate) fn set_subtree(&mut self, edge: u32, subtree: usize) {
        self.slots[edge as usize].child = FIRST_SUBTREE + subtree as u32;
    }

    /// What is proven for the mover of a node now that one of its moves is: that move wins, and nothing is worth more; or all moves are
    /// proven, and the best of them counts. Notes it in the node, with the plies that it takes.
    #[inline]
    pub(crate) fn follows(&mut self, node: NodeId, edge: u32) -> Option<f32> {
        let edge = self.edge(edge);
        let (mut worth, mut plies) = (-1.0, 0);
        if edge.stats.is_won() {
            (worth, plies) = (1.0, self.plies_after(edge));
        } else {
            for edge in self.edges_of(node) {
                worth = self.proven(edge)?.max(worth);
                plies = plies.max(self.plies_after(edge));
            }
        }
        let header = Header { plies_to_end: plies.saturating_add(1), worth, ..self.header(node) };
        self.slots[node as usize] = Edge::of_header(header);
        Some(worth)
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
        // Nodes are copied breadth first: edges of nodes before `next` lead to copies already.
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
