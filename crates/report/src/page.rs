//! The page: what was done, what was found, the figures, the cards, the numbers.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use regime::results::SummaryRow;

use crate::findings::{broken_nulls, change, findings};
use crate::view::{Cell, Curve, View, arm, interval, percent, signed, unique};
use crate::{attribution, board, figures, methods, shifts, verdicts};

/// Nothing may be fetched, whatever a stranger's text contains.
pub const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

pub fn page(view: &View) -> Markup {
    let run = &view.summary.run;
    let title = format!("Regime-change stress test: {}", run.suite);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body {
                (board::symbols())
                header.top {
                    p.kicker { "Interregnum · regime-change stress test" }
                    h1 { @if run.title.is_empty() { (title) } @else { (run.title.trim_end_matches('.')) } }
                    (lede(view))
                    nav aria-label="Sections" {
                        @if !view.summary.findings.is_empty() { a href="#claims" { "Claims" } }
                        a href="#findings" { "Findings" } a href="#headline" { "Every \
                            shift" } a href="#curves" { "More search" }
                        a href="#attribution" { "Rules × evaluator" } a href="#shifts" { "Shift by \
                            shift" } a href="#cells" { "All cells" }
                        a href="#methods" { "Methods" } a href="#reproduce" { "Reproduce" }
                    }
                }
                main {
                    (alarm(view))
                    (verdicts::claims(view))
                    (findings_section(view))
                    (headline(view))
                    (verdicts::shift_table(view))
                    (curves(view))
                    (attributions(view))
                    (verdicts::monitors(view))
                    (verdicts::experiments(view))
                    (verdicts::rocket(view))
                    section #shifts {
                        h2 { "Shift by shift" }
                        @if view.summary.shifts.is_empty() { p.soft { "The summary describes no shift." } }
                        @for (i, shift) in view.summary.shifts.iter().enumerate() { (shifts::card(view, i, shift)) }
                    }
                    section #cells {
                        h2 { "All cells" }
                        (cells_table(&view.summary.rows.iter().collect::<Vec<_>>(), true))
                    }
                    (methods::methods(view))
                    (methods::reproduce(view))
                }
                (methods::data(view))
                script { (PreEscaped(include_str!("replay.js"))) }
            }
        }
    }
}

fn lede(view: &View) -> Markup {
    let run = &view.summary.run;
    html! {
        p.lede {
            "An evaluator for " b { (run.variant) } " (" (run.board.0) "×" (run.board.1) ") was selected by self-play \
                and frozen. Then the rules were changed. The search that uses it is told the new rules exactly, but \
                what it believes a position to be worth it learned under the old ones, and it cannot revise that. \
                This page measures what such an inheritance costs, or is still worth, per change: against "
            b { "zero" } ", the same search without any knowledge, and against " b { "reselected" } ", the same \
                search with an evaluator selected under the new rules at equal cost. 50% is equal strength."
        }
        p.facts-line {
            span { b { (run.playouts) } " playouts per move" }
            span { b { (run.pairs) } " game pairs per cell and seed" }
            span { b { (run.seeds) } " evaluator seeds" }
            span { b { (view.names().len()) } " shifts" }
            span { b { (view.summary.rows.len()) } " cells" }
        }
    }
}

fn alarm(view: &View) -> Markup {
    let broken = broken_nulls(view);
    html! {
        @if !broken.is_empty() {
            div.alarm role="alert" {
                b { "Invalid: an exact null failed." }
                " " (broken.join(", ")) " should have repeated the games of none exactly and did not. Find the fault \
                    before reading any number below."
            }
        }
    }
}

fn findings_section(view: &View) -> Markup {
    html! {
        section #findings {
            h2 { "Findings" }
            dl.findings { @for finding in findings(view) { div { dt { (finding.heading) } dd { (finding.text) } } } }
            p.soft { "Written by rule from the 95% intervals in parentheses, which are in %." }
        }
    }
}

fn headline(view: &View) -> Markup {
    html! {
        section #headline {
            h2 { "Every shift, one figure" }
            @if view.names().is_empty() {
                p.soft { "There is nothing to draw yet." }
            } @else {
                figure {
                    p.legend {
                        (figures::key(arm::ZERO, "frozen against zero (knowing nothing)")) " "
                        (figures::key(arm::RESELECTED, "frozen against reselected (selected under the new rules)"))
                    }
                    (figures::headline(view))
                    figcaption {
                        "Score of the frozen evaluator with 95% intervals, sorted by its score against the reselected \
                            rival, the costliest inheritance first. Shifts without that match stand last. \
                            Under " code { "none" }
                        " the rules did not change."
                    }
                }
            }
        }
    }
}

