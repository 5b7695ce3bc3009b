//! The log of a tournament: rounds and their games, whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use atomic_write_file::AtomicWriteFile;
use serde::{Deserialize, Serialize};

use super::TournamentError;

/// The largest log that is read back, in bytes.
const MAX_LOG_BYTES: u64 = 1 << 30;

/// One round in `results.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoundRow {
    /// Number of the pairing, from 0.
    pub pairing: usize,
    /// Number of the round, from 0.
    pub round: u32,
    /// The player who has White in the first game.
    pub first: String,
    /// The other one.
    pub second: String,
    /// Number of the opening, from 0.
    pub opening: usize,
    /// FEN of the first position, if it is not the variant's own.
    pub start: Option<String>,
    /// Moves of the opening in UCI notation.
    pub moves: String,
    /// Results of both games for the first player: 1, 0 or -1.
    pub results: [i32; 2],
    /// Lengths in plies.
    pub plies: [usize; 2],
    /// Whether a game was called a draw for its length.
    pub capped: [bool; 2],
    /// Illegal choices of the first and the second player.
    pub illegal: [u32; 2],
    /// Hash of the rules.
    pub rules: String,
    /// Hash of the tournament.
    pub config: String,
    /// Length of `games.pgn` with this round's games, in bytes.
    pub pgn_end: u64,
}

/// The two files that grow while a tournament is played.
pub(super) struct Log {
    rows: Vec<RoundRow>,
    results: (PathBuf, File),
    games: (PathBuf, File),
    pgn_end: u64,
}

impl Log {
    /// Opens the log of a new tournament, or with `resume` of one with this hash and schedule, cut back to its last
    /// whole round.
    pub(super) fn open(
        folder: &Path,
        resume: bool,
        hash: &str,
        schedule: &[(usize, u32)],
    ) -> Result<Log, TournamentError> {
        std::fs::create_dir_all(folder).map_err(TournamentError::file("create", folder))?;
        let (results, games) = (folder.join("results.jsonl"), folder.join("games.pgn"));
        if results.exists() && !resume {
            let problem = "a tournament exists here; continue it with --resume, or choose another directory";
            return Err(TournamentError::damaged(folder, problem));
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let open = |path: PathBuf| match options.open(&path) {
            Ok(file) => Ok((path, file)),
            Err(error) => Err(TournamentError::File { action: "open", path, error }),
        };
        let (mut results, mut games) = (open(results)?, open(games)?);
        let (path, file) = (&results.0, &mut results.1);
        let size = file.metadata().map_err(TournamentError::file("read", path))?.len();
        if size > MAX_LOG_BYTES {
            return Err(TournamentError::damaged(path, format!("{size} bytes are more than a log may have")));
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(TournamentError::file("read", path))?;
        let pgn_size = games.1.metadata().map_err(TournamentError::file("read", &games.0))?.len();
        let (mut rows, mut end) = (Vec::new(), 0);
        // What follows the last line break was torn off.
        for (line, number) in text.split_inclusive('\n').filter(|line| line.ends_with('\n')).zip(1..) {
            let row: RoundRow = serde_json::from_str(line)
                .map_err(|e| TournamentError::damaged(path, format!("line {number}: {e}")))?;
            if row.config != hash {
                let problem = format!(
                    "line {number} belongs to tournament {}, not {hash}: configuration, rules, weights or openings \
                     have changed; choose another directory",
                    row.config
                );
                return Err(TournamentError::damaged(path, problem));
            }
            if schedule.get(rows.len()) != Some(&(row.pairing, row.round)) {
                let problem = format!("line {number}: pairing {}, round {} is out of order", row.pairing, row.round);
                return Err(TournamentError::damaged(path, problem));
            }
            if row.results.iter().any(|result| !(-1..=1).contains(result)) {
                let problem = format!("line {number}: results {:?}; 1, 0 or -1 were expected", row.results);
                return Err(TournamentError::damaged(path, problem));
            }
            if row.pgn_end > pgn_size {
                break;
            }
            rows.push(row);
            end += line.len() as u64;
        }
        let pgn_end = rows.last().map_or(0, |row| row.pgn_end);
        for ((path, file), length) in [(&mut results, end), (&mut games, pgn_end)] {
            let cut = file.set_len(length).and_then(|()| file.seek(SeekFrom::Start(length)));
            cut.map_err(TournamentError::file("write", path))?;
        }
        Ok(Log { rows, results, games, pgn_end })
    }

    pub(super) fn rows(&self) -> &[RoundRow] {
        &self.rows
    }

    /// Adds a round, its games first: a row without its games would be taken for whole.
    pub(super) fn append(&mut self, mut row: RoundRow, pgn: &str) -> Result<(), TournamentError> {
        self.pgn_end += pgn.len() as u64;
        row.pgn_end = self.pgn_end;
        let line = serde_json::to_string(&row).expect("plain data") + "\n";
        for ((path, file), text) in [(&mut self.games, pgn), (&mut self.results, &line)] {
            file.write_all(text.as_bytes()).map_err(TournamentError::file("write", path))?;
        }
        self.rows.push(row);
        Ok(())
    }

    /// Waits until everything is on the disk.
    pub(super) fn sync(&mut self) -> Result<(), TournamentError> {
        for (path, file) in [&self.games, &self.results] {
            file.sync_data().map_err(TournamentError::file("write", path))?;
        }
        Ok(())
    }
}

/// Writes a file that is either whole or not there.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), TournamentError> {
    let write = || {
        let mut file = AtomicWriteFile::open(path)?;
        file.write_all(bytes)?;
        file.commit()
    };
    write().map_err(TournamentError::file("write", path))
}
