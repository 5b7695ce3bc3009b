//! Cost of inheritance: every shift's own hypothesis, and what goes with a loss.

use maud::{Markup, html};

use crate::claims::{effect, p, tag};
use crate::figures::{self, Axis, Scale, Scatter, Spot};
use crate::view::{Shape, Style, View, arm, count, percent, unique};

pub fn cost(view: &View) -> Option<Markup> {
    let table = shift_table(view);
    let plots = plots(view);
    (table.is_some() || plots.is_some()).then(|| {
        html! {
            p { "Loss of the frozen evaluator against one selected under the new rules at equal cost, both searching alike: 1/2 \
                less the score. It is a relative deficit, and says nothing of over-optimization." }
            @if let Some(table) = table { (table) }
            @if let Some(plots) = plots { (plots) }
        }
    })
}

/// The shifts' own hypotheses, the costliest first.
fn shift_table(view: &View) -> Option<Markup> {
    let mut all: Vec<_> = view.summary.shift_verdicts.iter().collect();
    all.sort_by(|a, b| b.loss.total_cmp(&a.loss));
    (!all.is_empty()).then(|| {
        html! {
            h3 id="verdicts" { "Every shift's own hypothesis" }
            p { "In points of score; p is adjusted by Benjamini and Hochberg over " (count(all.len(), "shift", "shifts")) ". \
                Positive is a cost of inheriting." }
            div.scroll.tall tabindex="0" role="region" aria-label="Verdicts" {
                table.words {
                    thead { tr {
                        th scope="col" { "shift" } th scope="col" { "family" } th scope="col" { "hypothesis" }
                        th scope="col" { "found" } th.n scope="col" { "loss (95% interval)" } th.n scope="col" { "p" }
                        th.n scope="col" { "visible" }
                    } }
                    tbody { @for v in all {
                        @let card = view.card(&v.shift);
                        tr {
                            th scope="row" { (view.link(&v.shift)) }
                            td { (card.map_or("", |c| &c.family)) } td.prose { (card.map_or("", |c| &c.hypothesis)) }
                            td { (tag(v.verdict)) }
                            td.n { (effect(Some(v.loss), Some(v.low), Some(v.high))) }
                            td.n { (p(v.adjusted)) } td.n { (v.visible.map_or("–".into(), percent)) }
                        }
                    } }
                }
            }
        }
    })
}

/// Colour and marker of a family of shifts.
pub fn family_style(family: &str) -> Style {
    let (class, shape) = match family {
        "goal" => ("c-reselected", Shape::Diamond),
        "start" => ("c-zero", Shape::Circle),
        "dynamics" => ("c-rollout", Shape::Square),
        "board" => ("c-stale", Shape::Triangle),
        "none" | "placebo" => ("c-frozen", Shape::Cross),
        _ => ("c-other", Shape::Down),
    };
    Style { class, shape }
}

/// Legend of [`family_style`], for the families of the suite.
pub fn family_legend(view: &View) -> Markup {
    let name = |family: &'_ str| {
        if matches!(family, "none" | "placebo") { "unchanged, placebo".into() } else { family.to_owned() }
    };
    let families = unique(view.summary.shifts.iter().map(|s| (family_style(&s.family), name(&s.family))));
    html! { p.legend { @for (style, name) in families { (figures::dot_of(style, &name)) " " } } }
}

/// Loss over what may explain it: how unusual the positions are, and whether the inherited value still points to the result.
fn plots(view: &View) -> Option<Markup> {
    let plot = |title: &str, label: &str, of: fn(&regime::results::ShiftCard) -> Option<f64>| {
        let spots: Vec<Spot> = view
            .summary
            .shifts
            .iter()
            .filter_map(|card| {
                let loss = view.headline(&card.name, arm::FROZEN, arm::RESELECTED)?.loss().0;
                Some(Spot { name: &card.name, style: family_style(&card.family), x: of(card)?, y: loss })
            })
            .collect();
        let x = Axis { label, scale: Scale::Linear, include: &[] };
        let y = Axis { label: "loss, points", scale: Scale::Points, include: &[0.0] };
        figures::scatter(&Scatter { title, x, y, diagonal: false, zone: None }, &spots)
    };
    let all = [
        (
            plot("Loss over surprise", "surprise, bits per man", |c| c.surprise),
            "Loss over how unusual the positions are: bits per man, by how often it stood there before the change. Novelty alone would \
                put all families on one line; a goal that costs more than its novelty lies above it.",
        ),
        (
            plot("Loss over value correlation", "correlation of the inherited value with the result", |c| {
                c.value_correlation
            }),
            "Loss over whether the inherited value still points to the result under the new rules. Left of 0 it points the wrong way.",
        ),
    ];
    all.iter().any(|(plot, _)| plot.is_some()).then(|| {
        html! {
            h3 { "What goes with a loss" }
            (family_legend(view))
            div.panels.large { @for (plot, caption) in &all { @if let Some(plot) = plot {
                figure { (plot) figcaption { (caption) } }
            } } }
        }
    })
}
