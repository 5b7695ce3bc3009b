//! Scores over playouts, and over the points of an agent's curve.

use std::collections::BTreeMap;

use maud::{Markup, html};
use regime::analysis::SummaryRow;

use super::super::{MOST_FIGURES, left_out};
use crate::figures::{self, Axis, Chart, Line, Point, Scale, Size};
use crate::style::Style;
use crate::text::percent;
use crate::view::{Match, Score, View, unique};

/// An axis that spans more than this is logarithmic.
const WIDE: f64 = 16.0;

/// What a curve is over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    Playouts,
    Points,
}

impl Over {
    fn x(self, row: &SummaryRow) -> u32 {
        if self == Over::Playouts { row.playouts } else { row.point }
    }

    fn other(self, row: &SummaryRow) -> u32 {
        if self == Over::Playouts { row.point } else { row.playouts }
    }
}

/// What a line of a panel is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Series<'a> {
    agent: &'a str,
    /// Empty where panels have opponents of their own: then lines of one agent look alike in all of them.
    opponent: &'a str,
    /// What the curve is not over: a point of the agent's curve, or a number of playouts; 0 if there is one only.
    other: u32,
}

/// What a panel is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Panel<'a> {
    shift: &'a str,
    /// Empty where lines have opponents of their own.
    opponent: &'a str,
}

/// Curves of an experiment; none where every agent has a single number of playouts and no points.
pub fn curves(view: &View, rows: &[&SummaryRow]) -> Option<Markup> {
    let several = |over: Over| {
        let mut seen = BTreeMap::new();
        rows.iter().filter(|row| over.x(row) > 0).any(|row| {
            let key = (&row.shift, &row.agent, &row.opponent, over.other(row));
            *seen.entry(key).or_insert(over.x(row)) != over.x(row)
        })
    };
    let kinds: Vec<Over> = [Over::Playouts, Over::Points].into_iter().filter(|over| several(*over)).collect();
    (!kinds.is_empty()).then(|| html! { @for over in kinds { (panels(view, rows, over)) } })
}

/// One panel per shift, and per opponent where the curves are over playouts.
fn panels<'a>(view: &View, rows: &[&'a SummaryRow], over: Over) -> Markup {
    let rows: Vec<&'a SummaryRow> = rows.iter().copied().filter(|row| over.x(row) > 0).collect();
    let one_other = unique(rows.iter().map(|row| over.other(row))).len() == 1;
    let apart = over == Over::Playouts;
    let one_opponent = unique(rows.iter().map(|row| row.opponent.as_str())).len() == 1;
    let series = |row: &'a SummaryRow| Series {
        agent: &row.agent,
        opponent: if apart { "" } else { &row.opponent },
        other: if one_other { 0 } else { over.other(row) },
    };
    let panel = |row: &'a SummaryRow| Panel { shift: &row.shift, opponent: if apart { &row.opponent } else { "" } };
    let order = unique(rows.iter().map(|row| panel(row)));
    let mut members: BTreeMap<Panel, Vec<&SummaryRow>> = BTreeMap::new();
    rows.iter().for_each(|row| members.entry(panel(row)).or_default().push(row));
    let all = unique(rows.iter().map(|row| series(row)));
    let styles = view.styles(all.iter().map(|series| series.agent));
    let named = |series: &Series| name(view, over, *series, apart || one_opponent);
    let shown = order.len().min(MOST_FIGURES);
    html! {
        p.legend {
            @for (series, style) in all.iter().zip(&styles) { (figures::key(*style, &named(series))) " " }
            @if rows.iter().any(|row| row.confidence.is_some()) { (figures::dashed_key("the agent's own estimate")) }
        }
        div.panels { @for key in &order[..shown] {
            @let own = &members[key];
            @let lines: Vec<Line> = all.iter().zip(&styles).flat_map(|(one, style)| {
                lines(&named(one), *style, own.iter().copied().filter(|row| series(row) == *one), over)
            }).collect();
            (figure(view, key.shift, own, &lines, over))
        } }
        (left_out(shown, order.len(), "panels"))
    }
}

