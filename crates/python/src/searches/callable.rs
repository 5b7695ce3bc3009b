//! Evaluators that are written in Python: batches of positions as arrays, and what comes back.

use numpy::{PyArray1, PyArrayMethods as _, PyReadonlyArray1, PyReadonlyArray2, ndarray};
use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use rules::{Game, Rules, Word};
use search::{Judgement, Params, Search, Waiting};

use super::Outcome;
use crate::arrays::as_floats;
use crate::environments::{Encoding, PLANES, Pending, View};
use crate::work::Nested;

/// Positions to be judged by a callable.
#[pyclass(frozen, module = "pyinterregnum")]
pub struct Batch {
    /// The positions as their movers see them, uint8 [n, planes, ranks, files]: see the README for the planes.
    #[pyo3(get)]
    planes: Py<PyAny>,
    /// The legal moves as addresses, int32 [n, most, 3], filled up with -1: `from * squares + to`; `letter * squares + to` for a promotion or
    /// drop, letters from 0 for a, else -1; the square of a wall, else -1. Squares as the mover sees them.
    #[pyo3(get)]
    moves: Py<PyAny>,
    /// Numbers of legal moves, int32 [n].
    #[pyo3(get)]
    counts: Py<PyAny>,
    /// FENs of the positions, a list of str.
    #[pyo3(get)]
    fens: Vec<String>,
}

#[pymethods]
impl Batch {
    fn __len__(&self) -> usize {
        self.fens.len()
    }
}

/// Arrays of a batch.
fn batch_of<W: Word>(py: Python<'_>, rules: &Rules<W>, leaves: &[Waiting<W>]) -> PyResult<Batch> {
    let encoding = Encoding::new(rules);
    let (count, size) = (leaves.len(), rules.squares());
    let most = leaves.iter().map(|leaf| leaf.moves.len()).max().unwrap_or(0);
    let (planes, moves) = py.detach(|| {
        let mut planes = vec![0_u8; count * encoding.observation_len()];
        let mut moves = vec![-1_i32; count * most * 3];
        for (row, leaf) in leaves.iter().enumerate() {
            let view = View { position: &leaf.position, repetitions: leaf.repetitions, pending: Pending::default() };
            encoding.observe(
                rules,
                &view,
                &mut planes[row * encoding.observation_len()..][..encoding.observation_len()],
            );
            let turn = leaf.position.turn();
            for (column, mv) in leaf.moves.iter().enumerate() {
                let address = &mut moves[(row * most + column) * 3..][..3];
                address[0] = encoding.address(*mv, turn) as i32;
                let letter = encoding.letter(*mv);
                if letter > 0 {
                    address[1] = ((letter - 1) * size + encoding.to(*mv, turn)) as i32;
                }
                address[2] = encoding.wall(*mv, turn).map_or(-1, |wall| wall as i32);
            }
        }
        (planes, moves)
    });
    let counts: Vec<i32> = leaves.iter().map(|leaf| leaf.moves.len() as i32).collect();
    Ok(Batch {
        planes: PyArray1::from_vec(py, planes)
            .reshape([count, PLANES, rules.ranks(), rules.files()])?
            .into_any()
            .unbind(),
        moves: PyArray1::from_vec(py, moves).reshape([count, most, 3])?.into_any().unbind(),
        counts: PyArray1::from_vec(py, counts).into_any().unbind(),
        fens: leaves.iter().map(|leaf| rules.fen(&leaf.position)).collect(),
    })
}

/// What a callable returned, checked.
fn judgements<W: Word>(leaves: &[Waiting<W>], answer: &Bound<'_, PyAny>) -> PyResult<Vec<Judgement>> {
    let py = answer.py();
    let wrong = |what: String| PyValueError::new_err(format!("the evaluator returned {what}"));
    let (values, priors): (Bound<'_, PyAny>, Bound<'_, PyAny>) =
        answer.extract().map_err(|_| wrong("no pair of values and priors".to_owned()))?;
    let (values, priors) =
        (as_floats(&values, "values of the evaluator")?, as_floats(&priors, "priors of the evaluator")?);
    let shape_of =
        |array: &Bound<'_, PyAny>| -> PyResult<String> { Ok(array.getattr(intern!(py, "shape"))?.to_string()) };
    let most = leaves.iter().map(|leaf| leaf.moves.len()).max().unwrap_or(0);
    let expected = (leaves.len(), most);
    let values: PyReadonlyArray1<'_, f32> = match values.extract::<PyReadonlyArray1<'_, f32>>() {
        Ok(array) if array.as_array().len() == leaves.len() => array,
        _ => return Err(wrong(format!("values of shape {}; ({},) was expected", shape_of(&values)?, leaves.len()))),
    };
    let priors: PyReadonlyArray2<'_, f32> = match priors.extract::<PyReadonlyArray2<'_, f32>>() {
        Ok(array) if array.as_array().dim() == expected => array,
        _ => return Err(wrong(format!("priors of shape {}; {expected:?} was expected", shape_of(&priors)?))),
    };
    let (values, priors) = (values.as_array(), priors.as_array());
    let each = leaves.iter().enumerate().map(|(row, leaf)| {
        let value = values[row];
        if !(-1.0..=1.0).contains(&value) {
            return Err(wrong(format!("the value {value} for position {row}; -1 to 1 was expected")));
        }
        let weights = priors.slice(ndarray::s![row, ..leaf.moves.len()]);
        if let Some(weight) = weights.iter().find(|weight| !weight.is_finite() || **weight < 0.0) {
            return Err(wrong(format!("the prior {weight} for position {row}; 0 or more was expected")));
        }
        let sum: f32 = weights.iter().sum();
        if sum <= 0.0 || !sum.is_finite() {
            return Err(wrong(format!("priors for position {row} whose sum is {sum}")));
        }
        Ok(Judgement { value, priors: weights.iter().map(|weight| weight / sum).collect() })
    });
    each.collect()
}

/// Searches a game that is not over with a callable, which is asked with the GIL held.
pub fn search_by<W: Word>(
    py: Python<'_>,
    game: &Game<W>,
    callable: &Bound<'_, PyAny>,
    params: Params,
    playouts: u32,
    view: usize,
) -> PyResult<Outcome> {
    let _nested = Nested::enter()?;
    let callable = callable.clone().unbind();
    let mut judge = |leaves: &[Waiting<W>]| {
        Python::attach(|py| {
            py.check_signals()?;
            if leaves.is_empty() {
                return Ok(Vec::new());
            }
            let answer = callable.bind(py).call1((batch_of(py, game.rules(), leaves)?,))?;
            judgements(leaves, &answer)
        })
    };
    py.detach(|| {
        let mut search = Search::new(params).expect("the constants were checked");
        let report = search.run_gathered(game, &mut judge, playouts)?;
        Ok(Outcome { report, view: if view > 0 { search.view(view) } else { Vec::new() } })
    })
}
