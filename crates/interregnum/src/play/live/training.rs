//! A training run: strength, losses, speed, time left, and games of its newest generation.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use regime::rows::ReplayGame;
use selection::{Config, Generation, Times, read_times};
use serde_json::{Value, json};

use crate::commands::train_report;
use crate::play::rules::{RuleBook, RulesSpec};

/// The largest configuration that is read, in bytes.
const MAX_CONFIG_BYTES: u64 = 1 << 20;
/// The largest event log that is read, in bytes.
const MAX_LOG_BYTES: u64 = 1 << 26;
/// Generations whose times tell how long the next ones will take.
const RECENT: usize = 5;
/// A run that has written nothing for so many times as long as a generation takes is called still.
const STILL: f64 = 3.0;

/// What was read last, and when it was written.
#[derive(Default)]
pub(super) struct Training {
    config: Option<(Stamp, Config)>,
    events: Option<(Stamp, Vec<Generation>)>,
    times: Option<(Stamp, Vec<Times>)>,
    games: Option<(Stamp, Vec<ReplayGame>)>,
}

/// What changes when a file is written.
#[derive(Clone, Copy, PartialEq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
}

fn stamp(path: &Path) -> Option<Stamp> {
    let found = std::fs::metadata(path).ok()?;
    Some(Stamp { modified: found.modified().ok(), length: found.len() })
}

/// Reads a file again if it has changed. What cannot be read keeps what was known, since the next look may find it whole.
fn renew<T>(
    known: &mut Option<(Stamp, T)>,
    path: &Path,
    read: impl FnOnce(&Path) -> Result<T, String>,
) -> Result<(), String> {
    match stamp(path) {
        None => *known = None,
        Some(now) if known.as_ref().is_some_and(|(before, _)| *before == now) => {}
        Some(now) => *known = Some((now, read(path)?)),
    }
    Ok(())
}

impl Training {
    /// How the run stands.
    ///
    /// # Errors
    /// Which file is damaged, and how.
    pub(super) fn look(&mut self, folder: &Path, book: &RuleBook) -> Result<Value, String> {
        renew(&mut self.config, &folder.join("config.json"), |path| {
            let text = files::read_to_string(path, MAX_CONFIG_BYTES).map_err(|e| format!("config.json: {e}"))?;
            serde_json::from_str(&text).map_err(|e| format!("config.json: {e}"))
        })?;
        renew(&mut self.events, &folder.join("events.jsonl"), read_generations)?;
        renew(&mut self.times, &folder.join("clock.jsonl"), |path| read_times(path).map_err(|e| e.to_string()))?;
        let Some((_, config)) = &self.config else { return Ok(json!({ "kind": "none" })) };
        let rules = RulesSpec {
            name: String::new(),
            variant: config.variant.clone(),
            edit: config.edit.iter().cloned().collect(),
            payoff: config.payoff.clone(),
        };
        if let Some(shard) = newest(&folder.join("shards")) {
            let compiled = book.compile(&rules)?;
            // A shard that is being written is looked at the next time.
            let read = |path: &Path| train_report::games(path, config, &compiled).map_err(|e| e.to_string());
            let _ = renew(&mut self.games, &shard, read);
        }
        let none = (Vec::new(), Vec::new());
        let generations = self.events.as_ref().map_or(&none.0, |(_, all)| all);
        let times = self.times.as_ref().map_or(&none.1, |(_, all)| all);
        let written = self.events.as_ref().and_then(|(stamp, _)| stamp.modified);
        let silence = written.and_then(|at| at.elapsed().ok()).map(|age| age.as_secs_f64());
        let finished = generations.len() as u64 >= u64::from(config.generations);
        let recent: VecDeque<f64> = times.iter().rev().take(RECENT).map(Times::seconds).collect();
        let each = if recent.is_empty() { None } else { Some(recent.iter().sum::<f64>() / recent.len() as f64) };
        let missing = u64::from(config.generations).saturating_sub(generations.len() as u64) as f64;
        let left = each.filter(|_| !finished).map(|each| (each * missing - silence.unwrap_or(0.0)).max(0.0));
        let still = each.zip(silence).is_some_and(|(each, silence)| !finished && silence > STILL * each + 10.0);
        let games = self.games.as_ref().map_or(&[][..], |(_, games)| games);
        Ok(json!({
            "kind": "training",
            "variant": config.variant,
            "rules": rules,
            "wanted": config.generations,
            "done": generations.len(),
            "finished": finished,
            "still": still,
            "left": left,
            "generations": described(generations, times),
            "games": games.iter().map(|game| replayed(game, &rules)).collect::<Vec<_>>(),
        }))
    }
}

/// The finished generations of an event log, as `selection::read_events` reads them, but for a last line that is not whole yet: a page looks on while
/// others write.
fn read_generations(path: &Path) -> Result<Vec<Generation>, String> {
    let text = files::read_to_string(path, MAX_LOG_BYTES).map_err(|e| format!("events.jsonl: {e}"))?;
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let sound = |(i, line): (usize, &str)| {
        let generation: Generation =
            serde_json::from_str(line).map_err(|e| format!("events.jsonl, line {}: {e}", i + 1))?;
        let fits = generation.generation == i as u32 + 1 && generation.best < generation.trials.len();
        fits.then_some(generation)
            .ok_or_else(|| format!("events.jsonl, line {}: is not generation {0} of a run", i + 1))
    };
    whole.lines().enumerate().map(sound).collect()
}

/// A row for each generation.
fn described(generations: &[Generation], times: &[Times]) -> Vec<Value> {
    let ladder = report::elo_ladder(generations);
    let row = |(generation, rung): (&Generation, report::Rung)| {
        let winner = generation.winner();
        let times = times.iter().find(|t| t.generation == generation.generation);
        let (low, high) = winner.gate.score_interval();
        json!({
            "generation": generation.generation,
            "elo": rung.elo,
            "error": rung.error,
            "accepted": generation.accepted,
            "gate": [winner.gate.score(), low, high],
            "policyLoss": winner.policy_loss,
            "visitEntropy": winner.visit_entropy,
            "valueLoss": winner.value_loss,
            "calibration": winner.calibration_error,
            "games": generation.self_play.games,
            "plies": generation.self_play.plies,
            "white": generation.self_play.white_wins,
            "draws": generation.self_play.draws,
            "seconds": times.map(Times::seconds),
            "gamesPerSecond": times.filter(|t| t.self_play_seconds > 0.0).map(|t| generation.self_play.games as f64 / t.self_play_seconds),
        })
    };
    generations.iter().zip(ladder).map(row).collect()
}

/// A game as a page opens it on its board.
fn replayed(game: &ReplayGame, rules: &RulesSpec) -> Value {
    json!({
        "white": game.white,
        "black": game.black,
        "result": game.result,
        "plies": game.moves.len(),
        "last": game.fens.last(),
        "record": { "fen": game.fens.first(), "segments": [{ "rules": rules, "moves": game.moves }] },
    })
}

/// The shard of the newest generation.
fn newest(folder: &Path) -> Option<PathBuf> {
    let paths = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    paths.filter(|path| path.extension().is_some_and(|e| e == "parquet")).max()
}
