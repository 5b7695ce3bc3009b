//! Claims: from the rows of their cells to findings.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::cells::mean_of_means;
use super::index::Index;
use super::inference::Method;
use super::inference::multiplicity::Correction;
use super::run::Run;
use super::summary::{CellPoint, Finding, FindingCell, Monitored, ScatterPoint};
use super::{
    Adjusted, Covariates, Expected, Observation, Outcome, Settings, Undecided, Verdict, adjust, estimate, marks,
    verdict,
};
use crate::rows::{PairRow, ProbeRow};
use crate::suite::{
    Association, Claim, ClaimCell, Estimator, Expects, Measure, Population, ReadFrom, Scale, Shift, Tier, X, XOf,
    weights_or_default,
};

/// The first label of a dial, above those of shifts. Where an estimator sees the levels of a dial, all of them are one unit.
const FIRST_DIAL: usize = 1 << 20;

/// A finding for each claim, in the suite's order. `broken` says that an exact null of the run did not hold, so that nothing may be concluded.
pub(crate) fn all(run: &Run, index: &Index<'_>, monitored: &[Monitored], broken: bool) -> Vec<Finding> {
    let claims = &run.suite().claims;
    let gathered: Vec<Gathered> = claims.iter().map(|claim| Gathered::new(run, index, monitored, claim)).collect();
    let outcomes: Vec<Outcome> = claims
        .iter()
        .zip(&gathered)
        .enumerate()
        .map(|(i, (claim, gathered))| gathered.estimate(claim, i as u64))
        .collect();
    let primary: Vec<usize> = (0..claims.len()).filter(|i| claims[*i].tier == Tier::Primary).collect();
    let family: Vec<(&Outcome, Expected)> = primary.iter().map(|i| (&outcomes[*i], expected(&claims[*i]))).collect();
    let mut adjusted: Vec<Adjusted> = claims
        .iter()
        .zip(&outcomes)
        .map(|(claim, outcome)| adjust(&[(outcome, expected(claim))], Correction::None)[0])
        .collect();
    for (i, holm) in primary.iter().zip(adjust(&family, Correction::Holm)) {
        adjusted[*i] = holm;
    }
    (0..claims.len()).map(|i| finding(run, &claims[i], &gathered[i], &outcomes[i], &adjusted[i], broken)).collect()
}

fn expected(claim: &Claim) -> Expected {
    match claim.expects {
        Expects::Positive => Expected::Positive,
        Expects::Negative => Expected::Negative,
        Expects::Nothing => Expected::Nothing,
        Expects::Unknown => Expected::Unknown,
    }
}

/// The observations of a claim's cells, and what else its estimator needs.
struct Gathered {
    observations: Vec<Observation>,
    covariates: Covariates,
    /// Pairs of labels of shifts whose games went alike: the second of each pair is left out of a claim over shifts, for it is no unit of its own.
    alike: Vec<(usize, usize)>,
}

/// Takes the values of a cell as observations of the claim.
struct Sink<'a> {
    cell: usize,
    spec: &'a ClaimCell,
    observations: &'a mut Vec<Observation>,
    /// What the games of each shift were like, where somebody asks.
    courses: Option<&'a mut Courses>,
}

impl Sink<'_> {
    fn add(&mut self, label: usize, x: f64, evaluator: u32, rival: u32, value: Option<f64>) {
        let wanted = self.spec.evaluators.is_none_or(|count| evaluator < count);
        if let Some(value) = value.filter(|_| wanted) {
            let (evaluator, rival) = (evaluator as usize, rival as usize);
            self.observations.push(Observation { cell: self.cell, x, shift: label, evaluator, rival, value });
        }
    }

    fn x(&self, playouts: u32, point: u32, shift: &Shift) -> f64 {
        match &self.spec.x {
            None => 0.0,
            Some(X::Number(number)) => *number,
            Some(X::Of(XOf::Playouts)) => f64::from(playouts),
            Some(X::Of(XOf::Points)) => f64::from(point),
            Some(X::Of(XOf::Dial)) => shift.dose.as_ref().map_or(0.0, |dose| dose.level),
        }
    }

    fn takes(&self, playouts: u32, point: u32) -> bool {
        self.spec.playouts.is_none_or(|wanted| wanted == playouts)
            && self.spec.point.is_none_or(|wanted| wanted == point)
    }
}

