//! What detectors would have told of the games of an experiment, had they been deployed in order, and what heeding them would have regained.

use super::index::Index;
use super::summary::{DetectorResult, Monitored};
use crate::monitor::{Calibrated, SeenGame};
use crate::rows::PairRow;
use crate::suite::{Detector, Monitor, Suite};

/// The detectors of one evaluator, each calibrated on the first half of its games under unchanged rules.
struct Watch {
    /// The detectors, in the order of the monitor.
    detectors: Vec<Calibrated>,
    /// For each detector the games until its alarm on the second half of the games under unchanged rules, which is a false one; `None` without an alarm.
    false_alarms: Vec<Option<usize>>,
    /// Number of games of the second half.
    held_out: usize,
}

/// What a detector sees of the games of a pair.
pub(crate) fn seen(row: &PairRow) -> [SeenGame; 2] {
    [0, 1].map(|i| SeenGame { error: row.errors[i], drift: row.drift[i] })
}

fn games(rows: &[&PairRow]) -> Vec<SeenGame> {
    rows.iter().flat_map(|row| seen(row)).collect()
}

/// What one monitor found under every shift of its experiment; nothing where the games that calibrate it are missing.
pub(crate) fn watch<'a>(suite: &'a Suite, monitor: &'a Monitor, index: &Index<'a>) -> Vec<Monitored> {
    let Some(experiment) = suite.experiment(&monitor.experiment) else { return Vec::new() };
    let playouts = experiment.playouts[0];
    let cell = |shift: &'a str, agent: &'a str| {
        index.by_evaluator(&experiment.name, shift, agent, &monitor.opponent, playouts)
    };
    let unchanged = cell(&monitor.calibrated_on, &monitor.agent);
    let watches: Vec<Watch> =
        unchanged.iter().enumerate().map(|(key, rows)| Watch::new(monitor, rows, key as u64)).collect();
    if watches.is_empty() {
        return Vec::new();
    }
    let under = |shift: &'a str| -> Option<Monitored> {
        let own = cell(shift, &monitor.agent);
        if own.len() < watches.len() {
            return None;
        }
        let then = monitor.then.as_ref().map(|agent| cell(shift, agent)).filter(|rows| rows.len() >= watches.len());
        let calibrating = shift == monitor.calibrated_on;
        let detectors = monitor.detectors.iter().enumerate().map(|(i, detector)| {
            let delays: Vec<Option<usize>> = watches
                .iter()
                .zip(&own)
                .map(|(w, rows)| if calibrating { w.false_alarms[i] } else { w.detectors[i].delay(&games(rows)) })
                .collect();
            let games = if calibrating { watches[0].held_out } else { 2 * own[0].len() };
            result(*detector, i, &delays, games, &watches, &own, then.as_deref().filter(|_| !calibrating))
        });
        let scores: Vec<f64> = own.iter().take(watches.len()).flatten().map(|row| row.score).collect();
        Some(Monitored {
            monitor: monitor.name.clone(),
            shift: shift.to_owned(),
            evaluators: watches.len() as u32,
            games: if calibrating { watches[0].held_out as u32 } else { 2 * own[0].len() as u32 },
            score: mean(&scores),
            then: then.as_ref().map(|rows| mean(&rows.iter().flatten().map(|row| row.score).collect::<Vec<_>>())),
            detectors: detectors.collect(),
        })
    };
    suite.shifts.iter().filter_map(|shift| under(&shift.name)).collect()
}

impl Watch {
    fn new(monitor: &Monitor, rows: &[&PairRow], key: u64) -> Watch {
        let all = games(rows);
        let (first, second) = all.split_at(all.len() / 2);
        let detectors: Vec<Calibrated> = monitor.detectors.iter().map(|d| Calibrated::new(*d, first, key)).collect();
        let false_alarms = detectors.iter().map(|detector| detector.delay(second)).collect();
        Watch { detectors, false_alarms, held_out: second.len() }
    }
}

fn result(
    detector: Detector,
    place: usize,
    delays: &[Option<usize>],
    games: usize,
    watches: &[Watch],
    own: &[Vec<&PairRow>],
    then: Option<&[Vec<&PairRow>]>,
) -> DetectorResult {
    let false_alarms = watches.iter().filter(|w| w.false_alarms[place].is_some()).count();
    let heeded = then.map(|then| {
        let scores = delays.iter().zip(own.iter().zip(then)).map(|(alarm, (own, then))| switched(own, then, *alarm));
        mean(&scores.collect::<Vec<_>>())
    });
    DetectorResult {
        detector: detector.name().to_owned(),
        alarms: delays.iter().flatten().count() as u32,
        delays: delays.iter().map(|d| d.map(|d| d as u32)).collect(),
        median_delay: median(delays),
        false_alarm_rate: false_alarms as f64 / watches.len() as f64,
        games: games as u32,
        heeded,
    }
}

/// Score of one evaluator that leaves the games after the alarm to another agent, from the next pair on.
fn switched(own: &[&PairRow], then: &[&PairRow], alarm: Option<usize>) -> f64 {
    let switch = alarm.map_or(usize::MAX, |game| game.div_ceil(2));
    let chosen =
        own.iter().zip(then).enumerate().map(|(i, (own, then))| if i < switch { own.score } else { then.score });
    mean(&chosen.collect::<Vec<_>>())
}

fn median(delays: &[Option<usize>]) -> Option<u32> {
    let mut found: Vec<usize> = delays.iter().flatten().copied().collect();
    found.sort_unstable();
    found.get(found.len() / 2).map(|d| *d as u32)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}
