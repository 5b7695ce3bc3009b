//! Playing a suite into a run directory.
//!
//! `results.jsonl` grows by whole cells, in a fixed order; `summary.json` is computed from it. A run that was killed goes on after
//! its last whole cell and ends with the same bytes.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use arena::{MatchConfig, Opening, RandomOpenings, Round, run_match};
use atomic_write_file::AtomicWriteFile;
use evaluator::{Card, Network, NetworkEvaluator, Relabel};
use rules::{Catalog, Color, Rules};
use sha2::{Digest as _, Sha256};

use crate::arms::{Arm, Cast};
use crate::error::RegimeError;
use crate::results::{PairRow, Summary};
use crate::suite::{Experiment, Shift, Suite};

/// The largest results file that is read back, in bytes.
const MAX_RESULTS_BYTES: u64 = 1 << 30;
/// Games are called drawn at this length, in plies.
pub(crate) const MAX_PLIES: usize = 300;

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

/// A weight file that the suite names.
pub(crate) struct Model {
    pub(crate) file: String,
    pub(crate) network: Arc<Network>,
    pub(crate) card: Card,
}

/// A shift made ready to play.
pub(crate) struct Stage {
    pub(crate) rules: Arc<Rules>,
    pub(crate) reselected: Vec<Model>,
    relabel: Option<Relabel>,
    mirror: Option<Relabel>,
}

/// A suite made ready to play: rules compiled, weights loaded and checked.
pub struct Stress {
    pub(crate) suite: Suite,
    pub(crate) base: Arc<Rules>,
    pub(crate) frozen: Vec<Model>,
    pub(crate) stages: Vec<Stage>,
    pub(crate) config: String,
}

/// One cell of one evaluator seed.
pub(crate) struct Cell<'a> {
    pub(crate) experiment: &'a Experiment,
    pub(crate) shift: usize,
    pub(crate) arm: Arm,
    pub(crate) opponent: Arm,
    pub(crate) playouts: u32,
    pub(crate) opponent_playouts: u32,
    pub(crate) seed: u32,
}

impl Stress {
    /// Compiles all rules and loads all weights, so that nothing can be missing once the games begin.
    ///
    /// # Errors
    /// If the variant is unknown, an edit makes no game, or a weight file is missing, damaged or made for another board.
    pub fn prepare(suite: Suite, catalog: &Catalog, models: &Path) -> Result<Stress, RegimeError> {
        let base = catalog.rules(&suite.variant)?;
        let frozen = suite.frozen.iter().map(|f| load(models, f, &base)).collect::<Result<Vec<_>, _>>()?;
        let mut stages = Vec::new();
        for shift in &suite.shifts {
            let rules = shift_rules(&suite, shift, catalog)?;
            let reselected = shift.reselected.iter().map(|f| load(models, f, &rules)).collect::<Result<Vec<_>, _>>()?;
            let mirror = shift.mirrored.then(|| Relabel::mirror_files(rules.files(), rules.ranks()));
            stages.push(Stage { relabel: mirror.clone().filter(|_| shift.relabelled), rules, reselected, mirror });
        }
        let mut digest = Sha256::new();
        digest.update(serde_json::to_vec(&suite).expect("plain data"));
        for model in frozen.iter().chain(stages.iter().flat_map(|s| &s.reselected)) {
            digest.update(model.card.weights.as_bytes());
        }
        for stage in &stages {
            digest.update(stage.rules.hash().as_bytes());
        }
        let config = digest.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect();
        Ok(Stress { suite, base, frozen, stages, config })
    }

    /// Hash of the suite with the rules and weights that it names.
    #[must_use]
    pub fn config(&self) -> &str {
        &self.config
    }

