//! The headline figure: frozen against knowing nothing and against its reselected rival, every shift a row.

use maud::{Markup, html};

use super::{at, marker, shortened, whisker};
use crate::view::{Cell, View, arm, interval, percent, style};

/// Where the parts of a row stand. There is one drawing for wide screens and one for narrow ones, because text in a
/// scaled drawing would become too small to read.
struct Layout {
    class: &'static str,
    width: f64,
    /// Left and right end of the score axis.
    axis: (f64, f64),
    row: f64,
    /// From the top of a row to its label, to the middle of its whiskers and to its numbers.
    label_y: f64,
    line_y: f64,
    number_y: f64,
    /// Right edges of the two columns of numbers.
    numbers: [f64; 2],
    label_limit: usize,
}

const WIDE: Layout = Layout {
    class: "wide",
    width: 900.0,
    axis: (216.0, 676.0),
    row: 40.0,
    label_y: 18.0,
    line_y: 20.0,
    number_y: 25.0,
    numbers: [780.0, 890.0],
    label_limit: 30,
};

const NARROW: Layout = Layout {
    class: "narrow",
    width: 380.0,
    axis: (18.0, 358.0),
    row: 62.0,
    label_y: 16.0,
    line_y: 40.0,
    number_y: 16.0,
    numbers: [306.0, 364.0],
    label_limit: 24,
};

/// Space above the rows: heads of the columns and the sense of the axis.
const TOP: f64 = 44.0;
/// Space below the rows: the axis' numbers.
const BOTTOM: f64 = 40.0;

/// One line of the figure.
struct Row<'a> {
    name: &'a str,
    family: &'a str,
    zero: Option<Cell>,
    reselected: Option<Cell>,
}

/// Both drawings; the style sheet shows one of them.
pub fn headline(view: &View) -> Markup {
    let mut rows: Vec<Row> = view
        .names()
        .into_iter()
        .map(|name| Row {
            name,
            family: match view.card(name).map_or("", |c| c.family.as_str()) {
                "none" => "unchanged rules",
                family => family,
            },
            zero: view.headline(name, arm::FROZEN, arm::ZERO),
            reselected: view.headline(name, arm::FROZEN, arm::RESELECTED),
        })
        .collect();
    let key = |row: &Row| row.reselected.map_or(f64::INFINITY, |c| c.score);
    rows.sort_by(|a, b| key(a).total_cmp(&key(b)));
    html! { (draw(&WIDE, &rows)) (draw(&NARROW, &rows)) }
}

fn draw(layout: &Layout, rows: &[Row]) -> Markup {
    let wide = layout.class == "wide";
    let bottom = TOP + layout.row * rows.len() as f64;
    let height = bottom + BOTTOM;
    let (left, right) = layout.axis;
    let x = |score: f64| left + (right - left) * score;
    html! {
        svg.figure.(layout.class) viewBox=(format!("0 0 {} {height}", layout.width)) role="img" {
            title { "Score of the frozen evaluator, per shift, with 95% intervals" }
            desc { @for row in rows { (sentence(row)) " " } }
            @for tick in 0..=4 {
                @let score = f64::from(tick) / 4.0;
                line.(if tick == 2 { "even" } else { "grid" }) x1=(at(x(score))) x2=(at(x(score))) y1=(at(TOP - 6.0)) y2=(at(bottom)) {}
                text.tick x=(at(x(score))) y=(at(bottom + 17.0)) text-anchor="middle" { (tick * 25) "%" }
            }
            text.tick x=(at(x(0.5))) y=(at(bottom + 34.0)) text-anchor="middle" { "score of the frozen evaluator; 50% is equal strength" }
            text.sense x=(at(x(0.5) - 10.0)) y="30" text-anchor="end" { "← frozen loses" }
            text.sense x=(at(x(0.5) + 10.0)) y="30" { "frozen wins →" }
            @if wide {
                text.head.c-zero x=(at(layout.numbers[0])) y="30" text-anchor="end" { "v zero" }
                text.head.c-reselected x=(at(layout.numbers[1])) y="30" text-anchor="end" { "v reselected" }
            }
            @for (i, row) in rows.iter().enumerate() {
                @let y = TOP + layout.row * i as f64;
                g.row {
                    @if i % 2 == 1 { rect.stripe x="0" y=(at(y)) width=(layout.width) height=(layout.row) {} }
                    title { (sentence(row)) }
                    text.label x=(if wide { "8" } else { "14" }) y=(at(y + layout.label_y)) { (shortened(row.name, layout.label_limit)) }
                    @if wide { text.family x="8" y=(at(y + layout.label_y + 14.0)) { (shortened(row.family, 30)) } }
                    @let (line_y, number_y) = (y + layout.line_y, y + layout.number_y);
                    (series(layout, row.zero, arm::ZERO, (line_y - 7.0, layout.numbers[0], number_y), &x))
                    (series(layout, row.reselected, arm::RESELECTED, (line_y + 7.0, layout.numbers[1], number_y), &x))
                }
            }
        }
    }
}

/// Dot, whisker and number of one comparison.
fn series(
    layout: &Layout,
    cell: Option<Cell>,
    opponent: &str,
    (y, number_x, number_y): (f64, f64, f64),
    x: &impl Fn(f64) -> f64,
) -> Markup {
    let style = style(opponent);
    let wide = layout.class == "wide";
    html! {
        g.(style.class) {
            @match cell {
                Some(cell) => {
                    (whisker(x(cell.low), x(cell.high), y))
                    (marker(style.shape, x(cell.score), y))
                    text.number x=(at(number_x)) y=(at(number_y)) text-anchor="end" {
                        (percent(cell.score))
                        @if wide { tspan.soft { " ±" (percent((cell.high - cell.low) / 2.0)) } }
                    }
                }
                None => text.number.soft x=(at(number_x)) y=(at(number_y)) text-anchor="end" { "n/a" },
            }
            @if !wide { (marker(style.shape, number_x - 42.0, number_y - 5.0)) }
        }
    }
}

fn sentence(row: &Row) -> String {
    let part = |cell: Option<Cell>, opponent: &str| match cell {
        Some(c) => format!("{}% against {opponent} ({})", percent(c.score), interval(c.low, c.high)),
        None => format!("not measured against {opponent}"),
    };
    format!("{}: {}, {}.", row.name, part(row.zero, arm::ZERO), part(row.reselected, arm::RESELECTED))
}
