//! Comma-separated values.

use regime::results::SummaryRow;

const HEADER: &str = "experiment,shift,arm,opponent,playouts,opponent_playouts,score,se,score_low,score_high,elo,elo_low,elo_high,\
                      pairs,seeds,confidence,illegal_per_game,games,brier,confident_wrong,material\n";

pub fn csv(rows: &[SummaryRow]) -> String {
    let mut out = String::from(HEADER);
    for row in rows {
        let fields = [
            quoted(&row.experiment),
            quoted(&row.shift),
            quoted(&row.arm),
            quoted(&row.opponent),
            row.playouts.to_string(),
            row.opponent_playouts.to_string(),
            number(Some(row.score)),
            number(Some(row.se)),
            number(Some(row.score_low)),
            number(Some(row.score_high)),
            number(row.elo),
            number(row.elo_low),
            number(row.elo_high),
            row.pairs.to_string(),
            row.seeds.to_string(),
            number(row.confidence),
            number(Some(row.illegal_per_game)),
            row.games.to_string(),
            number(row.error),
            number(row.confident_wrong),
            number(Some(row.material)),
        ];
        out.push_str(&fields.join(","));
        out.push('\n');
    }
    out
}

/// The shortest decimal that reads back as the same number.
fn number(x: Option<f64>) -> String {
    x.filter(|x| x.is_finite()).map(|x| x.to_string()).unwrap_or_default()
}

fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
