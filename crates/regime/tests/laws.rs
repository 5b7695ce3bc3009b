//! Laws of the crate that no single test of behaviour can hold: which room imports which, and that no code knows a name.
//!
//! They are read off the sources. Comments do not count, and neither does what stands below `#[cfg(test)]`, unless a law says so.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// The rooms, and the files between them, with those that each may import from. Each entry names only entries before it, so there is no circle.
const MAY_IMPORT: [(&str, &[&str]); 7] = [
    ("error", &[]),
    ("suite", &["error"]),
    ("monitor", &["suite"]),
    ("rows", &["error", "suite"]),
    ("agents", &["suite"]),
    ("play", &["error", "suite", "monitor", "rows", "agents"]),
    ("analysis", &["error", "suite", "monitor", "rows"]),
];

/// Names of shipped agents that are sources too: the format defines them, whatever agents are called.
const SOURCES: [&str; 4] = ["uniform", "zero", "rollout", "material"];

/// Words that are names in a shipped suite by coincidence: the word, the only files that may quote it, and what it is there.
const OTHER_WORDS: [(&str, &[&str], &str); 3] = [
    ("control", &["play/rocket.rs"], "a pilot of the rocket, which is described by code alone"),
    ("monitor", &["suite/check.rs", "suite/limits.rs", "suite/mod.rs"], "a table of suites"),
    ("pass", &["play/oracle.rs"], "a key of rule files"),
];

/// The only name that code knows: the role of `evaluators` in a suite that does not say. See [`regime::suite::DEFAULT_EVALUATORS`].
const KNOWN_NAME: (&str, &str) = (regime::suite::DEFAULT_EVALUATORS, "suite/mod.rs");

