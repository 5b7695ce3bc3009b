//! One generation: games of self-play, gradient steps for every candidate, and a match of each candidate against the champion.

use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use arena::stats::{Hypothesis, PairScores};
use arena::{Shared, share_match};
use evaluator::Network;
use files::FileError;
use rules::Word;
use serde::{Deserialize, Serialize};
use work::Unit;

use crate::event::{Generation, MAX_LOG_BYTES, Progress, Times};
use crate::population::{Member, Trial, best, next_members};
use crate::run::{MAX_NETWORK_BYTES, Run, last_accepted};
use crate::samples::Samples;
use crate::self_play::{Games, Tally, play_games, search_params, stream};
use crate::trainer::{Losses, Trainer};
use crate::units::{self, GamesInputs, GateInputs};
use crate::{SelectionError, disk, shard};

type Report<'a> = &'a (dyn Fn(Progress) + Sync);

/// The file beside a shard: the counts of its games, and the hash of its bytes, by which damage is found.
#[derive(Serialize, Deserialize)]
struct ShardNote {
    tally: Tally,
    sha256: String,
}

impl<W: Word> Run<W> {
    pub(crate) fn generation(
        &self,
        number: u32,
        finished: &[Generation],
        window: &mut Vec<(u32, Samples)>,
        progress: Report,
    ) -> Result<(Generation, Times), SelectionError> {
        let (config, seed) = (&self.config, self.config.seed);
        let (began, cpu) = (Instant::now(), cpu_seconds());
        let (champion, parent) = self.load_network(last_accepted(finished), 0)?;
        let members = self.members(finished);
        let cpuct = finished.last().map_or(search_params(None).cpuct, |g| g.cpuct);
        let tally = self.fill_window(number, finished, window, progress)?;
        let mut times =
            Times { generation: number, self_play_seconds: began.elapsed().as_secs_f64(), ..Times::default() };

        let samples: Vec<&Samples> = window.iter().map(|(_, samples)| samples).collect();
        let mut trials: Vec<Trial> = Vec::new();
        for (place, member) in members.iter().enumerate() {
            let training = Instant::now();
            let (losses, network) = self.train(number, place, member, &samples, tally.positions, progress)?;
            times.training_seconds += training.elapsed().as_secs_f64();
            let gating = Instant::now();
            let steps = losses.steps.len() as u64;
            let costs = [tally.playouts, tally.positions, trials.iter().map(|t| t.steps).sum::<u64>() + steps];
            self.save_network(&network, number, place, finished, Some(parent.clone()), costs)?;
            let candidate = Arc::new(network);
            let files = [self.snapshot(number, place), self.snapshot(last_accepted(finished), 0)];
            let files = files.each_ref().map(PathBuf::as_path);
            let (gate, decision) = self.gate(number, member, &candidate, (&champion, cpuct), files, progress)?;
            times.gate_seconds += gating.elapsed().as_secs_f64();
            trials.push(Trial {
                member: *member,
                weights: candidate.hash().to_owned(),
                steps,
                value_loss: losses.mean(|s| s.value_loss),
                policy_loss: losses.mean(|s| s.policy_loss),
                visit_entropy: losses.mean(|s| s.visit_entropy),
                calibration_error: losses.calibration_error,
                gate,
                decision,
            });
        }
        let best = best(&trials);
        let winner = &trials[best];
        let accepted =
            winner.decision.map_or(winner.gate.score() > config.gate.threshold, |decision| decision == Hypothesis::H1);
        if best > 0 {
            let (path, from) = (self.snapshot(number, 0), self.snapshot(number, best));
            disk::write(&path, &disk::read(&from, MAX_NETWORK_BYTES)?)?;
        }
        let known = finished.iter().flat_map(|g| &g.next).chain(&members).map(|m| m.id + 1).max().unwrap_or(0);
        let next = next_members(&config.population, number, &trials, known, &mut stream(seed, number, 0, 3));
        let generation = Generation {
            generation: number,
            config: config.hash(),
            rules: self.regimes.iter().map(|r| r.rules.hash().to_owned()).collect(),
            self_play: tally,
            best,
            accepted,
            champion: if accepted { winner.weights.clone() } else { parent.clone() },
            cpuct: if accepted { winner.member.genome.cpuct as f32 } else { cpuct },
            parent,
            trials,
            next,
        };
        times.cpu_seconds = cpu_seconds() - cpu;
        self.note_times(&times)?;
        Ok((generation, times))
    }

