//! Four corners: two factors of two levels, or successes by two measures.

use maud::{Markup, html};

use super::at;
use crate::text::shortened;

const WIDTH: f64 = 340.0;
const SIDE: (f64, f64) = (150.0, 84.0);
/// Where the corners begin: room for the names of rows and columns.
const LEFT: f64 = 36.0;
const TOP: f64 = 24.0;

/// Characters of a line in a corner.
pub const LINE: usize = 23;

/// One corner.
pub struct Corner {
    /// The number, large.
    pub value: String,
    /// Lines below it.
    pub words: Vec<String>,
    /// How strongly it is tinted, 0 to 1.
    pub tint: f64,
}

/// The figure: corners row by row; `columns` and `rows` name the levels, and may be empty.
pub fn square(title: &str, columns: [&str; 2], rows: [&str; 2], corners: &[Option<Corner>; 4]) -> Markup {
    let height = TOP + 2.0 * SIDE.1 + 8.0;
    html! {
        svg.figure.panel viewBox=(format!("0 0 {WIDTH} {height}")) role="img" {
            title { (title) }
            desc { @for (i, corner) in corners.iter().enumerate() { (sentence(columns[i % 2], rows[i / 2], corner.as_ref())) } }
            @for (i, name) in columns.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
                text.tick x=(at(LEFT + SIDE.0 * (i as f64 + 0.5))) y=(at(TOP - 8.0)) text-anchor="middle" { (shortened(name, 24)) }
            }
            @for (i, name) in rows.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
                @let y = TOP + SIDE.1 * (i as f64 + 0.5);
                text.tick x=(at(LEFT - 12.0)) y=(at(y)) text-anchor="middle" transform=(format!("rotate(-90 {} {})", at(LEFT - 12.0), at(y))) { (shortened(name, 12)) }
            }
            @for (i, corner) in corners.iter().enumerate() { (draw(i, corner.as_ref())) }
        }
    }
}

fn draw(i: usize, corner: Option<&Corner>) -> Markup {
    let (x, y) = (LEFT + SIDE.0 * (i % 2) as f64, TOP + SIDE.1 * (i / 2) as f64);
    let middle = x + SIDE.0 / 2.0;
    let tint = corner.map_or(0.0, |c| if c.tint.is_finite() { c.tint.clamp(0.0, 1.0) } else { 0.0 });
    html! {
        rect.corner x=(at(x)) y=(at(y)) width=(SIDE.0) height=(SIDE.1) style=(format!("--tint:{tint:.2}")) {}
        @match corner {
            Some(corner) => {
                text.large x=(at(middle)) y=(at(y + 25.0)) text-anchor="middle" { (corner.value) }
                @for (line, words) in corner.words.iter().take(3).enumerate() {
                    text.tick x=(at(middle)) y=(at(y + 42.0 + 15.0 * line as f64)) text-anchor="middle" { (shortened(words, LINE)) }
                }
            }
            None => text.tick x=(at(middle)) y=(at(y + 45.0)) text-anchor="middle" { "not measured" },
        }
    }
}

fn sentence(column: &str, row: &str, corner: Option<&Corner>) -> String {
    let place = [row, column].into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join(", ");
    let place = if place.is_empty() { place } else { format!("{place}: ") };
    match corner {
        Some(corner) => format!("{place}{} {}. ", corner.value, corner.words.join(" ")),
        None => format!("{place}not measured. "),
    }
}
