//! A match on disk: its games as PGN, and beside them what it takes to go on after a kill at any moment.
//!
//! `FILE` holds the games, `FILE.state.jsonl` the configuration in its first line and then a line for each round, written
//! after the round's games: its number, the length of the PGN file behind it, the SHA-256 of its games' text, and what
//! counts of it. Both files only grow. Going on means to cut both back to the last round that is in both.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::match_result::RoundTally;

/// The longest line of a state file that is read, in bytes.
const MAX_LINE: u64 = 1 << 20;

/// What to do about files that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Refuse to touch them.
    Refuse,
    /// Begin anew.
    Overwrite,
    /// Go on where they end; begin anew where there are none.
    Resume,
}

/// Why a match cannot be recorded.
#[derive(Debug, Error)]
pub enum MatchLogError {
    /// A file cannot be used.
    #[error("{path}: {problem}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The match on disk is another one.
    #[error("{path} is of another match: `{key}` was {was} and is {is} now")]
    OtherMatch {
        /// The state file.
        path: PathBuf,
        /// What differs.
        key: String,
        /// Its value on disk.
        was: String,
        /// Its value now.
        is: String,
    },
}

/// One line of the state file.
#[derive(Serialize, Deserialize)]
struct RoundLine {
    round: u32,
    /// Length of the PGN file with this round, in bytes.
    pgn_bytes: u64,
    /// SHA-256 of the round's text.
    sha256: String,
    games: RoundTally,
}

/// A match that is being recorded.
#[derive(Debug)]
pub struct MatchLog {
    path: PathBuf,
    pgn: File,
    state_path: PathBuf,
    state: File,
    next: u32,
    bytes: u64,
}

impl MatchLog {
    /// Opens or begins the record in `path`, and returns the rounds that are in it. `config` is a JSON object that tells
    /// matches apart: everything that the games depend on.
    ///
    /// # Errors
    /// If files are in the way, cannot be used, are in use by another match, are damaged or those of another configuration.
    pub fn open(path: &Path, config: &Value, existing: Existing) -> Result<(MatchLog, Vec<RoundTally>), MatchLogError> {
        let mut state_path = path.as_os_str().to_owned();
        state_path.push(".state.jsonl");
        let state_path = PathBuf::from(state_path);
        let size = |path: &Path| std::fs::metadata(path).map_or(0, |m| m.len());
        if existing == Existing::Refuse {
            // An empty PGN file is what `mktemp` makes.
            if let Some(path) = [path, &state_path].into_iter().find(|path| size(path) > 0) {
                let problem = "exists; --resume goes on with the match in it, --overwrite begins anew";
                return Err(MatchLogError::File { path: path.to_owned(), problem: problem.to_owned() });
            }
        }
        let open = |path: &Path| {
            let mut options = OpenOptions::new();
            let file = options.read(true).write(true).create(true).truncate(false).open(path);
            file.map_err(|e| file_error(path, &e))
        };
        let (state, pgn) = (open(&state_path)?, open(path)?);
        match state.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let problem = "another match is being written here".to_owned();
                return Err(MatchLogError::File { path: state_path, problem });
            }
            Err(TryLockError::Error(error)) => return Err(file_error(&state_path, &error)),
        }
        let mut log = MatchLog { path: path.to_owned(), pgn, state_path, state, next: 0, bytes: 0 };
        let rounds = match existing {
            Existing::Resume => log.recover(config)?,
            Existing::Refuse | Existing::Overwrite => None,
        };
        if let Some(rounds) = rounds {
            return Ok((log, rounds));
        }
        // The state goes first: a PGN file is never cut while a state says that it is long.
        cut(&mut log.state, &log.state_path, 0)?;
        cut(&mut log.pgn, &log.path, 0)?;
        let first = format!("{config}\n");
        log.state.write_all(first.as_bytes()).map_err(|e| file_error(&log.state_path, &e))?;
        Ok((log, Vec::new()))
    }

    /// Reads what both files hold and cuts them to it. `None` if no match has been begun in them.
    fn recover(&mut self, config: &Value) -> Result<Option<Vec<RoundTally>>, MatchLogError> {
        let damaged = |path: &Path, problem: String| MatchLogError::File { path: path.to_owned(), problem };
        let pgn_size = self.pgn.metadata().map_err(|e| file_error(&self.path, &e))?.len();
        let mut lines = Lines { reader: BufReader::new(&self.state), offset: 0 };
        let mut line =
            |number: usize| lines.next().map_err(|e| damaged(&self.state_path, format!("line {number}: {e}")));
        let Some((first, mut end)) = line(1)? else {
            if pgn_size > 0 {
                let problem = format!("has games, but {} does not say of which match", self.state_path.display());
                return Err(damaged(&self.path, problem));
            }
            return Ok(None);
        };
        let was: Value = serde_json::from_str(&first).map_err(|e| damaged(&self.state_path, format!("line 1: {e}")))?;
        if let Some((key, was, is)) = difference(&was, config) {
            return Err(MatchLogError::OtherMatch { path: self.state_path.clone(), key, was, is });
        }
        let mut rounds = Vec::new();
        let mut games = BufReader::new(&self.pgn);
        while let Some((text, behind)) = line(rounds.len() + 2)? {
            let number = rounds.len() + 2;
            let round: RoundLine =
                serde_json::from_str(&text).map_err(|e| damaged(&self.state_path, format!("line {number}: {e}")))?;
            let in_order = round.round as usize == rounds.len() && round.pgn_bytes >= self.bytes;
            if !in_order {
                return Err(damaged(&self.state_path, format!("line {number}: not the round that was to follow")));
            }
            if round.pgn_bytes > pgn_size {
                // The machine stopped before the games were on disk, but after the state was.
                break;
            }
            let mut hash = Sha256::new();
            let mut part = games.by_ref().take(round.pgn_bytes - self.bytes);
            std::io::copy(&mut part, &mut hash).map_err(|e| file_error(&self.path, &e))?;
            if hex(hash) != round.sha256 {
                let problem = format!("the games of round {} have been changed since they were written", number - 1);
                return Err(damaged(&self.path, problem));
            }
            (self.bytes, end) = (round.pgn_bytes, behind);
            rounds.push(round.games);
        }
        self.next = rounds.len() as u32;
        cut(&mut self.state, &self.state_path, end)?;
        cut(&mut self.pgn, &self.path, self.bytes)?;
        Ok(Some(rounds))
    }

    /// Adds the next round: the text of its games, and what counts of it.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn append(&mut self, text: &str, games: &RoundTally) -> Result<(), MatchLogError> {
        self.pgn.write_all(text.as_bytes()).map_err(|e| file_error(&self.path, &e))?;
        self.bytes += text.len() as u64;
        let sha256 = hex(Sha256::new_with_prefix(text));
        let line = RoundLine { round: self.next, pgn_bytes: self.bytes, sha256, games: games.clone() };
        self.next += 1;
        let line = serde_json::to_string(&line).map_err(|e| file_error(&self.state_path, &e.into()))? + "\n";
        self.state.write_all(line.as_bytes()).map_err(|e| file_error(&self.state_path, &e))
    }

    /// Waits until everything is on disk.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn sync(&self) -> Result<(), MatchLogError> {
        self.pgn.sync_all().map_err(|e| file_error(&self.path, &e))?;
        self.state.sync_all().map_err(|e| file_error(&self.state_path, &e))
    }
}

