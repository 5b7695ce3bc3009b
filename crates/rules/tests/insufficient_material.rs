//! Which positions have too few men to be won, against python-chess and pyffish.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rules::{Catalog, Game, InsufficientMaterial, Outcome};

/// Lines made by `scripts/insufficient_material.py`: variant, FEN, the judgement of python-chess, the judgement of pyffish.
const POSITIONS: &str = include_str!("data/insufficient_material.txt");

/// Where the crate judges otherwise than another program: variant, that program, the crate's judgement, and why it holds.
const DIFFERENCES: [(&str, &str, &str, &str); 7] = [
    ("atomic", "python-chess", "open", "four men are not looked at"),
    ("atomic", "pyffish", "dead", "one man cannot mate, and there is nothing to blow up beside the king"),
    ("crazyhouse", "pyffish", "dead", "three men on board and in hand remain three men"),
    ("shatranj", "pyffish", "dead", "bare kings can neither mate nor stalemate"),
    ("cambodian", "pyffish", "open", "what a pawn may become is not looked at"),
    ("makruk", "pyffish", "open", "what a pawn may become is not looked at"),
    ("knightmate", "pyffish", "open", "a royal knight on d4 and a bishop on c3 mate one on a1"),
];

#[test]
fn positions_are_dead_where_python_chess_and_pyffish_say_so() {
    let mut known = BTreeMap::new();
    let (mut agreed, mut differences) = (0, BTreeSet::new());
    for line in POSITIONS.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [variant, fen, python_chess, pyffish] = fields[..] else { panic!("{line}") };
        // Variants on larger boards are left out: matches are not played on them.
        let Ok(rules) = Catalog::builtin().rules(variant) else { continue };
        let material = known.entry(variant).or_insert_with(|| InsufficientMaterial::new(Arc::clone(&rules)));
        let position = rules.parse_fen(fen).unwrap_or_else(|e| panic!("{variant} {fen}: {e}"));
        let dead = material.holds(&position);
        let ours = if dead { "dead" } else { "open" };
        for (other, theirs) in [("python-chess", python_chess), ("pyffish", pyffish)] {
            if theirs != "-" && ours != theirs {
                let listed = DIFFERENCES.iter().find(|(v, o, said, _)| (*v, *o, *said) == (variant, other, ours));
                differences.insert(*listed.unwrap_or_else(|| panic!("{other} says {theirs}: {line}")));
            } else {
                agreed += 1;
            }
        }
        if dead {
            nobody_wins(&Game::from_position(rules, position), line);
        }
    }
    assert!(agreed > 1000 && differences == BTreeSet::from(DIFFERENCES), "{agreed}: {differences:?}");
}

/// Plays on from a dead position and checks that no game is decided.
fn nobody_wins(game: &Game, line: &str) {
    // The moves are picked by a number that depends on the line and changes with every move.
    let mut pick = line.bytes().fold(0_usize, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
    for _ in 0..4 {
        let mut game = game.clone();
        while game.outcome().is_none() && game.ply() < 60 {
            pick = pick.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let mv = game.legal()[(pick >> 33) % game.legal().len()];
            game.play(mv);
        }
        assert!(matches!(game.outcome(), None | Some(Outcome::Draw)), "{line}");
    }
}

#[test]
fn bare_kings_are_dead_where_they_cannot_win() {
    let catalog = Catalog::builtin();
    let mut dead = Vec::new();
    for name in catalog.names() {
        let Ok(rules) = catalog.rules(name) else { continue };
        let (files, ranks) = (rules.files(), rules.ranks());
        let Some(king) = rules.pieces().iter().find(|p| ["king", "commoner"].contains(&p.name.as_str())) else {
            continue;
        };
        let corner = |letter: char| format!("{letter}{}", files - 1);
        let middle = vec![files.to_string(); ranks - 2].join("/");
        let letters = [king.letter.to_ascii_uppercase(), king.letter];
        let fen = format!("{}/{middle}/{} w - - 0 1", corner(letters[0]), corner(letters[1]));
        let Ok(position) = rules.parse_fen(&fen) else { continue };
        if InsufficientMaterial::new(Arc::clone(&rules)).holds(&position) {
            dead.push(name.to_owned());
        }
    }
    let expected = "3check 5check ai-wok almost amazon asean atomic berolina cambodian chaturanga chess chessgi chigorin coregal crazyhouse \
                    dragon fischerandom gardner georgian grasshopper hoppelpoppel karouk legan loop losalamos makpong makruk misere \
                    newzealand nightrider nocastle paradigm pawnback pawnsideways perfect placement pocketknight raazuvaa seirawan shatranj \
                    shouse sittuyin sortofalmost spartan torpedo";
    assert_eq!(dead.join(" "), expected);
}
