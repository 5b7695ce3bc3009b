//! Verdicts and effects in words, the same on the page and in plain text.

use regime::analysis::{Finding, GridRow};

use crate::text::Unit;

/// The word in capitals that a verdict begins with; empty where there is no verdict.
pub fn first_word(words: &str) -> &str {
    let end = words.find(|c: char| !c.is_ascii_uppercase()).unwrap_or(words.len());
    if end > 2 { &words[..end] } else { "" }
}

/// A verdict with its reason, or with what would have been seen where nothing was.
fn with_reason(words: &str, note: &str, detectable: Option<f64>, unit: &Unit) -> String {
    match words {
        "INVALID" if !note.is_empty() => format!("INVALID: {note}"),
        "UNRESOLVED" if detectable.is_some_and(|size| size > 0.0) => {
            format!("UNRESOLVED, {} would have shown", unit.size(detectable))
        }
        "" => "not measured".into(),
        _ => words.to_owned(),
    }
}

/// What was found of a claim.
pub fn of_claim(f: &Finding) -> String {
    with_reason(&f.verdict, &f.note, f.detectable, &Unit::of(&f.unit))
}

/// What was found of a shift's own hypothesis.
pub fn of_shift(row: &GridRow) -> String {
    with_reason(&row.found, &row.note, row.detectable, &Unit::points())
}

/// An effect with its interval and its unit; a dash where there is none.
pub fn effect(f: &Finding) -> String {
    let unit = Unit::of(&f.unit);
    let text = unit.with_interval(f.effect, f.low, f.high);
    if f.effect.is_none() || unit.name.is_empty() { text } else { format!("{text} {}", unit.name) }
}

/// A cost with its interval, in points of score; a dash where there is none.
pub fn cost(row: &GridRow) -> String {
    Unit::points().with_interval(row.cost, row.low, row.high)
}

/// The populations of a claim with their numbers of units: `12 evaluators, 31 shifts`.
pub fn units(f: &Finding) -> String {
    if f.over.is_empty() {
        return "–".into();
    }
    f.over.iter().map(|(name, n)| format!("{n} {}", name.replace('-', " "))).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_verdict_are_read_by_their_first() {
        for (words, first) in [
            ("INVALID (floor)", "INVALID"),
            ("3 evaluators: no verdict", ""),
            ("described, no verdict", ""),
            ("COSTS", "COSTS"),
            ("A word", ""),
            ("", ""),
        ] {
            assert_eq!(first_word(words), first, "{words}");
        }
    }

    #[test]
    fn what_settles_nothing_says_what_would_have_shown() {
        let words = |words, note, detectable| with_reason(words, note, detectable, &Unit::points());
        assert_eq!(words("UNRESOLVED", "", Some(0.0441)), "UNRESOLVED, 4.4 would have shown");
        assert_eq!(words("UNRESOLVED", "", None), "UNRESOLVED");
        assert_eq!(words("INVALID", "every observation is 1", None), "INVALID: every observation is 1");
        assert_eq!(words("3 evaluators: no verdict", "", Some(0.1)), "3 evaluators: no verdict");
        assert_eq!(words("", "", None), "not measured");
    }
}
