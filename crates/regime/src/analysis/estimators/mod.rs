//! The estimators: each turns observations into an effect that is a sum over shifts of smooth functions of block means, and most leave the rest to
//! [inference](super::inference).

mod association;
mod curves;

use std::collections::BTreeMap;

use libm::log;

pub use crate::suite::{Units, reachable};

pub use crate::suite::{Area, Difference, Estimator, Interaction, Scale, Trend};
pub use crate::suite::{Association, Axis, Covariate, PeakToTrough, Side, Statistic, TimeToThreshold};

use super::inference::multiplicity::{SMALLEST_EFFECT, logit_of_elo, score_of_elo};
use super::inference::{Estimate, Settings, infer};
use super::sample::{Curve, Sample, Spec, along};
use super::table::{Block, Table};
use super::{Claim, Invalid, Place};
use crate::suite::{Population, weights_or_default};

/// See [`super::estimate`].
pub(super) fn estimate(claim: &Claim<'_>, settings: &Settings) -> Result<Estimate, Invalid> {
    claim.estimator.check(claim.cells, claim.populations).map_err(|message| Invalid::Description { message })?;
    let estimated = match claim.estimator {
        Estimator::Difference(d) => difference(claim, d, settings),
        Estimator::Interaction(i) => interaction(claim, i, settings),
        Estimator::Trend(t) => trend(claim, t, settings),
        Estimator::PeakToTrough(p) => curves::peak_to_trough(claim, p, settings),
        Estimator::Area(a) => area(claim, a, settings),
        Estimator::TimeToThreshold(t) => curves::time_to_threshold(claim, t, settings),
        Estimator::Association(a) => association::estimate(claim, a, settings),
    }?;
    let ends = estimated.interval.map_or([0.0; 2], |interval| [interval.low, interval.high]);
    let finite = [estimated.effect, estimated.p].into_iter().chain(ends).all(f64::is_finite);
    if finite { Ok(estimated) } else { Err(Invalid::Overflow) }
}

/// The smallest effect of interest, 20 Elo, on a scale.
fn default_margin(scale: Scale) -> f64 {
    match scale {
        Scale::Score => score_of_elo(SMALLEST_EFFECT),
        Scale::Logit => logit_of_elo(SMALLEST_EFFECT),
    }
}

impl Claim<'_> {
    /// Block means of the cells with a weight.
    fn table(&self, weights: &[f64]) -> Result<Table, Invalid> {
        let used: Vec<bool> = weights.iter().map(|w| *w != 0.0).collect();
        Table::reduce(self.observations, self.cells, &used)
    }

    /// The weighted sum of means that has no constant and leaves nothing out.
    fn spec(&self, weights: Vec<f64>, curve: Curve) -> Spec {
        Spec {
            weights,
            covariate: Vec::new(),
            curve,
            scale: Scale::Score,
            constant: 0.0,
            reference: Vec::new(),
            drop_incomplete: false,
            random_shifts: self.populations.contains(&Population::Shifts),
        }
    }
}

fn difference(claim: &Claim<'_>, d: &Difference, settings: &Settings) -> Result<Estimate, Invalid> {
    let weights = weights_or_default(&d.weights, claim.cells);
    let table = claim.table(&weights)?;
    let spec = Spec {
        constant: d.less,
        reference: d.reference.clone(),
        drop_incomplete: d.drop_incomplete,
        ..claim.spec(weights, Curve::Pooled)
    };
    let margin = d.margin.unwrap_or_else(|| default_margin(Scale::Score));
    infer(&Sample::build(&table, &spec)?, claim.populations, Some(margin), settings)
}

fn interaction(claim: &Claim<'_>, i: &Interaction, settings: &Settings) -> Result<Estimate, Invalid> {
    let (mut weights, mut constant) = (Vec::new(), 0.0);
    for (name, sign) in [("a", 1.0), ("b", -1.0), ("c", -1.0), ("d", 1.0)] {
        match i.constants.get(name) {
            // The constant is later taken from the sum, so a corner that counts up enters with its sign turned.
            Some(value) => constant -= sign * log(value / (1.0 - value)),
            None => weights.push(sign),
        }
    }
    let table = claim.table(&weights)?;
    // Constants of 1/2 make 0 or -0 here; adding 0 makes it 0.
    let spec = Spec {
        scale: Scale::Logit,
        constant: constant + 0.0,
        drop_incomplete: i.drop_incomplete,
        ..claim.spec(weights, Curve::Pooled)
    };
    let margin = i.margin.unwrap_or_else(|| default_margin(Scale::Logit));
    infer(&Sample::build(&table, &spec)?, claim.populations, Some(margin), settings)
}

/// Refuses a curve one of whose points has all its observations at 0, or all at 1: where the floor or the ceiling holds a point, the slope is theirs.
fn at_an_end(table: &Table) -> Result<(), Invalid> {
    let mut points: BTreeMap<(u32, u32), Vec<&Block>> = BTreeMap::new();
    table.blocks.iter().for_each(|block| points.entry((block.cell, block.x)).or_default().push(block));
    for ((cell, _), blocks) in points {
        let value = blocks[0].mean;
        let stuck = |block: &&Block| block.mean == value && block.variance == 0.0;
        if (value == 0.0 || value == 1.0) && blocks.iter().all(stuck) {
            return Err(Invalid::Floor { place: Place::of(cell as usize, None), mean: value });
        }
    }
    Ok(())
}

fn trend(claim: &Claim<'_>, t: &Trend, settings: &Settings) -> Result<Estimate, Invalid> {
    let weights = weights_or_default(&t.weights, claim.cells);
    let table = claim.table(&weights)?;
    at_an_end(&table)?;
    let spec = Spec { scale: t.scale, drop_incomplete: t.drop_incomplete, ..claim.spec(weights, Curve::Slope(t.axis)) };
    let sample = Sample::build(&table, &spec)?;
    let ends = [table.xs.first(), table.xs.last()].map(|x| along(t.axis, x.copied().unwrap_or(0.0)));
    let [first, last] = ends;
    let margin = t.margin.unwrap_or(default_margin(t.scale) / (last? - first?));
    infer(&sample, claim.populations, Some(margin), settings)
}

fn area(claim: &Claim<'_>, a: &Area, settings: &Settings) -> Result<Estimate, Invalid> {
    let weights = weights_or_default(&[], claim.cells);
    let table = claim.table(&weights)?;
    let spec = Spec {
        constant: a.less.unwrap_or(0.0),
        drop_incomplete: a.drop_incomplete,
        ..claim.spec(weights, Curve::Area(a.axis))
    };
    let margin = a.margin.unwrap_or_else(|| default_margin(Scale::Score));
    infer(&Sample::build(&table, &spec)?, claim.populations, Some(margin), settings)
}
