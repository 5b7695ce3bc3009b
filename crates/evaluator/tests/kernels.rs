//! Every kernel gives the same bits, for every size of network, board and list of moves.

use std::sync::Arc;

use evaluator::{Evaluator as _, FloatNetwork, Kernel, NetworkEvaluator, Shape};
use proptest::prelude::*;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rules::{Catalog, Game, Move};

fn catalog() -> Catalog {
    let mut catalog = Catalog::builtin();
    // Pawns promote early, to `n` or to `z`: most of the networks below have a letter for only one of the two, or for none.
    let promoting =
        "[promoting:gardner]\ncustomPiece1 = z:W\npromotionPieceTypes = nz\npromotionRegionWhite = *3 *4 *5\n";
    catalog.load_text("test", promoting).unwrap();
    catalog
}

fn network(shape: &Shape, spread: f32, seed: u64) -> FloatNetwork {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut network = FloatNetwork::random(shape, &mut rng);
    let limits: Vec<(&str, f32)> = network.tensors().map(|t| (t.name, t.limit)).collect();
    for (name, limit) in limits {
        for weight in network.tensor_mut(name).unwrap() {
            *weight = (*weight + limit * rng.random_range(-spread..=spread)).clamp(-limit, limit);
        }
    }
    network
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn kernels_agree(
        variant in prop::sample::select(vec!["gardner", "losalamos", "chess", "promoting"]),
        letters in prop::sample::select(vec!["pnbrqk", "kp", "xqzy"]),
        blocks in 1..=32usize,
        spread in prop::sample::select(vec![0.0f32, 0.1, 0.5, 1.0]),
        seed: u64,
    ) {
        let rules = catalog().rules(variant).unwrap();
        // Large boards with wide layers are slow to fill with weights, and add nothing.
        let hidden = 32 * if variant == "chess" { blocks.min(9) } else { blocks };
        let shape = Shape::new(rules.files(), rules.ranks(), letters, hidden).unwrap();
        let network = Arc::new(network(&shape, spread, seed).quantise().unwrap());
        let evaluator = |kernel| NetworkEvaluator::new(Arc::clone(&network), &rules).unwrap().with_kernel(kernel);
        let mut evaluators = [Kernel::Scalar, Kernel::Avx2, Kernel::Avx512].map(evaluator);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut game = Game::new(Arc::clone(&rules));
        while game.outcome().is_none() && game.ply() < 60 {
            // The moves in other orders and some of them alone: the prior of a move must not depend on its place in the list.
            let mut moves: Vec<Move> = game.legal().to_vec();
            let whole = evaluators.each_mut().map(|e| judge(e, &game, &moves));
            prop_assert_eq!(&whole[0], &whole[1]);
            prop_assert_eq!(&whole[0], &whole[2]);
            prop_assert!((whole[0].1.iter().map(|p| f64::from(*p)).sum::<f64>() - 1.0).abs() < 1e-6);
            prop_assert!(whole[0].1.iter().all(|p| *p > 0.0) && whole[0].0.abs() <= 1.0);
            moves.reverse();
            let mut reversed = judge(&mut evaluators[1], &game, &moves);
            reversed.1.reverse();
            prop_assert_eq!(&reversed, &whole[0]);
            moves.truncate(rng.random_range(0..=moves.len()));
            let part = evaluators.each_mut().map(|e| judge(e, &game, &moves));
            prop_assert_eq!(&part[0], &part[1]);
            prop_assert_eq!(&part[0], &part[2]);
            game.play(game.legal()[rng.random_range(0..game.legal().len())]);
        }
    }
}

fn judge(evaluator: &mut NetworkEvaluator, game: &Game, moves: &[Move]) -> (f32, Vec<f32>) {
    let mut priors = vec![0.0; moves.len()];
    let value = evaluator.evaluate(game.rules(), game.position(), moves, &mut priors);
    (value, priors)
}

#[test]
fn a_network_without_knowledge_is_indifferent() {
    let rules = Catalog::builtin().rules("gardner").unwrap();
    let shape = Shape::new(5, 5, "pnbrqk", 32).unwrap();
    let network = Arc::new(FloatNetwork::zeros(&shape).quantise().unwrap());
    let game = Game::new(Arc::clone(&rules));
    for kernel in [Kernel::Scalar, Kernel::Avx2, Kernel::Avx512] {
        let mut evaluator = NetworkEvaluator::new(Arc::clone(&network), &rules).unwrap().with_kernel(kernel);
        assert_eq!(judge(&mut evaluator, &game, game.legal()), (0.0, vec![1.0 / 7.0; 7]));
    }
}
