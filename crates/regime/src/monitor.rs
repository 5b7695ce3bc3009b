//! Noticing that the rules have changed, from nothing but one's own errors of prediction.

/// Sizes of bets that the e-detector mixes.
const BETS: [f64; 4] = [0.25, 0.5, 1.0, 2.0];
/// The alarm is raised at this evidence. Its reciprocal bounds the rate of false alarms per game (Shin, Ramdas, Rinaldo 2024): the
/// average run until one is at least 1,000 games, if `mu0` is no less than the mean error under the old rules.
pub const ALARM: f64 = 1000.0;

/// An e-detector of Shiryaev-Roberts kind: `M = (M + 1)(1 + l (x - mu0))`, mixed over the bets `l`.
#[derive(Clone, Debug)]
pub struct Detector {
    mu0: f64,
    evidence: [f64; BETS.len()],
}

impl Detector {
    /// For errors in [0, 1] whose mean under the old rules is at most `mu0`, 0 to 0.5.
    #[must_use]
    pub fn new(mu0: f64) -> Detector {
        // 1 + 2 (0 - mu0) must not fall below 0.
        Detector { mu0: mu0.clamp(0.0, 0.5), evidence: [0.0; BETS.len()] }
    }

    /// Sees one game's error, and says whether the alarm is raised.
    pub fn observe(&mut self, error: f64) -> bool {
        for (evidence, bet) in self.evidence.iter_mut().zip(BETS) {
            *evidence = (*evidence + 1.0) * (1.0 + bet * (error.clamp(0.0, 1.0) - self.mu0));
        }
        self.evidence.iter().sum::<f64>() / BETS.len() as f64 >= ALARM
    }
}

/// The game, counted from 1, at which the detector raises its alarm; `None` if it never does.
#[must_use]
pub fn delay(mu0: f64, errors: impl IntoIterator<Item = f64>) -> Option<usize> {
    let mut detector = Detector::new(mu0);
    errors.into_iter().position(|error| detector.observe(error)).map(|game| game + 1)
}

#[cfg(test)]
mod tests {
    use rand::{Rng as _, SeedableRng as _};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    /// Errors of 0 or 1 with this mean.
    fn errors(mean: f64, seed: u64) -> impl Iterator<Item = f64> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        std::iter::repeat_with(move || f64::from(rng.random::<f64>() < mean)).take(20_000)
    }

    #[test]
    fn false_alarms_are_as_rare_as_stated() {
        let run = |seed| delay(0.2, errors(0.2, seed)).unwrap_or(20_000) as f64;
        let mean = (0..100).map(run).sum::<f64>() / 100.0;
        assert!(mean >= 1000.0, "{mean}");
    }

    #[test]
    fn larger_changes_are_seen_sooner() {
        let mean = |after| (0..50).map(|s| delay(0.2, errors(after, s)).unwrap() as f64).sum::<f64>() / 50.0;
        let (small, large) = (mean(0.35), mean(0.7));
        assert!(large < 25.0 && small > 1.5 * large, "{small} {large}");
    }
}
