//! How often the analysis is wrong, and how often it sees what is there: suites are simulated whose truth is known.
//!
//! Random effects have the size that pair scores show: standard deviation .33 of a pair, .03 between evaluators, .10 between shifts, .03 of what
//! a shift does to one evaluator, .03 between rivals. A block of 50 pairs is simulated as one value.

use std::fmt::Write as _;
use std::path::Path;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use regime::analysis::inference::distributions::normal_quantile;
use regime::analysis::inference::multiplicity::Correction;
use regime::analysis::{
    Claim, Covariates, Expected, Observation, Outcome, Settings, Verdict, adjust, estimate, verdict,
};
use regime::suite::{Estimator, Population};

use Population::{Evaluators, Rivals, Shifts};

/// Suites per design.
const SUITES: u64 = 2000;
/// At most this share of suites may be called significant where there is nothing: 5% and three standard errors of 2,000 suites.
const MOST: f64 = 0.065;
/// Pairs of a block.
const PAIRS: f64 = 50.0;

#[derive(Clone, Copy)]
struct Deviations {
    pair: f64,
    evaluator: f64,
    shift: f64,
    shift_evaluator: f64,
    rival: f64,
}

const USUAL: Deviations = Deviations { pair: 0.33, evaluator: 0.03, shift: 0.10, shift_evaluator: 0.03, rival: 0.03 };
/// Shifts and evaluators that vary alike: the hardest case for tests of one population at a time.
const ALIKE: Deviations = Deviations { evaluator: 0.05, shift: 0.05, ..USUAL };

#[derive(Clone, Copy)]
struct Design {
    name: &'static str,
    evaluators: usize,
    rivals: usize,
    shifts: usize,
    populations: &'static [Population],
    deviations: Deviations,
}

const CROSSED: Design = Design {
    name: "12 evaluators x 12 shifts",
    evaluators: 12,
    rivals: 1,
    shifts: 12,
    populations: &[Evaluators, Shifts],
    deviations: USUAL,
};
const ONE_SHIFT: Design = Design { name: "12 evaluators x 1 shift", shifts: 1, populations: &[Evaluators], ..CROSSED };
const MORE_SHIFTS: Design = Design { name: "8 evaluators x 20 shifts", evaluators: 8, shifts: 20, ..CROSSED };
const VARYING_ALIKE: Design =
    Design { name: "12 evaluators x 12 shifts that vary alike", deviations: ALIKE, ..CROSSED };
/// Shifts that hardly ever act: all share evaluators and openings, so that most of the noise of their games is the same.
const SAME_GAMES: Design = Design {
    name: "12 evaluators x 12 shifts with nearly the same games",
    deviations: Deviations { pair: 0.05, evaluator: 0.055, shift: 0.005, shift_evaluator: 0.01, rival: 0.0 },
    ..CROSSED
};
const THREE: Design = Design {
    name: "8 evaluators x 8 rivals x 8 shifts",
    evaluators: 8,
    rivals: 8,
    shifts: 8,
    populations: &[Evaluators, Rivals, Shifts],
    ..CROSSED
};

/// What values are made of besides random effects.
#[derive(Clone, Copy)]
struct Curves {
    /// By cell, then by x.
    means: &'static [&'static [f64]],
    xs: &'static [f64],
    /// How much a random effect weighs at each x.
    loads: &'static [f64],
    /// Whether random effects belong to each x anew.
    every_x: bool,
    /// Means and random effects are in logits.
    logit: bool,
}

const FLAT: Curves = Curves { means: &[&[0.5]], xs: &[0.0], loads: &[1.0], every_x: false, logit: false };

struct Noise(ChaCha8Rng);

impl Noise {
    fn normal(&mut self, deviation: f64) -> f64 {
        normal_quantile(self.0.random::<f64>().clamp(1e-15, 1.0 - 1e-15)) * deviation
    }

    fn normals(&mut self, count: usize, deviation: f64) -> Vec<f64> {
        (0..count).map(|_| self.normal(deviation)).collect()
    }
}

