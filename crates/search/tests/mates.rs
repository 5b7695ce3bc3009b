//! The mate search finds the shortest forced end, in every variant, and says how far it has looked.

use std::sync::Arc;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rules::{Catalog, Game, History, MoveList, Position, Rules};
use search::MateSearch;

/// What best play leads to within `plies`, for the side to move, and in how many plies: by all moves, without any table.
fn exhaustive(rules: &Rules, position: &Position, history: &mut History, plies: u32) -> Option<(bool, u32)> {
    let mut moves = MoveList::new();
    rules.legal_moves(position, &mut moves);
    if let Some(outcome) = rules.outcome(position, &moves, history) {
        return match outcome.for_color(position.turn()) {
            1 => Some((true, 0)),
            -1 => Some((false, 0)),
            // A draw: never decided, however deep.
            _ => None,
        };
    }
    if plies == 0 {
        return None;
    }
    let depth = history.len();
    history.push(rules, position);
    let mut worst = Some((false, 0));
    let mut won: Option<u32> = None;
    for mv in moves {
        let mut next = *position;
        rules.play(&mut next, mv);
        match exhaustive(rules, &next, history, plies - 1) {
            Some((false, left)) => won = Some(won.map_or(left + 1, |best| best.min(left + 1))),
            Some((true, left)) => worst = worst.map(|(_, longest): (bool, u32)| (false, longest.max(left + 1))),
            None => worst = None,
        }
    }
    history.truncate(depth);
    won.map(|plies| (true, plies)).or(worst)
}

/// A position of random play.
fn random_game(rules: &Arc<Rules>, rng: &mut ChaCha8Rng) -> Game {
    let mut game = Game::new(Arc::clone(rules));
    for _ in 0..rng.random_range(4..60) {
        let before = game.clone();
        let mv = game.legal()[rng.random_range(0..game.legal().len())];
        game.play(mv);
        if game.outcome().is_some() {
            // As near to an end as can be.
            return before;
        }
    }
    game
}

#[test]
fn what_is_found_is_what_exhaustive_search_finds() {
    let catalog = Catalog::builtin();
    let mut decided = 0;
    for (seed, (name, plies, games)) in [
        ("gardner", 3, 40),
        ("losalamos", 3, 30),
        ("antichess", 3, 25),
        ("atomic", 3, 6),
        ("kingofthehill", 3, 6),
        ("crazyhouse", 2, 20),
        ("minishogi", 2, 40),
        ("3check", 3, 6),
        ("breakthrough", 3, 15),
        ("racingkings", 3, 15),
    ]
    .into_iter()
    .enumerate()
    {
        let rules = catalog.rules(name).unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(seed as u64);
        for _ in 0..games {
            let game = random_game(&rules, &mut rng);
            let expected = exhaustive(&rules, game.position(), &mut game.history().clone(), plies);
            let mut search = MateSearch::new(&game, Vec::new());
            let found = search.run(u64::MAX, plies).cloned();
            let fen = rules.fen(game.position());
            assert_eq!(found.as_ref().map(|mate| (mate.won, mate.plies)), expected, "{name}: {fen}");
            let Some(mate) = found else {
                assert_eq!(search.ruled_out(), plies, "{name}: {fen}");
                continue;
            };
            decided += 1;
            assert_eq!(mate.line.len() as u32, mate.plies, "{name}: {fen}: the line is whole");
            let mut played = game.clone();
            let mover = game.position().turn();
            mate.line.iter().for_each(|mv| played.play(*mv));
            let result = played.outcome().map(|outcome| outcome.for_color(mover));
            assert_eq!(result, Some(if mate.won { 1 } else { -1 }), "{name}: {fen}: the line ends the game");
        }
    }
    assert!(decided >= 30, "only {decided} positions were decided");
}

#[test]
fn mates_in_chess_have_their_true_length() {
    let rules = Catalog::builtin().rules("chess").unwrap();
    for (fen, won, plies) in [
        // White mates in 1, 2, 3; Black is mated in 1 and in 2.
        ("4k3/8/4K3/8/8/8/8/7R w - - 0 1", true, 1),
        ("k7/8/2K5/8/8/8/8/1R6 w - - 0 1", true, 3),
        ("r5rk/5p1p/5R2/4B3/8/8/7P/7K w - - 0 1", true, 5),
        ("7k/8/6K1/8/8/8/8/R7 b - - 0 1", false, 2),
        ("k7/8/1K6/8/8/8/8/7R b - - 0 1", false, 2),
    ] {
        let game = Game::from_position(Arc::clone(&rules), rules.parse_fen(fen).unwrap());
        let mut search = MateSearch::new(&game, Vec::new());
        let mate = search.run(2_000_000, 9).unwrap_or_else(|| panic!("{fen}: nothing was found"));
        assert_eq!((mate.won, mate.plies), (won, plies), "{fen}");
    }
}

