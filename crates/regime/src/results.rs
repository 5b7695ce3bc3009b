//! What a stress run writes: one row per game pair, one summary row per cell, one replayable game per shift.
//! The page (`report`) is drawn from these types alone.

use serde::{Deserialize, Serialize};

use crate::rocket::RocketResult;

/// One line of `results.jsonl`: an opening played twice with colours swapped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairRow {
    /// Which comparison the pair belongs to: `headline`, `attribution`, or one that begins with `curve`.
    pub experiment: String,
    /// Name of the shift; the unchanged rules are `none`.
    pub shift: String,
    /// The arm under test.
    pub arm: String,
    /// The arm it is measured against.
    pub opponent: String,
    /// Playouts per move of the arm.
    pub playouts: u32,
    /// Playouts per move of the opponent.
    pub opponent_playouts: u32,
    /// Games that the arm's weights were trained on, if it is a curve over games; 0 otherwise.
    #[serde(default)]
    pub games: u32,
    /// Index of the independently selected evaluator, from 0.
    pub seed: u32,
    /// Index of the opening within the cell, from 0.
    pub pair: u32,
    /// Opening moves in UCI notation, in the true rules; where these set in amid the game, the FEN of that moment.
    pub opening: Vec<String>,
    /// The arm's mean score over the two games: 0, 1/4, 1/2, 3/4 or 1.
    pub score: f64,
    /// Results with the arm as White, then as Black: `1-0`, `0-1` or `1/2-1/2`.
    pub results: [String; 2],
    /// Lengths of the two games in plies, opening included.
    pub plies: [u32; 2],
    /// Moves the arm wanted that the true rules forbid (replaced by the legal move with the best prior).
    pub illegal: u32,
    /// The arm's own mean estimate of its expected score over its moves, 0 to 1; `null` for arms that do not search.
    pub confidence: Option<f64>,
    /// Per game: mean squared difference of the arm's estimates from the result, both 0 to 1; `null` for arms that have none.
    #[serde(default)]
    pub errors: [Option<f64>; 2],
    /// Per game: mean squared change of the arm's estimate from one of its moves to the next: what it can notice without any result.
    #[serde(default)]
    pub drift: [Option<f64>; 2],
    /// Positions in which the arm gave itself more than 90%, and how many of them stood in games that it lost.
    #[serde(default)]
    pub confident: [u32; 2],
    /// The arm's share of the material on the board at ply 20 or at the end, 0 to 1, mean of the two games: a measure that a base
    /// optimizer might take for the goal.
    #[serde(default)]
    pub material: f64,
    /// Hash of the true rules.
    pub rules: String,
    /// Hash of the rules the arm searches under.
    pub search_rules: String,
    /// Hash of the arm's weights; empty for arms without any.
    pub weights: String,
    /// Hash of the opponent's weights; empty for arms without any.
    pub opponent_weights: String,
    /// Hash of the suite's resolved configuration.
    pub config: String,
}

/// One line of `probes.jsonl`: an arm's answers at fixed positions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProbeRow {
    /// Name of the probe.
    pub probe: String,
    /// Name of the shift.
    pub shift: String,
    /// Who was asked.
    pub arm: String,
    /// Point of the arm's curve, if it is one; 0 otherwise.
    pub point: u32,
    /// Playouts per answer.
    pub playouts: u32,
    /// Index of the inherited evaluator, from 0.
    pub seed: u32,
    /// Number of positions.
    pub positions: u32,
    /// Mean regret: worth of the best move less that of the chosen one, 0 to 1. Where the agent judges: share of its moves foreseen.
    pub score: f64,
    /// Mean worth of the best moves to the mover, 0 to 1.
    pub truth: Option<f64>,
    /// The arm's own mean estimate of the same; `null` for arms that have none.
    pub estimate: Option<f64>,
    /// Hash of the arm's weights; empty for arms without any.
    pub weights: String,
    /// Hash of the suite's resolved configuration.
    pub config: String,
}

