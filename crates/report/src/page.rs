//! The page: what was found in two minutes, then every experiment with its verdicts, then the numbers behind.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::findings::{broken_nulls, findings};
use crate::view::{Verdict, View, arm, count};
use crate::{
    agents, attribution, board, cells, claims, control, cost, dose, experiments, figures, methods, monitors, playouts,
    reproduce, rocket, shifts, size, updating,
};

/// Nothing may be fetched, whatever a stranger's text contains.
pub const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// A part of the page that stands in the navigation.
struct Section {
    id: &'static str,
    nav: &'static str,
    heading: &'static str,
    /// Verdicts on the registered claims that it is about.
    verdicts: Option<Markup>,
    /// None if the run does not hold what it shows.
    body: Option<Markup>,
}

impl Section {
    fn plain(id: &'static str, nav: &'static str, heading: &'static str, body: Option<Markup>) -> Section {
        Section { id, nav, heading, verdicts: None, body }
    }

    fn is_shown(&self) -> bool {
        self.verdicts.is_some() || self.body.is_some()
    }

    fn markup(&self) -> Markup {
        html! {
            section id=(self.id) {
                h2 { (self.heading) }
                @if let Some(verdicts) = &self.verdicts { (verdicts) }
                @match &self.body {
                    Some(body) => (body),
                    None => p.soft { "This run does not hold what these claims are about." },
                }
            }
        }
    }
}

/// The experiments in the order of the story, each with the tests (of `regime`'s verdicts) that belong to it.
fn experiment_sections(view: &View) -> Vec<Section> {
    let section = |id, nav, heading, tests: &[&str], body| {
        let verdicts = claims::belonging(view, tests);
        Section { id, nav, heading, verdicts, body }
    };
    vec![
        section(
            "cost",
            "1 Cost",
            "1. Cost of inheritance",
            &["goal-loses-more-than-start", "goal-loses-more-at-equal-surprise", "worse-than-nothing"],
            cost::cost(view),
        ),
        section(
            "curves",
            "2 Over-optimization",
            "2. Over-optimization",
            &[
                "loss-not-monotone",
                "declines-with-search",
                "declines-with-stale-search",
                "selection-harms",
                "exact-regret-exceeds",
            ],
            playouts::over_optimization(view),
        ),
        section(
            "attribution",
            "3 Attribution",
            "3. Attribution: rules × evaluator, prior or value",
            &["rules-and-evaluator-interact"],
            attribution::attributions(view),
        ),
        section(
            "monitor",
            "4 Reconsidering",
            "4. Failing to reconsider",
            &["results-notice-sooner"],
            monitors::monitors(view),
        ),
        section("control", "5 Control", "5. Control against direct", &["control-loses-more"], control::control(view)),
        section(
            "updating",
            "6 Updating",
            "6. Updating after the fact",
            &["inheritance-slows-where-it-misleads", "redistribution-loses-less", "one-for-both-loses-in-both"],
            updating::updating(view),
        ),
        section(
            "agents",
            "7 Principal and agent",
            "7. Principal and agent",
            &["proxy-rises-gold-does-not", "seeing-rules-helps", "shared-validator-overstates"],
            agents::agents(view),
        ),
        section("size", "8 Size", "8. Size", &["wider-loses-more", "larger-base-foresees"], size::size(view)),
        section("rocket", "9 Rocket", "9. Outside chess: landing a rocket", &[], rocket::rocket(view)),
    ]
}

fn sections(view: &View) -> Vec<Section> {
    let plain = Section::plain;
    let rows = &view.summary.rows;
    let mut all = vec![
        plain("claims", "Claims", "What was claimed, what was found", claims::claims(view)),
        plain("headline", "Every shift", "Every shift, one figure", Some(headline(view))),
    ];
    all.extend(experiment_sections(view));
    all.extend([
        plain("dose", "Dose", "Dose", dose::dose(view)),
        plain("further", "Further", "Further experiments", experiments::further(view)),
        plain("findings", "In words", "The intervals in words", Some(in_words(view))),
        plain("shifts", "Shift by shift", "Shift by shift", Some(cards(view))),
        plain("cells", "All cells", "All cells", Some(cells::cells_table(&rows.iter().collect::<Vec<_>>(), true))),
        plain("methods", "Methods", "Methods", Some(methods::methods(view))),
        plain("reproduce", "Reproduce", "Reproduce and download", Some(reproduce::reproduce(view))),
    ]);
    all
}

