//! Runs whose work other processes do hold the bytes of runs that do it themselves.

mod common;

use std::path::Path;

use common::{program, root, run, stdout};

/// The files of a folder, without those that say when and how long.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file() && path.file_name().unwrap() != "run.lock")
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

/// The units that are to be done in a run directory.
fn pending(folder: &str) -> Vec<serde_json::Value> {
    stdout(&["work", folder, "--list"]).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What a command that must fail says on standard error.
fn refused(args: &[&str], code: i32) -> String {
    let output = run(args);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_stress_run_that_others_play_is_the_run_itself() {
    let parent = tempfile::tempdir().unwrap();
    let suite = root().join("tests/data/small.toml");
    let suite = suite.to_str().unwrap();
    let [alone, shared] = ["alone", "shared"].map(|name| parent.path().join(name));
    let [a, b] = [&alone, &shared].map(|path| path.to_str().unwrap());
    stdout(&["stress", suite, "--out", a]);
    let said = refused(&["stress", suite, "--out", b, "--units", "stop"], 1);
    assert!(said.contains("units of work are to be done first"), "{said}");
    let units = pending(b);
    assert!(units.len() > 20 && units.iter().all(|unit| unit["kind"] == "cell"));

    // Two workers share the units; one result is damaged on its way, one is of a program with another signature.
    stdout(&["work", b, "--part", "1/2"]);
    assert_eq!(pending(b).len(), units.len() / 2);
    stdout(&["work", b, units[1]["id"].as_str().unwrap(), "--jobs", "1"]);
    stdout(&["work", b, "--all"]);
    assert!(pending(b).is_empty());
    let done = |number: usize| shared.join("work/done").join(units[number]["id"].as_str().unwrap());
    let bytes = std::fs::read(done(2)).unwrap();
    std::fs::write(done(2), &bytes[..bytes.len() - 7]).unwrap();
    let text = String::from_utf8(std::fs::read(done(5)).unwrap()).unwrap();
    let own = units[5]["signature"].as_str().unwrap();
    std::fs::write(done(5), text.replacen(own, "0000000000000000-1111111111111111", 1)).unwrap();
    let said = refused(&["stress", suite, "--out", b, "--units", "stop", "--resume"], 1);
    assert!(said.contains("cut short; it is done again") && said.contains("1 units of work"), "{said}");
    stdout(&["work", b, "--all"]);
    let said = refused(&["stress", suite, "--out", b, "--units", "stop", "--resume"], 1);
    assert!(said.contains("signature 0000000000000000-1111111111111111") && said.contains(own), "{said}");

    // What nobody has done the run does itself.
    stdout(&["stress", suite, "--out", b, "--resume"]);
    assert!(!shared.join("work").exists());
    let names = |files: &[(String, Vec<u8>)]| files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&files(&alone)), names(&files(&shared)));
    for ((name, own), (_, other)) in files(&alone).iter().zip(files(&shared)) {
        assert!(*own == other, "{name} differs");
    }
}

#[test]
fn a_match_that_others_play_is_the_match_itself() {
    let parent = tempfile::tempdir().unwrap();
    let path = |name: &str| parent.path().join(name).to_str().unwrap().to_owned();
    let rules = path("mine.ini");
    std::fs::write(&rules, "[mine:gardner]\nflagPiece = k\nflagRegion = c3\n").unwrap();
    let play = |pgn: &str, more: &[&str]| {
        let players = ["model:gardner-1@playouts=9,search_rules=gardner", "alphabeta:gardner-2@nodes=60"];
        let fixed = ["--variant", "mine", "--variant-path", &rules, "--rounds", "30", "--pgn", pgn, "--json"];
        let own = ["--payoff", "stalemate=-1", "--draw", "movenumber=8", "movecount=2", "score=3"];
        [&["match"][..], &players, &fixed, &own, more]
            .concat()
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    let words = |words: &[String]| -> Vec<String> { words.to_vec() };
    let run_words = |list: Vec<String>| program().args(list).output().unwrap();
    for sprt in [&[][..], &["--sprt", "elo0=0", "elo1=80"]] {
        let (alone, shared) = (path(&format!("alone{}.pgn", sprt.len())), path(&format!("shared{}.pgn", sprt.len())));
        let expected = run_words(play(&alone, sprt));
        assert!(expected.status.success(), "{}", String::from_utf8_lossy(&expected.stderr));
        let dir = path("match");
        let offered = [sprt, &["--shared-in", &dir, "--units", "stop"]].concat();
        let output = run_words(play(&shared, &offered));
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(pending(&dir).len(), 30, "a 64th of 30 rounds is one");
        stdout(&["work", &dir, "--part", "2/3"]);
        stdout(&["work", &dir, "--part", "1/1"]);
        let output = run_words(words(&play(&shared, &[&offered[..], &["--resume"]].concat())));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8(output.stdout).unwrap(), String::from_utf8(expected.stdout).unwrap());
        assert!(!Path::new(&dir).join("work").exists());
        let games = |path: &str| {
            let text = std::fs::read_to_string(path).unwrap();
            let moved = |line: &&str| !line.starts_with("[Date") && !line.starts_with("[UTC");
            text.lines().filter(moved).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(games(&shared), games(&alone));
    }
    let engine = ["match", "random", "uci:true@nodes=1", "--variant", "chess", "--units", "wait"];
    assert!(refused(&engine, 2).contains("--shared-in"));
}

#[test]
fn a_tournament_that_others_play_is_the_tournament_itself() {
    let parent = tempfile::tempdir().unwrap();
    let path = |name: &str| parent.path().join(name).to_str().unwrap().to_owned();
    let text = "name = 't'\nvariant = 'gardner'\nrounds = 5\n[[player]]\nname = 'a'\nspec = 'model:gardner-1@playouts=4'\n\
                [[player]]\nname = 'b'\nspec = 'policy:gardner-2'\n[[player]]\nname = 'c'\nspec = 'random'\n";
    std::fs::write(path("t.toml"), text).unwrap();
    let (file, alone, shared) = (path("t.toml"), path("alone"), path("shared"));
    stdout(&["tournament", &file, "--out", &alone]);
    // Each pairing waits for the one before.
    for _ in 0..3 {
        let args = ["tournament", &file, "--out", &shared, "--units", "stop", "--resume"];
        let said = refused(&args, 1);
        assert!(said.contains("units of work"), "{said}");
        stdout(&["work", &shared, "--all"]);
    }
    stdout(&["tournament", &file, "--out", &shared, "--resume", "--units", "stop"]);
    assert_eq!(files(Path::new(&alone)), files(Path::new(&shared)));
}

#[test]
fn what_cannot_be_done_is_said() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().to_str().unwrap();
    assert!(pending(dir).is_empty());
    assert!(refused(&["work", dir, "0123"], 2).contains("none of the 0 units"));
    assert!(refused(&["work", dir, "--part", "3/2"], 2).contains("I/N"));
    std::fs::create_dir(parent.path().join("work")).unwrap();
    std::fs::write(parent.path().join("work/units.jsonl"), "{}\n").unwrap();
    assert!(refused(&["work", dir, "--list"], 2).contains("line 1"));
}
