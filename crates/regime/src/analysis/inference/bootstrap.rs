//! The crossed bootstrap: levels of every named population are drawn with replacement, independently of each other, and a block counts as often as
//! the product says (Owen 2007, "The pigeonhole bootstrap"). Within blocks pairs of games are drawn too, by a normal approximation: their
//! means are moved by a normal error of the variance that drawing with replacement would give. For crossed factors the result is wide rather
//! than narrow.
//!
//! The percentiles are *expanded* (Hesterberg 2015): with few units plain percentiles are too narrow, by the normal's tails instead of t's
//! and by a factor sqrt((n - 1) / n). Instead of 2.5% the interval leaves out Phi(-sqrt(n / (n - 1)) t) on each side, t being the 97.5%
//! quantile of Student's t with n - 1 degrees of freedom, and n - 1 those of the crossed variance.

use rand::{Rng as _, RngCore as _};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::distributions::{normal_cdf, normal_quantile, student_quantile};
use super::levels::Level;
use super::randomisation::MonteCarlo;
use crate::analysis::sample::Sample;
use crate::suite::Population;

/// A 95% interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// The ends of an interval that leaves out as much on each side as befits the degrees of freedom, of draws in any order. `None` without draws.
pub(crate) fn expanded(mut draws: Vec<f64>, df: f64) -> Option<Interval> {
    draws.retain(|d| d.is_finite());
    draws.sort_unstable_by(f64::total_cmp);
    let share = normal_cdf(-((df + 1.0) / df).sqrt() * student_quantile(0.975, df));
    let last = draws.len().checked_sub(1)? as f64;
    // Linear between neighbouring draws, as numpy does.
    let at = |share: f64| {
        let place = share * last;
        let below = place.floor() as usize;
        let above = (below + 1).min(draws.len() - 1);
        draws[below] + (place - place.floor()) * (draws[above] - draws[below])
    };
    Some(Interval { low: at(share), high: at(1.0 - share) })
}

/// Draws from a sample.
pub(crate) struct Bootstrap<'a> {
    sample: &'a Sample,
    /// Levels other than shifts, with the units of each component.
    levels: Vec<Drawn<'a>>,
    /// Groups of each random class; empty where shifts are fixed.
    classes: Vec<Vec<u32>>,
    rng: ChaCha8Rng,
    /// How often each group was drawn.
    counts: Vec<f64>,
    node_means: Vec<f64>,
}

struct Drawn<'a> {
    level: &'a Level,
    components: Vec<Vec<u32>>,
    /// For each node, whether it has several units of the level: else the level cannot change its mean.
    varies: Vec<bool>,
    counts: Vec<f64>,
}

impl<'a> Bootstrap<'a> {
    pub(crate) fn new(sample: &'a Sample, levels: &'a [Level], monte_carlo: &MonteCarlo) -> Bootstrap<'a> {
        let inner = levels.iter().filter(|level| level.population != Population::Shifts);
        let levels_drawn = inner.map(|level| Drawn::new(sample, level)).collect();
        let mut classes = vec![Vec::new(); sample.classes.len()];
        if levels.iter().any(|level| level.population == Population::Shifts) {
            for (group, of) in sample.groups.iter().enumerate().filter(|(_, g)| !sample.classes[g.class].fixed) {
                classes[of.class].push(group as u32);
            }
        }
        Bootstrap {
            sample,
            levels: levels_drawn,
            classes,
            rng: monte_carlo.rng(),
            counts: vec![1.0; sample.groups.len()],
            node_means: sample.node_means(),
        }
    }

    /// Draws once: means of all nodes, and how often each group counts.
    pub(crate) fn draw(&mut self) -> (&[f64], &[f64]) {
        for drawn in &mut self.levels {
            for component in &drawn.components {
                draw_counts(component, &mut drawn.counts, &mut self.rng);
            }
        }
        for class in &self.classes {
            draw_counts(class, &mut self.counts, &mut self.rng);
        }
        for (i, node) in self.sample.nodes.iter().enumerate() {
            let varying: Vec<&Drawn<'_>> = self.levels.iter().filter(|drawn| drawn.varies[i]).collect();
            let (mut weights, mut sum, mut variance) = (0.0, 0.0, 0.0);
            for place in node.first..node.end {
                let block = &self.sample.blocks[place];
                let weight: f64 =
                    varying.iter().map(|drawn| drawn.counts[drawn.level.unit_of[place] as usize]).product();
                weights += weight;
                sum += weight * block.mean;
                variance += weight * weight * block.variance;
            }
            // None of a node's units was drawn, which takes a node that has few of a population's units: it stays as it is.
            let (mean, variance) =
                if weights > 0.0 { (sum / weights, variance / (weights * weights)) } else { (node.mean, 0.0) };
            let error = if variance > 0.0 { variance.sqrt() * normal(&mut self.rng) } else { 0.0 };
            self.node_means[i] = mean + error;
        }
        (&self.node_means, &self.counts)
    }

    /// The effects of so many draws.
    pub(crate) fn effects(mut self, draws: u32) -> Vec<f64> {
        let sample = self.sample;
        let shares: Vec<f64> = (0..sample.groups.len()).map(|group| sample.group_share(group)).collect();
        (0..draws)
            .map(|_| {
                let (node_means, counts) = self.draw();
                let values = sample.values(node_means);
                let weighed = values.iter().zip(counts).zip(&shares).map(|((y, count), share)| y * count * share);
                weighed.sum::<f64>() - sample.constant
            })
            .collect()
    }
}

impl<'a> Drawn<'a> {
    fn new(sample: &Sample, level: &'a Level) -> Drawn<'a> {
        let mut components = vec![Vec::new(); level.components.len()];
        for unit in level.active() {
            components[level.component_of[unit] as usize].push(unit as u32);
        }
        components.retain(|component: &Vec<u32>| !component.is_empty());
        let varies = |node: &crate::analysis::sample::Node| {
            let units = &level.unit_of[node.first..node.end];
            units.iter().any(|unit| *unit != units[0])
        };
        Drawn {
            level,
            components,
            varies: sample.nodes.iter().map(varies).collect(),
            counts: vec![1.0; level.influence.len()],
        }
    }
}

/// Draws as many units as there are, with replacement.
fn draw_counts(units: &[u32], counts: &mut [f64], rng: &mut ChaCha8Rng) {
    for unit in units {
        counts[*unit as usize] = 0.0;
    }
    for _ in units {
        counts[units[rng.random_range(0..units.len() as u32) as usize] as usize] += 1.0;
    }
}

/// A standard normal number, by inversion.
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    const STEP: f64 = 1.0 / (1u64 << 53) as f64;
    normal_quantile(((rng.next_u64() >> 11) as f64 + 0.5) * STEP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_units_widen_the_interval() {
        let draws: Vec<f64> = (0..=10_000).map(|i| normal_quantile((f64::from(i) + 0.5) / 10_001.0)).collect();
        let half = |df: f64| expanded(draws.clone(), df).unwrap().high;
        assert!((half(1e6) - 1.96).abs() < 0.01);
        // sqrt(12 / 11) times 2.201.
        assert!((half(11.0) - 2.299).abs() < 0.01, "{}", half(11.0));
        assert!(half(2.0) > 3.7, "the furthest draws");
        assert_eq!(expanded(vec![f64::NAN], 3.0), None);
    }
}
