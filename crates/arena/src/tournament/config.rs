//! The TOML file of a tournament.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use rules::Payoff;
use serde::{Deserialize, Serialize};

use super::TournamentError;
use crate::book::BookOrder;
use crate::game::DEFAULT_MAX_PLIES;
use crate::spec::PlayerSpec;

/// The most players.
const MAX_PLAYERS: usize = 256;
/// The most rounds of a pairing.
const MAX_ROUNDS: u32 = 1_000_000;

/// A tournament, as its file describes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TournamentConfig {
    /// Name of the tournament, for records.
    pub name: String,
    /// Variant that is played.
    pub variant: String,
    /// What endings are worth, where that is not what the variant says: entries of [`rules::Payoff::from_entries`], each -1, 0 or 1.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub payoff: BTreeMap<String, f64>,
    /// Who meets whom.
    #[serde(default)]
    pub format: Format,
    /// Rounds of each pairing; a round is an opening played twice with colours swapped.
    pub rounds: u32,
    /// Seed of openings and of players that draw random numbers.
    #[serde(default = "one")]
    pub seed: u64,
    /// Length in plies at which a game is called a draw.
    #[serde(default = "usual_plies")]
    pub max_plies: usize,
    /// Name of the player whose rating is `anchor_elo`; without one, `anchor_elo` is the mean of all ratings.
    pub anchor: Option<String>,
    /// Rating of the anchor.
    #[serde(default)]
    pub anchor_elo: f64,
    /// Where the games begin.
    #[serde(default)]
    pub openings: OpeningsConfig,
    /// The players.
    #[serde(rename = "player")]
    pub players: Vec<PlayerConfig>,
}

/// Which players meet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Everyone meets everyone.
    #[default]
    RoundRobin,
    /// Each challenger meets everyone who is not a challenger. If none is named, the first player is the challenger.
    Gauntlet,
}

/// Where games begin: random moves, or a book.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpeningsConfig {
    /// Without a book, the number of random plies (4 by default). With a book, the plies that are taken of each entry (all by
    /// default).
    pub plies: Option<u32>,
    /// A book: EPD, PGN or lines of moves.
    pub file: Option<PathBuf>,
    /// In which order the openings of the book are used.
    pub order: Option<BookOrder>,
}

/// A player of a tournament.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlayerConfig {
    /// Name, different from all others.
    pub name: String,
    /// The player's specification, `KIND[:WHAT][@KEY=VALUE,…]`; see [`PlayerSpec`].
    pub spec: String,
    /// Whether the player is a challenger of a gauntlet.
    #[serde(default)]
    pub challenger: bool,
}

/// The message with which TOML refuses a text, in one line and with its place.
fn one_line(error: &toml::de::Error, text: &str) -> String {
    let message = files::excerpt(error.message(), 300);
    let place = error.span().and_then(|span| text.get(..span.start));
    place.map_or(message.clone(), |before| format!("line {}: {message}", 1 + before.matches('\n').count()))
}

fn one() -> u64 {
    1
}

fn usual_plies() -> usize {
    DEFAULT_MAX_PLIES
}

impl TournamentConfig {
    /// Reads a configuration; errors name it `source`.
    ///
    /// # Errors
    /// The error names the place. Errors are wrong syntax, unknown or missing keys, keys without effect, and values out of range.
    pub fn from_toml(source: &str, text: &str) -> Result<TournamentConfig, TournamentError> {
        let file = files::printable(source).into_owned();
        let error = |problem: String| TournamentError::Config { file: file.clone(), problem };
        let config: TournamentConfig = toml::from_str(text).map_err(|e| error(one_line(&e, text)))?;
        config.check().map_err(|problem| error(files::excerpt(&problem, 360)))?;
        Ok(config)
    }

    /// What endings are worth: -1, 0 or 1 each.
    pub(super) fn payoff(&self) -> Result<Payoff, String> {
        let entries = self.payoff.iter().map(|(name, number)| (name.clone(), *number));
        let payoff = Payoff::from_entries(entries).map_err(|e| format!("payoff: {e}"))?;
        if !payoff.is_ternary() {
            return Err(format!(
                "payoff: {payoff}: ratings are made of wins, draws and losses (Davidson's model), so every ending must be worth -1, 0 or 1; \
                 matches take fractions"
            ));
        }
        Ok(payoff)
    }

    fn check(&self) -> Result<(), String> {
        let check = |key: &str, name: &str, most: usize| {
            let fits = (1..=most).contains(&name.chars().count()) && files::printable(name) == name;
            let problem =
                || format!("{key} `{}`: expected 1 to {most} characters that can be shown", files::excerpt(name, 60));
            fits.then_some(()).ok_or_else(problem)
        };
        check("name", &self.name, 200)?;
        if !(2..=MAX_PLAYERS).contains(&self.players.len()) {
            return Err(format!("{} players; 2 to {MAX_PLAYERS} were expected", self.players.len()));
        }
        self.payoff()?;
        if !(1..=MAX_ROUNDS).contains(&self.rounds) {
            return Err(format!("rounds = {}: expected 1 to {MAX_ROUNDS}", self.rounds));
        }
        if !(1..=100_000).contains(&self.max_plies) {
            return Err(format!("max_plies = {}: expected 1 to 100000", self.max_plies));
        }
        if self.anchor_elo.abs() > 10_000.0 || self.anchor_elo.is_nan() {
            return Err(format!("anchor_elo = {}: expected -10000 to 10000", self.anchor_elo));
        }
        let mut names = BTreeSet::new();
        for player in &self.players {
            let name = &player.name;
            check("player name", name, 60)?;
            if !names.insert(name) {
                return Err(format!("player name `{name}` is given twice"));
            }
            player.spec.parse::<PlayerSpec>().map_err(|e| format!("player `{name}`: {e}"))?;
        }
        if let Some(anchor) = self.anchor.as_ref().filter(|anchor| !names.contains(anchor)) {
            return Err(format!("anchor = \"{anchor}\" is none of the players"));
        }
        let challengers = self.players.iter().filter(|p| p.challenger).count();
        if self.format == Format::RoundRobin && challengers > 0 {
            return Err("challenger has no effect in a round robin: set format = \"gauntlet\"".to_owned());
        }
        if challengers == self.players.len() {
            return Err("all players are challengers: a gauntlet needs someone to meet".to_owned());
        }
        if self.openings.order.is_some() && self.openings.file.is_none() {
            return Err("openings.order has no effect without openings.file".to_owned());
        }
        Ok(())
    }

    /// The pairings in the order in which they are played, each as the indices of its two players. The first one has White in the
    /// first game.
    #[must_use]
    pub fn pairings(&self) -> Vec<(usize, usize)> {
        let all = 0..self.players.len();
        let nobody = self.players.iter().all(|p| !p.challenger);
        let challenges = |i: usize| self.players[i].challenger || (nobody && i == 0);
        match self.format {
            Format::RoundRobin => all.clone().flat_map(|i| (i + 1..all.end).map(move |j| (i, j))).collect(),
            Format::Gauntlet => {
                let challengers: Vec<usize> = all.clone().filter(|i| challenges(*i)).collect();
                let others: Vec<usize> = all.filter(|i| !challenges(*i)).collect();
                challengers.iter().flat_map(|i| others.iter().map(|j| (*i, *j))).collect()
            }
        }
    }
}
