//! Agents that watch their own errors over the games of a cell and leave the games after an alarm to another agent.
//!
//! Games do not depend on each other. So the games of such an agent are those of the first agent up to the alarm and those of the other one after it.

use arena::Round;
use rules::Color;

use super::cells::Cell;
use super::prepare::Stress;
use crate::error::RegimeError;
use crate::monitor::{Calibrated, SeenGame};
use crate::suite::{Alarm, Reconsiders};

impl Stress {
    /// The monitor of a cell's agent, if it has one.
    pub(crate) fn alarm<'a>(&self, cell: &Cell<'a>) -> Option<&'a Alarm> {
        match cell.agent.reconsiders() {
            Reconsiders::Alarm(alarm) => Some(alarm),
            _ => None,
        }
    }

    /// Rounds of the agent until its alarm, then those of the agent that plays on. The detector is calibrated on as many games under the unchanged rules of
    /// the shift's base. An alarm within a pair acts from the next pair on.
    pub(crate) fn play_until_alarm(
        &self,
        cell: &Cell<'_>,
        alarm: &Alarm,
        finished: &(dyn Fn(u64) + Sync),
    ) -> Result<Vec<Round>, RegimeError> {
        let pairs = cell.experiment.pairs;
        let unchanged = self.suite.unchanged(self.shifts[cell.shift].base);
        let before = unchanged
            .map(|shift| Cell { shift, ..*cell })
            .filter(|cell| self.can_play(cell.shift, cell.agent) && self.can_play(cell.shift, cell.opponent));
        let Some(before) = before else {
            return Err(self.wrong_shift(
                cell.shift,
                format!(
                    "agent `{}` calibrates its monitor on unchanged rules, and no shift of this variant is unchanged",
                    cell.agent.name
                ),
            ));
        };
        let calibration = self.play(&before, pairs, &|_| {})?;
        let watched = self.play(cell, pairs, finished)?;
        let detector = Calibrated::new(alarm.detector, &seen(&calibration), u64::from(cell.evaluator));
        let Some(game) = detector.delay(&seen(&watched)) else { return Ok(watched) };
        let then = self.suite.agent(&alarm.then).expect("checked with the suite");
        let after = self.play(&cell.with_agent(then), pairs, &|_| {})?;
        let switch = game.div_ceil(2);
        Ok(watched.into_iter().take(switch).chain(after.into_iter().skip(switch)).collect())
    }
}

/// Errors and drift of the first player's games, in order.
fn seen(rounds: &[Round]) -> Vec<SeenGame> {
    let games = rounds.iter().flat_map(|round| [(&round.games[0], Color::White), (&round.games[1], Color::Black)]);
    let of = |(game, color): (&arena::GameRecord, Color)| {
        let own: Vec<f64> =
            game.choices_of(color).filter_map(|c| c.estimate).map(|v| f64::from(v + 1.0) / 2.0).collect();
        let score = f64::midpoint(f64::from(game.worth(color)), 1.0);
        let mean = |values: Vec<f64>| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
        SeenGame {
            error: mean(own.iter().map(|e| (e - score).powi(2)).collect()),
            drift: mean(own.windows(2).map(|w| (w[1] - w[0]).powi(2)).collect()),
        }
    };
    games.map(of).collect()
}
