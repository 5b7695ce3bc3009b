//! From the description of an agent to a player.

mod adaptive;
mod hedge;
mod mixture;

use std::collections::BTreeMap;
use std::sync::Arc;

use arena::{Player, PlayerFactory, PolicyPlayer, RandomPlayer, SearchPlayer};
use evaluator::{Evaluator, Network, NetworkEvaluator, Relabel, Rollout, Uniform};
use rules::{Rules, Word};
use search::Searcher;

use crate::suite::{Agent, Belief, Part, Reconsiders, SearchKind, Trust};
use adaptive::AdaptivePolicy;
use hedge::HedgePlayer;
pub(crate) use mixture::material;
use mixture::{Component, Guarded, Material, Mixture};

/// Puts something around every evaluator that is made: what stops a search, say.
pub type Wrap<'a, W> = &'a (dyn Fn(Box<dyn Evaluator<W>>) -> Box<dyn Evaluator<W>> + Sync);

/// What a player is made from besides the description of the agent: the rules of one shift, and one network for each role that the agent needs.
/// Networks must be made for the board of the rules, and those of all roles of an agent must be there.
#[derive(Clone)]
pub struct Setting<'a, W: Word = u64> {
    /// The rules before the change.
    pub old_rules: &'a Arc<Rules<W>>,
    /// The rules of the game.
    pub true_rules: &'a Arc<Rules<W>>,
    /// Rules of all shifts, by name. For a name that is not there, the rules of the game stand in.
    pub shift_rules: &'a BTreeMap<String, Arc<Rules<W>>>,
    /// Networks by role.
    pub networks: BTreeMap<&'a str, &'a Arc<Network>>,
    /// How evaluators are mirrored where board and evaluators are.
    pub relabel: Option<&'a Relabel>,
    /// Engines by agent.
    pub engines: &'a BTreeMap<String, PlayerFactory<W>>,
    /// What is put around every evaluator.
    pub wrap: Option<Wrap<'a, W>>,
}

impl<'a, W: Word> Setting<'a, W> {
    /// Hashes of the networks that an agent uses, each once, in the order of its parts, with `+` between them; empty if it uses none.
    pub(crate) fn weights(&self, agent: &Agent) -> String {
        let mut hashes: Vec<&str> = Vec::new();
        for role in agent.roles() {
            let hash = self.networks.get(role).map_or("", |network| network.hash());
            if !hash.is_empty() && !hashes.contains(&hash) {
                hashes.push(hash);
            }
        }
        hashes.join("+")
    }

    fn rules(&self, belief: Belief<'_>) -> &'a Arc<Rules<W>> {
        match belief {
            Belief::True => self.true_rules,
            Belief::Old => self.old_rules,
            Belief::Shift(name) => self.shift_rules.get(name).unwrap_or(self.true_rules),
        }
    }

    /// The rules that an agent searches under.
    #[must_use]
    pub fn search_rules(&self, agent: &Agent) -> &'a Arc<Rules<W>> {
        self.rules(agent.belief())
    }

    /// The evaluator of a part, made for `rules` unless the part is shown others.
    fn part(&self, part: &Part, rules: &Arc<Rules<W>>) -> Box<dyn Evaluator<W>> {
        let relabel = || self.relabel.cloned();
        let uniform = || -> Box<dyn Evaluator<W>> { Box::new(Uniform::relabelled(rules, relabel())) };
        let made: Box<dyn Evaluator<W>> = match part.of.as_str() {
            "uniform" | "zero" => uniform(),
            "rollout" => Box::new(Rollout::relabelled(rules, relabel())),
            "material" => Box::new(Material::new(uniform())),
            role => {
                let network = self.networks.get(role).expect("files were checked with the suite");
                let shown = part.shown().map_or(rules, |belief| self.rules(belief));
                let evaluator = NetworkEvaluator::relabelled(Arc::clone(network), shown, relabel());
                Box::new(evaluator.expect("boards were checked when the suite was prepared"))
            }
        };
        match self.wrap {
            None => made,
            Some(wrap) => wrap(made),
        }
    }

    /// The evaluator of an agent for positions of `rules`.
    ///
    /// # Panics
    /// If the network of a role is missing, or is made for another board.
    #[must_use]
    pub fn evaluator(&self, agent: &Agent, rules: &Arc<Rules<W>>) -> Box<dyn Evaluator<W>> {
        self.mixed(agent, parts_of(&agent.prior), parts_of(&agent.value), rules)
    }

