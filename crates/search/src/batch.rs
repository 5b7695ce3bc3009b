//! Playouts in batches, by several threads: the same tree for any number of them.
//!
//! The much visited top of the tree, the crown, belongs to one thread, and what hangs below it is cut into branches that have nothing
//! in common. The crown decides through which branch each playout of a batch goes: a visit whose value is not known yet counts as a
//! little worse than the average. Then the branches grow, whichever thread takes them, each by the playouts that came its way, one
//! after the other; and the values go up through the crown in the order of the batch. While one batch grows, the next is chosen. So
//! what a tree looks like depends on the size of batches, not on threads.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use evaluator::Evaluator;
use rules::{History, Position, Rules};

use crate::Search;
use crate::tree::{NO_NODE, NodeId, Tree};

/// Visits of the root from which on its tree is cut: batches gain nothing in a small one.
const FIRST_CUT: u32 = 8192;
/// A batch is at most this part of the root's visits: each of its playouts is chosen without knowing what the others find.
const BATCH_SHARE: u32 = 128;
/// A branch that has more than this part of the root's visits becomes a part of the crown, so that no thread waits for one that grows it.
const BRANCH_SHARE: u32 = 32;
/// Looks for work before a thread lets others run.
const SPINS: u32 = 4096;

/// A part of the tree that is grown on its own.
#[derive(Debug)]
pub(crate) struct Branch {
    /// The edges of the crown that lead to it.
    path: Vec<(NodeId, u32)>,
    /// `None` while a thread has it, and when it is a part of the crown.
    grown: Option<Box<Grown>>,
    /// Playouts of the batch that is being chosen.
    asked: u32,
}

#[derive(Debug)]
struct Grown {
    search: Search,
    position: Position,
}

impl Grown {
    /// Makes one playout. Returns its value for the mover.
    fn grow(&mut self, rules: &Rules, evaluator: &mut dyn Evaluator) -> f32 {
        let search = &mut self.search;
        if search.root == NO_NODE {
            return search.plant(rules, &self.position, evaluator, false);
        }
        let known = search.root_stats.proven().or(search.tree.header(search.root).terminal());
        known.map_or_else(|| search.playout(rules, &self.position, evaluator), f32::from)
    }
}

/// A branch with the playouts that it is to grow by, and what they found.
struct Job {
    number: usize,
    grown: Box<Grown>,
    /// Slots that it had when it was handed out.
    slots: usize,
    playouts: u32,
    values: VecDeque<f32>,
}

/// Work that is handed from thread to thread.
#[derive(Default)]
struct Desk {
    open: Mutex<VecDeque<Job>>,
    waiting: AtomicUsize,
    done: Mutex<Vec<Job>>,
    finished: AtomicUsize,
    closed: AtomicBool,
}

impl Desk {
    fn put(&self, jobs: Vec<Job>) {
        let mut open = self.open.lock().expect("no thread panics with it");
        open.extend(jobs);
        self.waiting.store(open.len(), Ordering::Release);
    }

    /// Does one job, if there is one.
    fn work(&self, rules: &Rules, evaluator: &mut dyn Evaluator) -> bool {
        if self.waiting.load(Ordering::Acquire) == 0 {
            return false;
        }
        let job = {
            let mut open = self.open.lock().expect("no thread panics with it");
            let job = open.pop_front();
            self.waiting.store(open.len(), Ordering::Release);
            job
        };
        let Some(mut job) = job else { return false };
        job.values.extend((0..job.playouts).map(|_| job.grown.grow(rules, evaluator)));
        self.done.lock().expect("no thread panics with it").push(job);
        self.finished.fetch_add(1, Ordering::Release);
        true
    }

    /// Works until the desk is closed.
    fn serve(&self, rules: &Rules, evaluator: &mut dyn Evaluator) {
        // Closes the desk when this thread panics, too: nobody waits for its job then.
        let _closing = Closing(self);
        let mut idle = 0;
        while !self.closed.load(Ordering::Acquire) {
            if self.work(rules, evaluator) {
                idle = 0;
                continue;
            }
            wait(&mut idle);
        }
    }

