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
    // By what is on disk, not by the clock: while the first generation is made, and shortly after each of the first two.
    for reached in ["config.json", "checkpoints/network-0001.safetensors", "checkpoints/network-0002.safetensors"] {
        let mut child =
            program().args(["train", "gardner-tiny", "--resume", "--out", killed.to_str().unwrap()]).spawn().unwrap();
        let ended = loop {
            if let Some(status) = child.try_wait().unwrap() {
                assert!(status.success());
                break true;
            }
            if killed.join(reached).exists() {
                std::thread::sleep(Duration::from_millis(20));
                break child.try_wait().unwrap().is_some();
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        if !ended {
            child.kill().unwrap();
            kills += 1;
        }
        child.wait().unwrap();
    }
    stdout(&["train", "gardner-tiny", "--resume", "--out", killed.to_str().unwrap()]);
    assert!(kills >= 2, "only {kills} kills");
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

/// A run of everything that is off in the plain configuration: several regimes that the network sees, a population, caps,
/// resignation, averaging, mirror images.
const EVERYTHING: &str = r#"
variant = "gardner"
seed = 3
generations = 2
network = { hidden = 32, sees_rules = true, sees_attacks = true }
self_play = { games = 20, playouts = 12, full_share = 0.5, fast_playouts = 4, random_plies = 4, temperature_plies = 12, noise_share = 0.25, noise_concentration = 10.0, max_plies = 60, resign = { below = -0.1, searches = 2, played_out = 0.5 } }
training = { window = 2, batch = 64, reuse = 2.0, learning_rate = 2e-3, final_learning_rate = 1e-3, weight_decay = 1e-4, search_value_share = 0.3, warm_up = 5, average = 0.9, mirror = true, parts = 3 }
gate = { pairs = 4, playouts = 4, threshold = 0.5 }
population = { size = 3, truncate_every = 1 }
[[regimes]]
name = "hill"
edit = { flagPiece = "k", flagRegion = "c3" }
"#;

/// The page that `report` writes.
fn report_of(folder: &Path) -> std::path::PathBuf {
    stdout(&["report", folder.to_str().unwrap()]);
    folder.join("report.html")
}

fn event_lines(folder: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(folder.join("events.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_population_under_several_regimes_does_not_depend_on_threads() {
    let parent = tempfile::tempdir().unwrap();
    let config = parent.path().join("everything.toml");
    std::fs::write(&config, EVERYTHING).unwrap();
    let (one, two) = (parent.path().join("one"), parent.path().join("two"));
    for (folder, threads) in [(&one, "1"), (&two, "2")] {
        let command = ["train", config.to_str().unwrap(), "--out", folder.to_str().unwrap()];
        let status = program().args(command).env("RAYON_NUM_THREADS", threads).status().unwrap();
        assert!(status.success());
    }
    assert!(files(&one) == files(&two), "the number of threads shows");

    let events = event_lines(&one);
    assert_eq!(events.len(), 2);
    assert_eq!(events[0]["rules"].as_array().unwrap().len(), 2);
    let trials = |g: usize| events[g]["trials"].as_array().unwrap();
    assert_eq!((trials(0).len(), trials(1).len()), (3, 3));
    // The worst of the first generation gave way to a child of the best.
    let best = &trials(0)[events[0]["best"].as_u64().unwrap() as usize]["member"]["id"];
    let child = trials(1).iter().find(|t| t["member"]["id"] == 3).expect("a new candidate");
    assert_eq!(&child["member"]["parent"], best);
    assert_ne!(trials(0)[0]["weights"], trials(0)[1]["weights"]);

    let page = std::fs::read_to_string(report_of(&one)).unwrap();
    for part in ["Strength over processor time", "Losses", "First moves"] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn a_run_under_a_payoff_of_fractions_learns_worths_and_goes_on_after_a_kill() {
    let parent = tempfile::tempdir().unwrap();
    let (whole, killed) = (parent.path().join("whole"), parent.path().join("killed"));
    let payoff = "payoff={ stalemate = 0.5, checkmate = 0.75, count = -0.25, count-at-ply = 60 }";
    let train = |folder: &Path, resume: bool| {
        let mut command = program();
        command.args(["train", "gardner-tiny", "--set", payoff, "--out", folder.to_str().unwrap()]);
        if resume {
            command.arg("--resume");
        }
        command
    };
    assert!(train(&whole, false).status().unwrap().success());
    let mut child = train(&killed, false).spawn().unwrap();
    while child.try_wait().unwrap().is_none() && !killed.join("checkpoints/network-0002.safetensors").exists() {
        std::thread::sleep(Duration::from_millis(1));
    }
    // What the kill leaves: a shard of the generation in progress, and the events of those before.
    let _ = child.kill();
    child.wait().unwrap();
    assert!(train(&killed, true).status().unwrap().success());
    assert!(files(&whole) == files(&killed), "a file differs");

    for event in event_lines(&whole) {
        let gate = &event["trials"][0]["gate"];
        assert_eq!(gate["pairs"], 8, "the gate is scored by means: {gate}");
        assert!((0.0..=1.0).contains(&gate["mean"].as_f64().unwrap()));
    }
    let shard = selection::read_moves(&whole.join("shards/0003.parquet")).unwrap();
    let worths: std::collections::BTreeSet<String> = shard.iter().map(|mv| mv.worth.to_string()).collect();
    assert!(worths.contains("0.25") && worths.contains("-0.25"), "{worths:?}");
    assert!(!worths.contains("1"), "mates are worth less: {worths:?}");
    let show = ["model", "show", whole.join("champion.safetensors").to_str().unwrap()].map(str::to_owned);
    let card = stdout(&[&show[0], &show[1], &show[2], "--json"]);
    let card: serde_json::Value = serde_json::from_str(&card).unwrap();
    assert_eq!(
        card["payoff"],
        serde_json::json!({ "checkmate": 0.75, "count": -0.25, "count-at-ply": 60.0, "stalemate": 0.5 })
    );
    assert!(stdout(&[&show[0], &show[1], &show[2]]).contains("payoff      checkmate=0.75, count=-0.25"));
    let page = std::fs::read_to_string(report_of(&whole)).unwrap();
    assert!(page.contains("First moves"));
    let tested = ["--set", "gate.sprt={ elo0 = -10, elo1 = 30, alpha = 0.1, beta = 0.1 }"];
    let refused = train(&parent.path().join("refused"), false).args(tested).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("gate.sprt tests wins, draws and losses"));
}

#[test]
fn weights_are_inherited_if_they_fit() {
    let parent = tempfile::tempdir().unwrap();
    let (first, second) = (parent.path().join("first"), parent.path().join("second"));
    stdout(&["train", "gardner-tiny", "--out", first.to_str().unwrap()]);
    let model = first.join("champion.safetensors");
    let card = |path: &Path| -> serde_json::Value {
        serde_json::from_str(&stdout(&["model", "show", path.to_str().unwrap(), "--json"])).unwrap()
    };
    let from = model.to_str().unwrap();
    let out = second.to_str().unwrap();
    stdout(&["train", "gardner-tiny", "--shift", "quick:hill", "--from", from, "--out", out]);
    let inherited = card(&second.join("checkpoints/network-0000.safetensors"));
    assert_eq!(inherited["weights"], card(&model)["weights"]);
    assert_eq!(inherited["lineage"]["parent"], card(&model)["weights"]);
    let other = run(&["train", "gardner-fast", "--from", from, "--out", parent.path().join("other").to_str().unwrap()]);
    assert_eq!(other.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&other.stderr).contains("inherited network"));
}

/// A run of a few games: of xiangqi, on a large board and in the mirror, of duck chess, whose moves build walls, and of minishogi, whose men come from the hand.
#[test]
fn large_boards_walls_and_hands_are_trained() {
    let parent = tempfile::tempdir().unwrap();
    for (variant, mirror, hands, games) in
        [("xiangqi", true, false, 4), ("duck", false, false, 4), ("minishogi", false, true, 16)]
    {
        let config = parent.path().join(format!("{variant}.toml"));
        let text = format!(
            "variant = \"{variant}\"\nseed = 1\ngenerations = 2\nnetwork = {{ hidden = 32, sees_hands = {hands}, sees_attacks = {hands} }}\n\
             self_play = {{ games = {games}, playouts = 8, random_plies = 4, temperature_plies = 12, noise_share = 0.25, \
             noise_concentration = 10.0, max_plies = 30 }}\n\
             training = {{ window = 2, batch = 16, reuse = 4.0, learning_rate = 2e-3, final_learning_rate = 1e-3, \
             weight_decay = 1e-4, search_value_share = 0.3, mirror = {mirror} }}\n\
             gate = {{ pairs = 1, playouts = 4, threshold = 0.5 }}\n"
        );
        std::fs::write(&config, text).unwrap();
        let out = parent.path().join(variant);
        let folder = out.to_str().unwrap();
        stdout(&["train", config.to_str().unwrap(), "--out", folder]);
        let events = event_lines(&out);
        assert_eq!(events.len(), 2);
        let loss = |generation: usize| events[generation]["trials"][0]["policy_loss"].as_f64().unwrap();
        assert!(loss(1) < loss(0), "{variant}: {} after {}", loss(1), loss(0));
        let champion = out.join("champion.safetensors");
        let player = format!("model:{}@playouts=8", champion.display());
        let text =
            stdout(&["match", &player, "random", "--variant", variant, "--rounds", "1", "--maxmoves", "20", "--json"]);
        let result: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(result["games"], 2);
        assert!(report_of(&out).exists());
    }
}

#[test]
fn a_run_whose_games_others_play_has_the_bytes_of_one_that_plays_them() {
    let parent = tempfile::tempdir().unwrap();
    let (alone, shared) = (parent.path().join("alone"), parent.path().join("shared"));
    let [a, b] = [&alone, &shared].map(|path| path.to_str().unwrap());
    stdout(&["train", "gardner-tiny", "--out", a]);
    let owner = ["train", "gardner-tiny", "--out", b, "--units", "wait", "--unit-seconds", "0.05"];
    let mut child = program().args(owner).spawn().unwrap();
    let mut done = 0;
    while child.try_wait().unwrap().is_none() {
        // The owner may take the list away meanwhile.
        let output = run(&["work", b, "--all"]);
        if output.status.success() && !String::from_utf8_lossy(&output.stdout).contains("\"done\":0") {
            done += 1;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(child.wait().unwrap().success() && done >= 4, "self-play and gates of three generations: {done}");
    assert!(!shared.join("work").exists());
    assert!(files(&alone) == files(&shared), "a file differs");
}
