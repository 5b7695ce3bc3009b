//! A selection run: generation after generation of self-play, gradient steps and a gate.
//!
//! Every stage is a function of the files that the stages before it left, so a run that was killed anywhere goes on to the same
//! bytes. What depends on the clock (times, speeds) goes to `clock.jsonl`, which nothing is computed from.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use arena::{MatchConfig, Player, RandomOpenings, SearchPlayer, run_match};
use evaluator::{Lineage, Network, NetworkEvaluator, Shape};
use rules::Rules;
use search::Limit;
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::samples::Samples;
use crate::self_play::{Tally, play_games, search_params, stream};
use crate::trainer::Trainer;
use crate::{SelectionError, files};

/// The largest event log that is read back, in bytes.
const MAX_LOG_BYTES: u64 = 1 << 28;

/// One line of `events.jsonl`: a generation that is over. The lineage of the champion can be read off these lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Generation {
    /// Number, from 1.
    pub generation: u32,
    /// Configuration hash of the run.
    pub config: String,
    /// Rule hash.
    pub rules: String,
    /// Weights that played the games: the champion before.
    pub parent: String,
    /// Weights that were proposed.
    pub candidate: String,
    /// Games and positions of self-play.
    pub games: u64,
    /// Positions recorded.
    pub positions: u64,
    /// Playouts of self-play.
    pub playouts: u64,
    /// Share of games won by White.
    pub white_wins: f64,
    /// Share of games drawn.
    pub draws: f64,
    /// Gradient steps.
    pub steps: u64,
    /// Mean cross entropy of the result, in nats.
    pub value_loss: f64,
    /// Mean cross entropy of the visits, in nats.
    pub policy_loss: f64,
    /// Mean entropy of the visits, in nats.
    pub visit_entropy: f64,
    /// Expected calibration error of the value head, 0 to 2.
    pub calibration_error: f64,
    /// The candidate's score against the champion, 0 to 1.
    pub gate_score: f64,
    /// Games of the gate.
    pub gate_games: u64,
    /// Whether the candidate became champion.
    pub accepted: bool,
    /// Weights of the champion after this generation.
    pub champion: String,
}

