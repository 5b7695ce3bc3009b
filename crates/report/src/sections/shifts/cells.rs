//! All that is known of the cells of a shift.

use maud::{Markup, html};
use regime::analysis::SummaryRow;

use crate::text::{interval, percent, signed};
use crate::view::Score;

/// Heads of the columns of numbers.
const NUMBERS: [&str; 15] = [
    "playouts",
    "score",
    "95% interval",
    "SE",
    "Elo",
    "Elo interval",
    "old payoff",
    "estimate",
    "Brier",
    "sure and lost",
    "material",
    "illegal / game",
    "pairs",
    "evaluators",
    "rivals",
];

pub fn table(rows: &[&SummaryRow]) -> Markup {
    html! {
        div.scroll.tall tabindex="0" role="region" aria-label="Cells of this shift" {
            table {
                caption { "Scores of the agent, in %; Elo is of the score; old payoff is its score by what endings were worth before; estimate is \
                    the agent's own, Brier its mean squared error, sure and lost the share of its estimates above 90% that stood in lost games" }
                thead { tr {
                    @for name in ["experiment", "agent", "opponent"] { th scope="col" { (name) } }
                    @for name in NUMBERS { th.n scope="col" { (name) } }
                } }
                tbody { @for row in rows { (line(row)) } }
            }
        }
    }
}

fn line(row: &SummaryRow) -> Markup {
    let side = Score::new(row).map_or("", |score| score.side());
    let optional = |x: Option<f64>| x.map_or("–".into(), percent);
    html! {
        tr {
            td { (row.experiment) }
            td { (row.agent) @if row.point > 0 { ", " (row.point) } } td { (row.opponent) }
            td.n { (row.playouts) @if row.opponent_playouts != row.playouts { " v " (row.opponent_playouts) } }
            td.n { span.score.(side) { (percent(row.score)) } }
            td.n { (interval(row.score_low, row.score_high)) }
            td.n { (percent(row.se)) }
            td.n { (elo(row.elo, row.score)) }
            td.n { (elo(row.elo_low, row.score_low)) " to " (elo(row.elo_high, row.score_high)) }
            td.n { (optional(row.old_score)) }
            td.n { (optional(row.confidence)) }
            td.n { (row.error.filter(|e| e.is_finite()).map_or("–".into(), |e| format!("{e:.3}"))) }
            td.n { (optional(row.confident_wrong)) }
            td.n { (percent(row.material)) }
            td.n { @if row.illegal_per_game.is_finite() { (format!("{:.2}", row.illegal_per_game)) } @else { "n/a" } }
            td.n { (row.pairs) } td.n { (row.seeds) } td.n { (row.rivals) }
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
