//! The configuration of a selection run. The run directory holds all of it, and its hash identifies the run in logs and cards.

use std::collections::BTreeMap;

use arena::stats::Sprt;
use rules::Payoff;
use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest as _, Sha256};

use crate::SelectionError;

/// Configuration of a selection run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Variant to select under.
    pub variant: String,
    /// Changes to the variant: keys and values of `variants.ini`.
    #[serde(default)]
    pub edit: Vec<(String, String)>,
    /// What endings are worth to the side that they favour, where that differs from the variant: names of endings with worths from -1 to
    /// 1, and `count-at-ply` ([`Payoff::from_entries`]). It holds under the rules of all regimes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "numbers")]
    pub payoff: BTreeMap<String, f64>,
    /// Further rules. The games of a generation are played in turn under the variant's own rules and under each of these.
    #[serde(default)]
    pub regimes: Vec<RegimeConfig>,
    /// Root of all random streams.
    pub seed: u64,
    /// Hash of the weights that the first champion inherits, as `--from` sets it; `None` if it begins from random weights.
    #[serde(default)]
    pub from: Option<String>,
    /// Number of generations, at least 1.
    pub generations: u32,
    /// The network's size and inputs.
    pub network: NetworkConfig,
    /// How games are played.
    pub self_play: SelfPlayConfig,
    /// How candidates are trained on the games.
    pub training: TrainingConfig,
    /// The match that a candidate must pass to become champion.
    pub gate: GateConfig,
    /// How many candidates there are, and how often the worst is replaced.
    #[serde(default)]
    pub population: PopulationConfig,
}

/// Rules that games are played under besides the variant's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegimeConfig {
    /// Name of the variant with these rules.
    pub name: String,
    /// Changes to the variant: keys and values of `variants.ini`.
    pub edit: BTreeMap<String, String>,
}

/// The network's size and inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkConfig {
    /// Units of the hidden layer, a multiple of 32.
    pub hidden: usize,
    /// Whether a description of the rules is an input of the network too. Possible on boards of at most 36 squares.
    #[serde(default)]
    pub sees_rules: bool,
    /// Whether the network tells men apart by whether they are attacked and defended.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sees_attacks: bool,
    /// Whether the network sees men in hand.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sees_hands: bool,
}

/// How games of self-play are played.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelfPlayConfig {
    /// Games per generation, at least 1.
    pub games: u32,
    /// Playouts of a full search, at least 2.
    pub playouts: u32,
    /// Playout cap randomisation (Wu 2019): the share of moves, above 0 up to 1, that get a full search, with all playouts and with noise.
    /// Only these positions are learnt from.
    #[serde(default = "one")]
    pub full_share: f64,
    /// Playouts of the searches that are not full. These have no noise, and their positions are not learnt from. At least 2 if `full_share`
    /// is below 1, otherwise left out.
    #[serde(default)]
    pub fast_playouts: u32,
    /// Whether a search that is not full goes on with the tree of the search before it, and makes its playouts on top of what that tree holds.
    /// Full searches always begin with a new tree, since their noise must meet all their playouts. Only if `full_share` is below 1.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reuse_tree: bool,
    /// If given, full searches use sequential halving with Gumbel noise (Danihelka et al. 2022), begin with this many moves and also choose
    /// the move, and the improved policy is learnt instead of the visits. `noise_share` must then be 0, and `temperature_plies` must be 0
    /// if all searches are full. If left out, full searches use PUCT with Dirichlet noise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub considered: Option<u32>,
    /// The largest number of uniformly random plies that a game begins with; the number is drawn uniformly from 0 on.
    pub random_plies: u32,
    /// Before this ply of the game, moves are drawn in proportion to their visits; from it on, the most visited move is played.
    pub temperature_plies: u32,
    /// Share of Dirichlet noise in the root's priors, 0 to 1.
    pub noise_share: f32,
    /// Sum of the parameters of the Dirichlet distribution, which all legal moves share equally; above 0, at most a million.
    pub noise_concentration: f32,
    /// Length at which games are cut off and count as draws, in plies; at least 2.
    pub max_plies: u32,
    /// When a side resigns; `None` if sides never resign.
    #[serde(default)]
    pub resign: Option<ResignConfig>,
}

/// When a side resigns.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResignConfig {
    /// A side resigns if the values of its last full searches were all below this number, from -1 to below 0. The game is then worth -1 to
    /// that side, whatever the payoff.
    pub below: f32,
    /// The number of full searches in a row that must have values below the bound, at least 1.
    pub searches: u32,
    /// Share of games, 0 to 1, that go on although a side would resign, to count how many resignations are wrong.
    pub played_out: f64,
}

