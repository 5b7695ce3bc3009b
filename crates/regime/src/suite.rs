//! A suite: which rules change how, who is tested against whom, and how often.

mod estimator;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::arms::Arm;
use crate::error::RegimeError;
use crate::limits;
use crate::names::{Files, Points};

pub use estimator::{
    Area, Association, Axis, Covariate, Difference, Estimator, Interaction, PeakToTrough, Population, Scale, Side,
    Statistic, TimeToThreshold, Trend,
};
pub(crate) use estimator::{FLOOR, weights_or_default};

/// The latest ply at which the rules of a game may change.
const MAX_AFTER_PLY: u32 = 200;

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
    /// Weight files of the inherited evaluators, one per independent selection, relative to the model folder. As everywhere in a suite,
    /// `a-{3..5}.safetensors` stands for three files.
    pub frozen: Files,
    /// Other weight files of the suite's variant.
    #[serde(default)]
    pub others: Others,
    /// Further variants that shifts may change, with their own inherited evaluators.
    #[serde(default, rename = "base")]
    pub bases: Vec<Base>,
    /// Claims that are tested, written before the run.
    #[serde(default, rename = "hypothesis")]
    pub hypotheses: Vec<Hypothesis>,
    /// Specification of the external engine for [`Arm::Engine`], for instance `uci:fairy-stockfish@nodes=100`.
    #[serde(default)]
    pub engine: Option<String>,
    /// Also flies the rocket, the task that is no game.
    #[serde(default)]
    pub rocket: bool,
    /// What is played.
    #[serde(rename = "experiment")]
    pub experiments: Vec<Experiment>,
    /// What is asked at fixed positions.
    #[serde(default, rename = "probe")]
    pub probes: Vec<Probe>,
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
    /// The variant that it is an edit of, if it is not built in.
    #[serde(default)]
    pub of: Option<String>,
    /// That edit, in the keys of `variants.ini`.
    #[serde(default)]
    pub edit: BTreeMap<String, String>,
    /// See [`Suite::frozen`].
    pub frozen: Files,
}

/// Weight files by arm.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Others {
    /// For [`Arm::Conditioned`].
    #[serde(default)]
    pub conditioned: Files,
    /// For [`Arm::Trans`].
    #[serde(default)]
    pub trans: Files,
    /// For [`Arm::Snapshot`], by games.
    #[serde(default)]
    pub snapshot: Points,
    /// For [`Arm::Width`], by units of the hidden layer.
    #[serde(default)]
    pub width: Points,
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

