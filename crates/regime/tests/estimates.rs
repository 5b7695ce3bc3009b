//! Estimates that can be checked by hand, and what is refused because it would mean nothing.

use regime::analysis::inference::{Detail, Method};
use regime::analysis::{Claim, Covariates, Estimate, Invalid, Observation, Place, Settings, estimate};
use regime::suite::{Estimator, Population};

use Population::{Evaluators, Rivals, Shifts};

/// Cell, shift, evaluator, value; x and rival are 0.
fn row(cell: usize, shift: usize, evaluator: usize, value: f64) -> Observation {
    Observation { cell, x: 0.0, shift, evaluator, rival: 0, value }
}

fn tell(text: &str, cells: usize, populations: &[Population], rows: &[Observation]) -> Result<Estimate, Invalid> {
    let estimator: Estimator = toml::from_str(text).unwrap();
    let covariates = Covariates::default();
    let claim = Claim { estimator: &estimator, cells, populations, observations: rows, covariates: &covariates };
    estimate(&claim, &Settings { draws: 200, ..Settings::keyed(1) })
}

/// Something that differs a little between units.
fn wobble(i: usize) -> f64 {
    [0.01, -0.02, 0.03, 0.0, -0.01, 0.02, -0.03][i % 7]
}

#[test]
fn shifts_count_alike_however_many_blocks_they_have() {
    // Shift 0 has one evaluator at .2, shift 1 three at .6: .4 over shifts; where shifts are fixed, .5 over blocks.
    let rows = [(0, 0, 0.2), (1, 0, 0.6), (1, 1, 0.5), (1, 2, 0.7)].map(|(s, e, v)| row(0, s, e, v));
    let effect = |populations: &[Population]| tell("kind = 'difference'", 1, populations, &rows).unwrap().effect;
    assert!((effect(&[Evaluators, Shifts]) - 0.4).abs() < 1e-12);
    assert!((effect(&[Evaluators]) - 0.5).abs() < 1e-12);
}

#[test]
fn blocks_count_alike_however_many_pairs_they_have() {
    let rows = [(0, 0.2), (1, 0.6), (1, 0.6), (1, 0.9), (1, 0.3)].map(|(e, v)| row(0, 0, e, v));
    let estimate = tell("kind = 'difference'\nless = 0.5", 1, &[Evaluators], &rows).unwrap();
    assert!((estimate.effect + 0.1).abs() < 1e-12);
}

#[test]
fn disjoint_shifts_are_groups() {
    let goal = (0..5).flat_map(|s| (0..6).map(move |e| row(0, s, e, 0.3 + wobble(s) + wobble(e + s))));
    let start = (5..9).flat_map(|s| (0..6).map(move |e| row(1, s, e, 0.5 + wobble(s) - wobble(2 * e))));
    let rows: Vec<_> = goal.chain(start).collect();
    let estimate = tell("kind = 'difference'", 2, &[Shifts], &rows).unwrap();
    let test = estimate.tests[0];
    assert_eq!((test.method, test.units, test.exact), (Method::Permutation, 9, true));
    assert!((test.smallest_p - 1.0 / 126.0).abs() < 1e-12);
    assert_eq!(test.p, test.smallest_p, "the groups do not overlap");
    assert!(estimate.crossed.unwrap().counts);
    // Two cells to a group: the difference of differences.
    let twice: Vec<_> = rows
        .iter()
        .flat_map(|o| [*o, Observation { cell: o.cell + 2, value: 0.9 + wobble(o.shift + o.evaluator), ..*o }])
        .collect();
    let both = tell("kind = 'difference'\nweights = [1, -1, -1, 1]", 4, &[Shifts], &twice).unwrap();
    let other = |cell: usize| {
        let of: Vec<f64> = twice.iter().filter(|o| o.cell == cell).map(|o| o.value).collect();
        of.iter().sum::<f64>() / of.len() as f64
    };
    assert!((both.effect - (estimate.effect - other(2) + other(3))).abs() < 1e-12);
    assert_eq!(both.tests[0].units, 9);
    // Where shifts are fixed there is nothing to permute.
    let fixed = tell("kind = 'difference'", 2, &[Evaluators], &rows).unwrap();
    assert_eq!((fixed.tests[0].method, fixed.tests[0].units), (Method::SignFlip, 6));
}

