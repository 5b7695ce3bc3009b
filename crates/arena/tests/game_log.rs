//! A match on disk goes on after the last round that both of its files hold.

use std::fs;
use std::path::{Path, PathBuf};

use arena::{Existing, FailureKind, GameLog, GameLogError, GameTally, RoundTally};
use serde_json::{Value, json};

fn config() -> Value {
    json!({"variant": "gardner", "rounds": 9})
}

fn tally(result: i8) -> RoundTally {
    let game = GameTally {
        result,
        worth: None,
        plies: 9,
        capped: false,
        adjudicated: false,
        forfeit: (result < 0).then_some((0, FailureKind::Crash)),
        illegal: [0, 2],
        restarts: [1, 0],
    };
    RoundTally { games: [game.clone(), game] }
}

fn state_of(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}.state.jsonl", path.display()))
}

fn open(
    path: &Path,
    config: &Value,
    existing: Existing,
) -> Result<(GameLog<RoundTally>, Vec<RoundTally>), GameLogError> {
    GameLog::open(path, &state_of(path), Some(config), existing)
}

/// A match of three rounds on disk.
fn three_rounds(path: &Path) {
    let (mut log, done) = open(path, &config(), Existing::Refuse).unwrap();
    assert!(done.is_empty());
    for (text, result) in [("first\n", 1), ("second\n", 0), ("third\n", -1)] {
        log.append(text, &tally(result)).unwrap();
    }
    log.sync().unwrap();
}

fn resume(path: &Path) -> Result<(GameLog<RoundTally>, Vec<RoundTally>), String> {
    open(path, &config(), Existing::Resume).map_err(|e| e.to_string())
}

#[test]
fn a_match_goes_on_behind_its_last_complete_round_wherever_it_was_cut() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("games.pgn");
    three_rounds(&path);
    let (pgn, state) = (fs::read(&path).unwrap(), fs::read(state_of(&path)).unwrap());
    let texts = ["first\n", "second\n", "third\n"];
    // The state is written after the games, so any prefix of it may stand beside a text of games that is at least as long.
    for cut in 0..=state.len() {
        let lines = state[..cut].iter().filter(|byte| **byte == b'\n').count();
        let whole = lines.saturating_sub(1);
        let text: String = texts[..whole].concat();
        for torn in ["", "thi"] {
            if lines == 0 && !torn.is_empty() {
                continue;
            }
            fs::write(&path, format!("{text}{torn}")).unwrap();
            fs::write(state_of(&path), &state[..cut]).unwrap();
            let (mut log, done) = resume(&path).unwrap();
            assert_eq!(done, [tally(1), tally(0), tally(-1)][..whole]);
            for (text, result) in texts.iter().zip([1, 0, -1]).skip(whole) {
                log.append(text, &tally(result)).unwrap();
            }
            drop(log);
            assert_eq!((fs::read(&path).unwrap(), fs::read(state_of(&path)).unwrap()), (pgn.clone(), state.clone()));
        }
    }
    // A machine that stopped may have written the state and lost games.
    fs::write(&path, &pgn[..pgn.len() - 1]).unwrap();
    assert_eq!(resume(&path).unwrap().1.len(), 2);
    assert_eq!(fs::read(&path).unwrap(), b"first\nsecond\n");
}

#[test]
fn what_is_there_is_not_touched_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("games.pgn");
    fs::write(&path, "").unwrap();
    three_rounds(&path);
    let error = open(&path, &config(), Existing::Refuse).unwrap_err().to_string();
    assert!(error.contains("games.pgn: exists; --resume") && error.contains("--overwrite"), "{error}");
    let (log, done) = open(&path, &config(), Existing::Overwrite).unwrap();
    assert!(done.is_empty() && fs::read(&path).unwrap().is_empty());
    let error = resume(&path).unwrap_err();
    assert!(error.contains("other games are being written here"), "{error}");
    drop(log);
    fs::remove_file(state_of(&path)).unwrap();
    fs::write(&path, "games of someone\n").unwrap();
    let error = resume(&path).unwrap_err();
    assert!(error.contains("does not say of which match"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"games of someone\n");
}

