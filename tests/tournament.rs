//! A tournament that is killed again and again ends with the bytes of one that was left alone.

mod common;

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{program, stdout};

const TOURNAMENT: &str = r#"
name = "killed"
variant = "gardner"
rounds = 40
seed = 2
[openings]
plies = 6
[[player]]
name = "strong"
spec = "rollout@playouts=24"
[[player]]
name = "weak"
spec = "rollout@playouts=6,seed=1"
[[player]]
name = "random"
spec = "random"
"#;

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |m| m.len())
}

#[test]
fn a_killed_tournament_resumes_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("t.toml");
    std::fs::write(&file, TOURNAMENT).unwrap();
    let (file, whole, torn) = (file.to_str().unwrap(), folder.path().join("whole"), folder.path().join("torn"));
    let table = stdout(&["tournament", file, "--out", whole.to_str().unwrap(), "--jobs", "2"]);
    let log = torn.join("results.jsonl");
    let mut kills = 0;
    loop {
        let mut child = program()
            .args(["tournament", file, "--out", torn.to_str().unwrap(), "--jobs", "1"])
            .args((kills > 0).then_some("--resume"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Each run gets a little further than the last one.
        let (before, began) = (size(&log), Instant::now());
        let goal = before + 4000;
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break Some(status);
            }
            if size(&log) >= goal {
                break None;
            }
            assert!(began.elapsed() < Duration::from_secs(120), "nothing happens");
            std::thread::sleep(Duration::from_millis(1));
        };
        if let Some(status) = status {
            assert!(status.success());
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
    }
    assert!(kills >= 2, "{kills} kills");
    for name in ["config.json", "results.jsonl", "games.pgn", "ratings.json", "table.txt"] {
        assert!(std::fs::read(whole.join(name)).unwrap() == std::fs::read(torn.join(name)).unwrap(), "{name}");
    }
    assert_eq!(table.as_bytes(), std::fs::read(whole.join("table.txt")).unwrap());
    let json = stdout(&["tournament", file, "--out", whole.to_str().unwrap(), "--resume", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["games"], &json["players"][0]["name"]), (&240.into(), &"strong".into()));
}

#[test]
fn a_book_serves_a_match() {
    let folder = tempfile::tempdir().unwrap();
    let book = folder.path().join("book.epd");
    let name = book.to_str().unwrap();
    let make =
        ["openings", "--variant", "crazyhouse", "--count", "12", "--plies", "6", "--seed", "4", "--balance", "0.4"];
    let text = stdout(&[&make[..], &["--judge", "zero@playouts=50", "--jobs", "2"]].concat());
    assert_eq!(text.lines().count(), 12);
    let json = stdout(&[&make[..], &["--judge", "zero@playouts=50", "--jobs", "1", "--out", name, "--json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["openings"], &json["judge"]), (&12.into(), &"zero@playouts=50".into()));
    assert_eq!(std::fs::read_to_string(&book).unwrap(), text);
    let pgn = folder.path().join("games.pgn");
    let play = ["match", "random", "random@seed=1", "--variant", "crazyhouse", "--rounds", "5", "--openings", name];
    stdout(&[&play[..], &["--order", "random", "--seed", "3", "--pgn", pgn.to_str().unwrap()]].concat());
    let games = std::fs::read_to_string(&pgn).unwrap();
    assert_eq!(text.lines().filter(|fen| games.contains(&format!("[FEN \"{fen}\"]"))).count(), 5);
    assert_eq!(games.matches("[SetUp \"1\"]").count(), 10);
}
