//! What evaluators make of a position: at a glance, by search under the true rules, by search under rules that no longer hold, and along
//! the game.

use std::sync::Arc;

use arena::{StaleView, same_move};
use evaluator::{Evaluator, look};
use rules::{Color, Game, Move, Rules, Word};
use search::{Limit, RootReport, Search};
use serde::Deserialize;
use serde_json::{Value, json};

use super::evaluators::Evaluators;
use super::jobs::{Cancel, Job, Task};
use super::players::{Agents, MAX_PLAYOUTS, PlayerSpec, Prepared};
use super::record::{AnyGame, Played, differ, on_word, with_game};

/// The most minds that are asked at once.
const MAX_MINDS: usize = 3;
/// Moves of a search that are shown.
const SHOWN: usize = 6;
/// Moves of a line that are shown.
const LINE: usize = 8;
/// Playouts between two looks at what else is to do.
const STEP: u32 = 100;
/// Positions of the game that are judged between two looks at what else is to do.
const PLIES: usize = 40;

/// Minds to be asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// Agents with their evaluators; only what they think of positions counts, not how they choose.
    pub(super) minds: Vec<PlayerSpec>,
    /// Playouts of each search.
    pub(super) playouts: u32,
}

/// A value for the side to move as one for White.
pub(super) fn white(value: f32, turn: Color) -> f32 {
    if turn == Color::White { value } else { -value }
}

/// A search of one position.
struct Looked<W: Word> {
    game: Game<W>,
    search: Search<W>,
    evaluator: Box<dyn Evaluator<W>>,
    made: u32,
    report: RootReport,
}

impl<W: Word> Looked<W> {
    fn new(game: Game<W>, evaluator: Box<dyn Evaluator<W>>) -> Looked<W> {
        Looked { game, search: Search::default(), evaluator, made: 0, report: RootReport::default() }
    }

    /// Searches on. Returns whether more is to do.
    fn step(&mut self, playouts: u32) -> bool {
        if self.game.ending().is_some() || self.made >= playouts {
            return false;
        }
        // The first look is short, so that something is there to be seen.
        let step = if self.made == 0 { STEP / 4 } else { STEP };
        let step = step.min(playouts - self.made);
        self.report = self.search.run(&self.game, self.evaluator.as_mut(), Limit::Playouts(step));
        self.made += self.report.playouts;
        // A tree that cannot grow, or whose root is decided, has nothing more to say.
        self.report.playouts == step && self.made < playouts
    }
}

/// One mind at one position.
struct Mind<W: Word> {
    now: Looked<W>,
    /// The same evaluator in a search under the rules before the change; a reason where those rules have no such position.
    stale: Option<Result<Looked<W>, String>>,
    /// What the evaluator says without any search.
    glance: Value,
    /// What its files say of their selection.
    origins: Value,
}

/// What judges the positions of one part of the game.
type Judges = Vec<Option<AnyJudge>>;

/// An evaluator on either word.
enum AnyJudge {
    Small(Box<dyn Evaluator<u64>>),
    Large(Box<dyn Evaluator<u128>>),
}

/// The estimates along the game.
struct Along {
    parts: Vec<AnyGame>,
    /// For each part, the judges in the order of the minds.
    judges: Vec<Judges>,
    /// Part and ply from which to go on.
    at: (usize, usize),
    /// For each mind its values for White, from the first position on.
    values: Vec<Vec<Option<f32>>>,
}

/// All minds at one position.
struct Minds<W: Word> {
    minds: Vec<Result<Mind<W>, String>>,
    playouts: u32,
    along: Along,
}

