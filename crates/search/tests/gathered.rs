//! Searches whose leaves are judged many at a time find what others find.

use std::convert::Infallible;
use std::sync::Arc;

use evaluator::{Evaluator, NetworkEvaluator, Paths, Uniform, WeightSource as _};
use rules::{Catalog, Game, Rules};
use search::{Judgement, Limit, Params, RootReport, Search, Waiting};

fn rules(name: &str) -> Arc<Rules> {
    Catalog::builtin().rules(name).unwrap()
}

fn network(rules: &Rules) -> Box<dyn Evaluator> {
    let path = format!("{}/../../models/gardner-1.safetensors", env!("CARGO_MANIFEST_DIR"));
    Box::new(NetworkEvaluator::new(Arc::new(Paths.load(&path).unwrap().network), rules).unwrap())
}

fn judgements(rules: &Rules, evaluator: &mut dyn Evaluator, waiting: &[Waiting]) -> Vec<Judgement> {
    let judge = |leaf: &Waiting| {
        let mut priors = vec![0.0; leaf.moves.len()];
        let value = evaluator.evaluate(rules, &leaf.position, &leaf.moves, &mut priors);
        Judgement { value, priors }
    };
    waiting.iter().map(judge).collect()
}

fn gathered(search: &mut Search, game: &Game, evaluator: &mut dyn Evaluator, playouts: u32) -> (RootReport, usize) {
    let mut largest = 0;
    let mut judge = |waiting: &[Waiting]| -> Result<Vec<Judgement>, Infallible> {
        largest = largest.max(waiting.len());
        Ok(judgements(game.rules(), evaluator, waiting))
    };
    let Ok(report) = search.run_gathered(game, &mut judge, playouts);
    (report, largest)
}

fn with_batch(batch: u32, solver: bool) -> Search {
    Search::new(Params { batch, solver, ..Params::default() }).unwrap()
}

#[test]
fn one_leaf_at_a_time_is_the_search_itself() {
    for (name, evaluator) in [("gardner", Some(())), ("gardner", None), ("antichess", None), ("3check", None)] {
        let rules = rules(name);
        let mut evaluator = match evaluator {
            Some(()) => network(&rules),
            None => Box::new(Uniform::new(&rules)),
        };
        for solver in [true, false] {
            let (mut own, mut other) = (with_batch(1, solver), with_batch(1, solver));
            let mut game = Game::new(Arc::clone(&rules));
            // The second search of a game goes on with the tree of the first.
            for _ in 0..6 {
                let expected = own.run(&game, evaluator.as_mut(), Limit::Playouts(700));
                assert_eq!(
                    gathered(&mut other, &game, evaluator.as_mut(), 700).0,
                    expected,
                    "{name} {}",
                    rules.fen(game.position())
                );
                game.play(expected.best().unwrap());
            }
        }
    }
}

#[test]
fn larger_batches_find_mates_and_repeat() {
    let (rules, mate) = (rules("gardner"), "k4/2Q2/1K3/5/5 w - - 0 1");
    for batch in [2, 7, 64, 500] {
        let game = Game::from_position(Arc::clone(&rules), rules.parse_fen(mate).unwrap());
        let (report, _) = gathered(&mut with_batch(batch, true), &game, network(&rules).as_mut(), 3000);
        assert_eq!((report.proven, report.plies_to_end), (Some(1.0), Some(1)), "{batch}");

        let (start, mut evaluator) = (Game::new(Arc::clone(&rules)), network(&rules));
        let (report, largest) = gathered(&mut with_batch(batch, true), &start, evaluator.as_mut(), 4000);
        assert_eq!(report, gathered(&mut with_batch(batch, true), &start, evaluator.as_mut(), 4000).0);
        assert_eq!((report.playouts, report.moves.iter().map(|m| m.visits).sum::<u32>()), (4000, 4000));
        assert!(largest <= batch as usize && largest > batch as usize / 8, "{largest} of {batch}");
        let one = with_batch(1, true).run(&start, evaluator.as_mut(), Limit::Playouts(4000));
        assert!((report.value - one.value).abs() < 0.1, "{} and {}", report.value, one.value);
    }
}

#[test]
fn a_judge_that_fails_ends_the_search_and_leaves_no_trace() {
    let rules = rules("gardner");
    let (game, mut evaluator, mut search) = (Game::new(Arc::clone(&rules)), network(&rules), with_batch(16, true));
    let mut calls = 0;
    let mut judge = |waiting: &[Waiting]| {
        calls += 1;
        if calls < 9 { Ok(judgements(&rules, evaluator.as_mut(), waiting)) } else { Err("enough") }
    };
    assert_eq!(search.run_gathered(&game, &mut judge, 5000).unwrap_err(), "enough");
    let again = gathered(&mut search, &game, evaluator.as_mut(), 500).0;
    assert_eq!(again, gathered(&mut with_batch(16, true), &game, evaluator.as_mut(), 500).0);
}

#[test]
fn a_judge_is_called_even_where_there_is_nothing_to_judge() {
    // Two kings on a long way to the 50-move rule: what is left are moves to ends of games.
    let rules = rules("gardner");
    let game = Game::from_position(Arc::clone(&rules), rules.parse_fen("k4/5/K4/5/5 w - - 98 80").unwrap());
    let mut silent = 0;
    let mut judge = |waiting: &[Waiting]| {
        silent += u32::from(waiting.is_empty());
        if silent < 3 { Ok(judgements(&rules, &mut Uniform::new(&rules), waiting)) } else { Err(()) }
    };
    let report = with_batch(8, false).run_gathered(&game, &mut judge, u32::MAX >> 2);
    assert_eq!(report.unwrap_err(), ());
}