    fn cells(&self) -> Vec<Cell<'_>> {
        let mut cells = Vec::new();
        for experiment in &self.suite.experiments {
            for (shift, _) in self.suite.shifts.iter().enumerate().filter(|(_, s)| experiment.covers(&s.name)) {
                for (arm, opponent) in &experiment.matches {
                    for playouts in &experiment.playouts {
                        for seed in 0..self.frozen.len() as u32 {
                            let (arm, opponent, playouts) = (*arm, *opponent, *playouts);
                            let opponent_playouts = experiment.opponent_playouts.unwrap_or(playouts);
                            cells.push(Cell { experiment, shift, arm, opponent, playouts, opponent_playouts, seed });
                        }
                    }
                }
            }
        }
        cells
    }

    /// Plays everything that `folder` does not hold yet, on the current rayon thread pool, and writes the summary.
    ///
    /// # Errors
    /// If the directory holds another run, or cannot be written. What was finished stays.
    pub fn run(
        &self,
        folder: &Path,
        resume: bool,
        command: &str,
        progress: &(dyn Fn(&Progress) + Sync),
    ) -> Result<Summary, RegimeError> {
        std::fs::create_dir_all(folder).map_err(|e| RegimeError::file(folder, "create", e))?;
        let path = folder.join("results.jsonl");
        let cells = self.cells();
        let mut rows = if path.exists() {
            if !resume {
                return Err(RegimeError::damaged(
                    folder,
                    "a run exists here; continue it with --resume, or choose another directory",
                ));
            }
            self.finished_rows(&path, &cells)?
        } else {
            Vec::new()
        };
        write_lines(&path, &rows)?;
        let mut file =
            std::fs::OpenOptions::new().append(true).open(&path).map_err(|e| RegimeError::file(&path, "open", e))?;
        let step = |cell: &Cell| u64::from(cell.playouts) + u64::from(cell.opponent_playouts);
        let work = |cell: &Cell| u64::from(cell.experiment.pairs) * step(cell);
        let total = cells.iter().map(work).sum();
        let mut found = rows.len() as u64;
        let mut done = 0;
        for cell in &cells {
            let pairs = u64::from(cell.experiment.pairs);
            if found >= pairs {
                found -= pairs;
                done += work(cell);
                continue;
            }
            let shift = &self.suite.shifts[cell.shift].name;
            let label = format!("{shift}: {} vs {} @{}", cell.arm.name(), cell.opponent.name(), cell.playouts);
            let step = step(cell);
            let played = self.play(cell, cell.experiment.pairs, &|finished| {
                progress(&Progress { done: done + finished * step, total, label: label.clone() });
            })?;
            done += work(cell);
            let played: Vec<PairRow> = played.iter().map(|round| self.row(cell, round)).collect();
            let lines: String = played.iter().map(|r| serde_json::to_string(r).expect("plain data") + "\n").collect();
            file.write_all(lines.as_bytes())
                .and_then(|()| file.sync_data())
                .map_err(|e| RegimeError::file(&path, "write", e))?;
            rows.extend(played);
        }
        progress(&Progress { done: total, total, label: "games for replay".to_owned() });
        let summary = self.summary(&rows, command)?;
        let text = serde_json::to_vec_pretty(&summary).expect("plain data");
        write_file(&folder.join("summary.json"), &text)?;
        Ok(summary)
    }

    /// The rows of whole cells that a results file begins with; a torn last cell is dropped.
    fn finished_rows(&self, path: &Path, cells: &[Cell]) -> Result<Vec<PairRow>, RegimeError> {
        let size = std::fs::metadata(path).map_err(|e| RegimeError::file(path, "read", e))?.len();
        if size > MAX_RESULTS_BYTES {
            return Err(RegimeError::damaged(path, format!("{size} bytes are more than results can have")));
        }
        let text = std::fs::read_to_string(path).map_err(|e| RegimeError::file(path, "read", e))?;
        let mut rows: Vec<PairRow> = Vec::new();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        for (i, line) in whole.lines().enumerate() {
            let row: PairRow =
                serde_json::from_str(line).map_err(|e| RegimeError::damaged(path, format!("line {}: {e}", i + 1)))?;
            if row.config != self.config {
                let message = format!(
                    "line {}: belongs to configuration {}, not {}: suite, rules or weights have changed; choose another directory",
                    i + 1,
                    row.config,
                    self.config
                );
                return Err(RegimeError::damaged(path, message));
            }
            rows.push(row);
        }
        let mut whole_rows = 0;
        for cell in cells {
            let end = whole_rows + cell.experiment.pairs as usize;
            if end > rows.len() {
                break;
            }
            whole_rows = end;
        }
        rows.truncate(whole_rows);
        Ok(rows)
    }

    pub(crate) fn cast(&self, shift: usize, seed: u32) -> Cast<'_> {
        let stage = &self.stages[shift];
        let seed = seed as usize;
        let reselected = if stage.reselected.is_empty() {
            // The old rules again: the next independent selection stands for selection under the "new" ones.
            (self.frozen.len() > 1).then(|| &self.frozen[(seed + 1) % self.frozen.len()].network)
        } else {
            Some(&stage.reselected[seed % stage.reselected.len()].network)
        };
        Cast {
            old_rules: &self.base,
            true_rules: &stage.rules,
            frozen: &self.frozen[seed].network,
            reselected,
            relabel: stage.relabel.as_ref(),
        }
    }

    /// Openings depend on the suite and the evaluator seed, not on arm or shift, so that cells can be compared pair by pair.
    /// They must be legal before and after the change.
    pub(crate) fn openings(&self, shift: usize, seed: u32, count: u32) -> Result<Vec<Opening>, RegimeError> {
        let stage = &self.stages[shift];
        let both = [Arc::clone(&self.base)];
        let same_start = stage.mirror.is_none();
        let plies = self.suite.opening_plies;
        let openings = RandomOpenings {
            seed: self.suite.seed.wrapping_add(u64::from(seed) << 32),
            plies: plies..=plies,
            also_legal_in: if same_start { &both } else { &[] },
            relabel: stage.mirror.as_ref(),
        };
        Ok(openings.generate(&stage.rules, count)?)
    }

    pub(crate) fn play(
        &self,
        cell: &Cell,
        rounds: u32,
        finished: &(dyn Fn(u64) + Sync),
    ) -> Result<Vec<Round>, RegimeError> {
        let cast = self.cast(cell.shift, cell.seed);
        let mut config =
            MatchConfig::new(Arc::clone(cast.true_rules), self.openings(cell.shift, cell.seed, cell.experiment.pairs)?);
        config.rounds = rounds;
        config.seed = self.suite.seed;
        config.max_plies = MAX_PLIES;
        let mut played = Vec::new();
        run_match(
            &config,
            &|| cast.player(cell.arm, cell.playouts),
            &|| cast.player(cell.opponent, cell.opponent_playouts),
            &mut |round, _| {
                played.push(round.clone());
                finished(played.len() as u64);
            },
        )?;
        Ok(played)
    }

    fn row(&self, cell: &Cell, round: &Round) -> PairRow {
        let cast = self.cast(cell.shift, cell.seed);
        let hash = |arm: Arm| cast.network(arm).map_or(String::new(), |n| n.hash().to_owned());
        let [as_white, as_black] = &round.games;
        let score = |game: &arena::GameRecord, color| f64::from(game.outcome.for_color(color) + 1) / 2.0;
        let estimates: Vec<f64> = as_white
            .choices_of(Color::White)
            .chain(as_black.choices_of(Color::Black))
            .filter_map(|c| c.estimate)
            .map(|v| f64::from(v + 1.0) / 2.0)
            .collect();
        let opening = cast.true_rules.uci_line(&as_white.start, &as_white.moves[..as_white.opening_plies]);
        PairRow {
            experiment: cell.experiment.name.clone(),
            shift: self.suite.shifts[cell.shift].name.clone(),
            arm: cell.arm.name().to_owned(),
            opponent: cell.opponent.name().to_owned(),
            playouts: cell.playouts,
            opponent_playouts: cell.opponent_playouts,
            seed: cell.seed,
            pair: round.index,
            opening,
            score: (score(as_white, Color::White) + score(as_black, Color::Black)) / 2.0,
            results: [as_white.outcome.to_string(), as_black.outcome.to_string()],
            plies: [as_white.plies() as u32, as_black.plies() as u32],
            illegal: as_white.illegal(Color::White) + as_black.illegal(Color::Black),
            confidence: (!estimates.is_empty()).then(|| estimates.iter().sum::<f64>() / estimates.len() as f64),
            rules: cast.true_rules.hash().to_owned(),
            search_rules: cast.search_rules(cell.arm).hash().to_owned(),
            weights: hash(cell.arm),
            opponent_weights: hash(cell.opponent),
            config: self.config.clone(),
        }
    }
}

