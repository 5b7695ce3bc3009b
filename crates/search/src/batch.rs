//! Playouts in batches, judged by several threads: the same tree for any number of them.
//!
//! Two batches are under way: while the leaves of one are judged, the next is gathered. Gathering and backing up happen in one order
//! on one thread; a visit that waits for its judgement counts as one of average value. So what a tree looks like depends on the
//! batch size, not on threads.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use evaluator::Evaluator;
use rules::{MoveList, Position, Rules};

use crate::Search;
use crate::playout::{End, edges, rank};
use crate::tree::{NodeId, TAKEN};

/// Leaves that a thread takes at once.
const CHUNK: usize = 16;
/// Looks for work before a thread lets others run.
const SPINS: u32 = 4096;

/// A position that waits to be judged, with what comes of it.
struct Leaf {
    path: Vec<(NodeId, u32)>,
    /// What the visits on the way were counted with, the root's last.
    promised: Vec<f32>,
    position: Position,
    moves: MoveList,
    priors: Vec<f32>,
    order: Vec<u64>,
    value: f32,
}

impl Leaf {
    fn judge(&mut self, rules: &Rules, evaluator: &mut dyn Evaluator) {
        self.priors.clear();
        self.priors.resize(self.moves.len(), 0.0);
        self.value = evaluator.evaluate(rules, &self.position, &self.moves, &mut self.priors);
        rank(evaluator, &self.moves, &self.priors, self.position.turn(), &mut self.order);
    }
}

/// A part of a batch: its place, and its leaves.
type Chunk = (usize, Vec<Leaf>);

/// Work that is handed from thread to thread.
#[derive(Default)]
struct Desk {
    open: Mutex<VecDeque<Chunk>>,
    waiting: AtomicUsize,
    done: Mutex<Vec<Chunk>>,
    finished: AtomicUsize,
    closed: AtomicBool,
}

impl Desk {
    fn put(&self, chunks: impl Iterator<Item = Chunk>) {
        let mut open = self.open.lock().expect("no thread panics with it");
        open.extend(chunks);
        self.waiting.store(open.len(), Ordering::Release);
    }

    /// Judges one chunk, if there is one.
    fn work(&self, rules: &Rules, evaluator: &mut dyn Evaluator) -> bool {
        if self.waiting.load(Ordering::Acquire) == 0 {
            return false;
        }
        let chunk = {
            let mut open = self.open.lock().expect("no thread panics with it");
            let chunk = open.pop_front();
            self.waiting.store(open.len(), Ordering::Release);
            chunk
        };
        let Some((place, mut leaves)) = chunk else { return false };
        leaves.iter_mut().for_each(|leaf| leaf.judge(rules, evaluator));
        self.done.lock().expect("no thread panics with it").push((place, leaves));
        self.finished.fetch_add(1, Ordering::Release);
        true
    }

