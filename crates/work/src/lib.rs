#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod folder;
mod unit;

use std::path::PathBuf;

use thiserror::Error;

pub use folder::{Folder, Job, Sharing, job_files};
pub use unit::{Unit, hash_of, open, seal};

/// Why units cannot be shared, or a result is not taken in.
#[derive(Debug, Error)]
pub enum WorkError {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] files::FileError),
    /// A file of the folder is damaged.
    #[error("{path}: {message}")]
    Damaged {
        /// Path of the file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A result that is not that of the unit.
    #[error("unit {unit}: {message}")]
    Result {
        /// Id of the unit.
        unit: String,
        /// What is wrong.
        message: String,
    },
    /// Others have units to do before the run can go on ([`Sharing::Stop`]).
    #[error("{0} units of work are to be done first: `interregnum work DIR --list` names them")]
    Pending(usize),
    /// Asked to stop while waiting for others.
    #[error("stopped while waiting for units of work")]
    Stopped,
}
