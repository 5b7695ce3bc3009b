//! Whether a suite makes sense by itself: every name that it uses is defined, every weight file that it needs is named, nothing stands twice.

use super::agent::list;
use super::{
    Agent, Binding, BoundBy, Experiment, Measured, Monitor, Probe, Problem, Reconsiders, SearchKind, SelectedUnder,
    Shift, Suite,
};
use super::{limits, payoff, unique};

/// The latest ply at which the rules of a game may change.
const MAX_AFTER_PLY: u32 = 200;
/// What a payoff may hold, in the words of an error message.
const PAYOFF: &str = "endings with their worths from -1 to 1, and `count-at-ply`, are allowed";
/// The most random plies of an opening.
const MAX_OPENING_PLIES: u32 = 60;

impl Suite {
    /// Checks everything but the claims, which [`Suite::check_claims`] looks at.
    pub(super) fn check(&self) -> Result<(), Problem> {
        limits::number("", "", "opening_plies", self.opening_plies, 0, MAX_OPENING_PLIES)?;
        unique("families", self.families.iter().map(String::as_str))?;
        unique("role", self.roles.iter().map(|r| r.name.as_str()))?;
        unique("base", self.bases.iter().map(|b| b.variant.as_str()).chain([self.variant.as_str()]))?;
        unique("shift", self.shifts.iter().map(|s| s.name.as_str()))?;
        unique("experiment", self.played_names())?;
        unique("claim", self.claims.iter().map(|c| c.name.as_str()))?;
        unique("rocket", self.rocket.iter().map(|c| c.name.as_str()))?;
        self.check_rules_and_files()?;
        let [roles, shifts, agents] = self.known();
        for agent in &self.agents {
            agent.check(&roles, &shifts, &agents)?;
        }
        self.check_shifts()?;
        self.check_experiments()?;
        self.probes.iter().try_for_each(|probe| self.check_probe(probe))?;
        self.monitors.iter().try_for_each(|monitor| self.check_monitor(monitor))?;
        self.check_grid_and_replay()?;
        self.check_rocket()
    }

    /// Names of roles, shifts and agents.
    pub(super) fn known(&self) -> [Vec<&str>; 3] {
        [
            self.roles.iter().map(|r| r.name.as_str()).collect(),
            self.shifts.iter().map(|s| s.name.as_str()).collect(),
            self.agents.iter().map(|a| a.name.as_str()).collect(),
        ]
    }

    /// Names of experiments, probes and monitors, which share one list.
    pub(super) fn played_names(&self) -> impl Iterator<Item = &str> {
        let probes = self.probes.iter().map(|p| p.name.as_str());
        let monitors = self.monitors.iter().map(|m| m.name.as_str());
        self.experiments.iter().map(|e| e.name.as_str()).chain(probes).chain(monitors)
    }

