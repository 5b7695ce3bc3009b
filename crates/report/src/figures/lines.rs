//! Lines over a common axis, with intervals where there are any: how a training run went.

use maud::{Markup, html};

use super::{at, marker, path};
use crate::view::Style;

const WIDTH: u32 = 720;
const HEIGHT: u32 = 300;
/// Left, right, top and bottom of the drawing area.
const AREA: (f64, f64, f64, f64) = (56.0, 704.0, 12.0, 252.0);

/// Abscissa, ordinate, and the interval around it.
pub type Point = (f64, f64, Option<(f64, f64)>);

/// One line of a figure.
pub struct Line {
    /// What a reader who cannot see it is told.
    pub name: String,
    pub style: Style,
    pub points: Vec<Point>,
}

/// A step of 1, 2 or 5 times a power of ten that divides `span` into at most `most`.
fn step(span: f64, most: f64) -> f64 {
    let decades = (-9..9).map(|e| 10f64.powi(e));
    decades.flat_map(|d| [d, 2.0 * d, 5.0 * d]).find(|s| span / s <= most).unwrap_or(span)
}

pub(super) fn ticks(low: f64, high: f64, most: f64) -> Vec<f64> {
    let step = step(high - low, most);
    let first = (low / step).ceil() as i64;
    (first..first + 20).map(|i| i as f64 * step).filter(|x| *x <= high + step * 1e-6).collect()
}

/// At most two decimals, with a true minus.
pub fn number(x: f64) -> String {
    if !x.is_finite() {
        return "n/a".into();
    }
    let text = format!("{x:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.replace('-', "−") }
}

/// The figure; none if no point is finite.
pub fn lines(title: &str, x_label: &str, lines: &[Line]) -> Option<Markup> {
    let finite = |(x, y, _): &&Point| x.is_finite() && y.is_finite();
    let all: Vec<_> = lines.iter().flat_map(|l| &l.points).filter(finite).collect();
    let bounds = |of: &dyn Fn(&Point) -> [f64; 2]| {
        let numbers = || all.iter().flat_map(|p| of(p)).filter(|x| x.is_finite());
        (numbers().fold(f64::INFINITY, f64::min), numbers().fold(f64::NEG_INFINITY, f64::max))
    };
    let (x0, x1) = bounds(&|p| [0.0, p.0]);
    let (y0, y1) = bounds(&|p| p.2.map_or([p.1, p.1], |(low, high)| [low.min(p.1), high.max(p.1)]));
    if all.is_empty() || !(x1 - x0).is_finite() || !(y1 - y0).is_finite() {
        return None;
    }
    let (x1, margin) = (x1.max(x0 + 1e-6), (y1 - y0).max(1e-3) * 0.05);
    let (y0, y1) = (y0 - margin, y1 + margin);
    let (left, right, top, bottom) = AREA;
    let px = |x: f64| left + (right - left) * (x - x0) / (x1 - x0);
    let py = |y: f64| bottom - (bottom - top) * (y.clamp(y0, y1) - y0) / (y1 - y0);
    Some(html! {
        svg.figure viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" {
            title { (title) }
            desc {
                @for line in lines {
                    (line.name) ": "
                    @if let (Some(first), Some(last)) = (line.points.first(), line.points.last()) {
                        "from " (number(first.1)) " to " (number(last.1)) "; "
                    }
                }
            }
            @for tick in ticks(y0, y1, 8.0) {
                line.grid x1=(at(left)) x2=(at(right)) y1=(at(py(tick))) y2=(at(py(tick))) {}
                text.tick x=(at(left - 6.0)) y=(at(py(tick) + 4.0)) text-anchor="end" { (number(tick)) }
            }
            @for tick in ticks(x0, x1, 8.0) {
                line.grid x1=(at(px(tick))) x2=(at(px(tick))) y1=(at(bottom)) y2=(at(bottom + 4.0)) {}
                text.tick x=(at(px(tick))) y=(at(bottom + 18.0)) text-anchor="middle" { (number(tick)) }
            }
            text.tick x=(at((left + right) / 2.0)) y=(at(bottom + 38.0)) text-anchor="middle" { (x_label) }
            @for line in lines {
                g.(line.style.class) {
                    @let points: Vec<_> = line.points.iter().filter(finite).collect();
                    polyline.line points=(path(&points.iter().map(|p| (px(p.0), py(p.1))).collect::<Vec<_>>())) {}
                    @for (x, y, interval) in points {
                        @if let Some((low, high)) = interval {
                            path.whisker d=(format!("M{:.1} {:.1}V{:.1}", px(*x), py(*low), py(*high))) {}
                        }
                        (marker(line.style.shape, px(*x), py(*y)))
                    }
                }
            }
        }
    })
}
