//! The network in whole numbers agrees with the one in floats, and damaged files are refused.

use std::sync::Arc;

use evaluator::{Evaluator, FloatNetwork, Kernel, Lineage, Network, NetworkEvaluator, Relabel, Shape, look};
use proptest::prelude::*;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rules::{Catalog, Game};

/// A network with large random weights, so that units saturate at both ends.
fn network(hidden: usize, seed: u64) -> FloatNetwork {
    let shape = Shape::new(5, 5, "pnbrqk", hidden).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut network = FloatNetwork::random(&shape, &mut rng);
    for name in ["features.weight", "policy.weight", "promotion.weight", "value.weight", "value.bias", "policy.bias"] {
        for value in network.tensor_mut(name).unwrap() {
            *value += rng.random_range(-0.3..0.3);
        }
    }
    network
}

/// A game after some random moves.
fn game(variant: &str, seed: u64) -> Game {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut game = Game::new(Catalog::builtin().rules(variant).unwrap());
    for _ in 0..rng.random_range(0..40) {
        let mv = game.legal()[rng.random_range(0..game.legal().len())];
        let before = game.clone();
        game.play(mv);
        if game.outcome().is_some() {
            return before;
        }
    }
    game
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn kernels_agree_to_the_bit(seed in any::<u64>(), width in 1usize..12) {
        let game = game("gardner", seed);
        let net = Arc::new(network(32 * width, seed).quantise().unwrap());
        let twin = |kernel| {
            look(&mut NetworkEvaluator::new(Arc::clone(&net), game.rules()).unwrap().with_kernel(kernel), &game)
        };
        prop_assert_eq!(twin(Kernel::Scalar), twin(Kernel::best()));
    }

    #[test]
    fn quantised_stays_near_float(seed in any::<u64>()) {
        let game = game("gardner", seed);
        let float = network(128, seed);
        let mut quantised = NetworkEvaluator::new(Arc::new(float.quantise().unwrap()), game.rules()).unwrap();
        let (value, priors) = look(&mut quantised, &game);
        let mut active = Vec::new();
        quantised.binding().active_features(game.rules(), game.position(), |f| active.push(f));
        let turn = game.position().turn();
        let addresses: Vec<_> = game.legal().iter().map(|m| quantised.binding().address(*m, turn)).collect();
        let (exact, logits) = float.evaluate(&active, &addresses);
        prop_assert!((f64::from(value) - exact).abs() < 0.05, "value {} {}", value, exact);
        let sum: f64 = logits.iter().map(|l| l.exp()).sum();
        for (prior, logit) in priors.iter().zip(&logits) {
            let exact = logit.exp() / sum;
            prop_assert!((f64::from(*prior) - exact).abs() < 0.01 + 0.1 * exact, "prior {} {}", prior, exact);
        }
    }

    #[test]
    fn relabelled_twins_agree_to_the_bit(seed in any::<u64>()) {
        let mut catalog = Catalog::builtin();
        catalog.load_text("test", "[mirror:gardner]\nstartFen = kqbnr/ppppp/5/PPPPP/KQBNR w - - 0 1\n").unwrap();
        let mirror = catalog.rules("mirror").unwrap();
        let here = game("gardner", seed);
        let relabel = Relabel::mirror_files(5, 5);
        let mut there = Game::new(mirror);
        for mv in here.moves() {
            let image = |m: &rules::Move| (relabel.square(m.from()), relabel.square(m.to()), m.promotion());
            let twin = *there.legal().iter().find(|m| image(m) == (mv.from(), mv.to(), mv.promotion())).unwrap();
            there.play(twin);
        }
        let net = Arc::new(network(64, seed).quantise().unwrap());
        let mut a = NetworkEvaluator::new(Arc::clone(&net), here.rules()).unwrap();
        let mut b = NetworkEvaluator::relabelled(net, there.rules(), Some(relabel)).unwrap();
        let sorted = |evaluator: &mut NetworkEvaluator, game: &Game| {
            let (value, priors) = look(evaluator, game);
            let turn = game.position().turn();
            let mut moves: Vec<_> =
                game.legal().iter().zip(priors).map(|(m, p)| (Evaluator::<u64>::order(&*evaluator, *m, turn), p.to_bits())).collect();
            moves.sort_unstable();
            (value.to_bits(), moves)
        };
        prop_assert_eq!(sorted(&mut a, &here), sorted(&mut b, &there));
    }

    #[test]
    fn damaged_files_are_refused(at in 0.0f64..1.0, bit in 0u8..8, cut in any::<bool>()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("net.safetensors");
        let net = network(32, 7).quantise().unwrap();
        net.save(&path, &Catalog::builtin().rules("gardner").unwrap(), Lineage::default()).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        prop_assert_eq!(&Network::from_bytes(&bytes).unwrap().0, &net);
        let place = ((bytes.len() - 1) as f64 * at) as usize;
        if cut {
            bytes.truncate(place);
        } else {
            bytes[place] ^= 1 << bit;
        }
        // Only a change of the card's free text can go unnoticed, which leaves the weights unchanged.
        if let Ok((read, _)) = Network::from_bytes(&bytes) {
            prop_assert_eq!(read, net);
        }
        std::fs::write(&path, &bytes).unwrap();
        if let Err(error) = Network::load(&path) {
            prop_assert!(error.to_string().contains("net.safetensors"));
        }
    }
}

#[test]
fn what_was_quantised_can_be_again() {
    let mut float = network(32, 3);
    let limits: Vec<(&str, f32)> = float.tensors().map(|t| (t.name, t.limit)).collect();
    for (name, limit) in limits {
        let values = float.tensor_mut(name).unwrap();
        (values[0], values[1]) = (limit, -limit);
    }
    let once = float.quantise().unwrap();
    assert_eq!(once.dequantise().quantise().unwrap().hash(), once.hash());
}

#[test]
fn weights_out_of_range_are_named() {
    let mut net = network(32, 1);
    net.tensor_mut("policy.weight").unwrap()[5] = f32::NAN;
    assert!(net.quantise().unwrap_err().to_string().contains("policy.weight"));
    net.tensor_mut("policy.weight").unwrap()[5] = 3.0;
    assert!(net.quantise().unwrap_err().to_string().contains("-1.98"));
    assert!(net.tensor_mut("nothing").is_none());
}

#[test]
fn another_board_is_refused() {
    let net = Arc::new(network(32, 1).quantise().unwrap());
    let chess = Catalog::builtin().rules("chess").unwrap();
    let error = NetworkEvaluator::new(net, &chess).unwrap_err().to_string();
    assert!(error.contains("5 files") && error.contains("chess"), "{error}");
}
