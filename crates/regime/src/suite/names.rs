//! Names: what stands on one line, is seen as it is, and cannot be mistaken for another of its kind. They end on pages, in spreadsheets and on terminals.

use std::borrow::Cow;

use super::{Problem, Suite};

/// The longest name, in bytes.
const MAX_BYTES: usize = 100;

/// Refuses what is told like a name but stands in no list of its own: the suite's name, headings, dials, cells of claims; and agents that are mistaken for
/// shipped ones.
pub(super) fn check(suite: &Suite) -> Result<(), Problem> {
    check_line("", "", "name", &suite.name)?;
    let experiments = suite.experiments.iter().map(|e| &e.section);
    let probes = suite.probes.iter().map(|p| &p.section);
    let monitors = suite.monitors.iter().map(|m| &m.section);
    experiments
        .chain(probes)
        .chain(monitors)
        .flatten()
        .try_for_each(|section| check_line("", "", "section", section))?;
    for shift in &suite.shifts {
        shift.dose.as_ref().map_or(Ok(()), |dose| check_line("shift", &shift.name, "dose", &dose.dial))?;
    }
    for role in &suite.roles {
        role.points.as_ref().map_or(Ok(()), |points| check_line("role", &role.name, "points", points))?;
    }
    for claim in &suite.claims {
        claim.cells.iter().try_for_each(|cell| check_line("claim", &claim.name, "cell", &cell.name))?;
    }
    unique("agent", suite.agents.iter().map(|agent| agent.name.as_str()))
}

/// Refuses a name that is none, that stands twice, or that is mistaken for one before it.
pub(super) fn unique<'a>(table: &str, names: impl Iterator<Item = &'a str>) -> Result<(), Problem> {
    let mut seen: Vec<(&str, String)> = Vec::new();
    for name in names {
        if name.is_empty() || name.len() > MAX_BYTES {
            return Err(Problem::new(table, name, "name", "a name of that length", "1 to 100 bytes are allowed"));
        }
        check_line(table, name, "name", name)?;
        let folded = folded(name);
        if let Some((before, _)) = seen.iter().find(|(_, other)| *other == folded) {
            let found = match *before == name {
                true => "the same name twice".to_owned(),
                false => format!("a name that looks like `{}`", files::excerpt(before, MAX_BYTES)),
            };
            let allowed = "each name is allowed once, and names must differ by more than spaces, case and letters that look alike";
            return Err(Problem::new(table, name, "name", found, allowed));
        }
        seen.push((name, folded));
    }
    Ok(())
}

/// Refuses a name that is more than one line, or that shows another text than it is.
fn check_line(table: &str, name: &str, key: &str, text: &str) -> Result<(), Problem> {
    if text.trim() != text || text.contains(char::is_control) {
        let found = "a name with control characters, or with spaces at its ends";
        return Err(Problem::new(table, name, key, found, "one line without spaces at its ends is allowed"));
    }
    if matches!(files::printable(text), Cow::Owned(_)) || text.contains(is_invisible) {
        let found = format!(
            "`{}`, with characters that are not seen or that turn the direction of writing",
            files::excerpt(text, 60)
        );
        return Err(Problem::new(table, name, key, found, "characters that are seen are allowed"));
    }
    match text.split(|c: char| !c.is_alphabetic()).find(|word| mixes_scripts(word)) {
        None => Ok(()),
        Some(word) => {
            let found = format!("the word `{}` of letters of several scripts", files::excerpt(word, 60));
            Err(Problem::new(
                table,
                name,
                key,
                found,
                "Latin, Greek and Cyrillic letters in words of their own are allowed",
            ))
        }
    }
}

/// Characters that show nothing, besides those that [`files::printable`] escapes: fillers, joiners, selectors of variants and tags.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a word has letters of more than one of the scripts whose letters look alike.
fn mixes_scripts(word: &str) -> bool {
    let script = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Some(0),
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Some(1),
        '\u{400}'..='\u{52f}' => Some(2),
        _ => None,
    };
    let mut scripts = word.chars().filter_map(script);
    let first = scripts.next();
    scripts.any(|script| Some(script) != first)
}

/// What a reader takes a name for: in small letters, without spaces, with Latin letters for the Greek and Cyrillic ones that look like them.
fn folded(name: &str) -> String {
    let small = name.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase);
    small
        .map(|c| match c {
            'а' | 'α' => 'a',
            'в' | 'β' => 'b',
            'с' | 'ϲ' => 'c',
            'ԁ' => 'd',
            'е' | 'ε' => 'e',
            'н' | 'һ' | 'η' => 'h',
            'і' | 'ι' => 'i',
            'ј' => 'j',
            'к' | 'κ' => 'k',
            'м' | 'μ' => 'm',
            'ν' => 'n',
            'о' | 'ο' => 'o',
            'р' | 'ρ' => 'p',
            'ѕ' => 's',
            'т' | 'τ' => 't',
            'х' | 'χ' => 'x',
            'у' | 'υ' => 'y',
            'ζ' => 'z',
            // Wide forms of ASCII.
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).map_or(c, |c| c.to_ascii_lowercase()),
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(names: &[&str]) -> Option<String> {
        unique("shift", names.iter().copied()).err().map(|problem| problem.to_string())
    }

    #[test]
    fn names_are_seen_as_they_are() {
        assert_eq!(refused(&["none", "größer 2", "将棋", "α-β search", "сдвиг", "=1+1", "a|b"]), None);
        for hidden in [
            "a\u{1b}[31m",
            "a\nb",
            "a\u{9b}",
            "a\u{202e}b",
            "a\u{2066}b",
            "a\u{200b}b",
            "a\u{ad}b",
            "a\u{fe0f}",
            "a\u{e0041}",
            " a",
            "a\u{a0}",
        ] {
            let message = refused(&[hidden]).unwrap_or_else(|| panic!("{hidden:?}"));
            assert!(message.starts_with("shift `") && files::printable(&message) == message, "{message}");
        }
        // A Cyrillic о in a Latin word.
        assert!(refused(&["frоzen"]).unwrap().contains("several scripts"));
    }

    #[test]
    fn names_of_one_kind_are_told_apart() {
        assert!(refused(&["hill", "hill"]).unwrap().contains("the same name twice"));
        for (one, other) in
            [("hill", "Hill"), ("a b", "a\u{a0}b"), ("a b", "ab"), ("cop", "сор"), ("AB", "ΑΒ"), ("ab", "ａＢ")]
        {
            assert!(refused(&[one, other]).unwrap().contains(&format!("looks like `{one}`")), "{one} {other}");
        }
    }
}
