//! Stress runs: exact nulls hold, results do not depend on threads or interruptions, other runs' results are not mixed in.

mod common;

use std::path::{Path, PathBuf};

use common::{root, run, stdout};
use regime::rows::{Log, ProbeRow, read_log};
use serde_json::Value;
use sha2::Digest as _;

const SUITE: &str = "tests/data/small.toml";

fn stress(out: &Path, more: &[&str]) -> Value {
    let mut args = vec!["stress", SUITE, "--json", "--out", out.to_str().unwrap()];
    args.extend_from_slice(more);
    serde_json::from_str(&stdout(&args)).unwrap()
}

fn read(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap()
}

fn folders(n: usize) -> (tempfile::TempDir, Vec<PathBuf>) {
    let parent = tempfile::tempdir().unwrap();
    let paths = (0..n).map(|i| parent.path().join(i.to_string())).collect();
    (parent, paths)
}

#[test]
fn relabelled_mirror_is_an_exact_null() {
    let (_parent, out) = folders(1);
    let summary = stress(&out[0], &[]);
    let nulls = summary["exact_nulls"].as_array().unwrap();
    assert_eq!(nulls.len(), 2);
    assert_eq!(nulls[0]["held"], true, "the relabelled mirror did not play the games of the unchanged rules");
    assert_eq!(nulls[1]["held"], true, "the inert rule changed a game");
    // The check must be able to fail: the raw mirror plays other games.
    let scores = |shift: &str| -> Vec<(String, String)> {
        let rows = read(&out[0], "results.jsonl");
        let rows = rows.lines().map(|l| serde_json::from_str::<Value>(l).unwrap());
        rows.filter(|r| r["shift"] == shift).map(|r| (r["plies"].to_string(), r["confidence"].to_string())).collect()
    };
    assert_eq!(scores("none"), scores("mirror-relabelled"));
    assert_ne!(scores("none"), scores("mirror-raw"));
    let pairs = std::fs::read(out[0].join("results.parquet")).unwrap();
    assert!(pairs.starts_with(b"PAR1") && pairs.ends_with(b"PAR1"));
    let page = read(&out[0], "report.html");
    assert!(page.contains("mirror-relabelled") && !page.contains("src=\"http"));
    // A link in the place of a file is replaced, and what it leads to is left alone.
    let victim = out[0].with_extension("victim");
    std::fs::write(&victim, "mine").unwrap();
    for file in ["report.html", "summary.json", "summary.csv", "results.parquet"] {
        std::fs::remove_file(out[0].join(file)).unwrap();
        std::os::unix::fs::symlink(&victim, out[0].join(file)).unwrap();
    }
    stdout(&["report", out[0].to_str().unwrap()]);
    assert!(std::fs::read_to_string(&victim).unwrap() == "mine" && !out[0].join("report.html").is_symlink());
    assert!(read(&out[0], "report.html") == page && std::fs::read(out[0].join("results.parquet")).unwrap() == pairs);
    // A finished run that has lost rows is no run to report on, and what was made from all of its rows stays.
    let rows = read(&out[0], "results.jsonl");
    let (lines, folder) = (rows.lines().count(), out[0].to_str().unwrap());
    std::fs::write(out[0].join("results.jsonl"), &rows[..rows.len() - 5]).unwrap();
    let cut = run(&["report", folder]);
    let said = String::from_utf8_lossy(&cut.stderr).into_owned();
    let named = format!("results.jsonl: holds {} whole rows; {lines} were expected", lines - 1);
    assert!(cut.status.code() == Some(2) && said.contains(&named), "{said}");
    assert_eq!(std::fs::read(out[0].join("results.parquet")).unwrap(), pairs);
    // A run that was interrupted before the nulls were played has neither kept nor broken them.
    let played: Vec<&str> = rows.lines().take_while(|row| row.contains("\"shift\":\"none\"")).collect();
    interrupt(&out[0], &played);
    let table = stdout(&["report", folder]);
    assert!(table.contains("Exact nulls not yet played: mirror-relabelled, inert."), "{table}");
    assert!(!table.contains("FAILED") && !read(&out[0], "report.html").contains("FAILED"), "{table}");
    let summary: Value = serde_json::from_str(&read(&out[0], "summary.json")).unwrap();
    assert!(summary["run"]["finished"] == false && summary["exact_nulls"][0]["held"].is_null());
    assert!(!stdout(&["report", folder, "--markdown"]).contains("INVALID"));
    // Nor is what was made from more rows replaced while the run goes on.
    std::fs::write(out[0].join("results.parquet"), &pairs).unwrap();
    let fewer = run(&["report", folder]);
    let said = String::from_utf8_lossy(&fewer.stderr).into_owned();
    assert!(said.contains("not finished: ") && said.contains("nothing was written"), "{said}");
    assert!(fewer.status.code() == Some(1) && std::fs::read(out[0].join("results.parquet")).unwrap() == pairs);
}

