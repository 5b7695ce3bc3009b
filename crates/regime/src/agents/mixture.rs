//! Evaluators put together from parts.

use evaluator::Evaluator;
use rules::{Color, Move, Position, Rules, Word};

/// An evaluator of a mixture, with its share in the prior and in the value.
pub(crate) struct Component<W: Word> {
    pub(crate) evaluator: Box<dyn Evaluator<W>>,
    /// Share in the prior, 0 to 1.
    pub(crate) prior: f32,
    /// Share in the value, -1 to 1; below 0 where the value counts with its sign turned.
    pub(crate) value: f32,
}

/// The weighted sum of the priors and of the values of several evaluators.
pub(crate) struct Mixture<W: Word> {
    components: Vec<Component<W>>,
    priors: Vec<f32>,
}

impl<W: Word> Mixture<W> {
    /// At least one component must have a share in the prior. The first of those decides the order of moves with equal priors.
    pub(crate) fn new(components: Vec<Component<W>>) -> Mixture<W> {
        Mixture { components, priors: Vec::new() }
    }
}

impl<W: Word> Evaluator<W> for Mixture<W> {
    fn evaluate(&mut self, rules: &Rules<W>, position: &Position<W>, moves: &[Move], priors: &mut [f32]) -> f32 {
        priors.fill(0.0);
        self.priors.resize(moves.len(), 0.0);
        let mut value = 0.0;
        for component in &mut self.components {
            let own = component.evaluator.evaluate(rules, position, moves, &mut self.priors);
            value += component.value * own;
            if component.prior > 0.0 {
                priors.iter_mut().zip(&self.priors).for_each(|(sum, prior)| *sum += component.prior * prior);
            }
        }
        value
    }

    fn order(&self, mv: Move, turn: Color) -> u32 {
        let first = self.components.iter().find(|component| component.prior > 0.0).unwrap_or(&self.components[0]);
        first.evaluator.order(mv, turn)
    }

    fn reset(&mut self, seed: u64) {
        self.components.iter_mut().for_each(|component| component.evaluator.reset(seed));
    }
}

/// Trusts an evaluator as far as its prior is decided: prior and value are mixed with the uniform prior and the value 0, whose share is the entropy
/// of the prior divided by that of the uniform one.
pub(crate) struct Guarded<W: Word> {
    inner: Box<dyn Evaluator<W>>,
}

impl<W: Word> Guarded<W> {
    pub(crate) fn new(inner: Box<dyn Evaluator<W>>) -> Guarded<W> {
        Guarded { inner }
    }
}

impl<W: Word> Evaluator<W> for Guarded<W> {
    fn evaluate(&mut self, rules: &Rules<W>, position: &Position<W>, moves: &[Move], priors: &mut [f32]) -> f32 {
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

/// What a man is worth, by its letter: the values that beginners of chess are taught, 3 for every other letter.
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
pub(crate) fn material<W: Word>(rules: &Rules<W>, position: &Position<W>) -> [f32; 2] {
    [Color::White, Color::Black].map(|color| {
        let count = |i: usize| rules::squares(position.pieces(color, rules::PieceType(i as u8))).count() as f32;
        rules.pieces().iter().enumerate().map(|(i, piece)| worth(piece.letter) * count(i)).sum()
    })
}

/// Values a position by the material on the board: tanh of the difference in units of five pawns. Its prior is that of another evaluator.
pub(crate) struct Material<W: Word> {
    prior: Box<dyn Evaluator<W>>,
}

impl<W: Word> Material<W> {
    pub(crate) fn new(prior: Box<dyn Evaluator<W>>) -> Material<W> {
        Material { prior }
    }
}

impl<W: Word> Evaluator<W> for Material<W> {
    fn evaluate(&mut self, rules: &Rules<W>, position: &Position<W>, moves: &[Move], priors: &mut [f32]) -> f32 {
        self.prior.evaluate(rules, position, moves, priors);
        let [white, black] = material(rules, position);
        let ahead = if position.turn() == Color::White { white - black } else { black - white };
        libm::tanhf(ahead / 5.0)
    }

    fn order(&self, mv: Move, turn: Color) -> u32 {
        self.prior.order(mv, turn)
    }
}

#[cfg(test)]
mod tests {
    use evaluator::{Uniform, look};
    use rules::{Catalog, Game};

    use super::*;

    /// Says the same prior for the first move and value everywhere.
    struct Fixed(f32, f32);

    impl Evaluator for Fixed {
        fn evaluate(&mut self, _: &Rules, _: &Position, moves: &[Move], priors: &mut [f32]) -> f32 {
            let rest = (1.0 - self.0) / (moves.len() - 1) as f32;
            priors.iter_mut().enumerate().for_each(|(i, p)| *p = if i == 0 { self.0 } else { rest });
            self.1
        }

        fn order(&self, _: Move, _: Color) -> u32 {
            0
        }
    }

    #[test]
    fn shares_add_up_and_turned_values_count_against() {
        let game = Game::new(Catalog::builtin().rules("gardner").unwrap());
        let of = |prior, value, evaluator: Box<dyn Evaluator>| Component { evaluator, prior, value };
        let uniform = || -> Box<dyn Evaluator> { Box::new(Uniform::new(game.rules())) };
        let mut mixture = Mixture::new(vec![of(0.5, -0.75, Box::new(Fixed(0.5, 0.8))), of(0.5, 0.25, uniform())]);
        let (value, priors) = look(&mut mixture, &game);
        assert!((value - -0.6).abs() < 1e-6);
        let even = 1.0 / priors.len() as f32;
        assert!((priors[0] - (0.25 + even / 2.0)).abs() < 1e-6);
        assert!((priors.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    }
}
