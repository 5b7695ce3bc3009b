//! What READMEs show is what the program prints, and what they link to exists.

mod common;

use common::{root, stdout};
use serde_json::Value;

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The block of results in the README.
fn results() -> String {
    let readme = read("README.md");
    let (_, rest) = readme.split_once("<!-- table of `stress quick`").expect("the marker of the table");
    let (_, rest) = rest.split_once("```text\n").expect("the table");
    rest.split_once("```").expect("the end of the table").0.to_owned()
}

#[test]
fn the_readme_is_a_door_and_every_crate_has_one() {
    assert!(
        read("README.md").len() <= 10 * 1024,
        "findings, measurements and guides belong in the room that they describe"
    );
    for entry in std::fs::read_dir(root().join("crates")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(read("README.md").contains(&format!("(crates/{name})")), "the map lacks crates/{name}");
        read(&format!("crates/{name}/README.md"));
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    let mut folders = vec![root()];
    let mut pages = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() && !name.starts_with('.') && !["target", "third_party", "runs"].contains(&name) {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                pages += 1;
                let text = std::fs::read_to_string(&path).unwrap();
                for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
                    let target = link.split('#').next().unwrap();
                    let leads = target.is_empty() || folder.join(target).exists();
                    assert!(leads, "{}: the link to {link} leads nowhere", path.display());
                }
            }
        }
    }
    assert!(pages > 10, "only {pages} pages");
}

#[test]
fn the_suite_that_the_guide_shows_is_one() {
    let guide = read("crates/interregnum/suites/README.md");
    let (_, rest) = guide.split_once("```toml\n").unwrap();
    let (suite, _) = rest.split_once("```").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (folder.path().join("mine.toml"), folder.path().join("out"));
    std::fs::write(&file, suite.replace("pairs = 20", "pairs = 1").replace("[100]", "[4]")).unwrap();
    let table = stdout(&["stress", file.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert!(table.lines().any(|line| line.starts_with("hill ")), "{table}");
}

#[test]
fn every_registered_shift_is_reported() {
    let list: Value = serde_json::from_str(&stdout(&["stress", "quick", "--list", "--json"])).unwrap();
    let table = results();
    for shift in list["shifts"].as_array().unwrap() {
        let name = shift["name"].as_str().unwrap();
        let row = table.lines().find(|line| line.split_whitespace().next() == Some(name));
        assert!(row.is_some_and(|row| row.contains('±')), "the README's table has no result for the shift {name}");
    }
}

#[test]
fn list_of_variants_is_generated() {
    let list = stdout(&["variants", "list", "--markdown"]);
    assert!(
        read("crates/rules/README.md").contains(&list),
        "the list of variants in crates/rules/README.md should be what `variants list --markdown` prints"
    );
}

#[test]
fn every_subcommand_is_explained() {
    for command in ["variants", "legal", "perft", "bench", "uci", "train", "match", "stress", "report", "model"] {
        assert!(stdout(&[command, "--help"]).contains("Usage:"), "{command}");
        assert!(stdout(&["--help"]).contains(command), "{command} is missing in --help");
    }
}

#[test]
fn shipped_models_are_sound_and_named_by_suite_or_ledger() {
    let suites = ["quick", "standard"].map(|name| stdout(&["stress", name, "--list", "--json"])).concat();
    let ledger = read("models/LEDGER.md");
    let mut count = 0;
    let folders = ["models", "models/curves"].map(|folder| std::fs::read_dir(root().join(folder)));
    for entry in folders.into_iter().flatten().flatten() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "safetensors") {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let stem = name.trim_end_matches(".safetensors");
            let known = suites.contains(&name) || ledger.contains(&format!("`{stem}`"));
            assert!(known, "{name} is used by no suite and stands in no ledger");
            let card: Value =
                serde_json::from_str(&stdout(&["model", "show", "--json", path.to_str().unwrap()])).unwrap();
            assert!(card["lineage"]["command"].as_str().unwrap().starts_with("interregnum train "), "{name}");
            count += 1;
        }
    }
    assert!(count >= 9, "only {count} models");
}

#[test]
fn the_verdicts_are_those_of_the_shipped_run() {
    let folder = root().join("crates/interregnum/suites/standard");
    let printed = stdout(&["report", folder.to_str().unwrap(), "--markdown"]);
    assert!(
        read("crates/interregnum/suites/standard/README.md").contains(&printed),
        "suites/standard/README.md lacks what `interregnum report {} --markdown` prints",
        folder.display()
    );
    let list: Value = serde_json::from_str(&stdout(&["stress", "standard", "--list", "--json"])).unwrap();
    for shift in list["shifts"].as_array().unwrap() {
        let name = shift["name"].as_str().unwrap();
        let probed = name.starts_with("tiny") || name.starts_with("none-after");
        assert!(probed || printed.contains(&format!("| {name} |")), "{name} is registered and has no line");
    }
}
