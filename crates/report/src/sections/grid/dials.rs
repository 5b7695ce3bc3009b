//! Dials: how the cost goes with the size of a change, and with how late in a game it comes.

use maud::{Markup, html};
use regime::analysis::{ShiftCard, SummaryRow};

use super::super::{MOST_FIGURES, left_out};
use crate::figures::{self, Axis, Chart, Line, Point, Scale, Size};
use crate::text::number;
use crate::verdict;
use crate::view::{Match, Score, View, unique};

/// Shifts that differ in one number alone.
struct Dial<'a> {
    name: String,
    /// By rising level.
    levels: Vec<(f64, &'a ShiftCard)>,
}

/// One panel per dial; none if no shift is a point of one.
pub fn dials(view: &View) -> Option<Markup> {
    let mut dials = doses(view);
    dials.extend(plies(view));
    let rows = view.main_cells();
    (!dials.is_empty() && !rows.is_empty()).then(|| {
        let matches = unique(rows.iter().map(|row| Match::of(row)));
        let alone = unique(matches.iter().map(|m| m.opponent)).len() == 1;
        let styles = view.styles(matches.iter().map(|m| m.agent));
        let shown = dials.len().min(MOST_FIGURES);
        html! {
            p { "Shifts that differ in one number alone: cost, 1/2 less the score, over that number, for every match of the experiment." }
            p.legend { @for (of, style) in matches.iter().zip(&styles) { (figures::key(*style, &view.match_name(*of, alone))) " " } }
            div.panels { @for dial in &dials[..shown] {
                @let lines: Vec<Line> = matches.iter().zip(&styles).map(|(of, style)| Line {
                    name: view.match_name(*of, alone), style: *style, points: costs(&rows, dial, *of), dashed: false,
                }).filter(|line| !line.points.is_empty()).collect();
                (panel(view, dial, &lines))
            } }
            (left_out(shown, dials.len(), "dials"))
        }
    })
}

/// Dials that the suite names.
fn doses<'a>(view: &View<'a>) -> Vec<Dial<'a>> {
    let shifts = &view.summary.shifts;
    let names = unique(shifts.iter().filter_map(|card| card.dose.as_ref()).map(|(name, _)| name.as_str()));
    let levels = |name: &str| {
        let of = |card: &'a ShiftCard| Some((card.dose.as_ref().filter(|(dial, _)| dial == name)?.1, card));
        sorted(shifts.iter().filter_map(of).collect())
    };
    names.into_iter().map(|name| Dial { name: name.to_owned(), levels: levels(name) }).collect()
}

/// Changes amid the game, each with the shifts of its edit that differ in the ply alone; from the start is ply 0.
fn plies<'a>(view: &View<'a>) -> Vec<Dial<'a>> {
    let shifts = &view.summary.shifts;
    let edit = |card: &'a ShiftCard| (&card.variant, &card.edit, &card.payoff);
    let edits = unique(shifts.iter().filter(|card| card.after_ply.is_some()).map(edit));
    edits
        .into_iter()
        .map(|edited| {
            let own = shifts.iter().filter(|card| edit(card) == edited && !card.relabelled);
            let levels: Vec<(f64, &ShiftCard)> =
                own.map(|card| (f64::from(card.after_ply.unwrap_or(0)), card)).collect();
            let first = levels.iter().find(|(ply, _)| *ply == 0.0).or(levels.first());
            let name = first.map_or("", |(_, card)| card.name.as_str());
            Dial { name: format!("{name}: ply at which the rules change"), levels: sorted(levels) }
        })
        .collect()
}

fn sorted(mut levels: Vec<(f64, &ShiftCard)>) -> Vec<(f64, &ShiftCard)> {
    levels.retain(|(level, _)| level.is_finite());
    levels.sort_by(|a, b| a.0.total_cmp(&b.0));
    levels
}

fn costs(rows: &[&SummaryRow], dial: &Dial, of: Match) -> Vec<Point> {
    let point = |(level, card): &(f64, &ShiftCard)| {
        let row = rows.iter().find(|row| row.shift == card.name && Match::of(row) == of)?;
        let (cost, ends) = Score::new(row)?.cost();
        Some(Point { x: *level, y: cost, ends: Some(ends) })
    };
    dial.levels.iter().filter_map(point).collect()
}

fn panel(view: &View, dial: &Dial, lines: &[Line]) -> Markup {
    let title = format!("Cost over {}", dial.name);
    let chart = Chart {
        title: &title,
        x: Axis { label: &dial.name, scale: Scale::Linear, include: &[] },
        y: Axis { label: "cost, points", scale: Scale::Points, include: &[0.0] },
        even: Some(0.0),
        guides: &[],
        shaded: false,
        size: Size::Panel,
    };
    html! {
        figure {
            p.panel-title { b { (dial.name) } }
            @match figures::chart(&chart, lines) { Some(chart) => (chart), None => p.soft { "Nothing was measured along it." } }
            figcaption { @for (level, card) in &dial.levels { span.line-change {
                (number(*level)) ": " (view.link(&card.name))
                @match view.grid(&card.name).filter(|row| row.cost.is_some()) {
                    Some(row) => { " " (verdict::cost(row)) },
                    None if view.summary.grid.is_empty() => "",
                    None => " not measured",
                }
            } } }
        }
    }
}
