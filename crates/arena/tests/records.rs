//! Games as PGN.

use std::sync::Arc;

use arena::{Choice, GameRecord, PgnTags, RootInfo, Termination, pgn};
use rules::{Catalog, Game, Outcome};

fn record(variant: &str, opening: &[&str], moves: &[(&str, Option<f32>, u32, bool)], capped: bool) -> GameRecord {
    let mut game = Game::new(Catalog::builtin().rules(variant).unwrap());
    let mut choices = Vec::new();
    for text in opening {
        game.play(game.rules().parse_uci(game.position(), text).unwrap());
    }
    for &(text, estimate, playouts, illegal) in moves {
        let mv = game.rules().parse_uci(game.position(), text).unwrap();
        let root = (playouts > 0).then_some(RootInfo { playouts, nodes: 1, visits: 1 });
        choices.push(Choice { mv, estimate, illegal, root, engine: None });
        game.play(mv);
    }
    GameRecord {
        rules: Arc::clone(game.rules()),
        start: *game.start(),
        moves: game.moves().to_vec(),
        opening_plies: opening.len(),
        choices,
        outcome: game.outcome().unwrap_or(Outcome::Draw),
        ending: game.ending(),
        termination: if capped { Termination::MaxPlies } else { Termination::Rules },
        incidents: Vec::new(),
    }
}

#[test]
fn a_record_says_all_that_a_reader_needs() {
    let moves = [
        ("e2e4", Some(0.312), 400, false),
        ("g7g5", None, 0, false),
        ("d2d4", Some(-0.5), 0, true),
        ("f7f6", Some(0.0), 1, false),
        ("d1h5", Some(1.0), 400, false),
    ];
    let record = record("chess", &["a2a3", "h7h6"], &moves, false);
    let tags = PgnTags {
        event: "a \"quoted\" \\ event\n".into(),
        round: "12.1".into(),
        white: "zero@playouts=400".into(),
        black: "random".into(),
        white_weights: "00ff".into(),
        more: vec![("Seed".into(), "7".into())],
        ..PgnTags::default()
    };
    let expected = format!(
        "[Event \"a \\\"quoted\\\" \\\\ event \"]\n[Site \"?\"]\n[Date \"????.??.??\"]\n[Round \"12.1\"]\n\
         [White \"zero@playouts=400\"]\n[Black \"random\"]\n[Result \"1-0\"]\n[Variant \"chess\"]\n[PlyCount \"7\"]\n\
         [Termination \"normal\"]\n[RulesHash \"{}\"]\n[WhiteWeights \"00ff\"]\n[Seed \"7\"]\n\n\
         1. a2a3 {{book}} 1... h7h6 {{book}} 2. e2e4 {{+0.31/400}} 2... g7g5 3. d2d4\n\
         {{-0.50 illegal choice replaced}} 3... f7f6 {{+0.00/1}} 4. d1h5 {{+1.00/400}} 1-0\n\n",
        record.rules.hash()
    );
    assert_eq!(pgn(&record, &tags), expected);
}

#[test]
fn other_starts_and_adjudications_are_stated() {
    let text = pgn(&record("gardner", &[], &[("b2b3", None, 0, false)], true), &PgnTags::default());
    for part in [
        "[Result \"1/2-1/2\"]",
        "[Variant \"gardner\"]",
        "[SetUp \"1\"]\n[FEN \"rnbqk/ppppp/5/PPPPP/RNBQK w - - 0 1\"]",
        "[Termination \"adjudication\"]",
        "\n\n1. b2b3 {drawn at the maximum length of 1 plies} 1/2-1/2\n\n",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}
