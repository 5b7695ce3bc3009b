//! What the rows of a run add up to: everything that a page shows, and `summary.json`.

use serde::{Deserialize, Serialize};

use crate::rows::{ReplayGame, RocketResult};

/// Everything that a page shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// What was run.
    pub run: RunInfo,
    /// The shifts, in suite order, the unchanged rules first.
    pub shifts: Vec<ShiftCard>,
    /// Headings in the order of the suite, with what stands under each.
    pub sections: Vec<Section>,
    /// Agents that played or were asked.
    pub agents: Vec<AgentCard>,
    /// One row per cell of matches.
    pub rows: Vec<SummaryRow>,
    /// Answers at fixed positions, one row per cell.
    pub probes: Vec<ProbeCell>,
    /// What monitors noticed, one row per monitor and shift.
    pub monitored: Vec<Monitored>,
    /// Claims, in the suite's order.
    pub findings: Vec<Finding>,
    /// The shifts' own hypotheses, tested on the cells of the grid.
    pub grid: Vec<GridRow>,
    /// Exact nulls that were checked.
    pub exact_nulls: Vec<ExactNull>,
    /// One game per shift.
    pub games: Vec<ReplayGame>,
    /// The task that is no game, if it was flown.
    pub rocket: Option<RocketResult>,
}

/// What was run, for people.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunInfo {
    /// Name of the suite.
    pub suite: String,
    /// What it is for.
    pub title: String,
    /// Variant before the change.
    pub variant: String,
    /// Width and height of its board.
    pub board: (u32, u32),
    /// The command that began the run.
    pub command: String,
    /// Version of the program.
    pub version: String,
    /// Behaviour signature of the program.
    pub signature: String,
    /// Hash over suite, rules, weights, engines and signature.
    pub identity: String,
    /// SHA-256 of all claims and the shifts' hypotheses as they stand in the suite, 64 hexadecimal digits.
    pub claims: String,
    /// Whether every cell has been played and every question asked.
    pub finished: bool,
    /// Pairs of games.
    pub pairs: u64,
    /// Number of inherited evaluators of the suite's own variant.
    pub evaluators: u32,
    /// Weight files.
    pub weights: Vec<WeightsInfo>,
    /// External engines: agent and what it says that it is.
    pub engines: Vec<(String, String)>,
    /// The cell of each shift that its own hypothesis is about, in words; empty if there is none.
    pub grid: String,
    /// The cell of `grid` by its names; `null` if there is none.
    pub grid_cell: Option<GridCell>,
}

/// The cell of each shift that its own hypothesis is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GridCell {
    /// Name of the experiment.
    pub experiment: String,
    /// The agent whose cost is measured.
    pub agent: String,
    /// Its opponent.
    pub opponent: String,
    /// Playouts per move of the agent: the first number of the experiment.
    pub playouts: u32,
}

/// A weight file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightsInfo {
    /// Name in the suite.
    pub file: String,
    /// Hash of the network.
    pub hash: String,
    /// Variant that it was selected under.
    pub variant: String,
    /// The command that selected it.
    pub command: String,
    /// Version of its card.
    pub format: u32,
}

/// What a reader needs to know of one shift.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShiftCard {
    /// Name, unique in the suite.
    pub name: String,
    /// Variant before the change.
    pub variant: String,
    /// Family.
    pub family: String,
    /// The sign that was expected and the reason, written before the shift was run.
    pub hypothesis: String,
    /// `costs`, `helps`, `no effect` or `unknown`.
    pub expected: String,
    /// The edit, in the keys of `variants.ini`; empty if nothing changes.
    pub edit: Vec<(String, String)>,
    /// What endings are worth, where that is not what the variant says, in words.
    pub payoff: Vec<String>,
    /// Whether it changes neither rules nor worths.
    pub unchanged: bool,
    /// Start position under the shifted rules.
    pub start_fen: String,
    /// Hash of the shifted rules.
    pub rules: String,
    /// Whether evaluators are relabelled with the board (then results must equal those of the unchanged rules to the bit).
    pub relabelled: bool,
    /// Correlation of the inherited value with the result, over positions of play; `null` if not measured.
    pub value_correlation: Option<f64>,
    /// How unusual positions of play are, in bits per man; `null` if not measured.
    pub surprise: Option<f64>,
    /// A dial that the shift is a point of, and where on it.
    pub dose: Option<(String, f64)>,
    /// Ply of the game at which the rules change, if it is not the first.
    pub after_ply: Option<u32>,
    /// Independent rivals that the agent of the grid met here.
    pub rivals: u32,
}

