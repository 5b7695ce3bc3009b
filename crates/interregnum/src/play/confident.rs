//! Positions of the shipped run in which the inherited evaluator was sure of itself, and wrong.

use regime::Suite;
use regime::rows::{Extras, ReplayGame};
use rules::{Color, Outcome};
use serde_json::{Value, json};

use super::evaluators::Evaluators;
use super::record::{Record, Segment, with_game};
use super::rules::{RuleBook, RulesSpec};
use super::shifts::{base_rules, files, shift_rules};

/// What the shipped run of the standard suite kept besides its rows: for each shift, the game in which the agent under test misjudged its
/// chances most.
const EXTRAS: &str = include_str!("../../suites/standard/extras.json");
/// The least expected score, from 0 to 1, that counts as sure.
const SURE: f64 = 0.7;

/// A position, and what came of it.
struct Found {
    estimate: f64,
    value: Value,
}

/// All positions, the surest first.
///
/// # Errors
/// If the shipped run is damaged.
pub(super) fn positions(suite: &Suite, book: &RuleBook, evaluators: &Evaluators) -> Result<Value, String> {
    let extras: Extras = serde_json::from_str(EXTRAS).map_err(|e| e.to_string())?;
    let mut all: Vec<Found> = extras.games.iter().filter_map(|game| position(game, suite, book, evaluators)).collect();
    all.sort_by(|a, b| b.estimate.total_cmp(&a.estimate));
    Ok(all.into_iter().map(|found| found.value).collect())
}

/// The position of a game in which an agent under test was surest of a game that it then lost.
fn position(game: &ReplayGame, suite: &Suite, book: &RuleBook, evaluators: &Evaluators) -> Option<Found> {
    let shift = suite.shift(&game.shift).filter(|shift| !shift.relabelled)?;
    let tested = |agent: &String| suite.replay.iter().any(|(tested, _)| tested == agent);
    // Where an agent under test meets another one, the first pair that the suite names is meant.
    let color = match (tested(&game.white), tested(&game.black)) {
        (true, false) => Color::White,
        (false, true) => Color::Black,
        _ => return None,
    };
    let (before, rules): (RulesSpec, RulesSpec) = (base_rules(suite, shift), shift_rules(suite, shift));
    let whole = Record {
        fen: game.fens.first().cloned(),
        before: Some(before.clone()),
        segments: vec![Segment { rules: rules.clone(), moves: game.moves.clone() }],
    };
    let played = whole.play(book).ok()?;
    let (worth, first, end) = with_game!(played.last(), game => {
        let ending = game.ending()?;
        (game.rules().worth(ending, color), game.start().turn(), (ending.kind.name(), ending.outcome))
    });
    if worth >= 0.0 {
        return None;
    }
    let opening = game.opening_plies as usize;
    let own = |ply: &usize| if ply.is_multiple_of(2) { first == color } else { first != color };
    let estimates = (opening..game.moves.len()).filter(own).filter_map(|ply| Some((ply, (*game.estimates.get(ply)?)?)));
    // Of equal ones the last: what it overlooks is then nearest.
    let (ply, estimate) = estimates.max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, estimate)| *estimate >= SURE)?;
    let (agent, opponent) = if color == Color::White { (&game.white, &game.black) } else { (&game.black, &game.white) };
    let won_by = match end.1 {
        Outcome::WhiteWins => "White won",
        Outcome::BlackWins => "Black won",
        Outcome::Draw => "a draw by the rules",
    };
    let value = json!({
        "shift": game.shift,
        "family": shift.family,
        "hypothesis": shift.hypothesis,
        "fen": game.fens.first(),
        "before": before,
        "rules": rules,
        "changes": RuleBook::changes(&before, &rules),
        "moves": game.moves,
        "ply": ply,
        "estimate": estimate,
        "agent": agent,
        "opponent": opponent,
        "color": super::show::color_name(color),
        "playouts": game.playouts,
        "plies": game.moves.len() - ply,
        "end": format!("{won_by} ({})", end.0.replace('-', " ")),
        "files": files(suite, shift, evaluators),
    });
    Some(Found { estimate, value })
}