    /// Fills the replay window with the games of the last generations, the newest first. Games that are not in memory are read from disk,
    /// or played if there is no shard. Returns the counts of this generation's games.
    fn fill_window(
        &self,
        number: u32,
        finished: &[Generation],
        window: &mut Vec<(u32, Samples)>,
        progress: Report,
    ) -> Result<Tally, SelectionError> {
        let first = number.saturating_sub(self.config.training.window - 1).max(1);
        window.retain(|(n, _)| (first..number).contains(n));
        let mut tally = Tally::default();
        for wanted in (first..=number).rev() {
            if window.iter().all(|(n, _)| *n != wanted) {
                let before = &finished[..wanted as usize - 1];
                let (samples, played) = self.games(wanted, before, progress)?;
                window.push((wanted, samples));
                if wanted == number {
                    tally = played;
                }
            }
        }
        // Positions are drawn by their number in the window, so its order must be the same when a run is resumed.
        window.sort_by_key(|(n, _)| std::cmp::Reverse(*n));
        Ok(tally)
    }

    /// The games of a generation: read from its shard if there is one, otherwise played by the champion of that generation.
    fn games(
        &self,
        number: u32,
        finished: &[Generation],
        progress: Report,
    ) -> Result<(Samples, Tally), SelectionError> {
        let (path, note_path) = (self.shard(number), self.tally(number));
        if path.exists() && note_path.exists() {
            let text = disk::read(&note_path, MAX_LOG_BYTES)?;
            let note: ShardNote =
                serde_json::from_slice(&text).map_err(|e| SelectionError::damaged(&note_path, e.to_string()))?;
            return Ok((shard::read(&path, &note.sha256, &self.regimes)?, note.tally));
        }
        let config = &self.config;
        let (champion, weights) = self.load_network(last_accepted(finished), 0)?;
        let cpuct = finished.last().map(|g| g.cpuct);
        let total = Mutex::new(Tally::default());
        let on_game = |tally: &Tally| {
            if let Ok(mut total) = total.lock() {
                total.add(tally);
                progress(Progress::SelfPlay(&total, config.self_play.games));
            }
        };
        let file = self.snapshot(last_accepted(finished), 0);
        let games = self.play(number, &champion, &file, cpuct, &on_game)?;
        if games.samples.is_empty() {
            let message = "no game had a position to learn from; lower random_plies or raise full_share".to_owned();
            return Err(SelectionError::Config { source_name: config.variant.clone(), message });
        }
        let bytes = shard::encode(&games.rows, &self.regimes, &weights, number)
            .map_err(|e| SelectionError::damaged(&path, e.to_string()))?;
        let note = ShardNote { tally: games.tally, sha256: disk::sha256(&bytes) };
        disk::write(&path, &bytes)?;
        disk::write(&note_path, &serde_json::to_vec(&note).expect("plain data"))?;
        self.work.as_ref().map_or(Ok(()), work::Folder::clear)?;
        Ok((games.samples, games.tally))
    }

    /// Plays the games of a generation, or has others play them. `file` is that of the champion.
    fn play(
        &self,
        number: u32,
        champion: &Arc<Network>,
        file: &Path,
        cpuct: Option<f32>,
        on_game: &(dyn Fn(&Tally) + Sync),
    ) -> Result<Games, SelectionError> {
        let (config, all) = (&self.config, 0..self.config.self_play.games);
        let play = |numbers: Range<u32>| {
            play_games(&self.regimes, champion, &config.self_play, cpuct, (config.seed, number), numbers, on_game)
        };
        let Some(work) = self.work.as_ref().filter(|work| work.is_in_use()) else { return Ok(play(all)) };
        let (job, file) = (units::job(config, &self.regimes), disk::read(file, MAX_NETWORK_BYTES)?);
        let inputs = units::inputs(&GamesInputs::new(number, cpuct));
        let split = work.split(&job, units::SELF_PLAY, all.clone(), &inputs, &[work::hash_of(&file)])?;
        let offered: Vec<Unit> = split.iter().map(|(_, unit)| unit.clone()).collect();
        work.offer(&job, &offered, std::slice::from_ref(&file))?;
        let (mut games, mut next) = (Games::default(), 0);
        for (range, unit) in &split {
            let found = work.result(unit, |bytes| units::games_of(bytes, &self.regimes, range))?;
            let Some(found) = found else { continue };
            // What nobody has played is played here.
            games.append(play(next..range.start));
            on_game(&found.tally);
            games.append(found);
            next = range.end;
        }
        games.append(play(next..all.end));
        Ok(games)
    }

    /// Trains a candidate, and writes its trainer and the log of its steps to disk.
    fn train(
        &self,
        number: u32,
        place: usize,
        member: &Member,
        window: &[&Samples],
        positions: u64,
        progress: Report,
    ) -> Result<(Losses, Network), SelectionError> {
        let config = &self.config.training;
        let from = if number == 1 { 0 } else { member.continues };
        let mut trainer = Trainer::load(&self.checkpoint(number - 1, from), &self.shape)?;
        let steps = (positions as f64 * config.reuse / config.batch as f64).ceil() as u64;
        let done = f64::from(number - 1) / f64::from(self.config.generations);
        let (high, low) = (config.learning_rate, config.final_learning_rate);
        let cosine = low + (high - low) * (1.0 + libm::cos(std::f64::consts::PI * done)) / 2.0;
        let rate = cosine * member.genome.learning_rate;
        let rng = &mut stream(self.config.seed, number, place as u32, 2);
        let losses = trainer.train(window, steps, &member.genome.apply(config), rate, rng, &|step, done| {
            progress(Progress::Training(done, steps, step.value_loss, step.policy_loss));
        })?;
        let log: String = losses.steps.iter().map(|s| serde_json::to_string(s).expect("plain data") + "\n").collect();
        let name = if place == 0 { format!("{number:04}.jsonl") } else { format!("{number:04}-{place}.jsonl") };
        disk::write(&self.folder.join("training").join(name), log.as_bytes())?;
        trainer.save(&self.checkpoint(number, place))?;
        Ok((losses, trainer.network().quantise()?))
    }

