//! What a run adds up to: the summary with its cells, exact nulls, replayable games and what the inherited judgement is still worth.

use std::collections::HashMap;

use rules::Color;
use sha2::{Digest as _, Sha256};

use crate::arms::Arm;
use crate::error::RegimeError;
use crate::evidence::Evidence;
use crate::models::Model;
use crate::results::{GameRecord, PairRow, ProbeRow, RunCard, ShiftCard, Summary};
use crate::rocket;
use crate::run::{Cell, Stress};
use crate::summary::{summarise, summarise_probes};

/// Rounds among which the game to replay is chosen.
const REPLAY_ROUNDS: usize = 8;

impl Stress {
    pub(crate) fn summary(&self, rows: &[PairRow], probes: &[ProbeRow], command: &str) -> Result<Summary, RegimeError> {
        let headline = self.suite.experiments.first();
        let sources = (0..self.stages.len()).map(|i| self.source_positions(i)).collect::<Result<Vec<_>, _>>()?;
        let mut shifts = Vec::new();
        let mut games = Vec::new();
        for (i, (shift, stage)) in self.suite.shifts.iter().zip(&self.stages).enumerate() {
            shifts.push(ShiftCard {
                name: shift.name.clone(),
                variant: self.suite.base(shift).to_owned(),
                family: shift.family.clone(),
                hypothesis: shift.hypothesis.clone(),
                edit: shift.edit_pairs(),
                start_fen: stage.rules.start_fen().to_owned(),
                rules: stage.rules.hash().to_owned(),
                relabelled: shift.relabelled,
                value_correlation: self.value_correlation(i, &sources[i]),
                surprise: self.surprise(i, &sources),
                dose: shift.dose.as_ref().map(|d| (d.dial.clone(), d.level)),
                after_ply: shift.after_ply,
            });
            games.extend(self.replay(i)?);
        }
        let card = |m: &Model| {
            (m.file.clone(), m.card.weights.clone(), format!("{}: {}", m.card.variant, m.card.lineage.command))
        };
        let mut models: Vec<_> = self.models().map(card).collect();
        let engine = self.stages.iter().find_map(|s| s.engine.as_ref());
        models.extend(engine.map(|e| (e.name(), String::new(), e.engine_id().unwrap_or_default().to_owned())));
        let ground = &self.grounds[0];
        let exact_nulls = self.exact_nulls(rows);
        let broken = exact_nulls.iter().any(|(_, held)| !held);
        let evidence = Evidence::new(&self.suite, rows, probes, &shifts);
        let (findings, shift_verdicts) = (evidence.findings(broken), evidence.shifts(broken));
        let (monitored, deployments) = (evidence.monitored().to_vec(), evidence.deployments().to_vec());
        let claims: Vec<_> = self.suite.shifts.iter().map(|s| (&s.name, &s.hypothesis, s.expect)).collect();
        let claims = serde_json::to_vec(&(&self.suite.hypotheses, claims)).expect("plain data");
        Ok(Summary {
            run: RunCard {
                suite: self.suite.name.clone(),
                title: self.suite.title.clone(),
                variant: self.suite.variant.clone(),
                board: (ground.rules.files() as u32, ground.rules.ranks() as u32),
                command: command.to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                config: self.config.clone(),
                models,
                playouts: headline.map_or(0, |e| e.playouts[0]),
                pairs: headline.map_or(0, |e| e.pairs),
                seeds: ground.frozen.len() as u32,
            },
            findings,
            shift_verdicts,
            monitored,
            deployments,
            shifts,
            rows: summarise(rows),
            probes: summarise_probes(probes),
            games,
            rocket: self.suite.rocket.then(|| rocket::run(self.suite.seed)),
            hypotheses: Sha256::digest(&claims).iter().map(|b| format!("{b:02x}")).collect(),
            exact_nulls,
        })
    }

