//! Records games on disk as PGN, and beside them what is needed to go on after a kill at any moment.
//!
//! One file holds the games, the other a line for each round, written after the games of the round. The line holds what counts of
//! the round, the length of the first file after the round, the SHA-256 of the text of its games, and a seal. The seal is the
//! SHA-256 of the line and of the seal of the line before, so that no line can be changed, moved or taken out from between others.
//! Both files only grow. A resumed run cuts both back to the last round that is in both.

use std::fmt::Display;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead as _, BufReader, Error, Read as _, Seek as _, SeekFrom, Write as _};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The longest line of a state file that is read, in bytes.
const MAX_LINE: u64 = 1 << 20;
/// What stands between the content of a line and its seal, which is the last key.
const SEAL: &str = ",\"seal\":\"";
/// Games of a round.
const ROUND_GAMES: usize = 2;

/// What to do if the files exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Refuse to touch them.
    Refuse,
    /// Begin anew.
    Overwrite,
    /// Go on where they end; begin anew where there are none.
    Resume,
}

/// Why games cannot be recorded.
#[derive(Debug, thiserror::Error)]
pub enum GameLogError {
    /// A file cannot be read or written.
    #[error("{}: {error}", shown(path))]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        error: Error,
    },
    /// A file is in the way, in use or damaged.
    #[error("{}: {problem}", shown(path))]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The games on disk are those of another configuration.
    #[error("{} is of other games: `{key}` was {was} and is {is} now", shown(path))]
    Other {
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

/// What the second file holds of a round.
#[derive(Serialize, Deserialize)]
struct Line<R> {
    /// Number of the round, from 0.
    number: usize,
    #[serde(flatten)]
    row: R,
    /// Length of the PGN file after this round, in bytes.
    pgn_bytes: u64,
    /// SHA-256 of the round's text.
    sha256: String,
}

/// A record of games to which rounds are added; each has a row of type `R`.
#[derive(Debug)]
pub struct GameLog<R> {
    pgn: (PathBuf, File),
    rows: (PathBuf, File),
    next: usize,
    bytes: u64,
    /// The seal of the last line.
    seal: String,
    row: PhantomData<R>,
}

impl<R: Serialize + DeserializeOwned> GameLog<R> {
    /// Opens or begins a record and returns the rows of the rounds that are in it. `pgn` is the file of games, `rows` that of
    /// lines. `config`, a JSON object, stands in the first line of the second file, so that records of different configurations can
    /// be told apart; without one, the rows themselves must do so.
    ///
    /// # Errors
    /// If a file exists that must not be overwritten, cannot be used, is in use, is damaged or belongs to another configuration.
    pub fn open(
        pgn: &Path,
        rows: &Path,
        config: Option<&Value>,
        existing: Existing,
    ) -> Result<(GameLog<R>, Vec<R>), GameLogError> {
        let size = |path: &Path| std::fs::metadata(path).map_or(0, |m| m.len());
        if existing == Existing::Refuse {
            // An empty file does not count as one that is in the way: `mktemp` makes such files.
            if let Some(path) = [pgn, rows].into_iter().find(|path| size(path) > 0) {
                return Err(unusable(path, "exists; --resume goes on with the match in it, --overwrite begins anew"));
            }
        }
        if existing == Existing::Resume {
            if size(pgn) > 0 && !rows.exists() {
                let problem = format!("has games, but {} does not say of which match: it is missing", shown(rows));
                return Err(unusable(pgn, problem));
            }
            if size(rows) > 0 && !pgn.exists() {
                return Err(unusable(rows, format!("has rounds, but {} with their games is missing", shown(pgn))));
            }
        }
        let open = |path: &Path| {
            let mut options = OpenOptions::new();
            let file = options.read(true).write(true).create(true).truncate(false).open(path);
            let file = file.map_err(|e| io(path, e))?;
            if !file.metadata().map_err(|e| io(path, e))?.is_file() {
                return Err(unusable(path, "is no regular file; games are kept in one that can be read again"));
            }
            Ok((path.to_owned(), file))
        };
        // The file of games is opened first: if it cannot be used, no empty second file is left behind.
        let (pgn, rows) = (open(pgn)?, open(rows)?);
        match rows.1.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(unusable(&rows.0, "other games are being written here")),
            Err(TryLockError::Error(error)) => return Err(io(&rows.0, error)),
        }
        let mut log = GameLog { pgn, rows, next: 0, bytes: 0, seal: String::new(), row: PhantomData };
        if existing == Existing::Resume
            && let Some(found) = log.recover(config)?
        {
            return Ok((log, found));
        }
        // The second file is cut first: its lines must never claim more games than the PGN file holds.
        cut(&mut log.rows, 0)?;
        cut(&mut log.pgn, 0)?;
        if let Some(config) = config {
            let text = config.to_string();
            log.seal = sealed("", &text);
            write(&mut log.rows, &(text + "\n"))?;
        }
        Ok((log, Vec::new()))
    }

    /// Reads the rounds that both files hold and cuts both files to these. `None` if no record has been begun.
    fn recover(&mut self, config: Option<&Value>) -> Result<Option<Vec<R>>, GameLogError> {
        let (path, file) = &self.rows;
        let pgn_size = self.pgn.1.metadata().map_err(|e| io(&self.pgn.0, e))?.len();
        let mut lines = Lines { reader: BufReader::new(file), offset: 0 };
        let damaged = |number: usize, problem: &dyn Display| unusable(path, format!("line {number}: {problem}"));
        let mut line = |number: usize| lines.next().map_err(|e| damaged(number, &e));
        let mut end = 0;
        if let Some(config) = config {
            let Some((first, behind)) = line(1)? else {
                if pgn_size > 0 {
                    let problem = format!("has games, but {} does not say of which match", shown(path));
                    return Err(unusable(&self.pgn.0, problem));
                }
                return Ok(None);
            };
            let was: Value = serde_json::from_str(&first).map_err(|e| damaged(1, &e))?;
            if let Some((key, was, is)) = difference(&was, config) {
                return Err(GameLogError::Other { path: path.clone(), key, was, is });
            }
            self.seal = sealed("", &first);
            end = behind;
        }
        let mut rows = Vec::new();
        let mut number = 1 + usize::from(config.is_some());
        let mut games = BufReader::new(&self.pgn.1);
        let mut lost = 0;
        while let Some((text, behind)) = line(number)? {
            if lost > 0 {
                lost += 1;
                continue;
            }
            let round: Line<R> = serde_json::from_str(&text).map_err(|e| damaged(number, &e))?;
            if round.number != rows.len() || round.pgn_bytes < self.bytes {
                return Err(damaged(number, &"not the round that was to follow"));
            }
            let seal = seal_of(&text, &self.seal).map_err(|problem| damaged(number, &problem))?;
            if round.pgn_bytes > pgn_size {
                // The row had reached the disk, but not the games, when the machine stopped.
                lost = 1;
                continue;
            }
            let mut hash = Sha256::new();
            let mut part = games.by_ref().take(round.pgn_bytes - self.bytes);
            std::io::copy(&mut part, &mut hash).map_err(|e| io(&self.pgn.0, e))?;
            if hex(hash) != round.sha256 {
                let problem =
                    format!("the games of round {} have been changed since they were written", rows.len() + 1);
                return Err(unusable(&self.pgn.0, problem));
            }
            (self.bytes, self.seal, end) = (round.pgn_bytes, seal, behind);
            rows.push(round.row);
            number += 1;
        }
        if rows.is_empty() {
            // A kill leaves at most one round whose games or row alone were written.
            let rest = games.take(MAX_LINE).lines().map_while(Result::ok).filter(|line| line.starts_with("[Event "));
            if lost > 1 {
                return Err(unusable(path, format!("has rounds, but {} has none of their games", shown(&self.pgn.0))));
            }
            if rest.count() > ROUND_GAMES {
                return Err(unusable(&self.pgn.0, format!("has games, but {} knows of none of them", shown(path))));
            }
        }
        self.next = rows.len();
        cut(&mut self.rows, end)?;
        cut(&mut self.pgn, self.bytes)?;
        Ok(Some(rows))
    }

    /// Adds the next round: the text of its games, and its row.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn append(&mut self, text: &str, row: &R) -> Result<(), GameLogError> {
        write(&mut self.pgn, text)?;
        self.bytes += text.len() as u64;
        let sha256 = hex(Sha256::new_with_prefix(text));
        let line = Line { number: self.next, row, pgn_bytes: self.bytes, sha256 };
        self.next += 1;
        let text = serde_json::to_string(&line).expect("plain data");
        let content = text.strip_suffix('}').expect("an object");
        self.seal = sealed(&self.seal, content);
        let seal = &self.seal;
        write(&mut self.rows, &format!("{content}{SEAL}{seal}\"}}\n"))
    }

    /// Waits until everything that was added is on disk.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn sync(&self) -> Result<(), GameLogError> {
        [&self.pgn, &self.rows].into_iter().try_for_each(|(path, file)| file.sync_all().map_err(|e| io(path, e)))
    }
}

