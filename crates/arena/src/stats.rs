//! What a match says about strength: scores of game pairs, Elo, and the sequential test.
//!
//! The unit is the pair: one opening played twice with colours swapped. Its two games share the opening and are not
//! independent, so errors come from the five pair scores (the pentanomial model), as in fishtest and fastchess.
//! Transcendental functions come from `libm`, whose results are the same on every machine: a sequential test stops at
//! the same pair everywhere.

use serde::{Deserialize, Serialize};

/// The 97.5% quantile of the standard normal distribution: half the width of a 95% interval, in standard errors.
pub const Z95: f64 = 1.959_963_984_540_054;

/// Mean score of one game, for each class of pairs.
const CLASS_SCORES: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];

/// Counts of game pairs by their result for the first player: `[LL, LD, DD + WL, WD, WW]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pentanomial(pub [u64; 5]);

impl Pentanomial {
    /// Counts one pair. Results are 1 for a win of the first player, 0 for a draw, -1 for a loss.
    ///
    /// # Panics
    /// If a result is outside -1..=1 so far that the pair has no class.
    pub fn add(&mut self, first: i32, second: i32) {
        let class = usize::try_from(first + second + 2).expect("results are -1, 0 or 1");
        self.0[class] += 1;
    }

    /// Number of pairs.
    #[must_use]
    pub fn pairs(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The same match seen by the other player.
    #[must_use]
    pub fn reversed(&self) -> Pentanomial {
        let mut counts = self.0;
        counts.reverse();
        Pentanomial(counts)
    }

    /// Mean score per game in [0, 1]; NaN without any pair.
    #[must_use]
    pub fn score(&self) -> f64 {
        moments(&self.counts()).mean
    }

    /// Standard error of [`Pentanomial::score`]: the root of (variance of a pair's score / pairs), as fastchess and
    /// fishtest print it. It is 0 when all pairs ended alike, which says nothing about certainty: quote
    /// [`Pentanomial::score_interval`]. NaN without any pair.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        moments(&self.counts()).standard_error()
    }

    /// 95% interval of the score, inside [0, 1] and never of zero width; [0, 1] without any pair.
    ///
    /// The normal interval after adding one pair lost twice and one pair won twice, in the manner of Agresti and Coull
    /// (The American Statistician 52:2, 1998). With hundreds of pairs it is the plain interval. With few, or with
    /// nearly all pairs alike, the plain one is absurdly sure (100% +- 0 after one pair); this one was chosen by exact
    /// enumeration over drawish, balanced, decisive and one-sided pentanomials of 2 to 100 pairs, where it covers the
    /// truth in 94% or more of matches but for lattice effects (89% at worst, 10 pairs that are all won or lost twice;
    /// the plain interval falls below 10%).
    #[must_use]
    pub fn score_interval(&self) -> (f64, f64) {
        let smoothed = moments(&self.smoothed());
        let margin = Z95 * smoothed.standard_error();
        if self.pairs() == 0 {
            return (0.0, 1.0);
        }
        ((smoothed.mean - margin).max(0.0), (smoothed.mean + margin).min(1.0))
    }

    /// Logistic Elo difference of the score; `None` where it is not finite (score 0 or 1, or no pairs).
    #[must_use]
    pub fn elo(&self) -> Option<f64> {
        elo(self.score())
    }

    /// Logistic Elo of the two ends of [`Pentanomial::score_interval`]; `None` stands for an end without bound.
    #[must_use]
    pub fn elo_interval(&self) -> (Option<f64>, Option<f64>) {
        let (low, high) = self.score_interval();
        (elo(low), elo(high))
    }

    /// Normalised Elo: the score's distance from 1/2 in standard deviations of one game, times 800 / ln 10
    /// (Michel Van den Bergh, "Normalized Elo", 2020). `None` when all pairs ended alike.
    #[must_use]
    pub fn normalised_elo(&self) -> Option<f64> {
        let Moments { mean, variance, .. } = moments(&self.counts());
        (variance > 0.0).then(|| (mean - 0.5) / (2.0 * variance).sqrt() * 800.0 / std::f64::consts::LN_10)
    }

