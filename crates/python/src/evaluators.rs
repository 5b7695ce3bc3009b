//! Evaluators: networks from weight files, and those that know only the rules.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use evaluator::{
    Card, FloatNetwork, Lineage, Network, NetworkEvaluator, Rollout, Shape, Uniform, WeightSource as _,
    WeightsError as Refused,
};
use numpy::{IxDyn, PyArray1, PyArray2, PyArray3, PyArrayMethods as _, PyReadonlyArrayDyn, PyUntypedArrayMethods as _};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rules::{AnyRules, MoveList, Position, Rules, Word, with_rules};

use crate::arrays::as_floats;
use crate::board::{AnyBoard, with_board};
use crate::errors::{Cause, WeightsError, exception};
use crate::game::Game;
use crate::json;
use crate::variant::{Variant, variant, variant_of};

/// Values that an evaluation shows.
const SHOWN: usize = 5;
/// Positions that are judged between two questions whether Python wants to stop.
const CHUNK: usize = 1024;

/// What judges positions.
#[derive(Clone)]
pub enum Judge {
    Network { network: Arc<Network>, card: Box<Card>, origin: String },
    Zero,
    Rollout { seed: u64 },
}

/// An evaluator for boards on a word.
pub type Boxed<W> = Box<dyn evaluator::Evaluator<W>>;

impl Judge {
    /// The evaluator for a variant.
    pub fn evaluator<W: Word>(&self, rules: &Rules<W>) -> PyResult<Boxed<W>> {
        Ok(match self {
            Judge::Network { network, .. } => {
                Box::new(NetworkEvaluator::new(Arc::clone(network), rules).map_err(of_weights)?)
            }
            Judge::Zero => Box::new(Uniform::new(rules)),
            Judge::Rollout { seed } => {
                let mut rollout: Boxed<W> = Box::new(Rollout::new(rules));
                rollout.reset(*seed);
                rollout
            }
        })
    }

    /// The evaluator that a text or path names: `zero`, `rollout`, or a weight file by its name or path.
    pub fn named(name: &Path, seed: u64) -> PyResult<Judge> {
        let (network, card, origin) = match name.to_str() {
            Some("zero") => return Ok(Judge::Zero),
            Some("rollout") => return Ok(Judge::Rollout { seed }),
            Some(name) => {
                let loaded = interregnum::ByName.load(name).map_err(|error| suggesting(name, error))?;
                (loaded.network, loaded.card, loaded.origin)
            }
            // Names are text: this one can be a path alone.
            None => {
                let (network, card) = Network::load(name).map_err(of_weights)?;
                (network, card, files::printable(&name.to_string_lossy()).into_owned())
            }
        };
        Ok(Judge::Network { network: Arc::new(network), card: Box::new(card), origin })
    }
}

/// The path, or the text, that a str, bytes or path object is.
pub fn path_of(given: &Bound<'_, PyAny>) -> PyResult<PathBuf> {
    given.py().import("os")?.call_method1("fsdecode", (given,))?.extract()
}

/// The exception for a weight file that was refused. If the name is that of a variant, it tells of the evaluator of this variant.
fn suggesting(name: &str, error: Refused) -> PyErr {
    let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric());
    let other = format!("{name}-1");
    let is_there = plain && matches!(error, Refused::Missing { .. }) && interregnum::ByName.load(&other).is_ok();
    let hint = if is_there { format!("; did you mean {other}?") } else { String::new() };
    refusal(error, &hint)
}

/// The exception for a weight file that was refused.
pub fn of_weights(error: Refused) -> PyErr {
    refusal(error, "")
}

fn refusal(error: Refused, hint: &str) -> PyErr {
    let mut cause = Cause::default();
    match &error {
        Refused::Damaged { path, .. } => cause.file = Some(path.display().to_string()),
        Refused::File(file) => cause.file = Some(file.path.display().to_string()),
        Refused::Tensor { name, .. } => cause.key = Some(name.clone()),
        Refused::Missing { name, .. } => cause.file = Some(name.clone()),
        Refused::Shape(_) => {}
    }
    // The flag is one of the command line.
    let message = error.to_string().replace("--models or INTERREGNUM_MODELS names", "INTERREGNUM_MODELS names");
    exception::<WeightsError>(message + hint, cause)
}

