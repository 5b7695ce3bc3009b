//! Questions at fixed positions: what an arm would play there, what that is worth, and whether it was to be foreseen.
//!
//! `probes.jsonl` grows by a line per cell and evaluator seed, in a fixed order, as `results.jsonl` does by pairs.

use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;
use rules::Game;

use crate::arms::Arm;
use crate::error::RegimeError;
use crate::log;
use crate::oracle::Oracle;
use crate::results::ProbeRow;
use crate::run::{Progress, Stress};
use crate::suite::{Judge, Probe};

/// The most positions that a game may have to be solved.
const MOST_POSITIONS: usize = 3_000_000;

/// One cell of one evaluator seed.
struct Cell<'a> {
    probe: &'a Probe,
    shift: usize,
    arm: Arm,
    point: u32,
    playouts: u32,
    seed: u32,
}

/// What an arm answered at one position, all from 0 to 1.
struct Answer {
    /// Worth of the chosen move.
    worth: f64,
    /// Worth of the best one.
    best: f64,
    /// What the arm itself expected.
    estimate: Option<f64>,
}

/// What every legal move of some positions is worth to the mover, 0 to 1, in the order of the legal moves.
type Worths = Vec<Vec<f64>>;

impl Stress {
    fn probe_cells(&self) -> Vec<Cell<'_>> {
        let mut cells = Vec::new();
        for probe in &self.suite.probes {
            for (shift, _) in self.suite.shifts.iter().enumerate().filter(|(_, s)| probe.shifts.contains(&s.name)) {
                for seed in 0..self.seeds(probe.seeds, shift) {
                    let asked = |arm: &Arm| self.can_play(shift, *arm) && seed < self.selections(shift, *arm);
                    for arm in probe.arms.iter().copied().filter(asked) {
                        for point in self.points(shift, arm) {
                            for playouts in probe.playouts.iter().copied() {
                                cells.push(Cell { probe, shift, arm, point, playouts, seed });
                            }
                        }
                    }
                }
            }
        }
        cells
    }

    /// Solves the games that probes judge by, so that one that cannot be solved is refused before anything is played. Takes seconds.
    pub(crate) fn check_probes(&self, folder: &Path) -> Result<(), RegimeError> {
        let answered = log::read(&folder.join("probes.jsonl"), &self.config, |r: &ProbeRow| &r.config)?.len();
        let mut solved: Option<(&Probe, usize)> = None;
        for cell in self.probe_cells().iter().skip(answered).filter(|cell| cell.probe.judge == Judge::Exact) {
            if solved != Some((cell.probe, cell.shift)) {
                self.questions(cell.probe, cell.shift)?;
                solved = Some((cell.probe, cell.shift));
            }
        }
        Ok(())
    }

    /// Asks what `folder` does not hold the answers to yet.
    pub(crate) fn run_probes(
        &self,
        folder: &Path,
        progress: &(dyn Fn(&Progress) + Sync),
    ) -> Result<Vec<ProbeRow>, RegimeError> {
        let cells = self.probe_cells();
        let path = folder.join("probes.jsonl");
        let mut rows: Vec<ProbeRow> = log::read(&path, &self.config, |r: &ProbeRow| &r.config)?;
        rows.truncate(cells.len());
        for (i, (cell, row)) in cells.iter().zip(&rows).enumerate() {
            let named = (&row.probe, &row.shift, row.arm.as_str())
                == (&cell.probe.name, &self.suite.shifts[cell.shift].name, cell.arm.name());
            let numbers = [row.score, row.truth.unwrap_or(0.0), row.estimate.unwrap_or(0.0)];
            let sound = numbers.iter().all(|number| (0.0..=1.0).contains(number));
            if !named || !sound || (row.point, row.playouts, row.seed) != (cell.point, cell.playouts, cell.seed) {
                return Err(log::damaged_row(&path, i, "is not the answer that was to follow"));
            }
        }
        let mut log = log::Writer::create(&path, &rows)?;
        let mut asked: Option<(&Probe, usize, Vec<Game>, Option<Oracle>)> = None;
        let mut judged: Option<(u32, Worths)> = None;
        for (i, cell) in cells.iter().enumerate().skip(rows.len()) {
            let (probe, shift) = (cell.probe, cell.shift);
            if asked.as_ref().is_none_or(|(p, s, ..)| (*p, *s) != (probe, shift)) {
                let (games, oracle) = self.questions(probe, shift)?;
                (asked, judged) = (Some((probe, shift, games, oracle)), None);
            }
            let (_, _, games, oracle) = asked.as_ref().expect("just made");
            if judged.as_ref().is_none_or(|(seed, _)| *seed != cell.seed) {
                judged = Some((cell.seed, self.judge(cell, games, oracle.as_ref())));
            }
            let row = self.answer(cell, games, &judged.as_ref().expect("just made").1);
            log.append(std::slice::from_ref(&row))?;
            rows.push(row);
            let label = format!("probe {}: {} in {}", probe.name, cell.arm.name(), self.suite.shifts[shift].name);
            progress(&Progress { done: i as u64 + 1, total: cells.len() as u64, label });
        }
        Ok(rows)
    }

    /// The positions of a probe, and the solved game where that is what judges.
    fn questions(&self, probe: &Probe, shift: usize) -> Result<(Vec<Game>, Option<Oracle>), RegimeError> {
        let rules = self.cast(shift, 0, None).true_rules;
        let game = |position| Game::from_position(Arc::clone(rules), position);
        if probe.judge == Judge::Exact {
            let oracle = Oracle::solve(rules, &rules.start(), MOST_POSITIONS)
                .map_err(|error| RegimeError::Oracle { probe: probe.name.clone(), error })?;
            let positions = oracle.decisions(probe.positions as usize);
            return Ok((positions.into_iter().map(game).collect(), Some(oracle)));
        }
        let all: Vec<Game> = self.source_positions(shift)?.into_iter().map(|(position, _)| game(position)).collect();
        let open: Vec<Game> = all.into_iter().filter(|g| g.outcome().is_none() && g.legal().len() > 1).collect();
        let wanted = (probe.positions as usize).min(open.len());
        Ok(((0..wanted).map(|i| open[i * open.len() / wanted].clone()).collect(), None))
    }

    fn judge(&self, cell: &Cell, games: &[Game], oracle: Option<&Oracle>) -> Worths {
        let worth_after = |game: &Game, judge: &mut dyn FnMut(&Game) -> f64| -> Vec<f64> {
            let of = |mv: &rules::Move| {
                let mut next = game.clone();
                next.play(*mv);
                next.outcome().map_or_else(|| 1.0 - judge(&next), |o| score(o.for_color(game.position().turn())))
            };
            game.legal().iter().map(of).collect()
        };
        match (cell.probe.judge, oracle) {
            (Judge::Agent, _) => {
                let cast = self.cast(cell.shift, cell.seed, None);
                let chosen = |game: &Game| {
                    let mut agent = cast.player(Arm::Frozen, cell.probe.judge_playouts);
                    agent.new_game(0);
                    let choice = agent.choose(game).expect("only external engines fail").mv;
                    game.legal().iter().map(|mv| f64::from(u8::from(*mv == choice))).collect()
                };
                games.par_iter().map(chosen).collect()
            }
            (_, Some(oracle)) => {
                let value = |next: &Game| score(oracle.value(next.position()).unwrap_or(0).into());
                games.par_iter().map(|game| worth_after(game, &mut |next| value(next))).collect()
            }
            (_, None) => {
                let cast = self.cast(cell.shift, (cell.seed + 1) % self.seeds(None, cell.shift), None);
                let judged = |game: &Game| {
                    let mut judge = cast.player(Arm::Reselected, cell.probe.judge_playouts);
                    worth_after(game, &mut |next| {
                        judge.new_game(0);
                        let choice = judge.choose(next).expect("only external engines fail");
                        f64::midpoint(f64::from(choice.estimate.unwrap_or(0.0)), 1.0)
                    })
                };
                games.par_iter().map(judged).collect()
            }
        }
    }

    fn answer(&self, cell: &Cell, games: &[Game], worths: &Worths) -> ProbeRow {
        let cast = self.cast(cell.shift, cell.seed, Some((cell.arm, cell.point)));
        let asked: Vec<Answer> = games
            .par_iter()
            .zip(worths)
            .map(|(game, worths)| {
                let mut player = cast.player(cell.arm, cell.playouts);
                player.new_game(0);
                let choice = player.choose(game).expect("only external engines fail");
                let chosen = game.legal().iter().position(|mv| *mv == choice.mv).expect("choices are legal");
                Answer {
                    worth: worths[chosen],
                    best: worths.iter().copied().fold(0.0, f64::max),
                    estimate: choice.estimate.map(|e| f64::midpoint(f64::from(e), 1.0)),
                }
            })
            .collect();
        let mean = |of: fn(&Answer) -> f64| asked.iter().map(of).sum::<f64>() / asked.len().max(1) as f64;
        let foreseen = cell.probe.judge == Judge::Agent;
        ProbeRow {
            probe: cell.probe.name.clone(),
            shift: self.suite.shifts[cell.shift].name.clone(),
            arm: cell.arm.name().to_owned(),
            point: cell.point,
            playouts: cell.playouts,
            seed: cell.seed,
            positions: games.len() as u32,
            score: if foreseen { mean(|a| a.worth) } else { mean(|a| a.best - a.worth) },
            truth: (!foreseen).then(|| mean(|a| a.best)),
            estimate: asked.iter().all(|a| a.estimate.is_some()).then(|| mean(|a| a.estimate.unwrap_or(0.5))),
            weights: cast.network(cell.arm).map_or(String::new(), |n| n.hash().to_owned()),
            config: self.config.clone(),
        }
    }
}

/// A result for one side as a score.
fn score(result: i32) -> f64 {
    f64::from(result + 1) / 2.0
}