/// The work of asking minds.
///
/// # Errors
/// If there are none, or too many. A mind that cannot play the game says so in its place.
pub(super) fn job(
    asked: &Asked,
    agents: &Agents,
    evaluators: &Evaluators,
    played: Played,
    cancel: &Arc<Cancel>,
) -> Result<Box<dyn Job>, String> {
    if asked.minds.is_empty() || asked.minds.len() > MAX_MINDS {
        return Err(format!("1 to {MAX_MINDS} minds were expected"));
    }
    let prepared: Vec<Result<Prepared<'_>, String>> =
        asked.minds.iter().map(|spec| Prepared::new(spec, agents, evaluators)).collect();
    let along = along(&prepared, &played, cancel);
    let Played { mut parts, old_rules } = played;
    let playouts = asked.playouts.clamp(1, MAX_PLAYOUTS);
    match parts.pop() {
        None => Err("a game was expected".to_owned()),
        Some(AnyGame::Small(game)) => {
            let old = old_rules.as_ref().filter(|_| differ(old_rules.as_ref(), game.rules().hash()));
            let minds = minds(&prepared, &game, on_word(old).as_ref(), cancel);
            Ok(Box::new(Minds { minds, playouts, along }))
        }
        Some(AnyGame::Large(game)) => {
            let old = old_rules.as_ref().filter(|_| differ(old_rules.as_ref(), game.rules().hash()));
            let minds = minds(&prepared, &game, on_word(old).as_ref(), cancel);
            Ok(Box::new(Minds { minds, playouts, along }))
        }
    }
}

