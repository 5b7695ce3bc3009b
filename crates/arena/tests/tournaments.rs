//! Tournament files are read strictly; tournaments are resumed to the bytes of an undisturbed one, and rated by all their games.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use arena::tournament::{Standings, Tournament, TournamentConfig, TournamentError};
use rules::Catalog;

const LADDER: &str = r#"
name = "ladder"
variant = "gardner"
rounds = 6
seed = 3
anchor = "weak"
anchor_elo = 100.0
[[player]]
name = "weak"
spec = "random"
[[player]]
name = "zero-8"
spec = "zero@playouts=8"
[[player]]
name = "zero-64"
spec = "zero@playouts=64"
[[player]]
name = "rollout"
spec = "rollout@playouts=8"
"#;

fn config(text: &str) -> Result<TournamentConfig, TournamentError> {
    TournamentConfig::from_toml("test.toml", text)
}

fn tournament(text: &str) -> Tournament {
    Tournament::prepare(config(text).unwrap(), &Catalog::builtin()).unwrap()
}

fn run(text: &str, folder: &Path, resume: bool) -> Result<Standings, TournamentError> {
    tournament(text).run(folder, resume, &|_| {})
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(path).unwrap())).collect()
}

#[test]
fn a_round_robin_rates_everyone() {
    let folder = tempfile::tempdir().unwrap();
    let games = AtomicU64::new(0);
    let standings = tournament(LADDER)
        .run(folder.path(), false, &|progress| {
            assert_eq!(progress.total, 72);
            games.fetch_max(progress.done, Ordering::Relaxed);
        })
        .unwrap();
    assert_eq!((standings.games, games.load(Ordering::Relaxed)), (72, 72));
    assert!(standings.players.iter().all(|p| p.games == 36 && p.wins + p.draws + p.losses == 36));
    assert!(standings.players.is_sorted_by(|a, b| a.rating.elo >= b.rating.elo));
    let weak = standings.players.iter().find(|p| p.name == "weak").unwrap();
    assert_eq!((weak.rating.elo, weak.rating.se), (100.0, 0.0));
    assert_eq!(standings.pairings.len(), 6);
    let all = files(folder.path());
    assert_eq!(
        all.keys().collect::<Vec<_>>(),
        ["config.json", "games.pgn", "ratings.json", "results.jsonl", "table.txt"]
    );
    assert_eq!(String::from_utf8_lossy(&all["results.jsonl"]).lines().count(), 36);
    let text = String::from_utf8(all["games.pgn"].clone()).unwrap();
    let games: Vec<_> = arena::PgnReader::new(&text, 1000).map(Result::unwrap).collect();
    assert_eq!(games.len(), 72);
    assert!(games.iter().all(|game| game.tag("WhiteSpec").is_some() && game.result.is_some()));
    let table = standings.table();
    assert_eq!(table.as_bytes(), all["table.txt"]);
    for name in ["weak", "zero-8", "zero-64", "rollout"] {
        assert!(table.contains(name), "{table}");
    }
}

#[test]
fn a_gauntlet_has_its_challengers_meet_the_others() {
    let gauntlet = |text: &str| config(text).unwrap().pairings();
    let text = LADDER.replace("rounds = 6", "rounds = 1\nformat = \"gauntlet\"");
    assert_eq!(gauntlet(&text), [(0, 1), (0, 2), (0, 3)]);
    let text = text.replace("spec = \"zero@", "challenger = true\nspec = \"zero@");
    assert_eq!(gauntlet(&text), [(1, 0), (1, 3), (2, 0), (2, 3)]);
    let folder = tempfile::tempdir().unwrap();
    let standings = run(&text, folder.path(), false).unwrap();
    assert_eq!(standings.games, 8);
    assert!(standings.table().contains("-"));
}

