//! Why a stress run stopped, or a game cannot be solved.

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
    /// A weight file is missing or damaged.
    #[error(transparent)]
    Weights(#[from] evaluator::WeightsError),
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
        error: OracleError,
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
    /// What the system said, if it was the system that refused.
    #[must_use]
    pub fn io(&self) -> Option<&std::io::Error> {
        match self {
            RegimeError::File { error, .. } => Some(error),
            RegimeError::Weights(error) => error.io(),
            _ => None,
        }
    }

    pub(crate) fn file(path: &Path, action: &'static str, error: std::io::Error) -> RegimeError {
        RegimeError::File { path: path.to_owned(), action, error }
    }

    pub(crate) fn damaged(path: &Path, message: impl Into<String>) -> RegimeError {
        RegimeError::Damaged { path: path.to_owned(), message: message.into() }
    }
}

/// Why a game cannot be solved.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OracleError {
    /// The game is too large.
    #[error("{variant}: more than {most} positions can come about")]
    TooMany {
        /// The variant's name.
        variant: String,
        /// The largest number allowed.
        most: usize,
    },
    /// Equal positions need not be worth the same.
    #[error(
        "{variant}: under `{key}` more than the position decides, which an oracle does not see; take it out (the n-move rule by `nMoveRule = 0`)"
    )]
    Remembers {
        /// The variant's name.
        variant: String,
        /// The key in the rule file.
        key: &'static str,
    },
    /// Endings are worth something between a draw and a win, or the ply counts.
    #[error(
        "{variant}: an oracle solves games whose endings are worth -1, 0 or 1 whenever they come; take the payoff out"
    )]
    Payoff {
        /// The variant's name.
        variant: String,
    },
}
