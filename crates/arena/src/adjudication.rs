//! Ending games early by the scores that the players give. Off unless asked for.

use std::fmt;
use std::str::FromStr;

use rules::{Color, Outcome};
use thiserror::Error;

use crate::player::Choice;

/// When a game is ended by the scores of its players.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Adjudication {
    /// When a player is taken to resign.
    pub resign: Option<ResignRule>,
    /// When both players are taken to agree on a draw.
    pub draw: Option<DrawRule>,
}

/// A player loses after it scored `moves` of its own moves in a row at `-score` centipawns or less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResignRule {
    /// Number of moves, at least 1.
    pub moves: u32,
    /// Centipawns, at least 1.
    pub score: u32,
}

/// A game is drawn when, after full move `from` (openings count), both players scored their last `moves` moves within `score`
/// centipawns of 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrawRule {
    /// Full moves before which no game is drawn.
    pub from: u32,
    /// Number of moves of each player, at least 1.
    pub moves: u32,
    /// Centipawns.
    pub score: u32,
}

/// A setting that makes no rule.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{setting}`: expected {expected}")]
pub struct AdjudicationError {
    /// What was given.
    pub setting: String,
    /// What would be right.
    pub expected: &'static str,
}

const RESIGN: &str = "movecount=N and score=CENTIPAWNS, both at least 1 and once";
const DRAW: &str = "movenumber=N, movecount=N (at least 1) and score=CENTIPAWNS, each once";

impl FromStr for ResignRule {
    type Err = AdjudicationError;

    /// Reads `movecount=N score=N`.
    fn from_str(text: &str) -> Result<ResignRule, AdjudicationError> {
        let [moves, score] = settings(text, ["movecount", "score"], [1, 1], RESIGN)?;
        Ok(ResignRule { moves, score })
    }
}

impl FromStr for DrawRule {
    type Err = AdjudicationError;

    /// Reads `movenumber=N movecount=N score=N`.
    fn from_str(text: &str) -> Result<DrawRule, AdjudicationError> {
        let [from, moves, score] = settings(text, ["movenumber", "movecount", "score"], [0, 1, 0], DRAW)?;
        Ok(DrawRule { from, moves, score })
    }
}

/// The values of exactly these keys. Each key comes with the least value that it may have.
fn settings<const N: usize>(
    text: &str,
    keys: [&str; N],
    least: [u32; N],
    expected: &'static str,
) -> Result<[u32; N], AdjudicationError> {
    let error = |setting: &str| AdjudicationError { setting: setting.chars().take(80).collect(), expected };
    let mut values = [None; N];
    for setting in text.split_whitespace() {
        let (key, value) = setting.split_once('=').ok_or_else(|| error(setting))?;
        let index = keys.iter().position(|known| *known == key).ok_or_else(|| error(setting))?;
        let value: u32 = value.parse().map_err(|_| error(setting))?;
        if value < least[index] || values[index].replace(value).is_some() {
            return Err(error(setting));
        }
    }
    let mut all = [0; N];
    for (slot, value) in all.iter_mut().zip(values) {
        *slot = value.ok_or_else(|| error(text))?;
    }
    Ok(all)
}

/// The settings that are on, in the form in which they are given; empty if all are off.
impl fmt::Display for Adjudication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let resign = self.resign.map(|r| format!("resign movecount={} score={}", r.moves, r.score));
        let draw = self.draw.map(|d| format!("draw movenumber={} movecount={} score={}", d.from, d.moves, d.score));
        let parts: Vec<String> = resign.into_iter().chain(draw).collect();
        f.write_str(&parts.join("; "))
    }
}

/// Follows one game and ends it when a rule is fulfilled.
pub(crate) struct Adjudicator {
    rules: Adjudication,
    /// By colour: how many moves in a row the side scored as lost.
    lost: [u32; 2],
    /// How many moves in a row, of both sides together, were scored as drawn.
    level: u32,
}

impl Adjudicator {
    pub(crate) fn new(rules: Adjudication) -> Adjudicator {
        Adjudicator { rules, lost: [0, 0], level: 0 }
    }

    /// The result of the game after a move, if a rule ends it; `plies` have been played. A move without a score interrupts a row of
    /// moves.
    pub(crate) fn after(&mut self, mover: Color, choice: &Choice, plies: usize) -> Option<Outcome> {
        let score = choice.centipawns();
        if let Some(rule) = self.rules.resign {
            let lost = &mut self.lost[mover.index()];
            *lost = if score.is_some_and(|s| s <= -i64::from(rule.score)) { *lost + 1 } else { 0 };
            if *lost >= rule.moves {
                return Some(if mover == Color::White { Outcome::BlackWins } else { Outcome::WhiteWins });
            }
        }
        let rule = self.rules.draw?;
        self.level = if score.is_some_and(|s| s.abs() <= i64::from(rule.score)) { self.level + 1 } else { 0 };
        let late = plies / 2 >= rule.from as usize;
        (late && u64::from(self.level) >= 2 * u64::from(rule.moves)).then_some(Outcome::Draw)
    }
}
