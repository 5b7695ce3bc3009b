//! Moments of scores that fall into evenly spaced classes from 0 to 1, and what depends on these moments alone.

use super::{NORMALISED_ELO, Z95, normal_cdf, score_interval};

/// The score of a class among `classes` of them.
pub(super) fn class_score(class: usize, classes: usize) -> f64 {
    class as f64 / (classes - 1) as f64
}

/// Moments of the score of one unit (a game, or a pair of games), with divisor n.
pub(super) struct Moments {
    pub(super) units: f64,
    pub(super) mean: f64,
    pub(super) variance: f64,
    third: f64,
    fourth: f64,
}

impl Moments {
    /// The moments of counts by class, the worst class first.
    pub(super) fn of(counts: &[f64]) -> Moments {
        let units: f64 = counts.iter().sum();
        let average = |f: &dyn Fn(f64) -> f64| {
            let scores = (0..counts.len()).map(|class| class_score(class, counts.len()));
            counts.iter().zip(scores).map(|(n, s)| n * f(s)).sum::<f64>() / units
        };
        let mean = average(&|score| score);
        let power = |k: i32| average(&|score| (0..k).fold(1.0, |product, _| product * (score - mean)));
        Moments { units, mean, variance: power(2), third: power(3), fourth: power(4) }
    }

    pub(super) fn standard_error(&self) -> f64 {
        (self.variance / self.units).sqrt()
    }

    /// The normal 95% interval of the mean score, cut to [0, 1].
    pub(super) fn score_interval(&self) -> (f64, f64) {
        score_interval(self.mean, Z95 * self.standard_error())
    }

    /// Probability, by the normal approximation, that the score is more than 1/2 in the long run.
    pub(super) fn los(&self) -> f64 {
        normal_cdf((self.mean - 0.5) / self.standard_error())
    }

    /// Normalised Elo for units of `games` games each; `None` if all scores are equal.
    pub(super) fn normalised_elo(&self, games: f64) -> Option<f64> {
        (self.variance > 0.0).then(|| (self.mean - 0.5) / (games * self.variance).sqrt() * NORMALISED_ELO)
    }

    /// 95% interval of the normalised Elo by the delta method: for t = (mean - 1/2) / deviation the variance is
    /// (1 - t skewness + t^2 (kurtosis - 1) / 4) / n, which also counts that the deviation is estimated.
    pub(super) fn normalised_elo_interval(&self, games: f64) -> Option<(f64, f64)> {
        let elo = self.normalised_elo(games)?;
        let deviation = self.variance.sqrt();
        let t = (self.mean - 0.5) / deviation;
        let skewness = self.third / (self.variance * deviation);
        let kurtosis = self.fourth / (self.variance * self.variance);
        let variance = (1.0 - t * skewness + t * t * (kurtosis - 1.0) / 4.0).max(0.0) / self.units;
        let margin = Z95 * variance.sqrt() / games.sqrt() * NORMALISED_ELO;
        Some((elo - margin, elo + margin))
    }
}
