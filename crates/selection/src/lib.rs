#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
// What only training uses is tested without it as well; clippy looks for dead code with the feature on.
#![cfg_attr(not(feature = "torch"), allow(dead_code))]

#[cfg(feature = "torch")]
mod batch;
#[cfg(feature = "torch")]
mod calibration;
mod config;
mod disk;
mod event;
#[cfg(feature = "torch")]
mod generation;
mod pages;
#[cfg(feature = "torch")]
mod policy;
mod population;
mod regimes;
#[cfg(feature = "torch")]
mod run;
mod samples;
mod self_play;
mod shard;
#[cfg(feature = "torch")]
mod symmetry;
#[cfg(feature = "torch")]
mod trainer;

use std::path::{Path, PathBuf};

use thiserror::Error;

pub use config::{
    Config, GateConfig, NetworkConfig, PopulationConfig, RegimeConfig, ResignConfig, SelfPlayConfig, TrainingConfig,
};
pub use event::{Generation, Progress, RunSummary, Times, read_events, read_times};
pub use population::{Genome, Member, Trial};
pub use regimes::{Regime, regimes};
#[cfg(feature = "torch")]
pub use run::{Run, Start};
pub use samples::{NO_PROMOTION, NO_WALL, Samples};
pub use self_play::{Games, Row, Tally, play_games};
pub use shard::{PlayedMove, read_moves};
#[cfg(feature = "torch")]
pub use trainer::{Losses, Step, Trainer};

/// Why a selection run stopped.
#[derive(Debug, Error)]
pub enum SelectionError {
    /// The configuration is wrong.
    #[error("{source_name}: {message}")]
    Config {
        /// File, or name of the built-in configuration.
        source_name: String,
        /// Line, key and what would be right.
        message: String,
    },
    /// A file could not be read or written.
    #[error("{path}: cannot {action}: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system said.
        error: std::io::Error,
    },
    /// A file of the run directory is not what it should be.
    #[error("{path}: {message}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what helps.
        message: String,
    },
    /// The loss is no longer a number.
    #[error(
        "the loss is not a number any more at step {step}; the champion of the last generation stands, lower the learning rate"
    )]
    Diverged {
        /// Training step.
        step: u64,
    },
    /// Rules that make no game.
    #[error(transparent)]
    Rules(#[from] rules::RuleError),
    /// A weight file or network that does not fit.
    #[error(transparent)]
    Weights(#[from] evaluator::WeightsError),
    /// No openings for the gate.
    #[error(transparent)]
    Openings(#[from] arena::OpeningError),
    /// A match cannot be played.
    #[error(transparent)]
    Match(#[from] arena::MatchError),
}

impl SelectionError {
    /// What the system said, if it was the system that refused.
    #[must_use]
    pub fn io(&self) -> Option<&std::io::Error> {
        match self {
            SelectionError::File { error, .. } => Some(error),
            SelectionError::Weights(error) => error.io(),
            _ => None,
        }
    }

    pub(crate) fn file(path: &Path, action: &'static str, error: std::io::Error) -> SelectionError {
        SelectionError::File { path: path.to_owned(), action, error }
    }

    pub(crate) fn damaged(path: &Path, message: String) -> SelectionError {
        SelectionError::Damaged { path: path.to_owned(), message }
    }
}
