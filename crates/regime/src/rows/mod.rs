//! What a run leaves behind, typed: the only thing between playing and analysing.
//!
//! A run directory holds `run.json` (what was run), `results.jsonl` (a row per pair of games), `probes.jsonl` (a row per cell of a probe and
//! evaluator), and `extras.json` (what is measured of shifts, games for replay, the task that is no game). When all are written, `run.json` states
//! where they end, so that rows which are cut off later are missed, and the hash of `extras.json`. Verdicts are a pure function of these files.

mod columns;
mod log;
mod run_card;

use serde::{Deserialize, Serialize};

pub use columns::{count_pairs, read_pairs, write_pairs};
pub use log::{Log, read_log};
pub(crate) use log::{damaged_row, extras_bytes, log_end, read_extras, read_json, write_file};
pub(crate) use run_card::payoff_words;
pub use run_card::{EngineCard, Finished, LogEnd, RulesCard, RunCard, WeightsCard};

/// Shares are rounded to this many parts of 1, so that rows are short and read back as they were, from JSON and from columns.
pub(crate) const SHARE_PARTS: f64 = 10_000.0;

/// A share as rows keep it: to four decimals.
pub(crate) fn share(value: f64) -> f64 {
    (value * SHARE_PARTS).round() / SHARE_PARTS
}

/// One line of `results.jsonl`: an opening played twice with colours swapped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairRow {
    /// Name of the experiment.
    pub experiment: String,
    /// Name of the shift.
    pub shift: String,
    /// The agent under test.
    pub agent: String,
    /// The agent it is measured against.
    pub opponent: String,
    /// Playouts per move of the agent.
    pub playouts: u32,
    /// Playouts per move of the opponent.
    pub opponent_playouts: u32,
    /// Point of the agent's curve; 0 if it is none.
    pub point: u32,
    /// Number of the independently selected evaluator, from 0.
    pub evaluator: u32,
    /// Number of the opponent's independent selection, from 0; 0 where it needs no weight file.
    pub rival: u32,
    /// Number of the opening within the cell, from 0.
    pub pair: u32,
    /// Opening moves in UCI notation with spaces between them. Under a shift that comes amid the game, the FEN of the position at the change.
    pub opening: String,
    /// The agent's mean score over the two games by the new payoff, 0 to 1.
    pub score: f64,
    /// Results by the variant's own rules, with the agent as White, then as Black: `1-0`, `0-1` or `1/2-1/2`.
    pub results: [String; 2],
    /// What ended the games: the name of an ending ([`rules::EndingKind::name`]), or `length`, where a game was called a draw.
    pub endings: [String; 2],
    /// What the games are worth to the agent by the new payoff, -1 to 1.
    pub worth: [f32; 2],
    /// What the endings of the games are worth to the agent by the payoff before the change; `null` where the old rules know no such ending.
    pub old_worth: [Option<f32>; 2],
    /// Lengths of the two games in plies, opening included.
    pub plies: [u32; 2],
    /// Moves that the agent wanted and the true rules forbid (replaced by the legal move with the best prior).
    pub illegal: u32,
    /// The agent's own mean estimate of its expected score over its moves, 0 to 1; `null` for agents that do not estimate.
    pub confidence: Option<f64>,
    /// Per game: mean squared difference of the agent's estimates from the result, both 0 to 1; `null` for agents that have none.
    pub errors: [Option<f64>; 2],
    /// Per game: mean squared change of the agent's estimate from one of its moves to the next: what it can notice without any result.
    pub drift: [Option<f64>; 2],
    /// Positions in which the agent gave itself more than 90%, and how many of them stood in games that it lost.
    pub confident: [u32; 2],
    /// The agent's share of the material on the board at ply 20 or at the end, 0 to 1, mean of the two games.
    pub material: f64,
    /// Hash of the true rules, payoff included.
    pub rules: String,
    /// Hash of the rules that the agent searches under.
    pub search_rules: String,
    /// Hashes of the agent's weights, with `+` between them; empty for agents without any.
    pub weights: String,
    /// Hashes of the opponent's weights; empty for agents without any.
    pub opponent_weights: String,
}

impl PairRow {
    /// The agent's score by the old payoff, 0 to 1, over the games whose ending the old rules know; `None` if they know neither.
    #[must_use]
    pub fn old_score(&self) -> Option<f64> {
        let known: Vec<f64> =
            self.old_worth.iter().flatten().map(|worth| f64::midpoint(f64::from(*worth), 1.0)).collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    }

    /// The score that follows from the worths of the two games.
    #[must_use]
    pub fn score_of_worths(&self) -> f64 {
        self.worth.iter().map(|worth| f64::midpoint(f64::from(*worth), 1.0)).sum::<f64>() / 2.0
    }

