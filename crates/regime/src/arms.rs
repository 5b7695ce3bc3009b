//! The arms: what is inherited, what is known, what is made anew.

use std::sync::Arc;

use arena::{Player, PlayerFactory, PolicyPlayer, RandomPlayer, SearchPlayer};
use evaluator::{Evaluator, Network, NetworkEvaluator, Relabel, Rollout, Uniform};
use rules::Rules;
use search::{Limit, Params};
use serde::{Deserialize, Serialize};

use crate::adaptive::AdaptivePolicy;
use crate::graft::{Graft, Guarded, Material};

/// Who plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arm {
    /// Inherited evaluator, true rules in the search: the direct mesa-optimizer after the change.
    Frozen,
    /// Inherited evaluator, old rules in the search: a mistake in the rules. An illegal choice falls back to the legal move with
    /// the best prior and is counted.
    StaleSearch,
    /// Evaluator selected under the new rules at equal cost, true rules in the search.
    Reselected,
    /// Evaluator selected under the new rules, old rules in the search: the fourth cell of the 2x2.
    ReselectedStaleSearch,
    /// Uniform prior, value 0: knows nothing but the rules.
    Zero,
    /// Uniform prior, value by random playouts.
    Rollout,
    /// Inherited prior, value 0.
    PriorOnly,
    /// Uniform prior, inherited value.
    ValueOnly,
    /// Inherited prior, inherited value with its sign turned.
    ValueFlipped,
    /// Inherited prior, value of the evaluator selected under the new rules.
    OldPriorNewValue,
    /// Prior of the evaluator selected under the new rules, inherited value.
    NewPriorOldValue,
    /// Inherited prior and value, each mixed half and half with knowing nothing (after PA-MCTS, Luo et al. 2024).
    HalfTrusted,
    /// The same, mixed at each position by how undecided the inherited prior is there: its entropy over that of the uniform prior is the
    /// share of knowing nothing.
    EntropyGuarded,
    /// The inherited prior's best move, without search: the control mesa-optimizer.
    PolicyOnly,
    /// The same, correcting itself within the game by what its moves did to its own value.
    PolicyAdaptive,
    /// The best move of the prior selected under the new rules, without search: the controller's fair rival.
    PolicyReselected,
    /// An evaluator selected over a distribution of regimes, which sees the rules.
    Conditioned,
    /// The same, shown the old rules.
    ConditionedMasked,
    /// Inherited weights, trained on under the new rules; a curve over games.
    Finetuned,
    /// Snapshots of selection from zero under the new rules; a curve over games.
    Afresh,
    /// Inherited weights that learnt from games deployed under the new rules, redistributed after each 500; a curve over games.
    Federated,
    /// The same with every other game under the old rules: one evaluator for clients in both.
    Mixed,
    /// Snapshots of the selection of inherited evaluators under the old rules; a curve over games.
    Snapshot,
    /// Evaluators of other sizes, selected under the old rules; a curve over units of the hidden layer.
    Width,
    /// Random legal moves.
    Random,
    /// Uniform prior, material as value: a proxy pursued by search.
    Material,
    /// An evaluator selected for another goal.
    Trans,
    /// The suite's external engine, which reads the true rules from a file: a neutral player.
    Engine,
}

impl Arm {
    /// All arms.
    pub const ALL: [Arm; 28] = [
        Arm::Frozen,
        Arm::StaleSearch,
        Arm::Reselected,
        Arm::ReselectedStaleSearch,
        Arm::Zero,
        Arm::Rollout,
        Arm::PriorOnly,
        Arm::ValueOnly,
        Arm::ValueFlipped,
        Arm::OldPriorNewValue,
        Arm::NewPriorOldValue,
        Arm::HalfTrusted,
        Arm::EntropyGuarded,
        Arm::PolicyOnly,
        Arm::PolicyAdaptive,
        Arm::PolicyReselected,
        Arm::Conditioned,
        Arm::ConditionedMasked,
        Arm::Finetuned,
        Arm::Afresh,
        Arm::Federated,
        Arm::Mixed,
        Arm::Snapshot,
        Arm::Width,
        Arm::Random,
        Arm::Material,
        Arm::Trans,
        Arm::Engine,
    ];

    /// Name in suites and results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Arm::Frozen => "frozen",
            Arm::StaleSearch => "stale-search",
            Arm::Reselected => "reselected",
            Arm::ReselectedStaleSearch => "reselected-stale-search",
            Arm::Zero => "zero",
            Arm::Rollout => "rollout",
            Arm::PriorOnly => "prior-only",
            Arm::ValueOnly => "value-only",
            Arm::ValueFlipped => "value-flipped",
            Arm::OldPriorNewValue => "old-prior-new-value",
            Arm::NewPriorOldValue => "new-prior-old-value",
            Arm::HalfTrusted => "half-trusted",
            Arm::EntropyGuarded => "entropy-guarded",
            Arm::PolicyOnly => "policy-only",
            Arm::PolicyAdaptive => "policy-adaptive",
            Arm::PolicyReselected => "policy-reselected",
            Arm::Conditioned => "conditioned",
            Arm::ConditionedMasked => "conditioned-masked",
            Arm::Finetuned => "finetuned",
            Arm::Afresh => "afresh",
            Arm::Federated => "federated",
            Arm::Mixed => "mixed",
            Arm::Snapshot => "snapshot",
            Arm::Width => "width",
            Arm::Random => "random",
            Arm::Material => "material",
            Arm::Trans => "trans",
            Arm::Engine => "engine",
        }
    }

    /// Whether the arm searches under the rules before the change.
    #[must_use]
    pub fn is_stale(self) -> bool {
        matches!(self, Arm::StaleSearch | Arm::ReselectedStaleSearch)
    }

    /// Whether the arm needs an evaluator selected under the new rules.
    #[must_use]
    pub fn needs_reselected(self) -> bool {
        use Arm::{NewPriorOldValue, OldPriorNewValue, PolicyReselected, Reselected, ReselectedStaleSearch};
        matches!(self, Reselected | ReselectedStaleSearch | OldPriorNewValue | NewPriorOldValue | PolicyReselected)
    }

    /// Whether the arm is a curve over games of training, or over sizes.
    #[must_use]
    pub fn is_curve(self) -> bool {
        matches!(self, Arm::Finetuned | Arm::Afresh | Arm::Federated | Arm::Mixed | Arm::Snapshot | Arm::Width)
    }
}

