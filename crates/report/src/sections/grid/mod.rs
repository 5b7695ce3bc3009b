//! Every shift's own hypothesis, sorted by what it cost, all in the same type.

mod dials;
mod goals;

use maud::{Markup, html};
use regime::analysis::ShiftCard;

use super::{agrees, tag};
use crate::figures::{self, Axis, Dot, Forest, ForestRow, Scale, Scatter, Spot};
use crate::style::{Style, distinct, nth};
use crate::text::{self, count, list};
use crate::verdict;
use crate::view::{View, unique};

pub use dials::dials;
pub use goals::quadrants;

/// The fewest and the most rows of one figure; more are split over several with one axis.
const ROWS: (usize, usize) = (8, 18);

/// All shifts; none if there are none.
pub fn grid(view: &View) -> Option<Markup> {
    let names = view.by_cost();
    (!names.is_empty()).then(|| {
        let words = &view.summary.run.grid;
        html! {
            p {
                "Each shift came with a hypothesis of its own"
                @if !words.is_empty() { ", about one cell: " b { (words) } }
                ". Its cost is 1/2 less the score there, in points, positive where the agent loses. p is adjusted over the shifts \
                    (Benjamini and Hochberg). The costliest stand first, shifts without that cell last."
            }
            @if view.summary.grid.is_empty() { p.soft { "No cost was measured: the run has no grid, or none of its cells was played." } }
            @else { (forest(view, &names)) }
            (table(view, &names))
            @if let Some(plots) = plots(view) { (plots) }
        }
    })
}

fn table(view: &View, names: &[&str]) -> Markup {
    html! {
        div.scroll.tall tabindex="0" role="region" aria-label="Every shift" {
            table.words.grid-table {
                thead { tr {
                    th scope="col" { "shift" } th scope="col" { "family" }
                    th scope="col" { "expected" } th scope="col" { "found" } th scope="col" { "agrees" }
                    th.n scope="col" { "cost (95% interval)" } th.n scope="col" { "p, adjusted" }
                    th.n scope="col" { "evaluators" } th.n scope="col" { "rivals" }
                } }
                tbody { @for name in names {
                    @let card = view.card(name);
                    @let row = view.grid(name);
                    tr {
                        th scope="row" { (view.link(name)) }
                        td { (view.family(name)) }
                        td { (row.map(|r| r.expected.as_str()).or(card.map(|c| c.expected.as_str())).unwrap_or("–")) }
                        @match row {
                            Some(r) => {
                                td.prose { (tag(&verdict::of_shift(r))) }
                                td { (agrees(&r.agrees)) }
                                td.n { (verdict::cost(r)) }
                                td.n { (text::p(r.adjusted)) }
                                td.n { (r.evaluators) } td.n { (r.rivals) }
                            }
                            None => {
                                td { @if !view.summary.grid.is_empty() { (tag("not measured")) } } td { (agrees("")) }
                                td.n { "–" } td.n { "–" } td.n { "–" } td.n { "–" }
                            }
                        }
                    }
                } }
            }
        }
    }
}

/// Costs with their intervals; shifts without one keep their row.
fn forest(view: &View, names: &[&str]) -> Markup {
    let rows: Vec<ForestRow> = names
        .iter()
        .map(|name| {
            let row = view.grid(name);
            let dot = row.and_then(|r| {
                Some(Dot { value: r.cost?, ends: r.low.zip(r.high), style: nth(0), name: String::new() })
            });
            let text = match row {
                Some(r) => format!("{} {}", r.cost.map_or("–".into(), text::points), r.found),
                None => "not measured".into(),
            };
            ForestRow { label: (*name).to_owned(), text, dots: dot.into_iter().collect() }
        })
        .collect();
    // One axis for all parts of the figure.
    let ends: Vec<f64> = rows
        .iter()
        .flat_map(|row| &row.dots)
        .flat_map(|dot| dot.ends.map_or([dot.value; 2], |(low, high)| [low.min(dot.value), high.max(dot.value)]))
        .filter(|x| x.is_finite())
        .map(|x| x.clamp(-1.0, 1.0))
        .collect();
    let least = ends.iter().copied().fold(0.0, f64::min) - 0.01;
    let most = ends.iter().copied().fold(0.0, f64::max) + 0.01;
    let include = [least, 0.0, most];
    let axis = Axis { label: "cost, points of score", scale: Scale::Points, include: &include };
    html! {
        @if !ends.is_empty() {
            // Two columns where there is room for them.
            @let size = rows.len().div_ceil(2).clamp(ROWS.0, ROWS.1);
            div.panels.large {
                @for (i, part) in rows.chunks(size).enumerate() {
                    @let title = format!("Cost of every shift with its 95% interval, part {} of {}", i + 1, rows.len().div_ceil(size));
                    @match figures::forest(&Forest { title: &title, axis, even: Some(0.0), band: None }, part) {
                        Some(figure) => figure { (figure) },
                        None => p.soft { "Not measured: " (list(&part.iter().map(|r| r.label.clone()).collect::<Vec<_>>())) "." },
                    }
                }
            }
        }
    }
}

/// Styles of families, in the order in which the suite's shifts name them.
fn families<'a>(view: &View<'a>) -> Vec<(&'a str, Style)> {
    let names = unique(view.summary.shifts.iter().map(|s| s.family.as_str()));
    let styles = distinct(&(0..names.len()).collect::<Vec<_>>());
    names.into_iter().zip(styles).collect()
}

/// Costs over what may go with them: how unusual the positions are, and whether the inherited value still points to the result.
fn plots(view: &View) -> Option<Markup> {
    let families = families(view);
    let style = |family: &str| families.iter().find(|(name, _)| *name == family).map_or(nth(0), |(_, style)| *style);
    let plot = |title: &str, label: &str, of: fn(&ShiftCard) -> Option<f64>| {
        let spots: Vec<Spot> = view
            .summary
            .shifts
            .iter()
            .filter_map(|card| {
                let y = view.grid(&card.name)?.cost?;
                Some(Spot { name: &card.name, style: style(&card.family), x: of(card)?, y })
            })
            .collect();
        let x = Axis { label, scale: Scale::Linear, include: &[] };
        let y = Axis { label: "cost, points", scale: Scale::Points, include: &[0.0] };
        figures::scatter(&Scatter { title, x, y, even: Some(0.0), named: true }, &spots)
    };
    let all = [
        (
            plot("Cost over surprise", "surprise, bits per man", |c| c.surprise),
            "Cost over how unusual the positions are: bits per man, by how often it stood there before the change.",
        ),
        (
            plot("Cost over value correlation", "correlation of the inherited value with the result", |c| {
                c.value_correlation
            }),
            "Cost over whether the inherited value still points to the result. Left of 0 it points the wrong way.",
        ),
    ];
    all.iter().any(|(plot, _)| plot.is_some()).then(|| {
        html! {
            h3 { "What goes with a cost" }
            p.soft { "Of " (count(view.summary.shifts.len(), "shift", "shifts")) ", by family. No test is made here." }
            p.legend { @for (name, style) in &families { (figures::dot_key(*style, if name.is_empty() { "no family" } else { name })) " " } }
            div.panels.large { @for (plot, caption) in &all { @if let Some(plot) = plot {
                figure { (plot) figcaption { (caption) } }
            } } }
        }
    })
}
