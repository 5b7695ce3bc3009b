//! Evaluators on every board: large ones, with men in hand, and with moves that build walls.

use std::sync::Arc;

use evaluator::{
    Binding, Evaluator, FloatNetwork, Kernel, Lineage, Network, NetworkEvaluator, Relabel, Rollout, Shape, Uniform,
    look,
};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rules::{Catalog, Game, Move, Rules, Word, with_rules};

/// A network for a variant with weights that are large enough to saturate units at both ends.
fn network<W: Word>(rules: &Rules<W>, seed: u64) -> FloatNetwork {
    of_shape(&Shape::for_variants([rules], 32).unwrap(), seed)
}

fn of_shape(shape: &Shape, seed: u64) -> FloatNetwork {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut network = FloatNetwork::random(shape, &mut rng);
    let limits: Vec<(&str, f32)> = network.tensors().map(|t| (t.name, t.limit)).collect();
    for (name, limit) in limits {
        for weight in network.tensor_mut(name).unwrap() {
            *weight = (*weight + 0.1 * rng.random_range(-limit..=limit)).clamp(-limit, limit);
        }
    }
    network
}

/// Plays random moves and calls `look_at` with the game before every tenth of them.
fn random_game<W: Word>(rules: &Arc<Rules<W>>, plies: usize, seed: u64, mut look_at: impl FnMut(&Game<W>)) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut game = Game::new(Arc::clone(rules));
    while game.outcome().is_none() && game.ply() < plies {
        if game.ply().is_multiple_of(10) {
            look_at(&game);
        }
        game.play(game.legal()[rng.random_range(0..game.legal().len())]);
    }
}

fn judged<W: Word>(evaluator: &mut NetworkEvaluator, game: &Game<W>, moves: &[Move]) -> (u32, Vec<u32>) {
    let mut priors = vec![0.0; moves.len()];
    let value = evaluator.evaluate(game.rules(), game.position(), moves, &mut priors);
    (value.to_bits(), priors.into_iter().map(f32::to_bits).collect())
}

fn check_network<W: Word>(rules: &Arc<Rules<W>>, shape: &Shape) {
    let name = rules.name();
    let float = of_shape(shape, 1);
    let quantised = Arc::new(float.quantise().unwrap());
    assert_eq!(quantised.dequantise().quantise().unwrap(), *quantised, "{name}");
    let evaluator = |kernel| NetworkEvaluator::new(Arc::clone(&quantised), rules).unwrap().with_kernel(kernel);
    let [mut scalar, mut avx2, mut avx512] = [Kernel::Scalar, Kernel::Avx2, Kernel::Avx512].map(evaluator);
    let mut positions = 0;
    random_game(rules, 40, 2, |game| {
        positions += 1;
        let plain = judged(&mut scalar, game, game.legal());
        assert_eq!(plain, judged(&mut avx2, game, game.legal()), "{name}");
        assert_eq!(plain, judged(&mut avx512, game, game.legal()), "{name}");
        let (value, priors) = look(&mut scalar, game);
        let turn = game.position().turn();
        let (mut active, binding) = (Vec::new(), scalar.binding());
        binding.active_features(game.rules(), game.position(), |feature| active.push(feature));
        let distinct: std::collections::BTreeSet<_> = active.iter().copied().collect();
        assert!(distinct.len() == active.len() && active.iter().all(|f| *f < quantised.shape().features()), "{name}");
        let addresses: Vec<_> = game.legal().iter().map(|mv| binding.address(*mv, turn)).collect();
        assert_eq!(addresses.iter().all(|a| a.wall.is_some()), rules.builds_walls(), "{name}");
        let (exact, logits) = float.evaluate(&active, &addresses);
        assert!((f64::from(value) - exact).abs() < 0.05, "{name}: {value} {exact}");
        let sum: f64 = logits.iter().map(|logit| logit.exp()).sum();
        for (prior, logit) in priors.iter().zip(&logits) {
            let exact = logit.exp() / sum;
            assert!((f64::from(*prior) - exact).abs() < 0.01 + 0.1 * exact, "{name}: {prior} {exact}");
        }
        let orders: std::collections::BTreeSet<u32> =
            game.legal().iter().map(|mv| Evaluator::<W>::order(&scalar, *mv, turn)).collect();
        assert!(
            orders.last().is_none_or(|last| *last < if rules.builds_walls() { 1 << 26 } else { 1 << 22 }),
            "{name}"
        );
    });
    assert!(positions > 0, "{name}");
}

