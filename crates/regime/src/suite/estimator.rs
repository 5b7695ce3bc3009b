//! How a claim is estimated, as data: what a suite writes into a claim's `estimator` table.
//!
//! Kinds are few and general. None knows the name of a shift, an agent or an experiment: cells are named by the claim, and an estimator sees
//! only their order.

use std::collections::BTreeMap;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};

use super::population::Population;

/// Estimators on the logit scale want all means at least this far from 0 and 1. Nearer to them, the floor or the ceiling would make the effect.
pub const FLOOR: f64 = 0.02;
/// The most cells that a claim may weigh, and the most shifts that a table of numbers may name.
const MAX_LISTED: usize = 500;

/// The sizes that a weight other than 0 may have.
const WEIGHTS: std::ops::RangeInclusive<f64> = 0.001..=1000.0;

/// How a claim is estimated. In TOML a table with the key `kind`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Estimator {
    /// A weighted sum of the means of cells.
    Difference(Difference),
    /// The interaction of two factors of two levels each, on the logit scale.
    Interaction(Interaction),
    /// The slope of a cell over x.
    Trend(Trend),
    /// What a curve loses from its best point to the lowest one behind it.
    PeakToTrough(PeakToTrough),
    /// The area between two curves.
    Area(Area),
    /// How much sooner one curve reaches a threshold for good than another.
    TimeToThreshold(TimeToThreshold),
    /// How an effect per shift goes with a covariate per shift.
    Association(Association),
}

/// Names of the kinds, in the order of [`Estimator`].
const KINDS: [&str; 7] =
    ["difference", "interaction", "trend", "peak-to-trough", "area", "time-to-threshold", "association"];

/// A contrast: the weighted sum of the means of the claim's cells, less a constant.
///
/// Where the cells fall into two sets that cover disjoint sets of shifts, it is a difference between two groups of shifts: then the weights
/// must add to 0, and there is no constant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub struct Difference {
    /// One weight per cell; left out, +1 for the first cell and -1 for each of the rest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<f64>,
    /// The constant.
    #[serde(default)]
    pub less: f64,
    /// Cells (numbers from 0) that are a fixed yardstick even where shifts are a population: the shifts that they cover, for instance the
    /// unchanged rules, are not a sample of anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference: Vec<usize>,
    /// Shifts that lack one of the cells are left out, and counted, instead of making the claim invalid.
    #[serde(default)]
    pub drop_incomplete: bool,
    /// The smallest effect of interest in the unit of the effect; left out, 20 Elo in score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
}

/// logit(a) - logit(b) - logit(c) + logit(d). The claim's cells are a, b, c and d in this order, without those that are constants.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub struct Interaction {
    /// Which of `a`, `b`, `c` and `d` are constants, and what: `{ d = 0.5 }` where the fourth cell would be an agent against itself.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub constants: BTreeMap<String, f64>,
    /// As in [`Difference::drop_incomplete`].
    #[serde(default)]
    pub drop_incomplete: bool,
    /// As in [`Difference::margin`]; left out, 20 Elo in logits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
}

/// What the points of a curve are measured along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Axis {
    /// x as it is, such as the level of a dial.
    #[default]
    Linear,
    /// The logarithm of x to base 2, so that a slope is the change per doubling.
    Log,
}

/// The scale that means are compared on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// Means as they are.
    #[default]
    Score,
    /// ln(m / (1 - m)) of a mean m.
    Logit,
}

/// The least squares slope over x of a cell, or of the weighted sum of several.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub struct Trend {
    /// As in [`Difference::weights`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<f64>,
    /// What x is.
    #[serde(default)]
    pub axis: Axis,
    /// The scale of the means whose slope over x is taken.
    #[serde(default)]
    pub scale: Scale,
    /// As in [`Difference::drop_incomplete`].
    #[serde(default)]
    pub drop_incomplete: bool,
    /// As in [`Difference::margin`], per unit of x; left out, 20 Elo over the whole range of x.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
}