/// Reads whole lines of a file with the offsets of their ends. A last line without its line end does not count.
struct Lines<'a> {
    reader: BufReader<&'a File>,
    offset: u64,
}

impl Lines<'_> {
    fn next(&mut self) -> Result<Option<(String, u64)>, Error> {
        let mut line = Vec::new();
        self.reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)?;
        if line.last() != Some(&b'\n') {
            let long = line.len() as u64 == MAX_LINE;
            return if long { Err(Error::other("is too long")) } else { Ok(None) };
        }
        self.offset += line.len() as u64;
        line.pop();
        Ok(Some((String::from_utf8(line).map_err(Error::other)?, self.offset)))
    }
}

/// The first key for which two configurations have different values, and both values.
fn difference(was: &Value, is: &Value) -> Option<(String, String, String)> {
    if was == is {
        return None;
    }
    let (Some(old), Some(new)) = (was.as_object(), is.as_object()) else {
        let short = |v: &Value| files::excerpt(&v.to_string(), 100);
        return Some(("configuration".to_owned(), short(was), short(is)));
    };
    let value = |v: Option<&Value>| v.map_or_else(|| "nothing".to_owned(), |v| files::excerpt(&v.to_string(), 100));
    let mut keys = old.keys().chain(new.keys());
    let key = keys.find(|key| old.get(*key) != new.get(*key))?;
    Some((files::excerpt(key, 60), value(old.get(key)), value(new.get(key))))
}

