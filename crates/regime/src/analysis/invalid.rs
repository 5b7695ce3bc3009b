//! Why an estimate would mean nothing.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::suite::Population;

/// Where something is wrong: a cell of the claim, perhaps under one shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Number of the cell, from 0.
    pub cell: usize,
    /// Label of the shift.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shift: Option<usize>,
}

impl Place {
    pub(crate) fn of(cell: usize, shift: Option<usize>) -> Place {
        Place { cell, shift }
    }
}

/// Why there is no estimate: the verdict is INVALID, and this is its reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
pub enum Invalid {
    /// The description of the estimator does not fit the claim.
    Description {
        /// What is wrong.
        message: String,
    },
    /// A cell has no observations, or none under a shift that it must be compared under.
    MissingCell {
        /// The cell.
        place: Place,
    },
    /// A curve lacks a point that it must have.
    MissingPoint {
        /// The cell.
        place: Place,
        /// The x that it lacks.
        x: f64,
    },
    /// A curve has too few points to have a slope or a width.
    TooFewPoints {
        /// The cell.
        place: Place,
        /// How many points it has.
        points: usize,
    },
    /// Curves that are compared do not begin and end at the same x.
    DifferentRange {
        /// The cell whose curve differs from the first.
        place: Place,
    },
    /// An x that has no logarithm.
    NoLogarithm {
        /// The x.
        x: f64,
    },
    /// A shift has no covariate.
    MissingCovariate {
        /// Label of the shift.
        shift: usize,
    },
    /// A value that is not finite.
    NotFinite {
        /// The cell of the value.
        place: Place,
    },
    /// An effect, an end of its interval or a p that is not finite: the weights or values are too large for numbers.
    Overflow,
    /// A mean so near 0 or 1 that the floor or ceiling would make the effect on the logit scale.
    Floor {
        /// The cell.
        place: Place,
        /// The mean.
        mean: f64,
    },
    /// All observations of a cell are equal: it stands at its floor or ceiling, or nothing was manipulated.
    Constant {
        /// The cell.
        place: Place,
        /// The value of all of them.
        value: f64,
    },
    /// The effect is 0 in every unit: nothing could have moved it.
    Unmoved,
    /// The covariate is equal in all shifts, or it tells members of the group from the others by itself.
    FlatCovariate,
    /// The curve is highest at its last point, so that what it loses behind the peak is 0 by construction.
    PeakIsLast {
        /// The last x.
        x: f64,
    },
    /// A population of which there are too few to estimate anything.
    TooFewUnits {
        /// The population.
        population: Population,
        /// How many there are.
        units: usize,
        /// How many it takes.
        wanted: usize,
    },
    /// The cells cover disjoint sets of shifts in a way that makes no difference between groups.
    Groups {
        /// What is wrong.
        message: String,
    },
}

impl Invalid {
    /// The reason in words, with the names of cells and shifts.
    #[must_use]
    pub fn described(&self, cell: &dyn Fn(usize) -> String, shift: &dyn Fn(usize) -> String) -> String {
        let at = |place: &Place| match place.shift {
            Some(label) => format!("{} under {}", cell(place.cell), shift(label)),
            None => cell(place.cell),
        };
        match self {
            Invalid::Description { message } | Invalid::Groups { message } => message.clone(),
            Invalid::MissingCell { place } => format!("{} has no observations", at(place)),
            Invalid::MissingPoint { place, x } => format!("{} has no point at {x}", at(place)),
            Invalid::TooFewPoints { place, points } => {
                format!("{} has {points} points of its curve; at least two were expected", at(place))
            }
            Invalid::DifferentRange { place } => {
                format!("the curve of {} does not begin and end where the others do", at(place))
            }
            Invalid::NoLogarithm { x } => format!("x = {x} has no logarithm"),
            Invalid::MissingCovariate { shift: label } => format!("{} has no covariate", shift(*label)),
            Invalid::NotFinite { place } => format!("{} has an observation that is not a finite number", at(place)),
            Invalid::Overflow => "the effect, its interval or its p is not a finite number".to_owned(),
            Invalid::Floor { place, mean } => {
                let end = if *mean < 0.5 { "floor" } else { "ceiling" };
                format!("{end}: the mean of {} is {mean:.3}, too near {}", at(place), if *mean < 0.5 { 0 } else { 1 })
            }
            Invalid::Constant { place, value } => format!("every observation of {} is {value}", at(place)),
            Invalid::Unmoved => "the effect is 0 in every unit: nothing could have moved it".to_owned(),
            Invalid::FlatCovariate => "the covariate does not vary, or it tells the group".to_owned(),
            Invalid::PeakIsLast { x } => {
                format!("the curve peaks at its last point, {x}: what it loses behind the peak is 0 by construction")
            }
            Invalid::TooFewUnits { population, units, wanted } => {
                format!("{}; at least {wanted} were expected", population.counted(*units))
            }
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.described(&|cell| format!("cell {cell}"), &|shift| format!("shift {shift}")))
    }
}

impl std::error::Error for Invalid {}
