//! Names mean nothing: a summary under other names gives the same page under other names.

mod fixture;

use std::collections::BTreeMap;

use regime::analysis::Summary;
use report::{csv, html, markdown, table};

/// As long as the name, in another order of the alphabet, and found in no other text.
fn renamed(name: &str, number: usize) -> String {
    let other: String = name
        .chars()
        .map(|c| match c {
            'a'..='z' => char::from(b'z' - (c as u8 - b'a')),
            c => c,
        })
        .collect();
    // A letter of Greek keeps it apart from every word of ours.
    let mark = char::from_u32(0x3b1 + (number % 24) as u32).expect("a letter");
    mark.to_string() + &other.chars().skip(1).collect::<String>()
}

/// Every name of a summary with another one.
fn renaming(summary: &Summary) -> BTreeMap<String, String> {
    let names = summary
        .shifts
        .iter()
        .map(|s| &s.name)
        .chain(summary.agents.iter().map(|a| &a.name))
        .chain(summary.sections.iter().flat_map(|s| s.experiments.iter().chain(&s.probes).chain(&s.monitors)))
        .chain(summary.findings.iter().map(|f| &f.name))
        .chain(summary.shifts.iter().map(|s| &s.family));
    names.enumerate().map(|(i, name)| (name.clone(), renamed(name, i))).collect()
}

/// Gives every text that is a name another one.
fn rename(value: &mut serde_json::Value, names: &BTreeMap<String, String>, field: &str) {
    const NAMES: [&str; 17] = [
        "name",
        "shift",
        "experiment",
        "agent",
        "opponent",
        "probe",
        "monitor",
        "family",
        "white",
        "black",
        "experiments",
        "probes",
        "monitors",
        "suite",
        "title",
        "engines",
        "about",
    ];
    match value {
        serde_json::Value::String(text) => {
            if let Some(other) = names.get(text.as_str()).filter(|_| NAMES.contains(&field)) {
                text.clone_from(other);
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| rename(item, names, field)),
        serde_json::Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| rename(value, names, key)),
        _ => {}
    }
}

/// The page without its Parquet file, whose bytes are compressed.
fn page(summary: &Summary) -> String {
    let page = html(summary);
    let start = page.find("<pre id=\"summary-parquet\"").expect("the file");
    let end = start + page[start..].find("</pre>").expect("its end");
    page[..start].to_owned() + &page[end..]
}

#[test]
fn other_names_give_the_same_page_under_other_names() {
    let mut summary = fixture::summary(1);
    // Sentences that contain a name are not names: they would have to be renamed by hand.
    summary.agents.iter_mut().for_each(|agent| agent.about = "An agent.".into());
    summary.findings.iter_mut().for_each(|finding| finding.claim = "A claim.".into());
    summary.run.grid = "the cell of the grid".into();
    let names = renaming(&summary);
    let mut value = serde_json::to_value(&summary).expect("plain data");
    rename(&mut value, &names, "");
    let other: Summary = serde_json::from_value(value).expect("a summary");
    assert!(other.rows.iter().zip(&summary.rows).all(|(a, b)| a.agent != b.agent && a.shift != b.shift));
    assert!(other.run.grid_cell != summary.run.grid_cell);

    // Longest first: a name may begin another.
    let mut back: Vec<(&String, &String)> = names.iter().map(|(old, new)| (new, old)).collect();
    back.sort_by_key(|(new, _)| std::cmp::Reverse(new.len()));
    let restored = |text: String| back.iter().fold(text, |text, (new, old)| text.replace(new.as_str(), old));
    for (what, of) in [("page", page as fn(&Summary) -> String), ("table", table), ("markdown", markdown), ("CSV", csv)]
    {
        let (one, two) = (of(&summary), of(&other));
        assert!(one != two, "{what}: the names are not in it");
        let two = restored(two);
        if one != two {
            let at = one.bytes().zip(two.bytes()).take_while(|(a, b)| a == b).count();
            let around = |text: &str| {
                let from = text.floor_char_boundary(at.saturating_sub(150));
                text[from..text.floor_char_boundary(at + 150)].to_owned()
            };
            panic!("{what} differs at byte {at}:\n{}\n---\n{}", around(&one), around(&two));
        }
    }
}