    fn check_rules_and_files(&self) -> Result<(), Problem> {
        for base in self.all_bases() {
            let name = if base.variant == self.variant { "" } else { base.variant.as_str() };
            let table = if name.is_empty() { "" } else { "base" };
            payoff(&base.payoff).map_err(|found| Problem::new(table, name, "payoff", found, PAYOFF))?;
            if base.of.is_none() && !base.edit.is_empty() {
                let found = "an edit of nothing";
                return Err(Problem::new("base", name, "edit", found, "`of` must name the variant that is edited"));
            }
            if base.of.is_some() && base.edit.is_empty() && base.payoff.is_empty() {
                let found = "`of` without an edit";
                let allowed = "the keys that make it another variant are needed, or a payoff";
                return Err(Problem::new("base", name, "edit", found, allowed));
            }
            let evaluators = base.files.get(&self.evaluators).map_or(0, |files| files.files().count());
            if evaluators == 0 {
                let table = if name.is_empty() { "files" } else { "base" };
                let allowed = "at least one weight file is needed: the inherited evaluators";
                return Err(Problem::new(table, name, &self.evaluators, "no weight file", allowed));
            }
        }
        for bound in self.bindings() {
            let wrong =
                |found: String, allowed: String| Problem::new(bound.table, bound.name, bound.role, found, allowed);
            let Some(role) = self.role(bound.role) else {
                let [roles, ..] = self.known();
                return Err(wrong("files of an unknown role".to_owned(), format!("roles: {}", list(&roles))));
            };
            let of_shift = bound.table == "shift";
            if of_shift != (role.bound_by == BoundBy::Shift) {
                let allowed = if of_shift {
                    "named in [files] of the suite or `files` of a base"
                } else {
                    "named in `files` of a shift"
                };
                return Err(wrong("files here".to_owned(), format!("files of this role are {allowed}")));
            }
            check_binding(bound.files, role.points.is_some()).map_err(|(found, allowed)| wrong(found, allowed))?;
            match (&bound.files.selected_under, role.selected_under) {
                (Some(shift), _) if self.shift(shift).is_none() => {
                    let [_, shifts, _] = self.known();
                    let found = format!("selected_under = `{}`", files::excerpt(shift, 60));
                    return Err(wrong(found, format!("the name of a shift: {}", list(&shifts))));
                }
                (None, SelectedUnder::Stated) => {
                    let found = "files without `selected_under`".to_owned();
                    return Err(wrong(found, "write { files = …, selected_under = \"SHIFT\" }".to_owned()));
                }
                _ => {}
            }
        }
        if self.role(&self.evaluators).is_none_or(|role| role.bound_by != BoundBy::Base || role.points.is_some()) {
            let found = format!("`{}`", files::excerpt(&self.evaluators, 60));
            return Err(Problem::new(
                "",
                "",
                "evaluators",
                found,
                "a role without points whose files stand with the base",
            ));
        }
        Ok(())
    }

    fn check_shifts(&self) -> Result<(), Problem> {
        match self.shifts.first() {
            Some(first) if first.is_unchanged() && first.variant.is_none() && first.after_ply.is_none() => {}
            Some(first) => {
                let found = "a change";
                let allowed = "the first shift must be the suite's own variant, unchanged";
                return Err(Problem::new("shift", &first.name, "edit", found, allowed));
            }
            None => return Err(Problem::new("", "", "shift", "no shift", "the unchanged rules must be the first one")),
        }
        self.shifts.iter().try_for_each(|shift| self.check_shift(shift))
    }

    fn check_shift(&self, shift: &Shift) -> Result<(), Problem> {
        let wrong = |key: &str, found: String, allowed: String| Problem::new("shift", &shift.name, key, found, allowed);
        let known = |variant: &String| *variant == self.variant || self.bases.iter().any(|b| b.variant == *variant);
        if let Some(variant) = shift.variant.as_ref().filter(|variant| !known(variant)) {
            let names: Vec<&str> =
                self.bases.iter().map(|b| b.variant.as_str()).chain([self.variant.as_str()]).collect();
            return Err(wrong(
                "variant",
                format!("`{}`", files::excerpt(variant, 60)),
                format!("{} are allowed", list(&names)),
            ));
        }
        if !self.families.contains(&shift.family) {
            let names: Vec<&str> = self.families.iter().map(String::as_str).collect();
            let found = format!("`{}`", files::excerpt(&shift.family, 60));
            return Err(wrong("family", found, format!("the suite's families: {}", list(&names))));
        }
        payoff(&self.payoff_under(shift)).map_err(|found| wrong("payoff", found, PAYOFF.to_owned()))?;
        if shift.relabelled && !shift.mirrored {
            return Err(wrong("relabelled", "it without `mirrored`".to_owned(), "both are needed".to_owned()));
        }
        if (shift.inert || shift.relabelled) && shift.is_unchanged() {
            let allowed = "an exact null needs a change that must change nothing".to_owned();
            return Err(wrong("edit", "no edit".to_owned(), allowed));
        }
        if let Some(ply) = shift.after_ply {
            limits::number("shift", &shift.name, "after_ply", ply, 1, MAX_AFTER_PLY)?;
            limits::number("shift", &shift.name, "playouts_before", shift.playouts_before.unwrap_or(0), 1, 1 << 20)?;
            self.known_agent("shift", &shift.name, "played_by", shift.played_by.as_deref().unwrap_or_default())?;
        } else if shift.played_by.is_some() || shift.playouts_before.is_some() {
            let found = "it without `after_ply`".to_owned();
            return Err(wrong("played_by", found, "it is for rules that change amid the game".to_owned()));
        }
        if let Some(dose) = shift.dose.as_ref().filter(|dose| !dose.level.is_finite()) {
            return Err(wrong("dose", format!("level {}", dose.level), "a finite number is allowed".to_owned()));
        }
        if let Some(unknown) = shift.only.iter().find(|only| self.played_names().all(|name| name != *only)) {
            let names: Vec<&str> = self.played_names().collect();
            let found = format!("`{}`", files::excerpt(unknown, 60));
            return Err(wrong("only", found, format!("the name of an experiment or probe: {}", list(&names))));
        }
        Ok(())
    }

