//! The text layer of `variants.ini`: sections, keys and the places where they stand.

use std::iter::{Enumerate, Peekable};
use std::str::Lines;
use std::sync::Arc;

use files::excerpt;
use thiserror::Error;

/// The longest rule file that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 1 << 20;
/// The most sections of a rule file; the largest that are published have some hundreds.
pub const MAX_SECTIONS: usize = 500;
/// The most keys of a section; the format has fewer.
const MAX_KEYS: usize = 500;
/// The longest value of a key, in bytes.
pub const MAX_VALUE_BYTES: usize = 4096;
/// The longest name of a variant or key, in bytes.
pub(crate) const MAX_NAME_BYTES: usize = 64;
/// Warnings about one section that are kept.
const MAX_WARNINGS: usize = 8;
/// The longest message of an error, and the longest error with its place, in characters.
const MAX_MESSAGE: usize = 280;
pub(crate) const MAX_ERROR: usize = 360;
/// How much of a file's path an error shows: the end.
const MAX_SOURCE: usize = 100;

/// What is wrong with a rule file, and where. It is shown in at most 360 characters, without what a terminal would act on.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", excerpt(&shown(.place, .message), MAX_ERROR))]
pub struct RuleError {
    /// File, line, section and key, as far as they are known.
    pub place: Place,
    /// What was found and what would be valid.
    pub message: String,
}

fn shown(place: &Place, message: &str) -> String {
    let place = place.to_string();
    if place.is_empty() { message.to_owned() } else { format!("{place}: {message}") }
}

/// A place in a rule file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file, or what the text came from; empty where no text is to blame.
    pub source: Arc<str>,
    /// Line, from 1; 0 where no line is to blame.
    pub line: usize,
    /// The name of the section, which is that of the variant; empty where no section is to blame.
    pub section: String,
    /// The key; empty where no key is to blame.
    pub key: String,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.source.char_indices().nth_back(MAX_SOURCE) {
            Some((start, _)) => write!(f, "…{}", &self.source[start..])?,
            None => f.write_str(&self.source)?,
        }
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        if !self.section.is_empty() {
            write!(f, ": [{}]", self.section)?;
        }
        if !self.key.is_empty() {
            write!(f, " {}", self.key)?;
        }
        Ok(())
    }
}

impl Place {
    /// The place that is a whole file or text.
    pub(crate) fn whole(source: &str) -> Place {
        Place { source: source.into(), ..Place::default() }
    }

    /// An error at this place. The message is cut to 280 characters.
    pub(crate) fn error(&self, message: impl AsRef<str>) -> RuleError {
        RuleError { place: self.clone(), message: excerpt(message.as_ref(), MAX_MESSAGE) }
    }
}

/// One `key = value` line.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where the line stands.
    pub place: Place,
    /// The key.
    pub key: String,
    /// The value, trimmed.
    pub value: String,
}

impl Entry {
    /// The value without a comment behind it. The format has comments on lines of their own only, but its programs stop reading most
    /// values at a comment; only words they compare whole.
    pub(crate) fn plain(&self) -> &str {
        let comment = self.value.match_indices(['#', ';']).find(|(at, _)| self.value[..*at].ends_with([' ', '\t']));
        comment.map_or(&*self.value, |(at, _)| self.value[..at].trim_end())
    }

    /// The value as an error shows it.
    pub(crate) fn shown(&self) -> String {
        quotable(&self.value)
    }
}

/// The beginning of a text, short enough that an error which quotes it has room for the reason.
pub(crate) fn quotable(text: &str) -> String {
    excerpt(text, 60)
}

/// One `[name:parent]` section.
#[derive(Clone, Debug)]
pub struct Section {
    /// Where its header stands.
    pub place: Place,
    /// Name of the variant; where the header is damaged, what stands in the name's place.
    pub name: String,
    /// The variant that it inherits from, if it names one.
    pub parent: Option<String>,
    /// Its lines, in order.
    pub entries: Vec<Entry>,
    /// What the section says that is allowed, but hardly meant.
    pub warnings: Vec<RuleError>,
    /// What is wrong with the first line that is no line of a rule file. What follows it was not read.
    pub damage: Option<RuleError>,
}

/// The sections of a rule file, one after the other.
#[derive(Debug)]
pub struct Sections<'a> {
    source: Arc<str>,
    lines: Peekable<Enumerate<Lines<'a>>>,
}