#[test]
fn a_search_in_pieces_finds_what_one_piece_finds() {
    let rules = Catalog::builtin().rules("chess").unwrap();
    let fen = "r5rk/5p1p/5R2/4B3/8/8/7P/7K w - - 0 1";
    let game = Game::from_position(Arc::clone(&rules), rules.parse_fen(fen).unwrap());
    let whole = MateSearch::new(&game, Vec::new()).run(u64::MAX, 9).cloned();
    let mut search = MateSearch::new(&game, Vec::new());
    let mut budget = 100;
    while search.run(budget, 9).is_none() {
        assert!(search.ruled_out() < 5);
        budget *= 2;
    }
    assert_eq!(search.found().map(|mate| mate.plies), whole.map(|mate| mate.plies));
}

#[test]
fn a_search_that_begins_anew_does_not_believe_what_another_past_made_true() {
    let rules = Catalog::builtin().rules("chess").unwrap();
    let start = rules.parse_fen("7k/8/5K2/8/8/8/8/R7 w - - 0 1").unwrap();
    let mut game = Game::from_position(Arc::clone(&rules), start);
    let mv = rules.find_uci(game.position(), game.legal(), "f6g6").unwrap();
    let mut search = MateSearch::new(&game, vec![mv]);
    assert_eq!(
        search.run(u64::MAX, 9).map(|mate| mate.plies),
        Some(3),
        "the rook mates when the kings face each other"
    );
    // The position behind this move has been there twice: a third time is a draw.
    for uci in ["f6g6", "h8g8", "g6f6", "g8h8", "f6g6", "h8g8", "g6f6", "g8h8"] {
        game.play(rules.find_uci(game.position(), game.legal(), uci).unwrap());
    }
    search.restart(&game, vec![mv]);
    assert_eq!(search.run(u64::MAX, 5), None);
}

#[test]
fn only_the_chosen_moves_of_the_root_count() {
    let rules = Catalog::builtin().rules("chess").unwrap();
    let game = Game::from_position(Arc::clone(&rules), rules.parse_fen("7k/8/6K1/8/8/8/8/R7 w - - 0 1").unwrap());
    let mv = rules.find_uci(game.position(), game.legal(), "a1a7").unwrap();
    let mate = MateSearch::new(&game, vec![mv]).run(u64::MAX, 9).cloned().unwrap();
    assert_eq!((mate.won, mate.plies, mate.line[0]), (true, 3, mv), "Ra8 would mate at once");
}

#[test]
fn a_claimable_draw_at_the_root_does_not_end_the_search() {
    let rules = Catalog::builtin().rules("chess").unwrap();
    let game = Game::from_position(Arc::clone(&rules), rules.parse_fen("4k3/8/4K3/8/8/8/8/7R w - - 100 90").unwrap());
    assert!(game.outcome().is_some());
    assert_eq!(MateSearch::new(&game, Vec::new()).run(u64::MAX, 5).unwrap().plies, 1);
}

#[test]
fn mates_that_another_program_found_have_the_same_length() {
    let rules = Catalog::builtin().rules("chess").unwrap();
    let mut nodes = Vec::new();
    let positions = include_str!("../../../tests/data/mates.epd").lines().filter(|line| !line.starts_with('#'));
    for line in positions {
        let (fen, moves) = line.trim_end_matches(';').split_once(" dm ").unwrap();
        let moves: i32 = moves.parse().unwrap();
        let game = Game::from_position(Arc::clone(&rules), rules.parse_fen(&format!("{fen} 0 1")).unwrap());
        let mut search = MateSearch::new(&game, Vec::new());
        let mate = search.run(u64::MAX, 7).unwrap_or_else(|| panic!("{line}: nothing was found"));
        let plies = if moves > 0 { 2 * moves - 1 } else { -2 * moves };
        assert_eq!((mate.won, mate.plies as i32), (moves > 0, plies), "{line}");
        nodes.push(search.nodes());
    }
    nodes.sort_unstable();
    // Nearly all are found within what an engine looks at in a tenth of a second.
    assert!(nodes[nodes.len() * 9 / 10] < 1_000_000, "{nodes:?}");
}
