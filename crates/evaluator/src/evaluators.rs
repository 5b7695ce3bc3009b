//! The evaluators: the network, and two that know only the rules.

use std::sync::Arc;

use rules::{Color, Game, History, Move, MoveList, Position, Rules, Word};

use crate::frame::Frame;
use crate::kernels::{Bound, Kernel, Room, Runnable};
use crate::network::Network;
use crate::shape::Binding;
use crate::{Relabel, WeightsError};

/// Judges positions of boards on a word for a search.
pub trait Evaluator<W: Word = u64>: Send {
    /// Judges `position` for the side to move: writes one prior per move, in the order of `moves`, each above 0 and summing to 1,
    /// and returns the expected result in [-1, 1]. The prior of a move does not depend on the order of `moves`.
    fn evaluate(&mut self, rules: &Rules<W>, position: &Position<W>, moves: &[Move], priors: &mut [f32]) -> f32;

    /// The expected result alone, as [`Evaluator::evaluate`] returns it: cheaper, if priors may not be needed.
    fn value(&mut self, rules: &Rules<W>, position: &Position<W>) -> f32 {
        self.evaluate(rules, position, &[], &mut [])
    }

    /// The priors alone, as [`Evaluator::evaluate`] writes them, of the position whose [`Evaluator::value`] was asked for last.
    fn priors(&mut self, rules: &Rules<W>, position: &Position<W>, moves: &[Move], priors: &mut [f32]) {
        self.evaluate(rules, position, moves, priors);
    }

    /// Probabilities of win, draw and loss for the side to move, `None` if the evaluator has no opinion of its own on draws.
    fn win_draw_loss(&mut self, _rules: &Rules<W>, _position: &Position<W>) -> Option<[f32; 3]> {
        None
    }

    /// The number of a move in the evaluator's own view, below 2^22, or below 2^26 under rules whose moves build walls: of moves with equal
    /// priors a search takes the one with the lowest number. An evaluator with relabelled squares numbers moves as one without does on the unchanged board, so that their
    /// searches are equal to the bit.
    fn order(&self, mv: Move, turn: Color) -> u32;

    /// Another evaluator that judges alike, for another thread; `None` if a judgement depends on those before it.
    fn twin(&self) -> Option<Box<dyn Evaluator<W>>> {
        None
    }

    /// Called before each game: evaluators that draw random numbers restart their stream.
    fn reset(&mut self, _seed: u64) {}
}

/// A frozen network.
#[derive(Clone, Debug)]
pub struct NetworkEvaluator {
    network: Arc<Network>,
    binding: Binding,
    kernel: Runnable,
    room: Box<Room>,
}

impl NetworkEvaluator {
    /// A network for a variant's positions.
    ///
    /// # Errors
    /// If the boards differ in size.
    pub fn new<W: Word>(network: Arc<Network>, rules: &Rules<W>) -> Result<NetworkEvaluator, WeightsError> {
        NetworkEvaluator::relabelled(network, rules, None)
    }

    /// A network whose squares are relabelled.
    ///
    /// # Errors
    /// If the boards differ in size.
    pub fn relabelled<W: Word>(
        network: Arc<Network>,
        rules: &Rules<W>,
        relabel: Option<Relabel>,
    ) -> Result<NetworkEvaluator, WeightsError> {
        let binding = Binding::new(network.shape(), rules, relabel)?;
        Ok(NetworkEvaluator { network, binding, kernel: Kernel::best().runnable(), room: Box::new(Room::new()) })
    }

    /// Uses another implementation of inference. All of them give the same results.
    #[must_use]
    pub fn with_kernel(mut self, kernel: Kernel) -> NetworkEvaluator {
        self.kernel = kernel.runnable();
        self
    }

    /// How the variant's pieces and squares correspond to the network's features.
    #[must_use]
    pub fn binding(&self) -> &Binding {
        &self.binding
    }
}

impl<W: Word> Evaluator<W> for NetworkEvaluator {
    fn evaluate(&mut self, rules: &Rules<W>, position: &Position<W>, moves: &[Move], priors: &mut [f32]) -> f32 {
        let value = self.value(rules, position);
        self.priors(rules, position, moves, priors);
        value
    }

    fn value(&mut self, rules: &Rules<W>, position: &Position<W>) -> f32 {
        let bound = Bound { network: &self.network, binding: &self.binding };
        self.kernel.value(bound, rules, position, &mut self.room)
    }

    fn priors(&mut self, _rules: &Rules<W>, position: &Position<W>, moves: &[Move], priors: &mut [f32]) {
        let bound = Bound { network: &self.network, binding: &self.binding };
        self.kernel.priors(bound, position.turn(), moves, &mut self.room, priors);
    }