    fn check_experiments(&self) -> Result<(), Problem> {
        if self.experiments.is_empty() && self.probes.is_empty() {
            return Err(Problem::new("", "", "experiment", "nothing to play", "an experiment or a probe is needed"));
        }
        for e in &self.experiments {
            self.known_shifts("experiment", &e.name, &e.shifts)?;
            for (i, (agent, opponent)) in e.matches.iter().enumerate() {
                for name in [agent, opponent] {
                    self.known_agent("experiment", &e.name, "matches", name)?;
                }
                if self.agent(opponent).is_some_and(|agent| self.curve_role(agent).is_some()) {
                    let found = format!("`{opponent}`, a curve, as the opponent");
                    return Err(Problem::new("experiment", &e.name, "matches", found, "a curve can only stand first"));
                }
                self.check_alarm_and_memory(&e.name, agent, opponent)?;
                if e.matches[..i].contains(&(agent.clone(), opponent.clone())) {
                    let found = format!("{agent} against {opponent} twice");
                    return Err(Problem::new("experiment", &e.name, "matches", found, "each match is allowed once"));
                }
            }
            if !self.shifts.iter().any(|shift| e.covers(shift)) {
                let found = "shifts that all leave the experiment out (`only`)";
                return Err(Problem::new("experiment", &e.name, "shifts", found, "at least one shift must take part"));
            }
            self.check_relabelled(e)?;
            self.check_count("experiment", &e.name, e.evaluators)?;
            if e.where_possible {
                continue;
            }
            for shift in self.shifts.iter().filter(|shift| e.covers(shift)) {
                for name in e.matches.iter().flat_map(|(agent, opponent)| [agent, opponent]) {
                    self.has_files("experiment", &e.name, shift, name)?;
                }
            }
        }
        Ok(())
    }

    /// The agent that plays on after an alarm watches nothing itself: it would never be asked whether it rings.
    pub(super) fn check_alarms(&self) -> Result<(), Problem> {
        for agent in &self.agents {
            let Reconsiders::Alarm(alarm) = agent.reconsiders() else { continue };
            if matches!(self.agent(&alarm.then).map(Agent::reconsiders), Some(Reconsiders::Alarm(_))) {
                let found = format!("then = `{}`, which has an alarm itself", files::excerpt(&alarm.then, 60));
                let allowed = "the agent that plays on needs another `reconsiders`";
                return Err(Problem::new("agent", &agent.name, "reconsiders", found, allowed));
            }
        }
        Ok(())
    }

