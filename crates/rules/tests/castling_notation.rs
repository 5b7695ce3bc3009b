//! Castling moves and rights are read in every way in which they are written.

use std::sync::Arc;

use rules::{Catalog, Move, Rules};

fn rules(name: &str) -> Arc<Rules> {
    Catalog::builtin().rules(name).unwrap()
}

fn castling(rules: &Rules, fen: &str, uci: &str) -> Option<Move> {
    rules.parse_uci(&rules.parse_fen(fen).unwrap(), uci).ok().filter(|mv| mv.is_castling())
}

#[test]
fn the_king_moves_or_takes_the_rook() {
    let fen = "r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 0 1";
    for name in ["chess", "fischerandom", "crazyhouse"] {
        let rules = rules(name);
        let fen = if name == "crazyhouse" { &fen.replacen(" w", "[] w", 1) } else { fen };
        for (king, rook) in [("e1g1", "e1h1"), ("e1c1", "e1a1")] {
            let mv = castling(&rules, fen, king).unwrap();
            assert_eq!(castling(&rules, fen, rook), Some(mv), "{name}");
            let written = rules.uci(&rules.parse_fen(fen).unwrap(), mv);
            assert_eq!(written, if rules.chess960() { rook } else { king }, "{name}");
        }
        assert_eq!(castling(&rules, fen, "e1h8"), None);
        assert_eq!(castling(&rules, fen, "e1b1"), None);
        assert_eq!(castling(&rules, fen, "e1g1q"), None);
    }
}

#[test]
fn a_step_of_the_king_is_no_castling() {
    let fischerandom = rules("fischerandom");
    let fen = "5k2/8/8/8/8/8/8/5K1R w H - 0 1";
    let position = fischerandom.parse_fen(fen).unwrap();
    assert!(!fischerandom.parse_uci(&position, "f1g1").unwrap().is_castling());
    assert!(castling(&fischerandom, fen, "f1h1").is_some());
}

#[test]
fn castling_rights_are_read_in_both_forms() {
    let fischerandom = rules("fischerandom");
    // X-FEN and Shredder-FEN write this position differently. Below, the inner rook has the right, which even X-FEN writes by its file.
    let board = "bnrkqrnb/pppppppp/8/8/8/8/PPPPPPPP/BNRKQRNB w";
    let [x_fen, shredder] =
        ["KQkq", "FCfc"].map(|field| fischerandom.parse_fen(&format!("{board} {field} - 0 1")).unwrap());
    assert_eq!(x_fen, shredder);
    let inner = fischerandom.parse_fen("4k3/8/8/8/8/8/8/4KRR1 w F - 0 1").unwrap();
    assert_eq!(fischerandom.fen(&inner), "4k3/8/8/8/8/8/8/4KRR1 w F - 0 1");
}