fn crate_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A source file: its path below `src` with `/` between folders, and its text.
struct Source {
    file: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let src = crate_folder().join("src");
    let (mut folders, mut found): (Vec<PathBuf>, Vec<PathBuf>) = (vec![src.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    let of = |path: PathBuf| {
        let below = path.strip_prefix(&src).unwrap();
        let file = below.iter().map(|part| part.to_str().unwrap()).collect::<Vec<_>>().join("/");
        Source { file, text: std::fs::read_to_string(&path).unwrap() }
    };
    let all: Vec<Source> = found.into_iter().map(of).collect();
    assert!(all.len() > 40, "only {} sources were found", all.len());
    all
}

/// The code of a text without comments, and the strings that it quotes.
#[derive(Default)]
struct Lexed {
    code: String,
    strings: Vec<String>,
}

/// Takes a text apart. Strings leave `""` behind in the code.
fn lex(text: &str) -> Lexed {
    let mut lexed = Lexed::default();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else if rest.starts_with("/*") {
            rest = rest.split_once("*/").map_or("", |(_, after)| after);
        } else if let Some((string, after)) = raw_string(rest) {
            lexed.strings.push(string.to_owned());
            lexed.code.push_str("\"\"");
            rest = after;
        } else if first == '"' {
            let (string, after) = quoted(&rest[1..]);
            lexed.strings.push(string.to_owned());
            lexed.code.push_str("\"\"");
            rest = after;
        } else if first == '\''
            && let Some(after) = character(rest)
        {
            rest = after;
        } else {
            lexed.code.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    lexed
}

/// The string that `r"…"` or `r#"…"#` begins with, and what follows.
fn raw_string(text: &str) -> Option<(&str, &str)> {
    let hashes = text.strip_prefix('r')?;
    let inner = hashes.trim_start_matches('#');
    let end = format!("\"{}", "#".repeat(hashes.len() - inner.len()));
    inner.strip_prefix('"')?.split_once(end.as_str())
}

/// The string up to the next quotation mark that no backslash precedes, and what follows the mark.
fn quoted(text: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' if !escaped => return (&text[..at], &text[at + 1..]),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    (text, "")
}

/// What follows a character literal; nothing if the mark begins a lifetime.
fn character(text: &str) -> Option<&str> {
    let mut chars = text[1..].char_indices();
    let (_, first) = chars.next()?;
    if first == '\\' {
        let (_, escaped) = chars.next()?;
        let after = &text[3..];
        return if escaped == 'u' { after.split_once('\'').map(|(_, rest)| rest) } else { after.strip_prefix('\'') };
    }
    text[1 + first.len_utf8()..].strip_prefix('\'')
}

/// What stands above the tests of a file.
fn without_tests(text: &str) -> &str {
    text.split_once("#[cfg(test)]\nmod tests {").map_or(text, |(above, _)| above)
}

/// The module that a file is, as parts of a path: `analysis/estimators/mod.rs` is `analysis`, `estimators`.
fn module(file: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
    if ["mod", "lib"].contains(parts.last().unwrap()) {
        parts.pop();
    }
    parts
}

/// All paths that a tree of imports names: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn paths(tree: &str) -> Vec<String> {
    let Some((prefix, rest)) = tree.split_once('{') else { return vec![tree.trim().to_owned()] };
    let inner = rest.trim_end().strip_suffix('}').unwrap_or(rest);
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for c in inner.chars() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if c == ',' && depth == 0 {
            parts.push(String::new());
        } else {
            parts.last_mut().unwrap().push(c);
        }
    }
    let named = parts.iter().filter(|part| !part.trim().is_empty());
    named.flat_map(|part| paths(&format!("{}{}", prefix.trim(), part.trim()))).collect()
}

/// The tree of paths that a text begins with: `crate::{a, b::C}`, `super::d::e`.
fn tree(text: &str) -> &str {
    let simple = text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').unwrap_or(text.len());
    if !text[..simple].ends_with("::") || !text[simple..].starts_with('{') {
        return &text[..simple];
    }
    let mut depth = 0;
    let end = text[simple..].char_indices().find(|(_, c)| {
        depth += i32::from(*c == '{') - i32::from(*c == '}');
        depth == 0
    });
    &text[..end.map_or(text.len(), |(at, _)| simple + at + 1)]
}

/// All paths that the code of a module names from the crate's root, by `use` or in an expression: their parts below the root.
fn named_paths(code: &str, module: &[&str]) -> Vec<Vec<String>> {
    let begins_a_path = |at: usize| {
        let before = code[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && !"_:$".contains(c))
    };
    let starts = code.match_indices("crate::").chain(code.match_indices("super::")).map(|(at, _)| at);
    let named = starts.filter(|at| begins_a_path(*at)).flat_map(|at| paths(tree(&code[at..])));
    let from_root = |path: String| {
        let parts: Vec<&str> = path.split("::").map(|part| part.split_whitespace().next().unwrap_or("*")).collect();
        let ups = parts.iter().take_while(|part| **part == "super").count();
        let parents = if ups > 0 { &module[..module.len().saturating_sub(ups)] } else { &[] };
        parents.iter().chain(&parts[ups.max(1)..]).map(|part| (*part).to_owned()).collect()
    };
    named.map(from_root).collect()
}

/// For each room: the others that its code names, with a file that does.
fn imports(with_tests: bool) -> BTreeMap<String, BTreeMap<String, String>> {
    let rooms: Vec<&str> = MAY_IMPORT.iter().map(|(room, _)| *room).collect();
    let mut all: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for source in sources().iter().filter(|source| source.file != "lib.rs") {
        let text = if with_tests { &source.text } else { without_tests(&source.text) };
        let module = module(&source.file);
        let targets = all.entry(module[0].to_owned()).or_default();
        assert!(rooms.contains(&module[0]), "{} is in no room that the laws know", source.file);
        for path in named_paths(&lex(text).code, &module) {
            let Some(first) = path.first().filter(|first| *first != module[0] && *first != "*") else { continue };
            // A path through what `lib.rs` shows to others would hide which room is meant.
            assert!(rooms.contains(&first.as_str()), "{}: `crate::{}` names no room", source.file, path.join("::"));
            targets.entry(first.clone()).or_insert_with(|| source.file.clone());
        }
    }
    all
}

#[test]
fn the_reader_of_sources_sees_what_is_there() {
    let lexed = lex(
        "use a; // \"no\"\n/* \"no\" */ let x = ('\"', '\\'', 'b', \"one \\\" two\", r#\"three\"#); fn f<'a>(s: &'a str) {}",
    );
    assert_eq!(lexed.strings, ["one \\\" two", "three"]);
    assert!(lexed.code.contains("fn f<'a>(s: &'a str)") && !lexed.code.contains("no"));
    let code = "use crate::{suite::{Agent, mod_a}, rows};\nuse super::super::play::x;\nuse super::sibling;\nfn f() { crate::monitor::new(super::g()); }";
    let found: BTreeSet<String> =
        named_paths(code, &["analysis", "estimators"]).iter().map(|path| path.join("::")).collect();
    let expected =
        ["suite::Agent", "suite::mod_a", "rows", "play::x", "analysis::sibling", "monitor::new", "analysis::g"];
    assert_eq!(found, expected.map(str::to_owned).into());
    let several = named_paths("use super::{\n    alpha,\n    beta::{C, D},\n};", &["play", "run"]);
    let several: BTreeSet<String> = several.iter().map(|path| path.join("::")).collect();
    assert_eq!(several, ["play::alpha", "play::beta::C", "play::beta::D"].map(str::to_owned).into());
    assert_eq!(module("analysis/estimators/mod.rs"), ["analysis", "estimators"]);
}

#[test]
fn rooms_import_in_one_direction() {
    for (i, (room, allowed)) in MAY_IMPORT.iter().enumerate() {
        let before: Vec<&str> = MAY_IMPORT[..i].iter().map(|(room, _)| *room).collect();
        assert!(allowed.iter().all(|other| before.contains(other)), "`{room}` would be part of a circle");
    }
    let found = imports(false);
    assert_eq!(found.len(), MAY_IMPORT.len(), "rooms without files");
    for (room, allowed) in MAY_IMPORT {
        for (target, file) in &found[room] {
            assert!(allowed.contains(&target.as_str()), "{file}: `{room}` must not import from `{target}`");
        }
        for target in allowed {
            assert!(found[room].contains_key(*target), "`{room}` does not need `{target}`: take it out of the law");
        }
    }
}

#[test]
fn analysis_knows_nothing_of_playing() {
    for source in sources().iter().filter(|source| source.file.starts_with("analysis/")) {
        for room in ["play", "agents"] {
            let path = format!("crate::{room}");
            assert!(!source.text.contains(&path), "{} mentions {path}", source.file);
        }
    }
    let found = imports(true);
    assert!(["play", "agents"].iter().all(|room| !found["analysis"].contains_key(*room)), "{:?}", found["analysis"]);
    // Nor does it reach what plays through another crate; Elo and its like are arena's statistics.
    for source in sources().iter().filter(|source| source.file.starts_with("analysis/")) {
        let code = lex(&source.text).code.replace("arena::stats::", "");
        for other in ["rules", "evaluator", "search", "arena", "selection"] {
            let path = format!("{other}::");
            let mut places = code.match_indices(&path).map(|(at, _)| code[..at].chars().next_back());
            let used = places.any(|before| before.is_none_or(|c| !c.is_alphanumeric() && !"_:".contains(c)));
            assert!(!used, "{} uses the crate {other}", source.file);
        }
    }
}

#[test]
fn rows_stand_between_playing_and_analysing() {
    let found = imports(true);
    for room in ["play", "agents", "analysis"] {
        assert!(!found["rows"].contains_key(room), "rows import {room} in {:?}", found["rows"].get(room));
    }
    assert!(!found["play"].contains_key("analysis") && found["play"].contains_key("rows"));
    assert!(found["analysis"].contains_key("rows"));
}

/// Names of the tables of these kinds.
fn names_in(file: &Path, kinds: &[&str]) -> BTreeSet<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let table: Table = toml::from_str(&text).unwrap();
    let tables = kinds.iter().filter_map(|kind| table.get(*kind)).filter_map(Value::as_array).flatten();
    let names = tables.filter_map(|table| table.get("name")).filter_map(Value::as_str);
    let names: BTreeSet<String> = names.map(str::to_owned).collect();
    assert!(names.len() > 5, "{}: {names:?}", file.display());
    names
}