    /// A table of positions does not see that two boards are mirror images, so that games of an alpha-beta search need not be.
    fn check_relabelled(&self, experiment: &Experiment) -> Result<(), Problem> {
        let Some(shift) = self.shifts.iter().find(|shift| shift.relabelled && experiment.covers(shift)) else {
            return Ok(());
        };
        let mut names = experiment.matches.iter().flat_map(|(agent, opponent)| [agent, opponent]);
        let alphabeta = |name: &&String| self.agent(name).is_some_and(|a| a.search() == SearchKind::AlphaBeta);
        match names.find(alphabeta) {
            None => Ok(()),
            Some(name) => Err(Problem::new(
                "experiment",
                &experiment.name,
                "matches",
                format!("`{name}`, which searches by `alphabeta`, under `{}`, which is relabelled", shift.name),
                "only games of other searches must be mirror images",
            )),
        }
    }

    /// After an alarm the games are those that another agent plays from the first pair on. They must not depend on earlier ones.
    fn check_alarm_and_memory(&self, experiment: &str, agent: &str, opponent: &str) -> Result<(), Problem> {
        let Some(Reconsiders::Alarm(alarm)) = self.agent(agent).map(Agent::reconsiders) else { return Ok(()) };
        let remembers = |name: &&&str| self.agent(name).is_some_and(Agent::remembers_games);
        match [alarm.then.as_str(), opponent].iter().find(remembers) {
            None => Ok(()),
            Some(name) => Err(Problem::new(
                "experiment",
                experiment,
                "matches",
                format!(
                    "`{agent}`, which leaves games to another agent after an alarm, with `{name}`, which learns from results"
                ),
                "an alarm goes with agents that begin each game anew",
            )),
        }
    }

    fn check_probe(&self, probe: &Probe) -> Result<(), Problem> {
        let wrong = |key: &str, found: String, allowed: &str| Problem::new("probe", &probe.name, key, found, allowed);
        self.known_shifts("probe", &probe.name, &probe.shifts)?;
        self.check_count("probe", &probe.name, probe.evaluators)?;
        for (i, name) in probe.agents.iter().enumerate() {
            self.known_agent("probe", &probe.name, "agents", name)?;
            if probe.agents[..i].contains(name) {
                return Err(wrong("agents", format!("`{name}` twice"), "each agent is allowed once"));
            }
            if self.agent(name).is_some_and(|agent| agent.engine.is_some()) {
                return Err(wrong(
                    "agents",
                    format!("`{name}`, an engine"),
                    "only agents without `engine` can be asked",
                ));
            }
        }
        match (probe.measures, &probe.judge) {
            (Measured::ExactRegret, None) if probe.judge_playouts == 0 => {}
            (Measured::ExactRegret, _) => {
                return Err(wrong(
                    "judge",
                    "a judge".to_owned(),
                    "a solved game needs none: leave `judge` and `judge_playouts` out",
                ));
            }
            (_, None) => return Err(wrong("judge", "nothing".to_owned(), "the name of an agent is needed")),
            (_, Some(judge)) => {
                self.known_agent("probe", &probe.name, "judge", judge)?;
                limits::number("probe", &probe.name, "judge_playouts", probe.judge_playouts, 1, 1 << 20)?;
            }
        }
        if probe.where_possible {
            return Ok(());
        }
        for shift in self.shifts.iter().filter(|shift| probe.covers(shift)) {
            for name in probe.agents.iter().chain(&probe.judge) {
                self.has_files("probe", &probe.name, shift, name)?;
            }
        }
        Ok(())
    }

