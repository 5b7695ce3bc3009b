//! Tournaments: many players, each pairing a match, one rating list.
//!
//! The directory of a tournament holds `config.json`, `results.jsonl` (a row per round, written when the round ends), `games.pgn`,
//! `ratings.json` and `table.txt`. A tournament that was killed goes on after its last whole round and ends with the bytes of one
//! that was not, as long as its players are deterministic. All players but external engines are.

mod config;
mod table;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use evaluator::{Paths, WeightSource};
use rand::RngCore;
use rules::{Catalog, RuleError, Rules, Word};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::book::{Book, BookError};
use crate::factory::PlayerFactory;
use crate::game_log::{Existing, GameLog, GameLogError, unusable};
use crate::job::{PairingInputs, match_job};
use crate::match_result::{Round, RoundTally};
use crate::match_runner::{MakePlayer, MatchConfig, MatchError};
use crate::openings::{Opening, OpeningError, RandomOpenings};
use crate::pgn::round_pgn;
use crate::random::{Purpose, stream};
use crate::rating::RatingError;
use crate::shared::{SharedJob, share_match};
use crate::spec::{PlayerSpec, SpecError};
pub use config::{Format, OpeningsConfig, PlayerConfig, TournamentConfig};
pub use table::{Faults, PairingResult, PlayerResult, Standings};

