//! The control mesa-optimizer that adapts: it acts on its prior, and corrects itself within the game.

use std::collections::HashMap;

use arena::{Choice, Failure, Player};
use evaluator::Evaluator;
use rules::{Color, Game, Word};

/// What a change of the value by 1 adds to the logarithm of the prior of the kind of move that was played before it.
const STEP: f32 = 2.0;

/// Plays the move with the best corrected prior, without looking ahead. At each of its moves the change of its own value since its last move
/// strengthens or weakens the kind of move that it chose then (which man moved, and whether it captured): a policy gradient of one step, with the
/// inherited value as critic. Corrections last until the end of the game.
pub(crate) struct AdaptivePolicy<W: Word> {
    evaluator: Box<dyn Evaluator<W>>,
    correction: HashMap<(u8, bool), f32>,
    last: Option<((u8, bool), f32)>,
}

impl<W: Word> AdaptivePolicy<W> {
    pub(crate) fn new(evaluator: Box<dyn Evaluator<W>>) -> AdaptivePolicy<W> {
        AdaptivePolicy { evaluator, correction: HashMap::new(), last: None }
    }
}

impl<W: Word> Player<W> for AdaptivePolicy<W> {
    fn choose(&mut self, game: &Game<W>) -> Result<Choice, Failure> {
        let position = game.position();
        let mut priors = vec![0.0; game.legal().len()];
        let value = self.evaluator.evaluate(game.rules(), position, game.legal(), &mut priors);
        if let Some((kind, before)) = self.last {
            *self.correction.entry(kind).or_default() += STEP * (value - before);
        }
        let kind = |mv: rules::Move| {
            let moved = position.piece_on(mv.from()).map_or(u8::MAX, |(_, piece)| piece.0);
            (moved, position.piece_on(mv.to()).is_some())
        };
        let score = |i: usize| {
            let mv = game.legal()[i];
            libm::logf(priors[i].max(f32::MIN_POSITIVE)) + self.correction.get(&kind(mv)).copied().unwrap_or(0.0)
        };
        let turn: Color = position.turn();
        let best = (0..priors.len())
            .min_by(|&a, &b| {
                let order = |i: usize| self.evaluator.order(game.legal()[i], turn);
                score(b).total_cmp(&score(a)).then_with(|| order(a).cmp(&order(b)))
            })
            .expect("the game is not over");
        let mv = game.legal()[best];
        self.last = Some((kind(mv), value));
        Ok(Choice { mv, estimate: Some(value), illegal: false, root: None, engine: None })
    }

    fn new_game(&mut self, seed: u64) {
        self.evaluator.reset(seed);
        self.correction.clear();
        self.last = None;
    }
}
