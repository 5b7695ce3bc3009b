//! External engines as text.

use std::fmt;
use std::time::Duration;

/// An external engine and how it plays.
#[derive(Clone, Debug, PartialEq)]
pub struct UciSpec {
    /// The command line as it was given.
    pub command: String,
    /// The command line in words; the first one is the program.
    pub words: Vec<String>,
    /// What the engine is called in records; its specification if not given.
    pub name: Option<String>,
    /// When it stops thinking.
    pub limits: UciLimits,
    /// How much more than its time an engine may take for a move.
    pub time_margin: Duration,
    /// How long an engine may think where no clock runs.
    pub timeout: Duration,
    /// How long it may take to start and to say that it is ready.
    pub start_timeout: Duration,
    /// UCI options by name.
    pub options: Vec<(String, String)>,
    /// A rule file for the engine's option `VariantPath`.
    pub variant_path: Option<String>,
}

/// When an engine stops thinking about a move; at least one limit is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UciLimits {
    /// Nodes.
    pub nodes: Option<u64>,
    /// Plies.
    pub depth: Option<u32>,
    /// Time for the move, in milliseconds.
    pub movetime: Option<u64>,
    /// A clock for the game.
    pub clock: Option<TimeControl>,
}

/// A sudden-death clock with increment (Fischer).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeControl {
    /// Milliseconds for the game.
    pub base: u64,
    /// Milliseconds gained with each move.
    pub increment: u64,
}

/// [`UciSpec::time_margin`] unless told otherwise.
pub(crate) const DEFAULT_MARGIN: Duration = Duration::from_millis(100);
/// [`UciSpec::timeout`] and [`UciSpec::start_timeout`] unless told otherwise.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);
/// The longest times that can be asked for, in seconds.
const MAX_SECONDS: f64 = 1e6;

/// A number of seconds, to the millisecond.
pub(crate) fn seconds(text: &str) -> Option<Duration> {
    let seconds = text.parse::<f64>().ok().filter(|s| (0.0..=MAX_SECONDS).contains(s))?;
    Some(Duration::from_millis((1000.0 * seconds).round() as u64))
}

impl TimeControl {
    /// Reads `BASE+INCREMENT` or `BASE`, in seconds.
    pub(crate) fn read(text: &str) -> Option<TimeControl> {
        let (base, increment) = text.split_once('+').unwrap_or((text, "0"));
        let [base, increment] = [seconds(base)?, seconds(increment)?].map(|time| time.as_millis() as u64);
        (base > 0).then_some(TimeControl { base, increment })
    }
}

/// The specification with its limits and what else differs from the defaults: equal players have equal names.
impl fmt::Display for UciSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let UciLimits { nodes, depth, movetime, clock } = self.limits;
        let mut parts = Vec::new();
        let mut part =
            |key: &str, value: Option<String>| parts.extend(value.map(|v| format!("{key}={}", v.replace(',', "\\,"))));
        part("nodes", nodes.map(|n| n.to_string()));
        part("depth", depth.map(|n| n.to_string()));
        part("movetime", movetime.map(|n| n.to_string()));
        let seconds = |ms: u64| ms as f64 / 1000.0;
        part("tc", clock.map(|c| format!("{}+{}", seconds(c.base), seconds(c.increment))));
        part("timemargin", (self.time_margin != DEFAULT_MARGIN).then(|| self.time_margin.as_millis().to_string()));
        part("timeout", (self.timeout != DEFAULT_TIMEOUT).then(|| self.timeout.as_secs_f64().to_string()));
        part(
            "starttimeout",
            (self.start_timeout != DEFAULT_TIMEOUT).then(|| self.start_timeout.as_secs_f64().to_string()),
        );
        for (name, value) in &self.options {
            part(&format!("option.{name}"), Some(value.clone()));
        }
        part("variant_path", self.variant_path.clone());
        part("name", self.name.clone());
        write!(f, "uci:{}@{}", self.command, parts.join(","))
    }
}
