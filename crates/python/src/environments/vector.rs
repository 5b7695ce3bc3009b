//! The vector environment, as Python has it.

use std::sync::Arc;

use numpy::{Element, PyArray1, PyArrayDyn, PyArrayMethods as _, PyReadwriteArrayDyn, PyUntypedArrayMethods as _};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use rules::{AnyRules, Rules, Word};

use super::codec::{Cells, Codec};
use super::encoding::Encoding;
use super::lanes::{Lanes, Setting};
use crate::arrays::is_aligned;
use crate::errors::{MoveError, PlayerError, plain};
use crate::variant::{Variant, variant as built_in, variant_of};

/// The most games of an environment.
const MOST: usize = 1 << 16;

enum AnyLanes {
    Small(Lanes<u64>),
    Large(Lanes<u128>),
}

macro_rules! with_lanes {
    ($any:expr, $lanes:ident => $body:expr) => {
        match $any {
            AnyLanes::Small($lanes) => $body,
            AnyLanes::Large($lanes) => $body,
        }
    };
}

/// What is common to games of either word.
struct Options {
    encoding: String,
    plies: (u32, u32),
    max_plies: u32,
    count: usize,
    seed: u64,
}

fn lanes<W: Word>(rules: &Arc<Rules<W>>, change: Option<&Variant>, options: &Options) -> PyResult<Lanes<W>> {
    let refused = |what: String| Err(plain::<PlayerError>(what));
    let codec = match options.encoding.as_str() {
        "planes" => Codec::Planes(Encoding::new(rules)),
        "pgx" if built_in("gardner")?.hash() == rules.hash() && change.is_none() => Codec::Pgx,
        "pgx" => return refused("encoding='pgx' is for gardner as it is, without a change of rules".to_owned()),
        other => return refused(format!("encoding={other:?}: planes or pgx was expected")),
    };
    let change = match change {
        None => None,
        Some(change) => match change.rules.clone().on::<W>() {
            Some(new) if (new.files(), new.ranks()) == (rules.files(), rules.ranks()) => {
                Some((new, options.plies.0, options.plies.1))
            }
            _ => return refused(format!("{} has another board, or far more kinds of men", change.name_text())),
        },
    };
    let keeps_past = matches!(codec, Codec::Pgx);
    let setting = Setting { rules: Arc::clone(rules), codec, change, max_plies: options.max_plies, keeps_past };
    Ok(Lanes::new(setting, options.count, options.seed))
}

/// Many games at once, stepped into arrays of the caller. Games that end begin anew in the same step: the reward is that of the game which
/// ended, the observation that of the new one.
#[pyclass(module = "pyinterregnum")]
pub struct VectorEnv {
    lanes: AnyLanes,
    seed: u64,
}

/// An array of the caller that is written to.
enum Target<'py> {
    Bytes(PyReadwriteArrayDyn<'py, u8>),
    Signed(PyReadwriteArrayDyn<'py, i8>),
    Flags(PyReadwriteArrayDyn<'py, bool>),
    Floats(PyReadwriteArrayDyn<'py, f32>),
}

/// An array of a type, if it has this type.
fn typed<'py, T: Element>(array: &Bound<'py, PyAny>) -> PyResult<Option<PyReadwriteArrayDyn<'py, T>>> {
    let Ok(array) = array.cast::<PyArrayDyn<T>>() else { return Ok(None) };
    array.try_readwrite().map(Some).map_err(|error| PyValueError::new_err(error.to_string()))
}

fn check<T: Element>(array: &PyReadwriteArrayDyn<'_, T>, name: &str, shape: &[usize]) -> PyResult<()> {
    // A slice is what is written to: there is none of arrays that are not aligned or not contiguous, but one of those in Fortran's order.
    if array.shape() != shape || !array.is_c_contiguous() || array.as_slice().is_err() {
        let found = array.shape();
        let message = format!("{name} of shape {found:?}; {shape:?}, aligned and contiguous, was expected");
        return Err(PyValueError::new_err(message));
    }
    Ok(())
}

/// The array of that name in `out`, checked.
fn target<'py>(
    out: Option<&Bound<'py, PyDict>>,
    name: &str,
    shape: &[usize],
    types: &str,
) -> PyResult<Option<Target<'py>>> {
    let Some(array) = out.map(|out| out.get_item(name)).transpose()?.flatten() else { return Ok(None) };
    let allowed = |kind: &str| types.split(' ').any(|known| known == kind);
    let found = if let Some(array) = typed::<u8>(&array)?.filter(|_| allowed("uint8")) {
        check(&array, name, shape)?;
        Target::Bytes(array)
    } else if let Some(array) = typed::<i8>(&array)?.filter(|_| allowed("int8")) {
        check(&array, name, shape)?;
        Target::Signed(array)
    } else if let Some(array) = typed::<bool>(&array)?.filter(|_| allowed("bool")) {
        check(&array, name, shape)?;
        Target::Flags(array)
    } else if let Some(array) = typed::<f32>(&array)?.filter(|_| allowed("float32")) {
        check(&array, name, shape)?;
        Target::Floats(array)
    } else {
        return Err(PyTypeError::new_err(format!("{name}: an array of one of {types} was expected")));
    };
    Ok(Some(found))
}