/// Whatever a kill leaves of the two files, the missing rounds are played again and give the bytes of an undisturbed run.
#[test]
fn a_torn_run_resumes_to_the_same_bytes() {
    let whole = tempfile::tempdir().unwrap();
    run(LADDER, whole.path(), false).unwrap();
    let expected = files(whole.path());
    let (log, games) = (&expected["results.jsonl"], &expected["games.pgn"]);
    let cuts = [(0, 0), (0, 100), (1, 1), (log.len() / 3, games.len()), (log.len(), games.len() / 2)];
    let cuts = cuts.into_iter().chain([
        (log.len() / 2, games.len() / 2),
        (log.len() - 1, games.len()),
        (log.len(), games.len()),
    ]);
    for (threads, (log_end, games_end)) in (1..).zip(cuts) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("results.jsonl"), &log[..log_end]).unwrap();
        std::fs::write(folder.path().join("games.pgn"), &games[..games_end]).unwrap();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads % 3 + 1).build().unwrap();
        pool.install(|| run(LADDER, folder.path(), true)).unwrap();
        assert!(files(folder.path()) == expected, "cut at {log_end} and {games_end}");
    }
}

#[test]
fn another_tournament_is_not_overwritten_or_mixed() {
    let folder = tempfile::tempdir().unwrap();
    let short = LADDER.replace("rounds = 6", "rounds = 1");
    run(&short, folder.path(), false).unwrap();
    let before = files(folder.path());
    let refused = |text: &str, resume: bool, fragment: &str| {
        let message = run(text, folder.path(), resume).unwrap_err().to_string();
        assert!(message.contains(fragment), "{message}");
        assert!(files(folder.path()) == before);
    };
    refused(&short, false, "--resume");
    refused(&short.replace("seed = 3", "seed = 4"), true, "line 1");
    refused(&short.replace("playouts=64", "playouts=65"), true, "line 1");
    run(&short, folder.path(), true).unwrap();
    assert!(files(folder.path()) == before);
    let log = String::from_utf8(before["results.jsonl"].clone()).unwrap();
    for (from, to) in [
        ("\"result\":", "\"result\":9"),
        ("\"round\":0", "\"round\":1"),
        ("\"pairing\":0", "\"pairing\":99"),
        ("\"number\":0", "\"number\":1"),
    ] {
        assert!(log.contains(from));
        std::fs::write(folder.path().join("results.jsonl"), log.replacen(from, to, 1)).unwrap();
        assert!(run(&short, folder.path(), true).unwrap_err().to_string().contains("line 1"));
    }
    std::fs::write(folder.path().join("results.jsonl"), "nonsense\n").unwrap();
    assert!(run(&short, folder.path(), true).unwrap_err().to_string().contains("line 1"));
}

#[test]
fn a_tournament_of_which_a_file_is_missing_or_edited_is_refused_and_keeps_its_games() {
    let folder = tempfile::tempdir().unwrap();
    let short = LADDER.replace("rounds = 6", "rounds = 2");
    run(&short, folder.path(), false).unwrap();
    let [log, games] = ["results.jsonl", "games.pgn"].map(|name| folder.path().join(name));
    let refused = |resume: bool, fragments: &[&str]| {
        let before = files(folder.path());
        let message = run(&short, folder.path(), resume).unwrap_err().to_string();
        for fragment in fragments {
            assert!(message.contains(fragment), "`{fragment}` is missing in: {message}");
        }
        assert!(files(folder.path()) == before, "{message}");
    };
    let text = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let without = |index: usize| {
        lines.iter().enumerate().filter(|(i, _)| *i != index).map(|(_, line)| format!("{line}\n")).collect::<String>()
    };
    let (won, lost) = ("\"result\":1", "\"result\":-1");
    for edit in [
        if text.contains(won) { text.replacen(won, lost, 1) } else { text.replacen(lost, won, 1) },
        text.replacen("\"first\":\"weak\"", "\"first\":\"strong\"", 1),
        text.replacen("\"plies\":", "\"plies\":1", 1),
        without(0),
        without(4),
    ] {
        assert_ne!(edit, text);
        std::fs::write(&log, edit).unwrap();
        refused(true, &["results.jsonl", "line "]);
    }
    std::fs::write(&log, "").unwrap();
    refused(true, &["results.jsonl", "games.pgn", "knows of none"]);
    std::fs::remove_file(&log).unwrap();
    refused(true, &["results.jsonl", "games.pgn", "missing"]);
    refused(false, &["a tournament exists here"]);
    std::fs::write(&log, &text).unwrap();
    std::fs::remove_file(&games).unwrap();
    refused(true, &["results.jsonl", "games.pgn", "missing"]);
}

