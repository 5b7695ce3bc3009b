//! The playout curve: true score and own estimate against search, one panel per opponent.

use maud::{Markup, html};
use regime::results::SummaryRow;

use super::{at, marker, path};
use crate::view::{Cell, Shape, Style, arm, interval, percent, style, unique};

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 250.0;
/// Left, right, top and bottom end of the plotted area.
const AREA: (f64, f64, f64, f64) = (40.0, 340.0, 10.0, 210.0);

/// One arm's points, by rising playouts. Zero playouts have no place on a logarithmic axis and are left to the table.
pub fn points(rows: &[&SummaryRow], arm: &str) -> Vec<(u32, Cell)> {
    let mut points: Vec<(u32, Cell)> = rows
        .iter()
        .filter(|r| r.arm == arm && r.playouts > 0)
        .filter_map(|r| Some((r.playouts, Cell::new(r)?)))
        .collect();
    points.sort_by_key(|(playouts, _)| *playouts);
    points.dedup_by_key(|(playouts, _)| *playouts);
    points
}

/// The panel of one shift and opponent; `rows` are the curve's rows of that pair. The x axis is logarithmic, at least 1
/// to 1024.
pub fn curves(title: &str, rows: &[&SummaryRow]) -> Markup {
    let arms = unique(rows.iter().map(|r| r.arm.as_str()));
    let last = rows.iter().map(|r| r.playouts).max().unwrap_or(1).max(1024);
    let span = f64::from(last).log2();
    let (left, right, top, bottom) = AREA;
    let x = |playouts: u32| left + (right - left) * f64::from(playouts.max(1)).log2() / span;
    let y = |score: f64| bottom - (bottom - top) * score;
    let ticks: Vec<u32> =
        (0..=(span as u32).min(31)).step_by(if span > 14.0 { 4 } else { 2 }).map(|e| 1 << e).collect();
    html! {
        svg.figure.panel viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" {
            title { (title) }
            desc {
                @for arm in &arms {
                    @for (playouts, cell) in points(rows, arm) {
                        (arm) " at " (playouts) " playouts: score " (percent(cell.score)) "% (" (interval(cell.low, cell.high)) ")"
                        @if let Some(own) = cell.confidence { ", own estimate " (percent(own)) "%" }
                        "; "
                    }
                }
            }
            @for tick in 0..=4 {
                @let score = f64::from(tick) / 4.0;
                line.(if tick == 2 { "even" } else { "grid" }) x1=(at(left)) x2=(at(right)) y1=(at(y(score))) y2=(at(y(score))) {}
                text.tick x=(at(left - 6.0)) y=(at(y(score) + 4.0)) text-anchor="end" { (tick * 25) "%" }
            }
            @for tick in ticks {
                line.grid x1=(at(x(tick))) x2=(at(x(tick))) y1=(at(bottom)) y2=(at(bottom + 4.0)) {}
                text.tick x=(at(x(tick))) y=(at(bottom + 18.0)) text-anchor="middle" { (tick) }
            }
            text.tick x=(at((left + right) / 2.0)) y=(at(bottom + 35.0)) text-anchor="middle" { "playouts per move" }
            @for (i, arm) in arms.iter().enumerate() {
                // Whiskers of several arms at the same budget stand side by side.
                @let shift = (i as f64 - (arms.len() as f64 - 1.0) / 2.0) * 5.0;
                (series(&points(rows, arm), series_style(arm), arms.len() == 1, &|playouts| x(playouts) + shift, &y))
            }
        }
    }
}

/// The style of an arm in a curve: that of the other figures, but no two alike in one panel.
fn series_style(arm: &str) -> Style {
    match arm {
        arm::ZERO => Style { class: "c-zero", shape: Shape::Square },
        arm => style(arm),
    }
}

fn series(
    points: &[(u32, Cell)],
    Style { class, shape }: Style,
    shade: bool,
    x: &impl Fn(u32) -> f64,
    y: &impl Fn(f64) -> f64,
) -> Markup {
    let own: Vec<(f64, f64)> = points.iter().filter_map(|(p, c)| Some((x(*p), y(c.confidence?)))).collect();
    let score: Vec<(f64, f64)> = points.iter().map(|(p, c)| (x(*p), y(c.score))).collect();
    html! {
        g.(class) {
            @if shade && own.len() == score.len() && score.len() > 1 {
                // The gap between what the arm believes and what happens.
                @let outline: Vec<(f64, f64)> = own.iter().chain(score.iter().rev()).copied().collect();
                polygon.gap points=(path(&outline)) {}
            }
            polyline.confidence points=(path(&own)) {}
            polyline.line points=(path(&score)) {}
            @for (playouts, cell) in points {
                @let x = x(*playouts);
                path.whisker d=(format!("M{x:.1} {:.1}V{:.1}", y(cell.low), y(cell.high))) {}
                (marker(shape, x, y(cell.score)))
            }
        }
    }
}
