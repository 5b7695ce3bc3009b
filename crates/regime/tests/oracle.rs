//! The oracle tells the truth: beside exhaustive search, and beside published figures.

use std::sync::Arc;

use rand::SeedableRng as _;
use rand::seq::IndexedRandom as _;
use rand_chacha::ChaCha8Rng;
use regime::{Oracle, OracleError};
use rules::{Catalog, Game, History, MoveList, Position, Rules};

/// A tenth of a million positions: kings, a bishop and a pawn each.
const TINY: &[(&str, &str)] = &[
    ("maxFile", "c"),
    ("maxRank", "4"),
    ("startFen", "1bk/1p1/1P1/1BK w - - 0 1"),
    ("promotionRegionWhite", "*4"),
    ("promotionPieceTypes", "q"),
    ("nMoveRule", "0"),
];

/// Changes of its rules.
const SHIFTS: &[&[(&str, &str)]] = &[
    &[],
    &[("flagPiece", "k"), ("flagRegion", "a2 a3")],
    &[
        ("king", "-"),
        ("commoner", "k"),
        ("promotionPieceTypes", "qk"),
        ("mustCapture", "true"),
        ("stalemateValue", "win"),
        ("extinctionValue", "win"),
        ("extinctionPieceTypes", "*"),
    ],
    &[("checkCounting", "true"), ("startFen", "1bk/1p1/1P1/1BK w - - 1+1 0 1")],
    &[("checkmateValue", "win")],
    &[("stalemateValue", "loss")],
];

fn edited(base: &str, edits: &[&[(&str, &str)]]) -> Arc<Rules> {
    let mut catalog = Catalog::builtin();
    let mut rules = catalog.rules(base).unwrap();
    for edit in edits {
        let pairs: Vec<_> = edit.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        let (base, name) = (rules.name().to_owned(), format!("{}-edited", rules.name()));
        rules = catalog.edit("test", &base, &name, &pairs).unwrap();
    }
    rules
}

/// The result with best play within `depth` plies, for the side to move, if it is decided by then.
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

/// Positions of games at random.
fn wandering(rules: &Arc<Rules>, games: u32) -> Vec<Position> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut positions = Vec::new();
    for _ in 0..games {
        let mut game = Game::new(Arc::clone(rules));
        while game.outcome().is_none() && game.ply() < 60 {
            positions.push(*game.position());
            let mv = *game.legal().choose(&mut rng).unwrap();
            game.play(mv);
        }
    }
    positions
}

#[test]
fn agrees_with_exhaustive_search() {
    const DEPTH: u32 = 4;
    let mut decided = [0; 3];
    for shift in SHIFTS {
        let rules = edited("gardner", &[TINY, shift]);
        let oracle = Oracle::solve(&rules, &rules.start(), 1_000_000).unwrap();
        for position in wandering(&rules, 20) {
            let fen = rules.fen(&position);
            let (value, plies) = (oracle.value(&position).unwrap(), oracle.plies(&position));
            assert_eq!(plies.is_some(), value != 0, "{fen}");
            let found = search(&rules, &position, DEPTH);
            if let Some(result) = found {
                assert_eq!(value, result, "{fen}");
                decided[(result + 1) as usize] += 1;
            }
            if let Some(plies) = plies.filter(|plies| *plies <= DEPTH) {
                assert_eq!(found, Some(value), "{fen}");
                assert!(
                    plies == 0 || search(&rules, &position, plies - 1).is_none(),
                    "{fen}: not in fewer than {plies}"
                );
            }
        }
    }
    assert!(decided.iter().all(|n| *n > 10), "losses, draws and wins were compared: {decided:?}");
}

/// The class distribution of Bain and van Hoff's database (Chess (King-Rook vs. King), UCI Machine Learning Repository, 1994): all
/// 28,056 positions with Black to move that no symmetry of the board makes alike, by White's moves to mate.
#[test]
fn king_and_rook_against_king() {
    const LOST_IN: [u32; 17] =
        [27, 78, 246, 81, 198, 471, 592, 683, 1433, 1712, 1985, 2854, 3597, 4194, 4553, 2166, 390];
    const DRAWN: u32 = 2796;
    let rules = edited("chess", &[&[("nMoveRule", "0")]]);
    let start = rules.parse_fen("8/8/8/3k4/8/8/8/KR6 w - - 0 1").unwrap();
    let oracle = Oracle::solve(&rules, &start, 500_000).unwrap();
    let (mut lost_in, mut drawn) = ([0; 17], 0);
    // White's king in a triangle; where a diagonal leaves a choice, the next man below it.
    let below = |man: [i32; 2]| man[1] - man[0];
    for king in squares().filter(|k| k[0] < 4 && k[1] <= k[0]) {
        for other in squares().filter(|o| (0..2).any(|i| (o[i] - king[i]).abs() > 1)) {
            for rook in squares().filter(|r| *r != king && *r != other) {
                let first = [king, other, rook].into_iter().map(below).find(|b| *b != 0);
                if first.is_some_and(|b| b > 0) {
                    continue;
                }
                let position = rules.parse_fen(&fen(&[(king, 'K'), (other, 'k'), (rook, 'R')])).unwrap();
                match moves_to_mate(&rules, &oracle, &position) {
                    Some(moves) => lost_in[moves as usize] += 1,
                    None => drawn += 1,
                }
            }
        }
    }
    assert_eq!((lost_in, drawn), (LOST_IN, DRAWN));
}

