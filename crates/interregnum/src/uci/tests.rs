//! Random sequences of commands are compared with a model of the protocol, through the loop that serves clients.

use std::io::Write;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rules::{Catalog, Game, Rules, Word, with_rules};

use super::inbox::{Inbox, Input};
use super::session::AnySession;

/// Longer than any of these tests takes, so that one that hangs fails.
const PATIENCE: Duration = Duration::from_secs(120);
/// Sessions of the random test, and commands in each.
const SESSIONS: u64 = 250;
const COMMANDS: usize = 40;

/// A writer that sends what is written to a channel, line by line.
struct Lines {
    lines: Sender<String>,
    begun: Vec<u8>,
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        for byte in bytes {
            if *byte == b'\n' {
                let line = String::from_utf8(std::mem::take(&mut self.begun)).unwrap();
                let _ = self.lines.send(line);
            } else {
                self.begun.push(*byte);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A session on a thread of its own.
struct Client {
    input: SyncSender<Input>,
    output: Receiver<String>,
    session: JoinHandle<()>,
}

impl Client {
    fn new() -> Client {
        let (input, lines) = sync_channel(64);
        let (sender, output) = channel();
        let session = std::thread::spawn(move || {
            let mut out = Lines { lines: sender, begun: Vec::new() };
            AnySession::new(Catalog::builtin()).run(&mut Inbox::new(&lines), &mut out).unwrap();
        });
        Client { input, output, session }
    }

    fn send(&self, lines: &[&str]) {
        for line in lines {
            // Sending fails if the session has ended after `quit`, which is no error.
            let _ = self.input.send(Input::Line((*line).to_owned()));
        }
    }

    /// The lines that are written up to one that begins with this word.
    fn wait_for(&self, word: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let line = self.output.recv_timeout(PATIENCE);
            lines.push(line.unwrap_or_else(|e| panic!("{e} instead of `{word}` after {lines:#?}")));
            if lines.last().is_some_and(|line| line.starts_with(word)) {
                return lines;
            }
        }
    }

    /// Ends the input. Returns the remaining lines that are written.
    fn end(self) -> Vec<String> {
        drop(self.input);
        let mut lines = Vec::new();
        loop {
            match self.output.recv_timeout(PATIENCE) {
                Ok(line) => lines.push(line),
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
                Err(e) => panic!("the session does not end: {e} after {lines:#?}"),
            }
        }
        self.session.join().unwrap();
        lines
    }
}

/// The lines that a session writes in answer to commands that are all sent at once.
fn answers(commands: &[&str]) -> Vec<String> {
    let client = Client::new();
    client.send(commands);
    client.end()
}

fn best(lines: &[String]) -> Vec<&str> {
    lines.iter().filter_map(|line| line.strip_prefix("bestmove ")?.split(' ').next()).collect()
}

/// The legal moves of a game, as UCI writes them.
fn names_of_moves<W: Word>(game: &Game<W>) -> Vec<String> {
    game.legal().iter().map(|mv| game.rules().uci(game.position(), *mv)).collect()
}

/// The moves of a random game, as they follow after a position, and the legal moves in the end.
fn random_game<W: Word>(rules: Arc<Rules<W>>, rng: &mut ChaCha8Rng) -> (String, Vec<String>) {
    let mut game = Game::new(rules);
    let mut moves = Vec::new();
    // Some games move to and fro, until a draw could be claimed.
    let shuffle = rng.random_bool(0.3);
    for _ in 0..rng.random_range(0..60) {
        let back = game.moves().len().checked_sub(2).map(|i| game.moves()[i]);
        let back = back.and_then(|mv| game.legal().iter().find(|m| (m.from(), m.to()) == (mv.to(), mv.from())));
        let mv = back.filter(|_| shuffle).or_else(|| game.legal().choose(rng));
        let Some(mv) = mv.copied() else { break };
        moves.push(game.rules().uci(game.position(), mv));
        game.play(mv);
    }
    let text = if moves.is_empty() { String::new() } else { format!(" moves {}", moves.join(" ")) };
    (text, names_of_moves(&game))
}

/// What a client knows of a session while it sends commands.
struct Model {
    catalog: Catalog,
    variant: &'static str,
    /// The legal moves of the position; `None` if it was refused.
    legal: Option<Vec<String>>,
    /// For each `go` without an answer: the moves that may answer it.
    answers: Vec<Vec<String>>,
    ready: usize,
    introduced: usize,
    quit: bool,
}

impl Model {
    fn new() -> Model {
        let catalog = Catalog::builtin();
        let (answers, legal) = (Vec::new(), None);
        let mut model = Model { catalog, variant: "chess", legal, answers, ready: 0, introduced: 0, quit: false };
        model.play("chess");
        model
    }

    fn play(&mut self, variant: &'static str) -> String {
        self.variant = variant;
        let rules = self.catalog.any(variant).ok();
        self.legal = rules.map(|rules| with_rules!(rules, rules => names_of_moves(&Game::new(rules))));
        format!("setoption name UCI_Variant value {variant}")
    }

    /// A command `position` with a random game, or with something that is no position.
    fn place(&mut self, rng: &mut ChaCha8Rng) -> String {
        let rules = self.catalog.any(self.variant).ok();
        if rng.random_bool(0.1) {
            self.legal = None;
            return (*["position", "position fen 8/8", "position startpos moves zz"].choose(rng).unwrap()).to_owned();
        }
        let Some(rules) = rules else { return "position startpos".to_owned() };
        let (moves, legal) = with_rules!(rules, rules => random_game(rules, rng));
        self.legal = Some(legal);
        format!("position startpos{moves}")
    }

    fn go(&mut self, rng: &mut ChaCha8Rng) -> String {
        let none = || vec!["(none)".to_owned()];
        self.answers.push(self.legal.clone().filter(|legal| !legal.is_empty()).unwrap_or_else(none));
        let limits = [
            "nodes 1",
            "nodes 30",
            "nodes 200",
            "movetime 1",
            "movetime 9 nodes 50",
            "wtime 30 btime 30 winc 1",
            "depth 2",
            "mate 1 nodes 60",
            "infinite",
            "infinite nodes 20",
            "ponder movetime 3",
            "ponder nodes 20",
            "ponder wtime 40 btime 40",
            "perft x nodes 9",
        ];
        format!("go {}", limits.choose(rng).unwrap())
    }

    fn next(&mut self, rng: &mut ChaCha8Rng) -> String {
        let plain = [
            "ucinewgame",
            "d",
            "noise",
            "",
            "debug on",
            "setoption name MultiPV value 3",
            "setoption name Hash value 1",
            "setoption name Threads value 2",
            "setoption name Skill Level value 3",
            "setoption name Skill Level value 20",
            "setoption name Clear Hash",
            "setoption name Search value mcts",
            "setoption name Search value alphabeta",
            "setoption name Nonsense value 1",
        ];
        let word = match rng.random_range(0..100) {
            0..25 => return self.go(rng),
            25..45 => return self.place(rng),
            45..48 => return self.play(["dobutsu", "gardner", "chess", "nonsense", "shogi"].choose(rng).unwrap()),
            48..66 => "stop",
            66..74 => "ponderhit",
            74..84 => {
                self.ready += 1;
                "isready"
            }
            84..86 => {
                self.introduced += 1;
                "uci"
            }
            86 if rng.random_bool(0.3) => {
                self.quit = true;
                "quit"
            }
            _ => plain.choose(rng).unwrap(),
        };
        word.to_owned()
    }

    /// Compares the lines that were written with what the model expects.
    fn check(&self, lines: &[String], script: &[String]) {
        let script = script.join("\n");
        let best = best(lines);
        assert_eq!(best.len(), self.answers.len(), "{script}\n\n{lines:#?}");
        for (i, (best, allowed)) in best.iter().zip(&self.answers).enumerate() {
            assert!(allowed.iter().any(|mv| mv == best), "go {i}: {best} of {allowed:?}\n{script}\n\n{lines:#?}");
        }
        let count = |word: &str| lines.iter().filter(|line| *line == word).count();
        assert_eq!((count("readyok"), count("uciok")), (self.ready, self.introduced), "{script}\n\n{lines:#?}");
    }
}

#[test]
fn every_go_is_answered_once_and_in_order_whatever_the_timing() {
    for seed in 0..SESSIONS {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (mut model, client) = (Model::new(), Client::new());
        let mut script = vec![model.play("dobutsu")];
        client.send(&[&script[0]]);
        // Some clients send commands without a pause, others let the engine search between them.
        let haste = rng.random_range(0.3..1.0);
        while script.len() < COMMANDS && !model.quit {
            let line = model.next(&mut rng);
            client.send(&[&line]);
            script.push(line);
            if !rng.random_bool(haste) {
                std::thread::sleep(Duration::from_micros(rng.random_range(0..3000)));
            }
        }
        model.check(&client.end(), &script);
    }
}

#[test]
fn piped_commands_are_answered_one_after_the_other() {
    let commands = [
        "setoption name UCI_Variant value gardner",
        "position startpos",
        "go nodes 50",
        "position startpos moves a2a3",
        "go nodes 50",
        "position fen 4k/P4/5/5/K4 w - - 0 1",
        "go nodes 50",
    ];
    let lines = answers(&commands);
    let best = best(&lines);
    assert_eq!(best.len(), 3, "{lines:#?}");
    assert!(best[0].contains(['1', '2']) && best[1].contains(['4', '5']), "{best:?}");
    assert!(lines.iter().filter(|line| line.contains(" nodes 50 ")).count() >= 2, "limits are kept: {lines:#?}");
}

#[test]
fn a_move_is_of_the_position_that_was_sent_behind_a_stop() {
    let client = Client::new();
    client.send(&["position startpos", "go infinite", "stop", "position startpos moves e2e4"]);
    client.wait_for("bestmove");
    client.send(&["go nodes 30"]);
    let lines = client.end();
    assert!(best(&lines)[0].contains(['5', '6']), "{lines:#?}");
}

#[test]
fn a_search_without_an_end_answers_isready_and_waits_for_stop() {
    for go in ["go infinite", "go ponder nodes 5", "go infinite nodes 5"] {
        let client = Client::new();
        client.send(&["position startpos", go, "isready", "uci", "noise"]);
        let lines = client.wait_for("info string unknown");
        assert!(lines.iter().any(|line| line == "readyok") && lines.iter().any(|line| line == "uciok"), "{lines:#?}");
        client.send(&["isready"]);
        assert_eq!(best(&[lines, client.wait_for("readyok")].concat()), [""; 0], "{go}");
        client.send(&["stop"]);
        client.wait_for("bestmove");
        client.send(&["ponderhit", "stop"]);
        assert_eq!(client.end(), [""; 0], "{go}: there is nothing left to stop");
    }
}

#[test]
fn what_waits_for_a_search_without_an_end_ends_it() {
    for next in ["position startpos", "go nodes 1", "ucinewgame", "setoption name Clear Hash", "quit"] {
        for go in ["go infinite", "go ponder movetime 100"] {
            let client = Client::new();
            client.send(&[go, next]);
            client.wait_for("bestmove");
            let rest = client.end();
            assert_eq!(best(&rest).len(), usize::from(next.starts_with("go")), "{go}, {next}: {rest:#?}");
        }
    }
    assert_eq!(best(&answers(&["go infinite"])).len(), 1, "so does the end of the input");
    assert_eq!(best(&answers(&["go ponder nodes 10", "go nodes 3", "go infinite"])).len(), 3);
}

#[test]
fn ponderhit_makes_a_search_end_by_its_limits() {
    for hit in [&["ponderhit"][..], &["isready", "ponderhit"]] {
        let client = Client::new();
        client.send(&["position startpos", "go ponder movetime 20"]);
        client.send(hit);
        client.wait_for("bestmove");
        client.end();
    }
    let client = Client::new();
    // The `ponderhit` is meant for the second search, which has not begun.
    client.send(&["go ponder nodes 10", "stop", "go ponder nodes 10", "ponderhit"]);
    client.wait_for("bestmove");
    client.wait_for("bestmove");
    client.end();
}

#[test]
fn only_the_end_of_a_game_leaves_no_move() {
    let place = |fen: &str| {
        let lines = answers(&[&format!("position {fen}"), "go nodes 20"]);
        assert!(!lines.iter().any(|line| line.contains("ERROR")), "{lines:#?}");
        best(&lines)[0].to_owned()
    };
    let knights = "g1f3 g8f6 f3g1 f6g8 ".repeat(4);
    for claimed in [
        &format!("startpos moves {knights}"),
        "fen 4k3/8/8/8/8/8/4P3/4K3 w - - 100 90",
        "fen 4k3/8/8/8/8/8/4P3/4K3 w - - 149 90",
        "fen 4k3/8/8/8/8/8/8/4K3 w - - 0 1",
    ] {
        assert_ne!(place(claimed), "(none)", "{claimed}");
    }
    assert_eq!(place("fen 7k/5Q2/6K1/8/8/8/8/8 b - - 0 1"), "(none)", "stalemate");
    assert_eq!(place("fen R5k1/5ppp/8/8/8/8/8/K7 b - - 100 90"), "(none)", "mate");
}

#[test]
fn what_cannot_be_used_is_never_replaced() {
    let refused = |commands: &[&str], why: &str| {
        let lines = answers(&[commands, &["go nodes 10"]].concat());
        assert_eq!(best(&lines), ["(none)"], "{commands:?}");
        let before = &lines[lines.len() - 2];
        assert!(before.starts_with("info string ERROR: ") && before.contains(why), "{commands:?}: {before}");
    };
    refused(&["setoption name UCI_Variant value nonsense", "position startpos"], "`nonsense` is unknown");
    // A variant on the other word, with a position that it does not have.
    refused(&["setoption name UCI_Variant value shogi", "position startpos moves e2e4"], "`e2e4` is not legal");
    refused(&["setoption name EvalFile value /no/such/file"], "EvalFile");
    refused(&["setoption name EvalFile value gardner-1"], "cannot judge chess");
    refused(&["position startpos", "position fen nonsense"], "FEN `nonsense`");
    refused(&["position startpos moves e2e5"], "`e2e5` is not legal");
    refused(&["position"], "`startpos` or `fen FEN`");
    // A correct setting after a wrong one is played.
    for commands in [
        ["setoption name UCI_Variant value nonsense", "setoption name UCI_Variant value Chess"],
        ["setoption name EvalFile value gardner-1", "setoption name UCI_Variant value gardner"],
        ["setoption name EvalFile value /no/such/file", "setoption name EvalFile value <empty>"],
        ["position nonsense", "position startpos"],
    ] {
        let lines = answers(&[&commands[..], &["go nodes 10"]].concat());
        assert_ne!(best(&lines), ["(none)"], "{commands:?}");
    }
}

#[test]
fn castling_is_written_as_the_client_asked() {
    let castles = |options: &[&str], fen: &str, moves: &str| {
        let position = format!("position fen {fen} moves {moves}");
        let lines = answers(&[options, &[&position, "d"]].concat());
        lines.last().unwrap().clone()
    };
    let fen = "r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 0 1";
    for moves in ["e1g1 e8c8", "e1h1 e8a8"] {
        for options in
            [&[][..], &["setoption name UCI_Chess960 value true"], &["setoption name UCI_Variant value chess960"]]
        {
            let after = castles(options, fen, moves);
            assert!(after.contains("2kr3r/8/8/8/8/8/8/R4RK1 w"), "{options:?} {moves}: {after}");
        }
    }
    let only = |options: &[&str]| {
        let position = format!("position fen {fen}");
        let lines = answers(&[options, &[&position, "go nodes 5 searchmoves e1h1"]].concat());
        best(&lines)[0].to_owned()
    };
    assert_eq!(only(&[]), "e1g1");
    assert_eq!(only(&["setoption name UCI_Chess960 value true"]), "e1h1");
    assert_eq!(only(&["setoption name UCI_Variant value fischerandom"]), "e1h1");
    assert_eq!(only(&["setoption name UCI_Chess960 value true", "setoption name UCI_Chess960 value false"]), "e1g1");
    // In variants without castling the option changes nothing.
    let lines =
        answers(&["setoption name UCI_Chess960 value true", "setoption name UCI_Variant value gardner", "go nodes 5"]);
    assert_ne!(best(&lines), ["(none)"], "{lines:#?}");
}

#[test]
fn depth_and_mate_end_a_search() {
    let last = |lines: &[String]| lines.iter().rfind(|line| line.starts_with("info depth")).unwrap().clone();
    let deep = last(&answers(&["position startpos", "go depth 4"]));
    let depth: u32 = deep.split(' ').nth(2).unwrap().parse().unwrap();
    assert!(depth >= 4 && !deep.contains(" nodes 10000 "), "{deep}");
    let mate = answers(&["position fen 4k3/8/4K3/8/8/8/8/7R w - - 0 1", "go mate 1"]);
    assert_eq!(best(&mate), ["h1h8"]);
    assert!(last(&mate).contains("score mate 1 "), "{mate:#?}");
    let unlikely = last(&answers(&["position startpos", "go mate 9 depth 90 nodes 60"]));
    assert!(unlikely.contains(" nodes 60 "), "whichever comes first: {unlikely}");
}

#[test]
fn mates_are_told_at_their_true_length() {
    let told = |line: &str, limit: &str| {
        let (fen, moves) = line.trim_end_matches(';').split_once(" dm ").unwrap();
        let limit = limit.replace('N', moves.trim_start_matches('-'));
        let lines = answers(&[&format!("position fen {fen} 0 1"), &limit]);
        let last = lines.iter().rfind(|line| line.starts_with("info depth")).unwrap().clone();
        let (best, pv) = (best(&lines)[0].to_owned(), last.split_once(" pv ").unwrap().1.to_owned());
        assert!(pv.starts_with(&best), "{line}: {lines:#?}");
        (last.contains(&format!(" score mate {moves} ")), moves.parse::<i32>().unwrap())
    };
    let positions = include_str!("../../../../tests/data/mates.epd").lines().filter(|line| !line.starts_with('#'));
    for (i, line) in positions.enumerate() {
        assert!(told(line, "go mate N").0, "{line}");
        // Short mates are also found by a `go` that does not ask for them, with as many nodes as a move of a game may have.
        if i % 5 == 0 {
            let (found, moves) = told(line, "go nodes 20000");
            assert!(found || moves.abs() > 2, "{line}");
        }
    }
    // If there is no mate, the search does not go on for its sake.
    let none = answers(&["position startpos", "go mate 2"]);
    assert!(!none.concat().contains("mate") && !none.concat().contains(" nodes 200000 "), "{none:#?}");
}

#[test]
fn every_line_of_a_lost_position_tells_its_distance() {
    // By exhaustive search, a3a4 is mated at once, and no move holds out longer than two moves.
    let lost = "position fen 3k4/1rb5/4n3/p3p1P1/4P3/K7/6r1/8 w - - 1 40";
    let lines = answers(&["setoption name MultiPV value 4", lost, "go nodes 50000"]);
    let told: Vec<(&str, i32)> = lines
        .iter()
        .filter(|line| line.starts_with("info depth"))
        .rev()
        .take(4)
        .map(|line| {
            let moves = line.split_once(" score mate ").unwrap_or_else(|| panic!("{lines:#?}")).1;
            let (first, _) = line.split_once(" pv ").unwrap().1.split_once(' ').unwrap_or_default();
            (first, moves.split_once(' ').unwrap().0.parse().unwrap())
        })
        .collect();
    assert!(told.iter().all(|(mv, moves)| *moves == if *mv == "a3a4" { -1 } else { -2 }), "{told:?}");
    assert!(told.is_sorted_by_key(|(_, moves)| std::cmp::Reverse(*moves)), "the longest defence comes first: {told:?}");
}

#[test]
fn a_full_hash_is_said_and_a_mate_is_found_all_the_same() {
    let mate = "position fen 8/8/8/2P3R1/5B2/2rP1p2/p1P1PP2/RnQ1K2k w Q - 5 3";
    let lines = answers(&["setoption name Hash value 1", mate, "go nodes 300000"]);
    assert!(lines.iter().any(|line| line.contains(" score mate 2 ")), "{lines:#?}");
    let mcts = "setoption name Search value mcts";
    let lines = answers(&[mcts, "setoption name Hash value 1", "position startpos", "go nodes 5000"]);
    assert!(lines.iter().any(|line| line.starts_with("info string WARNING: Hash is full")), "{lines:#?}");
}

#[test]
fn a_refused_variant_is_not_replaced_by_another_of_nearly_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rules.ini");
    let refused = ["Atomic", "mini", "chess960", "fine960"];
    let sections = refused.map(|name| format!("[{name}:chess]\nconnectN = 4\n")).concat();
    std::fs::write(&path, format!("{sections}[fine:chess]\nnMoveRule = 40\n")).unwrap();
    let load = format!("setoption name VariantPath value {}", path.display());
    for name in refused {
        let choose = format!("setoption name UCI_Variant value {name}");
        let lines = answers(&[&load, &choose, "position startpos", "go nodes 10"]);
        assert_eq!(best(&lines), ["(none)"], "{name}: {lines:#?}");
        assert!(
            lines.iter().any(|line| line.contains("was refused") && line.contains("connectN")),
            "{name}: {lines:#?}"
        );
    }
    let lines = answers(&[&load, "setoption name UCI_Variant value fine", "go nodes 10"]);
    assert_ne!(best(&lines), ["(none)"], "the good section beside them: {lines:#?}");
}

#[test]
fn skill_levels_repeat_at_fixed_nodes() {
    let play = |level: &str| {
        let level = format!("setoption name Skill Level value {level}");
        answers(&[level.as_str(), "position startpos", "go nodes 400", "position startpos moves e2e4", "go nodes 400"])
            .into_iter()
            .map(|line| line.split(" nps ").next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(play("3"), play("3"));
    assert!(play("3").iter().any(|line| line.contains(" nodes 20")), "a level has its own limit");
    let analysed =
        answers(&["setoption name Skill Level value 0", "setoption name UCI_AnalyseMode value true", "go nodes 60"]);
    assert!(analysed.iter().any(|line| line.contains(" nodes 60 ")), "analysis is at full strength: {analysed:#?}");
}

#[test]
fn both_searches_repeat_and_keep_their_limits() {
    for kind in ["mcts", "alphabeta"] {
        let search = format!("setoption name Search value {kind}");
        let play = |go: &str| -> Vec<String> {
            let lines = answers(&[&search, "setoption name MultiPV value 2", "position startpos", go]);
            lines.into_iter().map(|line| line.replace(line.split(" nps ").nth(1).unwrap_or(""), "")).collect()
        };
        let lines = play("go nodes 3000");
        assert_eq!(lines, play("go nodes 3000"));
        let told: Vec<&String> = lines.iter().filter(|line| line.contains(" nodes 3000 ")).collect();
        assert!(told[0].contains(" multipv 1 ") && told[1].contains(" multipv 2 "), "{kind}: {lines:#?}");
        let lines = play("go depth 4");
        let deep = |line: &String| line.split(' ').nth(2).is_some_and(|n| n.parse().is_ok_and(|depth: u32| depth >= 4));
        assert!(lines.iter().any(deep), "{kind}: {lines:#?}");
        let lines = play("go movetime 30 searchmoves a2a3");
        assert_eq!(best(&lines), ["a2a3"], "{kind}: {lines:#?}");
    }
}

#[test]
fn the_client_learns_who_judges_and_what_is_played() {
    let said = |commands: &[&str], what: &str| {
        let lines = answers(commands);
        assert!(lines.iter().any(|line| line.starts_with("info string ") && line.contains(what)), "{what}: {lines:#?}");
    };
    said(&["go nodes 1"], "selected under chess");
    said(&["setoption name UCI_Variant value gardner", "go nodes 1"], "selected under gardner");
    said(&["setoption name UCI_Variant value chess960", "go nodes 1"], "selected under chess, whose rules differ");
    said(&["setoption name UCI_Variant value dobutsu", "go nodes 1"], "WARNING: no evaluator was found for dobutsu");
    said(
        &["setoption name UCI_Variant value gardner"],
        "variant gardner files 5 ranks 5 pocket 0 template fairy startpos rnbqk/ppppp/5/PPPPP/RNBQK w - - 0 1",
    );
    said(
        &["setoption name UCI_Variant value CRAZYHOUSE"],
        "variant CRAZYHOUSE files 8 ranks 8 pocket 6 template crazyhouse startpos rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR[] w",
    );
    said(&["go perft 3 nodes 2"], "`perft` is not known");
    said(&["go nodes 2 searchmoves e2e5"], "`e2e5` is not legal");
}

#[test]
fn a_rule_file_is_read_in_any_order_and_as_often_as_it_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rule file.ini");
    std::fs::write(&path, "[hill5:gardner]\nflagPiece = k\nflagRegion = c3\n[bad:gardner]\nnonsense = 1\n").unwrap();
    let load = format!("setoption name VariantPath value {}", path.display());
    for commands in [
        [load.as_str(), "setoption name UCI_Variant value hill5", &load],
        ["setoption name UCI_Variant value hill5", &load, &load],
    ] {
        let lines = answers(&[&commands[..], &["go nodes 10"]].concat());
        assert_ne!(best(&lines), ["(none)"], "{lines:#?}");
        let refused = lines.iter().filter(|line| line.contains("nonsense")).count();
        assert_eq!(refused, 1, "the other section is refused with its reason: {lines:#?}");
    }
    let refused = answers(&[&load, "setoption name UCI_Variant value bad", "go nodes 10"]);
    assert_eq!(best(&refused), ["(none)"], "{refused:#?}");
}