/// The score of the claim's only cell at its peak less that at the lowest point behind the peak. Where the two are is chosen on the first
/// evaluators, and how far they lie apart is measured on the others.
///
/// Every population that the claim names must be divided: budgets that are chosen under the very shifts on which they are tested fit what is
/// particular to these shifts, and flat curves then seem to decline in one of nine suites.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub struct PeakToTrough {
    /// Number of leading evaluators (by label) that the peak and the trough are chosen on.
    pub pilot: usize,
    /// Number of leading shifts that they are chosen on: at least 1 if the claim generalises over shifts, else 0.
    #[serde(default)]
    pub pilot_shifts: usize,
    /// Number of leading rivals that they are chosen on; 0 where the other evaluators or shifts have rivals of their own.
    #[serde(default)]
    pub pilot_rivals: usize,
    /// As in [`Difference::margin`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
}

/// The area under the first cell's curve less that under the second's (or a constant), divided by the width of x, so in units of score.
/// Trapezoids between neighbouring points.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub struct Area {
    /// What x is.
    #[serde(default)]
    pub axis: Axis,
    /// A constant in place of the second cell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub less: Option<f64>,
    /// As in [`Difference::drop_incomplete`].
    #[serde(default)]
    pub drop_incomplete: bool,
    /// As in [`Difference::margin`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
}

/// On which side of a threshold a curve has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// At the threshold or above it, where a score that recovers arrives.
    AtLeast,
    /// At the threshold or below it, where a regret that vanishes arrives.
    AtMost,
}

/// The first x from which the first cell's curve stays on a side of a threshold, less that of the second cell (or a constant).
///
/// A curve that has not arrived for good by its last x counts as that last x: the effect is a difference of *restricted mean* times, and
/// says how many curves were cut off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub struct TimeToThreshold {
    /// The threshold, in the unit of the values.
    pub threshold: f64,
    /// The side that the curve must stay on.
    pub side: Side,
    /// What the times are counted in: x, or its logarithm to base 2.
    #[serde(default)]
    pub axis: Axis,
    /// A constant in place of the second cell, in the unit of the times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub less: Option<f64>,
    /// The smallest effect of interest in the unit of the times. Without it no effect is called absent or too small.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
}

/// How strongly an effect goes with its covariate is measured by this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Statistic {
    /// Pearson's correlation.
    Pearson,
    /// Spearman's rank correlation.
    Spearman,
    /// The least squares coefficient of membership in a group of shifts, with the covariate taken out.
    Coefficient,
}

/// Where a covariate per shift comes from: exactly one of the keys.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub struct Covariate {
    /// The name of a quantity that the run measures for each shift.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<String>,
    /// Numbers by name of the shift.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub numbers: BTreeMap<String, f64>,
    /// Another contrast of the claim's cells: one weight per cell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<f64>,
}

/// How a contrast of cells, one number per shift, goes with a covariate per shift.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub struct Association {
    /// How the association is measured.
    pub statistic: Statistic,
    /// The contrast: as in [`Difference::weights`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<f64>,
    /// The covariate.
    pub covariate: Covariate,
    /// Names of the shifts of the group, for `coefficient`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub group: Vec<String>,
    /// As in [`Difference::drop_incomplete`]; shifts without a covariate are left out likewise.
    #[serde(default)]
    pub drop_incomplete: bool,
    /// The smallest effect of interest. Left out, 20 Elo for a coefficient; correlations then have none, and none is called absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
}

impl<'de> Deserialize<'de> for Estimator {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Estimator, D::Error> {
        let mut table = toml::Table::deserialize(from)?;
        let kind = match table.remove("kind") {
            Some(toml::Value::String(kind)) => kind,
            Some(_) => return Err(D::Error::custom("estimator: `kind` must be a name in quotes")),
            None => return Err(D::Error::custom(format!("estimator: `kind` is missing; {}", kinds()))),
        };
        Estimator::of(&kind, table).map_err(D::Error::custom)
    }
}

