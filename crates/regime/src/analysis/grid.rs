//! The shifts' own hypotheses, tested on the cells of the grid.

use std::collections::BTreeSet;

use super::index::Index;
use super::inference::multiplicity::Correction;
use super::run::Run;
use super::summary::GridRow;
use super::{Adjusted, Agrees, Claim, Costs, Covariates, Expected, Found, Observation, Outcome, Settings, Undecided};
use super::{adjust, agrees, estimate, found};
use crate::rows::PairRow;
use crate::suite::{Difference, Estimator, Expect, Grid, Population};

/// Key of the random streams of the estimate of the first shift. Shift number n has this key plus n.
const KEY: u64 = 1 << 32;

/// A row for each shift whose cell was played. `broken` says that an exact null of the run did not hold, so that nothing may be concluded.
pub(crate) fn rows(run: &Run, index: &Index<'_>, broken: bool) -> Vec<GridRow> {
    let Some(grid) = &run.suite().grid else { return Vec::new() };
    let Some(experiment) = run.suite().experiment(&grid.experiment) else { return Vec::new() };
    let playouts = experiment.playouts[0];
    let mut tested: Vec<(usize, Vec<&PairRow>, Outcome)> = Vec::new();
    for (number, shift) in run.suite().shifts.iter().enumerate() {
        let members = members(index, grid, &shift.name, playouts);
        if !members.is_empty() {
            let outcome = cost(&members, number as u64);
            tested.push((number, members, outcome));
        }
    }
    let expected = |number: usize| match run.suite().shifts[number].expect {
        Expect::Costs => Expected::Positive,
        Expect::Helps => Expected::Negative,
        Expect::NoEffect => Expected::Nothing,
        Expect::Unknown => Expected::Unknown,
    };
    // Every cell is tested for costs and for gains alike, whatever was expected of it: what was found does not depend on what was expected.
    let family: Vec<(&Outcome, Expected)> = tested.iter().map(|(_, _, outcome)| (outcome, Expected::Unknown)).collect();
    let adjusted = adjust(&family, Correction::BenjaminiHochberg);
    tested
        .iter()
        .zip(adjusted)
        .map(|((number, members, outcome), adjusted)| {
            row(run, *number, members, outcome, &adjusted, expected(*number), broken)
        })
        .collect()
}

fn members<'a>(index: &Index<'a>, grid: &'a Grid, shift: &'a str, playouts: u32) -> Vec<&'a PairRow> {
    let cells = index.of_match(&grid.experiment, shift, &grid.agent, &grid.opponent);
    cells.filter(|(key, _)| key.playouts == playouts).flat_map(|(_, rows)| rows.iter().copied()).collect()
}

/// How many different evaluators the rows have, and how many different rivals (0 if the opponent needs no weight file).
fn units(members: &[&PairRow]) -> [usize; 2] {
    let count = |of: fn(&PairRow) -> u32| members.iter().map(|row| of(row)).collect::<BTreeSet<u32>>().len();
    let rivals = if members.iter().all(|row| row.opponent_weights.is_empty()) { 0 } else { count(|row| row.rival) };
    [count(|row| row.evaluator), rivals]
}

/// Whether rivals vary independently of evaluators, so that they can be a population of their own.
fn crossed(members: &[&PairRow]) -> bool {
    let pairs: BTreeSet<(u32, u32)> = members.iter().map(|row| (row.evaluator, row.rival)).collect();
    let [evaluators, rivals] = units(members);
    rivals > 1 && pairs.len() > evaluators
}

fn cost(members: &[&PairRow], key: u64) -> Outcome {
    let observations: Vec<Observation> = members
        .iter()
        .map(|row| Observation {
            cell: 0,
            x: 0.0,
            shift: 0,
            evaluator: row.evaluator as usize,
            rival: row.rival as usize,
            value: row.score,
        })
        .collect();
    let estimator = Estimator::Difference(Difference { weights: vec![-1.0], less: -0.5, ..Difference::default() });
    let populations: &[Population] =
        if crossed(members) { &[Population::Evaluators, Population::Rivals] } else { &[Population::Evaluators] };
    let claim = Claim {
        estimator: &estimator,
        cells: 1,
        populations,
        observations: &observations,
        covariates: &Covariates::default(),
    };
    estimate(&claim, &Settings::keyed(KEY + key))
}

fn row(
    run: &Run,
    number: usize,
    members: &[&PairRow],
    outcome: &Outcome,
    adjusted: &Adjusted,
    expected: Expected,
    broken: bool,
) -> GridRow {
    let shift = &run.suite().shifts[number];
    let word = found(outcome, adjusted, Costs::Positive);
    let agreement = if broken { Agrees::Open } else { agrees(&word, expected, Costs::Positive) };
    let [evaluators, rivals] = units(members);
    let known = outcome.as_ref().ok();
    let mut note = match outcome {
        Err(because) => because.described(&|_| "the cell".to_owned(), &|_| shift.name.clone()),
        Ok(_) => String::new(),
    };
    if broken {
        note = "an exact null of the run is broken".to_owned();
    }
    let text = match &word {
        _ if broken => "INVALID".to_owned(),
        Found::Undecided(Undecided::Invalid { .. }) => "INVALID".to_owned(),
        Found::Undecided(Undecided::Unresolved { .. }) => "UNRESOLVED".to_owned(),
        word => word.to_string(),
    };
    GridRow {
        shift: shift.name.clone(),
        expected: shift.expect.word().to_owned(),
        found: text,
        agrees: agreement.to_string(),
        // A cell from which nothing may be concluded still shows its mean cost.
        cost: known
            .map(|e| e.effect)
            .or_else(|| Some(0.5 - members.iter().map(|r| r.score).sum::<f64>() / members.len() as f64)),
        low: known.and_then(|e| e.interval).map(|interval| interval.low),
        high: known.and_then(|e| e.interval).map(|interval| interval.high),
        p: known.map(|e| e.p),
        adjusted: known.map(|_| adjusted.difference),
        detectable: known.and_then(|e| e.detectable),
        evaluators: evaluators as u32,
        rivals: rivals as u32,
        note,
    }
}
