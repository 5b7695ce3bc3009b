//! Why a network or its file was refused.

use std::path::PathBuf;

use files::FileError;
use thiserror::Error;

/// Why a network or its file was refused.
#[derive(Debug, Error)]
pub enum WeightsError {
    /// The file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file is no weight file, or was changed after it was written.
    #[error("{path}: not a sound weight file: {message}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A tensor is wrong.
    #[error("tensor {name} {message}")]
    Tensor {
        /// Its name.
        name: String,
        /// What was found, and what was expected.
        message: String,
    },
    /// Sizes are out of range or do not fit.
    #[error("{0}")]
    Shape(String),
    /// There is no weight file of that name.
    #[error("there is no weight file `{name}`; looked for {places}")]
    Missing {
        /// The name.
        name: String,
        /// All places that were looked at.
        places: String,
    },
}

impl WeightsError {
    /// The error of the system, where the system has refused to read or write.
    #[must_use]
    pub fn io(&self) -> Option<&std::io::Error> {
        match self {
            WeightsError::File(file) => Some(&file.error),
            _ => None,
        }
    }
}
