//! How much a suite may ask for: a small file must not cost much before it is refused.

use std::collections::BTreeSet;

use toml::{Table, Value};

use crate::results::Summary;
use crate::suite::Suite;

/// The most weight files that a suite may name, each as often as it is named.
const MAX_FILES: u64 = 10_000;
/// The most bytes that their names may take.
const MAX_NAME_BYTES: u64 = 1 << 22;
/// The most shifts, and the most cells of matches and probes with their evaluator seeds.
const MAX_SHIFTS: usize = 500;
const MAX_CELLS: u64 = 200_000;
/// The most of anything else that is listed.
const MAX_LISTED: usize = 200;
/// The most pairs of games of a cell, and playouts of a move.
const MAX_PAIRS: u32 = 10_000;
const MAX_PLAYOUTS: u32 = 1 << 20;

/// Refuses a suite whose names of weight files stand for too many, before they are written out.
pub(crate) fn check_names(suite: &Table) -> Result<(), String> {
    let (mut files, mut bytes) = (0, 0);
    let mut waiting: Vec<&Value> = suite.values().collect();
    while let Some(value) = waiting.pop() {
        match value {
            Value::String(text) => {
                let count = names(text);
                files += if count > 1 { count } else { 0 };
                bytes += count.saturating_mul(text.len() as u64);
            }
            Value::Array(values) => waiting.extend(values),
            Value::Table(table) => waiting.extend(table.values()),
            _ => {}
        }
        if files > MAX_FILES || bytes > MAX_NAME_BYTES {
            return Err(format!("ranges and points in braces stand for more than {MAX_FILES} weight files"));
        }
    }
    Ok(())
}

/// How many files a name stands for, at most: each pair of braces holds a range or a list.
fn names(text: &str) -> u64 {
    let groups = text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or_default());
    let count = |group: &str| match group.split_once("..") {
        Some((first, last)) => match (first.parse::<u64>(), last.parse::<u64>()) {
            (Ok(first), Ok(last)) => last.saturating_sub(first).saturating_add(1),
            _ => 1,
        },
        None => 1 + group.matches(',').count() as u64,
    };
    groups.map(count).fold(1, u64::saturating_mul)
}

/// Refuses a summary with more shifts than a suite may have, or two of one name: a page costs what all of them cost together.
pub(crate) fn check_summary(summary: &Summary) -> Result<(), String> {
    at_most("shifts", summary.shifts.len() as u64, MAX_SHIFTS as u64)?;
    let mut names = BTreeSet::new();
    match summary.shifts.iter().find(|shift| !names.insert(&shift.name)) {
        Some(twice) => Err(format!("shift `{}` stands twice", twice.name)),
        None => Ok(()),
    }
}

/// Refuses a suite that lists too much.
pub(crate) fn check(suite: &Suite) -> Result<(), String> {
    let files: usize = suite.lists().map(|list| list.len()).sum();
    at_most("weight files", files as u64, MAX_FILES)?;
    at_most("shifts", suite.shifts.len() as u64, MAX_SHIFTS as u64)?;
    let lists = [
        ("bases", suite.bases.len()),
        ("hypotheses", suite.hypotheses.len()),
        ("experiments", suite.experiments.len()),
        ("probes", suite.probes.len()),
    ];
    let mut cells = 0u64;
    for (what, length) in lists {
        at_most(what, length as u64, MAX_LISTED as u64)?;
    }
    let seeds = suite.bases.iter().map(|base| base.frozen.len()).chain([suite.frozen.len()]).max().unwrap_or(0);
    let curves = suite.shifts.iter().flat_map(|s| [&s.finetuned, &s.afresh, &s.federated, &s.mixed]);
    let points = curves.chain([&suite.others.snapshot, &suite.others.width]).map(|p| p.0.len()).max().unwrap_or(1);
    for e in &suite.experiments {
        let named = |what: &str| format!("experiment `{}`: {what}", e.name);
        at_most("matches", e.matches.len() as u64, MAX_LISTED as u64).map_err(|m| named(&m))?;
        at_most("numbers of playouts", e.playouts.len() as u64, MAX_LISTED as u64).map_err(|m| named(&m))?;
        let numbers = e.playouts.iter().chain(&e.opponent_playouts);
        if e.playouts.is_empty() || numbers.into_iter().any(|p| !(1..=MAX_PLAYOUTS).contains(p)) {
            return Err(named(&format!("`playouts` must list numbers from 1 to {MAX_PLAYOUTS}")));
        }
        if !(1..=MAX_PAIRS).contains(&e.pairs) || e.matches.is_empty() {
            return Err(named(&format!("`pairs` must lie in 1 to {MAX_PAIRS}, and `matches` not be empty")));
        }
        let shifts = suite.shifts.iter().filter(|s| e.covers(s)).count();
        cells += product([shifts, e.matches.len(), e.playouts.len(), points.max(1), seeds]);
    }
    for p in &suite.probes {
        let named = |what: &str| format!("probe `{}`: {what}", p.name);
        at_most("arms", p.arms.len() as u64, MAX_LISTED as u64).map_err(|m| named(&m))?;
        at_most("numbers of playouts", p.playouts.len() as u64, MAX_LISTED as u64).map_err(|m| named(&m))?;
        at_most("shifts", p.shifts.len() as u64, MAX_SHIFTS as u64).map_err(|m| named(&m))?;
        cells += product([p.shifts.len(), p.arms.len(), p.playouts.len(), points.max(1), seeds]);
    }
    at_most("cells of matches and probes", cells, MAX_CELLS)
}

fn product(factors: [usize; 5]) -> u64 {
    factors.into_iter().fold(1, |product, factor| product.saturating_mul(factor as u64))
}

fn at_most(what: &str, found: u64, most: u64) -> Result<(), String> {
    if found <= most { Ok(()) } else { Err(format!("{found} {what}; at most {most} were expected")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_counted_without_being_written_out() {
        assert_eq!(names("a.safetensors"), 1);
        assert_eq!(names("a-{3..5}.x"), 3);
        assert_eq!(names("a-{1..12}-{1500,4500}.x"), 24);
        assert_eq!(names("{0..18446744073709551615}{0..18446744073709551615}"), u64::MAX);
        assert_eq!(names("{x} {"), 1);
        let check = |text: &str| check_names(&text.parse().unwrap());
        assert!(check("a = ['b-{1..1000}']\nc = { d = ['e'] }").is_ok());
        assert!(check(&format!("a = [{}]", "'b-{1..1000}',".repeat(11))).unwrap_err().contains("10000"));
        assert!(check(&format!("a = 'b-{{1..2}}-{{{}}}'", "1,".repeat(6000))).is_err());
        assert!(check(&format!("a = '{}{{1..1000}}'", "b".repeat(5000))).is_err(), "long names");
    }
}
