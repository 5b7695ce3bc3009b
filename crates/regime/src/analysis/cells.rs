//! From pairs to cells: means, standard errors, intervals.

use std::collections::{BTreeMap, BTreeSet};

use arena::stats::elo;
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::index::{CellKey, Index};
use super::summary::{ProbeCell, SummaryRow};
use crate::rows::{PairRow, ProbeRow};
use crate::suite::Suite;

/// A mean with its 95% interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CellMean {
    /// Mean over all pairs, 0 to 1.
    pub mean: f64,
    /// Standard error.
    pub se: f64,
    /// Lower end of the interval, at least 0.
    pub low: f64,
    /// Upper end of the interval, at most 1.
    pub high: f64,
}

/// The mean of pair scores, grouped by independently selected evaluator.
///
/// The unit is one opening under one evaluator. With `s2` the pooled variance of pairs within evaluators (N pairs, k evaluators of
/// about m pairs) and `t2 = max(0, var(evaluator means) - s2/m)` the variance between evaluators, the squared standard error is
/// `s2/N + t2/k`, and the interval uses Student's t with Satterthwaite's degrees of freedom. `s2` counts one more pair of
/// score 1/2, so that a run of equal scores does not claim certainty (after Agresti, Coull 1998); equal scores of 1/2 do.
#[must_use]
pub fn cell_mean(evaluators: &[Vec<f64>]) -> CellMean {
    let pairs: f64 = evaluators.iter().map(|s| s.len() as f64).sum();
    let k = evaluators.iter().filter(|s| !s.is_empty()).count() as f64;
    if pairs == 0.0 {
        return CellMean { mean: 0.5, se: f64::INFINITY, low: 0.0, high: 1.0 };
    }
    let mean = evaluators.iter().flatten().sum::<f64>() / pairs;
    let means: Vec<(f64, f64)> = evaluators
        .iter()
        .filter(|s| !s.is_empty())
        .map(|s| (s.iter().sum::<f64>() / s.len() as f64, s.len() as f64))
        .collect();
    let within: f64 = evaluators
        .iter()
        .filter(|s| !s.is_empty())
        .zip(&means)
        .map(|(s, (m, _))| s.iter().map(|x| (x - m).powi(2)).sum::<f64>())
        .sum();
    let freedom = (pairs - k).max(1.0);
    let s2 = (within + (0.5 - mean).powi(2)) / freedom;
    let t2 = if k > 1.0 {
        let spread = means.iter().map(|(m, _)| (m - mean).powi(2)).sum::<f64>() / (k - 1.0);
        (spread - s2 * k / pairs).max(0.0)
    } else {
        0.0
    };
    let (a, b) = (s2 / pairs, t2 / k);
    let se = (a + b).sqrt();
    if se == 0.0 {
        return CellMean { mean, se, low: mean, high: mean };
    }
    let between = if b > 0.0 { b * b / (k - 1.0) } else { 0.0 };
    let df = (a + b).powi(2) / (a * a / freedom + between);
    let quantile = StudentsT::new(0.0, 1.0, df.max(1.0)).map_or(1.96, |t| t.inverse_cdf(0.975));
    CellMean { mean, se, low: (mean - quantile * se).max(0.0), high: (mean + quantile * se).min(1.0) }
}

/// The mean of one number per evaluator, with Student's interval. Of a single number the interval is that number.
pub(crate) fn mean_of_means(values: &[f64]) -> CellMean {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    if values.len() < 2 {
        return CellMean { mean, se: 0.0, low: mean, high: mean };
    }
    let se = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0) / n).sqrt();
    let quantile = StudentsT::new(0.0, 1.0, n - 1.0).map_or(1.96, |t| t.inverse_cdf(0.975));
    CellMean { mean, se, low: mean - quantile * se, high: mean + quantile * se }
}

/// One row per cell, in the order in which the cells first appear.
pub(crate) fn summarise(index: &Index<'_>) -> Vec<SummaryRow> {
    index.order.iter().map(|key| summary_row(key, &index.cells[key])).collect()
}