/// A heading of the report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// Names of the experiments under it.
    pub experiments: Vec<String>,
    /// Names of the probes under it.
    pub probes: Vec<String>,
    /// Names of the monitors under it.
    pub monitors: Vec<String>,
}

/// An agent, in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentCard {
    /// Name.
    pub name: String,
    /// What it is.
    pub about: String,
    /// What its curve is over, if it is one.
    pub points: Option<String>,
}

/// All pairs of one cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SummaryRow {
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
    /// Mean score of the agent by the new payoff, 0 to 1.
    pub score: f64,
    /// Standard error of `score`, grouped by evaluator.
    pub se: f64,
    /// 95% interval of `score`, inside [0, 1].
    pub score_low: f64,
    /// Upper end of the interval of `score`.
    pub score_high: f64,
    /// Logistic Elo of `score`; `null` at 0 or 1.
    pub elo: Option<f64>,
    /// Elo of `score_low`; `null` at 0.
    pub elo_low: Option<f64>,
    /// Elo of `score_high`; `null` at 1.
    pub elo_high: Option<f64>,
    /// Number of game pairs.
    pub pairs: u32,
    /// Number of independent evaluators.
    pub seeds: u32,
    /// Number of independent rivals; 0 where the opponent needs no weight file.
    pub rivals: u32,
    /// Mean score by the old payoff, over the games whose ending the old rules know; `null` if there is no such game.
    pub old_score: Option<f64>,
    /// Games that are a success (worth more than 0) by both payoffs, by the new one alone, by the old one alone, by neither.
    pub quadrants: [u32; 4],
    /// How games ended: name of the ending and number of games, most frequent first.
    pub endings: Vec<(String, u32)>,
    /// Mean of the agent's own estimates, where there are any.
    pub confidence: Option<f64>,
    /// Mean score under each evaluator, 0 to 1.
    pub seed_scores: Vec<f64>,
    /// Mean squared error of the agent's estimates (Brier score).
    pub error: Option<f64>,
    /// Share of the positions in which the agent gave itself more than 90% that stood in games that it lost.
    pub confident_wrong: Option<f64>,
    /// The agent's mean share of the material at ply 20 or at the end.
    pub material: f64,
    /// Illegal choices per game of the agent.
    pub illegal_per_game: f64,
}

/// All evaluators of one cell of a probe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeCell {
    /// Name of the probe.
    pub probe: String,
    /// What it measures: `regret`, `exact-regret` or `foresight`.
    pub measures: String,
    /// Name of the shift.
    pub shift: String,
    /// Who was asked.
    pub agent: String,
    /// Point of the agent's curve; 0 if it is none.
    pub point: u32,
    /// Playouts per answer.
    pub playouts: u32,
    /// Number of positions.
    pub positions: u32,
    /// Mean regret, or share of moves foreseen, 0 to 1.
    pub score: f64,
    /// 95% interval by bootstrap over evaluators.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// Mean worth of the best moves, 0 to 1.
    pub truth: Option<f64>,
    /// The agent's own mean estimate of what its positions are worth, 0 to 1.
    pub estimate: Option<f64>,
    /// Number of evaluators.
    pub seeds: u32,
}

/// What the detectors of a monitor saw under one shift.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Monitored {
    /// Name of the monitor.
    pub monitor: String,
    /// Name of the shift. Under the one that calibrates, the games are the held-out half, and every alarm is a false one.
    pub shift: String,
    /// Evaluators, each with detectors of its own.
    pub evaluators: u32,
    /// Games that each detector saw.
    pub games: u32,
    /// Score without any monitor.
    pub score: f64,
    /// Score of the agent that plays on after an alarm, had it played from the first game; `null` if there is none.
    pub then: Option<f64>,
    /// One entry for each detector of the monitor.
    pub detectors: Vec<DetectorResult>,
}

/// What one detector saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetectorResult {
    /// Name of the detector.
    pub detector: String,
    /// Evaluators under which it raised an alarm.
    pub alarms: u32,
    /// Games until the alarm, by evaluator; `null` where none came.
    pub delays: Vec<Option<u32>>,
    /// Median over the evaluators whose alarm came.
    pub median_delay: Option<u32>,
    /// Share of evaluators under which the detector raised an alarm on the held-out games under unchanged rules. Delays of two detectors can only be
    /// compared if this is equal.
    pub false_alarm_rate: f64,
    /// Games that it saw.
    pub games: u32,
    /// Score when the games after the alarm are left to the other agent; `null` if there is none, and under the shift that calibrates.
    pub heeded: Option<f64>,
}

