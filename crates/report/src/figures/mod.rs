//! Figures, as inline SVG with text of its own, coloured by the style sheet.
//!
//! Colours are of the Okabe and Ito palette, and every series has a marker shape as well.

pub mod board;
mod chart;
mod estimates;
mod forest;
mod frame;
mod scatter;
mod share;
mod square;

pub use chart::{Chart, Guide, Line, Point, Size, chart};
pub use estimates::{Side, estimates};
pub use forest::{Dot, Forest, ForestRow, forest};
pub use frame::{Axis, Scale};
pub use scatter::{Scatter, Spot, scatter};
pub use share::{Share, share_key, shares};
pub use square::{Corner, LINE, square};

use maud::{Markup, html};

use crate::style::{Shape, Style};

/// A coordinate with one decimal.
fn at(x: f64) -> String {
    format!("{x:.1}")
}

/// Corners of a polyline.
fn path(points: &[(f64, f64)]) -> String {
    points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ")
}

/// A marker of about 10 units, centred.
fn marker(shape: Shape, x: f64, y: f64) -> Markup {
    let polygon = |corners: &[(f64, f64)]| {
        let points: Vec<String> = corners.iter().map(|(dx, dy)| format!("{:.1},{:.1}", x + dx, y + dy)).collect();
        html! { polygon.marker points=(points.join(" ")) {} }
    };
    match shape {
        Shape::Circle => html! { circle.marker cx=(at(x)) cy=(at(y)) r="4.6" {} },
        Shape::Diamond => polygon(&[(0.0, -6.2), (6.2, 0.0), (0.0, 6.2), (-6.2, 0.0)]),
        Shape::Square => polygon(&[(-4.3, -4.3), (4.3, -4.3), (4.3, 4.3), (-4.3, 4.3)]),
        Shape::Triangle => polygon(&[(0.0, -5.6), (5.4, 4.2), (-5.4, 4.2)]),
        Shape::Down => polygon(&[(0.0, 5.6), (5.4, -4.2), (-5.4, -4.2)]),
        Shape::Cross => html! { path.marker.cross d=(format!("M{:.1} {:.1}l8 8m0-8l-8 8", x - 4.0, y - 4.0)) {} },
    }
}

/// A horizontal interval with end caps.
fn whisker(low: f64, high: f64, y: f64) -> Markup {
    html! {
        path.whisker d=(format!("M{low:.1} {y:.1}H{high:.1}M{low:.1} {:.1}v6M{high:.1} {:.1}v6", y - 3.0, y - 3.0)) {}
    }
}

/// One entry of a legend: marker, line and words.
pub fn key(Style { class, shape }: Style, text: &str) -> Markup {
    html! {
        span.key {
            svg.(class) width="26" height="14" viewBox="0 0 26 14" aria-hidden="true" {
                path.whisker d="M2 7H24" {}
                (marker(shape, 13.0, 7.0))
            }
            " " (text)
        }
    }
}

/// An entry for points that no line joins.
pub fn dot_key(Style { class, shape }: Style, text: &str) -> Markup {
    html! {
        span.key {
            svg.(class) width="14" height="14" viewBox="0 0 14 14" aria-hidden="true" { (marker(shape, 7.0, 7.0)) }
            " " (text)
        }
    }
}

/// An entry for dashed lines, of whatever colour.
pub fn dashed_key(text: &str) -> Markup {
    html! {
        span.key {
            svg.s0 width="26" height="14" viewBox="0 0 26 14" aria-hidden="true" { path.dashed d="M1 7H25" {} }
            " " (text)
        }
    }
}
