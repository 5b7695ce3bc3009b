#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
// Code that only training calls is compiled without `torch` too, so that its tests run everywhere. Dead code is looked for with `torch`.
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
mod units;

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
pub use units::{JOB, do_unit};

/// Why a selection run stopped.
#[derive(Debug, Error)]
pub enum SelectionError {
    /// The configuration is wrong.
    #[error("{source_name}: {message}")]
    Config {
        /// File, or name of the built-in configuration.
        source_name: String,
        /// The line and the key that are wrong, and what is allowed there.
        message: String,
    },
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] files::FileError),
    /// A file or folder of the run directory is damaged, or belongs to another run.
    #[error("{path}: {message}")]
    Damaged {
        /// Path of the file or folder.
        path: PathBuf,
        /// What is wrong, and what helps.
        message: String,
    },
    /// The loss of a gradient step is not a finite number.
    #[error(
        "the loss is not a finite number at step {step}; lower the learning rate (the champion of the last generation is kept)"
    )]
    Diverged {
        /// Number of the gradient step, from 1, counted through all generations.
        step: u64,
    },
    /// The rules make no game.
    #[error(transparent)]
    Rules(#[from] rules::RuleError),
    /// A weight file is damaged, or a network does not fit the rules.
    #[error(transparent)]
    Weights(#[from] evaluator::WeightsError),
    /// The openings of the gate cannot be made.
    #[error(transparent)]
    Openings(#[from] arena::OpeningError),
    /// A match cannot be played.
    #[error(transparent)]
    Match(#[from] arena::MatchError),
    /// Work could not be shared with others, or others are to do theirs first.
    #[error(transparent)]
    Work(#[from] work::WorkError),
}

impl SelectionError {
    /// What the operating system said, if the run stopped because it refused something.
    #[must_use]
    pub fn io(&self) -> Option<&std::io::Error> {
        match self {
            SelectionError::File(file) => Some(&file.error),
            SelectionError::Weights(error) => error.io(),
            _ => None,
        }
    }

    pub(crate) fn damaged(path: &Path, message: String) -> SelectionError {
        SelectionError::Damaged { path: path.to_owned(), message }
    }
}
