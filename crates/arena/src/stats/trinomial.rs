//! Games counted by result, as if they were independent.

use serde::{Deserialize, Serialize};

use super::moments::Moments;
use super::{elo, elo_interval};

/// Counts of games by their result for one player: `[losses, draws, wins]`.
///
/// Errors treat the games as independent. The games of a pair are not: for a match of pairs [`super::Pentanomial`] is right. The
/// numbers here are those that many other programs print, with intervals that are usually too wide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Trinomial(pub [u64; 3]);

impl Trinomial {
    /// Counts one game: 1 for a win, 0 for a draw, -1 for a loss.
    ///
    /// # Panics
    /// If the result is none of these.
    pub fn add(&mut self, result: i32) {
        let class = usize::try_from(result + 1).expect("results are -1, 0 or 1");
        self.0[class] += 1;
    }

    /// Number of games.
    #[must_use]
    pub fn games(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Share of draws, in [0, 1]; NaN without any game.
    #[must_use]
    pub fn draw_rate(&self) -> f64 {
        self.0[1] as f64 / self.games() as f64
    }

    /// Mean score in [0, 1]; NaN without any game.
    #[must_use]
    pub fn score(&self) -> f64 {
        Moments::of(&self.counts()).mean
    }

    /// Standard error of [`Trinomial::score`] for independent games; NaN without any game.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        Moments::of(&self.counts()).standard_error()
    }

    /// 95% interval of the score for independent games. It is the normal interval after adding one win and one loss, as
    /// [`super::Pentanomial::score_interval`] adds two pairs.
    #[must_use]
    pub fn score_interval(&self) -> (f64, f64) {
        if self.games() == 0 { (0.0, 1.0) } else { Moments::of(&self.smoothed()).score_interval() }
    }

    /// Logistic Elo difference of the score; `None` where it is not finite.
    #[must_use]
    pub fn elo(&self) -> Option<f64> {
        elo(self.score())
    }

    /// Logistic Elo of the ends of [`Trinomial::score_interval`]; `None` stands for an infinite end.
    #[must_use]
    pub fn elo_interval(&self) -> (Option<f64>, Option<f64>) {
        elo_interval(self.score_interval())
    }

    /// Normalised Elo of independent games; `None` when all of them ended alike.
    #[must_use]
    pub fn normalised_elo(&self) -> Option<f64> {
        Moments::of(&self.counts()).normalised_elo(1.0)
    }

    /// 95% interval of the normalised Elo, from the counts with one win and one loss added; `None` without any game.
    #[must_use]
    pub fn normalised_elo_interval(&self) -> Option<(f64, f64)> {
        Moments::of(&self.smoothed()).normalised_elo_interval(1.0).filter(|_| self.games() > 0)
    }

    /// Likelihood of superiority for independent games, from the counts with one win and one loss added.
    #[must_use]
    pub fn los(&self) -> f64 {
        Moments::of(&self.smoothed()).los()
    }

    pub(super) fn counts(&self) -> [f64; 3] {
        self.0.map(|count| count as f64)
    }

    fn smoothed(&self) -> [f64; 3] {
        let [losses, draws, wins] = self.counts();
        [losses + 1.0, draws, wins + 1.0]
    }
}
