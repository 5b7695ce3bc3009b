//! How a contrast goes with a covariate, over shifts.
//!
//! The shifts are tested by permuting the covariate between them (Freedman and Lane 1983 for a coefficient). The other populations that the claim names
//! enter by the jackknife: each unit is left out in turn, and the statistic made anew. Their variances are added to that of the statistic
//! under no association, (1 - r^2) / (n - 2) for a correlation and that of least squares for a coefficient, for the t test over all
//! populations; what evaluators and shifts vary by together is then counted twice, which errs on the side of no verdict.

use std::collections::BTreeMap;

use crate::analysis::inference::randomisation::{
    MonteCarlo, Randomised, coefficient_permutation, correlation_permutation,
};
use crate::analysis::inference::{
    BOOTSTRAP, Bootstrap, Estimate, Influences, Level, LevelTest, Method, Parts, Settings, Variance, conclude,
    correlation_shown, errors_shown, expanded, levels, stream, test,
};
use crate::analysis::sample::{Curve, Sample, Spec};
use crate::analysis::{Claim, Covariates, Invalid};
use crate::suite::{Association, Population, Scale, Statistic, weights_or_default};

/// The fewest shifts that say anything about an association.
const FEWEST: usize = 5;

/// One entry per shift.
#[derive(Clone, Debug, Default)]
struct Shifts {
    effects: Vec<f64>,
    covariates: Vec<f64>,
    /// 1 for members of the group, else 0.
    members: Vec<f64>,
}

pub(super) fn estimate(claim: &Claim<'_>, a: &Association, settings: &Settings) -> Result<Estimate, Invalid> {
    let contrast = !a.covariate.weights.is_empty();
    let weights = weights_or_default(&a.weights, claim.cells);
    let used: Vec<f64> = weights
        .iter()
        .enumerate()
        .map(|(cell, w)| w.abs() + a.covariate.weights.get(cell).copied().unwrap_or(0.0).abs())
        .collect();
    let mut table = claim.table(&used)?;
    let mut dropped = Vec::new();
    if !contrast {
        let lacks = |label: &usize| !claim.covariates.numbers.get(label).is_some_and(|number| number.is_finite());
        dropped = table.shifts.iter().copied().filter(lacks).collect();
        if let Some(shift) = dropped.first().filter(|_| !a.drop_incomplete) {
            return Err(Invalid::MissingCovariate { shift: *shift });
        }
        table = table.only(|b| !dropped.contains(&table.shifts[b.shift as usize]));
    }
    let spec = Spec {
        covariate: a.covariate.weights.clone(),
        drop_incomplete: a.drop_incomplete,
        ..claim.spec(weights, Curve::Pooled)
    };
    let sample = Sample::build(&table, &spec)?;
    dropped.extend(&sample.dropped);
    if sample.classes.len() > 1 {
        let message = "an association wants all of its cells under every shift".to_owned();
        return Err(Invalid::Groups { message });
    }
    Tied { sample: &sample, contrast, statistic: a.statistic, covariates: claim.covariates }.infer(
        claim.populations,
        a,
        dropped,
        settings,
    )
}

/// A sample whose shifts have covariates.
struct Tied<'a> {
    sample: &'a Sample,
    contrast: bool,
    statistic: Statistic,
    covariates: &'a Covariates,
}

