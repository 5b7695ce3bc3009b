//! Pairs of games counted by result.

use serde::{Deserialize, Serialize};

use super::moments::Moments;
use super::{elo, elo_interval};

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

    /// The match as the other player counts it.
    #[must_use]
    pub fn reversed(&self) -> Pentanomial {
        let mut counts = self.0;
        counts.reverse();
        Pentanomial(counts)
    }

    /// Mean score per game in [0, 1]; NaN without any pair.
    #[must_use]
    pub fn score(&self) -> f64 {
        Moments::of(&self.counts()).mean
    }

    /// Standard error of [`Pentanomial::score`]: the root of (variance of a pair's score / pairs), as fastchess and
    /// fishtest print it. It is 0 when all pairs ended alike, which says nothing about certainty: quote
    /// [`Pentanomial::score_interval`]. NaN without any pair.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        Moments::of(&self.counts()).standard_error()
    }

    /// 95% interval of the score, inside [0, 1] and never of zero width; [0, 1] without any pair.
    ///
    /// It is the normal interval after adding one pair lost twice and one pair won twice, in the manner of Agresti and Coull (The
    /// American Statistician 52:2, 1998). With hundreds of pairs this is close to the plain interval. With few pairs, or with
    /// nearly all pairs alike, the plain interval is far too narrow (100% +- 0 after one pair). This one was chosen by exact
    /// enumeration over drawish, balanced, decisive and one-sided pentanomials of 2 to 100 pairs. It covers the true score in 94%
    /// or more of matches, except for lattice effects (89% at worst, for 10 pairs that are all won or lost twice); the plain
    /// interval covers it in less than 10% in some cases.
    #[must_use]
    pub fn score_interval(&self) -> (f64, f64) {
        if self.pairs() == 0 { (0.0, 1.0) } else { Moments::of(&self.smoothed()).score_interval() }
    }

    /// Logistic Elo difference of the score; `None` where it is not finite (score 0 or 1, or no pairs).
    #[must_use]
    pub fn elo(&self) -> Option<f64> {
        elo(self.score())
    }

    /// Logistic Elo of the two ends of [`Pentanomial::score_interval`]; `None` stands for an end without bound.
    #[must_use]
    pub fn elo_interval(&self) -> (Option<f64>, Option<f64>) {
        elo_interval(self.score_interval())
    }

    /// Normalised Elo: the score's distance from 1/2 in standard deviations of one game, times
    /// [`super::NORMALISED_ELO`] (Michel Van den Bergh, "Normalized Elo", 2020). `None` when all pairs ended alike.
    #[must_use]
    pub fn normalised_elo(&self) -> Option<f64> {
        Moments::of(&self.counts()).normalised_elo(2.0)
    }

    /// 95% interval of the normalised Elo, from the counts with one pair lost twice and one pair won twice added, as for
    /// [`Pentanomial::score_interval`]; `None` without any pair.
    #[must_use]
    pub fn normalised_elo_interval(&self) -> Option<(f64, f64)> {
        Moments::of(&self.smoothed()).normalised_elo_interval(2.0).filter(|_| self.pairs() > 0)
    }

    /// Likelihood of superiority: the probability that the first player is the stronger one. It is the normal approximation for the
    /// counts with one pair lost twice and one pair won twice added, so that it is never 0 or 1 after a pair or two. 1/2 without
    /// any pair.
    #[must_use]
    pub fn los(&self) -> f64 {
        Moments::of(&self.smoothed()).los()
    }

    pub(super) fn counts(&self) -> [f64; 5] {
        self.0.map(|count| count as f64)
    }

    fn smoothed(&self) -> [f64; 5] {
        let mut counts = self.counts();
        counts[0] += 1.0;
        counts[4] += 1.0;
        counts
    }
}