#[test]
fn groups_must_be_a_difference() {
    let rows: Vec<_> = (0..9).map(|s| row(usize::from(s > 4), s, 0, 0.3 + wobble(s))).collect();
    let message = |text: &str, rows: &[Observation]| tell(text, 2, &[Shifts], rows).unwrap_err().to_string();
    assert!(message("kind = 'difference'\nweights = [1, -0.5]", &rows).contains("do not add to 0"));
    assert!(message("kind = 'difference'\nless = 0.1", &rows).contains("no constant"));
    let one = tell("kind = 'difference'", 2, &[Shifts], &rows[..6]).unwrap_err();
    // Of the second group there is one shift alone, whose only observation says nothing of its spread.
    assert_eq!(one, Invalid::TooFewUnits { population: Shifts, units: 1, wanted: 2 });
}

#[test]
fn a_reference_is_no_sample_of_shifts() {
    let mut rows: Vec<_> =
        (1..8).flat_map(|s| (0..6).map(move |e| row(0, s, e, 0.3 + wobble(s) + wobble(e)))).collect();
    rows.extend((0..6).map(|e| row(1, 0, e, 0.5 + wobble(e + 3))));
    assert!(tell("kind = 'difference'", 2, &[Evaluators, Shifts], &rows).is_err());
    let estimate = tell("kind = 'difference'\nreference = [1]", 2, &[Evaluators, Shifts], &rows).unwrap();
    let mean = |cell: usize| {
        let of: Vec<f64> = rows.iter().filter(|o| o.cell == cell).map(|o| o.value).collect();
        of.iter().sum::<f64>() / of.len() as f64
    };
    assert!((estimate.effect - (mean(0) - mean(1))).abs() < 1e-12);
    let shifts = estimate.tests.iter().find(|t| t.population == Shifts).unwrap();
    assert_eq!((shifts.method, shifts.units), (Method::SignFlip, 7));
    // Every shift differs from the yardstick by its own .3 + wobble: the yardstick moves all of them alike.
    assert_eq!(shifts.p, 2.0 / 128.0);
}

#[test]
fn evaluators_without_a_label_in_common_are_groups() {
    let rows: Vec<_> =
        (0..11).map(|e| row(usize::from(e > 5), 0, e, if e > 5 { 0.6 } else { 0.4 } + wobble(e))).collect();
    let estimate = tell("kind = 'difference'", 2, &[Evaluators], &rows).unwrap();
    assert_eq!((estimate.tests[0].method, estimate.units), (Method::Permutation, 11));
    assert!((estimate.tests[0].p - 1.0 / 462.0).abs() < 1e-12);
}

#[test]
fn incomplete_shifts_are_refused_or_dropped() {
    let mut rows: Vec<_> = (0..8).flat_map(|s| [row(0, s, 0, 0.4 + wobble(s)), row(1, s, 0, 0.5)]).collect();
    rows[1].value = 0.51;
    rows.retain(|o| (o.cell, o.shift) != (1, 3));
    let refused = tell("kind = 'difference'", 2, &[Shifts], &rows).unwrap_err();
    assert_eq!(refused, Invalid::MissingCell { place: Place { cell: 1, shift: Some(3) } });
    assert_eq!(refused.to_string(), "cell 1 under shift 3 has no observations");
    let fixed = tell("kind = 'difference'", 2, &[Evaluators], &rows).unwrap_err();
    assert_eq!(fixed, refused, "the mean over other shifts is no yardstick");
    let estimate = tell("kind = 'difference'\ndrop_incomplete = true", 2, &[Shifts], &rows).unwrap();
    assert_eq!((estimate.dropped, estimate.units), (vec![3], 7));
}

