//! What both sides thought of themselves along a game.

use maud::{Markup, html};

use super::{at, marker, path};
use crate::style::Style;

const WIDTH: f64 = 468.0;
const HEIGHT: f64 = 190.0;
/// Left, right, top and bottom end of the plotted area.
const AREA: (f64, f64, f64, f64) = (40.0, 436.0, 10.0, 150.0);

/// One side of the game.
pub struct Side {
    pub style: Style,
    /// (ply of the move, from 0; the mover's expected score, 0 to 1).
    pub estimates: Vec<(usize, f64)>,
    /// Score in the end, if the result is known.
    pub outcome: Option<f64>,
}

/// Draws both sides over `plies` moves, the first `opening` of which nobody chose. The replay script moves the line
/// `cursor` to position `p` (after `p` moves) at `data-left + p * data-step`.
pub fn estimates(title: &str, plies: usize, opening: usize, sides: &[Side; 2]) -> Markup {
    let (left, right, top, bottom) = AREA;
    let step = (right - left) / plies.max(1) as f64;
    // A move is shown at the position that it leads to.
    let x = |position: usize| left + step * position as f64;
    let y = |score: f64| bottom - (bottom - top) * score.clamp(0.0, 1.0);
    let every = [1, 2, 5, 10, 20, 50, 100, 200].into_iter().find(|every| plies / every <= 10).unwrap_or(500);
    html! {
        svg.figure.panel.estimates viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" data-left=(at(left)) data-step=(step) {
            title { (title) }
            @if opening > 0 {
                rect.opening x=(at(left)) y=(at(top)) width=(at(x(opening.min(plies)) - left)) height=(at(bottom - top)) {}
            }
            @for tick in 0..=2 {
                @let score = f64::from(tick) / 2.0;
                line.(if tick == 1 { "even" } else { "grid" }) x1=(at(left)) x2=(at(right)) y1=(at(y(score))) y2=(at(y(score))) {}
                text.tick x=(at(left - 6.0)) y=(at(y(score) + 4.0)) text-anchor="end" { (tick * 50) "%" }
            }
            @for tick in (0..=plies).step_by(every) {
                text.tick x=(at(x(tick))) y=(at(bottom + 17.0)) text-anchor="middle" { (tick) }
            }
            text.tick x=(at((left + right) / 2.0)) y=(at(bottom + 34.0)) text-anchor="middle" { "moves played" }
            @for (i, side) in sides.iter().enumerate() {
                @let Style { class, shape } = side.style;
                @let points: Vec<(f64, f64)> = side.estimates.iter().map(|(ply, e)| (x(ply + 1), y(*e))).collect();
                g.(class) {
                    polyline.line points=(path(&points)) {}
                    // A line through few points hardly shows.
                    @if points.len() <= 12 { @for (x, y) in &points { (marker(shape, *x, *y)) } }
                    @if let Some(outcome) = side.outcome { (marker(shape, right + 10.0 + 13.0 * i as f64, y(outcome))) }
                }
            }
            line.cursor x1=(at(right)) x2=(at(right)) y1=(at(top)) y2=(at(bottom)) {}
        }
    }
}