    /// Judges what comes until the desk is closed.
    fn serve(&self, rules: &Rules, evaluator: &mut dyn Evaluator) {
        // Closes the desk when this thread panics, too: nobody waits for its chunk then.
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

    /// The chunks of a batch in their order, helping with them until all are done.
    fn collect(&self, chunks: usize, rules: &Rules, evaluator: &mut dyn Evaluator) -> Vec<Chunk> {
        let mut idle = 0;
        while self.finished.load(Ordering::Acquire) < chunks {
            assert!(!self.closed.load(Ordering::Acquire), "a thread that judges leaves has panicked");
            if !self.work(rules, evaluator) {
                wait(&mut idle);
            }
        }
        self.finished.store(0, Ordering::Release);
        let mut done = std::mem::take(&mut *self.done.lock().expect("no thread panics with it"));
        done.sort_by_key(|(place, _)| *place);
        done
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

impl Search {
    /// Makes `wanted` playouts, fewer if the tree is full or the root is proven. Returns how many were made.
    pub(crate) fn playouts_in_batches(
        &mut self,
        rules: &Rules,
        root: &Position,
        evaluators: &mut [Box<dyn Evaluator>],
        wanted: u32,
    ) -> u32 {
        let desk = Desk::default();
        let Some((own, others)) = evaluators.split_first_mut() else { return 0 };
        std::thread::scope(|scope| {
            let _closing = Closing(&desk);
            for evaluator in others {
                scope.spawn(|| desk.serve(rules, evaluator.as_mut()));
            }
            let (mut made, mut spare) = (0, Vec::new());
            let mut chunks = 0;
            loop {
                let mut gathered = Vec::new();
                let new = self.gather(rules, root, wanted - made, &mut gathered, &mut spare);
                made += new;
                // The batch before is finished first, the one just gathered is judged meanwhile.
                let batch = if chunks > 0 { desk.collect(chunks, rules, own.as_mut()) } else { Vec::new() };
                chunks = gathered.len().div_ceil(CHUNK);
                let mut rest = gathered.into_iter();
                desk.put((0..chunks).map(|place| (place, rest.by_ref().take(CHUNK).collect())));
                let backed_up = !batch.is_empty();
                for (_, leaves) in batch {
                    for leaf in leaves {
                        spare.push(self.settle(leaf));
                    }
                }
                if new == 0 && !backed_up {
                    return made;
                }
            }
        })
    }

    /// How many leaves wait at once: few while the tree is small, as each is chosen without knowing of the others.
    fn batch_size(&self) -> u32 {
        (self.root_stats.visits() / 256).clamp(1, self.params.batch)
    }

    /// Gathers the leaves of a batch, and backs up the playouts that end at known results. Returns the number of playouts.
    fn gather(
        &mut self,
        rules: &Rules,
        root: &Position,
        wanted: u32,
        leaves: &mut Vec<Leaf>,
        spare: &mut Vec<Leaf>,
    ) -> u32 {
        let history = self.history.len();
        let most = self.batch_size().min(wanted);
        let mut made = 0;
        while made < most && self.tree.slots() < self.params.max_slots && self.root_stats.proven().is_none() {
            let mut position = *root;
            let end = self.walk(rules, &mut position);
            let mut leaf = spare.pop().unwrap_or_else(|| Leaf {
                path: Vec::new(),
                promised: Vec::new(),
                position,
                moves: MoveList::new(),
                priors: Vec::new(),
                order: Vec::new(),
                value: 0.0,
            });
            let (result, over) = match end {
                End::Taken => {
                    // Its judgement has to be waited for.
                    self.history.truncate(history);
                    spare.push(leaf);
                    break;
                }
                End::Known(result) => (Some(result), None),
                End::Leaf => {
                    rules.legal_moves(&position, &mut leaf.moves);
                    let outcome = rules.outcome(&position, &leaf.moves, &self.history);
                    let result = outcome.map(|outcome| outcome.for_color(position.turn()) as i8);
                    (result, result)
                }
            };
            self.history.truncate(history);
            made += 1;
            let edge = self.path.last().map_or(0, |(_, edge)| *edge);
            match result {
                Some(result) => {
                    if over.is_some() {
                        let node = self.tree.add_terminal(result);
                        self.tree.set_child(edge, node);
                    }
                    self.back_up(f32::from(result), over.filter(|_| self.params.solver));
                    spare.push(leaf);
                }
                None => {
                    leaf.moves.truncate(evaluator::MAX_MOVES);
                    leaf.position = position;
                    self.tree.set_child(edge, TAKEN);
                    leaf.path.clone_from(&self.path);
                    leaf.promised.clear();
                    let tree = &mut self.tree;
                    leaf.promised.extend(self.path.iter().map(|(_, edge)| tree.edge_mut(*edge).stats.promise()));
                    leaf.promised.push(self.root_stats.promise());
                    leaves.push(leaf);
                }
            }
        }
        made
    }

    /// Adds a judged leaf to the tree, and its value to all moves that led to it.
    fn settle(&mut self, leaf: Leaf) -> Leaf {
        let node = self.tree.add_node(edges(&leaf.order, &leaf.moves, &leaf.priors));
        if let Some((_, edge)) = leaf.path.last() {
            self.tree.set_child(*edge, node);
        }
        let mut value = leaf.value;
        for ((_, edge), promised) in leaf.path.iter().zip(&leaf.promised[..leaf.path.len()]).rev() {
            value = -value;
            self.tree.edge_mut(*edge).stats.settle(*promised, value);
        }
        let promised = leaf.promised.last().copied().unwrap_or_default();
        self.root_stats.settle(promised, value);
        leaf
    }
}
