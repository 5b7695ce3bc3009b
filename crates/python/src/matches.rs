//! Matches.

use std::ops::ControlFlow;
use std::str::FromStr as _;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use arena::{GameRecord, MatchConfig, MatchResult as Result_, Opening, PlayerSpec, RandomOpenings, Round, Termination};
use pyo3::prelude::*;
use rules::{AnyRules, Color, Rules, Word};
use serde::Serialize;

use crate::errors::{Error, PlayerError, plain};
use crate::json;
use crate::tables::{Column, Kind, Table, table};
use crate::variant::Variant;
use crate::work::{Signals, interruptible, or_interrupt};

/// One game of a match.
#[derive(Serialize)]
struct GameRow {
    round: u32,
    game: u32,
    a_is_white: bool,
    opening: String,
    result: String,
    ending: String,
    worth: f32,
    plies: usize,
    moves: String,
}

const COLUMNS: [Column; 9] = [
    Column::new("round", Kind::Whole),
    Column::new("game", Kind::Whole),
    Column::new("a_is_white", Kind::Flag),
    Column::new("opening", Kind::Text),
    Column::new("result", Kind::Text),
    Column::new("ending", Kind::Text),
    Column::new("worth", Kind::Number),
    Column::new("plies", Kind::Whole),
    Column::new("moves", Kind::Text),
];

/// What ended a game, in a word.
fn ending<W: Word>(game: &GameRecord<W>) -> String {
    let word = match &game.termination {
        Termination::Rules => game.ending.map_or("rules", |ending| ending.kind.name()),
        Termination::InsufficientMaterial => "insufficient-material",
        Termination::MaxPlies => "length",
        Termination::Adjudicated => "adjudication",
        Termination::Forfeit(_) => "forfeit",
        Termination::Interrupted => "interrupted",
    };
    word.to_owned()
}

fn rows<W: Word>(round: &Round<W>) -> Vec<GameRow> {
    let each = round.games.iter().enumerate().map(|(number, game)| {
        let (opening, played) = (game.opening_plies, game.rules.uci_line(&game.start, &game.moves));
        let a = if number == 0 { Color::White } else { Color::Black };
        GameRow {
            round: round.index,
            game: number as u32,
            a_is_white: number == 0,
            opening: played[..opening.min(played.len())].join(" "),
            result: game.outcome.to_string(),
            ending: ending(game),
            worth: game.worth(a),
            plies: game.plies(),
            moves: played.join(" "),
        }
    });
    each.collect()
}

/// What was asked for.
pub struct Asked {
    players: [PlayerSpec; 2],
    rounds: u32,
    plies: u32,
    openings: Option<Vec<String>>,
    seed: u64,
    jobs: usize,
    max_plies: usize,
}

/// The result of a match: its games, and what follows from them.
#[pyclass(frozen, module = "pyinterregnum")]
pub struct MatchResult {
    games: Vec<GameRow>,
    result: Result_,
    /// The names of the players.
    #[pyo3(get)]
    players: [String; 2],
}

#[pymethods]
impl MatchResult {
    /// What `interregnum match --json` prints of a match: games, wins, draws, losses, pentanomial, score, elo with its 95% interval and others, a
    /// dict.
    #[getter]
    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::to_python(py, &self.result.summary())
    }

    /// Mean score of the first player, from 0 to 1.
    #[getter]
    fn score(&self) -> f64 {
        self.result.summary().score
    }

    /// All games in order, a `Table` of round, game, a_is_white, opening, result, ending, worth (to the first player, -1 to 1), plies and moves.
    fn games(&self) -> PyResult<Table> {
        table(&self.games, &COLUMNS)
    }

    fn __repr__(&self) -> String {
        let summary = self.result.summary();
        let [a, b] = &self.players;
        let (score, low, high) = (summary.score, summary.score_low, summary.score_high);
        format!("<MatchResult {a} - {b}: {score:.3} [{low:.3}, {high:.3}] in {} games>", summary.games)
    }
}