    /// Plays a match between candidate and champion under every regime. Returns the candidate's scores over all of them, and the decision of
    /// the sequential test, if there is one and it has decided. `files` are those of candidate and champion.
    fn gate(
        &self,
        number: u32,
        member: &Member,
        candidate: &Arc<Network>,
        (champion, champion_cpuct): (&Arc<Network>, f32),
        files: [&Path; 2],
        progress: Report,
    ) -> Result<(PairScores, Option<Hypothesis>), SelectionError> {
        let gate = &self.config.gate;
        let (mut sum, mut decision) = (PairScores::default(), None);
        let shared = match self.work.as_ref().filter(|work| work.is_in_use()) {
            Some(folder) => {
                let files =
                    files.iter().map(|path| disk::read(path, MAX_NETWORK_BYTES)).collect::<Result<Vec<_>, _>>()?;
                Some((folder, units::job(&self.config, &self.regimes), files))
            }
            None => None,
        };
        for (index, regime) in self.regimes.iter().enumerate() {
            let config = units::gate_match(&self.config, number, index, self.regimes.len(), regime)?;
            let cpuct = [member.genome.cpuct as f32, champion_cpuct];
            let inputs = units::inputs(&GateInputs::new(number, index, cpuct));
            let (kind, inputs, own) = (units::GATE, &inputs, true);
            let shared = shared.as_ref().map(|(folder, job, files)| Shared { folder, job, kind, inputs, files, own });
            let player = |network, cpuct| units::gate_player(gate, regime, network, cpuct);
            let (first, second) = (|| player(candidate, cpuct[0]), || player(champion, cpuct[1]));
            let before = sum;
            let result = share_match(&config, &[], [&first, &second], shared.as_ref(), &mut |_, result| {
                progress(Progress::Gate(&before.merged(&result.pairs), gate.pairs));
                ControlFlow::Continue(())
            })?;
            sum = before.merged(&result.pairs);
            decision = result.sprt.and_then(|(_, decision)| decision);
        }
        Ok((sum, decision))
    }

    fn note_times(&self, times: &Times) -> Result<(), FileError> {
        use std::io::Write as _;
        let path = self.folder.join("clock.jsonl");
        let line = serde_json::to_string(times).expect("plain data");
        files::append(&path)
            .and_then(|mut file| writeln!(file, "{line}"))
            .map_err(|e| FileError::new(&path, "write", e))
    }
}

/// Processor time that all threads of this process have used so far, in seconds.
fn cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use rules::Catalog;

    use super::*;
    use crate::config::Config;
    use crate::run::Start;

    #[test]
    fn a_damaged_shard_is_named_and_a_lost_one_played_again() {
        let text = "variant = 'gardner'\nseed = 1\ngenerations = 1\nnetwork = { hidden = 32 }\n\
            self_play = { games = 8, playouts = 8, random_plies = 4, temperature_plies = 60, noise_share = 0.25, \
            noise_concentration = 10.0, max_plies = 60 }\n\
            training = { window = 1, batch = 16, reuse = 1.0, learning_rate = 1e-3, final_learning_rate = 1e-3, \
            weight_decay = 0.0, search_value_share = 0.3 }\ngate = { pairs = 1, playouts = 1, threshold = 0.5 }\n";
        let config = Config::from_toml("test", text).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let rules = vec![Catalog::builtin().rules("gardner").unwrap()];
        let start = Start { rules, command: String::new(), inherited: None, resume: false, work: None };
        let run = Run::open(folder.path(), config, start).unwrap();
        run.run(&|_| ()).unwrap();
        let (samples, tally) = run.games(1, &[], &|_| ()).unwrap();
        let shard = run.shard(1);
        let bytes = std::fs::read(&shard).unwrap();
        std::fs::write(&shard, &bytes[..bytes.len() / 2]).unwrap();
        let error = run.games(1, &[], &|_| ()).unwrap_err().to_string();
        assert!(error.contains("0001.parquet") && error.contains("remove the file"), "{error}");
        std::fs::remove_file(&shard).unwrap();
        assert!(run.games(1, &[], &|_| ()).unwrap() == (samples, tally));
        assert_eq!(std::fs::read(&shard).unwrap(), bytes);
    }
}
