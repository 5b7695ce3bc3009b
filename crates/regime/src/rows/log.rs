//! Logs of a run directory: JSON Lines that grow by whole parts, each line chained to the one before.

use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use files::FileError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Extras, LogEnd};
use crate::error::RegimeError;
use crate::suite::check_rows;

/// The largest `run.json` and `extras.json` that are read back, in bytes.
const MAX_CARD_BYTES: u64 = 1 << 26;
/// The longest line of a log that is read back, in bytes. Names take at most a few hundred; an opening of 60 plies about as many.
const MAX_LINE_BYTES: u64 = 1 << 16;

/// A row with the hash that chains it to the row before: the first eight bytes, in hexadecimal digits, of the SHA-256 of the hash of the row before and
/// of this row. The first row is chained to the identity of the run.
#[derive(Serialize, Deserialize)]
struct Link<T> {
    #[serde(flatten)]
    row: T,
    chain: String,
}

fn chain(before: &str, row: &impl Serialize) -> String {
    hash(&[before.as_bytes(), &serde_json::to_vec(row).expect("plain data")])
}

/// The first eight bytes, in hexadecimal digits, of the SHA-256 of these bytes one after the other.
fn hash(parts: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    parts.iter().for_each(|part| digest.update(part));
    digest.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect()
}

/// The hash that a sequence of rows ends with.
pub(crate) fn last_link<T: Serialize>(identity: &str, rows: &[T]) -> String {
    rows.iter().fold(identity.to_owned(), |before, row| chain(&before, row))
}

/// Where a log of these rows ends.
pub(crate) fn log_end<T: Serialize>(identity: &str, rows: &[T]) -> LogEnd {
    LogEnd { rows: rows.len() as u64, chain: last_link(identity, rows) }
}

/// The whole rows of a log, none if there is no file; a torn last line is dropped.
///
/// # Errors
/// If the file cannot be read, a line is damaged, or a row does not follow the one before: it was changed, moved, repeated or taken out.
pub fn read_log<T: Serialize + DeserializeOwned>(path: &Path, identity: &str) -> Result<Vec<T>, RegimeError> {
    let failed = |e| FileError::new(path, "read", e);
    let mut file = match files::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        other => BufReader::new(other.map_err(failed)?),
    };
    let mut before = identity.to_owned();
    let mut rows = Vec::new();
    let mut line = Vec::new();
    loop {
        let i = rows.len();
        line.clear();
        let length = file.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line).map_err(failed)?;
        if line.pop() != Some(b'\n') {
            // At the end of the file this is a torn line.
            let whole = (length as u64) < MAX_LINE_BYTES;
            let message = format!("is longer than expected: at most {MAX_LINE_BYTES} bytes are read");
            return if whole { Ok(rows) } else { Err(damaged_row(path, i, message)) };
        }
        check_rows(i + 1).map_err(|message| RegimeError::damaged(path, message))?;
        let text = std::str::from_utf8(&line).map_err(|_| damaged_row(path, i, "is not UTF-8 text"))?;
        let Link { row, chain: found } = parse(text).map_err(|message| damaged_row(path, i, message))?;
        before = chain(&before, &row);
        if before != found {
            let message = "does not follow the line before it: rows were changed, moved, repeated or taken out, or are of another run";
            return Err(damaged_row(path, i, message));
        }
        rows.push(row);
    }
}

/// Reads a row and its chain. Serde cannot flatten a struct that refuses unknown keys, so the chain is taken out first.
fn parse<T: DeserializeOwned>(line: &str) -> Result<Link<T>, String> {
    let mut value: serde_json::Value = serde_json::from_str(line).map_err(|e| e.to_string())?;
    let chain = value.as_object_mut().and_then(|object| object.remove("chain"));
    let Some(serde_json::Value::String(chain)) = chain else { return Err("has no `chain`".to_owned()) };
    let row = serde_json::from_value(value).map_err(|e| e.to_string())?;
    Ok(Link { row, chain })
}

/// The error for a row, counted from 0, that is not what it should be.
pub(crate) fn damaged_row(path: &Path, row: usize, message: impl std::fmt::Display) -> RegimeError {
    RegimeError::damaged(path, format!("line {}: {message}", row + 1))
}

/// A log that rows are added to.
pub struct Log {
    path: PathBuf,
    file: File,
    end: LogEnd,
}

impl Log {
    /// Begins the log of a run with these rows, in place of what the file holds.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn create<T: Serialize>(path: &Path, identity: &str, rows: &[T]) -> Result<Log, RegimeError> {
        // What is no regular file is refused before anything is written to it. A link is replaced.
        if !path.is_symlink() {
            files::append(path).map_err(|e| FileError::new(path, "write", e))?;
        }
        let mut end = LogEnd { rows: 0, chain: identity.to_owned() };
        write_file(path, lines(rows, &mut end).as_bytes())?;
        let file = files::append(path).map_err(|e| FileError::new(path, "write", e))?;
        Ok(Log { path: path.to_owned(), file, end })
    }

    /// Adds rows, which are on disk when this returns.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn append<T: Serialize>(&mut self, rows: &[T]) -> Result<(), RegimeError> {
        let text = lines(rows, &mut self.end);
        let written = self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_data());
        Ok(written.map_err(|e| FileError::new(&self.path, "write", e))?)
    }

    /// Where the log ends now.
    #[must_use]
    pub fn end(&self) -> &LogEnd {
        &self.end
    }
}

fn lines<T: Serialize>(rows: &[T], end: &mut LogEnd) -> String {
    let line = |row: &T| {
        *end = LogEnd { rows: end.rows + 1, chain: chain(&end.chain, row) };
        serde_json::to_string(&Link { row, chain: end.chain.clone() }).expect("plain data") + "\n"
    };
    rows.iter().map(line).collect()
}

/// Writes a file as [`files::write_own`] does. The error names the file.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    files::write_own(path, bytes).map_err(|e| FileError::new(path, "write", e))
}

/// `extras.json` as it is written, and the hash that the card of the finished run has of it.
pub(crate) fn extras_bytes(extras: &Extras) -> (Vec<u8>, String) {
    let bytes = serde_json::to_vec_pretty(extras).expect("plain data");
    let hash = hash(&[&bytes]);
    (bytes, hash)
}

/// `extras.json` of a finished run, `None` if there is none.
///
/// # Errors
/// If the file cannot be read or does not have the hash that the card states.
pub(crate) fn read_extras(path: &Path, expected: &str) -> Result<Option<Extras>, RegimeError> {
    let bytes = match files::read(path, MAX_CARD_BYTES) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|e| FileError::new(path, "read", e))?,
    };
    let found = hash(&[&bytes]);
    if found != expected {
        let message = format!("was changed after the run was finished: its hash is {found}; {expected} was expected");
        return Err(RegimeError::damaged(path, message));
    }
    serde_json::from_slice(&bytes).map(Some).map_err(|e| RegimeError::damaged(path, e.to_string()))
}

/// A file of the run directory, `None` if there is none.
pub(crate) fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>, RegimeError> {
    let text = match files::read_to_string(path, MAX_CARD_BYTES) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|e| FileError::new(path, "read", e))?,
    };
    serde_json::from_str(&text).map(Some).map_err(|e| RegimeError::damaged(path, e.to_string()))
}