/// Values of all cells; cell 0 has `effect` added.
fn simulate(design: &Design, curves: &Curves, effect: f64, noise: &mut Noise) -> Vec<Observation> {
    let (d, fixed) = (&design.deviations, !design.populations.contains(&Shifts));
    // Half a point of score is two in logits.
    let unit = if curves.logit { 4.0 } else { 1.0 };
    let mut observations = Vec::new();
    for (cell, means) in curves.means.iter().enumerate() {
        let mut drawn = None;
        for (i, x) in curves.xs.iter().enumerate() {
            if curves.every_x || drawn.is_none() {
                let shifts = noise.normals(design.shifts, if fixed { 0.0 } else { d.shift * unit });
                let evaluators = noise.normals(design.evaluators, d.evaluator * unit);
                let rivals = noise.normals(design.rivals, if design.rivals > 1 { d.rival * unit } else { 0.0 });
                let both = noise.normals(design.shifts * design.evaluators, d.shift_evaluator * unit);
                drawn = Some((shifts, (evaluators, (rivals, both))));
            }
            let Some((shifts, (evaluators, (rivals, both)))) = &drawn else { continue };
            for shift in 0..design.shifts {
                for evaluator in 0..design.evaluators {
                    for (rival, of_rival) in rivals.iter().enumerate() {
                        let random = shifts[shift]
                            + evaluators[evaluator]
                            + of_rival
                            + both[shift * design.evaluators + evaluator];
                        let mean = means[i] + curves.loads[i] * random + if cell == 0 { effect } else { 0.0 };
                        let mean = if curves.logit { 1.0 / (1.0 + (-mean).exp()) } else { mean };
                        let value = mean + noise.normal(d.pair / PAIRS.sqrt());
                        observations.push(Observation { cell, x: *x, shift, evaluator, rival, value });
                    }
                }
            }
        }
    }
    observations
}

/// Estimates without intervals, which no verdict rests on.
fn outcome(estimator: &Estimator, cells: usize, design: &Design, rows: &[Observation], ties: &Covariates) -> Outcome {
    let claim = Claim { estimator, cells, populations: design.populations, observations: rows, covariates: ties };
    estimate(&claim, &Settings { key: 5, draws: 0, permutations: 999 })
}

fn word(outcome: &Outcome, expected: Expected) -> Verdict {
    verdict(outcome, &adjust(&[(outcome, expected)], Correction::Holm)[0], expected)
}

fn read(text: &str) -> Estimator {
    toml::from_str(text).unwrap()
}

/// Shares of suites.
#[derive(Default)]
struct Rates {
    significant: f64,
    supported: f64,
    invalid: f64,
}

/// Of suites in which nothing is true: how many are significant, and how many are called SUPPORTED, whatever the sign.
fn rates(suites: u64, key: u64, one: impl Fn(&mut Noise) -> Outcome) -> Rates {
    let mut rates = Rates::default();
    for suite in 0..suites {
        let mut rng = ChaCha8Rng::seed_from_u64(key);
        rng.set_stream(suite);
        let outcome = one(&mut Noise(rng));
        let share = 1.0 / suites as f64;
        match &outcome {
            Ok(estimate) if estimate.p < 0.05 => rates.significant += share,
            Ok(_) => {}
            Err(_) => rates.invalid += share,
        }
        if word(&outcome, Expected::Unknown) == Verdict::Supported {
            rates.supported += share;
        }
    }
    rates
}

#[track_caller]
fn hold(name: &str, least: f64, rates: &Rates) {
    eprintln!(
        "{name}: {:.3} significant, {:.3} supported, {:.3} invalid",
        rates.significant, rates.supported, rates.invalid
    );
    assert!(rates.significant <= MOST && rates.supported <= MOST, "{name}: {}", rates.significant);
    assert!(rates.significant >= least, "{name}: only {} significant, the test is not one of 5%", rates.significant);
    assert!(rates.invalid < 0.01, "{name}: {} invalid", rates.invalid);
}

fn hold_curves(kind: &str, estimator: &Estimator, curves: &Curves, designs: &[Design]) {
    for design in designs {
        // Times lie on a grid: many units are equal, and fewer sign patterns differ.
        let least = if design.populations.len() == 1 && kind != "time to threshold" { 0.035 } else { 0.01 };
        let name = format!("{kind}, {}", design.name);
        let one = |noise: &mut Noise| {
            let rows = simulate(design, curves, 0.0, noise);
            outcome(estimator, curves.means.len(), design, &rows, &Covariates::default())
        };
        hold(&name, least, &rates(SUITES, 1, one));
    }
}

