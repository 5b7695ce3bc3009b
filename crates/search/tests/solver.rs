//! What the search proves is true: beside exhaustive search of small endgames.

use std::sync::Arc;

use evaluator::Uniform;
use rules::{Catalog, Game, MoveList, Position, Rules};
use search::{Limit, Params, RootReport, Search};

fn rules(name: &str) -> Arc<Rules> {
    Catalog::builtin().rules(name).unwrap()
}

fn game(rules: &Arc<Rules>, fen: &str) -> Game {
    Game::from_position(Arc::clone(rules), rules.parse_fen(fen).unwrap())
}

fn search(game: &Game, playouts: u32, params: Params) -> RootReport {
    Search::new(params).unwrap().run(game, &mut Uniform::new(game.rules()), Limit::Playouts(playouts))
}

/// The result with best play within `depth` plies, for the side to move, if it is decided by then.
fn solve(rules: &Rules, position: &Position, depth: u32) -> Option<i8> {
    let mut moves = MoveList::new();
    rules.legal_moves(position, &mut moves);
    if let Some(outcome) = rules.outcome(position, &moves, &rules::History::new()) {
        return Some(outcome.for_color(position.turn()) as i8);
    }
    if depth == 0 {
        return None;
    }
    let mut best = Some(-1);
    for mv in moves {
        let mut next = *position;
        rules.play(&mut next, mv);
        match solve(rules, &next, depth - 1).map(|result| -result) {
            Some(1) => return Some(1),
            result => best = best.and_then(|b| result.map(|r| b.max(r))),
        }
    }
    best
}

#[test]
fn mates_are_proven_with_their_length() {
    let chess = rules("chess");
    for (fen, playouts, plies) in [
        ("4k3/8/4K3/8/8/8/8/7R w - - 0 1", 100, 1),
        ("k7/8/2K5/8/8/8/8/1R6 w - - 0 1", 20_000, 3),
        ("7k/8/6K1/8/8/8/8/R7 b - - 0 1", 1000, 2),
    ] {
        let game = game(&chess, fen);
        let report = search(&game, playouts, Params::default());
        let winner = plies % 2 == 1;
        assert_eq!(report.proven, Some(if winner { 1.0 } else { -1.0 }), "{fen}");
        assert_eq!(report.plies_to_end, Some(plies), "{fen}");
        assert_eq!(report.pv.len() as u32, plies, "{fen}: the line is the whole proof");
        assert!(report.playouts < playouts, "{fen}: a proven root is not searched on");
        // The line ends the game.
        let mut played = game;
        report.pv.iter().for_each(|mv| played.play(*mv));
        assert!(played.outcome().is_some(), "{fen}");
    }
}

#[test]
fn proofs_agree_with_exhaustive_search() {
    // Men close together, so that mates, stalemates and captures that leave bare kings are near.
    let gardner = rules("gardner");
    let mut proven = [0; 3];
    for (fen, playouts) in [
        ("k4/2K2/5/5/1R3 w - - 0 1", 3000),
        ("k4/2Q2/1K3/5/5 b - - 0 1", 100),
        ("k4/5/1K3/5/4R b - - 0 1", 3000),
        ("1k3/5/1K3/5/R4 b - - 0 1", 3000),
        ("1k3/2P2/1K3/5/5 b - - 0 1", 3000),
        ("3k1/5/3K1/5/5 w - - 98 1", 3000),
        ("4k/r4/2K2/5/5 w - - 97 1", 3000),
        ("k4/5/1K3/1P3/5 w - - 0 1", 3000),
    ] {
        let game = game(&gardner, fen);
        let report = search(&game, playouts, Params::default());
        let Some(result) = report.proven else { continue };
        proven[(result + 1.0) as usize] += 1;
        let depth = report.plies_to_end.unwrap_or(6).min(6);
        if let Some(exact) = solve(&gardner, game.position(), depth) {
            assert_eq!(result, f32::from(exact), "{fen}");
        } else {
            assert_eq!(result, 0.0, "{fen}: a win in {depth} plies was proven that is none");
        }
    }
    assert!(proven.iter().all(|n| *n > 0), "losses, draws and wins were proven: {proven:?}");
}

#[test]
fn without_the_solver_nothing_is_proven() {
    let game = game(&rules("chess"), "4k3/8/4K3/8/8/8/8/7R w - - 0 1");
    let report = search(&game, 500, Params { solver: false, ..Params::default() });
    assert_eq!((report.proven, report.playouts), (None, 500));
    assert!(report.moves.iter().all(|m| m.proven.is_none()));
}

#[test]
fn a_restricted_root_plays_only_its_moves() {
    let chess = rules("chess");
    let game = Game::new(Arc::clone(&chess));
    let mut search = Search::default();
    let allowed = game.legal()[3..6].to_vec();
    search.restrict(allowed.clone());
    let report = search.run(&game, &mut Uniform::new(&chess), Limit::Playouts(300));
    assert_eq!(report.moves.len(), 3);
    assert!(report.moves.iter().all(|m| allowed.contains(&m.mv)));
    assert_eq!(report.moves.iter().map(|m| m.visits).sum::<u32>(), 300);
    search.restrict(Vec::new());
    assert_eq!(search.run(&game, &mut Uniform::new(&chess), Limit::Playouts(300)).moves.len(), 20);
}

#[test]
fn the_tree_stops_at_its_memory() {
    let chess = rules("chess");
    let game = Game::new(Arc::clone(&chess));
    let mut search = Search::default();
    search.set_memory(1 << 20);
    let report = search.run(&game, &mut Uniform::new(&chess), Limit::Playouts(1_000_000));
    assert!(report.playouts > 100 && report.playouts < 10_000, "{}", report.playouts);
    assert!(search.fullness() >= 1.0 && search.fullness() < 1.1);
    assert_eq!(search.view(50).len(), 50);
}

#[test]
fn a_root_where_a_draw_can_be_claimed_is_searched_on_demand() {
    let chess = rules("chess");
    let mut repeated = Game::new(Arc::clone(&chess));
    let mut search = Search::default();
    search.search_past_claims(true);
    let mut uniform = Uniform::new(&chess);
    for uci in ["g1f3", "g8f6", "f3g1", "f6g8"].iter().cycle().take(8) {
        // The tree is carried on, up to a position in which it holds the end of the game.
        assert!(search.run(&repeated, &mut uniform, Limit::Playouts(400)).playouts > 0);
        repeated.play(chess.find_uci(repeated.position(), repeated.legal(), uci).unwrap());
    }
    let fifty = game(&chess, "4k3/8/8/8/8/8/4P3/4K3 w - - 100 90");
    for claimed in [repeated, fifty] {
        assert!(claimed.outcome().is_some());
        let report = search.run(&claimed, &mut uniform, Limit::Playouts(100));
        assert_eq!(report.moves.len(), claimed.legal().len());
        assert_eq!(report.playouts, 100);
        assert_eq!(Search::default().run(&claimed, &mut uniform, Limit::Playouts(100)).best(), None);
    }
    for over in ["7k/5Q2/6K1/8/8/8/8/8 b - - 0 1", "R5k1/5ppp/8/8/8/8/8/K7 b - - 100 90"] {
        let report = search.run(&game(&chess, over), &mut uniform, Limit::Playouts(100));
        assert_eq!(report.best(), None, "{over}: mate and stalemate are no claims");
    }
}
