//! The sequential test that ends a match when the result is clear enough.

use serde::{Deserialize, Serialize};

use super::likelihood::{log_odds, normalised_llr};
use super::{NORMALISED_ELO, Pentanomial, Trinomial, expected_score};

/// A generalised sequential probability ratio test of H0 (`elo0`) against H1 (`elo1`).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "SprtBounds", into = "SprtBounds")]
pub struct Sprt(SprtBounds);

/// The parameters of an [`Sprt`], before they are checked.
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
    /// What `elo0` and `elo1` measure.
    #[serde(default)]
    pub model: EloModel,
}

/// What the Elo differences of a test measure, under the names that fastchess gives them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EloModel {
    /// The expected score: [`super::expected_score`].
    #[default]
    Logistic,
    /// The distance of the expected score from 1/2 in standard deviations of one game: [`super::NORMALISED_ELO`] per deviation. A
    /// test takes about equally long whatever the share of draws is.
    Normalized,
}

/// Which hypothesis a finished [`Sprt`] accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hypothesis {
    /// The difference is no better than `elo0`.
    H0,
    /// The difference is at least `elo1`.
    H1,
}

/// Why parameters make no test.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SprtError {
    /// The hypotheses are in the wrong order, or not finite.
    #[error("SPRT: elo0 = {0} must be less than elo1 = {1}, and both within -2000..2000")]
    Hypotheses(f64, f64),
    /// An error rate is out of range.
    #[error("SPRT: alpha = {0} and beta = {1} must be positive and sum to less than 1")]
    ErrorRates(f64, f64),
    /// A setting is not `KEY=NUMBER`.
    #[error("SPRT setting `{0}`: expected elo0=NUMBER, elo1=NUMBER, alpha=NUMBER, beta=NUMBER or model=MODEL")]
    Setting(String),
    /// The model is unknown, or does not fit pairs.
    #[error(
        "SPRT setting `model={0}`: expected logistic or normalized (bayesian would take the games of a pair as independent)"
    )]
    Model(String),
    /// A setting is given twice.
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
    /// Reads settings as the command line writes them: `elo0=0 elo1=10 alpha=0.05 beta=0.05 model=logistic`, in any
    /// order. The error rates default to 0.05, the model to logistic.
    ///
    /// # Errors
    /// A setting that is unknown, repeated, missing or out of range.
    pub fn from_settings<S: AsRef<str>>(settings: &[S]) -> Result<Sprt, SprtError> {
        let [mut elo0, mut elo1, mut alpha, mut beta] = [None; 4];
        let mut model = None;
        for setting in settings.iter().flat_map(|s| s.as_ref().split_whitespace()) {
            let bad = || SprtError::Setting(setting.to_owned());
            let (key, value) = setting.split_once('=').ok_or_else(bad)?;
            let repeated = || SprtError::Repeated(key.to_owned());
            if key == "model" {
                let chosen = match value {
                    "logistic" => EloModel::Logistic,
                    "normalized" | "normalised" => EloModel::Normalized,
                    _ => return Err(SprtError::Model(value.to_owned())),
                };
                if model.replace(chosen).is_some() {
                    return Err(repeated());
                }
                continue;
            }
            let slot = match key {
                "elo0" => &mut elo0,
                "elo1" => &mut elo1,
                "alpha" => &mut alpha,
                "beta" => &mut beta,
                _ => return Err(bad()),
            };
            if slot.replace(value.parse().map_err(|_| bad())?).is_some() {
                return Err(repeated());
            }
        }
        Sprt::try_from(SprtBounds {
            elo0: elo0.ok_or(SprtError::Missing("elo0"))?,
            elo1: elo1.ok_or(SprtError::Missing("elo1"))?,
            alpha: alpha.unwrap_or(0.05),
            beta: beta.unwrap_or(0.05),
            model: model.unwrap_or_default(),
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
    /// the likeliest pentanomial that fulfils it. Empty classes count as 0.001 pairs, as in fishtest and fastchess.
    #[must_use]
    pub fn llr(&self, results: &Pentanomial) -> f64 {
        self.llr_of(&results.counts(), 2.0)
    }

    /// The generalised log-likelihood ratio of games that are independent of each other; see [`Sprt::llr`].
    #[must_use]
    pub fn llr_of_games(&self, results: &Trinomial) -> f64 {
        self.llr_of(&results.counts(), 1.0)
    }

    /// The generalised log-likelihood ratio for counts of units of `games` games each.
    fn llr_of(&self, counts: &[f64], games: f64) -> f64 {
        if counts.iter().all(|count| *count == 0.0) {
            return 0.0;
        }
        let counts: Vec<f64> = counts.iter().map(|count| if *count == 0.0 { 1e-3 } else { *count }).collect();
        let SprtBounds { elo0, elo1, model, .. } = self.0;
        match model {
            EloModel::Logistic => log_odds(&counts, expected_score(elo0)) - log_odds(&counts, expected_score(elo1)),
            EloModel::Normalized => {
                let deviations = |elo: f64| elo / NORMALISED_ELO * games.sqrt();
                normalised_llr(&counts, deviations(elo0), deviations(elo1))
            }
        }
    }

    /// The hypothesis to accept, if the ratio has reached its bound.
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
