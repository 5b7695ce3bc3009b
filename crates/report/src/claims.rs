//! Claims that were registered before the run, with what was found.

use maud::{Markup, html};
use regime::results::{Finding, Verdict};

use crate::view::{View, count, percent, points};

/// All verdicts, in the order in which they are counted.
const VERDICTS: [Verdict; 6] = [
    Verdict::Supported,
    Verdict::Opposite,
    Verdict::Equivalent,
    Verdict::Inconclusive,
    Verdict::Invalid,
    Verdict::NotMeasured,
];

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Supported => "helpful",
        Verdict::Opposite | Verdict::Invalid => "harmful",
        _ => "even",
    }
}

pub fn tag(verdict: Verdict) -> Markup {
    html! { span.verdict.(class(verdict)) { (verdict.word()) } }
}

pub fn p(p: f64) -> String {
    match p {
        p if p < 0.0005 => "< 0.001".into(),
        p if p.is_finite() => format!("{p:.3}"),
        _ => "n/a".into(),
    }
}

pub fn effect(value: Option<f64>, low: Option<f64>, high: Option<f64>) -> Markup {
    html! {
        @if let (Some(value), Some(low), Some(high)) = (value, low, high) {
            (points(value)) " (" (points(low)) " to " (points(high)) ")"
        } @else { "–" }
    }
}

/// How many claims came out how: `6 SUPPORTED, 2 OPPOSITE`.
pub fn tally(view: &View) -> Markup {
    let of = |verdict| view.summary.findings.iter().filter(|f| f.verdict == verdict).count();
    let counted: Vec<(Verdict, usize)> = VERDICTS.iter().map(|v| (*v, of(*v))).filter(|(_, n)| *n > 0).collect();
    html! {
        @for (i, (verdict, n)) in counted.iter().enumerate() { @if i > 0 { ", " } b { (n) } " " (tag(*verdict)) }
    }
}

/// The claims that a section is about, told before anything else in it; nothing if there are none.
pub fn belonging(view: &View, tests: &[&str]) -> Option<Markup> {
    let own: Vec<&Finding> = view.summary.findings.iter().filter(|f| tests.contains(&f.test.as_str())).collect();
    (!own.is_empty()).then(|| {
        html! {
            ul.verdicts { @for f in own { li {
                (tag(f.verdict)) " " b { (f.id) } " " (f.claim)
                @if let Some(shift) = &f.shift { span.soft { " (" (shift) ")" } }
                span.effect {
                    @if f.effect.is_some() { "effect " (effect(f.effect, f.low, f.high)) " points, p " (p(f.adjusted)) ", " }
                    (count(f.seeds as usize, "seed", "seeds"))
                    @if f.exploratory { ", exploratory" }
                    @match (f.verdict, f.visible) {
                        // All effects alike: the yardstick stood still, most likely at its end.
                        (Verdict::Inconclusive, Some(visible)) if visible == 0.0 => "; nothing moved, so nothing could have been seen",
                        (Verdict::Inconclusive, Some(visible)) => { "; an effect of " (percent(visible)) " points would have been seen" },
                        _ => {},
                    }
                }
            } } }
        }
    })
}

/// The registered claims, the essay's words beside them.
pub fn claims(view: &View) -> Option<Markup> {
    let summary = view.summary;
    (!summary.findings.is_empty()).then(|| {
        html! {
            p {
                "Written before the run, tested over independently selected evaluators. Effects are in percentage points of \
                    score, positive where the claim is right; 2.9 points are 20 Elo, the smallest effect of interest. p is \
                    that of an exact sign-flip test, adjusted by Holm; claims marked E are exploratory and not adjusted."
            }
            div.scroll tabindex="0" role="region" aria-label="Claims" {
                table.words {
                    thead { tr {
                        th scope="col" { "" } th scope="col" { "found" } th scope="col" { "the essay" } th scope="col" { "claim" }
                        th.n scope="col" { "effect (95% interval)" } th.n scope="col" { "p" } th.n scope="col" { "seeds" }
                        th.n scope="col" { "visible" }
                    } }
                    tbody { @for f in &summary.findings { tr {
                        th scope="row" { (f.id) }
                        td { (tag(f.verdict)) } td.prose { (f.essay) } td.prose { (f.claim) }
                        td.n { (effect(f.effect, f.low, f.high)) }
                        td.n { (p(f.adjusted)) } td.n { (f.seeds) }
                        td.n { (f.visible.map_or("–".into(), percent)) }
                    } } }
                }
            }
            p.soft { "Hypotheses, SHA-256: " code { (summary.hypotheses) } ". \"Visible\" is the effect that this spread \
                between seeds would have shown with a power of 80%." }
        }
    })
}