#[test]
fn books_and_files_are_part_of_the_tournament() {
    let folder = tempfile::tempdir().unwrap();
    let book = folder.path().join("book.epd");
    std::fs::write(&book, "rnbqk/ppppp/5/PPPPP/RNBQK b - - 0 1\nrnbqk/1pppp/p4/PPPPP/RNBQK w - - 0 2\n").unwrap();
    let text = LADDER.replace(
        "[[player]]\nname = \"weak\"",
        &format!("[openings]\nfile = {book:?}\norder = \"random\"\n[[player]]\nname = \"weak\""),
    );
    let out = folder.path().join("out");
    let standings = run(&text, &out, false).unwrap();
    // Six rounds of two openings: the games of a pairing form two clusters.
    assert_eq!((standings.games, standings.clusters), (72, 12));
    let hash = tournament(&text).hash().to_owned();
    std::fs::write(&book, "rnbqk/ppppp/5/PPPPP/RNBQK b - - 0 1\n").unwrap();
    assert_ne!(tournament(&text).hash(), hash);
    std::fs::write(&book, "rnbqk/ppppp/5/PPPPP/RNBQX b - - 0 1\n").unwrap();
    let error = Tournament::<u64>::prepare(config(&text).unwrap(), &Catalog::builtin()).err().unwrap().to_string();
    assert!(error.contains("book.epd, line 1") && error.contains("`X`"), "{error}");
}

#[test]
fn wrong_files_are_refused_with_their_place() {
    let refused = |from: &str, to: &str, fragments: &[&str]| {
        assert!(LADDER.contains(from));
        let message = match config(&LADDER.replacen(from, to, 1)) {
            Err(error) => error.to_string(),
            Ok(config) => Tournament::<u64>::prepare(config, &Catalog::builtin()).err().expect("an error").to_string(),
        };
        for fragment in fragments {
            assert!(message.contains(fragment), "`{fragment}` is missing in: {message}");
        }
        assert!(!message.contains(char::is_control) && message.chars().count() <= 400, "{message:?}");
    };
    refused("rounds = 6", "ronds = 6", &["test.toml", "line 4", "ronds"]);
    refused("rounds = 6", "rounds = 0", &["test.toml", "rounds"]);
    refused("rounds = 6", "rounds = \"six\"", &["line 4"]);
    refused("rounds = 6", "rounds = 6\nformat = \"swiss\"", &["line 5", "swiss", "round-robin"]);
    refused("name = \"zero-8\"", "name = \"weak\"", &["weak", "twice"]);
    refused("name = \"zero-8\"", "name = \"\\u001b[31mred\"", &["player name `\\u{1b}[31mred`"]);
    refused("rounds = 6", "rounds = 6\nx\u{1b}y = 1", &["line 5"]);
    refused("zero@playouts=8", "zero@playouts=x", &["zero-8", "playouts"]);
    refused("anchor = \"weak\"", "anchor = \"strong\"", &["anchor", "strong"]);
    refused("variant = \"gardner\"", "variant = \"gradner\"", &["gradner", "gardner"]);
    refused("spec = \"random\"", "spec = \"random\"\nchallenger = true", &["challenger", "gauntlet"]);
    refused("seed = 3", "seed = 3\n[openings]\norder = \"random\"\n[x]", &["test.toml"]);
    refused("spec = \"random\"", "spec = \"model:no-such-file\"", &["weak", "no-such-file"]);
    refused("spec = \"random\"", "spec = \"random\"\nelo = 3", &["elo"]);
}

