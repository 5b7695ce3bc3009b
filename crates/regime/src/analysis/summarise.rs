//! What the rows of a run add up to.

use sha2::{Digest as _, Sha256};

use super::index::Index;
use super::run::Run;
use super::summary::{AgentCard, GridCell, RunInfo, Section, ShiftCard, Summary, WeightsInfo};
use super::{cells, findings, grid, monitors, nulls};
use crate::suite::{Agent, Shift, Suite};

impl Run {
    /// What the rows add up to. A pure function of the run's files.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let index = Index::new(self.pairs());
        let exact_nulls = nulls::check(self.suite(), self.pairs(), self.is_finished());
        let broken = exact_nulls.iter().any(|null| null.held == Some(false));
        let monitored: Vec<_> =
            self.suite().monitors.iter().flat_map(|monitor| monitors::watch(self.suite(), monitor, &index)).collect();
        let grid = grid::rows(self, &index, broken);
        let shifts = self.suite().shifts.iter().map(|shift| self.shift_card(shift, &grid)).collect();
        Summary {
            run: self.info(),
            shifts,
            sections: sections(self.suite()),
            agents: self.suite().agents.iter().map(|agent| agent_card(self.suite(), agent)).collect(),
            rows: cells::summarise(&index),
            probes: cells::summarise_probes(self.suite(), self.probes()),
            findings: findings::all(self, &index, &monitored, broken),
            monitored,
            grid,
            exact_nulls,
            games: self.extras().map_or_else(Vec::new, |extras| extras.games.clone()),
            rocket: self.extras().and_then(|extras| extras.rocket.clone()),
        }
    }

    fn info(&self) -> RunInfo {
        let (card, suite) = (self.card(), self.suite());
        let claimed: Vec<_> = suite.shifts.iter().map(|s| (&s.name, &s.hypothesis, s.expect)).collect();
        let claims = serde_json::to_vec(&(&suite.claims, claimed)).expect("plain data");
        let base = card.rules.iter().find(|rules| rules.is_base);
        let weights = card.weights.iter().map(|weights| WeightsInfo {
            file: weights.file.clone(),
            hash: weights.hash.clone(),
            variant: weights.card.variant.clone(),
            command: weights.card.lineage.command.clone(),
            format: weights.card.format,
        });
        let grid = suite.grid.as_ref().map(|g| format!("{} against {} in `{}`", g.agent, g.opponent, g.experiment));
        let cell = suite.grid.as_ref().and_then(|g| {
            let playouts = *suite.experiment(&g.experiment)?.playouts.first()?;
            let [experiment, agent, opponent] = [&g.experiment, &g.agent, &g.opponent].map(String::clone);
            Some(GridCell { experiment, agent, opponent, playouts })
        });
        RunInfo {
            suite: suite.name.clone(),
            title: suite.title.clone(),
            variant: suite.variant.clone(),
            board: base.map_or((0, 0), |rules| rules.board),
            command: card.command.clone(),
            version: card.version.clone(),
            signature: card.signature.clone(),
            identity: card.identity.clone(),
            claims: Sha256::digest(&claims).iter().map(|b| format!("{b:02x}")).collect(),
            finished: self.is_finished(),
            pairs: self.pairs().len() as u64,
            evaluators: suite.files.get(&suite.evaluators).map_or(0, |files| files.files().count() as u32),
            weights: weights.collect(),
            engines: card.engines.iter().map(|engine| (engine.agent.clone(), engine.id.clone())).collect(),
            grid: grid.unwrap_or_default(),
            grid_cell: cell,
        }
    }

    fn shift_card(&self, shift: &Shift, grid: &[super::GridRow]) -> ShiftCard {
        let rules = self.rules_of(&shift.name);
        let measure =
            self.extras().and_then(|extras| extras.measures.iter().find(|measure| measure.shift == shift.name));
        ShiftCard {
            name: shift.name.clone(),
            variant: self.suite().base(shift).to_owned(),
            family: shift.family.clone(),
            hypothesis: shift.hypothesis.clone(),
            expected: shift.expect.word().to_owned(),
            edit: shift.edit.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
            payoff: rules.map_or_else(Vec::new, |rules| rules.payoff.clone()),
            unchanged: shift.is_unchanged(),
            start_fen: rules.map_or_else(String::new, |rules| rules.start_fen.clone()),
            rules: rules.map_or_else(String::new, |rules| rules.hash.clone()),
            relabelled: shift.relabelled,
            value_correlation: measure.and_then(|measure| measure.value_correlation),
            surprise: measure.and_then(|measure| measure.surprise),
            dose: shift.dose.as_ref().map(|dose| (dose.dial.clone(), dose.level)),
            after_ply: shift.after_ply,
            rivals: grid.iter().find(|row| row.shift == shift.name).map_or(0, |row| row.rivals),
        }
    }
}

/// The headings of experiments, probes and monitors, each once, in the order of the suite.
fn sections(suite: &Suite) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut add = |title: &str, add: &dyn Fn(&mut Section)| {
        let place = sections.iter().position(|section| section.title == title).unwrap_or_else(|| {
            let [experiments, probes, monitors] = [Vec::new(), Vec::new(), Vec::new()];
            sections.push(Section { title: title.to_owned(), experiments, probes, monitors });
            sections.len() - 1
        });
        add(&mut sections[place]);
    };
    for experiment in &suite.experiments {
        add(experiment.heading(), &|section| section.experiments.push(experiment.name.clone()));
    }
    for probe in &suite.probes {
        add(probe.heading(), &|section| section.probes.push(probe.name.clone()));
    }
    for monitor in &suite.monitors {
        add(monitor.heading(), &|section| section.monitors.push(monitor.name.clone()));
    }
    sections
}

fn agent_card(suite: &Suite, agent: &Agent) -> AgentCard {
    let points = suite.curve_role(agent).and_then(|role| suite.role(role)).and_then(|role| role.points.clone());
    AgentCard { name: agent.name.clone(), about: agent.about.clone(), points }
}
