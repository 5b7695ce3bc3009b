//! A search in batches finds the same for any number of threads, and what it counts adds up.

use std::sync::Arc;

use evaluator::{Evaluator, FloatNetwork, NetworkEvaluator, Shape, Uniform};
use rand::SeedableRng as _;
use rules::{Catalog, Game, Rules};
use search::{Limit, Params, RootReport, Search};

fn network(rules: &Rules) -> Box<dyn Evaluator> {
    let letters: String = rules.pieces().iter().map(|p| p.letter).collect();
    let shape = Shape::new(rules.files(), rules.ranks(), &letters, 32).unwrap();
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let network = FloatNetwork::random(&shape, &mut rng).quantise().unwrap();
    Box::new(NetworkEvaluator::new(Arc::new(network), rules).unwrap())
}

/// Reports of a search of the start, of its continuation on the same tree, and of the position after the best move.
fn reports(game: &Game, evaluator: &dyn Evaluator, batch: u32, threads: usize) -> Vec<RootReport> {
    let mut evaluators: Vec<_> = (0..threads).map(|_| evaluator.twin().unwrap()).collect();
    let mut search = Search::new(Params { batch, ..Params::default() }).unwrap();
    let mut game = game.clone();
    let mut reports = vec![search.run_on(&game, &mut evaluators, Limit::Playouts(9000))];
    reports.push(search.run_on(&game, &mut evaluators, Limit::Nodes(10_000)));
    if let Some(best) = reports[1].best() {
        game.play(best);
        reports.push(search.run_on(&game, &mut evaluators, Limit::Playouts(777)));
    }
    reports
}

#[test]
fn threads_do_not_matter() {
    let catalog = Catalog::builtin();
    for (variant, fen) in [
        ("gardner", None),
        ("chess", Some("r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq - 0 1")),
        ("chess", Some("k7/8/2K5/8/8/8/8/1R6 w - - 0 1")),
        ("gardner", Some("3k1/5/3K1/5/5 w - - 97 1")),
    ] {
        let rules = catalog.rules(variant).unwrap();
        let start = fen.map_or(rules.start(), |fen| rules.parse_fen(fen).unwrap());
        let game = Game::from_position(Arc::clone(&rules), start);
        for evaluator in [network(&rules), Box::new(Uniform::new(&rules))] {
            for batch in [2, 37, 256] {
                let alone = reports(&game, evaluator.as_ref(), batch, 1);
                for threads in [2, 3, 8] {
                    assert_eq!(
                        reports(&game, evaluator.as_ref(), batch, threads),
                        alone,
                        "{variant} {batch} {threads}"
                    );
                }
            }
        }
    }
}

#[test]
fn every_playout_is_counted_once() {
    let rules = Catalog::builtin().rules("gardner").unwrap();
    let game = Game::new(Arc::clone(&rules));
    for batch in [2, 64, 1000] {
        let report = &reports(&game, network(&rules).as_ref(), batch, 2)[0];
        assert_eq!(report.playouts, 9000);
        assert_eq!(report.moves.iter().map(|m| m.visits).sum::<u32>(), 9000);
        // No virtual loss is left: the values of the moves make that of the root, which the root's own judgement is a part of.
        let sum: f64 = report.moves.iter().map(|m| f64::from(m.value) * f64::from(m.visits)).sum();
        assert!((sum / 9000.0 - f64::from(report.value)).abs() < 1e-3, "{batch}: {sum} {}", report.value);
    }
}