    /// Likelihood of superiority: the probability that the first player is the stronger one, by the normal
    /// approximation to the same smoothed counts as [`Pentanomial::score_interval`], so that it never is 0 or 1 on
    /// the strength of a pair or two. 1/2 without any pair.
    #[must_use]
    pub fn los(&self) -> f64 {
        let smoothed = moments(&self.smoothed());
        0.5 * libm::erfc(-(smoothed.mean - 0.5) / smoothed.standard_error() / std::f64::consts::SQRT_2)
    }

    fn counts(&self) -> [f64; 5] {
        self.0.map(|count| count as f64)
    }

    fn smoothed(&self) -> [f64; 5] {
        let mut counts = self.counts();
        counts[0] += 1.0;
        counts[4] += 1.0;
        counts
    }
}

/// Logistic Elo difference at which a player scores `score`: 400 log10(s / (1 - s)); `None` outside (0, 1).
#[must_use]
pub fn elo(score: f64) -> Option<f64> {
    (score > 0.0 && score < 1.0).then(|| 400.0 * libm::log10(score / (1.0 - score)))
}

/// Score that a logistic Elo difference predicts, in (0, 1).
#[must_use]
pub fn expected_score(elo: f64) -> f64 {
    1.0 / (1.0 + libm::pow(10.0, -elo / 400.0))
}

struct Moments {
    pairs: f64,
    mean: f64,
    /// Of one pair's mean score, with divisor n.
    variance: f64,
}

impl Moments {
    fn standard_error(&self) -> f64 {
        (self.variance / self.pairs).sqrt()
    }
}

fn moments(counts: &[f64; 5]) -> Moments {
    let pairs: f64 = counts.iter().sum();
    let average = |f: &dyn Fn(f64) -> f64| counts.iter().zip(CLASS_SCORES).map(|(n, s)| n * f(s)).sum::<f64>() / pairs;
    let mean = average(&|score| score);
    Moments { pairs, mean, variance: average(&|score| (score - mean) * (score - mean)) }
}

/// A generalised sequential probability ratio test of H0 (`elo0`) against H1 (`elo1`), in logistic Elo.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "SprtBounds", into = "SprtBounds")]
pub struct Sprt(SprtBounds);

/// The four numbers of an [`Sprt`], before they are checked.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SprtBounds {
    /// Elo difference under H0.
    pub elo0: f64,
    /// Elo difference under H1, greater than `elo0`.
    pub elo1: f64,
    /// Probability of accepting H1 when H0 holds.
    pub alpha: f64,
    /// Probability of accepting H0 when H1 holds.
    pub beta: f64,
}

/// Which hypothesis a finished [`Sprt`] accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hypothesis {
    /// The difference is no better than `elo0`.
    H0,
    /// The difference is at least `elo1`.
    H1,
}

/// Why SPRT parameters make no test.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SprtError {
    /// The hypotheses are not in order, or not finite.
    #[error("SPRT: elo0 = {0} must be less than elo1 = {1}, and both within -2000..2000")]
    Hypotheses(f64, f64),
    /// An error rate is out of range.
    #[error("SPRT: alpha = {0} and beta = {1} must be positive and sum to less than 1")]
    ErrorRates(f64, f64),
    /// A setting that is not `KEY=NUMBER`.
    #[error("SPRT setting `{0}`: expected elo0=NUMBER, elo1=NUMBER, alpha=NUMBER or beta=NUMBER")]
    Setting(String),
    /// A setting given twice.
    #[error("SPRT setting `{0}` is given twice")]
    Repeated(String),
    /// A hypothesis is not given.
    #[error("SPRT: `{0}=NUMBER` is missing")]
    Missing(&'static str),
}

impl TryFrom<SprtBounds> for Sprt {
    type Error = SprtError;

    fn try_from(b: SprtBounds) -> Result<Sprt, SprtError> {
        if !(b.elo0 < b.elo1 && b.elo0 > -2000.0 && b.elo1 < 2000.0) {
            return Err(SprtError::Hypotheses(b.elo0, b.elo1));
        }
        if !(b.alpha > 0.0 && b.beta > 0.0 && b.alpha + b.beta < 1.0) {
            return Err(SprtError::ErrorRates(b.alpha, b.beta));
        }
        Ok(Sprt(b))
    }
}

