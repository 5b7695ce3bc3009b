//! Long work of Rust that Python can stop.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use pyo3::exceptions::{PyKeyboardInterrupt, PyRecursionError, PyRuntimeError};
use pyo3::prelude::*;

/// How long Python waits between two looks at its signals.
const PATIENCE: Duration = Duration::from_millis(50);

/// Calls within calls, by way of a function of Python, that one thread may make: each takes some of its stack.
const MOST_NESTED: u32 = 100;

thread_local! {
    /// Calls that the thread is within.
    static NESTED: Cell<u32> = const { Cell::new(0) };
}

/// A call that may lead to others of its kind on the same thread.
pub struct Nested(());

impl Nested {
    /// Raises `RecursionError` if there are too many already.
    pub fn enter() -> PyResult<Nested> {
        NESTED.with(|nested| {
            if nested.get() >= MOST_NESTED {
                let message = format!("searches and matches within one another, more than {MOST_NESTED}");
                return Err(PyRecursionError::new_err(message));
            }
            nested.set(nested.get() + 1);
            Ok(Nested(()))
        })
    }
}

impl Drop for Nested {
    fn drop(&mut self) {
        NESTED.with(|nested| nested.set(nested.get() - 1));
    }
}

/// What a thread is unwound with that was told to stop.
struct Stopped;

/// How work is told to stop, and what is done meanwhile.
pub struct Signals<'a> {
    /// Raised when the work is to end soon.
    pub stop: &'a AtomicBool,
    /// What else tells the work to end.
    pub on_stop: &'a (dyn Fn() + Sync),
    /// What takes that back when the work has ended.
    pub after: &'a (dyn Fn() + Sync),
    /// What Python does now and then. If it fails, the work is told to stop.
    pub tick: &'a mut (dyn FnMut(Python<'_>) -> PyResult<()> + Send),
}

impl<'a> Signals<'a> {
    /// A flag alone.
    pub fn flag(stop: &'a AtomicBool, tick: &'a mut (dyn FnMut(Python<'_>) -> PyResult<()> + Send)) -> Signals<'a> {
        Signals { stop, on_stop: &|| (), after: &|| (), tick }
    }
}

/// Does work on another thread, with the GIL released. If Python is interrupted meanwhile, the work is told to stop, and should end soon: by itself,
/// or by a call of [`give_up`].
pub fn interruptible<T: Send>(py: Python<'_>, signals: Signals<'_>, work: impl FnOnce() -> T + Send) -> PyResult<T> {
    let Signals { stop, on_stop, after, tick } = signals;
    let _nested = Nested::enter()?;
    py.detach(|| {
        std::thread::scope(|scope| {
            let (done, ended) = channel();
            let thread = scope.spawn(move || {
                let result = catch_unwind(AssertUnwindSafe(work));
                // Nobody waits any more if Python was interrupted.
                let _ = done.send(());
                result
            });
            let mut interrupt = None;
            while matches!(ended.recv_timeout(PATIENCE), Err(RecvTimeoutError::Timeout)) {
                if interrupt.is_none() {
                    interrupt = Python::attach(|py| py.check_signals().and_then(|()| tick(py))).err();
                    if interrupt.is_some() {
                        stop.store(true, Ordering::Relaxed);
                        on_stop();
                    }
                }
            }
            let result = thread.join().unwrap_or_else(Err);
            if interrupt.is_some() {
                after();
            }
            match (interrupt, result) {
                (Some(error), _) => Err(error),
                (None, Ok(value)) => Ok(value),
                (None, Err(panic)) if panic.is::<Stopped>() => Err(PyKeyboardInterrupt::new_err(())),
                (None, Err(panic)) => Err(PyRuntimeError::new_err(panic_text(panic.as_ref()))),
            }
        })
    })
}

/// `KeyboardInterrupt` in place of an error if the matches of the process have been told to stop since `before`, perhaps by another thread.
pub fn or_interrupt<T>(before: u32, result: PyResult<T>) -> PyResult<T> {
    match result {
        Err(_) if arena::stops() != before => Err(PyKeyboardInterrupt::new_err(())),
        other => other,
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("an error of the program itself, please report it: {}", text.unwrap_or("no message"))
}

/// Unwinds the thread if it was told to stop.
pub fn give_up(stop: &AtomicBool) {
    if stop.load(Ordering::Relaxed) {
        resume_unwind(Box::new(Stopped));
    }
}