/// An evaluator of this program: a network in whole numbers, or one that knows only the rules.
#[pyclass(frozen, module = "pyinterregnum")]
#[derive(Clone)]
pub struct Evaluator {
    pub judge: Judge,
}

/// What an evaluator says of positions.
#[pyclass(frozen, get_all, module = "pyinterregnum")]
pub struct Evaluation {
    /// Probabilities of win, draw and loss for the side to move, float32 [n, 3].
    wdl: Py<PyArray2<f32>>,
    /// Expected results for the side to move in [-1, 1], float32 [n].
    value: Py<PyArray1<f32>>,
    /// For each position one prior for each legal move, a list of float32 [k] that sum to 1.
    priors: Py<PyList>,
    /// For each position the legal moves in UCI notation, a list of lists of str, empty where there are none.
    moves: Vec<Vec<String>>,
}

#[pymethods]
impl Evaluation {
    fn __len__(&self) -> usize {
        self.moves.len()
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let value = self.value.bind(py).to_vec().unwrap_or_default();
        let more = if value.len() > SHOWN { ", …" } else { "" };
        let shown: Vec<String> = value.iter().take(SHOWN).map(|value| format!("{value:+.3}")).collect();
        format!("<Evaluation of {} positions, worth {}{more} to the side to move>", value.len(), shown.join(", "))
    }
}

/// The positions that a caller gave, one by one.
fn items<'py>(positions: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyAny>>> {
    if positions.cast::<Game>().is_ok() || positions.extract::<&str>().is_ok() {
        return Err(PyTypeError::new_err("an iterable of positions was expected, not a single one"));
    }
    let mut items = Vec::new();
    for item in positions.try_iter()? {
        if items.len().is_multiple_of(CHUNK) {
            positions.py().check_signals()?;
        }
        items.push(item?);
    }
    Ok(items)
}

/// The positions of FENs or games of one variant.
fn read_positions<W: Word>(rules: &Rules<W>, positions: &[Bound<'_, PyAny>]) -> PyResult<Vec<Position<W>>> {
    let one = |position: &Bound<'_, PyAny>| -> PyResult<Position<W>> {
        if let Ok(game) = position.cast::<Game>() {
            let game = game.try_borrow()?;
            let fen = game.fen();
            if game.variant.hash() == rules.hash() {
                // The same rules: the position itself. Its FEN would lose what no FEN tells.
                return with_board!(&game.board, board => {
                    (&board.position as &dyn std::any::Any).downcast_ref().copied()
                        .ok_or_else(|| PyValueError::new_err("the game is played on another word"))
                });
            }
            return rules.parse_fen(&fen).map_err(crate::errors::of_fen);
        }
        let fen = position.extract::<String>();
        let fen = fen.map_err(|_| PyTypeError::new_err("positions are games, or FENs as str"))?;
        rules.parse_fen(&fen).map_err(crate::errors::of_fen)
    };
    let mut read = Vec::with_capacity(positions.len());
    for chunk in positions.chunks(CHUNK) {
        if let Some(first) = chunk.first() {
            first.py().check_signals()?;
        }
        for position in chunk {
            read.push(one(position)?);
        }
    }
    Ok(read)
}

/// What is said of one position.
struct Said {
    wdl: [f32; 3],
    value: f32,
    priors: Vec<f32>,
    moves: Vec<String>,
}

fn say<W: Word>(evaluator: &mut Boxed<W>, rules: &Rules<W>, position: &Position<W>) -> Said {
    let mut moves = MoveList::new();
    rules.legal_moves(position, &mut moves);
    let mut priors = vec![0.0; moves.len()];
    let value = evaluator.evaluate(rules, position, &moves, &mut priors);
    let wdl = evaluator.win_draw_loss(rules, position);
    // Evaluators without an opinion on draws expect none.
    let wdl = wdl.unwrap_or([f32::midpoint(1.0, value), 0.0, f32::midpoint(1.0, -value)]);
    Said { wdl, value, priors, moves: moves.iter().map(|mv| rules.uci(position, *mv)).collect() }
}

