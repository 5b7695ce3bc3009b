//! Stress runs: playing suites, and reading what runs have left.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use interregnum::{StressRun, play_stress, suite_text};
use pyo3::prelude::*;
use regime::analysis::{Run as Read, Summary};
use regime::{Progress, RegimeError};
use rules::Catalog;

use crate::errors::{Cause, RunError, SuiteError, exception, of_rules, plain};
use crate::evaluators::{of_weights, path_of};
use crate::json;
use crate::tables::{Column, Kind, Table, table};
use crate::work::{Signals, interruptible, or_interrupt};

const PAIRS: [Column; 35] = [
    Column::new("experiment", Kind::Text),
    Column::new("shift", Kind::Text),
    Column::new("agent", Kind::Text),
    Column::new("opponent", Kind::Text),
    Column::new("playouts", Kind::Whole),
    Column::new("opponent_playouts", Kind::Whole),
    Column::new("point", Kind::Whole),
    Column::new("evaluator", Kind::Whole),
    Column::new("rival", Kind::Whole),
    Column::new("pair", Kind::Whole),
    Column::new("opening", Kind::Text),
    Column::new("score", Kind::Number),
    Column::at("result_as_white", "results.0", Kind::Text),
    Column::at("result_as_black", "results.1", Kind::Text),
    Column::at("ending_as_white", "endings.0", Kind::Text),
    Column::at("ending_as_black", "endings.1", Kind::Text),
    Column::at("worth_as_white", "worth.0", Kind::Number),
    Column::at("worth_as_black", "worth.1", Kind::Number),
    Column::at("old_worth_as_white", "old_worth.0", Kind::Number),
    Column::at("old_worth_as_black", "old_worth.1", Kind::Number),
    Column::at("plies_as_white", "plies.0", Kind::Whole),
    Column::at("plies_as_black", "plies.1", Kind::Whole),
    Column::new("illegal", Kind::Whole),
    Column::new("confidence", Kind::Number),
    Column::at("error_as_white", "errors.0", Kind::Number),
    Column::at("error_as_black", "errors.1", Kind::Number),
    Column::at("drift_as_white", "drift.0", Kind::Number),
    Column::at("drift_as_black", "drift.1", Kind::Number),
    Column::at("confident", "confident.0", Kind::Whole),
    Column::at("confident_lost", "confident.1", Kind::Whole),
    Column::new("material", Kind::Number),
    Column::new("rules", Kind::Text),
    Column::new("search_rules", Kind::Text),
    Column::new("weights", Kind::Text),
    Column::new("opponent_weights", Kind::Text),
];

const CLAIMS: [Column; 17] = [
    Column::new("name", Kind::Text),
    Column::new("claim", Kind::Text),
    Column::new("tier", Kind::Text),
    Column::new("expects", Kind::Text),
    Column::new("estimator", Kind::Text),
    Column::new("unit", Kind::Text),
    Column::new("effect", Kind::Number),
    Column::new("low", Kind::Number),
    Column::new("high", Kind::Number),
    Column::new("p", Kind::Number),
    Column::new("adjusted", Kind::Number),
    Column::new("test", Kind::Text),
    Column::new("smallest_p", Kind::Number),
    Column::new("detectable", Kind::Number),
    Column::new("verdict", Kind::Text),
    Column::new("agrees", Kind::Text),
    Column::new("note", Kind::Text),
];

const SHIFTS: [Column; 13] = [
    Column::new("shift", Kind::Text),
    Column::new("expected", Kind::Text),
    Column::new("found", Kind::Text),
    Column::new("agrees", Kind::Text),
    Column::new("cost", Kind::Number),
    Column::new("low", Kind::Number),
    Column::new("high", Kind::Number),
    Column::new("p", Kind::Number),
    Column::new("adjusted", Kind::Number),
    Column::new("detectable", Kind::Number),
    Column::new("evaluators", Kind::Whole),
    Column::new("rivals", Kind::Whole),
    Column::new("note", Kind::Text),
];

