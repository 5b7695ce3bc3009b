//! Comma-separated values.

use regime::analysis::SummaryRow;

/// Columns are named as in `summary.json`.
const HEADER: &str = "experiment,shift,agent,opponent,playouts,opponent_playouts,point,score,se,score_low,score_high,elo,elo_low,elo_high,\
                      pairs,seeds,rivals,old_score,both,new_alone,old_alone,neither,confidence,error,confident_wrong,material,\
                      illegal_per_game\n";

pub fn csv(rows: &[SummaryRow]) -> String {
    let mut out = String::from(HEADER);
    for row in rows {
        let names = [&row.experiment, &row.shift, &row.agent, &row.opponent].map(|name| quoted(name));
        let budgets = [row.playouts, row.opponent_playouts, row.point];
        let scores = [
            Some(row.score),
            Some(row.se),
            Some(row.score_low),
            Some(row.score_high),
            row.elo,
            row.elo_low,
            row.elo_high,
        ];
        let units = [row.pairs, row.seeds, row.rivals];
        let own = [row.confidence, row.error, row.confident_wrong, Some(row.material), Some(row.illegal_per_game)];
        let whole = |numbers: &[u32]| numbers.iter().map(u32::to_string).collect::<Vec<_>>();
        let fields = [
            names.to_vec(),
            whole(&budgets),
            scores.map(number).to_vec(),
            whole(&units),
            vec![number(row.old_score)],
            whole(&row.quadrants),
            own.map(number).to_vec(),
        ];
        out.push_str(&fields.concat().join(","));
        out.push('\n');
    }
    out
}

/// The shortest decimal that reads back as the same number.
fn number(x: Option<f64>) -> String {
    x.filter(|x| x.is_finite()).map(|x| x.to_string()).unwrap_or_default()
}

/// A name as a field: what a terminal acts on is escaped, and a spreadsheet takes no name for a formula, since one that begins like a formula gets an
/// apostrophe in front.
fn quoted(text: &str) -> String {
    let text = files::printable(text);
    let formula = text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let text = if formula { format!("'{text}") } else { text.into_owned() };
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}