/// The judges of all parts of a game.
fn along(prepared: &[Result<Prepared<'_>, String>], played: &Played, cancel: &Arc<Cancel>) -> Along {
    fn judge<W: Word>(mind: &Prepared<'_>, game: &Game<W>, cancel: &Arc<Cancel>) -> Option<Box<dyn Evaluator<W>>> {
        mind.evaluator(game.rules(), game.rules(), cancel).ok()
    }
    let of = |part: &AnyGame| -> Judges {
        let each = prepared.iter().map(|mind| {
            let mind = mind.as_ref().ok()?;
            Some(match part {
                AnyGame::Small(game) => AnyJudge::Small(judge(mind, game, cancel)?),
                AnyGame::Large(game) => AnyJudge::Large(judge(mind, game, cancel)?),
            })
        });
        each.collect()
    };
    let judges = played.parts.iter().map(of).collect();
    let parts = played.parts.iter().map(|part| match part {
        AnyGame::Small(game) => AnyGame::Small(game.clone()),
        AnyGame::Large(game) => AnyGame::Large(game.clone()),
    });
    Along { parts: parts.collect(), judges, at: (0, 0), values: vec![Vec::new(); prepared.len()] }
}

fn minds<W: Word>(
    prepared: &[Result<Prepared<'_>, String>],
    game: &Game<W>,
    old: Option<&Arc<Rules<W>>>,
    cancel: &Arc<Cancel>,
) -> Vec<Result<Mind<W>, String>> {
    let make = |mind: &Result<Prepared<'_>, String>| -> Result<Mind<W>, String> {
        let mind = mind.as_ref().map_err(Clone::clone)?;
        let before = old.unwrap_or(game.rules());
        let mut now = Looked::new(game.clone(), mind.evaluator(before, game.rules(), cancel)?);
        let glance = glance(&now.game, now.evaluator.as_mut());
        let stale = old.map(|old| {
            let mut view = StaleView::new(Arc::clone(old));
            let Some(seen) = view.follow(game) else { return Err("the old rules have no such position".to_owned()) };
            if seen.ending().is_some() {
                return Err("under the old rules the game would be over here".to_owned());
            }
            Ok(Looked::new(seen.clone(), mind.evaluator(old, old, cancel)?))
        });
        let origins = mind.models().iter().map(|(role, model)| {
            let (variant, hash) = (files::excerpt(&model.card.variant, 60), model.card.rules.as_str());
            let before = old.is_some_and(|old| old.hash() == hash);
            json!({ "role": role, "variant": variant, "now": hash == game.rules().hash(), "before": before })
        });
        Ok(Mind { now, stale, glance, origins: origins.collect() })
    };
    prepared.iter().map(make).collect()
}

/// What an evaluator says of a position without any search.
fn glance<W: Word>(game: &Game<W>, evaluator: &mut dyn Evaluator<W>) -> Value {
    let (rules, position, turn) = (game.rules(), game.position(), game.position().turn());
    if let Some(ending) = game.ending() {
        return json!({ "value": rules.worth(ending, Color::White), "over": true });
    }
    let (value, priors) = look(evaluator, game);
    let wdl = evaluator
        .win_draw_loss(rules, position)
        .map(|[win, draw, loss]| if turn == Color::White { [win, draw, loss] } else { [loss, draw, win] });
    let mut order: Vec<usize> = (0..priors.len()).collect();
    order.sort_by(|a, b| priors[*b].total_cmp(&priors[*a]));
    let best = order.iter().take(3).map(|i| {
        let mv = game.legal()[*i];
        json!({ "uci": rules.uci(position, mv), "san": rules.san(position, mv), "prior": priors[*i] })
    });
    json!({ "value": white(value, turn), "wdl": wdl, "best": best.collect::<Vec<_>>() })
}

/// What a search has found so far.
fn found<W: Word>(looked: &Looked<W>) -> Value {
    let (rules, position, report) = (looked.game.rules(), looked.game.position(), &looked.report);
    if report.moves.is_empty() {
        return Value::Null;
    }
    let turn = position.turn();
    let moves = report.moves.iter().take(SHOWN).map(|m| {
        json!({
            "uci": rules.uci(position, m.mv),
            "san": rules.san(position, m.mv),
            "visits": m.visits,
            "value": (m.visits > 0 || m.proven.is_some()).then(|| white(m.value, turn)),
            "prior": m.prior,
            "proven": m.proven.map(|worth| white(worth, turn)),
            "plies": m.plies_to_end,
        })
    });
    let mut line = Vec::new();
    let mut at = *position;
    for mv in report.pv.iter().take(LINE) {
        line.push(rules.san(&at, *mv));
        rules.play(&mut at, *mv);
    }
    json!({
        "value": white(report.value, turn),
        "proven": report.proven.map(|worth| white(worth, turn)),
        "plies": report.plies_to_end,
        "playouts": looked.made,
        "nodes": report.nodes,
        "moves": moves.collect::<Vec<_>>(),
        "line": line,
    })
}

/// The move that a search under the old rules would make, and what the true rules say of it.
fn stale_move<W: Word>(mind: &Mind<W>) -> Value {
    let looked = match &mind.stale {
        None => return Value::Null,
        Some(Err(why)) => return json!({ "unavailable": why }),
        Some(Ok(looked)) => looked,
    };
    let (seen, game) = (&looked.game, &mind.now.game);
    let Some(best) = looked.report.moves.first() else { return Value::Null };
    let turn = game.position().turn();
    let own = same_move(seen.rules(), best.mv, game.rules(), game.legal());
    let judged = own.and_then(|mv| mind.now.report.moves.iter().find(|m| m.mv == mv));
    let top = mind.now.report.moves.first();
    let (verdict, why) = match (own, judged, top) {
        (None, ..) => ("illegal", why_illegal(seen, best.mv, game)),
        (Some(_), Some(judged), Some(top)) => verdict(judged, top),
        _ => ("open", "the search under the true rules has not looked at it".to_owned()),
    };
    json!({
        "uci": seen.rules().uci(seen.position(), best.mv),
        "san": seen.rules().san(seen.position(), best.mv),
        "believes": white(looked.report.value, turn),
        "verdict": verdict,
        "why": why,
        "value": judged.filter(|m| m.visits > 0 || m.proven.is_some()).map(|m| white(m.value, turn)),
        "playouts": looked.made,
    })
}

/// What a search under the true rules says of a legal move.
fn verdict(judged: &search::RootMove, top: &search::RootMove) -> (&'static str, String) {
    if judged.mv == top.mv {
        return ("same", "the search under the true rules would make it too".to_owned());
    }
    if judged.proven == Some(-1.0) {
        let plies = judged.plies_to_end.map(|plies| format!(" in {plies} plies")).unwrap_or_default();
        return ("lost", format!("it loses by force{plies} under the true rules"));
    }
    if judged.visits == 0 {
        return ("open", "the search under the true rules has not looked at it".to_owned());
    }
    let (own, best) = (judged.value, top.value);
    let percent = |value: f32| (50.0 * (value + 1.0)).round();
    let numbers = format!("{}% expected, where the best move has {}%", percent(own), percent(best));
    if own < -0.5 && own < best - 0.2 {
        ("lost", format!("it loses under the true rules: {numbers}"))
    } else if own < best - 0.2 {
        ("worse", format!("worse under the true rules: {numbers}"))
    } else {
        ("fair", format!("another move than the true rules give, but about as good: {numbers}"))
    }
}

/// Why a move is not legal any more, as far as it can be told without asking the rules for reasons.
fn why_illegal<W: Word>(seen: &Game<W>, mv: Move, game: &Game<W>) -> String {
    if game.ending().is_some() {
        return "under the true rules the game is over".to_owned();
    }
    let (rules, old) = (game.rules(), seen.rules());
    let captures = |mv: &Move| game.position().piece_on(mv.to()).is_some();
    if rules.must_capture() && game.legal().iter().any(captures) && !captures(&mv) {
        return "a man can be taken, so one must be".to_owned();
    }
    let (from, to) = (old.square_name(mv.from()), old.square_name(mv.to()));
    if mv.is_drop() {
        return format!("nothing may be put on {to}");
    }
    let same_squares = game.legal().iter().any(|m| (m.from(), m.to()) == (mv.from(), mv.to()));
    if same_squares {
        return format!("{from} to {to} is allowed, but not with this choice");
    }
    if rules.in_check(game.position()) {
        return format!("the king is in check, and {from} to {to} does not answer it");
    }
    format!("the man on {from} may not go to {to}")
}

impl Along {
    /// Judges some positions. Returns whether more are left.
    fn step(&mut self) -> bool {
        for _ in 0..PLIES {
            let (part, ply) = self.at;
            let (Some(game), Some(judges)) = (self.parts.get(part), self.judges.get_mut(part)) else { return false };
            // The first position of a later part is the last one of the part before, under other rules.
            let count = with_game!(game, game => game.moves().len() + 1);
            if ply == count {
                self.at = (part + 1, 0);
                continue;
            }
            let values: Vec<Option<f32>> = match game {
                AnyGame::Small(game) => judged(
                    game,
                    ply,
                    judges.iter_mut().map(|judge| match judge {
                        Some(AnyJudge::Small(judge)) => Some(judge),
                        _ => None,
                    }),
                ),
                AnyGame::Large(game) => judged(
                    game,
                    ply,
                    judges.iter_mut().map(|judge| match judge {
                        Some(AnyJudge::Large(judge)) => Some(judge),
                        _ => None,
                    }),
                ),
            };
            for (all, value) in self.values.iter_mut().zip(values) {
                all.push(value);
            }
            self.at = (part, ply + 1);
        }
        true
    }
}

/// The values for White of the position after so many moves.
fn judged<'a, W: Word>(
    game: &Game<W>,
    ply: usize,
    judges: impl Iterator<Item = Option<&'a mut Box<dyn Evaluator<W>>>>,
) -> Vec<Option<f32>> {
    let rules = game.rules();
    let mut position = *game.start();
    game.moves()[..ply].iter().for_each(|mv| rules.play(&mut position, *mv));
    // An end by repetition or the like shows only at the end of the game.
    let ended = if ply == game.moves().len() { game.ending() } else { None };
    judges
        .map(|judge| match (judge, ended) {
            (_, Some(ending)) => Some(rules.worth(ending, Color::White)),
            (Some(judge), None) => Some(white(judge.value(rules, &position), position.turn())),
            (None, None) => None,
        })
        .collect()
}

impl<W: Word> Minds<W> {
    fn describe(&self) -> Value {
        let each = self.minds.iter().zip(&self.along.values).map(|(mind, along)| match mind {
            Err(why) => json!({ "error": why }),
            Ok(mind) => json!({
                "glance": mind.glance,
                "search": found(&mind.now),
                "stale": stale_move(mind),
                "along": along,
                "origins": mind.origins,
            }),
        });
        json!({ "minds": each.collect::<Vec<_>>(), "wanted": self.playouts })
    }
}

impl<W: Word> Job for Minds<W> {
    fn step(&mut self, task: &Task) -> bool {
        let mut more = self.along.step();
        for mind in self.minds.iter_mut().flatten() {
            more |= mind.now.step(self.playouts);
            if let Some(Ok(stale)) = &mut mind.stale {
                more |= stale.step(self.playouts);
            }
        }
        task.tell(self.describe());
        more
    }
}
