//! Tournaments: many players, each pairing a match, one rating list.
//!
//! A tournament's directory holds `config.json`, `results.jsonl` (a row per round, written as it ends), `games.pgn`,
//! `ratings.json` and `table.txt`. A run that was killed goes on after its last whole round and ends with the same
//! bytes, as long as the players are deterministic, as all but external engines are.

mod config;
mod log;
mod table;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rand::RngCore;
use rules::{Catalog, Color, RuleError, Rules};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::book::{Book, BookError};
use crate::factory::PlayerFactory;
use crate::match_result::Round;
use crate::match_runner::{MatchConfig, MatchError, resume_match};
use crate::openings::{Opening, OpeningError, RandomOpenings};
use crate::pgn::{PgnTags, pgn};
use crate::random::{Purpose, stream};
use crate::rating::RatingError;
use crate::spec::{PlayerSpec, SpecError};
pub use config::{Format, OpeningsConfig, PlayerConfig, TournamentConfig};
use log::Log;
pub use log::RoundRow;
pub use table::{PairingResult, PlayerResult, Standings};

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
    /// An unknown variant.
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
    /// The directory holds something else than this tournament.
    #[error("{path}: {problem}")]
    Damaged {
        /// The file or directory.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A file cannot be read or written.
    #[error("cannot {action} {path}: {error}")]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        error: std::io::Error,
    },
    /// The results could not be rated.
    #[error(transparent)]
    Rating(#[from] RatingError),
}

impl TournamentError {
    fn file(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> TournamentError {
        let path = path.to_owned();
        move |error| TournamentError::File { action, path, error }
    }

    fn damaged(path: &Path, problem: impl Into<String>) -> TournamentError {
        TournamentError::Damaged { path: path.to_owned(), problem: problem.into() }
    }
}

/// How far a tournament is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TournamentProgress {
    /// Games that are known, those of an earlier run included.
    pub done: u64,
    /// Games of earlier runs.
    pub found: u64,
    /// Games in all.
    pub total: u64,
    /// The pairing that is played.
    pub label: String,
}

/// A tournament made ready to play: rules compiled, players and openings checked.
pub struct Tournament {
    config: TournamentConfig,
    rules: Arc<Rules>,
    players: Vec<PlayerFactory>,
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
}

