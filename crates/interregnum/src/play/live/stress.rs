//! A stress run: cells that fill with pairs of games, speed, time left, the newest pairs.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::time::Instant;

use arena::stats::PairMeans;
use regime::Suite;
use regime::rows::{PairRow, RunCard};
use serde_json::{Value, json};

use super::tail::Tail;
use crate::play::rules::RulesSpec;
use crate::play::shifts::{base_rules, shift_rules};

/// The largest `run.json` that is read, in bytes.
const MAX_CARD_BYTES: u64 = 1 << 26;
/// The most rows of the log that are taken in at one look, so that a page is answered soon.
const LOOKS: usize = 4;
/// The newest pairs that are shown.
const RECENT: usize = 8;
/// Looks over which the speed is measured.
const SPEED: usize = 60;
/// The most cells that are kept.
const MAX_CELLS: usize = 20_000;

/// A match under a shift with a number of playouts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    experiment: String,
    shift: String,
    agent: String,
    opponent: String,
    playouts: u32,
}

impl Key {
    fn of(row: &PairRow) -> Key {
        Key {
            experiment: row.experiment.clone(),
            shift: row.shift.clone(),
            agent: row.agent.clone(),
            opponent: row.opponent.clone(),
            playouts: row.playouts,
        }
    }
}

/// What was read so far.
#[derive(Default)]
pub(super) struct Stress {
    log: Tail,
    card: Option<(String, Suite)>,
    finished: bool,
    cells: BTreeMap<Key, PairMeans>,
    recent: VecDeque<PairRow>,
    pairs: u64,
    /// Playouts per move times pairs that were played, at some looks.
    work: u64,
    speed: VecDeque<(Instant, u64)>,
    damaged: u64,
}

impl Stress {
    /// How the run stands.
    ///
    /// # Errors
    /// Which file is damaged, and how.
    pub(super) fn look(&mut self, folder: &Path) -> Result<Value, String> {
        self.read_card(folder)?;
        let mut more = true;
        for _ in 0..LOOKS {
            let news = self.log.read(&folder.join("results.jsonl"))?;
            if news.again {
                self.forget();
            }
            news.lines.iter().for_each(|line| self.take(line));
            more = news.more;
            if !more {
                break;
            }
        }
        if self.speed.back().is_none_or(|(at, _)| at.elapsed().as_millis() > 500) {
            self.speed.push_back((Instant::now(), self.work));
            if self.speed.len() > SPEED {
                self.speed.pop_front();
            }
        }
        Ok(self.describe(more))
    }

    fn forget(&mut self) {
        self.cells.clear();
        self.recent.clear();
        self.speed.clear();
        (self.pairs, self.work, self.damaged) = (0, 0, 0);
    }

    fn read_card(&mut self, folder: &Path) -> Result<(), String> {
        if self.finished && self.card.is_some() {
            return Ok(());
        }
        let text =
            files::read_to_string(&folder.join("run.json"), MAX_CARD_BYTES).map_err(|e| format!("run.json: {e}"))?;
        let card: RunCard = serde_json::from_str(&text).map_err(|e| format!("run.json: {e}"))?;
        self.finished = card.finished.is_some();
        if self.card.as_ref().is_none_or(|(identity, _)| *identity != card.identity) {
            let suite = Suite::with_agents(&card.source, &card.suite, &card.agents).map_err(|e| e.to_string())?;
            self.forget();
            self.card = Some((card.identity, suite));
        }
        Ok(())
    }

    fn take(&mut self, line: &str) {
        // The hash that chains a row to the one before is left to those who judge the run.
        let row = serde_json::from_str::<serde_json::Map<String, Value>>(line).ok().and_then(|mut row| {
            row.remove("chain");
            serde_json::from_value::<PairRow>(Value::Object(row)).ok()
        });
        let Some(row) = row.filter(|row| row.check().is_ok()) else {
            self.damaged += 1;
            return;
        };
        let key = Key::of(&row);
        if self.cells.len() >= MAX_CELLS && !self.cells.contains_key(&key) {
            return;
        }
        self.cells.entry(key).or_default().add(row.worth[0], row.worth[1]);
        self.pairs += 1;
        self.work += u64::from(row.playouts) + u64::from(row.opponent_playouts);
        self.recent.push_front(row);
        self.recent.truncate(RECENT);
    }

    fn describe(&self, more: bool) -> Value {
        let Some((identity, suite)) = &self.card else { return json!({ "kind": "none" }) };
        let planned = suite.planned();
        let cost = |p: &regime::suite::Planned<'_>| p.pairs * (u64::from(p.playouts) + u64::from(p.opponent_playouts));
        let (wanted, work): (u64, u64) = (planned.iter().map(|p| p.pairs).sum(), planned.iter().map(cost).sum());
        let pace = self.speed.front().zip(self.speed.back()).filter(|((a, from), (b, to))| b > a && to > from);
        let pace = pace.map(|((a, from), (b, to))| (to - from) as f64 / (*b - *a).as_secs_f64());
        let left = pace.filter(|_| !self.finished).map(|pace| work.saturating_sub(self.work) as f64 / pace);
        let mut experiments: Vec<Value> = Vec::new();
        for experiment in &suite.experiments {
            let of = planned.iter().filter(|p| p.experiment == experiment.name).map(|p| {
                let key = Key {
                    experiment: p.experiment.to_owned(),
                    shift: p.shift.to_owned(),
                    agent: p.agent.to_owned(),
                    opponent: p.opponent.to_owned(),
                    playouts: p.playouts,
                };
                let played = self.cells.get(&key);
                let half = played.filter(|played| played.pairs() > 1).map(|played| {
                    let (low, high) = played.score_interval();
                    (high - low) / 2.0
                });
                json!({
                    "shift": p.shift,
                    "column": format!("{} v {} @{}", p.agent, p.opponent, p.playouts),
                    "pairs": played.map_or(0, PairMeans::pairs),
                    "wanted": p.pairs,
                    "score": played.map(PairMeans::score),
                    "half": half,
                })
            });
            experiments.push(
                json!({ "name": experiment.name, "heading": experiment.heading(), "cells": of.collect::<Vec<_>>() }),
            );
        }
        json!({
            "kind": "stress",
            "title": suite.title,
            "name": suite.name,
            "identity": identity,
            "finished": self.finished,
            "reading": more,
            "damaged": self.damaged,
            "pairs": self.pairs,
            "wanted": wanted,
            "left": left,
            "experiments": experiments,
            "recent": self.recent.iter().map(|row| recent(row, suite)).collect::<Vec<_>>(),
        })
    }
}

/// A pair of games as a page shows it, with its opening for the board.
fn recent(row: &PairRow, suite: &Suite) -> Value {
    let record = suite.shift(&row.shift).map(|shift| {
        let (before, rules): (RulesSpec, RulesSpec) = (base_rules(suite, shift), shift_rules(suite, shift));
        // Under a shift amid the game, the opening is a position.
        if shift.after_ply.is_some() || row.opening.contains('/') {
            return json!({ "fen": row.opening, "before": before, "segments": [{ "rules": rules, "moves": [] }] });
        }
        let moves: Vec<&str> = row.opening.split_whitespace().collect();
        json!({ "before": before, "segments": [{ "rules": rules, "moves": moves }] })
    });
    json!({
        "shift": row.shift,
        "agent": row.agent,
        "opponent": row.opponent,
        "playouts": row.playouts,
        "results": row.results,
        "endings": row.endings,
        "plies": row.plies,
        "score": row.score,
        "record": record,
    })
}
