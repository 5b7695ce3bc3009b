//! What the page is about, and all of it in a few lines: counts of verdicts, never one result.

use maud::{Markup, html};

use super::{Part, tally};
use crate::text::{count, list};
use crate::view::{View, unique};

/// What was done, in two sentences and a line of numbers.
pub fn lede(view: &View) -> Markup {
    let run = &view.summary.run;
    let rows = view.summary.rows.len();
    html! {
        p.lede {
            "Evaluators "
            @if !run.variant.is_empty() { "for " b { (run.variant) } " (" (run.board.0) "×" (run.board.1) ") " }
            "were selected by self-play and frozen; then the rules, or what an ending is worth, were changed. Below stands what every \
                agent then scored, and what that says to the claims that were written down before. 50% is equal strength."
        }
        p.facts-line {
            span { b { (run.pairs) } " pairs of games" }
            span { b { (run.evaluators) } " inherited evaluators" }
            span { b { (view.names().len()) } " shifts" }
            span { b { (rows) } (if rows == 1 { " cell" } else { " cells" }) }
            span { b { (view.summary.probes.len()) } " cells of questions" }
            span { b { (view.summary.findings.len()) } " claims" }
        }
    }
}

/// Names of exact nulls that did not hold.
fn broken<'a>(view: &View<'a>) -> Vec<&'a str> {
    view.summary.exact_nulls.iter().filter(|null| null.held == Some(false)).map(|null| null.shift.as_str()).collect()
}

/// What must be known before any number is read.
pub fn alarms(view: &View) -> Markup {
    let broken = broken(view);
    let run = &view.summary.run;
    html! {
        @if !broken.is_empty() {
            div.alarm role="alert" {
                b { "Invalid: an exact null failed." }
                " " (broken.join(", ")) " should have repeated the games of the unchanged rules exactly and did not. Find the fault \
                    before reading any number below."
            }
        }
        @if !run.finished {
            div.notice role="note" {
                b { "Not finished." }
                " Not every cell has been played and not every question asked: what stands below is what there is so far."
            }
        }
    }
}

/// The whole page in a few lines, and what it does not hold.
pub fn minutes(view: &View, parts: &[Part]) -> Markup {
    let summary = view.summary;
    let missing: Vec<String> = parts.iter().filter(|p| !p.is_shown()).map(|p| p.heading().to_owned()).collect();
    let primary: Vec<&str> =
        summary.findings.iter().filter(|f| f.tier == "primary").map(|f| f.verdict.as_str()).collect();
    html! {
        section.minutes #minutes {
            h2 { "In two minutes" }
            ul {
                @if summary.findings.is_empty() {
                    li { "No claim was registered." }
                } @else {
                    li {
                        (count(summary.findings.len(), "claim was", "claims were")) " registered before the run: "
                        (tally(summary.findings.iter().map(|f| f.verdict.as_str()))) "."
                        @if !primary.is_empty() && primary.len() < summary.findings.len() {
                            " Of these " (count(primary.len(), "is primary", "are primary")) ": " (tally(primary.into_iter())) "."
                        }
                    }
                }
                (grid(view))
                (nulls(view))
                @if !missing.is_empty() { li { "Not in this run: " (list(&missing)) "." } }
            }
        }
    }
}

fn grid(view: &View) -> Markup {
    let rows = &view.summary.grid;
    let of = |word: &str| rows.iter().filter(|row| row.agrees == word).count();
    let (yes, no) = (of("yes"), of("no"));
    let unmeasured = view.names().into_iter().filter(|name| view.grid(name).is_none()).count();
    html! {
        @if !rows.is_empty() {
            li {
                "Over " (count(rows.len(), "shift", "shifts"))
                @if !view.summary.run.grid.is_empty() { " (" (view.summary.run.grid) ")" }
                " it was found: " (tally(rows.iter().map(|row| row.found.as_str()))) ". As expected in " b { (yes) } ", not as expected in "
                b { (no) } ", open in " b { (rows.len() - yes - no) } "."
                @if unmeasured > 0 { " Not measured there: " (count(unmeasured, "shift", "shifts")) "." }
            }
        }
    }
}

fn nulls(view: &View) -> Markup {
    let nulls = &view.summary.exact_nulls;
    let checked = |name: &str| nulls.iter().any(|null| null.shift == name);
    let unchecked: Vec<&str> =
        unique(view.summary.shifts.iter().filter(|s| s.relabelled && !checked(&s.name)).map(|s| s.name.as_str()));
    html! {
        li {
            @if nulls.is_empty() {
                "No exact null was checked in this run, so the harness itself is untested here."
            } @else {
                "Exact nulls, which must repeat the games of the unchanged rules to the bit: "
                b { (nulls.iter().filter(|null| null.held == Some(true)).count()) } " of " (nulls.len()) " did"
                @for (i, null) in nulls.iter().enumerate() {
                    (if i == 0 { " (" } else { "; " })
                    (view.link(&null.shift)) ", " (count(null.pairs as usize, "pair", "pairs")) ": "
                    @match null.held {
                        Some(true) => { "held" }
                        Some(false) => { b { "FAILED" } }
                        None => { "not yet played" }
                    }
                }
                ")."
            }
            @if !unchecked.is_empty() {
                " Relabelled but not checked: "
                @for (i, name) in unchecked.iter().enumerate() { @if i > 0 { ", " } (view.link(name)) }
                "."
            }
        }
    }
}
