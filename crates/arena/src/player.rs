//! What a player is, and the players that do not search.

use evaluator::Evaluator;
use rules::{Game, Move};

use crate::openings::random_move;
use crate::random::{Purpose, stream};

/// Someone who chooses moves. Players are deterministic: the same seed and game give the same choice.
pub trait Player: Send {
    /// Chooses a legal move of `game`, which is not over.
    fn choose(&mut self, game: &Game) -> Choice;

    /// Called before each game: forgets the last one and restarts the player's random streams from `seed`.
    fn new_game(&mut self, seed: u64);
}

/// A move, and what its player thought.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choice {
    /// The move, legal in the game.
    pub mv: Move,
    /// The result that the player expects, in [-1, 1] for itself; `None` if it has no opinion.
    pub estimate: Option<f32>,
    /// Whether the player had no move of its own that the rules of the game allow, so that `mv` stands in for it.
    pub illegal: bool,
    /// The effort behind the choice; `None` if the player did not search.
    pub root: Option<RootInfo>,
}

/// The effort behind a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RootInfo {
    /// Playouts for this move.
    pub playouts: u32,
    /// Positions in the tree afterwards.
    pub nodes: u64,
    /// Playouts that began with the chosen move, those of a reused tree included.
    pub visits: u32,
}

/// Plays uniformly random legal moves.
#[derive(Clone, Debug, Default)]
pub struct RandomPlayer {
    seed: u64,
}

impl RandomPlayer {
    /// A player whose streams depend on the game's seed and the ply.
    #[must_use]
    pub fn new() -> RandomPlayer {
        RandomPlayer::default()
    }
}

impl Player for RandomPlayer {
    fn choose(&mut self, game: &Game) -> Choice {
        let mut rng = stream(self.seed, 0, game.ply() as u64, Purpose::RandomMove);
        Choice { mv: random_move(game, None, &mut rng), estimate: None, illegal: false, root: None }
    }

    fn new_game(&mut self, seed: u64) {
        self.seed = seed;
    }
}

/// Plays the move with the best prior of an evaluator, without any search.
pub struct PolicyPlayer {
    evaluator: Box<dyn Evaluator>,
}

impl PolicyPlayer {
    /// A player with an evaluator made for the rules of its games.
    #[must_use]
    pub fn new(evaluator: Box<dyn Evaluator>) -> PolicyPlayer {
        PolicyPlayer { evaluator }
    }
}

impl Player for PolicyPlayer {
    fn choose(&mut self, game: &Game) -> Choice {
        let (mv, value) = best_prior(game, self.evaluator.as_mut());
        Choice { mv, estimate: Some(value), illegal: false, root: None }
    }

    fn new_game(&mut self, seed: u64) {
        self.evaluator.reset(seed);
    }
}

/// The legal move with the best prior, ties going to the evaluator's own order, and the value of the position.
pub(crate) fn best_prior(game: &Game, evaluator: &mut dyn Evaluator) -> (Move, f32) {
    let mut priors = vec![0.0; game.legal().len()];
    let value = evaluator.evaluate(game.rules(), game.position(), game.legal(), &mut priors);
    let turn = game.position().turn();
    let best = game.legal().iter().zip(&priors).min_by(|(a, prior_a), (b, prior_b)| {
        let order = || evaluator.order(**a, turn).cmp(&evaluator.order(**b, turn));
        prior_b.total_cmp(prior_a).then_with(order)
    });
    (*best.expect("the game is not over").0, value)
}