#[test]
fn no_code_knows_a_name() {
    let suites = crate_folder().join("../interregnum/suites");
    let mut names = names_in(&crate_folder().join("agents.toml"), &["agent", "role"]);
    for suite in ["quick.toml", "standard.toml"] {
        names.extend(names_in(&suites.join(suite), &["experiment", "shift", "claim", "agent", "role"]));
    }
    let ending = |name: &str| rules::EndingKind::from_name(name).is_some();
    names.retain(|name| !SOURCES.contains(&name.as_str()) && !ending(name));
    let mut wrong = Vec::new();
    let mut quoted: BTreeMap<(String, String), u32> = BTreeMap::new();
    for source in sources() {
        for string in lex(without_tests(&source.text)).strings.into_iter().filter(|string| names.contains(string)) {
            let other =
                OTHER_WORDS.iter().any(|(word, files, _)| *word == string && files.contains(&source.file.as_str()));
            let known = (string.as_str(), source.file.as_str()) == KNOWN_NAME;
            if !other && !known {
                wrong.push(format!("{} quotes `{string}`", source.file));
            }
            *quoted.entry((string, source.file.clone())).or_default() += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // An exception that nothing needs any more is taken out; the known name stands in one place.
    for (word, files, meaning) in OTHER_WORDS {
        for file in files {
            let used = quoted.contains_key(&(word.to_owned(), (*file).to_owned()));
            assert!(used, "{file} does not quote `{word}` ({meaning}): take it out of the law");
        }
    }
    let (name, file) = KNOWN_NAME;
    assert_eq!(quoted.get(&(name.to_owned(), file.to_owned())), Some(&1), "`{name}` in {file}");
    // The suites are data of another crate, the shipped agents of this one: no code carries their text but by inclusion.
    assert!(names.contains(name) && names.contains("frozen") && names.contains("antichess"));
}

#[test]
fn no_file_is_too_long_to_be_held_in_mind() {
    for source in sources() {
        let lines = source.text.lines().count();
        assert!(lines <= 600, "{} has {lines} lines", source.file);
    }
}