impl Gathered {
    fn new(run: &Run, index: &Index<'_>, monitored: &[Monitored], claim: &Claim) -> Gathered {
        let names = claim.cell_names();
        let games = claim.cells.iter().all(|cell| matches!(run.suite().read_from(cell), Some(ReadFrom::Experiment(_))));
        let over_games = games && claim.over.contains(&Population::Shifts);
        let (mut observations, mut courses) = (Vec::new(), Courses::new());
        for spec in &claim.cells {
            let cell = names.iter().position(|name| *name == spec.name).unwrap_or(0);
            let courses = over_games.then_some(&mut courses);
            let mut sink = Sink { cell, spec, observations: &mut observations, courses };
            match run.suite().read_from(spec) {
                Some(ReadFrom::Experiment(_)) => from_pairs(run, index, &mut sink),
                Some(ReadFrom::Probe(_)) => from_probes(run, &mut sink),
                Some(ReadFrom::Monitor(..)) => from_monitor(run, monitored, &mut sink),
                None => {}
            }
        }
        let alike = alike(&courses);
        observations.retain(|o| alike.iter().all(|(_, second)| *second != o.shift));
        Gathered { observations, covariates: covariates(run, &claim.estimator), alike }
    }

    fn estimate(&self, claim: &Claim, key: u64) -> Outcome {
        let claim = super::Claim {
            estimator: &claim.estimator,
            cells: claim.cell_names().len(),
            populations: &claim.over,
            observations: &self.observations,
            covariates: &self.covariates,
        };
        estimate(&claim, &Settings::keyed(key))
    }

    /// Mean of a cell under each shift.
    fn shift_means(&self, cell: usize) -> BTreeMap<usize, f64> {
        let mut blocks: BTreeMap<(usize, usize, usize), Vec<f64>> = BTreeMap::new();
        for o in self.observations.iter().filter(|o| o.cell == cell) {
            blocks.entry((o.shift, o.evaluator, o.rival)).or_default().push(o.value);
        }
        let mut shifts: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        blocks.into_iter().for_each(|((shift, ..), values)| shifts.entry(shift).or_default().push(mean(&values)));
        shifts.into_iter().map(|(shift, means)| (shift, mean(&means))).collect()
    }

    /// Means of a cell by x.
    fn points(&self, cell: usize) -> Vec<CellPoint> {
        let mut xs: Vec<f64> = self.observations.iter().filter(|o| o.cell == cell).map(|o| o.x).collect();
        xs.sort_by(f64::total_cmp);
        xs.dedup();
        let point = |x: f64| {
            let here = || self.observations.iter().filter(|o| o.cell == cell && o.x.total_cmp(&x).is_eq());
            let mut evaluators: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
            here().for_each(|o| evaluators.entry(o.evaluator).or_default().push(o.value));
            let means: Vec<f64> = evaluators.values().map(|values| mean(values)).collect();
            let e = mean_of_means(&means);
            CellPoint { x, mean: e.mean, low: e.low, high: e.high, pairs: here().count() as u32 }
        };
        xs.into_iter().map(point).collect()
    }

    /// Populations with the number of their independent units that are tested.
    fn units(&self, claim: &Claim) -> Vec<(String, u32)> {
        let count = |population: &Population| {
            let label = |o: &Observation| match population {
                Population::Evaluators | Population::OpeningSets => (0, o.evaluator),
                Population::Rivals => (o.shift, o.rival),
                Population::Shifts => (0, o.shift),
            };
            let all = self.observations.iter().map(label).collect::<BTreeSet<_>>().len();
            let blocks = matches!(population, Population::Evaluators | Population::OpeningSets);
            let pilot = if blocks { claim.estimator.pilot() } else { 0 };
            all.saturating_sub(pilot) as u32
        };
        claim.over.iter().map(|population| (population.name().to_owned(), count(population))).collect()
    }
}

/// What happened in the games of each shift, as a hash by label of the shift.
type Courses = BTreeMap<usize, DefaultHasher>;

/// Shifts whose games went as those of an earlier one in every cell: the earlier, and the one that repeats it.
fn alike(courses: &Courses) -> Vec<(usize, usize)> {
    let mut first = BTreeMap::new();
    let mut found = Vec::new();
    for (shift, course) in courses {
        let earlier = *first.entry(course.finish()).or_insert(*shift);
        if earlier != *shift {
            found.push((earlier, *shift));
        }
    }
    found
}

