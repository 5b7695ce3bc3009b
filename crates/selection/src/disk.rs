//! Files of a run directory. Errors name the file.

use std::path::Path;

use files::FileError;
use sha2::{Digest as _, Sha256};

/// Writes a file whole or not at all, as [`files::write`] does.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    files::write(path, bytes).map_err(|e| FileError::new(path, "write", e))
}

/// Reads a file of at most `limit` bytes, as [`files::read`] does.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    files::read(path, limit).map_err(|e| FileError::new(path, "read", e))
}

/// SHA-256 of a file's bytes in 64 hexadecimal digits, as `sha256sum` prints it.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}
