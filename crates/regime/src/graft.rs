//! Evaluators put together from parts: where in the parameters a harm sits, and what a proxy does.

use evaluator::Evaluator;
use rules::{Color, Move, Position, Rules};

/// The prior of one evaluator and the value of another.
pub(crate) struct Graft {
    prior: Box<dyn Evaluator>,
    value: Box<dyn Evaluator>,
    scale: f32,
    prior_share: f32,
    unused: Vec<f32>,
}

impl Graft {
    pub(crate) fn new(prior: Box<dyn Evaluator>, value: Box<dyn Evaluator>) -> Graft {
        Graft { prior, value, scale: 1.0, prior_share: 1.0, unused: Vec::new() }
    }

    /// Multiplies values.
    pub(crate) fn with_scale(mut self, scale: f32) -> Graft {
        self.scale = scale;
        self
    }

    /// Mixes the prior with the uniform one, which gets the rest.
    pub(crate) fn with_prior_share(mut self, share: f32) -> Graft {
        self.prior_share = share;
        self
    }
}

impl Evaluator for Graft {
    fn evaluate(&mut self, rules: &Rules, position: &Position, moves: &[Move], priors: &mut [f32]) -> f32 {
        self.prior.evaluate(rules, position, moves, priors);
        let even = (1.0 - self.prior_share) / moves.len() as f32;
        if even > 0.0 {
            priors.iter_mut().for_each(|p| *p = self.prior_share * *p + even);
        }
        self.unused.resize(moves.len(), 0.0);
        self.scale * self.value.evaluate(rules, position, moves, &mut self.unused)
    }

    fn order(&self, mv: Move, turn: Color) -> u32 {
        self.prior.order(mv, turn)
    }

    fn reset(&mut self, seed: u64) {
        self.prior.reset(seed);
        self.value.reset(seed);
    }
}

/// Trusts an evaluator as far as its prior is decided.
pub(crate) struct Guarded {
    inner: Box<dyn Evaluator>,
}

impl Guarded {
    pub(crate) fn new(inner: Box<dyn Evaluator>) -> Guarded {
        Guarded { inner }
    }
}

impl Evaluator for Guarded {
    fn evaluate(&mut self, rules: &Rules, position: &Position, moves: &[Move], priors: &mut [f32]) -> f32 {
        let value = self.inner.evaluate(rules, position, moves, priors);
        if moves.len() < 2 {
            return value;
        }
        let entropy: f32 = priors.iter().filter(|p| **p > 0.0).map(|p| -p * libm::logf(*p)).sum();
        let count = moves.len() as f32;
        let trust = 1.0 - (entropy / libm::logf(count)).clamp(0.0, 1.0);
        priors.iter_mut().for_each(|p| *p = trust * *p + (1.0 - trust) / count);
        trust * value
    }

    fn order(&self, mv: Move, turn: Color) -> u32 {
        self.inner.order(mv, turn)
    }

    fn reset(&mut self, seed: u64) {
        self.inner.reset(seed);
    }
}

/// What a man is worth, by its letter: the count that every beginner learns.
fn worth(letter: char) -> f32 {
    match letter {
        'p' => 1.0,
        'r' => 5.0,
        'q' => 9.0,
        'k' => 0.0,
        _ => 3.0,
    }
}

/// Worth of White's and Black's men on the board.
pub(crate) fn material(rules: &Rules, position: &Position) -> [f32; 2] {
    [Color::White, Color::Black].map(|color| {
        let count = |i: usize| position.pieces(color, rules::PieceType(i as u8)).count_ones() as f32;
        rules.pieces().iter().enumerate().map(|(i, piece)| worth(piece.letter) * count(i)).sum()
    })
}

/// Values a position by the material on the board: tanh of the difference in units of five pawns.
pub(crate) struct Material {
    prior: Box<dyn Evaluator>,
}

impl Material {
    pub(crate) fn new(prior: Box<dyn Evaluator>) -> Material {
        Material { prior }
    }
}

impl Evaluator for Material {
    fn evaluate(&mut self, rules: &Rules, position: &Position, moves: &[Move], priors: &mut [f32]) -> f32 {
        self.prior.evaluate(rules, position, moves, priors);
        let [white, black] = material(rules, position);
        let ahead = if position.turn() == Color::White { white - black } else { black - white };
        libm::tanhf(ahead / 5.0)
    }

    fn order(&self, mv: Move, turn: Color) -> u32 {
        self.prior.order(mv, turn)
    }
}
