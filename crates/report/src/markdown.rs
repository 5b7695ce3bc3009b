//! What was claimed and found as Markdown tables, for a README.

use std::fmt::Write as _;

use regime::results::{Summary, Verdict};

use crate::view::{percent, points};

/// A stranger's text as one cell of a table: on one line, and neither a new cell nor markup.
fn cell(text: &str) -> String {
    let line = text.replace(['\n', '\r'], " ").replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;");
    files::printable(&line).into_owned()
}

/// A verdict, with what this spread of seeds would have shown where it settles nothing.
fn word(verdict: Verdict, visible: Option<f64>) -> String {
    match visible.filter(|v| verdict == Verdict::Inconclusive && *v > 0.0) {
        Some(visible) => format!("INCONCLUSIVE, {} would have shown", percent(visible)),
        None => verdict.word().to_owned(),
    }
}

/// A table of the registered claims, then one of every shift, the costliest inheritance first.
#[must_use]
pub fn markdown(summary: &Summary) -> String {
    let mut text = String::from(
        "| | the essay | claim | found | effect, points of score | p | seeds |\n| --- | --- | --- | --- | ---: | ---: | ---: |\n",
    );
    let p = |p: f64| if p < 0.0005 { "< .001".to_owned() } else { format!("{p:.3}") };
    for f in &summary.findings {
        let effect = match (f.effect, f.low, f.high) {
            (Some(effect), Some(low), Some(high)) => {
                format!("{} ({} to {})", points(effect), points(low), points(high))
            }
            _ => "–".to_owned(),
        };
        let (word, adjusted) = (word(f.verdict, f.visible), p(f.adjusted));
        let _ = writeln!(
            text,
            "| {} | {} | {} | {word} | {effect} | {adjusted} | {} |",
            cell(&f.id),
            cell(&f.essay),
            cell(&f.claim),
            f.seeds
        );
    }
    text += "\n| shift | family | found | loss against reselected, points | p |\n| --- | --- | --- | ---: | ---: |\n";
    let mut shifts: Vec<_> = summary
        .shifts
        .iter()
        .map(|card| (card, summary.shift_verdicts.iter().find(|v| v.shift == card.name)))
        .collect();
    shifts.sort_by(|a, b| {
        let loss = |v: &Option<&regime::results::ShiftVerdict>| v.map_or(f64::NEG_INFINITY, |v| v.loss);
        loss(&b.1).total_cmp(&loss(&a.1))
    });
    for (card, verdict) in shifts {
        let _ = match verdict {
            Some(v) => {
                let loss = format!("{} ({} to {})", points(v.loss), points(v.low), points(v.high));
                writeln!(
                    text,
                    "| {} | {} | {} | {loss} | {} |",
                    cell(&card.name),
                    cell(&card.family),
                    word(v.verdict, v.visible),
                    p(v.adjusted)
                )
            }
            None => writeln!(text, "| {} | {} | NOT MEASURED | – | – |", cell(&card.name), cell(&card.family)),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_leaves_its_cell() {
        assert_eq!(cell("a|b"), "a\\|b");
        assert_eq!(cell("a\\|b"), "a\\\\\\|b", "what is escaped already must not be undone");
        assert_eq!(cell("<img onerror=x>\r\n\u{1b}[31m"), "&lt;img onerror=x>  \\u{1b}[31m");
        assert_eq!(cell("plain, 20 Elo: –"), "plain, 20 Elo: –");
    }
}
