//! Results of a stress run as a page, a table and a spreadsheet; a training run as a page.
//!
//! Everything is drawn from [`regime::results::Summary`] alone. Names, hypotheses and rule edits come from strangers'
//! suite files: they are escaped, and odd data (no rows, NaN, unknown arms, FENs that do not parse) leaves things out,
//! visibly, but never panics.

#![forbid(unsafe_code)]

mod attribution;
mod board;
mod csv;
mod figures;
mod findings;
mod game;
mod markdown;
mod methods;
mod page;
mod shifts;
mod table;
mod training;
mod verdicts;
mod view;

pub use markdown::markdown;
use regime::results::Summary;
pub use training::{Training, training_html};

/// One self-contained HTML document: style, script, figures and data inside, nothing fetched (its content security
/// policy forbids it). Readable without script, in print, in dark mode and on a narrow screen.
#[must_use]
pub fn html(summary: &Summary) -> String {
    page::page(&view::View::new(summary)).into_string()
}

/// The plain-text table of the headline comparisons, ending in a newline: one line per shift in suite order, one column
/// per comparison that has any cell, scores in % with ± half the width of the 95% interval, `n/a` where there is no cell.
/// A last line tells whether the exact nulls held. Control characters in names are replaced, so that the text is safe
/// to print on a terminal.
#[must_use]
pub fn table(summary: &Summary) -> String {
    table::table(&view::View::new(summary))
}

/// All rows of the summary as comma-separated values (RFC 4180 quoting, lines ended by `\n`, a header line): scores as
/// fractions of 1, empty fields for what is absent or not a number.
#[must_use]
pub fn csv(summary: &Summary) -> String {
    csv::csv(&summary.rows)
}