const CELLS: [Column; 17] = [
    Column::new("experiment", Kind::Text),
    Column::new("shift", Kind::Text),
    Column::new("agent", Kind::Text),
    Column::new("opponent", Kind::Text),
    Column::new("playouts", Kind::Whole),
    Column::new("opponent_playouts", Kind::Whole),
    Column::new("point", Kind::Whole),
    Column::new("score", Kind::Number),
    Column::new("se", Kind::Number),
    Column::new("score_low", Kind::Number),
    Column::new("score_high", Kind::Number),
    Column::new("elo", Kind::Number),
    Column::new("elo_low", Kind::Number),
    Column::new("elo_high", Kind::Number),
    Column::new("pairs", Kind::Whole),
    Column::new("seeds", Kind::Whole),
    Column::new("rivals", Kind::Whole),
];

const PROBES: [Column; 12] = [
    Column::new("probe", Kind::Text),
    Column::new("shift", Kind::Text),
    Column::new("agent", Kind::Text),
    Column::new("point", Kind::Whole),
    Column::new("playouts", Kind::Whole),
    Column::new("evaluator", Kind::Whole),
    Column::new("positions", Kind::Whole),
    Column::new("score", Kind::Number),
    Column::new("truth", Kind::Number),
    Column::new("estimate", Kind::Number),
    Column::new("rules", Kind::Text),
    Column::new("weights", Kind::Text),
];

/// The number behind a word in a message.
fn number_after(message: &str, word: &str) -> Option<usize> {
    let rest = message.split_once(word)?.1;
    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
}

/// The exception for a suite or run that was refused.
fn of_regime(error: RegimeError) -> PyErr {
    match error {
        RegimeError::Suite { ref suite, ref message } => {
            let key = message.split_once("key `").and_then(|(_, rest)| rest.split_once('`'));
            let cause = Cause {
                file: Some(suite.clone()),
                line: number_after(message, "line "),
                key: key.map(|(key, _)| key.to_owned()),
                ..Cause::default()
            };
            exception::<SuiteError>(error.to_string(), cause)
        }
        RegimeError::Rules(error) => of_rules(error),
        RegimeError::Weights(error) => of_weights(error),
        RegimeError::File(ref file) => {
            let cause = Cause { file: Some(file.path.display().to_string()), ..Cause::default() };
            exception::<RunError>(error.to_string(), cause)
        }
        RegimeError::Damaged { ref path, .. } => {
            let cause = Cause { file: Some(path.display().to_string()), ..Cause::default() };
            exception::<RunError>(error.to_string(), cause)
        }
        other => plain::<RunError>(other.to_string()),
    }
}

/// The exception for anything that may stop a run.
fn of_any(error: anyhow::Error) -> PyErr {
    match error.downcast::<RegimeError>() {
        Ok(error) => of_regime(error),
        Err(error) => plain::<RunError>(format!("{error:#}")),
    }
}

/// A stress run: its rows, and what they say. Everything is recomputed from the rows when it is read.
#[pyclass(frozen, module = "pyinterregnum")]
pub struct Run {
    run: Read,
    summary: Summary,
    folder: PathBuf,
}

impl Run {
    fn read(folder: &Path) -> Result<Run, RegimeError> {
        let run = Read::read(folder)?;
        let summary = run.summary();
        Ok(Run { run, summary, folder: folder.to_owned() })
    }
}

#[pymethods]
impl Run {
    /// The run directory.
    #[getter]
    fn folder(&self) -> PathBuf {
        self.folder.clone()
    }

    /// Whether everything has been played.
    #[getter]
    fn finished(&self) -> bool {
        self.run.is_finished()
    }

