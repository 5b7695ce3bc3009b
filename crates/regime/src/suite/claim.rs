//! A claim: what is said before the run, the cells that bear on it, and the estimator that turns them into an effect.

use serde::{Deserialize, Serialize};

use super::agent::Detector;
use super::estimator::Estimator;
use super::population::Population;

/// A claim that is written before the run and tested by it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Name, unique among claims.
    pub name: String,
    /// The words of the essay that it is about, verbatim.
    pub essay: String,
    /// What is claimed.
    pub claim: String,
    /// The sign that the claim expects of the effect.
    pub expects: Expects,
    /// How much rests on it.
    #[serde(default)]
    pub tier: Tier,
    /// What the claim generalises over: each is a random effect.
    pub over: Vec<Population>,
    /// How the effect is estimated from the cells.
    pub estimator: Estimator,
    /// The cells, in the order in which the estimator counts them. Tables of one name are parts of one cell.
    #[serde(rename = "cell")]
    pub cells: Vec<ClaimCell>,
}

/// The sign of an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expects {
    /// Above 0.
    Positive,
    /// Below 0.
    Negative,
    /// Within the smallest effect of interest.
    Nothing,
    /// The claim is that there is an effect, and leaves its sign open.
    Unknown,
}

/// How much rests on a claim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// A primary hypothesis: its p is adjusted by Holm over all primary ones, and it rests on no weight file that the pilot saw. At most eight.
    Primary,
    /// An exploratory hypothesis: its p is not adjusted, and what it suggests has to be shown by another run.
    #[default]
    Exploratory,
    /// An effect with its interval and no verdict: for designs that are too small for one.
    Described,
}

/// What is read from a row, per pair of games or per answer of a probe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// In games the agent's score by the new payoff, 0 to 1. In a probe the agent's regret, or the share of moves that it foresaw.
    #[default]
    Score,
    /// The agent's score by the old payoff, 0 to 1, over the games whose ending the old rules know.
    OldScore,
    /// The agent's share of the material at ply 20 or at the end.
    Material,
    /// The agent's own mean estimate of its score.
    Confidence,
    /// The agent's estimate less its score.
    Overconfidence,
    /// Illegal choices per game.
    Illegal,
    /// Of a monitor: games until the alarm, as a share of all games (1 where none came).
    Delay,
}

/// Cells of the run that an estimator takes as one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimCell {
    /// Name of the cell in the claim.
    pub name: String,
    /// The experiment, probe or monitor that it is read from.
    pub of: String,
    /// The agent; left out for monitors, which say themselves whom they watch.
    #[serde(default)]
    pub agent: Option<String>,
    /// Its opponent, in experiments.
    #[serde(default)]
    pub opponent: Option<String>,
    /// The detector, in monitors.
    #[serde(default)]
    pub detector: Option<Detector>,
    /// Shifts by name. A cell that names neither shifts nor families has all shifts that are played.
    #[serde(default)]
    pub shifts: Vec<String>,
    /// Shifts by family.
    #[serde(default)]
    pub families: Vec<String>,
    /// Playouts of the agent; all if left out.
    #[serde(default)]
    pub playouts: Option<u32>,
    /// Point of the agent's curve; all if left out.
    #[serde(default)]
    pub point: Option<u32>,
    /// The first so many evaluators only; all if left out.
    #[serde(default)]
    pub evaluators: Option<u32>,
    /// What the estimator sees as x; 0 if left out.
    #[serde(default)]
    pub x: Option<X>,
    /// What is read from each row.
    #[serde(default)]
    pub measure: Measure,
}

/// What an estimator sees as x.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum X {
    /// A number of its own.
    Number(f64),
    /// Something that varies over the cell.
    Of(XOf),
}

/// What varies over a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum XOf {
    /// Playouts of the agent.
    Playouts,
    /// Points of the agent's curve.
    Points,
    /// Levels of the shifts' dial.
    Dial,
}

impl Claim {
    /// Names of its cells, each once, in the order in which an estimator counts them.
    #[must_use]
    pub fn cell_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for cell in &self.cells {
            if !names.contains(&cell.name.as_str()) {
                names.push(&cell.name);
            }
        }
        names
    }
}
