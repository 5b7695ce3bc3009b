//! What the alpha-beta search finds is true, repeats, and keeps its limits.

use std::ops::ControlFlow;
use std::sync::Arc;

use evaluator::{Evaluator, NetworkEvaluator, Paths, Uniform, WeightSource as _};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rules::{Catalog, Game, Payoff, Rules};
use search::{AlphaBeta, Limit, MateSearch, RootReport, Search, Watch};

fn rules(name: &str) -> Arc<Rules> {
    Catalog::builtin().rules(name).unwrap()
}

fn game(rules: &Arc<Rules>, fen: &str) -> Game {
    Game::from_position(Arc::clone(rules), rules.parse_fen(fen).unwrap())
}

fn search(game: &Game, nodes: u64) -> RootReport {
    AlphaBeta::new().run(game, &mut Uniform::new(game.rules()), nodes)
}

/// A network that ships with the program.
fn shipped(name: &str, rules: &Rules) -> Box<dyn Evaluator> {
    let path = format!("{}/../../models/{name}.safetensors", env!("CARGO_MANIFEST_DIR"));
    Box::new(NetworkEvaluator::new(Arc::new(Paths.load(&path).unwrap().network), rules).unwrap())
}

/// Positions of games of random moves.
fn random_games(rules: &Arc<Rules>, games: u64, plies: usize) -> Vec<Game> {
    let mut found = Vec::new();
    for seed in 0..games {
        let (mut game, mut rng) = (Game::new(Arc::clone(rules)), ChaCha8Rng::seed_from_u64(seed));
        for ply in 0..plies {
            if game.outcome().is_some() {
                break;
            }
            if ply % 4 == 3 {
                found.push(game.clone());
            }
            game.play(game.legal()[rng.random_range(0..game.legal().len())]);
        }
    }
    found
}

#[test]
fn mates_that_another_program_found_are_found() {
    let rules = rules("chess");
    let mut evaluator = shipped("chess-1", &rules);
    let (mut found, mut shortest, mut all) = (0, 0, 0);
    for line in include_str!("../../../tests/data/mates.epd").lines().filter(|line| !line.starts_with('#')) {
        let (fen, moves) = line.trim_end_matches(';').split_once(" dm ").unwrap();
        let moves: i32 = moves.parse().unwrap();
        let report = AlphaBeta::new().run(&game(&rules, &format!("{fen} 0 1")), evaluator.as_mut(), 20_000);
        let plies = if moves > 0 { 2 * moves - 1 } else { -2 * moves } as u32;
        all += 1;
        if let Some(worth) = report.proven {
            assert_eq!(worth, moves.signum() as f32, "{line}");
            // A mate may not be the shortest, but none is shorter.
            assert!(report.plies_to_end.unwrap() >= plies, "{line}: {report:?}");
            found += 1;
            shortest += u32::from(report.plies_to_end == Some(plies));
        }
    }
    assert!(found * 100 >= all * 90 && shortest * 100 >= all * 60, "{shortest} of {found} of {all}");
}

/// The tactical positions with the move that wins by force: solved at 10,000 nodes by the tree search and by the alpha-beta search.
#[test]
fn tactical_positions_are_solved_as_often_as_before() {
    let (mut all, mut tree, mut alphabeta) = (0, 0, 0);
    for line in include_str!("../../../tests/data/tactics.epd").lines().filter(|line| !line.starts_with('#')) {
        let [name, fen, best, _] = line.split("; ").collect::<Vec<_>>()[..] else { panic!("{line}") };
        let rules = rules(name);
        let game = game(&rules, fen);
        let mut evaluator: Box<dyn Evaluator> = match name {
            "gardner" => shipped("gardner-strong-1", &rules),
            "losalamos" => shipped("losalamos-1", &rules),
            "chess" => shipped("chess-1", &rules),
            _ => Box::new(Uniform::new(&rules)),
        };
        let solves = |report: &RootReport| report.best().is_some_and(|mv| rules.uci(game.position(), mv) == best);
        all += 1;
        tree += i32::from(solves(&Search::default().run(&game, evaluator.as_mut(), Limit::Playouts(10_000))));
        alphabeta += i32::from(solves(&AlphaBeta::new().run(&game, evaluator.as_mut(), 10_000)));
    }
    assert_eq!(all, 210);
    assert!(tree >= 129 && alphabeta >= 190, "{tree} and {alphabeta}");
}

#[test]
fn what_is_proven_is_forced() {
    let mut proven = 0;
    for name in ["gardner", "losalamos", "antichess", "atomic", "kingofthehill", "3check", "minishogi", "crazyhouse"] {
        for game in random_games(&rules(name), 12, 60) {
            let report = search(&game, 3000);
            let (Some(worth), Some(plies)) = (report.proven, report.plies_to_end) else { continue };
            // Long proofs would take the search that looks at every move too long.
            if plies > 5 {
                continue;
            }
            let mut every_move = MateSearch::new(&game, Vec::new());
            let fen = game.rules().fen(game.position());
            let mate = every_move.run(u64::MAX, plies).unwrap_or_else(|| panic!("{name} {fen}: {report:?}"));
            assert_eq!(mate.won, worth > 0.0, "{name} {fen}");
            let mut played = game.clone();
            report.pv.iter().for_each(|mv| played.play(*mv));
            assert!(report.pv.len() <= plies as usize, "{name} {fen}: {:?}", report.pv);
            proven += 1;
        }
    }
    assert!(proven > 60, "{proven}");
}

