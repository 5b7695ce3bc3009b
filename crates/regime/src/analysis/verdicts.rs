//! The words for an estimate. They follow by rule from the estimate, its adjusted p and what was expected; nobody chooses them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Invalid;
use super::inference::multiplicity::Correction;
use super::inference::{Estimate, LEVEL};
use crate::suite::Population;

/// What an estimate came to.
pub type Outcome = Result<Estimate, Invalid>;

/// What a claim expects of its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    /// An effect above 0.
    Positive,
    /// An effect below 0.
    Negative,
    /// No effect beyond the smallest one of interest.
    Nothing,
    /// An effect, on whichever side.
    Unknown,
}

/// p values of one member of a family, adjusted for the others.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adjusted {
    /// That the effect is 0.
    pub difference: f64,
    /// That the effect is at least as large as the smallest of interest.
    pub equivalence: f64,
}

/// Adjusts the p values of a family of claims. What supports each claim (equivalence for those that expect nothing, a difference for the
/// others) is one family; what speaks against them is another. Claims without an estimate count as members with a p of 1.
#[must_use]
pub fn adjust(family: &[(&Outcome, Expected)], correction: Correction) -> Vec<Adjusted> {
    let difference = |outcome: &Outcome| outcome.as_ref().map_or(1.0, |e| e.p);
    let equivalence = |outcome: &Outcome| {
        outcome.as_ref().ok().and_then(|e| e.equivalence.as_ref()).map_or(1.0, |equivalence| equivalence.p)
    };
    let nothing = |expected: Expected| expected == Expected::Nothing;
    let pick = |outcome, of_difference: bool| if of_difference { difference(outcome) } else { equivalence(outcome) };
    let claimed: Vec<f64> = family.iter().map(|(o, expected)| pick(o, !nothing(*expected))).collect();
    let contrary: Vec<f64> = family.iter().map(|(o, expected)| pick(o, nothing(*expected))).collect();
    let adjusted = correction.adjust(&claimed).into_iter().zip(correction.adjust(&contrary));
    family
        .iter()
        .zip(adjusted)
        .map(|((_, expected), (claimed, contrary))| {
            if nothing(*expected) {
                Adjusted { difference: contrary, equivalence: claimed }
            } else {
                Adjusted { difference: claimed, equivalence: contrary }
            }
        })
        .collect()
}

/// What the rows say to a claim. Displayed as its words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "word", rename_all = "SCREAMING-KEBAB-CASE")]
pub enum Verdict {
    /// As claimed.
    Supported,
    /// The contrary.
    Refuted,
    /// An effect was claimed, and there is none that matters.
    Equivalent,
    /// The rows do not say.
    Unresolved {
        /// The smallest effect that the design would have shown with a power of 80%.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detectable: Option<f64>,
    },
    /// The estimate would mean nothing.
    Invalid {
        /// Why.
        because: Invalid,
    },
    /// No result of this design could have been significant.
    NoVerdict {
        /// The population with the fewest units.
        population: Population,
        /// How many those are.
        units: usize,
    },
}

/// What the rows say to a cell of a grid. Displayed as its words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "word", rename_all = "SCREAMING-KEBAB-CASE")]
pub enum Found {
    /// The change costs the agent something.
    Costs,
    /// The change helps it.
    Helps,
    /// Neither, beyond the smallest effect of interest.
    Equivalent,
    /// The rows do not say.
    Unresolved {
        /// The smallest effect that the design would have shown with a power of 80%.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detectable: Option<f64>,
    },
    /// The estimate would mean nothing.
    Invalid {
        /// Why.
        because: Invalid,
    },
    /// No result of this design could have been significant.
    NoVerdict {
        /// The population with the fewest units.
        population: Population,
        /// How many those are.
        units: usize,
    },
}

/// The sign of an effect that is a cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Costs {
    /// Effects above 0 are: losses, regrets.
    Positive,
    /// Effects below 0 are: scores.
    Negative,
}

/// Whether what was found is what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Agrees {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// Nothing was found, or nothing was expected in particular.
    Open,
}

/// What an estimate shows, before anything is made of it.
enum Shown {
    Above,
    Below,
    Absent,
    Neither,
}

