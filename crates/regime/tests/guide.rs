//! The guide to suites shows suites that are accepted, and names every key and every word that the format has.

mod common;

use std::collections::BTreeSet;

use common::{prepare, root};
use regime::Suite;
use toml::{Table, Value};

fn guide() -> String {
    std::fs::read_to_string(root().join("crates/interregnum/suites/README.md")).unwrap()
}

/// The blocks of TOML, in order: a whole suite, then parts of one.
fn blocks(guide: &str) -> Vec<Table> {
    let blocks = guide.split("```toml\n").skip(1).map(|rest| rest.split_once("```").expect("a block has an end").0);
    blocks.map(|text| toml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))).collect()
}

/// Puts a part of a suite into a whole one: lists grow, tables take further keys, anything else is replaced.
fn merge(whole: &mut Table, part: &Table) {
    for (key, value) in part {
        match (whole.get_mut(key), value) {
            (Some(Value::Table(old)), Value::Table(new)) => merge(old, new),
            (Some(Value::Array(old)), Value::Array(new)) => old.extend(new.clone()),
            _ => {
                whole.insert(key.clone(), value.clone());
            }
        }
    }
}

#[test]
fn every_example_is_a_part_of_a_suite_that_can_be_prepared() {
    let guide = guide();
    let blocks = blocks(&guide);
    assert!(blocks.len() > 10, "{} examples", blocks.len());
    let whole = &blocks[0];
    prepare(&whole.to_string()).unwrap();
    let mut all = whole.clone();
    for block in &blocks[1..] {
        let mut suite = whole.clone();
        merge(&mut suite, block);
        merge(&mut all, block);
        if let Err(error) = prepare(&suite.to_string()) {
            panic!("{error}\n{block}");
        }
    }
    let stress = prepare(&all.to_string()).unwrap();
    assert!(stress.suite().shifts.len() >= 5 && stress.suite().bases.len() == 1);
}

#[test]
fn the_guide_is_short() {
    assert!(guide().len() < 25_000, "{} bytes", guide().len());
}

/// Words in code spans and examples.
fn words_in_code(guide: &str) -> BTreeSet<String> {
    let code: String =
        guide.split('`').enumerate().filter(|(i, _)| i % 2 == 1).map(|(_, span)| format!("{span} ")).collect();
    // Fences of examples are three marks, which leave their inside at an odd place as well.
    code.split(|c: char| !c.is_alphanumeric() && !"_-".contains(c)).map(str::to_owned).collect()
}

/// The words that the reader of suites says are allowed where `part` stands.
fn allowed(whole: &Table, part: &str) -> Vec<String> {
    let mut suite = whole.clone();
    merge(&mut suite, &toml::from_str(part).unwrap_or_else(|error| panic!("{error}\n{part}")));
    let message =
        Suite::from_toml("s", &suite.to_string()).err().unwrap_or_else(|| panic!("accepted: {part}")).to_string();
    let (_, allowed) = message.split_once("allowed: ").unwrap_or_else(|| panic!("{message}"));
    let words: Vec<String> = allowed.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    assert!(!words.is_empty() && !allowed.contains('…'), "{message}");
    words
}

#[test]
fn the_guide_names_every_key_and_word() {
    let guide = guide();
    let whole = &blocks(&guide)[0];
    let known = words_in_code(&guide);
    let estimator = |text: &str| {
        format!(
            "[[claim]]\nname='c'\nessay=''\nclaim=''\nexpects='positive'\nover=['shifts']\ncell=[]\nestimator={{ {text} }}"
        )
    };
    let agent = |text: &str| format!("[[agent]]\nname = 'a'\n{text}");
    let mut parts: Vec<String> = vec!["zzz = 1".to_owned(), "rocket = [{ name = 'a', zzz = 1 }]".to_owned()];
    for table in ["role", "agent", "base", "shift", "experiment", "probe", "monitor", "claim"] {
        parts.push(format!("[[{table}]]\nzzz = 1"));
    }
    parts.extend(
        [
            "[grid]\nzzz = 1",
            "[[claim]]\nname = 'c'\ncell = [{ zzz = 1 }]",
            "[[claim]]\nname = 'c'\ncell = [{ measure = 'zzz' }]",
            "[[claim]]\nname = 'c'\ntier = 'zzz'",
            "[[claim]]\nname = 'c'\nexpects = 'zzz'",
            "[[claim]]\nname = 'c'\nover = ['zzz']",
            "[[shift]]\nname = 's'\nexpect = 'zzz'",
            "[[shift]]\nname = 's'\ndose = { zzz = 1 }",
            "[[role]]\nname = 'r'\nbound_by = 'zzz'",
            "[[role]]\nname = 'r'\nselected_under = 'zzz'",
            "[[probe]]\nname = 'p'\nmeasures = 'zzz'",
            "[[monitor]]\nname = 'm'\ndetectors = ['zzz']",
        ]
        .map(str::to_owned),
    );
    parts.extend(
        [
            "prior = { zzz = 1 }",
            "trust = 'zzz'",
            "search = 'zzz'",
            "reconsiders = 'zzz'",
            "reconsiders = { alarm = { zzz = 1 } }",
            "reconsiders = { hedge = { zzz = 1 } }",
        ]
        .map(agent),
    );
    for kind in ["difference", "interaction", "trend", "peak-to-trough", "area", "time-to-threshold", "association"] {
        parts.push(estimator(&format!("kind = '{kind}', zzz = 1")));
    }
    parts.extend(
        [
            "kind = 'trend', axis = 'zzz'",
            "kind = 'trend', scale = 'zzz'",
            "kind = 'time-to-threshold', threshold = 1, side = 'zzz'",
            "kind = 'association', statistic = 'zzz'",
            "kind = 'association', statistic = 'pearson', covariate = { zzz = 1 }",
        ]
        .map(estimator),
    );
    let mut missing = BTreeSet::new();
    let mut count = 0;
    for part in &parts {
        for word in allowed(whole, part) {
            count += 1;
            if !known.contains(&word) {
                missing.insert(format!("`{word}` in {part}"));
            }
        }
    }
    for kind in rules::EndingKind::ALL {
        if !known.contains(kind.name()) {
            missing.insert(format!("`{}`, an ending", kind.name()));
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(count > 150, "{count} words were compared");
}
