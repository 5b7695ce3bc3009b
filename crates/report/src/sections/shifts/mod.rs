//! One card per shift: what was changed, what was expected, what happened.

mod cells;
pub mod game;

use maud::{Markup, html};
use regime::analysis::{ShiftCard, SummaryRow};

use super::{agrees, played, tag};
use crate::figures::board::{Marks, Placement, discs, draw, goals};
use crate::text::{count, number, p, signed};
use crate::verdict;
use crate::view::View;

/// All cards, then the cells of shifts without one; none if there is neither.
pub fn shifts(view: &View) -> Option<Markup> {
    let without: Vec<&str> = view.names().into_iter().filter(|name| view.card(name).is_none()).collect();
    (!view.names().is_empty()).then(|| {
        html! {
            @for (i, shift) in view.summary.shifts.iter().enumerate() { (card(view, i, shift)) }
            @for name in without {
                article.card {
                    header { h3 { (name) } span.badge { "no card" } }
                    (cells(view.under(name)))
                    (games(view, name, ""))
                }
            }
        }
    })
}

fn card(view: &View, index: usize, shift: &ShiftCard) -> Markup {
    let discs = discs(&shift.edit);
    // A second card of one name shares its cells with the first, and its fragment is its own.
    let first = view.anchor(&shift.name) == Some(format!("shift-{index}"));
    html! {
        article.card id=(format!("shift-{index}")) {
            header {
                h3 { (shift.name) }
                @if !shift.family.is_empty() { span.badge { (shift.family) } }
                @if shift.unchanged { span.badge { "unchanged rules" } }
                @if shift.relabelled { span.badge { "evaluators relabelled" } }
            }
            p { b { "Expected, before it was run: " } (shift.expected) ". " @if shift.hypothesis.is_empty() { "Nothing else was written down." } @else { (shift.hypothesis) } }
            div.split {
                div { @if let Some(board) = Placement::parse(&shift.start_fen) { (start_board(shift, &board, &discs)) } }
                div.facts {
                    (edit(shift))
                    (facts(shift))
                    (found(view, shift))
                }
            }
            @if first {
                (cells(view.under(&shift.name)))
                (games(view, &shift.name, &discs))
            }
        }
    }
}

fn cells(rows: &[&SummaryRow]) -> Markup {
    html! {
        @if rows.is_empty() {
            p.soft { "No games have been played under these rules." }
        } @else {
            details.cells {
                summary { "All " (count(rows.len(), "cell", "cells")) " of this shift" }
                (cells::table(rows))
            }
        }
    }
}

fn games(view: &View, shift: &str, discs: &str) -> Markup {
    html! { @for (i, record) in view.summary.games.iter().enumerate().filter(|(_, g)| g.shift == shift) {
        (game::markup(record, i, discs))
    } }
}

fn facts(shift: &ShiftCard) -> Markup {
    html! {
        dl {
            @if !shift.variant.is_empty() { dt { "changes" } dd { (shift.variant) } }
            dt { "start" } dd { code { (shift.start_fen) } }
            dt { "rule hash" } dd { code { (shift.rules) } }
            @if let Some((dial, level)) = &shift.dose { dt { "dose" } dd { (dial) " " (number(*level)) } }
            @if let Some(ply) = shift.after_ply {
                dt { "from" } dd { "ply " (ply) span.soft { ", under the old rules until then" } }
            }
            @if let Some(bits) = shift.surprise.filter(|b| b.is_finite()) {
                dt { "surprise" }
                dd { (format!("{bits:.2}")) " bits per man " span.soft { "by how often it stood there before the change" } }
            }
            @if let Some(r) = shift.value_correlation.filter(|r| r.is_finite()) {
                dt { "value correlation" }
                dd { (signed(format!("{r:+.2}"))) " " span.soft { "between the inherited value and the result under these rules" } }
            }
        }
    }
}

fn edit(shift: &ShiftCard) -> Markup {
    html! {
        h4 { "The change" }
        @if shift.edit.is_empty() && shift.payoff.is_empty() {
            p.soft { @if shift.unchanged { "None: these are the rules that the inherited evaluators were selected under." } @else { "Nothing but what is named below." } }
        }
        @if !shift.edit.is_empty() { pre { code { @for (key, value) in &shift.edit { (key) " = " (value) "\n" } } } }
        @if !shift.payoff.is_empty() {
            p { "What endings are worth to the side that they favour, where the variant says otherwise:" }
            pre { code { @for line in &shift.payoff { (line) "\n" } } }
        }
    }
}

/// What was found of the shift's own hypothesis, and how the games of that cell ended.
fn found(view: &View, shift: &ShiftCard) -> Markup {
    let rows: Vec<&SummaryRow> =
        view.under(&shift.name).iter().copied().filter(|row| is_grid_cell(view, row)).collect();
    html! {
        h4 { "What was found" }
        @match view.grid(&shift.name) {
            Some(row) => {
                p {
                    (tag(&verdict::of_shift(row)))
                    " agrees: " (agrees(&row.agrees)) "."
                    @if row.cost.is_some() {
                        " Cost " b { (verdict::cost(row)) } " points, p adjusted " (p(row.adjusted)) "."
                    }
                    " " (count(row.evaluators as usize, "evaluator", "evaluators")) ", " (count(row.rivals as usize, "rival", "rivals")) "."
                }
            }
            None if view.summary.grid.is_empty() => {}
            None => p { (tag("not measured")) },
        }
        @if let Some(bar) = played::endings::of_shift(&shift.name, &rows) { p.soft { "Its games ended: " (bar) } }
    }
}

/// Whether the shifts' own hypotheses are about this cell.
fn is_grid_cell(view: &View, row: &SummaryRow) -> bool {
    view.summary.run.grid_cell.as_ref().is_some_and(|cell| {
        (&cell.experiment, &cell.agent, &cell.opponent, cell.playouts)
            == (&row.experiment, &row.agent, &row.opponent, row.playouts)
    })
}

fn start_board(shift: &ShiftCard, board: &Placement, discs: &str) -> Markup {
    let title = format!("Start position of {}", shift.name);
    let goals = goals(&shift.edit, board);
    let on_board: String =
        discs.chars().filter(|d| board.pieces.iter().any(|(_, _, p)| p.eq_ignore_ascii_case(d))).collect();
    html! {
        figure.start {
            (draw(board, &Marks { discs, goals: goals.clone(), title: &title, ..Marks::default() }))
            figcaption {
                "Start position, " (if board.white_to_move { "White" } else { "Black" }) " to move."
                @if !board.hand.is_empty() { " In hand: " (board.hand) "." }
                @if !goals.is_empty() { " Ringed: the goal squares of the edit." }
                @if !on_board.is_empty() { " Lettered discs: pieces that the edit defines." }
            }
        }
    }
}
