//! The changes of the rules that suites describe, and the evaluators that they name, as a page offers them.

use std::collections::BTreeMap;

use regime::Suite;
use regime::suite::{Binding, Shift};
use serde::Serialize;

use super::evaluators::Evaluators;
use super::rules::{RuleBook, RulesSpec};

/// A change that a page offers.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Change {
    /// Name of the suite that describes it first.
    pub(super) suite: String,
    /// Its name in that suite.
    pub(super) name: String,
    /// The family that it belongs to.
    pub(super) family: String,
    /// What was expected of it, before it was tried.
    pub(super) hypothesis: String,
    /// The sign of that.
    pub(super) expect: &'static str,
    /// The rules before it.
    pub(super) before: RulesSpec,
    /// The rules after it.
    pub(super) after: RulesSpec,
    /// The change itself, in the keys of rule files.
    pub(super) changes: Vec<(String, Option<String>)>,
    /// Evaluators that are at hand, by role: those that the suite names for this change, and those of the rules before it.
    pub(super) files: BTreeMap<String, String>,
}

/// The rules of a shift's base.
pub(super) fn base_rules(suite: &Suite, shift: &Shift) -> RulesSpec {
    let name = suite.base(shift);
    let unchanged = Shift { edit: BTreeMap::new(), payoff: BTreeMap::new(), ..shift.clone() };
    let (variant, edit) = suite.origin(&unchanged);
    RulesSpec {
        name: name.to_owned(),
        variant: variant.to_owned(),
        edit: edit.into_iter().collect(),
        payoff: suite.payoff_under(&unchanged),
    }
}

/// The rules of a shift.
pub(super) fn shift_rules(suite: &Suite, shift: &Shift) -> RulesSpec {
    let (variant, edit) = suite.origin(shift);
    RulesSpec {
        name: shift.name.clone(),
        variant: variant.to_owned(),
        edit: edit.into_iter().collect(),
        payoff: suite.payoff_under(shift),
    }
}

/// The last file of a binding that is at hand: of a curve, a file of its last point.
fn at_hand(binding: &Binding, evaluators: &Evaluators) -> Option<String> {
    let points = binding.points.values().rev();
    points
        .flatten()
        .map(|file| file.strip_suffix(".safetensors").unwrap_or(file))
        .find(|name| evaluators.has(name))
        .map(str::to_owned)
}

/// The evaluators of a shift's roles that are at hand.
pub(super) fn files(suite: &Suite, shift: &Shift, evaluators: &Evaluators) -> BTreeMap<String, String> {
    let name = suite.base(shift);
    let base = if name == suite.variant {
        Some(&suite.files)
    } else {
        suite.bases.iter().find(|b| b.variant == name).map(|b| &b.files)
    };
    let all = base.into_iter().flatten().chain(&shift.files);
    all.filter_map(|(role, binding)| Some((role.clone(), at_hand(binding, evaluators)?))).collect()
}

/// All changes of some suites. Of changes that give the same rules, the first is taken, with the evaluators of all.
pub(super) fn changes(suites: &[Suite], evaluators: &Evaluators) -> Vec<Change> {
    let mut all: Vec<Change> = Vec::new();
    for suite in suites {
        // A mirrored evaluator is another thing than a change of the rules.
        for shift in suite.shifts.iter().filter(|shift| !shift.is_unchanged() && !shift.relabelled) {
            let (before, after) = (base_rules(suite, shift), shift_rules(suite, shift));
            let files = files(suite, shift, evaluators);
            let same = |other: &&mut Change| {
                let rules = |spec: &RulesSpec| (spec.variant.clone(), spec.edit.clone(), spec.payoff.clone());
                rules(&other.before) == rules(&before) && rules(&other.after) == rules(&after)
            };
            if let Some(known) = all.iter_mut().find(same) {
                for (role, file) in files {
                    known.files.entry(role).or_insert(file);
                }
                continue;
            }
            all.push(Change {
                suite: suite.name.clone(),
                name: shift.name.clone(),
                family: shift.family.clone(),
                hypothesis: shift.hypothesis.clone(),
                expect: shift.expect.word(),
                changes: RuleBook::changes(&before, &after),
                before,
                after,
                files,
            });
        }
    }
    all
}