pub fn page(view: &View) -> Markup {
    let run = &view.summary.run;
    let title = format!("Regime-change stress test: {}", run.suite);
    let sections = sections(view);
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
                    nav aria-label="Sections" { @for s in sections.iter().filter(|s| s.is_shown()) {
                        a href=(format!("#{}", s.id)) { (s.nav) } " "
                    } }
                }
                main {
                    (alarm(view))
                    (minutes(view, &sections))
                    @for section in sections.iter().filter(|s| s.is_shown()) { (section.markup()) }
                }
                (reproduce::data(view))
                script { (PreEscaped(include_str!("replay.js"))) }
            }
        }
    }
}

fn lede(view: &View) -> Markup {
    let run = &view.summary.run;
    html! {
        p.lede {
            "An evaluator for " b { (run.variant) } " (" (run.board.0) "×" (run.board.1) ") was selected by self-play and frozen; \
                then the rules were changed. The search that uses it is told the new rules, but what a position is worth it \
                learned under the old ones. What does such an inheritance cost, against " b { "zero" } ", the same search knowing \
                nothing, and against " b { "reselected" } ", the same search selected anew at equal cost? 50% is equal strength."
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

/// The whole page in three sentences, and what it does not hold.
fn minutes(view: &View, sections: &[Section]) -> Markup {
    let changes = view.changes();
    let of = |opponent| {
        let cells: Vec<Verdict> =
            changes.iter().filter_map(|n| Some(view.headline(n, arm::FROZEN, opponent)?.verdict())).collect();
        let n = |verdict| cells.iter().filter(|v| **v == verdict).count();
        (cells.len(), n(Verdict::Harmful), n(Verdict::Helpful), n(Verdict::Even))
    };
    let missing: Vec<&str> = sections.iter().filter(|s| s.body.is_none()).map(|s| s.nav).collect();
    let nulls = &view.summary.exact_nulls;
    html! {
        section.minutes #minutes {
            h2 { "In two minutes" }
            ul {
                @if !view.summary.findings.is_empty() { li {
                    (count(view.summary.findings.len(), "claim was", "claims were")) " registered before the run: " (claims::tally(view)) "."
                } }
                @for (opponent, words) in [(arm::RESELECTED, "an evaluator selected under the new rules"), (arm::ZERO, "knowing nothing")] {
                    @let (all, harm, help, even) = of(opponent);
                    @if all > 0 { li {
                        "Against " (words) ", over " (count(all, "change", "changes")) " of the rules, the inherited evaluator was "
                        span.verdict.harmful { "worse" } " in " b { (harm) } ", " span.verdict.helpful { "better" } " in " b { (help) } ", and "
                        span.verdict.even { "not distinguishable" } " in " b { (even) } "."
                    } }
                }
                @if !nulls.is_empty() { li {
                    "Exact nulls, which must repeat the games of " code { "none" } " to the bit: "
                    b { (nulls.iter().filter(|(_, held)| *held).count()) } " of " (nulls.len()) " did."
                } }
                @if !missing.is_empty() { li { "Not in this run: " (missing.join(", ")) "." } }
            }
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

fn in_words(view: &View) -> Markup {
    html! {
        dl.findings { @for finding in findings(view) { div { dt { (finding.heading) } dd { (finding.text) } } } }
        p.soft { "Written by rule from the 95% intervals in parentheses, which are in %." }
    }
}

fn cards(view: &View) -> Markup {
    html! {
        @if view.summary.shifts.is_empty() { p.soft { "The summary describes no shift." } }
        @for (i, shift) in view.summary.shifts.iter().enumerate() { (shifts::card(view, i, shift)) }
    }
}

fn headline(view: &View) -> Markup {
    html! {
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
