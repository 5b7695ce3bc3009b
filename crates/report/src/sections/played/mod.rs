//! The headings of the suite, each with its experiments, probes and monitors.

mod curves;
pub mod endings;
mod monitors;
mod probes;

use std::collections::BTreeMap;

use maud::{Markup, html};
use regime::analysis::{Monitored, ProbeCell, SummaryRow};

use crate::text::{count, interval, percent};
use crate::view::{Match, Score, View, unique};

/// A heading with what stands under it.
pub struct Titled<'a> {
    /// Empty for what no heading of the suite names.
    pub title: &'a str,
    pub body: Markup,
}

/// What a heading names.
#[derive(Default)]
struct Names<'a> {
    experiments: Vec<&'a str>,
    probes: Vec<&'a str>,
    monitors: Vec<&'a str>,
}

/// All headings in the order of the suite; at the end what no heading names.
pub fn sections<'a>(view: &View<'a>) -> Vec<Titled<'a>> {
    let summary = view.summary;
    let mut all: Vec<Titled> = summary
        .sections
        .iter()
        .map(|section| {
            let strs = |names: &'a [String]| names.iter().map(String::as_str).collect();
            let [experiments, probes, monitors] =
                [&section.experiments, &section.probes, &section.monitors].map(|names| strs(names));
            Titled { title: &section.title, body: body(view, &Names { experiments, probes, monitors }) }
        })
        .collect();
    let rest = unnamed(view);
    if !(rest.experiments.is_empty() && rest.probes.is_empty() && rest.monitors.is_empty()) {
        all.push(Titled { title: "", body: body(view, &rest) });
    }
    all
}

fn unnamed<'a>(view: &View<'a>) -> Names<'a> {
    let summary = view.summary;
    let named = |of: fn(&'a regime::analysis::Section) -> &'a Vec<String>| -> Vec<&'a str> {
        summary.sections.iter().flat_map(of).map(String::as_str).collect()
    };
    let without = |names: Vec<&'a str>, known: Vec<&'a str>| -> Vec<&'a str> {
        names.into_iter().filter(|name| !known.contains(name)).collect()
    };
    Names {
        experiments: without(unique(summary.rows.iter().map(|r| r.experiment.as_str())), named(|s| &s.experiments)),
        probes: without(unique(summary.probes.iter().map(|p| p.probe.as_str())), named(|s| &s.probes)),
        monitors: without(unique(summary.monitored.iter().map(|m| m.monitor.as_str())), named(|s| &s.monitors)),
    }
}

fn body(view: &View, names: &Names) -> Markup {
    html! {
        @for name in &names.experiments { (experiment(view, name)) }
        @for name in &names.probes {
            @let cells: Vec<&ProbeCell> = view.summary.probes.iter().filter(|cell| cell.probe == *name).collect();
            h3 { (name) }
            @if cells.is_empty() { p.soft { "Nothing has been asked yet." } } @else { (probes::probe(view, &cells)) }
        }
        @for name in &names.monitors {
            @let all: Vec<&Monitored> = view.summary.monitored.iter().filter(|m| m.monitor == *name).collect();
            h3 { (name) }
            @if all.is_empty() { p.soft { "No game has been watched yet." } } @else { (monitors::monitor(view, &all)) }
        }
        @if names.experiments.is_empty() && names.probes.is_empty() && names.monitors.is_empty() {
            p.soft { "The suite has nothing under this heading." }
        }
    }
}

/// Cells as a table, and as curves where there is something that they are over.
fn experiment(view: &View, name: &str) -> Markup {
    let rows = view.of(name);
    let curves = curves::curves(view, rows);
    html! {
        h3 { (name) }
        @if rows.is_empty() {
            p.soft { "No game has been played yet." }
        } @else if let Some(curves) = curves {
            (curves)
            details { summary { "All " (count(rows.len(), "cell", "cells")) " of " (name) } (table(view, rows)) }
        } @else {
            (table(view, rows))
        }
        (endings::endings(view, rows))
    }
}

/// What stands over a column.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Column<'a> {
    of: Match<'a>,
    playouts: u32,
    opponent_playouts: u32,
}

impl<'a> Column<'a> {
    fn of(row: &'a SummaryRow) -> Column<'a> {
        Column { of: Match::of(row), playouts: row.playouts, opponent_playouts: row.opponent_playouts }
    }
}

/// Shifts by matches, with intervals.
fn table(view: &View, rows: &[&SummaryRow]) -> Markup {
    let columns = unique(rows.iter().map(|row| Column::of(row)));
    let mut cells: BTreeMap<(&str, Column), &SummaryRow> = BTreeMap::new();
    for row in rows {
        cells.entry((&row.shift, Column::of(row))).or_insert(row);
    }
    html! {
        div.scroll.tall tabindex="0" role="region" aria-label="Scores" {
            table {
                caption { "Score of the first-named agent in %, with its 95% interval; 50 is equal strength. " (units(rows)) }
                thead { tr {
                    th scope="col" { "shift" }
                    @for column in &columns { th.n scope="col" { (head(view, column)) } }
                } }
                tbody { @for shift in unique(rows.iter().map(|row| row.shift.as_str())) { tr {
                    th scope="row" { (view.link(shift)) }
                    @for column in &columns { @match cells.get(&(shift, *column)) {
                        Some(row) => (cell(row)), None => td.n { "–" },
                    } }
                } } }
            }
        }
    }
}

fn head(view: &View, column: &Column) -> Markup {
    let Column { of, playouts, opponent_playouts } = column;
    html! {
        (view.agent_link(of.agent))
        @if of.point > 0 { br; (of.point) " " (view.points_of(of.agent)) }
        br; "v " (view.agent_link(of.opponent))
        br; span.soft {
            (playouts) @if opponent_playouts != playouts { " v " (opponent_playouts) } " playouts"
        }
    }
}

fn cell(row: &SummaryRow) -> Markup {
    let side = Score::new(row).map_or("", |score| score.side());
    html! { td.n { span.score.(side) { (percent(row.score)) } br; span.soft { (interval(row.score_low, row.score_high)) } } }
}

/// How many evaluators and rivals stand behind the cells: `3 to 12 evaluators, 1 rival`.
fn units(rows: &[&SummaryRow]) -> String {
    let range = |of: fn(&SummaryRow) -> u32, one: &str, many: &str| {
        let all = unique(rows.iter().map(|row| of(row)));
        match (all.iter().min(), all.iter().max()) {
            (Some(least), Some(most)) if least < most => format!("{least} to {most} {many}"),
            (Some(only), _) => count(*only as usize, one, many),
            _ => String::new(),
        }
    };
    let rivals = range(|row| row.rivals, "rival", "rivals");
    format!(
        "{}, {rivals}, {}.",
        range(|r| r.seeds, "evaluator", "evaluators"),
        range(|r| r.pairs, "pair", "pairs") + " a cell"
    )
}