impl Tournament {
    /// Prepares everything, so that nothing can be missing once the games begin.
    ///
    /// # Errors
    /// If the variant is unknown, a player cannot be made, or the openings cannot be played.
    pub fn prepare(config: TournamentConfig, catalog: &Catalog) -> Result<Tournament, TournamentError> {
        let rules = catalog.rules(&config.variant)?;
        let mut players = Vec::new();
        for player in &config.players {
            let error = |error| TournamentError::Player { name: player.name.clone(), error };
            let spec: PlayerSpec = player.spec.parse().map_err(error)?;
            players.push(spec.prepare(catalog, &rules).map_err(error)?);
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
                spec: player.name(),
                weights: player.weights_hash(),
                search_rules: player.search_rules_hash(),
            })
            .collect()
    }

    /// Plays everything that `folder` does not hold yet on the current rayon thread pool, and rates the players.
    ///
    /// # Errors
    /// If the directory holds another tournament, or cannot be written. What was finished stays.
    pub fn run(
        &self,
        folder: &Path,
        resume: bool,
        on_progress: &(dyn Fn(&TournamentProgress) + Sync),
    ) -> Result<Standings, TournamentError> {
        let mut log = Log::open(folder, resume, &self.hash, &self.schedule())?;
        let description = serde_json::to_vec_pretty(&self.description()).expect("plain data");
        log::write_file(&folder.join("config.json"), &description)?;
        let found = 2 * log.rows().len() as u64;
        let done = AtomicU64::new(found);
        for pairing in 0..self.pairings.len() {
            let known = log.rows().iter().filter(|row| row.pairing == pairing).count() as u32;
            if known == self.config.rounds {
                continue;
            }
            self.play(pairing, known, &mut log, &|| {
                let (first, second) = self.names(pairing);
                on_progress(&TournamentProgress {
                    done: done.fetch_add(2, Ordering::Relaxed) + 2,
                    found,
                    total: self.games(),
                    label: format!("{first} against {second}"),
                });
            })?;
            // A look at what is known so far; with many players rating them takes longer than it is worth.
            if self.players.len() <= 32 {
                self.write_standings(folder, log.rows())?;
            }
        }
        self.write_standings(folder, log.rows())
    }

    fn names(&self, pairing: usize) -> (&str, &str) {
        let (first, second) = self.pairings[pairing];
        (&self.config.players[first].name, &self.config.players[second].name)
    }

    /// The rounds in the order of the log: (pairing, round).
    fn schedule(&self) -> Vec<(usize, u32)> {
        (0..self.pairings.len())
            .flat_map(|pairing| (0..self.config.rounds).map(move |round| (pairing, round)))
            .collect()
    }

    fn play(
        &self,
        pairing: usize,
        first_round: u32,
        log: &mut Log,
        on_round: &(dyn Fn() + Sync),
    ) -> Result<(), TournamentError> {
        let (first, second) = self.pairings[pairing];
        let config = MatchConfig {
            rounds: self.config.rounds,
            first_round,
            // Players with random streams must not repeat themselves against others.
            seed: stream(self.config.seed, first as u64, second as u64, Purpose::Pairing).next_u64(),
            max_plies: self.config.max_plies,
            ..MatchConfig::new(Arc::clone(&self.rules), self.openings.clone())
        };
        let mut failure = None;
        let [first, second] = [&self.players[first], &self.players[second]];
        resume_match(&config, &[], &|| first.player(), &|| second.player(), &mut |round, _| {
            failure = log.append(self.row(pairing, round), &self.games_as_pgn(pairing, round)).err();
            on_round();
            if failure.is_none() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        failure.map_or(Ok(()), Err)?;
        log.sync()
    }

    fn row(&self, pairing: usize, round: &Round) -> RoundRow {
        let (first, second) = self.names(pairing);
        let opening = &self.openings[round.opening];
        let results = round.results();
        RoundRow {
            pairing,
            round: round.index,
            first: first.to_owned(),
            second: second.to_owned(),
            opening: round.opening,
            start: opening.start.clone(),
            moves: opening.moves.join(" "),
            results,
            plies: round.games.each_ref().map(|game| game.plies()),
            capped: round.games.each_ref().map(crate::GameRecord::capped),
            illegal: [0, 1].map(|player| round.illegal(player)),
            rules: self.rules.hash().to_owned(),
            config: self.hash.clone(),
            pgn_end: 0,
        }
    }

    fn games_as_pgn(&self, pairing: usize, round: &Round) -> String {
        let (first, second) = self.pairings[pairing];
        let mut text = String::new();
        for (number, game) in round.games.iter().enumerate() {
            let (white, black) =
                if Round::color(0, number) == Color::White { (first, second) } else { (second, first) };
            let weights = |i: usize| self.players[i].weights_hash().unwrap_or_default().to_owned();
            text += &pgn(
                game,
                &PgnTags {
                    event: self.config.name.clone(),
                    round: format!("{}.{}.{}", pairing + 1, round.index + 1, number + 1),
                    white: self.config.players[white].name.clone(),
                    black: self.config.players[black].name.clone(),
                    white_weights: weights(white),
                    black_weights: weights(black),
                    more: vec![
                        ("WhiteSpec".to_owned(), self.players[white].name()),
                        ("BlackSpec".to_owned(), self.players[black].name()),
                    ],
                },
            );
        }
        text
    }

    fn write_standings(&self, folder: &Path, rows: &[RoundRow]) -> Result<Standings, TournamentError> {
        let standings = Standings::new(self, rows)?;
        let text = serde_json::to_vec_pretty(&standings).expect("plain data");
        log::write_file(&folder.join("ratings.json"), &text)?;
        log::write_file(&folder.join("table.txt"), standings.table().as_bytes())?;
        Ok(standings)
    }
}
