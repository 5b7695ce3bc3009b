//! What of a run others can do: games of self-play, and rounds of a gate. Nothing here needs libtorch.

use std::ops::Range;
use std::sync::Arc;

use arena::{MakePlayer, MatchConfig, Player, RandomOpenings, SearchPlayer, play_rounds};
use evaluator::Network;
use rules::{AnyRules, Catalog, Rules, Word};
use search::{Limit, Searcher};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use work::{Job, Unit};

use crate::config::{Config, GateConfig};
use crate::regimes::{Regime, regimes};
use crate::self_play::{Games, Tally, play_games, search_params};
use crate::{SelectionError, shard};

/// The kind of a run's job.
pub const JOB: &str = "train";
/// The kinds of its units.
pub(crate) const SELF_PLAY: &str = "self-play";
pub(crate) const GATE: &str = "gate";

/// What the units of a run have in common.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Common {
    kind: String,
    config: Config,
    /// The names of the rules, the variant's own first.
    variants: Vec<String>,
    /// The rules as complete sections of a rule file.
    rules: String,
}

/// What a unit of self-play is told besides its weights.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GamesInputs {
    pub(crate) generation: u32,
    pub(crate) cpuct: Option<f32>,
    #[serde(default)]
    first: u32,
    #[serde(default)]
    last: u32,
}

impl GamesInputs {
    pub(crate) fn new(generation: u32, cpuct: Option<f32>) -> GamesInputs {
        GamesInputs { generation, cpuct, first: 0, last: 0 }
    }
}

/// What a unit of a gate is told besides the weights of candidate and champion.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GateInputs {
    pub(crate) generation: u32,
    /// Number of the regime, from 0.
    pub(crate) regime: usize,
    /// Constants of PUCT of candidate and champion.
    pub(crate) cpuct: [f32; 2],
    #[serde(default)]
    first: u32,
    #[serde(default)]
    last: u32,
}

impl GateInputs {
    pub(crate) fn new(generation: u32, regime: usize, cpuct: [f32; 2]) -> GateInputs {
        GateInputs { generation, regime, cpuct, first: 0, last: 0 }
    }
}

/// The job of a run.
pub(crate) fn job<W: Word>(config: &Config, regimes: &[Regime<W>]) -> Job {
    let variants = regimes.iter().map(|r| r.rules.name().to_owned()).collect();
    let rules = regimes.iter().map(|r| r.rules.to_ini()).collect();
    let common = Common { kind: JOB.to_owned(), config: config.clone(), variants, rules };
    serde_json::to_value(common).expect("plain data")
}

/// Does a unit of a run, on the current rayon thread pool. `files` are those that the unit names, in its order.
///
/// # Errors
/// If job, unit or files do not fit together.
pub fn do_unit(job: &Job, unit: &Unit, files: &[Vec<u8>]) -> Result<Vec<u8>, SelectionError> {
    let common: Common = serde_json::from_value(job.clone()).map_err(|e| wrong(unit, e.to_string()))?;
    let catalog = Catalog::of_sections("job", &common.rules)?;
    let rules = common.variants.iter().map(|name| catalog.any(name)).collect::<Result<Vec<_>, _>>()?;
    match rules.first() {
        Some(AnyRules::Small(_)) => do_unit_on::<u64>(&common.config, rules, unit, files),
        Some(AnyRules::Large(_)) => do_unit_on::<u128>(&common.config, rules, unit, files),
        None => Err(wrong(unit, "the job has no rules".to_owned())),
    }
}

fn wrong(unit: &Unit, message: String) -> SelectionError {
    SelectionError::Config { source_name: format!("unit {}", files::excerpt(&unit.id, 40)), message }
}

