//! From pairs to cells: means, standard errors, intervals.

use std::collections::HashMap;

use arena::stats::elo;
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::inference::bootstrap;
use crate::results::{PairRow, ProbeCell, ProbeRow, SummaryRow};

/// A mean with its 95% interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
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
/// The unit is one opening under one evaluator seed. With `s2` the pooled variance of pairs within seeds (N pairs, k seeds of
/// about m pairs) and `t2 = max(0, var(seed means) - s2/m)` the variance between seeds, the squared standard error is
/// `s2/N + t2/k`, and the interval uses Student's t with Satterthwaite's degrees of freedom. `s2` counts one more pair of
/// score 1/2, so that a run of equal scores does not claim certainty (after Agresti, Coull 1998); equal scores of 1/2 do.
#[must_use]
pub fn estimate(seeds: &[Vec<f64>]) -> Estimate {
    let pairs: f64 = seeds.iter().map(|s| s.len() as f64).sum();
    let k = seeds.iter().filter(|s| !s.is_empty()).count() as f64;
    if pairs == 0.0 {
        return Estimate { mean: 0.5, se: f64::INFINITY, low: 0.0, high: 1.0 };
    }
    let mean = seeds.iter().flatten().sum::<f64>() / pairs;
    let means: Vec<(f64, f64)> = seeds
        .iter()
        .filter(|s| !s.is_empty())
        .map(|s| (s.iter().sum::<f64>() / s.len() as f64, s.len() as f64))
        .collect();
    let within: f64 = seeds
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
        return Estimate { mean, se, low: mean, high: mean };
    }
    let between = if b > 0.0 { b * b / (k - 1.0) } else { 0.0 };
    let df = (a + b).powi(2) / (a * a / freedom + between);
    let quantile = StudentsT::new(0.0, 1.0, df.max(1.0)).map_or(1.96, |t| t.inverse_cdf(0.975));
    Estimate { mean, se, low: (mean - quantile * se).max(0.0), high: (mean + quantile * se).min(1.0) }
}

/// One row per cell, in the order in which the cells first appear.
#[must_use]
pub fn summarise(rows: &[PairRow]) -> Vec<SummaryRow> {
    let cell = |r: &PairRow| {
        let names = [&r.experiment, &r.shift, &r.arm, &r.opponent].map(String::clone);
        (names, r.playouts, r.opponent_playouts, r.games)
    };
    let mut cells: Vec<(_, Vec<&PairRow>)> = Vec::new();
    let mut places = HashMap::new();
    for row in rows {
        let key = cell(row);
        let place = *places.entry(key.clone()).or_insert(cells.len());
        if place == cells.len() {
            cells.push((key, Vec::new()));
        }
        cells[place].1.push(row);
    }
    cells
        .into_iter()
        .map(|(([experiment, shift, arm, opponent], playouts, opponent_playouts, games), members)| {
            let seed_count = members.iter().map(|r| r.seed + 1).max().unwrap_or(0);
            let seeds: Vec<Vec<f64>> = (0..seed_count)
                .map(|seed| members.iter().filter(|r| r.seed == seed).map(|r| r.score).collect())
                .collect();
            let e = estimate(&seeds);
            let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
            let errors: Vec<f64> = members.iter().flat_map(|r| r.errors).flatten().collect();
            let [sure, sure_lost] = [0, 1].map(|i| members.iter().map(|r| f64::from(r.confident[i])).sum::<f64>());
            let own: Vec<f64> = members.iter().filter_map(|r| r.confidence).collect();
            let pairs = members.len() as u32;
            SummaryRow {
                experiment,
                shift,
                arm,
                opponent,
                playouts,
                opponent_playouts,
                games,
                score: e.mean,
                se: e.se,
                score_low: e.low,
                score_high: e.high,
                elo: elo(e.mean),
                elo_low: elo(e.low),
                elo_high: elo(e.high),
                pairs,
                seeds: seeds.iter().filter(|s| !s.is_empty()).count() as u32,
                confidence: (!own.is_empty()).then(|| mean(&own)),
                seed_scores: seeds.iter().filter(|s| !s.is_empty()).map(|s| mean(s)).collect(),
                error: (!errors.is_empty()).then(|| mean(&errors)),
                confident_wrong: (sure > 0.0).then(|| sure_lost / sure),
                material: members.iter().map(|r| r.material).sum::<f64>() / f64::from(pairs),
                illegal_per_game: members.iter().map(|r| f64::from(r.illegal)).sum::<f64>() / f64::from(2 * pairs),
            }
        })
        .collect()
}

/// One cell for all seeds of a probe's row, in the order in which the cells first appear.
#[must_use]
pub fn summarise_probes(rows: &[ProbeRow]) -> Vec<ProbeCell> {
    let key = |r: &ProbeRow| (r.probe.clone(), r.shift.clone(), r.arm.clone(), r.point, r.playouts);
    let mut cells: Vec<(_, Vec<&ProbeRow>)> = Vec::new();
    for row in rows {
        match cells.iter_mut().find(|(k, _)| *k == key(row)) {
            Some((_, members)) => members.push(row),
            None => cells.push((key(row), vec![row])),
        }
    }
    cells
        .into_iter()
        .map(|((probe, shift, arm, point, playouts), members)| {
            let mean = |values: &[f64]| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
            let scores: Vec<f64> = members.iter().map(|r| r.score).collect();
            let single: Vec<Vec<f64>> = scores.iter().map(|s| vec![*s]).collect();
            let score = mean(&scores).unwrap_or(0.0);
            let (low, high) = bootstrap(&single, 0).unwrap_or((score, score));
            let of = |value: fn(&ProbeRow) -> Option<f64>| {
                mean(&members.iter().copied().filter_map(value).collect::<Vec<_>>())
            };
            ProbeCell {
                probe,
                shift,
                arm,
                point,
                playouts,
                positions: members[0].positions,
                score,
                low,
                high,
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
        let e = estimate(&scores);
        assert!((e.mean - 0.5).abs() < 1e-12);
        // Sample variance 1/7 (sum of squares 1.125 over 7), over 8 pairs; Student's t with 7 degrees of freedom is 2.3646.
        let se = (1.125f64 / 7.0 / 8.0).sqrt();
        assert!((e.se - se).abs() < 1e-12);
        assert!((e.high - e.mean - 2.364_624 * se).abs() < 1e-5);
    }

    #[test]
    fn disagreeing_seeds_widen_the_interval() {
        let agreeing = estimate(&vec![vec![0.25, 0.75, 0.5, 0.5]; 3]);
        let disagreeing = estimate(&[vec![0.25; 4], vec![0.5; 4], vec![0.75; 4]]);
        assert!(disagreeing.se > 1.5 * agreeing.se);
        assert!(disagreeing.high - disagreeing.low > 3.0 * (agreeing.high - agreeing.low));
    }

    #[test]
    fn unanimity_is_not_certainty() {
        let e = estimate(&[vec![1.0; 40], vec![1.0; 40]]);
        assert!(e.low < 1.0 && e.low > 0.95 && e.high == 1.0);
        let tie = estimate(&[vec![0.5; 40]]);
        assert_eq!((tie.low, tie.high), (0.5, 0.5));
    }
}
