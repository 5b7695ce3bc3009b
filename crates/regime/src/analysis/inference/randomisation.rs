//! Randomisation tests: sign flips and permutations, exact where all arrangements can be gone through, else by keyed draws.

use rand::{Rng as _, RngCore as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::suite::{MOST_ARRANGED, MOST_FLIPPED, arrangements, smallest_flip, smallest_permutation};

/// Two sums count as equal if they differ by less than this share of the sum of all absolute values.
const TIE: f64 = 1e-10;

/// A stream of random numbers for tests whose arrangements are too many to go through.
#[derive(Clone, Copy, Debug)]
pub struct MonteCarlo {
    /// Key of the claim.
    pub key: u64,
    /// Number of the purpose under that key.
    pub stream: u64,
    /// Number of draws.
    pub draws: u32,
}

impl MonteCarlo {
    /// The generator at its start.
    #[must_use]
    pub fn rng(&self) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.key);
        rng.set_stream(self.stream);
        rng
    }
}

/// What a randomisation test says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Randomised {
    /// Two-sided p: the share of arrangements whose statistic is at least as far from 0 as the one observed; (1 + k) / (1 + n) where k of n
    /// drawn arrangements are (Phipson and Smyth 2010).
    pub p: f64,
    /// The smallest p that any data of this size could have given.
    pub smallest: f64,
    /// Whether all arrangements were gone through.
    pub exact: bool,
}

/// Two-sided sign-flip test that values are symmetric about 0 (Fisher 1935), by the distance of their sum from 0.
#[must_use]
pub fn sign_flip(values: &[f64], monte_carlo: &MonteCarlo) -> Randomised {
    let smallest = smallest_flip(values.len(), monte_carlo.draws);
    let observed = values.iter().sum::<f64>().abs() - TIE * values.iter().map(|v| v.abs()).sum::<f64>();
    let exact = values.len() <= MOST_FLIPPED;
    // A sum that overflows says nothing, so p is 1.
    let p = if !observed.is_finite() || observed <= 0.0 {
        1.0
    } else if exact {
        flips_as_far(values, observed)
    } else {
        let total: f64 = values.iter().sum();
        let mut rng = monte_carlo.rng();
        let mut as_far = 0u32;
        for _ in 0..monte_carlo.draws {
            let mut flipped = 0.0;
            for chunk in values.chunks(64) {
                let mut signs = rng.next_u64();
                for value in chunk {
                    flipped += if signs & 1 == 1 { *value } else { 0.0 };
                    signs >>= 1;
                }
            }
            as_far += u32::from((total - 2.0 * flipped).abs() >= observed);
        }
        (1.0 + f64::from(as_far)) / (1.0 + f64::from(monte_carlo.draws))
    };
    Randomised { p, smallest, exact }
}

/// The share of the 2^n sign patterns whose sum is at least `observed` (above 0) from 0. Sums of one half of the values are sorted, so that
/// for each sum of the other half those that take it far enough are counted by bisection.
fn flips_as_far(values: &[f64], observed: f64) -> f64 {
    let (left, right) = values.split_at(values.len() / 2);
    let mut sorted = signed_sums(right);
    sorted.sort_unstable_by(f64::total_cmp);
    let as_far: usize = signed_sums(left)
        .into_iter()
        .map(|sum| {
            let above = sorted.len() - sorted.partition_point(|other| sum + other < observed);
            let below = sorted.partition_point(|other| sum + other <= -observed);
            above + below
        })
        .sum();
    as_far as f64 / f64::from(1u32 << values.len())
}

fn signed_sums(values: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0];
    for value in values {
        sums = sums.iter().flat_map(|sum| [sum - value, sum + value]).collect();
    }
    sums
}

/// Permutation test: the share of arrangements of `labels` whose `statistic` (a distance, 0 or more) is at least that observed.
pub fn permutation(labels: &[u32], monte_carlo: &MonteCarlo, mut statistic: impl FnMut(&[u32]) -> f64) -> Randomised {
    let smallest = smallest_permutation(labels, monte_carlo.draws);
    let observed = statistic(labels) * (1.0 - TIE);
    let mut labels = labels.to_vec();
    let count = arrangements(&labels);
    let exact = count <= MOST_ARRANGED;
    let mut as_far = 0u32;
    if exact {
        labels.sort_unstable();
        loop {
            as_far += u32::from(!closer(statistic(&labels), observed));
            if !next_arrangement(&mut labels) {
                break;
            }
        }
        return Randomised { p: f64::from(as_far) / count, smallest, exact };
    }
    let mut rng = monte_carlo.rng();
    for _ in 0..monte_carlo.draws {
        for i in (1..labels.len()).rev() {
            labels.swap(i, rng.random_range(0..=i as u32) as usize);
        }
        as_far += u32::from(!closer(statistic(&labels), observed));
    }
    Randomised { p: (1.0 + f64::from(as_far)) / (1.0 + f64::from(monte_carlo.draws)), smallest, exact }
}

