//! The rules that a run selects under: one variant, or several that share their board.

use std::sync::Arc;

use evaluator::{Binding, Network, NetworkEvaluator, Shape, WeightsError};
use rules::{Rules, Word};

use crate::SelectionError;
use crate::config::Config;

/// Rules that games are played under, with their mapping to the inputs and outputs of the run's network.
#[derive(Clone, Debug)]
pub struct Regime<W: Word = u64> {
    /// The rules.
    pub rules: Arc<Rules<W>>,
    /// The network's features of positions, and addresses of moves, under these rules.
    pub binding: Binding,
}

impl<W: Word> Regime<W> {
    pub(crate) fn evaluator(&self, network: &Arc<Network>) -> NetworkEvaluator {
        NetworkEvaluator::new(Arc::clone(network), &self.rules).expect("the network was made for these rules")
    }
}

/// Prepares the rules of a run, the variant's own first: applies the configuration's payoff, and chooses the shape of a network that can
/// judge positions under all of them.
///
/// # Errors
/// If the boards differ in size, if no network of the configured kind fits them, or if the configuration's payoff is invalid.
///
/// # Panics
/// If `rules` is empty.
pub fn regimes<W: Word>(config: &Config, rules: &[Arc<Rules<W>>]) -> Result<(Vec<Regime<W>>, Shape), SelectionError> {
    let unusual = |message| SelectionError::Config { source_name: config.variant.clone(), message };
    let payoff = config.payoff().map_err(unusual)?;
    let mut shape = Shape::for_variants(rules.iter().map(Arc::as_ref), config.network.hidden)?;
    if config.network.sees_rules {
        shape = shape.seeing_rules()?;
    }
    if config.network.sees_attacks {
        shape = shape.seeing_attacks();
    }
    if config.network.sees_hands {
        shape = shape.seeing_hands()?;
    }
    let bind = |rules: &Arc<Rules<W>>| {
        let binding = Binding::new(&shape, rules, None)?;
        let rules = if payoff.is_default() { Arc::clone(rules) } else { Arc::new(rules.with_payoff(payoff.clone())) };
        Ok(Regime { rules, binding })
    };
    Ok((rules.iter().map(bind).collect::<Result<_, WeightsError>>()?, shape))
}