/// Leaves of a run what a kill would have left after these rows.
fn interrupt(folder: &Path, rows: &[&str]) {
    std::fs::write(folder.join("results.jsonl"), rows.join("\n") + "\n").unwrap();
    let mut card: Value = serde_json::from_str(&read(folder, "run.json")).unwrap();
    assert!(card.as_object_mut().unwrap().remove("finished").is_some());
    std::fs::write(folder.join("run.json"), card.to_string()).unwrap();
    for file in ["probes.jsonl", "extras.json", "summary.json", "summary.csv", "report.html", "results.parquet"] {
        std::fs::remove_file(folder.join(file)).unwrap();
    }
}

#[test]
fn threads_and_interruptions_leave_the_same_bytes() {
    let (_parent, out) = folders(3);
    stress(&out[0], &["--jobs", "1"]);
    stress(&out[1], &["--jobs", "2"]);
    let rows = read(&out[0], "results.jsonl");
    assert_eq!(rows, read(&out[1], "results.jsonl"));
    assert_eq!(read(&out[0], "summary.json"), read(&out[1], "summary.json"));
    let probes = read(&out[0], "probes.jsonl");
    assert_eq!(probes, read(&out[1], "probes.jsonl"));
    // What a kill can leave: whole rows, a torn one, no summary.
    std::fs::create_dir(&out[2]).unwrap();
    std::fs::write(out[2].join("results.jsonl"), &rows[..rows.len() * 2 / 3]).unwrap();
    std::fs::write(out[2].join("probes.jsonl"), &probes[..probes.len() / 2]).unwrap();
    std::fs::copy(out[0].join("run.json"), out[2].join("run.json")).unwrap();
    stress(&out[2], &["--resume"]);
    assert_eq!(rows, read(&out[2], "results.jsonl"));
    assert_eq!(probes, read(&out[2], "probes.jsonl"));
    assert_eq!(
        read(&out[0], "summary.json").replace("--jobs 1", ""),
        read(&out[2], "summary.json").replace("--jobs 1", "")
    );
}

#[test]
fn a_suite_is_checked_without_a_game() {
    let accepted = stdout(&["stress", SUITE, "--check"]);
    assert!(accepted.starts_with("accepted: ") && accepted.contains("cells would be played"), "{accepted}");
    let (parent, _) = folders(0);
    let text = std::fs::read_to_string(root().join(SUITE)).unwrap();
    let file = parent.path().join("suite.toml");
    // What only a whole preparation can see: rules that no game has, and a weight file that is not there.
    for (found, becomes, words) in
        [("flagRegion", "flagReigon", "flagReigon"), ("gardner-2.", "gardner-7002.", "gardner-7002")]
    {
        assert!(text.contains(found), "{found}");
        std::fs::write(&file, text.replacen(found, becomes, 1)).unwrap();
        let output = run(&["stress", file.to_str().unwrap(), "--check"]);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && message.contains(words), "{message}");
    }
}

#[test]
fn other_runs_are_left_alone() {
    let (_parent, out) = folders(1);
    stress(&out[0], &[]);
    let folder = out[0].to_str().unwrap();
    let again = run(&["stress", SUITE, "--out", folder]);
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("--resume"));
    let text = std::fs::read_to_string(root().join(SUITE)).unwrap().replace("seed = 7", "seed = 8");
    let other = out[0].with_extension("toml");
    std::fs::write(&other, text).unwrap();
    let mixed = run(&["stress", other.to_str().unwrap(), "--out", folder, "--resume"]);
    assert_eq!(mixed.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&mixed.stderr).contains("choose another directory"));
}

