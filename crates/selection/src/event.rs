//! What a run says of itself: the event log, and progress.

use std::path::{Path, PathBuf};

use arena::stats::PairScores;
use serde::{Deserialize, Serialize};

use crate::population::{Member, Trial};
use crate::self_play::Tally;
use crate::{SelectionError, disk};

/// The largest event log that is read back, in bytes.
pub(crate) const MAX_LOG_BYTES: u64 = 1 << 28;

/// One line of `events.jsonl`: a generation that is over. The lineage of the champion can be read off these lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Generation {
    /// Number, from 1.
    pub generation: u32,
    /// Configuration hash of the run.
    pub config: String,
    /// Hashes of the rules.
    pub rules: Vec<String>,
    /// Weights that played the games: the champion before.
    pub parent: String,
    /// Self-play.
    pub self_play: Tally,
    /// All candidates with what they came to, in the order of the population.
    pub trials: Vec<Trial>,
    /// The candidate that did best.
    pub best: usize,
    /// Whether it became champion.
    pub accepted: bool,
    /// Weights of the champion after this generation.
    pub champion: String,
    /// The champion's weight of exploration, for self-play and gates.
    pub cpuct: f32,
    /// The candidates of the next generation.
    pub next: Vec<Member>,
}

impl Generation {
    /// The candidate that did best.
    #[must_use]
    pub fn winner(&self) -> &Trial {
        &self.trials[self.best]
    }

    /// Gradient steps of all candidates.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.trials.iter().map(|t| t.steps).sum()
    }
}

/// One line of `clock.jsonl`, which nothing is computed from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Times {
    /// Generation that ended.
    pub generation: u32,
    /// Wall-clock seconds of self-play; 0 if the games were found on disk.
    pub self_play_seconds: f64,
    /// Wall-clock seconds of training.
    pub training_seconds: f64,
    /// Wall-clock seconds of the gate.
    pub gate_seconds: f64,
    /// Processor seconds of all threads.
    pub cpu_seconds: f64,
}

impl Times {
    /// Wall-clock seconds of all stages.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.self_play_seconds + self.training_seconds + self.gate_seconds
    }
}

/// What a run tells while it goes on.
pub enum Progress<'a> {
    /// Games of self-play that have ended, of how many, with what they add up to.
    SelfPlay(&'a Tally, u32),
    /// A gradient step of a candidate was taken: its number, of how many, with its losses.
    Training(u64, u64, f64, f64),
    /// Pairs of a gate that have ended, of at most how many, with their scores.
    Gate(&'a PairScores, u32),
    /// A generation is over.
    Generation(&'a Generation, &'a Times),
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSummary {
    /// Hash of the champion's weights.
    pub champion: String,
    /// The champion's file.
    pub path: PathBuf,
    /// Generations that were run now; those found finished do not count.
    pub generations: u32,
}

/// Reads an event log.
///
/// # Errors
/// If it cannot be read, or a line is not the generation that its place demands.
pub fn read_events(path: &Path) -> Result<Vec<Generation>, SelectionError> {
    let damaged = |line: usize, what: String| SelectionError::damaged(path, format!("line {line}: {what}"));
    let text = String::from_utf8(disk::read(path, MAX_LOG_BYTES)?)
        .map_err(|_| SelectionError::damaged(path, "is not UTF-8 text".to_owned()))?;
    text.lines()
        .enumerate()
        .map(|(i, line)| {
            let g: Generation = serde_json::from_str(line).map_err(|e| damaged(i + 1, e.to_string()))?;
            let sound = g.generation == i as u32 + 1 && g.best < g.trials.len();
            if sound { Ok(g) } else { Err(damaged(i + 1, "is not the next generation".to_owned())) }
        })
        .collect()
}

/// Reads what `clock.jsonl` says of generations; of one that was run again after a kill, the last.
///
/// # Errors
/// If it cannot be read, or a line (but the last, which a kill may have cut short) is not a generation's times.
pub fn read_times(path: &Path) -> Result<Vec<Times>, SelectionError> {
    let bytes = disk::read(path, MAX_LOG_BYTES)?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    let mut all: Vec<Times> = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        match serde_json::from_str::<Times>(line) {
            Ok(times) => {
                all.retain(|t| t.generation != times.generation);
                all.push(times);
            }
            Err(_) if i + 1 == lines.len() => {}
            Err(e) => return Err(SelectionError::damaged(path, format!("line {}: {e}", i + 1))),
        }
    }
    Ok(all)
}