const DESIGNS: [Design; 3] = [CROSSED, ONE_SHIFT, MORE_SHIFTS];

#[test]
fn differences_are_wrong_one_time_in_twenty() {
    let designs = [CROSSED, ONE_SHIFT, MORE_SHIFTS, VARYING_ALIKE, SAME_GAMES, THREE];
    hold_curves("difference", &read("kind = 'difference'\nless = 0.5"), &FLAT, &designs);
}

#[test]
fn interactions_are_wrong_one_time_in_twenty() {
    let curves = Curves { means: &[&[-0.5], &[-0.1], &[-0.1], &[0.3]], logit: true, ..FLAT };
    hold_curves("interaction", &read("kind = 'interaction'"), &curves, &DESIGNS);
}

#[test]
fn trends_are_wrong_one_time_in_twenty() {
    let curves = Curves { means: &[&[0.5; 4]], xs: &[0.0, 0.5, 0.75, 1.0], loads: &[0.0, 0.5, 0.75, 1.0], ..FLAT };
    hold_curves("trend", &read("kind = 'trend'"), &curves, &DESIGNS);
    let curves = Curves { means: &[&[0.3; 4]], logit: true, ..curves };
    hold_curves("trend in logits", &read("kind = 'trend'\nscale = 'logit'"), &curves, &DESIGNS);
}

#[test]
fn peaks_of_flat_curves_are_wrong_one_time_in_twenty() {
    let curves = Curves { means: &[&[0.5; 4]], xs: &[1.0, 4.0, 16.0, 64.0], loads: &[1.0; 4], every_x: true, ..FLAT };
    for design in DESIGNS {
        let pilot_shifts = if design.populations.contains(&Shifts) { 4 } else { 0 };
        let estimator = read(&format!("kind = 'peak-to-trough'\npilot = 4\npilot_shifts = {pilot_shifts}"));
        let (evaluators, shifts) = (design.evaluators + 4, design.shifts + pilot_shifts);
        let design = Design { evaluators, shifts, ..design };
        let name = format!("peak to trough, pilots beside {}", design.name);
        // A flat curve is highest at its last point one time in four: such suites are drawn again.
        let one = |noise: &mut Noise| loop {
            let rows = simulate(&design, &curves, 0.0, noise);
            let outcome = outcome(&estimator, 1, &design, &rows, &Covariates::default());
            if outcome.is_ok() {
                break outcome;
            }
        };
        hold(&name, 0.01, &rates(SUITES, 2, one));
    }
}

#[test]
fn areas_are_wrong_one_time_in_twenty() {
    let curves = Curves { means: &[&[0.3, 0.4, 0.5] as &[f64]; 2], xs: &[1.0, 4.0, 64.0], loads: &[1.0; 3], ..FLAT };
    hold_curves("area", &read("kind = 'area'\naxis = 'log'"), &curves, &DESIGNS);
}

#[test]
fn times_are_wrong_one_time_in_twenty() {
    let means: &[&[f64]] = &[&[0.2, 0.3, 0.4, 0.5, 0.6] as &[f64]; 2];
    let curves = Curves { means, xs: &[1.0, 2.0, 3.0, 4.0, 5.0], loads: &[1.0; 5], ..FLAT };
    let estimator = read("kind = 'time-to-threshold'\nthreshold = 0.45\nside = 'at-least'");
    hold_curves("time to threshold", &estimator, &curves, &DESIGNS);
}

#[test]
fn differences_between_groups_of_shifts_are_wrong_one_time_in_twenty() {
    let estimator = read("kind = 'difference'");
    let alone = Design { name: "12 against 4 shifts", shifts: 16, populations: &[Shifts], ..CROSSED };
    let both = Design { name: "12 evaluators x 12 against 4 shifts", populations: &[Evaluators, Shifts], ..alone };
    for design in [alone, both] {
        let one = |noise: &mut Noise| {
            let mut rows = simulate(&design, &FLAT, 0.0, noise);
            rows.iter_mut().for_each(|o| o.cell = usize::from(o.shift >= 12));
            outcome(&estimator, 2, &design, &rows, &Covariates::default())
        };
        hold(&format!("difference, {}", design.name), 0.01, &rates(SUITES, 3, one));
    }
}