#[test]
fn a_report_is_replicated_or_the_difference_named() {
    let (_parent, out) = folders(3);
    stress(&out[0], &[]);
    let published = &out[0];
    let again = |published: &Path, out: &Path| {
        run(&["stress", "--replicate", published.to_str().unwrap(), "--out", out.to_str().unwrap()])
    };
    let same = again(published, &out[1]);
    let told = |output: &std::process::Output| String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(same.status.success() && told(&same).ends_with("verdicts: all the same\n"), "{}", told(&same));
    // The run that was played again is held against changed copies of the published one without being played once more.
    let against = |change: &dyn Fn(&Path, &mut Value)| {
        let copy = out[0].with_extension("copy");
        std::fs::create_dir_all(&copy).unwrap();
        for file in ["results.jsonl", "probes.jsonl", "extras.json"] {
            std::fs::copy(published.join(file), copy.join(file)).unwrap();
        }
        let mut card = serde_json::from_str(&read(published, "run.json")).unwrap();
        change(&copy, &mut card);
        std::fs::write(copy.join("run.json"), card.to_string()).unwrap();
        let args = ["stress", "--resume", "--replicate", copy.to_str().unwrap(), "--out", out[1].to_str().unwrap()];
        let output = run(&args);
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
        told(&output)
    };
    let cut = against(&|copy, card| {
        let rows = read(copy, "results.jsonl");
        let left: Vec<&str> = rows.lines().collect();
        std::fs::write(copy.join("results.jsonl"), left[..left.len() - 2].join("\n") + "\n").unwrap();
        card.as_object_mut().unwrap().remove("finished");
    });
    let pairs = read(published, "results.jsonl").lines().count();
    let missing = format!("{} of {pairs} replicated to the last digit; 2 missing in the published run", pairs - 2);
    assert!(cut.contains("is not finished") && cut.contains(&missing), "{cut}");
    assert!(cut.contains("not the same: measures of shifts, games for replay"), "{cut}");
    let answered = against(&|copy, card| {
        let identity = card["identity"].as_str().unwrap().to_owned();
        let path = copy.join("probes.jsonl");
        let mut rows: Vec<ProbeRow> = read_log(&path, &identity).unwrap();
        rows[1].score = 0.125;
        let log = Log::create(&path, &identity, &rows).unwrap();
        card["finished"]["probes"] = serde_json::to_value(log.end()).unwrap();
    });
    assert!(answered.contains(&format!("pairs of games: {pairs} of {pairs} replicated")), "{answered}");
    assert!(answered.contains("; 1 differing") && answered.contains("not the same: probes"), "{answered}");
    let replayed = against(&|copy, card| {
        let mut extras: Value = serde_json::from_str(&read(copy, "extras.json")).unwrap();
        extras["games"][0]["result"] = "0-1".into();
        let text = extras.to_string();
        std::fs::write(copy.join("extras.json"), &text).unwrap();
        let hash = sha2::Sha256::digest(text);
        card["finished"]["extras"] = hash[..8].iter().map(|b| format!("{b:02x}")).collect::<String>().into();
    });
    assert!(replayed.contains("not the same: games for replay\n"), "{replayed}");
    // A run of another program, honestly signed by it: its rows are not those that this program plays.
    let mut card: Value = serde_json::from_str(&read(published, "run.json")).unwrap();
    card["signature"] = "0000000000000000".into();
    std::fs::write(published.join("run.json"), card.to_string()).unwrap();
    let forged = again(published, &out[2]);
    assert_eq!(forged.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&forged.stderr).contains("run.json"), "a card that was changed is refused");
}

/// An engine that lists Gardner and then plays what no rule allows.
const CHEAT: &str = r#"#!/bin/sh
while read -r line; do
    case $line in
        uci) echo "option name UCI_Variant type combo default chess var chess var gardner"; echo uciok;;
        isready) echo readyok;;
        go*) echo "bestmove a1a1";;
        quit) exit;;
    esac
done
"#;

#[cfg(unix)]
#[test]
fn points_are_not_won_by_an_engine_that_fails() {
    use std::os::unix::fs::PermissionsExt as _;
    let (parent, out) = folders(1);
    let cheat = parent.path().join("cheat");
    std::fs::write(&cheat, CHEAT).unwrap();
    std::fs::set_permissions(&cheat, std::fs::Permissions::from_mode(0o755)).unwrap();
    let suite = parent.path().join("cheat.toml");
    let text = format!(
        "name = 'cheat'\ntitle = ''\nvariant = 'gardner'\nseed = 1\nopening_plies = 4\nfamilies = ['none']\n\
         [files]\ninherited = ['gardner-1.safetensors']\n[[agent]]\nname = 'cheat'\nengine = 'uci:{}@nodes=1'\n\
         [[experiment]]\nname = 'headline'\nmatches = [['frozen', 'cheat']]\n\
         playouts = [4]\npairs = 2\n[[shift]]\nname = 'none'\nfamily = 'none'\nhypothesis = ''\n",
        cheat.display()
    );
    std::fs::write(&suite, text).unwrap();
    let stopped = run(&["stress", suite.to_str().unwrap(), "--out", out[0].to_str().unwrap()]);
    let said = String::from_utf8_lossy(&stopped.stderr).into_owned();
    assert!(stopped.status.code() == Some(1) && said.contains("its own failure"), "{said}");
    assert_eq!(read(&out[0], "results.jsonl"), "", "a forfeited game counts for nobody");
}

#[test]
fn the_standard_suite_is_whole() {
    let list: Value = serde_json::from_str(&stdout(&["stress", "standard", "--list", "--json"])).unwrap();
    let shifts = list["shifts"].as_array().unwrap();
    assert!(shifts.len() >= 30, "{} shifts", shifts.len());
    assert!(shifts.iter().all(|s| s["hypothesis"].as_str().is_some_and(|h| h.len() > 20)));
    assert!(list["claims"].as_array().unwrap().len() >= 8);
    let files: Vec<&str> = list["models"].as_array().unwrap().iter().map(|f| f.as_str().unwrap()).collect();
    assert!(files.len() > 50);
    for file in files {
        assert!(root().join("models").join(file).exists(), "{file} is missing");
    }
}
