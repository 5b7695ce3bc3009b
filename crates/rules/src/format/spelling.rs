//! How much two names look alike.

use crate::format::ini::MAX_NAME_BYTES;

/// Levenshtein distance of two names, ignoring case. Texts longer than a name may be are cut to that length first.
pub(crate) fn edit_distance(a: &str, b: &str) -> usize {
    let letters =
        |text: &str| -> Vec<char> { text.chars().take(MAX_NAME_BYTES).map(|c| c.to_ascii_lowercase()).collect() };
    let b = letters(b);
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in letters(a).into_iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
