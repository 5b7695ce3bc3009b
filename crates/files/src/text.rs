//! Makes text from outside safe to show.

use std::borrow::Cow;

/// Escapes what a terminal would act on rather than show: control characters (line ends and tabs too), and the marks that turn the
/// direction of writing or cannot be seen.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if acts(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}

/// Escapes a JSON text as [`printable`] does, but with JSON's own escapes, so that it still means the same value.
#[must_use]
pub fn printable_json(json: &str) -> Cow<'_, str> {
    if !json.chars().any(acts) {
        return Cow::Borrowed(json);
    }
    let mut shown = String::with_capacity(json.len() + 8);
    for c in json.chars() {
        // All characters that are escaped have codes of at most four hexadecimal digits.
        if acts(c) { shown.push_str(&format!("\\u{:04x}", u32::from(c))) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}

/// Escapes a text as [`printable`] does and cuts it to at most `limit` characters; a cut text ends in `…`. It is cut before it is
/// escaped, so that a long text costs no more than a short one.
#[must_use]
pub fn excerpt(text: &str, limit: usize) -> String {
    let mut shown = String::new();
    let mut length = 0;
    for c in text.chars() {
        let escaped = if acts(c) { c.escape_default().len() } else { 1 };
        if length + escaped > limit {
            // Leaves room for the `…`.
            while length + 1 > limit && shown.pop().is_some() {
                length -= 1;
            }
            shown.push('…');
            break;
        }
        length += escaped;
        if acts(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown
}

/// The place of a byte of a text in words, as errors name it: `line 3, column 5`, both from 1, the column in characters.
#[must_use]
pub fn place(text: &str, byte: usize) -> String {
    let mut end = byte.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line = before.rfind('\n').map_or(before, |at| &before[at + 1..]);
    format!("line {}, column {}", 1 + before.matches('\n').count(), 1 + line.chars().count())
}

/// Escapes a text as [`printable`] does and cuts it in the middle to at most `limit` characters. An error begins with the place and
/// ends with what would be right, so both ends of it are kept.
#[must_use]
pub fn excerpt_of_ends(text: &str, limit: usize) -> String {
    if printable(text).chars().count() <= limit {
        return printable(text).into_owned();
    }
    let room = limit.saturating_sub(1);
    let (mut tail, mut length) = (Vec::new(), 0);
    for c in text.chars().rev() {
        let shown = printable(c.encode_utf8(&mut [0; 4])).into_owned();
        length += shown.chars().count();
        if length > room / 2 {
            break;
        }
        tail.push(shown);
    }
    tail.reverse();
    let tail = tail.concat();
    excerpt(text, limit - tail.chars().count()) + &tail
}

/// Whether a terminal acts on a character, or leaves it out.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_acts_on_is_escaped() {
        assert_eq!(printable("plain, größer, 将棋"), "plain, größer, 将棋");
        assert_eq!(printable("\u{1b}]0;x\u{7}\r\n\u{202e}\u{9b}"), "\\u{1b}]0;x\\u{7}\\r\\n\\u{202e}\\u{9b}");
    }

    #[test]
    fn json_keeps_its_meaning() {
        assert_eq!(printable_json("{\"a\":\"\u{9b}\u{202e}ö\"}"), "{\"a\":\"\\u009b\\u202eö\"}");
    }

    #[test]
    fn places_count_from_one() {
        assert_eq!(place("", 0), "line 1, column 1");
        assert_eq!(place("a\näb", 4), "line 2, column 2");
        assert_eq!(place("a\näb", 3), "line 2, column 1", "the middle of a character is its beginning");
        assert_eq!(place("a\n", 99), "line 2, column 1");
    }

    #[test]
    fn excerpts_of_both_ends_keep_them() {
        assert_eq!(excerpt_of_ends("abcdef", 6), "abcdef");
        assert_eq!(excerpt_of_ends("abcdefghij", 7), "abc…hij");
        assert_eq!(excerpt_of_ends("abcdefghij\u{1b}", 20), "abcdefghij\\u{1b}");
        let cut = excerpt_of_ends(&format!("{}\u{1b}reason", "/folder\u{1b}".repeat(1 << 16)), 100);
        assert!(cut.starts_with("/folder\\u{1b}/folder") && cut.ends_with("\\u{1b}reason"), "{cut}");
        assert!(cut.chars().count() <= 100);
        assert_eq!(excerpt_of_ends("ab", 1), "…");
        assert_eq!(excerpt_of_ends("ab", 0), "…");
    }

    #[test]
    fn excerpts_keep_their_limit() {
        assert_eq!(excerpt("abcdef", 6), "abcdef");
        assert_eq!(excerpt("abcdefg", 6), "abcde…");
        assert_eq!(excerpt("\u{1b}\u{1b}\u{1b}", 6), "\\u{1b…");
        assert_eq!(excerpt(&"x".repeat(1 << 20), 400).chars().count(), 400);
        assert_eq!(excerpt("ab", 0), "…");
    }
}
