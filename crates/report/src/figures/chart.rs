//! Lines over a common axis, with intervals where there are any.

use maud::{Markup, html};

use super::frame::{Area, Axis, Frame};
use super::{at, marker, path};
use crate::style::Style;
use crate::text::shortened;

/// Abscissa, ordinate, and the ends of the interval around it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub x: f64,
    pub y: f64,
    pub ends: Option<(f64, f64)>,
}

/// One line of a figure.
pub struct Line {
    /// What a reader who cannot see it is told.
    pub name: String,
    pub style: Style,
    pub points: Vec<Point>,
    /// Drawn without markers, for what stands beside another line.
    pub dashed: bool,
}

/// A number that a figure marks.
pub struct Guide<'a> {
    pub name: &'a str,
    pub x: Option<f64>,
    pub y: Option<f64>,
}

/// How large a figure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// One of several.
    Panel,
    /// As wide as the page.
    Wide,
}

/// What stands around the lines.
pub struct Chart<'a> {
    pub title: &'a str,
    pub x: Axis<'a>,
    pub y: Axis<'a>,
    /// Where a stronger line lies: equal strength, no cost.
    pub even: Option<f64>,
    pub guides: &'a [Guide<'a>],
    /// Shades the area between the first two lines, or between the first one and the height of a guide.
    pub shaded: bool,
    pub size: Size,
}

impl Size {
    fn width(self) -> f64 {
        if self == Size::Panel { 360.0 } else { 720.0 }
    }

    fn height(self) -> f64 {
        if self == Size::Panel { 250.0 } else { 300.0 }
    }

    fn area(self) -> Area {
        Area { left: 62.0, right: self.width() - 14.0, top: 12.0, bottom: self.height() - 44.0 }
    }
}

/// The panel; none if there is no point to draw.
pub fn chart(chart: &Chart, lines: &[Line]) -> Option<Markup> {
    let (x, y) = (&chart.x, &chart.y);
    let drawn = |p: &Point| -> Option<Point> {
        let ends = p.ends.and_then(|(low, high)| Some((y.fit(low)?, y.fit(high)?)));
        Some(Point { x: x.fit(p.x)?, y: y.fit(p.y)?, ends })
    };
    let all: Vec<Vec<Point>> = lines.iter().map(|l| l.points.iter().filter_map(drawn).collect()).collect();
    let points = || all.iter().flatten();
    points().next()?;
    let marked = |of: fn(&Guide) -> Option<f64>| chart.guides.iter().filter_map(of);
    let xs: Vec<f64> = points().map(|p| p.x).chain(marked(|g| g.x)).collect();
    let ends = points().flat_map(|p| p.ends.map_or([p.y, p.y], |(low, high)| [low.min(p.y), high.max(p.y)]));
    let ys: Vec<f64> = ends.chain(marked(|g| g.y)).collect();
    let frame = Frame::new(chart.size.area(), (x, &xs), (y, &ys))?;
    let shade = if chart.shaded { shade(chart, &all, &frame) } else { None };
    Some(html! {
        svg.figure.panel viewBox=(format!("0 0 {} {}", chart.size.width(), chart.size.height())) role="img" {
            title { (chart.title) }
            desc {
                @for (line, points) in lines.iter().zip(&all) { (sentence(chart, line, points)) }
                @for guide in chart.guides { (guide_sentence(chart, guide)) }
            }
            (frame.grid(x, y, chart.even))
            @if let Some(shade) = shade { polygon.shade points=(path(&shade)) {} }
            @for guide in chart.guides { (guide_mark(chart, guide, &frame)) }
            @for (i, (line, points)) in lines.iter().zip(&all).enumerate() {
                // Whiskers of several lines at one place stand side by side.
                @let aside = (i as f64 - (lines.len() as f64 - 1.0) / 2.0) * (16.0 / lines.len() as f64).min(5.0);
                @let aside = if points.iter().any(|p| p.ends.is_some()) { aside } else { 0.0 };
                @let at_pixel = |p: &Point| (frame.px(p.x) + aside, frame.py(p.y));
                g.(line.style.class) {
                    @let class = if line.dashed { "dashed" } else { "line" };
                    polyline class=(class) points=(path(&points.iter().map(at_pixel).collect::<Vec<_>>())) {}
                    @for point in points.iter().filter(|_| !line.dashed) {
                        @let (px, py) = at_pixel(point);
                        @if let Some((low, high)) = point.ends {
                            path.whisker d=(format!("M{} {}V{}", at(px), at(frame.py(low)), at(frame.py(high)))) {}
                        }
                        (marker(line.style.shape, px, py))
                    }
                }
            }
        }
    })
}

/// Corners of the shaded area; none if there is nothing to shade against.
fn shade(chart: &Chart, lines: &[Vec<Point>], frame: &Frame) -> Option<Vec<(f64, f64)>> {
    let corners = |points: &[Point]| points.iter().map(|p| (frame.px(p.x), frame.py(p.y))).collect::<Vec<_>>();
    let first = lines.first().filter(|line| line.len() > 1)?;
    let mut back = match (lines.get(1), chart.guides.iter().find_map(|g| g.y)) {
        (Some(second), _) => corners(second),
        (None, Some(level)) => {
            let ends = [first.first()?, first.last()?];
            ends.map(|p| (frame.px(p.x), frame.py(level))).to_vec()
        }
        (None, None) => return None,
    };
    back.reverse();
    Some(corners(first).into_iter().chain(back).collect())
}

fn guide_mark(chart: &Chart, guide: &Guide, frame: &Frame) -> Markup {
    let area = chart.size.area();
    let name = shortened(guide.name, 20);
    html! {
        @if let Some(y) = guide.y.and_then(|y| chart.y.fit(y)).map(|y| frame.py(y)) {
            line.guide x1=(at(area.left)) x2=(at(area.right)) y1=(at(y)) y2=(at(y)) {}
            text.tick x=(at(area.right - 4.0)) y=(at(if y < area.top + 16.0 { y + 13.0 } else { y - 5.0 })) text-anchor="end" { (name) }
        }
        @if let Some(x) = guide.x.and_then(|x| chart.x.fit(x)).map(|x| frame.px(x)) {
            line.guide x1=(at(x)) x2=(at(x)) y1=(at(area.top)) y2=(at(area.bottom)) {}
            @let right = x > f64::midpoint(area.left, area.right);
            text.tick x=(at(if right { x - 5.0 } else { x + 5.0 })) y=(at(area.top + 10.0)) text-anchor=(if right { "end" } else { "start" }) { (name) }
        }
    }
}

fn guide_sentence(chart: &Chart, guide: &Guide) -> String {
    let x = guide.x.and_then(|x| chart.x.fit(x)).map(|x| format!(" at {}", chart.x.word(x))).unwrap_or_default();
    let y = guide.y.and_then(|y| chart.y.fit(y)).map(|y| format!(": {}", chart.y.word(y))).unwrap_or_default();
    format!("{}{x}{y}. ", guide.name)
}

fn sentence(chart: &Chart, line: &Line, points: &[Point]) -> String {
    let of = |p: &Point| {
        let interval =
            p.ends.map_or(String::new(), |(low, high)| format!(" ({} to {})", chart.y.word(low), chart.y.word(high)));
        format!("{} at {}{interval}", chart.y.word(p.y), chart.x.word(p.x))
    };
    format!("{}: {}. ", line.name, points.iter().map(of).collect::<Vec<_>>().join(", "))
}
