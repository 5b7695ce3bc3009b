//! What a selection run is told: the whole of it stands in the run directory and under the configuration hash.

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
    /// Changes to it, in the keys of `variants.ini`.
    #[serde(default)]
    pub edit: Vec<(String, String)>,
    /// What endings are worth to the side that they favour, where that is not what the variant says: names of endings with worths from -1 to
    /// 1, and `count-at-ply` ([`Payoff::from_entries`]). The rules of all regimes take it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "numbers")]
    pub payoff: BTreeMap<String, f64>,
    /// Further rules, games of which are played in turn with those of the variant itself: a distribution of regimes.
    #[serde(default)]
    pub regimes: Vec<RegimeConfig>,
    /// Root of all random streams.
    pub seed: u64,
    /// Hash of the weights that the first champion inherits; none begins from random ones. Set by `--from`.
    #[serde(default)]
    pub from: Option<String>,
    /// Number of generations.
    pub generations: u32,
    /// The network.
    pub network: NetworkConfig,
    /// How games are made.
    pub self_play: SelfPlayConfig,
    /// How candidates are made from them.
    pub training: TrainingConfig,
    /// How a candidate proves itself.
    pub gate: GateConfig,
    /// How many candidates there are, and how they vary.
    #[serde(default)]
    pub population: PopulationConfig,
}

/// Rules beside the variant's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegimeConfig {
    /// What they are called.
    pub name: String,
    /// Changes to the variant, in the keys of `variants.ini`.
    pub edit: BTreeMap<String, String>,
}

/// The network's size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkConfig {
    /// Units of the hidden layer, a multiple of 32.
    pub hidden: usize,
    /// Whether the network also sees a description of the rules. Boards of at most 36 squares.
    #[serde(default)]
    pub sees_rules: bool,
}

/// Self-play.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelfPlayConfig {
    /// Games per generation.
    pub games: u32,
    /// Playouts per move.
    pub playouts: u32,
    /// Playout cap randomisation (Wu 2019): the share of moves that are searched with all playouts, and learnt from.
    #[serde(default = "one")]
    pub full_share: f64,
    /// Playouts of the other moves, which are searched without noise and not learnt from.
    #[serde(default)]
    pub fast_playouts: u32,
    /// Full searches share out their playouts over so many moves by sequential halving with Gumbel noise (Danihelka et al. 2022), which also
    /// chooses the move, and the improved policy is learnt in place of the visits. `noise_share` must be 0 then, and `temperature_plies` as
    /// well where all searches are full ones. Left out: PUCT with Dirichlet noise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub considered: Option<u32>,
    /// Each game begins with 0 to this many uniformly random plies.
    pub random_plies: u32,
    /// Plies, counted from the start, in which moves are drawn in proportion to their visits; then the most visited is played.
    pub temperature_plies: u32,
    /// Share of Dirichlet noise in the root's priors, 0 to 1.
    pub noise_share: f32,
    /// Concentration of the noise: each move's parameter is this divided by the number of legal moves.
    pub noise_concentration: f32,
    /// Games are cut off at this length, and are worth nothing then: draws.
    pub max_plies: u32,
    /// When a side gives up; never if not given.
    #[serde(default)]
    pub resign: Option<ResignConfig>,
}

/// Resignation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResignConfig {
    /// A side gives up when its searches say less than this, -1 to 0; the game is then worth -1 to it, whatever the payoff.
    pub below: f32,
    /// As many times in a row.
    pub searches: u32,
    /// Share of games in which that is only noted and the game played out: how often giving up is wrong is measured there.
    pub played_out: f64,
}