#[test]
fn networks_judge_every_variant() {
    let catalog = Catalog::builtin();
    for name in catalog.names() {
        with_rules!(catalog.compiled(name).unwrap(), rules => {
            let shape = Shape::for_variants([rules.as_ref()], 32).unwrap();
            check_network(&rules, &shape);
            check_network(&rules, &shape.seeing_attacks().seeing_hands().unwrap());
        });
    }
}

/// A man has one feature of four by whether it is attacked and defended; men in hand have one by their number.
#[test]
fn networks_see_attacks_and_hands() {
    let catalog = Catalog::builtin();
    let rules = catalog.rules("crazyhouse").unwrap();
    let plain = Shape::for_variants([rules.as_ref()], 32).unwrap();
    let seeing = plain.clone().seeing_attacks().seeing_hands().unwrap();
    let men = plain.features();
    assert_eq!(seeing.features(), 4 * men + 2 * 6 * evaluator::HAND_COUNTS);
    let features = |shape: &Shape, fen: &str| {
        let (position, mut active) = (rules.parse_fen(fen).unwrap(), Vec::new());
        Binding::new(shape, &rules, None).unwrap().active_features(&rules, &position, |f| active.push(f));
        active
    };
    let fen = "4k3/8/8/2n5/8/3R4/4P3/4K3[PPn] w - - 0 1";
    let (few, many) = (features(&plain, fen), features(&seeing, fen));
    assert_eq!(few.len(), 5);
    let states: Vec<usize> = few.iter().zip(&many).map(|(a, b)| (b - a) / men).collect();
    assert!(few.iter().zip(&many).all(|(a, b)| a % men == b % men));
    // By rising square: king e1 (defended by nobody), pawn e2, rook d3 (attacked, and defended by the pawn), knight c5, king e8.
    assert_eq!(states, [0, 2, 3, 0, 0]);
    // Two pawns of the mover, one knight of the other; letters are in the order of the variant.
    let letter = |c: char| plain.letters.find(c).unwrap();
    let hand = |side: usize, c: char, n: usize| 4 * men + (side * 6 + letter(c)) * evaluator::HAND_COUNTS + n - 1;
    assert_eq!(many[5..], [hand(0, 'p', 2), hand(1, 'n', 1)]);
    let full = features(&seeing, "4k3/8/8/8/8/8/8/4K3[PPPPPPPPPPPP] w - - 0 1");
    assert_eq!(full[2..], [hand(0, 'p', evaluator::HAND_COUNTS)]);
}

#[test]
fn rollouts_and_the_uniform_evaluator_judge_every_variant() {
    let catalog = Catalog::builtin();
    for name in catalog.names() {
        with_rules!(catalog.compiled(name).unwrap(), rules => {
            let game = Game::new(Arc::clone(&rules));
            let mut rollout = Rollout::new(&rules);
            Evaluator::reset(&mut rollout, 7);
            let (value, priors) = look(&mut rollout, &game);
            assert!(value.abs() <= 1.0 && priors.len() == game.legal().len(), "{name}");
            assert_eq!(look(&mut Uniform::new(&rules), &game), (0.0, priors), "{name}");
        });
    }
}

#[test]
fn more_moves_than_fit_the_buffers_are_judged_alike() {
    let catalog = Catalog::builtin();
    for name in ["chess", "shogi"] {
        with_rules!(catalog.any(name).unwrap(), rules => {
            let quantised = Arc::new(network(&rules, 3).quantise().unwrap());
            let mut evaluator = NetworkEvaluator::new(quantised, &rules).unwrap();
            let game = Game::new(Arc::clone(&rules));
            let (value, few) = look(&mut evaluator, &game);
            let times = 2000 / few.len();
            let moves = game.legal().repeat(times);
            let mut many = vec![0.0; moves.len()];
            let again = evaluator.evaluate(game.rules(), game.position(), &moves, &mut many);
            assert!(moves.len() > 1900 && again == value);
            for (i, prior) in many.iter().enumerate() {
                assert!((prior * times as f32 / few[i % few.len()] - 1.0).abs() < 1e-4, "{name}: move {i}");
            }
        });
    }
}