impl Tied<'_> {
    fn infer(
        &self,
        populations: &[Population],
        a: &Association,
        dropped: Vec<usize>,
        settings: &Settings,
    ) -> Result<Estimate, Invalid> {
        let shifts = self.shifts(&self.sample.node_means());
        let members = shifts.members.iter().filter(|m| **m == 1.0).count();
        let n = shifts.effects.len();
        let coefficient = self.statistic == Statistic::Coefficient;
        let too_few = |units, wanted| Invalid::TooFewUnits { population: Population::Shifts, units, wanted };
        if n < FEWEST {
            return Err(too_few(n, FEWEST));
        }
        if coefficient && members.min(n - members) < 2 {
            return Err(too_few(members.min(n - members), 2));
        }
        let effect = self.statistic_of(&shifts).ok_or_else(|| flat(&shifts))?;
        let mut levels = levels(self.sample, &Influences::of(self.sample), populations);
        let mut tests = Vec::new();
        let alone = self.null_variance(effect, &shifts);
        let (mut terms, mut beside) = (vec![alone], 0.0);
        for level in &mut levels {
            let monte_carlo = settings.monte_carlo(stream(level.population));
            if level.population == Population::Shifts {
                tests.push(self.permutation(&shifts, &monte_carlo));
                continue;
            }
            self.jackknife(level);
            tests.push(test(level, effect, false, &monte_carlo));
            if level.units() > 1 {
                let variance = level.variance();
                beside += variance.value;
                terms.push(variance);
            }
        }
        let variance = Variance::sum(&terms);
        let margin = a.margin.or_else(|| coefficient.then(|| super::default_margin(Scale::Score)));
        let detectable = if coefficient {
            Some(errors_shown(variance.df) * variance.value.sqrt())
        } else {
            correlation_shown(n, beside, variance.df)
        };
        let interval = (settings.draws > 0).then(|| expanded(self.resampled(&levels, settings), variance.df)).flatten();
        Ok(conclude(Parts {
            effect,
            tests,
            variance: Some(variance),
            t_counts: false,
            interval,
            detectable: detectable.map(|d| margin.map_or(d, |margin| d.max(margin))),
            margin,
            dropped,
        }))
    }

    fn shifts(&self, node_means: &[f64]) -> Shifts {
        let labels = || self.sample.groups.iter().map(|g| g.label.unwrap_or_default());
        let number = |label| self.covariates.numbers.get(&label).copied().unwrap_or(f64::NAN);
        Shifts {
            effects: self.sample.values(node_means),
            covariates: if self.contrast { self.sample.covariates(node_means) } else { labels().map(number).collect() },
            members: labels().map(|label| f64::from(u8::from(self.covariates.group.contains(&label)))).collect(),
        }
    }

    /// `None` where the shifts do not determine it.
    fn statistic_of(&self, shifts: &Shifts) -> Option<f64> {
        match self.statistic {
            Statistic::Pearson => correlation(&shifts.effects, &shifts.covariates),
            Statistic::Spearman => correlation(&ranks(&shifts.effects), &ranks(&shifts.covariates)),
            Statistic::Coefficient => least_squares(shifts).map(|fit| fit.coefficient),
        }
    }

    fn null_variance(&self, effect: f64, shifts: &Shifts) -> Variance {
        let n = shifts.effects.len() as f64;
        match self.statistic {
            Statistic::Coefficient => {
                let value = least_squares(shifts).map_or(0.0, |fit| fit.variance);
                Variance { value, df: n - 3.0 }
            }
            _ => Variance { value: (1.0 - effect * effect).max(0.0) / (n - 2.0), df: n - 2.0 },
        }
    }

    fn permutation(&self, shifts: &Shifts, monte_carlo: &MonteCarlo) -> LevelTest {
        let (effects, covariates) = (&shifts.effects, &shifts.covariates);
        let Randomised { p, smallest, exact } = match self.statistic {
            Statistic::Pearson => correlation_permutation(covariates, effects, monte_carlo),
            Statistic::Spearman => correlation_permutation(&ranks(covariates), &ranks(effects), monte_carlo),
            Statistic::Coefficient => coefficient_permutation(effects, covariates, &shifts.members, monte_carlo),
        };
        let units = effects.len();
        LevelTest { population: Population::Shifts, units, method: Method::Permutation, exact, p, smallest_p: smallest }
    }

    /// Sets the influences of a level's units to those by the jackknife: (n - 1) / n times what leaving a unit out lowers the statistic by.
    fn jackknife(&self, level: &mut Level) {
        let mut by_component: BTreeMap<u32, Vec<LeftOut>> = BTreeMap::new();
        let active: Vec<usize> = level.active().collect();
        for unit in active {
            let means: Vec<f64> = self
                .sample
                .nodes
                .iter()
                .map(|node| {
                    let others = (node.first..node.end).filter(|block| level.unit_of[*block] as usize != unit);
                    let kept: Vec<f64> = others.map(|block| self.sample.blocks[block].mean).collect();
                    if kept.is_empty() { node.mean } else { kept.iter().sum::<f64>() / kept.len() as f64 }
                })
                .collect();
            let statistic = self.statistic_of(&self.shifts(&means)).unwrap_or(0.0);
            by_component.entry(level.component_of[unit]).or_default().push(LeftOut { unit, statistic });
        }
        level.influence.fill(0.0);
        for units in by_component.values() {
            let n = units.len() as f64;
            let mean = units.iter().map(|u| u.statistic).sum::<f64>() / n;
            for u in units {
                level.influence[u.unit] = (n - 1.0) / n * (mean - u.statistic);
            }
        }
    }

    fn resampled(&self, levels: &[Level], settings: &Settings) -> Vec<f64> {
        let mut bootstrap = Bootstrap::new(self.sample, levels, &settings.monte_carlo(BOOTSTRAP));
        let mut drawn = Shifts::default();
        (0..settings.draws)
            .filter_map(|_| {
                let (node_means, counts) = bootstrap.draw();
                let shifts = self.shifts(node_means);
                [&mut drawn.effects, &mut drawn.covariates, &mut drawn.members].into_iter().for_each(Vec::clear);
                for (i, count) in counts.iter().enumerate() {
                    for _ in 0..*count as usize {
                        drawn.effects.push(shifts.effects[i]);
                        drawn.covariates.push(shifts.covariates[i]);
                        drawn.members.push(shifts.members[i]);
                    }
                }
                // A draw of shifts that are all alike says nothing.
                self.statistic_of(&drawn)
            })
            .collect()
    }
}

