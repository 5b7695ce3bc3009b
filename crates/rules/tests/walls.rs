//! Walls: the board that a move leaves says where they may stand, and whether the king is safe.

use std::sync::Arc;

use rules::{Catalog, Game, MoveList, Rules};

fn moves(rules: &Rules, fen: &str) -> Vec<String> {
    let position = rules.parse_fen(fen).unwrap();
    let mut list = MoveList::new();
    rules.legal_moves(&position, &mut list);
    let mut moves: Vec<String> = list.iter().map(|mv| rules.uci(&position, *mv)).collect();
    moves.sort();
    moves
}

fn small(catalog: &Catalog, name: &str) -> Arc<Rules> {
    match catalog.any(name).unwrap() {
        rules::AnyRules::Small(rules) => rules,
        rules::AnyRules::Large(_) => panic!("{name} is large"),
    }
}

fn with(text: &str) -> Catalog {
    let mut catalog = Catalog::builtin();
    catalog.load_text("test", text).unwrap().complete().unwrap();
    catalog
}

#[test]
fn the_duck_may_stand_where_an_explosion_made_room() {
    let catalog = with(
        "[boomandduck:atomic]\nwallingRule = duck\ncastling = false\nstartFen = 4k3/8/2nrn3/3p4/4P3/8/8/4K3 w - - 0 1\n",
    );
    let rules = small(&catalog, "boomandduck");
    let moves = moves(&rules, rules.start_fen());
    for square in ["c6", "d5", "d6", "e6", "e4"] {
        assert!(moves.contains(&format!("e4d5,d5{square}")), "{square}: {moves:?}");
    }
    assert!(!moves.contains(&"e4d5,d5e8".to_owned()) && !moves.contains(&"e4d5,d5e1".to_owned()));
}

#[test]
fn a_wall_parries_a_check() {
    let start = "castling = false\nstartFen = r3k3/8/8/8/8/8/8";
    let catalog = with(&format!(
        "[sink:chess]\nwallingRule = edge\nwallOrMove = true\n{start}/K7 w - - 0 1\n\
         [freewall:chess]\nwallingRule = static\n{start}/K1R5 w - - 0 1\n\
         [edgewall:chess]\nwallingRule = edge\n{start}/K1R5 w - - 0 1\n\
         [arrowwall:chess]\nwallingRule = arrow\n{start}/K1R5 w - - 0 1\n\
         [passingwall:chess]\nwallingRule = static\ncastling = false\nstartFen = 4k3/8/8/3pP3/4K3/8/8/8 w - d6 0 1\n\
         [passingduck:chess]\nking = -\ncommoner = k\nextinctionPseudoRoyal = true\nextinctionValue = loss\n\
         extinctionPieceTypes = k\npromotionPieceTypes = nbrq\nwallingRule = duck\ncastling = false\n\
         startFen = 4k3/8/8/3pP3/4K3/8/8/8 w - d6 0 1\n\
         [castlewall:chess]\nwallingRule = static\nstartFen = 4k1r1/8/8/8/8/8/8/4K2R w K - 0 1\n\
         [pastwall:chess]\nwallingRule = past\ncastling = false\nstartFen = 4k3/8/8/4r3/8/8/4K3/8 w - - 0 1\n",
    ));
    let expected = [
        ("sink", vec!["a1a1,a1a2", "a1a1,a1a7", "a1b1,b1a1"]),
        ("freewall", vec!["c1c8,c8a4", "c1h1,h1a2", "c1b1,b1a3"]),
        ("edgewall", vec!["c1h1,h1a2", "c1c2,c2a7"]),
        // A rook on c2 shoots at a2.
        ("arrowwall", vec!["c1c2,c2a2", "c1c7,c7a7"]),
        // The pawn that gave check is gone, and the wall stands where it stood.
        ("passingwall", vec!["e5d6,d6d5", "e5d6,d6a1"]),
        ("passingduck", vec!["e5d6,d6d5", "e5d6,d6a1"]),
        ("castlewall", vec!["e1g1,g1g5", "e1g1,g1g2"]),
        // The king leaves a wall on the square that it comes from, between itself and the rook.
        ("pastwall", vec!["e2e1,e1e2", "e2d1,d1e2"]),
    ];
    for (name, expected) in expected {
        let rules = small(&catalog, name);
        let moves = moves(&rules, rules.start_fen());
        for mv in expected {
            assert!(moves.contains(&mv.to_owned()), "{name}: {mv} is missing in {moves:?}");
            let mut position = rules.start();
            let found = rules.parse_uci(&position, mv).unwrap();
            rules.play(&mut position, found);
            // A FEN in which the king could be captured would be refused.
            assert_eq!(rules.parse_fen(&rules.fen(&position)).unwrap(), position, "{name}: {mv}");
        }
        assert!(moves.iter().all(|mv| mv != "c1h1,h1b2"), "{name}: a wall aside parries nothing");
    }
}

