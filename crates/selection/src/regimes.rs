//! The rules that a run selects under: one variant, or several that share their board.

use std::sync::Arc;

use evaluator::{Binding, Network, NetworkEvaluator, Shape, WeightsError};
use rules::Rules;

use crate::SelectionError;
use crate::config::Config;

/// Rules that games are played under, with their mapping to the inputs and outputs of the run's network.
#[derive(Clone, Debug)]
pub struct Regime {
    /// The rules.
    pub rules: Arc<Rules>,
    /// The network's features of positions, and addresses of moves, under these rules.
    pub binding: Binding,
}

impl Regime {
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
pub fn regimes(config: &Config, rules: &[Arc<Rules>]) -> Result<(Vec<Regime>, Shape), SelectionError> {
    let invalid = |message| SelectionError::Config { source_name: config.variant.clone(), message };
    let payoff = config.payoff().map_err(invalid)?;
    let mut letters = String::new();
    for piece in rules.iter().flat_map(|r| r.pieces()) {
        if !letters.contains(piece.letter) {
            letters.push(piece.letter);
        }
    }
    let mut shape = Shape::new(rules[0].files(), rules[0].ranks(), &letters, config.network.hidden)?;
    if config.network.sees_rules {
        shape = shape.seeing_rules()?;
    }
    let bind = |rules: &Arc<Rules>| {
        let binding = Binding::new(&shape, rules, None)?;
        let rules = if payoff.is_default() { Arc::clone(rules) } else { Arc::new(rules.with_payoff(payoff.clone())) };
        Ok(Regime { rules, binding })
    };
    Ok((rules.iter().map(bind).collect::<Result<_, WeightsError>>()?, shape))
}