/// Whether a statistic is nearer to 0 than the observed one. Of a statistic that overflowed nobody knows, so it is not.
fn closer(statistic: f64, observed: f64) -> bool {
    statistic < observed
}

/// The next arrangement in lexicographic order (Knuth, TAOCP 7.2.1.2, algorithm L); false after the last.
fn next_arrangement(labels: &mut [u32]) -> bool {
    let Some(place) = (1..labels.len()).rev().find(|i| labels[i - 1] < labels[*i]) else { return false };
    let larger = (place..labels.len()).rev().find(|i| labels[*i] > labels[place - 1]).unwrap_or(place);
    labels.swap(place - 1, larger);
    labels[place..].reverse();
    true
}

/// Values of units in groups, to be permuted between them.
#[derive(Clone, Debug)]
pub struct Groups {
    /// One value per unit.
    pub values: Vec<f64>,
    /// The group of each unit, from 0.
    pub labels: Vec<u32>,
    /// The weight of each group's mean in the effect; they add to 0.
    pub weights: Vec<f64>,
}

/// Permutation of group labels, by the weighted sum of group means divided by its standard error. Dividing makes the test right in large
/// samples even where groups vary unequally, and leaves it exact where they do not (Janssen 1997; Chung and Romano 2013).
#[must_use]
pub fn group_permutation(groups: &Groups, monte_carlo: &MonteCarlo) -> Randomised {
    let mean = groups.values.iter().sum::<f64>() / groups.values.len().max(1) as f64;
    let values: Vec<f64> = groups.values.iter().map(|v| v - mean).collect();
    let mut sizes = vec![0.0; groups.weights.len()];
    for label in &groups.labels {
        sizes[*label as usize] += 1.0;
    }
    let mut sums = vec![Sums::default(); groups.weights.len()];
    permutation(&groups.labels, monte_carlo, |labels| {
        sums.fill(Sums::default());
        for (value, label) in values.iter().zip(labels) {
            let sums = &mut sums[*label as usize];
            sums.values += value;
            sums.squares += value * value;
        }
        let (mut difference, mut variance) = (0.0, 0.0);
        for ((sums, size), weight) in sums.iter().zip(&sizes).zip(&groups.weights) {
            let mean = sums.values / size;
            difference += weight * mean;
            variance += weight * weight * (sums.squares - size * mean * mean).max(0.0) / ((size - 1.0) * size);
        }
        studentised(difference, variance)
    })
}

#[derive(Clone, Copy, Default)]
struct Sums {
    values: f64,
    squares: f64,
}

fn studentised(difference: f64, variance: f64) -> f64 {
    match (difference == 0.0, variance > 0.0) {
        (true, _) => 0.0,
        (false, true) => difference.abs() / variance.sqrt(),
        (false, false) => f64::INFINITY,
    }
}

/// Labels from 0 in the order of the values; equal values share one.
#[must_use]
pub fn dense_ranks(values: &[f64]) -> Vec<u32> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.dedup();
    values.iter().map(|v| sorted.partition_point(|s| s < v) as u32).collect()
}

