//! What the figure of a claim shows besides cells and effect: what x is, the numbers that belong to the estimator, and whether the verdict is the
//! expected one.

use super::inference::{Detail, Estimate};
use super::summary::Mark;
use super::{Agrees, Verdict};
use crate::suite::{Axis, Claim, Estimator, Expects, Suite, Tier, X, XOf};

/// Whether a verdict is what the claim expected. Open where nothing was expected in particular, and where there is no verdict.
pub(super) fn agrees(word: &Verdict, claim: &Claim, broken: bool) -> Agrees {
    if broken || claim.expects == Expects::Unknown || claim.tier == Tier::Described {
        return Agrees::Open;
    }
    match word {
        Verdict::Supported => Agrees::Yes,
        Verdict::Refuted | Verdict::Equivalent => Agrees::No,
        Verdict::Undecided(_) => Agrees::Open,
    }
}

/// What x is, in words; empty where the cells are no curves.
pub(super) fn x_words(suite: &Suite, claim: &Claim) -> String {
    if let Estimator::Association(association) = &claim.estimator {
        let covariate = &association.covariate;
        let other = if covariate.weights.is_empty() { "stated covariate" } else { "contrast of the cells" };
        return covariate.measured.clone().unwrap_or_else(|| other.to_owned());
    }
    let of_cell = claim.cells.iter().find_map(|cell| match cell.x.as_ref()? {
        X::Number(_) => Some("x".to_owned()),
        X::Of(XOf::Playouts) => Some("playouts".to_owned()),
        X::Of(XOf::Points) => {
            let agent = suite.agent(cell.agent.as_deref()?)?;
            let points = suite.curve_role(agent).and_then(|role| suite.role(role)).and_then(|role| role.points.clone());
            Some(points.unwrap_or_else(|| "points".to_owned()))
        }
        X::Of(XOf::Dial) => suite.shifts_of(cell).into_iter().find_map(|shift| Some(shift.dose.as_ref()?.dial.clone())),
    });
    of_cell.unwrap_or_default()
}

/// Whether the estimator takes the logarithm of x.
pub(super) fn takes_logarithm(estimator: &Estimator) -> bool {
    match estimator {
        Estimator::Trend(t) => t.axis == Axis::Log,
        Estimator::Area(a) => a.axis == Axis::Log,
        Estimator::TimeToThreshold(t) => t.axis == Axis::Log,
        _ => false,
    }
}

/// Numbers that belong to the estimator and that a figure marks.
pub(super) fn marks(estimator: &Estimator, estimate: Option<&Estimate>) -> Vec<Mark> {
    let level = |name: &str, y: f64| Mark { name: name.to_owned(), x: None, y: Some(y) };
    match estimator {
        Estimator::Difference(d) if d.less != 0.0 => vec![level("less", d.less)],
        Estimator::Interaction(i) => i.constants.iter().map(|(name, value)| level(name, *value)).collect(),
        Estimator::Area(a) => a.less.iter().map(|less| level("less", *less)).collect(),
        Estimator::TimeToThreshold(t) => vec![level("threshold", t.threshold)],
        Estimator::PeakToTrough(_) => match estimate.and_then(|e| e.detail.as_ref()) {
            Some(Detail::Turn { peak, trough }) => {
                let place = |name: &str, x: f64| Mark { name: name.to_owned(), x: Some(x), y: None };
                vec![place("peak", *peak), place("trough", *trough)]
            }
            _ => Vec::new(),
        },
        Estimator::Difference(_) | Estimator::Trend(_) | Estimator::Association(_) => Vec::new(),
    }
}
