//! Playouts in batches, by several threads: the same tree for any number of them.
//!
//! The much visited top of the tree belongs to one thread, and everything below it is split into subtrees that have nothing in common.
//! That thread descends through the upper tree once for each playout of a batch, and counts a virtual loss on the way: a visit whose
//! value is not known yet counts as a little worse than the average. Then the subtrees are searched, whichever thread takes them, each
//! by the playouts that came its way, one after the other; and the values are backed up through the upper tree in the order of the
//! batch. While one batch is searched, the next is chosen. So what a tree looks like depends on the size of batches, not on threads.

mod subtree;
mod work_queue;

use std::collections::VecDeque;

use evaluator::Evaluator;
use rules::{Position, Rules, Word};

use crate::playout::Leaf;
use crate::tree::{Stats, opposite};
use crate::{Search, StopWhen};

pub(crate) use subtree::Subtrees;
use work_queue::{Closing, Job, WorkQueue};

/// Visits of the root from which on its tree is split: batches gain nothing in a small one.
const FIRST_SPLIT: u32 = 8192;
/// A batch has at most one playout for this many visits of the root: each playout is chosen without knowing what the others find.
const BATCH_SHARE: u32 = 128;

/// Playouts that were chosen together.
#[derive(Default)]
struct Batch {
    /// The number of each playout's subtree.
    subtrees: Vec<usize>,
    /// The virtual losses of each playout in the order in which they are backed up: at the edges of the path, the last edge first, and
    /// at the root.
    virtual_losses: Vec<f32>,
    /// Number of playouts, with those that ended where the worth is known and have no subtree.
    playouts: u32,
}

/// The values that the playouts of a batch found, by number of the subtree.
type Values = Vec<(usize, VecDeque<f32>)>;

impl<W: Word> Search<W> {
    /// Makes `wanted` playouts, fewer if the tree is full or the root is proven. Returns how many were made.
    pub(crate) fn playouts_in_batches(
        &mut self,
        rules: &Rules<W>,
        root: &Position<W>,
        evaluators: &mut [Box<dyn Evaluator<W>>],
        wanted: u32,
    ) -> u32 {
        let Some((own, others)) = evaluators.split_first_mut() else { return 0 };
        let mut made = 0;
        while made < wanted && self.may_grow() && self.root_stats.visits() < FIRST_SPLIT {
            self.playout(rules, root, own.as_mut());
            made += 1;
        }
        if made == wanted || !self.may_grow() {
            return made;
        }
        self.split_tree(rules, root);
        let queue = WorkQueue::default();
        std::thread::scope(|scope| {
            let _closing = Closing(&queue);
            for evaluator in others {
                scope.spawn(|| queue.serve(rules, evaluator.as_mut()));
            }
            let (mut searched, mut jobs, mut too_large) = (Batch::default(), 0, Vec::new());
            loop {
                // Subtrees can only be split while no thread has them.
                let wanted = if too_large.is_empty() { wanted - made } else { 0 };
                let next = self.choose(rules, root, wanted);
                made += next.playouts;
                let done = queue.collect(jobs, rules, own.as_mut());
                let mut values = self.reclaim(done);
                let requested = self.request(&next);
                jobs = requested.len();
                queue.put(requested);
                self.back_up_batch(&searched, &mut values, &mut too_large);
                searched = next;
                if searched.playouts == 0 {
                    if too_large.is_empty() {
                        return made;
                    }
                    too_large.drain(..).for_each(|number| self.split_subtree(rules, number));
                }
            }
        })
    }

    /// Whether there is room in memory, and something to find out, and nobody has told the search to stop.
    pub(crate) fn may_grow(&self) -> bool {
        let stopped = || self.stop.as_ref().is_some_and(StopWhen::is_met);
        self.slots() < self.params.max_slots && !self.root_stats.is_proven() && !stopped()
    }