/// Adds a pair of games to the course of its shift: how long they took, how they ended, and what the agent thought of them. Openings are left out, so that
/// mirror images count as alike.
fn add_course(course: &mut DefaultHasher, cell: usize, row: &PairRow) {
    (cell, row.playouts, row.point, row.evaluator, row.rival, row.pair).hash(course);
    (&row.endings, &row.plies, row.illegal, row.worth.map(f32::to_bits)).hash(course);
    let numbers = [row.confidence, row.errors[0], row.errors[1], row.drift[0], row.drift[1], Some(row.material)];
    numbers.map(|n| n.map(f64::to_bits)).hash(course);
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Label of a shift: its number, or that of its dial where the estimator sees the levels.
fn label(run: &Run, spec: &ClaimCell, shift: &Shift) -> usize {
    let suite = run.suite();
    match (&spec.x, &shift.dose) {
        (Some(X::Of(XOf::Dial)), Some(dose)) => {
            let same = |other: &Shift| other.dose.as_ref().is_some_and(|d| d.dial == dose.dial);
            FIRST_DIAL + suite.shifts.iter().position(same).unwrap_or(0)
        }
        _ => suite.shift_number(&shift.name).unwrap_or(0),
    }
}

fn from_pairs(run: &Run, index: &Index<'_>, sink: &mut Sink<'_>) {
    let (agent, opponent) = (sink.spec.agent.as_deref().unwrap_or(""), sink.spec.opponent.as_deref().unwrap_or(""));
    for shift in run.suite().shifts_of(sink.spec) {
        let label = label(run, sink.spec, shift);
        let key = |k: &super::index::CellKey<'_>| {
            (k.experiment, k.shift, k.agent, k.opponent)
                == (sink.spec.of.as_str(), shift.name.as_str(), agent, opponent)
        };
        let cells: Vec<_> = index.cells.iter().filter(|(k, _)| key(k)).collect();
        for (k, rows) in cells {
            if !sink.takes(k.playouts, k.point) {
                continue;
            }
            let x = sink.x(k.playouts, k.point, shift);
            for row in rows {
                if let Some(courses) = &mut sink.courses {
                    add_course(courses.entry(label).or_default(), sink.cell, row);
                }
                sink.add(label, x, row.evaluator, row.rival, of_pair(row, sink.spec.measure));
            }
        }
    }
}

fn of_pair(row: &PairRow, measure: Measure) -> Option<f64> {
    match measure {
        Measure::Score => Some(row.score),
        Measure::OldScore => row.old_score(),
        Measure::Material => Some(row.material),
        Measure::Confidence => row.confidence,
        Measure::Overconfidence => row.confidence.map(|own| own - row.score),
        Measure::Illegal => Some(f64::from(row.illegal) / 2.0),
        Measure::Delay => None,
    }
}

fn from_probes(run: &Run, sink: &mut Sink<'_>) {
    let agent = sink.spec.agent.as_deref().unwrap_or("");
    let value = |row: &ProbeRow| match sink.spec.measure {
        Measure::Confidence => row.estimate,
        Measure::Overconfidence => row.estimate.zip(row.truth).map(|(own, truth)| own - truth),
        _ => Some(row.score),
    };
    let mut found = Vec::new();
    for shift in run.suite().shifts_of(sink.spec) {
        let label = label(run, sink.spec, shift);
        let here = |row: &&ProbeRow| {
            (row.probe.as_str(), row.shift.as_str(), row.agent.as_str()) == (&sink.spec.of, &shift.name, agent)
        };
        for row in run.probes().iter().filter(here).filter(|row| sink.takes(row.playouts, row.point)) {
            found.push((label, sink.x(row.playouts, row.point, shift), row.evaluator, value(row)));
        }
    }
    found.into_iter().for_each(|(label, x, evaluator, value)| sink.add(label, x, evaluator, 0, value));
}

