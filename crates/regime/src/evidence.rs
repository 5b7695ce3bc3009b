//! The rows of a run, looked up by cell and turned into one number per evaluator seed.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::results::{Deployment, Monitored, PairRow, ProbeRow, ShiftCard};
use crate::suite::Suite;

/// The rows of a suite, looked up by cell.
pub(crate) struct Evidence<'a> {
    pub(crate) suite: &'a Suite,
    pub(crate) rows: BTreeMap<CellKey<'a>, Vec<&'a PairRow>>,
    probes: &'a [ProbeRow],
    pub(crate) cards: &'a [ShiftCard],
    monitored: OnceCell<Vec<Monitored>>,
    deployments: OnceCell<Vec<Deployment>>,
}

/// (experiment, shift, arm, opponent, playouts, games)
pub(crate) type CellKey<'a> = (&'a str, &'a str, &'a str, &'a str, u32, u32);

/// Pair scores by seed.
pub(crate) type Seeds = Vec<Vec<f64>>;

impl<'a> Evidence<'a> {
    pub(crate) fn new(
        suite: &'a Suite,
        rows: &'a [PairRow],
        probes: &'a [ProbeRow],
        cards: &'a [ShiftCard],
    ) -> Evidence<'a> {
        let mut cells: BTreeMap<CellKey<'_>, Vec<&PairRow>> = BTreeMap::new();
        for r in rows {
            let key =
                (r.experiment.as_str(), r.shift.as_str(), r.arm.as_str(), r.opponent.as_str(), r.playouts, r.games);
            cells.entry(key).or_default().push(r);
        }
        Evidence { suite, rows: cells, probes, cards, monitored: OnceCell::new(), deployments: OnceCell::new() }
    }

    pub(crate) fn cell(&self, key: CellKey<'_>) -> Option<&[&'a PairRow]> {
        // `get` would want a key that lives as long as the rows.
        self.rows.iter().find(|(k, _)| **k == key).map(|(_, rows)| rows.as_slice())
    }

    /// Pair scores by seed of the first experiment's cell.
    pub(crate) fn headline(&self, shift: &str, arm: &str, opponent: &str) -> Option<Seeds> {
        let experiment = self.suite.experiments.first()?;
        self.scores((&experiment.name, shift, arm, opponent, experiment.playouts[0], 0))
    }

    pub(crate) fn scores(&self, key: CellKey<'_>) -> Option<Seeds> {
        self.cell(key).map(|rows| by_seed(rows, |r| r.score))
    }

    /// Budgets of a curve, rising, with pair scores by seed.
    pub(crate) fn curve(&self, experiment: &str, shift: &str, arm: &str, opponent: &str) -> Vec<(u32, Seeds)> {
        let of = |k: &CellKey<'_>| (k.0, k.1, k.2, k.3) == (experiment, shift, arm, opponent);
        let mut curve: Vec<(u32, Seeds)> =
            self.rows.iter().filter(|(k, _)| of(k)).map(|(k, r)| (k.4.max(k.5), by_seed(r, |r| r.score))).collect();
        curve.sort_by_key(|(budget, _)| *budget);
        curve
    }

    pub(crate) fn shifts_of(&self, family: &str) -> Vec<&'a str> {
        let own = |s: &&crate::Shift| s.family == family && s.variant.is_none();
        self.suite.shifts.iter().filter(own).map(|s| s.name.as_str()).collect()
    }
}

pub(crate) fn by_seed(rows: &[&PairRow], value: impl Fn(&PairRow) -> f64) -> Seeds {
    let seeds = rows.iter().map(|r| r.seed + 1).max().unwrap_or(0) as usize;
    let mut all = vec![Vec::new(); seeds];
    for row in rows {
        all[row.seed as usize].push(value(row));
    }
    all
}