#[test]
fn the_floor_makes_no_interaction() {
    let cells = |means: [f64; 4]| -> Vec<Observation> {
        means.iter().enumerate().flat_map(|(c, m)| (0..8).map(move |e| row(c, 2, e, m + 0.1 * wobble(e + c)))).collect()
    };
    let interaction = |means| tell("kind = 'interaction'", 4, &[Evaluators], &cells(means));
    let low = interaction([0.012, 0.2, 0.2, 0.5]).unwrap_err();
    assert!(low.to_string().starts_with("floor: the mean of cell 0 is 0.012"), "{low}");
    assert!(interaction([0.3, 0.2, 0.2, 0.99]).unwrap_err().to_string().starts_with("ceiling: the mean of cell 3"));
    // .8 / .5 / .5 / .2 is additive in logits: ln 4 - 0 - 0 - ln 4.
    assert!(interaction([0.8, 0.5, 0.5, 0.2]).unwrap().effect.abs() < 0.01);
    let rows: Vec<_> = cells([0.8, 0.5, 0.2, 0.0]).into_iter().filter(|o| o.cell < 3).collect();
    let given = tell("kind = 'interaction'\nconstants = { d = 0.2 }", 3, &[Evaluators], &rows).unwrap();
    assert!((given.effect - (16.0f64.ln() - 4.0f64.ln())).abs() < 0.02, "{}", given.effect);
}

/// Curves of one shift: by evaluator and x.
fn curve(cell: usize, evaluators: usize, points: &[(f64, f64)]) -> Vec<Observation> {
    let of = |e: usize| {
        points.iter().map(move |(x, y)| Observation { x: *x, ..row(cell, 0, e, y + wobble(e + *x as usize)) })
    };
    (0..evaluators).flat_map(of).collect()
}

#[test]
fn a_rising_curve_has_no_trough() {
    let rising = curve(0, 12, &[(1.0, 0.1), (4.0, 0.5), (16.0, 0.9)]);
    let text = "kind = 'peak-to-trough'\npilot = 4";
    let refused = tell(text, 1, &[Evaluators], &rising).unwrap_err();
    assert_eq!(refused, Invalid::PeakIsLast { x: 16.0 });
    assert!(refused.to_string().contains("by construction"));
    let falling = curve(0, 12, &[(1.0, 0.3), (4.0, 0.9), (16.0, 0.5), (64.0, 0.7)]);
    let estimate = tell(text, 1, &[Evaluators], &falling).unwrap();
    assert!((estimate.effect - 0.4).abs() < 0.02 && estimate.units == 8);
    assert_eq!(estimate.detail, Some(Detail::Turn { peak: 4.0, trough: 16.0 }));
    let all = tell("kind = 'peak-to-trough'\npilot = 12", 1, &[Evaluators], &falling).unwrap_err();
    assert_eq!(all, Invalid::TooFewUnits { population: Evaluators, units: 12, wanted: 13 });
    // Rivals that chose the peak cannot be a population that tests it.
    let mut rivals = falling.clone();
    rivals.iter_mut().for_each(|o| o.rival = o.evaluator % 3);
    let shared = tell(text, 1, &[Evaluators, Rivals], &rivals).unwrap_err();
    assert!(shared.to_string().contains("rivals that are tested have also chosen the peak"), "{shared}");
    rivals.iter_mut().for_each(|o| o.rival = o.evaluator);
    assert_eq!(tell(text, 1, &[Evaluators, Rivals], &rivals).unwrap().effect, estimate.effect);
}