#[test]
fn walls_tell_moves_apart_and_are_seen() {
    let catalog = Catalog::builtin();
    let rules = catalog.any("duck").unwrap();
    with_rules!(rules, rules => {
        let network = Arc::new(network(&rules, 4).quantise().unwrap());
        let mut evaluator = NetworkEvaluator::new(Arc::clone(&network), &rules).unwrap();
        let mut game = Game::new(Arc::clone(&rules));
        let (first, second) = (game.legal()[0], game.legal()[1]);
        assert!((first.from(), first.to()) == (second.from(), second.to()) && first.wall() != second.wall());
        let (_, priors) = look(&mut evaluator, &game);
        assert_ne!(priors[0], priors[1]);
        let mut other = game.clone();
        game.play(first);
        other.play(second);
        assert_ne!(look(&mut evaluator, &game).0, look(&mut evaluator, &other).0);
    });
}

#[test]
fn a_network_that_sees_no_walls_plays_where_they_are_built() {
    let catalog = Catalog::builtin();
    let (chess, duck) = (catalog.rules("chess").unwrap(), catalog.any("duck").unwrap());
    with_rules!(duck, duck => {
        let network = Arc::new(network(&chess, 5).quantise().unwrap());
        let mut evaluator = NetworkEvaluator::new(network, &duck).unwrap();
        let game = Game::new(duck);
        let (_, priors) = look(&mut evaluator, &game);
        assert_eq!(priors[0], priors[1]);
        assert!((priors.iter().map(|p| f64::from(*p)).sum::<f64>() - 1.0).abs() < 1e-5);
    });
}

#[test]
fn files_of_large_boards_and_of_walls_come_back() {
    let (catalog, folder) = (Catalog::builtin(), tempfile::tempdir().unwrap());
    let path = folder.path().join("net.safetensors");
    for (name, tensors) in [("chess", 8), ("xiangqi", 8), ("shogi", 8), ("duck", 10), ("snailtrail", 10)] {
        with_rules!(catalog.any(name).unwrap(), rules => {
            let float = network(&rules, 6);
            assert_eq!(float.tensors().count(), tensors, "{name}");
            let network = float.quantise().unwrap();
            let card = network.save(&path, &rules, Lineage::default()).unwrap();
            assert_eq!((card.variant.as_str(), card.rules.as_str()), (name, rules.hash()));
            assert_eq!(serde_json::to_string(&card.shape).unwrap().contains("walls"), tensors == 10);
            let (read, known) = Network::load(&path).unwrap();
            assert_eq!((read, known), (network, card));
        });
    }
}

#[test]
fn weights_of_large_boards_stay_below_what_sums_hold() {
    let catalog = Catalog::builtin();
    for name in ["chess", "xiangqi", "omicron", "duck"] {
        with_rules!(catalog.any(name).unwrap(), rules => {
            let mut largest = FloatNetwork::zeros(&Shape::for_variants([rules.as_ref()], 32).unwrap());
            let limits: Vec<(&str, f32)> = largest.tensors().map(|t| (t.name, t.limit)).collect();
            for (name, limit) in limits {
                largest.tensor_mut(name).unwrap().fill(limit);
            }
            assert!(largest.quantise().is_ok(), "{name}");
            for weight in largest.tensor_mut("features.weight").unwrap() {
                *weight *= 1.05;
            }
            assert!(largest.quantise().is_err(), "{name}");
        });
    }
}

#[test]
fn relabelled_twins_agree_on_large_boards() {
    // The start position of xiangqi is its own mirror image.
    with_rules!(Catalog::builtin().any("xiangqi").unwrap(), rules => {
        let relabel = Relabel::mirror_files(9, 10);
        let network = Arc::new(network(&rules, 7).quantise().unwrap());
        let mut plain = NetworkEvaluator::new(Arc::clone(&network), &rules).unwrap();
        let mut relabelled = NetworkEvaluator::relabelled(network, &rules, Some(relabel.clone())).unwrap();
        let game = Game::new(Arc::clone(&rules));
        let (value, priors) = look(&mut plain, &game);
        let (twin_value, twin_priors) = look(&mut relabelled, &game);
        assert_eq!(value, twin_value);
        for (mv, prior) in game.legal().iter().zip(&priors) {
            let image = (relabel.square(mv.from()), relabel.square(mv.to()));
            let twin = game.legal().iter().position(|other| (other.from(), other.to()) == image).unwrap();
            assert_eq!(*prior, twin_priors[twin]);
        }
    });
}

#[test]
fn boards_of_other_sizes_are_refused() {
    let catalog = Catalog::builtin();
    let chess = Shape::for_variants([catalog.rules("chess").unwrap().as_ref()], 32).unwrap();
    with_rules!(catalog.any("shogi").unwrap(), rules => {
        let error = Binding::new(&chess, &rules, None).unwrap_err().to_string();
        assert!(error.contains("8 files and 8 ranks cannot play shogi"), "{error}");
    });
}