    /// For each relabelled shift: whether every pair went exactly as its twin under the unchanged rules.
    fn exact_nulls(&self, rows: &[PairRow]) -> Vec<(String, bool)> {
        self.suite
            .shifts
            .iter()
            .filter(|s| s.relabelled || s.inert)
            .map(|shift| {
                // Who sees the rules sees the inert one.
                let blind = |r: &PairRow| ![&r.arm, &r.opponent].iter().any(|arm| arm.starts_with("conditioned"));
                let of = |name: &str| -> Vec<_> {
                    rows.iter().filter(|r| r.shift == name && blind(r)).map(|r| (twin_key(r), r)).collect()
                };
                let unchanged: HashMap<_, &PairRow> = of("none").into_iter().collect();
                let rows = of(&shift.name);
                let same = rows.iter().all(|(key, r)| {
                    unchanged.get(key).is_some_and(|u| {
                        (r.score, &r.results, r.plies, r.confidence) == (u.score, &u.results, u.plies, u.confidence)
                    })
                });
                (shift.name.clone(), same && !rows.is_empty())
            })
            .collect()
    }

    /// A game of the frozen evaluator against the reselected one: the one in which it was most mistaken about its chances.
    fn replay(&self, shift: usize) -> Result<Option<GameRecord>, RegimeError> {
        let changed = &self.suite.shifts[shift];
        let covering = self.suite.experiments.iter().find(|e| e.covers(changed));
        let Some(experiment) = covering else { return Ok(None) };
        let opponents = [Arm::Reselected, Arm::Zero];
        let opponent = opponents.into_iter().find(|o| experiment.matches.contains(&(Arm::Frozen, *o)));
        let Some(opponent) = opponent else { return Ok(None) };
        let cell = Cell {
            experiment,
            shift,
            arm: Arm::Frozen,
            opponent,
            playouts: experiment.playouts[0],
            opponent_playouts: experiment.playouts[0],
            games: 0,
            seed: 0,
        };
        let rounds = self.play(&cell, experiment.pairs.min(REPLAY_ROUNDS as u32), &|_| {})?;
        let mistaken = |game: &arena::GameRecord, color: Color| {
            let own: Vec<f32> = game.choices_of(color).filter_map(|c| c.estimate).collect();
            let mean = own.iter().sum::<f32>() / own.len().max(1) as f32;
            mean - game.outcome.for_color(color) as f32
        };
        let games = rounds.iter().flat_map(|r| [(&r.games[0], Color::White), (&r.games[1], Color::Black)]);
        let worst = games.max_by(|(a, c), (b, d)| mistaken(a, *c).total_cmp(&mistaken(b, *d)));
        Ok(worst.map(|(game, color)| self.record(&changed.name, game, color, opponent, cell.playouts)))
    }

    fn record(&self, shift: &str, game: &arena::GameRecord, frozen: Color, opponent: Arm, playouts: u32) -> GameRecord {
        let rules = &game.rules;
        let mut position = game.start;
        let mut fens = vec![rules.fen(&position)];
        for mv in &game.moves {
            rules.play(&mut position, *mv);
            fens.push(rules.fen(&position));
        }
        let opening = game.moves.iter().take(game.opening_plies).map(|_| None);
        let estimates = opening.chain(game.choices.iter().map(|c| c.estimate.map(|v| f64::from(v + 1.0) / 2.0)));
        let (frozen_name, opponent) = (Arm::Frozen.name().to_owned(), opponent.name().to_owned());
        let (white, black) = if frozen == Color::White { (frozen_name, opponent) } else { (opponent, frozen_name) };
        GameRecord {
            shift: shift.to_owned(),
            white,
            black,
            playouts,
            fens,
            moves: rules.uci_line(&game.start, &game.moves),
            opening_plies: game.opening_plies as u32,
            estimates: estimates.collect(),
            result: game.outcome.to_string(),
        }
    }
}

/// What makes two pairs twins across shifts.
fn twin_key(r: &PairRow) -> (&str, &str, &str, u32, u32, u32, u32) {
    (&r.experiment, &r.arm, &r.opponent, r.playouts, r.games, r.seed, r.pair)
}