#[test]
fn searches_repeat_and_keep_their_limits() {
    let start = Game::new(rules("gardner"));
    for nodes in [1, 2, 100, 5000] {
        let report = search(&start, nodes);
        assert_eq!(report, search(&start, nodes));
        assert_eq!(u64::from(report.playouts), nodes);
        assert_eq!(report.moves.len(), start.legal().len());
        assert!(start.legal().contains(&report.best().unwrap()));
    }
    let (mut searcher, mut evaluator) = (AlphaBeta::new(), Uniform::new(start.rules()));
    let first = searcher.run(&start, &mut evaluator, 20_000);
    searcher.run(&start, &mut evaluator, 20_000);
    searcher.clear();
    assert_eq!(searcher.run(&start, &mut evaluator, 20_000), first, "a searcher that forgets is a new one");
    let watched = AlphaBeta::new().run_watched(&start, &mut evaluator, u64::MAX, 1, &mut |watch| match watch {
        Watch::Iteration(iteration) if iteration.depth >= 4 => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    assert!(watched.pv.len() >= 4);
}

#[test]
fn several_lines_are_ordered_by_what_they_are_worth() {
    let game = game(&rules("chess"), "6k1/5ppp/8/8/8/8/5PPP/R3Q1K1 w - - 0 1");
    let mut searcher = AlphaBeta::new();
    let report =
        searcher.run_watched(&game, &mut Uniform::new(game.rules()), 50_000, 3, &mut |_| ControlFlow::Continue(()));
    let told: Vec<f32> = report.moves.iter().take(3).map(|m| m.value).collect();
    assert!(told.is_sorted_by(|a, b| a >= b), "{told:?}");
    // Both Ra8 and Qe8 mate.
    assert_eq!((report.moves[0].plies_to_end, report.moves[1].plies_to_end), (Some(1), Some(1)));
    for m in &report.moves[..3] {
        assert_eq!(searcher.line(m.mv)[0], m.mv);
    }
}

#[test]
fn only_the_moves_that_are_allowed_are_searched() {
    let game = game(&rules("chess"), "6k1/5ppp/8/8/8/8/5PPP/R3Q1K1 w - - 0 1");
    let quiet = game.rules().find_uci(game.position(), game.legal(), "h2h3").unwrap();
    let mut searcher = AlphaBeta::new();
    searcher.restrict(vec![quiet]);
    let report = searcher.run(&game, &mut Uniform::new(game.rules()), 2000);
    assert_eq!(report.moves.iter().map(|m| m.mv).collect::<Vec<_>>(), [quiet]);
    searcher.restrict(Vec::new());
    assert_eq!(searcher.run(&game, &mut Uniform::new(game.rules()), 2000).plies_to_end, Some(1));
}

#[test]
fn ends_are_worth_what_the_payoff_says() {
    // Qf7 stalemates, Qg7 mates.
    let fen = "7k/8/6K1/8/8/8/5Q2/8 w - - 0 1";
    let best = |entries: &[(&str, f64)]| {
        let payoff = Payoff::from_entries(entries.iter().map(|(name, worth)| ((*name).to_owned(), *worth))).unwrap();
        let rules = Arc::new(rules("chess").with_payoff(payoff));
        let report = search(&game(&rules, fen), 3000);
        (rules.uci(&rules.parse_fen(fen).unwrap(), report.best().unwrap()), report.value, report.proven)
    };
    let (mv, _, proven) = best(&[]);
    assert_eq!((mv.as_str(), proven), ("f2f8", Some(1.0)), "a mate at once");
    let (mv, _, proven) = best(&[("stalemate", 1.0), ("checkmate", -1.0)]);
    assert!(["f2f7", "f2a2"].contains(&mv.as_str()) || proven == Some(1.0), "{mv} {proven:?}");
    let (_, value, proven) = best(&[("checkmate", 0.5), ("stalemate", -0.5)]);
    assert!((value - 0.5).abs() < 1e-3 && proven.is_none(), "{value} {proven:?}");
}

#[test]
fn games_that_are_over_have_no_moves_to_search() {
    let chess = rules("chess");
    assert!(search(&game(&chess, "7k/6Q1/6K1/8/8/8/8/8 b - - 0 1"), 100).moves.is_empty());
    let claimable = game(&chess, "4k3/8/4K3/8/8/8/8/7R w - - 100 90");
    assert!(search(&claimable, 100).moves.is_empty());
    let mut searcher = AlphaBeta::new();
    searcher.search_past_claims(true);
    let mut evaluator: Box<dyn Evaluator> = Box::new(Uniform::new(&chess));
    assert_eq!(searcher.run(&claimable, evaluator.as_mut(), 1000).plies_to_end, Some(1));
}
