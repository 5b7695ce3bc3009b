//! Puts commands in the order in which they are carried out, and finds those that act on a running search.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, TryRecvError};

/// The most commands that may wait for the end of a search; more are read only afterwards.
const MOST_WAITING: usize = 4096;
/// The most bytes of commands that may wait for the end of a search.
const MOST_WAITING_BYTES: usize = 1 << 24;

/// What comes from the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// A line without its end.
    Line(String),
    /// A line that was too long to be read, and the most bytes that a line may have.
    TooLong { limit: usize },
}

/// What a command means while a search runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Stop,
    PonderHit,
    IsReady,
    Quit,
    /// Asks for something, but changes nothing.
    Question,
    /// Changes the variant, the position or an option, or starts a search.
    Change,
}

impl Input {
    fn bytes(&self) -> usize {
        match self {
            Input::Line(line) => line.len(),
            Input::TooLong { .. } => 0,
        }
    }

    /// The first word of the line; empty if there is none.
    pub(super) fn word(&self) -> &str {
        match self {
            Input::Line(line) => line.split_whitespace().next().unwrap_or(""),
            Input::TooLong { .. } => "",
        }
    }

    fn kind(&self) -> Kind {
        match self.word() {
            "stop" => Kind::Stop,
            "ponderhit" => Kind::PonderHit,
            "isready" => Kind::IsReady,
            "quit" => Kind::Quit,
            "position" | "go" | "setoption" | "ucinewgame" => Kind::Change,
            _ => Kind::Question,
        }
    }
}

/// A command, and what happened while it waited.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) input: Input,
    /// For `go`: whether a `stop` came after it.
    pub(super) stopped: bool,
    /// For `go`: whether a `ponderhit` came after it.
    pub(super) hit: bool,
}

impl Order {
    fn new(input: Input) -> Order {
        Order { input, stopped: false, hit: false }
    }

    fn is_go(&self) -> bool {
        self.input.word() == "go"
    }
}

/// What commands need to know of the search that runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Running {
    /// Whether the search was asked for without an end.
    pub(super) infinite: bool,
    /// Whether the search is on the other side's time.
    pub(super) ponder: bool,
    /// Whether the search has been told to end.
    pub(super) stopped: bool,
}

impl Running {
    /// Whether the search goes on until a command ends it.
    pub(super) fn waits(self) -> bool {
        !self.stopped && (self.infinite || self.ponder)
    }
}

/// The commands that have come in and wait.
pub(super) struct Inbox<'a> {
    lines: &'a Receiver<Input>,
    waiting: VecDeque<Order>,
    /// Bytes of the commands that wait.
    bytes: usize,
    /// Whether no more commands will come.
    ended: bool,
}

impl<'a> Inbox<'a> {
    pub(super) fn new(lines: &'a Receiver<Input>) -> Inbox<'a> {
        Inbox { lines, waiting: VecDeque::new(), bytes: 0, ended: false }
    }

    /// The next command; waits if none has come yet. `None` if no more will come.
    pub(super) fn next(&mut self) -> Option<Order> {
        if let Some(order) = self.waiting.pop_front() {
            self.bytes -= order.input.bytes();
            return Some(order);
        }
        if self.ended {
            return None;
        }
        self.lines.recv().ok().map(Order::new)
    }

    /// Called when a search begins: the commands that wait behind it act on `running`. Returns the questions that are to be
    /// answered at once.
    pub(super) fn begin(&mut self, running: &mut Running) -> Vec<Input> {
        self.bytes = 0;
        let waiting = std::mem::take(&mut self.waiting);
        let questions = waiting.into_iter().filter_map(|order| self.arrive(order, running)).collect();
        running.stopped |= self.ended && running.waits();
        questions
    }

    /// Takes in the commands that have come since the last call and has them act on `running`. Returns the questions that are to be
    /// answered at once. With `block` it waits for the first command.
    pub(super) fn poll(&mut self, running: &mut Running, block: bool) -> Vec<Input> {
        let mut questions = Vec::new();
        let mut block = block && running.waits();
        while !self.ended && self.waiting.len() < MOST_WAITING && self.bytes < MOST_WAITING_BYTES {
            let line =
                if block { self.lines.recv().map_err(|_| TryRecvError::Disconnected) } else { self.lines.try_recv() };
            match line {
                Ok(line) => questions.extend(self.arrive(Order::new(line), running)),
                Err(TryRecvError::Disconnected) => self.ended = true,
                Err(TryRecvError::Empty) => break,
            }
            block = false;
        }
        running.stopped |= self.ended && running.waits();
        questions
    }

    /// Takes in a command while a search runs. Returns it if it is a question to be answered at once.
    fn arrive(&mut self, order: Order, running: &mut Running) -> Option<Input> {
        let kind = order.input.kind();
        match kind {
            Kind::Stop => self.stop(running),
            Kind::PonderHit => match self.waiting.iter_mut().rfind(|order| order.is_go()) {
                Some(go) => go.hit = true,
                None => running.ponder = false,
            },
            // If the search is about to end, its answer comes first.
            Kind::IsReady if !running.stopped => return Some(order.input),
            Kind::Question if !running.stopped && self.waiting.is_empty() => return Some(order.input),
            Kind::Quit => {
                self.stop(running);
                self.ended = true;
                self.wait(order);
            }
            Kind::Change => {
                running.stopped |= running.waits();
                self.wait(order);
            }
            Kind::IsReady | Kind::Question => self.wait(order),
        }
        None
    }

    fn wait(&mut self, order: Order) {
        self.bytes += order.input.bytes();
        self.waiting.push_back(order);
    }

    /// Tells all searches that were asked for so far to end.
    fn stop(&mut self, running: &mut Running) {
        running.stopped = true;
        self.waiting.iter_mut().for_each(|order| order.stopped = true);
    }
}
