//! Inference over evaluator seeds: the unit that a claim about evaluators generalises over is an independently selected one.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

pub use crate::analysis::inference::multiplicity::{SMALLEST_EFFECT, benjamini_hochberg, holm, score_of_elo};

/// Draws of a bootstrap.
const DRAWS: usize = 2000;
/// The 95% percentile interval of a mean by the hierarchical bootstrap: seeds are drawn with replacement, then pairs within each
/// (Saravanan, Berman, Sober 2020). `None` without data.
#[must_use]
pub fn bootstrap(seeds: &[Vec<f64>], key: u64) -> Option<(f64, f64)> {
    let seeds: Vec<&Vec<f64>> = seeds.iter().filter(|s| !s.is_empty()).collect();
    if seeds.is_empty() {
        return None;
    }
    let mut rng = ChaCha8Rng::seed_from_u64(key);
    let mut means: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let of_seed = |rng: &mut ChaCha8Rng| {
                let seed = seeds[rng.random_range(0..seeds.len())];
                (0..seed.len()).map(|_| seed[rng.random_range(0..seed.len())]).sum::<f64>() / seed.len() as f64
            };
            (0..seeds.len()).map(|_| of_seed(&mut rng)).sum::<f64>() / seeds.len() as f64
        })
        .collect();
    means.sort_by(f64::total_cmp);
    let at = |share: f64| means[((DRAWS - 1) as f64 * share).round() as usize];
    Some((at(0.025), at(0.975)))
}

/// Exact two-sided sign-flip test that per-seed effects are symmetric about 0 (Fisher 1935): the share of the 2^n sign patterns whose
/// mean is at least as far from 0. At most 20 seeds; 1 if there are none.
#[must_use]
pub fn sign_flip(effects: &[f64]) -> f64 {
    let n = effects.len().min(20);
    let observed = effects[..n].iter().sum::<f64>().abs();
    let extreme = (0u32..1 << n)
        .filter(|flips| {
            let sum: f64 =
                effects[..n].iter().enumerate().map(|(i, e)| if flips >> i & 1 == 1 { -e } else { *e }).sum();
            sum.abs() >= observed - 1e-12
        })
        .count();
    extreme as f64 / f64::from(1u32 << n)
}

/// p of two one-sided t tests that the mean of per-seed effects lies within `margin` of 0 (Schuirmann 1987). 1 for fewer than two seeds.
#[must_use]
pub fn equivalence(effects: &[f64], margin: f64) -> f64 {
    let turned: Vec<f64> = effects.iter().map(|e| -e).collect();
    below(effects, margin).max(below(&turned, margin))
}

/// p of a one-sided t test that the mean of per-seed effects is below `margin`. 1 for fewer than two seeds.
#[must_use]
pub fn below(effects: &[f64], margin: f64) -> f64 {
    let n = effects.len() as f64;
    if n < 2.0 {
        return 1.0;
    }
    let mean = effects.iter().sum::<f64>() / n;
    let se = (effects.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / (n - 1.0) / n).sqrt();
    if se == 0.0 {
        return f64::from(mean >= margin);
    }
    let t = StudentsT::new(0.0, 1.0, n - 1.0).expect("at least one degree of freedom");
    t.cdf((mean - margin) / se)
}

/// Pairs of games at which a test of level 5% sees an effect with a power of 80%, at this standard deviation of pair scores.
#[must_use]
pub fn pairs_for(elo: f64, sd: f64) -> f64 {
    (z_sum() * sd / score_of_elo(elo)).powi(2)
}

/// The smallest mean effect that `n` effects of this standard deviation would have shown at 5% with a power of 80%.
#[must_use]
pub fn visible(n: usize, sd: f64) -> f64 {
    z_sum() * sd / (n as f64).sqrt()
}

fn z_sum() -> f64 {
    let normal = Normal::standard();
    normal.inverse_cdf(0.975) + normal.inverse_cdf(0.8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_flip_reaches_what_its_seeds_allow() {
        assert!((sign_flip(&[0.1; 8]) - 2.0 / 256.0).abs() < 1e-12);
        assert!((sign_flip(&[0.1; 12]) - 2.0 / 4096.0).abs() < 1e-12);
        assert!((sign_flip(&[1.0, -1.0]) - 1.0).abs() < 1e-12);
        // {1, 2, 3}: only +++ and --- are as far from 0.
        assert!((sign_flip(&[1.0, 2.0, 3.0]) - 0.25).abs() < 1e-12);
    }

    #[test]
    fn power_is_as_registered() {
        for (elo, pairs) in [(50.0, 168.0), (35.0, 340.0), (20.0, 1035.0), (10.0, 4130.0)] {
            let found = pairs_for(elo, 0.33);
            assert!((found / pairs - 1.0).abs() < 0.015, "{elo} Elo: {found}");
        }
    }

    #[test]
    fn equivalence_needs_nearness_and_precision() {
        let near = [0.001, -0.002, 0.003, 0.0, -0.001, 0.002];
        assert!(equivalence(&near, score_of_elo(20.0)) < 0.001);
        assert!(equivalence(&near.map(|e| e + 0.05), score_of_elo(20.0)) > 0.99);
        assert!(equivalence(&[0.2, -0.2, 0.1, -0.1], score_of_elo(20.0)) > 0.3);
        // One-sample TOST by hand: n = 4, mean 0, sd 0.02, margin 0.03: t = 3, one-sided p with 3 degrees of freedom is 0.02883.
        let sd = 0.02 * (3.0f64 / 4.0).sqrt();
        let p = equivalence(&[sd, -sd, sd, -sd], 0.03);
        assert!((p - 0.028_834).abs() < 1e-4, "{p}");
    }

    #[test]
    fn bootstrap_covers_what_differs_between_seeds() {
        let agreeing = bootstrap(&vec![vec![0.0, 1.0, 0.5, 0.5]; 8], 1).unwrap();
        let apart: Vec<Vec<f64>> = (0..8).map(|i| vec![f64::from(i) / 8.0; 4]).collect();
        let apart = bootstrap(&apart, 1).unwrap();
        assert!(agreeing.0 < 0.5 && agreeing.1 > 0.5);
        assert!(apart.1 - apart.0 > 0.3);
        assert_eq!(bootstrap(&[], 1), None);
    }
}
