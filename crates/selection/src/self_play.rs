//! Games of the champion against itself.

use std::sync::Arc;

use evaluator::{Binding, Network, NetworkEvaluator, Shape};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rand_distr::Distribution as _;
use rayon::prelude::*;
use rules::{Color, Game, Move, Rules};
use search::{Limit, Params, RootReport, Search};
use serde::{Deserialize, Serialize};

use crate::config::SelfPlayConfig;
use crate::samples::{NO_PROMOTION, Samples};

/// Constants of all searches of a selection. What is proven in the tree is left to play: training targets are shares of visits, and the
/// shipped evaluators were selected this way.
pub(crate) fn search_params() -> Params {
    Params { solver: false, ..Params::default() }
}

/// What a generation of games added up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Games played.
    pub games: u64,
    /// Positions recorded.
    pub positions: u64,
    /// Playouts made.
    pub playouts: u64,
    /// Games won by White.
    pub white_wins: u64,
    /// Drawn games.
    pub draws: u64,
}

impl Tally {
    fn add(&mut self, other: &Tally) {
        self.games += other.games;
        self.positions += other.positions;
        self.playouts += other.playouts;
        self.white_wins += other.white_wins;
        self.draws += other.draws;
    }
}

/// A random stream of its own for every (run, generation, game, purpose): no thread and no clock has a say in it.
pub(crate) fn stream(seed: u64, generation: u32, game: u32, purpose: u8) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..12].copy_from_slice(&generation.to_le_bytes());
    key[12..16].copy_from_slice(&game.to_le_bytes());
    key[16] = purpose;
    ChaCha8Rng::from_seed(key)
}

/// Plays a generation of games on the current thread pool. The order of the samples is that of the games.
pub fn play_games(
    rules: &Arc<Rules>,
    network: &Arc<Network>,
    config: &SelfPlayConfig,
    (seed, generation): (u64, u32),
    finished: &(dyn Fn() + Sync),
) -> (Samples, Tally) {
    let games: Vec<(Samples, Tally)> = (0..config.games)
        .into_par_iter()
        .map_init(
            || {
                let evaluator =
                    NetworkEvaluator::new(Arc::clone(network), rules).expect("the network was made for these rules");
                (evaluator, Search::new(search_params()))
            },
            |(evaluator, search), game| {
                let mut rng = stream(seed, generation, game, 0);
                let played = play_game(rules, network.shape(), evaluator, search, config, &mut rng);
                finished();
                played
            },
        )
        .collect();
    let (mut samples, mut tally) = (Samples::default(), Tally::default());
    for (block, counts) in &games {
        samples.append(block);
        tally.add(counts);
    }
    (samples, tally)
}

/// One recorded position, waiting for the game's result.
struct Seen {
    features: Vec<u32>,
    moves: Vec<(u32, u32, f32)>,
    mover: Color,
    value: f32,
}

fn play_game(
    rules: &Arc<Rules>,
    shape: &Shape,
    evaluator: &mut NetworkEvaluator,
    search: &mut Search,
    config: &SelfPlayConfig,
    rng: &mut ChaCha8Rng,
) -> (Samples, Tally) {
    let mut game = Game::new(Arc::clone(rules));
    for _ in 0..rng.random_range(0..=config.random_plies) {
        if game.outcome().is_none() {
            game.play(random_move(&game, rng));
        }
    }
    let mut seen = Vec::new();
    let mut tally = Tally { games: 1, ..Tally::default() };
    while game.outcome().is_none() && game.ply() < config.max_plies as usize {
        let noise = dirichlet(game.legal().len(), config.noise_concentration, rng);
        let limit = Limit::Playouts(config.playouts);
        let root = search.run_noisy(&game, evaluator, limit, config.noise_share, &noise);
        tally.playouts += u64::from(root.playouts);
        seen.push(record(shape, evaluator.binding(), &game, &root));
        let tempered = game.ply() < config.temperature_plies as usize;
        let chosen = if tempered { draw_by_visits(&root, rng) } else { 0 };
        game.play(root.moves[chosen].mv);
    }
    let mut samples = Samples::default();
    for s in &seen {
        let result = game.outcome().map_or(0, |o| o.for_color(s.mover)) as f32;
        samples.push(&s.features, &s.moves, result, s.value);
    }
    tally.positions = samples.len() as u64;
    match game.outcome().map_or(0, |o| o.for_color(Color::White)) {
        1 => tally.white_wins = 1,
        0 => tally.draws = 1,
        _ => {}
    }
    (samples, tally)
}

/// A uniformly random legal move. The generator is free to list moves in any order, so the order that a draw refers to is stated here,
/// as a part of what a seed reproduces: by kind of man, then by squares; drops come last.
fn random_move(game: &Game, rng: &mut ChaCha8Rng) -> Move {
    let mut moves: Vec<Move> = game.legal().to_vec();
    moves.sort_by_key(|mv| {
        let man = game.position().piece_on(mv.from()).map_or(usize::MAX, |(_, piece)| piece.index());
        (man, mv.from(), mv.to(), mv.promotion(), *mv)
    });
    moves[rng.random_range(0..moves.len())]
}

fn record(shape: &Shape, binding: &Binding, game: &Game, root: &RootReport) -> Seen {
    let position = game.position();
    let mover = position.turn();
    let mut features = Vec::with_capacity(32);
    binding.active_features(position, |feature| features.push(feature as u32));
    // A trainer's float sums depend on the order of their terms, so the order is part of what a seed reproduces: by piece, the
    // mover's first, then by square of the board, in which they come.
    let (squares, letters) = (shape.squares() as u32, shape.letters.len() as u32);
    features.sort_by_key(|f| (f / squares % letters, f / squares / letters));
    let total: u32 = root.moves.iter().map(|m| m.visits).sum();
    let moves = root
        .moves
        .iter()
        .map(|m| {
            let address = binding.address(m.mv, mover);
            let promotion = address.promotion.map_or(NO_PROMOTION, |p| p as u32);
            (address.from_to as u32, promotion, m.visits as f32 / total as f32)
        })
        .collect();
    Seen { features, moves, mover, value: root.value }
}

/// A draw from the symmetric Dirichlet distribution, from gamma variates.
fn dirichlet(moves: usize, concentration: f32, rng: &mut ChaCha8Rng) -> Vec<f32> {
    let gamma = rand_distr::Gamma::new(f64::from(concentration) / moves as f64, 1.0).expect("positive parameters");
    let draws: Vec<f64> = (0..moves).map(|_| gamma.sample(rng).max(1e-30)).collect();
    let sum: f64 = draws.iter().sum();
    draws.iter().map(|d| (d / sum) as f32).collect()
}

fn draw_by_visits(root: &RootReport, rng: &mut ChaCha8Rng) -> usize {
    let total: u32 = root.moves.iter().map(|m| m.visits).sum();
    let mut left = rng.random_range(0..total.max(1));
    for (i, m) in root.moves.iter().enumerate() {
        if left < m.visits {
            return i;
        }
        left -= m.visits;
    }
    0
}