/// Why a tournament cannot be played.
#[derive(Debug, Error)]
pub enum TournamentError {
    /// The configuration is wrong.
    #[error("{file}: {problem}")]
    Config {
        /// The file.
        file: String,
        /// What is wrong, with its place.
        problem: String,
    },
    /// A player cannot be made.
    #[error("player `{name}`: {error}")]
    Player {
        /// The player's name.
        name: String,
        /// Why.
        error: SpecError,
    },
    /// The variant is unknown.
    #[error(transparent)]
    Rules(#[from] RuleError),
    /// The openings cannot be used.
    #[error("openings: {0}")]
    Book(#[from] BookError),
    /// The openings cannot be made.
    #[error("openings: {0}")]
    Openings(#[from] OpeningError),
    /// A pairing cannot be played.
    #[error(transparent)]
    Match(#[from] MatchError),
    /// The directory does not hold this tournament, or cannot be written.
    #[error(transparent)]
    Log(#[from] GameLogError),
    /// The results could not be rated.
    #[error(transparent)]
    Rating(#[from] RatingError),
}

/// One round in `results.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoundRow {
    /// Number of the pairing, from 0.
    pub pairing: usize,
    /// Number of the round, from 0.
    pub round: u32,
    /// The player who has White in the first game.
    pub first: String,
    /// The player who has Black in the first game.
    pub second: String,
    /// Number of the opening, from 0.
    pub opening: usize,
    /// FEN of the first position, if it is not the variant's own.
    pub start: Option<String>,
    /// Moves of the opening in UCI notation.
    pub moves: String,
    /// What the standings take from the games.
    #[serde(flatten)]
    pub tally: RoundTally,
    /// Hash of the rules.
    pub rules: String,
    /// Hash of the tournament.
    pub config: String,
}

/// How far a tournament is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TournamentProgress {
    /// Games that were played, in this run and in earlier ones.
    pub done: u64,
    /// Games that were played in earlier runs.
    pub found: u64,
    /// Games in all.
    pub total: u64,
    /// The pairing that is being played.
    pub label: String,
    /// What went wrong in the last round; see [`Round::failures`].
    pub failures: Vec<String>,
}

/// A tournament that is ready to be played: its rules are compiled, its players and openings checked.
pub struct Tournament<W: Word = u64> {
    config: TournamentConfig,
    rules: Arc<Rules<W>>,
    players: Vec<PlayerFactory<W>>,
    openings: Vec<Opening>,
    pairings: Vec<(usize, usize)>,
    hash: String,
}

#[derive(Serialize)]
struct PlayerCard<'a> {
    name: &'a str,
    spec: String,
    weights: Option<&'a str>,
    search_rules: &'a str,
    engine: Option<&'a str>,
}

impl<W: Word> Tournament<W> {
    /// Prepares a tournament whose weight files are named by their paths; see [`Tournament::prepare_with`].
    ///
    /// # Errors
    /// The errors of [`Tournament::prepare_with`].
    pub fn prepare(config: TournamentConfig, catalog: &Catalog) -> Result<Tournament<W>, TournamentError> {
        Tournament::prepare_with(config, catalog, &Paths)
    }

    /// Prepares rules, players and openings, so that nothing can be found missing once the games begin.
    ///
    /// # Errors
    /// If the variant is unknown, a player cannot be made, or the openings cannot be played.
    pub fn prepare_with(
        config: TournamentConfig,
        catalog: &Catalog,
        weights: &dyn WeightSource,
    ) -> Result<Tournament<W>, TournamentError> {
        let unusual = |problem: String| TournamentError::Config { file: config.name.clone(), problem };
        let payoff = config.payoff().map_err(unusual)?;
        let mut rules = catalog.rules_on(&config.variant)?;
        if !payoff.is_default() {
            rules = Arc::new(rules.with_payoff(payoff));
        }
        let mut players = Vec::new();
        for player in &config.players {
            let error = |error| TournamentError::Player { name: player.name.clone(), error };
            let spec: PlayerSpec = player.spec.parse().map_err(error)?;
            players.push(spec.prepare_with(catalog, &rules, weights).map_err(error)?);
        }
        let OpeningsConfig { plies, file, order } = &config.openings;
        let openings = match file {
            Some(file) => {
                let book = Book::load(file, *plies)?;
                book.openings(&rules, order.unwrap_or_default(), config.seed, config.rounds as usize)?
            }
            None => {
                let plies = plies.unwrap_or(4);
                RandomOpenings::new(config.seed, plies..=plies).generate(&rules, config.rounds)?
            }
        };
        let pairings = config.pairings();
        let mut tournament = Tournament { config, rules, players, openings, pairings, hash: String::new() };
        let mut digest = Sha256::new();
        digest.update(serde_json::to_vec(&tournament.description()).expect("plain data"));
        for opening in &tournament.openings {
            digest.update(opening.start.as_deref().unwrap_or("start"));
            digest.update(format!(" {}\n", opening.moves.join(" ")));
        }
        tournament.hash = digest.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect();
        Ok(tournament)
    }

    /// Hash of the configuration with its rules, weights and openings, 16 hex digits.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Number of games.
    #[must_use]
    pub fn games(&self) -> u64 {
        2 * self.pairings.len() as u64 * u64::from(self.config.rounds)
    }

    /// What engines did that cost no game but that their users should know, each with the name of the player.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let players = self.players.iter().zip(&self.config.players);
        players.flat_map(|(p, config)| p.remarks().into_iter().map(|r| format!("{} {r}", config.name))).collect()
    }

    fn description(&self) -> serde_json::Value {
        json!({
            "tournament": self.config,
            "rules": self.rules.hash(),
            "players": self.cards(),
            "openings": self.openings.len(),
            "hash": self.hash,
        })
    }

    fn cards(&self) -> Vec<PlayerCard<'_>> {
        self.players
            .iter()
            .zip(&self.config.players)
            .map(|(player, config)| PlayerCard {
                name: &config.name,
                spec: player.spec().to_string(),
                weights: player.weights_hash(),
                search_rules: player.search_rules_hash(),
                engine: player.engine_id(),
            })
            .collect()
    }

    /// The job of the tournament's rounds, for others who play some of them; `None` if a player is an external engine. `files` are the weight files
    /// by the names that players give them.
    #[must_use]
    pub fn job(&self, catalog: &Catalog, files: &BTreeMap<String, Vec<u8>>) -> Option<work::Job> {
        let players: Vec<&PlayerFactory<W>> = self.players.iter().collect();
        match_job(&self.match_config(0, 0), &players, catalog, files)
    }

    /// Plays the rounds that `folder` does not hold yet on the current rayon thread pool, and rates the players.
    ///
    /// # Errors
    /// If the directory holds another tournament, or cannot be written. Rounds that were finished stay.
    pub fn run(
        &self,
        folder: &Path,
        resume: bool,
        on_progress: &(dyn Fn(&TournamentProgress) + Sync),
    ) -> Result<Standings, TournamentError> {
        self.run_shared(folder, resume, None, on_progress)
    }

    /// [`Tournament::run`], with rounds that others may play, whose job is [`Tournament::job`].
    ///
    /// # Errors
    /// Those of [`Tournament::run`], and those of the folder of units.
    pub fn run_shared(
        &self,
        folder: &Path,
        resume: bool,
        share: Option<&SharedJob<'_>>,
        on_progress: &(dyn Fn(&TournamentProgress) + Sync),
    ) -> Result<Standings, TournamentError> {
        let (mut log, mut rows) = self.open(folder, resume)?;
        let description = serde_json::to_vec_pretty(&self.description()).expect("plain data");
        write_file(&folder.join("config.json"), &description)?;
        let found = 2 * rows.len() as u64;
        for pairing in 0..self.pairings.len() {
            let known: Vec<RoundTally> =
                rows.iter().filter(|row| row.pairing == pairing).map(|row| row.tally.clone()).collect();
            if known.len() == self.config.rounds as usize {
                continue;
            }
            let (first, second) = self.names(pairing);
            self.play(pairing, &known, &mut log, share, &mut |row, failures| {
                rows.push(row);
                on_progress(&TournamentProgress {
                    done: 2 * rows.len() as u64,
                    found,
                    total: self.games(),
                    label: format!("{first} against {second}"),
                    failures,
                });
            })?;
            // The standings so far. With many players rating them would take too long after every round.
            if self.players.len() <= 32 {
                self.write_standings(folder, &rows)?;
            }
        }
        let standings = self.write_standings(folder, &rows)?;
        share.map_or(Ok(()), |share| share.folder.remove()).map_err(MatchError::from)?;
        Ok(standings)
    }

    /// Opens the log of a folder, which must be one of this tournament if it exists. Returns the log and its rows.
    fn open(&self, folder: &Path, resume: bool) -> Result<(GameLog<RoundRow>, Vec<RoundRow>), GameLogError> {
        files::create_folder(folder).map_err(|error| GameLogError::Io { path: folder.to_owned(), error })?;
        let (games, path) = (folder.join("games.pgn"), folder.join("results.jsonl"));
        if !resume && [&games, &path].into_iter().any(|path| path.exists()) {
            let problem = "a tournament exists here; continue it with --resume, or choose another directory";
            return Err(unusable(folder, problem));
        }
        let (log, rows) = GameLog::<RoundRow>::open(&games, &path, None, Existing::Resume)?;
        for (index, row) in rows.iter().enumerate() {
            let rounds = self.config.rounds as usize;
            if row.config != self.hash || (row.pairing, row.round as usize) != (index / rounds, index % rounds) {
                let problem = format!(
                    "line {}: round {} of pairing {} of tournament {} cannot stand here in {}: configuration, rules, \
                     weights or openings have changed; choose another directory",
                    index + 1,
                    row.round,
                    row.pairing,
                    row.config,
                    self.hash
                );
                return Err(unusable(&path, problem));
            }
        }
        Ok((log, rows))
    }

    fn names(&self, pairing: usize) -> (&str, &str) {
        let (first, second) = self.pairings[pairing];
        (&self.config.players[first].name, &self.config.players[second].name)
    }

    fn play(
        &self,
        pairing: usize,
        known: &[RoundTally],
        log: &mut GameLog<RoundRow>,
        share: Option<&SharedJob<'_>>,
        on_round: &mut (dyn FnMut(RoundRow, Vec<String>) + Send),
    ) -> Result<(), TournamentError> {
        let (first, second) = self.pairings[pairing];
        let config = self.match_config(first, second);
        let inputs = PairingInputs { players: (first, second), seed: config.seed, first: 0, last: 0 };
        let inputs = serde_json::to_value(inputs).expect("plain data");
        let shared = share.map(|share| share.of(&inputs));
        let mut failure = None;
        let [first, second] = [&self.players[first], &self.players[second]];
        let names = self.names(pairing);
        let players = [(names.0, first), (names.1, second)];
        let make: [MakePlayer<'_, W>; 2] = [&|| first.player(), &|| second.player()];
        let played = share_match(&config, known, make, shared.as_ref(), &mut |round, _| {
            let number = format!("{}.{}", pairing + 1, round.index + 1);
            let row = self.row(pairing, round);
            failure = log.append(&round_pgn(round, &self.config.name, &number, players, None), &row).err();
            on_round(row, round.failures(&number, [names.0, names.1]));
            if failure.is_none() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        failure.map_or(Ok(()), Err)?;
        log.sync()?;
        played?;
        Ok(())
    }

    /// The match of two players.
    fn match_config(&self, first: usize, second: usize) -> MatchConfig<W> {
        MatchConfig {
            rounds: self.config.rounds,
            // The seed depends on the pairing, so that players with random streams do not repeat their games against other
            // opponents.
            seed: stream(self.config.seed, first as u64, second as u64, Purpose::Pairing).next_u64(),
            max_plies: self.config.max_plies,
            insufficient_material: true,
            ..MatchConfig::new(Arc::clone(&self.rules), self.openings.clone())
        }
    }

    fn row(&self, pairing: usize, round: &Round<W>) -> RoundRow {
        let (first, second) = self.names(pairing);
        let opening = &self.openings[round.opening];
        RoundRow {
            pairing,
            round: round.index,
            first: first.to_owned(),
            second: second.to_owned(),
            opening: round.opening,
            start: opening.start.clone(),
            moves: opening.moves.join(" "),
            tally: round.tally(),
            rules: self.rules.hash().to_owned(),
            config: self.hash.clone(),
        }
    }

    fn write_standings(&self, folder: &Path, rows: &[RoundRow]) -> Result<Standings, TournamentError> {
        let standings = Standings::new(self, rows)?;
        let text = serde_json::to_vec_pretty(&standings).expect("plain data");
        write_file(&folder.join("ratings.json"), &text)?;
        write_file(&folder.join("table.txt"), standings.table().as_bytes())?;
        Ok(standings)
    }
}

/// Writes a file whole or not at all.
fn write_file(path: &Path, bytes: &[u8]) -> Result<(), GameLogError> {
    files::write(path, bytes).map_err(|error| GameLogError::Io { path: path.to_owned(), error })
}
