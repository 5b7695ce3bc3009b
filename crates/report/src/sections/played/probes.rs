//! Answers at fixed positions: regret or foresight, and the agents' own estimates beside the truth.

use std::collections::BTreeMap;

use maud::{Markup, html};
use regime::analysis::ProbeCell;

use super::super::{MOST_FIGURES, left_out};
use crate::figures::{self, Axis, Chart, Line, Point, Scale, Size};
use crate::style::Style;
use crate::text::{count, interval, percent, points};
use crate::view::{View, unique};

/// Kinds of probes, by what they measure: the name of the score, and how it comes about.
fn question(measures: &str) -> (&'static str, &'static str) {
    match measures {
        "regret" => (
            "mean regret",
            "At positions of play every legal move is judged by another independent selection of the judge, with a search after each. \
                Regret is the worth of the best move less that of the chosen one.",
        ),
        "exact-regret" => (
            "mean regret",
            "Every position of a game small enough to be solved is known: the regret is exact, and no judge can share a mistake with \
                who is judged.",
        ),
        "foresight" => (
            "share of moves foreseen",
            "Share of the agent's moves that a predictor finds. A base optimizer is larger than its mesa-optimizer where it foresees it.",
        ),
        _ => ("mean score", "Answers at fixed positions."),
    }
}

/// What a line is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Who<'a> {
    agent: &'a str,
    /// Point of the agent's curve; 0 where lines are over points, and where there is one only.
    point: u32,
}

/// What the lines of a probe are over.
struct Over {
    points: bool,
    one_point: bool,
}

impl Over {
    fn new(cells: &[&ProbeCell]) -> Over {
        let playouts = unique(cells.iter().map(|c| c.playouts)).len();
        let points = unique(cells.iter().map(|c| c.point)).len();
        Over { points: playouts == 1 && points > 1, one_point: points == 1 }
    }

    fn x(&self, cell: &ProbeCell) -> u32 {
        if self.points { cell.point } else { cell.playouts }
    }

    fn who<'a>(&self, cell: &'a ProbeCell) -> Who<'a> {
        Who { agent: &cell.agent, point: if self.one_point || self.points { 0 } else { cell.point } }
    }
}

pub fn probe(view: &View, cells: &[&ProbeCell]) -> Markup {
    let (score, text) = question(cells.first().map_or("", |c| &c.measures));
    let over = Over::new(cells);
    let whos = unique(cells.iter().map(|c| over.who(c)));
    let styles = view.styles(whos.iter().map(|who| who.agent));
    let names: Vec<String> = whos.iter().map(|who| name(view, *who)).collect();
    let mut by_shift: BTreeMap<&str, Vec<&ProbeCell>> = BTreeMap::new();
    cells.iter().for_each(|cell| by_shift.entry(&cell.shift).or_default().push(cell));
    let shifts = unique(cells.iter().map(|c| c.shift.as_str()));
    let drawn = unique(cells.iter().map(|c| over.x(c))).len() > 1;
    let shown = if drawn { shifts.len().min(MOST_FIGURES / 2) } else { 0 };
    let series = || whos.iter().zip(&styles).zip(&names);
    html! {
        p { (text) " " (positions(cells)) }
        @if drawn {
            p.legend {
                @for ((_, style), name) in series() { (figures::key(*style, name)) " " }
                @if cells.iter().any(|c| c.truth.is_some()) { (figures::dashed_key("what the best moves are worth")) }
            }
            div.panels { @for shift in &shifts[..shown] {
                @let own = &by_shift[shift];
                @let of = |who: &Who| own.iter().copied().filter(|c| over.who(c) == *who).collect::<Vec<_>>();
                @let scores: Vec<Line> = series().map(|((who, style), name)| scores(name, *style, &of(who), &over)).collect();
                @let beliefs: Vec<Line> = series().flat_map(|((who, style), name)| beliefs(name, *style, &of(who), &over)).collect();
                (panel(view, shift, score, own, &scores, &over))
                @if !beliefs.is_empty() { (panel(view, shift, "estimate and truth", own, &beliefs, &over)) }
            } }
            (left_out(shown, shifts.len(), "shifts"))
            details { summary { "All " (count(cells.len(), "cell", "cells")) } (table(view, cells)) }
        } @else {
            (table(view, cells))
        }
    }
}

fn name(view: &View, who: Who) -> String {
    if who.point > 0 {
        format!("{}, {} {}", who.agent, who.point, view.points_of(who.agent))
    } else {
        who.agent.to_owned()
    }
}