/// White's moves to mate with Black to move; `None` for a draw.
fn moves_to_mate(rules: &Rules, oracle: &Oracle, position: &Position) -> Option<u32> {
    if oracle.value(position).is_some() {
        return Some(oracle.plies(position)? / 2);
    }
    // Some checks no last move can have given; what follows them can come about.
    let (mut moves, mut longest) = (MoveList::new(), 0);
    rules.legal_moves(position, &mut moves);
    for mv in moves {
        let mut next = *position;
        rules.play(&mut next, mv);
        longest = longest.max(oracle.plies(&next)? + 1);
    }
    Some(longest / 2)
}

fn squares() -> impl Iterator<Item = [i32; 2]> {
    (0..64).map(|n| [n % 8, n / 8])
}

/// A FEN with Black to move.
fn fen(men: &[([i32; 2], char)]) -> String {
    let letter = |square| men.iter().find(|(s, _)| *s == square).map_or('1', |(_, letter)| *letter);
    let rank = |rank| (0..8).map(|file| letter([file, rank])).collect::<String>();
    let board = (0..8).rev().map(rank).collect::<Vec<_>>().join("/");
    let board = (2..=8).rev().fold(board, |board, n| board.replace(&"1".repeat(n), &n.to_string()));
    format!("{board} b - - 0 1")
}

#[test]
fn decisions_are_positions_whose_moves_differ_in_value() {
    let rules = edited("gardner", &[TINY]);
    let oracle = Oracle::solve(&rules, &rules.start(), 1_000_000).unwrap();
    let positions = oracle.decisions(500);
    assert_eq!(positions.len(), 500);
    let mut moves = MoveList::new();
    for position in &positions {
        rules.legal_moves(position, &mut moves);
        let after = |mv| {
            let mut next = *position;
            rules.play(&mut next, mv);
            -oracle.value(&next).unwrap()
        };
        let values: Vec<i8> = moves.iter().copied().map(after).collect();
        assert!(values.iter().any(|v| *v != values[0]), "{}", rules.fen(position));
        assert_eq!(values.iter().max().copied(), oracle.value(position), "{}", rules.fen(position));
    }
    assert_eq!(oracle.decisions(usize::MAX).len(), oracle.decision_count());
    assert_eq!(oracle.results().iter().sum::<usize>(), oracle.len());
    // The same again, byte for byte.
    let again = Oracle::solve(&rules, &rules.start(), 1_000_000).unwrap();
    assert_eq!((again.len(), again.results()), (oracle.len(), oracle.results()));
    assert_eq!(again.decisions(500), positions);
}

#[test]
fn refuses_what_it_cannot_solve() {
    let rules = edited("gardner", &[TINY]);
    let size = Oracle::solve(&rules, &rules.start(), usize::MAX).unwrap().len();
    assert!(Oracle::solve(&rules, &rules.start(), size).is_ok());
    let error = Oracle::solve(&rules, &rules.start(), size - 1).err().unwrap();
    assert_eq!(error, OracleError::TooMany { variant: rules.name().to_owned(), most: size - 1 });
    for (edit, refused) in [
        (("nMoveRule", "20"), "nMoveRule"),
        (("pass", "true"), "pass"),
        (("countingRule", "makruk"), "countingRule"),
        (("nFoldValue", "loss"), "nFoldValue"),
        (("materialCounting", "blackdrawodds"), "materialCounting"),
    ] {
        let rules = edited("gardner", &[TINY, &[edit]]);
        let error = Oracle::solve(&rules, &rules.start(), 1_000_000).err().unwrap();
        assert!(matches!(error, OracleError::Remembers { key, .. } if key == refused), "{error}");
    }
}
