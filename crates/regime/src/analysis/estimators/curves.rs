//! What a curve does: where it turns, and when it arrives.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::inference::{CutOff, Detail, Estimate, Settings, infer};
use crate::analysis::sample::{Curve, Sample, Spec, along};
use crate::analysis::table::{Block, Table};
use crate::analysis::{Claim, Invalid, Place};
use crate::suite::{PeakToTrough, Population, Scale, Side, TimeToThreshold, weights_or_default};

/// Score at the peak less that at the lowest point behind it. Both are chosen on the mean curve of the pilot evaluators, over all pilot shifts alike,
/// so that the others test two budgets that were fixed before they were looked at.
pub(super) fn peak_to_trough(claim: &Claim<'_>, p: &PeakToTrough, settings: &Settings) -> Result<Estimate, Invalid> {
    let table = claim.table(&[1.0])?;
    let openings = claim.populations.contains(&Population::OpeningSets);
    let blocks = if openings { Population::OpeningSets } else { Population::Evaluators };
    let splits = [
        Split::of(&table, blocks, p.pilot),
        Split::of(&table, Population::Rivals, p.pilot_rivals),
        Split::of(&table, Population::Shifts, p.pilot_shifts),
    ];
    let divided = || splits.iter().filter(|split| split.from > 0);
    let pilot = table.only(|b| divided().all(|split| split.of_block(b) < split.from));
    let tested = table.only(|b| divided().all(|split| split.of_block(b) >= split.from));
    for split in &splits {
        let (population, from) = (split.population, split.from as usize);
        if from > 0 && tested.blocks.is_empty() {
            return Err(Invalid::TooFewUnits { population, units: split.units, wanted: from + 1 });
        }
        if claim.populations.contains(&population) && split.shares(&pilot, &tested) {
            let message = format!("{} that are tested have also chosen the peak", population.name());
            return Err(Invalid::Description { message });
        }
    }
    let turn = turn(&pilot)?;
    let tested = tested.only(|b| b.x == turn.peak || b.x == turn.trough);
    let spec = claim.spec(vec![1.0], Curve::Between { plus: turn.peak, minus: turn.trough });
    let margin = p.margin.unwrap_or_else(|| super::default_margin(Scale::Score));
    let estimate = infer(&Sample::build(&tested, &spec)?, claim.populations, Some(margin), settings)?;
    let x = |place: u32| table.xs[place as usize];
    Ok(Estimate { detail: Some(Detail::Turn { peak: x(turn.peak), trough: x(turn.trough) }), ..estimate })
}

/// A population of which the first units choose and the others are tested.
struct Split {
    population: Population,
    /// The first unit (by place) that is tested.
    from: u32,
    units: usize,
}

impl Split {
    fn of(table: &Table, population: Population, pilots: usize) -> Split {
        let mut split = Split { population, from: 0, units: 0 };
        let units: BTreeSet<u32> = table.blocks.iter().map(|b| split.of_block(b)).collect();
        split.units = units.len();
        // Places are numbers from 0 without gaps.
        split.from = pilots.min(units.len()) as u32;
        split
    }

    fn of_block(&self, block: &Block) -> u32 {
        match self.population {
            Population::Evaluators | Population::OpeningSets => block.evaluator,
            Population::Rivals => block.rival,
            Population::Shifts => block.shift,
        }
    }

    /// Whether a unit occurs in both tables.
    fn shares(&self, one: &Table, other: &Table) -> bool {
        let units: BTreeSet<u32> = one.blocks.iter().map(|b| self.of_block(b)).collect();
        other.blocks.iter().any(|b| units.contains(&self.of_block(b)))
    }
}

/// Places of two xs.
struct Turn {
    peak: u32,
    trough: u32,
}