/// An effect is shown if its adjusted p is below 5% and the estimate lies beyond the smallest effect of interest, where there is one.
fn shown(estimate: &Estimate, adjusted: &Adjusted) -> Shown {
    let large = estimate.margin.is_none_or(|margin| estimate.effect.abs() > margin);
    match (adjusted.difference < LEVEL && large, adjusted.equivalence < LEVEL) {
        (true, _) if estimate.effect > 0.0 => Shown::Above,
        (true, _) => Shown::Below,
        (false, true) => Shown::Absent,
        (false, false) => Shown::Neither,
    }
}

/// The verdict on a claim.
///
/// A claim that expects `unknown` says that there is an effect. One that expects nothing is supported by equivalence alone, never by a large p.
#[must_use]
pub fn verdict(outcome: &Outcome, adjusted: &Adjusted, expected: Expected) -> Verdict {
    let estimate = match outcome {
        Ok(estimate) => estimate,
        Err(because) => return Verdict::Invalid { because: because.clone() },
    };
    if estimate.smallest_p > LEVEL {
        return Verdict::NoVerdict { population: estimate.population, units: estimate.units };
    }
    match (shown(estimate, adjusted), expected) {
        (Shown::Above, Expected::Positive | Expected::Unknown) => Verdict::Supported,
        (Shown::Below, Expected::Negative | Expected::Unknown) => Verdict::Supported,
        (Shown::Absent, Expected::Nothing) => Verdict::Supported,
        (Shown::Above | Shown::Below, _) => Verdict::Refuted,
        (Shown::Absent, _) => Verdict::Equivalent,
        (Shown::Neither, _) => Verdict::Unresolved { detectable: estimate.detectable },
    }
}

/// What was found in a cell of a grid.
#[must_use]
pub fn found(outcome: &Outcome, adjusted: &Adjusted, costs: Costs) -> Found {
    let estimate = match outcome {
        Ok(estimate) => estimate,
        Err(because) => return Found::Invalid { because: because.clone() },
    };
    if estimate.smallest_p > LEVEL {
        return Found::NoVerdict { population: estimate.population, units: estimate.units };
    }
    match (shown(estimate, adjusted), costs) {
        (Shown::Above, Costs::Positive) | (Shown::Below, Costs::Negative) => Found::Costs,
        (Shown::Above | Shown::Below, _) => Found::Helps,
        (Shown::Absent, _) => Found::Equivalent,
        (Shown::Neither, _) => Found::Unresolved { detectable: estimate.detectable },
    }
}

/// Whether what was found agrees with what was expected of the effect.
#[must_use]
pub fn agrees(found: &Found, expected: Expected, costs: Costs) -> Agrees {
    let wanted = match (expected, costs) {
        (Expected::Unknown, _) => return Agrees::Open,
        (Expected::Nothing, _) => Found::Equivalent,
        (Expected::Positive, Costs::Positive) | (Expected::Negative, Costs::Negative) => Found::Costs,
        (Expected::Positive | Expected::Negative, _) => Found::Helps,
    };
    match found {
        Found::Costs | Found::Helps | Found::Equivalent if *found == wanted => Agrees::Yes,
        Found::Costs | Found::Helps | Found::Equivalent => Agrees::No,
        Found::Unresolved { .. } | Found::Invalid { .. } | Found::NoVerdict { .. } => Agrees::Open,
    }
}

fn unresolved(f: &mut fmt::Formatter<'_>, detectable: Option<f64>) -> fmt::Result {
    match detectable {
        Some(effect) => write!(f, "UNRESOLVED (this design would show {effect:.3})"),
        None => f.write_str("UNRESOLVED"),
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Supported => f.write_str("SUPPORTED"),
            Verdict::Refuted => f.write_str("REFUTED"),
            Verdict::Equivalent => f.write_str("EQUIVALENT"),
            Verdict::Unresolved { detectable } => unresolved(f, *detectable),
            Verdict::Invalid { because } => write!(f, "INVALID ({because})"),
            Verdict::NoVerdict { population, units } => write!(f, "{}: no verdict", population.counted(*units)),
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Found::Costs => f.write_str("COSTS"),
            Found::Helps => f.write_str("HELPS"),
            Found::Equivalent => f.write_str("EQUIVALENT"),
            Found::Unresolved { detectable } => unresolved(f, *detectable),
            Found::Invalid { because } => write!(f, "INVALID ({because})"),
            Found::NoVerdict { population, units } => write!(f, "{}: no verdict", population.counted(*units)),
        }
    }
}

impl fmt::Display for Agrees {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Agrees::Yes => "yes",
            Agrees::No => "no",
            Agrees::Open => "open",
        })
    }
}
