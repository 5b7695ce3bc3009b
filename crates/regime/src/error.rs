//! Why a stress run stopped, or a game cannot be solved.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a stress run stopped.
#[derive(Debug, Error)]
pub enum RegimeError {
    /// The suite makes no sense, or asks for what there is not.
    #[error("suite {suite}: {message}")]
    Suite {
        /// File, or name of the built-in suite.
        suite: String,
        /// Which table and key, what was found there, and what is allowed.
        message: String,
    },
    /// The rules of a base or a shift make no game.
    #[error(transparent)]
    Rules(#[from] rules::RuleError),
    /// A weight file is missing or damaged.
    #[error(transparent)]
    Weights(#[from] evaluator::WeightsError),
    /// A match cannot be played.
    #[error(transparent)]
    Match(#[from] arena::MatchError),
    /// An external engine failed in a game. A point that was won by this says nothing about the rules.
    #[error(
        "shift {shift}: the engine lost a game by its own failure ({failure}); take its matches out under this shift"
    )]
    Engine {
        /// Name of the shift.
        shift: String,
        /// What the engine did.
        failure: String,
    },
    /// The game that a probe judges by cannot be solved.
    #[error("probe {probe}: {error}")]
    Oracle {
        /// Name of the probe.
        probe: String,
        /// Why the game cannot be solved.
        error: OracleError,
    },
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] files::FileError),
    /// Cells could not be shared with others, or others are to play theirs first.
    #[error(transparent)]
    Work(#[from] work::WorkError),
    /// A file of the run directory is not what it should be.
    #[error("{path}: {message}")]
    Damaged {
        /// Path of the file.
        path: PathBuf,
        /// What is wrong, and what helps.
        message: String,
    },
}

impl RegimeError {
    /// What the operating system said, if the run stopped because it refused something.
    #[must_use]
    pub fn io(&self) -> Option<&std::io::Error> {
        match self {
            RegimeError::File(file) => Some(&file.error),
            RegimeError::Weights(error) => error.io(),
            _ => None,
        }
    }

    pub(crate) fn damaged(path: &Path, message: impl Into<String>) -> RegimeError {
        RegimeError::Damaged { path: path.to_owned(), message: message.into() }
    }
}

/// Why a game cannot be solved.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OracleError {
    /// More positions can come about than are allowed.
    #[error("{variant}: more than {most} positions can come about")]
    TooMany {
        /// The variant's name.
        variant: String,
        /// The largest number allowed.
        most: usize,
    },
    /// The rules remember more than the position, so that equal positions need not be worth the same.
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
