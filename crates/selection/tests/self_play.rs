//! Self-play with a fixed random network: the same rows on every machine and for any number of threads.

use std::path::Path;
use std::sync::Arc;

use evaluator::{FloatNetwork, Network};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rules::Catalog;
use selection::{Config, Games, Regime, SelfPlayConfig, play_games, regimes};
use sha2::{Digest as _, Sha256};

const CONFIG: &str = r#"
variant = "gardner"
seed = 1
generations = 1
[network]
hidden = 32
[self_play]
games = 12
playouts = 24
random_plies = 4
temperature_plies = 12
noise_share = 0.25
noise_concentration = 10.0
max_plies = 60
[training]
window = 1
batch = 64
reuse = 1.0
learning_rate = 1e-3
final_learning_rate = 1e-3
weight_decay = 1e-4
search_value_share = 0.3
[gate]
pairs = 4
playouts = 8
threshold = 0.5
[[regimes]]
name = "hill"
edit = { flagPiece = "k", flagRegion = "c3" }
"#;

fn setting() -> (Config, Vec<Regime>, Arc<Network>) {
    let config = Config::from_toml("test", CONFIG).unwrap();
    let mut catalog = Catalog::builtin();
    catalog.load_text("test", "[hill:gardner]\nflagPiece = k\nflagRegion = c3\n").unwrap();
    let rules = ["gardner", "hill"].map(|name| catalog.rules(name).unwrap());
    let (regimes, shape) = regimes(&config, &rules).unwrap();
    let network = FloatNetwork::random(&shape, &mut ChaCha8Rng::seed_from_u64(5)).quantise().unwrap();
    (config, regimes, Arc::new(network))
}

fn play(config: &SelfPlayConfig, threads: usize) -> Games {
    let (_, regimes, network) = setting();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| play_games(&regimes, &network, config, None, (1, 3), &|_| ()))
}

/// Playout caps and resignation as eager as a random network needs to resign at all.
fn eager(config: &SelfPlayConfig) -> SelfPlayConfig {
    let resign = Some(selection::ResignConfig { below: -0.02, searches: 2, played_out: 0.5 });
    SelfPlayConfig { full_share: 0.5, fast_playouts: 8, resign, games: 40, ..config.clone() }
}

fn digest(games: &Games) -> String {
    let text = format!("{:?}\n{:?}\n{:?}", games.rows, games.samples, games.tally);
    Sha256::digest(text.as_bytes()).iter().take(8).map(|b| format!("{b:02x}")).collect()
}

#[test]
fn games_are_the_golden_ones() {
    let (config, ..) = setting();
    let plain = play(&config.self_play, 1);
    let options = play(&eager(&config.self_play), 1);
    let found = format!("plain {}\noptions {}\n", digest(&plain), digest(&options));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/self_play.golden");
    if std::env::var_os("INTERREGNUM_BLESS").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), found);
    assert!(play(&config.self_play, 2) == plain && play(&eager(&config.self_play), 3) == options);
}

#[test]
fn rows_tell_the_whole_game() {
    let (config, regimes, _) = setting();
    let games = play(&config.self_play, 2);
    let mut before: Option<&selection::Row> = None;
    for row in &games.rows {
        let rules = &regimes[row.regime].rules;
        assert_eq!(row.regime, row.game as usize % 2);
        let mut position = rules.start();
        if let Some(last) = before.filter(|last| last.game == row.game) {
            position = rules.parse_fen(&last.fen).unwrap();
            let mv = rules.parse_uci(&position, &last.played).unwrap();
            rules.play(&mut position, mv);
            assert_eq!((row.ply, row.outcome), (last.ply + 1, -last.outcome));
        }
        assert_eq!(rules.fen(&position), row.fen);
        // A move proven in the tree is still searched with all playouts; the root itself is judged once.
        assert_eq!(row.visits.iter().sum::<u32>(), if row.target { 24 } else { 0 });
        before = Some(row);
    }
    assert_eq!(games.samples.len(), games.rows.iter().filter(|r| r.target).count());
}

#[test]
fn caps_and_resignations_are_counted() {
    let (config, ..) = setting();
    let games = play(&eager(&config.self_play), 2);
    let tally = games.tally;
    let searched = games.rows.iter().filter(|r| r.value.is_some()).count() as f64;
    let share = games.rows.iter().filter(|r| r.target).count() as f64 / searched;
    assert!((0.4..0.6).contains(&share), "{share}");
    assert_eq!(games.rows.iter().map(|r| u64::from(r.playouts)).sum::<u64>(), tally.playouts);
    assert!(tally.resigned >= 5 && tally.would_resign >= 5, "{tally:?}");
    // A random network is often wrong to give up.
    assert!(tally.false_resignations > 0 && tally.false_resignations <= tally.would_resign, "{tally:?}");
    let never_resigned = play(&config.self_play, 2).tally;
    assert_eq!((never_resigned.resigned, never_resigned.would_resign), (0, 0));
}

#[test]
fn sequential_halving_teaches_a_policy_over_all_moves() {
    let (config, ..) = setting();
    let halving = SelfPlayConfig { considered: Some(8), ..config.self_play.clone() };
    let games = play(&halving, 2);
    assert_eq!(digest(&games), digest(&play(&halving, 1)));
    assert_ne!(digest(&games), digest(&play(&config.self_play, 1)));
    let searched: Vec<_> = games.rows.iter().filter(|r| r.target).collect();
    assert!(!searched.is_empty());
    for row in searched {
        let total: u32 = row.visits.iter().sum();
        assert!(total.abs_diff(65536) as usize <= row.moves.len(), "{row:?}");
        assert_eq!(row.played, row.moves[0]);
        assert!(row.playouts <= halving.playouts);
    }
}
