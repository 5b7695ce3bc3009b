//! How much a suite may ask for: a small file must not cost much before it is refused.

use toml::{Table, Value};

use super::{Problem, Suite};

/// The most weight files that a suite may name. A file that is named twice counts twice.
const MAX_FILES: u64 = 10_000;
/// The most bytes that the names of weight files may take in all.
const MAX_NAME_BYTES: u64 = 1 << 22;
/// The most shifts, and the most cells of matches and probes with their evaluators and rivals.
const MAX_SHIFTS: usize = 500;
const MAX_CELLS: u64 = 200_000;
/// The most of anything else that is listed.
const MAX_LISTED: usize = 200;
/// The most pairs of games of a cell, and playouts of a move.
const MAX_PAIRS: u32 = 10_000;
const MAX_PLAYOUTS: u32 = 1 << 20;
/// The most rows of a file of a run. All of them are held in memory when a report is computed, and each takes about 1 KiB.
const MAX_ROWS: usize = 4_000_000;

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

/// Refuses a file of rows that no suite can ask for.
pub(crate) fn check_rows(rows: usize) -> Result<(), String> {
    if rows <= MAX_ROWS { Ok(()) } else { Err(format!("{rows} rows; at most {MAX_ROWS} were expected")) }
}

/// Refuses a suite that lists too much, or asks for numbers that nobody can play.
pub(crate) fn check(suite: &Suite) -> Result<(), Problem> {
    let files: usize = suite.bindings().map(|bound| bound.files.files().count()).sum();
    at_most("", "", "files", "weight files", files as u64, MAX_FILES)?;
    let lists = [
        ("shift", "shifts", suite.shifts.len(), MAX_SHIFTS),
        ("base", "bases", suite.bases.len(), MAX_LISTED),
        ("role", "roles", suite.roles.len(), MAX_LISTED),
        ("agent", "agents", suite.agents.len(), MAX_LISTED),
        ("claim", "claims", suite.claims.len(), MAX_LISTED),
        ("experiment", "experiments", suite.experiments.len(), MAX_LISTED),
        ("probe", "probes", suite.probes.len(), MAX_LISTED),
        ("monitor", "monitors", suite.monitors.len(), MAX_LISTED),
        ("rocket", "changes", suite.rocket.len(), MAX_LISTED),
    ];
    for (table, what, length, most) in lists {
        at_most("", "", table, what, length as u64, most as u64)?;
    }
    for claim in &suite.claims {
        at_most("claim", &claim.name, "cell", "cells", claim.cells.len() as u64, MAX_LISTED as u64)?;
    }
    let bindings = || suite.bindings();
    let evaluators = bindings().map(|bound| bound.files.files().count()).max().unwrap_or(0);
    let points = bindings().map(|bound| bound.files.points.len()).max().unwrap_or(1).max(1);
    let mut cells = 0u64;
    for e in &suite.experiments {
        let number =
            |key: &str, found: u32, least: u32, most: u32| number("experiment", &e.name, key, found, least, most);
        at_most("experiment", &e.name, "matches", "matches", e.matches.len() as u64, MAX_LISTED as u64)?;
        check_playouts("experiment", &e.name, "playouts", &e.playouts)?;
        if let Some(playouts) = e.opponent_playouts {
            number("opponent_playouts", playouts, 1, MAX_PLAYOUTS)?;
        }
        number("pairs", e.pairs, 1, MAX_PAIRS)?;
        let rivals = e.rivals.unwrap_or(1);
        number("rivals", rivals, 1, 1000)?;
        number("evaluators", e.evaluators.unwrap_or(1), 1, 1000)?;
        if e.matches.is_empty() {
            return Err(Problem::new(
                "experiment",
                &e.name,
                "matches",
                "an empty list",
                "at least one match is needed",
            ));
        }
        let shifts = suite.shifts.iter().filter(|s| e.covers(s)).count();
        let counts = [shifts, e.matches.len(), e.playouts.len(), points, evaluators, rivals as usize];
        cells = cells.saturating_add(product(&counts));
    }
    for p in &suite.probes {
        let number = |key: &str, found: u32, least: u32, most: u32| number("probe", &p.name, key, found, least, most);
        at_most("probe", &p.name, "agents", "agents", p.agents.len() as u64, MAX_LISTED as u64)?;
        at_most("probe", &p.name, "shifts", "shifts", p.shifts.len() as u64, MAX_SHIFTS as u64)?;
        check_playouts("probe", &p.name, "playouts", &p.playouts)?;
        number("positions", p.positions, 1, 10_000)?;
        number("evaluators", p.evaluators.unwrap_or(1), 1, 1000)?;
        for (key, empty) in [("agents", p.agents.is_empty()), ("shifts", p.shifts.is_empty())] {
            if empty {
                return Err(Problem::new("probe", &p.name, key, "an empty list", "at least one is needed"));
            }
        }
        cells = cells.saturating_add(product(&[p.shifts.len(), p.agents.len(), p.playouts.len(), points, evaluators]));
    }
    at_most("", "", "experiment", "cells of matches and probes", cells, MAX_CELLS)
}

/// Whether numbers of playouts are within limits, and each stands once.
fn check_playouts(table: &str, name: &str, key: &str, playouts: &[u32]) -> Result<(), Problem> {
    at_most(table, name, key, "numbers of playouts", playouts.len() as u64, MAX_LISTED as u64)?;
    if playouts.is_empty() {
        return Err(Problem::new(table, name, key, "an empty list", "at least one number of playouts is needed"));
    }
    for (i, count) in playouts.iter().enumerate() {
        number(table, name, key, *count, 1, MAX_PLAYOUTS)?;
        if playouts[..i].contains(count) {
            return Err(Problem::new(
                table,
                name,
                key,
                format!("{count} twice"),
                "each number of playouts is allowed once",
            ));
        }
    }
    Ok(())
}

pub(super) fn number(table: &str, name: &str, key: &str, found: u32, least: u32, most: u32) -> Result<(), Problem> {
    if (least..=most).contains(&found) {
        return Ok(());
    }
    Err(Problem::new(table, name, key, found.to_string(), format!("a whole number from {least} to {most} is allowed")))
}

fn product(factors: &[usize]) -> u64 {
    factors.iter().fold(1, |product, factor| product.saturating_mul(*factor as u64))
}

fn at_most(table: &str, name: &str, key: &str, what: &str, found: u64, most: u64) -> Result<(), Problem> {
    if found <= most {
        return Ok(());
    }
    Err(Problem::new(table, name, key, format!("{found} {what}"), format!("at most {most} are allowed")))
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