    /// What came of all jobs, after helping with them.
    fn collect(&self, jobs: usize, rules: &Rules, evaluator: &mut dyn Evaluator) -> Vec<Job> {
        let mut idle = 0;
        while self.finished.load(Ordering::Acquire) < jobs {
            assert!(!self.closed.load(Ordering::Acquire), "a thread that grows branches has panicked");
            if !self.work(rules, evaluator) {
                wait(&mut idle);
            }
        }
        self.finished.store(0, Ordering::Release);
        std::mem::take(&mut *self.done.lock().expect("no thread panics with it"))
    }
}

/// Looks again soon, and lets others run if that was in vain for long.
fn wait(idle: &mut u32) {
    *idle = idle.saturating_add(1);
    if *idle < SPINS { std::hint::spin_loop() } else { std::thread::yield_now() }
}

/// Closes a desk whatever happens, so that its threads end.
struct Closing<'a>(&'a Desk);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.closed.store(true, Ordering::Release);
    }
}

/// Playouts that were chosen together.
#[derive(Default)]
struct Batch {
    /// The branch of each.
    branches: Vec<usize>,
    /// What their visits were counted with, for each the edges of its branch's path and the root.
    promised: Vec<f32>,
    /// Their number, with those that ended at known results.
    playouts: u32,
}

impl Search {
    /// Makes `wanted` playouts, fewer if the tree is full or the root is proven. Returns how many were made.
    pub(crate) fn playouts_in_batches(
        &mut self,
        rules: &Rules,
        root: &Position,
        evaluators: &mut [Box<dyn Evaluator>],
        wanted: u32,
    ) -> u32 {
        let Some((own, others)) = evaluators.split_first_mut() else { return 0 };
        let mut made = 0;
        while made < wanted && self.may_grow() && self.root_stats.visits() < FIRST_CUT {
            self.playout(rules, root, own.as_mut());
            made += 1;
        }
        if made == wanted || !self.may_grow() {
            return made;
        }
        self.cut(rules, root);
        let desk = Desk::default();
        std::thread::scope(|scope| {
            let _closing = Closing(&desk);
            for evaluator in others {
                scope.spawn(|| desk.serve(rules, evaluator.as_mut()));
            }
            let (mut growing, mut jobs, mut ripe) = (Batch::default(), 0, Vec::new());
            loop {
                // Branches can only be divided while no thread has them.
                let wanted = if ripe.is_empty() { wanted - made } else { 0 };
                let next = self.choose(rules, root, wanted);
                made += next.playouts;
                let done = desk.collect(jobs, rules, own.as_mut());
                let mut results = self.take_back(done);
                let handed_out = self.hand_out(&next);
                jobs = handed_out.len();
                desk.put(handed_out);
                self.settle(&growing, &mut results, &mut ripe);
                growing = next;
                if growing.playouts == 0 {
                    if ripe.is_empty() {
                        return made;
                    }
                    ripe.drain(..).for_each(|number| self.divide(rules, number));
                }
            }
        })
    }

    /// Whether there is room in memory, and something to find out.
    pub(crate) fn may_grow(&self) -> bool {
        self.slots() < self.params.max_slots && self.root_stats.proven().is_none()
    }

    /// Slots of the crown and of all branches.
    pub(crate) fn slots(&self) -> usize {
        self.tree.slots() + self.branch_slots
    }

    /// Nodes of the crown and of all branches.
    pub(crate) fn nodes(&self) -> usize {
        let grown = self.branches.iter().filter_map(|branch| branch.grown.as_deref());
        self.tree.nodes() + grown.map(|grown| grown.search.tree.nodes()).sum::<usize>()
    }

    /// The search of a branch.
    pub(crate) fn branch(&self, number: usize) -> Option<&Search> {
        self.branches[number].grown.as_ref().map(|grown| &grown.search)
    }

    /// Makes one tree of crown and branches.
    pub(crate) fn rejoin(&mut self) {
        for Branch { path, grown, .. } in std::mem::take(&mut self.branches) {
            if let (Some(grown), Some((_, edge))) = (grown, path.last()) {
                self.graft(*edge, &grown.search);
            }
        }
        self.branch_slots = 0;
    }

    fn graft(&mut self, edge: u32, search: &Search) {
        if search.root != NO_NODE {
            let child = self.tree.graft(&search.tree, search.root);
            self.tree.set_child(edge, child);
        }
    }

