//! Marks that stand beside moves, or in their place.

/// Whether a text is one of the marks that programs write where no move is made.
#[must_use]
pub fn is_null_move(text: &str) -> bool {
    ["--", "Z0", "@@@@", "0000", "<>", "null", "(none)"].iter().any(|mark| text.eq_ignore_ascii_case(mark))
}

/// A move in algebraic notation without marks of check, mate and quality at its end.
pub(super) fn without_marks(san: &str) -> &str {
    san.trim_end_matches(['+', '#', '!', '?'])
}

/// A move in algebraic notation without the mark of a capture in passing, `e.p.` in any of the ways in which it is written, and the
/// marks before and after it; `None` if it has none.
#[must_use]
pub fn without_en_passant_mark(san: &str) -> Option<&str> {
    let text = without_marks(san);
    let text = text.strip_suffix(')').unwrap_or(text);
    let text = text.strip_suffix('.').unwrap_or(text).strip_suffix(['p', 'P'])?;
    let text = text.strip_suffix('.').unwrap_or(text).strip_suffix(['e', 'E'])?;
    Some(without_marks(text.trim_end_matches(['/', '(', ' ', '_'])))
}
