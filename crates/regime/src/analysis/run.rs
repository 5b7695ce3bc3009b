//! The files of a run directory, read back and held against each other.

use std::collections::BTreeSet;
use std::path::Path;

use crate::error::RegimeError;
use crate::rows::{
    Extras, PairRow, ProbeRow, RulesCard, RunCard, log_end, read_extras, read_json, read_log, read_pairs,
};
use crate::suite::Suite;

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
    /// If a file is missing, damaged or changed, or rows are not those of the run, or a finished run has lost some.
    pub fn read(folder: &Path) -> Result<Run, RegimeError> {
        let path = folder.join("run.json");
        if !folder.is_dir() {
            return Err(RegimeError::damaged(folder, "is no folder; the directory of a run was expected"));
        }
        let card: RunCard = read_json(&path)?
            .ok_or_else(|| RegimeError::damaged(&path, "is missing; the directory of a run was expected"))?;
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
        // Only the card of a finished run vouches for this file.
        let extras = match &card.finished {
            Some(finished) => read_extras(&extras_path, &finished.extras)?,
            None => None,
        };
        if extras.as_ref().is_some_and(|extras| extras.identity != card.identity) {
            return Err(RegimeError::damaged(&extras_path, "is of another run"));
        }
        if let Some(finished) = &card.finished {
            let found = log_end(&card.identity, &pairs);
            finished.pairs.check(&found).map_err(|message| RegimeError::damaged(&path, message))?;
            let found = log_end(&card.identity, &probes);
            finished.probes.check(&found).map_err(|message| RegimeError::damaged(&probes_path, message))?;
            if extras.is_none() {
                return Err(RegimeError::damaged(&extras_path, "is missing; the finished run has one"));
            }
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

    /// Whether every cell has been played and every question asked: the card says so, and what it says was found.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.card.finished.is_some()
    }

    pub(crate) fn extras(&self) -> Option<&Extras> {
        self.extras.as_ref()
    }

    pub(super) fn rules_of(&self, shift: &str) -> Option<&RulesCard> {
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
}
