//! Signals that ask the program to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;

use search::StopWhen;

use crate::uci::{allow_all, kill_all};

/// The number of the signal that has come; 0 before any has.
static SIGNAL: AtomicI32 = AtomicI32::new(0);
/// How often a signal has come, those included that were forgotten since.
static STOPS: AtomicU32 = AtomicU32::new(0);
/// The last signal, whether it was forgotten since or not.
static LAST: AtomicI32 = AtomicI32::new(0);
/// How long the program may take to stop by itself.
const GRACE: Duration = Duration::from_secs(3);

/// Handles SIGINT, SIGTERM and SIGHUP from now on. At a signal external engines are ended with all processes that they have
/// started, [`crate::resume_match`] stops with the rounds that were finished before, and the program, which can ask with
/// [`interrupted`], has three seconds to stop by itself. After these, or at a second signal, it is ended. If SIGHUP is ignored, as
/// under `nohup`, it stays ignored.
///
/// # Errors
/// If the system does not let the signals be handled.
pub fn stop_on_signals() -> std::io::Result<()> {
    let mut wanted = vec![SIGINT, SIGTERM];
    wanted.extend((!is_ignored(SIGHUP)).then_some(SIGHUP));
    let mut signals = Signals::new(wanted)?;
    std::thread::spawn(move || {
        let mut came = signals.forever();
        let Some(signal) = came.next() else { return };
        // The signal is noted before engines are killed: what a killed engine does must not count.
        stop(signal);
        std::thread::spawn(move || {
            std::thread::sleep(GRACE);
            std::process::exit(128 + signal);
        });
        if let Some(again) = came.next() {
            std::process::exit(128 + again);
        }
    });
    Ok(())
}

/// Does what a signal does under [`stop_on_signals`], for programs that handle signals themselves, but for ending the program. All matches of the
/// process end that have begun by now, also those that look for signals only after [`go_on`]; others end if they begin before it.
pub fn stop(signal: i32) {
    SIGNAL.store(signal, Ordering::SeqCst);
    LAST.store(signal, Ordering::SeqCst);
    STOPS.fetch_add(1, Ordering::SeqCst);
    kill_all();
}

/// Forgets the signal of [`stop`], so that matches can be played and engines be started again.
pub fn go_on() {
    allow_all();
    SIGNAL.store(0, Ordering::SeqCst);
}

/// How often the program has been told to stop: what has begun between two equal numbers has not been stopped.
#[must_use]
pub fn stops() -> u32 {
    STOPS.load(Ordering::SeqCst)
}

/// What work must end for that begins now: a signal, also one that is forgotten before the work looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Since(u32);

impl Since {
    pub(crate) fn now() -> Since {
        // A signal that has come before, and is not forgotten, ends the work too; one that comes now has another number.
        let stops = stops();
        Since(if interrupted().is_some() { stops.wrapping_sub(1) } else { stops })
    }

    /// The number of the signal, if one has come.
    pub(crate) fn interrupted(self) -> Option<i32> {
        (stops() != self.0).then(|| LAST.load(Ordering::SeqCst)).or_else(interrupted)
    }

    /// What ends a search of this work.
    pub(crate) fn stop(self) -> StopWhen {
        StopWhen::new(move || stops() != self.0)
    }
}

/// From now on a file that may not grow (`ulimit -f`) causes an error of writing; without this the system would end the program.
///
/// # Errors
/// If the system does not let the signal be handled.
pub fn outlive_file_limits() -> std::io::Result<()> {
    signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false))).map(|_| ())
}

/// The number of the signal that asked the program to stop, if one has.
#[must_use]
pub fn interrupted() -> Option<i32> {
    Some(SIGNAL.load(Ordering::SeqCst)).filter(|signal| *signal != 0)
}

/// The name of a signal.
pub(crate) fn name(signal: i32) -> &'static str {
    signal_hook::low_level::signal_name(signal).unwrap_or("a signal")
}

/// Whether this process was started with a signal ignored, by what the system says.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask >> (signal - 1) & 1 == 1
}
