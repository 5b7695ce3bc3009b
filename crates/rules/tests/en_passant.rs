//! A right to capture in passing that no legal move can use makes no difference to what is a repetition.

use rules::{AnyRules, Catalog, Game, MoveKind, MoveList, Outcome, Rules, Word, with_rules};

fn game(fen: &str, moves: &str) -> Game {
    let rules = Catalog::builtin().rules("chess").unwrap();
    let mut game = Game::from_position(rules.clone(), rules.parse_fen(fen).unwrap());
    for uci in moves.split_whitespace() {
        let mv = rules.find_uci(game.position(), game.legal(), uci).unwrap();
        game.play(mv);
    }
    game
}

#[test]
fn a_pinned_capturer_gives_no_right() {
    let knights = "h1g3 h8g6 g3h1 g6h8 h1g3 h8g6 g3h1 g6h8";
    let king = "h1g3 e8d8 g3h1 d8e8 h1g3 e8d8 g3h1 d8e8";
    // The pawn is pinned on the rank, which both pawns would leave; on the file, with the right from a FEN and from a move; on the diagonal.
    for (fen, moves) in [
        ("7n/8/8/K2pP2r/8/8/8/4k2N w - d6 0 1", knights.to_owned()),
        ("4k3/4r3/8/3pP3/8/8/8/4K2N w - d6 0 1", king.to_owned()),
        ("4k3/3pr3/8/4P3/8/8/8/4K2N b - - 0 1", format!("d7d5 {king}")),
        ("4k2n/8/5b2/3pP3/3K4/8/8/7N w - d6 0 1", knights.to_owned()),
    ] {
        assert_eq!(game(fen, &moves).outcome(), Some(Outcome::Draw), "{fen}");
    }
    // Without the pin the right can be used in the first position only, so that position does not come again.
    for (fen, moves) in [
        ("7n/8/8/K2pP3/8/8/8/4k2N w - d6 0 1", knights),
        ("4k3/3p4/8/4P3/8/8/8/4K2N b - - 0 1", &format!("d7d5 {king}")),
    ] {
        assert_eq!(game(fen, moves).outcome(), None, "{fen}");
    }
}

/// Checks that the key tells of a FEN's right to capture in passing if, and only if, a legal move uses it. Says whether one does; `None` for
/// a FEN without the right.
fn check<W: Word>(rules: &Rules<W>, fen: &str) -> Option<bool> {
    let fields: Vec<&str> = fen.split(' ').collect();
    if fields[3] == "-" || !fields[3].starts_with(|c: char| c.is_ascii_lowercase()) {
        return None;
    }
    let without = [&fields[..3], &["-"], &fields[4..]].concat().join(" ");
    let (with, without) = (rules.parse_fen(fen).unwrap(), rules.parse_fen(&without).unwrap());
    let mut moves = MoveList::new();
    rules.legal_moves(&with, &mut moves);
    let usable = moves.iter().any(|mv| mv.kind() == MoveKind::EnPassant);
    assert_eq!(with.key() != without.key(), usable, "{}: {fen}", rules.name());
    Some(usable)
}

const CUSTOM: &str = "
[passing-rooks:chess]
customPiece1 = a:FimeW2cF
enPassantTypes = pr
startFen = rnbqkbnr/aappppaa/8/8/8/8/AAPPPPAA/RNBQKBNR w KQkq - 0 1
[passing-triple:chess]
maxRank = 10
tripleStepRegionWhite = *2
tripleStepRegionBlack = *9
doubleStepRegionWhite = *2 *3
doubleStepRegionBlack = *8 *9
promotionRegionWhite = *10
promotionRegionBlack = *1
castling = false
startFen = rnbqkbnr/pppppppp/8/8/8/8/8/8/PPPPPPPP/RNBQKBNR w - - 0 1
[passing-walls:chess]
wallingRule = static
castling = false
[passing-arrows:chess]
wallingRule = arrow
[passing-nobody:chess]
king = -
commoner = k
castling = false
[passing-pseudo:nocheckatomic]
extinctionPseudoRoyal = true
[passing-no-checks:chess]
checking = false
[passing-must:chess]
mustCapture = true
";

#[test]
fn keys_tell_of_rights_that_legal_moves_use() {
    let mut catalog = Catalog::builtin();
    let loaded = catalog.load_text("test", CUSTOM).unwrap();
    assert!(loaded.refused.is_empty(), "{loaded:?}");
    let names: Vec<String> = catalog.names().map(str::to_owned).collect();
    let (mut used, mut idle) = (0, 0);
    for name in names {
        let any = catalog.any(&name).unwrap();
        let walls = match &any {
            AnyRules::Small(rules) => rules.builds_walls(),
            AnyRules::Large(rules) => rules.builds_walls(),
        };
        with_rules!(any, rules => {
            let mut state = 1_u64;
            for _ in 0..if name.starts_with("passing") { 40 } else { 4 } {
                let mut game = Game::new(rules.clone());
                while game.outcome().is_none() && game.ply() < if walls { 20 } else { 60 } {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    let moves = game.legal();
                    let mv = moves[(state >> 33) as usize % moves.len()];
                    game.play(mv);
                    let fen = rules.fen(game.position());
                    assert_eq!(rules.parse_fen(&fen).unwrap().key(), game.position().key(), "{name}: {fen}");
                    match check(&rules, &fen) {
                        Some(true) => used += 1,
                        Some(false) => idle += 1,
                        None => {}
                    }
                }
            }
        });
    }
    assert!(used > 100 && idle > 10, "{used} rights used, {idle} idle");
}
