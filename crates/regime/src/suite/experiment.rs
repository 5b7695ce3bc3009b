//! What is played and asked: experiments, probes, monitors.

use serde::{Deserialize, Serialize};

use super::agent::Detector;
use super::shift::Shift;

/// Matches that are played under shifts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// Name, unique among experiments, probes and monitors.
    pub name: String,
    /// Heading under which the report shows it; experiments of one heading stand together. Left out, the name.
    #[serde(default)]
    pub section: Option<String>,
    /// Who meets whom: names of (agent, opponent).
    pub matches: Vec<(String, String)>,
    /// Playouts per move, one cell each.
    pub playouts: Vec<u32>,
    /// Playouts per move of the opponent in all cells; left out, it has those of the agent. Only against a fixed opponent can a falling
    /// score be over-optimization.
    #[serde(default)]
    pub opponent_playouts: Option<u32>,
    /// Pairs of games per cell, inherited evaluator and rival.
    pub pairs: u32,
    /// The first so many inherited evaluators only; all if left out.
    #[serde(default)]
    pub evaluators: Option<u32>,
    /// How many independent selections of the opponent each evaluator meets, in one cell each. Left out, evaluator number i meets selection number i.
    #[serde(default)]
    pub rivals: Option<u32>,
    /// Leaves out matches under shifts that have no weight file for one of the agents.
    #[serde(default)]
    pub where_possible: bool,
    /// Names of the shifts; all if left out.
    #[serde(default)]
    pub shifts: Vec<String>,
}

impl Experiment {
    /// Whether the experiment is made under that shift.
    #[must_use]
    pub fn covers(&self, shift: &Shift) -> bool {
        covers(&self.name, &self.shifts, shift)
    }

    /// Heading of its section.
    #[must_use]
    pub fn heading(&self) -> &str {
        self.section.as_deref().unwrap_or(&self.name)
    }
}

fn covers(name: &str, shifts: &[String], shift: &Shift) -> bool {
    let wanted = shifts.is_empty() || shifts.contains(&shift.name);
    wanted && (shift.only.is_empty() || shift.only.iter().any(|only| only == name))
}

/// What a probe measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measured {
    /// Regret of the chosen move by the judgement of the judge, which searches after every legal move. The judge plays with another independent
    /// selection than the one that is asked.
    Regret,
    /// Regret by the exact values of a small game, all of whose positions are solved.
    ExactRegret,
    /// How often the agent that is asked names the move that the judge plays.
    Foresight,
}

impl Measured {
    /// Its name in suites and results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Measured::Regret => "regret",
            Measured::ExactRegret => "exact-regret",
            Measured::Foresight => "foresight",
        }
    }
}

/// Questions at fixed positions: what would be played there, and what is it worth?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// Name, unique among experiments, probes and monitors.
    pub name: String,
    /// Heading under which the report shows it. Left out, the name.
    #[serde(default)]
    pub section: Option<String>,
    /// What is measured.
    pub measures: Measured,
    /// The agent that judges, or whose moves are to be foreseen; none where the game is solved.
    #[serde(default)]
    pub judge: Option<String>,
    /// Who is asked.
    pub agents: Vec<String>,
    /// Playouts of a search, one cell each.
    pub playouts: Vec<u32>,
    /// Playouts of the judge: for each legal move, or of its one search where its moves are to be foreseen.
    #[serde(default)]
    pub judge_playouts: u32,
    /// Number of positions.
    pub positions: u32,
    /// The first so many inherited evaluators only; all if left out.
    #[serde(default)]
    pub evaluators: Option<u32>,
    /// Names of the shifts.
    pub shifts: Vec<String>,
    /// Leaves out agents that have no weight file under a shift.
    #[serde(default)]
    pub where_possible: bool,
}

impl Probe {
    /// Whether the probe is made under that shift.
    #[must_use]
    pub fn covers(&self, shift: &Shift) -> bool {
        self.shifts.contains(&shift.name)
    }

    /// Heading of its section.
    #[must_use]
    pub fn heading(&self) -> &str {
        self.section.as_deref().unwrap_or(&self.name)
    }
}

/// Detectors that watch the games of an experiment in order, as if they had been deployed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Monitor {
    /// Name, unique among experiments, probes and monitors.
    pub name: String,
    /// Heading under which the report shows it. Left out, the name.
    #[serde(default)]
    pub section: Option<String>,
    /// The experiment whose games are watched, at its first number of playouts.
    pub experiment: String,
    /// The agent that is watched.
    pub agent: String,
    /// Its opponent.
    pub opponent: String,
    /// The agent of the same experiment that would have played on after an alarm, if that is to be counted.
    #[serde(default)]
    pub then: Option<String>,
    /// The shift whose games calibrate the detectors: their first half, for each evaluator; the second half tells the rate of false alarms.
    pub calibrated_on: String,
    /// The detectors.
    pub detectors: Vec<Detector>,
}

impl Monitor {
    /// Heading of its section.
    #[must_use]
    pub fn heading(&self) -> &str {
        self.section.as_deref().unwrap_or(&self.name)
    }
}

/// The cell of each shift that its own hypothesis is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grid {
    /// The experiment, at its first number of playouts.
    pub experiment: String,
    /// The agent whose cost is measured.
    pub agent: String,
    /// Its opponent: the cost is 1/2 less the score against it.
    pub opponent: String,
}

/// One change of the physics of the rocket, the task that is no game.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RocketChange {
    /// Name of the change.
    pub name: String,
    /// Acceleration towards the ground, m/s², above 0 and at most 100; 9.81, under which gains are selected, if left out.
    #[serde(default)]
    pub gravity: Option<f64>,
    /// Acceleration that the engine gives, as a share of what the pilot asks for, above 0 and at most 10; 1, under which gains are selected, if left
    /// out.
    #[serde(default)]
    pub thrust: Option<f64>,
}
