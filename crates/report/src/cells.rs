//! Tables of cells.

use maud::{Markup, html};
use regime::results::SummaryRow;

use crate::view::{Cell, interval, percent, signed};

/// Heads of the numeric columns of [`cells_table`].
const NUMBERS: [&str; 12] = [
    "playouts",
    "score",
    "95% interval",
    "SE",
    "Elo",
    "Elo interval",
    "estimate",
    "Brier",
    "sure and lost",
    "illegal / game",
    "pairs",
    "seeds",
];

/// A table of cells; `full` has the shift's name in every line and a caption.
pub fn cells_table(rows: &[&SummaryRow], full: bool) -> Markup {
    html! {
        div.scroll.tall[full] tabindex="0" role="region" aria-label=(if full { "All cells" } else { "Cells of this \
            shift" }) {
            table {
                caption { "Scores of the arm, in %; Elo is of the score; estimate is the arm's own, Brier \
                    its mean squared error, sure and lost the share of its estimates above 90% that stood in lost games" }
                thead {
                    tr {
                        th scope="col" { "experiment" }
                        @if full { th scope="col" { "shift" } }
                        @for name in ["arm", "opponent"] { th scope="col" { (name) } }
                        @for name in NUMBERS { th.n scope="col" { (name) } }
                    }
                }
                tbody { @for row in rows { (line(row, full)) } }
            }
        }
    }
}

fn line(row: &SummaryRow, full: bool) -> Markup {
    let class = Cell::new(row).map_or("", |c| c.verdict().class());
    html! {
        tr {
            td { (row.experiment) }
            @if full { td { (row.shift) } }
            td { (row.arm) } td { (row.opponent) }
            td.n { (row.playouts) @if row.games > 0 { ", " (row.games) " games" } @if row.opponent_playouts != row.playouts { " v " (row.opponent_playouts) } }
            td.n { span.verdict.(class) { (percent(row.score)) } }
            td.n { (interval(row.score_low, row.score_high)) }
            td.n { (percent(row.se)) }
            td.n { (elo(row.elo, row.score)) }
            td.n { (elo(row.elo_low, row.score_low)) " to " (elo(row.elo_high, row.score_high)) }
            td.n { (row.confidence.map_or("–".into(), percent)) }
            td.n { (row.error.map_or("–".into(), |e| format!("{e:.3}"))) }
            td.n { (row.confident_wrong.map_or("–".into(), percent)) }
            td.n { @if row.illegal_per_game.is_finite() { (format!("{:.2}", row.illegal_per_game)) } @else { "n/a" } }
            td.n { (row.pairs) }
            td.n { (row.seeds) }
        }
    }
}

/// Elo of a score, which has none at 0 and 1 but a direction.
fn elo(elo: Option<f64>, score: f64) -> String {
    match elo.filter(|e| e.is_finite()) {
        Some(elo) => signed(format!("{elo:+.0}")),
        None if score <= 0.0 => "−∞".into(),
        None if score >= 1.0 => "+∞".into(),
        None => "n/a".into(),
    }
}