/// Cuts a file to `length` bytes and moves to its end.
fn cut((path, file): &mut (PathBuf, File), length: u64) -> Result<(), GameLogError> {
    let cut = file.set_len(length).and_then(|()| file.seek(SeekFrom::Start(length)));
    cut.map(drop).map_err(|e| io(path, e))
}

fn write((path, file): &mut (PathBuf, File), text: &str) -> Result<(), GameLogError> {
    file.write_all(text.as_bytes()).map_err(|e| io(path, e))
}

/// The seal of a line, which must be the hash of the line and of the seal before it.
fn seal_of(line: &str, before: &str) -> Result<String, &'static str> {
    let content = line.strip_suffix("\"}").and_then(|line| line.rsplit_once(SEAL));
    let (content, seal) = content.ok_or("ends without a seal of what it says")?;
    let fits = sealed(before, content) == seal;
    fits.then(|| seal.to_owned())
        .ok_or("does not go with its seal: it, or a line before it, has been changed since it was written")
}

/// Computes the seal of a line that follows a line with the seal `before`.
fn sealed(before: &str, line: &str) -> String {
    hex(Sha256::new_with_prefix(before).chain_update(line))
}

/// A path, safe to show.
fn shown(path: &Path) -> String {
    files::printable(&path.display().to_string()).into_owned()
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn io(path: &Path, error: Error) -> GameLogError {
    GameLogError::Io { path: path.to_owned(), error }
}

pub(crate) fn unusable(path: &Path, problem: impl Into<String>) -> GameLogError {
    GameLogError::Unusable { path: path.to_owned(), problem: files::excerpt(&problem.into(), 300) }
}