impl Evaluator {
    fn evaluate_under<W: Word>(
        &self,
        py: Python<'_>,
        rules: &Rules<W>,
        positions: &[Bound<'_, PyAny>],
    ) -> PyResult<Evaluation> {
        let mut evaluator = self.judge.evaluator(rules)?;
        let positions = read_positions(rules, positions)?;
        let mut said = Vec::with_capacity(positions.len());
        for chunk in positions.chunks(CHUNK) {
            py.check_signals()?;
            said.extend(py.detach(|| chunk.iter().map(|p| say(&mut evaluator, rules, p)).collect::<Vec<_>>()));
        }
        let wdl: Vec<f32> = said.iter().flat_map(|said| said.wdl).collect();
        let value: Vec<f32> = said.iter().map(|said| said.value).collect();
        let priors = said.iter().map(|said| PyArray1::from_slice(py, &said.priors));
        Ok(Evaluation {
            priors: PyList::new(py, priors.collect::<Vec<_>>())?.unbind(),
            wdl: PyArray1::from_vec(py, wdl).reshape([said.len(), 3])?.unbind(),
            value: PyArray1::from_vec(py, value).unbind(),
            moves: said.into_iter().map(|said| said.moves).collect(),
        })
    }

    /// The rules that positions are read by: those that are given, those of the games among the positions, which must be of one variant, or those
    /// of the card.
    fn rules_of(&self, positions: &[Bound<'_, PyAny>], given: Option<&Bound<'_, PyAny>>) -> PyResult<AnyRules> {
        if given.is_some() {
            return self.rules_for(given);
        }
        let mut found: Option<Variant> = None;
        for game in positions.iter().filter_map(|position| position.cast::<Game>().ok()) {
            let variant = &game.try_borrow()?.variant;
            match &found {
                None => found = Some(variant.clone()),
                Some(first) if first.hash() == variant.hash() => {}
                Some(first) => {
                    return Err(PyValueError::new_err(format!(
                        "games of {} ({}) and of {} ({}): `variant` says which rules to read them by",
                        first.name_text(),
                        first.hash(),
                        variant.name_text(),
                        variant.hash()
                    )));
                }
            }
        }
        found.map_or_else(|| self.rules_for(None), |variant| Ok(variant.rules))
    }

    /// The network, if there is one.
    fn network(&self) -> PyResult<&Arc<Network>> {
        match &self.judge {
            Judge::Network { network, .. } => Ok(network),
            Judge::Zero | Judge::Rollout { .. } => {
                Err(exception::<WeightsError>("this evaluator has no weights".to_owned(), Cause::default()))
            }
        }
    }

    /// The rules that positions are read by where no position says it.
    fn rules_for(&self, variant_given: Option<&Bound<'_, PyAny>>) -> PyResult<AnyRules> {
        if let Some(given) = variant_given {
            return Ok(variant_of(given)?.rules);
        }
        let Judge::Network { card, .. } = &self.judge else {
            return Err(PyTypeError::new_err("`variant` says which rules FENs belong to; this evaluator has none"));
        };
        let own = variant(&card.variant).ok().filter(|own| own.hash() == card.rules);
        own.map(|own| own.rules).ok_or_else(|| {
            let message = format!("{} is no built-in variant with the rules of the card; give `variant`", card.variant);
            exception::<WeightsError>(message, Cause::default())
        })
    }
}

#[pymethods]
impl Evaluator {
    /// `zero`, `rollout`, or where the weight file was found.
    #[getter]
    fn origin(&self) -> &str {
        match &self.judge {
            Judge::Network { origin, .. } => origin,
            Judge::Zero => "zero",
            Judge::Rollout { .. } => "rollout",
        }
    }

    /// Hash of the weights, 16 hexadecimal digits, by which runs, lineages and saved copies name them; None without weights.
    #[getter]
    fn weights(&self) -> Option<&str> {
        match &self.judge {
            Judge::Network { network, .. } => Some(network.hash()),
            Judge::Zero | Judge::Rollout { .. } => None,
        }
    }

    /// What the weight file says of itself: a dict of format, shape, variant, rules, payoff, weights, search and lineage; None without a file. In
    /// files of format 1 `weights` is another hash than that of `Evaluator.weights`.
    #[getter]
    fn card<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        match &self.judge {
            Judge::Network { card, .. } => json::to_python(py, card).map(Some),
            Judge::Zero | Judge::Rollout { .. } => Ok(None),
        }
    }

    /// Judges positions, an iterable of games and FENs, without any search. All are read by the rules of `variant`, which may be a name; if none is
    /// given, by the rules of the games, which must be of one variant; without games by those that the evaluator was selected under. Raises
    /// `ValueError` for games of several variants.
    #[pyo3(signature = (positions, variant=None))]
    fn evaluate(
        &self,
        py: Python<'_>,
        positions: &Bound<'_, PyAny>,
        variant: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Evaluation> {
        let positions = items(positions)?;
        let rules = self.rules_of(&positions, variant)?;
        with_rules!(&rules, rules => self.evaluate_under(py, rules, &positions))
    }

    /// The weights as floats, a dict of float32 arrays by name; the README says what they mean. Raises `WeightsError` for `zero` and `rollout`.
    fn tensors<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let floats = self.network()?.dequantise();
        let tensors = PyDict::new(py);
        for tensor in floats.tensors() {
            let array = PyArray1::from_slice(py, tensor.values);
            tensors.set_item(tensor.name, array.reshape(IxDyn(tensor.shape()))?)?;
        }
        Ok(tensors)
    }

    /// The largest magnitudes that weights may have, a dict of float by name: those beyond them cannot be written in whole numbers.
    fn limits<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let limits = PyDict::new(py);
        for tensor in FloatNetwork::zeros(self.network()?.shape()).tensors() {
            limits.set_item(tensor.name, tensor.limit)?;
        }
        Ok(limits)
    }