/// What a registered hypothesis is tested by. Effects are in score, positive where the hypothesis is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Test {
    /// Loss of `frozen` against `reselected`: mean over goal shifts less mean over shifts of the start.
    GoalLosesMoreThanStart,
    /// The same with the loss that goes with [`crate::results::ShiftCard::surprise`] taken out: the coefficient of "the goal has changed" in a
    /// regression of the losses on it and on the surprise, over the shifts of both families.
    GoalLosesMoreAtEqualSurprise,
    /// `frozen` scores less than 1/2 against `zero` under `shift`.
    WorseThanNothing,
    /// Loss of `frozen` against `reselected` under `shift`, at the budget where it is largest, less that at the worse end of the budgets.
    LossNotMonotone,
    /// Score of `frozen` against a fixed opponent (`random`) under `shift`: best budget less largest budget.
    DeclinesWithSearch,
    /// The same of `stale-search`.
    DeclinesWithStaleSearch,
    /// Loss of `policy-only` against `policy-reselected` less loss of `frozen` against `reselected`, mean over shifts with a changed goal.
    ControlLosesMore,
    /// Score of the latest less the earliest snapshot of the inherited evaluators against `zero` under `shift`, sign turned.
    SelectionHarms,
    /// Score of `conditioned` less that of `conditioned-masked` against `reselected`, mean over shifts that have both.
    SeeingRulesHelps,
    /// Under unchanged rules: rise of `material`'s share of the material with search, where its score does not rise alike.
    ProxyRisesGoldDoesNot,
    /// Interaction of stale rules with inherited parameters: E(oo) - E(on) - E(no) + E(nn), mean over shifts.
    RulesAndEvaluatorInteract,
    /// Games until the alarm of the monitor of self-consistency less those of the monitor of results, as a share of all games; mean over
    /// shifts with a changed goal.
    ResultsNoticeSooner,
    /// Score of `finetuned` less `afresh` after the fewest games: mean over shifts under which the inherited value still correlates with
    /// the result, less mean over those under which it correlates the other way.
    InheritanceSlowsWhereItMisleads,
    /// Points lost per deployed game: `frozen` less `federated`, mean over shifts.
    RedistributionLosesLess,
    /// The smaller of two losses of `mixed`: under the new rules and under the old ones, mean over shifts.
    OneForBothLosesInBoth,
    /// What a validator with the agent's stale rules sees (score of `frozen` against `zero` under unchanged rules) less what happens
    /// (score of `stale-search` against `zero`), mean over shifts with a changed goal.
    SharedValidatorOverstates,
    /// Exact regret of `frozen` less that of `reselected`, at the largest budget, mean over shifts that change something.
    ExactRegretExceeds,
    /// Loss of the widest less the narrowest evaluators under a shift, beyond the same difference under unchanged rules; mean over shifts.
    WiderLosesMore,
    /// Share of the agent's moves that the widest evaluators foresee at the largest budget, less the narrowest at the smallest.
    LargerBaseForesees,
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
    /// `none`, `goal`, `dynamics`, `start`, `board`, `payoff` or `placebo`.
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
    pub reselected: Files,
    /// Weight files for [`Arm::Finetuned`], by the number of games that they were trained on.
    #[serde(default)]
    pub finetuned: Points,
    /// Weight files for [`Arm::Afresh`], by the number of games that they were trained on.
    #[serde(default)]
    pub afresh: Points,
    /// Weight files for [`Arm::Federated`], by the number of deployed games that they have learnt from.
    #[serde(default)]
    pub federated: Points,
    /// Weight files for [`Arm::Mixed`], by the number of deployed games under both rules that they have learnt from.
    #[serde(default)]
    pub mixed: Points,
    /// A dial that the shift is a point of, and where on it.
    #[serde(default)]
    pub dose: Option<Dose>,
    /// The rules change at this ply of the game. Until then both sides are played by the inherited evaluator under the old rules, on
    /// top of the random opening.
    #[serde(default)]
    pub after_ply: Option<u32>,
    /// The only experiments and probes that the shift takes part in; all if left out.
    #[serde(default)]
    pub only: Vec<String>,
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

/// A point of a dial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dose {
    /// What is turned.
    pub dial: String,
    /// How far, in the dial's own unit.
    pub level: f64,
}

/// Who judges the answers of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judge {
    /// Another evaluator selected under the true rules, searching after every legal move: the regret of the chosen one.
    Reselected,
    /// Every position of a small game, solved: the exact regret.
    Exact,
    /// What the inherited evaluator itself plays: how often it is foreseen.
    Agent,
}

