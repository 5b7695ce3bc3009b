//! Rows as columns that other programs read without a copy: the Arrow C stream interface, through a PyCapsule.

use std::ffi::CStr;
use std::sync::Arc;

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, RecordBatchIterator, StringArray};
use arrow_schema::{DataType, Field, Schema};
use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyIterator, PyList};
use serde::Serialize;
use serde_json::Value;

/// The name that consumers expect of the capsule.
const STREAM: &CStr = c"arrow_array_stream";

/// What a column holds. Every column may lack values.
#[derive(Clone, Copy)]
pub enum Kind {
    Text,
    Whole,
    Number,
    Flag,
}

/// A column: its name, where its values stand in a row (keys and places in lists, with dots between them; the name itself if empty), and what they
/// are.
pub struct Column {
    pub name: &'static str,
    pub path: &'static str,
    pub kind: Kind,
}

impl Column {
    pub const fn new(name: &'static str, kind: Kind) -> Column {
        Column { name, path: "", kind }
    }

    pub const fn at(name: &'static str, path: &'static str, kind: Kind) -> Column {
        Column { name, path, kind }
    }

    fn find<'a>(&self, row: &'a Value) -> &'a Value {
        let path = if self.path.is_empty() { self.name } else { self.path };
        path.split('.').fold(row, |value, part| match part.parse::<usize>() {
            Ok(place) => &value[place],
            Err(_) => &value[part],
        })
    }

    fn array(&self, rows: &[Value]) -> ArrayRef {
        let values = rows.iter().map(|row| self.find(row));
        match self.kind {
            Kind::Text => Arc::new(values.map(Value::as_str).collect::<StringArray>()),
            Kind::Whole => Arc::new(values.map(Value::as_i64).collect::<Int64Array>()),
            Kind::Number => Arc::new(values.map(Value::as_f64).collect::<Float64Array>()),
            Kind::Flag => Arc::new(values.map(Value::as_bool).collect::<BooleanArray>()),
        }
    }

    fn field(&self) -> Field {
        let kind = match self.kind {
            Kind::Text => DataType::Utf8,
            Kind::Whole => DataType::Int64,
            Kind::Number => DataType::Float64,
            Kind::Flag => DataType::Boolean,
        };
        Field::new(self.name, kind, true)
    }
}

/// A table of columns. `pandas.DataFrame.from_arrow`, `pyarrow.table`, `polars.DataFrame` and DuckDB read it through the Arrow PyCapsule interface.
/// Iteration gives its rows as dicts; `table["name"]` is a column.
#[pyclass(frozen, module = "pyinterregnum")]
pub struct Table {
    batch: RecordBatch,
}

/// The table of rows.
pub fn table<T: Serialize>(rows: &[T], columns: &[Column]) -> PyResult<Table> {
    let wrong = |error: &dyn std::fmt::Display| PyValueError::new_err(error.to_string());
    let rows: Result<Vec<Value>, _> = rows.iter().map(serde_json::to_value).collect();
    let rows = rows.map_err(|error| wrong(&error))?;
    let schema = Schema::new(columns.iter().map(Column::field).collect::<Vec<_>>());
    let arrays = columns.iter().map(|column| column.array(&rows)).collect();
    Ok(Table { batch: RecordBatch::try_new(Arc::new(schema), arrays).map_err(|error| wrong(&error))? })
}

impl Table {
    fn values<'py>(&self, py: Python<'py>, array: &ArrayRef) -> PyResult<Bound<'py, PyList>> {
        if let Some(array) = array.as_any().downcast_ref::<StringArray>() {
            PyList::new(py, array.iter().collect::<Vec<_>>())
        } else if let Some(array) = array.as_any().downcast_ref::<Int64Array>() {
            PyList::new(py, array.iter().collect::<Vec<_>>())
        } else if let Some(array) = array.as_any().downcast_ref::<Float64Array>() {
            PyList::new(py, array.iter().collect::<Vec<_>>())
        } else if let Some(array) = array.as_any().downcast_ref::<BooleanArray>() {
            PyList::new(py, array.iter().collect::<Vec<_>>())
        } else {
            Ok(PyList::empty(py))
        }
    }
}

#[pymethods]
impl Table {
    /// The names of the columns.
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.batch.schema().fields().iter().map(|field| field.name().clone()).collect()
    }

    fn __len__(&self) -> usize {
        self.batch.num_rows()
    }

    /// The values of a column, a list; None where there is none.
    fn __getitem__<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyList>> {
        let array = self.batch.column_by_name(name).ok_or_else(|| PyKeyError::new_err(name.to_owned()))?;
        self.values(py, array)
    }

    /// The rows in order, each a dict of values by column.
    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        let columns = self.to_dict(py)?;
        let rows = PyList::empty(py);
        for number in 0..self.batch.num_rows() {
            let row = PyDict::new(py);
            for (name, values) in &columns {
                row.set_item(name, values.get_item(number)?)?;
            }
            rows.append(row)?;
        }
        rows.try_iter()
    }

    /// All columns, a dict of lists: `pandas.DataFrame(table.to_dict())` works without Arrow.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let columns = PyDict::new(py);
        for (field, array) in self.batch.schema().fields().iter().zip(self.batch.columns()) {
            columns.set_item(field.name(), self.values(py, array)?)?;
        }
        Ok(columns)
    }

    /// The Arrow PyCapsule interface. `requested_schema` is not looked at: consumers cast.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        let batches = RecordBatchIterator::new([Ok(self.batch.clone())], self.batch.schema());
        PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(batches)), STREAM)
    }

    fn __repr__(&self) -> String {
        format!("<Table of {} rows: {}>", self.batch.num_rows(), self.columns().join(", "))
    }
}
