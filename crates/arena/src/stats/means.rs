//! Pairs of games whose scores are numbers: where a payoff makes games worth fractions, there are no five classes to count.

use serde::{Deserialize, Serialize};

use super::{Pentanomial, Z95, elo, elo_interval, normal_cdf, score_interval};

/// Degrees of freedom up to which the quantile of Student's distribution is computed by its finite series.
const SERIES: u64 = 200;

/// Mean and spread of the scores of game pairs, each the mean of the scores of its two games: (1 + worth) / 2, from 0 to 1.
///
/// Updated by Welford's method (Technometrics 4:3, 1962), so that pairs that all scored alike have no spread at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairMeans {
    pairs: u64,
    mean: f64,
    /// Sum of the squared deviations from the mean.
    squares: f64,
}

impl PairMeans {
    /// Counts one pair by what its games were worth to the first player, each in [-1, 1].
    pub fn add(&mut self, first: f32, second: f32) {
        self.add_score((2.0 + f64::from(first) + f64::from(second)) / 4.0);
    }

    fn add_score(&mut self, score: f64) {
        self.pairs += 1;
        let before = score - self.mean;
        self.mean += before / self.pairs as f64;
        self.squares += before * (score - self.mean);
    }

    /// Both samples as one (Chan, Golub and LeVeque, The American Statistician 37:3, 1983).
    #[must_use]
    pub fn merged(&self, other: &PairMeans) -> PairMeans {
        let pairs = self.pairs + other.pairs;
        if self.pairs == 0 || other.pairs == 0 {
            return if self.pairs == 0 { *other } else { *self };
        }
        let (distance, share) = (other.mean - self.mean, other.pairs as f64 / pairs as f64);
        let between = distance * distance * self.pairs as f64 * share;
        PairMeans { pairs, mean: self.mean + distance * share, squares: self.squares + other.squares + between }
    }

    /// Number of pairs.
    #[must_use]
    pub fn pairs(&self) -> u64 {
        self.pairs
    }

    /// Mean score in [0, 1]; NaN without any pair.
    #[must_use]
    pub fn score(&self) -> f64 {
        if self.pairs == 0 { f64::NAN } else { self.mean }
    }

    /// Standard error of [`PairMeans::score`]: the root of (sample variance of a pair's score, with divisor n - 1, / pairs). NaN with fewer
    /// than two pairs.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        if self.pairs < 2 { f64::NAN } else { (self.squares / (self.pairs - 1) as f64 / self.pairs as f64).sqrt() }
    }

    /// 95% interval of the score, inside [0, 1] and never of zero width; [0, 1] without any pair.
    ///
    /// Student's interval ("The probable error of a mean", Biometrika 6:1, 1908) after adding one pair of score 0 and one of score 1, as
    /// [`Pentanomial::score_interval`] does and for its reason: a few pairs that scored alike are no certainty. By exact enumeration over
    /// distributions of pair scores that a payoff of fractions makes it covers the truth in 94% or more of matches of 1 to 20 pairs.
    #[must_use]
    pub fn score_interval(&self) -> (f64, f64) {
        if self.pairs == 0 {
            return (0.0, 1.0);
        }
        let smoothed = self.smoothed();
        let margin = student_quantile(smoothed.pairs - 1) * smoothed.standard_error();
        score_interval(smoothed.mean, margin)
    }

    /// Logistic Elo difference of the mean score; `None` where it is not finite (score 0 or 1, or no pairs).
    #[must_use]
    pub fn elo(&self) -> Option<f64> {
        elo(self.score())
    }

    /// Logistic Elo of the two ends of [`PairMeans::score_interval`]; `None` stands for an end without bound.
    #[must_use]
    pub fn elo_interval(&self) -> (Option<f64>, Option<f64>) {
        elo_interval(self.score_interval())
    }

    /// Probability that the first player scores more than half in the long run, by the normal approximation to the sample of
    /// [`PairMeans::score_interval`]. 1/2 without any pair.
    #[must_use]
    pub fn los(&self) -> f64 {
        let smoothed = self.smoothed();
        normal_cdf((smoothed.mean - 0.5) / smoothed.standard_error())
    }

    fn smoothed(&self) -> PairMeans {
        let mut smoothed = *self;
        smoothed.add_score(0.0);
        smoothed.add_score(1.0);
        smoothed
    }
}

impl From<Pentanomial> for PairMeans {
    fn from(counts: Pentanomial) -> PairMeans {
        let mut means = PairMeans::default();
        for (class, count) in counts.0.into_iter().enumerate() {
            (0..count).for_each(|_| means.add_score(class as f64 / 4.0));
        }
        means
    }
}