    fn win_draw_loss(&mut self, rules: &Rules<W>, position: &Position<W>) -> Option<[f32; 3]> {
        let bound = Bound { network: &self.network, binding: &self.binding };
        Some(Runnable::win_draw_loss(bound, rules, position, &mut self.room))
    }

    fn twin(&self) -> Option<Box<dyn Evaluator<W>>> {
        Some(Box::new(self.clone()))
    }

    fn order(&self, mv: Move, turn: Color) -> u32 {
        self.binding.order(mv, turn)
    }
}

/// Judges by the rules alone: every move is equally likely, every position even.
#[derive(Clone, Debug)]
pub struct Uniform {
    frame: Frame,
}

impl Uniform {
    /// An evaluator of a variant's positions.
    #[must_use]
    pub fn new<W: Word>(rules: &Rules<W>) -> Uniform {
        Uniform::relabelled(rules, None)
    }

    /// An evaluator with relabelled squares, on which only the order of equal moves depends.
    #[must_use]
    pub fn relabelled<W: Word>(rules: &Rules<W>, relabel: Option<Relabel>) -> Uniform {
        Uniform { frame: Frame::new(rules, relabel) }
    }
}

impl<W: Word> Evaluator<W> for Uniform {
    fn evaluate(&mut self, _rules: &Rules<W>, _position: &Position<W>, moves: &[Move], priors: &mut [f32]) -> f32 {
        priors.fill(1.0 / moves.len() as f32);
        0.0
    }

    fn twin(&self) -> Option<Box<dyn Evaluator<W>>> {
        Some(Box::new(self.clone()))
    }

    fn order(&self, mv: Move, turn: Color) -> u32 {
        self.frame.order(mv, turn)
    }
}

/// The longest random game, in plies; a game that is not over by then is worth 0.
const MAX_ROLLOUT: usize = 400;

/// Plays random moves to the end of the game and reports what the end is worth under the rules' payoff: one rollout per judgement.
#[derive(Clone, Debug)]
pub struct Rollout<W: Word = u64> {
    frame: Frame,
    seed: u64,
    counter: u64,
    history: History<W>,
    moves: MoveList,
}

impl<W: Word> Rollout<W> {
    /// An evaluator of a variant's positions.
    #[must_use]
    pub fn new(rules: &Rules<W>) -> Rollout<W> {
        Rollout::relabelled(rules, None)
    }

    /// An evaluator with relabelled squares, which makes the random choices that one without makes on the unchanged board.
    #[must_use]
    pub fn relabelled(rules: &Rules<W>, relabel: Option<Relabel>) -> Rollout<W> {
        Rollout {
            frame: Frame::new(rules, relabel),
            seed: 0,
            counter: 0,
            history: History::new(),
            moves: MoveList::new(),
        }
    }

    fn play_out(&mut self, rules: &Rules<W>, start: &Position<W>) -> f32 {
        let mut position = *start;
        self.history.clear();
        for _ in 0..MAX_ROLLOUT {
            rules.legal_moves(&position, &mut self.moves);
            if let Some(ending) = rules.ending(&position, &self.moves, &self.history) {
                return rules.worth(ending, start.turn());
            }
            self.counter += 1;
            let draw = mix(self.seed ^ self.counter);
            let turn = position.turn();
            // The move whose number hashes lowest is uniformly random and does not depend on the order of the list.
            let chosen = self.moves.iter().min_by_key(|mv| mix(draw ^ u64::from(self.frame.order(**mv, turn))));
            let Some(mv) = chosen.copied() else { return 0.0 };
            self.history.push(rules, &position);
            rules.play(&mut position, mv);
        }
        0.0
    }
}

/// SplitMix64's finaliser (Steele, Lea, Flood 2014).
fn mix(z: u64) -> u64 {
    let z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl<W: Word> Evaluator<W> for Rollout<W> {
    fn evaluate(&mut self, rules: &Rules<W>, position: &Position<W>, moves: &[Move], priors: &mut [f32]) -> f32 {
        priors.fill(1.0 / moves.len() as f32);
        self.play_out(rules, position)
    }

    fn order(&self, mv: Move, turn: Color) -> u32 {
        self.frame.order(mv, turn)
    }

    fn reset(&mut self, seed: u64) {
        self.seed = mix(seed);
        self.counter = 0;
    }
}

/// The value and priors of one position, for showing what an evaluator thinks.
#[must_use]
pub fn look<W: Word>(evaluator: &mut dyn Evaluator<W>, game: &Game<W>) -> (f32, Vec<f32>) {
    let mut priors = vec![0.0; game.legal().len()];
    let value = evaluator.evaluate(game.rules(), game.position(), game.legal(), &mut priors);
    (value, priors)
}