fn name(view: &View, over: Over, series: Series, alone: bool) -> String {
    let Series { agent, opponent, other } = series;
    match over {
        Over::Playouts => view.match_name(Match { agent, opponent, point: other }, alone),
        Over::Points => {
            let name = view.match_name(Match { agent, opponent, point: 0 }, alone);
            if other > 0 { format!("{name}, {other} playouts") } else { name }
        }
    }
}

/// The line of scores, and a dashed one of the agent's own estimates.
fn lines<'a>(name: &str, style: Style, rows: impl Iterator<Item = &'a SummaryRow>, over: Over) -> Vec<Line> {
    let mut points: Vec<(u32, Score)> = rows.filter_map(|row| Some((over.x(row), Score::new(row)?))).collect();
    points.sort_by_key(|(x, _)| *x);
    points.dedup_by_key(|(x, _)| *x);
    let score = |(x, s): &(u32, Score)| Point { x: f64::from(*x), y: s.score, ends: Some((s.low, s.high)) };
    let own = |(x, s): &(u32, Score)| Some(Point { x: f64::from(*x), y: s.confidence?, ends: None });
    let estimates: Vec<Point> = points.iter().filter_map(own).collect();
    let mut lines = Vec::new();
    if !points.is_empty() {
        lines.push(Line { name: name.to_owned(), style, points: points.iter().map(score).collect(), dashed: false });
    }
    if estimates.len() > 1 {
        lines.push(Line { name: format!("{name}, own estimate"), style, points: estimates, dashed: true });
    }
    lines
}

fn figure(view: &View, shift: &str, rows: &[&SummaryRow], lines: &[Line], over: Over) -> Markup {
    let xs: Vec<f64> = lines.iter().flat_map(|line| &line.points).map(|p| p.x).collect();
    let (least, most) = (xs.iter().copied().fold(f64::INFINITY, f64::min), xs.iter().copied().fold(0.0, f64::max));
    let wide = over == Over::Playouts || most >= WIDE * least;
    let label = match (over, rows.first()) {
        (Over::Points, Some(row)) => view.points_of(&row.agent),
        _ => "playouts per move",
    };
    let against = if over == Over::Playouts { rows.first().map(|row| against(row, rows)) } else { None };
    let title = format!("{shift}{}: score over {label}", against.as_deref().unwrap_or(""));
    let chart = Chart {
        title: &title,
        x: Axis { label, scale: if wide { Scale::Log } else { Scale::Linear }, include: &[] },
        y: Axis { label: "score", scale: Scale::Percent, include: &[0.0, 1.0] },
        even: Some(0.5),
        guides: &[],
        shaded: false,
        size: Size::Panel,
    };
    html! {
        figure {
            p.panel-title { (view.link(shift)) @if let Some(against) = against { (against) } }
            @match figures::chart(&chart, lines) { Some(chart) => (chart), None => p.soft { "No number that can be drawn." } }
            figcaption { @for line in lines.iter().filter(|line| !line.dashed) { @if let [first, .., last] = &line.points[..] {
                span.line-change { (line.name) ": " (percent(first.y)) " → " (percent(last.y)) "%" }
            } } }
        }
    }
}

/// The opponent, and whether its budget grows along.
fn against(first: &SummaryRow, rows: &[&SummaryRow]) -> String {
    let differs = rows.iter().any(|row| row.playouts != row.opponent_playouts);
    let fixed = rows.iter().all(|row| row.opponent_playouts == first.opponent_playouts);
    match (differs, fixed) {
        (true, true) => format!(" v {}, fixed at {}", first.opponent, first.opponent_playouts),
        (true, false) => format!(" v {}", first.opponent),
        (false, _) => format!(" v {}, at equal playouts", first.opponent),
    }
}