#[test]
fn slopes_areas_and_times_are_those_of_the_curve() {
    let line = curve(0, 7, &[(0.0, 0.2), (1.0, 0.3), (3.0, 0.5)]);
    // Each evaluator's wobble at x is that of another one: over all seven they cancel.
    let trend = tell("kind = 'trend'", 1, &[Evaluators], &line).unwrap();
    assert!((trend.effect - 0.1).abs() < 1e-12);
    assert!(
        (trend.margin.unwrap() - regime::analysis::inference::multiplicity::score_of_elo(20.0) / 3.0).abs() < 1e-12
    );
    let area = tell("kind = 'area'\nless = 0.3", 1, &[Evaluators], &line).unwrap();
    assert!((area.effect - ((0.25 * 1.0 + 0.4 * 2.0) / 3.0 - 0.3)).abs() < 1e-12);
    let log = tell("kind = 'area'\naxis = 'log'\nless = 0.3", 1, &[Evaluators], &line).unwrap_err();
    assert_eq!(log, Invalid::NoLogarithm { x: 0.0 });
    let point = curve(0, 7, &[(2.0, 0.2)]);
    let refused = tell("kind = 'trend'", 1, &[Evaluators], &point).unwrap_err();
    assert_eq!(refused, Invalid::TooFewPoints { place: Place { cell: 0, shift: None }, points: 1 });
    let mut two = line;
    two.extend(curve(1, 7, &[(0.0, 0.2), (1.0, 0.3), (2.0, 0.5)]));
    let refused = tell("kind = 'area'", 2, &[Evaluators], &two).unwrap_err();
    assert_eq!(refused, Invalid::DifferentRange { place: Place { cell: 1, shift: None } });

    // Up, down again, and up for good at 8; the second never.
    let mut arriving = curve(0, 7, &[(1.0, 0.6), (2.0, 0.3), (4.0, 0.4), (8.0, 0.6), (16.0, 0.7)]);
    arriving.extend(curve(1, 7, &[(1.0, 0.3), (2.0, 0.3), (4.0, 0.4), (8.0, 0.6), (16.0, 0.4)]));
    arriving.iter_mut().filter(|o| o.evaluator == 0 && o.x == 4.0 && o.cell == 0).for_each(|o| o.value = 0.6);
    let text = "kind = 'time-to-threshold'\nthreshold = 0.5\nside = 'at-least'";
    let estimate = tell(text, 2, &[Evaluators], &arriving).unwrap();
    assert!((estimate.effect - (-12.0 - 6.0 * 8.0) / 7.0).abs() < 1e-12);
    let Some(Detail::Times { last, cut_off }) = &estimate.detail else { panic!("{:?}", estimate.detail) };
    assert_eq!((*last, cut_off[0].curves, cut_off[1].curves, cut_off[1].of), (16.0, 0, 7, 7));
    assert!(estimate.equivalence.is_none(), "no margin, no equivalence");
}

#[test]
fn what_nothing_could_have_moved_is_invalid() {
    // Two cells of equal games: no unit differs, whatever the games are like.
    let rows: Vec<_> = (0..9).flat_map(|e| [0, 1].map(|c| row(c, 0, e, 0.5 + wobble(e)))).collect();
    assert_eq!(tell("kind = 'difference'", 2, &[Evaluators], &rows).unwrap_err(), Invalid::Unmoved);
    let saturated: Vec<_> = (0..9).flat_map(|e| [row(0, 0, e, 0.5 + wobble(e)), row(1, 0, e, 1.0)]).collect();
    let refused = tell("kind = 'difference'", 2, &[Evaluators], &saturated).unwrap_err();
    assert_eq!(refused, Invalid::Constant { place: Place { cell: 1, shift: None }, value: 1.0 });
}

