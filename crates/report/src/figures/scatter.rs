//! Points in a plane, with names.

use maud::{Markup, html};

use super::frame::{Area, Axis, Frame};
use super::{at, marker};
use crate::style::Style;
use crate::text::shortened;

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 340.0;
const AREA: Area = Area { left: 62.0, right: 446.0, top: 14.0, bottom: 292.0 };
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
    /// Where a stronger horizontal line lies.
    pub even: Option<f64>,
    /// Whether names are written beside the points, where there is room.
    pub named: bool,
}

/// More labels than these find no room anyway.
const MOST_LABELS: usize = 120;

/// What a label or a marker covers.
#[derive(Clone, Copy)]
struct Rect {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Rect {
    fn overlaps(&self, other: &Rect) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }
}

/// The figure; none if there is no point to draw. A label that finds no room is left out: the point still has its name as a title, and
/// in the description.
pub fn scatter(figure: &Scatter, spots: &[Spot]) -> Option<Markup> {
    let (x, y) = (&figure.x, &figure.y);
    let seen: Vec<(&Spot, f64, f64)> = spots.iter().filter_map(|s| Some((s, x.fit(s.x)?, y.fit(s.y)?))).collect();
    let (xs, ys): (Vec<f64>, Vec<f64>) = seen.iter().map(|s| (s.1, s.2)).unzip();
    let frame = Frame::new(AREA, (x, &xs), (y, &ys))?;
    let places: Vec<(f64, f64)> = seen.iter().map(|s| (frame.px(s.1), frame.py(s.2))).collect();
    let names: Vec<&str> = if figure.named { seen.iter().map(|s| s.0.name).collect() } else { Vec::new() };
    let labels = labels(&names, &places);
    Some(html! {
        svg.figure.panel viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" {
            title { (figure.title) }
            desc { @for (s, sx, sy) in &seen { (s.name) ": " (x.label) " " (x.word(*sx)) ", " (y.label) " " (y.word(*sy)) ". " } }
            (frame.grid(x, y, figure.even))
            @for (i, ((spot, ..), (px, py))) in seen.iter().zip(&places).enumerate() {
                g.(spot.style.class) {
                    title { (spot.name) }
                    (marker(spot.style.shape, *px, *py))
                    @if let Some(Some(label)) = labels.get(i) { text.spot x=(at(label.x)) y=(at(label.y)) { (label.text) } }
                }
            }
        }
    })
}

struct Label {
    x: f64,
    y: f64,
    text: String,
}

/// A place for each name that finds one: beside its point, and over nothing else.
fn labels(names: &[&str], places: &[(f64, f64)]) -> Vec<Option<Label>> {
    let marker = |(x, y): &(f64, f64)| Rect { left: x - 5.0, right: x + 5.0, top: y - 5.0, bottom: y + 5.0 };
    let mut taken: Vec<Rect> = places.iter().map(marker).collect();
    let mut place = |name: &str, (px, py): (f64, f64)| {
        let text = shortened(name, 20);
        let width = text.chars().count() as f64 * GLYPH.0;
        let sides = [8.0, -8.0 - width, -width / 2.0];
        let rows = [4.0, -8.0, 16.0, -20.0, 28.0];
        let all = rows.into_iter().flat_map(|dy| sides.into_iter().map(move |dx| (dx, dy)));
        let rect = |(dx, dy): (f64, f64)| Rect {
            left: px + dx,
            right: px + dx + width,
            top: py + dy - GLYPH.1 + 2.0,
            bottom: py + dy + 2.0,
        };
        let inside = |r: &Rect| r.left > AREA.left && r.right < WIDTH && r.top > 0.0 && r.bottom < AREA.bottom;
        let free = all.map(rect).find(|r| inside(r) && taken.iter().all(|t| !t.overlaps(r)))?;
        taken.push(free);
        Some(Label { x: free.left, y: free.bottom - 2.0, text })
    };
    names.iter().zip(places).take(MOST_LABELS).map(|(name, at)| place(name, *at)).collect()
}
