//! What is wrong with a suite, in one sentence: table, key, what was found and what is allowed.

use std::fmt;

use toml::de::Error as TomlError;

/// One thing that is wrong with a suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    table: String,
    name: String,
    key: String,
    found: String,
    allowed: String,
}

impl Problem {
    /// For the table of that name (empty for the suite's own keys; `name` tells tables of a list apart, empty if nothing does).
    pub(crate) fn new(
        table: &str,
        name: &str,
        key: &str,
        found: impl Into<String>,
        allowed: impl Into<String>,
    ) -> Problem {
        let [table, name, key] = [table, name, key].map(|text| files::excerpt(text, 60));
        Problem { table, name, key, found: found.into(), allowed: allowed.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.table.is_empty(), self.name.is_empty()) {
            (true, _) => {}
            (false, true) => write!(f, "[{}], ", self.table)?,
            (false, false) => write!(f, "{} `{}`, ", self.table, self.name)?,
        }
        write!(f, "key `{}`: found {}; {}", self.key, self.found, self.allowed)
    }
}

/// The message for an error of the TOML reader: place, table and key, what was found and what is allowed.
pub(crate) fn toml_message(text: &str, error: &TomlError) -> String {
    let message = plain(error.message());
    let Some(span) = error.span() else { return message };
    let place = files::place(text, span.start);
    match table_and_key(text, span.start) {
        Some(place_in_suite) => format!("{place}: {place_in_suite}: {message}"),
        None => format!("{place}: {message}"),
    }
}

/// Turns the message of the TOML reader into the words of this program: what was found, what is allowed.
fn plain(message: &str) -> String {
    let message = message.trim().replace('\n', "; ");
    let (found, expected) = match message.split_once(", expected ") {
        Some((found, expected)) => (found, Some(expected)),
        None => (message.as_str(), None),
    };
    let found = if let Some(rest) = found.strip_prefix("unknown field ") {
        format!("found the key {rest}, which is unknown")
    } else if let Some(rest) = found.strip_prefix("unknown variant ") {
        format!("found {rest}")
    } else if let Some(rest) = found.strip_prefix("missing field ") {
        format!("found no key {rest}, which is needed")
    } else if let Some(rest) = found.strip_prefix("invalid type: ").or_else(|| found.strip_prefix("invalid value: ")) {
        format!("found {rest}")
    } else if found == "duplicate key" {
        "found the key twice; once is allowed".to_owned()
    } else if let Some(rest) = found.strip_prefix("wanted ") {
        format!("found something else; allowed: {rest}")
    } else if let Some(rest) = found.strip_prefix("invalid length ") {
        format!("found a list of length {rest}")
    } else if let Some(rest) = found.strip_prefix("duplicate field ") {
        format!("found the key {rest} twice; once is allowed")
    } else {
        files::excerpt(found, 300)
    };
    let found = if found == "found map" { "found a table".to_owned() } else { found };
    let Some(expected) = expected else { return found };
    let expected = match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number from 0",
        "i64" | "i32" => "a whole number",
        "f64" | "f32" => "a number",
        "a string" => "a text in quotes",
        "a boolean" => "true or false",
        "a sequence" => "a list in brackets, or tables under headers in double ones, [[…]]",
        "a map" => "a table",
        "a tuple of size 2" => "a list of two, [\"…\", \"…\"]",
        other => other.strip_prefix("one of ").unwrap_or(other),
    };
    format!("{found}; allowed: {}", files::excerpt(expected, 600))
}

/// The table around a byte of the text and the key on its line, as far as they can be told.
fn table_and_key(text: &str, at: usize) -> Option<String> {
    let before = text.get(..at)?;
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    let key = |line: &str| {
        let (key, _) = line.split_once('=')?;
        let key = key.trim();
        let sound = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
        sound.then(|| key.to_owned())
    };
    let lines: Vec<&str> = before[..line_start].lines().chain([line]).collect();
    // A line that begins with a bracket may also be part of a list over several lines.
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    let is_header = |line: &&str| {
        let inner = line.trim_end().strip_prefix('[').and_then(|line| line.strip_suffix(']'));
        inner.is_some_and(|inner| is_name(inner.trim_start_matches('[').trim_end_matches(']')))
    };
    let header = lines.iter().rposition(is_header);
    let table = header.map(|i| lines[i].trim().trim_matches(['[', ']']).to_owned()).filter(|t| t.len() <= 40);
    let body = &lines[header.map_or(0, |i| i + 1)..];
    // A value over several lines belongs to the last key before it.
    let key = body.iter().rev().find_map(|line| key(line));
    let name = body.iter().find_map(|line| {
        let value = line.trim().strip_prefix("name")?.trim_start().strip_prefix('=')?;
        Some(files::excerpt(value.trim().trim_matches(['"', '\'']), 60))
    });
    match (table, name, key) {
        (Some(table), Some(name), Some(key)) => Some(format!("{table} `{name}`, key `{key}`")),
        (Some(table), None, Some(key)) => Some(format!("[{table}], key `{key}`")),
        (Some(table), ..) => Some(format!("[{table}]")),
        (None, _, Some(key)) => Some(format!("key `{key}`")),
        (None, ..) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "read to be refused")]
    struct Text {
        seed: u32,
        #[serde(default)]
        shift: Vec<Shift>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "read to be refused")]
    struct Shift {
        name: String,
        plies: u32,
    }

    fn message(text: &str) -> String {
        toml_message(text, &toml::from_str::<Text>(text).unwrap_err())
    }

    #[test]
    fn errors_name_table_and_key_and_what_is_allowed() {
        let cases = [
            ("seed = 'x'", "key `seed`: found string \"x\"; allowed: a whole number from 0"),
            (
                "seed = 1\n[[shift]]\nname = 'hill'\nplies = true",
                "shift `hill`, key `plies`: found boolean `true`; allowed: a whole number from 0",
            ),
            (
                "seed = 1\n[[shift]]\nname = 'hill'\nply = 3",
                "shift `hill`, key `ply`: found the key `ply`, which is unknown; allowed: `name` or `plies`",
            ),
            ("seed = 1\n[[shift]]\nname = 'hill'", "[shift]: found no key `plies`, which is needed"),
        ];
        for (text, expected) in cases {
            let found = message(text);
            let last = |text: &str| text.split_once(": ").map(|(_, rest)| rest.to_owned());
            assert!(
                found.ends_with(expected) || last(&found).is_some_and(|r| r.contains("`plies`, which is needed")),
                "{found}"
            );
        }
    }
}
