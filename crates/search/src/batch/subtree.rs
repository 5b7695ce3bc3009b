//! Subtrees that are searched on their own: how they are split from the tree, and how they are joined to it again.

use evaluator::Evaluator;
use rules::{History, Position, Rules, Word};

use crate::Search;
use crate::tree::{NO_NODE, NodeId, Tree};

/// A subtree that has more than this part of the root's visits is split, so that no thread waits long for one that searches it.
const LARGEST_SHARE: u32 = 32;

/// Everything below the upper tree that is searched on its own.
#[derive(Debug)]
pub(crate) struct Subtrees<W: Word = u64> {
    pub(super) all: Vec<Subtree<W>>,
    /// Slots of all subtrees.
    pub(super) slots: usize,
}

impl<W: Word> Default for Subtrees<W> {
    fn default() -> Subtrees<W> {
        Subtrees { all: Vec::new(), slots: 0 }
    }
}

/// A part of the tree that is searched on its own.
#[derive(Debug)]
pub(super) struct Subtree<W: Word = u64> {
    /// The nodes and edges of the upper tree that lead to it.
    pub(super) path: Vec<(NodeId, u32)>,
    /// `None` while a thread has it, and once it belongs to the upper tree.
    pub(super) search: Option<Box<SubtreeSearch<W>>>,
    /// Playouts that the batch which is being chosen asks of it.
    pub(super) requested: u32,
}

#[derive(Debug)]
pub(super) struct SubtreeSearch<W: Word = u64> {
    pub(super) search: Search<W>,
    pub(super) position: Position<W>,
}

impl<W: Word> SubtreeSearch<W> {
    /// Makes one playout. Returns its value for the side to move at the subtree's first position.
    pub(super) fn playout(&mut self, rules: &Rules<W>, evaluator: &mut dyn Evaluator<W>) -> f32 {
        let search = &mut self.search;
        if search.root == NO_NODE {
            return search.expand_root(rules, &self.position, evaluator, false);
        }
        let known = search.tree.known(search.root, search.root_stats);
        known.unwrap_or_else(|| search.playout(rules, &self.position, evaluator))
    }
}

impl<W: Word> Search<W> {
    /// Slots of the upper tree and of all subtrees.
    pub(crate) fn slots(&self) -> usize {
        self.tree.slots() + self.subtrees.slots
    }

    /// Nodes of the upper tree and of all subtrees.
    pub(crate) fn nodes(&self) -> usize {
        let searched = self.subtrees.all.iter().filter_map(|subtree| subtree.search.as_deref());
        self.tree.nodes() + searched.map(|subtree| subtree.search.tree.nodes()).sum::<usize>()
    }

    /// The search of a subtree.
    pub(crate) fn subtree(&self, number: usize) -> Option<&Search<W>> {
        self.subtrees.all[number].search.as_ref().map(|subtree| &subtree.search)
    }

    /// Makes one tree of the upper tree and all subtrees.
    pub(crate) fn join_subtrees(&mut self) {
        for Subtree { path, search, .. } in std::mem::take(&mut self.subtrees).all {
            if let (Some(subtree), Some((_, edge))) = (search, path.last()) {
                self.append(*edge, &subtree.search);
            }
        }
    }

    /// Makes the tree of a search the one that an edge of the upper tree leads to.
    pub(super) fn append(&mut self, edge: u32, search: &Search<W>) {
        if search.root != NO_NODE {
            let child = self.tree.append(&search.tree, search.root);
            self.tree.set_child(edge, child);
        }
    }

    /// Splits a whole tree into an upper tree and subtrees, none of which is too large.
    pub(super) fn split_tree(&mut self, rules: &Rules<W>, root: &Position<W>) {
        if !self.subtrees.all.is_empty() {
            return;
        }
        let whole = std::mem::take(&mut self.tree);
        let upper = self.tree.add_copy(&whole, self.root);
        let old = std::mem::replace(&mut self.root, upper);
        let parent =
            Parent { tree: &whole, node: old, upper, path: &[], position: *root, history: &self.history.clone() };
        self.add_children(rules, &parent);
        let mut next = 0;
        while next < self.subtrees.all.len() {
            if self.is_too_large(next) {
                self.split_subtree(rules, next);
            }
            next += 1;
        }
    }