fn kinds() -> String {
    format!("one of {} was expected", KINDS.map(|kind| format!("`{kind}`")).join(", "))
}

fn read<T: DeserializeOwned>(kind: &str, table: toml::Table) -> Result<T, String> {
    table.try_into().map_err(|e: toml::de::Error| format!("estimator `{kind}`: {}", e.message()))
}

impl Estimator {
    fn of(kind: &str, table: toml::Table) -> Result<Estimator, String> {
        match kind {
            "difference" => read(kind, table).map(Estimator::Difference),
            "interaction" => read(kind, table).map(Estimator::Interaction),
            "trend" => read(kind, table).map(Estimator::Trend),
            "peak-to-trough" => read(kind, table).map(Estimator::PeakToTrough),
            "area" => read(kind, table).map(Estimator::Area),
            "time-to-threshold" => read(kind, table).map(Estimator::TimeToThreshold),
            "association" => read(kind, table).map(Estimator::Association),
            _ => Err(format!("estimator: `kind` is `{kind}`; {}", kinds())),
        }
    }

    /// Its `kind`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        KINDS[match self {
            Estimator::Difference(_) => 0,
            Estimator::Interaction(_) => 1,
            Estimator::Trend(_) => 2,
            Estimator::PeakToTrough(_) => 3,
            Estimator::Area(_) => 4,
            Estimator::TimeToThreshold(_) => 5,
            Estimator::Association(_) => 6,
        }]
    }

    /// Whether it makes sense for a claim with so many cells that generalises over these populations.
    ///
    /// # Errors
    /// Names the key that is wrong and what was expected.
    pub fn check(&self, cells: usize, populations: &[Population]) -> Result<(), String> {
        self.check_all(cells, populations).map_err(|message| format!("estimator `{}`: {message}", self.kind()))
    }

    fn check_all(&self, cells: usize, populations: &[Population]) -> Result<(), String> {
        if populations.is_empty() {
            return Err(
                "the claim generalises over nothing; `evaluators`, `opening-sets`, `rivals` or `shifts` was expected"
                    .to_owned(),
            );
        }
        if (1..populations.len()).any(|i| populations[..i].contains(&populations[i])) {
            return Err("the claim names a population twice".to_owned());
        }
        if !(1..=MAX_LISTED).contains(&cells) {
            return Err(format!("the claim has {cells} cells; 1 to {MAX_LISTED} were expected"));
        }
        if self.margin().is_some_and(|m| !m.is_finite() || m <= 0.0) {
            return Err("`margin` must be a number above 0".to_owned());
        }
        match self {
            Estimator::Difference(d) => {
                check_weights("weights", &d.weights, cells, true)?;
                finite("less", d.less)?;
                if let Some(cell) = d.reference.iter().find(|cell| **cell >= cells) {
                    return Err(format!("`reference` names cell {cell}; the claim has {cells}, counted from 0"));
                }
                let weighed = |cell: usize| d.weights.get(cell).is_none_or(|w| *w != 0.0);
                if (0..cells).all(|cell| d.reference.contains(&cell) || !weighed(cell)) {
                    return Err("`reference` names all cells; at least one must be measured against it".to_owned());
                }
                Ok(())
            }
            Estimator::Interaction(i) => {
                if let Some(name) = i.constants.keys().find(|name| !["a", "b", "c", "d"].contains(&name.as_str())) {
                    return Err(format!("`constants` names `{name}`; `a`, `b`, `c` or `d` was expected"));
                }
                if i.constants.values().any(|value| !(FLOOR..=1.0 - FLOOR).contains(value)) {
                    return Err(format!("`constants` must lie in {FLOOR} to {}", 1.0 - FLOOR));
                }
                exactly(cells, 4usize.saturating_sub(i.constants.len()), "four less the number of `constants`")
            }
            Estimator::Trend(t) => check_weights("weights", &t.weights, cells, true),
            Estimator::PeakToTrough(p) => {
                if p.pilot == 0 {
                    return Err(
                        "`pilot` must be at least 1: the peak is chosen on evaluators that are not tested".to_owned()
                    );
                }
                if (p.pilot_shifts > 0) != populations.contains(&Population::Shifts) {
                    return Err(
                        "`pilot_shifts` must be at least 1 if the claim generalises over `shifts`, else 0".to_owned()
                    );
                }
                if p.pilot_rivals > 0 && !populations.contains(&Population::Rivals) {
                    return Err("`pilot_rivals` is for claims that generalise over `rivals`".to_owned());
                }
                exactly(cells, 1, "the one whose curve it is")
            }
            Estimator::Area(a) => two_or_constant(cells, a.less),
            Estimator::TimeToThreshold(t) => {
                finite("threshold", t.threshold)?;
                two_or_constant(cells, t.less)
            }
            Estimator::Association(a) => a.check(cells, populations),
        }
    }

    /// Leading evaluators that a design is chosen on and that are not tested.
    #[must_use]
    pub fn pilot(&self) -> usize {
        match self {
            Estimator::PeakToTrough(p) => p.pilot,
            _ => 0,
        }
    }

    /// Cells (numbers from 0) that are fixed yardsticks.
    #[must_use]
    pub fn reference(&self) -> &[usize] {
        match self {
            Estimator::Difference(d) => &d.reference,
            _ => &[],
        }
    }

    /// The smallest effect of interest that the suite states, in the unit of the effect.
    #[must_use]
    pub fn margin(&self) -> Option<f64> {
        match self {
            Estimator::Difference(d) => d.margin,
            Estimator::Interaction(i) => i.margin,
            Estimator::Trend(t) => t.margin,
            Estimator::PeakToTrough(p) => p.margin,
            Estimator::Area(a) => a.margin,
            Estimator::TimeToThreshold(t) => t.margin,
            Estimator::Association(a) => a.margin,
        }
    }
}

