//! The process of an engine: lines in and out, all of it bounded.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

/// The longest line that an engine may write, in bytes.
pub(super) const MAX_LINE: usize = 1 << 16;
/// Lines that wait to be read; an engine that writes more has to wait itself.
const WAITING_LINES: usize = 256;
/// Commands that wait to be taken. A pipe that nobody reads holds few of them, and no game needs so many at once.
const WAITING_COMMANDS: usize = 64;
/// Bytes at the end of standard error that are kept.
const STDERR_BYTES: usize = 4096;
/// Characters of them that are shown in a failure.
const MAX_TAIL: usize = 200;
/// How long an engine may take to obey `quit`.
const QUIT_GRACE: Duration = Duration::from_secs(2);
/// How long a process that has closed its output may take to end, so that its exit status can be told.
const EXIT_GRACE: Duration = Duration::from_millis(500);

/// What came from an engine.
pub(super) enum Event {
    /// It wrote a line, which was read at this time. Bytes that are not UTF-8 are replaced.
    Line(String, Instant),
    /// It began a line of more than [`MAX_LINE`] bytes. Nothing is read any more.
    LongLine,
    /// It closed its output.
    End,
    /// It wrote nothing until the deadline.
    Nothing,
}

/// The engines that run, by the leaders of their process groups. None of these has been waited for, so that their process numbers
/// cannot have been given to others. `None` while the program has been told to stop: then no engine is started.
static RUNNING: Mutex<Option<BTreeMap<u32, Pid>>> = Mutex::new(Some(BTreeMap::new()));

/// Kills all engines, and prevents the start of others until [`allow_all`].
pub(crate) fn kill_all() {
    let running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner).take();
    running.iter().flat_map(BTreeMap::values).for_each(|group| kill_group(*group));
}

/// Lets engines be started again after [`kill_all`].
pub(crate) fn allow_all() {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default();
}

fn kill_group(group: Pid) {
    // It is no error if the group has ended by itself.
    let _ = kill_process_group(group, Signal::KILL);
}

/// A running engine. Dropping it kills it, and whatever processes it has started in its group.
pub(super) struct Process {
    child: Child,
    /// Whether the engine has been killed and waited for.
    ended: bool,
    status: Option<ExitStatus>,
    commands: Option<SyncSender<String>>,
    events: Receiver<Event>,
    stderr: Arc<Mutex<Vec<u8>>>,
    stderr_reader: JoinHandle<()>,
}

impl Process {
    pub(super) fn spawn(words: &[String]) -> std::io::Result<Process> {
        let (program, arguments) = words.split_first().ok_or_else(|| std::io::Error::other("no program is named"))?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // A process group of its own can be ended with all processes that the engine has started, and does not get the signals of
        // the terminal, which this program handles.
        command.process_group(0);
        let mut child = {
            let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
            let running = running.as_mut().ok_or_else(|| std::io::Error::other("the program has been told to stop"))?;
            let child = command.spawn()?;
            running.insert(child.id(), Pid::from_child(&child));
            child
        };
        let missing = || std::io::Error::other("a pipe is missing");
        let stdin = child.stdin.take().ok_or_else(missing)?;
        let stdout = child.stdout.take().ok_or_else(missing)?;
        let errors = child.stderr.take().ok_or_else(missing)?;
        let (commands, taken) = sync_channel(WAITING_COMMANDS);
        let (written, events) = sync_channel(WAITING_LINES);
        let stderr = Arc::new(Mutex::new(Vec::new()));
        let tail = Arc::clone(&stderr);
        std::thread::spawn(move || write_commands(stdin, &taken));
        std::thread::spawn(move || read_lines(stdout, &written));
        let stderr_reader = std::thread::spawn(move || keep_tail(errors, &tail));
        Ok(Process { child, ended: false, status: None, commands: Some(commands), events, stderr, stderr_reader })
    }

    /// Sends a line. Returns false if the engine does not take what was sent before.
    pub(super) fn send(&self, line: &str) -> bool {
        // A closed pipe is no failure here: it means that the engine has exited, which its output shows.
        let full = |e| matches!(e, std::sync::mpsc::TrySendError::Full(_));
        self.commands.as_ref().is_none_or(|c| !c.try_send(format!("{line}\n")).is_err_and(full))
    }

