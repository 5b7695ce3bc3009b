//! Every estimator beside values computed with numpy and scipy from the definitions (`data/estimators.py`).

use std::collections::{BTreeMap, BTreeSet};

use regime::analysis::inference::{Detail, distributions};
use regime::analysis::{Claim, Covariates, Estimate, Observation, Settings, estimate};
use regime::suite::{Estimator, Population};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    distributions: Distributions,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Distributions {
    student_cdf: Vec<[f64; 3]>,
    student_quantile: Vec<[f64; 3]>,
    normal_quantile: Vec<[f64; 2]>,
    normal_cdf: Vec<[f64; 2]>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    estimator: Estimator,
    cells: usize,
    populations: Vec<Population>,
    /// Cell, x, shift, evaluator, rival, value.
    observations: Vec<[f64; 6]>,
    numbers: BTreeMap<usize, f64>,
    group: BTreeSet<usize>,
    effect: f64,
    p: f64,
    smallest_p: f64,
    tests: Vec<Test>,
    error: f64,
    df: f64,
    crossed_p: f64,
    margin: Option<f64>,
    equivalence_p: Option<f64>,
    detectable: Option<f64>,
    interval: [f64; 2],
    /// Whether the interval can be compared.
    compare: bool,
    detail: Option<Vec<f64>>,
}

#[derive(Deserialize)]
struct Test {
    population: Population,
    units: usize,
    p: f64,
    smallest_p: f64,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("data/estimators.json")).unwrap()
}

impl Case {
    fn observations(&self) -> Vec<Observation> {
        let of = |row: &[f64; 6]| Observation {
            cell: row[0] as usize,
            x: row[1],
            shift: row[2] as usize,
            evaluator: row[3] as usize,
            rival: row[4] as usize,
            value: row[5],
        };
        self.observations.iter().map(of).collect()
    }

    fn estimate(&self, observations: &[Observation], settings: &Settings) -> Estimate {
        let covariates = Covariates { numbers: self.numbers.clone(), group: self.group.clone() };
        let claim = Claim {
            estimator: &self.estimator,
            cells: self.cells,
            populations: &self.populations,
            observations,
            covariates: &covariates,
        };
        estimate(&claim, settings).unwrap_or_else(|invalid| panic!("{}: {invalid}", self.name))
    }
}

#[track_caller]
fn near(name: &str, what: &str, found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{name}: {what} is {found}, {expected} expected");
}

#[test]
fn effects_and_tests_are_those_of_the_definitions() {
    for case in reference().cases {
        let name = &case.name;
        let found = case.estimate(&case.observations(), &Settings { draws: 0, ..Settings::keyed(1) });
        near(name, "effect", found.effect, case.effect, 1e-9);
        assert_eq!(found.tests.len(), case.tests.len(), "{name}");
        for expected in &case.tests {
            let test = found.tests.iter().find(|t| t.population == expected.population).expect(name);
            assert_eq!(test.units, expected.units, "{name}");
            // What cannot be gone through is drawn 9,999 times here and 20,000 times or more there.
            let drawn = if test.exact { 0.0 } else { 4.0 * (expected.p * (1.0 - expected.p) * 1.5 / 9999.0).sqrt() };
            assert_eq!(test.exact, expected.smallest_p != 1e-4, "{name}");
            near(name, "p of a population", test.p, expected.p, 1e-12 + drawn);
            near(name, "smallest p", test.smallest_p, expected.smallest_p, 1e-12);
        }
        let fewest = case.tests.iter().map(|t| t.units).min().unwrap();
        assert_eq!(found.units, fewest, "{name}");
        let crossed = found.crossed.expect(name);
        near(name, "standard error", crossed.error, case.error, 1e-9);
        near(name, "degrees of freedom", crossed.df, case.df, 1e-6);
        near(name, "crossed p", crossed.p, case.crossed_p, 1e-8);
        let drawn = found.tests.iter().any(|test| !test.exact);
        near(name, "p", found.p, case.p, if drawn { 0.03 } else { 1e-8 });
        near(name, "smallest p", found.smallest_p, case.smallest_p, 1e-12);
        near(name, "margin", found.margin.unwrap_or(0.0), case.margin.unwrap_or(0.0), 1e-12);
        assert_eq!(found.equivalence.is_some(), case.equivalence_p.is_some(), "{name}");
        let equivalence = found.equivalence.map_or(0.0, |e| e.p);
        near(name, "p of equivalence", equivalence, case.equivalence_p.unwrap_or(0.0), 1e-8);
        assert_eq!(found.detectable.is_some(), case.detectable.is_some(), "{name}");
        near(name, "detectable", found.detectable.unwrap_or(0.0), case.detectable.unwrap_or(0.0), 1e-6);
        let detail = found.detail.map(|detail| match detail {
            Detail::Turn { peak, trough } => vec![peak, trough],
            Detail::Times { last, cut_off } => {
                let cut_off = cut_off.iter().map(|c| c.curves as f64);
                std::iter::once(last).chain(cut_off).collect()
            }
        });
        assert_eq!(detail, case.detail, "{name}");
    }
}