/// What a run tells while it goes on.
pub enum Progress<'a> {
    /// Within a generation: stage, how much is done, of how much.
    Stage(&'static str, u64, u64),
    /// A generation is over.
    Generation(&'a Generation, u32),
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSummary {
    /// Hash of the champion's weights.
    pub champion: String,
    /// The champion's file.
    pub path: PathBuf,
    /// Generations that were run now; those found finished do not count.
    pub generations: u32,
}

/// A run directory.
pub struct Run {
    folder: PathBuf,
    config: Config,
    rules: Arc<Rules>,
    shape: Shape,
    command: String,
}

impl Run {
    /// Opens a run directory: a new one, or with `resume` one that exists with the same configuration.
    ///
    /// # Errors
    /// If the directory cannot be made, is in use by another configuration, or exists and `resume` is not set.
    pub fn open(
        folder: &Path,
        config: Config,
        rules: Arc<Rules>,
        command: String,
        resume: bool,
    ) -> Result<Run, SelectionError> {
        let letters = rules.pieces().iter().map(|p| p.letter).collect::<String>();
        let shape = Shape::new(rules.files(), rules.ranks(), &letters, config.network.hidden)?;
        let file = folder.join("config.json");
        if file.exists() {
            if !resume {
                let message = "a run exists here; continue it with --resume, or choose another directory".to_owned();
                return Err(SelectionError::damaged(folder, message));
            }
            let text = files::read(&file, MAX_LOG_BYTES)?;
            let found: Config =
                serde_json::from_slice(&text).map_err(|e| SelectionError::damaged(&file, e.to_string()))?;
            if found != config {
                let message = format!(
                    "the run was begun with configuration {}, not {}; choose another directory",
                    found.hash(),
                    config.hash()
                );
                return Err(SelectionError::damaged(&file, message));
            }
        } else {
            for part in ["shards", "checkpoints"] {
                let path = folder.join(part);
                std::fs::create_dir_all(&path).map_err(|e| SelectionError::file(&path, "create", e))?;
            }
            let text = serde_json::to_vec_pretty(&config).expect("plain data");
            files::write(&file, &text)?;
        }
        Ok(Run { folder: folder.to_owned(), config, rules, shape, command })
    }

    /// Runs all generations that are not finished yet.
    ///
    /// # Errors
    /// If a file cannot be read or written or is damaged, or the loss diverges. What was finished stays.
    pub fn run(&self, progress: &(dyn Fn(Progress) + Sync)) -> Result<RunSummary, SelectionError> {
        let mut finished = self.finished()?;
        let champion_path = self.folder.join("champion.safetensors");
        let mut ran = 0;
        self.first_champion()?;
        self.forget(finished.len() as u32)?;
        while (finished.len() as u32) < self.config.generations {
            let generation = self.generation(finished.len() as u32 + 1, &finished, progress)?;
            finished.push(generation);
            let log: String = finished.iter().map(|g| serde_json::to_string(g).expect("plain data") + "\n").collect();
            files::write(&self.folder.join("events.jsonl"), log.as_bytes())?;
            self.forget(finished.len() as u32)?;
            progress(Progress::Generation(&finished[finished.len() - 1], self.config.generations));
            ran += 1;
        }
        let last = finished.last().expect("at least one generation");
        let snapshot = std::fs::read(self.snapshot(self.last_accepted(&finished)))
            .map_err(|e| SelectionError::file(&champion_path, "read", e))?;
        files::write(&champion_path, &snapshot)?;
        Ok(RunSummary { champion: last.champion.clone(), path: champion_path, generations: ran })
    }

    /// Removes the shards that have left the replay window, those that a kill kept from being removed included.
    fn forget(&self, finished: u32) -> Result<(), SelectionError> {
        for left in 1..=finished.saturating_sub(self.config.training.window) {
            let path = self.shard_path(left);
            for file in [path.clone(), path.with_extension("json")] {
                if file.exists() {
                    std::fs::remove_file(&file).map_err(|e| SelectionError::file(&file, "remove", e))?;
                }
            }
        }
        Ok(())
    }

    /// The generations that the event log holds.
    fn finished(&self) -> Result<Vec<Generation>, SelectionError> {
        let path = self.folder.join("events.jsonl");
        if !path.exists() {
            return Ok(Vec::new());
        }
        let text = files::read(&path, MAX_LOG_BYTES)?;
        let damaged = |line: usize, what: String| SelectionError::damaged(&path, format!("line {line}: {what}"));
        let text = String::from_utf8(text).map_err(|e| damaged(0, e.to_string()))?;
        let hash = self.config.hash();
        text.lines()
            .enumerate()
            .map(|(i, line)| {
                let g: Generation = serde_json::from_str(line).map_err(|e| damaged(i + 1, e.to_string()))?;
                if g.generation != i as u32 + 1 || g.config != hash {
                    return Err(damaged(i + 1, "does not belong to this run".to_owned()));
                }
                Ok(g)
            })
            .collect()
    }

    /// The network and trainer that everything starts from, as generation 0.
    fn first_champion(&self) -> Result<(), SelectionError> {
        if self.snapshot(0).exists() {
            return Ok(());
        }
        let mut trainer = Trainer::new(&self.shape, &mut stream(self.config.seed, 0, 0, 1));
        trainer.save(&self.checkpoint(0))?;
        self.save_network(&trainer.network().quantise()?, 0, &[])
    }

    fn snapshot(&self, generation: u32) -> PathBuf {
        self.folder.join(format!("checkpoints/network-{generation:04}.safetensors"))
    }

    fn checkpoint(&self, generation: u32) -> PathBuf {
        self.folder.join(format!("checkpoints/trainer-{generation:04}.safetensors"))
    }

    fn last_accepted(&self, finished: &[Generation]) -> u32 {
        finished.iter().rev().find(|g| g.accepted).map_or(0, |g| g.generation)
    }

    fn save_network(&self, network: &Network, generation: u32, finished: &[Generation]) -> Result<(), SelectionError> {
        let lineage = Lineage {
            command: self.command.clone(),
            config: self.config.hash(),
            seed: self.config.seed,
            generation,
            parent: finished.last().map(|g| g.champion.clone()),
            playouts: finished.iter().map(|g| g.playouts).sum(),
            positions: finished.iter().map(|g| g.positions).sum(),
            steps: finished.iter().map(|g| g.steps).sum(),
        };
        network.save(&self.snapshot(generation), self.rules.name(), self.rules.hash(), lineage)?;
        Ok(())
    }

    fn load_network(&self, generation: u32) -> Result<(Arc<Network>, String), SelectionError> {
        let (network, card) = Network::load(&self.snapshot(generation))?;
        Ok((Arc::new(network), card.weights))
    }

    fn generation(
        &self,
        number: u32,
        finished: &[Generation],
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Generation, SelectionError> {
        let (config, seed) = (&self.config, self.config.seed);
        let began = Instant::now();
        let champion_number = self.last_accepted(finished);
        let (champion, parent) = self.load_network(champion_number)?;

        let (games, tally) = self.shard(number, &champion, progress)?;
        let self_play_seconds = began.elapsed().as_secs_f64();

        let mut window = vec![games];
        for earlier in (number.saturating_sub(config.training.window - 1).max(1)..number).rev() {
            window.push(self.read_shard(earlier)?);
        }
        let window: Vec<&Samples> = window.iter().collect();
        let mut trainer = Trainer::load(&self.checkpoint(number - 1), &self.shape)?;
        let steps = (tally.positions as f64 * config.training.reuse / config.training.batch as f64).ceil() as u64;
        let done = f64::from(number - 1) / f64::from(config.generations);
        let (high, low) = (config.training.learning_rate, config.training.final_learning_rate);
        let rate = low + (high - low) * (1.0 + (std::f64::consts::PI * done).cos()) / 2.0;
        progress(Progress::Stage("training", 0, steps));
        let losses =
            trainer.train(&window, steps, &config.training, rate, &mut stream(seed, number, 0, 2), &|_, done| {
                progress(Progress::Stage("training", done, steps));
            })?;
        trainer.save(&self.checkpoint(number))?;
        let training_seconds = began.elapsed().as_secs_f64() - self_play_seconds;

        let mut record = Generation {
            generation: number,
            config: config.hash(),
            rules: self.rules.hash().to_owned(),
            parent: parent.clone(),
            candidate: String::new(),
            games: tally.games,
            positions: tally.positions,
            playouts: tally.playouts,
            white_wins: tally.white_wins as f64 / tally.games as f64,
            draws: tally.draws as f64 / tally.games as f64,
            steps,
            value_loss: losses.mean(|s| s.value_loss),
            policy_loss: losses.mean(|s| s.policy_loss),
            visit_entropy: losses.mean(|s| s.visit_entropy),
            calibration_error: losses.calibration_error,
            gate_score: 0.0,
            gate_games: 2 * u64::from(config.gate.pairs),
            accepted: false,
            champion: parent.clone(),
        };
        let mut ancestry = finished.to_vec();
        ancestry.push(record.clone());
        self.save_network(&trainer.network().quantise()?, number, &ancestry)?;
        let (candidate, candidate_hash) = self.load_network(number)?;
        record.gate_score = self.gate(number, &candidate, &champion, progress)?;
        record.accepted = record.gate_score > config.gate.threshold;
        if record.accepted {
            record.champion.clone_from(&candidate_hash);
        }
        record.candidate = candidate_hash;
        self.note_times(number, self_play_seconds, training_seconds, began.elapsed().as_secs_f64())?;
        Ok(record)
    }

    /// The generation's games: from disk if they were finished, otherwise played.
    fn shard(
        &self,
        number: u32,
        champion: &Arc<Network>,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<(Samples, Tally), SelectionError> {
        let path = self.shard_path(number);
        let tally_path = path.with_extension("json");
        if path.exists() && tally_path.exists() {
            let text = files::read(&tally_path, MAX_LOG_BYTES)?;
            let tally =
                serde_json::from_slice(&text).map_err(|e| SelectionError::damaged(&tally_path, e.to_string()))?;
            return Ok((self.read_shard(number)?, tally));
        }
        let total = u64::from(self.config.self_play.games);
        let done = AtomicU64::new(0);
        let finished = || progress(Progress::Stage("self-play", done.fetch_add(1, Ordering::Relaxed) + 1, total));
        let stream = (self.config.seed, number);
        let (samples, tally) = play_games(&self.rules, champion, &self.config.self_play, stream, &finished);
        let provenance = HashMap::from([("rules".to_owned(), self.rules.hash().to_owned())]);
        samples.save(&path, &provenance)?;
        files::write(&tally_path, &serde_json::to_vec(&tally).expect("plain data"))?;
        Ok((samples, tally))
    }

    fn shard_path(&self, number: u32) -> PathBuf {
        self.folder.join(format!("shards/{number:04}.safetensors"))
    }

    fn read_shard(&self, number: u32) -> Result<Samples, SelectionError> {
        let s = &self.shape;
        Samples::load(&self.shard_path(number), s.features(), s.addresses(), s.promotions())
    }

    /// The match between candidate and champion: the candidate's score.
    fn gate(
        &self,
        number: u32,
        candidate: &Arc<Network>,
        champion: &Arc<Network>,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<f64, SelectionError> {
        let gate = &self.config.gate;
        let seed = self.config.seed << 16 | u64::from(number);
        let openings = RandomOpenings::new(seed, 2..=4).generate(&self.rules, gate.pairs)?;
        let player = |network: &Arc<Network>| -> Box<dyn Player> {
            let evaluator = NetworkEvaluator::new(Arc::clone(network), &self.rules).expect("made for these rules");
            Box::new(SearchPlayer::new(search_params(), Box::new(evaluator), Limit::Playouts(gate.playouts)))
        };
        let config = MatchConfig::new(Arc::clone(&self.rules), openings);
        let pairs = u64::from(gate.pairs);
        let result = run_match(&config, &|| player(candidate), &|| player(champion), &mut |round, _| {
            progress(Progress::Stage("gate", u64::from(round.index) + 1, pairs));
        })?;
        Ok(result.pentanomial.score())
    }

    fn note_times(&self, generation: u32, self_play: f64, training: f64, total: f64) -> Result<(), SelectionError> {
        use std::io::Write as _;
        let path = self.folder.join("clock.jsonl");
        let line = serde_json::json!({
            "generation": generation, "self_play_seconds": self_play, "training_seconds": training, "seconds": total
        });
        std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .and_then(|mut file| writeln!(file, "{line}"))
            .map_err(|e| SelectionError::file(&path, "write", e))
    }
}
