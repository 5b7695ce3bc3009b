//! What a monitor of its own errors would have told the inherited evaluator, and what heeding it would have regained.
//!
//! The deployed games are those of `frozen` against `reselected` in the experiment `monitor`, in order; after the alarm the remaining
//! pairs are those of `rollout` from the same openings against the same opponent: games do not depend on each other, so this is the
//! sequence that would have been played.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::evidence::{Evidence, mean};
use crate::monitor::{self, Cusum, PageHinkley};
use crate::results::{Monitored, OtherMonitor, PairRow, SharedMonitor};

/// The experiment that is watched.
const EXPERIMENT: &str = "monitor";
/// The monitor of what an evaluator can notice without any result.
pub(crate) const SELF_CONSISTENCY: &str = "self-consistency";
/// Shares of games under the new rules.
const SHARES: [f64; 4] = [0.05, 0.1, 0.25, 0.5];
/// The mean to which changes of the own estimate are scaled, so that the same bets suit them as errors of prediction.
const DRIFT_SCALE: f64 = 0.2;

/// Games of one seed, as numbers that a monitor sees.
type Seen = Vec<f64>;

/// The monitors of one evaluator, calibrated on the first half of its games under unchanged rules.
struct Watch {
    errors: f64,
    /// Factor and mean of the changes of estimate.
    drift: (f64, f64),
    cusum: Cusum,
    page_hinkley: PageHinkley,
}

fn of_seed(rows: &[&PairRow], seed: u32, value: fn(&PairRow) -> [Option<f64>; 2]) -> Seen {
    rows.iter().filter(|r| r.seed == seed).flat_map(|r| value(r)).flatten().collect()
}

fn errors(rows: &[&PairRow], seed: u32) -> Seen {
    of_seed(rows, seed, |r| r.errors)
}

/// The mean, with one standard error to spare.
fn with_room(values: &[f64]) -> f64 {
    mean(values) + monitor::deviation(values) / (values.len().max(1) as f64).sqrt()
}

fn first_half(values: &[f64]) -> &[f64] {
    &values[..values.len() / 2]
}

impl Watch {
    fn calibrated(none: &[&PairRow], seed: u32) -> Watch {
        let errors = errors(none, seed);
        let drift = of_seed(none, seed, |r| r.drift);
        let scale = DRIFT_SCALE / mean(first_half(&drift)).max(1e-9);
        let scaled: Seen = first_half(&drift).iter().map(|d| (d * scale).min(1.0)).collect();
        Watch {
            errors: with_room(first_half(&errors)),
            drift: (scale, with_room(&scaled)),
            cusum: Cusum::calibrated(first_half(&errors), u64::from(seed)),
            page_hinkley: PageHinkley::calibrated(first_half(&errors), u64::from(seed)),
        }
    }

    fn delay(&self, errors: &[f64]) -> Option<usize> {
        monitor::delay(self.errors, errors.iter().copied())
    }
}

