//! Questions at fixed positions: what an agent plays there, what that is worth, and whether it foresees what another agent plays.
//!
//! `probes.jsonl` grows by a line per cell, which is of one evaluator, in a fixed order.

use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;
use rules::Game;

use super::oracle::Oracle;
use super::prepare::Stress;
use super::run::Progress;
use crate::error::RegimeError;
use crate::rows::{Log, LogEnd, ProbeRow, damaged_row, share};
use crate::suite::{Agent, Measured, Probe};

/// The most positions of a game that is solved.
const MOST_POSITIONS: usize = 3_000_000;

/// A cell of a probe: one agent under one shift with one number of playouts, of one evaluator.
struct Cell<'a> {
    probe: &'a Probe,
    shift: usize,
    agent: &'a Agent,
    point: u32,
    playouts: u32,
    evaluator: u32,
}

/// What an agent answered at one position. All numbers are from 0 to 1.
struct Answer {
    /// Worth of the chosen move.
    worth: f64,
    /// Worth of the best move.
    best: f64,
    /// What the agent itself expected of the position.
    estimate: Option<f64>,
}

/// What every legal move of some positions is worth to the mover, 0 to 1, in the order of the legal moves.
type Worths = Vec<Vec<f64>>;

impl Stress {
    fn probe_cells(&self) -> Vec<Cell<'_>> {
        let mut cells = Vec::new();
        for probe in &self.suite.probes {
            for (shift, _) in self.suite.shifts.iter().enumerate().filter(|(_, s)| probe.covers(s)) {
                let judged = probe.judge.as_ref().and_then(|name| self.suite.agent(name));
                if judged.is_some_and(|judge| !self.can_play(shift, judge)) {
                    continue;
                }
                for evaluator in 0..self.count(probe.evaluators, shift) {
                    let known = |name: &String| self.suite.agent(name).expect("checked with the suite");
                    let asked = |agent: &&Agent| {
                        self.can_play(shift, agent) && evaluator < self.selections(shift, agent).unwrap_or(u32::MAX)
                    };
                    for agent in probe.agents.iter().map(known).filter(asked) {
                        for point in self.points(shift, agent) {
                            for playouts in probe.playouts.iter().copied() {
                                cells.push(Cell { probe, shift, agent, point, playouts, evaluator });
                            }
                        }
                    }
                }
            }
        }
        cells
    }

    /// Solves the games that unanswered probes judge by, so that a game that cannot be solved is refused before anything is played.
    pub(crate) fn check_probes(&self, folder: &Path) -> Result<(), RegimeError> {
        let answered = self.probe_log(folder)?.len();
        let mut solved: Option<(&Probe, usize)> = None;
        let exact = |cell: &&Cell<'_>| cell.probe.measures == Measured::ExactRegret;
        for cell in self.probe_cells().iter().skip(answered).filter(exact) {
            if solved != Some((cell.probe, cell.shift)) {
                self.questions(cell.probe, cell.shift)?;
                solved = Some((cell.probe, cell.shift));
            }
        }
        Ok(())
    }

    /// Asks all questions whose answers `folder` does not hold yet. Returns where their log ends.
    pub(crate) fn run_probes(
        &self,
        folder: &Path,
        progress: &(dyn Fn(&Progress) + Sync),
    ) -> Result<LogEnd, RegimeError> {
        let cells = self.probe_cells();
        let path = folder.join("probes.jsonl");
        let rows = self.probe_log(folder)?;
        for (i, row) in rows.iter().enumerate() {
            let Some(cell) = cells.get(i) else {
                return Err(damaged_row(&path, i, "is an answer too many: all cells of the suite are before it"));
            };
            let rules = self.shifts[cell.shift].rules.hash();
            let weights = self.setting(cell.shift, cell.agent, cell.evaluator, cell.point).weights(cell.agent);
            let names = (row.probe.as_str(), row.shift.as_str(), row.agent.as_str())
                == (&cell.probe.name, &self.suite.shifts[cell.shift].name, &cell.agent.name);
            let numbers = (row.point, row.playouts, row.evaluator) == (cell.point, cell.playouts, cell.evaluator);
            if !names || !numbers || row.rules != rules || row.weights != weights {
                return Err(damaged_row(&path, i, "is not the answer that was to follow"));
            }
            row.check().map_err(|message| damaged_row(&path, i, message))?;
        }
        let mut log = Log::create(&path, &self.card().identity, &rows)?;
        let mut asked: Option<(&Probe, usize, Questions)> = None;
        let mut judged: Option<(u32, Worths)> = None;
        for (i, cell) in cells.iter().enumerate().skip(rows.len()) {
            let (probe, shift) = (cell.probe, cell.shift);
            if asked.as_ref().is_none_or(|(p, s, _)| (*p, *s) != (probe, shift)) {
                (asked, judged) = (Some((probe, shift, self.questions(probe, shift)?)), None);
            }
            let (_, _, questions) = asked.as_ref().expect("just made");
            if judged.as_ref().is_none_or(|(evaluator, _)| *evaluator != cell.evaluator) {
                judged = Some((cell.evaluator, self.judge(cell, questions)));
            }
            let row = self.answer(cell, &questions.games, &judged.as_ref().expect("just made").1);
            log.append(std::slice::from_ref(&row))?;
            let label = format!("probe {}: {} in {}", probe.name, cell.agent.name, self.suite.shifts[shift].name);
            progress(&Progress { done: i as u64 + 1, total: cells.len() as u64, label });
        }
        Ok(log.end().clone())
    }

    /// The positions of a probe, and the solved game where that is what judges.
    fn questions(&self, probe: &Probe, shift: usize) -> Result<Questions, RegimeError> {
        let rules = &self.shifts[shift].rules;
        let game = |position| Game::from_position(Arc::clone(rules), position);
        if probe.measures == Measured::ExactRegret {
            let oracle = Oracle::solve(rules, &rules.start(), MOST_POSITIONS)
                .map_err(|error| RegimeError::Oracle { probe: probe.name.clone(), error })?;
            let games = oracle.decisions(probe.positions as usize).into_iter().map(game).collect();
            return Ok(Questions { games, oracle: Some(oracle) });
        }
        let all: Vec<Game> = self.source_positions(shift)?.into_iter().map(|sampled| game(sampled.position)).collect();
        let open: Vec<Game> = all.into_iter().filter(|g| g.outcome().is_none() && g.legal().len() > 1).collect();
        let wanted = (probe.positions as usize).min(open.len());
        Ok(Questions { games: (0..wanted).map(|i| open[i * open.len() / wanted].clone()).collect(), oracle: None })
    }

    fn judge(&self, cell: &Cell<'_>, questions: &Questions) -> Worths {
        let Questions { games, oracle } = questions;
        let worth_after = |game: &Game, judge: &mut dyn FnMut(&Game) -> f64| -> Vec<f64> {
            let of = |mv: &rules::Move| {
                let mut next = game.clone();
                next.play(*mv);
                let rules = game.rules();
                let ended = next.ending().map(|ending| as_score(rules.worth(ending, game.position().turn())));
                ended.unwrap_or_else(|| 1.0 - judge(&next))
            };
            game.legal().iter().map(of).collect()
        };
        let judge = cell.probe.judge.as_deref().and_then(|name| self.suite.agent(name));
        match (judge, oracle) {
            (Some(agent), _) if cell.probe.measures == Measured::Foresight => {
                let setting = self.setting(cell.shift, agent, cell.evaluator, 0);
                let chosen = |game: &Game| {
                    let mut player = setting.player(agent, cell.probe.judge_playouts);
                    player.new_game(0);
                    let choice = player.choose(game).expect("only external engines fail").mv;
                    game.legal().iter().map(|mv| f64::from(u8::from(*mv == choice))).collect()
                };
                games.par_iter().map(chosen).collect()
            }
            (Some(agent), None) => {
                // The judge plays with the next independent selection: that of the same number may be the one that is asked.
                let setting = self.setting(cell.shift, agent, (cell.evaluator + 1) % self.count(None, cell.shift), 0);
                let judged = |game: &Game| {
                    let mut player = setting.player(agent, cell.probe.judge_playouts);
                    worth_after(game, &mut |next| {
                        player.new_game(0);
                        let choice = player.choose(next).expect("only external engines fail");
                        as_score(choice.estimate.unwrap_or(0.0))
                    })
                };
                games.par_iter().map(judged).collect()
            }
            (_, oracle) => {
                let value = |next: &Game| {
                    let known = oracle.as_ref().and_then(|oracle| oracle.value(next.position()));
                    as_score(f32::from(known.unwrap_or(0)))
                };
                games.par_iter().map(|game| worth_after(game, &mut |next| value(next))).collect()
            }
        }
    }

    fn answer(&self, cell: &Cell<'_>, games: &[Game], worths: &Worths) -> ProbeRow {
        let setting = self.setting(cell.shift, cell.agent, cell.evaluator, cell.point);
        let asked: Vec<Answer> = games
            .par_iter()
            .zip(worths)
            .map(|(game, worths)| {
                let mut player = setting.player(cell.agent, cell.playouts);
                player.new_game(0);
                let choice = player.choose(game).expect("only external engines fail");
                let chosen = game.legal().iter().position(|mv| *mv == choice.mv).expect("choices are legal");
                Answer {
                    worth: worths[chosen],
                    best: worths.iter().copied().fold(0.0, f64::max),
                    estimate: choice.estimate.map(as_score),
                }
            })
            .collect();
        let mean = |of: fn(&Answer) -> f64| share(asked.iter().map(of).sum::<f64>() / asked.len().max(1) as f64);
        let foreseen = cell.probe.measures == Measured::Foresight;
        ProbeRow {
            probe: cell.probe.name.clone(),
            shift: self.suite.shifts[cell.shift].name.clone(),
            agent: cell.agent.name.clone(),
            point: cell.point,
            playouts: cell.playouts,
            evaluator: cell.evaluator,
            positions: games.len() as u32,
            score: if foreseen { mean(|a| a.worth) } else { mean(|a| a.best - a.worth) },
            truth: (!foreseen).then(|| mean(|a| a.best)),
            estimate: asked.iter().all(|a| a.estimate.is_some()).then(|| mean(|a| a.estimate.unwrap_or(0.5))),
            rules: setting.true_rules.hash().to_owned(),
            weights: setting.weights(cell.agent),
        }
    }
}

/// Positions of a probe, and the solved game where that is what judges.
struct Questions {
    games: Vec<Game>,
    oracle: Option<Oracle>,
}

/// A value from -1 to 1 as a score from 0 to 1.
fn as_score(value: f32) -> f64 {
    f64::midpoint(f64::from(value), 1.0)
}
