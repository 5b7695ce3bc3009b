//! Whether claims can be tested: every cell is played, and the estimator fits the cells. Whether their design is sound is looked at in `check_design`.

use super::agent::list;
use super::{Claim, ClaimCell, Estimator, Experiment, Measure, Monitor, Probe, Problem, Shift, Suite, Tier, X, XOf};

/// The most primary claims: the adjustment of p for their number makes each of them harder to show.
const MAX_PRIMARY: usize = 8;
/// Quantities that a run measures for every shift, by which an association can be told.
const COVARIATES: [&str; 3] = ["surprise", "value-correlation", "dial"];

/// What a cell of a claim is read from.
pub(crate) enum ReadFrom<'a> {
    Experiment(&'a Experiment),
    Probe(&'a Probe),
    Monitor(&'a Monitor, &'a Experiment),
}

impl Suite {
    /// What a cell of a claim is read from; `None` if nothing has that name.
    pub(crate) fn read_from(&self, cell: &ClaimCell) -> Option<ReadFrom<'_>> {
        if let Some(experiment) = self.experiment(&cell.of) {
            return Some(ReadFrom::Experiment(experiment));
        }
        if let Some(probe) = self.probes.iter().find(|probe| probe.name == cell.of) {
            return Some(ReadFrom::Probe(probe));
        }
        let monitor = self.monitors.iter().find(|monitor| monitor.name == cell.of)?;
        Some(ReadFrom::Monitor(monitor, self.experiment(&monitor.experiment)?))
    }

    /// The shifts of a cell that are played: those that it names, and of the suite's own variant those of its families under which both agents have
    /// their weight files. A cell that names neither shifts nor families has all of the latter kind, whatever their family.
    pub(crate) fn shifts_of(&self, cell: &ClaimCell) -> Vec<&Shift> {
        let played = |shift: &Shift| match self.read_from(cell) {
            Some(ReadFrom::Experiment(e) | ReadFrom::Monitor(_, e)) => e.covers(shift),
            Some(ReadFrom::Probe(p)) => p.covers(shift),
            None => false,
        };
        let able = |shift: &Shift| {
            let names = [&cell.agent, &cell.opponent].into_iter().flatten();
            names.into_iter().all(|name| self.missing_role(shift, name).is_none())
        };
        let by_name = |shift: &Shift| cell.shifts.contains(&shift.name);
        let by_family = |shift: &Shift| {
            let family = cell.families.contains(&shift.family) || cell.families.is_empty() && cell.shifts.is_empty();
            family && shift.variant.is_none() && able(shift)
        };
        self.shifts.iter().filter(|shift| played(shift) && (by_name(shift) || by_family(shift))).collect()
    }

    /// Checks the claims of a suite whose other tables have been checked.
    pub(super) fn check_claims(&self) -> Result<(), Problem> {
        let primary = self.claims.iter().filter(|claim| claim.tier == Tier::Primary).count();
        if primary > MAX_PRIMARY {
            let found = format!("{primary} primary claims");
            return Err(Problem::new("", "", "claim", found, format!("at most {MAX_PRIMARY} are allowed")));
        }
        self.claims.iter().try_for_each(|claim| self.check_claim(claim))?;
        self.check_primary()
    }

    fn check_claim(&self, claim: &Claim) -> Result<(), Problem> {
        let wrong = |key: &str, found: String, allowed: String| Problem::new("claim", &claim.name, key, found, allowed);
        if claim.over.is_empty() {
            let allowed = "evaluators, opening-sets, rivals or shifts: what the claim generalises over".to_owned();
            return Err(wrong("over", "an empty list".to_owned(), allowed));
        }
        let names = claim.cell_names();
        claim
            .estimator
            .check(names.len(), &claim.over)
            .map_err(|message| wrong("estimator", message, "see the guide to suites".to_owned()))?;
        for cell in &claim.cells {
            self.check_cell(claim, cell)?;
        }
        self.check_covariate(claim)?;
        let bases: Vec<usize> =
            claim.cells.iter().flat_map(|cell| self.shifts_of(cell)).map(|s| self.base_number(s)).collect();
        if bases.iter().any(|base| *base != bases[0]) {
            let allowed = "evaluators of one variant are compared: name shifts of one".to_owned();
            return Err(wrong("cell", "shifts of several variants".to_owned(), allowed));
        }
        self.check_parts(claim)?;
        self.check_populations(claim)?;
        if claim.tier == Tier::Described { Ok(()) } else { self.check_design(claim) }
    }

    fn check_covariate(&self, claim: &Claim) -> Result<(), Problem> {
        let Estimator::Association(association) = &claim.estimator else { return Ok(()) };
        let wrong = |found: String, allowed: &str| Problem::new("claim", &claim.name, "estimator", found, allowed);
        let measured = association.covariate.measured.as_deref();
        if let Some(name) = measured.filter(|name| !COVARIATES.contains(name)) {
            let found = format!("the covariate `{}`", files::excerpt(name, 60));
            return Err(wrong(found, &format!("{} are measured", COVARIATES.join(", "))));
        }
        let named = association.group.iter().chain(association.covariate.numbers.keys());
        match named.into_iter().find(|name| self.shift(name).is_none()) {
            None => Ok(()),
            Some(name) => Err(wrong(format!("`{}`", files::excerpt(name, 60)), "the name of a shift is needed")),
        }
    }

    fn check_cell(&self, claim: &Claim, cell: &ClaimCell) -> Result<(), Problem> {
        let place = format!("{}, cell {}", claim.name, cell.name);
        let wrong = |key: &str, found: String, allowed: String| Problem::new("claim", &place, key, found, allowed);
        let quoted = |name: &str| format!("`{}`", files::excerpt(name, 60));
        if cell.name.trim().is_empty() {
            return Err(wrong("name", "an empty name".to_owned(), "a name is needed".to_owned()));
        }
        if cell.evaluators == Some(0) {
            return Err(wrong("evaluators", "0".to_owned(), "at least 1 is needed".to_owned()));
        }
        let Some(from) = self.read_from(cell) else {
            let names: Vec<&str> = self.played_names().collect();
            return Err(wrong("of", quoted(&cell.of), format!("an experiment, probe or monitor: {}", list(&names))));
        };
        for (key, names, known) in [
            ("shifts", &cell.shifts, self.shifts.iter().map(|s| s.name.as_str()).collect::<Vec<_>>()),
            ("families", &cell.families, self.families.iter().map(String::as_str).collect()),
        ] {
            if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
                return Err(wrong(key, quoted(unknown), format!("{} are known", list(&known))));
            }
            if let Some((_, twice)) = names.iter().enumerate().find(|(i, name)| names[..*i].contains(name)) {
                return Err(wrong(key, format!("{} twice", quoted(twice)), "each is allowed once".to_owned()));
            }
        }
        let agent = cell.agent.as_deref().unwrap_or_default();
        let playouts = match from {
            ReadFrom::Experiment(e) => {
                let opponent = cell.opponent.as_deref().unwrap_or_default();
                if !e.matches.iter().any(|(a, b)| (a.as_str(), b.as_str()) == (agent, opponent)) {
                    let known: Vec<String> = e.matches.iter().map(|(a, b)| format!("{a} against {b}")).collect();
                    let known: Vec<&str> = known.iter().map(String::as_str).collect();
                    let found = files::excerpt(&format!("{agent} against {opponent}"), 120);
                    return Err(wrong("agent", found, format!("a match of the experiment: {}", list(&known))));
                }
                &e.playouts
            }
            ReadFrom::Probe(p) => {
                if !p.agents.iter().any(|name| name == agent) || cell.opponent.is_some() {
                    let known: Vec<&str> = p.agents.iter().map(String::as_str).collect();
                    return Err(wrong(
                        "agent",
                        quoted(agent),
                        format!("an agent that the probe asks, and no opponent: {}", list(&known)),
                    ));
                }
                &p.playouts
            }
            ReadFrom::Monitor(monitor, e) => {
                if cell.detector.is_none_or(|detector| !monitor.detectors.contains(&detector)) {
                    let known: Vec<&str> = monitor.detectors.iter().map(|d| d.name()).collect();
                    return Err(wrong(
                        "detector",
                        "none of the monitor".to_owned(),
                        format!("{} are allowed", list(&known)),
                    ));
                }
                if cell.agent.is_some() || cell.opponent.is_some() {
                    return Err(wrong(
                        "agent",
                        "an agent".to_owned(),
                        "a monitor says itself whom it watches".to_owned(),
                    ));
                }
                &e.playouts
            }
        };
        let watched = matches!(from, ReadFrom::Monitor(..));
        if watched != (cell.measure == Measure::Delay) || watched != cell.detector.is_some() {
            let allowed = "`measure = \"delay\"` and a `detector` go with monitors, and with nothing else".to_owned();
            return Err(wrong("measure", format!("it of `{}`", cell.of), allowed));
        }
        if matches!(from, ReadFrom::Probe(_))
            && !matches!(cell.measure, Measure::Score | Measure::Confidence | Measure::Overconfidence)
        {
            return Err(wrong(
                "measure",
                "what probes do not measure".to_owned(),
                "score, confidence or overconfidence".to_owned(),
            ));
        }
        if let Some(wanted) = cell.playouts.filter(|wanted| !playouts.contains(wanted)) {
            return Err(wrong("playouts", wanted.to_string(), format!("what is played: {playouts:?}")));
        }
        let shifts = self.shifts_of(cell);
        if let Some(missing) = cell.shifts.iter().find(|name| shifts.iter().all(|shift| shift.name != **name)) {
            return Err(wrong(
                "shifts",
                quoted(missing),
                format!("`{}` does not play it; no cell of a claim may be missing", cell.of),
            ));
        }
        if shifts.is_empty() {
            return Err(wrong("families", "no shift that is played".to_owned(), "at least one is needed".to_owned()));
        }
        self.check_points(cell, &shifts, playouts, &wrong)
    }

    fn check_points(
        &self,
        cell: &ClaimCell,
        shifts: &[&Shift],
        playouts: &[u32],
        wrong: &dyn Fn(&str, String, String) -> Problem,
    ) -> Result<(), Problem> {
        let agent = cell.agent.as_deref().and_then(|name| self.agent(name));
        let role = agent.and_then(|agent| self.curve_role(agent));
        for shift in shifts {
            let points: Vec<u32> = role
                .and_then(|role| self.bound_files(shift, role))
                .map_or_else(|| vec![0], |files| files.points.keys().copied().collect());
            match (cell.point, role) {
                (Some(point), _) if !points.contains(&point) => {
                    return Err(wrong(
                        "point",
                        point.to_string(),
                        format!("points of the agent's curve under `{}`: {points:?}", shift.name),
                    ));
                }
                (None, Some(_)) if points.len() > 1 && cell.x != Some(X::Of(XOf::Points)) => {
                    let allowed = format!("one of {points:?}, or `x = \"points\"` to take all");
                    return Err(wrong("point", "no point of a curve".to_owned(), allowed));
                }
                _ => {}
            }
            if cell.x == Some(X::Of(XOf::Dial)) && shift.dose.is_none() {
                return Err(wrong(
                    "x",
                    format!("`dial` with shift `{}`", shift.name),
                    "every shift of the cell needs a `dose`".to_owned(),
                ));
            }
        }
        match &cell.x {
            Some(X::Of(XOf::Points)) if role.is_none() => {
                Err(wrong("x", "`points` of an agent that is no curve".to_owned(), "another x is needed".to_owned()))
            }
            Some(X::Number(number)) if !number.is_finite() => {
                Err(wrong("x", number.to_string(), "a finite number is allowed".to_owned()))
            }
            Some(X::Of(XOf::Playouts)) if cell.playouts.is_some() => Err(wrong(
                "x",
                "`playouts` beside one number of playouts".to_owned(),
                "leave `playouts` out".to_owned(),
            )),
            x if cell.playouts.is_none() && playouts.len() > 1 && *x != Some(X::Of(XOf::Playouts)) => {
                let allowed = format!("one of {playouts:?}, or `x = \"playouts\"` to take all");
                Err(wrong("playouts", "no number of playouts".to_owned(), allowed))
            }
            _ => Ok(()),
        }
    }

    /// Whether an agent plays or is asked under a shift.
    pub(crate) fn plays_under(&self, agent: &str, shift: &Shift) -> bool {
        let named = |name: &String| name == agent;
        let matches = |e: &Experiment| e.covers(shift) && e.matches.iter().any(|(a, b)| named(a) || named(b));
        let asked = |p: &Probe| p.covers(shift) && (p.agents.iter().any(named) || p.judge.iter().any(named));
        self.experiments.iter().any(matches) || self.probes.iter().any(asked)
    }
}