/// The program draws pairs by a normal approximation, the reference draws the pairs; both draw 20,000 times. At 5 degrees of freedom the share of
/// draws outside an end is 0.24%, where the error of a quantile is 4.5% of the standard deviation of the draws and so 0.8% of the width of
/// the interval; 5% leave room for four such errors of both. With fewer degrees of freedom the ends are the furthest draws, which are not compared.
#[test]
fn intervals_are_those_of_the_crossed_bootstrap() {
    for case in reference().cases.into_iter().filter(|case| case.compare && case.df >= 4.5) {
        let name = &case.name;
        let found = case.estimate(&case.observations(), &Settings { draws: 20_000, ..Settings::keyed(7) });
        let interval = found.interval.expect(name);
        let tolerance = 0.05 * (case.interval[1] - case.interval[0]);
        near(name, "low", interval.low, case.interval[0], tolerance);
        near(name, "high", interval.high, case.interval[1], tolerance);
    }
}

#[test]
fn neither_the_order_of_rows_nor_labels_matter() {
    let settings = Settings { draws: 50, ..Settings::keyed(3) };
    for case in reference().cases {
        let observations = case.observations();
        let found = case.estimate(&observations, &settings);
        let mut turned = observations.clone();
        turned.reverse();
        assert_eq!(case.estimate(&turned, &settings), found, "{}: order", case.name);
        for o in &mut turned {
            (o.evaluator, o.rival) = (5 * o.evaluator + 2, 3 * o.rival + 11);
        }
        assert_eq!(case.estimate(&turned, &settings), found, "{}: labels", case.name);
        let other = case.estimate(&observations, &Settings { key: 4, ..settings });
        assert_ne!(other.interval, found.interval, "{}: the key", case.name);
        if found.tests.iter().all(|test| test.exact) {
            assert_eq!((other.p, other.effect), (found.p, found.effect), "{}: what is exact", case.name);
        }
    }
}

#[test]
fn distributions_are_those_of_scipy() {
    let reference = reference().distributions;
    for [t, df, p] in reference.student_cdf {
        let found = distributions::student_cdf(t, df);
        assert!((found - p).abs() <= 1e-9 * p, "P(T <= {t}) with {df}: {found}, {p} expected");
    }
    for [p, df, t] in reference.student_quantile {
        let found = distributions::student_quantile(p, df);
        assert!((found - t).abs() < 1e-8 * t.abs().max(1.0), "quantile {p} with {df}: {found}, {t} expected");
    }
    for [p, x] in reference.normal_quantile {
        near("normal", "quantile", distributions::normal_quantile(p), x, 1e-13 * x.abs().max(1.0));
    }
    for [x, p] in reference.normal_cdf {
        assert!((distributions::normal_cdf(x) / p - 1.0).abs() < 1e-13, "P(Z <= {x})");
    }
}
