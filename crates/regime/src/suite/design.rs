//! The smallest p that the design of a claim can give, which is known before anything is played.

use super::estimator::{Estimator, Statistic};
use super::population::Population;

/// The most units for which a sign flip goes through all patterns of signs.
pub(crate) const MOST_FLIPPED: usize = 20;
/// The most arrangements of labels for which a permutation test goes through all: more than the 184,756 ways to halve 20 units.
pub(crate) const MOST_ARRANGED: f64 = 200_000.0;
/// Draws of a randomisation test whose arrangements are too many to go through.
pub(crate) const PERMUTATIONS: u32 = 9999;

/// Independent units that a claim would have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Units {
    /// Evaluators, or sets of openings. This number, like the other two, includes the units that a peak and a trough are chosen on.
    pub evaluators: usize,
    /// Rivals. Where each evaluator meets a rival of its own, as many as evaluators.
    pub rivals: usize,
    /// Shifts, one entry per set of shifts that is covered by different cells (two for a difference between groups); shifts of `reference` cells
    /// are left out.
    pub shifts: Vec<usize>,
}

/// The smallest p that any results of such a design could give. Above 5% the claim can have no verdict, and a suite should be refused.
#[must_use]
pub fn reachable(estimator: &Estimator, populations: &[Population], units: &Units) -> f64 {
    let draws = PERMUTATIONS;
    let pilots = match estimator {
        Estimator::PeakToTrough(p) => [p.pilot, p.pilot_rivals, p.pilot_shifts],
        _ => [0; 3],
    };
    let shifts = units.shifts.iter().sum::<usize>();
    let counts = [units.evaluators, units.rivals, shifts];
    let [evaluators, rivals, shifts] = [0, 1, 2].map(|i| counts[i].saturating_sub(pilots[i]));
    let by_shifts = match (estimator, units.shifts.len()) {
        (Estimator::Association(a), _) if a.statistic != Statistic::Coefficient || shifts > 5 => {
            smallest_permutation(&(0..shifts as u32).collect::<Vec<u32>>(), draws)
        }
        (Estimator::Association(_), _) => 1.0,
        (_, 0 | 1) => smallest_flip(shifts, draws),
        _ => {
            let label = |(group, size): (usize, &usize)| vec![group as u32; *size];
            smallest_permutation(&units.shifts.iter().enumerate().flat_map(label).collect::<Vec<u32>>(), draws)
        }
    };
    let smallest = |population: &Population| match population {
        Population::Evaluators | Population::OpeningSets => smallest_flip(evaluators, draws),
        Population::Rivals => smallest_flip(rivals, draws),
        Population::Shifts => by_shifts,
    };
    populations.iter().map(smallest).fold(0.0, f64::max)
}

/// The smallest two-sided p of a sign flip of so many units.
#[must_use]
pub(crate) fn smallest_flip(units: usize, draws: u32) -> f64 {
    if units > MOST_FLIPPED { 1.0 / (1.0 + f64::from(draws)) } else { 2.0 / f64::from(1u32 << units.max(1)) }
}

/// Number of distinct arrangements of the labels.
#[must_use]
pub(crate) fn arrangements(labels: &[u32]) -> f64 {
    let mut sorted = labels.to_vec();
    sorted.sort_unstable();
    let (mut count, mut alike) = (1.0, 0.0);
    for (i, label) in sorted.iter().enumerate() {
        alike = if i > 0 && sorted[i - 1] == *label { alike + 1.0 } else { 1.0 };
        count *= (i + 1) as f64 / alike;
    }
    count.round()
}

/// The smallest p of a two-sided permutation test of these labels. Where labels divide the units into halves, exchanging the halves gives a second
/// arrangement as far from 0.
#[must_use]
pub(crate) fn smallest_permutation(labels: &[u32], draws: u32) -> f64 {
    let count = arrangements(labels);
    if count > MOST_ARRANGED {
        return 1.0 / (1.0 + f64::from(draws));
    }
    let first = labels.iter().filter(|label| Some(*label) == labels.first()).count();
    let halves = 2 * first == labels.len() && arrangements_of_two(labels.len(), first) == count;
    (if halves { 2.0 } else { 1.0 } / count).min(1.0)
}

fn arrangements_of_two(units: usize, first: usize) -> f64 {
    let labels: Vec<u32> = (0..units).map(|i| u32::from(i < first)).collect();
    arrangements(&labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_units_cannot_reach_five_percent() {
        use Population::{Evaluators, Shifts};
        let read = |text: &str| toml::from_str::<Estimator>(text).unwrap();
        let difference = read("kind = 'difference'");
        let units = |evaluators, shifts: &[usize]| Units { evaluators, rivals: 0, shifts: shifts.to_vec() };
        assert_eq!(reachable(&difference, &[Evaluators], &units(5, &[])), 0.0625);
        assert_eq!(reachable(&difference, &[Evaluators], &units(6, &[])), 0.03125);
        assert_eq!(reachable(&difference, &[Evaluators, Shifts], &units(12, &[3])), 0.25);
        assert_eq!(reachable(&difference, &[Shifts], &units(0, &[3, 3])), 0.1);
        assert_eq!(reachable(&difference, &[Shifts], &units(0, &[4, 12])), 1.0 / 1820.0);
        assert_eq!(reachable(&difference, &[Evaluators], &units(0, &[])), 1.0);
        let turn = read("kind = 'peak-to-trough'\npilot = 4");
        assert_eq!(reachable(&turn, &[Evaluators], &units(8, &[])), 0.125);
        let tied = read("kind = 'association'\nstatistic = 'pearson'\ncovariate = { measured = 'x' }");
        assert_eq!(reachable(&tied, &[Shifts], &units(1, &[5])), 1.0 / 120.0);
        assert_eq!(reachable(&tied, &[Shifts], &units(1, &[12])), 1e-4);
    }
}
