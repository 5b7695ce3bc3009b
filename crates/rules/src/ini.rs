//! The text layer of `variants.ini`: sections, keys and the places where they stand.

use thiserror::Error;

/// The longest rule file that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 1 << 20;
/// The longest value of a key, in bytes.
pub const MAX_VALUE_BYTES: usize = 4096;

/// What is wrong with a rule file, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{place}: {message}")]
pub struct RuleError {
    /// File, line, section and key, as far as they are known.
    pub place: Place,
    /// What was found and what would be valid.
    pub message: String,
}

/// A place in a rule file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file, or what the text came from.
    pub source: String,
    /// Line, from 1; 0 where no line is to blame.
    pub line: usize,
    /// Section, i.e. variant name.
    pub section: String,
    /// Key.
    pub key: String,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.source)?;
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
    pub(crate) fn error(&self, message: impl Into<String>) -> RuleError {
        RuleError { place: self.clone(), message: message.into() }
    }
}

/// One `key = value` line.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where it stands.
    pub place: Place,
    /// The key.
    pub key: String,
    /// The value, trimmed.
    pub value: String,
}

/// One `[name:parent]` section.
#[derive(Clone, Debug)]
pub struct Section {
    /// Where its header stands.
    pub place: Place,
    /// Name of the variant.
    pub name: String,
    /// The variant it inherits from.
    pub parent: Option<String>,
    /// Its keys, in order.
    pub entries: Vec<Entry>,
    /// What is allowed, but hardly meant.
    pub warnings: Vec<RuleError>,
}

fn valid_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 64 && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_+.".contains(c))
}

/// Splits a rule file into its sections.
///
/// # Errors
/// Names the line that is neither a comment, a section header nor `key = value`.
pub fn parse(source: &str, text: &str) -> Result<Vec<Section>, RuleError> {
    let mut place = Place { source: source.to_owned(), ..Place::default() };
    if text.len() > MAX_FILE_BYTES {
        return Err(place.error(format!("{} bytes are more than a rule file may have ({MAX_FILE_BYTES})", text.len())));
    }
    let mut sections: Vec<Section> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        place.line = number + 1;
        place.key.clear();
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(header) = line.strip_prefix('[') {
            let Some(header) = header.strip_suffix(']') else {
                return Err(place.error(format!("the section header `{line}` does not end in `]`")));
            };
            let (name, parent) = match header.split_once(':') {
                Some((name, parent)) => (name.trim(), Some(parent.trim())),
                None => (header.trim(), None),
            };
            for part in [Some(name), parent].into_iter().flatten() {
                if !valid_name(part) {
                    return Err(place.error(format!(
                        "`{part}` is no variant name: 1 to 64 letters, digits, `-`, `_`, `+` or `.` were expected"
                    )));
                }
            }
            place.section = name.to_owned();
            sections.push(Section {
                place: place.clone(),
                name: name.to_owned(),
                parent: parent.map(str::to_owned),
                entries: Vec::new(),
                warnings: Vec::new(),
            });
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            return Err(
                place.error(format!("`{line}` is neither a `[section]`, a `key = value` line nor a `#` comment"))
            );
        };
        let (key, value) = (key.trim(), value.trim());
        place.key = key.to_owned();
        let Some(section) = sections.last_mut() else {
            return Err(place.error("a key stands before the first `[section]`"));
        };
        if key.is_empty() || key.len() > 64 {
            place.key.clear();
            return Err(place.error("a key of 1 to 64 bytes was expected before `=`"));
        }
        if value.len() > MAX_VALUE_BYTES {
            return Err(place.error(format!("the value is longer than {MAX_VALUE_BYTES} bytes")));
        }
        // As in the format's own programs, what is said last holds; saying two different things is worth a word.
        if let Some(first) = section.entries.iter().position(|e| e.key == key) {
            let earlier = section.entries.remove(first);
            if earlier.value != value {
                let message = format!("replaces `{}` of line {}", earlier.value, earlier.place.line);
                section.warnings.push(place.error(message));
            }
        }
        section.entries.push(Entry { place: place.clone(), key: key.to_owned(), value: value.to_owned() });
    }
    Ok(sections)
}
