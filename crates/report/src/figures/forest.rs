//! Dots with intervals on a common axis, a row each: cells, effects, costs.

use maud::{Markup, html};

use super::frame::{Axis, Range};
use super::{at, marker, whisker};
use crate::style::Style;
use crate::text::shortened;

const WIDTH: f64 = 460.0;
/// Left and right end of the axis.
const AXIS: (f64, f64) = (20.0, 438.0);
const TOP: f64 = 6.0;
/// Height of a row of one dot, and what every further dot adds.
const ROW: (f64, f64) = (36.0, 12.0);
/// From the top of a row to its words, and to its first dot.
const WORDS: f64 = 14.0;
const FIRST: f64 = 26.0;
/// Below the rows: numbers and label of the axis.
const FOOT: f64 = 40.0;

/// One dot.
pub struct Dot {
    pub value: f64,
    pub ends: Option<(f64, f64)>,
    pub style: Style,
    /// What it is, for readers who cannot see it; may be empty.
    pub name: String,
}

/// One row.
pub struct ForestRow {
    pub label: String,
    /// At the right end of the label's line.
    pub text: String,
    pub dots: Vec<Dot>,
}

/// What stands around the rows.
pub struct Forest<'a> {
    pub title: &'a str,
    pub axis: Axis<'a>,
    /// Where a stronger line lies.
    pub even: Option<f64>,
    /// Half the width of a shaded band around that line.
    pub band: Option<f64>,
}

/// The figure; none if there is no dot to draw. A row without a dot keeps its place and its words.
pub fn forest(figure: &Forest, rows: &[ForestRow]) -> Option<Markup> {
    let axis = &figure.axis;
    let numbers = |dot: &Dot| dot.ends.map_or([dot.value; 3], |(low, high)| [dot.value, low, high]);
    let band = figure.band.filter(|b| b.is_finite() && *b > 0.0).zip(figure.even);
    let around = band.into_iter().flat_map(|(half, even)| [even - half, even + half]);
    let all: Vec<f64> = rows.iter().flat_map(|row| &row.dots).flat_map(numbers).collect();
    if !all.iter().any(|x| axis.fit(*x).is_some()) {
        return None;
    }
    let range = Range::new(axis, &all.into_iter().chain(around.clone()).collect::<Vec<_>>())?;
    let x = |value: f64| AXIS.0 + (AXIS.1 - AXIS.0) * range.place(value);
    let heights: Vec<f64> = rows.iter().map(|row| ROW.0 + ROW.1 * row.dots.len().saturating_sub(1) as f64).collect();
    let bottom = TOP + heights.iter().sum::<f64>();
    let tops = heights.iter().scan(TOP, |top, height| Some(std::mem::replace(top, *top + height)));
    Some(html! {
        svg.figure.panel viewBox=(format!("0 0 {WIDTH} {}", bottom + FOOT)) role="img" {
            title { (figure.title) }
            desc { @for row in rows { (sentence(axis, row)) } }
            @for (i, (top, height)) in tops.clone().zip(&heights).enumerate() {
                @if i % 2 == 1 { rect.stripe x="0" y=(at(top)) width=(WIDTH) height=(at(*height)) {} }
            }
            @if let [low, high] = around.collect::<Vec<_>>()[..] {
                rect.band x=(at(x(low))) y=(at(TOP)) width=(at(x(high) - x(low))) height=(at(bottom - TOP)) {}
            }
            @for tick in &range.ticks {
                line.grid x1=(at(x(*tick))) x2=(at(x(*tick))) y1=(at(TOP)) y2=(at(bottom)) {}
                text.tick x=(at(x(*tick))) y=(at(bottom + 16.0)) text-anchor="middle" { (axis.word(*tick)) }
            }
            @if let Some(even) = figure.even.filter(|even| range.holds(*even)) {
                line.even x1=(at(x(even))) x2=(at(x(even))) y1=(at(TOP)) y2=(at(bottom)) {}
            }
            text.tick x=(at(WIDTH / 2.0)) y=(at(bottom + 33.0)) text-anchor="middle" { (axis.label) }
            @for (row, top) in rows.iter().zip(tops) { (draw(row, top, axis, &x)) }
        }
    })
}

fn draw(row: &ForestRow, top: f64, axis: &Axis, x: &impl Fn(f64) -> f64) -> Markup {
    // Seven units a character: the label has the room that the text at the right leaves.
    let room = ((AXIS.1 - AXIS.0) / 7.0) as usize - row.text.chars().count().min(40) - 2;
    html! {
        g.row {
            title { (row.label) }
            text.label x=(at(AXIS.0)) y=(at(top + WORDS)) { (shortened(&row.label, room)) }
            text.number x=(at(AXIS.1)) y=(at(top + WORDS)) text-anchor="end" { (shortened(&row.text, 40)) }
            @for (i, dot) in row.dots.iter().enumerate() {
                @let y = top + FIRST + ROW.1 * i as f64;
                @if let Some(value) = axis.fit(dot.value) {
                    g.(dot.style.class) {
                        @if let Some((low, high)) = dot.ends.and_then(|(low, high)| Some((axis.fit(low)?, axis.fit(high)?))) {
                            (whisker(x(low), x(high), y))
                        }
                        (marker(dot.style.shape, x(value), y))
                    }
                }
            }
        }
    }
}

fn sentence(axis: &Axis, row: &ForestRow) -> String {
    let of = |dot: &Dot| {
        let value = axis.fit(dot.value).map_or("not measured".into(), |v| axis.word(v));
        let ends = dot.ends.and_then(|(low, high)| Some((axis.fit(low)?, axis.fit(high)?)));
        let ends = ends.map_or(String::new(), |(low, high)| format!(" ({} to {})", axis.word(low), axis.word(high)));
        let name = if dot.name.is_empty() { String::new() } else { format!("{} ", dot.name) };
        format!("{name}{value}{ends}")
    };
    let dots: Vec<String> = row.dots.iter().map(of).collect();
    let dots = if dots.is_empty() { "not measured".into() } else { dots.join(", ") };
    format!("{}: {dots}. ", row.label)
}
