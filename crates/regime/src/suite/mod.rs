//! A suite as data, read and checked: which rules change how, who meets whom how often, and what is claimed about it.

mod agent;
mod check;
mod check_claims;
mod check_design;
mod claim;
mod design;
mod estimator;
mod experiment;
mod limits;
mod names;
mod plan;
mod population;
mod problem;
mod role;
mod shift;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use agent::{Agent, Alarm, Belief, Detector, Hedge, HedgeEvidence, Part, Reconsiders, SearchKind, Source, Trust};
pub(crate) use check_claims::ReadFrom;
pub use claim::{Claim, ClaimCell, Expects, Measure, Tier, X, XOf};
pub(crate) use design::{MOST_ARRANGED, MOST_FLIPPED, PERMUTATIONS, arrangements, smallest_flip, smallest_permutation};
pub use design::{Units, reachable};
pub use estimator::{
    Area, Association, Axis, Covariate, Difference, Estimator, Interaction, PeakToTrough, Scale, Side, Statistic,
    TimeToThreshold, Trend,
};
pub(crate) use estimator::{FLOOR, weights_or_default};
pub use experiment::{Experiment, Grid, Measured, Monitor, Probe, RocketChange};
pub(crate) use limits::check_rows;
pub use plan::Planned;
pub use population::Population;
pub(crate) use problem::Problem;
pub use role::{Binding, BoundBy, Role, SelectedUnder};
pub(crate) use role::{HIDDEN_UNITS, expand};
pub(crate) use shift::payoff;
pub use shift::{Base, Dose, Expect, PayoffTable, Shift};

use crate::error::RegimeError;
use agent::list;
use names::unique;

/// The agents and roles that are shipped, as TOML.
const SHIPPED: &str = include_str!("../../agents.toml");

/// The role of `evaluators` in a suite that does not say. It is the only name of a shipped agent or role that code knows: a suite of a few lines
/// would otherwise have to spell out a key whose value is nearly always this.
pub const DEFAULT_EVALUATORS: &str = "inherited";

/// A stress test as data. Read from TOML.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// Name of the suite.
    pub name: String,
    /// One sentence on what it is for.
    pub title: String,
    /// Variant before the change.
    pub variant: String,
    /// Root of all random streams.
    pub seed: u64,
    /// Random plies of each opening.
    pub opening_plies: u32,
    /// Families that shifts may belong to.
    pub families: Vec<String>,
    /// What endings are worth before any change, where that is not what the variant says.
    #[serde(default)]
    pub payoff: PayoffTable,
    /// Weight files of the suite's own variant by role, relative to the model folder.
    #[serde(default)]
    pub files: BTreeMap<String, Binding>,
    /// The role whose files are the inherited evaluators: their number is that of a cell's independent evaluators. Left out, the shipped role
    /// [`DEFAULT_EVALUATORS`].
    #[serde(default = "default_evaluators")]
    pub evaluators: String,
    /// Weight files that a pilot of this suite has seen: no primary claim may rest on one.
    #[serde(default)]
    pub pilot: Vec<String>,
    /// The cell of each shift that its own hypothesis is about.
    #[serde(default)]
    pub grid: Option<Grid>,
    /// Pairs of an agent and an opponent, by preference. Under each shift one game of the first pair that meets there is kept for replay: the one in which
    /// the agent misjudged its chances most.
    #[serde(default)]
    pub replay: Vec<(String, String)>,
    /// Changes of the physics of the rocket, the task that is no game. The first entry is the physics of the selection, without any change.
    #[serde(default)]
    pub rocket: Vec<RocketChange>,
    /// Roles besides the shipped ones.
    #[serde(default, rename = "role")]
    pub roles: Vec<Role>,
    /// Agents besides the shipped ones, and shipped ones that the suite changes.
    #[serde(default, rename = "agent")]
    pub agents: Vec<Agent>,
    /// Variants besides the suite's own that shifts may change, with inherited evaluators of their own.
    #[serde(default, rename = "base")]
    pub bases: Vec<Base>,
    /// What is played.
    #[serde(default, rename = "experiment")]
    pub experiments: Vec<Experiment>,
    /// What is asked at fixed positions.
    #[serde(default, rename = "probe")]
    pub probes: Vec<Probe>,
    /// What watches the games of experiments.
    #[serde(default, rename = "monitor")]
    pub monitors: Vec<Monitor>,
    /// The rule changes. The first changes nothing.
    #[serde(rename = "shift")]
    pub shifts: Vec<Shift>,
    /// Claims that are tested.
    #[serde(default, rename = "claim")]
    pub claims: Vec<Claim>,
}

fn default_evaluators() -> String {
    DEFAULT_EVALUATORS.to_owned()
}

/// Roles and agents of a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Library {
    #[serde(default, rename = "role")]
    roles: Vec<Role>,
    #[serde(default, rename = "agent")]
    agents: Vec<Agent>,
}

