//! Python bindings of Interregnum: the module `pyinterregnum._native`. The package that users see is in `python/pyinterregnum`.

mod arrays;
mod board;
mod environments;
mod errors;
mod evaluators;
mod game;
mod json;
mod matches;
mod searches;
mod stress;
mod tables;
mod units;
mod variant;
mod work;

use pyo3::prelude::*;

/// The native half of the package.
#[pymodule]
mod _native {
    #[pymodule_export]
    use crate::environments::VectorEnv;
    #[pymodule_export]
    use crate::errors::{Error, MoveError, PlayerError, PositionError, RuleError, RunError, SuiteError, WeightsError};
    #[pymodule_export]
    use crate::evaluators::{Evaluation, Evaluator, evaluators, load, new_evaluator, rebuilt_evaluator};
    #[pymodule_export]
    use crate::game::{Ending, Game, rebuilt_game};
    #[pymodule_export]
    use crate::matches::{MatchResult, play_match};
    #[pymodule_export]
    use crate::searches::{Batch, SearchResult, search};
    #[pymodule_export]
    use crate::stress::{Run, play_suite, read_run};
    #[pymodule_export]
    use crate::tables::Table;
    #[pymodule_export]
    use crate::units::{do_unit, pending_units, put_result, unit_file, unit_needs};
    #[pymodule_export]
    use crate::variant::{Variant, rebuilt_variant, variant, variant_file, variants};
    use pyo3::prelude::*;

    /// The command line of the package: its words, that of the program first. Returns the exit code.
    #[pyfunction]
    fn command_line(py: Python<'_>, words: Vec<std::ffi::OsString>) -> u8 {
        let code = py.detach(|| interregnum::main(words));
        (0..=u8::MAX).find(|n| std::process::ExitCode::from(*n) == code).unwrap_or(1)
    }

    /// Version of the package.
    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::arrays::find_numpy(module.py())?;
        crate::errors::add_defaults(module.py())?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
