//! Properties that hold for any input: parsers answer, positions survive being written and read, keys are what they should be.

use std::sync::Arc;

use proptest::prelude::*;
use rules::{Catalog, Game, Rules};

const SHIFTS: &str = include_str!("../../../tests/perft/variants.ini");

fn catalog() -> Catalog {
    let mut catalog = Catalog::builtin();
    catalog.load_text("shifts", SHIFTS).unwrap();
    catalog
}

/// A game of moves chosen by the numbers.
fn game(rules: &Arc<Rules>, choices: &[u16]) -> Game {
    let mut game = Game::new(Arc::clone(rules));
    for choice in choices {
        if game.outcome().is_some() {
            break;
        }
        let mv = game.legal()[usize::from(*choice) % game.legal().len()];
        game.play(mv);
    }
    game
}

/// Lines that look like a rule file, to get further than noise would.
fn rule_file() -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec![
        "maxRank",
        "maxFile",
        "king",
        "pawn",
        "knight",
        "commoner",
        "customPiece1",
        "startFen",
        "promotionRegionWhite",
        "promotionPieceTypes",
        "doubleStepRegionWhite",
        "castling",
        "mustCapture",
        "nMoveRule",
        "stalemateValue",
        "extinctionValue",
        "extinctionPieceTypes",
        "flagPiece",
        "flagRegion",
        "checkCounting",
        "[a:gardner]",
        "[b]",
    ]);
    let value = prop_oneof![
        "[a-z0-9:*+ -]{0,12}",
        prop::sample::select(vec![
            "true",
            "win",
            "*",
            "-",
            "3",
            "n:CW",
            "k:fsW3",
            "a1 b2",
            "*5",
            "rnbqk/ppppp/5/PPPPP/RNBQK w - - 0 1"
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec((key, value), 0..12).prop_map(|lines| {
        let line = |(k, v): &(&str, String)| if k.starts_with('[') { format!("{k}\n") } else { format!("{k} = {v}\n") };
        "[a:gardner]\n".to_owned() + &lines.iter().map(line).collect::<String>()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_rule_file_gets_an_answer(text in prop_oneof![any::<String>(), rule_file()]) {
        let mut catalog = Catalog::builtin();
        if let Ok(names) = catalog.load_text("test", &text) {
            for name in names {
                let rules = catalog.rules(&name).unwrap();
                game(&rules, &[7, 1, 9, 4, 4, 2, 8, 0, 3]);
                // What is accepted can be written down, and reads as the same rules.
                let mut again = Catalog::builtin();
                let copy = rules.to_ini().replacen(&format!("[{name}]"), "[copy-of-it]", 1);
                again.load_text("copy", &copy).unwrap();
                let copy = again.rules("copy-of-it").unwrap();
                prop_assert_eq!(copy.hash(), rules.hash());
            }
        }
    }

    #[test]
    fn any_fen_and_move_get_an_answer(
        fen in prop_oneof![any::<String>(), "[rnbqkRNBQKpP1-5/]{5,40} [wb] [KQkq-]{1,4} [a-h1-8-]{1,2} [0-9+]{1,3} [0-9]{1,6}"],
        mv in prop_oneof![any::<String>(), "[a-h][1-8][a-h][1-8][nbrqk]?"],
    ) {
        for name in ["gardner", "chess", "gardner-firstcheck"] {
            let rules = catalog().rules(name).unwrap();
            if let Ok(position) = rules.parse_fen(&fen) {
                let _ = rules.parse_uci(&position, &mv);
                prop_assert_eq!(rules.parse_fen(&rules.fen(&position)).unwrap(), position);
            }
        }
    }

    #[test]
    fn positions_survive_writing_and_keys_are_incremental(
        variant in prop::sample::select(catalog().names().map(str::to_owned).collect::<Vec<_>>()),
        choices in prop::collection::vec(any::<u16>(), 0..80),
    ) {
        let rules = catalog().rules(&variant).unwrap();
        let game = game(&rules, &choices);
        let read = rules.parse_fen(&rules.fen(game.position())).unwrap();
        prop_assert_eq!(&read, game.position());
        for mv in game.legal() {
            prop_assert_eq!(rules.parse_uci(game.position(), &rules.uci(game.position(), *mv)).unwrap(), *mv);
        }
    }

    #[test]
    fn the_same_men_are_seen_under_other_rules(choices in prop::collection::vec(any::<u16>(), 0..60)) {
        let catalog = catalog();
        let (old, new) = (catalog.rules("gardner").unwrap(), catalog.rules("gardner-antichess").unwrap());
        let game = game(&new, &choices);
        if let Some(seen) = old.reinterpret(&new, game.position()) {
            let placement = |fen: String| fen.split(' ').next().unwrap().to_owned();
            prop_assert_eq!(placement(old.fen(&seen)), placement(new.fen(game.position())));
            prop_assert_eq!(old.reinterpret(&old, &seen).unwrap(), seen);
        }
    }
}

#[test]
fn equal_rules_have_equal_hashes() {
    let mut catalog = catalog();
    catalog
        .load_text("test", "[other-name:gardner]\nstalemateValue = draw\n[different:gardner]\nstalemateValue = win\n")
        .unwrap();
    let hash = |name: &str| catalog.rules(name).unwrap().hash().to_owned();
    assert_eq!(hash("gardner"), hash("other-name"));
    assert_ne!(hash("gardner"), hash("different"));
}
