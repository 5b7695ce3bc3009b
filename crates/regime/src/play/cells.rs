//! Which cells a suite asks for, in the order in which they are played.

use super::prepare::Stress;
use crate::suite::{Agent, Experiment};

/// A cell of matches: one match under one shift with one number of playouts, of one evaluator against one rival.
#[derive(Clone, Copy)]
pub(crate) struct Cell<'a> {
    pub(crate) experiment: &'a Experiment,
    pub(crate) shift: usize,
    pub(crate) agent: &'a Agent,
    pub(crate) opponent: &'a Agent,
    pub(crate) playouts: u32,
    pub(crate) opponent_playouts: u32,
    /// Point of the agent's curve; 0 if it is none.
    pub(crate) point: u32,
    /// Number of the inherited evaluator, from 0.
    pub(crate) evaluator: u32,
    /// Number of the opponent's independent selection. Numbers beyond the last begin again at the first.
    pub(crate) rival: u32,
}

impl Stress {
    pub(crate) fn cells(&self) -> Vec<Cell<'_>> {
        let mut cells = Vec::new();
        for experiment in &self.suite.experiments {
            for (shift, _) in self.suite.shifts.iter().enumerate().filter(|(_, s)| experiment.covers(s)) {
                for (agent, opponent) in &experiment.matches {
                    let [agent, opponent] =
                        [agent, opponent].map(|name| self.suite.agent(name).expect("checked with the suite"));
                    // An agent without a file can only be met where `where_possible` leaves its matches out: other suites were refused.
                    if self.can_play(shift, agent) && self.can_play(shift, opponent) {
                        self.add_cells(&mut cells, experiment, shift, agent, opponent);
                    }
                }
            }
        }
        cells
    }

    fn add_cells<'a>(
        &'a self,
        cells: &mut Vec<Cell<'a>>,
        experiment: &'a Experiment,
        shift: usize,
        agent: &'a Agent,
        opponent: &'a Agent,
    ) {
        let evaluators =
            self.count(experiment.evaluators, shift).min(self.selections(shift, agent).unwrap_or(u32::MAX));
        let rivals = experiment.rivals.unwrap_or(1).min(self.rivals(shift, opponent).max(1));
        for playouts in experiment.playouts.iter().copied() {
            for point in self.points(shift, agent) {
                for evaluator in 0..evaluators {
                    for rival in 0..rivals {
                        cells.push(Cell {
                            experiment,
                            shift,
                            agent,
                            opponent,
                            playouts,
                            opponent_playouts: experiment.opponent_playouts.unwrap_or(playouts),
                            point,
                            evaluator,
                            rival: evaluator + rival,
                        });
                    }
                }
            }
        }
    }

    /// Number of inherited evaluators that an experiment or probe is made with.
    pub(crate) fn count(&self, wanted: Option<u32>, shift: usize) -> u32 {
        let all = self.evaluators(shift);
        wanted.map_or(all, |count| count.clamp(1, all))
    }

    /// Number of the opponent's selection in rows: 0 where it needs no file.
    pub(crate) fn rival_number(&self, cell: &Cell<'_>) -> u32 {
        match self.rivals(cell.shift, cell.opponent) {
            0 => 0,
            selections => cell.rival % selections,
        }
    }
}

/// How many of the first `rows` rows belong to cells that are complete.
pub(crate) fn whole_cells(cells: &[Cell<'_>], rows: usize) -> usize {
    let mut whole = 0;
    for cell in cells {
        let end = whole + cell.experiment.pairs as usize;
        if end > rows {
            break;
        }
        whole = end;
    }
    whole
}
