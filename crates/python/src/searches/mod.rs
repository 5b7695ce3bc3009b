//! Searches.

mod callable;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ::search::{AlphaBeta, Limit, Params, RootPolicy, RootReport, Search, StopWhen, ViewNode};
pub use callable::Batch;
use numpy::PyArray1;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use rules::{Game as Played, Position, Word};

use crate::board::{AnyBoard, Board};
use crate::errors::{PlayerError, no_such_position, plain};
use crate::evaluators::{Boxed, Evaluator, Judge, copied, path_of};
use crate::game::Game;
use crate::variant::{Variant, variant_of};
use crate::work::{Signals, give_up, interruptible};

/// Searches of so many playouts are made at once, without looking out for signals.
const SHORT: u32 = 500;
/// What a search found.
#[pyclass(frozen, get_all, module = "pyinterregnum")]
pub struct SearchResult {
    /// The moves of the root in UCI notation, the best first.
    moves: Vec<String>,
    /// Playouts that began with each move, int32 [k]; zeros for alpha-beta.
    visits: Py<PyArray1<i32>>,
    /// Mean value of each move for the mover in [-1, 1], float32 [k]; NaN where it was not visited.
    q: Py<PyArray1<f32>>,
    /// The evaluator's prior of each move, float32 [k].
    prior: Py<PyArray1<f32>>,
    /// What each move is proven to be worth, float32 [k]; NaN where nothing is proven.
    proven_moves: Py<PyArray1<f32>>,
    /// Whether each move is legal in the game itself, bool [k]: false is possible under `believes` alone.
    legal: Py<PyArray1<bool>>,
    /// The first move that is legal in the game; None if there is none. (A player in a match that believes in other rules goes by the priors alone
    /// where its first choice is not legal.)
    best: Option<String>,
    /// Value of the position for the mover, in [-1, 1].
    value: f32,
    /// What the position is proven to be worth to the mover; None if nothing is.
    proven: Option<f32>,
    /// Plies to the end of the game by the proof; None if nothing is won or lost.
    plies_to_end: Option<u32>,
    /// The line that the search expects, in UCI notation.
    pv: Vec<String>,
    /// Playouts, or positions for alpha-beta.
    playouts: u32,
    /// Positions in the tree.
    nodes: usize,
    /// The most visited positions, the root first, as a dict of `parent` int32 [t] (-1 at the root), `move` (list of str, empty at the root),
    /// `visits` int32 [t], `q`, `prior` and `proven` float32 [t]; q and proven are those of the side that moved, at the root of the mover. None
    /// unless `tree` asked for it.
    tree: Option<Py<PyDict>>,
}

#[pymethods]
impl SearchResult {
    fn __repr__(&self) -> String {
        let best = self.best.as_deref().unwrap_or("none");
        format!("<SearchResult {best} {:+.3} after {} playouts>", self.value, self.playouts)
    }
}

/// What was asked for.
struct Asked {
    params: Params,
    limit: Limit,
    threads: usize,
    alphabeta: bool,
    tree: usize,
}

/// Who judges.
enum Asker<'py> {
    Ours(Judge),
    Callable(Bound<'py, PyAny>),
}

/// What a search found, before it is made into Python's objects.
#[derive(Default)]
struct Outcome {
    report: RootReport,
    view: Vec<ViewNode>,
}

/// Searches on the current thread.
fn think<W: Word>(game: &Played<W>, evaluators: &mut [Boxed<W>], asked: &Asked, stop: &Arc<AtomicBool>) -> Outcome {
    let Some(first) = evaluators.first_mut() else { return Outcome::default() };
    let told = Arc::clone(stop);
    let stop_when = Some(StopWhen::new(move || told.load(Ordering::Relaxed)));
    let outcome = if asked.alphabeta {
        let (Limit::Playouts(nodes) | Limit::Nodes(nodes)) = asked.limit;
        let mut search = AlphaBeta::new();
        search.stop_when(stop_when);
        Outcome { report: search.run(game, first.as_mut(), nodes.into()), view: Vec::new() }
    } else {
        let mut search = Search::new(asked.params).expect("the constants were checked");
        search.stop_when(stop_when);
        let report = search.run_on(game, evaluators, asked.limit);
        Outcome { report, view: if asked.tree > 0 { search.view(asked.tree) } else { Vec::new() } }
    };
    give_up(stop);
    outcome
}

fn search_by_us<W: Word>(py: Python<'_>, game: &Played<W>, judge: &Judge, asked: &Asked) -> PyResult<Outcome> {
    let stop = Arc::new(AtomicBool::new(false));
    let mut evaluator = judge.evaluator(game.rules())?;
    if matches!(judge, Judge::Rollout { .. }) {
        // The command line shows what the evaluator says of the position before it searches, which takes a first random game.
        let _ = evaluator::look(evaluator.as_mut(), game);
    }
    let twins: Vec<_> = (1..asked.threads).map_while(|_| evaluator.twin()).collect();
    let all = std::iter::once(evaluator).chain(twins);
    let mut evaluators: Vec<Boxed<W>> = all.collect();
    match asked.limit {
        Limit::Playouts(few) | Limit::Nodes(few) if few <= SHORT => {
            Ok(py.detach(|| think(game, &mut evaluators, asked, &stop)))
        }
        _ => {
            let mut tick = |_: Python<'_>| Ok(());
            let signals = Signals::flag(&stop, &mut tick);
            interruptible(py, signals, || think(game, &mut evaluators, asked, &stop))
        }
    }
}