#[test]
fn the_board_with_the_wall_decides_about_check() {
    // Cannons jump over walls, and walls stop lame horses.
    let odd = "knight = -\nhorse = n\nbishop = -\ncannon = b\npromotionPieceTypes = nbrq\n";
    let (mut state, mut checks) = (7_u64, 0);
    for walls in [
        "wallingRule = static\n",
        "wallingRule = edge\n",
        "wallingRule = arrow\n",
        "wallingRule = past\n",
        "wallingRule = edge\nwallOrMove = true\n",
        "wallingRule = static\nwallingRegion = *3 *4 *5 *6\n",
        "wallingRule = static\npetrifyOnCaptureTypes = nq\n",
    ] {
        for pieces in ["", odd] {
            let text = format!("{walls}{pieces}");
            // The rules `free` differ from `royal` in that the king is an ordinary man: they allow all moves and walls, check or not.
            let catalog = with(&format!(
                "[royal:chess]\ncastling = false\n{text}[free:royal]\nking = -\ncommoner = k\npromotionPieceTypes = nbrq\n"
            ));
            let (royal, free) = (small(&catalog, "royal"), small(&catalog, "free"));
            for _ in 0..6 {
                let mut game = Game::new(royal.clone());
                while game.outcome().is_none() && game.ply() < 24 {
                    let fen = royal.fen(game.position());
                    let position = free.parse_fen(&fen).unwrap();
                    let mut list = MoveList::new();
                    free.legal_moves(&position, &mut list);
                    let mut expected: Vec<String> = list
                        .iter()
                        .filter(|mv| {
                            let mut next = position;
                            free.play(&mut next, **mv);
                            // `royal` refuses a FEN in which the side to move could capture the king.
                            royal.parse_fen(&free.fen(&next)).is_ok()
                        })
                        .map(|mv| free.uci(&position, *mv))
                        .collect();
                    expected.sort();
                    assert_eq!(moves(&royal, &fen), expected, "{text}{fen}");
                    checks += usize::from(royal.in_check(game.position()));
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    let legal = game.legal();
                    // Random moves seldom give check, so a move that does is looked for among 150.
                    let give = |mv: &&rules::Move| {
                        let mut next = *game.position();
                        royal.play(&mut next, **mv);
                        royal.in_check(&next)
                    };
                    let step = (state >> 33) as usize % legal.len();
                    let mv = *legal.iter().cycle().skip(step).take(150).find(give).unwrap_or(&legal[step]);
                    game.play(mv);
                }
            }
        }
    }
    assert!(checks > 100, "{checks} checks");
}

#[test]
fn no_man_may_get_stuck_between_walls_of_the_start_position() {
    let catalog = with(
        "[narrow]\nmaxRank = 4\nmaxFile = 4\ncustomPiece1 = a:fsW\nimmobilityIllegal = true\ncastling = false\ndoubleStep = false\n\
         startFen = 1*2/A3/4/3a w - - 0 1\n\
         [wide:narrow]\nstartFen = 2*1/A3/4/3a w - - 0 1\n",
    );
    for (name, expected) in [("narrow", vec!["a3b3"]), ("wide", vec!["a3a4", "a3b3"])] {
        let rules = small(&catalog, name);
        assert_eq!(moves(&rules, rules.start_fen()), expected, "{name}");
    }
}
