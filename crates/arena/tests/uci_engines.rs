//! External engines: whatever they do, the match goes on, the result is right and the record names the reason.
//!
//! The engines are scripts that hang for ever where they are to hang, so that no result depends on the speed of the machine.

use std::path::PathBuf;
use std::sync::Arc;

use arena::{
    Adjudication, FailureKind, GameRecord, MatchConfig, MatchError, MatchResult, Opening, PgnTags, PlayerFactory,
    PlayerSpec, Round, Score, pgn, run_match,
};
use rules::{Catalog, Color, Game, Outcome, Rules};

/// The moves of a game of Gardner's chess, by which both mock engines play.
fn line(rules: &Arc<Rules>) -> String {
    let mut game = Game::new(Arc::clone(rules));
    let mut moves = Vec::new();
    // The first legal move by name is played: any line will do that is the same in every run.
    while game.outcome().is_none() && moves.len() < 12 {
        let position = game.position();
        let names = game.legal().iter().map(|mv| (rules.uci(position, *mv), *mv));
        let (name, mv) = names.min_by(|a, b| a.0.cmp(&b.0)).unwrap();
        moves.push(name);
        game.play(mv);
    }
    moves.join(" ")
}

fn gardner() -> Arc<Rules> {
    Catalog::builtin().rules("gardner").unwrap()
}

fn mock(fault: &str, more: &str) -> PlayerSpec {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/mock_engines/engine.py");
    let line = line(&gardner());
    format!("uci:python3 '{}' {fault} '{line}'{more}", script.display()).parse().unwrap()
}

fn prepared(fault: &str, more: &str) -> Result<PlayerFactory, String> {
    mock(fault, more).prepare(&Catalog::builtin(), &gardner()).map_err(|e| e.to_string())
}

/// A match of `rounds` rounds of at most 12 plies against an engine that behaves well.
fn play_rounds(engine: &PlayerFactory, rounds: u32) -> (MatchResult, Vec<GameRecord>) {
    play_rounds_under(engine, rounds, Adjudication::default())
}

fn play_rounds_under(
    engine: &PlayerFactory,
    rounds: u32,
    adjudication: Adjudication,
) -> (MatchResult, Vec<GameRecord>) {
    let good = prepared("good", "@nodes=1").unwrap();
    let mut config = MatchConfig::new(gardner(), vec![Opening::default()]);
    (config.rounds, config.max_plies, config.adjudication) = (rounds, 12, adjudication);
    let mut games = Vec::new();
    let mut keep = |round: &Round, _: &MatchResult| games.extend(round.games.iter().cloned());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let result = pool.install(|| run_match(&config, &|| engine.player(), &|| good.player(), &mut keep).unwrap());
    (result, games)
}

fn record(game: &GameRecord) -> String {
    pgn(game, &PgnTags { white: "W".into(), black: "B".into(), ..PgnTags::default() })
}

/// The engine must lose all games, by this kind of failure and with these words.
fn forfeits(fault: &str, limits: &str, kind: FailureKind, parts: &[&str]) {
    let engine = prepared(fault, limits).unwrap();
    let (result, games) = play_rounds(&engine, 2);
    let summary = result.summary();
    assert_eq!((summary.games, summary.losses), (4, 4), "{fault}");
    assert_eq!((summary.forfeits[0].total(), summary.forfeits[1].total()), (4, 0), "{fault}: {summary:?}");
    for (game, color) in games.iter().zip([Color::White, Color::Black, Color::White, Color::Black]) {
        let forfeit = game.forfeit().unwrap();
        assert_eq!((forfeit.loser, forfeit.failure.kind), (color, kind), "{fault}: {}", forfeit.failure);
        let loss = if color == Color::White { Outcome::BlackWins } else { Outcome::WhiteWins };
        assert_eq!(game.outcome, loss);
        let text = record(game);
        let name = if color == Color::White { "White (W) forfeits: it " } else { "Black (B) forfeits: it " };
        let termination = format!("[Termination \"{}\"]", kind.termination());
        for part in parts.iter().chain([&name, &termination.as_str()]) {
            assert!(text.contains(part), "{fault}: `{part}` is not in\n{text}");
        }
    }
    let json = serde_json::to_value(summary).unwrap();
    assert_eq!(json["forfeits"].as_array().unwrap().len(), 2);
}