/// Gradient steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingConfig {
    /// Generations of games in the replay window.
    pub window: u32,
    /// Positions per step.
    pub batch: usize,
    /// How often each new position is drawn on average.
    pub reuse: f64,
    /// Learning rate of AdamW at the start.
    pub learning_rate: f64,
    /// Learning rate at the end, reached by a cosine.
    pub final_learning_rate: f64,
    /// Decoupled weight decay.
    pub weight_decay: f64,
    /// Share of the search's value in the value target; the rest is the game's result.
    pub search_value_share: f32,
    /// Steps in which the learning rate rises from 0, counted from the beginning of the run.
    #[serde(default)]
    pub warm_up: u64,
    /// The candidate's weights are an exponential moving average that keeps this share of itself per step; 0 takes the last weights.
    #[serde(default)]
    pub average: f32,
    /// Learns from half of the positions as seen in a mirror, if the rules know no left and right.
    #[serde(default)]
    pub mirror: bool,
}

/// The match that decides whether a candidate replaces the champion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateConfig {
    /// Pairs of games; with a test, the most that are played.
    pub pairs: u32,
    /// Playouts per move.
    pub playouts: u32,
    /// The candidate must score more than this, unless a test has decided.
    pub threshold: f64,
    /// A sequential test that may decide before all pairs are played: H1 makes the candidate champion, H0 rejects it.
    #[serde(default)]
    pub sprt: Option<Sprt>,
}

/// Population-based training (Jaderberg et al. 2017).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PopulationConfig {
    /// Candidates per generation, each with a trainer of its own; 1 is the loop of AlphaZero.
    pub size: u32,
    /// After this many generations, the candidate that scores worst gives way to a mutated copy of the best.
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

/// A table of numbers; what is none is named.
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

/// Puts the values of one table into another; where both have a table, into that.
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
    /// Reads a configuration from TOML.
    ///
    /// # Errors
    /// Names the line and key that is missing, unknown or out of range.
    pub fn from_toml(source: &str, text: &str) -> Result<Config, SelectionError> {
        Config::from_toml_with(source, text, &[])
    }

    /// [`Config::from_toml`] with some values replaced or added, each written as `section.key=value`, the value in TOML.
    ///
    /// # Errors
    /// As [`Config::from_toml`]; also if a replacement is not of that form.
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

    /// What endings are worth.
    ///
    /// # Errors
    /// Names the entry that is unknown or out of range.
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
                "self_play.noise_share has no effect with considered, which draws Gumbel noise: it must be 0 then",
            ),
            (
                play.considered.is_none() || play.full_share < 1.0 || play.temperature_plies == 0,
                "self_play.temperature_plies has no effect where considered chooses all moves: it must be 0 then",
            ),
            (play.playouts >= 2, "self_play.playouts must be at least 2"),
            (play.full_share > 0.0 && play.full_share <= 1.0, "self_play.full_share must lie above 0, up to 1"),
            (
                (play.full_share < 1.0) == (play.fast_playouts >= 2),
                "self_play.full_share below 1 needs fast_playouts of at least 2, and they need it",
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
            ((0.0..=100.0).contains(&training.reuse), "training.reuse must lie in 0 to 100"),
            (
                rates.iter().all(|rate| *rate > 0.0 && *rate <= 1.0),
                "training.learning_rate and final_learning_rate must be positive and at most 1",
            ),
            ((0.0..=1.0).contains(&training.weight_decay), "training.weight_decay must lie in 0 to 1"),
            ((0.0..=1.0).contains(&training.search_value_share), "training.search_value_share must lie in 0 to 1"),
            ((0.0..1.0).contains(&training.average), "training.average must lie in 0 to below 1"),
            (gate.pairs >= 1 && gate.playouts >= 1, "gate.pairs and gate.playouts must be at least 1"),
            (gate.sprt.is_none() || self.regimes.is_empty(), "gate.sprt is for one set of rules, not for regimes"),
            (
                gate.sprt.is_none() || payoff.is_ternary(),
                "gate.sprt tests wins, draws and losses; under a payoff of fractions it must be left out, and gate.threshold decides",
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

    /// Hash of the configuration, 16 hex digits.
    ///
    /// # Panics
    /// Never: the configuration is plain data.
    #[must_use]
    pub fn hash(&self) -> String {
        let text = serde_json::to_string(self).expect("plain data");
        Sha256::digest(text.as_bytes()).iter().take(8).map(|b| format!("{b:02x}")).collect()
    }
}
