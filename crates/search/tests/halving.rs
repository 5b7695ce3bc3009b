//! Sequential halving at the root.

use std::sync::Arc;

use evaluator::Uniform;
use rules::{Catalog, Game};
use search::{Limit, Params, ParamsError, RootPolicy, Search};

fn halving(considered: u32) -> Params {
    Params { root: RootPolicy::Halving { considered }, ..Params::default() }
}

fn game(variant: &str, fen: Option<&str>) -> Game {
    let rules = Catalog::builtin().rules(variant).unwrap();
    let start = fen.map_or(rules.start(), |fen| rules.parse_fen(fen).unwrap());
    Game::from_position(Arc::clone(&rules), start)
}

#[test]
fn the_considered_moves_share_the_playouts() {
    let game = game("gardner", None);
    let moves = game.legal().len() as u32;
    for playouts in [1, 2, 7, 16, 61, 400] {
        for considered in [1, 2, 5, 16, 1000] {
            let mut search = Search::new(halving(considered)).unwrap();
            let report = search.run(&game, &mut Uniform::new(game.rules()), Limit::Playouts(playouts));
            let visits: Vec<u32> = report.moves.iter().map(|m| m.visits).collect();
            assert_eq!((visits.iter().sum(), report.playouts), (playouts, playouts), "{considered}");
            let visited = visits.iter().filter(|n| **n > 0).count() as u32;
            assert_eq!(visited, considered.min(playouts).min(moves), "{playouts} {considered}");
            let policy = search.improved_policy();
            assert!((policy.iter().map(|(_, p)| f64::from(*p)).sum::<f64>() - 1.0).abs() < 1e-5);
        }
    }
}

#[test]
fn halving_leaves_the_best_move_the_most_playouts() {
    let game = game("gardner", None);
    let mut search = Search::default();
    let report = search.run_halving(&game, &mut Uniform::new(game.rules()), 160, 4, &[]);
    let mut visits: Vec<u32> = report.moves.iter().map(|m| m.visits).collect();
    assert_eq!(visits[0], 60, "20 of the first half, 40 of the second");
    visits.sort_unstable();
    assert_eq!(visits[visits.len() - 4..], [20, 20, 60, 60]);
}

#[test]
fn a_mate_is_found_with_a_playout_for_each_move() {
    let game = game("chess", Some("k7/8/1K6/8/8/8/8/7R w - - 0 1"));
    let moves = game.legal().len() as u32;
    let mut search = Search::new(halving(moves)).unwrap();
    let report = search.run(&game, &mut Uniform::new(game.rules()), Limit::Playouts(moves));
    let best = report.best().unwrap();
    assert_eq!(game.rules().uci(game.position(), best), "h1h8");
    let likeliest = search.improved_policy().into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
    assert_eq!(likeliest.0, best);
}

#[test]
fn noise_decides_what_is_considered() {
    let game = game("gardner", None);
    let moves = game.legal().len();
    let mut noise = vec![0.0; moves];
    noise[moves - 1] = 100.0;
    let mut search = Search::default();
    let report = search.run_halving(&game, &mut Uniform::new(game.rules()), 10, 1, &noise);
    assert_eq!(report.moves[0].visits, 10);
    assert_eq!(Some(report.moves[0].mv), search.improved_policy().last().map(|(mv, _)| *mv));
}

#[test]
fn constants_that_contradict_each_other_are_refused() {
    let refused = |params: Params| Search::<u64>::new(params).unwrap_err();
    assert_eq!(refused(halving(0)), ParamsError::NothingConsidered);
    assert_eq!(refused(Params { batch: 8, ..halving(4) }), ParamsError::HalvingInBatches(8));
    assert_eq!(refused(Params { batch: 0, ..Params::default() }), ParamsError::EmptyBatch);
    assert_eq!(halving(4).check_limit(Limit::Nodes(10)), Err(ParamsError::HalvingToNodes(10)));
    assert_eq!(halving(4).check_limit(Limit::Playouts(10)), Ok(()));
    assert_eq!(Params::default().check_limit(Limit::Nodes(10)), Ok(()));
    let mut search = Search::<u64>::new(halving(4)).unwrap();
    assert_eq!(search.set_batch(2), Err(ParamsError::HalvingInBatches(2)));
    assert_eq!((search.batch(), search.set_batch(1)), (1, Ok(())));
}

#[test]
#[should_panic(expected = "a number of playouts")]
fn halving_without_a_number_of_playouts_is_not_taken_for_puct() {
    let game = game("gardner", None);
    Search::new(halving(4)).unwrap().run(&game, &mut Uniform::new(game.rules()), Limit::Nodes(10));
}