const NOT_CONTIGUOUS: &str = "was found to be contiguous";

impl Target<'_> {
    fn bytes(&mut self) -> Option<&mut [u8]> {
        match self {
            Target::Bytes(array) => Some(array.as_slice_mut().expect(NOT_CONTIGUOUS)),
            _ => None,
        }
    }
}

/// What is done before arrays are written.
#[derive(Clone, Copy)]
enum Act<'a> {
    /// All games begin anew, with this seed.
    Begin(u64),
    /// An action is taken in each game.
    Step(&'a [i32]),
}

/// The names of arrays that may be written to.
const NAMES: [&str; 6] = ["observation", "mask", "reward", "done", "turn", "regime"];

impl VectorEnv {
    fn count(&self) -> usize {
        with_lanes!(&self.lanes, lanes => lanes.len())
    }

    fn codec(&self) -> &Codec {
        with_lanes!(&self.lanes, lanes => &lanes.setting.codec)
    }

    /// Does that, and writes everything that `out` asks for. If `out` or an action is refused, nothing is done.
    fn run(&mut self, py: Python<'_>, act: Act<'_>, out: Option<&Bound<'_, PyDict>>) -> PyResult<()> {
        for (name, _) in out.into_iter().flatten() {
            let name = name.extract::<String>()?;
            if !NAMES.contains(&name.as_str()) {
                return Err(PyValueError::new_err(format!("{name:?} is none of {}", NAMES.join(", "))));
            }
        }
        let count = self.count();
        let [planes, ranks, files] = self.codec().observation_shape();
        let kinds = if self.codec().has_bytes() { "uint8 float32" } else { "float32" };
        let mut observation = target(out, "observation", &[count, planes, ranks, files], kinds)?;
        let mut mask = target(out, "mask", &[count, self.codec().actions()], "int8 uint8 bool")?;
        let mut reward = target(out, "reward", &[count, 2], "float32")?;
        let mut done = target(out, "done", &[count], "uint8")?;
        let mut turn = target(out, "turn", &[count], "uint8")?;
        let mut regime = target(out, "regime", &[count], "uint8")?;
        with_lanes!(&mut self.lanes, lanes => {
            if let Act::Step(actions) = act
                && let Some(number) = lanes.illegal(actions)
            {
                let fen = lanes.fens().swap_remove(number);
                let message = format!("action {} is not legal in game {number}: `{fen}`", actions[number]);
                return Err(plain::<MoveError>(message));
            }
            let reward = match &mut reward {
                Some(Target::Floats(array)) => Some(array.as_slice_mut().expect(NOT_CONTIGUOUS)),
                _ => None,
            };
            let done = done.as_mut().and_then(Target::bytes);
            let turn = turn.as_mut().and_then(Target::bytes);
            let regime = regime.as_mut().and_then(Target::bytes);
            let cells = match &mut observation {
                Some(Target::Bytes(array)) => Some(Cells::Bytes(array.as_slice_mut().expect(NOT_CONTIGUOUS))),
                Some(Target::Floats(array)) => Some(Cells::Floats(array.as_slice_mut().expect(NOT_CONTIGUOUS))),
                _ => None,
            };
            enum Masks<'a> { None, Bytes(&'a mut [u8]), Signed(&'a mut [i8]), Flags(&'a mut [bool]) }
            let masks = match &mut mask {
                Some(Target::Bytes(array)) => Masks::Bytes(array.as_slice_mut().expect(NOT_CONTIGUOUS)),
                Some(Target::Signed(array)) => Masks::Signed(array.as_slice_mut().expect(NOT_CONTIGUOUS)),
                Some(Target::Flags(array)) => Masks::Flags(array.as_slice_mut().expect(NOT_CONTIGUOUS)),
                _ => Masks::None,
            };
            py.detach(|| {
                let (mut reward, mut done) = (reward, done);
                match act {
                    Act::Step(actions) => lanes.step(actions, |number, outcome| {
                        if let Some(reward) = reward.as_deref_mut() {
                            reward[2 * number..2 * number + 2].copy_from_slice(&outcome.reward);
                        }
                        if let Some(done) = done.as_deref_mut() {
                            done[number] = outcome.done;
                        }
                    }),
                    Act::Begin(seed) => {
                        lanes.reset(count, seed);
                        reward.into_iter().for_each(|all| all.fill(0.0));
                        done.into_iter().for_each(|all| all.fill(0));
                    }
                }
                if let Some(cells) = cells {
                    lanes.observe(cells);
                }
                match masks {
                    Masks::None => {}
                    Masks::Bytes(masks) => lanes.masks(masks, 0, 1),
                    Masks::Signed(masks) => lanes.masks(masks, 0, 1),
                    Masks::Flags(masks) => lanes.masks(masks, false, true),
                }
                turn.into_iter().flatten().zip(lanes.state()).for_each(|(cell, (black, _))| *cell = black.into());
                regime.into_iter().flatten().zip(lanes.state()).for_each(|(cell, (_, changed))| *cell = changed.into());
            });
        });
        Ok(())
    }
}