/// Questions at fixed positions: what would be played there, and what is it worth?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// Name.
    pub name: String,
    /// Who says what the answers are worth.
    pub judge: Judge,
    /// Who is asked.
    pub arms: Vec<Arm>,
    /// Playouts of a search, one cell each.
    pub playouts: Vec<u32>,
    /// Playouts of the judge, for each legal move; of the agent whose moves are to be foreseen.
    #[serde(default)]
    pub judge_playouts: u32,
    /// Number of positions.
    pub positions: u32,
    /// The first so many inherited evaluators only; all if left out.
    #[serde(default)]
    pub seeds: Option<u32>,
    /// Names of the shifts.
    pub shifts: Vec<String>,
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
        let wrong = |e: toml::de::Error| {
            let place = e.span().map_or_else(String::new, |span| files::place(text, span.start) + ": ");
            error(format!("{place}{}", e.message()))
        };
        limits::check_names(&toml::from_str(text).map_err(wrong)?).map_err(error)?;
        let suite: Suite = toml::from_str(text).map_err(wrong)?;
        limits::check(&suite).and_then(|()| suite.check()).map_err(error)?;
        Ok(suite)
    }

    fn check(&self) -> Result<(), String> {
        if self.frozen.is_empty() || self.bases.iter().any(|b| b.frozen.is_empty()) {
            return Err("`frozen` is empty; at least one weight file was expected".to_owned());
        }
        if let Some(base) = self.bases.iter().find(|b| b.of.is_none() && !b.edit.is_empty()) {
            return Err(format!("base `{}`: `edit` needs `of`, the variant that is edited", base.variant));
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
            if shift.after_ply.is_some_and(|ply| ply > MAX_AFTER_PLY) {
                return Err(named("`after_ply` must be at most 200"));
            }
            let experiments = self.experiments.iter().map(|e| &e.name).chain(self.probes.iter().map(|p| &p.name));
            if let Some(unknown) = shift.only.iter().find(|o| experiments.clone().all(|e| e != *o)) {
                return Err(named(&format!("`only`: there is no experiment or probe `{unknown}`")));
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
            if self.engine.is_none() && experiment.matches.iter().any(|(a, b)| [a, b].contains(&&Arm::Engine)) {
                return Err(named("the arm `engine` needs `engine`, the specification of a player".to_owned()));
            }
        }
        for probe in &self.probes {
            let named = |what: &str| format!("probe `{}`: {what}", probe.name);
            if let Some(unknown) = probe.shifts.iter().find(|name| self.shift(name).is_none()) {
                return Err(named(&format!("there is no shift `{unknown}`")));
            }
            let judge_playouts = (probe.judge != Judge::Exact).then_some(&probe.judge_playouts);
            if !probe.playouts.iter().chain(judge_playouts).all(|p| (1..=1 << 20).contains(p)) {
                return Err(named("`playouts` and `judge_playouts` must be numbers from 1 to 1048576"));
            }
            if !(1..=10_000).contains(&probe.positions) || probe.arms.is_empty() || probe.playouts.is_empty() {
                return Err(named("`positions` must lie in 1 to 10000, `arms` and `playouts` not be empty"));
            }
        }
        Ok(())
    }

    fn plays_reselected(&self, shift: &Shift) -> bool {
        self.experiments
            .iter()
            .filter(|e| e.covers(shift) && !e.where_possible)
            .any(|e| e.matches.iter().any(|(a, b)| a.needs_reselected() || b.needs_reselected()))
    }

    /// The variant that a shift changes.
    #[must_use]
    pub fn base<'a>(&'a self, shift: &'a Shift) -> &'a str {
        shift.variant.as_deref().unwrap_or(&self.variant)
    }

    /// Its number: 0 for the suite's own, then the bases.
    pub(crate) fn base_number(&self, shift: &Shift) -> usize {
        let name = self.base(shift);
        if name == self.variant {
            return 0;
        }
        1 + self.bases.iter().position(|b| b.variant == name).expect("checked with the suite")
    }

    /// The built-in variant under a base, and the edits that make it: first the base's, then the shift's.
    #[must_use]
    pub fn origin<'a>(&'a self, shift: &'a Shift) -> (&'a str, Vec<(String, String)>) {
        let name = self.base(shift);
        let base = self.bases.iter().find(|b| b.variant == name);
        let mut edit = base.map_or_else(BTreeMap::new, |b| b.edit.clone());
        edit.extend(shift.edit.clone());
        (base.and_then(|b| b.of.as_deref()).unwrap_or(name), edit.into_iter().collect())
    }

    /// All lists of weight files.
    pub(crate) fn lists(&self) -> impl Iterator<Item = &Files> {
        let others = [&self.others.snapshot, &self.others.width].into_iter().flat_map(|p| p.0.values());
        std::iter::once(&self.frozen)
            .chain([&self.others.conditioned, &self.others.trans])
            .chain(others)
            .chain(self.bases.iter().map(|b| &b.frozen))
            .chain(self.shifts.iter().flat_map(|s| {
                let curves = [&s.finetuned, &s.afresh, &s.federated, &s.mixed].into_iter().flat_map(|p| p.0.values());
                std::iter::once(&s.reselected).chain(curves)
            }))
    }

    /// All weight files that the suite names, each once, sorted.
    #[must_use]
    pub fn files(&self) -> Vec<&str> {
        let mut files: Vec<&str> = self.lists().flat_map(|l| l.iter().map(String::as_str)).collect();
        files.sort_unstable();
        files.dedup();
        files
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
    pub fn covers(&self, shift: &Shift) -> bool {
        let wanted = self.shifts.is_empty() || self.shifts.contains(&shift.name);
        wanted && (shift.only.is_empty() || shift.only.contains(&self.name))
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
