//! The page: what was claimed and found, every shift, the suite's own headings, then the numbers behind.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::figures::board;
use crate::sections::{overview, parts, reproduce};
use crate::view::View;

/// Nothing may be fetched, whatever a stranger's text contains.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// A document around a body; `data` are the elements that the script reads.
pub fn document(title: &str, body: &Markup, data: &Markup) -> Markup {
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
                (body)
                (data)
                script { (PreEscaped(include_str!("replay.js"))) }
            }
        }
    }
}

pub fn page(view: &View) -> Markup {
    let run = &view.summary.run;
    let title = format!("Regime-change stress test: {}", run.suite);
    let parts = parts(view);
    let body = html! {
        header.top {
            p.kicker { "Interregnum · regime-change stress test" }
            h1 { @if run.title.is_empty() { (title) } @else { (run.title.trim_end_matches('.')) } }
            (overview::lede(view))
            nav aria-label="Sections" { @for part in parts.iter().filter(|part| part.is_shown()) { (part.link()) " " } }
        }
        main {
            (overview::alarms(view))
            (overview::minutes(view, &parts))
            @for part in &parts { (part.markup()) }
        }
    };
    document(&title, &body, &reproduce::data(view))
}