/// The agents and roles that every suite can use, as TOML.
#[must_use]
pub fn shipped_agents() -> &'static str {
    SHIPPED
}

/// The shipped roles and agents in the order of their file, each agent with the keys of the one that it is like.
///
/// # Panics
/// Never: every suite is read with them, and tests read suites.
#[must_use]
pub fn shipped_library() -> (Vec<Role>, Vec<Agent>) {
    let mut library: Library = toml::from_str(SHIPPED).expect("the shipped file is sound");
    resolve(&mut library.agents, &[]).expect("the shipped agents are like agents before them");
    (library.roles, library.agents)
}

impl Suite {
    /// Reads a suite from TOML, and puts the shipped roles and agents that it uses beside its own.
    ///
    /// # Errors
    /// One sentence that names the place, the table and the key, what was found and what is allowed.
    pub fn from_toml(source: &str, text: &str) -> Result<Suite, RegimeError> {
        Suite::with_agents(source, text, SHIPPED)
    }

    /// [`Suite::from_toml`] with these agents and roles in place of the shipped ones: those that were shipped when a run was made.
    ///
    /// # Errors
    /// As [`Suite::from_toml`], and if the agents or roles are wrong.
    pub fn with_agents(source: &str, text: &str, agents: &str) -> Result<Suite, RegimeError> {
        let error = |message: String| RegimeError::Suite { suite: source.to_owned(), message };
        let toml = |e: toml::de::Error| error(problem::toml_message(text, &e));
        limits::check_names(&toml::from_str(text).map_err(toml)?).map_err(error)?;
        let mut suite: Suite = toml::from_str(text).map_err(toml)?;
        let checked = limits::check(&suite)
            .and_then(|()| suite.complete(agents))
            .and_then(|()| names::check(&suite))
            .and_then(|()| suite.check())
            .and_then(|()| suite.check_claims());
        checked.map_err(|problem| error(problem.to_string()))?;
        Ok(suite)
    }

    /// Adds the roles and agents of a library, resolves what agents are `like`, and drops what nothing uses.
    fn complete(&mut self, library: &str) -> Result<(), Problem> {
        let library: Library = toml::from_str(library).map_err(|error| {
            Problem::new(
                "",
                "",
                "agents",
                problem::toml_message(library, &error),
                "a file of roles and agents is needed",
            )
        })?;
        for role in &self.roles {
            if library.roles.iter().any(|known| known.name == role.name) {
                let found = "a role that is shipped with the program";
                return Err(Problem::new("role", &role.name, "name", found, "another name is allowed"));
            }
        }
        self.roles.splice(0..0, library.roles);
        let mut known = library.agents;
        unique("agent", known.iter().map(|a| a.name.as_str()))?;
        resolve(&mut known, &[])?;
        for agent in &self.agents {
            let shipped = known.iter().any(|other| other.name == agent.name);
            if shipped && agent.like.as_ref() != Some(&agent.name) {
                let found = "an agent that is shipped with the program";
                let allowed =
                    format!("change it with `like = \"{}\"`, or take another name", files::excerpt(&agent.name, 60));
                return Err(Problem::new("agent", &agent.name, "name", found, allowed));
            }
        }
        let mut own = std::mem::take(&mut self.agents);
        unique("agent", own.iter().map(|a| a.name.as_str()))?;
        resolve(&mut own, &known)?;
        known.retain(|agent| own.iter().all(|other| other.name != agent.name));
        self.agents = known;
        self.agents.extend(own.iter().cloned());
        // What nothing uses is left out of the suite, but a mistake in it is a mistake all the same.
        let [roles, shifts, agents] = self.known();
        for agent in &own {
            agent.check(&roles, &shifts, &agents)?;
        }
        self.check_alarms()?;
        let used = self.used_agents();
        self.agents.retain(|agent| used.contains(&agent.name));
        Ok(())
    }

    /// Names of all agents that the suite lets play or judge.
    fn used_agents(&self) -> Vec<String> {
        let matches = self.experiments.iter().flat_map(|e| e.matches.iter().flat_map(|(a, b)| [a, b]));
        let probes = self.probes.iter().flat_map(|p| p.agents.iter().chain(&p.judge));
        let shifts = self.shifts.iter().filter_map(|s| s.played_by.as_ref());
        let replay = self.replay.iter().flat_map(|(a, b)| [a, b]);
        let mut used: Vec<String> = matches.chain(probes).chain(shifts).chain(replay).cloned().collect();
        let mut next = 0;
        while next < used.len() {
            let agent = self.agents.iter().find(|agent| agent.name == used[next]);
            if let Some(Reconsiders::Alarm(alarm)) = agent.map(Agent::reconsiders)
                && !used.contains(&alarm.then)
            {
                used.push(alarm.then.clone());
            }
            next += 1;
        }
        used
    }