/// An opening from a line: moves in UCI notation, or a FEN, `;` and moves.
fn opening(line: &str) -> Opening {
    let (start, moves) = match line.split_once(';') {
        Some((fen, moves)) => (Some(fen.trim().to_owned()), moves),
        None if line.contains('/') => (Some(line.trim().to_owned()), ""),
        None => (None, line),
    };
    Opening { start, moves: moves.split_ascii_whitespace().map(str::to_owned).collect() }
}

fn play<W: Word>(
    py: Python<'_>,
    rules: &Arc<Rules<W>>,
    variant: &Variant,
    asked: &Asked,
    progress: Option<Py<PyAny>>,
) -> PyResult<MatchResult> {
    let refused = |error: &dyn std::fmt::Display| plain::<PlayerError>(error.to_string());
    let stop = AtomicBool::new(false);
    let made = AtomicU32::new(0);
    let games = Mutex::new(Vec::new());
    let work = || -> Result<([String; 2], Result_), String> {
        let openings = match &asked.openings {
            Some(lines) => lines.iter().map(|line| opening(line)).collect(),
            None => RandomOpenings::new(asked.seed, asked.plies..=asked.plies)
                .generate(rules, asked.rounds)
                .map_err(|error| error.to_string())?,
        };
        let [a, b] = asked.players.each_ref().map(|spec| {
            spec.prepare_with(variant.catalog(), rules, &interregnum::ByName).map_err(|error| error.to_string())
        });
        let (a, b) = (a?, b?);
        let config = MatchConfig {
            rounds: asked.rounds,
            seed: asked.seed,
            insufficient_material: true,
            max_plies: asked.max_plies,
            ..MatchConfig::new(Arc::clone(rules), openings)
        };
        let pool =
            rayon::ThreadPoolBuilder::new().num_threads(asked.jobs).build().map_err(|error| error.to_string())?;
        let result = pool.install(|| {
            arena::resume_match(&config, &[], &|| a.player(), &|| b.player(), &mut |round, _| {
                games.lock().expect("nobody panics with it").extend(rows(round));
                made.fetch_add(1, Ordering::Relaxed);
                if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
        });
        Ok(([a.name(), b.name()], result.map_err(|error| error.to_string())?))
    };
    let mut tick = |py: Python<'_>| match &progress {
        Some(progress) => progress.call1(py, (made.load(Ordering::Relaxed), asked.rounds)).map(drop),
        None => Ok(()),
    };
    let signals = Signals { stop: &stop, on_stop: &|| arena::stop(2), after: &arena::go_on, tick: &mut tick };
    let before = arena::stops();
    let played = interruptible(py, signals, work)?;
    let (players, result) = or_interrupt(before, played.map_err(|error| refused(&error)))?;
    tick(py)?;
    let games = games.into_inner().expect("nobody panicked with it");
    Ok(MatchResult { games, result, players })
}

/// Plays a match: see the Python function `match`.
#[pyfunction]
#[pyo3(signature = (a, b, variant, rounds, plies, openings, seed, jobs, max_plies, progress))]
#[allow(clippy::too_many_arguments)]
pub fn play_match(
    py: Python<'_>,
    a: &str,
    b: &str,
    variant: &Bound<'_, Variant>,
    rounds: u32,
    plies: u32,
    openings: Option<Vec<String>>,
    seed: u64,
    jobs: u16,
    max_plies: usize,
    progress: Option<Py<PyAny>>,
) -> PyResult<MatchResult> {
    let player = |text: &str| PlayerSpec::from_str(text).map_err(|error| plain::<PlayerError>(error.to_string()));
    if rounds == 0 || jobs > 1024 || max_plies == 0 {
        return Err(plain::<Error>("1 round or more, at most 1024 jobs, max_plies of 1 or more were expected"));
    }
    let players = [player(a)?, player(b)?];
    let asked = Asked { players, rounds, plies, openings, seed, jobs: jobs.into(), max_plies };
    let variant = variant.get();
    match &variant.rules {
        AnyRules::Small(rules) => play(py, rules, variant, &asked, progress),
        AnyRules::Large(rules) => play(py, rules, variant, &asked, progress),
    }
}
