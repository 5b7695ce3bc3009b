//! Experiments as tables of scores, and as curves over games.

use maud::{Markup, html};
use regime::results::SummaryRow;

use crate::figures::{self, Axis, Chart, Line, Scale};
use crate::view::{Cell, View, interval, percent, styles, unique};

/// Experiments that sections of their own show.
const SHOWN: [&str; 11] = [
    "headline",
    "attribution",
    "monitor",
    "parts",
    "selection",
    "control",
    "recovery",
    "blind",
    "proxy",
    "trans",
    "size",
];

/// All experiments that no section shows: a table of scores each.
pub fn further(view: &View) -> Option<Markup> {
    let shown = |name: &str| SHOWN.contains(&name) || name.starts_with("curve");
    let names: Vec<&str> =
        unique(view.summary.rows.iter().map(|r| r.experiment.as_str())).into_iter().filter(|n| !shown(n)).collect();
    (!names.is_empty()).then(|| {
        html! { @for name in names { h3 { (name) } (table(view, name)) } }
    })
}

/// Scores of an experiment, a line per shift; nothing if it was not played.
pub fn table(view: &View, experiment: &str) -> Markup {
    let rows = view.of(experiment);
    html! { @if !rows.is_empty() { (matrix(view, &rows)) } }
}

/// The same behind a click, for experiments whose curves tell more.
pub fn folded(view: &View, experiment: &str) -> Markup {
    let rows = view.of(experiment);
    html! { @if !rows.is_empty() { details { summary { "All " (rows.len()) " cells of the experiment " (experiment) } (matrix(view, &rows)) } } }
}

/// What stands over a column: who met whom, and the point of the curve.
fn column(rows: &[&SummaryRow], row: &SummaryRow) -> (String, u32, u32) {
    let several = |value: fn(&SummaryRow) -> u32| unique(rows.iter().map(|r| value(r))).len() > 1;
    let budget = if several(|r| r.playouts) { row.playouts } else { 0 };
    (format!("{} v {}", row.arm, row.opponent), budget, row.games)
}

fn matrix(view: &View, rows: &[&SummaryRow]) -> Markup {
    let columns = unique(rows.iter().map(|r| column(rows, r)));
    let proxy = rows.iter().any(|r| r.arm == "material");
    html! {
        div.scroll tabindex="0" role="region" aria-label="Scores" {
            table {
                thead { tr {
                    th scope="col" { "shift" }
                    @for (names, budget, games) in &columns {
                        th.n scope="col" {
                            (names)
                            @if *budget > 0 { br; (budget) " playouts" }
                            @if *games > 0 { br; (games) @if names.starts_with("width") { " units" } @else { " games" } }
                        }
                    }
                } }
                tbody {
                    @for shift in unique(rows.iter().map(|r| r.shift.as_str())) {
                        tr {
                            th scope="row" { (view.link(shift)) }
                            @for key in &columns {
                                @match rows.iter().find(|r| r.shift == shift && column(rows, r) == *key) {
                                    Some(row) => td.n {
                                        span.verdict.(Cell::new(row).map_or("", |c| c.verdict().class())) { (percent(row.score)) }
                                        br; span.soft { (interval(row.score_low, row.score_high)) }
                                        @if proxy { br; span.soft { "material " (percent(row.material)) } }
                                    },
                                    None => td.n { "–" },
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Name of a row's line: the arm, with its opponent and its budget where the experiment has several.
fn line_name(rows: &[&SummaryRow], row: &SummaryRow) -> String {
    let mut name = row.arm.clone();
    if unique(rows.iter().map(|r| r.opponent.as_str())).len() > 1 {
        name.push_str(&format!(" v {}", row.opponent));
    }
    if unique(rows.iter().map(|r| r.playouts)).len() > 1 {
        name.push_str(&format!(", {} playouts", row.playouts));
    }
    name
}

/// Scores over games of training, a panel per shift; `start` is what stands at no game.
pub fn over_games(view: &View, experiment: &str, x_label: &str, start: Option<(&str, &str)>) -> Markup {
    let rows: Vec<&SummaryRow> = view.of(experiment).into_iter().filter(|r| r.games > 0).collect();
    let mut names = unique(rows.iter().map(|r| line_name(&rows, r)));
    let before = start.map(|(arm, opponent)| (arm, opponent, format!("{arm}, no game")));
    names.extend(before.iter().map(|(_, _, name)| name.clone()));
    let styles = styles(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let panel = |shift: &str| {
        let lines: Vec<Line> = names
            .iter()
            .zip(&styles)
            .map(|(name, style)| {
                let own = rows.iter().filter(|r| r.shift == shift && line_name(&rows, r) == *name);
                let point = |x: u32, cell: Cell| (f64::from(x), cell.score, Some((cell.low, cell.high)));
                let mut points: Vec<_> = own.filter_map(|r| Some(point(r.games, Cell::new(r)?))).collect();
                if let Some((arm, opponent, _)) = before.as_ref().filter(|(_, _, n)| n == name) {
                    points.extend(view.headline(shift, arm, opponent).map(|cell| point(0, cell)));
                }
                points.sort_by(|a, b| a.0.total_cmp(&b.0));
                Line { name: name.clone(), style: *style, points }
            })
            .collect();
        let title = format!("{shift}: score over games");
        let x = Axis { label: x_label, scale: Scale::Linear, include: &[0.0] };
        let y = Axis { label: "score", scale: Scale::Percent, include: &[0.0, 0.5] };
        figures::chart(&Chart { title: &title, x, y, even: Some(0.5) }, &lines)
    };
    html! {
        @if !rows.is_empty() {
            p.legend { @for (name, style) in names.iter().zip(&styles) { (figures::key_of(*style, name)) " " } }
            div.panels { @for shift in unique(rows.iter().map(|r| r.shift.as_str())) { @if let Some(panel) = panel(shift) {
                figure { p.panel-title { (view.link(shift)) } (panel) }
            } } }
        }
    }
}