#[pymethods]
impl VectorEnv {
    /// `count` games of a variant. `change` are rules that the games go on under from a ply on, which is drawn for each game from
    /// `change_plies`, both ends included; agents see that in `regime` alone. `max_plies` cuts games off. `encoding` is `planes`, or `pgx` for
    /// gardner.
    #[new]
    #[pyo3(signature = (variant, count, *, seed=0, change=None, change_plies=(10, 30), max_plies=512, encoding="planes"),
        text_signature = "(variant, count, *, seed=0, change=None, change_plies=(10, 30), max_plies=512, encoding='planes')")]
    #[allow(clippy::too_many_arguments)]
    fn new(
        variant: &Bound<'_, PyAny>,
        count: usize,
        seed: u64,
        change: Option<&Bound<'_, PyAny>>,
        change_plies: (u32, u32),
        max_plies: u32,
        encoding: &str,
    ) -> PyResult<VectorEnv> {
        let variant = variant_of(variant)?;
        if !(1..=MOST).contains(&count) || max_plies == 0 || !(1..=change_plies.1).contains(&change_plies.0) {
            let message =
                format!("1 to {MOST} games, max_plies of 1 or more, rising change_plies from 1 were expected");
            return Err(plain::<PlayerError>(message));
        }
        let change = change.map(variant_of).transpose()?;
        let change = change.as_ref();
        let options = Options { encoding: encoding.to_owned(), plies: change_plies, max_plies, count, seed };
        let lanes = match &variant.rules {
            AnyRules::Small(rules) => AnyLanes::Small(lanes(rules, change, &options)?),
            AnyRules::Large(rules) => AnyLanes::Large(lanes(rules, change, &options)?),
        };
        Ok(VectorEnv { lanes, seed })
    }

    fn __len__(&self) -> usize {
        self.count()
    }

    /// Number of actions.
    #[getter]
    fn action_count(&self) -> usize {
        self.codec().actions()
    }

    /// Shape of the observation of one game.
    #[getter]
    fn observation_shape(&self) -> (usize, usize, usize) {
        self.codec().observation_shape().into()
    }

    /// FENs of the positions.
    #[getter]
    fn fens(&self) -> Vec<String> {
        with_lanes!(&self.lanes, lanes => lanes.fens())
    }

    /// Arrays to write to, a dict: `observation` uint8 (float32 for pgx) [n, …], `mask` int8 [n, actions], `reward` float32 [n, 2] for White
    /// and Black, `done` uint8 [n] (1 where the game ended, 2 where it was cut off), `turn` uint8 [n] (1 where Black is to move), `regime`
    /// uint8 [n] (1 where the rules have changed).
    fn buffers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (count, codec) = (self.count(), self.codec());
        let [planes, ranks, files] = codec.observation_shape();
        let shape = [count, planes, ranks, files];
        let buffers = PyDict::new(py);
        if codec.has_bytes() {
            buffers.set_item("observation", PyArrayDyn::<u8>::zeros(py, shape.as_slice(), false))?;
        } else {
            buffers.set_item("observation", PyArrayDyn::<f32>::zeros(py, shape.as_slice(), false))?;
        }
        buffers.set_item("mask", PyArrayDyn::<i8>::zeros(py, [count, codec.actions()].as_slice(), false))?;
        buffers.set_item("reward", PyArrayDyn::<f32>::zeros(py, [count, 2].as_slice(), false))?;
        for name in ["done", "turn", "regime"] {
            buffers.set_item(name, PyArray1::<u8>::zeros(py, count, false))?;
        }
        Ok(buffers)
    }

    /// Begins all games anew, and writes the arrays of `out` (see `buffers`), any of which may be missing. Equal seeds give equal games; without
    /// one the seed is that of the environment.
    #[pyo3(signature = (out=None, *, seed=None))]
    fn reset(&mut self, py: Python<'_>, out: Option<&Bound<'_, PyDict>>, seed: Option<u64>) -> PyResult<()> {
        self.run(py, Act::Begin(seed.unwrap_or(self.seed)), out)
    }

    /// Takes one action in each game, int32 [n], and writes the arrays of `out`. Raises `MoveError` if one is not legal; then nothing is done.
    #[pyo3(signature = (actions, out=None))]
    fn step(&mut self, py: Python<'_>, actions: &Bound<'_, PyAny>, out: Option<&Bound<'_, PyDict>>) -> PyResult<()> {
        let actions = actions
            .cast::<PyArray1<i32>>()
            .map_err(|_| PyTypeError::new_err("actions: an array of int32 with one dimension was expected"))?;
        let actions = actions.try_readonly().map_err(|error| PyValueError::new_err(error.to_string()))?;
        if !is_aligned(actions.as_any())? {
            return Err(PyValueError::new_err("actions: an aligned array was expected"));
        }
        let actions = actions.as_array().to_vec();
        if actions.len() != self.count() {
            let message = format!("{} actions for {} games", actions.len(), self.count());
            return Err(PyValueError::new_err(message));
        }
        self.run(py, Act::Step(&actions), out)
    }

    /// Draws a legal move in each game, each as likely as any other, and writes the actions that come next on the way to them to `actions`,
    /// int32 [n].
    fn sample(&mut self, py: Python<'_>, actions: &Bound<'_, PyAny>) -> PyResult<()> {
        let array = typed::<i32>(actions)?;
        let mut array = array.ok_or_else(|| PyTypeError::new_err("actions: an array of int32 was expected"))?;
        check(&array, "actions", &[self.count()])?;
        let actions = array.as_slice_mut().expect(NOT_CONTIGUOUS);
        with_lanes!(&mut self.lanes, lanes => py.detach(|| lanes.sample(actions)));
        Ok(())
    }

    fn __repr__(&self) -> String {
        format!("<VectorEnv of {} games, {} actions>", self.count(), self.action_count())
    }
}