impl Evidence<'_> {
    pub(crate) fn watch(&self) -> Vec<Monitored> {
        let Some(playouts) = self.rows.keys().find(|k| k.0 == EXPERIMENT).map(|k| k.4) else { return Vec::new() };
        let cell = |shift: &str, arm: &str| self.cell((EXPERIMENT, shift, arm, "reselected", playouts, 0));
        let Some(none) = cell("none", "frozen") else { return Vec::new() };
        let seeds = none.iter().map(|r| r.seed + 1).max().unwrap_or(0);
        let watches: Vec<Watch> = (0..seeds).map(|seed| Watch::calibrated(none, seed)).collect();
        // Under unchanged rules the games that calibrated a monitor are not shown to it again.
        let shown = |shift: &str, seen: Seen| if shift == "none" { seen[seen.len() / 2..].to_vec() } else { seen };
        let names = self.suite.shifts.iter().map(|s| s.name.as_str());
        let heard: Vec<(&str, Vec<Option<usize>>)> = names
            .filter_map(|shift| {
                let rows = cell(shift, "frozen")?;
                let alarm = |(seed, watch): (usize, &Watch)| watch.delay(&shown(shift, errors(rows, seed as u32)));
                Some((shift, watches.iter().enumerate().map(alarm).collect()))
            })
            .collect();
        let all = heard.iter().enumerate().filter_map(|(i, (shift, alarm))| {
            let (frozen, fresh) = (cell(shift, "frozen")?, cell(shift, "rollout")?);
            let after = |alarm: &[Option<usize>]| {
                mean(&(0..seeds).map(|seed| switched(frozen, fresh, seed, alarm[seed as usize])).collect::<Vec<_>>())
            };
            // A random alarm at the same rate: those of the next shift.
            let (_, random) = &heard[(i + 1) % heard.len()];
            // Those that the monitors were shown.
            let half = if *shift == "none" { 1 } else { 2 };
            let games = (half * frozen.len()) as f64 / f64::from(seeds);
            let by = |delay: &dyn Fn(&Watch, u32) -> Option<usize>| -> Vec<Option<usize>> {
                watches.iter().enumerate().map(|(seed, watch)| delay(watch, seed as u32)).collect()
            };
            let other = |name: &str, delays: Vec<Option<usize>>| OtherMonitor {
                name: name.to_owned(),
                alarms: delays.iter().flatten().count() as u32,
                delays: censored(&delays, games as u32),
            };
            let shown_errors = |seed| shown(shift, errors(frozen, seed));
            Some(Monitored {
                shift: (*shift).to_owned(),
                seeds,
                games: games as u32,
                alarms: alarm.iter().flatten().count() as u32,
                median_delay: median(alarm),
                delays: censored(alarm, games as u32),
                error: mean(&frozen.iter().flat_map(|r| r.errors).flatten().collect::<Vec<_>>()),
                frozen: mean(&frozen.iter().map(|r| r.score).collect::<Vec<_>>()),
                reconsidering: after(alarm),
                always: mean(&fresh.iter().map(|r| r.score).collect::<Vec<_>>()),
                random: after(random),
                others: vec![
                    other("cusum", by(&|w, seed| w.cusum.clone().delay(shown_errors(seed)))),
                    other("page-hinkley", by(&|w, seed| w.page_hinkley.clone().delay(shown_errors(seed)))),
                    other(
                        SELF_CONSISTENCY,
                        by(&|w, seed| {
                            let seen = shown(shift, of_seed(frozen, seed, |r| r.drift));
                            monitor::delay(w.drift.1, seen.into_iter().map(|d| (d * w.drift.0).min(1.0)))
                        }),
                    ),
                ],
                shares: SHARES
                    .map(|share| {
                        let alarms = by(&|w, seed| {
                            let (old, new) = (errors(none, seed), errors(frozen, seed));
                            w.delay(&mixed(&old[old.len() / 2..], &new, share, u64::from(seed)))
                        });
                        let score = |rows: &[&PairRow]| mean(&rows.iter().map(|r| r.score).collect::<Vec<_>>());
                        SharedMonitor {
                            share,
                            alarms: alarms.iter().flatten().count() as u32,
                            median_delay: median(&alarms),
                            score: share * score(frozen) + (1.0 - share) * score(none),
                        }
                    })
                    .to_vec(),
            })
        });
        all.collect()
    }
}

/// Score of one seed that plays on as `fresh` after the alarm.
fn switched(frozen: &[&PairRow], fresh: &[&PairRow], seed: u32, alarm: Option<usize>) -> f64 {
    let of = |rows: &[&PairRow]| -> Vec<f64> { rows.iter().filter(|r| r.seed == seed).map(|r| r.score).collect() };
    let switch = alarm.map_or(usize::MAX, |game| game.div_ceil(2));
    let chosen = of(frozen).into_iter().zip(of(fresh)).enumerate();
    mean(&chosen.map(|(i, (old, new))| if i < switch { old } else { new }).collect::<Vec<_>>())
}

fn median(alarms: &[Option<usize>]) -> Option<u32> {
    let mut delays: Vec<usize> = alarms.iter().flatten().copied().collect();
    delays.sort_unstable();
    delays.get(delays.len() / 2).map(|d| *d as u32)
}

fn censored(alarms: &[Option<usize>], games: u32) -> Vec<u32> {
    alarms.iter().map(|a| a.map_or(games, |a| a as u32)).collect()
}

/// As many games as `new` has, each drawn from it with probability `share` and from `old` otherwise, in order, and from the beginning
/// again where one is used up.
fn mixed(old: &[f64], new: &[f64], share: f64, key: u64) -> Seen {
    if old.is_empty() {
        return Vec::new();
    }
    let mut rng = ChaCha8Rng::seed_from_u64(key);
    let (mut olds, mut news) = (old.iter().cycle(), new.iter().cycle());
    let mut draw = || if rng.random::<f64>() < share { news.next() } else { olds.next() };
    (0..new.len()).filter_map(|_| draw().copied()).collect()
}
