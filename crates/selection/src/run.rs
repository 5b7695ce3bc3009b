//! A selection run: generation after generation of self-play, gradient steps and a gate.
//!
//! Every step of a run depends only on the files that earlier steps have written, so a run that was killed at any moment ends with the
//! same bytes when it is resumed. Times and speeds depend on the clock and are written to `clock.jsonl`, which no step reads.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use evaluator::{FloatNetwork, Lineage, Network, Shape};
use files::FileError;
use rules::{Rules, Word};

use crate::SelectionError;
use crate::config::Config;
use crate::disk;
use crate::event::{Generation, MAX_LOG_BYTES, Progress, RunSummary, read_events};
use crate::population::{Member, first_members};
use crate::regimes::{Regime, regimes};
use crate::samples::Samples;
use crate::self_play::{search_params, stream};
use crate::trainer::Trainer;

/// The largest weight file that is copied, in bytes.
pub(crate) const MAX_NETWORK_BYTES: u64 = 1 << 28;

/// A run directory with its configuration.
pub struct Run<W: Word = u64> {
    pub(crate) folder: PathBuf,
    pub(crate) config: Config,
    pub(crate) regimes: Vec<Regime<W>>,
    pub(crate) shape: Shape,
    command: String,
    inherited: Option<FloatNetwork>,
    /// Where games are shared with others, if they are.
    pub(crate) work: Option<work::Folder>,
}

/// What a run needs besides its configuration.
pub struct Start<W: Word = u64> {
    /// The variant's rules, then those of the configuration's regimes in the order of the configuration.
    pub rules: Vec<Arc<Rules<W>>>,
    /// The command line, which the card of every network records.
    pub command: String,
    /// The network whose weights the first champion inherits; `None` if it begins from random weights.
    pub inherited: Option<Arc<Network>>,
    /// Whether to continue the run if the directory holds one.
    pub resume: bool,
    /// Where games of self-play and gates are shared with others, or have been; `None` if all are played here. The selected weights do not
    /// depend on it.
    pub work: Option<work::Folder>,
}

impl<W: Word> Run<W> {
    /// Opens a run directory: makes a new one or, with [`Start::resume`], continues one that has the same configuration.
    ///
    /// # Errors
    /// If the directory cannot be made, holds a run of another configuration, or holds a run while `resume` is not set; if the boards of
    /// the rules differ, the inherited network does not fit them, or mirror images are asked for under rules that are not known to treat
    /// left and right alike.
    pub fn open(folder: &Path, config: Config, start: Start<W>) -> Result<Run<W>, SelectionError> {
        let wrong = |message: String| SelectionError::Config { source_name: config.variant.clone(), message };
        let (regimes, shape) = regimes(&config, &start.rules)?;
        if let Some(r) = start.rules.iter().find(|r| config.training.mirror && !r.is_mirror_symmetric()) {
            return Err(wrong(format!(
                "training.mirror: {} is not known to treat left and right alike (it has castling, or a piece or a region is asymmetric)",
                r.name()
            )));
        }
        let inherited = start.inherited.map(|n| n.dequantise());
        if let Some(other) = inherited.as_ref().map(FloatNetwork::shape).filter(|other| **other != shape) {
            return Err(wrong(format!("the inherited network is {other:?}; the run needs {shape:?}")));
        }
        let file = folder.join("config.json");
        if file.exists() {
            if !start.resume {
                let message = "a run exists here; continue it with --resume, or choose another directory".to_owned();
                return Err(SelectionError::damaged(folder, message));
            }
            let text = disk::read(&file, MAX_LOG_BYTES)?;
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
            for part in ["shards", "checkpoints", "training"] {
                let path = folder.join(part);
                files::create_folder(&path).map_err(|e| FileError::new(&path, "create", e))?;
            }
            let text = serde_json::to_vec_pretty(&config).expect("plain data");
            disk::write(&file, &text)?;
        }
        let (folder, command, work) = (folder.to_owned(), start.command, start.work);
        Ok(Run { folder, config, regimes, shape, command, inherited, work })
    }

    /// Runs all generations that are not finished yet, and writes the champion to `champion.safetensors`. `progress` is called from the
    /// threads that play and train.
    ///
    /// # Errors
    /// If a file cannot be read or written or is damaged, or the loss diverges. Generations that were finished before stay.
    pub fn run(&self, progress: &(dyn Fn(Progress) + Sync)) -> Result<RunSummary, SelectionError> {
        let mut finished = self.finished()?;
        let mut window: Vec<(u32, Samples)> = Vec::new();
        let mut ran = 0;
        self.first_champion()?;
        self.remove_obsolete(finished.len() as u32)?;
        while (finished.len() as u32) < self.config.generations {
            let (generation, times) = self.generation(finished.len() as u32 + 1, &finished, &mut window, progress)?;
            finished.push(generation);
            let log: String = finished.iter().map(|g| serde_json::to_string(g).expect("plain data") + "\n").collect();
            disk::write(&self.folder.join("events.jsonl"), log.as_bytes())?;
            self.work.as_ref().map_or(Ok(()), work::Folder::clear)?;
            self.remove_obsolete(finished.len() as u32)?;
            progress(Progress::Generation(&finished[finished.len() - 1], &times));
            ran += 1;
        }
        let champion_path = self.folder.join("champion.safetensors");
        let last = finished.last().expect("at least one generation");
        let snapshot = self.snapshot(last_accepted(&finished), 0);
        disk::write(&champion_path, &disk::read(&snapshot, MAX_NETWORK_BYTES)?)?;
        self.work.as_ref().map_or(Ok(()), work::Folder::remove)?;
        Ok(RunSummary { champion: last.champion.clone(), path: champion_path, generations: ran })
    }

