//! Whether the design of a claim is sound: its units are independent, are enough for a verdict, and the verdict could come out otherwise.

use super::estimator::weights_or_default;
use super::{
    Claim, ClaimCell, Estimator, Expects, Measure, Population, Problem, ReadFrom, Shift, Suite, Tier, Units, reachable,
};

/// The p that a design must be able to come below.
const LEVEL: f64 = 0.05;
/// 20 Elo in score, rounded up: the smallest effect of interest where a claim states none.
const TWENTY_ELO: f64 = 0.029;

/// The values that something can take.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Range {
    low: f64,
    high: f64,
}

impl Range {
    fn of(measure: Measure) -> Range {
        let (low, high) = match measure {
            Measure::Score | Measure::OldScore | Measure::Material | Measure::Confidence | Measure::Delay => (0.0, 1.0),
            Measure::Overconfidence => (-1.0, 1.0),
            Measure::Illegal => (0.0, f64::INFINITY),
        };
        Range { low, high }
    }

    fn times(self, weight: f64) -> Range {
        let ends = [weight * self.low, weight * self.high];
        Range { low: ends[0].min(ends[1]), high: ends[0].max(ends[1]) }
    }

    /// The smallest range that holds both.
    fn or(self, other: Range) -> Range {
        Range { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    fn plus(self, other: Range) -> Range {
        Range { low: self.low + other.low, high: self.high + other.high }
    }

    /// Whether an effect in this range could be shown, and could be shown to be the contrary or nothing: it may lie on either side of 0, and beyond the
    /// smallest effect of interest on a side that decides the claim.
    fn is_open(self, margin: f64, expects: Expects) -> bool {
        let far = match expects {
            Expects::Positive => self.high,
            Expects::Negative => -self.low,
            Expects::Nothing | Expects::Unknown => self.high.max(-self.low),
        };
        self.low < 0.0 && self.high > 0.0 && far > margin
    }
}

impl Suite {
    /// The parts of a claim's cells: no two cells are the same, and no row counts twice in one.
    pub(super) fn check_parts(&self, claim: &Claim) -> Result<(), Problem> {
        let wrong = |found: String, allowed: &str| Problem::new("claim", &claim.name, "cell", found, allowed);
        let parts = |name: &str| -> Vec<ClaimCell> {
            let of = claim.cells.iter().filter(|cell| cell.name == name);
            of.map(|cell| ClaimCell { name: String::new(), ..cell.clone() }).collect()
        };
        let names = claim.cell_names();
        let quoted = |name: &str| format!("`{}`", files::excerpt(name, 60));
        for (i, name) in names.iter().enumerate() {
            let own = parts(name);
            if let Some(same) = names[..i].iter().find(|other| parts(other) == own) {
                let found = format!("{} and {} with the same contents", quoted(same), quoted(name));
                return Err(wrong(found, "what one cell holds cannot differ from itself"));
            }
            for (j, part) in own.iter().enumerate() {
                if own[..j].iter().any(|other| self.share_rows(part, other)) {
                    let found = format!("two parts of {} that hold the same games", quoted(name));
                    return Err(wrong(found, "games count once in a cell"));
                }
            }
        }
        Ok(())
    }

    /// Whether two parts of a cell hold a row in common at the same x.
    fn share_rows(&self, one: &ClaimCell, other: &ClaimCell) -> bool {
        let from = |cell: &ClaimCell| {
            (cell.of.clone(), cell.agent.clone(), cell.opponent.clone(), cell.detector, cell.measure, cell.x.clone())
        };
        let alike = |a: Option<u32>, b: Option<u32>| a.is_none() || b.is_none() || a == b;
        from(one) == from(other)
            && alike(one.playouts, other.playouts)
            && alike(one.point, other.point)
            && self.shifts_of(one).iter().any(|shift| self.shifts_of(other).iter().any(|s| s.name == shift.name))
    }

    /// Whether the populations of a claim are what its cells vary by.
    pub(super) fn check_populations(&self, claim: &Claim) -> Result<(), Problem> {
        let wrong = |found: &str, allowed: &str| Problem::new("claim", &claim.name, "over", found, allowed);
        let [evaluators, openings] =
            [Population::Evaluators, Population::OpeningSets].map(|population| claim.over.contains(&population));
        if evaluators && openings {
            let allowed = "each evaluator has its own openings, so that `evaluators` counts these, too";
            return Err(wrong("evaluators and opening-sets", allowed));
        }
        if claim.tier != Tier::Described && !evaluators && !openings {
            let allowed = "add `evaluators` (or `opening-sets` where no agent has weight files): all shifts and rivals meet the same evaluators \
                           from the same openings, and what these have in common would pass for an effect";
            return Err(wrong("neither evaluators nor opening-sets", allowed));
        }
        let reference = claim.estimator.reference();
        for (i, name) in claim.cell_names().into_iter().enumerate().filter(|(i, _)| !reference.contains(i)) {
            let selected = claim.cells.iter().any(|cell| cell.name == name && self.has_selected(cell));
            if evaluators && !selected {
                let found =
                    format!("evaluators, but no agent of cell {i} (`{}`) has weight files", files::excerpt(name, 60));
                return Err(wrong(&found, "write `opening-sets`: nothing else varies between its blocks of games"));
            }
            if openings && selected {
                let found =
                    format!("opening-sets, but an agent of cell {i} (`{}`) has weight files", files::excerpt(name, 60));
                return Err(wrong(&found, "write `evaluators`: they vary, too"));
            }
        }
        Ok(())
    }

    /// Whether an agent of a cell has weight files, which are selected.
    fn has_selected(&self, cell: &ClaimCell) -> bool {
        let names: Vec<&str> = match self.read_from(cell) {
            Some(ReadFrom::Monitor(monitor, _)) => vec![&monitor.agent, &monitor.opponent],
            _ => [&cell.agent, &cell.opponent].into_iter().flatten().map(String::as_str).collect(),
        };
        names.into_iter().filter_map(|name| self.agent(name)).any(|agent| agent.roles().next().is_some())
    }

    /// Whether a verdict can be reached, and could come out otherwise.
    pub(super) fn check_design(&self, claim: &Claim) -> Result<(), Problem> {
        let wrong = |key: &str, found: String, allowed: &str| Problem::new("claim", &claim.name, key, found, allowed);
        let smallest = self.smallest_p(claim);
        if smallest >= LEVEL {
            let found = format!("{}, a design whose p cannot fall below {smallest:.3}", self.units_in_words(claim));
            let allowed = "a verdict needs p below .05: six evaluators at least, or enough shifts; or write `tier = \"described\"` to show the effect without a verdict";
            return Err(wrong("over", found, allowed));
        }
        if let Some(message) = closed(claim) {
            let allowed =
                "the effect must be able to lie on both sides of 0, and beyond the smallest effect of interest";
            return Err(wrong("estimator", message, allowed));
        }
        Ok(())
    }

    /// The smallest p that any rows could give a claim.
    fn smallest_p(&self, claim: &Claim) -> f64 {
        reachable(&claim.estimator, &claim.over, &self.units(claim))
    }

    /// Whether every primary claim could reach a verdict beside the others: after Holm's adjustment, if all of them reached the smallest p of their design.
    /// A claim of nothing rests on t tests, whose p has no least value.
    pub(super) fn check_primary(&self) -> Result<(), Problem> {
        let primary = self.claims.iter().filter(|claim| claim.tier == Tier::Primary);
        let mut smallest: Vec<(f64, &Claim)> = primary
            .map(|claim| (if claim.expects == Expects::Nothing { 0.0 } else { self.smallest_p(claim) }, claim))
            .collect();
        smallest.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (i, (p, claim)) in smallest.iter().enumerate() {
            let adjusted = p * (smallest.len() - i) as f64;
            if adjusted >= LEVEL {
                let found = format!(
                    "{}, whose p of {p:.3} at least is {adjusted:.3} after Holm's adjustment for {} primary claims",
                    self.units_in_words(claim),
                    smallest.len()
                );
                let allowed =
                    "it must be able to fall below .05: more units, fewer primary claims, or another tier are needed";
                return Err(Problem::new("claim", &claim.name, "tier", found, allowed));
            }
        }
        Ok(())
    }

    /// Independent units that a claim would have, as far as the suite tells.
    fn units(&self, claim: &Claim) -> Units {
        let least = |count: fn(&Suite, &ClaimCell, &Shift) -> usize, cells: &mut dyn Iterator<Item = &ClaimCell>| {
            cells.filter_map(|cell| self.units_of(cell, count)).min().unwrap_or(0)
        };
        Units {
            evaluators: least(Suite::evaluators_of, &mut claim.cells.iter()),
            rivals: least(Suite::rivals_of, &mut claim.cells.iter().filter(|cell| cell.opponent.is_some())),
            shifts: self.sets_of_shifts(claim),
        }
    }

    fn units_in_words(&self, claim: &Claim) -> String {
        let units = self.units(claim);
        let counted = claim.over.iter().map(|population| match population {
            Population::Evaluators | Population::OpeningSets => {
                population.counted(units.evaluators.saturating_sub(claim.estimator.pilot()))
            }
            Population::Rivals => population.counted(units.rivals),
            Population::Shifts => population.counted(units.shifts.iter().sum()),
        });
        counted.collect::<Vec<_>>().join(" and ")
    }

    /// How many shifts an effect varies over, without those of cells that are a fixed yardstick: a single number where the cells share their shifts, and
    /// one number for each group of cells where the groups have no shift in common.
    fn sets_of_shifts(&self, claim: &Claim) -> Vec<usize> {
        let reference = claim.estimator.reference();
        let of = |name: &str| -> Vec<&str> {
            let cells = claim.cells.iter().filter(|cell| cell.name == name);
            let mut shifts: Vec<&str> = cells.flat_map(|cell| self.shifts_of(cell)).map(|s| s.name.as_str()).collect();
            shifts.sort_unstable();
            shifts.dedup();
            shifts
        };
        let names = claim.cell_names();
        let varying = names.iter().enumerate().filter(|(i, _)| !reference.contains(i));
        let sets: Vec<Vec<&str>> = varying.map(|(_, name)| of(name)).collect();
        let Some(first) = sets.first() else { return Vec::new() };
        let mut groups: Vec<&Vec<&str>> = vec![first];
        for set in &sets[1..] {
            if groups.iter().all(|group| set.iter().all(|shift| !group.contains(shift))) {
                groups.push(set);
            }
        }
        if groups.len() > 1 {
            return groups.iter().map(|group| group.len()).collect();
        }
        vec![first.iter().filter(|shift| sets.iter().all(|set| set.contains(shift))).count()]
    }

    fn units_of(&self, cell: &ClaimCell, count: impl Fn(&Suite, &ClaimCell, &Shift) -> usize) -> Option<usize> {
        self.shifts_of(cell).into_iter().map(|shift| count(self, cell, shift)).min()
    }

    /// Independent evaluators of a cell under a shift.
    fn evaluators_of(&self, cell: &ClaimCell, shift: &Shift) -> usize {
        let inherited = self.bound_files(shift, &self.evaluators).map_or(0, |files| files.files().count());
        let wanted = match self.read_from(cell) {
            Some(ReadFrom::Experiment(e) | ReadFrom::Monitor(_, e)) => e.evaluators,
            Some(ReadFrom::Probe(p)) => p.evaluators,
            None => None,
        };
        let agent = cell.agent.as_deref().and_then(|name| self.agent(name));
        let own = agent.map_or(usize::MAX, |agent| {
            let files = agent.roles().filter_map(|role| Some((role, self.bound_files(shift, role)?)));
            let counts = files.map(|(_, files)| files.points.values().map(Vec::len).min().unwrap_or(0));
            counts.min().unwrap_or(usize::MAX)
        });
        [wanted, cell.evaluators].iter().flatten().fold(inherited.min(own), |least, count| least.min(*count as usize))
    }

    /// Independent rivals that a cell meets under a shift.
    fn rivals_of(&self, cell: &ClaimCell, shift: &Shift) -> usize {
        let Some(opponent) = cell.opponent.as_deref().and_then(|name| self.agent(name)) else { return 0 };
        let count = |role: &str| match self.bound_files(shift, role) {
            Some(files) => files.files().count(),
            None => self.bound_files(shift, &self.evaluators).map_or(0, |files| files.files().count()),
        };
        opponent.roles().map(count).min().unwrap_or(0)
    }
}

/// Why the verdict of a claim could not come out otherwise; `None` if it could.
fn closed(claim: &Claim) -> Option<String> {
    let names = claim.cell_names();
    let range = |cell: usize| {
        let parts = claim.cells.iter().filter(|part| part.name == names[cell]).map(|part| Range::of(part.measure));
        parts.reduce(Range::or).unwrap_or_default()
    };
    let sum = |weights: &[f64]| {
        let weights = weights_or_default(weights, names.len());
        let terms = weights.iter().enumerate().filter(|(_, w)| **w != 0.0).map(|(cell, w)| range(cell).times(*w));
        terms.fold(Range::default(), Range::plus)
    };
    let from_zero = |less: f64| Range { low: -less, high: -less };
    let margin = claim.estimator.margin();
    let in_score = margin.unwrap_or(TWENTY_ELO);
    let (effect, margin) = match &claim.estimator {
        Estimator::Difference(d) => (sum(&d.weights).plus(from_zero(d.less)), in_score),
        Estimator::PeakToTrough(_) => (range(0).plus(range(0).times(-1.0)), in_score),
        Estimator::Area(a) => match a.less {
            Some(less) => (range(0).plus(from_zero(less)), in_score),
            None => (range(0).plus(range(1).times(-1.0)), in_score),
        },
        Estimator::TimeToThreshold(t) => {
            let all = (0..names.len()).map(range).fold(range(0), Range::or);
            let inside = all.low < t.threshold && t.threshold < all.high;
            let message = format!("a threshold of {} for values from {} to {}", t.threshold, all.low, all.high);
            return (!inside).then_some(message);
        }
        // Slopes, logits and coefficients may lie on both sides of 0, and how far depends on x or on the covariate.
        Estimator::Trend(_) | Estimator::Interaction(_) | Estimator::Association(_) => return None,
    };
    let message =
        || format!("an effect from {} to {}, with {margin} as the smallest of interest", effect.low, effect.high);
    (!effect.is_open(margin, claim.expects)).then(message)
}