/// The compiled rules of a shift.
///
/// # Errors
/// If the suite's variant is unknown or the edit makes no game.
pub fn shift_rules(suite: &Suite, shift: &Shift, catalog: &Catalog) -> Result<Arc<Rules>, RegimeError> {
    let base = suite.base(shift);
    let name = shift.shifted(base);
    if shift.edit.is_empty() {
        return Ok(catalog.rules(&name)?);
    }
    let source = format!("suite {}, shift {}", suite.name, shift.name);
    Ok(catalog.clone().edit(&source, base, &name, &shift.edit_pairs())?)
}

fn load(models: &Path, file: &str, rules: &Arc<Rules>) -> Result<Model, RegimeError> {
    let path = models.join(file);
    let wrong = |error| RegimeError::Weights { what: format!("model {}", path.display()), error };
    let (network, card) = Network::load(&path).map_err(wrong)?;
    let network = Arc::new(network);
    NetworkEvaluator::new(Arc::clone(&network), rules).map_err(wrong)?;
    Ok(Model { file: file.to_owned(), network, card })
}

fn write_lines(path: &Path, rows: &[PairRow]) -> Result<(), RegimeError> {
    let text: String = rows.iter().map(|r| serde_json::to_string(r).expect("plain data") + "\n").collect();
    write_file(path, text.as_bytes())
}

/// Writes a file that is either whole or not there: to a temporary name, synced and renamed.
///
/// # Errors
/// If the file cannot be written.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), RegimeError> {
    let write = || {
        let mut file = AtomicWriteFile::open(path)?;
        file.write_all(bytes)?;
        file.commit()
    };
    write().map_err(|e| RegimeError::file(path, "write", e))
}
