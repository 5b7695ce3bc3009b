//! Small panels: lines over a common axis, with intervals where there are any.

use maud::{Markup, html};

use super::frame::{Axis, Frame};
use super::lines::{Line, Point};
use super::{at, marker, path};

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 250.0;
/// Left, right, top and bottom end of the plotted area.
const AREA: (f64, f64, f64, f64) = (62.0, 346.0, 12.0, 206.0);

/// What stands around the lines.
pub struct Chart<'a> {
    pub title: &'a str,
    pub x: Axis<'a>,
    pub y: Axis<'a>,
    /// Where a stronger line lies: equal strength, no loss.
    pub even: Option<f64>,
}

/// The panel; none if there is no point to draw.
pub fn chart(chart: &Chart, lines: &[Line]) -> Option<Markup> {
    let (x, y) = (&chart.x, &chart.y);
    let drawn = |p: &Point| -> Option<Point> {
        let ends = p.2.and_then(|(low, high)| Some((y.fit(low)?, y.fit(high)?)));
        Some((x.fit(p.0)?, y.fit(p.1)?, ends))
    };
    let all: Vec<Vec<Point>> = lines.iter().map(|l| l.points.iter().filter_map(drawn).collect()).collect();
    let points = || all.iter().flatten();
    let ys: Vec<f64> = points().flat_map(|p| p.2.map_or([p.1, p.1], |(low, high)| [low, high])).collect();
    let frame = Frame::new(AREA, (x, &points().map(|p| p.0).collect::<Vec<_>>()), (y, &ys))?;
    Some(html! {
        svg.figure.panel viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" {
            title { (chart.title) }
            desc { @for (line, points) in lines.iter().zip(&all) { (sentence(chart, line, points)) } }
            (frame.grid(x, y, chart.even))
            @for (i, (line, points)) in lines.iter().zip(&all).enumerate() {
                // Whiskers of several lines at one place stand side by side.
                @let aside = (i as f64 - (lines.len() as f64 - 1.0) / 2.0) * (16.0 / lines.len() as f64).min(5.0);
                @let aside = if points.iter().any(|p| p.2.is_some()) { aside } else { 0.0 };
                @let at_pixel = |p: &Point| (frame.px(p.0) + aside, frame.py(p.1));
                g.(line.style.class) {
                    polyline.line points=(path(&points.iter().map(at_pixel).collect::<Vec<_>>())) {}
                    @for point in points {
                        @let (px, py) = at_pixel(point);
                        @if let Some((low, high)) = point.2 {
                            path.whisker d=(format!("M{} {}V{}", at(px), at(frame.py(low)), at(frame.py(high)))) {}
                        }
                        (marker(line.style.shape, px, py))
                    }
                }
            }
        }
    })
}

fn sentence(chart: &Chart, line: &Line, points: &[Point]) -> String {
    let of = |p: &Point| {
        let interval =
            p.2.map_or(String::new(), |(low, high)| format!(" ({} to {})", chart.y.word(low), chart.y.word(high)));
        format!("{} at {}{interval}", chart.y.word(p.1), chart.x.word(p.0))
    };
    format!("{}: {}. ", line.name, points.iter().map(of).collect::<Vec<_>>().join(", "))
}
