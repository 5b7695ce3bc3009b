//! Detectors that notice a change of the rules from an agent's own errors of prediction and from nothing else.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::suite::Detector;

/// Sizes of bets that the e-detector mixes.
const BETS: [f64; 4] = [0.25, 0.5, 1.0, 2.0];
/// The evidence at which the e-detector raises its alarm. The reciprocal bounds the rate of false alarms per game (Shin, Ramdas, Rinaldo
/// 2024): on average at least 1,000 games pass until a false alarm, if `mu0` is no less than the mean error under the old rules.
pub const ALARM: f64 = 1000.0;

/// An e-detector of Shiryaev-Roberts kind on errors `x`: `M = (M + 1)(1 + l (x - mu0))`, averaged over the bets `l`.
#[derive(Clone, Debug)]
pub struct Evidence {
    mu0: f64,
    evidence: [f64; BETS.len()],
}

impl Evidence {
    /// For errors in [0, 1] whose mean under the old rules is at most `mu0`, 0 to 0.5.
    #[must_use]
    pub fn new(mu0: f64) -> Evidence {
        // With the largest bet, 2, and an error of 0 the factor is 1 - 2 mu0, which must not fall below 0.
        Evidence { mu0: mu0.clamp(0.0, 0.5), evidence: [0.0; BETS.len()] }
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
    let mut detector = Evidence::new(mu0);
    errors.into_iter().position(|error| detector.observe(error)).map(|game| game + 1)
}

/// Standard deviation, 0 for fewer than two values.
fn deviation(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    if n < 2.0 { 0.0 } else { (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt() }
}

/// Page's cumulative sum (1954): `S = max(0, S + x - mean - slack)`, alarm where it passes the threshold.
#[derive(Clone, Debug)]
pub struct Cusum {
    reference: f64,
    threshold: f64,
    sum: f64,
}

/// The test of Page and Hinkley as in Gama et al. (2014): the sum of `x - running mean - slack`, alarm where it rises above its least
/// value by more than the threshold. The running mean begins with the errors that it was calibrated on.
#[derive(Clone, Debug)]
pub struct PageHinkley {
    slack: f64,
    threshold: f64,
    count: f64,
    mean: f64,
    sum: f64,
    least: f64,
}

/// A threshold is chosen by so many simulated sequences of games, each of at most so many games.
const CALIBRATION: (u64, usize) = (40, 4000);
/// Games that pass on average until a false alarm, which a threshold is chosen for: as many as [`ALARM`] guarantees.
const RUN: f64 = 1000.0;

/// The least threshold, to a thousandth, whose average run on errors drawn from `errors` is at least [`RUN`] games.
fn threshold(errors: &[f64], key: u64, delay: impl Fn(f64, &mut dyn Iterator<Item = f64>) -> Option<usize>) -> f64 {
    if errors.is_empty() {
        return f64::INFINITY;
    }
    let (sequences, longest) = CALIBRATION;
    let run = |threshold: f64| {
        let of = |i: u64| {
            let mut rng = ChaCha8Rng::seed_from_u64(key << 16 | i);
            let mut drawn = (0..longest).map(|_| errors[rng.random_range(0..errors.len())]);
            delay(threshold, &mut drawn).unwrap_or(longest) as f64
        };
        (0..sequences).map(of).sum::<f64>() / sequences as f64
    };
    let (mut low, mut high) = (0.0, 64.0);
    while high - low > 1e-3 {
        let middle = f64::midpoint(low, high);
        if run(middle) < RUN { low = middle } else { high = middle }
    }
    high
}

impl Cusum {
    /// A detector with half a standard deviation of `errors` as slack, whose threshold lets 1,000 games pass on average until a false alarm.
    /// `key` selects the random streams that the threshold is simulated with.
    #[must_use]
    pub fn calibrated(errors: &[f64], key: u64) -> Cusum {
        let mean = errors.iter().sum::<f64>() / errors.len().max(1) as f64;
        let mut cusum = Cusum { reference: mean + deviation(errors) / 2.0, threshold: f64::INFINITY, sum: 0.0 };
        cusum.threshold = threshold(errors, key, |threshold, drawn| Cusum { threshold, ..cusum.clone() }.delay(drawn));
        cusum
    }

    /// The game, counted from 1, at which the alarm is raised.
    pub fn delay(mut self, errors: impl IntoIterator<Item = f64>) -> Option<usize> {
        let alarm = |error: f64| {
            self.sum = (self.sum + error - self.reference).max(0.0);
            self.sum > self.threshold
        };
        errors.into_iter().position(alarm).map(|game| game + 1)
    }
}

impl PageHinkley {
    /// As [`Cusum::calibrated`].
    #[must_use]
    pub fn calibrated(errors: &[f64], key: u64) -> PageHinkley {
        let (count, slack) = (errors.len() as f64, deviation(errors) / 2.0);
        let mean = errors.iter().sum::<f64>() / count.max(1.0);
        let mut test = PageHinkley { slack, threshold: f64::INFINITY, count, mean, sum: 0.0, least: 0.0 };
        test.threshold =
            threshold(errors, key, |threshold, drawn| PageHinkley { threshold, ..test.clone() }.delay(drawn));
        test
    }

    /// The game, counted from 1, at which the alarm is raised.
    pub fn delay(mut self, errors: impl IntoIterator<Item = f64>) -> Option<usize> {
        let alarm = |error: f64| {
            self.count += 1.0;
            self.mean += (error - self.mean) / self.count;
            self.sum += error - self.mean - self.slack;
            self.least = self.least.min(self.sum);
            self.sum - self.least > self.threshold
        };
        errors.into_iter().position(alarm).map(|game| game + 1)
    }
}

/// What a monitor sees of a game.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeenGame {
    /// Mean squared difference of the agent's estimates from the result, 0 to 1; `None` if it made no estimate.
    pub error: Option<f64>,
    /// Mean squared change of the agent's estimate from one of its moves to the next, 0 to 1; `None` if it made fewer than two.
    pub drift: Option<f64>,
}

/// The mean to which changes of the agent's estimate are scaled, so that the bets that suit errors of prediction suit them as well.
const DRIFT_SCALE: f64 = 0.2;

/// A detector that was calibrated on games under the old rules.
#[derive(Clone, Debug)]
pub struct Calibrated {
    sees_errors: bool,
    /// What values are multiplied with before they are watched.
    scale: f64,
    watch: Watch,
}

#[derive(Clone, Debug)]
enum Watch {
    /// An e-detector, with the mean error of the old rules, from which on errors are evidence.
    Evidence(f64),
    Cusum(Cusum),
    PageHinkley(PageHinkley),
}

impl Calibrated {
    /// A detector for whoever played these games. `key` selects the random streams that thresholds are simulated with.
    #[must_use]
    pub fn new(detector: Detector, games: &[SeenGame], key: u64) -> Calibrated {
        let sees_errors = !matches!(detector, Detector::SelfConsistency | Detector::DriftCusum);
        let plain: Vec<f64> = games.iter().filter_map(|game| value(game, sees_errors)).collect();
        let scale = if sees_errors { 1.0 } else { DRIFT_SCALE / mean(&plain).max(1e-9) };
        let seen: Vec<f64> = plain.iter().map(|v| (v * scale).min(1.0)).collect();
        let watch = match detector {
            Detector::EDetector | Detector::SelfConsistency => Watch::Evidence(with_room(&seen)),
            Detector::Cusum | Detector::DriftCusum => Watch::Cusum(Cusum::calibrated(&seen, key)),
            Detector::PageHinkley => Watch::PageHinkley(PageHinkley::calibrated(&seen, key)),
        };
        Calibrated { sees_errors, scale, watch }
    }