    /// Whether a subtree should be split.
    pub(super) fn is_too_large(&self, number: usize) -> bool {
        let edge = self.subtrees.all[number].path.last().map(|(_, edge)| self.tree.edge(*edge));
        edge.is_some_and(|edge| {
            edge.subtree().is_some() && edge.stats.visits() > self.root_stats.visits() / LARGEST_SHARE
        })
    }

    /// Makes the first node of a subtree a part of the upper tree, and subtrees of its children.
    pub(super) fn split_subtree(&mut self, rules: &Rules<W>, number: usize) {
        // None where the subtree has been proven since it was found too large: it belongs to the upper tree then.
        let Some(subtree) = self.subtrees.all[number].search.take() else { return };
        let SubtreeSearch { search, position } = *subtree;
        self.subtrees.slots -= search.tree.slots();
        let path = self.subtrees.all[number].path.clone();
        let upper = self.tree.add_copy(&search.tree, search.root);
        if let Some((_, edge)) = path.last() {
            self.tree.set_child(*edge, upper);
        }
        let (tree, history) = (&search.tree, &search.history);
        self.add_children(rules, &Parent { tree, node: search.root, upper, path: &path, position, history });
    }

    /// Makes subtrees of the children of a node whose copy has just become a part of the upper tree.
    fn add_children(&mut self, rules: &Rules<W>, parent: &Parent<W>) {
        for (edge, old) in (parent.upper + 1..).zip(parent.tree.edges_of(parent.node)) {
            let Some(child) = old.child() else { continue };
            let mut search = Search { tree: parent.tree.copy_from(child), root: 0, ..Search::unchecked(self.params) };
            search.root_stats = old.stats.turned();
            if old.stats.is_proven() {
                self.append(edge, &search);
                continue;
            }
            let mut position = parent.position;
            search.history = parent.history.clone();
            search.history.push(rules, &position);
            rules.play(&mut position, old.mv);
            let path = parent.path.iter().copied().chain([(parent.upper, edge)]).collect();
            self.add_subtree(edge, path, Box::new(SubtreeSearch { search, position }));
        }
    }

    /// Begins a subtree at the end of the path, where nobody has been yet. Returns its number.
    pub(super) fn begin_subtree(&mut self, rules: &Rules<W>, root: &Position<W>) -> usize {
        let (mut position, mut search) = (*root, Search::unchecked(self.params));
        search.history = self.history.clone();
        for (_, edge) in &self.path {
            search.history.push(rules, &position);
            rules.play(&mut position, self.tree.edge(*edge).mv);
        }
        let (_, edge) = *self.path.last().expect("a path has moves");
        self.add_subtree(edge, self.path.clone(), Box::new(SubtreeSearch { search, position }))
    }

    fn add_subtree(&mut self, edge: u32, path: Vec<(NodeId, u32)>, search: Box<SubtreeSearch<W>>) -> usize {
        let number = self.subtrees.all.len();
        self.tree.set_subtree(edge, number);
        self.subtrees.slots += search.search.tree.slots();
        self.subtrees.all.push(Subtree { path, search: Some(search), requested: 0 });
        number
    }
}

/// A node that was copied into the upper tree.
struct Parent<'a, W: Word> {
    /// The tree that it was copied from, and its number there.
    tree: &'a Tree,
    node: NodeId,
    /// Its number in the upper tree.
    upper: NodeId,
    /// The path of the upper tree that leads to it.
    path: &'a [(NodeId, u32)],
    position: Position<W>,
    history: &'a History<W>,
}
