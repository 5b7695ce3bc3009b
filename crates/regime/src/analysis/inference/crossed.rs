//! The variance of an effect over several crossed populations, and the tests that rest on it.
//!
//! With evaluators and shifts both drawn from populations, a sign flip over shifts sees what differs between shifts but takes what the
//! evaluators have in common under all shifts for part of the effect; a sign flip over evaluators does the reverse. Where both vary alike, the larger
//! of the two p values is below 5% in one of six effects that are nothing. The variance of a mean over crossed random factors is instead
//! the sum of their mean squares less those of their interactions, and its ratio to the effect is compared with Student's t by Satterthwaite's
//! degrees of freedom: the quasi F of Clark (1973), for several factors as in Cornfield and Tukey (1956); what becomes of studies that
//! leave it out is shown by Judd, Westfall and Kenny (2012). Where interactions are overestimated the variance of the largest single
//! population is kept.

use super::distributions::{student_cdf, two_sided};
use super::levels::{Level, NO_UNIT, Variance};
use crate::analysis::sample::Sample;
use crate::suite::Population;

/// Number of distinct units of a set of populations, and the sum of squares of their influences.
#[derive(Clone, Copy)]
struct Squares {
    units: f64,
    sum: f64,
}

/// Sums over blocks by the units of several levels.
struct Sums<'a> {
    levels: &'a [Level],
    blocks: &'a [f64],
    /// The class of each block, `u32::MAX` where its shift is fixed.
    class_of: Vec<u32>,
}

/// The variance of the effect over all levels that have several units. `None` if none has.
pub(crate) fn variance(sample: &Sample, levels: &[Level], blocks: &[f64]) -> Option<Variance> {
    let levels: Vec<Level> = levels.iter().filter(|level| level.units() > 1).cloned().collect();
    let alone: Vec<Variance> = levels.iter().map(Level::variance).collect();
    let largest = alone.iter().copied().max_by(|a, b| a.value.total_cmp(&b.value))?;
    if levels.len() == 1 {
        return Some(largest);
    }
    let sums = Sums { levels: &levels, blocks, class_of: class_of(sample) };
    let random: Vec<u32> = (0..sample.classes.len()).filter(|c| !sample.classes[*c].fixed).map(|c| c as u32).collect();
    let mut terms = alone;
    for set in 1u32..1 << levels.len() {
        if set.count_ones() < 2 {
            continue;
        }
        let sign = alternating(set.count_ones() + 1);
        let shifts = levels.iter().position(|level| level.population == Population::Shifts);
        let strata: Vec<Option<u32>> = match shifts {
            Some(shifts) if set >> shifts & 1 == 1 => random.iter().map(|class| Some(*class)).collect(),
            _ => vec![None],
        };
        let squares = strata.into_iter().filter_map(|class| sums.mean_square(set, shifts, class));
        terms.extend(squares.map(|v| Variance { value: sign * v.value, df: v.df }));
    }
    let all = Variance::sum(&terms);
    Some(if all.value > largest.value { all } else { largest })
}

fn class_of(sample: &Sample) -> Vec<u32> {
    let mut classes = vec![NO_UNIT; sample.blocks.len()];
    for node in &sample.nodes {
        let class = sample.groups[sample.points[node.point].group].class;
        if !sample.classes[class].fixed {
            classes[node.first..node.end].fill(class as u32);
        }
    }
    classes
}

fn alternating(power: u32) -> f64 {
    if power.is_multiple_of(2) { 1.0 } else { -1.0 }
}

impl Sums<'_> {
    /// The mean square of the interaction of a set of levels, as a variance of the effect: by inclusion and exclusion over its subsets, the sum of
    /// squares between the units of a subset being their number times the sum of squared influences.
    fn mean_square(&self, set: u32, shifts: Option<usize>, class: Option<u32>) -> Option<Variance> {
        let (mut sum, mut df) = (0.0, 0.0);
        for subset in 0..=set {
            if subset & !set != 0 {
                continue;
            }
            let sign = alternating(set.count_ones() - subset.count_ones());
            let squares = self.squares(subset, class);
            // Influences of blocks are those within a shift, so that shifts alone have none here; the empty set is the mean.
            let within = subset != 0 && shifts.is_none_or(|shifts| subset != 1 << shifts);
            sum += if within { sign * squares.units * squares.sum } else { 0.0 };
            df += sign * squares.units;
        }
        (df >= 1.0).then(|| Variance { value: sum.max(0.0) / df, df })
    }

    fn squares(&self, subset: u32, class: Option<u32>) -> Squares {
        if subset == 0 {
            return Squares { units: 1.0, sum: 0.0 };
        }
        let inside: Vec<&Level> =
            self.levels.iter().enumerate().filter(|(i, _)| subset >> i & 1 == 1).map(|(_, level)| level).collect();
        let key = |block: usize| {
            inside.iter().try_fold(0u64, |key, level| {
                let unit = level.unit_of[block];
                (unit != NO_UNIT).then(|| key << 21 | u64::from(unit))
            })
        };
        let wanted = (0..self.blocks.len()).filter(|block| class.is_none_or(|class| self.class_of[*block] == class));
        let mut keyed: Vec<Keyed> =
            wanted.filter_map(|block| Some(Keyed { key: key(block)?, influence: self.blocks[block] })).collect();
        keyed.sort_by_key(|k| k.key);
        let units = keyed.chunk_by(|a, b| a.key == b.key).map(|unit| unit.iter().map(|k| k.influence).sum::<f64>());
        units.fold(Squares { units: 0.0, sum: 0.0 }, |all, influence| Squares {
            units: all.units + 1.0,
            sum: all.sum + influence * influence,
        })
    }
}

struct Keyed {
    key: u64,
    influence: f64,
}

/// Two-sided p of the t test of an effect with this variance. 1 where nothing varies and the effect is 0, and where either is not finite.
pub(crate) fn t_test(effect: f64, variance: Variance) -> f64 {
    if !effect.is_finite() || !variance.value.is_finite() {
        1.0
    } else if variance.value > 0.0 {
        two_sided(effect / variance.value.sqrt(), variance.df)
    } else {
        f64::from(u8::from(effect == 0.0))
    }
}

/// The larger p of two one-sided t tests that the effect lies within `margin` of 0 (Schuirmann 1987).
pub(crate) fn equivalence(effect: f64, variance: Variance, margin: f64) -> f64 {
    if !effect.is_finite() || !variance.value.is_finite() {
        1.0
    } else if variance.value > 0.0 {
        student_cdf((effect.abs() - margin) / variance.value.sqrt(), variance.df)
    } else {
        f64::from(u8::from(effect.abs() >= margin))
    }
}
