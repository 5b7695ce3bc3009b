//! From rows to words, without playing: estimators, inference and verdicts.
//!
//! [`Run`] reads a run directory and adds it up to a [`Summary`]. An estimate is a description ([`Estimator`]) applied to [`Observation`]s: one for each pair
//! of games, or answer of a probe. Estimators and inference see labels, never the names of shifts, agents or experiments.
//!
//! ```
//! use regime::analysis::{Claim, Covariates, Expected, Observation, Settings, Verdict, adjust, estimate, verdict};
//! use regime::analysis::inference::multiplicity::Correction;
//! use regime::suite::{Estimator, Population};
//!
//! let observations: Vec<Observation> = (0..12)
//!     .flat_map(|evaluator| [0.1, 0.3, 0.2].map(|value| (evaluator, value)))
//!     .map(|(evaluator, value)| Observation { cell: 0, x: 0.0, shift: 0, evaluator, rival: 0, value: value + evaluator as f64 / 100.0 })
//!     .collect();
//! let claim = Claim {
//!     estimator: &toml::from_str::<Estimator>("kind = 'difference'\nless = 0.5").unwrap(),
//!     cells: 1,
//!     populations: &[Population::Evaluators],
//!     observations: &observations,
//!     covariates: &Covariates::default(),
//! };
//! let outcome = estimate(&claim, &Settings::keyed(1));
//! let adjusted = adjust(&[(&outcome, Expected::Negative)], Correction::Holm);
//! assert_eq!(verdict(&outcome, &adjusted[0], Expected::Negative), Verdict::Supported);
//! assert_eq!(outcome.unwrap().p, 2.0 / 4096.0);
//! ```

use std::collections::{BTreeMap, BTreeSet};

mod cells;
pub mod estimators;
mod findings;
mod grid;
mod index;
pub mod inference;
mod invalid;
mod marks;
mod monitors;
mod nulls;
mod run;
mod sample;
mod summarise;
mod summary;
mod table;
mod verdicts;

pub use cells::{CellMean, cell_mean};
pub use estimators::{Units, reachable};
pub use inference::{Estimate, Settings};
pub use invalid::{Invalid, Place};
pub use run::Run;
pub use summary::*;
pub use verdicts::{
    Adjusted, Agrees, Costs, Expected, Found, Outcome, Undecided, Verdict, adjust, agrees, found, verdict,
};

use crate::suite::{Estimator, Population};

/// One measured value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// Number of the claim's cell, from 0.
    pub cell: usize,
    /// Where on a curve it is: budget, games, level of a dial. Any constant for cells that are no curve.
    pub x: f64,
    /// Label of the shift. All levels of a dial are one shift where the dial is a unit of the population, and x tells them apart.
    pub shift: usize,
    /// Label of the evaluator: that of the independently selected thing that the claim is about. Equal labels are the same evaluator, under
    /// whatever shift and in whatever cell, or evaluators that are compared in pairs.
    pub evaluator: usize,
    /// Label of the rival. Rivals of different shifts are different ones, whether or not their labels are.
    pub rival: usize,
    /// The value: a score from 0 to 1 on the logit scale, else in whatever unit the suite gives margins in.
    pub value: f64,
}

/// Numbers and groups of shifts for [`Estimator::Association`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Covariates {
    /// By label of the shift. Not used where the covariate is a contrast of cells.
    pub numbers: BTreeMap<usize, f64>,
    /// Labels of the shifts of the group.
    pub group: BTreeSet<usize>,
}

/// What is estimated from what.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// How the effect is estimated.
    pub estimator: &'a Estimator,
    /// Number of the claim's cells.
    pub cells: usize,
    /// What the claim generalises over.
    pub populations: &'a [Population],
    /// The rows of its cells, in any order.
    pub observations: &'a [Observation],
    /// Numbers and groups of shifts, which only an association needs.
    pub covariates: &'a Covariates,
}

/// Estimates a claim. A pure function: equal arguments (observations in any order) give equal bytes on every machine.
///
/// # Errors
/// Why an estimate would mean nothing.
pub fn estimate(claim: &Claim<'_>, settings: &Settings) -> Result<Estimate, Invalid> {
    estimators::estimate(claim, settings)
}
