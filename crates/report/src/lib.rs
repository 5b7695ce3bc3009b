#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod agents;
mod attribution;
mod board;
mod cells;
mod claims;
mod columns;
mod control;
mod cost;
mod csv;
mod deployments;
mod dose;
mod experiments;
mod figures;
mod findings;
mod game;
mod markdown;
mod methods;
mod monitors;
mod page;
mod playouts;
mod probes;
mod reproduce;
mod rocket;
mod shifts;
mod size;
mod style;
mod table;
mod training;
mod updating;
mod view;

use std::borrow::Borrow;
use std::io::Write;

pub use markdown::markdown;
use regime::results::{PairRow, Summary, SummaryRow};
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

/// The rows of a summary as the bytes of a Parquet file (Snappy), one column per field of [`SummaryRow`] in its order and by its
/// name: names as UTF-8, counts as INT64, scores and their like as DOUBLE, null where the field is `None`; `seed_scores` is a list of
/// DOUBLE. Equal rows give equal bytes.
///
/// # Panics
/// Never for rows that fit into memory: nothing is written but to memory.
#[must_use]
pub fn parquet(rows: &[SummaryRow]) -> Vec<u8> {
    columns::cells(rows).expect("the schema is valid and memory can be written to")
}

/// Writes game pairs as a Parquet file (Snappy, row groups of 65,536) and gives `out` back. Columns are the fields of [`PairRow`] in
/// its order and by its names, typed as in [`parquet`], except that fields of two are two columns: `result_as_white`,
/// `result_as_black` (the arm's colour), `plies_as_white`, `plies_as_black`, `error_as_white`, `error_as_black`, `drift_as_white`,
/// `drift_as_black`; and `confident`, `confident_lost` (positions in which the arm gave itself more than 90%, and those of them in
/// games that it lost). `opening` is a list of UTF-8. Equal rows give equal bytes.
///
/// # Errors
/// If `out` cannot be written to.
pub fn pairs_parquet<W: Write + Send>(
    out: W,
    rows: impl IntoIterator<Item = impl Borrow<PairRow>>,
) -> std::io::Result<W> {
    columns::pairs(out, rows)
}
