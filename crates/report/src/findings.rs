//! Sentences of findings, written from the intervals alone. Harm, help and neither are told in the same words and in
//! the same size, and whatever was not measured is named.

use maud::{Markup, html};

use crate::attribution;
use crate::figures::points as curve_points;
use crate::view::{Cell, Verdict, View, Z95, arm, count, interval, percent, points, unique};

/// A heading and its sentences.
pub struct Finding {
    pub heading: &'static str,
    pub text: Markup,
}

/// All findings that the summary supports.
pub fn findings(view: &View) -> Vec<Finding> {
    let mut all = vec![
        Finding {
            heading: "Against knowing nothing",
            text: against(view, arm::ZERO, "Below 50% the inherited evaluator is worse than no knowledge at all."),
        },
        Finding {
            heading: "Against a reselected rival",
            text: against(
                view,
                arm::RESELECTED,
                "Below 50% is the relative deficit: what inheriting costs, compared with selecting again under the \
                    new rules.",
            ),
        },
    ];
    let optional = [
        ("Stale rules in the search", stale(view)),
        ("Its own confidence", confidence(view)),
        ("More search", search(view)),
        ("Rules or evaluator", halves(view)),
    ];
    all.extend(optional.into_iter().filter_map(|(heading, text)| Some(Finding { heading, text: text? })));
    all.push(Finding { heading: "Controls", text: controls(view) });
    all
}

/// Names of exact nulls that did not hold.
pub fn broken_nulls<'a>(view: &View<'a>) -> Vec<&'a str> {
    view.summary.exact_nulls.iter().filter(|(_, held)| !held).map(|(name, _)| name.as_str()).collect()
}

fn shift(view: &View, name: &str) -> Markup {
    html! { @match view.anchor(name) { Some(anchor) => a href=(format!("#{anchor}")) { (name) }, None => (name) } }
}

fn measured(view: &View, name: &str, cell: Cell) -> Markup {
    html! { (shift(view, name)) " " (percent(cell.score)) "% (" (interval(cell.low, cell.high)) ")" }
}

fn list(items: &[Markup]) -> Markup {
    html! { @for (i, item) in items.iter().enumerate() { @if i > 0 { ", " } (item) } }
}

/// `: a, b, c`, or nothing.
fn after_colon(items: &[Markup]) -> Markup {
    html! { @if !items.is_empty() { ": " (list(items)) } }
}

fn against(view: &View, opponent: &str, meaning: &str) -> Markup {
    let changes = view.changes();
    let cells: Vec<(&str, Cell)> =
        changes.iter().filter_map(|n| Some((*n, view.headline(n, arm::FROZEN, opponent)?))).collect();
    let missing: Vec<Markup> =
        changes.iter().filter(|n| view.headline(n, arm::FROZEN, opponent).is_none()).map(|n| shift(view, n)).collect();
    if cells.is_empty() {
        return html! { "Not measured: there is no cell of " code { "frozen" } " against " code { (opponent) } " on \
        any changed rules." };
    }
    let of = |verdict: Verdict| -> Vec<(&str, Cell)> {
        let mut some: Vec<_> = cells.iter().copied().filter(|(_, c)| c.verdict() == verdict).collect();
        some.sort_by(|a, b| a.1.score.total_cmp(&b.1.score));
        some
    };
    html! {
        p { (meaning) " Of " (count(cells.len(), "rule change", "rule changes")) ", inheritance was" }
        ul {
            @for verdict in [Verdict::Harmful, Verdict::Helpful, Verdict::Even] {
                @let group = of(verdict);
                li {
                    b.verdict.(verdict.class()) { (verdict.word()) } " in " b { (group.len()) }
                    (after_colon(&group.iter().map(|(n, c)| measured(view, n, *c)).collect::<Vec<_>>()))
                }
            }
            @if !missing.is_empty() { li { b { "not measured" } " in " b { (missing.len()) } ": " (list(&missing)) } }
        }
    }
}

