//! The error of an operation on a file, with the path of that file.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// An operation on a file or folder that failed. The functions of this crate return plain [`std::io::Error`]s; callers wrap them in this
/// error, which names the path.
#[derive(Debug, Error)]
#[error("{path}: cannot {action}: {error}")]
pub struct FileError {
    /// Path of the file or folder.
    pub path: PathBuf,
    /// What was tried: a verb, such as `read`.
    pub action: &'static str,
    /// What the operating system said, or why the file was refused.
    pub error: std::io::Error,
}

impl FileError {
    /// The error for `path`, at which `action`, a verb, failed with `error`.
    #[must_use]
    pub fn new(path: &Path, action: &'static str, error: std::io::Error) -> FileError {
        FileError { path: path.to_owned(), action, error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_comes_first() {
        let error = FileError::new(Path::new("a/b"), "read", std::io::Error::other("is a device"));
        assert_eq!(error.to_string(), "a/b: cannot read: is a device");
    }
}
