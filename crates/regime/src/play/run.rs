//! Playing a suite into a run directory.
//!
//! `results.jsonl` grows by whole cells, in a fixed order. A run that was killed goes on after its last whole cell and ends with the bytes of a run that
//! was not. When everything is written, `run.json` states where the logs end. One process at a time holds the directory.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use files::FileError;
use serde_json::json;
use work::Unit;

use super::cells::whole_cells;
use super::prepare::Stress;
use super::{cells::Cell, rocket};
use crate::error::RegimeError;
use crate::rows::{
    Extras, Finished, Log, LogEnd, PairRow, ProbeRow, RunCard, damaged_row, extras_bytes, read_extras, read_json,
    read_log, write_file,
};

/// What a run tells while it goes on.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Work done, in playouts per move times pairs.
    pub done: u64,
    /// Work in all.
    pub total: u64,
    /// What is being played.
    pub label: String,
}

/// The kind of units that are cells.
const CELL: &str = "cell";

/// How the cells of a run are shared.
#[derive(Clone, Copy, Debug)]
pub struct SharedCells<'a> {
    /// Where units are offered and results found.
    pub folder: &'a work::Folder,
    /// What all units of the run have in common.
    pub job: &'a work::Job,
    /// The files that the job names.
    pub files: &'a [Vec<u8>],
}

impl Stress {
    /// Plays everything that `folder` does not hold yet, on the current rayon thread pool. What a finished run has lost since is played again.
    ///
    /// # Errors
    /// If the directory holds another run, is held by another process, or cannot be written; if a finished run that has lost rows does not come out
    /// as it was. What was finished stays.
    pub fn run(&self, folder: &Path, resume: bool, progress: &(dyn Fn(&Progress) + Sync)) -> Result<(), RegimeError> {
        self.run_shared(folder, resume, None, progress)
    }

    /// [`Stress::run`], in which cells may be shared with others, who play them with [`Stress::do_unit`]: the run holds the same in the end.
    ///
    /// # Errors
    /// Those of [`Stress::run`], and those of the folder of units.
    pub fn run_shared(
        &self,
        folder: &Path,
        resume: bool,
        shared: Option<&SharedCells<'_>>,
        progress: &(dyn Fn(&Progress) + Sync),
    ) -> Result<(), RegimeError> {
        files::check_folder(folder).map_err(|e| FileError::new(folder, "use", e))?;
        let path = folder.join("results.jsonl");
        let exists = path.exists() || folder.join("run.json").exists();
        if exists && !resume {
            return Err(RegimeError::damaged(
                folder,
                "a run exists here; continue it with --resume, or choose another directory",
            ));
        }
        // A directory with a run is locked before it is read. A new one is made and locked only after all checks, so that a refused suite leaves nothing behind.
        let mut held = None;
        if exists {
            held = Some(lock(folder)?);
            self.check_card(folder)?;
        }
        let cells = self.cells();
        let rows = self.checked_rows(&path, &cells)?;
        self.check_openings(&cells, rows.len(), progress)?;
        self.check_probes(folder)?;
        files::create_folder(folder).map_err(|e| FileError::new(folder, "create", e))?;
        let _held = match held {
            Some(held) => held,
            None => lock(folder)?,
        };
        let mut card = self.card_of(folder)?;
        write_json(&folder.join("run.json"), &card)?;
        let pairs = self.play_cells(&path, &cells, rows, shared, progress)?;
        let probes = self.run_probes(folder, progress)?;
        let extras = self.write_extras(folder, card.finished.as_ref(), progress)?;
        if let Some(before) = &card.finished {
            before.pairs.check(&pairs).map_err(|message| RegimeError::damaged(&path, message))?;
            let path = folder.join("probes.jsonl");
            before.probes.check(&probes).map_err(|message| RegimeError::damaged(&path, message))?;
        }
        card.finished = Some(Finished { pairs, probes, extras });
        write_json(&folder.join("run.json"), &card)?;
        shared.map_or(Ok(()), |shared| Ok(shared.folder.remove()?))
    }

    /// Number of cells of matches, each of one evaluator and one rival: what can be played apart from everything else.
    #[must_use]
    pub fn units(&self) -> usize {
        self.cells().len()
    }

    /// Pairs of games of a cell, and playouts per move of the side that has more.
    ///
    /// # Panics
    /// If there are no more than `unit` cells.
    #[must_use]
    pub fn unit_size(&self, unit: usize) -> (usize, u32) {
        let cell = self.cells()[unit];
        (cell.experiment.pairs as usize, cell.playouts.max(cell.opponent_playouts))
    }