/// A difference of two cells and whether its 95% interval lies below, above or around 0.
fn difference(a: Cell, b: Cell) -> (f64, f64, std::cmp::Ordering) {
    let (d, error) = (a.score - b.score, a.error.hypot(b.error));
    let order = if d.abs() > Z95 * error { d.total_cmp(&0.0) } else { std::cmp::Ordering::Equal };
    (d, error, order)
}

fn stale(view: &View) -> Option<Markup> {
    let rows: Vec<_> = view
        .changes()
        .into_iter()
        .filter_map(|n| {
            let stale = view.headline(n, arm::STALE, arm::RESELECTED)?;
            let frozen = view.headline(n, arm::FROZEN, arm::RESELECTED)?;
            Some((n, difference(stale, frozen)))
        })
        .collect();
    let of = |order| -> Vec<Markup> {
        let group = rows.iter().filter(|(_, d)| d.2 == order);
        group
            .map(|(n, (d, error, _))| html! { (shift(view, n)) " " (points(*d)) " ± " (percent(Z95 * error)) })
            .collect()
    };
    (!rows.is_empty()).then(|| {
        use std::cmp::Ordering::{Equal, Greater, Less};
        html! {
            p { "Against the same reselected rival, searching under the old rules as well moves the score, in points \
                (± 95%):" }
            ul {
                @for (order, word) in [(Less, "down"), (Greater, "up"), (Equal, "not distinguishably")] {
                    @let group = of(order);
                    li { (word) " in " b { (group.len()) } (after_colon(&group)) }
                }
            }
        }
    })
}

fn confidence(view: &View) -> Option<Markup> {
    let gap = |n: &str| {
        let cell = view.headline(n, arm::FROZEN, arm::RESELECTED)?;
        Some((cell, cell.confidence?))
    };
    let mut rows: Vec<(&str, Cell, f64)> =
        view.changes().into_iter().filter_map(|n| gap(n).map(|(cell, own)| (n, cell, own))).collect();
    rows.sort_by(|a, b| (b.2 - b.1.score).total_cmp(&(a.2 - a.1.score)));
    let text = |n: &str, cell: &Cell, own: f64| {
        html! { (shift(view, n)) " " (percent(own)) "% believed, " (percent(cell.score)) "% scored" }
    };
    let of = |belongs: fn(&Cell, f64) -> bool| -> Vec<Markup> {
        rows.iter().filter(|(_, c, own)| belongs(c, *own)).map(|(n, c, own)| text(n, c, *own)).collect()
    };
    let above = of(|c, own| own > c.high);
    let below = of(|c, own| own < c.low);
    let inside = of(|c, own| (c.low..=c.high).contains(&own));
    (!rows.is_empty()).then(|| {
        html! {
            p {
                "Against the reselected rival, the frozen side's mean estimate of its own expected score lies, \
                    compared with the interval of its true score,"
            }
            ul {
                li { "above it (overconfident) in " b { (above.len()) } (after_colon(&above)) }
                li { "below it in " b { (below.len()) } (after_colon(&below)) }
                li { "inside it in " b { (inside.len()) } (after_colon(&inside)) }
                @if let Some((cell, own)) = gap("none") {
                    li { "on unchanged rules: " (percent(own)) "% believed, " (percent(cell.score)) "% scored" }
                }
            }
        }
    })
}

fn search(view: &View) -> Option<Markup> {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let mut curves = Vec::new();
    for curve in view.curves() {
        for who in unique(curve.rows.iter().map(|r| r.arm.as_str())) {
            if let [first, .., last] = curve_points(&curve.rows, who)[..] {
                let text = html! {
                    (who) " against " (curve.rival()) " in " (shift(view, curve.shift)) " " (change(first.1, last.1))
                };
                curves.push((difference(last.1, first.1).2, text));
            }
        }
    }
    let of = |order| -> Vec<Markup> { curves.iter().filter(|(o, _)| *o == order).map(|(_, t)| t.clone()).collect() };
    (!curves.is_empty()).then(|| {
        html! {
            p {
                "Of " (count(curves.len(), "playout curve", "playout curves")) ", from the smallest to the largest \
                    budget the score"
            }
            ul {
                @for (order, word) in [(Less, "fell"), (Greater, "rose"), (Equal, "did not change distinguishably")] {
                    @let group = of(order);
                    li { (word) " in " b { (group.len()) } (after_colon(&group)) }
                }
            }
            p { "Where both sides get the same budget, a fall is not yet over-optimization: \
                see " a href="#methods" { "Methods" } "." }
        }
    })
}