/// Whole lines of a file and the offsets behind them; a last line without its end does not count.
struct Lines<'a> {
    reader: BufReader<&'a File>,
    offset: u64,
}

impl Lines<'_> {
    fn next(&mut self) -> std::io::Result<Option<(String, u64)>> {
        let mut line = Vec::new();
        self.reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)?;
        if line.last() != Some(&b'\n') {
            let long = line.len() as u64 == MAX_LINE;
            return if long { Err(std::io::Error::other("is too long")) } else { Ok(None) };
        }
        self.offset += line.len() as u64;
        Ok(Some((String::from_utf8(line).map_err(std::io::Error::other)?, self.offset)))
    }
}

/// The first key of which two configurations have different values, with both.
fn difference(was: &Value, is: &Value) -> Option<(String, String, String)> {
    if was == is {
        return None;
    }
    let (Some(old), Some(new)) = (was.as_object(), is.as_object()) else {
        return Some(("configuration".to_owned(), was.to_string(), is.to_string()));
    };
    let value = |v: Option<&Value>| v.map_or_else(|| "nothing".to_owned(), Value::to_string);
    let mut keys = old.keys().chain(new.keys());
    let key = keys.find(|key| old.get(*key) != new.get(*key))?;
    Some((key.clone(), value(old.get(key)), value(new.get(key))))
}

/// Cuts a file to `length` and goes to its end.
fn cut(file: &mut File, path: &Path, length: u64) -> Result<(), MatchLogError> {
    let cut = file.set_len(length).and_then(|()| file.seek(SeekFrom::Start(length)));
    cut.map(drop).map_err(|e| file_error(path, &e))
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn file_error(path: &Path, error: &std::io::Error) -> MatchLogError {
    MatchLogError::File { path: path.to_owned(), problem: error.to_string() }
}
