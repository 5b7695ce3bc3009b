//! Shifts as points in a plane.

use maud::{Markup, html};

use super::frame::{Axis, Frame};
use super::{at, marker, shortened};
use crate::view::Style;

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 340.0;
/// Left, right, top and bottom end of the plotted area.
const AREA: (f64, f64, f64, f64) = (62.0, 446.0, 14.0, 292.0);
/// Room that a character of a label takes, and a line of it.
const GLYPH: (f64, f64) = (6.3, 12.0);

/// One point.
pub struct Spot<'a> {
    pub name: &'a str,
    pub style: Style,
    pub x: f64,
    pub y: f64,
}

/// What stands around the points.
pub struct Scatter<'a> {
    pub title: &'a str,
    pub x: Axis<'a>,
    pub y: Axis<'a>,
    /// Draws the line on which both coordinates are equal.
    pub diagonal: bool,
    /// A named zone: right of the first number and below the second.
    pub zone: Option<(f64, f64, &'a str)>,
}

/// Left, right, top and bottom.
type Rect = (f64, f64, f64, f64);

fn overlap(a: &Rect, b: &Rect) -> bool {
    a.0 < b.1 && b.0 < a.1 && a.2 < b.3 && b.2 < a.3
}

/// The figure; none if there is no point to draw. A label that finds no room is left out: the point still has its name as a title, and
/// in the description.
pub fn scatter(figure: &Scatter, spots: &[Spot]) -> Option<Markup> {
    let (x, y) = (&figure.x, &figure.y);
    let seen: Vec<(&Spot, f64, f64)> = spots.iter().filter_map(|s| Some((s, x.fit(s.x)?, y.fit(s.y)?))).collect();
    let (xs, ys): (Vec<f64>, Vec<f64>) = seen.iter().map(|s| (s.1, s.2)).unzip();
    let frame = Frame::new(AREA, (x, &xs), (y, &ys))?;
    let places: Vec<(f64, f64)> = seen.iter().map(|s| (frame.px(s.1), frame.py(s.2))).collect();
    let mut taken: Vec<Rect> = places.iter().map(|(x, y)| (x - 5.0, x + 5.0, y - 5.0, y + 5.0)).collect();
    let labels: Vec<Option<(f64, f64, String)>> = seen
        .iter()
        .zip(&places)
        .map(|((spot, ..), (px, py))| {
            let text = shortened(spot.name, 20);
            let width = text.chars().count() as f64 * GLYPH.0;
            let sides = [8.0, -8.0 - width, -width / 2.0];
            let rows = [4.0, -8.0, 16.0, -20.0, 28.0];
            let all = rows.into_iter().flat_map(|dy| sides.into_iter().map(move |dx| (dx, dy)));
            let rect = |(dx, dy): (f64, f64)| (px + dx, px + dx + width, py + dy - GLYPH.1 + 2.0, py + dy + 2.0);
            let inside = |r: &Rect| r.0 > AREA.0 && r.1 < WIDTH && r.2 > 0.0 && r.3 < AREA.3;
            let free = all.map(rect).find(|r| inside(r) && taken.iter().all(|t| !overlap(t, r)))?;
            taken.push(free);
            Some((free.0, free.3 - 2.0, text))
        })
        .collect();
    let zone = figure.zone.filter(|(from, to, _)| frame.px(*from) < AREA.1 - 20.0 && frame.py(*to) < AREA.3 - 1.0);
    Some(html! {
        svg.figure.panel viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" {
            title { (figure.title) }
            desc { @for (s, sx, sy) in &seen { (s.name) ": " (x.label) " " (x.word(*sx)) ", " (y.label) " " (y.word(*sy)) ". " } }
            @if let Some((from, to, name)) = zone {
                @let (left, top) = (frame.px(from), frame.py(to));
                rect.zone x=(at(left)) y=(at(top)) width=(at(AREA.1 - left)) height=(at(AREA.3 - top)) {}
                text.zone-name x=(at(AREA.1 - 6.0)) y=(at(AREA.3 - 8.0)) text-anchor="end" { (name) }
            }
            (frame.grid(x, y, None))
            @if let Some((low, high)) = frame.shared().filter(|_| figure.diagonal) {
                line.even x1=(at(frame.px(low))) y1=(at(frame.py(low))) x2=(at(frame.px(high))) y2=(at(frame.py(high))) {}
            }
            @for (((spot, ..), (px, py)), label) in seen.iter().zip(&places).zip(&labels) {
                g.(spot.style.class) {
                    title { (spot.name) }
                    (marker(spot.style.shape, *px, *py))
                    @if let Some((lx, ly, text)) = label { text.spot x=(at(*lx)) y=(at(*ly)) { (text) } }
                }
            }
        }
    })
}