fn summary_row(key: &CellKey<'_>, members: &[&PairRow]) -> SummaryRow {
    let mut by_evaluator: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    members.iter().for_each(|row| by_evaluator.entry(row.evaluator).or_default().push(row.score));
    let evaluators: Vec<Vec<f64>> = by_evaluator.into_values().collect();
    let e = cell_mean(&evaluators);
    let errors: Vec<f64> = members.iter().flat_map(|r| r.errors).flatten().collect();
    let [sure, sure_lost] = [0, 1].map(|i| members.iter().map(|r| f64::from(r.confident[i])).sum::<f64>());
    let own: Vec<f64> = members.iter().filter_map(|r| r.confidence).collect();
    let old: Vec<f64> = members.iter().filter_map(|r| r.old_score()).collect();
    let rivals: BTreeSet<u32> = members.iter().filter(|r| !r.opponent_weights.is_empty()).map(|r| r.rival).collect();
    let pairs = members.len() as u32;
    SummaryRow {
        experiment: key.experiment.to_owned(),
        shift: key.shift.to_owned(),
        agent: key.agent.to_owned(),
        opponent: key.opponent.to_owned(),
        playouts: key.playouts,
        opponent_playouts: key.opponent_playouts,
        point: key.point,
        score: e.mean,
        se: e.se,
        score_low: e.low,
        score_high: e.high,
        elo: elo(e.mean),
        elo_low: elo(e.low),
        elo_high: elo(e.high),
        pairs,
        seeds: evaluators.len() as u32,
        rivals: rivals.len() as u32,
        old_score: mean(&old),
        quadrants: quadrants(members),
        endings: endings(members),
        confidence: mean(&own),
        seed_scores: evaluators.iter().filter_map(|scores| mean(scores)).collect(),
        error: mean(&errors),
        confident_wrong: (sure > 0.0).then(|| sure_lost / sure),
        material: members.iter().map(|r| r.material).sum::<f64>() / f64::from(pairs),
        illegal_per_game: members.iter().map(|r| f64::from(r.illegal)).sum::<f64>() / f64::from(2 * pairs),
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Games that are a success by both payoffs, by the new one alone, by the old one alone, by neither. Games whose ending the old rules do not
/// know are left out.
fn quadrants(members: &[&PairRow]) -> [u32; 4] {
    let mut counts = [0; 4];
    for row in members {
        for (new, old) in row.worth.iter().zip(row.old_worth) {
            let Some(old) = old else { continue };
            counts[2 * usize::from(*new <= 0.0) + usize::from(old <= 0.0)] += 1;
        }
    }
    // A failure by the new payoff counts 2, one by the old payoff 1: so 0 is a success by both, 3 one by neither.
    counts
}

/// How games ended, most frequent first.
fn endings(members: &[&PairRow]) -> Vec<(String, u32)> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    members.iter().flat_map(|row| &row.endings).for_each(|ending| *counts.entry(ending).or_default() += 1);
    let mut counts: Vec<(String, u32)> = counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
}

/// One cell for all evaluators of a probe's row, in the order in which the cells first appear.
pub(crate) fn summarise_probes(suite: &Suite, rows: &[ProbeRow]) -> Vec<ProbeCell> {
    let key = |r: &'_ ProbeRow| -> (String, String, String, u32, u32) {
        (r.probe.clone(), r.shift.clone(), r.agent.clone(), r.point, r.playouts)
    };
    let mut cells: Vec<(_, Vec<&ProbeRow>)> = Vec::new();
    let mut places = BTreeMap::new();
    for row in rows {
        let place = *places.entry(key(row)).or_insert(cells.len());
        if place == cells.len() {
            cells.push((key(row), Vec::new()));
        }
        cells[place].1.push(row);
    }
    cells
        .into_iter()
        .map(|((probe, shift, agent, point, playouts), members)| {
            let scores: Vec<f64> = members.iter().map(|r| r.score).collect();
            let e = mean_of_means(&scores);
            let of = |value: fn(&ProbeRow) -> Option<f64>| {
                mean(&members.iter().copied().filter_map(value).collect::<Vec<_>>())
            };
            let measures = suite.probes.iter().find(|p| p.name == probe).map_or("", |p| p.measures.name());
            ProbeCell {
                measures: measures.to_owned(),
                probe,
                shift,
                agent,
                point,
                playouts,
                positions: members[0].positions,
                score: e.mean,
                low: e.low.max(0.0),
                high: e.high.min(1.0),
                truth: of(|r| r.truth),
                estimate: of(|r| r.estimate),
                seeds: members.len() as u32,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_is_the_plain_standard_error() {
        let scores = vec![vec![0.0, 0.5, 1.0, 0.5, 0.25, 0.75, 1.0, 0.0]];
        let e = cell_mean(&scores);
        assert!((e.mean - 0.5).abs() < 1e-12);
        // Sample variance 1/7 (sum of squares 1.125 over 7), over 8 pairs; Student's t with 7 degrees of freedom is 2.3646.
        let se = (1.125f64 / 7.0 / 8.0).sqrt();
        assert!((e.se - se).abs() < 1e-12);
        assert!((e.high - e.mean - 2.364_624 * se).abs() < 1e-5);
    }

    #[test]
    fn disagreeing_seeds_widen_the_interval() {
        let agreeing = cell_mean(&vec![vec![0.25, 0.75, 0.5, 0.5]; 3]);
        let disagreeing = cell_mean(&[vec![0.25; 4], vec![0.5; 4], vec![0.75; 4]]);
        assert!(disagreeing.se > 1.5 * agreeing.se);
        assert!(disagreeing.high - disagreeing.low > 3.0 * (agreeing.high - agreeing.low));
    }

    #[test]
    fn unanimity_is_not_certainty() {
        let e = cell_mean(&[vec![1.0; 40], vec![1.0; 40]]);
        assert!(e.low < 1.0 && e.low > 0.95 && e.high == 1.0);
        let tie = cell_mean(&[vec![0.5; 40]]);
        assert_eq!((tie.low, tie.high), (0.5, 0.5));
    }
}
