//! The files of a run directory, read back and held against each other; and what they add up to.

use std::collections::BTreeSet;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::index::Index;
use super::summary::{AgentCard, GridCell, RunInfo, Section, ShiftCard, Summary, WeightsInfo};
use super::{cells, findings, grid, monitors, nulls};
use crate::error::RegimeError;
use crate::rows::{Extras, PairRow, ProbeRow, RulesCard, RunCard, read_json, read_log, read_pairs};
use crate::suite::{Agent, Shift, Suite};

/// A run directory, read back. Nothing in it depends on weight files or on anything that plays.
#[derive(Clone, Debug)]
pub struct Run {
    card: RunCard,
    suite: Suite,
    pairs: Vec<PairRow>,
    probes: Vec<ProbeRow>,
    extras: Option<Extras>,
}

impl Run {
    /// Reads a run directory, finished or not. Pairs are those of `results.jsonl`, or of `results.parquet` where there is none.
    ///
    /// # Errors
    /// If a file is missing, damaged or changed, or rows are not those of the run.
    pub fn read(folder: &Path) -> Result<Run, RegimeError> {
        let path = folder.join("run.json");
        if !folder.is_dir() {
            return Err(RegimeError::damaged(folder, "is no folder; the directory of a stress run was expected"));
        }
        let card: RunCard = read_json(&path)?
            .ok_or_else(|| RegimeError::damaged(&path, "is missing; the directory of a stress run was expected"))?;
        if card.computed_identity() != card.identity {
            return Err(RegimeError::damaged(
                &path,
                "was changed: its contents do not have the identity that it states",
            ));
        }
        let suite = Suite::with_agents(&card.source, &card.suite, &card.agents)?;
        let log = folder.join("results.jsonl");
        let compact = folder.join("results.parquet");
        let (path, pairs) = if log.exists() || !compact.exists() {
            let pairs: Vec<PairRow> = read_log(&log, &card.identity)?;
            (log, pairs)
        } else {
            let pairs = read_pairs(&compact, &card.identity)?;
            (compact, pairs)
        };
        let probes_path = folder.join("probes.jsonl");
        let probes: Vec<ProbeRow> = read_log(&probes_path, &card.identity)?;
        let extras_path = folder.join("extras.json");
        let extras: Option<Extras> = read_json(&extras_path)?;
        if extras.as_ref().is_some_and(|extras| extras.identity != card.identity) {
            return Err(RegimeError::damaged(&extras_path, "is of another run"));
        }
        let run = Run { card, suite, pairs, probes, extras };
        run.check_pairs().map_err(|message| RegimeError::damaged(&path, message))?;
        run.check_probes().map_err(|message| RegimeError::damaged(&probes_path, message))?;
        Ok(run)
    }

    /// What was run.
    #[must_use]
    pub fn card(&self) -> &RunCard {
        &self.card
    }

    /// The suite.
    #[must_use]
    pub fn suite(&self) -> &Suite {
        &self.suite
    }

    /// Pairs of games, in the order in which they were played.
    #[must_use]
    pub fn pairs(&self) -> &[PairRow] {
        &self.pairs
    }

    /// Answers at fixed positions.
    #[must_use]
    pub fn probes(&self) -> &[ProbeRow] {
        &self.probes
    }

    pub(crate) fn extras(&self) -> Option<&Extras> {
        self.extras.as_ref()
    }

    fn rules_of(&self, shift: &str) -> Option<&RulesCard> {
        self.card.rules.iter().find(|rules| !rules.is_base && rules.name == shift)
    }

    /// Whether every row belongs to a match of the suite, was played under its rules, and counts once.
    fn check_pairs(&self) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        for (i, row) in self.pairs.iter().enumerate() {
            let wrong = |message: &str| format!("row {}: {message}", i + 1);
            let experiment =
                self.suite.experiment(&row.experiment).ok_or_else(|| wrong("is of no experiment of the suite"))?;
            let matched = experiment.matches.iter().any(|(a, b)| (a, b) == (&row.agent, &row.opponent));
            let covered = self.suite.shift(&row.shift).is_some_and(|shift| experiment.covers(shift));
            if !matched || !covered || !experiment.playouts.contains(&row.playouts) {
                return Err(wrong("is of no cell of its experiment"));
            }
            if self.rules_of(&row.shift).is_none_or(|rules| rules.hash != row.rules) {
                return Err(wrong("was played under other rules than those of its shift"));
            }
            row.check().map_err(|message| wrong(&message))?;
            let place = (&row.experiment, &row.shift, &row.agent, &row.opponent, row.playouts, row.opponent_playouts);
            if !seen.insert((place, row.point, row.evaluator, row.rival, row.pair)) {
                return Err(wrong("stands twice"));
            }
        }
        Ok(())
    }

    fn check_probes(&self) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        for (i, row) in self.probes.iter().enumerate() {
            let wrong = |message: &str| format!("row {}: {message}", i + 1);
            let probe = self.suite.probes.iter().find(|probe| probe.name == row.probe);
            let asked = probe.is_some_and(|p| {
                p.shifts.contains(&row.shift) && p.agents.contains(&row.agent) && p.playouts.contains(&row.playouts)
            });
            if !asked {
                return Err(wrong("is of no cell of a probe"));
            }
            if self.rules_of(&row.shift).is_none_or(|rules| rules.hash != row.rules) {
                return Err(wrong("was asked under other rules than those of its shift"));
            }
            row.check().map_err(|message| wrong(&message))?;
            if !seen.insert((&row.probe, &row.shift, &row.agent, row.point, row.playouts, row.evaluator)) {
                return Err(wrong("stands twice"));
            }
        }
        Ok(())
    }

    /// What the rows add up to. A pure function of the run's files.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let index = Index::new(&self.pairs);
        let exact_nulls = nulls::check(&self.suite, &self.pairs);
        let broken = exact_nulls.iter().any(|null| !null.held);
        let monitored: Vec<_> =
            self.suite.monitors.iter().flat_map(|monitor| monitors::watch(&self.suite, monitor, &index)).collect();
        let grid = grid::rows(self, &index, broken);
        let shifts = self.suite.shifts.iter().map(|shift| self.shift_card(shift, &grid)).collect();
        Summary {
            run: self.info(),
            shifts,
            sections: sections(&self.suite),
            agents: self.suite.agents.iter().map(|agent| agent_card(&self.suite, agent)).collect(),
            rows: cells::summarise(&index),
            probes: cells::summarise_probes(&self.suite, &self.probes),
            findings: findings::all(self, &index, &monitored, broken),
            monitored,
            grid,
            exact_nulls,
            games: self.extras.as_ref().map_or_else(Vec::new, |extras| extras.games.clone()),
            rocket: self.extras.as_ref().and_then(|extras| extras.rocket.clone()),
        }
    }

    fn info(&self) -> RunInfo {
        let (card, suite) = (&self.card, &self.suite);
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
            finished: self.extras.is_some(),
            pairs: self.pairs.len() as u64,
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
            self.extras.as_ref().and_then(|extras| extras.measures.iter().find(|measure| measure.shift == shift.name));
        ShiftCard {
            name: shift.name.clone(),
            variant: self.suite.base(shift).to_owned(),
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