fn from_monitor(run: &Run, monitored: &[Monitored], sink: &mut Sink<'_>) {
    let Some(detector) = sink.spec.detector else { return };
    for shift in run.suite().shifts_of(sink.spec) {
        let label = label(run, sink.spec, shift);
        let here = monitored.iter().filter(|m| m.monitor == sink.spec.of && m.shift == shift.name);
        for result in here.flat_map(|m| &m.detectors).filter(|result| result.detector == detector.name()) {
            for (evaluator, delay) in result.delays.iter().enumerate() {
                let share = delay.map_or(1.0, |games| f64::from(games) / f64::from(result.games.max(1)));
                sink.add(label, 0.0, evaluator as u32, 0, Some(share));
            }
        }
    }
}

/// Numbers per shift, and the shifts of a group, where the estimator wants them.
fn covariates(run: &Run, estimator: &Estimator) -> Covariates {
    let Estimator::Association(association) = estimator else { return Covariates::default() };
    let suite = run.suite();
    let measured = |shift: &Shift| {
        let measure = run.extras().and_then(|extras| extras.measures.iter().find(|m| m.shift == shift.name));
        match association.covariate.measured.as_deref() {
            Some("surprise") => measure?.surprise,
            Some("value-correlation") => measure?.value_correlation,
            Some("dial") => shift.dose.as_ref().map(|dose| dose.level),
            _ => association.covariate.numbers.get(&shift.name).copied(),
        }
    };
    let numbers = suite.shifts.iter().enumerate().filter_map(|(i, shift)| Some((i, measured(shift)?))).collect();
    let group = association.group.iter().filter_map(|name| suite.shift_number(name)).collect();
    Covariates { numbers, group }
}

fn finding(
    run: &Run,
    claim: &Claim,
    gathered: &Gathered,
    outcome: &Outcome,
    adjusted: &Adjusted,
    broken: bool,
) -> Finding {
    let names = claim.cell_names();
    let known = outcome.as_ref().ok();
    // A p of a design that is too small, or that has no independent units, would only be misread.
    let tested = known.filter(|_| claim.tier != Tier::Described);
    let nothing = claim.expects == Expects::Nothing;
    let of_nothing = known.and_then(|e| e.equivalence).map(|equivalence| equivalence.p);
    let name = |label: usize| {
        let dial = label.checked_sub(FIRST_DIAL);
        let shift = run.suite().shifts.get(dial.unwrap_or(label));
        match (dial, shift) {
            (Some(_), Some(shift)) => shift.dose.as_ref().map_or_else(String::new, |dose| dose.dial.clone()),
            (_, shift) => shift.map_or_else(String::new, |shift| shift.name.clone()),
        }
    };
    let word = verdict(outcome, adjusted, expected(claim));
    let (text, mut note) = match (&word, claim.tier) {
        _ if broken => ("INVALID".to_owned(), "an exact null of the run is broken".to_owned()),
        (Verdict::Undecided(Undecided::Invalid { because }), _) => {
            let cell = |i: usize| format!("cell `{}`", names.get(i).copied().unwrap_or_default());
            ("INVALID".to_owned(), because.described(&cell, &name))
        }
        (_, Tier::Described) => ("described, no verdict".to_owned(), String::new()),
        (Verdict::Undecided(Undecided::Unresolved { .. }), _) => ("UNRESOLVED".to_owned(), String::new()),
        (word, _) => (word.to_string(), String::new()),
    };
    if let Some(e) = known.filter(|e| !e.dropped.is_empty()) {
        let dropped: Vec<String> = e.dropped.iter().map(|label| name(*label)).collect();
        let separator = if note.is_empty() { "" } else { "; " };
        note = format!("{note}{separator}left out as incomplete: {}", dropped.join(", "));
    }
    for (first, second) in &gathered.alike {
        let separator = if note.is_empty() { "" } else { "; " };
        note = format!("{note}{separator}left out: {}, whose games went as those of {}", name(*second), name(*first));
    }
    Finding {
        name: claim.name.clone(),
        essay: claim.essay.clone(),
        claim: claim.claim.clone(),
        tier: word_of(&claim.tier),
        expects: word_of(&claim.expects),
        estimator: claim.estimator.kind().to_owned(),
        unit: unit(claim),
        over: gathered.units(claim),
        effect: known.map(|e| e.effect),
        low: known.and_then(|e| e.interval).map(|interval| interval.low),
        high: known.and_then(|e| e.interval).map(|interval| interval.high),
        p: tested.and_then(|e| if nothing { of_nothing } else { Some(e.p) }),
        adjusted: tested.map(|_| if nothing { adjusted.equivalence } else { adjusted.difference }),
        test: tested.map_or_else(String::new, |e| test_words(e, nothing)),
        smallest_p: tested.map(|e| e.smallest_p),
        detectable: tested.and_then(|e| e.detectable),
        verdict: text,
        agrees: marks::agrees(&word, claim, broken).to_string(),
        note,
        cells: cells(claim, &names, gathered),
        x: marks::x_words(run.suite(), claim),
        log_x: marks::takes_logarithm(&claim.estimator),
        marks: marks::marks(&claim.estimator, known),
        scatter: scatter(claim, &names, gathered, &name),
    }
}

