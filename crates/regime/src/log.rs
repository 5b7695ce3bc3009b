//! Logs of a run directory: JSON Lines that grow by whole parts, and are read back after an interruption.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::RegimeError;
use crate::results::PairRow;

/// The largest log that is read back, in bytes.
const MAX_BYTES: u64 = 1 << 30;

/// The whole lines of a log, none if there is no file; a torn last one is dropped.
///
/// # Errors
/// If the file cannot be read, a line is damaged, or belongs to another configuration.
pub(crate) fn read<T: DeserializeOwned>(
    path: &Path,
    config: &str,
    config_of: impl Fn(&T) -> &str,
) -> Result<Vec<T>, RegimeError> {
    let bytes = match files::read(path, MAX_BYTES) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(|e| RegimeError::file(path, "read", e))?,
    };
    let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(&[][..], |end| &bytes[..=end]);
    let text = std::str::from_utf8(whole).map_err(|_| RegimeError::damaged(path, "is not UTF-8 text"))?;
    let mut rows = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let wrong = |message: String| damaged_row(path, i, message);
        let row: T = serde_json::from_str(line).map_err(|e| wrong(e.to_string()))?;
        let found = config_of(&row);
        if found != config {
            return Err(wrong(format!(
                "belongs to configuration {found}, not {config}: suite, rules or weights have changed; choose another directory"
            )));
        }
        rows.push(row);
    }
    Ok(rows)
}

/// The error for a row, counted from 0, that is not what it should be.
pub(crate) fn damaged_row(path: &Path, row: usize, message: impl std::fmt::Display) -> RegimeError {
    RegimeError::damaged(path, format!("line {}: {message}", row + 1))
}

/// The pairs of a run directory, finished or not; none where there is no `results.jsonl`.
///
/// # Errors
/// If the file cannot be read, or a line is damaged.
pub fn pairs(folder: &Path) -> Result<Vec<PairRow>, RegimeError> {
    read(&folder.join("results.jsonl"), "", |_: &PairRow| "")
}

/// Appends to a log.
pub(crate) struct Writer {
    path: PathBuf,
    file: File,
}

impl Writer {
    /// Begins the log with these rows, in place of what it holds.
    pub(crate) fn create<T: Serialize>(path: &Path, rows: &[T]) -> Result<Writer, RegimeError> {
        // What is no regular file is refused before anything is written to it.
        files::append(path).map_err(|e| RegimeError::file(path, "write", e))?;
        write_file(path, lines(rows).as_bytes())?;
        let file = files::append(path).map_err(|e| RegimeError::file(path, "write", e))?;
        Ok(Writer { path: path.to_owned(), file })
    }

    /// Adds rows, which are on disk when this returns.
    pub(crate) fn append<T: Serialize>(&mut self, rows: &[T]) -> Result<(), RegimeError> {
        let written = self.file.write_all(lines(rows).as_bytes()).and_then(|()| self.file.sync_data());
        written.map_err(|e| RegimeError::file(&self.path, "write", e))
    }
}

fn lines<T: Serialize>(rows: &[T]) -> String {
    rows.iter().map(|r| serde_json::to_string(r).expect("plain data") + "\n").collect()
}

/// [`files::write`], with an error that names the file.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), RegimeError> {
    files::write(path, bytes).map_err(|e| RegimeError::file(path, "write", e))
}