/// First and last score of a curve, with the change: `37.0 → 6.1%`.
pub fn change(first: Cell, last: Cell) -> String {
    let mut text = format!("{} → {}%", percent(first.score), percent(last.score));
    if let (Some(a), Some(b)) = (first.confidence, last.confidence) {
        text.push_str(&format!(" (own estimate {} → {}%)", percent(a), percent(b)));
    }
    text
}

fn halves(view: &View) -> Option<Markup> {
    use std::cmp::Ordering;
    let all = attribution::collect(view);
    let of = |order: Ordering| -> Vec<Markup> {
        let group = all.iter().filter(|a| !view.is_control(a.shift)).filter_map(|a| {
            let (d, error) = a.contrast()?;
            let side = if d.abs() > Z95 * error { d.total_cmp(&0.0) } else { Ordering::Equal };
            (side == order)
                .then(|| html! { (shift(view, a.shift)) " " (percent(d.abs())) " ± " (percent(Z95 * error)) })
        });
        group.collect()
    };
    let (evaluator, rules, neither) = (of(Ordering::Greater), of(Ordering::Less), of(Ordering::Equal));
    (!(evaluator.is_empty() && rules.is_empty() && neither.is_empty())).then(|| {
        html! {
            p { "Which half costs more against the reselected rival, and by how many points (± 95%):" }
            ul {
                li { "the stale evaluator in " b { (evaluator.len()) } (after_colon(&evaluator)) }
                li { "stale rules in the search in " b { (rules.len()) } (after_colon(&rules)) }
                li { "not distinguishable in " b { (neither.len()) } (after_colon(&neither)) }
            }
        }
    })
}

fn controls(view: &View) -> Markup {
    let nulls = &view.summary.exact_nulls;
    let broken = broken_nulls(view);
    let held: Vec<Markup> = nulls.iter().filter(|(_, held)| *held).map(|(n, _)| shift(view, n)).collect();
    let unchecked: Vec<Markup> = view
        .summary
        .shifts
        .iter()
        .filter(|s| s.relabelled && !nulls.iter().any(|(n, _)| *n == s.name))
        .map(|s| shift(view, &s.name))
        .collect();
    let placebos: Vec<(&str, Cell)> = view
        .names()
        .into_iter()
        .filter(|n| view.is_control(n))
        .filter_map(|n| Some((n, view.headline(n, arm::FROZEN, arm::RESELECTED)?)))
        .collect();
    let (even, off): (Vec<_>, Vec<_>) = placebos.into_iter().partition(|(_, c)| c.verdict() == Verdict::Even);
    let texts = |cells: &[(&str, Cell)]| cells.iter().map(|(n, c)| measured(view, n, *c)).collect::<Vec<_>>();
    html! {
        @if !broken.is_empty() {
            @let broken: Vec<Markup> = broken.iter().map(|n| shift(view, n)).collect();
            b.verdict.harmful { "Exact null failed: " (list(&broken)) }
            " did not repeat " code { "none" } " exactly. The harness has a fault, and no number on this page can be \
                relied on. "
        }
        @if nulls.is_empty() {
            "No exact null was checked in this run, so the harness itself is untested here. "
        } @else if !held.is_empty() {
            "Exact nulls that repeated " code { "none" } " exactly, pair by pair: " (list(&held)) ". "
        }
        @if !unchecked.is_empty() { "Relabelled but not checked: " (list(&unchecked)) ". " }
        @if !even.is_empty() { "Control intervals against the reselected rival that contain 50%, as they \
            should: " (list(&texts(&even))) ". " }
        @if !off.is_empty() {
            "Controls whose interval misses 50%: " (list(&texts(&off)))
            ": differences of this size arise between independently selected evaluators without any change of the \
                rules. "
        }
        @if even.is_empty() && off.is_empty() { "No control was played against a reselected rival, so this page does \
            not show how much two independent selections differ." }
    }
}