/// Whether a shift that must change nothing changed nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExactNull {
    /// Name of the shift.
    pub shift: String,
    /// Pairs that were compared.
    pub pairs: u32,
    /// Whether every pair went exactly as the pair of the same cell and opening under the unchanged rules; `null` while the run goes on and none
    /// has been played. In a finished run a shift that no pair could test did not hold: it shows nothing.
    pub held: Option<bool>,
}

/// What a run says to a claim that was made before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Name of the claim.
    pub name: String,
    /// The words of the essay.
    pub essay: String,
    /// What is claimed.
    pub claim: String,
    /// `primary`, `exploratory` or `described`.
    pub tier: String,
    /// What sign is expected: `positive`, `negative`, `nothing` or `unknown`.
    pub expects: String,
    /// Kind of the estimator.
    pub estimator: String,
    /// What the effect is measured in. Begins with `score` where effects are shares of 1 (`score`, `score per doubling`): pages tell them
    /// in points, hundredths of it.
    pub unit: String,
    /// Populations that it generalises over, with the number of independent units of each.
    pub over: Vec<(String, u32)>,
    /// The effect; `null` where nothing was measured.
    pub effect: Option<f64>,
    /// 95% interval by crossed bootstrap.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
    /// p, two-sided, or that of equivalence where nothing is expected.
    pub p: Option<f64>,
    /// p adjusted by Holm over the primary claims; of other claims, p.
    pub adjusted: Option<f64>,
    /// How p was found, in words.
    pub test: String,
    /// The smallest p that the design could have given.
    pub smallest_p: Option<f64>,
    /// The smallest effect that the design would have shown with a power of 80%.
    pub detectable: Option<f64>,
    /// SUPPORTED, REFUTED, EQUIVALENT, UNRESOLVED or INVALID; or that there is no verdict, and why.
    pub verdict: String,
    /// Whether the verdict is what was expected: `yes`, `no` or `open`.
    pub agrees: String,
    /// Why it is invalid, or what else a reader must know; empty if there is nothing.
    pub note: String,
    /// The cells that it was made from, in the order in which the estimator counts them.
    pub cells: Vec<FindingCell>,
    /// What x is, in words: what the curves are over, or the covariate of an association; empty where there is none.
    pub x: String,
    /// Whether the estimator takes the logarithm of x.
    pub log_x: bool,
    /// Numbers of the estimator's own that a figure marks.
    pub marks: Vec<Mark>,
    /// Of an association: a point per shift.
    pub scatter: Vec<ScatterPoint>,
}

/// A number of an estimator's own: a threshold, a constant in place of a cell, a peak.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// `peak` or `trough` (with an x), `threshold` or `less` (with a y), or `a` to `d` for a constant corner of an interaction (with a y).
    pub name: String,
    /// Where it lies along x.
    pub x: Option<f64>,
    /// Its value, in what the cells are measured in.
    pub y: Option<f64>,
}

/// A cell of a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingCell {
    /// Its name in the claim.
    pub name: String,
    /// Its weight in a difference; 0 where the estimator has none.
    pub weight: f64,
    /// Its means, one per x, by rising x; a single one where it is no curve.
    pub points: Vec<CellPoint>,
}

/// The mean of a cell at one x, over evaluators, rivals, shifts and pairs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellPoint {
    /// What the estimator sees as x; 0 where it sees none.
    pub x: f64,
    /// Mean.
    pub mean: f64,
    /// 95% interval over evaluators.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// Pairs of games, or answers.
    pub pairs: u32,
}

/// A shift in the figure of an association.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScatterPoint {
    /// Name of the shift.
    pub shift: String,
    /// The covariate.
    pub x: f64,
    /// The effect under the shift.
    pub y: f64,
    /// Whether it belongs to the group whose membership is tested.
    pub group: bool,
}

/// A shift's own hypothesis on the cell of the grid. The effect is the cost: 1/2 less the score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GridRow {
    /// Name of the shift.
    pub shift: String,
    /// `costs`, `helps`, `no effect` or `unknown`.
    pub expected: String,
    /// COSTS, HELPS, EQUIVALENT, UNRESOLVED or INVALID; or that there is no verdict, and why.
    pub found: String,
    /// `yes`, `no` or `open`.
    pub agrees: String,
    /// Mean cost.
    pub cost: Option<f64>,
    /// 95% interval by crossed bootstrap.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
    /// p, two-sided.
    pub p: Option<f64>,
    /// p adjusted by Benjamini and Hochberg over the shifts.
    pub adjusted: Option<f64>,
    /// The smallest cost that the design would have shown with a power of 80%.
    pub detectable: Option<f64>,
    /// Independent evaluators.
    pub evaluators: u32,
    /// Independent rivals.
    pub rivals: u32,
    /// Why it is invalid; empty if it is not.
    pub note: String,
}
