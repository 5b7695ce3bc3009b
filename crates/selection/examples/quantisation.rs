//! Measures what quantisation costs: compares a trained network in 32-bit floats, as `tch` computes it, with its quantised form over
//! positions from play, and plays a match between the two.
//!
//! `cargo run --release -p selection --features torch --example quantisation -- VARIANT HIDDEN TRAINER.safetensors [POSITIONS [ROUNDS]]`
//!
//! `TRAINER.safetensors` is a checkpoint of a training run (`checkpoints/trainer-NNNN.safetensors`), because only checkpoints hold floats.

#![allow(missing_docs, clippy::print_stdout)]

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use arena::{MatchConfig, Player, RandomOpenings, SearchPlayer, run_match};
use evaluator::{Binding, Evaluator, FloatNetwork, NetworkEvaluator, Shape};
use rand::{Rng as _, SeedableRng as _};
use rules::{Catalog, Color, Game, Move, Position, Rules};
use search::{Limit, Search, Searcher};
use selection::Trainer;
use tch::{Kind, Tensor};

/// The network in floats, as `tch` computes it.
struct Floats {
    tensors: Vec<Tensor>,
    binding: Binding,
    /// The quantised network, which orders moves with equal priors, so that both players break ties alike.
    quantised: NetworkEvaluator,
}

impl Floats {
    fn new(network: &FloatNetwork, quantised: &NetworkEvaluator) -> Floats {
        let tensors = network.tensors().map(|tensor| {
            let dims: Vec<i64> = tensor.shape().iter().map(|d| *d as i64).collect();
            Tensor::from_slice(tensor.values).view(dims.as_slice())
        });
        Floats { tensors: tensors.collect(), binding: quantised.binding().clone(), quantised: quantised.clone() }
    }
}

impl Evaluator for Floats {
    fn evaluate(&mut self, rules: &Rules, position: &Position, moves: &[Move], priors: &mut [f32]) -> f32 {
        let [features, bias, policy, policy_bias, promotion, promotion_bias, value, value_bias] = &self.tensors[..]
        else {
            unreachable!("a network has eight tensors")
        };
        let mut active = Vec::new();
        self.binding.active_features(rules, position, |feature| active.push(feature as i64));
        let sum = features.index_select(0, &Tensor::from_slice(&active)).sum_dim_intlist(
            [0i64].as_slice(),
            false,
            Kind::Float,
        );
        let hidden = (sum + bias).clamp(0.0, 1.0).square();
        let addresses: Vec<_> = moves.iter().map(|mv| self.binding.address(*mv, position.turn())).collect();
        let from_to = Tensor::from_slice(&addresses.iter().map(|a| a.from_to as i64).collect::<Vec<_>>());
        let logits = policy.index_select(0, &from_to).matmul(&hidden) + policy_bias.index_select(0, &from_to);
        let mut logits = Vec::<f32>::try_from(logits).expect("one number for each move");
        for (logit, address) in logits.iter_mut().zip(&addresses) {
            if let Some(row) = address.promotion {
                let more = promotion.get(row as i64).dot(&hidden) + promotion_bias.get(row as i64);
                *logit += f32::try_from(more).expect("one number");
            }
        }
        let softmax =
            Vec::<f32>::try_from(Tensor::from_slice(&logits).softmax(0, Kind::Float)).expect("as many numbers");
        priors.copy_from_slice(&softmax);
        let wdl = (value.matmul(&hidden) + value_bias).softmax(0, Kind::Float);
        let wdl = Vec::<f32>::try_from(wdl).expect("three numbers");
        wdl[0] - wdl[2]
    }

    fn order(&self, mv: Move, turn: Color) -> u32 {
        Evaluator::<u64>::order(&self.quantised, mv, turn)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    tch::set_num_threads(1);
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [variant, hidden, file, rest @ ..] = arguments.as_slice() else {
        return Err("VARIANT HIDDEN TRAINER.safetensors [POSITIONS [ROUNDS]] were expected".into());
    };
    let number = |i: usize, default: u32| rest.get(i).map_or(Ok(default), |text| text.parse());
    let (positions, rounds) = (number(0, 100_000)?, number(1, 300)?);
    let rules = Catalog::builtin().rules(variant)?;
    let letters: String = rules.pieces().iter().map(|p| p.letter).collect();
    let shape = Shape::new(rules.files(), rules.ranks(), &letters, hidden.parse()?)?;
    let network = Trainer::load(Path::new(file), &shape)?.network();
    let quantised = NetworkEvaluator::new(Arc::new(network.quantise()?), &rules)?;

    let mut floats = Floats::new(&network, &quantised);
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let mut integers = quantised.clone();
    let (mut seen, mut value_sum, mut value_most, mut prior_most, mut same_best) = (0u32, 0.0, 0.0f64, 0.0f64, 0u32);
    while seen < positions {
        let (mut game, mut search) = (Game::new(Arc::clone(&rules)), Search::default());
        while game.outcome().is_none() && seen < positions {
            let (value, priors) = evaluator::look(&mut integers, &game);
            let (exact, exact_priors) = evaluator::look(&mut floats, &game);
            let difference = f64::from((value - exact).abs());
            (value_sum, value_most) = (value_sum + difference, value_most.max(difference));
            let most = priors.iter().zip(&exact_priors).map(|(a, b)| f64::from((a - b).abs())).fold(0.0, f64::max);
            prior_most = prior_most.max(most);
            let best = |priors: &[f32]| (0..priors.len()).max_by(|a, b| priors[*a].total_cmp(&priors[*b]));
            same_best += u32::from(best(&priors) == best(&exact_priors));
            seen += 1;
            // Positions should be like those of self-play: six random plies, then moves of a short search, a tenth of them random.
            let mv = if game.ply() < 6 || rng.random_range(0..10) == 0 {
                game.legal()[rng.random_range(0..game.legal().len())]
            } else {
                search.run(&game, &mut integers, Limit::Playouts(32)).best().expect("the game goes on")
            };
            game.play(mv);
        }
    }
    println!(
        "{seen} positions: values differ by {:.5} on average and {value_most:.4} at most, a prior by {prior_most:.4} at most; \
         both networks give the highest prior to the same move in {:.2}%",
        value_sum / f64::from(seen),
        100.0 * f64::from(same_best) / f64::from(seen)
    );

    let openings = RandomOpenings::new(1, 4..=4).generate(&rules, rounds)?;
    let player = |evaluator: Box<dyn Evaluator>| -> Box<dyn Player> {
        Box::new(SearchPlayer::new(Searcher::playouts(100), evaluator))
    };
    let result = run_match(
        &MatchConfig::new(Arc::clone(&rules), openings),
        &|| player(Box::new(quantised.clone())),
        &|| player(Box::new(Floats::new(&network, &quantised))),
        &mut |_, _| {},
    )?;
    let (score, (low, high)) = (result.pairs.score(), result.pairs.score_interval());
    println!(
        "quantised against floats at 100 playouts: {:.1}% [{:.1}, {:.1}] of {} games",
        100.0 * score,
        100.0 * low,
        100.0 * high,
        2 * rounds
    );
    Ok(())
}