#[test]
fn engines_that_play_well_play() {
    let engine = prepared("talks_before", "@nodes=1,option.skill level=20").unwrap();
    assert_eq!(engine.engine_id(), Some("Mock talks_before"));
    let (result, games) = play_rounds(&engine, 1);
    assert_eq!((result.draws, result.capped, result.forfeits[0].total()), (2, 2, 0));
    let choice = games[0].choices_of(Color::White).next().unwrap();
    let info = choice.engine.unwrap();
    assert_eq!((info.score, info.depth, info.nodes), (Some(Score::Centipawns(-35)), Some(3), Some(80)));
    assert!(record(&games[0]).contains("{-0.35/3 "));
    assert_eq!(engine.remarks(), Vec::<String>::new());
}

#[test]
fn harmless_oddities_do_no_harm() {
    for fault in ["garbage", "not_utf8", "two_answers", "bad_options", "floods_between"] {
        let (result, games) = play_rounds(&prepared(fault, "@nodes=1").unwrap(), 1);
        assert_eq!((result.draws, result.forfeits[0].total()), (2, 0), "{fault}\n{}", record(&games[0]));
    }
}

#[test]
fn hanging_engines_lose() {
    forfeits("hang_at_go", "@nodes=1,timeout=0.5", FailureKind::Hang, &["did not answer with `bestmove` within 0.5 s"]);
}

#[test]
fn engines_that_play_on_time_lose_on_time() {
    for limits in ["@movetime=50,timemargin=0", "@tc=0.2+0.1,timemargin=0"] {
        forfeits("hang_at_go", limits, FailureKind::Time, &["lost on time: it took more than", "(margin 0.000 s)"]);
    }
}

#[test]
fn crashing_engines_lose_and_their_last_words_are_kept() {
    let words = ["exited (exit status: 11) before `bestmove`; stderr: assertion failed: tree is green"];
    forfeits("crash_at_go", "@nodes=1", FailureKind::Crash, &words);
    forfeits("signal_at_go", "@nodes=1", FailureKind::Crash, &["exited (signal: 11 (SIGSEGV)"]);
    forfeits("close_at_go", "@nodes=1", FailureKind::Crash, &["closed its output before `bestmove`"]);
}

#[test]
fn flooding_engines_lose() {
    forfeits("flood_bytes", "@nodes=1", FailureKind::Flood, &["wrote a line of more than 65536 bytes"]);
    forfeits("flood_lines", "@nodes=1,timeout=600", FailureKind::Flood, &["wrote more than 200000 lines"]);
}

#[test]
fn illegal_moves_lose() {
    forfeits("illegal", "@nodes=1", FailureKind::Illegal, &["played `a1a5`, which is illegal in "]);
    forfeits("unreadable", "@nodes=1", FailureKind::Illegal, &["played `e4?!`, which is "]);
    forfeits("not_utf8_move", "@nodes=1", FailureKind::Illegal, &["which is no move"]);
    forfeits("empty", "@nodes=1", FailureKind::Illegal, &["answered `bestmove` without a move"]);
}

#[test]
fn claims_that_the_game_is_over_lose() {
    forfeits("none", "@nodes=1", FailureKind::NoMove, &["answered `bestmove (none)`", "not over"]);
    forfeits("null", "@nodes=1", FailureKind::NoMove, &["answered `bestmove 0000`"]);
}

#[test]
fn engines_that_cannot_be_started_stop_the_match() {
    for (fault, limits, parts) in [
        ("hang_at_handshake", "@nodes=1,starttimeout=0.5", vec!["did not answer with `uciok` within 0.5 s"]),
        ("crash_at_handshake", "@nodes=1", vec!["exit status: 3", "`uciok`", "the network file is missing"]),
        ("good", "@nodes=1,option.Speed=3", vec!["has no option `Speed`; it has UCI_Variant, Skill Level"]),
        (
            "good",
            "@nodes=1,option.Skill Level=21",
            vec!["`option.Skill Level=21`: expected a whole number from 0 to 20"],
        ),
        ("bad_options", "@nodes=1,option.Broken=1", vec!["has no option `Broken`"]),
        ("good", "@nodes=1,variant_path=x.ini", vec!["has no option VariantPath"]),
    ] {
        let error = prepared(fault, limits).err().unwrap();
        for part in parts {
            assert!(error.contains(part) && error.starts_with("player `uci:python3 "), "{fault}: {error}");
        }
    }
    let missing: PlayerSpec = "uci:/no/such/engine -x@nodes=1".parse().unwrap();
    let error = missing.prepare(&Catalog::builtin(), &gardner()).unwrap_err().to_string();
    assert!(error.contains("`/no/such/engine -x` cannot be run: "), "{error}");
    let losalamos = Catalog::builtin().rules("losalamos").unwrap();
    let error = mock("good", "@nodes=1").prepare(&Catalog::builtin(), &losalamos).unwrap_err().to_string();
    assert!(error.contains("does not play `losalamos`"), "{error}");
}

