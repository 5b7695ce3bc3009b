//! Files that are either whole or not there.

use std::io::Write as _;
use std::path::Path;

use crate::SelectionError;

/// Writes to a temporary name beside `path`, syncs and renames.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), SelectionError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let write = || {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        std::fs::File::open(folder)?.sync_all()
    };
    write().map_err(|e: std::io::Error| SelectionError::file(path, "write", e))
}

/// Reads a file of at most `limit` bytes.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, SelectionError> {
    let size = std::fs::metadata(path).map_err(|e| SelectionError::file(path, "read", e))?.len();
    if size > limit {
        return Err(SelectionError::damaged(path, format!("{size} bytes are more than the {limit} expected at most")));
    }
    std::fs::read(path).map_err(|e| SelectionError::file(path, "read", e))
}
