//! A suite: which rules change how, who is tested against whom, and how often.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::arms::Arm;
use crate::error::RegimeError;
use crate::verdicts::Test;

/// A stress test as data. Read from TOML.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// Name.
    pub name: String,
    /// One sentence on what it is for.
    pub title: String,
    /// Variant before the change.
    pub variant: String,
    /// Root of all random streams.
    pub seed: u64,
    /// Random plies of each opening.
    pub opening_plies: u32,
    /// Weight files of the inherited evaluators, one per independent selection, relative to the model folder.
    pub frozen: Vec<String>,
    /// Other weight files of the suite's variant.
    #[serde(default)]
    pub others: Others,
    /// Further variants that shifts may change, with their own inherited evaluators.
    #[serde(default, rename = "base")]
    pub bases: Vec<Base>,
    /// Claims that are tested, written before the run.
    #[serde(default, rename = "hypothesis")]
    pub hypotheses: Vec<Hypothesis>,
    /// Also flies the rocket, the task that is no game.
    #[serde(default)]
    pub rocket: bool,
    /// What is played.
    #[serde(rename = "experiment")]
    pub experiments: Vec<Experiment>,
    /// The rule changes. The first is `none`.
    #[serde(rename = "shift")]
    pub shifts: Vec<Shift>,
}

/// A variant beside the suite's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Base {
    /// Name of the variant.
    pub variant: String,
    /// See [`Suite::frozen`].
    pub frozen: Vec<String>,
}

/// Weight files by arm; of a curve, by the number of games that they were trained on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Others {
    /// For [`Arm::Conditioned`].
    #[serde(default)]
    pub conditioned: Vec<String>,
    /// For [`Arm::Trans`].
    #[serde(default)]
    pub trans: Vec<String>,
    /// For [`Arm::Snapshot`].
    #[serde(default)]
    pub snapshots: BTreeMap<String, Vec<String>>,
}

/// A claim that is written before the run and tested by it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hypothesis {
    /// `H1`…
    pub id: String,
    /// What is claimed.
    pub claim: String,
    /// What the essay says to it.
    pub essay: String,
    /// What it is tested by.
    pub test: Test,
    /// The shift that it is about, if it is one.
    #[serde(default)]
    pub shift: Option<String>,
    /// Not a primary hypothesis.
    #[serde(default)]
    pub exploratory: bool,
    /// The claim is that the effect of the test is absent.
    #[serde(default)]
    pub denies: bool,
}

/// What a shift's hypothesis expects of the loss against `reselected`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expect {
    /// A loss.
    Harm,
    /// None beyond the smallest effect of interest.
    Nothing,
}

/// A rule change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// Name, unique in the suite.
    pub name: String,
    /// Variant before the change; the suite's own if left out.
    #[serde(default)]
    pub variant: Option<String>,
    /// `none`, `goal`, `dynamics`, `start` or `placebo`.
    pub family: String,
    /// Expected sign and why, written before it is run.
    pub hypothesis: String,
    /// The same for the machine; `harm` if left out.
    #[serde(default)]
    pub expect: Option<Expect>,
    /// The change, in the keys of `variants.ini`.
    #[serde(default)]
    pub edit: BTreeMap<String, String>,
    /// Weight files of evaluators selected under the new rules. Left out where the new rules are the old ones: then each
    /// inherited evaluator meets the next one, an independent selection at equal cost (the seed null).
    #[serde(default)]
    pub reselected: Vec<String>,
    /// Weight files for [`Arm::Finetuned`], by the number of games that they were trained on.
    #[serde(default)]
    pub finetuned: BTreeMap<String, Vec<String>>,
    /// Weight files for [`Arm::Afresh`], by the number of games that they were trained on.
    #[serde(default)]
    pub afresh: BTreeMap<String, Vec<String>>,
    /// The edit changes nothing that can come to pass: all games must then be those of `none` to the bit.
    #[serde(default)]
    pub inert: bool,
    /// Openings need not be legal before the change, because too few would be.
    #[serde(default)]
    pub own_openings: bool,
    /// The edit mirrors the board from left to right: openings are then mirror images of those of `none`.
    #[serde(default)]
    pub mirrored: bool,
    /// Relabel every evaluator along with the mirrored board. All games must then be those of `none`, mirrored.
    #[serde(default)]
    pub relabelled: bool,
}

/// A comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// Name: `headline`, `attribution`, or one that begins with `curve` for scores over playouts.
    pub name: String,
    /// Who meets whom: (arm, opponent).
    pub matches: Vec<(Arm, Arm)>,
    /// Playouts per move, one cell each.
    pub playouts: Vec<u32>,
    /// Playouts per move of the opponent in all cells; left out, it has those of the arm. Only against a fixed opponent can a falling
    /// score be over-optimization.
    #[serde(default)]
    pub opponent_playouts: Option<u32>,
    /// Pairs of games per cell and inherited evaluator.
    pub pairs: u32,
    /// The first so many inherited evaluators only; all if left out.
    #[serde(default)]
    pub seeds: Option<u32>,
    /// Leaves out matches under shifts that have no evaluator for one of the arms.
    #[serde(default)]
    pub where_possible: bool,
    /// Names of the shifts; all if left out.
    #[serde(default)]
    pub shifts: Vec<String>,
}

