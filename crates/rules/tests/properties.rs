//! Properties that hold for any input: parsers accept or refuse it, positions survive being written and read, keys depend on the position only.

use std::sync::Arc;

use proptest::prelude::*;
use rules::{Catalog, Game, Rules, Word, with_rules};

const SHIFTS: &str = include_str!("../../../tests/perft/variants.ini");

fn catalog() -> Catalog {
    let mut catalog = Catalog::builtin();
    catalog.load_text("shifts", SHIFTS).unwrap().complete().unwrap();
    catalog
}

/// A game whose moves are chosen by numbers.
fn game<W: Word>(rules: &Arc<Rules<W>>, choices: &[u16]) -> Game<W> {
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

/// Lines that look like a rule file: more of them are accepted than of random text.
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
        if let Ok(loaded) = catalog.load_text("test", &text) {
            for name in loaded.names {
                with_rules!(catalog.any(&name).unwrap(), rules => {
                    game(&rules, &[7, 1, 9, 4, 4, 2, 8, 0, 3]);
                    // Rules that are accepted can be written as a rule file, which is read as equal rules.
                    let mut again = Catalog::builtin();
                    let copy = rules.to_ini().replacen(&format!("[{name}]"), "[copy-of-it]", 1);
                    again.load_text("copy", &copy).unwrap().complete().unwrap();
                    with_rules!(again.any("copy-of-it").unwrap(), copy => prop_assert_eq!(copy.hash(), rules.hash()));
                });
            }
        }
    }

    #[test]
    fn any_fen_and_move_get_an_answer(
        fen in prop_oneof![any::<String>(), "rnbqk/ppppp/5/PPPPP/RNBQK w - .{0,6} 0 1", "[rnbqkRNBQKpP1-5/]{5,40} [wb] [KQkq-]{1,4} [a-h1-8-]{1,2} [0-9+]{1,3} [0-9]{1,6}"],
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
        with_rules!(catalog().any(&variant).unwrap(), rules => {
            let game = game(&rules, &choices);
            let read = rules.parse_fen(&rules.fen(game.position())).unwrap();
            prop_assert_eq!(read.key(), game.position().key());
            prop_assert_eq!(&read, game.position());
            prop_assert_eq!(rules::perft(&rules, &read, 2), rules::perft_made(&rules, &read, 2));
            for mv in game.legal().iter().take(200) {
                let uci = rules.uci(game.position(), *mv);
                prop_assert_eq!(rules.find_uci(game.position(), game.legal(), &uci).unwrap(), *mv);
            }
            for mv in game.legal().iter().take(20) {
                let san = rules.san(game.position(), *mv);
                prop_assert_eq!(rules.parse_san(game.position(), &san).unwrap(), *mv, "{}", san);
            }
        });
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

/// The difference between two variants turns the first into the second. Tried on neighbours in the list, and on each variant and chess.
#[test]
fn differences_are_edits() {
    let catalog = Catalog::builtin();
    let names: Vec<&str> = catalog.names().collect();
    let neighbours = names.windows(2).map(|pair| (pair[0], pair[1]));
    let from_chess = names.iter().map(|name| ("chess", *name));
    let to_chess = names.iter().map(|name| (*name, "chess"));
    for (a, b) in neighbours.chain(from_chess).chain(to_chess) {
        let edit: String =
            catalog.diff(a, b).unwrap().iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
        let mut edited = catalog.clone();
        edited
            .load_text("diff", &format!("[edited:{a}]\n{edit}"))
            .and_then(rules::Loaded::complete)
            .unwrap_or_else(|e| panic!("{a} to {b}: {e}\n{edit}"));
        let hash = |name: &str| with_rules!(edited.any(name).unwrap(), rules => rules.hash().to_owned());
        assert_eq!(hash("edited"), hash(b), "{a} to {b}:\n{edit}");
    }
}

#[test]
fn builtin_variants_are_sound() {
    let catalog = Catalog::builtin();
    for name in catalog.names() {
        let compiled = catalog.any(name);
        assert!(compiled.is_ok(), "{compiled:?}");
    }
}

#[test]
fn men_that_promote_where_they_stand_stay_on_the_board() {
    let mut catalog = Catalog::builtin();
    catalog.load_text("test", "[spot:chess]\nsittuyinPromotion = true\npromotionRegionWhite = *7 *8\n").unwrap();
    let rules = catalog.rules("spot").unwrap();
    let position = rules.parse_fen("8/P3k3/8/8/8/8/8/4K3 w - - 0 1").unwrap();
    let mut moves = rules::MoveList::new();
    rules.legal_moves(&position, &mut moves);
    let in_place: Vec<_> = moves.iter().filter(|mv| mv.from() == mv.to()).collect();
    assert!(!in_place.is_empty());
    for mv in in_place {
        let mut next = position;
        rules.play(&mut next, *mv);
        assert_eq!(next.men(), position.men());
        assert_eq!(rules.parse_fen(&rules.fen(&next)).unwrap(), next);
    }
}