/// All seeds of one cell of a probe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProbeCell {
    /// See [`ProbeRow::probe`].
    pub probe: String,
    /// See [`ProbeRow::shift`].
    pub shift: String,
    /// See [`ProbeRow::arm`].
    pub arm: String,
    /// See [`ProbeRow::point`].
    pub point: u32,
    /// See [`ProbeRow::playouts`].
    pub playouts: u32,
    /// See [`ProbeRow::positions`].
    pub positions: u32,
    /// Mean of [`ProbeRow::score`].
    pub score: f64,
    /// 95% interval by bootstrap over seeds.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// Mean of [`ProbeRow::truth`].
    pub truth: Option<f64>,
    /// Mean of [`ProbeRow::estimate`].
    pub estimate: Option<f64>,
    /// Number of evaluator seeds.
    pub seeds: u32,
}

/// One row of `summary.json`: all pairs of one (experiment, shift, arm, opponent, playouts, opponent's playouts).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SummaryRow {
    /// See [`PairRow::experiment`].
    pub experiment: String,
    /// See [`PairRow::shift`].
    pub shift: String,
    /// See [`PairRow::arm`].
    pub arm: String,
    /// See [`PairRow::opponent`].
    pub opponent: String,
    /// See [`PairRow::playouts`].
    pub playouts: u32,
    /// See [`PairRow::opponent_playouts`].
    pub opponent_playouts: u32,
    /// See [`PairRow::games`].
    #[serde(default)]
    pub games: u32,
    /// Mean score of the arm, 0 to 1.
    pub score: f64,
    /// Standard error of `score`, clustered by evaluator seed and opening (see `regime`'s documentation).
    pub se: f64,
    /// 95% interval of `score`, inside [0, 1].
    pub score_low: f64,
    /// Upper end of the interval.
    pub score_high: f64,
    /// Logistic Elo of `score`; `null` at 0 or 1.
    pub elo: Option<f64>,
    /// Elo of `score_low`; `null` at 0.
    pub elo_low: Option<f64>,
    /// Elo of `score_high`; `null` at 1.
    pub elo_high: Option<f64>,
    /// Number of game pairs.
    pub pairs: u32,
    /// Number of evaluator seeds.
    pub seeds: u32,
    /// Mean of the pairs' `confidence`, where there is one.
    pub confidence: Option<f64>,
    /// Mean score under each evaluator seed, 0 to 1.
    #[serde(default)]
    pub seed_scores: Vec<f64>,
    /// Mean of the games' [`PairRow::errors`] (Brier score of the arm's estimates).
    #[serde(default)]
    pub error: Option<f64>,
    /// Share of the positions in which the arm gave itself more than 90% that stood in games that it lost.
    #[serde(default)]
    pub confident_wrong: Option<f64>,
    /// Mean of [`PairRow::material`].
    #[serde(default)]
    pub material: f64,
    /// Illegal choices per game of the arm.
    pub illegal_per_game: f64,
}

/// What a run says to a claim that was made before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// In the claimed direction, beyond the smallest effect of interest, adjusted p below 5%.
    Supported,
    /// The same in the other direction.
    Opposite,
    /// Within the smallest effect of interest, by two one-sided tests.
    Equivalent,
    /// None of these: `visible` says what could have been seen.
    Inconclusive,
    /// An exact null broke: nothing may be concluded.
    Invalid,
    /// The run does not hold what the test needs.
    NotMeasured,
}

impl Verdict {
    /// As it is written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Supported => "SUPPORTED",
            Verdict::Opposite => "OPPOSITE",
            Verdict::Equivalent => "EQUIVALENT",
            Verdict::Inconclusive => "INCONCLUSIVE",
            Verdict::Invalid => "INVALID",
            Verdict::NotMeasured => "NOT MEASURED",
        }
    }
}

