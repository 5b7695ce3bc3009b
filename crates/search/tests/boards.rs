//! Searches on every board: large ones, with men in hand, and with moves that build walls.

use std::sync::Arc;

use evaluator::{Evaluator, FloatNetwork, NetworkEvaluator, Rollout, Shape, Uniform};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rules::{Catalog, Game, Rules, Word, with_rules};
use search::{Limit, MateSearch, Params, RootReport, Searcher};

/// A network of 32 hidden units with random weights.
fn evaluator<W: Word>(rules: &Rules<W>) -> Box<dyn Evaluator<W>> {
    let shape = Shape::for_variants([rules], 32).unwrap();
    let network = FloatNetwork::random(&shape, &mut ChaCha8Rng::seed_from_u64(1)).quantise().unwrap();
    Box::new(NetworkEvaluator::new(Arc::new(network), rules).unwrap())
}

fn check<W: Word>(game: &Game<W>, report: &RootReport) {
    let name = game.rules().name();
    let best = report.best().unwrap_or_else(|| panic!("{name}: no move"));
    assert!(game.legal().contains(&best) && report.value.abs() <= 1.0, "{name}");
    assert_eq!(report.moves.len(), game.legal().len(), "{name}");
    // The line can be played.
    let mut line = game.clone();
    for mv in &report.pv {
        line.play(*mv);
    }
}

fn search_both<W: Word>(rules: Arc<Rules<W>>) {
    let (mut game, mut evaluators) = (Game::new(Arc::clone(&rules)), [evaluator(&rules)]);
    let mut playouts = Searcher::playouts(64);
    let mut alphabeta = Searcher::alphabeta(64);
    for _ in 0..2 {
        let report = playouts.run_on(&game, &mut evaluators);
        check(&game, &report);
        assert!(report.proven.is_some() || report.playouts == 64, "{}", rules.name());
        check(&game, &alphabeta.run_on(&game, &mut evaluators));
        let best = report.best().unwrap();
        game.play(best);
        if game.outcome().is_some() {
            break;
        }
    }
}

#[test]
fn every_variant_is_searched() {
    let catalog = Catalog::builtin();
    for name in catalog.names() {
        with_rules!(catalog.compiled(name).unwrap(), rules => search_both(rules));
    }
}

/// Chess, and chess with so many kinds of men, none of which ever come to the board, that it needs the large word.
fn chess_on_either_word() -> Catalog {
    let mut catalog = Catalog::builtin();
    let letters = "acdefghijlm";
    let customs: String =
        letters.chars().enumerate().map(|(i, letter)| format!("customPiece{} = {letter}:W\n", i + 1)).collect();
    let text = format!("[manykinds:chess]\n{customs}");
    assert_eq!(catalog.load_text("test", &text).unwrap().refused, []);
    catalog
}

/// What a searcher found, in words that do not depend on the word of the board.
fn told<W: Word>(rules: &Arc<Rules<W>>, fen: &str, playouts: bool, rollout: bool) -> Vec<String> {
    let game = Game::from_position(Arc::clone(rules), rules.parse_fen(fen).unwrap());
    let mut evaluators: [Box<dyn Evaluator<W>>; 1] =
        if rollout { [Box::new(Rollout::new(rules))] } else { [Box::new(Uniform::new(rules))] };
    evaluators[0].reset(3);
    let mut searcher = if playouts {
        Searcher::mcts(Params::default(), Limit::Playouts(600)).unwrap()
    } else {
        Searcher::alphabeta(600)
    };
    let report = searcher.run_on(&game, &mut evaluators);
    let moves = report.moves.iter();
    moves
        .map(|m| format!("{} {} {} {:?}", rules.uci(game.position(), m.mv), m.visits, m.value, m.proven))
        .chain([report.value.to_string()])
        .collect()
}

#[test]
fn the_large_word_finds_what_the_small_one_finds() {
    let catalog = chess_on_either_word();
    let small = catalog.rules("chess").unwrap();
    let rules::AnyRules::Large(large) = catalog.any("manykinds").unwrap() else { panic!("17 kinds of men") };
    assert_eq!(large.pieces().len(), 17);
    for fen in [small.start_fen(), "r1bqk2r/pppp1Ppp/2n2n2/2b5/2B1P3/3p1N2/PPP2PpP/RNBQ1RK1 b kq - 0 7"] {
        for (playouts, rollout) in [(true, false), (true, true), (false, false)] {
            assert_eq!(told(&small, fen, playouts, rollout), told(&large, fen, playouts, rollout), "{fen}");
        }
    }
}

#[test]
fn mates_are_found_on_large_boards() {
    // Two rooks of xiangqi drive the general to the edge: the one takes the rank, the other the next.
    with_rules!(Catalog::builtin().any("xiangqi").unwrap(), rules => {
        let position = rules.parse_fen("4k4/R8/1R7/9/9/9/9/9/9/3K5 w - - 0 1").unwrap();
        let game = Game::from_position(Arc::clone(&rules), position);
        let mut search = MateSearch::new(&game, Vec::new());
        let mate = search.run(100_000, 5).cloned().unwrap();
        assert!(mate.won && mate.plies == 1, "{mate:?}");
        let mut alphabeta = Searcher::alphabeta(5000);
        let report = alphabeta.run_on(&game, &mut [evaluator(&rules)]);
        assert_eq!((report.proven, report.plies_to_end), (Some(1.0), Some(1)));
    });
}

#[test]
fn batches_build_one_tree_for_any_number_of_threads() {
    for name in ["shogi", "duck"] {
        with_rules!(Catalog::builtin().any(name).unwrap(), rules => {
            let run = |threads: usize| {
                let mut searcher =
                    Searcher::mcts(Params { batch: 64, ..Params::default() }, Limit::Playouts(9000)).unwrap();
                let mut evaluators: Vec<Box<dyn Evaluator<_>>> =
                    (0..threads).map(|_| Box::new(Uniform::new(&rules)) as Box<dyn Evaluator<_>>).collect();
                searcher.run_on(&Game::new(Arc::clone(&rules)), &mut evaluators)
            };
            assert_eq!(run(1), run(2), "{name}");
        });
    }
}