    fn check_monitor(&self, monitor: &Monitor) -> Result<(), Problem> {
        let wrong =
            |key: &str, found: String, allowed: String| Problem::new("monitor", &monitor.name, key, found, allowed);
        let Some(experiment) = self.experiment(&monitor.experiment) else {
            let names: Vec<&str> = self.experiments.iter().map(|e| e.name.as_str()).collect();
            let found = format!("`{}`", files::excerpt(&monitor.experiment, 60));
            return Err(wrong("experiment", found, format!("the name of an experiment: {}", list(&names))));
        };
        for (key, name) in [("agent", Some(&monitor.agent)), ("then", monitor.then.as_ref())] {
            let Some(name) = name else { continue };
            if !experiment.matches.contains(&(name.clone(), monitor.opponent.clone())) {
                let found = format!("{name} against {}", monitor.opponent);
                return Err(wrong(key, files::excerpt(&found, 120), "a match of the experiment is needed".to_owned()));
            }
        }
        let calibrated = self.shift(&monitor.calibrated_on).is_some_and(|s| s.is_unchanged() && experiment.covers(s));
        if !calibrated {
            let found = format!("`{}`", files::excerpt(&monitor.calibrated_on, 60));
            return Err(wrong(
                "calibrated_on",
                found,
                "a shift of the experiment that changes nothing is needed".to_owned(),
            ));
        }
        if monitor.detectors.is_empty() {
            return Err(wrong("detectors", "an empty list".to_owned(), "at least one detector is needed".to_owned()));
        }
        unique("detectors", monitor.detectors.iter().map(|d| d.name()))
    }

    fn check_grid_and_replay(&self) -> Result<(), Problem> {
        if let Some(grid) = &self.grid {
            let pair = (grid.agent.clone(), grid.opponent.clone());
            let Some(experiment) = self.experiment(&grid.experiment) else {
                let names: Vec<&str> = self.experiments.iter().map(|e| e.name.as_str()).collect();
                let found = format!("`{}`", files::excerpt(&grid.experiment, 60));
                return Err(Problem::new("grid", "", "experiment", found, format!("an experiment: {}", list(&names))));
            };
            if !experiment.matches.contains(&pair) {
                let found = files::excerpt(&format!("{} against {}", grid.agent, grid.opponent), 120);
                let allowed = "a match of the experiment is needed";
                return Err(Problem::new("grid", "", "agent", found, allowed));
            }
        }
        for name in self.replay.iter().flat_map(|(agent, opponent)| [agent, opponent]) {
            self.known_agent("", "", "replay", name)?;
        }
        Ok(())
    }

    fn check_rocket(&self) -> Result<(), Problem> {
        if let Some(first) = self.rocket.first()
            && (first.gravity.is_some() || first.thrust.is_some())
        {
            let allowed = "the first entry must be the physics of the selection: a name alone";
            return Err(Problem::new("rocket", &first.name, "gravity", "a change", allowed));
        }
        for change in &self.rocket {
            for (key, number, most) in [("gravity", change.gravity, 100.0), ("thrust", change.thrust, 10.0)] {
                if number.is_some_and(|n| !(n > 0.0 && n <= most)) {
                    let found = number.unwrap_or(0.0).to_string();
                    let allowed = format!("a number above 0, at most {most}, is allowed");
                    return Err(Problem::new("rocket", &change.name, key, found, allowed));
                }
            }
        }
        Ok(())
    }

    fn check_count(&self, table: &str, name: &str, evaluators: Option<u32>) -> Result<(), Problem> {
        let most = self.all_bases().iter().filter_map(|b| Some(b.files.get(&self.evaluators)?.files().count())).max();
        limits::number(table, name, "evaluators", evaluators.unwrap_or(1), 1, most.unwrap_or(1) as u32)
    }

    fn known_shifts(&self, table: &str, name: &str, shifts: &[String]) -> Result<(), Problem> {
        for (i, shift) in shifts.iter().enumerate() {
            if self.shift(shift).is_none() {
                let [_, known, _] = self.known();
                let found = format!("`{}`", files::excerpt(shift, 60));
                return Err(Problem::new(
                    table,
                    name,
                    "shifts",
                    found,
                    format!("the name of a shift: {}", list(&known)),
                ));
            }
            if shifts[..i].contains(shift) {
                return Err(Problem::new(
                    table,
                    name,
                    "shifts",
                    format!("`{shift}` twice"),
                    "each shift is allowed once",
                ));
            }
        }
        Ok(())
    }

