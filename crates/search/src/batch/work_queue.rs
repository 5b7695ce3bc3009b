//! Subtrees that wait for a thread to search them, and what the threads found.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use evaluator::Evaluator;
use rules::{Rules, Word};

use super::subtree::SubtreeSearch;

/// How often a thread looks for work before it lets others run.
const SPINS: u32 = 4096;

/// A subtree with the playouts that it is asked for, and the values that they found.
pub(super) struct Job<W: Word = u64> {
    pub(super) number: usize,
    pub(super) search: Box<SubtreeSearch<W>>,
    /// Slots that it had when it was handed out.
    pub(super) slots: usize,
    pub(super) playouts: u32,
    pub(super) values: VecDeque<f32>,
}

/// Jobs that go from the thread that hands them out to those that do them, and back.
pub(super) struct WorkQueue<W: Word = u64> {
    open: Mutex<VecDeque<Job<W>>>,
    waiting: AtomicUsize,
    done: Mutex<Vec<Job<W>>>,
    finished: AtomicUsize,
    closed: AtomicBool,
}

impl<W: Word> Default for WorkQueue<W> {
    fn default() -> WorkQueue<W> {
        WorkQueue {
            open: Mutex::default(),
            waiting: AtomicUsize::new(0),
            done: Mutex::default(),
            finished: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
        }
    }
}

impl<W: Word> WorkQueue<W> {
    pub(super) fn put(&self, jobs: Vec<Job<W>>) {
        let mut open = self.open.lock().expect("no thread panics with it");
        open.extend(jobs);
        self.waiting.store(open.len(), Ordering::Release);
    }

    /// Does one job, if there is one.
    fn work(&self, rules: &Rules<W>, evaluator: &mut dyn Evaluator<W>) -> bool {
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
        job.values.extend((0..job.playouts).map(|_| job.search.playout(rules, evaluator)));
        self.done.lock().expect("no thread panics with it").push(job);
        self.finished.fetch_add(1, Ordering::Release);
        true
    }

    /// Works until the queue is closed.
    pub(super) fn serve(&self, rules: &Rules<W>, evaluator: &mut dyn Evaluator<W>) {
        // Closes the queue when this thread panics, too: nobody waits for its job then.
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

    /// The results of the jobs that were handed out, of which there are `jobs`. Helps with the work until all are done.
    pub(super) fn collect(&self, jobs: usize, rules: &Rules<W>, evaluator: &mut dyn Evaluator<W>) -> Vec<Job<W>> {
        let mut idle = 0;
        while self.finished.load(Ordering::Acquire) < jobs {
            assert!(!self.closed.load(Ordering::Acquire), "a thread that searches subtrees has panicked");
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

/// Closes a queue whatever happens, so that its threads end.
pub(super) struct Closing<'a, W: Word>(pub(super) &'a WorkQueue<W>);

impl<W: Word> Drop for Closing<'_, W> {
    fn drop(&mut self) {
        self.0.closed.store(true, Ordering::Release);
    }
}
