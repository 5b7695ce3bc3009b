//! The oracle against published figures and against exhaustive search.

use std::sync::Arc;

use regime::oracle::{Oracle, OracleError};
use rules::{Catalog, Color, History, MoveList, Position, Rules};

/// Three files, five ranks, two men a side.
const SMALL: [(&str, &str); 3] = [("maxFile", "c"), ("startFen", "rk1/3/3/3/1KR w - - 0 1"), ("nMoveRule", "0")];

fn rules(base: &str, edit: &[(&str, &str)]) -> Arc<Rules> {
    let edit: Vec<(String, String)> = edit.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Catalog::builtin().edit("test", base, "edited", &edit).unwrap()
}

/// The result for the side to move, if it can be forced within `depth` plies.
fn search(rules: &Rules, position: &Position, depth: u32) -> Option<i8> {
    let mut moves = MoveList::new();
    rules.legal_moves(position, &mut moves);
    if let Some(outcome) = rules.outcome(position, &moves, &History::new()) {
        return Some(outcome.for_color(position.turn()) as i8);
    }
    if depth == 0 {
        return None;
    }
    let mut best = Some(-1);
    for mv in moves {
        let mut next = *position;
        rules.play(&mut next, mv);
        match search(rules, &next, depth - 1).map(|result| -result) {
            Some(1) => return Some(1),
            result => best = best.and_then(|b| result.map(|r| b.max(r))),
        }
    }
    best
}

#[test]
fn king_and_rook_mate_within_sixteen_moves() {
    let rules = rules("chess", &[("nMoveRule", "0")]);
    let start = rules.parse_fen("8/8/8/3k4/8/8/8/K6R w - - 0 1").unwrap();
    let oracle = Oracle::solve(&rules, &start, 1_000_000).unwrap();
    assert_eq!(oracle.value(&start), Some(1));
    let white: Vec<Position> = oracle.decisions(usize::MAX).into_iter().filter(|p| p.turn() == Color::White).collect();
    assert!(white.iter().all(|p| oracle.value(p) == Some(1)), "White to move always wins");
    // Published: 16 moves at most (for instance Thompson's tables), 31 plies.
    assert_eq!(white.iter().filter_map(|p| oracle.plies(p)).max(), Some(31));
}

#[test]
fn what_a_search_decides_is_what_the_oracle_says() {
    let hill = [("flagPiece", "k"), ("flagRegion", "b3")];
    let rookless = [("extinctionValue", "loss"), ("extinctionPieceTypes", "r")];
    for more in [&[] as &[(&str, &str)], &hill, &rookless] {
        let rules = rules("gardner", &[&SMALL as &[_], more].concat());
        let oracle = Oracle::solve(&rules, &rules.start(), 100_000).unwrap();
        let mut decided = 0;
        for position in oracle.decisions(3000) {
            if let Some(result) = search(&rules, &position, 3) {
                assert_eq!(oracle.value(&position), Some(result), "{}", rules.fen(&position));
                decided += 1;
            }
        }
        assert!(decided > 100, "{decided} positions were decided under {more:?}");
        assert_eq!(oracle.results().iter().sum::<usize>(), oracle.len());
    }
}

#[test]
fn games_that_are_too_large_or_remember_are_refused() {
    let small = rules("gardner", &SMALL);
    assert!(matches!(Oracle::solve(&small, &small.start(), 100), Err(OracleError::TooMany { most: 100, .. })));
    let chess = rules("chess", &[("pieceDrops", "true"), ("capturesToHand", "true"), ("nMoveRule", "0")]);
    assert!(matches!(Oracle::solve(&chess, &chess.start(), 100), Err(OracleError::Remembers { .. })));
}