#[test]
fn associations_are_wrong_one_time_in_twenty() {
    for statistic in ["pearson", "spearman", "coefficient"] {
        let group = if statistic == "coefficient" { "group = ['x']" } else { "" };
        let estimator = read(&format!(
            "kind = 'association'\nstatistic = '{statistic}'\ncovariate = {{ measured = 'z' }}\n{group}"
        ));
        for design in [CROSSED, MORE_SHIFTS] {
            let one = |noise: &mut Noise| {
                let ties = Covariates {
                    numbers: (0..design.shifts).map(|shift| (shift, noise.normal(1.0))).collect(),
                    group: (0..design.shifts / 3).collect(),
                };
                let rows = simulate(&design, &FLAT, 0.0, noise);
                outcome(&estimator, 1, &design, &rows, &ties)
            };
            hold(&format!("{statistic}, {}", design.name), 0.01, &rates(SUITES, 4, one));
        }
    }
}

/// The mean score less a half, with an effect of the given size.
fn score(design: &Design, effect: f64, noise: &mut Noise) -> Outcome {
    let rows = simulate(design, &FLAT, effect, noise);
    outcome(&read("kind = 'difference'\nless = 0.5"), 1, design, &rows, &Covariates::default())
}

#[test]
fn designs_with_holes_are_wrong_one_time_in_twenty() {
    let estimator = read("kind = 'difference'\nless = 0.5");
    let holes = |noise: &mut Noise| {
        let mut rows = simulate(&VARYING_ALIKE, &FLAT, 0.0, noise);
        rows.retain(|_| noise.0.random::<f64>() < 0.7);
        outcome(&estimator, 1, &VARYING_ALIKE, &rows, &Covariates::default())
    };
    hold("a third of the blocks missing", 0.01, &rates(SUITES, 6, holes));
    // Rivals are selected anew under each shift, but numbered from 0 under all of them: as a population of their own, and as part of what differs
    // between shifts.
    let anew = |noise: &mut Noise| {
        let effects = noise.normals(THREE.shifts * THREE.rivals, 0.05);
        let mut rows = simulate(&THREE, &FLAT, 0.0, noise);
        rows.iter_mut().for_each(|o| o.value += effects[o.shift * THREE.rivals + o.rival]);
        outcome(&estimator, 1, &THREE, &rows, &Covariates::default())
    };
    hold("eight rivals of each shift's own", 0.01, &rates(SUITES, 12, anew));
    let few = |noise: &mut Noise| {
        let (rivals, deviation) = (4, 0.05);
        let effects = noise.normals(THREE.shifts * rivals, deviation);
        let design = Design { rivals, ..THREE };
        let mut rows = simulate(&design, &FLAT, 0.0, noise);
        rows.iter_mut().for_each(|o| o.value += effects[o.shift * rivals + o.rival]);
        rows.retain(|o| o.rival < 2 + o.shift % 3);
        // Four units cannot reach 5% by sign flips; what differs between shifts holds these rivals too.
        let design = Design { populations: &[Evaluators, Shifts], ..design };
        outcome(&estimator, 1, &design, &rows, &Covariates::default())
    };
    hold("two to four rivals of each shift's own", 0.01, &rates(SUITES, 7, few));
}

#[test]
fn effects_at_the_margin_are_rarely_called_absent() {
    for design in [CROSSED, ONE_SHIFT, MORE_SHIFTS, VARYING_ALIKE] {
        // Shifts that vary by .10 never show equivalence: they vary by a tenth of it here, and blocks have 200 pairs.
        let deviations = Deviations { shift: 0.01, pair: 0.165, ..design.deviations };
        let design = Design { deviations, ..design };
        let margin = regime::analysis::inference::multiplicity::score_of_elo(20.0);
        let mut absent = [0.0, 0.0];
        for suite in 0..SUITES {
            for (share, effect) in absent.iter_mut().zip([margin, 0.0]) {
                let mut rng = ChaCha8Rng::seed_from_u64(8);
                rng.set_stream(suite);
                let estimate = score(&design, effect, &mut Noise(rng)).unwrap();
                *share += f64::from(u8::from(estimate.equivalence.unwrap().p < 0.05)) / SUITES as f64;
            }
        }
        eprintln!("absent, {}: {:.3} at the margin, {:.3} at 0", design.name, absent[0], absent[1]);
        assert!(absent[0] <= MOST, "{}: {}", design.name, absent[0]);
        assert!(absent[1] > 0.15, "{}: {} where nothing is true", design.name, absent[1]);
    }
}

