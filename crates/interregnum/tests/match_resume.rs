//! Matches on disk: ten kills lose and repeat no game, and what is there is neither mixed up nor overwritten unasked.

mod common;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{program, run, stdout};

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |m| m.len())
}

fn state_of(pgn: &Path) -> PathBuf {
    PathBuf::from(format!("{}.state.jsonl", pgn.display()))
}

/// Runs `match` with these words until it ends, and kills it again and again on the way: once per `step` bytes of games, up
/// to `most` times. Returns how often.
fn killed(words: &[&str], pgn: &Path, step: u64, most: usize) -> usize {
    let mut kills = 0;
    loop {
        let mut child = program()
            .args(words)
            // A match of which nothing is on disk yet begins.
            .args(["--pgn", pgn.to_str().unwrap(), "--resume"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (before, began) = (size(pgn), Instant::now());
        let goal = if kills < most { before + step } else { u64::MAX };
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                assert!(status.success());
                return kills;
            }
            if size(pgn) >= goal {
                break;
            }
            assert!(began.elapsed() < Duration::from_secs(300), "nothing happens");
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
    }
}

#[test]
fn a_match_that_is_killed_ten_times_ends_with_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let [whole, torn] = ["whole.pgn", "torn.pgn"].map(|name| folder.path().join(name));
    let words = "match rollout@playouts=16 random --variant gardner --rounds 60 --concurrency 2 --seed 3";
    let words: Vec<&str> = words.split(' ').collect();
    let json =
        |pgn: &Path, more: &str| stdout(&[&words[..], &["--json", "--pgn", pgn.to_str().unwrap()], &[more]].concat());
    let summary = json(&whole, "--overwrite");
    assert!(killed(&words, &torn, size(&whole) / 14, 10) >= 3);
    assert_eq!(std::fs::read(&torn).unwrap(), std::fs::read(&whole).unwrap());
    assert_eq!(std::fs::read(state_of(&torn)).unwrap(), std::fs::read(state_of(&whole)).unwrap());
    // A match that has ended says again how.
    assert_eq!(json(&torn, "--resume"), summary);
}

#[test]
fn no_game_against_an_engine_is_lost_or_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let pgn = folder.path().join("games.pgn");
    let engine = format!("uci:{} uci@nodes=20", env!("CARGO_BIN_EXE_interregnum"));
    let words = ["match", "random", &engine, "--variant", "gardner", "--rounds", "20", "--concurrency", "2"];
    killed(&words, &pgn, 5000, 4);
    let text = std::fs::read_to_string(&pgn).unwrap();
    let rounds: Vec<&str> = text.lines().filter(|line| line.starts_with("[Round ")).collect();
    let expected: Vec<String> =
        (1..=20).flat_map(|round| [1, 2].map(|game| format!("[Round \"{round}.{game}\"]"))).collect();
    assert_eq!(rounds, expected);
    assert_eq!(
        text.matches("[Termination \"normal\"]").count() + text.matches("[Termination \"adjudication\"]").count(),
        40
    );
    assert_eq!(text.matches("Engine \"Interregnum ").count(), 40);
}

#[test]
fn matches_on_disk_are_neither_mixed_up_nor_overwritten_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let pgn = folder.path().join("games.pgn");
    let pgn = pgn.to_str().unwrap();
    let words = ["match", "random", "random@seed=1", "--variant", "gardner", "--rounds", "3", "--pgn", pgn];
    let refused = |more: &[&str], parts: &[&str]| {
        let output = run(&[&words[..], more].concat());
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{error}");
        for part in parts {
            assert!(error.contains(part), "`{part}` is not in {error}");
        }
    };
    stdout(&words);
    refused(&[], &["games.pgn: exists", "--resume", "--overwrite"]);
    refused(&["--resume", "--seed", "9"], &["is of other games: `openings` was"]);
    refused(&["--resume", "--maxmoves", "9"], &["is of other games: `max_plies` was 512 and is 18 now"]);
    refused(&["--resume", "--overwrite"], &["cannot be used with"]);
    stdout(&[&words[..], &["--overwrite"]].concat());
}

#[test]
fn adjudication_is_stated_where_it_is_on() {
    let folder = tempfile::tempdir().unwrap();
    let pgn = folder.path().join("games.pgn");
    let words =
        ["match", "rollout@playouts=30", "random", "--variant", "gardner", "--rounds", "4", "--json", "--pgnout"];
    let rules =
        ["--resign", "movecount=1", "score=100", "--draw", "movenumber=9 movecount=2 score=5", "--maxmoves", "30"];
    let json = stdout(&[&words[..], &[pgn.to_str().unwrap(), "--repeat"], &rules].concat());
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let stated = "resign movecount=1 score=100; draw movenumber=9 movecount=2 score=5; maxmoves 30";
    assert_eq!(json["adjudication"], stated);
    assert!(json["adjudicated"].as_u64().unwrap() > 0 && json["games"] == 8, "{json}");
    let text = std::fs::read_to_string(&pgn).unwrap();
    assert_eq!(text.matches(&format!("[Adjudication \"{stated}\"]")).count(), 8);
    assert!(text.contains("[Termination \"adjudication\"]") && text.contains("{adjudicated by the players' scores}"));
    for (option, setting) in [("--resign", "movecount=1"), ("--draw", "score=1"), ("--resign", "pawns=1")] {
        let output = run(&["match", "random", "random", "--variant", "gardner", option, setting]);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && error.contains(option) && error.contains(setting), "{error}");
    }
}