    /// The agent of that name.
    #[must_use]
    pub fn agent(&self, name: &str) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.name == name)
    }

    /// The role of that name.
    #[must_use]
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.name == name)
    }

    /// The shift of that name.
    #[must_use]
    pub fn shift(&self, name: &str) -> Option<&Shift> {
        self.shifts.iter().find(|shift| shift.name == name)
    }

    /// Number of the shift of that name.
    pub(crate) fn shift_number(&self, name: &str) -> Option<usize> {
        self.shifts.iter().position(|shift| shift.name == name)
    }

    /// The experiment of that name.
    #[must_use]
    pub fn experiment(&self, name: &str) -> Option<&Experiment> {
        self.experiments.iter().find(|experiment| experiment.name == name)
    }

    /// The variant that a shift changes.
    #[must_use]
    pub fn base<'a>(&'a self, shift: &'a Shift) -> &'a str {
        shift.variant.as_deref().unwrap_or(&self.variant)
    }

    /// Number of the variant that a shift changes: 0 for the suite's own, then the bases in order.
    pub(crate) fn base_number(&self, shift: &Shift) -> usize {
        let name = self.base(shift);
        if name == self.variant {
            return 0;
        }
        1 + self.bases.iter().position(|b| b.variant == name).expect("checked with the suite")
    }

    /// All bases: the suite's own variant first.
    pub(crate) fn all_bases(&self) -> Vec<Base> {
        let own = Base {
            variant: self.variant.clone(),
            of: None,
            edit: BTreeMap::new(),
            payoff: self.payoff.clone(),
            files: self.files.clone(),
        };
        std::iter::once(own).chain(self.bases.iter().cloned()).collect()
    }

    /// The first shift of a base's variant that changes nothing: what its other shifts are compared with.
    pub(crate) fn unchanged(&self, base: usize) -> Option<usize> {
        let of_base =
            |shift: &Shift| self.base_number(shift) == base && shift.is_unchanged() && shift.after_ply.is_none();
        self.shifts.iter().position(of_base)
    }

    /// The variant under a shift's base, and the edits that make it: first the base's, then the shift's.
    #[must_use]
    pub fn origin<'a>(&'a self, shift: &'a Shift) -> (&'a str, Vec<(String, String)>) {
        let name = self.base(shift);
        let base = self.bases.iter().find(|b| b.variant == name);
        let mut edit = base.map_or_else(BTreeMap::new, |b| b.edit.clone());
        edit.extend(shift.edit.clone());
        (base.and_then(|b| b.of.as_deref()).unwrap_or(name), edit.into_iter().collect())
    }

    /// What endings are worth under a shift: the base's payoff with the shift's on top.
    #[must_use]
    pub fn payoff_under(&self, shift: &Shift) -> PayoffTable {
        let mut table = match self.base_number(shift) {
            0 => self.payoff.clone(),
            base => self.bases[base - 1].payoff.clone(),
        };
        table.extend(shift.payoff.clone());
        table
    }

    /// All bindings of weight files: (table, its name, role, files).
    fn bindings(&self) -> impl Iterator<Item = Bound<'_>> {
        let own = self.files.iter().map(|(role, files)| Bound { table: "files", name: "", role, files });
        let bases = self.bases.iter().flat_map(|base| {
            base.files.iter().map(|(role, files)| Bound { table: "base", name: &base.variant, role, files })
        });
        let shifts = self.shifts.iter().flat_map(|shift| {
            shift.files.iter().map(|(role, files)| Bound { table: "shift", name: &shift.name, role, files })
        });
        own.chain(bases).chain(shifts)
    }

    /// All weight files that the suite names, each once, sorted.
    #[must_use]
    pub fn files(&self) -> Vec<&str> {
        let mut files: Vec<&str> = self.bindings().flat_map(|bound| bound.files.files()).collect();
        files.sort_unstable();
        files.dedup();
        files
    }
}

/// Files of a role, and where they are named.
struct Bound<'a> {
    table: &'static str,
    name: &'a str,
    role: &'a String,
    files: &'a Binding,
}

/// Completes every agent that is like another one by the keys of that one, which is looked for among the agents before it and then in `others`.
fn resolve(agents: &mut [Agent], others: &[Agent]) -> Result<(), Problem> {
    for i in 0..agents.len() {
        let Some(like) = agents[i].like.clone() else { continue };
        let before = agents[..i].iter().filter(|agent| agent.name != agents[i].name);
        let Some(model) = before.chain(others).find(|agent| agent.name == like).cloned() else {
            let known: Vec<&str> = agents[..i].iter().chain(others).map(|a| a.name.as_str()).collect();
            let found = format!("`{}`", files::excerpt(&like, 60));
            let allowed = format!("the name of an agent before it: {}", list(&known));
            return Err(Problem::new("agent", &agents[i].name, "like", found, allowed));
        };
        agents[i].complete(&model);
    }
    Ok(())
}
