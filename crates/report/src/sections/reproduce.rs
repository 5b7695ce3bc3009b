//! How to get the numbers again, and the data behind the page.

use maud::{Markup, PreEscaped, html};

use crate::export;
use crate::view::View;

pub fn reproduce(view: &View) -> Markup {
    let run = &view.summary.run;
    html! {
        p { "Equal inputs and seeds give equal bytes, whatever the number of threads. This command began the run; begun again it \
            plays the same games:" }
        pre { code { (run.command) } }
        p { "Verdicts are a pure function of the rows in the run's directory: " code { "interregnum report DIR" } " finds them again \
            without weight files and without playing." }
        dl.facts {
            dt { "suite" } dd { (run.suite) }
            dt { "variant" } dd { (run.variant) }
            dt { "identity" } dd { code { (run.identity) } span.soft { " over suite, rules, weights, engines and signature" } }
            dt { "signature" } dd { code { (run.signature) } span.soft { " of the program's behaviour: " code { "interregnum bench --signature" } } }
            dt { "version" } dd { (run.version) }
            @if !run.claims.is_empty() { dt { "claims, SHA-256" } dd { code { (run.claims) } } }
        }
        div.scroll.tall tabindex="0" role="region" aria-label="Weights" {
            table {
                caption { "Weight files" }
                thead { tr {
                    th scope="col" { "file" } th scope="col" { "hash" } th scope="col" { "selected under" }
                    th.n scope="col" { "card format" } th scope="col" { "command" }
                } }
                tbody { @for file in &run.weights { tr {
                    td { code { (file.file) } } td { code { (file.hash) } } td { (file.variant) }
                    td.n { (file.format) } td.text { code { (file.command) } }
                } } }
            }
        }
        @if run.weights.is_empty() { p.soft { "The run uses no weight file." } }
        @if !run.engines.is_empty() {
            div.scroll tabindex="0" role="region" aria-label="Engines" {
                table {
                    caption { "External engines" }
                    thead { tr { th scope="col" { "agent" } th scope="col" { "what it says that it is" } } }
                    tbody { @for (agent, id) in &run.engines { tr { td { (agent) } td.text { (id) } } } }
                }
            }
        }
        div.scroll.tall tabindex="0" role="region" aria-label="Rules" {
            table {
                caption { "Rules" }
                thead { tr { th scope="col" { "shift" } th scope="col" { "hash" } } }
                tbody { @for shift in &view.summary.shifts { tr { td { (shift.name) } td { code { (shift.rules) } } } } }
            }
        }
        p.downloads {
            button type="button" data-download="summary.json" data-source="summary-json" hidden { "Download JSON" }
            " "
            button type="button" data-download="rows.jsonl" data-source="summary-json" data-form="lines" hidden { "JSON Lines" }
            " "
            button type="button" data-download="summary.csv" data-source="summary-csv" hidden { "CSV" }
            " "
            button type="button" data-download="summary.parquet" data-source="summary-parquet" data-form="base64" hidden { "Parquet" }
        }
        p.soft { "Every number above is computed from the JSON embedded in this file; JSON Lines, CSV and Parquet hold its cells. One \
            row per pair of games is in " code { "results.jsonl" } " or " code { "results.parquet" } " beside it." }
    }
}

/// The data behind the page: JSON for the script and the downloads, CSV and Parquet for the downloads.
pub fn data(view: &View) -> Markup {
    let rows = &view.summary.rows;
    html! {
        script type="application/json" id="summary-json" { (PreEscaped(json(view.summary))) }
        pre id="summary-csv" hidden { (export::csv(rows)) }
        pre id="summary-parquet" hidden { (export::base64(&crate::parquet(rows))) }
    }
}

/// JSON that can stand in a `script` element: no character in it can end the element or the line.
pub fn json(data: &impl serde::Serialize) -> String {
    let text = serde_json::to_string(data).unwrap_or_else(|_| "null".into());
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => safe.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => safe.push(c),
        }
    }
    safe
}