impl Association {
    fn check(&self, cells: usize, populations: &[Population]) -> Result<(), String> {
        if !populations.contains(&Population::Shifts) {
            return Err("it is one over shifts, so the claim must generalise over `shifts`".to_owned());
        }
        let covariate = &self.covariate;
        let given = [covariate.measured.is_some(), !covariate.numbers.is_empty(), !covariate.weights.is_empty()];
        if given.iter().filter(|given| **given).count() != 1 {
            return Err("`covariate` must have exactly one of `measured`, `numbers` and `weights`".to_owned());
        }
        if covariate.numbers.len() > MAX_LISTED {
            return Err(format!("`covariate.numbers` has more than {MAX_LISTED} entries"));
        }
        if let Some((shift, _)) = covariate.numbers.iter().find(|(_, number)| !number.is_finite()) {
            return Err(format!("`covariate.numbers.{shift}` is not a finite number"));
        }
        if !covariate.weights.is_empty() {
            check_weights("covariate.weights", &covariate.weights, cells, false)?;
            if self.weights.is_empty() {
                return Err("`weights` is missing: with `covariate.weights` both contrasts must be stated".to_owned());
            }
        }
        check_weights("weights", &self.weights, cells, true)?;
        let shared = |weights: &[f64]| {
            (0..cells).find(|i| weights[*i] != 0.0 && covariate.weights.get(*i).is_some_and(|w| *w != 0.0))
        };
        if let Some(cell) = shared(&weights_or_default(&self.weights, cells)) {
            return Err(format!(
                "cell {cell} (counted from 0) has a weight in both `weights` and `covariate.weights`: the noise that they share would pass for an association"
            ));
        }
        if self.statistic != Statistic::Coefficient && self.margin.is_some_and(|margin| margin >= 1.0) {
            return Err("`margin` must be below 1, the size that no correlation exceeds".to_owned());
        }
        match (self.statistic == Statistic::Coefficient, self.group.is_empty()) {
            (true, true) => Err("`group` is missing: `coefficient` is that of membership in it".to_owned()),
            (false, false) => Err("`group` is for the statistic `coefficient` only".to_owned()),
            _ => Ok(()),
        }
    }
}