/// What the players of one shift and seed are made from.
pub(crate) struct Cast<'a> {
    pub(crate) old_rules: &'a Arc<Rules>,
    pub(crate) true_rules: &'a Arc<Rules>,
    pub(crate) frozen: &'a Arc<Network>,
    pub(crate) reselected: Option<&'a Arc<Network>>,
    pub(crate) conditioned: Option<&'a Arc<Network>>,
    pub(crate) trans: Option<&'a Arc<Network>>,
    /// The point of the curve that the cell is about.
    pub(crate) curve: Option<&'a Arc<Network>>,
    /// For evaluators that live on the mirrored board.
    pub(crate) relabel: Option<&'a Relabel>,
    pub(crate) engine: Option<&'a PlayerFactory>,
}

impl Cast<'_> {
    /// The weights that an arm uses, if any; where prior and value are of two evaluators, those of the value.
    pub(crate) fn network(&self, arm: Arm) -> Option<&Arc<Network>> {
        match arm {
            Arm::Frozen
            | Arm::StaleSearch
            | Arm::PriorOnly
            | Arm::ValueOnly
            | Arm::ValueFlipped
            | Arm::NewPriorOldValue
            | Arm::HalfTrusted
            | Arm::EntropyGuarded
            | Arm::PolicyOnly
            | Arm::PolicyAdaptive => Some(self.frozen),
            Arm::Reselected | Arm::ReselectedStaleSearch | Arm::OldPriorNewValue | Arm::PolicyReselected => {
                self.reselected
            }
            Arm::Conditioned | Arm::ConditionedMasked => self.conditioned,
            Arm::Trans => self.trans,
            _ if arm.is_curve() => self.curve,
            _ => None,
        }
    }

    /// The rules that an arm searches under.
    pub(crate) fn search_rules(&self, arm: Arm) -> &Arc<Rules> {
        if arm.is_stale() { self.old_rules } else { self.true_rules }
    }

    fn network_evaluator(&self, network: &Arc<Network>, rules: &Arc<Rules>) -> Box<dyn Evaluator> {
        Box::new(
            NetworkEvaluator::relabelled(Arc::clone(network), rules, self.relabel.cloned())
                .expect("checked when the suite was opened"),
        )
    }

    pub(crate) fn evaluator(&self, arm: Arm, rules: &Arc<Rules>) -> Box<dyn Evaluator> {
        let uniform = || -> Box<dyn Evaluator> { Box::new(Uniform::relabelled(rules, self.relabel.cloned())) };
        let frozen = || self.network_evaluator(self.frozen, rules);
        let reselected = || self.reselected.map_or_else(uniform, |network| self.network_evaluator(network, rules));
        match arm {
            Arm::Zero => uniform(),
            Arm::Rollout => Box::new(Rollout::relabelled(rules, self.relabel.cloned())),
            Arm::Material => Box::new(Material::new(uniform())),
            Arm::PriorOnly => Box::new(Graft::new(frozen(), uniform())),
            Arm::ValueOnly => Box::new(Graft::new(uniform(), frozen())),
            Arm::ValueFlipped => Box::new(Graft::new(frozen(), frozen()).with_scale(-1.0)),
            Arm::OldPriorNewValue => Box::new(Graft::new(frozen(), reselected())),
            Arm::NewPriorOldValue => Box::new(Graft::new(reselected(), frozen())),
            Arm::HalfTrusted => Box::new(Graft::new(frozen(), frozen()).with_scale(0.5).with_prior_share(0.5)),
            Arm::EntropyGuarded => Box::new(Guarded::new(frozen())),
            Arm::ConditionedMasked => {
                self.network(arm).map_or_else(uniform, |network| self.network_evaluator(network, self.old_rules))
            }
            _ => self.network(arm).map_or_else(uniform, |network| self.network_evaluator(network, rules)),
        }
    }

    /// A player for games under other rules than the true ones.
    pub(crate) fn player_under(&self, arm: Arm, playouts: u32, rules: &Arc<Rules>) -> SearchPlayer {
        SearchPlayer::new(Params::default(), self.evaluator(arm, rules), Limit::Playouts(playouts))
    }

    pub(crate) fn player(&self, arm: Arm, playouts: u32) -> Box<dyn Player> {
        let limit = Limit::Playouts(playouts);
        let search_rules = self.search_rules(arm);
        let evaluator = || self.evaluator(arm, search_rules);
        match arm {
            Arm::Random => Box::new(RandomPlayer::new()),
            Arm::Engine => self.engine.expect("checked when the suite was opened").player(),
            Arm::PolicyOnly | Arm::PolicyReselected => Box::new(PolicyPlayer::new(evaluator())),
            Arm::PolicyAdaptive => Box::new(AdaptivePolicy::new(evaluator())),
            _ if arm.is_stale() => {
                let fallback = self.evaluator(arm, self.true_rules);
                let stale = Arc::clone(search_rules);
                Box::new(SearchPlayer::with_stale_rules(Params::default(), evaluator(), limit, stale, fallback))
            }
            _ => Box::new(self.player_under(arm, playouts, search_rules)),
        }
    }
}
