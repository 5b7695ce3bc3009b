//! The plain-text table of the suite's first experiment.

use std::collections::BTreeMap;

use files::printable;
use regime::analysis::SummaryRow;

use crate::text::{count, percent};
use crate::view::{Match, Score, View, unique};

pub fn table(view: &View) -> String {
    let mut out = scores(view).unwrap_or_else(|| "No games have been played yet.\n".to_owned());
    for line in nulls(view) {
        out.push('\n');
        out.push_str(&line);
        out.push('\n');
    }
    out
}

/// A line per shift, a column per match of the first experiment at its first number of playouts.
fn scores(view: &View) -> Option<String> {
    let rows = view.of(view.first_experiment()?);
    let playouts = rows.first()?.playouts;
    let rows: Vec<&SummaryRow> = rows.iter().copied().filter(|row| row.playouts == playouts).collect();
    let mut cells: BTreeMap<(&str, Match), Score> = BTreeMap::new();
    for row in &rows {
        if let Some(score) = Score::new(row) {
            cells.entry((&row.shift, Match::of(row))).or_insert(score);
        }
    }
    let names = view.names();
    let heads = [String::new(), String::new()];
    let mut columns = vec![column("shift", &heads[0], names.iter().map(|name| printable(name).into_owned()))];
    for of in unique(rows.iter().map(|row| Match::of(row))) {
        let text = |name: &&str| match cells.get(&(*name, of)) {
            Some(s) => format!("{:>5} ± {:>4}", percent(s.score), percent((s.high - s.low) / 2.0)),
            None => "n/a".to_owned(),
        };
        let point = if of.point > 0 { format!(", {}", of.point) } else { String::new() };
        let agent = format!("{}{point}", printable(of.agent));
        columns.push(column(&agent, &format!("v {}", printable(of.opponent)), names.iter().map(text)));
    }
    let fixed = unique(rows.iter().map(|row| row.opponent_playouts).filter(|other| *other != playouts));
    let against = match fixed[..] {
        [] => String::new(),
        [only] => format!(" against {only}"),
        _ => " against others".to_owned(),
    };
    let mut out = format!(
        "Score in % at {} per move{against}, ± half the width of the 95% interval; 50 is equal strength.\n\n",
        count(playouts as usize, "playout", "playouts")
    );
    for line in lines(&columns) {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    Some(out)
}

fn column(head: &str, below: &str, cells: impl Iterator<Item = String>) -> Vec<String> {
    [head.to_owned(), below.to_owned()].into_iter().chain(cells).collect()
}

/// The first column ranged left, the others right.
fn lines(columns: &[Vec<String>]) -> Vec<String> {
    let width = |column: &Vec<String>| column.iter().map(|text| text.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = columns.iter().map(width).collect();
    let padded = |(i, (column, width)): (usize, (&Vec<String>, &usize)), line: usize| {
        let padding = " ".repeat(width - column[line].chars().count());
        if i == 0 { format!("{}{padding}", column[line]) } else { format!("   {padding}{}", column[line]) }
    };
    let line = |line: usize| columns.iter().zip(&widths).enumerate().map(|c| padded(c, line)).collect::<String>();
    (0..columns.first().map_or(0, Vec::len)).map(line).collect()
}

/// Whether the exact nulls held, a line for each of the unchanged rules that they repeat.
fn nulls(view: &View) -> Vec<String> {
    let mut by_twin: BTreeMap<(Null, usize), Vec<String>> = BTreeMap::new();
    let twins = unique(view.summary.exact_nulls.iter().map(|null| twin(view, &null.shift)));
    for null in &view.summary.exact_nulls {
        let place = twins.iter().position(|twin_of| *twin_of == twin(view, &null.shift)).unwrap_or(0);
        let found = match null.held {
            Some(false) if null.pairs == 0 => Null::Untested,
            Some(false) => Null::Failed,
            Some(true) => Null::Held,
            None => Null::NotPlayed,
        };
        by_twin.entry((found, place)).or_default().push(printable(&null.shift).into_owned());
    }
    let line = |((found, place), names): ((Null, usize), Vec<String>)| {
        let (names, twin) = (names.join(", "), &twins[place]);
        match found {
            Null::Failed => format!("EXACT NULL FAILED: {names} differs from {twin}. Do not trust any number above."),
            Null::Untested => {
                format!(
                    "EXACT NULL NOT TESTED: no pair of {names} can be held against {twin}. Do not trust any number above."
                )
            }
            Null::Held => format!("Exact nulls identical to {twin}, pair by pair: {names}."),
            Null::NotPlayed => format!("Exact nulls not yet played: {names}."),
        }
    };
    by_twin.into_iter().map(line).collect()
}

/// What is known of an exact null, in the order in which it is told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Null {
    Failed,
    Untested,
    Held,
    NotPlayed,
}

fn twin(view: &View, shift: &str) -> String {
    view.twin(shift).map_or("the unchanged rules".to_owned(), |name| printable(name).into_owned())
}