/// How candidates are trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingConfig {
    /// Generations whose games the replay window holds, the current one included; at least 1.
    pub window: u32,
    /// Positions per gradient step, 1 to 65536.
    pub batch: usize,
    /// Positions drawn in a generation, as a multiple of the positions that its games have; 0 to 100.
    pub reuse: f64,
    /// Learning rate of AdamW in the first generation; above 0, at most 1.
    pub learning_rate: f64,
    /// Learning rate that the cosine decay leads to at the end of the run; above 0, at most 1.
    pub final_learning_rate: f64,
    /// Decoupled weight decay (Loshchilov, Hutter 2019), 0 to 1.
    pub weight_decay: f64,
    /// Share of the search's value in the value target, 0 to 1; the rest is the game's result.
    pub search_value_share: f32,
    /// Steps at the beginning of the run during which the learning rate rises linearly from 0.
    #[serde(default)]
    pub warm_up: u64,
    /// Share that the exponential moving average of the weights keeps of itself per step, 0 to below 1. Candidates are this average; with 0
    /// they are the last weights.
    #[serde(default)]
    pub average: f32,
    /// Whether each drawn position is replaced by its mirror image with probability 1/2. Refused unless the rules are known to treat left
    /// and right alike.
    #[serde(default)]
    pub mirror: bool,
    /// Into how many parts a batch is divided, 1 to 16: their gradients are computed at the same time, each by one thread, and added in a fixed order. The
    /// selected weights depend on this number, and not on the number of threads.
    #[serde(default = "one_part", skip_serializing_if = "is_one")]
    pub parts: usize,
}

fn one_part() -> usize {
    1
}

fn is_one(parts: &usize) -> bool {
    *parts == 1
}

/// The match that decides whether a candidate becomes champion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateConfig {
    /// Pairs of games, shared out over the regimes, each of which needs at least one. With `sprt`, the most that are played.
    pub pairs: u32,
    /// Playouts per move, at least 1.
    pub playouts: u32,
    /// Score, in [0, 1], that the candidate must exceed to become champion. It decides where there is no `sprt`, or none has accepted.
    pub threshold: f64,
    /// A sequential test that may end the match early: H1 makes the candidate champion, H0 rejects it.
    #[serde(default)]
    pub sprt: Option<Sprt>,
}

/// Population-based training (Jaderberg et al. 2017).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PopulationConfig {
    /// Candidates per generation, 1 to 64, each with a trainer of its own. With 1 the run is the loop of AlphaZero.
    pub size: u32,
    /// Period of replacement in generations, at least 1: after every period a mutated copy of the candidate with the best score replaces the
    /// candidate with the worst.
    pub truncate_every: u32,
}

impl Default for PopulationConfig {
    fn default() -> PopulationConfig {
        PopulationConfig { size: 1, truncate_every: 1 }
    }
}

fn one() -> f64 {
    1.0
}

/// Reads a table of numbers. The error names the first value that is not a number.
fn numbers<'de, D: Deserializer<'de>>(input: D) -> Result<BTreeMap<String, f64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Found {
        Number(f64),
        Text(String),
        Other(IgnoredAny),
    }
    let number = |(name, found)| match found {
        Found::Number(number) => Ok((name, number)),
        Found::Text(text) => {
            let text = files::excerpt(&text, 40);
            Err(D::Error::custom(format!("payoff: {name} = `{text}`: a number was expected")))
        }
        Found::Other(_) => Err(D::Error::custom(format!("payoff: {name} is no number; one was expected"))),
    };
    BTreeMap::<String, Found>::deserialize(input)?.into_iter().map(number).collect()
}

/// Puts the values of one table into another. Tables that both have under the same key are merged.
fn merge(into: &mut toml::Table, from: toml::Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(toml::Value::Table(old)), toml::Value::Table(new)) => merge(old, new),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

impl Config {
    /// Reads a configuration from TOML. `source` is the name that errors give to it.
    ///
    /// # Errors
    /// If a key is missing, unknown or out of range; the error names the key, and the line where TOML has one.
    pub fn from_toml(source: &str, text: &str) -> Result<Config, SelectionError> {
        Config::from_toml_with(source, text, &[])
    }

    /// Reads a configuration as [`Config::from_toml`] does, with the values of `set` replaced or added; each of these is written as
    /// `section.key=value`, with the value in TOML.
    ///
    /// # Errors
    /// The errors of [`Config::from_toml`]; a text in `set` that is not of that form.
    pub fn from_toml_with(source: &str, text: &str, set: &[String]) -> Result<Config, SelectionError> {
        let error = |message: String| SelectionError::Config { source_name: source.to_owned(), message };
        let wrong = |e: toml::de::Error| {
            let place = e.span().map_or_else(String::new, |span| files::place(text, span.start) + ": ");
            error(format!("{place}{}", e.message()))
        };
        let config: Config = if set.is_empty() {
            toml::from_str(text).map_err(wrong)?
        } else {
            let mut table: toml::Table = toml::from_str(text).map_err(wrong)?;
            for replacement in set {
                let one: toml::Table = toml::from_str(replacement)
                    .map_err(|e| error(format!("`{replacement}`: section.key=value was expected: {}", e.message())))?;
                merge(&mut table, one);
            }
            table.try_into().map_err(wrong)?
        };
        config.check().map_err(error)?;
        Ok(config)
    }

