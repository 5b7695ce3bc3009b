//! How to get the numbers again, and the data behind the page.

use maud::{Markup, PreEscaped, html};

use crate::columns::base64;
use crate::view::View;

pub fn reproduce(view: &View) -> Markup {
    let run = &view.summary.run;
    html! {
        p { "Equal inputs and seeds give equal bytes, whatever the number of threads. This command makes this \
            page again:" }
        pre { code { (run.command) } }
        dl.facts {
            dt { "suite" } dd { (run.suite) }
            dt { "variant" } dd { (run.variant) }
            dt { "version" } dd { (run.version) }
            dt { "configuration" } dd { code { (run.config) } }
            @if !view.summary.hypotheses.is_empty() { dt { "hypotheses, SHA-256" } dd { code { (view.summary.hypotheses) } } }
        }
        div.columns {
            div.scroll.tall tabindex="0" role="region" aria-label="Weights" {
                table {
                    caption { "Weights" }
                    thead { tr { th scope="col" { "file" } th scope="col" { "hash" } th scope="col" { "what it \
                        is" } } }
                    tbody {
                        @for (path, hash, what) in &run.models {
                            tr { td { code { (path) } } td { code { (hash) } } td.text { (what) } }
                        }
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
        p.soft { "Every number above is computed from the JSON embedded in this file; JSON Lines, CSV and Parquet hold its \
            cells. One line per game pair is in " code { "results.jsonl" } " beside it." }
    }
}

/// The data behind the page: JSON for the script and the downloads, CSV and Parquet for the downloads.
pub fn data(view: &View) -> Markup {
    let rows = &view.summary.rows;
    html! {
        script type="application/json" id="summary-json" { (PreEscaped(json(view.summary))) }
        pre id="summary-csv" hidden { (crate::csv::csv(rows)) }
        pre id="summary-parquet" hidden { (base64(&crate::parquet(rows))) }
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