#[test]
fn other_matches_and_damage_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("games.pgn");
    three_rounds(&path);
    let other = json!({"variant": "gardner", "rounds": 10});
    let error = open(&path, &other, Existing::Resume).unwrap_err().to_string();
    assert!(error.contains("is of other games: `rounds` was 9 and is 10 now"), "{error}");
    fs::write(&path, "first\nSECOND\nthird\n").unwrap();
    let error = resume(&path).unwrap_err();
    assert!(error.contains("the games of round 2 have been changed"), "{error}");
    let state = fs::read_to_string(state_of(&path)).unwrap();
    for (text, part) in [
        ("nonsense\n".to_owned(), "line 1: "),
        (state.replacen("\"number\":1", "\"number\":7", 1), "line 3: not the round that was to follow"),
        (state.replacen("\"plies\":9", "\"plies\":-9", 1), "line 2: "),
        (state.replacen("\"result\":1", "\"result\":2", 1), "line 2: a result is 1, 0 or -1"),
        (state.replacen("\"forfeit\":null", "\"forfeit\":[2,\"crash\"]", 1), "line 2: a player is 0 or 1"),
        ("[]\n".to_owned(), "is of other games"),
    ] {
        fs::write(state_of(&path), text).unwrap();
        let error = resume(&path).unwrap_err();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn a_state_file_that_was_edited_is_refused_whatever_was_edited() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("games.pgn");
    three_rounds(&path);
    let (pgn, state) = (fs::read_to_string(&path).unwrap(), fs::read_to_string(state_of(&path)).unwrap());
    let lines: Vec<&str> = state.lines().collect();
    let joined = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let renumbered = joined(&[
        lines[0],
        &lines[2].replace("\"number\":1", "\"number\":0"),
        &lines[1].replace("\"number\":0", "\"number\":1"),
    ]);
    let edits = [
        state.replacen("\"result\":1", "\"result\":-1", 1),
        state.replacen("\"plies\":9", "\"plies\":8", 1),
        state.replacen("\"restarts\":[1,0]", "\"restarts\":[0,0]", 1),
        state.replacen("\"adjudicated\":false", "\"adjudicated\":true", 3),
        // A state that claims more games than have come to disk.
        state.replacen("\"pgn_bytes\":13", "\"pgn_bytes\":130000", 1),
        state.replacen(":9,", ": 9,", 1),
        state.replacen("{\"variant\"", "{ \"variant\"", 1),
        state.replacen("\n{\"number\":1", "\n{\"more\":1,\"number\":1", 1),
        joined(&[lines[0], lines[2], lines[3]]),
        joined(&[lines[0], lines[1], lines[3]]),
        joined(&[lines[0], lines[1], lines[1], lines[2], lines[3]]),
        joined(&[lines[0], lines[2], lines[1], lines[3]]),
        renumbered,
        state.replace('\n', "\r\n"),
        format!("\u{feff}{state}"),
        state.replace(",\"seal\":", ",\"seel\":"),
    ];
    for edit in edits {
        assert_ne!(edit, state);
        fs::write(state_of(&path), &edit).unwrap();
        let error = resume(&path).unwrap_err();
        assert!(error.contains("state.jsonl: line "), "{error}\n{edit}");
        assert_eq!(fs::read_to_string(&path).unwrap(), pgn, "games are kept");
        assert_eq!(fs::read_to_string(state_of(&path)).unwrap(), edit);
    }
    fs::write(state_of(&path), &state).unwrap();
    assert_eq!(resume(&path).unwrap().1.len(), 3);
}

#[test]
fn one_file_without_the_other_is_refused_and_both_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("games.pgn");
    let refused = |part: &str| {
        let before = (fs::read(&path).ok(), fs::read(state_of(&path)).ok());
        let error = resume(&path).unwrap_err();
        assert!(error.contains(part) && error.contains("games.pgn.state.jsonl"), "{error}");
        assert_eq!((fs::read(&path).ok(), fs::read(state_of(&path)).ok()), before);
    };
    three_rounds(&path);
    let state = fs::read_to_string(state_of(&path)).unwrap();
    fs::remove_file(&path).unwrap();
    refused("is missing");
    fs::write(&path, "").unwrap();
    refused("has none of their games");
    let games = "[Event \"x\"]\n\n1. e4 *\n\n".repeat(3);
    fs::write(&path, &games).unwrap();
    fs::remove_file(state_of(&path)).unwrap();
    refused("it is missing");
    let config = format!("{}\n", state.lines().next().unwrap());
    fs::write(state_of(&path), config).unwrap();
    refused("knows of none of them");
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/dev/null", &path).unwrap();
    let error = resume(&path).unwrap_err();
    assert!(error.contains("games.pgn: is no regular file"), "{error}");
    fs::remove_file(state_of(&path)).unwrap();
    assert!(resume(&path).is_err() && !state_of(&path).exists());
}
