//! Files of a run directory, with errors that name them.

use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::SelectionError;

/// [`files::write`].
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), SelectionError> {
    files::write(path, bytes).map_err(|e| SelectionError::file(path, "write", e))
}

/// [`files::read`].
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, SelectionError> {
    files::read(path, limit).map_err(|e| SelectionError::file(path, "read", e))
}

/// Hash of a file's bytes, as `sha256sum` prints it.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}