#[test]
fn engines_that_do_not_list_the_variant_are_given_its_rules_if_they_know_all_keys() {
    let mut catalog = Catalog::builtin();
    let text = "[bare:gardner]\nstalemateValue = loss\n[camels:gardner]\ncustomPiece1 = n:C\nknight = -\n";
    catalog.load_text("test.ini", text).unwrap();
    let prepare = |name: &str| mock("old", "@nodes=1").prepare(&catalog, &catalog.rules(name).unwrap());
    // The engine lists `gardner`, so it is given the rules as an edit of that; the full text has keys that it does not know.
    assert!(catalog.rules("bare").unwrap().to_ini().contains("promotionRegion"));
    assert_eq!(prepare("bare").unwrap().remarks(), Vec::<String>::new());
    let error = prepare("camels").err().unwrap().to_string();
    assert!(error.contains("does not know customPiece1, which `camels` needs"), "{error}");
    // No variant that the engine lists has the board of this one.
    let error = prepare("losalamos").err().unwrap().to_string();
    assert!(error.contains("does not know promotionRegionWhite, which `losalamos` needs"), "{error}");
}

#[test]
fn an_engine_that_cannot_be_started_again_stops_the_match_after_the_rounds_that_count() {
    let engine = prepared("good", "@nodes=1").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("engine.py");
    std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mock_engines/engine.py"), &script).unwrap();
    let spec = mock("crash_at_go", "@nodes=1").to_string();
    let original = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mock_engines/engine.py");
    let spec: PlayerSpec = spec.replace(original, script.to_str().unwrap()).parse().unwrap();
    let failing = spec.prepare(&Catalog::builtin(), &gardner()).unwrap();
    let mut config = MatchConfig::new(gardner(), vec![Opening::default()]);
    (config.rounds, config.max_plies) = (100, 12);
    let mut rounds = 0;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let error = pool.install(|| {
        run_match(&config, &|| failing.player(), &|| engine.player(), &mut |_, result| {
            rounds += 1;
            assert_eq!(result.losses, 2 * rounds);
            std::fs::write(&script, "raise SystemExit(5)").unwrap();
        })
    });
    let Err(MatchError::Player(error)) = error else { panic!("the match went on") };
    assert!(rounds == 1 && error.to_string().contains("exit status: 5"), "{rounds}: {error}");
}

#[test]
fn engines_that_exit_between_games_are_started_again() {
    let folder = tempfile::tempdir().unwrap();
    let counter = folder.path().join("starts");
    let engine = prepared("exit_between_games", &format!(" '{}'@nodes=1", counter.display())).unwrap();
    let (result, games) = play_rounds(&engine, 2);
    // Every second announcement of a new game ends the engine, which costs it no game.
    assert_eq!((result.draws, result.forfeits[0].total()), (4, 0));
    assert!(result.restarts[0] > 0 && result.restarts[1] == 0);
    let told = games.iter().find(|game| !game.incidents.is_empty()).unwrap();
    assert!(
        record(told).contains("was started again: since its last game it exited (exit status: 7)"),
        "{}",
        record(told)
    );
}

#[test]
fn engines_that_ignore_quit_are_killed_and_reported() {
    let engine = prepared("ignores_quit", "@nodes=1").unwrap();
    let (result, _) = play_rounds(&engine, 1);
    assert_eq!((result.draws, result.forfeits[0].total()), (2, 0));
    assert!(engine.remarks()[0].starts_with("did not obey `quit` and was killed"), "{:?}", engine.remarks());
}

#[test]
fn engines_that_do_not_listen_lose() {
    // This engine answers before it is asked: sooner or later with a move that is illegal, or it takes no more commands.
    let engine = prepared("deaf", "@nodes=1,timeout=2").unwrap();
    let (result, _) = play_rounds(&engine, 1);
    assert_eq!(result.forfeits[0].total(), 2);
}

