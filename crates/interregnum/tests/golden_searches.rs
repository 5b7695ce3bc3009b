//! Searches find what they found before: `tests/searches/golden.txt` has the visits of every move of the root. After an intended
//! change of behaviour: `INTERREGNUM_BLESS=1 cargo test --test golden_searches`.

mod common;

use std::fmt::Write as _;

use common::{root, stdout};

/// What follows a case: one line for each move of the root.
fn found(case: &str) -> String {
    let words: Vec<&str> = case.splitn(4, ' ').collect();
    let mut args = vec!["search", words[1], "--variant", words[2], "--json"];
    if let Some(fen) = words.get(3) {
        args.extend(["--fen", fen]);
    }
    let report: serde_json::Value = serde_json::from_str(&stdout(&args)).unwrap();
    report["moves"].as_array().unwrap().iter().fold(String::new(), |mut text, m| {
        let proven = match (m["proven"].as_i64(), m["plies_to_end"].as_u64()) {
            (None, _) => String::new(),
            (Some(result), None) => format!(" {result:+}"),
            (Some(result), Some(plies)) => format!(" {result:+} in {plies}"),
        };
        writeln!(text, "{} {}{proven}", m["uci"].as_str().unwrap(), m["visits"]).unwrap();
        text
    })
}

#[test]
fn searches_find_what_they_found_before() {
    let file = root().join("tests/searches/golden.txt");
    let golden = std::fs::read_to_string(&file).unwrap();
    let (head, _) = golden.split_once("\nsearch ").expect("the file has cases");
    let cases: Vec<&str> = golden.lines().filter(|line| line.starts_with("search ")).collect();
    assert!(cases.len() > 5);
    let now = cases.iter().fold(format!("{head}\n"), |text, case| text + case + "\n" + &found(case) + "\n");
    if std::env::var_os("INTERREGNUM_BLESS").is_some() {
        std::fs::write(&file, &now).unwrap();
        return;
    }
    assert_eq!(now.trim(), golden.trim(), "behaviour has changed");
}
