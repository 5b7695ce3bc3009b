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
fn a_tournament_that_is_asked_to_stop_keeps_its_rounds_and_goes_on_when_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("t.toml");
    // So that it does not end before it is stopped.
    std::fs::write(&file, TOURNAMENT.replace("playouts=24", "playouts=200")).unwrap();
    let (file, whole, torn) = (file.to_str().unwrap(), folder.path().join("whole"), folder.path().join("torn"));
    stdout(&["tournament", file, "--out", whole.to_str().unwrap(), "--jobs", "2"]);
    let words = ["tournament", file, "--out", torn.to_str().unwrap(), "--jobs", "2"];
    let child = program().args(words).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let began = Instant::now();
    while size(&torn.join("results.jsonl")) < 4000 {
        assert!(began.elapsed() < Duration::from_secs(120), "nothing happens");
        std::thread::sleep(Duration::from_millis(1));
    }
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(130) && error.contains("stopped by SIGINT; the same command"), "{error}");
    // Without the rows nobody knows whose games these are: they stay as they are.
    let (log, games) = (torn.join("results.jsonl"), torn.join("games.pgn"));
    let (rows, text) = (std::fs::read(&log).unwrap(), std::fs::read(&games).unwrap());
    std::fs::remove_file(&log).unwrap();
    let output = program().args(words).arg("--resume").output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.code() == Some(2) && error.contains("games.pgn") && error.contains("results.jsonl"),
        "{error}"
    );
    assert!(std::fs::read(&games).unwrap() == text && !log.exists());
    std::fs::write(&log, rows).unwrap();
    stdout(&[&words[..], &["--resume"]].concat());
    for name in ["config.json", "results.jsonl", "games.pgn", "ratings.json", "table.txt"] {
        assert!(std::fs::read(whole.join(name)).unwrap() == std::fs::read(torn.join(name)).unwrap(), "{name}");
    }
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
