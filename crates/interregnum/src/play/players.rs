//! From what a page asks for, an agent and evaluators for its roles, to players and evaluators.

use std::collections::BTreeMap;
use std::sync::Arc;

use arena::Player;
use evaluator::{Evaluator, NetworkEvaluator};
use regime::Setting;
use regime::suite::{Agent, Belief, BoundBy, Reconsiders, Role, SearchKind};
use rules::{Rules, Word};
use serde::{Deserialize, Serialize};

use super::evaluators::{Evaluators, Model};
use super::jobs::{Cancel, stoppable};

/// The most playouts that are asked for at once.
pub(super) const MAX_PLAYOUTS: u32 = 20_000;

/// An agent with evaluators for its roles.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlayerSpec {
    /// Name of the agent.
    pub(super) agent: String,
    /// Names of evaluators by role.
    #[serde(default)]
    pub(super) files: BTreeMap<String, String>,
    /// Playouts of each move, or positions of an alpha-beta search.
    #[serde(default)]
    pub(super) playouts: u32,
}

/// The agents that pages may ask for: all that play by themselves.
pub(super) struct Agents {
    all: Vec<Agent>,
    roles: Vec<Role>,
}

impl Agents {
    /// The shipped agents and those of suites.
    pub(super) fn new(suites: &[regime::Suite]) -> Agents {
        let (roles, mut all) = regime::suite::shipped_library();
        for agent in suites.iter().flat_map(|suite| &suite.agents) {
            let alarm = matches!(agent.reconsiders(), Reconsiders::Alarm(_));
            if agent.engine.is_none() && !alarm && !all.iter().any(|known| known.name == agent.name) {
                all.push(agent.clone());
            }
        }
        Agents { all, roles }
    }

    /// All agents, in order.
    pub(super) fn all(&self) -> &[Agent] {
        &self.all
    }

    /// The first agent that takes prior and value from one role alone and searches under the rules of the game, where the role's files are named
    /// beside the rules before the change (`BoundBy::Base`) or beside the change (`BoundBy::Shift`): agent and role.
    pub(super) fn first_of(&self, bound: BoundBy) -> Option<(&str, &str)> {
        self.all.iter().find_map(|agent| {
            let mut roles: Vec<&str> = agent.parts().map(|part| part.of.as_str()).collect();
            roles.dedup();
            let role = self.roles.iter().find(|role| [role.name.as_str()] == roles[..])?;
            let plain = agent.search() == SearchKind::Mcts && agent.belief() == Belief::True;
            (plain && role.bound_by == bound).then_some((agent.name.as_str(), role.name.as_str()))
        })
    }

    fn get(&self, name: &str) -> Result<&Agent, String> {
        let unknown = || format!("there is no agent `{}`", files::excerpt(name, 60));
        self.all.iter().find(|agent| agent.name == name).ok_or_else(unknown)
    }
}

/// What is needed to make a player: its agent and the networks of its roles.
pub(super) struct Prepared<'a> {
    agent: &'a Agent,
    models: BTreeMap<&'a str, Model>,
}

impl<'a> Prepared<'a> {
    /// Reads the evaluators of all roles.
    ///
    /// # Errors
    /// If the agent is unknown, a role has no evaluator, or a file is missing or damaged.
    pub(super) fn new(spec: &PlayerSpec, agents: &'a Agents, evaluators: &Evaluators) -> Result<Prepared<'a>, String> {
        let agent = agents.get(&spec.agent)?;
        let mut models = BTreeMap::new();
        for role in agent.roles() {
            let Some(file) = spec.files.get(role).filter(|file| !file.is_empty()) else {
                return Err(format!("{} needs an evaluator for the role `{role}`; choose one", agent.name));
            };
            models.insert(role, evaluators.load(file)?);
        }
        Ok(Prepared { agent, models })
    }

    /// The weight files of its roles.
    pub(super) fn models(&self) -> &BTreeMap<&'a str, Model> {
        &self.models
    }

    /// Runs something with the setting of a game; `old` are the rules before the change.
    fn with_setting<W: Word, T>(
        &self,
        old: &Arc<Rules<W>>,
        rules: &Arc<Rules<W>>,
        cancel: &Arc<Cancel>,
        then: impl FnOnce(&Setting<'_, W>) -> T,
    ) -> Result<T, String> {
        for (role, model) in &self.models {
            for rules in [old, rules] {
                NetworkEvaluator::new(Arc::clone(&model.network), rules)
                    .map_err(|e| format!("the evaluator for the role `{role}` cannot play {}: {e}", rules.name()))?;
            }
        }
        let cancel = Arc::clone(cancel);
        let wrap = move |evaluator| stoppable(evaluator, &cancel);
        let (shift_rules, engines) = (BTreeMap::new(), BTreeMap::new());
        let setting = Setting {
            old_rules: old,
            true_rules: rules,
            shift_rules: &shift_rules,
            networks: self.models.iter().map(|(role, model)| (*role, &model.network)).collect(),
            relabel: None,
            engines: &engines,
            wrap: Some(&wrap),
        };
        Ok(then(&setting))
    }

    /// A player of games under `rules` that were `old` before.
    ///
    /// # Errors
    /// If an evaluator is made for another board.
    pub(super) fn player<W: Word>(
        &self,
        old: &Arc<Rules<W>>,
        rules: &Arc<Rules<W>>,
        playouts: u32,
        cancel: &Arc<Cancel>,
    ) -> Result<Box<dyn Player<W>>, String> {
        let playouts = playouts.clamp(1, MAX_PLAYOUTS);
        self.with_setting(old, rules, cancel, |setting| setting.player(self.agent, playouts))
    }

    /// The evaluator of an agent for positions of `rules`, where they were `old` before.
    ///
    /// # Errors
    /// As [`Prepared::player`].
    pub(super) fn evaluator<W: Word>(
        &self,
        old: &Arc<Rules<W>>,
        rules: &Arc<Rules<W>>,
        cancel: &Arc<Cancel>,
    ) -> Result<Box<dyn Evaluator<W>>, String> {
        self.with_setting(old, rules, cancel, |setting| setting.evaluator(self.agent, rules))
    }
}

/// The first agent that needs no evaluator and values positions by random playouts: who plays where no evaluator was selected.
pub(super) fn without_evaluator(agents: &Agents) -> Option<&str> {
    let by_rollouts = |agent: &&Agent| {
        agent.roles().next().is_none() && agent.value.iter().flat_map(|value| &value.0).any(|part| part.of == "rollout")
    };
    agents.all.iter().find(by_rollouts).map(|agent| agent.name.as_str())
}

/// How an agent chooses, in words.
pub(super) fn search_word(agent: &Agent) -> &'static str {
    match agent.search() {
        SearchKind::Mcts => "playouts",
        SearchKind::AlphaBeta => "positions",
        SearchKind::None | SearchKind::Sample => "none",
    }
}