impl Suite {
    /// Reads a suite from TOML.
    ///
    /// # Errors
    /// Names the line and key that is missing, unknown or wrong.
    pub fn from_toml(source: &str, text: &str) -> Result<Suite, RegimeError> {
        let error = |message: String| RegimeError::Suite { suite: source.to_owned(), message };
        let suite: Suite = toml::from_str(text).map_err(|e| error(e.to_string().trim_end().to_owned()))?;
        suite.check().map_err(error)?;
        Ok(suite)
    }

    fn check(&self) -> Result<(), String> {
        if self.frozen.is_empty() || self.bases.iter().any(|b| b.frozen.is_empty()) {
            return Err("`frozen` is empty; at least one weight file was expected".to_owned());
        }
        let curves = self.shifts.iter().flat_map(|s| [&s.finetuned, &s.afresh]).chain([&self.others.snapshots]);
        if let Some(games) = curves.flat_map(BTreeMap::keys).find(|k| k.parse::<u32>().is_err()) {
            return Err(format!("`{games}` is not a number of games"));
        }
        match self.shifts.first() {
            Some(first) if first.name == "none" && first.edit.is_empty() => {}
            _ => return Err("the first shift must be `none`, without an edit".to_owned()),
        }
        for (i, shift) in self.shifts.iter().enumerate() {
            let named = |what: &str| format!("shift `{}`: {what}", shift.name);
            if self.shifts[..i].iter().any(|s| s.name == shift.name) {
                return Err(named("stands twice"));
            }
            if shift.variant.as_ref().is_some_and(|v| *v != self.variant && self.bases.iter().all(|b| b.variant != *v))
            {
                return Err(named("`variant` is neither the suite's own nor that of a `base`"));
            }
            if shift.relabelled && !shift.mirrored {
                return Err(named("`relabelled` needs `mirrored`"));
            }
            if shift.reselected.is_empty()
                && !shift.edit.is_empty()
                && !shift.relabelled
                && !shift.inert
                && self.plays_reselected(shift)
            {
                return Err(named("`reselected` is missing: name weight files selected under the new rules"));
            }
        }
        for experiment in &self.experiments {
            let named = |what: String| format!("experiment `{}`: {what}", experiment.name);
            if let Some(unknown) = experiment.shifts.iter().find(|name| self.shifts.iter().all(|s| s.name != **name)) {
                return Err(named(format!("there is no shift `{unknown}`")));
            }
            if experiment.pairs == 0 || experiment.matches.is_empty() {
                return Err(named("`pairs` and `matches` must not be empty".to_owned()));
            }
            if experiment.playouts.is_empty()
                || experiment.playouts.iter().chain(&experiment.opponent_playouts).any(|p| !(1..=1 << 20).contains(p))
            {
                return Err(named("`playouts` must list numbers from 1 to 1048576".to_owned()));
            }
        }
        Ok(())
    }

    fn plays_reselected(&self, shift: &Shift) -> bool {
        self.experiments
            .iter()
            .filter(|e| e.covers(&shift.name) && !e.where_possible)
            .any(|e| e.matches.iter().any(|(a, b)| a.needs_reselected() || b.needs_reselected()))
    }

    /// The variant that a shift changes.
    #[must_use]
    pub fn base<'a>(&'a self, shift: &'a Shift) -> &'a str {
        shift.variant.as_deref().unwrap_or(&self.variant)
    }

    /// The shift of that name.
    #[must_use]
    pub fn shift(&self, name: &str) -> Option<&Shift> {
        self.shifts.iter().find(|s| s.name == name)
    }
}

impl Experiment {
    /// Whether the experiment is made under that shift.
    #[must_use]
    pub fn covers(&self, shift: &str) -> bool {
        self.shifts.is_empty() || self.shifts.iter().any(|s| s == shift)
    }
}

impl Shift {
    /// Name of the shifted variant, `base` being the variant before the change.
    #[must_use]
    pub fn shifted(&self, base: &str) -> String {
        if self.edit.is_empty() {
            base.to_owned()
        } else if self.name.starts_with(base) {
            self.name.clone()
        } else {
            format!("{base}-{}", self.name)
        }
    }

    /// The edit as (key, value) pairs.
    #[must_use]
    pub fn edit_pairs(&self) -> Vec<(String, String)> {
        self.edit.iter().map(|(k, v)| (k.clone(), v.clone())).collect()
    }
}
