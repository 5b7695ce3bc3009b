//! How many pairs of games a suite asks for, told from the suite alone: for those who follow a run without its weight files.

use super::{Agent, Shift, Suite};

/// The pairs of one match under one shift with one number of playouts, over all evaluators, rivals and points of a curve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned<'a> {
    /// Name of the experiment.
    pub experiment: &'a str,
    /// Name of the shift.
    pub shift: &'a str,
    /// The agent under test.
    pub agent: &'a str,
    /// The agent that it is measured against.
    pub opponent: &'a str,
    /// Playouts per move of the agent.
    pub playouts: u32,
    /// Playouts per move of the opponent.
    pub opponent_playouts: u32,
    /// Pairs of games.
    pub pairs: u64,
}

impl Suite {
    /// All matches in the order in which they are played. Those of external engines are counted as if the engine could play.
    #[must_use]
    pub fn planned(&self) -> Vec<Planned<'_>> {
        let mut all = Vec::new();
        for experiment in &self.experiments {
            for shift in self.shifts.iter().filter(|shift| experiment.covers(shift)) {
                for (agent, opponent) in &experiment.matches {
                    let possible = [agent, opponent].iter().all(|name| self.missing_role(shift, name).is_none());
                    let (Some(first), Some(second), true) = (self.agent(agent), self.agent(opponent), possible) else {
                        continue;
                    };
                    let inherited = self.files_at_points(shift, &self.evaluators).first().copied().unwrap_or(0);
                    let wanted = experiment.evaluators.map_or(inherited, |count| count.clamp(1, inherited.max(1)));
                    let curve =
                        self.curve_role(first).map(|role| self.files_at_points(shift, role)).unwrap_or_default();
                    let evaluators = wanted.min(curve.iter().copied().min().unwrap_or(u32::MAX));
                    let rivals = experiment.rivals.unwrap_or(1).min(self.rival_files(shift, second).max(1));
                    let cells = curve.len().max(1) as u64 * u64::from(evaluators) * u64::from(rivals);
                    all.extend(experiment.playouts.iter().map(|playouts| Planned {
                        experiment: &experiment.name,
                        shift: &shift.name,
                        agent,
                        opponent,
                        playouts: *playouts,
                        opponent_playouts: experiment.opponent_playouts.unwrap_or(*playouts),
                        pairs: cells * u64::from(experiment.pairs),
                    }));
                }
            }
        }
        all
    }

    /// The number of files of a role under a shift at each of its points, by point.
    fn files_at_points(&self, shift: &Shift, role: &str) -> Vec<u32> {
        let bound = self.bound_files(shift, role);
        bound.map(|binding| binding.points.values().map(|files| files.len() as u32).collect()).unwrap_or_default()
    }

    /// The number of independent selections of an opponent; 0 if it needs no file.
    fn rival_files(&self, shift: &Shift, agent: &Agent) -> u32 {
        let count = |role: &str| {
            let own = self.files_at_points(shift, role);
            let stands_in = self.role(role).and_then(|role| role.where_unchanged.as_deref());
            let files = match (own.is_empty(), stands_in) {
                (true, Some(other)) => self.files_at_points(shift, other),
                _ => own,
            };
            files.first().copied().unwrap_or(0)
        };
        agent.roles().map(count).max().unwrap_or(0)
    }
}