/// The peak of the mean curve over shifts, and the lowest point behind it; of equal points the first.
fn turn(pilot: &Table) -> Result<Turn, Invalid> {
    let mut curve: BTreeMap<u32, BTreeMap<u32, Vec<f64>>> = BTreeMap::new();
    for block in &pilot.blocks {
        curve.entry(block.x).or_default().entry(block.shift).or_default().push(block.mean);
    }
    let shifts: Vec<u32> = curve.values().flat_map(BTreeMap::keys).copied().collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let mut points = Vec::new();
    for (x, by_shift) in &curve {
        if let Some(shift) = shifts.iter().find(|shift| !by_shift.contains_key(shift)) {
            let place = Place::of(0, Some(pilot.shifts[*shift as usize]));
            return Err(Invalid::MissingPoint { place, x: pilot.xs[*x as usize] });
        }
        let means: Vec<f64> = by_shift.values().map(|values| mean(values)).collect();
        points.push(Height { x: *x, mean: mean(&means) });
    }
    if points.len() < 2 {
        return Err(Invalid::TooFewPoints { place: Place::of(0, None), points: points.len() });
    }
    let first_of = |better: fn(f64, f64) -> bool, points: &[Height]| {
        (1..points.len()).fold(0, |best, i| if better(points[i].mean, points[best].mean) { i } else { best })
    };
    let peak = first_of(|a, b| a > b, &points);
    let behind = &points[peak + 1..];
    if behind.is_empty() {
        return Err(Invalid::PeakIsLast { x: pilot.xs[points[peak].x as usize] });
    }
    Ok(Turn { peak: points[peak].x, trough: behind[first_of(|a, b| a < b, behind)].x })
}

struct Height {
    x: u32,
    mean: f64,
}

/// Whose curve it is: cell, shift, evaluator, and rival (0 where rivals are no population).
type Owner = [u32; 4];

/// Each curve's time of arrival at the threshold, then the difference of the mean times.
pub(super) fn time_to_threshold(
    claim: &Claim<'_>,
    t: &TimeToThreshold,
    settings: &Settings,
) -> Result<Estimate, Invalid> {
    let weights = weights_or_default(&[], claim.cells);
    let table = claim.table(&weights)?;
    let rivals = claim.populations.contains(&Population::Rivals);
    let mut curves: BTreeMap<Owner, BTreeMap<u32, Vec<f64>>> = BTreeMap::new();
    for b in &table.blocks {
        let owner = [b.cell, b.shift, b.evaluator, if rivals { b.rival } else { 0 }];
        curves.entry(owner).or_default().entry(b.x).or_default().push(b.mean);
    }
    let last = table.xs.len() as u32 - 1;
    let mut cut_off = vec![CutOff::default(); claim.cells];
    let mut blocks = Vec::new();
    for ([cell, shift, evaluator, rival], curve) in &curves {
        if !curve.contains_key(&last) {
            let place = Place::of(*cell as usize, Some(table.shifts[*shift as usize]));
            return Err(Invalid::DifferentRange { place });
        }
        let arrived = |values: &Vec<f64>| {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            match t.side {
                Side::AtLeast => mean >= t.threshold,
                Side::AtMost => mean <= t.threshold,
            }
        };
        // From the end back to the last point that is still on the wrong side.
        let first = curve.iter().rev().take_while(|(_, values)| arrived(values)).last().map(|(x, _)| *x);
        let counted = &mut cut_off[*cell as usize];
        counted.of += 1;
        counted.curves += usize::from(first.is_none());
        blocks.push(Block {
            cell: *cell,
            x: 0,
            shift: *shift,
            evaluator: *evaluator,
            rival: *rival,
            mean: along(t.axis, table.xs[first.unwrap_or(last) as usize])?,
            variance: 0.0,
        });
    }
    let end = along(t.axis, table.xs[last as usize])?;
    let times = Table { xs: vec![0.0], shifts: table.shifts, blocks };
    let spec = Spec { constant: t.less.unwrap_or(0.0), ..claim.spec(weights, Curve::Pooled) };
    let estimate = infer(&Sample::build(&times, &spec)?, claim.populations, t.margin, settings)?;
    Ok(Estimate { detail: Some(Detail::Times { last: end, cut_off }), ..estimate })
}