/// The game as a player sees it that believes in other rules.
fn believed<W: Word>(game: &Played<W>, believes: &Variant) -> PyResult<Played<W>> {
    let other = believes.rules.clone().on::<W>();
    let seen = other.and_then(|rules| arena::StaleView::new(rules).follow(game).cloned());
    seen.ok_or_else(|| no_such_position(believes.name_text(), game.rules().fen(game.position())))
}

fn search_board<W: Word>(
    py: Python<'_>,
    board: &Board<W>,
    asker: &Asker<'_>,
    believes: Option<&Variant>,
    asked: &Asked,
) -> PyResult<SearchResult> {
    let game = py.detach(|| board.game());
    let seen = believes.map(|variant| believed(&game, variant)).transpose()?;
    let seen = seen.as_ref().unwrap_or(&game);
    let outcome = match asker {
        _ if seen.outcome().is_some() => {
            let worth = seen.ending().map_or(0.0, |ending| seen.rules().worth(ending, seen.position().turn()));
            let report = RootReport { value: worth, proven: Some(worth), ..RootReport::default() };
            Outcome { report, view: Vec::new() }
        }
        Asker::Ours(judge) => search_by_us(py, seen, judge, asked)?,
        Asker::Callable(callable) => {
            let Limit::Playouts(playouts) = asked.limit else {
                return Err(PyValueError::new_err("a search by a callable takes playouts, not nodes"));
            };
            callable::search_by(py, seen, callable, asked.params, playouts, asked.tree)?
        }
    };
    result_of(py, &game, seen, &outcome, asked.tree > 0)
}

/// A search's findings as Python has them.
fn result_of<W: Word>(
    py: Python<'_>,
    game: &Played<W>,
    seen: &Played<W>,
    outcome: &Outcome,
    with_tree: bool,
) -> PyResult<SearchResult> {
    let (rules, position, report) = (seen.rules(), seen.position(), &outcome.report);
    let moves: Vec<String> = report.moves.iter().map(|m| rules.uci(position, m.mv)).collect();
    let is_legal = |m: &::search::RootMove| arena::same_move(rules, m.mv, game.rules(), game.legal()).is_some();
    let legal: Vec<bool> = report.moves.iter().map(is_legal).collect();
    let best = legal.iter().position(|legal| *legal).map(|place| moves[place].clone());
    let floats =
        |of: &dyn Fn(&::search::RootMove) -> f32| PyArray1::from_vec(py, report.moves.iter().map(of).collect());
    Ok(SearchResult {
        visits: PyArray1::from_vec(py, report.moves.iter().map(|m| m.visits as i32).collect()).unbind(),
        q: floats(&|m: &::search::RootMove| if m.visits > 0 || m.proven.is_some() { m.value } else { f32::NAN })
            .unbind(),
        prior: floats(&|m| m.prior).unbind(),
        proven_moves: floats(&|m| m.proven.unwrap_or(f32::NAN)).unbind(),
        legal: PyArray1::from_vec(py, legal).unbind(),
        moves,
        best,
        value: report.value,
        proven: report.proven,
        plies_to_end: report.plies_to_end,
        pv: rules.uci_line(position, &report.pv),
        playouts: report.playouts,
        nodes: report.nodes,
        tree: with_tree.then(|| tree_of(py, seen, &outcome.view)).transpose()?,
    })
}

/// The tree as arrays.
fn tree_of<W: Word>(py: Python<'_>, game: &Played<W>, view: &[ViewNode]) -> PyResult<Py<PyDict>> {
    let mut positions: Vec<Position<W>> = Vec::with_capacity(view.len());
    let mut moves = Vec::with_capacity(view.len());
    for node in view {
        let mut position = node.parent.map_or(*game.position(), |parent| positions[parent]);
        moves.push(node.mv.map_or_else(String::new, |mv| game.rules().uci(&position, mv)));
        if let Some(mv) = node.mv {
            game.rules().play(&mut position, mv);
        }
        positions.push(position);
    }
    let ints = |of: &dyn Fn(&ViewNode) -> i32| PyArray1::from_vec(py, view.iter().map(of).collect());
    let floats = |of: &dyn Fn(&ViewNode) -> f32| PyArray1::from_vec(py, view.iter().map(of).collect());
    let tree = PyDict::new(py);
    tree.set_item("parent", ints(&|node| node.parent.map_or(-1, |parent| parent as i32)))?;
    tree.set_item("move", moves)?;
    tree.set_item("visits", ints(&|node| node.visits as i32))?;
    tree.set_item("q", floats(&|node| node.value))?;
    tree.set_item("prior", floats(&|node| node.prior))?;
    tree.set_item("proven", floats(&|node| node.proven.unwrap_or(f32::NAN)))?;
    Ok(tree.unbind())
}