#[test]
fn associations_want_shifts_that_differ() {
    let estimator = |text: &str| toml::from_str::<Estimator>(&format!("kind = 'association'\n{text}")).unwrap();
    let rows: Vec<_> = (0..8).map(|s| row(0, s, 0, 0.3 + wobble(s) + 0.02 * s as f64)).collect();
    let tell = |text: &str, numbers: &[(usize, f64)], group: &[usize], rows: &[Observation]| {
        let covariates =
            Covariates { numbers: numbers.iter().copied().collect(), group: group.iter().copied().collect() };
        let estimator = &estimator(text);
        let claim = Claim { estimator, cells: 1, populations: &[Shifts], observations: rows, covariates: &covariates };
        estimate(&claim, &Settings::keyed(1))
    };
    let pearson = "statistic = 'pearson'\ncovariate = { measured = 'z' }";
    let rising: Vec<(usize, f64)> = (0..8).map(|s| (s, s as f64)).collect();
    let estimate = tell(pearson, &rising, &[], &rows).unwrap();
    assert!(estimate.effect > 0.9 && estimate.p < 0.01 && estimate.crossed.is_some_and(|c| !c.counts));
    assert_eq!(tell(pearson, &rising[1..], &[], &rows).unwrap_err(), Invalid::MissingCovariate { shift: 0 });
    let dropped = tell(&format!("{pearson}\ndrop_incomplete = true"), &rising[1..], &[], &rows).unwrap();
    assert_eq!((dropped.dropped, dropped.units), (vec![0], 7));
    let flat: Vec<(usize, f64)> = (0..8).map(|s| (s, 2.5)).collect();
    assert_eq!(tell(pearson, &flat, &[], &rows).unwrap_err(), Invalid::FlatCovariate);
    let few = Invalid::TooFewUnits { population: Shifts, units: 4, wanted: 5 };
    assert_eq!(tell(pearson, &rising, &[], &rows[..4]).unwrap_err(), few);
    let coefficient = "statistic = 'coefficient'\ncovariate = { measured = 'z' }\ngroup = ['g']";
    let one = Invalid::TooFewUnits { population: Shifts, units: 1, wanted: 2 };
    assert_eq!(tell(coefficient, &rising, &[3], &rows).unwrap_err(), one);
    let told: Vec<(usize, f64)> = (0..8).map(|s| (s, if s < 3 { 1.0 } else { 4.0 })).collect();
    assert_eq!(tell(coefficient, &told, &[0, 1, 2], &rows).unwrap_err(), Invalid::FlatCovariate);
}

#[test]
fn shifts_may_be_the_points_of_a_dial_where_they_are_fixed() {
    let dial: Vec<_> = (0..5)
        .flat_map(|s| {
            (0..8)
                .map(move |e| Observation { x: s as f64 / 4.0, ..row(0, s, e, 0.5 - 0.04 * s as f64 + wobble(e * s)) })
        })
        .collect();
    let estimate = tell("kind = 'trend'", 1, &[Evaluators], &dial).unwrap();
    assert!(estimate.effect < -0.1 && estimate.units == 8);
    let random = tell("kind = 'trend'", 1, &[Shifts], &dial).unwrap_err();
    assert_eq!(random, Invalid::TooFewPoints { place: Place { cell: 0, shift: Some(0) }, points: 1 });
    // Shifts with some of the points would be compared with each other along x.
    let mut uneven = dial;
    uneven.push(Observation { x: 0.5, ..row(0, 0, 0, 0.5) });
    let refused = tell("kind = 'trend'", 1, &[Evaluators], &uneven).unwrap_err();
    assert!(matches!(refused, Invalid::MissingPoint { .. }), "{refused}");
}

#[test]
fn hostile_observations_give_an_error_or_a_value() {
    let wild = [f64::NAN, f64::INFINITY, -1e300, 1e300, 0.0, -0.0];
    for (i, value) in wild.iter().enumerate() {
        for text in
            ["kind = 'difference'", "kind = 'interaction'\nconstants = { b = 0.5, c = 0.5, d = 0.5 }", "kind = 'trend'"]
        {
            let mut rows = curve(0, 6, &[(0.0, 0.4), (1.0, 0.5)]);
            rows[i].value = *value;
            rows[i + 2].x = *value;
            let told = tell(text, 1, &[Evaluators, Shifts], &rows);
            assert!(told.map_or(true, |e| e.effect.is_finite() && (0.0..=1.0).contains(&e.p)), "{text} with {value}");
        }
    }
    let far = [usize::MAX, usize::MAX - 1, 0].map(|label| Observation { rival: label, ..row(0, label, label, 0.1) });
    assert!(
        tell("kind = 'difference'", 1, &[Evaluators], &[far, far.map(|o| Observation { value: 0.2, ..o })].concat())
            .is_ok()
    );
    let cell = tell("kind = 'difference'", 1, &[Evaluators], &[row(usize::MAX, 0, 0, 0.1)]).unwrap_err();
    assert!(matches!(cell, Invalid::Description { .. }));
}