/// The 97.5% quantile of Student's distribution.
fn student_quantile(freedom: u64) -> f64 {
    let nu = freedom as f64;
    if freedom > SERIES {
        // Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5; three terms are good to 1e-9 here.
        let (z, z2) = (Z95, Z95 * Z95);
        let first = z * (z2 + 1.0) / 4.0;
        let second = z * ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0;
        let third = z * (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0;
        return z + (first + (second + third / nu) / nu) / nu;
    }
    let (mut low, mut high) = (1.0, 13.0);
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return middle;
        }
        if two_sided_probability(middle, freedom) < 0.95 {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// Probability that a variable of Student's distribution lies within `t` of 0: the finite series of Abramowitz and Stegun, 26.7.3 and
/// 26.7.4, in sine and cosine of the angle whose tangent is t / sqrt(freedom).
fn two_sided_probability(t: f64, freedom: u64) -> f64 {
    let nu = freedom as f64;
    let hypotenuse = (nu + t * t).sqrt();
    let (sine, cosine) = (t / hypotenuse, nu.sqrt() / hypotenuse);
    let odd = freedom % 2 == 1;
    let (mut term, mut sum) = if odd { (cosine, 0.0) } else { (1.0, 0.0) };
    let mut k = if odd { 1 } else { 0 };
    while k + 2 <= freedom {
        sum += term;
        k += 2;
        term *= cosine * cosine * (k - 1) as f64 / k as f64;
    }
    if odd { 2.0 / std::f64::consts::PI * (libm::atan2(t, nu.sqrt()) + sine * sum) } else { sine * sum }
}

/// The scores of the pairs of a match, as its rules let them be kept.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PairScores {
    /// Counted by class: games are won, drawn or lost.
    Counted(Pentanomial),
    /// As numbers: games may be worth fractions.
    Measured(PairMeans),
}

impl Default for PairScores {
    fn default() -> PairScores {
        PairScores::Counted(Pentanomial::default())
    }
}

impl PairScores {
    /// No pairs yet, of games with three outcomes or of such that may be worth fractions.
    #[must_use]
    pub fn new(ternary: bool) -> PairScores {
        if ternary { PairScores::default() } else { PairScores::Measured(PairMeans::default()) }
    }

    /// The counts by class; `None` where there are no classes.
    #[must_use]
    pub fn pentanomial(&self) -> Option<Pentanomial> {
        match self {
            PairScores::Counted(counts) => Some(*counts),
            PairScores::Measured(_) => None,
        }
    }

    /// Both samples as one, counted by class if both are.
    #[must_use]
    pub fn merged(&self, other: &PairScores) -> PairScores {
        match (self, other) {
            (PairScores::Counted(a), PairScores::Counted(b)) => {
                PairScores::Counted(Pentanomial(std::array::from_fn(|class| a.0[class] + b.0[class])))
            }
            _ => PairScores::Measured(self.means().merged(&other.means())),
        }
    }

    /// The scores as numbers.
    fn means(&self) -> PairMeans {
        match self {
            PairScores::Counted(counts) => (*counts).into(),
            PairScores::Measured(means) => *means,
        }
    }

    /// Number of pairs.
    #[must_use]
    pub fn pairs(&self) -> u64 {
        match self {
            PairScores::Counted(counts) => counts.pairs(),
            PairScores::Measured(means) => means.pairs(),
        }
    }

    /// Mean score per game in [0, 1]; NaN without any pair.
    #[must_use]
    pub fn score(&self) -> f64 {
        match self {
            PairScores::Counted(counts) => counts.score(),
            PairScores::Measured(means) => means.score(),
        }
    }

    /// Standard error of the score: [`Pentanomial::standard_error`] or [`PairMeans::standard_error`].
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        match self {
            PairScores::Counted(counts) => counts.standard_error(),
            PairScores::Measured(means) => means.standard_error(),
        }
    }

    /// 95% interval of the score: [`Pentanomial::score_interval`] or [`PairMeans::score_interval`].
    #[must_use]
    pub fn score_interval(&self) -> (f64, f64) {
        match self {
            PairScores::Counted(counts) => counts.score_interval(),
            PairScores::Measured(means) => means.score_interval(),
        }
    }

    /// Logistic Elo difference of the score; `None` where it is not finite.
    #[must_use]
    pub fn elo(&self) -> Option<f64> {
        elo(self.score())
    }

    /// Logistic Elo of the two ends of [`PairScores::score_interval`]; `None` stands for an end without bound.
    #[must_use]
    pub fn elo_interval(&self) -> (Option<f64>, Option<f64>) {
        elo_interval(self.score_interval())
    }

    /// Likelihood of superiority: [`Pentanomial::los`] or [`PairMeans::los`].
    #[must_use]
    pub fn los(&self) -> f64 {
        match self {
            PairScores::Counted(counts) => counts.los(),
            PairScores::Measured(means) => means.los(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (freedom, expected) in [
            (1, 12.706_204_736),
            (2, 4.302_652_730),
            (3, 3.182_446_305),
            (4, 2.776_445_105),
            (5, 2.570_581_836),
            (10, 2.228_138_852),
            (30, 2.042_272_456),
            (100, 1.983_971_519),
            (200, 1.971_896_224),
            (1000, 1.962_339_081),
            (1_000_000, 1.959_966_357),
        ] {
            let found = student_quantile(freedom);
            assert!((found - expected).abs() < 2e-8, "{freedom}: {found} {expected}");
        }
        // Where the series hands over to the expansion.
        let step = |freedom: u64| student_quantile(freedom) - student_quantile(freedom + 1);
        assert!((step(SERIES) / step(SERIES - 1) - 1.0).abs() < 0.02);
    }
}
