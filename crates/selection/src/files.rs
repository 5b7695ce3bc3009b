//! Files that are either whole or not there.

use std::io::Write as _;
use std::path::Path;

use atomic_write_file::AtomicWriteFile;
use sha2::{Digest as _, Sha256};

use crate::SelectionError;

/// Writes to a temporary name beside `path`, syncs and renames.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), SelectionError> {
    let write = || {
        let mut file = AtomicWriteFile::open(path)?;
        file.write_all(bytes)?;
        file.commit()
    };
    write().map_err(|e| SelectionError::file(path, "write", e))
}

/// Reads a file of at most `limit` bytes.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, SelectionError> {
    let size = std::fs::metadata(path).map_err(|e| SelectionError::file(path, "read", e))?.len();
    if size > limit {
        return Err(SelectionError::damaged(path, format!("{size} bytes are more than the {limit} expected at most")));
    }
    std::fs::read(path).map_err(|e| SelectionError::file(path, "read", e))
}

/// Hash of a file's bytes, as `sha256sum` prints it.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}
