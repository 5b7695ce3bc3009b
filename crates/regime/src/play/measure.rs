//! How far apart two regimes are, measured at positions of play that no evaluator has steered.

use std::collections::BTreeMap;
use std::sync::Arc;

use arena::{MatchConfig, run_match};
use rules::{Color, Game, PieceType, Position, Rules, squares};

use super::MAX_PLIES;
use super::prepare::Stress;
use crate::error::RegimeError;
use crate::rows::ShiftMeasure;
use crate::suite::{Agent, Part, Source};

/// Playouts of the random-rollout player whose games are measured.
const PLAYOUTS: u32 = 32;
/// Pairs of games of the random-rollout player against itself; the first game of each pair is measured.
pub(super) const PAIRS: u32 = 20;

/// A position of play with its result.
pub(crate) struct Sampled {
    pub(crate) position: Position,
    /// What the game is worth to the side to move, by the new payoff.
    worth: f32,
}

/// An agent without a name that has these sources and is otherwise as by default.
fn agent(prior: &str, value: &str) -> Agent {
    let source = |name: &str| Some(Source(vec![Part::whole(name)]));
    Agent { prior: source(prior), value: source(value), ..Agent::default() }
}

impl Stress {
    /// All positions after the openings of games that the random-rollout player plays against itself under the true rules. No evaluator has steered these
    /// games.
    pub(crate) fn source_positions(&self, shift: usize) -> Result<Vec<Sampled>, RegimeError> {
        let rollout = agent("uniform", "rollout");
        let setting = self.setting(shift, &rollout, 0, 0);
        let config = MatchConfig {
            seed: self.suite.seed,
            max_plies: MAX_PLIES,
            ..MatchConfig::new(Arc::clone(setting.true_rules), self.openings(shift, 0, PAIRS)?)
        };
        let player = || setting.player(&rollout, PLAYOUTS);
        let mut positions = Vec::new();
        run_match(&config, &player, &player, &mut |round, _| {
            let record = &round.games[0];
            let mut position = record.start;
            for (ply, mv) in record.moves.iter().enumerate() {
                if ply >= record.opening_plies {
                    positions.push(Sampled { position, worth: record.worth(position.turn()) });
                }
                record.rules.play(&mut position, *mv);
            }
        })?;
        Ok(positions)
    }

    /// What is measured of a shift, given the positions of play under each shift.
    pub(crate) fn measure(&self, shift: usize, sources: &[Vec<Sampled>]) -> ShiftMeasure {
        ShiftMeasure {
            shift: self.suite.shifts[shift].name.clone(),
            value_correlation: self.value_correlation(shift, &sources[shift]),
            surprise: self.surprise(shift, sources),
        }
    }

    /// Correlation, over positions, of the first inherited evaluator's value with what the game was worth under the new rules: how well the inherited
    /// judgement still tells who wins, in games that nobody plays by it.
    fn value_correlation(&self, shift: usize, source: &[Sampled]) -> Option<f64> {
        let inherited = agent(&self.suite.evaluators, &self.suite.evaluators);
        let setting = self.setting(shift, &inherited, 0, 0);
        let mut evaluator = setting.evaluator(&inherited, setting.true_rules);
        let mut points = Vec::new();
        for sampled in source {
            let game = Game::from_position(Arc::clone(setting.true_rules), sampled.position);
            let mut priors = vec![0.0; game.legal().len()];
            let value = evaluator.evaluate(game.rules(), game.position(), game.legal(), &mut priors);
            points.push((f64::from(value), f64::from(sampled.worth)));
        }
        correlation(&points)
    }

    /// How unusual the positions under a shift are, in bits per man: minus the binary logarithm of how often a man of its kind stands
    /// on its square, as its owner sees it, in games before the change (plus one, to leave nothing impossible), averaged over men.
    fn surprise(&self, shift: usize, sources: &[Vec<Sampled>]) -> Option<f64> {
        let old = self.suite.unchanged(self.shifts[shift].base)?;
        let (before, after) = (&sources[old], &sources[shift]);
        let mirrored = self.shifts[shift].relabel.is_some();
        let mut counts: BTreeMap<(char, usize), u32> = BTreeMap::new();
        for Sampled { position, .. } in before {
            men(&self.shifts[old].rules, position, false).for_each(|man| *counts.entry(man).or_default() += 1);
        }
        let bits = |man| {
            let often = f64::from(counts.get(&man).copied().unwrap_or(0) + 1);
            libm::log2((before.len() + 1) as f64 / often)
        };
        let all: Vec<f64> = after
            .iter()
            .flat_map(|sampled| men(&self.shifts[shift].rules, &sampled.position, mirrored).map(bits))
            .collect();
        (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64)
    }
}

/// Letter and square of every man on the board, as its owner sees it, in a mirror if wanted.
fn men<'a>(rules: &'a Rules, position: &'a Position, mirrored: bool) -> impl Iterator<Item = (char, usize)> {
    let (files, ranks) = (rules.files(), rules.ranks());
    let seen = move |color: Color, square: usize| {
        let (rank, file) = (square / files, square % files);
        let rank = if color == Color::White { rank } else { ranks - 1 - rank };
        rank * files + if mirrored { files - 1 - file } else { file }
    };
    Color::ALL.into_iter().flat_map(move |color| {
        rules.pieces().iter().enumerate().flat_map(move |(i, piece)| {
            squares(position.pieces(color, PieceType(i as u8))).map(move |s| (piece.letter, seen(color, s.index())))
        })
    })
}

/// Pearson's correlation; `None` where one side does not vary.
fn correlation(points: &[(f64, f64)]) -> Option<f64> {
    let n = points.len() as f64;
    let (mx, my) = (points.iter().map(|p| p.0).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n);
    let sum = |f: &dyn Fn(&(f64, f64)) -> f64| points.iter().map(f).sum::<f64>();
    let (xx, yy, xy) = (sum(&|p| (p.0 - mx).powi(2)), sum(&|p| (p.1 - my).powi(2)), sum(&|p| (p.0 - mx) * (p.1 - my)));
    (xx > 0.0 && yy > 0.0).then(|| xy / (xx * yy).sqrt())
}
