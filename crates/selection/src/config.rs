//! What a selection run is told: the whole of it stands in the run directory and under the configuration hash.

use serde::{Deserialize, Serialize};
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
    /// Root of all random streams.
    pub seed: u64,
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
}

/// The network's size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkConfig {
    /// Units of the hidden layer, a multiple of 32.
    pub hidden: usize,
}

/// Self-play.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelfPlayConfig {
    /// Games per generation.
    pub games: u32,
    /// Playouts per move.
    pub playouts: u32,
    /// Each game begins with 0 to this many uniformly random plies.
    pub random_plies: u32,
    /// Plies, counted from the start, in which moves are drawn in proportion to their visits; then the most visited is played.
    pub temperature_plies: u32,
    /// Share of Dirichlet noise in the root's priors, 0 to 1.
    pub noise_share: f32,
    /// Concentration of the noise: each move's parameter is this divided by the number of legal moves.
    pub noise_concentration: f32,
    /// Games are cut off as draws at this length.
    pub max_plies: u32,
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
    /// Learns from half of the positions as seen in a mirror. Only for rules that know no left and right.
    #[serde(default)]
    pub mirror: bool,
}

/// The match that decides whether a candidate replaces the champion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateConfig {
    /// Pairs of games.
    pub pairs: u32,
    /// Playouts per move.
    pub playouts: u32,
    /// The candidate must score more than this.
    pub threshold: f64,
}

impl Config {
    /// Reads a configuration from TOML.
    ///
    /// # Errors
    /// Names the line and key that is missing, unknown or out of range.
    pub fn from_toml(source: &str, text: &str) -> Result<Config, SelectionError> {
        let error = |message: String| SelectionError::Config { source_name: source.to_owned(), message };
        let config: Config = toml::from_str(text).map_err(|e| error(e.to_string().trim_end().to_owned()))?;
        let rates = [config.training.learning_rate, config.training.final_learning_rate];
        let checks: [(bool, &str); 14] = [
            (config.generations >= 1, "generations must be at least 1"),
            (config.self_play.games >= 1, "self_play.games must be at least 1"),
            (config.self_play.playouts >= 2, "self_play.playouts must be at least 2"),
            ((0.0..=1.0).contains(&config.self_play.noise_share), "self_play.noise_share must lie in 0 to 1"),
            (config.self_play.noise_concentration > 0.0, "self_play.noise_concentration must be positive"),
            (config.self_play.max_plies >= 2, "self_play.max_plies must be at least 2"),
            (config.training.window >= 1, "training.window must be at least 1"),
            ((1..=1 << 16).contains(&config.training.batch), "training.batch must lie in 1 to 65536"),
            ((0.0..=100.0).contains(&config.training.reuse), "training.reuse must lie in 0 to 100"),
            (
                rates.iter().all(|rate| *rate > 0.0 && *rate <= 1.0),
                "training.learning_rate and final_learning_rate must be positive and at most 1",
            ),
            ((0.0..=1.0).contains(&config.training.weight_decay), "training.weight_decay must lie in 0 to 1"),
            ((0.0..1.0).contains(&config.training.average), "training.average must lie in 0 to below 1"),
            (
                (0.0..=1.0).contains(&config.training.search_value_share),
                "training.search_value_share must lie in 0 to 1",
            ),
            (config.gate.pairs >= 1 && config.gate.playouts >= 1, "gate.pairs and gate.playouts must be at least 1"),
        ];
        match checks.iter().find(|(holds, _)| !holds) {
            Some((_, message)) => Err(error((*message).to_owned())),
            None => Ok(config),
        }
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