struct LeftOut {
    unit: usize,
    statistic: f64,
}

/// The reason for which the shifts do not determine a statistic.
fn flat(shifts: &Shifts) -> Invalid {
    let varies = shifts.effects.iter().any(|e| *e != shifts.effects[0]);
    if varies { Invalid::FlatCovariate } else { Invalid::Unmoved }
}

fn centred(values: &[f64]) -> Vec<f64> {
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    values.iter().map(|v| v - mean).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Sums of squares below this share of what they could be are rounding.
const ROUNDING: f64 = 1e-20;

/// Pearson's correlation; `None` if a list does not vary.
fn correlation(x: &[f64], y: &[f64]) -> Option<f64> {
    let (cx, cy) = (centred(x), centred(y));
    let (xx, yy) = (dot(&cx, &cx), dot(&cy, &cy));
    let varies = xx > ROUNDING * dot(x, x) && yy > ROUNDING * dot(y, y);
    varies.then(|| (dot(&cx, &cy) / (xx * yy).sqrt()).clamp(-1.0, 1.0))
}

/// Ranks from 1, equal values sharing their mean rank.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let rank = |v: &f64| {
        let (below, up_to) = (sorted.partition_point(|s| s < v), sorted.partition_point(|s| s <= v));
        (below + up_to + 1) as f64 / 2.0
    };
    values.iter().map(rank).collect()
}

struct Fit {
    coefficient: f64,
    variance: f64,
}

/// Least squares of effect = a + b covariate + c member: c and its variance. `None` if the shifts do not determine it.
fn least_squares(shifts: &Shifts) -> Option<Fit> {
    let n = shifts.effects.len() as f64;
    let (y, z, m) = (centred(&shifts.effects), centred(&shifts.covariates), centred(&shifts.members));
    let (zz, mm, zm) = (dot(&z, &z), dot(&m, &m), dot(&z, &m));
    let (zy, my, yy) = (dot(&z, &y), dot(&m, &y), dot(&y, &y));
    let determinant = zz * mm - zm * zm;
    let varies = zz > ROUNDING * dot(&shifts.covariates, &shifts.covariates) && determinant > 1e-9 * zz * mm;
    varies.then(|| {
        let coefficient = (my * zz - zy * zm) / determinant;
        let slope = (zy * mm - my * zm) / determinant;
        let residual = (yy - slope * zy - coefficient * my).max(0.0);
        Fit { coefficient, variance: residual / (n - 3.0) * zz / determinant }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_covariate_is_taken_out_of_the_effect() {
        // y = 0.1 + 0.05 z + 0.2 m.
        let (covariates, members) = (vec![1.0, 3.0, 1.0, 2.0, 5.0], vec![0.0, 0.0, 1.0, 1.0, 0.0]);
        let effects = covariates.iter().zip(&members).map(|(z, m)| 0.1 + 0.05 * z + 0.2 * m).collect();
        let fit = least_squares(&Shifts { effects, covariates, members: members.clone() }).unwrap();
        assert!((fit.coefficient - 0.2).abs() < 1e-12 && fit.variance < 1e-20);
        // A covariate that tells the group takes all of it.
        let same = Shifts { effects: vec![0.1, 0.2, 0.4, 0.5, 0.2], covariates: members.clone(), members };
        assert!(least_squares(&same).is_none());
    }

    #[test]
    fn ranks_are_shared_by_equals() {
        assert_eq!(ranks(&[0.3, 0.1, 0.3, 0.2]), [3.5, 1.0, 3.5, 2.0]);
        assert_eq!(correlation(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]), Some(-1.0));
        assert_eq!(correlation(&[1.0, 2.0, 3.0], &[0.1, 0.1, 0.1]), None);
    }
}
