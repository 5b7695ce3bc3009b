//! The rules that a run selects under: one variant, or several that share their board.

use std::sync::Arc;

use evaluator::{Binding, Network, NetworkEvaluator, Shape, WeightsError};
use rules::{Rules, Word};

use crate::SelectionError;
use crate::config::Config;

/// Rules with the meaning that a network's numbers have under them.
#[derive(Clone, Debug)]
pub struct Regime<W: Word = u64> {
    /// The rules.
    pub rules: Arc<Rules<W>>,
    /// Their features and addresses.
    pub binding: Binding,
}

impl<W: Word> Regime<W> {
    pub(crate) fn evaluator(&self, network: &Arc<Network>) -> NetworkEvaluator {
        NetworkEvaluator::new(Arc::clone(network), &self.rules).expect("the network was made for these rules")
    }
}

/// All rules of a run under its payoff, the unedited variant first, and the shape of a network for them.
///
/// # Errors
/// If the boards differ in size, or are none that such a network can see, or the configuration's payoff is none.
pub fn regimes<W: Word>(config: &Config, rules: &[Arc<Rules<W>>]) -> Result<(Vec<Regime<W>>, Shape), SelectionError> {
    let unusual = |message| SelectionError::Config { source_name: config.variant.clone(), message };
    let payoff = config.payoff().map_err(unusual)?;
    let mut shape = Shape::for_variants(rules.iter().map(Arc::as_ref), config.network.hidden)?;
    if config.network.sees_rules {
        shape = shape.seeing_rules()?;
    }
    let bind = |rules: &Arc<Rules<W>>| {
        let binding = Binding::new(&shape, rules, None)?;
        let rules = if payoff.is_default() { Arc::clone(rules) } else { Arc::new(rules.with_payoff(payoff.clone())) };
        Ok(Regime { rules, binding })
    };
    Ok((rules.iter().map(bind).collect::<Result<_, WeightsError>>()?, shape))
}