/// The weights of a claim's cells: those stated, or +1 for the first and -1 for each of the rest.
#[must_use]
pub fn weights_or_default(weights: &[f64], cells: usize) -> Vec<f64> {
    if weights.is_empty() {
        (0..cells).map(|cell| if cell == 0 { 1.0 } else { -1.0 }).collect()
    } else {
        weights.to_vec()
    }
}

fn check_weights(key: &str, weights: &[f64], cells: usize, may_miss: bool) -> Result<(), String> {
    if weights.is_empty() && may_miss {
        return Ok(());
    }
    if weights.len() != cells {
        return Err(format!("`{key}` lists {} numbers; the claim has {cells} cells", weights.len()));
    }
    if weights.iter().any(|w| !w.is_finite()) || weights.iter().all(|w| *w == 0.0) {
        return Err(format!("`{key}` must be finite numbers, not all 0"));
    }
    if let Some(weight) = weights.iter().find(|w| **w != 0.0 && !WEIGHTS.contains(&w.abs())) {
        return Err(format!(
            "`{key}` holds {weight}; 0, or sizes from {} to {}, were expected",
            WEIGHTS.start(),
            WEIGHTS.end()
        ));
    }
    Ok(())
}

fn finite(key: &str, value: f64) -> Result<(), String> {
    if value.is_finite() { Ok(()) } else { Err(format!("`{key}` must be a finite number")) }
}

fn exactly(cells: usize, wanted: usize, why: &str) -> Result<(), String> {
    if cells == wanted && wanted > 0 {
        Ok(())
    } else {
        Err(format!("the claim has {cells} cells; {wanted} expected: {why}"))
    }
}