impl From<Sprt> for SprtBounds {
    fn from(sprt: Sprt) -> SprtBounds {
        sprt.0
    }
}

impl Sprt {
    /// Reads settings as the command line writes them: `elo0=0 elo1=10 alpha=0.05 beta=0.05`, in any order. The error
    /// rates default to 0.05.
    ///
    /// # Errors
    /// A setting that is unknown, repeated, missing or out of range.
    pub fn from_settings<S: AsRef<str>>(settings: &[S]) -> Result<Sprt, SprtError> {
        let [mut elo0, mut elo1, mut alpha, mut beta] = [None; 4];
        for setting in settings.iter().flat_map(|s| s.as_ref().split_whitespace()) {
            let bad = || SprtError::Setting(setting.to_owned());
            let (key, value) = setting.split_once('=').ok_or_else(bad)?;
            let slot = match key {
                "elo0" => &mut elo0,
                "elo1" => &mut elo1,
                "alpha" => &mut alpha,
                "beta" => &mut beta,
                _ => return Err(bad()),
            };
            if slot.replace(value.parse().map_err(|_| bad())?).is_some() {
                return Err(SprtError::Repeated(key.to_owned()));
            }
        }
        Sprt::try_from(SprtBounds {
            elo0: elo0.ok_or(SprtError::Missing("elo0"))?,
            elo1: elo1.ok_or(SprtError::Missing("elo1"))?,
            alpha: alpha.unwrap_or(0.05),
            beta: beta.unwrap_or(0.05),
        })
    }

    /// The log-likelihood ratios at which H0 and H1 are accepted: Wald's ln(beta / (1 - alpha)) and
    /// ln((1 - beta) / alpha).
    #[must_use]
    pub fn bounds(&self) -> (f64, f64) {
        let SprtBounds { alpha, beta, .. } = self.0;
        (libm::log(beta / (1.0 - alpha)), libm::log((1.0 - beta) / alpha))
    }

    /// Generalised log-likelihood ratio of H1 to H0, in nats, 0 without any pair. Each hypothesis is represented by
    /// the likeliest pentanomial with its score. Empty classes count as 0.001 pairs, as in fishtest and fastchess.
    #[must_use]
    pub fn llr(&self, results: &Pentanomial) -> f64 {
        if results.pairs() == 0 {
            return 0.0;
        }
        let counts = results.counts().map(|count| if count == 0.0 { 1e-3 } else { count });
        log_odds(&counts, expected_score(self.0.elo0)) - log_odds(&counts, expected_score(self.0.elo1))
    }

    /// The hypothesis to accept, if the evidence suffices to stop.
    #[must_use]
    pub fn decide(&self, results: &Pentanomial) -> Option<Hypothesis> {
        let (lower, upper) = self.bounds();
        match self.llr(results) {
            llr if llr >= upper => Some(Hypothesis::H1),
            llr if llr <= lower => Some(Hypothesis::H0),
            _ => None,
        }
    }
}

/// How much likelier (in nats) the observed frequencies make the results than the likeliest distribution with mean
/// `score` does. That distribution is p_i = f_i / (1 + t (a_i - score)), with t such that its mean is `score`
/// (Van den Bergh, "Comments on Normalized Elo", proposition 1.1), hence the sum of n_i ln(1 + t (a_i - score)).
/// All counts must be positive.
fn log_odds(counts: &[f64; 5], score: f64) -> f64 {
    // The secular function falls from +infinity to -infinity between its outer poles; bisection to the last bit.
    let (mut low, mut high) = (-1.0 / (1.0 - score), 1.0 / score);
    loop {
        let t = 0.5 * (low + high);
        if t <= low || t >= high {
            return counts.iter().zip(CLASS_SCORES).map(|(n, a)| n * libm::log1p(low * (a - score))).sum();
        }
        let secular: f64 =
            counts.iter().zip(CLASS_SCORES).map(|(n, a)| n * (a - score) / (1.0 + t * (a - score))).sum();
        if secular > 0.0 {
            low = t;
        } else {
            high = t;
        }
    }
}
