//! A selection run that is killed and resumed ends with the bytes of one that was not.

#![cfg(feature = "torch")]

mod common;

use std::path::Path;
use std::time::Duration;

use common::{program, run, stdout};

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for part in ["", "checkpoints", "shards", "training"] {
        for entry in std::fs::read_dir(folder.join(part)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            // Times may differ, and a kill in the midst of a write may leave a hidden temporary file, which nothing reads.
            let hidden = path.file_name().unwrap().to_string_lossy().starts_with('.');
            if path.is_file() && name != "clock.jsonl" && !hidden {
                files.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn killed_and_resumed_ends_with_the_same_bytes() {
    let parent = tempfile::tempdir().unwrap();
    let (whole, killed) = (parent.path().join("whole"), parent.path().join("killed"));
    stdout(&["train", "gardner-tiny", "--out", whole.to_str().unwrap()]);
    let mut kills = 0;
    for milliseconds in (300..).step_by(170) {
        let mut child =
            program().args(["train", "gardner-tiny", "--resume", "--out", killed.to_str().unwrap()]).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success());
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
    }
    assert!(kills >= 2, "only {kills} kills: the run is too short to test anything");
    assert_eq!(
        files(&whole).iter().map(|f| &f.0).collect::<Vec<_>>(),
        files(&killed).iter().map(|f| &f.0).collect::<Vec<_>>()
    );
    assert!(files(&whole) == files(&killed), "a file differs");
}

#[test]
fn a_shard_that_a_kill_left_behind_is_removed() {
    let parent = tempfile::tempdir().unwrap();
    let out = parent.path().join("run");
    let folder = out.to_str().unwrap();
    stdout(&["train", "gardner-tiny", "--out", folder]);
    // The first of three generations has left the window of two.
    let (old, kept) = (out.join("shards/0001.parquet"), out.join("shards/0002.parquet"));
    assert!(!old.exists() && kept.exists());
    std::fs::copy(&kept, &old).unwrap();
    stdout(&["train", "gardner-tiny", "--resume", "--out", folder]);
    assert!(!old.exists() && kept.exists());
}

#[test]
fn a_run_is_not_overwritten_or_mixed() {
    let parent = tempfile::tempdir().unwrap();
    let out = parent.path().join("run");
    let folder = out.to_str().unwrap();
    stdout(&["train", "gardner-tiny", "--out", folder]);
    let again = run(&["train", "gardner-tiny", "--out", folder]);
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("--resume"));
    let mixed = run(&["train", "gardner-tiny", "--seed", "2", "--resume", "--out", folder]);
    assert_eq!(mixed.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&mixed.stderr).contains("choose another directory"));
    let trainer = out.join("checkpoints/trainer-0003.safetensors");
    assert!(trainer.exists());
}
