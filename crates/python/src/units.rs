//! Units of work that a run shares: what the driver of a cluster moves between a run directory and its workers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use work::{Folder, Job, Sharing, Unit, WorkError};

use crate::errors::{Cause, RunError, exception, plain};
use crate::work::{Signals, interruptible, or_interrupt};

/// The folder of units of a run directory. The driver makes no units of its own, which would need a signature.
fn folder(run: &Path) -> Folder {
    Folder::new(run, Sharing::Take, "", Duration::ZERO, || false)
}

fn of_work(error: WorkError) -> PyErr {
    let file = match &error {
        WorkError::Damaged { path, .. } => Some(path.display().to_string()),
        WorkError::File(error) => Some(error.path.display().to_string()),
        _ => None,
    };
    exception::<RunError>(error.to_string(), Cause { file, ..Cause::default() })
}

/// A unit from its JSON.
fn unit_of(text: &str) -> PyResult<Unit> {
    serde_json::from_str(text).map_err(|e| plain::<RunError>(format!("a unit that cannot be read: {e}")))
}

fn job_of(bytes: &[u8]) -> PyResult<Job> {
    serde_json::from_slice(bytes).map_err(|e| plain::<RunError>(format!("a job that cannot be read: {e}")))
}

/// The job of a run directory as JSON, and the units that its owner waits for and nobody has done, each as JSON with its `id`.
#[pyfunction]
pub fn pending_units<'py>(py: Python<'py>, run: PathBuf) -> PyResult<(Bound<'py, PyBytes>, Vec<String>)> {
    let (job, units) = py.detach(|| folder(&run).pending()).map_err(of_work)?;
    let lines = units.iter().map(|unit| serde_json::to_string(unit).expect("plain data")).collect();
    Ok((PyBytes::new(py, &serde_json::to_vec(&job).expect("plain data")), lines))
}

/// The SHA-256 of the files that a job and one of its units need.
#[pyfunction]
pub fn unit_needs(job: &[u8], unit: &str) -> PyResult<Vec<String>> {
    Ok(unit_of(unit)?.needs(&job_of(job)?).into_iter().collect())
}

/// A file that units of a run need, by its SHA-256.
#[pyfunction]
pub fn unit_file<'py>(py: Python<'py>, run: PathBuf, hash: &str) -> PyResult<Bound<'py, PyBytes>> {
    let bytes = py.detach(|| folder(&run).file(hash)).map_err(of_work)?;
    Ok(PyBytes::new(py, &bytes))
}

/// Does a unit with the files that it and its job need, on `jobs` threads (0: as many as there are cores). Returns its result, sealed. Raises `RunError`
/// if the unit is of a program that may find something else, or does not fit its job.
#[pyfunction]
pub fn do_unit<'py>(
    py: Python<'py>,
    job: &[u8],
    unit: &str,
    files: BTreeMap<String, Vec<u8>>,
    jobs: u16,
) -> PyResult<Bound<'py, PyBytes>> {
    let (job, unit) = (job_of(job)?, unit_of(unit)?);
    let (stop, began) = (AtomicBool::new(false), Instant::now());
    let work = || -> Result<Vec<u8>, String> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.into()).build().map_err(|e| e.to_string())?;
        pool.install(|| interregnum::do_unit(&job, &unit, &files)).map_err(|e| format!("{e:#}"))
    };
    let mut tick = |_: Python<'_>| Ok(());
    let signals = Signals { stop: &stop, on_stop: &|| arena::stop(2), after: &arena::go_on, tick: &mut tick };
    let before = arena::stops();
    let result = or_interrupt(before, interruptible(py, signals, work)?.map_err(plain::<RunError>))?;
    Ok(PyBytes::new(py, &work::seal(&unit, &result, began.elapsed().as_secs_f64())))
}

/// Writes the sealed result of a unit into the run directory, whole or not at all. Raises `RunError` if it is damaged, of another unit, or of a
/// program of another signature: then nothing is written.
#[pyfunction]
pub fn put_result(py: Python<'_>, run: PathBuf, unit: &str, sealed: &[u8]) -> PyResult<()> {
    let unit = unit_of(unit)?;
    py.detach(|| folder(&run).put_sealed(&unit, sealed)).map_err(of_work)
}
