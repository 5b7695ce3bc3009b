//! The specification of an external engine.

use std::fmt;
use std::time::Duration;

use super::clock::TimeControl;

/// An external engine and how it plays.
#[derive(Clone, Debug, PartialEq)]
pub struct UciSpec {
    /// The command line as it was given.
    pub command: String,
    /// The command line in words; the first one is the program.
    pub words: Vec<String>,
    /// The name of the engine in records; its specification if none is given.
    pub name: Option<String>,
    /// When it stops thinking.
    pub limits: UciLimits,
    /// How much longer than its time an engine may take for a move.
    pub time_margin: Duration,
    /// How long an engine may think where it has no time limit.
    pub timeout: Duration,
    /// How long an engine may take to start and to say that it is ready.
    pub start_timeout: Duration,
    /// UCI options by name.
    pub options: Vec<(String, String)>,
    /// A rule file for the engine's option `VariantPath`.
    pub variant_path: Option<String>,
}

/// When an engine stops thinking about a move. At least one limit is set.
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

/// The value of [`UciSpec::time_margin`] unless told otherwise.
pub(crate) const DEFAULT_MARGIN: Duration = Duration::from_millis(100);
/// The value of [`UciSpec::timeout`] and [`UciSpec::start_timeout`] unless told otherwise.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);
/// The specification with its limits and with all values that differ from the defaults, so that equal players have equal names.
impl fmt::Display for UciSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let UciLimits { nodes, depth, movetime, clock } = self.limits;
        let mut parts = Vec::new();
        let mut part =
            |key: &str, value: Option<String>| parts.extend(value.map(|v| format!("{key}={}", v.replace(',', "\\,"))));
        part("nodes", nodes.map(|n| n.to_string()));
        part("depth", depth.map(|n| n.to_string()));
        part("movetime", movetime.map(|n| n.to_string()));
        part("tc", clock.map(|c| c.to_string()));
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