pub(crate) fn means(seeds: &Seeds) -> Vec<f64> {
    seeds.iter().filter(|s| !s.is_empty()).map(|s| s.iter().sum::<f64>() / s.len() as f64).collect()
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Per seed, the mean over several lists of the same seeds.
pub(crate) fn across(lists: &[Vec<f64>]) -> Option<Vec<f64>> {
    let seeds = lists.iter().map(Vec::len).min()?;
    (seeds > 0).then(|| (0..seeds).map(|i| mean(&lists.iter().map(|l| l[i]).collect::<Vec<_>>())).collect())
}

pub(crate) fn less(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

impl Evidence<'_> {
    /// What monitors noticed; calibrating them takes a while, so it is done once.
    pub(crate) fn monitored(&self) -> &[Monitored] {
        self.monitored.get_or_init(|| self.watch())
    }

    /// What each way of meeting a change costs.
    pub(crate) fn deployments(&self) -> &[Deployment] {
        self.deployments.get_or_init(|| self.deploy())
    }

    /// Mean scores per seed against the fixed opponent of `curve-random` or else of `curve-fixed`, by rising budget.
    pub(crate) fn fixed(&self, shift: &str, arm: &str) -> Vec<Vec<f64>> {
        let random = self.curve("curve-random", shift, arm, "random");
        let curve = if random.is_empty() { self.curve("curve-fixed", shift, arm, "reselected") } else { random };
        curve.iter().map(|(_, seeds)| means(seeds)).collect()
    }

    pub(crate) fn card(&self, shift: &str) -> Option<&ShiftCard> {
        self.cards.iter().find(|c| c.name == shift)
    }

    /// Whether a shift changes anything.
    pub(crate) fn changes(&self, shift: &str) -> bool {
        self.suite.shift(shift).is_some_and(|s| !s.edit.is_empty())
    }

    /// Name and shifts of the first probe with that judge.
    pub(crate) fn probed(&self, judge: &str) -> Option<(&str, Vec<&str>)> {
        let is = |p: &&crate::Probe| serde_json::to_value(p.judge).is_ok_and(|v| v == judge);
        let probe = self.suite.probes.iter().find(is)?;
        Some((&probe.name, probe.shifts.iter().map(String::as_str).collect()))
    }

    /// An arm's answers per seed at its largest point and budget, or at its smallest.
    pub(crate) fn answers(&self, probe: &str, shift: &str, arm: &str, largest: bool) -> Option<Vec<f64>> {
        let of = |r: &&ProbeRow| (r.probe.as_str(), r.shift.as_str(), r.arm.as_str()) == (probe, shift, arm);
        let size = |r: &ProbeRow| (r.point, r.playouts);
        let sizes = || self.probes.iter().filter(of).map(size);
        let wanted = if largest { sizes().max() } else { sizes().min() }?;
        Some(self.probes.iter().filter(of).filter(|r| size(r) == wanted).map(|r| r.score).collect())
    }

    /// Points of an arm's curve in an experiment, rising, with pair scores by seed.
    pub(crate) fn points(&self, experiment: &str, shift: &str, arm: &str) -> Option<Vec<(u32, Seeds)>> {
        let of = |k: &CellKey<'_>| (k.0, k.1, k.2) == (experiment, shift, arm);
        let mut points: Vec<(u32, Seeds)> =
            self.rows.iter().filter(|(k, _)| of(k)).map(|(k, r)| (k.5, by_seed(r, |r| r.score))).collect();
        points.sort_by_key(|(games, _)| *games);
        (!points.is_empty()).then_some(points)
    }

    /// Pair scores by seed of the first cell of a comparison, in whatever experiment.
    pub(crate) fn anywhere(&self, shift: &str, arm: &str, opponent: &str) -> Option<Seeds> {
        let of = |k: &&CellKey<'_>| (k.1, k.2, k.3) == (shift, arm, opponent);
        self.suite.experiments.iter().find_map(|e| {
            let key = self.rows.keys().filter(of).find(|k| k.0 == e.name)?;
            self.scores(*key)
        })
    }
}