    /// The next event, or [`Event::Nothing`] at the deadline.
    pub(super) fn next(&self, deadline: Instant) -> Event {
        match self.events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(event) => event,
            Err(RecvTimeoutError::Timeout) => Event::Nothing,
            Err(RecvTimeoutError::Disconnected) => Event::End,
        }
    }

    /// How the process ended, once it has closed its output.
    pub(super) fn exit(&mut self) -> String {
        if self.exits_within(EXIT_GRACE) {
            self.end();
        }
        self.status.map_or_else(|| "closed its output".to_owned(), |status| format!("exited ({status})"))
    }

    /// Asks the engine to quit, and kills it if it does not. False if it had to be killed.
    pub(super) fn quit(mut self) -> bool {
        self.obeys_quit(QUIT_GRACE)
    }

    /// Asks the engine to quit, kills it if it takes longer than `grace`, and returns what it last wrote to standard error.
    pub(super) fn last_words(mut self, grace: Duration) -> String {
        self.obeys_quit(grace);
        self.silence();
        String::from_utf8_lossy(&self.stderr.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    fn obeys_quit(&mut self, grace: Duration) -> bool {
        self.send("quit");
        // Closes the standard input of the engine after `quit`.
        self.commands = None;
        // Output is read on, since an engine that waits for room in its pipe could not end.
        let began = Instant::now();
        while began.elapsed() < grace {
            while self.events.try_recv().is_ok() && began.elapsed() < grace {}
            if self.exits_within(Duration::from_millis(10)) {
                return true;
            }
        }
        false
    }

    /// Kills the engine and returns what it last wrote to standard error.
    pub(super) fn kill(mut self) -> String {
        self.silence();
        self.stderr_tail()
    }

    /// Ends the engine and waits for the end of its standard error.
    fn silence(&mut self) {
        self.end();
        // The end of standard error may still be on its way. A process that has left the group may hold the pipe open for ever.
        let began = Instant::now();
        while !self.stderr_reader.is_finished() && began.elapsed() < EXIT_GRACE {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The end of what the engine has written to standard error, on one line.
    pub(super) fn stderr_tail(&self) -> String {
        let tail = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&tail);
        let text = files::printable(&text.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned();
        let long = text.chars().count().saturating_sub(MAX_TAIL);
        text.chars().skip(long).collect()
    }

    /// Whether the process ends within a time. The system keeps its number, as it is not waited for here: processes that it has
    /// started may outlive it, and their group can only be named as long as that number is not given to others.
    fn exits_within(&self, grace: Duration) -> bool {
        let (pid, began) = (Pid::from_child(&self.child), Instant::now());
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        loop {
            if self.ended || !matches!(waitid(WaitId::Pid(pid), options), Ok(None)) {
                return true;
            }
            if began.elapsed() >= grace {
                return false;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Kills what is left of the engine and its process group.
    fn end(&mut self) {
        self.commands = None;
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        kill_group(Pid::from_child(&self.child));
        if let Some(running) = RUNNING.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            running.remove(&self.child.id());
        }
        self.status = self.child.wait().ok();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

fn write_commands(mut stdin: ChildStdin, commands: &Receiver<String>) {
    while let Ok(line) = commands.recv() {
        if stdin.write_all(line.as_bytes()).and_then(|()| stdin.flush()).is_err() {
            return;
        }
    }
}

fn read_lines(stdout: ChildStdout, events: &SyncSender<Event>) {
    let mut reader = BufReader::new(stdout);
    loop {
        let mut line = Vec::new();
        let event = match reader.by_ref().take(MAX_LINE as u64).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => Event::End,
            Ok(_) if line.len() == MAX_LINE && line.last() != Some(&b'\n') => Event::LongLine,
            Ok(_) => Event::Line(String::from_utf8_lossy(&line).trim().to_owned(), Instant::now()),
        };
        let last = !matches!(event, Event::Line(..));
        if events.send(event).is_err() || last {
            return;
        }
    }
}

fn keep_tail(mut errors: ChildStderr, tail: &Mutex<Vec<u8>>) {
    let mut bytes = [0; 1024];
    while let Ok(count @ 1..) = errors.read(&mut bytes) {
        let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
        tail.extend_from_slice(&bytes[..count]);
        let surplus = tail.len().saturating_sub(STDERR_BYTES);
        tail.drain(..surplus);
    }
}