    /// Chooses the subtrees of the next playouts, at most `wanted`, and backs up the playouts that end where the worth is known.
    fn choose(&mut self, rules: &Rules<W>, root: &Position<W>, wanted: u32) -> Batch {
        let mut batch = Batch::default();
        let most = (self.root_stats.visits() / BATCH_SHARE).clamp(1, self.params.batch).min(wanted);
        while batch.playouts < most && self.may_grow() {
            batch.playouts += 1;
            let number = match self.descend(|_, _| ()) {
                Leaf::Known(worth) => {
                    self.back_up(worth, None, Stats::add);
                    continue;
                }
                Leaf::Subtree(number) => number,
                Leaf::Unvisited => self.begin_subtree(rules, root),
            };
            self.subtrees.all[number].requested += 1;
            batch.subtrees.push(number);
            let path = self.path.iter().rev();
            batch.virtual_losses.extend(path.map(|(_, edge)| self.tree.edge_mut(*edge).stats.add_virtual_loss()));
            batch.virtual_losses.push(self.root_stats.add_virtual_loss());
        }
        batch
    }

    /// The jobs of a batch, the longest first.
    fn request(&mut self, batch: &Batch) -> Vec<Job<W>> {
        let mut jobs = Vec::new();
        for number in &batch.subtrees {
            let subtree = &mut self.subtrees.all[*number];
            let playouts = std::mem::take(&mut subtree.requested);
            // A subtree that is proven has become a part of the upper tree.
            if let Some(search) = subtree.search.take_if(|_| playouts > 0) {
                let slots = search.search.tree.slots();
                let values = VecDeque::with_capacity(playouts as usize);
                jobs.push(Job { number: *number, search, slots, playouts, values });
            }
        }
        jobs.sort_by_key(|job| std::cmp::Reverse(job.playouts));
        jobs
    }

    /// Takes searched subtrees back; a subtree that is proven becomes a part of the upper tree. Returns the values that were found, by
    /// number of the subtree.
    fn reclaim(&mut self, mut done: Vec<Job<W>>) -> Values {
        done.sort_unstable_by_key(|job| job.number);
        let mut values = Vec::with_capacity(done.len());
        for job in done {
            values.push((job.number, job.values));
            let (search, slots) = (&job.search.search, job.search.search.tree.slots());
            let Some(worth) = search.proven() else {
                self.subtrees.slots += slots - job.slots;
                self.subtrees.all[job.number].search = Some(job.search);
                continue;
            };
            self.subtrees.slots -= job.slots;
            self.path.clone_from(&self.subtrees.all[job.number].path);
            if let Some((_, edge)) = self.path.last() {
                self.append(*edge, search);
            }
            // Nothing is recorded but the proof: visits are counted already, and their values follow in the order of the batch.
            self.back_up(worth, Some(worth), |_, _| ());
        }
        values
    }

    /// Backs the values of a batch up in place of its virtual losses. Notes the subtrees that have become too large.
    fn back_up_batch(&mut self, batch: &Batch, values: &mut Values, too_large: &mut Vec<usize>) {
        let mut virtual_losses = batch.virtual_losses.iter();
        for number in &batch.subtrees {
            self.path.clone_from(&self.subtrees.all[*number].path);
            let found = values.binary_search_by_key(number, |(number, _)| *number).ok();
            let value = found.and_then(|place| values[place].1.pop_front());
            // A subtree that was proven meanwhile was not searched: it is worth the opposite of the move that leads to it.
            let value = value.unwrap_or_else(|| {
                let proven = self.path.last().and_then(|(_, edge)| self.tree.proven(self.tree.edge(*edge)));
                proven.map_or(0.0, opposite)
            });
            self.back_up(value, None, |stats, value| {
                let virtual_loss = virtual_losses.next().expect("as many as edges of all paths, and a root for each");
                stats.replace_virtual_loss(*virtual_loss, value);
            });
        }
        for number in &batch.subtrees {
            if self.is_too_large(*number) && !too_large.contains(number) {
                too_large.push(*number);
            }
        }
    }
}