/// One engine crashes when it is to move. The other names no move, and at times exits between games.
#[test]
fn engines_that_fail_lose_their_games_and_the_tournament_says_so() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mock_engines/engine.py");
    let folder = tempfile::tempdir().unwrap();
    let starts = folder.path().join("starts");
    let mock = |fault: &str| format!("uci:python3 '{script}' {fault} '' '{}'@nodes=1", starts.display());
    let text = format!(
        r#"
name = "faults"
variant = "gardner"
rounds = 2
[[player]]
name = "random"
spec = "random"
[[player]]
name = "crashes"
spec = "{}"
[[player]]
name = "quits"
spec = "{}"
"#,
        mock("crash_at_go"),
        mock("exit_between_games"),
    );
    let out = folder.path().join("out");
    let failures = std::sync::Mutex::new(Vec::new());
    let play = |resume| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        pool.install(|| {
            tournament(&text).run(&out, resume, &|progress| {
                failures.lock().unwrap().extend(progress.failures.clone());
            })
        })
    };
    let standings = play(false).unwrap();
    let player = |name: &str| standings.players.iter().find(|p| p.name == name).unwrap();
    // Of two engines that fail, the one that is to move first loses the game.
    let (random, crashes, quits) = (player("random"), player("crashes"), player("quits"));
    assert_eq!((standings.games, random.wins, random.losses), (12, 8, 0));
    assert_eq!(
        (random.faults.forfeits.total(), crashes.faults.forfeits.crash, quits.faults.forfeits.no_move),
        (0, 6, 6)
    );
    assert_eq!((crashes.faults.forfeits.total(), quits.faults.forfeits.total()), (6, 6));
    assert!(quits.faults.restarts > 0 && random.faults.restarts == 0);
    let pairing = &standings.pairings[0].result;
    assert_eq!((pairing.forfeits[0].total(), pairing.forfeits[1].crash), (0, 4));
    let failures = failures.into_inner().unwrap();
    assert_eq!(
        failures.iter().filter(|line| line.contains("(crashes) forfeits: it exited (exit status: 11)")).count(),
        6
    );
    let table = standings.table();
    for part in ["crashes: forfeits 6 (6 crash).", "quits: forfeits 6 (6 no move), started again between games"] {
        assert!(table.contains(part), "{table}");
    }
    let pgn = String::from_utf8(files(&out)["games.pgn"].clone()).unwrap();
    assert_eq!(pgn.matches("Engine \"Mock crash_at_go\"").count(), 8);
    assert_eq!(pgn.matches("[Termination \"abandoned\"]").count(), 6);
    // Failures stand in the log, so they count when the tournament is rated again.
    let log = files(&out);
    let again = tournament(&text).run(&out, true, &|_| panic!("all has been played")).unwrap();
    assert_eq!(again.table(), table);
    assert!(files(&out) == log);
}

#[test]
fn ratings_take_payoffs_of_whole_worths_and_refuse_fractions() {
    let text = |payoff: &str| format!("{LADDER}\n[payoff]\n{payoff}\n");
    let folder = tempfile::tempdir().unwrap();
    let usual = tournament(LADDER);
    let turned = tournament(&text("checkmate = -1"));
    assert_ne!(turned.hash(), usual.hash());
    let standings = turned.run(folder.path(), false, &|_| {}).unwrap();
    assert_ne!(standings.rules, Catalog::builtin().rules("gardner").unwrap().hash());
    let place = |name: &str| standings.players.iter().position(|p| p.name == name).unwrap();
    assert!(place("zero-64") < place("weak"), "who searches under the payoff does not mate: {}", standings.table());
    for (payoff, part) in [
        ("stalemate = 0.5", "payoff: stalemate=0.5: ratings are made of wins, draws and losses (Davidson's model)"),
        ("stalemate = 2", "payoff: stalemate = 2: a worth from -1 to 1 was expected"),
        ("patt = 1", "payoff: `patt` is no ending"),
    ] {
        let error = config(&text(payoff)).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    let mut unchecked = config(LADDER).unwrap();
    unchecked.payoff.insert("flag".to_owned(), 0.25);
    assert!(Tournament::<u64>::prepare(unchecked, &Catalog::builtin()).is_err());
}