    /// Whether the numbers are possible ones for two games.
    ///
    /// # Errors
    /// Names the column that is wrong.
    pub fn check(&self) -> Result<(), String> {
        let shares = [Some(self.score), Some(self.material), self.confidence];
        if shares.into_iter().chain(self.errors).chain(self.drift).flatten().any(|share| !(0.0..=1.0).contains(&share))
        {
            return Err("a score, error or share does not lie in 0 to 1".to_owned());
        }
        let worths = self.worth.iter().copied().chain(self.old_worth.iter().flatten().copied());
        if worths.into_iter().any(|worth| !(-1.0..=1.0).contains(&worth)) {
            return Err("`worth` or `old_worth` does not lie in -1 to 1".to_owned());
        }
        if (self.score - self.score_of_worths()).abs() > 1e-9 {
            return Err(format!("`score` is {}; the worths make {}", self.score, self.score_of_worths()));
        }
        if self.results.iter().any(|r| !["1-0", "0-1", "1/2-1/2"].contains(&r.as_str())) {
            return Err("`results` has one that cannot be".to_owned());
        }
        let known = |name: &str| name == LENGTH || rules::EndingKind::from_name(name).is_some();
        if !self.endings.iter().all(|name| known(name)) {
            return Err("`endings` has one that is unknown".to_owned());
        }
        if self.confident[1] > self.confident[0] || self.plies.iter().any(|plies| *plies > 100_000) {
            return Err("`confident` or `plies` has numbers that cannot be".to_owned());
        }
        Ok(())
    }
}

/// The ending of games that were called a draw for their length.
pub const LENGTH: &str = "length";

/// One line of `probes.jsonl`: an agent's answers at fixed positions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeRow {
    /// Name of the probe.
    pub probe: String,
    /// Name of the shift.
    pub shift: String,
    /// Who was asked.
    pub agent: String,
    /// Point of the agent's curve; 0 if it is none.
    pub point: u32,
    /// Playouts per answer.
    pub playouts: u32,
    /// Number of the inherited evaluator, from 0.
    pub evaluator: u32,
    /// Number of positions.
    pub positions: u32,
    /// Mean regret, the worth of the best move less that of the chosen one, 0 to 1; of a probe of foresight the share of moves that were foreseen.
    pub score: f64,
    /// Mean worth of the best moves to the mover, 0 to 1; `null` of a probe of foresight.
    pub truth: Option<f64>,
    /// The agent's own mean estimate of what its positions are worth, 0 to 1; `null` for agents that do not estimate.
    pub estimate: Option<f64>,
    /// Hash of the true rules.
    pub rules: String,
    /// Hashes of the agent's weights, with `+` between them; empty for agents without any.
    pub weights: String,
}

impl ProbeRow {
    /// Whether the numbers are possible ones for answers.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn check(&self) -> Result<(), String> {
        let numbers = [Some(self.score), self.truth, self.estimate];
        if numbers.into_iter().flatten().any(|number| !(0.0..=1.0).contains(&number)) {
            return Err("`score`, `truth` or `estimate` does not lie in 0 to 1".to_owned());
        }
        Ok(())
    }
}

/// What is measured of a shift besides its matches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShiftMeasure {
    /// Name of the shift.
    pub shift: String,
    /// Correlation of the first inherited evaluator's value with the result under the new rules, over positions of play that no evaluator
    /// steered; `null` where one of them does not vary.
    pub value_correlation: Option<f64>,
    /// How unusual positions of play are, in bits per man, by how often a man of its kind stood on its square before the change; `null` if there is nothing
    /// to compare with.
    pub surprise: Option<f64>,
}

/// A game kept for replay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplayGame {
    /// Name of the shift.
    pub shift: String,
    /// Agent that played White.
    pub white: String,
    /// Agent that played Black.
    pub black: String,
    /// Playouts per move.
    pub playouts: u32,
    /// FEN before each move and after the last one: one longer than `moves`.
    pub fens: Vec<String>,
    /// Moves in UCI notation, the opening's first.
    pub moves: Vec<String>,
    /// How many of the moves the opening prescribed.
    pub opening_plies: u32,
    /// The mover's own estimate of its expected score before each move, 0 to 1; `null` in the opening and for agents without one.
    pub estimates: Vec<Option<f64>>,
    /// Result by the variant's own rules: `1-0`, `0-1` or `1/2-1/2`.
    pub result: String,
}

/// `extras.json`: what is measured once per run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extras {
    /// Identity of the run that this belongs to.
    pub identity: String,
    /// A row per shift.
    pub measures: Vec<ShiftMeasure>,
    /// At most one game per shift.
    pub games: Vec<ReplayGame>,
    /// The task that is no game, if it was flown.
    pub rocket: Option<RocketResult>,
}

/// The physics of a landing: what corresponds to the rules of a game.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Physics {
    /// Acceleration towards the ground, m/s².
    pub gravity: f64,
    /// Acceleration that the engine gives, as a share of what the pilot asks for; 1 under the physics of the selection.
    pub thrust: f64,
}

/// One pilot under one change of physics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RocketRow {
    /// Name of the change.
    pub shift: String,
    /// The physics of the flights.
    pub physics: Physics,
    /// Name of the pilot.
    pub pilot: String,
    /// Mean cost over selections and flights, m²/s².
    pub cost: f64,
    /// Cost less that of the pilot selected under the new physics, per selection.
    pub regret: Vec<f64>,
    /// The mean cost by the closed form; `null` for pilots that have none.
    pub analytic: Option<f64>,
}

/// All pilots under all changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RocketResult {
    /// Independent selections.
    pub selections: u32,
    /// Free trials of each selection.
    pub trials: u64,
    /// A row for each change and pilot.
    pub rows: Vec<RocketRow>,
}