    /// Does a unit that a run has offered: plays its cell. Returns its rows as JSON.
    ///
    /// # Errors
    /// If the unit is none of this run, an external engine fails, or the process is told to stop.
    ///
    /// # Panics
    /// Never: rows are plain data.
    pub fn do_unit(&self, unit: &Unit) -> Result<Vec<u8>, RegimeError> {
        let number = unit.inputs.get("cell").and_then(serde_json::Value::as_u64).map(|n| n as usize);
        let number = number.filter(|number| unit.kind == CELL && *number < self.units()).ok_or_else(|| {
            let message = format!("unit {} is no cell of the suite", files::excerpt(&unit.id, 40));
            RegimeError::Suite { suite: self.suite.name.clone(), message }
        })?;
        Ok(serde_json::to_vec(&self.play_unit(number)?).expect("plain data"))
    }

    /// Plays one cell. Its rows do not depend on what else is played.
    ///
    /// # Errors
    /// If an external engine fails, or the process is told to stop.
    ///
    /// # Panics
    /// If there are no more than `unit` cells.
    pub fn play_unit(&self, unit: usize) -> Result<Vec<PairRow>, RegimeError> {
        self.play_rows(&self.cells()[unit], &|_| {})
    }

    /// The card to write: that of the run in `folder` if it has begun, which has the command that began it, else that of this one.
    fn card_of(&self, folder: &Path) -> Result<RunCard, RegimeError> {
        match read_json::<RunCard>(&folder.join("run.json"))? {
            Some(card) if card.identity == self.card().identity => Ok(card),
            _ => Ok(self.card().clone()),
        }
    }

    /// Refuses to go on with a run of another identity.
    fn check_card(&self, folder: &Path) -> Result<(), RegimeError> {
        let path = folder.join("run.json");
        let Some(old) = read_json::<RunCard>(&path)? else {
            return Err(RegimeError::damaged(
                &path,
                "is missing, so nobody knows what was run here; choose another directory",
            ));
        };
        if old.identity == self.card().identity && old.computed_identity() == old.identity {
            return Ok(());
        }
        let differences = self.card().differences(&old);
        let what = if differences.is_empty() { "it was changed by hand".to_owned() } else { differences.join("; ") };
        Err(RegimeError::damaged(
            &path,
            format!("is of another run: {}; choose another directory", files::excerpt(&what, 400)),
        ))
    }