#[test]
fn intervals_cover_the_truth() {
    let suites = 500;
    for design in [CROSSED, ONE_SHIFT, MORE_SHIFTS, VARYING_ALIKE] {
        let mut covered = 0;
        for suite in 0..suites {
            let mut rng = ChaCha8Rng::seed_from_u64(9);
            rng.set_stream(suite);
            let rows = simulate(&design, &FLAT, 0.05, &mut Noise(rng));
            let claim = Claim {
                estimator: &read("kind = 'difference'\nless = 0.5"),
                cells: 1,
                populations: design.populations,
                observations: &rows,
                covariates: &Covariates::default(),
            };
            let estimate = estimate(&claim, &Settings { key: suite, draws: 800, permutations: 999 }).unwrap();
            let interval = estimate.interval.unwrap();
            covered += u32::from(interval.low <= 0.05 && 0.05 <= interval.high);
        }
        let share = f64::from(covered) / suites as f64;
        eprintln!("covered, {}: {share:.3}", design.name);
        // 95% less three standard errors of 500 suites.
        assert!(share >= 0.92, "{}: {share}", design.name);
    }
}

#[test]
fn the_effect_that_a_design_would_show_is_shown_four_times_in_five() {
    let groups = Design { name: "12 evaluators x 12 against 4 shifts", shifts: 16, ..CROSSED };
    let small = Design { name: "6 evaluators x 7 shifts", evaluators: 6, shifts: 7, ..CROSSED };
    for design in [CROSSED, ONE_SHIFT, MORE_SHIFTS, VARYING_ALIKE, small, groups] {
        let one = |effect: f64, suite: u64| {
            let mut rng = ChaCha8Rng::seed_from_u64(10);
            rng.set_stream(suite);
            let noise = &mut Noise(rng);
            if design.shifts != 16 {
                return score(&design, effect, noise).unwrap();
            }
            let mut rows = simulate(&design, &FLAT, 0.0, noise);
            rows.iter_mut().for_each(|o| o.cell = usize::from(o.shift >= 12));
            rows.iter_mut().filter(|o| o.cell == 0).for_each(|o| o.value += effect);
            outcome(&read("kind = 'difference'"), 2, &design, &rows, &Covariates::default()).unwrap()
        };
        let suites = 600;
        // Standard errors are estimated: the mean square says what the design is like.
        let squares: f64 = (0..suites).map(|suite| one(0.0, suite).detectable.unwrap().powi(2)).sum();
        let detectable = (squares / suites as f64).sqrt();
        let supported = (suites..2 * suites).filter(|suite| {
            let outcome = Ok(one(detectable, *suite));
            word(&outcome, Expected::Positive) == Verdict::Supported
        });
        let share = supported.count() as f64 / suites as f64;
        eprintln!("shown, {}: {share:.3} at {detectable:.3}", design.name);
        // Three standard errors of 600 suites, and what the t test's approximation leaves out.
        assert!((0.73..=0.88).contains(&share), "{}: {share}", design.name);
    }
}

/// Shares of 400 suites that are called SUPPORTED, by true effect. After an intended change: `INTERREGNUM_BLESS=1 cargo test -p regime --test
/// error_rates`.
#[test]
fn power_is_the_golden_one() {
    let suites = 400;
    let mut found = String::new();
    for design in [CROSSED, ONE_SHIFT, MORE_SHIFTS, VARYING_ALIKE] {
        let _ = write!(found, "{}:", design.name);
        for effect in [0.0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15] {
            let supported = (0..suites).filter(|suite| {
                let mut rng = ChaCha8Rng::seed_from_u64(11);
                rng.set_stream(*suite);
                let outcome = score(&design, effect, &mut Noise(rng));
                word(&outcome, Expected::Positive) == Verdict::Supported
            });
            let _ = write!(found, " {effect} {:.4}", supported.count() as f64 / suites as f64);
        }
        found.push('\n');
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/power.txt");
    if std::env::var_os("INTERREGNUM_BLESS").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), found);
}
