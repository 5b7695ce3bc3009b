//! The arms: what is inherited, what is known, what is made anew.

use std::sync::Arc;

use arena::{Player, SearchPlayer};
use evaluator::{Evaluator, Network, NetworkEvaluator, Relabel, Rollout, Uniform};
use rules::Rules;
use search::{Limit, Params};
use serde::{Deserialize, Serialize};

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
}

impl Arm {
    /// All arms.
    pub const ALL: [Arm; 6] =
        [Arm::Frozen, Arm::StaleSearch, Arm::Reselected, Arm::ReselectedStaleSearch, Arm::Zero, Arm::Rollout];

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
        }
    }

    /// Whether the arm searches under the rules before the change.
    #[must_use]
    pub fn is_stale(self) -> bool {
        matches!(self, Arm::StaleSearch | Arm::ReselectedStaleSearch)
    }
}

/// What the players of one shift and seed are made from.
pub(crate) struct Cast<'a> {
    pub(crate) old_rules: &'a Arc<Rules>,
    pub(crate) true_rules: &'a Arc<Rules>,
    pub(crate) frozen: &'a Arc<Network>,
    pub(crate) reselected: Option<&'a Arc<Network>>,
    /// For evaluators that live on the mirrored board.
    pub(crate) relabel: Option<&'a Relabel>,
}

impl Cast<'_> {
    /// The weights that an arm uses, if any.
    pub(crate) fn network(&self, arm: Arm) -> Option<&Arc<Network>> {
        match arm {
            Arm::Frozen | Arm::StaleSearch => Some(self.frozen),
            Arm::Reselected | Arm::ReselectedStaleSearch => self.reselected,
            Arm::Zero | Arm::Rollout => None,
        }
    }

    /// The rules that an arm searches under.
    pub(crate) fn search_rules(&self, arm: Arm) -> &Arc<Rules> {
        if arm.is_stale() { self.old_rules } else { self.true_rules }
    }

    pub(crate) fn evaluator(&self, arm: Arm, rules: &Arc<Rules>) -> Box<dyn Evaluator> {
        let relabel = self.relabel.cloned();
        match self.network(arm) {
            Some(network) => Box::new(
                NetworkEvaluator::relabelled(Arc::clone(network), rules, relabel)
                    .expect("checked when the suite was opened"),
            ),
            None if arm == Arm::Rollout => Box::new(Rollout::relabelled(rules, relabel)),
            None => Box::new(Uniform::relabelled(rules, relabel)),
        }
    }

    pub(crate) fn player(&self, arm: Arm, playouts: u32) -> Box<dyn Player> {
        let limit = Limit::Playouts(playouts);
        let search_rules = self.search_rules(arm);
        let evaluator = self.evaluator(arm, search_rules);
        if arm.is_stale() {
            let fallback = self.evaluator(arm, self.true_rules);
            let stale = Arc::clone(search_rules);
            Box::new(SearchPlayer::with_stale_rules(Params::default(), evaluator, limit, stale, fallback))
        } else {
            Box::new(SearchPlayer::new(Params::default(), evaluator, limit))
        }
    }
}