fn two_or_constant(cells: usize, less: Option<f64>) -> Result<(), String> {
    match less {
        Some(less) => {
            finite("less", less)?;
            exactly(cells, 1, "`less` stands for the second")
        }
        None => exactly(cells, 2, "or one cell and the constant `less`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Estimator, String> {
        toml::from_str(text).map_err(|e: toml::de::Error| e.message().to_owned())
    }

    #[test]
    fn every_kind_is_read_and_written_back() {
        for text in [
            "kind = 'difference'",
            "kind = 'difference'\nweights = [1, -0.5, -0.5]\nless = 0.5\nreference = [2]\ndrop_incomplete = true\nmargin = 0.05",
            "kind = 'interaction'\nconstants = { d = 0.5 }",
            "kind = 'trend'\naxis = 'log'\nscale = 'logit'",
            "kind = 'peak-to-trough'\npilot = 4\npilot_shifts = 3",
            "kind = 'area'\naxis = 'log'\nless = 0.5",
            "kind = 'time-to-threshold'\nthreshold = 0.45\nside = 'at-least'",
            "kind = 'association'\nstatistic = 'pearson'\ncovariate = { measured = 'surprise' }",
            "kind = 'association'\nstatistic = 'coefficient'\ncovariate = { numbers = { x = 1, y = 2.5 } }\ngroup = ['x']",
        ] {
            let estimator = read(text).unwrap();
            let written = toml::to_string(&estimator).unwrap();
            assert_eq!(read(&written).unwrap(), estimator, "{written}");
            assert!(written.contains(&format!("kind = \"{}\"", estimator.kind())));
            let json = serde_json::to_string(&estimator).unwrap();
            assert_eq!(serde_json::from_str::<Estimator>(&json).unwrap(), estimator, "{json}");
        }
    }

    #[test]
    fn errors_name_the_key() {
        for (text, words) in [
            ("weights = [1]", "`kind` is missing; one of `difference`, `interaction`"),
            ("kind = 3", "`kind` must be a name"),
            ("kind = 'contrast'", "`kind` is `contrast`; one of `difference`"),
            ("kind = 'difference'\nweight = [1]", "estimator `difference`: unknown field `weight`"),
            ("kind = 'trend'\naxis = 'cubic'", "estimator `trend`: unknown variant `cubic`"),
            ("kind = 'peak-to-trough'", "estimator `peak-to-trough`: missing field `pilot`"),
            ("kind = 'association'\nstatistic = 'pearson'\ncovariate = { x = 1 }", "unknown field `x`"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn descriptions_that_make_no_sense_are_refused() {
        use Population::{Evaluators, Shifts};
        let both = [Evaluators, Shifts];
        let association = "kind = 'association'\nstatistic = ";
        for (text, cells, populations, words) in [
            ("kind = 'difference'", 2, &[][..], "generalises over nothing"),
            ("kind = 'difference'", 2, &[Shifts, Shifts], "twice"),
            ("kind = 'difference'", 0, &both, "0 cells"),
            ("kind = 'difference'\nweights = [1, 1]", 3, &both, "`weights` lists 2 numbers; the claim has 3 cells"),
            ("kind = 'difference'\nweights = [0, 0]", 2, &both, "not all 0"),
            ("kind = 'difference'\nweights = [1, inf]", 2, &both, "finite"),
            ("kind = 'difference'\nweights = [1, 1e-308]", 2, &both, "sizes from 0.001 to 1000"),
            ("kind = 'difference'\nreference = [2]", 2, &both, "`reference` names cell 2"),
            ("kind = 'difference'\nreference = [0, 1]", 2, &both, "all cells"),
            ("kind = 'difference'\nmargin = 0", 2, &both, "`margin`"),
            ("kind = 'interaction'", 3, &both, "4 expected"),
            ("kind = 'interaction'\nconstants = { e = 0.5 }", 3, &both, "`e`"),
            ("kind = 'interaction'\nconstants = { d = 1 }", 3, &both, "0.02 to 0.98"),
            ("kind = 'peak-to-trough'\npilot = 0", 1, &both, "`pilot`"),
            ("kind = 'peak-to-trough'\npilot = 4", 1, &both, "`pilot_shifts` must be at least 1"),
            ("kind = 'peak-to-trough'\npilot = 4\npilot_shifts = 4", 1, &[Evaluators], "`pilot_shifts`"),
            ("kind = 'peak-to-trough'\npilot = 4\npilot_rivals = 4", 1, &[Evaluators], "`pilot_rivals`"),
            ("kind = 'area'", 1, &both, "`less`"),
            ("kind = 'area'\nless = 0.5", 2, &both, "`less`"),
            ("kind = 'time-to-threshold'\nthreshold = nan\nside = 'at-most'", 2, &both, "`threshold`"),
            (&format!("{association}'pearson'\ncovariate = {{ measured = 'x' }}"), 1, &[Evaluators], "`shifts`"),
            (&format!("{association}'pearson'\ncovariate = {{}}"), 1, &both, "exactly one"),
            (
                &format!("{association}'pearson'\nweights = [1, 0]\ncovariate = {{ weights = [-2, 1] }}"),
                2,
                &both,
                "cell 0 (counted from 0) has a weight in both",
            ),
            (&format!("{association}'pearson'\ncovariate = {{ measured = 'x' }}\nmargin = 1"), 1, &both, "below 1"),
            (&format!("{association}'pearson'\ncovariate = {{ weights = [1] }}"), 1, &both, "`weights` is missing"),
            (&format!("{association}'pearson'\ncovariate = {{ numbers = {{ x = nan }} }}"), 1, &both, "numbers.x"),
            (&format!("{association}'coefficient'\ncovariate = {{ measured = 'x' }}"), 1, &both, "`group` is missing"),
            (
                &format!("{association}'spearman'\ncovariate = {{ measured = 'x' }}\ngroup = ['y']"),
                1,
                &both,
                "`coefficient` only",
            ),
        ] {
            let error = read(text).unwrap().check(cells, populations).unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
        }
        assert!(read("kind = 'interaction'\nconstants = { d = 0.5 }").unwrap().check(3, &both).is_ok());
        assert!(read("kind = 'difference'\nless = 0.5").unwrap().check(1, &both).is_ok());
    }
}