#[test]
fn engines_that_cannot_play_end_the_match_at_once() {
    for (engine, part) in [
        ("uci:/no/such/engine@nodes=1", "cannot be run"),
        ("uci:false@nodes=1", "exited (exit status: 1) before `uciok`"),
        ("uci:echo hello@nodes=1", "exited (exit status: 0) before `uciok`"),
        ("uci:engine", "an engine needs a limit"),
    ] {
        let output = run(&["match", engine, "random", "--variant", "gardner"]);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && error.contains(part), "{error}");
    }
}

/// Whether a process is there and has not ended.
fn runs(pid: &str) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return false };
    stat.rsplit(')').next().is_some_and(|rest| !rest.trim_start().starts_with(['Z', 'X']))
}

/// Waits for what must come.
fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(300), "{what} does not come");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// An engine behind a shell that stays and has started a helper, whose numbers are kept in a file.
fn wrapped(folder: &Path, engine: &str) -> (String, PathBuf) {
    let pids = folder.join("pids");
    let script = format!("sleep 3600 >/dev/null 2>&1 & echo $! $$ >> '{}'; {engine}; true", pids.display());
    (format!("uci:sh -c \"{script}\""), pids)
}

fn all_gone(pids: &Path) {
    let pids = std::fs::read_to_string(pids).unwrap();
    assert!(!pids.is_empty());
    wait_until("the end of all that was started", || !pids.split_whitespace().any(runs));
}

#[test]
fn a_signal_ends_the_engines_keeps_the_finished_rounds_and_a_resumed_match_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let pgn = folder.path().join("games.pgn");
    let (engine, pids) = wrapped(folder.path(), &format!("{} uci", env!("CARGO_BIN_EXE_interregnum")));
    let engine = format!("{engine}@nodes=20");
    // More rounds than are played before the signals come.
    let book = folder.path().join("book.epd");
    std::fs::write(&book, "rnbqk/ppppp/5/PPPPP/RNBQK w - - 0 1\n").unwrap();
    let words = ["match", "random", &engine, "--variant", "gardner", "--rounds", "100000", "--concurrency", "2"];
    let files = ["--openings", book.to_str().unwrap(), "--pgn", pgn.to_str().unwrap(), "--resume"];
    let words = [&words[..], &files].concat();
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let goal = size(&state_of(&pgn)) + 2500;
        let child = program().args(&words).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        wait_until("another round", || size(&state_of(&pgn)) > goal);
        let sent = std::process::Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status();
        assert!(sent.unwrap().success());
        let output = child.wait_with_output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{error}");
        assert!(error.contains(&format!("stopped by SIG{signal} after ")) && error.contains("--resume"), "{error}");
        all_gone(&pids);
    }
    let text = std::fs::read_to_string(&pgn).unwrap();
    let rounds: Vec<&str> = text.lines().filter(|line| line.starts_with("[Round ")).collect();
    let expected: Vec<String> =
        (1..).flat_map(|round| [1, 2].map(|game| format!("[Round \"{round}.{game}\"]"))).take(rounds.len()).collect();
    assert!(rounds == expected && rounds.len().is_multiple_of(2) && rounds.len() >= 6, "{rounds:?}");
    assert_eq!(std::fs::read_to_string(state_of(&pgn)).unwrap().lines().count(), 1 + rounds.len() / 2);
    assert!(!text.contains("forfeits") && !text.contains("abandoned"), "a killed engine has lost no game: {text}");
}

#[test]
fn engines_that_hang_end_with_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let mock = common::root().join("crates/arena/tests/mock_engines/engine.py");
    let (engine, pids) = wrapped(folder.path(), &format!("python3 '{}' hang_at_go", mock.display()));
    let words = ["match", &format!("{engine}@nodes=1,timeout=600"), "random", "--variant", "gardner"];
    let mut child = program().args(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // The first start only looks whether the engine can play.
    wait_until("the engine", || std::fs::read_to_string(&pids).is_ok_and(|text| text.lines().count() > 1));
    let sent = std::process::Command::new("kill").arg(child.id().to_string()).status();
    assert!(sent.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(143));
    all_gone(&pids);
}
