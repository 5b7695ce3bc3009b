//! One card per shift: what was changed, what was expected, what happened.

use maud::{Markup, html};
use regime::results::{ShiftCard, SummaryRow};

use crate::board::{Marks, Placement, discs, draw, goals};
use crate::view::{Cell, View, arm, interval, percent};
use crate::{figures, game};

pub fn card(view: &View, index: usize, shift: &ShiftCard) -> Markup {
    let discs = discs(&shift.edit);
    let rows: Vec<&SummaryRow> = view.summary.rows.iter().filter(|r| r.shift == shift.name).collect();
    html! {
        article.card id=(format!("shift-{index}")) {
            header {
                h3 { (shift.name) }
                span.badge { (shift.family) }
                @if shift.relabelled { span.badge { "evaluators relabelled" } }
            }
            p { b { "Expected, before it was run: " } @if shift.hypothesis.is_empty() { "nothing was written \
                down." } @else { (shift.hypothesis) } }
            div.split {
                div {
                    @if let Some(board) = Placement::parse(&shift.start_fen) {
                        (start_board(shift, &board, &discs))
                    }
                }
                div.facts {
                    (edit(shift))
                    dl {
                        dt { "start" } dd { code { (shift.start_fen) } }
                        dt { "rule hash" } dd { code { (shift.rules) } }
                        @if let Some((dial, level)) = &shift.dose { dt { "dose" } dd { (dial) " " (figures::number(*level)) } }
                        @if let Some(ply) = shift.after_ply {
                            dt { "changes" } dd { "after ply " (ply) span.soft { ", under the old rules until then" } }
                        }
                        @if let Some(bits) = shift.surprise.filter(|b| b.is_finite()) {
                            dt { "surprise" }
                            dd { (format!("{bits:.2}")) " bits per man " span.soft { "by how often it stood there before \
                                the change" } }
                        }
                        @if let Some(r) = shift.value_correlation.filter(|r| r.is_finite()) {
                            dt { "value correlation" }
                            dd { (crate::view::signed(format!("{r:+.2}"))) " " span.soft { "between the frozen \
                                evaluator's value and the result under these rules" } }
                        }
                    }
                    (verdicts(view, shift))
                }
            }
            @if rows.is_empty() {
                p.soft { "No games were played under these rules." }
            } @else {
                details.cells {
                    summary { "All " (rows.len()) " cells of this shift" }
                    (crate::cells::cells_table(&rows, false))
                }
            }
            @for (i, record) in view.summary.games.iter().enumerate().filter(|(_, g)| g.shift == shift.name) {
                (game::markup(record, i, &discs))
            }
        }
    }
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

fn edit(shift: &ShiftCard) -> Markup {
    html! {
        h4 { "The edit" }
        @if shift.edit.is_empty() {
            p.soft { "None: these are the rules that the frozen evaluator was selected under." }
        } @else {
            pre { code { @for (key, value) in &shift.edit { (key) " = " (value) "\n" } } }
        }
    }
}

fn verdicts(view: &View, shift: &ShiftCard) -> Markup {
    let line = |who: &str, opponent: &str| {
        let cell: Option<Cell> = view.headline(&shift.name, who, opponent);
        html! {
            li {
                (who) " against " (opponent) ": "
                @match cell {
                    Some(cell) => {
                        b { (percent(cell.score)) "%" } " (" (interval(cell.low, cell.high)) ") "
                        span.verdict.(cell.verdict().class()) { (cell.verdict().word()) }
                    }
                    None => span.soft { "not measured" },
                }
            }
        }
    };
    html! {
        h4 { "What happened" }
        ul.plain {
            (line(arm::FROZEN, arm::ZERO))
            (line(arm::FROZEN, arm::RESELECTED))
            @if view.headline(&shift.name, arm::STALE, arm::RESELECTED).is_some() { (line(arm::STALE, arm::RESELECTED)) }
        }
    }
}
