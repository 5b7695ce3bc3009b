//! Claims that were made before the run, with what was found.

mod figure;

use maud::{Markup, html};
use regime::analysis::Finding;

use super::{agrees, tag};
use crate::text::{self, Unit};
use crate::verdict::{self, effect, units};
use crate::view::View;

/// All claims, the essay's words beside them; none if there are none.
pub fn table(view: &View) -> Option<Markup> {
    let findings = &view.summary.findings;
    (!findings.is_empty()).then(|| {
        html! {
            p {
                "Three columns say three things: what the claim " b { "expected" } " of the effect's sign, what was " b { "found" }
                ", and whether the two " b { "agree" } ". Effects stand with their 95% interval in the unit that is named. p is adjusted \
                    over the primary claims (Holm) where it is called so. Claims that are described only have no verdict."
            }
            div.scroll tabindex="0" role="region" aria-label="Claims" {
                table.words {
                    thead { tr {
                        th scope="col" { "name" } th scope="col" { "the essay" } th scope="col" { "claim" }
                        th scope="col" { "expected" } th scope="col" { "found" } th scope="col" { "agrees" }
                        th scope="col" { "effect" } th scope="col" { "p" }
                    } }
                    tbody { @for (i, finding) in findings.iter().enumerate() { (row(i, finding)) } }
                }
            }
            @if !view.summary.run.claims.is_empty() {
                p.soft { "SHA-256 of all claims and of the shifts' hypotheses: " code { (view.summary.run.claims) } "." }
            }
        }
    })
}

fn row(i: usize, f: &Finding) -> Markup {
    let unit = Unit::of(&f.unit);
    html! {
        tr {
            th scope="row" {
                a href=(format!("#claim-{i}")) { (f.name) }
                br; span.soft { (f.tier) }
            }
            td.prose { (f.essay) } td.prose { (f.claim) }
            td { (f.expects) }
            td.prose { (tag(&verdict::of_claim(f))) }
            td { (agrees(&f.agrees)) }
            td.prose {
                (effect(f))
                span.soft { br; (f.estimator) br; "would show " (unit.size(f.detectable)) }
            }
            td.prose {
                (text::p(f.p)) br; "adjusted " b { (text::p(f.adjusted)) }
                span.soft {
                    br; "smallest " (text::p(f.smallest_p))
                    br; @if f.test.is_empty() { "over " (units(f)) } @else { (f.test) }
                }
            }
        }
    }
}

/// A card per claim with the figure of its estimator; none if there are no claims.
pub fn figures(view: &View) -> Option<Markup> {
    let findings = &view.summary.findings;
    (!findings.is_empty()).then(|| {
        html! {
            p { "The cells that each claim was made from, and the effect that its estimator makes of them. The shaded band is what the \
                design could not have shown with a power of 80%." }
            @for (i, finding) in findings.iter().enumerate() { (card(i, finding)) }
        }
    })
}

fn card(i: usize, f: &Finding) -> Markup {
    html! {
        article.card id=(format!("claim-{i}")) {
            header {
                h3 { (f.name) }
                span.badge { (f.tier) } span.badge { (f.estimator) }
                (tag(&verdict::of_claim(f)))
            }
            @if !f.essay.is_empty() { blockquote { (f.essay) } }
            p { (f.claim) }
            div.panels.large {
                @if let Some(figure) = figure::cells(f) { figure { (figure) figcaption { (figure::caption(f)) } } }
                div {
                    @if let Some(figure) = figure::effect(f) { figure { (figure) } }
                    (facts(f))
                }
            }
        }
    }
}

fn facts(f: &Finding) -> Markup {
    let unit = Unit::of(&f.unit);
    html! {
        dl.facts {
            dt { "expected" } dd { (f.expects) }
            dt { "agrees" } dd { (agrees(&f.agrees)) }
            dt { "effect" } dd { (effect(f)) }
            dt { "p" } dd { (text::p(f.p)) ", adjusted " (text::p(f.adjusted)) ", at the smallest " (text::p(f.smallest_p)) }
            @if !f.test.is_empty() { dt { "test" } dd { (f.test) } }
            dt { "over" } dd { (units(f)) }
            @if f.detectable.is_some() { dt { "would show" } dd { (unit.size(f.detectable)) " " (unit.name) } }
            @if let Some(less) = f.marks.iter().find(|mark| mark.name == "less").and_then(|mark| mark.y) {
                dt { "less" } dd { (text::number(less)) span.soft { ", a constant" } }
            }
            @if !f.note.is_empty() { dt { "note" } dd { (f.note) } }
        }
    }
}