    /// Removes files that are not needed again: shards that have left the replay window, trainers of earlier generations, and networks of
    /// candidates in places above 0, whose winner was copied to place 0. All generations are looked at, because a kill may have come
    /// before an earlier removal.
    fn remove_obsolete(&self, finished: u32) -> Result<(), SelectionError> {
        let mut files = Vec::new();
        for generation in 1..=finished.saturating_sub(self.config.training.window) {
            files.extend([self.shard(generation), self.tally(generation)]);
        }
        for place in 0..self.config.population.size as usize {
            files.extend((0..finished).map(|generation| self.checkpoint(generation, place)));
            files.extend((0..=finished).filter(|_| place > 0).map(|generation| self.snapshot(generation, place)));
        }
        for file in files {
            if file.exists() {
                std::fs::remove_file(&file).map_err(|e| FileError::new(&file, "remove", e))?;
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
        let hash = self.config.hash();
        let generations = read_events(&path)?;
        match generations.iter().position(|g| g.config != hash) {
            Some(i) => Err(SelectionError::damaged(
                &path,
                format!("line {}: belongs to a run with another configuration", i + 1),
            )),
            None => Ok(generations),
        }
    }

    /// Writes the network and the trainer of generation 0, from which the first generation starts, unless they exist.
    fn first_champion(&self) -> Result<(), SelectionError> {
        if self.snapshot(0, 0).exists() {
            return Ok(());
        }
        let mut trainer = match &self.inherited {
            Some(network) => Trainer::from_network(network),
            None => Trainer::new(&self.shape, &mut stream(self.config.seed, 0, 0, 1)),
        };
        trainer.save(&self.checkpoint(0, 0))?;
        self.save_network(&trainer.network().quantise()?, 0, 0, &[], self.config.from.clone(), [0; 3])
    }

    /// The file of a network: at place 0 the best candidate of the generation, once all have played, and the first one until then; at
    /// other places the candidate of that place. Generation 0 has only place 0, with the weights that the run begins with.
    pub(crate) fn snapshot(&self, generation: u32, place: usize) -> PathBuf {
        self.folder.join(format!("checkpoints/network-{generation:04}{}.safetensors", suffix(place)))
    }

    pub(crate) fn checkpoint(&self, generation: u32, place: usize) -> PathBuf {
        self.folder.join(format!("checkpoints/trainer-{generation:04}{}.safetensors", suffix(place)))
    }

    pub(crate) fn shard(&self, generation: u32) -> PathBuf {
        self.folder.join(format!("shards/{generation:04}.parquet"))
    }

    pub(crate) fn tally(&self, generation: u32) -> PathBuf {
        self.folder.join(format!("shards/{generation:04}.json"))
    }

    /// The candidates of the next generation.
    pub(crate) fn members(&self, finished: &[Generation]) -> Vec<Member> {
        let (population, training) = (&self.config.population, &self.config.training);
        let rng = &mut stream(self.config.seed, 0, 0, 3);
        finished
            .last()
            .map_or_else(|| first_members(population, training, search_params(None).cpuct, rng), |g| g.next.clone())
    }

    /// Saves a network. The last argument holds the playouts, positions and gradient steps of the generation in progress, which the card
    /// adds to those of the finished generations.
    pub(crate) fn save_network(
        &self,
        network: &Network,
        generation: u32,
        place: usize,
        finished: &[Generation],
        parent: Option<String>,
        [playouts, positions, steps]: [u64; 3],
    ) -> Result<(), SelectionError> {
        let lineage = Lineage {
            command: self.command.clone(),
            config: self.config.hash(),
            seed: self.config.seed,
            generation,
            parent,
            playouts: finished.iter().map(|g| g.self_play.playouts).sum::<u64>() + playouts,
            positions: finished.iter().map(|g| g.self_play.positions).sum::<u64>() + positions,
            steps: finished.iter().map(Generation::steps).sum::<u64>() + steps,
        };
        network.save(&self.snapshot(generation, place), &self.regimes[0].rules, lineage)?;
        Ok(())
    }

    pub(crate) fn load_network(&self, generation: u32, place: usize) -> Result<(Arc<Network>, String), SelectionError> {
        let (network, card) = Network::load(&self.snapshot(generation, place))?;
        Ok((Arc::new(network), card.weights))
    }
}

fn suffix(place: usize) -> String {
    if place == 0 { String::new() } else { format!("-{place}") }
}

/// The generation whose network is the champion; 0 if no candidate was accepted yet.
pub(crate) fn last_accepted(finished: &[Generation]) -> u32 {
    finished.iter().rev().find(|g| g.accepted).map_or(0, |g| g.generation)
}
