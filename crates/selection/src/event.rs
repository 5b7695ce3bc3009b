//! The event log of a run, the log of its times, and reports of its progress.

use std::path::{Path, PathBuf};

use arena::stats::PairScores;
use serde::{Deserialize, Serialize};

use crate::population::{Member, Trial};
use crate::self_play::Tally;
use crate::{SelectionError, disk};

/// The largest event log that is read back, in bytes.
pub(crate) const MAX_LOG_BYTES: u64 = 1 << 28;

/// One line of `events.jsonl`: a finished generation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Generation {
    /// Number, from 1.
    pub generation: u32,
    /// Hash of the run's configuration.
    pub config: String,
    /// Hashes of the rules, the variant's own first.
    pub rules: Vec<String>,
    /// Hash of the weights that played the games: those of the champion before this generation.
    pub parent: String,
    /// Counts of the games of self-play.
    pub self_play: Tally,
    /// All candidates with their results, in the order of the population.
    pub trials: Vec<Trial>,
    /// Index, in `trials`, of the candidate with the highest score in the gate.
    pub best: usize,
    /// Whether the best candidate became champion.
    pub accepted: bool,
    /// Hash of the champion's weights after this generation.
    pub champion: String,
    /// The champion's `cpuct`, used in self-play and in gates.
    pub cpuct: f32,
    /// The candidates of the next generation.
    pub next: Vec<Member>,
}

impl Generation {
    /// The candidate with the highest score in the gate.
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

/// One line of `clock.jsonl`: the time that a generation took. No result depends on it, since times differ from run to run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Times {
    /// Number of the generation, from 1.
    pub generation: u32,
    /// Wall-clock seconds of self-play; 0 if the games were found on disk.
    pub self_play_seconds: f64,
    /// Wall-clock seconds of training, summed over the candidates.
    pub training_seconds: f64,
    /// Wall-clock seconds of the gate, summed over the candidates.
    pub gate_seconds: f64,
    /// Processor seconds of the whole generation, summed over all threads.
    pub cpu_seconds: f64,
}

impl Times {
    /// Wall-clock seconds of self-play, training and gate together.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.self_play_seconds + self.training_seconds + self.gate_seconds
    }
}

/// A report of progress.
pub enum Progress<'a> {
    /// A game of self-play has ended. Holds the counts of all games of the generation that have ended, and the number of games planned.
    SelfPlay(&'a Tally, u32),
    /// A candidate has taken a gradient step. Holds the number of the step in this training, from 1, the number of steps planned, the value
    /// loss and the policy loss, both in nats.
    Training(u64, u64, f64, f64),
    /// A pair of games of a gate has ended. Holds the scores of all pairs that have ended, and the most pairs that are played.
    Gate(&'a PairScores, u32),
    /// A generation is finished.
    Generation(&'a Generation, &'a Times),
}

/// The result of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSummary {
    /// Hash of the champion's weights.
    pub champion: String,
    /// Path of the champion's weight file.
    pub path: PathBuf,
    /// Generations that this call has run, without those that were finished before.
    pub generations: u32,
}

/// Reads an event log, `events.jsonl`.
///
/// # Errors
/// If the file cannot be read, a line is no generation, or the generations are not numbered 1, 2, 3 and so on.
pub fn read_events(path: &Path) -> Result<Vec<Generation>, SelectionError> {
    let damaged = |line: usize, what: String| SelectionError::damaged(path, format!("line {line}: {what}"));
    let text = String::from_utf8(disk::read(path, MAX_LOG_BYTES)?)
        .map_err(|_| SelectionError::damaged(path, "is not UTF-8 text".to_owned()))?;
    text.lines()
        .enumerate()
        .map(|(i, line)| {
            let g: Generation = serde_json::from_str(line).map_err(|e| damaged(i + 1, e.to_string()))?;
            let sound = g.generation == i as u32 + 1 && g.best < g.trials.len();
            if sound { Ok(g) } else { Err(damaged(i + 1, format!("is not generation {} of a run", i + 1))) }
        })
        .collect()
}

/// Reads the times of generations from `clock.jsonl`. If a generation was run again after a kill, its last times count.
///
/// # Errors
/// If the file cannot be read, or a line other than the last is not the times of a generation. A damaged last line is ignored, because a
/// kill may have cut it short.
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
