//! What each way of meeting a change loses in deployed games, and what it needs in trials, which lose nothing.
//!
//! A lost point is 1/2 less the score against a rival selected under the new rules. Scores between measured points of a curve are
//! taken from the straight line between them.

use crate::evidence::{Evidence, mean, means};
use crate::inference::{SMALLEST_EFFECT, bootstrap, score_of_elo};
use crate::results::Deployment;

/// The experiment with the curves.
const EXPERIMENT: &str = "recovery";

/// Losses per game of one seed at numbers of games, rising, the first at 0.
type Losses = Vec<(f64, f64)>;

/// Points lost in the first `games` games.
fn lost(losses: &Losses, games: f64) -> f64 {
    let mut sum = 0.0;
    for pair in losses.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        if x0 >= games {
            break;
        }
        let end = x1.min(games);
        let at_end = y0 + (y1 - y0) * (end - x0) / (x1 - x0);
        sum += (end - x0) * f64::midpoint(y0, at_end);
    }
    let (last, level) = losses.last().copied().unwrap_or((0.0, 0.0));
    sum + (games - last).max(0.0) * level
}

/// The first measured number of games from which the loss stays within 20 Elo; with the loss at the end.
fn recovery(losses: &Losses) -> (Option<f64>, f64) {
    let margin = score_of_elo(SMALLEST_EFFECT);
    let beyond = losses.iter().rposition(|(_, loss)| *loss > margin);
    let first = losses.get(beyond.map_or(0, |i| i + 1)).map(|(games, _)| *games);
    (first, losses.last().map_or(0.0, |(_, loss)| *loss))
}

impl Evidence<'_> {
    /// For every shift with curves over games: inherited as it is; learning from deployed games (`federated`, or `mixed` with old
    /// ones); withdrawn on the monitor's alarm and trained on by trials (`retracted`); the same before the first game (`foreseen`);
    /// selected afresh by trials before the first game (`afresh`).
    pub(crate) fn deploy(&self) -> Vec<Deployment> {
        let monitored = self.monitored();
        let mut all = Vec::new();
        for shift in self.suite.shifts.iter().filter(|s| !s.edit.is_empty()) {
            let Some(frozen) = self.headline(&shift.name, "frozen", "reselected") else { continue };
            let start: Vec<f64> = means(&frozen).iter().map(|s| 0.5 - s).collect();
            let curve = |arm: &str| -> Option<Vec<Losses>> {
                let points = self.points(EXPERIMENT, &shift.name, arm)?;
                let points: Vec<(f64, Vec<f64>)> =
                    points.iter().map(|(games, seeds)| (f64::from(*games), means(seeds))).collect();
                let seeds = points.iter().map(|(_, s)| s.len()).min()?.min(start.len());
                let of = |i: usize| {
                    let measured = points.iter().map(|(games, scores)| (*games, 0.5 - scores[i]));
                    std::iter::once((0.0, start[i])).chain(measured).collect()
                };
                Some((0..seeds).map(of).collect())
            };
            let Some(federated) = curve("federated") else { continue };
            let games = federated.iter().filter_map(|l| Some(l.last()?.0)).fold(0.0, f64::max);
            let mut add = |policy: &str, seeds: Vec<(f64, f64, Option<f64>)>| {
                let lost: Vec<f64> = seeds.iter().map(|s| s.0).collect();
                let single: Vec<Vec<f64>> = lost.iter().map(|l| vec![*l]).collect();
                let (low, high) = bootstrap(&single, all.len() as u64).unwrap_or((0.0, 0.0));
                let reached: Vec<f64> = seeds.iter().filter_map(|s| s.2).collect();
                all.push(Deployment {
                    shift: shift.name.clone(),
                    policy: policy.to_owned(),
                    games: games as u32,
                    mean: mean(&lost),
                    low,
                    high,
                    trials: mean(&seeds.iter().map(|s| s.1).collect::<Vec<_>>()),
                    recovered: (!reached.is_empty()).then(|| mean(&reached)),
                    lost,
                });
            };
            let deployed = |curve: &[Losses]| curve.iter().map(|l| (lost(l, games), 0.0, recovery(l).0)).collect();
            add("frozen", start.iter().map(|loss| (loss * games, 0.0, None)).collect());
            add("federated", deployed(&federated));
            if let Some(mixed) = curve("mixed") {
                add("mixed", deployed(&mixed));
            }
            let trained = |curve: &[Losses], delay: &dyn Fn(usize) -> Option<f64>| {
                let of = |(i, losses): (usize, &Losses)| {
                    let (needed, level) = recovery(losses);
                    let Some(delay) = delay(i).filter(|d| *d < games) else {
                        return (losses[0].1 * games, 0.0, None);
                    };
                    let trials = needed.unwrap_or_else(|| losses.last().map_or(0.0, |l| l.0));
                    (losses[0].1 * delay + level * (games - delay), trials, needed.map(|_| delay))
                };
                curve.iter().enumerate().map(of).collect::<Vec<_>>()
            };
            if let Some(tuned) = curve("finetuned") {
                if let Some(m) = monitored.iter().find(|m| m.shift == shift.name) {
                    let delay = |i: usize| m.delays.get(i).filter(|d| **d < m.games).map(|d| f64::from(*d));
                    add("retracted", trained(&tuned, &delay));
                }
                add("foreseen", trained(&tuned, &|_| Some(0.0)));
            }
            if let Some(afresh) = curve("afresh") {
                add("afresh", trained(&afresh, &|_| Some(0.0)));
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_the_area_under_the_curve() {
        let losses = vec![(0.0, 0.4), (100.0, 0.2), (300.0, 0.0)];
        assert!((lost(&losses, 300.0) - (30.0 + 20.0)).abs() < 1e-9);
        assert!((lost(&losses, 50.0) - 50.0 * 0.35).abs() < 1e-9);
        assert!((lost(&losses, 1000.0) - 50.0).abs() < 1e-9);
        assert!((lost(&vec![(0.0, 0.1)], 10.0) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn recovery_lasts() {
        assert_eq!(recovery(&vec![(0.0, 0.4), (10.0, 0.0), (20.0, 0.1), (30.0, 0.01)]), (Some(30.0), 0.01));
        assert_eq!(recovery(&vec![(0.0, 0.4), (10.0, 0.2)]), (None, 0.2));
        assert_eq!(recovery(&vec![(0.0, 0.0), (10.0, 0.0)]), (Some(0.0), 0.0));
    }
}