/// A registered hypothesis and what was found. Effects are differences of scores (0.029 is 20 Elo near equality), positive where
/// the claim is right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// `H1`…
    pub id: String,
    /// What is claimed.
    pub claim: String,
    /// What the essay says to it.
    pub essay: String,
    /// Name of the test.
    pub test: String,
    /// The shift that it is about, if it is one.
    pub shift: Option<String>,
    /// Not among the primary hypotheses: p is not adjusted, and a claim needs another run.
    #[serde(default)]
    pub exploratory: bool,
    /// Evaluator seeds: the sampling unit.
    pub seeds: u32,
    /// Mean effect over seeds.
    pub effect: Option<f64>,
    /// 95% interval by bootstrap.
    pub low: Option<f64>,
    /// Its upper end.
    pub high: Option<f64>,
    /// Two-sided exact sign-flip test over seeds; of a claim that something does not happen, a one-sided t test that the effect is
    /// below the smallest of interest.
    pub p: f64,
    /// Adjusted by Holm over all registered hypotheses.
    pub adjusted: f64,
    /// The smallest effect that this spread of seeds would have shown with a power of 80%.
    pub visible: Option<f64>,
    /// In a word.
    pub verdict: Verdict,
}

/// A shift's own hypothesis, tested on the loss of `frozen` against `reselected` (1/2 less the score).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShiftVerdict {
    /// Name of the shift.
    pub shift: String,
    /// Mean loss over seeds.
    pub loss: f64,
    /// 95% interval by hierarchical bootstrap.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// Two-sided exact sign-flip test over seeds; of a shift that should cost nothing, two one-sided t tests of equivalence.
    pub p: f64,
    /// Adjusted by Benjamini and Hochberg over the shifts.
    pub adjusted: f64,
    /// See [`Finding::visible`].
    pub visible: Option<f64>,
    /// In a word.
    pub verdict: Verdict,
}

/// A monitor of the frozen evaluator's own errors of prediction under one shift.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Monitored {
    /// Name of the shift; under `none` every alarm is false.
    pub shift: String,
    /// Evaluator seeds, each with a monitor of its own.
    pub seeds: u32,
    /// Deployed games per seed.
    pub games: u32,
    /// Monitors that raised an alarm within them.
    pub alarms: u32,
    /// Median number of games until the alarm, of those that raised one.
    pub median_delay: Option<u32>,
    /// Games until the alarm per seed; the number of games where there was none.
    #[serde(default)]
    pub delays: Vec<u32>,
    /// Mean squared error per game, 0 to 1.
    pub error: f64,
    /// Score against `reselected` without a monitor.
    pub frozen: f64,
    /// Score when prior and value are given up for random playouts from the alarm on.
    pub reconsidering: f64,
    /// Score when they are given up from the first game.
    pub always: f64,
    /// Score when the alarm comes at random, as often.
    pub random: f64,
    /// Other monitors of the same games.
    #[serde(default)]
    pub others: Vec<OtherMonitor>,
    /// The same monitor where only a share of the games, drawn at random and not told, is played under the new rules.
    #[serde(default)]
    pub shares: Vec<SharedMonitor>,
}

/// Another way to notice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OtherMonitor {
    /// `cusum`, `page-hinkley` or `self-consistency`.
    pub name: String,
    /// Monitors that raised an alarm.
    pub alarms: u32,
    /// Games until the alarm per seed; the number of games where there was none.
    pub delays: Vec<u32>,
}

/// A monitor of games of which some are under the new rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SharedMonitor {
    /// Share of the games under the new rules.
    pub share: f64,
    /// Monitors that raised an alarm.
    pub alarms: u32,
    /// Median number of games until the alarm, of those that raised one.
    pub median_delay: Option<u32>,
    /// Score over all games, changed or not, against `reselected`.
    pub score: f64,
}

/// What meeting the change in one way costs over a number of deployed games.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deployment {
    /// Name of the shift.
    pub shift: String,
    /// `frozen`, `federated`, `mixed`, `retracted`, `foreseen` or `afresh`.
    pub policy: String,
    /// Deployed games.
    pub games: u32,
    /// Points lost in them against an equal rival, per evaluator seed: the sum of 1/2 less the score.
    pub lost: Vec<f64>,
    /// Mean of `lost`.
    pub mean: f64,
    /// 95% interval by bootstrap over seeds.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// Games played as trials, which cost nothing in points, mean over seeds.
    pub trials: f64,
    /// Deployed games until the score stays within 20 Elo of even, mean over the seeds that get there.
    pub recovered: Option<f64>,
}