    /// What endings are worth under this configuration.
    ///
    /// # Errors
    /// If an entry is unknown or out of range; the error names it.
    pub fn payoff(&self) -> Result<Payoff, String> {
        let entries = self.payoff.iter().map(|(name, number)| (name.clone(), *number));
        Payoff::from_entries(entries).map_err(|e| format!("payoff: {e}"))
    }

    fn check(&self) -> Result<(), String> {
        let payoff = self.payoff()?;
        let (play, training, gate) = (&self.self_play, &self.training, &self.gate);
        let rates = [training.learning_rate, training.final_learning_rate];
        let checks = [
            (self.generations >= 1, "generations must be at least 1"),
            (play.games >= 1, "self_play.games must be at least 1"),
            (play.considered != Some(0), "self_play.considered must be at least 1"),
            (
                play.considered.is_none() || play.noise_share == 0.0,
                "self_play.noise_share has no effect with considered, which draws Gumbel noise; set it to 0",
            ),
            (
                play.considered.is_none() || play.full_share < 1.0 || play.temperature_plies == 0,
                "self_play.temperature_plies has no effect with considered unless full_share is below 1; set it to 0",
            ),
            (play.playouts >= 2, "self_play.playouts must be at least 2"),
            (play.full_share > 0.0 && play.full_share <= 1.0, "self_play.full_share must lie above 0, up to 1"),
            (
                (play.full_share < 1.0) == (play.fast_playouts >= 2),
                "self_play.fast_playouts must be at least 2 if full_share is below 1, and left out otherwise",
            ),
            (
                !play.reuse_tree || play.full_share < 1.0,
                "self_play.reuse_tree has no effect unless full_share is below 1; leave it out",
            ),
            ((0.0..=1.0).contains(&play.noise_share), "self_play.noise_share must lie in 0 to 1"),
            (
                play.noise_concentration > 0.0 && play.noise_concentration <= 1e6,
                "self_play.noise_concentration must be positive and at most a million",
            ),
            (play.max_plies >= 2, "self_play.max_plies must be at least 2"),
            (
                play.resign.is_none_or(|r| {
                    (-1.0..0.0).contains(&r.below) && r.searches >= 1 && (0.0..=1.0).contains(&r.played_out)
                }),
                "self_play.resign: below must lie in -1 to 0, searches be at least 1, played_out lie in 0 to 1",
            ),
            (training.window >= 1, "training.window must be at least 1"),
            ((1..=1 << 16).contains(&training.batch), "training.batch must lie in 1 to 65536"),
            ((1..=16).contains(&training.parts), "training.parts must lie in 1 to 16"),
            ((0.0..=100.0).contains(&training.reuse), "training.reuse must lie in 0 to 100"),
            (
                rates.iter().all(|rate| *rate > 0.0 && *rate <= 1.0),
                "training.learning_rate and final_learning_rate must be positive and at most 1",
            ),
            ((0.0..=1.0).contains(&training.weight_decay), "training.weight_decay must lie in 0 to 1"),
            ((0.0..=1.0).contains(&training.search_value_share), "training.search_value_share must lie in 0 to 1"),
            ((0.0..1.0).contains(&training.average), "training.average must lie in 0 to below 1"),
            (gate.pairs >= 1 && gate.playouts >= 1, "gate.pairs and gate.playouts must be at least 1"),
            (gate.sprt.is_none() || self.regimes.is_empty(), "gate.sprt must be left out where there are regimes"),
            (
                gate.sprt.is_none() || payoff.is_ternary(),
                "gate.sprt tests wins, draws and losses, so it must be left out if the payoff has worths between -1, 0 and 1",
            ),
            (
                gate.pairs as usize > self.regimes.len(),
                "gate.pairs must be at least the number of regimes, the variant itself included",
            ),
            (
                (1..=64).contains(&self.population.size) && self.population.truncate_every >= 1,
                "population.size must lie in 1 to 64, truncate_every be at least 1",
            ),
        ];
        checks.iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, message)| Err((*message).to_owned()))
    }

    /// Hash of the configuration: the first 16 hexadecimal digits of the SHA-256 of its JSON.
    ///
    /// # Panics
    /// Never: the configuration is plain data.
    #[must_use]
    pub fn hash(&self) -> String {
        let text = serde_json::to_string(self).expect("plain data");
        Sha256::digest(text.as_bytes()).iter().take(8).map(|b| format!("{b:02x}")).collect()
    }
}