/// Searches the position of a game.
///
/// `evaluator` is `zero`, `rollout`, the name or path of a weight file, an `Evaluator`, or a callable that takes a `Batch` of n positions and
/// returns values for the side to move, float32 [n] in [-1, 1], and weights of the moves, float32 [n, most], 0 or more. `playouts` (400 unless
/// given) or `nodes` end the search. `batch` is the most leaves that wait for their judgement at once; the result depends on it, but not on
/// `threads`. `considered` shares the playouts out by sequential halving among so many moves. `believes` are rules, or the name of a built-in variant,
/// to search under instead of the game's; raises `PositionError` if they lack the position. `seed` is that of `rollout`. `method` is `mcts` or `alphabeta`, which looks at `nodes` positions (20,000 unless given). `tree` is the
/// number of positions of the tree to return.
#[pyfunction]
#[pyo3(signature = (game, evaluator, *, playouts=None, nodes=None, batch=1, threads=1, cpuct=1.5, fpu_reduction=0.2, considered=None,
    solver=true, believes=None, seed=0, method="mcts", tree=0))]
#[allow(clippy::too_many_arguments)]
pub fn search(
    py: Python<'_>,
    game: &Bound<'_, Game>,
    evaluator: &Bound<'_, PyAny>,
    playouts: Option<u32>,
    nodes: Option<u32>,
    batch: u32,
    threads: u16,
    cpuct: f32,
    fpu_reduction: f32,
    considered: Option<u32>,
    solver: bool,
    believes: Option<&Bound<'_, PyAny>>,
    seed: u64,
    method: &str,
    tree: usize,
) -> PyResult<SearchResult> {
    let refused = |what: String| plain::<PlayerError>(what);
    if !(cpuct.is_finite() && cpuct >= 0.0 && fpu_reduction.is_finite()) {
        return Err(refused(format!(
            "cpuct={cpuct}, fpu_reduction={fpu_reduction}: numbers, cpuct 0 or more, were expected"
        )));
    }
    if !(1..=1024).contains(&threads) || batch > 65_536 || tree > 10_000_000 {
        return Err(refused(
            "threads from 1 to 1024, a batch up to 65536, a tree up to 10000000 were expected".to_owned(),
        ));
    }
    let alphabeta = match method {
        "mcts" => false,
        "alphabeta" => true,
        other => return Err(refused(format!("method={other:?}: mcts or alphabeta was expected"))),
    };
    let limit = match (playouts, nodes, alphabeta) {
        (Some(_), Some(_), _) => return Err(refused("playouts and nodes exclude each other".to_owned())),
        (Some(_), _, true) => return Err(refused("alphabeta takes nodes, not playouts".to_owned())),
        (Some(0), ..) | (_, Some(0), _) => return Err(refused("at least 1 playout or node was expected".to_owned())),
        (None, Some(nodes), _) => Limit::Nodes(nodes),
        (playouts, None, false) => Limit::Playouts(playouts.unwrap_or(arena::DEFAULT_PLAYOUTS)),
        (_, None, true) => Limit::Nodes(arena::DEFAULT_NODES),
    };
    let root = considered.map_or(RootPolicy::Puct, |considered| RootPolicy::Halving { considered });
    let params = Params { cpuct, fpu_reduction, batch, root, solver, ..Params::default() };
    params.check_limit(limit).map_err(|error| refused(error.to_string()))?;
    let asker = if let Ok(ours) = evaluator.cast::<Evaluator>() {
        Asker::Ours(match (&ours.get().judge, seed) {
            (Judge::Rollout { .. }, seed) if seed != 0 => Judge::Rollout { seed },
            (judge, _) => judge.clone(),
        })
    } else if let Ok(name) = path_of(evaluator) {
        Asker::Ours(py.detach(|| Judge::named(&name, seed))?)
    } else if evaluator.is_callable() {
        if considered.is_some() || alphabeta {
            return Err(refused("a callable searches by mcts, without `considered`".to_owned()));
        }
        Asker::Callable(evaluator.clone())
    } else {
        let kind = evaluator.get_type().name()?;
        return Err(PyTypeError::new_err(format!("an evaluator, its name or a callable was expected, not {kind}")));
    };
    let (_, board) = copied(game)?;
    let believes = believes.map(variant_of).transpose()?;
    let asked = Asked { params, limit, threads: threads.into(), alphabeta, tree };
    match &board {
        AnyBoard::Small(board) => search_board(py, board, &asker, believes.as_ref(), &asked),
        AnyBoard::Large(board) => search_board(py, board, &asker, believes.as_ref(), &asked),
    }
}