/// Permutation test of the correlation of two lists of equal length (of their ranks, for Spearman's).
#[must_use]
pub fn correlation_permutation(x: &[f64], y: &[f64], monte_carlo: &MonteCarlo) -> Randomised {
    let labels = dense_ranks(x);
    let mut levels = vec![0.0; labels.len()];
    for (label, value) in labels.iter().zip(x) {
        levels[*label as usize] = *value;
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let (mean_x, mean_y) = (mean(x), mean(y));
    levels.iter_mut().for_each(|level| *level -= mean_x);
    let y: Vec<f64> = y.iter().map(|value| value - mean_y).collect();
    permutation(&labels, monte_carlo, |labels| {
        labels.iter().zip(&y).map(|(label, y)| levels[*label as usize] * y).sum::<f64>().abs()
    })
}

/// Permutation test of the coefficient of `member` (0 or 1) in y = a + b `covariate` + c `member`: residuals of the regression without
/// `member` are permuted, and the t statistic of c is compared (Freedman and Lane 1983). Exact only in the limit.
///
/// The covariate must not be constant, nor determine `member`.
#[must_use]
pub fn coefficient_permutation(y: &[f64], covariate: &[f64], member: &[f64], monte_carlo: &MonteCarlo) -> Randomised {
    let n = y.len() as f64;
    let centred = |values: &[f64]| -> Vec<f64> {
        let mean = values.iter().sum::<f64>() / n;
        values.iter().map(|v| v - mean).collect()
    };
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let z = centred(covariate);
    let zz = dot(&z, &z);
    let without = |values: &[f64]| -> Vec<f64> {
        let values = centred(values);
        let slope = dot(&values, &z) / zz;
        values.iter().zip(&z).map(|(v, z)| v - slope * z).collect()
    };
    let (residuals, member) = (without(y), without(member));
    let (mm, ee) = (dot(&member, &member), dot(&residuals, &residuals));
    let labels = dense_ranks(&residuals);
    let mut levels = vec![0.0; labels.len()];
    for (label, value) in labels.iter().zip(&residuals) {
        levels[*label as usize] = *value;
    }
    permutation(&labels, monte_carlo, |labels| {
        let (mut ze, mut me) = (0.0, 0.0);
        for ((label, z), m) in labels.iter().zip(&z).zip(&member) {
            ze += levels[*label as usize] * z;
            me += levels[*label as usize] * m;
        }
        studentised(me / mm, (ee - ze * ze / zz - me * me / mm).max(0.0) / (n - 3.0) / mm)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWN: MonteCarlo = MonteCarlo { key: 1, stream: 1, draws: 9_999 };

    #[test]
    fn sign_flips_reach_what_their_units_allow() {
        for n in [1, 2, 3, 8, 12, 20] {
            let all = sign_flip(&vec![0.1; n], &DRAWN);
            assert_eq!(
                all,
                Randomised { p: 2.0f64.powi(1 - n as i32), smallest: 2.0f64.powi(1 - n as i32), exact: true }
            );
        }
        assert_eq!(sign_flip(&[1.0, -1.0], &DRAWN).p, 1.0);
        assert_eq!(sign_flip(&[0.0; 5], &DRAWN).p, 1.0);
        assert_eq!(sign_flip(&[], &DRAWN).p, 1.0);
        assert_eq!(sign_flip(&[f64::NAN, 1.0, 1.0], &DRAWN).p, 1.0);
        assert_eq!(sign_flip(&[f64::INFINITY; 6], &DRAWN).p, 1.0);
        // {1, 2, 3}: only +++ and --- are as far from 0; {1, 2, -3} is at 0; {1, 2, -2}: 1 of 5, 3, 1, 1 and their mirror images.
        assert_eq!(sign_flip(&[1.0, 2.0, 3.0], &DRAWN).p, 0.25);
        assert_eq!(sign_flip(&[1.0, 2.0, -3.0], &DRAWN).p, 1.0);
        assert_eq!(sign_flip(&[1.0, 2.0, -2.0], &DRAWN).p, 1.0);
        assert_eq!(sign_flip(&[1.0, 2.0, 2.0, -1.0], &DRAWN).p, 6.0 / 16.0);
    }

    #[test]
    fn many_units_are_drawn() {
        let all = sign_flip(&[1.0; 70], &DRAWN);
        assert_eq!((all.p, all.smallest, all.exact), (1e-4, 1e-4, false));
        // One unit outweighs all others: the sum is as far from 0 whatever the signs of the rest, in half of the patterns.
        let mut values = vec![0.01; 21];
        values[0] = 1.0;
        values[1..11].fill(-0.01);
        let p = sign_flip(&values, &DRAWN).p;
        assert!((p - 0.588).abs() < 0.02, "{p}");
    }

    #[test]
    fn arrangements_are_counted_and_gone_through() {
        assert_eq!(arrangements(&[0, 0, 1, 1]), 6.0);
        assert_eq!(arrangements(&[3, 1, 2]), 6.0);
        assert_eq!(arrangements(&[0; 5]), 1.0);
        assert_eq!(arrangements(&[vec![0; 10], vec![1; 10]].concat()), 184_756.0);
        let mut labels = [0, 0, 1, 1, 2];
        let mut seen = 1;
        while next_arrangement(&mut labels) {
            seen += 1;
        }
        assert_eq!(f64::from(seen), arrangements(&labels));
        assert_eq!(smallest_permutation(&[0, 1, 1, 0], 99), 2.0 / 6.0);
        assert_eq!(smallest_permutation(&[0, 1, 1, 1, 0], 99), 0.1);
        assert_eq!(smallest_permutation(&(0..30).collect::<Vec<_>>(), 99), 0.01);
    }

    #[test]
    fn groups_far_apart_reach_the_smallest_p() {
        let groups = |values: &[f64], second: usize| Groups {
            values: values.to_vec(),
            labels: (0..values.len()).map(|i| u32::from(i >= second)).collect(),
            weights: vec![1.0, -1.0],
        };
        let p = |values: &[f64], second| group_permutation(&groups(values, second), &DRAWN).p;
        assert_eq!(p(&[1.0, 1.1, 1.2, 0.0, 0.1, 0.3], 3), 0.1);
        assert_eq!(p(&[1.0, 1.1, 1.2, 0.0, 0.1, 0.3, 0.2], 3), 1.0 / 35.0);
        assert_eq!(p(&[1.0, 1.0, 0.0, 0.0], 2), 2.0 / 6.0);
        assert_eq!(p(&[1.0; 6], 3), 1.0);
        assert_eq!(p(&[f64::NAN, 1.0, 2.0, 3.0], 2), 1.0);
    }

    #[test]
    fn order_is_what_a_correlation_is_tested_by() {
        let x = [1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!(correlation_permutation(&x, &[2.0, 4.0, 6.0, 8.0, 10.0], &DRAWN).p, 2.0 / 120.0);
        // Tied covariates have fewer arrangements: 3 places for the odd one.
        assert_eq!(correlation_permutation(&[0.0, 0.0, 1.0], &[1.0, 2.0, 5.0], &DRAWN).p, 1.0 / 3.0);
    }
}