    /// Cuts a whole tree into a crown and branches.
    fn cut(&mut self, rules: &Rules, root: &Position) {
        if !self.branches.is_empty() {
            return;
        }
        let whole = std::mem::take(&mut self.tree);
        let crown = self.tree.add_copy(&whole, self.root);
        let old = std::mem::replace(&mut self.root, crown);
        let history = self.history.clone();
        self.hang(rules, &whole, old, crown, &[], *root, &history);
        let mut next = 0;
        while next < self.branches.len() {
            if self.is_ripe(next) {
                self.divide(rules, next);
            }
            next += 1;
        }
    }

    /// Whether a branch has become too large.
    fn is_ripe(&self, number: usize) -> bool {
        let edge = self.branches[number].path.last().map(|(_, edge)| self.tree.edge(*edge));
        edge.is_some_and(|edge| {
            edge.branch().is_some() && edge.stats.visits() > self.root_stats.visits() / BRANCH_SHARE
        })
    }

    /// Makes the first node of a branch a part of the crown, and branches of its children.
    fn divide(&mut self, rules: &Rules, number: usize) {
        // It may have been proven since.
        let Some(grown) = self.branches[number].grown.take() else { return };
        let Grown { search, position } = *grown;
        self.branch_slots -= search.tree.slots();
        let path = self.branches[number].path.clone();
        let crown = self.tree.add_copy(&search.tree, search.root);
        if let Some((_, edge)) = path.last() {
            self.tree.set_child(*edge, crown);
        }
        self.hang(rules, &search.tree, search.root, crown, &path, position, &search.history);
    }

    /// Hangs the children of `node` of `tree` below its copy in the crown.
    #[expect(clippy::too_many_arguments, reason = "a node, where it was and where it is")]
    fn hang(
        &mut self,
        rules: &Rules,
        tree: &Tree,
        node: NodeId,
        crown: NodeId,
        path: &[(NodeId, u32)],
        position: Position,
        history: &History,
    ) {
        for (edge, old) in (crown + 1..).zip(tree.edges_of(node)) {
            let Some(child) = old.child() else { continue };
            let mut search = Search { tree: tree.subtree(child), root: 0, ..Search::new(self.params) };
            search.root_stats = old.stats.turned();
            if old.stats.proven().is_some() {
                self.graft(edge, &search);
                continue;
            }
            let mut position = position;
            search.history = history.clone();
            search.history.push(rules, &position);
            rules.play(&mut position, old.mv);
            let path = path.iter().copied().chain([(crown, edge)]).collect();
            self.add_branch(edge, path, Box::new(Grown { search, position }));
        }
    }

    fn add_branch(&mut self, edge: u32, path: Vec<(NodeId, u32)>, grown: Box<Grown>) -> usize {
        self.tree.set_branch(edge, self.branches.len());
        self.branch_slots += grown.search.tree.slots();
        self.branches.push(Branch { path, grown: Some(grown), asked: 0 });
        self.branches.len() - 1
    }

    /// Chooses the branches of the next playouts, at most `wanted`, and backs up those that end at known results.
    fn choose(&mut self, rules: &Rules, root: &Position, wanted: u32) -> Batch {
        let mut batch = Batch::default();
        let most = (self.root_stats.visits() / BATCH_SHARE).clamp(1, self.params.batch).min(wanted);
        while batch.playouts < most && self.may_grow() {
            batch.playouts += 1;
            let number = match self.climb() {
                Err(result) => {
                    self.back_up(f32::from(result), None);
                    continue;
                }
                Ok(Some(number)) => number,
                Ok(None) => self.sprout(rules, root),
            };
            let branch = &mut self.branches[number];
            branch.asked += 1;
            batch.branches.push(number);
            let tree = &mut self.tree;
            batch.promised.extend(branch.path.iter().map(|(_, edge)| tree.edge_mut(*edge).stats.promise()));
            batch.promised.push(self.root_stats.promise());
        }
        batch
    }

