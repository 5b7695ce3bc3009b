#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod export;
mod figures;
mod page;
mod picture;
mod sections;
mod style;
mod text;
mod training;
mod verdict;
mod view;

use regime::analysis::{Summary, SummaryRow};

pub use picture::{board_svg, piece_symbols};
pub use training::{FirstMove, Rung, Training, elo_ladder, training_html};

/// One self-contained HTML document: style, script, figures and data inside, nothing fetched (its content security
/// policy forbids it). Characters that cannot be seen are written out. Readable without script, in print, in dark mode and on a narrow screen.
#[must_use]
pub fn html(summary: &Summary) -> String {
    text::seen(page::page(&view::View::new(summary)).into_string())
}

/// The plain-text table of the first experiment of the first heading at its first number of playouts, ending in a newline: one line per
/// shift in suite order, one column per match in the order of the rows, scores in % with ± half the width of the 95% interval, `n/a` where
/// there is no cell. Last lines tell whether the exact nulls held. Control characters in names are replaced, so that the text is safe to
/// print on a terminal.
#[must_use]
pub fn table(summary: &Summary) -> String {
    export::table(&view::View::new(summary))
}

/// Two Markdown tables: of all claims in the suite's order, and of all shifts by falling cost, those without one last. Text from the summary
/// stays in its cell and is no markup.
#[must_use]
pub fn markdown(summary: &Summary) -> String {
    export::markdown(summary)
}

/// All rows of the summary as comma-separated values (RFC 4180 quoting, lines ended by `\n`, a header line): scores as
/// fractions of 1, empty fields for what is absent or not a number. A name that a spreadsheet would take for a formula has an apostrophe in front. Columns have the names of the fields of [`SummaryRow`]; its quadrants are
/// `both`, `new_alone`, `old_alone` and `neither`; lists are left to [`parquet`].
#[must_use]
pub fn csv(summary: &Summary) -> String {
    export::csv(&summary.rows)
}

/// The rows of a summary as the bytes of a Parquet file (Snappy), one column per field of [`SummaryRow`] in its order and by its
/// name: names as UTF-8, counts as INT64, scores and their like as DOUBLE, null where the field is `None`; `seed_scores` is a list of
/// DOUBLE; quadrants are the columns `both`, `new_alone`, `old_alone` and `neither`; endings are the lists `endings` (UTF-8) and
/// `ending_games` (INT64). Equal rows give equal bytes.
///
/// # Panics
/// Never for rows that fit into memory: nothing is written but to memory.
#[must_use]
pub fn parquet(rows: &[SummaryRow]) -> Vec<u8> {
    export::cells(rows).expect("the schema is valid and memory can be written to")
}
