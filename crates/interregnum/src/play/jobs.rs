//! Searches that pages have asked for: bounded, shared out fairly over a few threads, and given up when nobody asks for their result.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use evaluator::Evaluator;
use rules::{Color, Move, Position, Rules, Word};
use serde_json::Value;

/// A search that nobody has asked about for so long is given up.
const UNASKED: Duration = Duration::from_secs(5);
/// No search takes longer.
const LONGEST: Duration = Duration::from_secs(60);
/// The most searches that wait or run.
const MAX_JOBS: usize = 32;
/// The most pages whose searches are kept.
const MAX_SESSIONS: usize = 16;
/// The longest that an answer is held back until there is something new.
const LONGEST_WAIT: Duration = Duration::from_millis(1000);
/// The most threads that search.
const MAX_THREADS: usize = 4;

/// Whether a search is to end.
pub(super) struct Cancel {
    stopped: AtomicBool,
    born: Instant,
    /// When its result was asked for last, in milliseconds after `born`.
    asked: AtomicU64,
}

impl Cancel {
    fn new() -> Cancel {
        Cancel { stopped: AtomicBool::new(false), born: Instant::now(), asked: AtomicU64::new(0) }
    }

    fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    fn ask(&self) {
        self.asked.store(self.born.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    /// Whether it is to end now.
    pub(super) fn is_over(&self) -> bool {
        let age = self.born.elapsed();
        let asked = Duration::from_millis(self.asked.load(Ordering::Relaxed));
        self.stopped.load(Ordering::Relaxed) || age > LONGEST || age > asked + UNASKED
    }
}

/// An evaluator that judges nothing more once its search is given up, so that the search ends at once. What comes of it is thrown away.
struct Stoppable<W: Word> {
    inner: Box<dyn Evaluator<W>>,
    cancel: Arc<Cancel>,
}

/// Puts the end of a search into an evaluator.
pub(super) fn stoppable<W: Word>(inner: Box<dyn Evaluator<W>>, cancel: &Arc<Cancel>) -> Box<dyn Evaluator<W>> {
    Box::new(Stoppable { inner, cancel: Arc::clone(cancel) })
}

impl<W: Word> Evaluator<W> for Stoppable<W> {
    fn evaluate(&mut self, rules: &Rules<W>, position: &Position<W>, moves: &[Move], priors: &mut [f32]) -> f32 {
        if self.cancel.is_over() {
            priors.fill(1.0 / moves.len().max(1) as f32);
            return 0.0;
        }
        self.inner.evaluate(rules, position, moves, priors)
    }

    fn value(&mut self, rules: &Rules<W>, position: &Position<W>) -> f32 {
        if self.cancel.is_over() { 0.0 } else { self.inner.value(rules, position) }
    }

    fn priors(&mut self, rules: &Rules<W>, position: &Position<W>, moves: &[Move], priors: &mut [f32]) {
        self.inner.priors(rules, position, moves, priors);
    }

    fn win_draw_loss(&mut self, rules: &Rules<W>, position: &Position<W>) -> Option<[f32; 3]> {
        self.inner.win_draw_loss(rules, position)
    }

    fn order(&self, mv: Move, turn: Color) -> u32 {
        self.inner.order(mv, turn)
    }

    fn reset(&mut self, seed: u64) {
        self.inner.reset(seed);
    }
}

/// Work that is done in steps of some milliseconds.
pub(super) trait Job: Send {
    /// Does a part of the work and tells the task what came of it. Returns whether more is to do.
    fn step(&mut self, task: &Task) -> bool;
}

/// What a page sees of a search.
pub(super) struct Task {
    /// Tells the search to end.
    pub(super) cancel: Arc<Cancel>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Clone, Default)]
struct State {
    version: u64,
    done: bool,
    result: Arc<Value>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Task {
    fn new() -> Task {
        Task { cancel: Arc::new(Cancel::new()), state: Mutex::default(), changed: Condvar::new() }
    }

    /// Shows what is known by now.
    pub(super) fn tell(&self, result: Value) {
        let mut state = locked(&self.state);
        state.version += 1;
        state.result = Arc::new(result);
        self.changed.notify_all();
    }

    fn finish(&self) {
        let mut state = locked(&self.state);
        state.version += 1;
        state.done = true;
        self.changed.notify_all();
    }

    /// The newest result, waiting a while for one that is newer than `seen`, or for the end.
    pub(super) fn answer(&self, seen: u64, wait: Duration, to_the_end: bool) -> Value {
        self.cancel.ask();
        let state = locked(&self.state);
        let waits = |state: &mut State| !state.done && (to_the_end || state.version <= seen);
        let waited = self.changed.wait_timeout_while(state, wait.min(LONGEST_WAIT), waits);
        let state = waited.unwrap_or_else(PoisonError::into_inner).0.clone();
        self.cancel.ask();
        serde_json::json!({ "version": state.version, "done": state.done, "result": &*state.result })
    }
}

/// A job with what its page sees of it.
struct Running {
    task: Arc<Task>,
    job: Box<dyn Job>,
}

/// The queue of searches.
#[derive(Default)]
struct Queue {
    waiting: Mutex<VecDeque<Running>>,
    filled: Condvar,
}

/// The searches of all pages.
pub(super) struct Searches {
    queue: Arc<Queue>,
    sessions: Mutex<BTreeMap<String, Session>>,
}

/// The searches of one page: one for each purpose.
struct Session {
    asked: Instant,
    tasks: BTreeMap<String, Arc<Task>>,
}

impl Searches {
    /// Starts the threads.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub(super) fn start() -> std::io::Result<Searches> {
        let queue = Arc::new(Queue::default());
        let threads = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, MAX_THREADS);
        for _ in 0..threads {
            let queue = Arc::clone(&queue);
            std::thread::Builder::new().name("search".to_owned()).spawn(move || work(&queue))?;
        }
        Ok(Searches { queue, sessions: Mutex::default() })
    }

