//! What a match says about strength: scores of game pairs, Elo, and the sequential test.
//!
//! The unit is the pair: one opening played twice with colours swapped. Its two games share the opening and are not
//! independent, so errors come from the five pair scores (the pentanomial model), as in fishtest and fastchess.
//! [`Trinomial`] says what the same games would mean if they were independent. Where a payoff makes games worth fractions, pairs have no
//! classes, and errors come from the spread of their mean scores ([`PairMeans`]).
//! Transcendental functions come from `libm`, whose results are the same on every machine: a sequential test stops at
//! the same pair everywhere.

mod likelihood;
mod means;
mod moments;
mod pentanomial;
mod sprt;
mod trinomial;

pub use means::{PairMeans, PairScores};
pub use pentanomial::Pentanomial;
pub use sprt::{EloModel, Hypothesis, Sprt, SprtBounds, SprtError};
pub use trinomial::Trinomial;

/// The 97.5% quantile of the standard normal distribution: half the width of a 95% interval, in standard errors.
pub const Z95: f64 = 1.959_963_984_540_054;

/// Normalised Elo of a player whose score is one standard deviation of a game above 1/2: 800 / ln 10 = 347.4, so that
/// normalised and logistic Elo agree for small differences and games without draws (Van den Bergh, "Normalized Elo").
pub const NORMALISED_ELO: f64 = 800.0 / std::f64::consts::LN_10;

/// Logistic Elo difference at which a player scores `score`: 400 log10(s / (1 - s)); `None` outside (0, 1).
#[must_use]
pub fn elo(score: f64) -> Option<f64> {
    (score > 0.0 && score < 1.0).then(|| 400.0 * libm::log10(score / (1.0 - score)))
}

/// Logistic Elo of the two ends of an interval of scores; `None` stands for an end without bound.
fn elo_interval((low, high): (f64, f64)) -> (Option<f64>, Option<f64>) {
    (elo(low), elo(high))
}

/// The scores within `margin` of `mean`, cut to [0, 1].
fn score_interval(mean: f64, margin: f64) -> (f64, f64) {
    ((mean - margin).max(0.0), (mean + margin).min(1.0))
}

/// Score that a logistic Elo difference predicts, in (0, 1).
#[must_use]
pub fn expected_score(elo: f64) -> f64 {
    1.0 / (1.0 + libm::pow(10.0, -elo / 400.0))
}

/// Probability that a standard normal variable is below `z`.
#[must_use]
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}
