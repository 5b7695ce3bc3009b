//! Exceptions. All of them are `ValueError`s and have the attributes `file`, `line`, `section` and `key`, which are `None` where they are
//! not known; a few have more.

use pyo3::create_exception;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::type_object::PyTypeInfo;

create_exception!(
    pyinterregnum,
    Error,
    PyValueError,
    "What this package refuses, and why. Base of its other exceptions."
);
create_exception!(pyinterregnum, RuleError, Error, "A rule file, or an edit of rules, that makes no game.");
create_exception!(pyinterregnum, PositionError, Error, "A FEN that the rules do not have. `fen` is what was given.");
create_exception!(pyinterregnum, MoveError, Error, "A move that is malformed, ambiguous or not legal.");
create_exception!(pyinterregnum, WeightsError, Error, "A weight file that is missing, damaged, or for another board.");
create_exception!(pyinterregnum, PlayerError, Error, "A player, or constants of a search, that make no sense.");
create_exception!(pyinterregnum, SuiteError, Error, "A suite that makes no sense. `file` says where it came from.");
create_exception!(pyinterregnum, RunError, Error, "A run directory that is damaged, held, or of another run.");

/// Gives the exceptions their attributes, None, for those that are raised in Python.
pub fn add_defaults(py: Python<'_>) -> PyResult<()> {
    let base = py.get_type::<Error>();
    for name in ["file", "line", "section", "key"] {
        base.setattr(name, py.None())?;
    }
    py.get_type::<PositionError>().setattr("fen", py.None())
}

/// Where the cause of an error stands, as far as it is known.
#[derive(Default)]
pub struct Cause {
    pub file: Option<String>,
    pub line: Option<usize>,
    pub section: Option<String>,
    pub key: Option<String>,
    pub fen: Option<String>,
}

/// An exception with the attributes of its cause.
pub fn exception<E: PyTypeInfo>(message: String, cause: Cause) -> PyErr {
    Python::attach(|py| {
        let error = PyErr::new::<E, _>(message);
        let value = error.value(py);
        let set = || -> PyResult<()> {
            value.setattr("file", cause.file)?;
            value.setattr("line", cause.line)?;
            value.setattr("section", cause.section)?;
            value.setattr("key", cause.key)?;
            cause.fen.map_or(Ok(()), |fen| value.setattr("fen", fen))
        };
        match set() {
            Ok(()) => error,
            Err(other) => other,
        }
    })
}

/// An exception whose cause has no place.
pub fn plain<E: PyTypeInfo>(message: impl Into<String>) -> PyErr {
    exception::<E>(message.into(), Cause::default())
}

/// The exception for rules that were refused.
pub fn of_rules(error: rules::RuleError) -> PyErr {
    let named = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let cause = Cause {
        file: named(&error.place.source),
        line: Some(error.place.line).filter(|line| *line > 0),
        section: named(&error.place.section),
        key: named(&error.place.key),
        fen: None,
    };
    exception::<RuleError>(error.to_string(), cause)
}

/// The exception for a position that was refused.
pub fn of_fen(error: rules::FenError) -> PyErr {
    let message = error.to_string();
    exception::<PositionError>(message, Cause { fen: Some(error.fen), ..Cause::default() })
}

/// The exception for a position that rules do not have.
pub fn no_such_position(variant: &str, fen: String) -> PyErr {
    let message = format!("{variant} has no such position: {fen}");
    exception::<PositionError>(message, Cause { fen: Some(fen), ..Cause::default() })
}

/// The exception for a move that was refused.
pub fn of_move(error: rules::MoveError) -> PyErr {
    plain::<MoveError>(error.to_string())
}