/// The name that a value has in suites.
fn word_of(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn cells(claim: &Claim, names: &[&str], gathered: &Gathered) -> Vec<FindingCell> {
    let weights = match &claim.estimator {
        Estimator::Difference(d) => weights_or_default(&d.weights, names.len()),
        Estimator::Trend(t) => weights_or_default(&t.weights, names.len()),
        Estimator::Association(a) => weights_or_default(&a.weights, names.len()),
        _ => vec![0.0; names.len()],
    };
    let cell = |(i, name): (usize, &&str)| FindingCell {
        name: (*name).to_owned(),
        weight: weights.get(i).copied().unwrap_or(0.0),
        points: gathered.points(i),
    };
    names.iter().enumerate().map(cell).collect()
}

fn scatter(claim: &Claim, names: &[&str], gathered: &Gathered, name: &dyn Fn(usize) -> String) -> Vec<ScatterPoint> {
    let Estimator::Association(Association { weights, covariate, .. }) = &claim.estimator else { return Vec::new() };
    let means: Vec<BTreeMap<usize, f64>> = (0..names.len()).map(|i| gathered.shift_means(i)).collect();
    let contrast = |weights: &[f64], shift: usize| -> Option<f64> {
        let terms = weights.iter().enumerate().filter(|(_, weight)| **weight != 0.0);
        terms.map(|(i, weight)| Some(weight * means.get(i)?.get(&shift)?)).sum()
    };
    let weights = weights_or_default(weights, names.len());
    let shifts: BTreeSet<usize> = means.iter().flat_map(|m| m.keys().copied()).collect();
    let point = |shift: usize| {
        let x = if covariate.weights.is_empty() {
            gathered.covariates.numbers.get(&shift).copied()?
        } else {
            contrast(&covariate.weights, shift)?
        };
        let y = contrast(&weights, shift)?;
        Some(ScatterPoint { shift: name(shift), x, y, group: gathered.covariates.group.contains(&shift) })
    };
    shifts.into_iter().filter_map(point).collect()
}

/// What an effect is measured in.
fn unit(claim: &Claim) -> String {
    let all = |measure: Measure| claim.cells.iter().all(|cell| cell.measure == measure);
    let plain = if all(Measure::Delay) {
        "share of the games"
    } else if all(Measure::Illegal) {
        "illegal choices per game"
    } else {
        "score"
    };
    match &claim.estimator {
        Estimator::Interaction(_) => "logits".to_owned(),
        Estimator::Trend(t) if t.scale == Scale::Logit => "logits per unit of x".to_owned(),
        Estimator::Trend(_) => format!("{plain} per unit of x"),
        Estimator::TimeToThreshold(_) => "units of x".to_owned(),
        Estimator::Association(a) => match a.statistic {
            crate::suite::Statistic::Coefficient => plain.to_owned(),
            _ => "correlation".to_owned(),
        },
        Estimator::Difference(_) | Estimator::PeakToTrough(_) | Estimator::Area(_) => plain.to_owned(),
    }
}

/// How p was found.
fn test_words(e: &super::Estimate, nothing: bool) -> String {
    if nothing {
        return "two one-sided t tests of equivalence".to_owned();
    }
    let test = |test: &super::inference::LevelTest| {
        let how = if test.exact { "exact" } else { "Monte Carlo" };
        let what = match test.method {
            Method::SignFlip => "sign flip",
            Method::Permutation => "permutation",
        };
        format!("{how} {what} over {}", test.population.counted(test.units))
    };
    let mut words: Vec<String> = e.tests.iter().map(test).collect();
    if e.crossed.is_some_and(|crossed| crossed.counts) {
        words.push("t test over all of them".to_owned());
    }
    words.join("; ")
}