/// Splits a rule file into its sections.
///
/// # Errors
/// If the text is too long or has too many sections. Lines that are neither a comment, a section header nor `key = value` damage the
/// section in which they stand; lines before the first header make a damaged section of their own.
pub fn parse<'a>(source: &str, text: &'a str) -> Result<Sections<'a>, RuleError> {
    let place = Place::whole(source);
    if text.len() > MAX_FILE_BYTES {
        return Err(place.error(format!("{} bytes are more than a rule file may have ({MAX_FILE_BYTES})", text.len())));
    }
    let sections = text.lines().filter(|line| is_header(line)).count();
    if sections > MAX_SECTIONS {
        return Err(place.error(format!("{sections} sections are more than a rule file may have ({MAX_SECTIONS})")));
    }
    Ok(Sections { source: place.source, lines: text.lines().enumerate().peekable() })
}

/// What stands on a line, without white space around it and without the byte order marks of files that were put together.
fn content(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

/// Whether a line begins a section.
fn is_header(line: &str) -> bool {
    content(line).starts_with('[')
}

/// Whether a line is empty or a comment.
fn is_comment(line: &str) -> bool {
    let line = content(line);
    line.is_empty() || line.starts_with(['#', ';'])
}

impl Iterator for Sections<'_> {
    type Item = Section;

    fn next(&mut self) -> Option<Section> {
        let (number, line) = loop {
            let (number, line) = self.lines.next()?;
            if is_header(line) {
                break (number, line);
            }
            if !is_comment(line) {
                return Some(self.headless(number + 1, line));
            }
        };
        let mut section = header(&self.source, number + 1, line);
        while let Some((number, line)) = self.lines.next_if(|(_, line)| !is_header(line)) {
            if section.damage.is_none() && !is_comment(line) {
                section.damage = section.add(number + 1, content(line)).err();
            }
        }
        Some(section)
    }
}

impl Sections<'_> {
    /// A damaged section without a name, made of the lines before the first header.
    fn headless(&mut self, number: usize, line: &str) -> Section {
        while self.lines.next_if(|(_, line)| !is_header(line)).is_some() {}
        let place = Place { line: number, ..Place::whole(&self.source) };
        let line = content(line);
        let damage = place.error(match line.split_once('=') {
            Some((key, _)) => format!("the key `{}` stands before the first `[section]`", quotable(key.trim())),
            None => format!("`{}` stands before the first `[section]`", quotable(line)),
        });
        let (name, entries, warnings) = (String::new(), Vec::new(), Vec::new());
        Section { place, name, parent: None, entries, warnings, damage: Some(damage) }
    }
}

/// The section that a header begins, without the lines below it.
fn header(source: &Arc<str>, line: usize, text: &str) -> Section {
    let inner = content(text).trim_start_matches('[');
    let (inner, after) = match inner.split_once(']') {
        Some((inner, after)) => (inner, Some(after)),
        None => (inner, None),
    };
    let (name, parent) = match inner.split_once(':') {
        Some((name, parent)) => (name.trim(), Some(parent.trim())),
        None => (inner.trim(), None),
    };
    let short = name.char_indices().take_while(|(i, c)| i + c.len_utf8() <= MAX_NAME_BYTES).map(|(_, c)| c).collect();
    let mut section = Section {
        place: Place { source: Arc::clone(source), line, section: short, key: String::new() },
        name: String::new(),
        parent: parent.map(str::to_owned),
        entries: Vec::new(),
        warnings: Vec::new(),
        damage: None,
    };
    section.name.clone_from(&section.place.section);
    let wrong = [Some(name), parent].into_iter().flatten().find(|part| !valid_name(part));
    let message = match (after, wrong) {
        (None, _) => Some(format!("the section header `{}` does not end in `]`", quotable(text.trim()))),
        (Some(after), _) if !is_comment(after) => {
            Some(format!("`{}` follows the section header on its line", quotable(after.trim())))
        }
        (_, Some(wrong)) => Some(format!(
            "`{}` is no variant name: 1 to {MAX_NAME_BYTES} letters, digits, `-`, `_`, `+` or `.` were expected",
            quotable(wrong)
        )),
        _ => None,
    };
    section.damage = message.map(|message| section.place.error(message));
    section
}

/// Whether a variant may have a name.
fn valid_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= MAX_NAME_BYTES
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_+.".contains(c))
}

