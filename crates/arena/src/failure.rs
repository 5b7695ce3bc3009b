//! How players fail, and how many games that cost them.

use std::fmt;

use rules::Color;
use serde::{Deserialize, Serialize};

/// What a player did instead of making a legal move in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// It overstepped its time.
    Time,
    /// It did not answer.
    Hang,
    /// Its process ended, or closed its output.
    Crash,
    /// It wrote more than a player may.
    Flood,
    /// It named a move that is illegal or cannot be read.
    Illegal,
    /// It named no move although there are some: it resigned, or claimed that the game was over.
    NoMove,
}

impl FailureKind {
    /// The value of the PGN tag `Termination` for a game that ended so (PGN standard, 9.8.1).
    #[must_use]
    pub const fn termination(self) -> &'static str {
        match self {
            FailureKind::Time => "time forfeit",
            FailureKind::Hang | FailureKind::Crash => "abandoned",
            FailureKind::Flood | FailureKind::Illegal | FailureKind::NoMove => "rules infraction",
        }
    }
}

/// A failure, which loses the game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure.
    pub kind: FailureKind,
    /// What happened, in words that follow the player's name, such as `exited (exit status: 3) before bestmove`.
    pub reason: String,
    /// The end of what the player's process wrote to its standard error; empty where there is nothing.
    pub stderr: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)?;
        if self.stderr.is_empty() { Ok(()) } else { write!(f, "; stderr: {}", self.stderr) }
    }
}

/// A game lost by a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forfeit {
    /// The side that failed.
    pub loser: Color,
    /// How it failed.
    pub failure: Failure,
}

/// Games that a player forfeited, by kind of failure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forfeits {
    /// See [`FailureKind::Time`].
    pub time: u64,
    /// See [`FailureKind::Hang`].
    pub hang: u64,
    /// See [`FailureKind::Crash`].
    pub crash: u64,
    /// See [`FailureKind::Flood`].
    pub flood: u64,
    /// See [`FailureKind::Illegal`].
    pub illegal: u64,
    /// See [`FailureKind::NoMove`].
    pub no_move: u64,
}

impl Forfeits {
    /// Counts one more game.
    pub(crate) fn add(&mut self, kind: FailureKind) {
        *match kind {
            FailureKind::Time => &mut self.time,
            FailureKind::Hang => &mut self.hang,
            FailureKind::Crash => &mut self.crash,
            FailureKind::Flood => &mut self.flood,
            FailureKind::Illegal => &mut self.illegal,
            FailureKind::NoMove => &mut self.no_move,
        } += 1;
    }

    fn counts(&self) -> [(u64, &'static str); 6] {
        [
            (self.time, "time"),
            (self.hang, "hang"),
            (self.crash, "crash"),
            (self.flood, "flood"),
            (self.illegal, "illegal move"),
            (self.no_move, "no move"),
        ]
    }

    /// The number of games forfeited for any reason.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts().iter().map(|(count, _)| count).sum()
    }
}

/// Writes the number of games and of each kind: `3 (2 crash, 1 time)`.
impl fmt::Display for Forfeits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.counts().map(|(count, kind)| (count > 0).then(|| format!("{count} {kind}")));
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        write!(f, "{}", self.total())?;
        if parts.is_empty() { Ok(()) } else { write!(f, " ({})", parts.join(", ")) }
    }
}