    fn known_agent(&self, table: &str, name: &str, key: &str, agent: &str) -> Result<(), Problem> {
        if self.agent(agent).is_some() {
            return Ok(());
        }
        let [.., agents] = self.known();
        let found = format!("`{}`", files::excerpt(agent, 60));
        let allowed = format!(
            "the name of an agent, shipped or of the suite (`agents.toml` has the shipped ones; in use are {})",
            list(&agents)
        );
        Err(Problem::new(table, name, key, found, allowed))
    }

    /// Whether every role that an agent needs has files under a shift.
    fn has_files(&self, table: &str, name: &str, shift: &Shift, agent: &str) -> Result<(), Problem> {
        match self.missing_role(shift, agent) {
            None => Ok(()),
            Some(role) => {
                let found =
                    format!("agent `{agent}` under shift `{}`, which has no file of the role `{role}`", shift.name);
                let allowed = "name weight files of it, or write `where_possible = true` to leave such matches out";
                Err(Problem::new(table, name, "matches", found, allowed))
            }
        }
    }

    /// The role whose files an agent lacks under a shift.
    pub(crate) fn missing_role<'a>(&'a self, shift: &Shift, agent: &'a str) -> Option<&'a str> {
        let agent = self.agent(agent)?;
        agent.roles().find(|role| !self.has_role(shift, role)).or_else(|| match agent.reconsiders() {
            Reconsiders::Alarm(alarm) => self.missing_role(shift, &alarm.then),
            _ => None,
        })
    }

    /// Whether files of a role can be had under a shift.
    pub(crate) fn has_role(&self, shift: &Shift, name: &str) -> bool {
        let Some(role) = self.role(name) else { return false };
        if self.bound_files(shift, name).is_some_and(|binding| binding.files().next().is_some()) {
            return true;
        }
        // The next file of another role stands in, so that role needs two: the first is the agent itself.
        let stands_in = role.where_unchanged.as_ref().filter(|_| shift.is_unchanged() || shift.is_null());
        stands_in.is_some_and(|other| self.bound_files(shift, other).is_some_and(|b| b.files().count() > 1))
    }

    /// The files of a role under a shift.
    pub(crate) fn bound_files<'a>(&'a self, shift: &'a Shift, role: &str) -> Option<&'a Binding> {
        match self.role(role)?.bound_by {
            BoundBy::Shift => shift.files.get(role),
            BoundBy::Base => match self.base_number(shift) {
                0 => self.files.get(role),
                base => self.bases[base - 1].files.get(role),
            },
        }
    }

    /// The role whose points an agent runs along; none if the agent is no curve.
    pub(crate) fn curve_role(&self, agent: &Agent) -> Option<&str> {
        let roles: Vec<&str> = agent.roles().collect();
        roles
            .into_iter()
            .find(|role| self.role(role).is_some_and(|role| role.points.is_some()))
            .and_then(|name| self.role(name))
            .map(|role| role.name.as_str())
    }
}

/// Whether the files of a role are named as it needs them. The error is what was found and what is allowed.
fn check_binding(binding: &Binding, is_curve: bool) -> Result<(), (String, String)> {
    if binding.files().next().is_none() || binding.points.values().any(Vec::is_empty) {
        return Err(("no weight file".to_owned(), "at least one name is needed".to_owned()));
    }
    if is_curve == binding.points.contains_key(&0) {
        let allowed = if is_curve {
            "points above 0 with files each: { 1500 = […], … }"
        } else {
            "a list of files without points"
        };
        return Err(("files".to_owned(), allowed.to_owned()));
    }
    for files in binding.points.values() {
        for (i, file) in files.iter().enumerate() {
            if files[..i].contains(file) {
                let found = format!("`{}` twice", files::excerpt(file, 80));
                return Err((found, "each file is one independent selection and is allowed once".to_owned()));
            }
        }
    }
    let mut lengths = binding.points.values().map(Vec::len);
    let first = lengths.next();
    if lengths.any(|length| Some(length) != first) {
        let allowed = "as many files at each point: the same selections along the curve".to_owned();
        return Err(("points with different numbers of files".to_owned(), allowed));
    }
    Ok(())
}