impl Section {
    /// Adds a `key = value` line.
    fn add(&mut self, number: usize, line: &str) -> Result<(), RuleError> {
        let mut place = Place { line: number, ..self.place.clone() };
        let Some((key, value)) = line.split_once('=') else {
            return Err(place.error(format!(
                "`{}` is neither a `[section]`, a `key = value` line nor a `#` comment",
                quotable(line.trim())
            )));
        };
        let (key, value) = (key.trim(), value.trim());
        if key.is_empty() || key.len() > MAX_NAME_BYTES {
            return Err(place.error(format!("a key of 1 to {MAX_NAME_BYTES} bytes was expected before `=`")));
        }
        key.clone_into(&mut place.key);
        if value.len() > MAX_VALUE_BYTES {
            return Err(place.error(format!("the value is longer than {MAX_VALUE_BYTES} bytes")));
        }
        // As in the format's own programs, the last value of a key holds. Two different values are hardly meant.
        if let Some(first) = self.entries.iter().position(|e| e.key == key) {
            let earlier = self.entries.remove(first);
            if earlier.value != value && self.warnings.len() < MAX_WARNINGS {
                let message = format!("replaces `{}` of line {}", earlier.shown(), earlier.place.line);
                self.warnings.push(place.error(message));
            }
        }
        if self.entries.len() == MAX_KEYS {
            return Err(place.error(format!("a section has at most {MAX_KEYS} keys")));
        }
        self.entries.push(Entry { place, key: key.to_owned(), value: value.to_owned() });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sections(text: &str) -> Vec<(String, usize, Option<String>)> {
        let describe = |s: Section| (s.name, s.entries.len(), s.damage.map(|damage| damage.to_string()));
        parse("file", text).unwrap().map(describe).collect()
    }

    #[test]
    fn damage_ends_with_its_section() {
        let found =
            sections("# first\n[a:b]\nx = 1\nnonsense\ny = 2\n[c\nx = 1\n[d] ; a comment\r\nx = 1\r\n[e] f\n[g h]\n");
        let damage: Vec<(&str, bool)> =
            found.iter().map(|(name, _, damage)| (name.as_str(), damage.is_some())).collect();
        assert_eq!(damage, [("a", true), ("c", true), ("d", false), ("e", true), ("g h", true)]);
        assert!(found[0].2.as_ref().unwrap().starts_with("file:4: [a]: `nonsense`"), "{found:?}");
        assert_eq!(found[2].1, 1);
    }

    #[test]
    fn what_stands_before_the_first_section_is_damage_of_its_own() {
        for (text, line) in [("x = 1\n[a]\n", 1), ("# c\nwords\nmore\n[a]\n", 2), ("words", 1)] {
            let found = sections(text);
            assert!(found[0].2.as_ref().is_some_and(|error| error.contains("before the first")), "{text}: {found:?}");
            assert_eq!(found[0].0, "", "{text}");
            assert!(found.len() == 1 || found[1].2.is_none(), "{text}: line {line}: {found:?}");
        }
        assert_eq!(sections("\u{feff}\r\n; c\r\n[a]\r\n"), [("a".to_owned(), 0, None)]);
        assert_eq!(sections("[a]\nx = 1\n\u{feff}[b]\n"), [("a".to_owned(), 1, None), ("b".to_owned(), 0, None)]);
        assert!(sections("").is_empty());
    }

    #[test]
    fn errors_are_short_and_safe_to_show() {
        let long = "\u{1b}[31m".repeat(1 << 15);
        let texts = [
            format!("[{long}]"),
            format!("[a:{long}]"),
            format!("[a]\n{long}"),
            format!("[a]\n{long} = 1"),
            format!("[a] {long}"),
            format!("[{long}"),
            long.clone(),
        ];
        for text in texts {
            let found: Vec<Section> = parse(&"/folder".repeat(1000), &text).unwrap().collect();
            let error = found[0].damage.as_ref().unwrap().to_string();
            assert!(error.chars().count() <= MAX_ERROR && !error.contains('\u{1b}'), "{error}");
        }
    }

    #[test]
    fn counts_have_limits() {
        assert!(parse("file", &"[a]\n".repeat(MAX_SECTIONS)).is_ok());
        assert!(parse("file", &"[a]\n".repeat(MAX_SECTIONS + 1)).is_err());
        let keys: String = (0..=MAX_KEYS).map(|n| format!("k{n} = 1\n")).collect();
        assert!(sections(&format!("[a]\n{keys}"))[0].2.as_ref().unwrap().contains("at most"));
        let again: Vec<Section> = parse("file", &format!("[a]\n{}", "k = 1\nk = 2\n".repeat(1000))).unwrap().collect();
        assert_eq!((again[0].entries.len(), again[0].warnings.len()), (1, MAX_WARNINGS));
    }
}
