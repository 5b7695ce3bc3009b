//! Size: wider evaluators, and who foresees whom.

use maud::{Markup, html};
use regime::results::SummaryRow;

use crate::experiments::folded;
use crate::figures::{self, Axis, Chart, Line, Scale};
use crate::probes;
use crate::view::{Cell, View, styles, unique};

const WIDTH: &str = "width";

pub fn size(view: &View) -> Option<Markup> {
    let rows: Vec<&SummaryRow> = view.of("size").into_iter().filter(|r| r.arm == WIDTH).collect();
    let foresight = probes::foresight(view);
    (!view.of("size").is_empty() || foresight.is_some()).then(|| {
        html! {
            @if !rows.is_empty() {
                h3 { "Width of the evaluator" }
                p { "Evaluators of several widths, selected alike under the old rules; loss against the same reselected rival. Under "
                    code { "none" } " a narrow one simply plays worse: what counts is whether the other lines rise more, or fall \
                    less, than that one." }
                (panels(&rows))
            }
            (folded(view, "size"))
            @if let Some(foresight) = foresight { (foresight) }
        }
    })
}

/// A panel per opponent and budget, a line per shift.
fn panels(rows: &[&SummaryRow]) -> Markup {
    let shifts = unique(rows.iter().map(|r| r.shift.as_str()));
    let styles = styles(&shifts);
    html! {
        p.legend { @for (shift, style) in shifts.iter().zip(&styles) { (figures::key_of(*style, shift)) " " } }
        div.panels { @for (opponent, playouts) in unique(rows.iter().map(|r| (r.opponent.as_str(), r.playouts))) {
            @let lines: Vec<Line> = shifts.iter().zip(&styles).map(|(shift, style)| {
                let own = rows.iter().filter(|r| (r.shift.as_str(), r.opponent.as_str(), r.playouts) == (*shift, opponent, playouts));
                let mut points: Vec<_> = own.filter_map(|r| {
                    let (loss, ends) = Cell::new(r)?.loss();
                    Some((f64::from(r.games), loss, Some(ends)))
                }).collect();
                points.sort_by(|a, b| a.0.total_cmp(&b.0));
                Line { name: (*shift).into(), style: *style, points }
            }).collect();
            @let title = format!("Loss against {opponent} over width, {playouts} playouts");
            @let x = Axis { label: "hidden units", scale: Scale::Log, include: &[] };
            @let y = Axis { label: "loss, points", scale: Scale::Points, include: &[0.0] };
            @if let Some(chart) = figures::chart(&Chart { title: &title, x, y, even: Some(0.0) }, &lines) {
                figure { p.panel-title { "against " b { (opponent) } ", " (playouts) " playouts" } (chart) }
            }
        } }
    }
}