#[test]
fn bounds_and_scores_of_other_moves_decide_no_game_and_stand_in_no_record() {
    let engine = prepared("bounds", "@nodes=1").unwrap();
    // Each of its lines of information but the exact one would make it resign at once.
    let resign = Adjudication { resign: Some("movecount=1 score=1".parse().unwrap()), draw: None };
    let (result, games) = play_rounds_under(&engine, 1, resign);
    assert_eq!((result.adjudicated, result.capped), (0, 2));
    let info = games[0].choices_of(Color::White).next().unwrap().engine.unwrap();
    assert_eq!((info.score, info.depth, info.nodes), (Some(Score::Centipawns(7)), Some(5), Some(75)));
    assert!(record(&games[0]).contains("{+0.07/5 "), "{}", record(&games[0]));
}

/// The commands to think that an engine got in its first game of six moves, as White.
fn commands(limits: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("go");
    let engine = prepared("keeps_go", &format!(" '{}'@{limits}", path.display())).unwrap();
    let (result, _) = play_rounds(&engine, 1);
    assert_eq!(result.forfeits[0].total(), 0);
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().take(6).map(str::to_owned).collect()
}

/// The number behind a word of a command.
fn number(command: &str, key: &str) -> Option<u64> {
    command.split(' ').skip_while(|word| *word != key).nth(1)?.parse().ok()
}

#[test]
fn engines_are_told_their_limits() {
    assert_eq!(commands("depth=7"), ["go depth 7"; 6]);
    assert_eq!(commands("plies=7,nodes=3"), ["go nodes 3 depth 7"; 6]);
    assert_eq!(commands("st=90"), ["go movetime 90000"; 6]);
    assert_eq!(commands("tc=inf,nodes=5"), ["go nodes 5"; 6]);
    let go = commands("tc=1:30+2,depth=3");
    assert_eq!(go[0], "go wtime 90000 btime 90000 winc 2000 binc 2000 depth 3");
    let go = commands("tc=0+90");
    assert_eq!(go[0], "go wtime 90000 btime 90000 winc 90000 binc 90000");
}

#[test]
fn moves_to_go_are_counted_and_the_time_is_given_again() {
    let go = commands("tc=4/100");
    let moves: Vec<_> = go.iter().map(|command| number(command, "movestogo")).collect();
    assert_eq!(moves, [4, 3, 2, 1, 4, 3].map(Some));
    assert_eq!(number(&go[0], "wtime"), Some(100_000));
    // No move takes a hundred seconds, and after four moves the time is given again: there is more on the clock than at the
    // beginning.
    let left: Vec<_> = go.iter().map(|command| number(command, "wtime").unwrap()).collect();
    assert!(left[3] <= 100_000 && (100_000..=200_000).contains(&left[4]), "{left:?}");
    // Without a number of moves in the time control no `movestogo` is sent.
    assert!(commands("tc=100").iter().all(|command| number(command, "movestogo").is_none()));
}

/// Whether a process exists and has not ended.
fn runs(pid: &str) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return false };
    stat.rsplit(')').next().is_some_and(|rest| !rest.trim_start().starts_with(['Z', 'X']))
}

#[test]
fn what_an_engine_has_started_ends_with_it() {
    for (fault, limits) in [
        ("good", "@nodes=1"),
        ("ignores_quit", "@nodes=1"),
        ("crash_at_go", "@nodes=1"),
        ("signal_at_go", "@nodes=1"),
        ("close_at_go", "@nodes=1"),
        ("hang_at_go", "@nodes=1,timeout=0.5"),
        ("illegal", "@nodes=1"),
        ("exit_between_games", "@nodes=1"),
        ("crash_at_handshake", "@nodes=1"),
        ("good", "@nodes=1,option.Speed=3"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pids");
        let limits = format!(" '{}'{limits}", path.display());
        if let Ok(engine) = prepared(&format!("forks_{fault}"), &limits) {
            play_rounds(&engine, 1);
        }
        let pids = std::fs::read_to_string(path).unwrap();
        let helpers: Vec<&str> = pids.lines().filter(|line| !line.contains('x')).collect();
        assert!(!helpers.is_empty(), "{fault}");
        let began = std::time::Instant::now();
        while helpers.iter().any(|pid| runs(pid)) {
            assert!(began.elapsed() < std::time::Duration::from_secs(60), "{fault}: a helper still runs");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
}