    /// The rows of whole cells that were written before, each held against its cell.
    fn checked_rows(&self, path: &Path, cells: &[Cell<'_>]) -> Result<Vec<PairRow>, RegimeError> {
        let mut rows: Vec<PairRow> = read_log(path, &self.card().identity)?;
        let mut number = 0;
        for cell in cells {
            if number >= rows.len() {
                break;
            }
            let hashes = self.hashes(cell);
            for pair in 0..cell.experiment.pairs {
                let Some(row) = rows.get(number) else { break };
                self.check_row(cell, &hashes, pair, row).map_err(|message| damaged_row(path, number, message))?;
                number += 1;
            }
        }
        if rows.len() > number {
            return Err(damaged_row(path, number, "is a row too many: all cells of the suite are before it"));
        }
        rows.truncate(whole_cells(cells, rows.len()));
        Ok(rows)
    }

    fn play_cells(
        &self,
        path: &Path,
        cells: &[Cell<'_>],
        rows: Vec<PairRow>,
        shared: Option<&SharedCells<'_>>,
        progress: &(dyn Fn(&Progress) + Sync),
    ) -> Result<LogEnd, RegimeError> {
        let mut log = Log::create(path, &self.card().identity, &rows)?;
        let step = |cell: &Cell<'_>| u64::from(cell.playouts) + u64::from(cell.opponent_playouts);
        let work = |cell: &Cell<'_>| u64::from(cell.experiment.pairs) * step(cell);
        let total = cells.iter().map(work).sum();
        let mut found = rows.len() as u64;
        let mut done = 0;
        let units = self.offer_cells(cells, rows.len(), shared)?;
        for (number, cell) in cells.iter().enumerate() {
            let pairs = u64::from(cell.experiment.pairs);
            if found >= pairs {
                found -= pairs;
                done += work(cell);
                continue;
            }
            let shift = &self.suite.shifts[cell.shift].name;
            let label = format!("{shift}: {} vs {} @{}", cell.agent.name, cell.opponent.name, cell.playouts);
            let step = step(cell);
            let others = match (shared, units.get(&number)) {
                (Some(shared), Some(unit)) => self.rows_of_unit(cell, shared, unit)?,
                _ => None,
            };
            let play = || {
                self.play_rows(cell, &|finished| {
                    progress(&Progress { done: done + finished * step, total, label: label.clone() });
                })
            };
            let played = others.map_or_else(play, Ok)?;
            done += work(cell);
            log.append(&played)?;
            progress(&Progress { done, total, label: label.clone() });
        }
        progress(&Progress { done: total, total, label: "games are played".to_owned() });
        Ok(log.end().clone())
    }

    /// Offers the cells that are not played yet to others, but for those of external engines, whose games only this machine can play. Returns the
    /// units by number of the cell.
    fn offer_cells(
        &self,
        cells: &[Cell<'_>],
        rows: usize,
        shared: Option<&SharedCells<'_>>,
    ) -> Result<BTreeMap<usize, Unit>, RegimeError> {
        let Some(shared) = shared.filter(|shared| shared.folder.is_in_use()) else { return Ok(BTreeMap::new()) };
        let mut before = 0;
        let mut units = BTreeMap::new();
        for (number, cell) in cells.iter().enumerate() {
            let played = before < rows;
            before += cell.experiment.pairs as usize;
            if !played && cell.agent.engine.is_none() && cell.opponent.engine.is_none() {
                units.insert(number, shared.folder.unit(shared.job, CELL, json!({ "cell": number }), Vec::new()));
            }
        }
        let offered: Vec<Unit> = units.values().cloned().collect();
        shared.folder.offer(shared.job, &offered, shared.files)?;
        Ok(units)
    }

    /// The rows of a cell that others have played; `None` if this process is to play it.
    fn rows_of_unit(
        &self,
        cell: &Cell<'_>,
        shared: &SharedCells<'_>,
        unit: &Unit,
    ) -> Result<Option<Vec<PairRow>>, RegimeError> {
        let hashes = self.hashes(cell);
        Ok(shared.folder.result(unit, |bytes| {
            let rows: Vec<PairRow> = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
            if rows.len() != cell.experiment.pairs as usize {
                return Err(format!("holds {} pairs; {} were expected", rows.len(), cell.experiment.pairs));
            }
            (0..).zip(&rows).try_for_each(|(pair, row)| self.check_row(cell, &hashes, pair, row))?;
            Ok(rows)
        })?)
    }

    /// Measures shifts, keeps games for replay and flies the rocket, unless the finished run has it. A file that was written before a run was stopped is
    /// written again: nothing vouches for it. Returns the hash of the file.
    fn write_extras(
        &self,
        folder: &Path,
        finished: Option<&Finished>,
        progress: &(dyn Fn(&Progress) + Sync),
    ) -> Result<String, RegimeError> {
        let path = folder.join("extras.json");
        if let Some(finished) = finished
            && read_extras(&path, &finished.extras)?.is_some()
        {
            return Ok(finished.extras.clone());
        }
        let total = self.shifts.len() as u64;
        let mut games = Vec::new();
        let sources = (0..self.shifts.len()).map(|i| self.source_positions(i)).collect::<Result<Vec<_>, _>>()?;
        let measures = (0..self.shifts.len()).map(|shift| self.measure(shift, &sources)).collect();
        for shift in 0..self.shifts.len() {
            progress(&Progress { done: shift as u64, total, label: "games for replay".to_owned() });
            games.extend(self.replay(shift)?);
        }
        let rocket = (!self.suite.rocket.is_empty()).then(|| rocket::run(self.suite.seed, &self.suite.rocket));
        let identity = self.card().identity.clone();
        let (bytes, hash) = extras_bytes(&Extras { identity, measures, games, rocket });
        if let Some(before) = finished.map(|finished| &finished.extras).filter(|before| **before != hash) {
            let message = format!("does not come out as it was: hash {hash}; {before} was expected");
            return Err(RegimeError::damaged(&path, message));
        }
        write_file(&path, &bytes)?;
        Ok(hash)
    }

    /// The rows of `probes.jsonl` that were written before.
    pub(crate) fn probe_log(&self, folder: &Path) -> Result<Vec<ProbeRow>, RegimeError> {
        read_log(&folder.join("probes.jsonl"), &self.card().identity)
    }
}

/// Holds the directory until it is dropped.
fn lock(folder: &Path) -> Result<File, RegimeError> {
    let path = folder.join("run.lock");
    let file = files::append(&path).map_err(|e| FileError::new(&path, "write", e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(RegimeError::damaged(folder, "another process is playing into this directory"))
        }
        Err(std::fs::TryLockError::Error(e)) => Err(FileError::new(&path, "lock", e).into()),
    }
}

fn write_json(path: &Path, value: &impl serde::Serialize) -> Result<(), RegimeError> {
    Ok(write_file(path, &serde_json::to_vec_pretty(value).expect("plain data"))?)
}