fn do_unit_on<W: Word>(
    config: &Config,
    rules: Vec<AnyRules>,
    unit: &Unit,
    files: &[Vec<u8>],
) -> Result<Vec<u8>, SelectionError> {
    let rules: Option<Vec<Arc<Rules<W>>>> = rules.into_iter().map(AnyRules::on::<W>).collect();
    let rules = rules.ok_or_else(|| wrong(unit, "the rules of the job need boards of several kinds".to_owned()))?;
    let (regimes, shape) = regimes(config, &rules)?;
    let mut networks = Vec::new();
    for file in files {
        let (network, _) = Network::from_bytes(file)?;
        if *network.shape() != shape {
            return Err(wrong(unit, "a network does not fit the configuration".to_owned()));
        }
        networks.push(Arc::new(network));
    }
    let unlike = |what: String| wrong(unit, what);
    match (unit.kind.as_str(), &networks[..]) {
        (SELF_PLAY, [champion]) => {
            let inputs: GamesInputs = serde_json::from_value(unit.inputs.clone()).map_err(|e| unlike(e.to_string()))?;
            if inputs.last > config.self_play.games {
                return Err(unlike(format!("{} games: the run has {}", inputs.last, config.self_play.games)));
            }
            let key = (config.seed, inputs.generation);
            let numbers = inputs.first..inputs.last;
            let games = play_games(&regimes, champion, &config.self_play, inputs.cpuct, key, numbers, &|_| ());
            to_bytes(&games, &regimes, champion.hash(), inputs.generation).map_err(unlike)
        }
        (GATE, [candidate, champion]) => {
            let inputs: GateInputs = serde_json::from_value(unit.inputs.clone()).map_err(|e| unlike(e.to_string()))?;
            let regime = regimes.get(inputs.regime).ok_or_else(|| unlike("the run has no such regime".to_owned()))?;
            let gate = gate_match(config, inputs.generation, inputs.regime, regimes.len(), regime)?;
            if inputs.last > gate.rounds {
                return Err(unlike(format!("{} rounds: the gate has {}", inputs.last, gate.rounds)));
            }
            let player =
                |place: usize| gate_player(&config.gate, regime, [candidate, champion][place], inputs.cpuct[place]);
            let (first, second) = (|| player(0), || player(1));
            let players: [MakePlayer<'_, W>; 2] = [&first, &second];
            Ok(play_rounds(&gate, inputs.first..inputs.last, players[0], players[1])?)
        }
        (kind, networks) => {
            let kind = files::excerpt(kind, 40);
            Err(unlike(format!("a unit of kind `{kind}` with {} networks is unknown", networks.len())))
        }
    }
}

/// Games as they travel: a line of counts, then the bytes of a shard.
fn to_bytes<W: Word>(games: &Games, regimes: &[Regime<W>], weights: &str, generation: u32) -> Result<Vec<u8>, String> {
    let mut bytes = serde_json::to_vec(&games.tally).expect("plain data");
    bytes.push(b'\n');
    bytes.extend(shard::encode(&games.rows, regimes, weights, generation).map_err(|e| e.to_string())?);
    Ok(bytes)
}

/// The games of a unit, which must be those of these numbers.
pub(crate) fn games_of<W: Word>(bytes: &[u8], regimes: &[Regime<W>], numbers: &Range<u32>) -> Result<Games, String> {
    let end = bytes.iter().position(|b| *b == b'\n').ok_or("has no counts")?;
    let tally: Tally = serde_json::from_slice(&bytes[..end]).map_err(|e| e.to_string())?;
    let (rows, samples) = shard::rows_and_samples(bytes[end + 1..].to_vec(), regimes)?;
    let mut games = rows.iter().map(|row| row.game).collect::<Vec<_>>();
    games.dedup();
    let counts = (tally.games, tally.positions, tally.plies);
    let expected = (numbers.len() as u64, samples.len() as u64, rows.len() as u64);
    if !games.iter().copied().eq(numbers.clone()) || counts != expected {
        return Err(format!("holds other games than {} to {}", numbers.start, numbers.end));
    }
    Ok(Games { rows, samples, tally })
}

/// The match of a gate under a regime, the first of which have a round more where they cannot all have as many.
pub(crate) fn gate_match<W: Word>(
    config: &Config,
    generation: u32,
    index: usize,
    regimes: usize,
    regime: &Regime<W>,
) -> Result<MatchConfig<W>, SelectionError> {
    let (gate, regimes) = (&config.gate, regimes as u32);
    let seed = config.seed << 16 | u64::from(generation);
    let pairs = gate.pairs / regimes + u32::from((index as u32) < gate.pairs % regimes);
    let openings = RandomOpenings::new(seed, 2..=4).generate(&regime.rules, pairs)?;
    Ok(MatchConfig { sprt: gate.sprt, ..MatchConfig::new(Arc::clone(&regime.rules), openings) })
}

/// A player of a gate.
pub(crate) fn gate_player<W: Word>(
    gate: &GateConfig,
    regime: &Regime<W>,
    network: &Arc<Network>,
    cpuct: f32,
) -> Box<dyn Player<W>> {
    let params = search_params(Some(cpuct));
    let search = Searcher::mcts(params, Limit::Playouts(gate.playouts)).expect("PUCT goes with a number of playouts");
    Box::new(SearchPlayer::new(search, Box::new(regime.evaluator(network))))
}

/// Inputs of a unit as JSON.
pub(crate) fn inputs(inputs: &impl Serialize) -> Value {
    serde_json::to_value(inputs).unwrap_or_else(|_| json!({}))
}

#[cfg(test)]
mod tests {
    use evaluator::FloatNetwork;
    use rand::SeedableRng as _;
    use rand_chacha::ChaCha8Rng;
    use work::hash_of;

    use super::*;

    const CONFIG: &str = "variant = 'gardner'\nseed = 3\ngenerations = 1\nnetwork = { hidden = 32 }\n\
        self_play = { games = 7, playouts = 6, full_share = 0.5, fast_playouts = 3, random_plies = 4, temperature_plies = 60, \
        noise_share = 0.25, noise_concentration = 10.0, max_plies = 60, \
        resign = { below = -0.01, searches = 1, played_out = 0.5 } }\n\
        training = { window = 1, batch = 16, reuse = 1.0, learning_rate = 1e-3, final_learning_rate = 1e-3, weight_decay = 0.0, \
        search_value_share = 0.3 }\ngate = { pairs = 5, playouts = 4, threshold = 0.5 }\n\
        [[regimes]]\nname = 'hill'\nedit = { flagPiece = 'k', flagRegion = 'c3' }\n";

    fn setting() -> (Config, Vec<Regime>, Vec<u8>) {
        let config = Config::from_toml("test", CONFIG).unwrap();
        let mut catalog = Catalog::builtin();
        let edit = [("flagPiece".to_owned(), "k".to_owned()), ("flagRegion".to_owned(), "c3".to_owned())];
        catalog.edit_any("test", "gardner", "gardner-hill", &edit).unwrap();
        let rules = ["gardner", "gardner-hill"].map(|name| catalog.rules(name).unwrap());
        let (regimes, shape) = regimes(&config, &rules).unwrap();
        let network = FloatNetwork::random(&shape, &mut ChaCha8Rng::seed_from_u64(5)).quantise().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("network.safetensors");
        network.save(&path, &regimes[0].rules, evaluator::Lineage::default()).unwrap();
        (config, regimes, std::fs::read(path).unwrap())
    }

    #[test]
    fn games_that_others_play_are_those_of_the_run() {
        let (config, regimes, file) = setting();
        let (job, network) = (job(&config, &regimes), Arc::new(Network::from_bytes(&file).unwrap().0));
        let all = play_games(&regimes, &network, &config.self_play, Some(1.2), (3, 9), 0..7, &|_| ());
        let mut joined = Games::default();
        for range in [0..3, 3..4, 4..7] {
            let mut given = inputs(&GamesInputs::new(9, Some(1.2)));
            (given["first"], given["last"]) = (range.start.into(), range.end.into());
            let unit = Unit::new("signature", "job", SELF_PLAY, given, vec![hash_of(&file)]);
            let bytes = do_unit(&job, &unit, std::slice::from_ref(&file)).unwrap();
            assert!(games_of(&bytes, &regimes, &(0..9)).unwrap_err().contains("other games"));
            assert!(games_of(&bytes[..bytes.len() - 9], &regimes, &range).is_err());
            joined.append(games_of(&bytes, &regimes, &range).unwrap());
        }
        assert_eq!(joined, all);
        assert!(all.tally.resigned > 0 && all.tally.would_resign > 0);
    }

    #[test]
    fn what_does_not_fit_is_refused_with_the_reason() {
        let (config, regimes, file) = setting();
        let job = job(&config, &regimes);
        let refused = |job: &Job, kind: &str, inputs: Value, files: &[Vec<u8>]| {
            let unit = Unit::new("signature", "job", kind, inputs, Vec::new());
            do_unit(job, &unit, files).unwrap_err().to_string()
        };
        let (one, games) =
            (std::slice::from_ref(&file), json!({ "generation": 1, "cpuct": null, "first": 0, "last": 8 }));
        assert!(refused(&job, SELF_PLAY, games.clone(), one).contains("the run has 7"));
        assert!(refused(&job, SELF_PLAY, json!({ "generation": "x" }), one).contains("u32"));
        assert!(refused(&job, "tea", games.clone(), one).contains("`tea`"));
        assert!(refused(&job, SELF_PLAY, games.clone(), &[]).contains("0 networks"));
        assert!(!refused(&job, SELF_PLAY, games.clone(), &[file[..99].to_vec()]).is_empty());
        assert!(refused(&json!({ "kind": "train" }), SELF_PLAY, games.clone(), one).contains("config"));
        let gate = json!({ "generation": 1, "regime": 2, "cpuct": [1.5, 1.5], "first": 0, "last": 1 });
        assert!(refused(&job, GATE, gate.clone(), &[file.clone(), file.clone()]).contains("no such regime"));
        let mut many = gate;
        (many["regime"], many["last"]) = (1.into(), 3.into());
        assert!(refused(&job, GATE, many, &[file.clone(), file]).contains("the gate has 2"));
    }
}