    /// An evaluator with other weights of the same shapes, rounded to whole numbers. `command` says in its card how they were made; its parent is
    /// this evaluator. Raises `WeightsError`, with `key`, for tensors that are missing, of another shape, or beyond their limit.
    #[pyo3(signature = (tensors, *, command=""))]
    fn with_tensors(&self, py: Python<'_>, tensors: &Bound<'_, PyDict>, command: &str) -> PyResult<Evaluator> {
        let own = self.network()?;
        let mut floats = own.dequantise();
        let wrong = |name: &str, what: String| {
            let cause = Cause { key: Some(name.to_owned()), ..Cause::default() };
            exception::<WeightsError>(format!("tensor {name} {what}"), cause)
        };
        let shapes: Vec<(&str, Vec<usize>)> =
            floats.tensors().map(|tensor| (tensor.name, tensor.shape().to_vec())).collect();
        for (name, _) in tensors {
            let name = name.extract::<String>()?;
            if shapes.iter().all(|(known, _)| *known != name) {
                return Err(wrong(&files::excerpt(&name, 40), "is none of this network".to_owned()));
            }
        }
        for (name, shape) in shapes {
            let given = tensors.get_item(name)?.ok_or_else(|| wrong(name, "is missing".to_owned()))?;
            let given = as_floats(&given, &format!("tensor {name}"))?;
            let array: PyReadonlyArrayDyn<'_, f32> = given.extract()?;
            if array.shape() != shape {
                return Err(wrong(name, format!("has shape {:?}; {shape:?} was expected", array.shape())));
            }
            let values = floats.tensor_mut(name).ok_or_else(|| wrong(name, "is none of this network".to_owned()))?;
            let given = array.as_slice().map_err(|error| wrong(name, format!("cannot be read: {error}")))?;
            values.copy_from_slice(given);
        }
        let Judge::Network { card, .. } = &self.judge else { return Ok(self.clone()) };
        let mut card = card.clone();
        let network = py.detach(|| floats.quantise()).map_err(of_weights)?;
        card.weights = network.hash().to_owned();
        card.lineage.parent = Some(own.hash().to_owned());
        card.lineage.command = command.to_owned();
        let origin = "tensors".to_owned();
        Ok(Evaluator { judge: Judge::Network { network: Arc::new(network), card, origin } })
    }