fn positions(cells: &[&ProbeCell]) -> String {
    let numbers = |of: fn(&ProbeCell) -> u32| {
        let all = unique(cells.iter().map(|cell| of(cell)));
        (all.iter().copied().min().unwrap_or(0), all.iter().copied().max().unwrap_or(0))
    };
    let words = |(least, most): (u32, u32)| if least == most { most.to_string() } else { format!("{least} to {most}") };
    format!("{} positions, {} evaluators.", words(numbers(|c| c.positions)), words(numbers(|c| c.seeds)))
}

/// Points by rising x.
fn line(name: String, style: Style, dashed: bool, points: impl Iterator<Item = Option<Point>>) -> Line {
    let mut points: Vec<Point> = points.flatten().filter(|p| p.y.is_finite()).collect();
    points.sort_by(|a, b| a.x.total_cmp(&b.x));
    Line { name, style, points, dashed }
}

fn scores(name: &str, style: Style, cells: &[&ProbeCell], over: &Over) -> Line {
    let point = |c: &&ProbeCell| Some(Point { x: f64::from(over.x(c)), y: c.score, ends: Some((c.low, c.high)) });
    line(name.to_owned(), style, false, cells.iter().map(point))
}

/// The agent's own estimates, and the truth as a dashed line.
fn beliefs(name: &str, style: Style, cells: &[&ProbeCell], over: &Over) -> Vec<Line> {
    let point = |c: &ProbeCell, y: Option<f64>| Some(Point { x: f64::from(over.x(c)), y: y?, ends: None });
    let own = line(format!("{name}, own estimate"), style, false, cells.iter().map(|c| point(c, c.estimate)));
    let truth = line(format!("{name}, truth"), style, true, cells.iter().map(|c| point(c, c.truth)));
    if own.points.is_empty() { Vec::new() } else { vec![own, truth] }
}

fn panel(view: &View, shift: &str, what: &str, cells: &[&ProbeCell], lines: &[Line], over: &Over) -> Markup {
    let label = match cells.first().filter(|_| over.points) {
        Some(cell) => view.points_of(&cell.agent),
        None => "playouts",
    };
    let title = format!("{shift}: {what} over {label}");
    let chart = Chart {
        title: &title,
        x: Axis { label, scale: Scale::Log, include: &[] },
        y: Axis { label: what, scale: Scale::Percent, include: &[0.0] },
        even: None,
        guides: &[],
        shaded: false,
        size: Size::Panel,
    };
    html! {
        figure {
            p.panel-title { (view.link(shift)) ", " (what) }
            @match figures::chart(&chart, lines) { Some(chart) => (chart), None => p.soft { "No number that can be drawn." } }
            figcaption { @for line in lines.iter().filter(|line| !line.dashed) { @if let [first, .., last] = &line.points[..] {
                span.line-change { (line.name) ": " (percent(first.y)) " → " (percent(last.y)) "%" }
            } } }
        }
    }
}

fn table(view: &View, cells: &[&ProbeCell]) -> Markup {
    const NUMBERS: [&str; 8] = [
        "playouts",
        "score",
        "95% interval",
        "truth",
        "own estimate",
        "estimate less truth",
        "positions",
        "evaluators",
    ];
    html! {
        div.scroll.tall tabindex="0" role="region" aria-label="Answers" {
            table {
                caption { "In %: the score (" (question(cells.first().map_or("", |c| &c.measures)).0) "), what the best moves are worth, and what the \
                    agent expects" }
                thead { tr {
                    th scope="col" { "shift" } th scope="col" { "agent" }
                    @for name in NUMBERS { th.n scope="col" { (name) } }
                } }
                tbody { @for c in cells { tr {
                    th scope="row" { (view.link(&c.shift)) }
                    td { (view.agent_link(&c.agent)) @if c.point > 0 { ", " (c.point) " " (view.points_of(&c.agent)) } }
                    td.n { (c.playouts) } td.n { (percent(c.score)) } td.n { (interval(c.low, c.high)) }
                    td.n { (c.truth.map_or("–".into(), percent)) } td.n { (c.estimate.map_or("–".into(), percent)) }
                    td.n { (c.estimate.zip(c.truth).map_or("–".into(), |(own, truth)| points(own - truth))) }
                    td.n { (c.positions) } td.n { (c.seeds) }
                } } }
            }
        }
    }
}
