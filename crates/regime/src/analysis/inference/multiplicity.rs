//! Many tests at once, and effects too small to matter.

use libm::pow;
use serde::{Deserialize, Serialize};

/// The smallest effect of interest, in Elo. It was stated before any run.
pub const SMALLEST_EFFECT: f64 = 20.0;

/// A score difference from 1/2 that a difference in Elo amounts to.
#[must_use]
pub fn score_of_elo(elo: f64) -> f64 {
    1.0 / (1.0 + pow(10.0, -elo / 400.0)) - 0.5
}

/// A difference in Elo on the scale ln(m / (1 - m)).
#[must_use]
pub fn logit_of_elo(elo: f64) -> f64 {
    elo * std::f64::consts::LN_10 / 400.0
}

/// How p values of a family are adjusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Correction {
    /// [`holm`], for the primary claims.
    Holm,
    /// [`benjamini_hochberg`], for a grid.
    BenjaminiHochberg,
    /// No adjustment, for exploratory claims.
    None,
}

impl Correction {
    /// The adjusted p values, in the order given.
    #[must_use]
    pub fn adjust(self, ps: &[f64]) -> Vec<f64> {
        match self {
            Correction::Holm => holm(ps),
            Correction::BenjaminiHochberg => benjamini_hochberg(ps),
            Correction::None => ps.to_vec(),
        }
    }
}

/// p values adjusted by Holm (1979): the chance of any false claim among them stays below the level.
#[must_use]
pub fn holm(ps: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..ps.len()).collect();
    order.sort_by(|a, b| ps[*a].total_cmp(&ps[*b]));
    let (mut adjusted, mut largest) = (vec![1.0; ps.len()], 0.0f64);
    for (rank, i) in order.into_iter().enumerate() {
        largest = largest.max(ps[i] * (ps.len() - rank) as f64).min(1.0);
        adjusted[i] = largest;
    }
    adjusted
}

/// p values adjusted by Benjamini and Hochberg (1995): the expected share of false claims among those made stays below the level.
#[must_use]
pub fn benjamini_hochberg(ps: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..ps.len()).collect();
    order.sort_by(|a, b| ps[*b].total_cmp(&ps[*a]));
    let (mut adjusted, mut smallest) = (vec![1.0; ps.len()], 1.0f64);
    for (i, place) in order.into_iter().enumerate() {
        smallest = smallest.min(ps[place] * ps.len() as f64 / (ps.len() - i) as f64);
        adjusted[place] = smallest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjustments_are_those_of_r() {
        // What R says of p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05)) with "holm" and with "BH".
        let ps = [0.01, 0.02, 0.03, 0.04, 0.05];
        for (a, b) in holm(&ps).iter().zip([0.05, 0.08, 0.09, 0.09, 0.09]) {
            assert!((a - b).abs() < 1e-12);
        }
        assert!(benjamini_hochberg(&ps).iter().all(|p| (p - 0.05).abs() < 1e-12));
        // What R says of p.adjust(c(0.001, 0.04, 0.03), "BH").
        for (a, b) in benjamini_hochberg(&[0.001, 0.04, 0.03]).iter().zip([0.003, 0.04, 0.04]) {
            assert!((a - b).abs() < 1e-12);
        }
        assert_eq!(Correction::None.adjust(&ps), ps);
    }

    #[test]
    fn twenty_elo_are_three_points_of_a_hundred() {
        assert!((score_of_elo(20.0) - 0.028_75).abs() < 1e-5);
        let logit = |m: f64| (m / (1.0 - m)).ln();
        assert!((logit(0.5 + score_of_elo(20.0)) - logit_of_elo(20.0)).abs() < 1e-12);
    }
}