    /// Writes a weight file, which this program plays with everywhere.
    fn save(&self, py: Python<'_>, path: &Bound<'_, PyAny>) -> PyResult<()> {
        let path = path_of(path)?;
        let network = self.network()?;
        let Judge::Network { card, .. } = &self.judge else { return Ok(()) };
        py.detach(|| network.save_with(&path, card)).map_err(of_weights)
    }

    /// What the network sees of positions, a pair of arrays filled up with -1: `features` int32 [n, most], the rows of `features.weight` that are
    /// added, and `moves` int32 [n, most, 3], for each legal move its rows of the tensors `policy`, `promotion` and `wall`, in the order of
    /// `Game.legal_moves`.
    #[pyo3(signature = (positions, variant=None))]
    fn inputs<'py>(
        &self,
        py: Python<'py>,
        positions: &Bound<'py, PyAny>,
        variant: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Inputs<'py>> {
        let positions = items(positions)?;
        let rules = self.rules_of(&positions, variant)?;
        with_rules!(&rules, rules => {
            let positions = read_positions(rules, &positions)?;
            let binding = evaluator::Binding::new(self.network()?.shape(), rules, None).map_err(of_weights)?;
            let mut seen = Vec::with_capacity(positions.len());
            for chunk in positions.chunks(CHUNK) {
                py.check_signals()?;
                seen.extend(py.detach(|| chunk.iter().map(|p| see(&binding, rules, p)).collect::<Vec<_>>()));
            }
            let most_features = seen.iter().map(|(features, _)| features.len()).max().unwrap_or(0);
            let most_moves = seen.iter().map(|(_, moves)| moves.len()).max().unwrap_or(0);
            let mut features = vec![-1; seen.len() * most_features];
            let mut moves = vec![-1; seen.len() * most_moves * 3];
            for (row, (active, addresses)) in seen.iter().enumerate() {
                features[row * most_features..][..active.len()].copy_from_slice(active);
                moves[row * most_moves * 3..][..addresses.len() * 3].copy_from_slice(addresses.as_flattened());
            }
            let features = PyArray1::from_vec(py, features).reshape([seen.len(), most_features])?;
            Ok((features, PyArray1::from_vec(py, moves).reshape([seen.len(), most_moves, 3])?))
        })
    }

    fn __repr__(&self) -> String {
        match &self.judge {
            Judge::Network { network, card, .. } => format!("<Evaluator of {} {}>", card.variant, network.hash()),
            Judge::Zero => "<Evaluator zero>".to_owned(),
            Judge::Rollout { seed } => format!("<Evaluator rollout seed={seed}>"),
        }
    }

    fn __copy__(&self) -> Evaluator {
        self.clone()
    }

    fn __deepcopy__(&self, _memo: &Bound<'_, PyAny>) -> Evaluator {
        self.clone()
    }

    #[allow(clippy::type_complexity)]
    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyAny>, (Option<Bound<'py, PyBytes>>, String, u64))> {
        let rebuild = py.import("pyinterregnum._native")?.getattr("rebuilt_evaluator")?;
        let (file, seed) = match &self.judge {
            Judge::Network { network, card, .. } => {
                (Some(py.detach(|| network.to_bytes(card)).map_err(of_weights)?), 0)
            }
            Judge::Zero => (None, 0),
            Judge::Rollout { seed } => (None, *seed),
        };
        Ok((rebuild, (file.map(|file| PyBytes::new(py, &file)), self.origin().to_owned(), seed)))
    }
}

