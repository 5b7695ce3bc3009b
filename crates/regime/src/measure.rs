//! How far apart two regimes are, measured at positions of play that no evaluator has steered.

use std::collections::BTreeMap;
use std::sync::Arc;

use arena::{MatchConfig, run_match};
use evaluator::{Evaluator as _, NetworkEvaluator};
use rules::{Color, Game, PieceType, Position, Rules, squares};

use crate::arms::Arm;
use crate::error::RegimeError;
use crate::run::{MAX_PLIES, Stress};

/// Playouts of the random-rollout player whose games are measured.
const PLAYOUTS: u32 = 32;
/// Pairs of its games; the first of each is measured.
pub(crate) const PAIRS: u32 = 20;

/// Positions with the result for the side to move.
pub(crate) type Source = Vec<(Position, i8)>;

impl Stress {
    /// Positions after the openings of games that the random-rollout player plays against itself under the true rules, with the
    /// result for the side to move: play that no evaluator has steered.
    pub(crate) fn source_positions(&self, shift: usize) -> Result<Source, RegimeError> {
        let cast = self.cast(shift, 0, None);
        let config = MatchConfig {
            seed: self.suite.seed,
            max_plies: MAX_PLIES,
            ..MatchConfig::new(Arc::clone(cast.true_rules), self.openings(shift, 0, PAIRS)?)
        };
        let rollout = || cast.player(Arm::Rollout, PLAYOUTS);
        let mut positions = Vec::new();
        run_match(&config, &rollout, &rollout, &mut |round, _| {
            let record = &round.games[0];
            let mut position = record.start;
            for (ply, mv) in record.moves.iter().enumerate() {
                if ply >= record.opening_plies {
                    positions.push((position, record.outcome.for_color(position.turn()) as i8));
                }
                record.rules.play(&mut position, *mv);
            }
        })?;
        Ok(positions)
    }

    /// Correlation of the inherited evaluator's value with the result under the new rules: what the inherited judgement is still
    /// worth where nobody follows it.
    pub(crate) fn value_correlation(&self, shift: usize, source: &Source) -> Option<f64> {
        let cast = self.cast(shift, 0, None);
        let mut evaluator =
            NetworkEvaluator::relabelled(Arc::clone(cast.frozen), cast.true_rules, cast.relabel.cloned())
                .expect("checked");
        let mut points = Vec::new();
        for (position, result) in source {
            let game = Game::from_position(Arc::clone(cast.true_rules), *position);
            let mut priors = vec![0.0; game.legal().len()];
            let value = evaluator.evaluate(game.rules(), game.position(), game.legal(), &mut priors);
            points.push((f64::from(value), f64::from(*result)));
        }
        correlation(&points)
    }

    /// How unusual the positions under a shift are, in bits per man: minus the binary logarithm of how often a man of its kind stands
    /// on its square, as its owner sees it, in games before the change (plus one, to leave nothing impossible), averaged over men.
    pub(crate) fn surprise(&self, shift: usize, sources: &[Source]) -> Option<f64> {
        let ground = self.stages[shift].ground;
        let unchanged = |i: &usize| self.stages[*i].ground == ground && self.suite.shifts[*i].edit.is_empty();
        let old = (0..self.stages.len()).find(unchanged)?;
        let (before, after) = (&sources[old], &sources[shift]);
        let mirrored = self.stages[shift].relabel.is_some();
        let mut counts: BTreeMap<(char, usize), u32> = BTreeMap::new();
        for (position, _) in before {
            men(&self.stages[old].rules, position, false).for_each(|man| *counts.entry(man).or_default() += 1);
        }
        let bits = |man| {
            let often = f64::from(counts.get(&man).copied().unwrap_or(0) + 1);
            libm::log2((before.len() + 1) as f64 / often)
        };
        let all: Vec<f64> = after
            .iter()
            .flat_map(|(position, _)| men(&self.stages[shift].rules, position, mirrored).map(bits))
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
