//! Dose: how the cost grows with the size of the change, its share of the games, and how late in a game it comes.

use maud::{Markup, html};
use regime::results::ShiftCard;

use crate::figures::{self, Axis, Chart, Line, Scale};
use crate::view::{Cell, Shape, Style, View, arm, interval, percent, points, style, unique};

pub fn dose(view: &View) -> Option<Markup> {
    let parts = [dials(view), shares(view), mid_game(view)];
    parts.iter().any(Option::is_some).then(|| html! { @for part in parts.iter().flatten() { (part) } })
}

/// One panel per dial: loss of `frozen` against `reselected` over the level.
fn dials(view: &View) -> Option<Markup> {
    let dosed: Vec<(&str, f64, &ShiftCard)> = view
        .summary
        .shifts
        .iter()
        .filter_map(|card| card.dose.as_ref().map(|(dial, level)| (dial.as_str(), *level, card)))
        .collect();
    (!dosed.is_empty()).then(|| {
        html! {
            h3 { "Dials" }
            p { "Shifts that differ in one number alone. Loss of the frozen evaluator against a rival selected under each of \
                them." }
            div.panels { @for dial in unique(dosed.iter().map(|d| d.0)) {
                (dial_panel(view, dial, dosed.iter().filter(|d| d.0 == dial).map(|d| (d.1, d.2)).collect()))
            } }
        }
    })
}

fn dial_panel(view: &View, dial: &str, mut levels: Vec<(f64, &ShiftCard)>) -> Markup {
    levels.sort_by(|a, b| a.0.total_cmp(&b.0));
    let cells: Vec<(f64, &ShiftCard, Option<Cell>)> = levels
        .into_iter()
        .map(|(level, card)| (level, card, view.headline(&card.name, arm::FROZEN, arm::RESELECTED)))
        .collect();
    let losses: Vec<(f64, f64, (f64, f64))> =
        cells.iter().filter_map(|(level, _, cell)| cell.map(|c| (*level, c.loss().0, c.loss().1))).collect();
    let line = Line {
        name: "frozen against reselected".into(),
        style: style(arm::FROZEN),
        points: losses.iter().map(|(level, loss, ends)| (*level, *loss, Some(*ends))).collect(),
    };
    let steps = || losses.windows(2).map(|pair| pair[1].1 - pair[0].1);
    let shape = if steps().all(|d| d >= 0.0) {
        "rises at every step"
    } else if steps().all(|d| d <= 0.0) {
        "falls at every step"
    } else {
        "is not monotone in the level"
    };
    let title = format!("Loss over the dial {dial}");
    let x = Axis { label: dial, scale: Scale::Linear, include: &[] };
    let y = Axis { label: "loss, points", scale: Scale::Points, include: &[0.0] };
    html! {
        figure {
            p.panel-title { b { (dial) } }
            @if let Some(chart) = figures::chart(&Chart { title: &title, x, y, even: Some(0.0) }, &[line]) { (chart) }
            figcaption {
                @if losses.len() > 1 { "The point estimate " (shape) ". " }
                @for (level, card, cell) in &cells {
                    span.line-change {
                        (figures::number(*level)) ": " (view.link(&card.name)) " "
                        @match cell.map(|c| c.loss()) {
                            Some((loss, (low, high))) => { (points(loss)) " (" (points(low)) " to " (points(high)) ")" },
                            None => "not measured",
                        }
                    }
                }
            }
        }
    }
}

/// Only a share of the games under the new rules, and nobody is told.
fn shares(view: &View) -> Option<Markup> {
    let all: Vec<_> = view.summary.monitored.iter().filter(|m| !m.shares.is_empty()).collect();
    let levels = unique(all.iter().flat_map(|m| &m.shares).map(|s| s.share).filter(|s| s.is_finite()));
    (!levels.is_empty()).then(|| {
        html! {
            h3 { "A share of the games" }
            p { "Only some of the deployed games, drawn at random and not told, are under the new rules: monitors that raised an \
                alarm, median number of games until they did, and the score over all games." }
            div.scroll tabindex="0" role="region" aria-label="Shares" {
                table {
                    thead { tr {
                        th scope="col" { "shift" }
                        @for level in &levels { th.n scope="col" { (figures::number(*level * 100.0)) "% of the games" } }
                        th.n scope="col" { "all games" }
                    } }
                    tbody { @for m in all { tr {
                        th scope="row" { (view.link(&m.shift)) }
                        @for level in &levels { td.n { @match m.shares.iter().find(|s| s.share == *level) {
                            Some(s) => (share_cell(s.alarms, m.seeds, s.median_delay, s.score)), None => "–",
                        } } }
                        td.n { (share_cell(m.alarms, m.seeds, m.median_delay, m.frozen)) }
                    } } }
                }
            }
        }
    })
}