    /// The evaluator whose prior and value are the weighted sums of these parts. Parts that are one evaluator are evaluated once.
    fn mixed(&self, agent: &Agent, priors: &[Part], values: &[Part], rules: &Arc<Rules<W>>) -> Box<dyn Evaluator<W>> {
        let mut shares: Vec<(&Part, f32, f32)> = Vec::new();
        let same = |a: &Part, b: &Part| (&a.of, &a.sees) == (&b.of, &b.sees);
        for part in priors {
            shares.push((part, part.weight as f32, 0.0));
        }
        for part in values {
            let value = if part.flipped { -part.weight as f32 } else { part.weight as f32 };
            match shares.iter_mut().find(|(other, ..)| same(other, part) || knows_nothing(other) && knows_nothing(part))
            {
                Some((_, _, share)) => *share += value,
                None => shares.push((part, 0.0, value)),
            }
        }
        // Where one evaluator gives the whole prior and the whole value, it is taken as it is, and no mixture is made.
        let whole = match &shares[..] {
            [(part, prior, value)] if (*prior, *value) == (1.0, 1.0) => Some(self.part(part, rules)),
            [(uniform, 1.0, 0.0), (part, 0.0, 1.0)] if knows_nothing(uniform) && has_uniform_prior(part) => {
                Some(self.part(part, rules))
            }
            _ => None,
        };
        let evaluator = whole.unwrap_or_else(|| {
            let component =
                |(part, prior, value): (&Part, f32, f32)| Component { evaluator: self.part(part, rules), prior, value };
            Box::new(Mixture::new(shares.into_iter().map(component).collect()))
        });
        match agent.trust {
            None => evaluator,
            Some(Trust::PriorEntropy) => Box::new(Guarded::new(evaluator)),
        }
    }

    /// A search player for games under other rules than the true ones.
    pub(crate) fn player_under(&self, agent: &Agent, playouts: u32, rules: &Arc<Rules<W>>) -> Box<dyn Player<W>> {
        Box::new(SearchPlayer::new(searcher(agent, playouts), self.evaluator(agent, rules)))
    }

    /// The player of an agent. An agent that leaves games to another one after an alarm is made as it plays before the alarm.
    ///
    /// # Panics
    /// If the network of a role is missing or is made for another board, or the agent's engine is missing.
    #[must_use]
    pub fn player(&self, agent: &Agent, playouts: u32) -> Box<dyn Player<W>> {
        if agent.engine.is_some() {
            return self.engines.get(&agent.name).expect("engines were started with the suite").player();
        }
        let rules = self.search_rules(agent);
        match (agent.search(), agent.reconsiders()) {
            (SearchKind::Sample, _) => Box::new(RandomPlayer::new()),
            (SearchKind::None, Reconsiders::WithinGame) => Box::new(AdaptivePolicy::new(self.evaluator(agent, rules))),
            (SearchKind::None, _) => Box::new(PolicyPlayer::new(self.evaluator(agent, rules))),
            (SearchKind::Mcts, Reconsiders::Hedge(hedge)) => {
                let uniform = [Part::whole("uniform")];
                let source = |part: &Part| self.mixed(agent, &uniform, &[Part { weight: 1.0, ..part.clone() }], rules);
                let prior = self.mixed(agent, parts_of(&agent.prior), &[Part::whole("zero")], rules);
                let make = || hedge.over.iter().map(source).collect();
                Box::new(HedgePlayer::new(prior, &make, hedge, playouts))
            }
            (SearchKind::Mcts | SearchKind::AlphaBeta, _) => self.searcher(agent, playouts, rules),
        }
    }

    fn searcher(&self, agent: &Agent, playouts: u32, rules: &Arc<Rules<W>>) -> Box<dyn Player<W>> {
        if agent.belief() == Belief::True {
            return self.player_under(agent, playouts, rules);
        }
        let fallback = self.evaluator(agent, self.true_rules);
        let evaluator = self.evaluator(agent, rules);
        Box::new(SearchPlayer::with_stale_rules(searcher(agent, playouts), evaluator, Arc::clone(rules), fallback))
    }
}

/// The search of an agent that searches.
fn searcher<W: Word>(agent: &Agent, playouts: u32) -> Searcher<W> {
    match agent.search() {
        SearchKind::AlphaBeta => Searcher::alphabeta(playouts.into()),
        _ => Searcher::playouts(playouts),
    }
}

fn parts_of(source: &Option<crate::suite::Source>) -> &[Part] {
    source.as_ref().map_or(&[], |source| &source.0)
}

/// Whether a part is the uniform prior or the value 0, which are one evaluator.
fn knows_nothing(part: &Part) -> bool {
    matches!(part.of.as_str(), "uniform" | "zero")
}

/// Whether a source of value brings the uniform prior with it.
fn has_uniform_prior(part: &Part) -> bool {
    matches!(part.of.as_str(), "rollout" | "material") && !part.flipped
}