    /// The game, counted from 1, at which the alarm is raised; `None` if it never is. Games without an estimate are passed over.
    #[must_use]
    pub fn delay(&self, games: &[SeenGame]) -> Option<usize> {
        let numbered = games.iter().enumerate().filter_map(|(i, game)| Some((i, value(game, self.sees_errors)?)));
        let (numbers, values): (Vec<usize>, Vec<f64>) =
            numbered.map(|(i, value)| (i + 1, (value * self.scale).min(1.0))).unzip();
        let alarm = match &self.watch {
            Watch::Evidence(mu0) => delay(*mu0, values),
            Watch::Cusum(cusum) => cusum.clone().delay(values),
            Watch::PageHinkley(test) => test.clone().delay(values),
        };
        alarm.map(|seen| numbers[seen - 1])
    }
}

fn value(game: &SeenGame, error: bool) -> Option<f64> {
    if error { game.error } else { game.drift }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The mean plus one standard error: what `mu0` must not be below, with room for the error of a calibration on few games.
fn with_room(values: &[f64]) -> f64 {
    mean(values) + deviation(values) / (values.len().max(1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
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
    fn calibrated_monitors_run_as_long_without_cause_and_notice_one() {
        let old: Vec<f64> = errors(0.2, 1).take(500).collect();
        let (cusum, page_hinkley) = (Cusum::calibrated(&old, 1), PageHinkley::calibrated(&old, 1));
        let run = |mean, seed| {
            let delay = |d: Option<usize>| d.unwrap_or(20_000) as f64;
            [delay(cusum.clone().delay(errors(mean, seed))), delay(page_hinkley.clone().delay(errors(mean, seed)))]
        };
        for i in 0..2 {
            let of = |mean: f64| (10..40).map(|s| run(mean, s)[i]).sum::<f64>() / 30.0;
            let (without, with) = (of(0.2), of(0.6));
            assert!(without > 300.0 && with < 60.0, "{i}: {without} {with}");
        }
    }

    #[test]
    fn larger_changes_are_seen_sooner() {
        let mean = |after| (0..50).map(|s| delay(0.2, errors(after, s)).unwrap() as f64).sum::<f64>() / 50.0;
        let (small, large) = (mean(0.35), mean(0.7));
        assert!(large < 25.0 && small > 1.5 * large, "{small} {large}");
    }
}