/// What a reader needs to know of one shift.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShiftCard {
    /// Name, unique in the suite.
    pub name: String,
    /// Variant before the change; empty in runs of older versions, which had one variant.
    #[serde(default)]
    pub variant: String,
    /// `none`, `goal`, `dynamics`, `start`, `board` or `placebo`.
    pub family: String,
    /// Written before the shift was run: expected sign and why.
    pub hypothesis: String,
    /// The edit, in the keys of `variants.ini`; empty for `none`.
    pub edit: Vec<(String, String)>,
    /// Start position under the shifted rules.
    pub start_fen: String,
    /// Hash of the shifted rules.
    pub rules: String,
    /// Whether the evaluators are relabelled with the board (then results must equal those of `none` to the bit).
    pub relabelled: bool,
    /// Correlation of the frozen evaluator's value with the result under the new rules, over positions of play; `null` if not measured.
    pub value_correlation: Option<f64>,
    /// How unusual positions of play are: bits per man by how often it stood there before the change; `null` if not measured.
    #[serde(default)]
    pub surprise: Option<f64>,
    /// A dial that the shift is a point of, and where on it.
    #[serde(default)]
    pub dose: Option<(String, f64)>,
    /// Ply of the game at which the rules change, if it is not the first.
    #[serde(default)]
    pub after_ply: Option<u32>,
}

/// A game kept for replay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GameRecord {
    /// Name of the shift.
    pub shift: String,
    /// Arm that played White.
    pub white: String,
    /// Arm that played Black.
    pub black: String,
    /// Playouts per move.
    pub playouts: u32,
    /// FEN before each move and after the last one: one longer than `moves`.
    pub fens: Vec<String>,
    /// Moves in UCI notation; the first `opening_plies` are the opening.
    pub moves: Vec<String>,
    /// Length of the opening in plies.
    pub opening_plies: u32,
    /// Per move: the mover's own expected score, 0 to 1, or `null` in the opening.
    pub estimates: Vec<Option<f64>>,
    /// `1-0`, `0-1` or `1/2-1/2`.
    pub result: String,
}

/// What identifies a stress run: enough to run it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunCard {
    /// Name of the suite.
    pub suite: String,
    /// One sentence of the suite on itself.
    pub title: String,
    /// Variant before the change.
    pub variant: String,
    /// Files and ranks of the board.
    pub board: (u32, u32),
    /// Command that made the run.
    pub command: String,
    /// Version of the program.
    pub version: String,
    /// Hash of the suite's resolved configuration.
    pub config: String,
    /// Weights used: (path, hash, description).
    pub models: Vec<(String, String, String)>,
    /// Playouts per move of the headline comparison.
    pub playouts: u32,
    /// Pairs per cell and seed.
    pub pairs: u32,
    /// Number of evaluator seeds.
    pub seeds: u32,
}

/// Everything the page shows: `summary.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// What was run.
    pub run: RunCard,
    /// The shifts, in suite order, `none` first.
    pub shifts: Vec<ShiftCard>,
    /// One row per cell.
    pub rows: Vec<SummaryRow>,
    /// One game per shift.
    pub games: Vec<GameRecord>,
    /// Registered hypotheses, in the suite's order.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// The shifts' own hypotheses.
    #[serde(default)]
    pub shift_verdicts: Vec<ShiftVerdict>,
    /// Answers at fixed positions.
    #[serde(default)]
    pub probes: Vec<ProbeCell>,
    /// Monitors.
    #[serde(default)]
    pub monitored: Vec<Monitored>,
    /// What each way of meeting the change loses and needs.
    #[serde(default)]
    pub deployments: Vec<Deployment>,
    /// The task that is no game, if it was flown.
    #[serde(default)]
    pub rocket: Option<RocketResult>,
    /// SHA-256 of all hypotheses as they stand in the suite.
    #[serde(default)]
    pub hypotheses: String,
    /// Exact nulls that were checked: (shift, whether it was identical to `none` pair by pair).
    pub exact_nulls: Vec<(String, bool)>,
}

impl Summary {
    /// Reads a `summary.json`.
    ///
    /// # Errors
    /// What is missing, unknown or too much.
    pub fn from_json(text: &str) -> Result<Summary, String> {
        let summary: Summary = serde_json::from_str(text).map_err(|e| e.to_string())?;
        crate::limits::check_summary(&summary).map(|()| summary)
    }
}