/// What a pickle of an evaluator is read with: the bytes of its weight file and its origin, or None, its name and its seed.
#[pyfunction]
pub fn rebuilt_evaluator(file: Option<&[u8]>, origin: &str, seed: u64) -> PyResult<Evaluator> {
    let judge = match (file, origin) {
        (Some(file), _) => {
            let (network, card) = Network::from_bytes(file).map_err(of_weights)?;
            Judge::Network { network: Arc::new(network), card: Box::new(card), origin: origin.to_owned() }
        }
        (None, "zero") => Judge::Zero,
        (None, "rollout") => Judge::Rollout { seed },
        (None, other) => {
            let message = format!("a pickle of an evaluator without weights: {}", files::excerpt(other, 40));
            return Err(exception::<WeightsError>(message, Cause::default()));
        }
    };
    Ok(Evaluator { judge })
}

/// An evaluator by the name of a weight file that is shipped, by a path, or `zero` (every move is equally likely, every position even) or
/// `rollout` (one random game a position). Raises `WeightsError`.
#[pyfunction]
#[pyo3(signature = (name, *, seed=0))]
pub fn load(py: Python<'_>, name: &Bound<'_, PyAny>, seed: u64) -> PyResult<Evaluator> {
    let name = path_of(name)?;
    Ok(Evaluator { judge: py.detach(|| Judge::named(&name, seed))? })
}

/// The names of the weight files that are shipped or lie in the folders that are looked in, sorted: what `load` takes besides paths.
#[pyfunction]
pub fn evaluators(py: Python<'_>) -> Vec<String> {
    py.detach(interregnum::names)
}

/// A network of random weights for a variant, from which a trainer can begin: `hidden` units, a multiple of 32 up to 1024. It may see men in `hands`,
/// and whether men are attacked and defended (`attacks`).
#[pyfunction]
#[pyo3(signature = (variant, *, hidden=64, hands=false, attacks=false, seed=0))]
pub fn new_evaluator(
    variant: &Bound<'_, PyAny>,
    hidden: usize,
    hands: bool,
    attacks: bool,
    seed: u64,
) -> PyResult<Evaluator> {
    with_rules!(&variant_of(variant)?.rules, rules => {
        let mut shape = Shape::for_variants([&**rules], hidden).map_err(of_weights)?;
        if hands {
            shape = shape.seeing_hands().map_err(of_weights)?;
        }
        if attacks {
            shape = shape.seeing_attacks();
        }
        let floats = FloatNetwork::random(&shape, &mut ChaCha8Rng::seed_from_u64(seed));
        let network = floats.quantise().map_err(of_weights)?;
        let payoff = rules.payoff().to_entries().map(|(name, worth)| (name.to_owned(), worth)).collect();
        let card = Box::new(Card {
            format: 0,
            shape,
            variant: rules.name().to_owned(),
            rules: rules.hash().to_owned(),
            payoff,
            weights: network.hash().to_owned(),
            search: None,
            lineage: Lineage { command: "random weights".to_owned(), seed, ..Lineage::default() },
        });
        Ok(Evaluator { judge: Judge::Network { network: Arc::new(network), card, origin: "random".to_owned() } })
    })
}

/// Features and addresses of moves as arrays.
type Inputs<'py> = (Bound<'py, PyArray2<i32>>, Bound<'py, PyArray3<i32>>);
/// Features of a position, and addresses of its legal moves.
type Seen = (Vec<i32>, Vec<[i32; 3]>);

fn see<W: Word>(binding: &evaluator::Binding, rules: &Rules<W>, position: &Position<W>) -> Seen {
    let (mut features, mut moves) = (Vec::new(), MoveList::new());
    binding.active_features(rules, position, |feature| features.push(feature as i32));
    rules.legal_moves(position, &mut moves);
    let row = |address: Option<usize>| address.map_or(-1, |row| row as i32);
    let addresses = moves.iter().map(|mv| {
        let address = binding.address(*mv, position.turn());
        [address.from_to as i32, row(address.promotion), row(address.wall)]
    });
    (features, addresses.collect())
}

/// The board of a game as a search takes it.
pub fn copied(game: &Bound<'_, Game>) -> PyResult<(Variant, AnyBoard)> {
    let game = game.try_borrow()?;
    Ok((game.variant.clone(), game.board.clone()))
}
