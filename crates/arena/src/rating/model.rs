//! The likelihood of results under Davidson's model with a colour advantage.

use super::RatedGame;
use super::linear::Matrix;

/// Newton steps after which a fit counts as failed.
const MAX_STEPS: usize = 200;
/// The iteration ends when a step is shorter than this, in natural units.
const STANDS_STILL: f64 = 1e-12;

/// Standard deviations of the weak prior in natural units (400 / ln 10 Elo each): strengths, colour advantage, and the
/// logarithm of the draw parameter.
#[derive(Clone, Copy)]
pub(super) struct Prior {
    pub(super) strength: f64,
    pub(super) colour: f64,
    pub(super) draw: f64,
}

/// The results of the games between two players with given colours: White's wins, draws, Black's wins.
pub(super) struct Cell {
    pub(super) white: usize,
    pub(super) black: usize,
    pub(super) counts: [f64; 3],
}

/// The model: P(White wins), P(draw) and P(Black wins) are as e^(x/2), e^l and e^(-x/2), where x is the difference of the strengths
/// plus the colour advantage, and l is the logarithm of the draw parameter. All three exponents are linear in the parameters, so
/// the log-likelihood is concave. The parameters are the strengths, the colour advantage, and l (absent if no game was drawn).
pub(super) struct Model {
    pub(super) players: usize,
    pub(super) draws: bool,
}

impl Model {
    pub(super) fn size(&self) -> usize {
        self.players + 1 + usize::from(self.draws)
    }

    /// Probabilities of a win of White, a draw, and a win of Black.
    pub(super) fn probabilities(&self, parameters: &[f64], white: usize, black: usize) -> [f64; 3] {
        let half = 0.5 * (parameters[white] - parameters[black] + parameters[self.players]);
        let draw = if self.draws { parameters[self.players + 1] } else { f64::NEG_INFINITY };
        let most = half.abs().max(draw);
        let weights = [half, draw, -half].map(|exponent| libm::exp(exponent - most));
        let sum: f64 = weights.iter().sum();
        weights.map(|weight| weight / sum)
    }

    /// Derivatives of one game's log-likelihood by its parameters; `result` is 1, 0 or -1 for White.
    pub(super) fn score(&self, parameters: &[f64], game: &RatedGame) -> Vec<(usize, f64)> {
        let [win, draw, loss] = self.probabilities(parameters, game.white, game.black);
        let by_x = 0.5 * (f64::from(game.result) - (win - loss));
        let mut score = vec![(game.white, by_x), (game.black, -by_x), (self.players, by_x)];
        if self.draws {
            score.push((self.players + 1, f64::from(u8::from(game.result == 0)) - draw));
        }
        score
    }

    /// Log-likelihood of all cells with the prior.
    fn value(&self, parameters: &[f64], cells: &[Cell], prior: Option<&Prior>) -> f64 {
        let mut value = 0.0;
        for cell in cells {
            let probabilities = self.probabilities(parameters, cell.white, cell.black);
            for (count, p) in cell.counts.iter().zip(probabilities).filter(|(count, _)| **count > 0.0) {
                value += count * libm::log(p);
            }
        }
        let penalty = |(i, p): (usize, &f64)| self.precision(i, prior) * p * p / 2.0;
        value - parameters.iter().enumerate().map(penalty).sum::<f64>()
    }

    /// The information that the prior has on a parameter: 1 / variance.
    pub(super) fn precision(&self, parameter: usize, prior: Option<&Prior>) -> f64 {
        let Some(prior) = prior else { return 0.0 };
        let deviation = match parameter.checked_sub(self.players) {
            None => prior.strength,
            Some(0) => prior.colour,
            Some(_) => prior.draw,
        };
        1.0 / (deviation * deviation)
    }

    /// Gradient and information (minus the second derivatives) of the log-likelihood with the prior. Without a prior the strengths
    /// are only known up to a constant. Fixing their sum makes the information invertible and changes no difference.
    fn derivatives(&self, parameters: &[f64], cells: &[Cell], prior: Option<&Prior>) -> (Vec<f64>, Matrix) {
        let mut gradient = vec![0.0; self.size()];
        let mut information = Matrix::zero(self.size());
        for (i, p) in parameters.iter().enumerate() {
            let precision = self.precision(i, prior);
            gradient[i] -= precision * p;
            information.add(i, i, precision);
        }
        if prior.is_none() {
            let all: Vec<(usize, f64)> = (0..self.players).map(|i| (i, 1.0)).collect();
            information.add_outer(&all, 1.0);
        }
        for cell in cells {
            let [win, draw, loss] = self.probabilities(parameters, cell.white, cell.black);
            let games: f64 = cell.counts.iter().sum();
            let slope = win - loss;
            let by_x = 0.5 * (cell.counts[0] - cell.counts[2] - games * slope);
            let direction = [(cell.white, 1.0), (cell.black, -1.0), (self.players, 1.0)];
            for (i, sign) in direction {
                gradient[i] += sign * by_x;
            }
            information.add_outer(&direction, games * (win + loss - slope * slope) / 4.0);
            if self.draws {
                let l = self.players + 1;
                gradient[l] += cell.counts[1] - games * draw;
                information.add(l, l, games * draw * (1.0 - draw));
                for (i, sign) in direction {
                    let mixed = -sign * games * slope * draw / 2.0;
                    information.add(i, l, mixed);
                    information.add(l, i, mixed);
                }
            }
        }
        (gradient, information)
    }

    /// The likeliest parameters and the inverse of the information there; `None` if only infinite differences explain some result.
    pub(super) fn fit(&self, cells: &[Cell], prior: Option<&Prior>) -> Option<(Vec<f64>, Matrix)> {
        let mut parameters = vec![0.0; self.size()];
        let mut value = self.value(&parameters, cells, prior);
        for _ in 0..MAX_STEPS {
            let (gradient, information) = self.derivatives(&parameters, cells, prior);
            let inverse = information.inverse()?;
            let mut step = inverse.times(&gradient);
            let length = step.iter().fold(0.0, |most: f64, s| most.max(s.abs()));
            // Steps are shortened far from the maximum, where a quadratic approximates the log-likelihood badly.
            if length > 1.0 {
                step.iter_mut().for_each(|s| *s /= length);
            }
            let moved = |share: f64| parameters.iter().zip(&step).map(|(p, s)| p + share * s).collect::<Vec<f64>>();
            let mut share = 1.0;
            let mut next = moved(share);
            let mut reached = self.value(&next, cells, prior);
            while reached < value && share > 1e-6 && length > 1e-6 {
                share /= 2.0;
                next = moved(share);
                reached = self.value(&next, cells, prior);
            }
            (parameters, value) = (next, reached);
            if length < STANDS_STILL {
                return Some((parameters, inverse));
            }
            // In large samples rounding prevents steps from becoming as short as they should; a small gradient ends the iteration
            // then.
            if length < 1e-8 && gradient.iter().all(|g| g.abs() < 1e-7) {
                return Some((parameters, inverse));
            }
        }
        None
    }
}