    /// Everything that the report is drawn from, as `summary.json` has it, a dict.
    #[getter]
    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::to_python(py, &self.summary)
    }

    /// A row for each pair of games, a `Table` with the columns of `results.parquet`. Scores from 0 to 1, worths from -1 to 1.
    fn rows(&self) -> PyResult<Table> {
        table(self.run.pairs(), &PAIRS)
    }

    /// A row for each answer of a probe, a `Table`.
    fn probes(&self) -> PyResult<Table> {
        table(self.run.probes(), &PROBES)
    }

    /// A row for each claim of the suite: effect with its 95% interval, p alone and adjusted for all claims, verdict, a `Table`.
    fn verdicts(&self) -> PyResult<Table> {
        table(&self.summary.findings, &CLAIMS)
    }

    /// A row for each shift of the suite's grid: what was expected and what was found, a `Table`.
    fn shifts(&self) -> PyResult<Table> {
        table(&self.summary.grid, &SHIFTS)
    }

    /// A row for each cell: mean score with its standard error and 95% interval, a `Table`.
    fn cells(&self) -> PyResult<Table> {
        table(&self.summary.rows, &CELLS)
    }

    /// The report, one self-contained HTML document.
    fn html(&self) -> String {
        report::html(&self.summary)
    }

    /// The report as a page that a notebook shows in a frame of `height` pixels.
    #[pyo3(signature = (*, height=720))]
    fn show<'py>(&self, py: Python<'py>, height: u32) -> PyResult<Bound<'py, PyAny>> {
        py.import("pyinterregnum._page")?.getattr("Page")?.call1((self.html(), height))
    }

    /// Plain text: one line for each shift.
    fn __str__(&self) -> String {
        report::table(&self.summary)
    }

    fn __repr__(&self) -> String {
        let finished = if self.finished() { "finished" } else { "unfinished" };
        let name = files::excerpt(&self.summary.run.suite, 60);
        format!("<Run of {name}, {finished}, {} pairs of games>", self.run.pairs().len())
    }
}

/// Reads a run directory, finished or not. Raises `RunError` with `file`.
#[pyfunction]
pub fn read_run(py: Python<'_>, folder: &Bound<'_, PyAny>) -> PyResult<Run> {
    run_of(py, path_of(folder)?)
}

fn run_of(py: Python<'_>, folder: PathBuf) -> PyResult<Run> {
    py.detach(|| Run::read(&folder)).map_err(of_regime)
}

/// Plays a suite into a run directory: see the Python function `stress`.
#[pyfunction]
#[pyo3(signature = (suite, out, resume, jobs, progress))]
pub fn play_suite(
    py: Python<'_>,
    suite: &str,
    out: &Bound<'_, PyAny>,
    resume: bool,
    jobs: u16,
    progress: Option<Py<PyAny>>,
) -> PyResult<Run> {
    let out = path_of(out)?;
    if out.as_os_str().is_empty() {
        return Err(plain::<RunError>("the path of a run directory was expected, not an empty one"));
    }
    let refused = |error: anyhow::Error| {
        let cause = Cause { file: Some(files::excerpt(suite, 200)), ..Cause::default() };
        exception::<SuiteError>(format!("{error:#}"), cause)
    };
    let (source, text) = suite_text(suite).map_err(refused)?;
    if jobs > 1024 {
        return Err(plain::<RunError>("at most 1024 jobs were expected"));
    }
    let stop = AtomicBool::new(false);
    let seen: Mutex<Option<Progress>> = Mutex::new(None);
    let work = || -> anyhow::Result<()> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.into()).build()?;
        // The command line that plays the same: the path of the directory is no part of it.
        let command = format!("interregnum stress {suite} --out DIR");
        let asked = StressRun { source: &source, text: &text, command: &command, out: &out, resume };
        play_stress(&asked, &Catalog::builtin(), &pool, &|progress| {
            *seen.lock().expect("nobody panics with it") = Some(progress.clone());
        })?;
        Ok(())
    };
    let mut tick = |py: Python<'_>| {
        let now = seen.lock().expect("nobody panics with it").clone();
        match (&progress, now) {
            (Some(progress), Some(now)) => progress.call1(py, (now.done, now.total, now.label)).map(drop),
            _ => Ok(()),
        }
    };
    let signals = Signals { stop: &stop, on_stop: &|| arena::stop(2), after: &arena::go_on, tick: &mut tick };
    let before = arena::stops();
    let played = interruptible(py, signals, work)?;
    or_interrupt(before, played.map_err(of_any))?;
    tick(py)?;
    run_of(py, out)
}