fn share_cell(alarms: u32, seeds: u32, delay: Option<u32>, score: f64) -> Markup {
    html! {
        (alarms) " of " (seeds) @if let Some(delay) = delay { ", after " (delay) }
        br; span.soft { "score " (percent(score)) }
    }
}

/// Shifts whose rules change amid the game, with the one of the same edit whose rules change from the start.
fn mid_game(view: &View) -> Option<Markup> {
    let shifts = &view.summary.shifts;
    let late: Vec<&ShiftCard> = shifts.iter().filter(|s| s.after_ply.is_some()).collect();
    let edits = unique(late.iter().map(|s| (s.variant.as_str(), s.edit.as_slice())));
    (!late.is_empty()).then(|| {
        html! {
            h3 { "Rules that change amid the game" }
            p { "Until the change both sides are played by the inherited evaluator under the old rules. " b { "Announced" } ": \
                the search of " code { "frozen" } " knows the new rules from then on. " b { "Not announced" } ": "
                code { "stale-search" } " goes on under the old ones. Scores against " code { "reselected" } ", which knows." }
            p.legend {
                (figures::key_of(MID_GAME[0].2, "announced (frozen)")) " "
                (figures::key_of(MID_GAME[1].2, "not announced (stale-search)"))
            }
            div.panels { @for (variant, edit) in edits {
                @let same = |s: &&ShiftCard| s.variant == variant && s.edit == edit && !s.relabelled;
                @let mut own: Vec<&ShiftCard> = late.iter().copied().filter(same).collect();
                @let from_start = shifts.iter().filter(|s| s.after_ply.is_none()).find(same);
                @let () = own.extend(from_start);
                @let () = own.sort_by_key(|s| s.after_ply);
                (mid_game_panel(view, &own))
            } }
        }
    })
}

/// Arm, what it stands for, and how it is drawn.
const MID_GAME: [(&str, &str, Style); 2] = [
    (arm::FROZEN, "announced", Style { class: "c-frozen", shape: Shape::Circle }),
    (arm::STALE, "not announced", Style { class: "c-stale", shape: Shape::Triangle }),
];

fn mid_game_panel(view: &View, cards: &[&ShiftCard]) -> Markup {
    let ply = |card: &ShiftCard| card.after_ply.unwrap_or(0);
    let cell = |card: &ShiftCard, who| view.headline(&card.name, who, arm::RESELECTED);
    let lines: Vec<Line> = MID_GAME
        .iter()
        .map(|(who, name, style)| Line {
            name: (*name).into(),
            style: *style,
            points: cards
                .iter()
                .filter_map(|c| cell(c, who).map(|x| (f64::from(ply(c)), x.score, Some((x.low, x.high)))))
                .collect(),
        })
        .collect();
    let name = cards.first().map_or("", |c| c.name.as_str());
    let title = format!("{name}: score over the ply of the change");
    let x = Axis { label: "ply at which the rules change", scale: Scale::Linear, include: &[0.0] };
    let y = Axis { label: "score", scale: Scale::Percent, include: &[0.0, 0.5] };
    html! {
        figure {
            p.panel-title { (view.link(name)) }
            @if let Some(chart) = figures::chart(&Chart { title: &title, x, y, even: Some(0.5) }, &lines) { (chart) }
            figcaption { @for card in cards { span.line-change {
                @match card.after_ply { Some(ply) => { "ply " (ply) }, None => "from the start" } ": "
                @for (i, (who, name, _)) in MID_GAME.iter().enumerate() {
                    @if i > 0 { "; " }
                    (name) " "
                    @match cell(card, who) {
                        Some(c) => { (percent(c.score)) "% (" (interval(c.low, c.high)) ")" }, None => "not measured",
                    }
                }
            } } }
        }
    }
}
