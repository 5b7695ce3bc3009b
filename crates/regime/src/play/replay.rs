//! A game of each shift that is kept for replay.

use arena::GameRecord;
use rules::Color;

use super::cells::Cell;
use super::prepare::Stress;
use crate::error::RegimeError;
use crate::rows::{ReplayGame, share};

/// Rounds among which the game to replay is chosen.
const ROUNDS: u32 = 8;

impl Stress {
    /// The game of a shift that is kept, between the first agent and opponent of the suite's `replay` that meet there: the one in which the agent misjudged
    /// its chances most.
    pub(crate) fn replay(&self, shift: usize) -> Result<Option<ReplayGame>, RegimeError> {
        let Some(cell) = self.replay_cell(shift) else { return Ok(None) };
        let rounds = self.play(&cell, cell.experiment.pairs.min(ROUNDS), &|_| {})?;
        let mistaken = |game: &GameRecord, color: Color| {
            let own: Vec<f32> = game.choices_of(color).filter_map(|c| c.estimate).collect();
            let mean = own.iter().sum::<f32>() / own.len().max(1) as f32;
            mean - game.worth(color)
        };
        let games = rounds.iter().flat_map(|r| [(&r.games[0], Color::White), (&r.games[1], Color::Black)]);
        let worst = games.max_by(|(a, c), (b, d)| mistaken(a, *c).total_cmp(&mistaken(b, *d)));
        Ok(worst.map(|(game, color)| self.record(&cell, game, color)))
    }

    fn replay_cell(&self, shift: usize) -> Option<Cell<'_>> {
        let changed = &self.suite.shifts[shift];
        self.suite.replay.iter().find_map(|(agent, opponent)| {
            let meets = |(a, b): &(String, String)| (a, b) == (agent, opponent);
            let with = |e: &&crate::suite::Experiment| e.covers(changed) && e.matches.iter().any(meets);
            let experiment = self.suite.experiments.iter().find(with)?;
            let [agent, opponent] = [self.suite.agent(agent)?, self.suite.agent(opponent)?];
            let playouts = experiment.playouts[0];
            let possible = self.can_play(shift, agent) && self.can_play(shift, opponent);
            possible.then_some(Cell {
                experiment,
                shift,
                agent,
                opponent,
                playouts,
                opponent_playouts: experiment.opponent_playouts.unwrap_or(playouts),
                point: self.points(shift, agent)[0],
                evaluator: 0,
                rival: 0,
            })
        })
    }

    fn record(&self, cell: &Cell<'_>, game: &GameRecord, own: Color) -> ReplayGame {
        let rules = &game.rules;
        let mut position = game.start;
        let mut fens = vec![rules.fen(&position)];
        for mv in &game.moves {
            rules.play(&mut position, *mv);
            fens.push(rules.fen(&position));
        }
        let opening = game.moves.iter().take(game.opening_plies).map(|_| None);
        let estimate = |value: f32| share(f64::midpoint(f64::from(value), 1.0));
        let estimates = opening.chain(game.choices.iter().map(|c| c.estimate.map(estimate)));
        let (agent, opponent) = (cell.agent.name.clone(), cell.opponent.name.clone());
        let (white, black) = if own == Color::White { (agent, opponent) } else { (opponent, agent) };
        ReplayGame {
            shift: self.suite.shifts[cell.shift].name.clone(),
            white,
            black,
            playouts: cell.playouts,
            fens,
            moves: rules.uci_line(&game.start, &game.moves),
            opening_plies: game.opening_plies as u32,
            estimates: estimates.collect(),
            result: game.outcome.to_string(),
        }
    }
}
