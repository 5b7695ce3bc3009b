//! Arrays that come from Python.

use numpy::{PyArray1, PyArrayMethods as _};
use pyo3::exceptions::{PyImportError, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;

/// Finds what is needed of numpy now: found later, amid a call, it could not fail but by a panic.
pub fn find_numpy(py: Python<'_>) -> PyResult<()> {
    let found = py.import("numpy").and_then(|_| {
        let core = py.import("numpy._core.multiarray").or_else(|_| py.import("numpy.core.multiarray"))?;
        core.getattr("_ARRAY_API").map(drop)
    });
    if let Err(error) = found {
        if !error.is_instance_of::<pyo3::exceptions::PyException>(py) {
            return Err(error);
        }
        let message = format!("pyinterregnum needs numpy, which cannot be imported: {}", error.value(py));
        let refused = PyImportError::new_err(message);
        refused.set_cause(py, Some(error));
        return Err(refused);
    }
    // The first array and the first borrow of one fill what is kept for the others.
    let array = PyArray1::<u8>::zeros(py, 1, false);
    drop(array.try_readwrite());
    Ok(())
}

/// Real numbers of any kind as an array of float32, contiguous and aligned. `what` says whose they are.
pub fn as_floats<'py>(given: &Bound<'py, PyAny>, what: &str) -> PyResult<Bound<'py, PyAny>> {
    let py = given.py();
    let numpy = py.import(intern!(py, "numpy"))?;
    let array = numpy.call_method1(intern!(py, "asarray"), (given,))?;
    let dtype = array.getattr(intern!(py, "dtype"))?;
    let kind: String = dtype.getattr(intern!(py, "kind"))?.extract()?;
    // Complex numbers, objects, text and times: numpy would make floats of some of them without a word.
    if "cOSUMm".contains(&kind) {
        return Err(PyTypeError::new_err(format!("{what}: an array of real numbers was expected, not of {dtype}")));
    }
    numpy.call_method1(intern!(py, "require"), (array, intern!(py, "float32"), ["C", "A"]))
}

/// Whether the values of an array stand where numbers of their type may stand.
pub fn is_aligned(array: &Bound<'_, PyAny>) -> PyResult<bool> {
    array.getattr("flags")?.getattr("aligned")?.extract()
}