fn curves(view: &View) -> Markup {
    let all = view.curves();
    let arms = unique(all.iter().flat_map(|c| &c.rows).map(|r| r.arm.as_str()));
    html! {
        section #curves {
            h2 { "More search: what it does, and what it believes" }
            @if all.is_empty() {
                p.soft { "This run has no playout curve." }
            } @else {
                p {
                    "The dashed line is the arm's own estimate of its expected score, the solid line what it scored. \
                        At equal playouts the opponent improves as well: a falling line is a growing relative deficit, \
                        and by itself no over-optimization. Only a line that falls against a fixed opponent, while \
                        the dashed one rises, would be that."
                }
                p.legend {
                    @for arm in &arms { (figures::key(arm, &format!("{arm}: true score, 95% interval"))) " " }
                    (figures::dashed_key("its own estimate"))
                }
            }
            @for shift in unique(all.iter().map(|c| c.shift)) {
                h3 { @match view.anchor(shift) { Some(anchor) => a href=(format!("#{anchor}")) { (shift) }, None => (shift) } }
                div.panels { @for curve in all.iter().filter(|c| c.shift == shift) { (panel(curve)) } }
            }
        }
    }
}

fn panel(curve: &Curve) -> Markup {
    let (rows, rival) = (&curve.rows, curve.rival());
    html! {
        figure {
            p.panel-title { "against " b { (rival) } }
            (figures::curves(&format!("{}: score against {rival} over playouts", curve.shift), rows))
            figcaption {
                @for arm in unique(rows.iter().map(|r| r.arm.as_str())) {
                    @if let [first, .., last] = figures::points(rows, arm)[..] {
                        span.line-change { (arm) ", " (first.0) " to " (last.0) " \
                            playouts: " (change(first.1, last.1)) }
                    }
                }
            }
        }
    }
}

fn attributions(view: &View) -> Markup {
    let all = attribution::collect(view);
    html! {
        section #attribution {
            h2 { "Rules × evaluator: which half was stale" }
            @if all.is_empty() {
                p.soft { "This run has no rules × evaluator experiment." }
            } @else {
                p {
                    "Four agents against the same opponent, " code { "reselected" } " with true rules. The cell in \
                        which both halves are new is that opponent itself: 50% by construction. Effects are what is \
                        gained by correcting one half while the other is right; the interaction is 0 if the two costs \
                        add up."
                }
                div.attributions { @for a in &all { (attribution::markup(a, view.anchor(a.shift))) } }
            }
        }
    }
}

/// Heads of the numeric columns of [`cells_table`].
const NUMBERS: [&str; 12] = [
    "playouts",
    "score",
    "95% interval",
    "SE",
    "Elo",
    "Elo interval",
    "estimate",
    "Brier",
    "sure and lost",
    "illegal / game",
    "pairs",
    "seeds",
];

/// A table of cells; `full` has the shift's name in every line and a caption.
pub fn cells_table(rows: &[&SummaryRow], full: bool) -> Markup {
    html! {
        div.scroll.tall[full] tabindex="0" role="region" aria-label=(if full { "All cells" } else { "Cells of this \
            shift" }) {
            table {
                caption { "Scores of the arm, in %; Elo is of the score; estimate is the arm's own, Brier \
                    its mean squared error, sure and lost the share of its estimates above 90% that stood in lost games" }
                thead {
                    tr {
                        th scope="col" { "experiment" }
                        @if full { th scope="col" { "shift" } }
                        @for name in ["arm", "opponent"] { th scope="col" { (name) } }
                        @for name in NUMBERS { th.n scope="col" { (name) } }
                    }
                }
                tbody { @for row in rows { (line(row, full)) } }
            }
        }
    }
}

fn line(row: &SummaryRow, full: bool) -> Markup {
    let class = Cell::new(row).map_or("", |c| c.verdict().class());
    html! {
        tr {
            td { (row.experiment) }
            @if full { td { (row.shift) } }
            td { (row.arm) } td { (row.opponent) }
            td.n { (row.playouts) @if row.games > 0 { ", " (row.games) " games" } @if row.opponent_playouts != row.playouts { " v " (row.opponent_playouts) } }
            td.n { span.verdict.(class) { (percent(row.score)) } }
            td.n { (interval(row.score_low, row.score_high)) }
            td.n { (percent(row.se)) }
            td.n { (elo(row.elo, row.score)) }
            td.n { (elo(row.elo_low, row.score_low)) " to " (elo(row.elo_high, row.score_high)) }
            td.n { (row.confidence.map_or("–".into(), percent)) }
            td.n { (row.error.map_or("–".into(), |e| format!("{e:.3}"))) }
            td.n { (row.confident_wrong.map_or("–".into(), percent)) }
            td.n { @if row.illegal_per_game.is_finite() { (format!("{:.2}", row.illegal_per_game)) } @else { "n/a" } }
            td.n { (row.pairs) }
            td.n { (row.seeds) }
        }
    }
}

/// Elo of a score, which has none at 0 and 1 but a direction.
fn elo(elo: Option<f64>, score: f64) -> String {
    match elo.filter(|e| e.is_finite()) {
        Some(elo) => signed(format!("{elo:+.0}")),
        None if score <= 0.0 => "−∞".into(),
        None if score >= 1.0 => "+∞".into(),
        None => "n/a".into(),
    }
}