    /// Follows PUCT through the crown, and notes the path. Returns the branch that it leads to, `None` where nobody has been yet, or the
    /// result for the mover where it is known.
    fn climb(&mut self) -> Result<Option<usize>, i8> {
        let (mut node, mut stats) = (self.root, self.root_stats);
        self.path.clear();
        loop {
            let edge = self.select(node, stats);
            self.path.push((node, edge));
            let chosen = self.tree.edge(edge);
            stats = chosen.stats.turned();
            let over = chosen.child().and_then(|child| self.tree.header(child).terminal());
            match (chosen.child(), over.or(stats.proven())) {
                (_, Some(result)) => return Err(result),
                (Some(child), None) => node = child,
                (None, None) => return Ok(chosen.branch()),
            }
        }
    }

    /// Begins a branch at the end of the path.
    fn sprout(&mut self, rules: &Rules, root: &Position) -> usize {
        let (mut position, mut search) = (*root, Search::new(self.params));
        search.history = self.history.clone();
        for (_, edge) in &self.path {
            search.history.push(rules, &position);
            rules.play(&mut position, self.tree.edge(*edge).mv);
        }
        let (_, edge) = *self.path.last().expect("a path has moves");
        self.add_branch(edge, self.path.clone(), Box::new(Grown { search, position }))
    }

    /// The jobs of a batch, the longest first.
    fn hand_out(&mut self, batch: &Batch) -> Vec<Job> {
        let mut jobs = Vec::new();
        for number in &batch.branches {
            let branch = &mut self.branches[*number];
            let playouts = std::mem::take(&mut branch.asked);
            // Proven branches are a part of the crown.
            if let Some(grown) = branch.grown.take_if(|_| playouts > 0) {
                let slots = grown.search.tree.slots();
                let values = VecDeque::with_capacity(playouts as usize);
                jobs.push(Job { number: *number, grown, slots, playouts, values });
            }
        }
        jobs.sort_by_key(|job| std::cmp::Reverse(job.playouts));
        jobs
    }

    /// Takes grown branches back, those that are proven into the crown. Returns the values that were found, by number.
    fn take_back(&mut self, mut done: Vec<Job>) -> Vec<(usize, VecDeque<f32>)> {
        done.sort_unstable_by_key(|job| job.number);
        let mut results = Vec::with_capacity(done.len());
        for Job { number, grown, slots, values, .. } in done {
            results.push((number, values));
            self.branch_slots += grown.search.tree.slots() - slots;
            let Some(result) = grown.search.root_stats.proven() else {
                self.branches[number].grown = Some(grown);
                continue;
            };
            self.branch_slots -= grown.search.tree.slots();
            let path = std::mem::take(&mut self.branches[number].path);
            if let Some((_, edge)) = path.last() {
                self.graft(*edge, &grown.search);
            }
            self.prove(&path, result);
            self.branches[number].path = path;
        }
        results
    }

    /// Notes what follows from the result, for its mover, of the position at the end of a path.
    fn prove(&mut self, path: &[(NodeId, u32)], mut result: i8) {
        for (node, edge) in path.iter().rev() {
            self.tree.edge_mut(*edge).stats.prove(-result);
            match self.tree.follows(*node, *edge) {
                Some(follows) => result = follows,
                None => return,
            }
        }
        self.root_stats.prove(result);
    }

    /// Adds the values of a batch to the visits that were counted without them. Notes the branches that have become too large.
    fn settle(&mut self, batch: &Batch, results: &mut [(usize, VecDeque<f32>)], ripe: &mut Vec<usize>) {
        let mut promised = batch.promised.as_slice();
        for number in &batch.branches {
            let path = &self.branches[*number].path;
            let found = results.binary_search_by_key(number, |(number, _)| *number).ok();
            let value = found.and_then(|place| results[place].1.pop_front());
            let known = |edge: &(NodeId, u32)| self.tree.edge(edge.1).stats.proven().map_or(0.0, |r| f32::from(-r));
            let mut value = value.unwrap_or_else(|| path.last().map_or(0.0, known));
            let (on_path, rest) = promised.split_at(path.len());
            for ((_, edge), promised) in path.iter().zip(on_path).rev() {
                value = -value;
                self.tree.edge_mut(*edge).stats.settle(*promised, value);
            }
            self.root_stats.settle(rest[0], value);
            promised = &rest[1..];
        }
        for number in &batch.branches {
            if self.is_ripe(*number) && !ripe.contains(number) {
                ripe.push(*number);
            }
        }
    }
}