    /// Begins a search for a purpose of a page, in place of the one that it had for it. `make` makes the work.
    ///
    /// # Errors
    /// What `make` says, or that there are too many searches or pages already.
    pub(super) fn begin(
        &self,
        session: &str,
        purpose: &str,
        make: impl FnOnce(&Arc<Cancel>) -> Result<Box<dyn Job>, String>,
    ) -> Result<Arc<Task>, Refused> {
        let known = session.len() <= 64 && session.len() >= 8 && session.bytes().all(|b| b.is_ascii_alphanumeric());
        if !known {
            return Err(Refused::Wrong("a session is named by 8 to 64 letters and digits".to_owned()));
        }
        self.stop(session, purpose);
        let task = Arc::new(Task::new());
        let job = make(&task.cancel).map_err(Refused::Wrong)?;
        {
            let mut sessions = locked(&self.sessions);
            if !sessions.contains_key(session) && sessions.len() >= MAX_SESSIONS {
                let idle = sessions.iter().min_by_key(|(_, s)| s.asked).filter(|(_, s)| s.asked.elapsed() > UNASKED);
                match idle.map(|(name, _)| name.clone()) {
                    Some(name) => drop(sessions.remove(&name)),
                    None => return Err(Refused::Busy),
                }
            }
            let new = || Session { asked: Instant::now(), tasks: BTreeMap::new() };
            let page = sessions.entry(session.to_owned()).or_insert_with(new);
            page.asked = Instant::now();
            page.tasks.insert(purpose.to_owned(), Arc::clone(&task));
        }
        let mut waiting = locked(&self.queue.waiting);
        waiting.retain(|running| !running.task.cancel.is_over());
        if waiting.len() >= MAX_JOBS {
            return Err(Refused::Busy);
        }
        waiting.push_back(Running { task: Arc::clone(&task), job });
        self.queue.filled.notify_one();
        Ok(task)
    }

    /// The search of a page for a purpose.
    pub(super) fn task(&self, session: &str, purpose: &str) -> Option<Arc<Task>> {
        let mut sessions = locked(&self.sessions);
        let page = sessions.get_mut(session)?;
        page.asked = Instant::now();
        page.tasks.get(purpose).cloned()
    }

    /// Ends the search of a page for a purpose.
    pub(super) fn stop(&self, session: &str, purpose: &str) {
        if let Some(page) = locked(&self.sessions).get_mut(session)
            && let Some(task) = page.tasks.remove(purpose)
        {
            task.cancel.stop();
        }
    }
}

/// Why a search was not begun.
pub(super) enum Refused {
    /// What was asked for makes no sense.
    Wrong(String),
    /// There is too much to do already.
    Busy,
}

/// Takes a step of one search after the other.
fn work(queue: &Queue) {
    loop {
        let mut running = {
            let waiting = locked(&queue.waiting);
            let mut waiting =
                queue.filled.wait_while(waiting, |waiting| waiting.is_empty()).unwrap_or_else(PoisonError::into_inner);
            match waiting.pop_front() {
                Some(running) => running,
                None => continue,
            }
        };
        let Running { task, job } = &mut running;
        // A fault in one search must not end the others.
        let more = !task.cancel.is_over()
            && catch_unwind(AssertUnwindSafe(|| job.step(task))).unwrap_or_else(|_| {
                task.tell(serde_json::json!({ "error": "the search has failed; please report this" }));
                false
            });
        if more {
            locked(&queue.waiting).push_back(running);
            queue.filled.notify_one();
        } else {
            task.finish();
        }
    }
}
