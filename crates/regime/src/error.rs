//! Why a stress run stopped.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a stress run stopped.
#[derive(Debug, Error)]
pub enum RegimeError {
    /// The suite is wrong.
    #[error("suite {suite}: {message}")]
    Suite {
        /// File, or name of the built-in suite.
        suite: String,
        /// Where, and what would be right.
        message: String,
    },
    /// A shift's rules make no game.
    #[error(transparent)]
    Rules(#[from] rules::RuleError),
    /// A weight file is missing, damaged or does not fit.
    #[error("{what}: {error}")]
    Weights {
        /// Who wanted it.
        what: String,
        /// What is wrong.
        error: evaluator::WeightsError,
    },
    /// No openings.
    #[error(transparent)]
    Openings(#[from] arena::OpeningError),
    /// A match cannot be played.
    #[error(transparent)]
    Match(#[from] arena::MatchError),
    /// The external engine failed in a game, which then counts for nobody.
    #[error(
        "shift {shift}: the engine lost a game by its own failure ({failure}); take its matches out under this shift"
    )]
    Engine {
        /// The shift.
        shift: String,
        /// What the engine did.
        failure: String,
    },
    /// The game that a probe judges by cannot be solved.
    #[error("probe {probe}: {error}")]
    Oracle {
        /// The probe.
        probe: String,
        /// Why not.
        error: crate::oracle::OracleError,
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
}

impl RegimeError {
    pub(crate) fn file(path: &Path, action: &'static str, error: std::io::Error) -> RegimeError {
        RegimeError::File { path: path.to_owned(), action, error }
    }

    pub(crate) fn damaged(path: &Path, message: impl Into<String>) -> RegimeError {
        RegimeError::Damaged { path: path.to_owned(), message: message.into() }
    }
}
