//! Self-play with a fixed random network gives the same rows on every machine and for any number of threads.

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
    pool.install(|| play_games(&regimes, &network, config, None, (1, 3), 0..config.games, &|_| ()))
}

/// Self-play with playout caps, and with a bound for resignation so high that even a random network resigns.
fn eager(config: &SelfPlayConfig) -> SelfPlayConfig {
    let resign = Some(selection::ResignConfig { below: -0.02, searches: 2, played_out: 0.5 });
    SelfPlayConfig { full_share: 0.5, fast_playouts: 8, resign, games: 40, ..config.clone() }
}

/// A digest of games. Rows are printed with an `outcome` in place of the worth, as they were when the golden file was made, before worths
/// existed.
fn digest(games: &Games) -> String {
    let rows = format!("{:?}", games.rows);
    let rows = [("1.0", "1"), ("0.0", "0"), ("-1.0", "-1")].iter().fold(rows, |rows, (worth, outcome)| {
        rows.replace(&format!("worth: {worth} }}"), &format!("outcome: {outcome} }}"))
    });
    let samples = format!("{:?}", games.samples).replacen("walls: [], ", "", 1);
    let text = format!("{rows}\n{samples}\n{:?}", games.tally);
    Sha256::digest(text.as_bytes()).iter().take(8).map(|b| format!("{b:02x}")).collect()
}

#[test]
fn games_are_the_golden_ones() {
    let (config, ..) = setting();
    let plain = play(&config.self_play, 1);
    let options = play(&eager(&config.self_play), 1);
    let reusing = SelfPlayConfig { reuse_tree: true, ..eager(&config.self_play) };
    let reused = play(&reusing, 1);
    let found = format!("plain {}\noptions {}\nreusing {}\n", digest(&plain), digest(&options), digest(&reused));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/self_play.golden");
    if std::env::var_os("INTERREGNUM_BLESS").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), found);
    assert!(play(&config.self_play, 2) == plain && play(&eager(&config.self_play), 3) == options);
    assert!(play(&reusing, 3) == reused && reused.samples != options.samples);
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
            assert_eq!((row.ply, row.worth), (last.ply + 1, -last.worth));
        }
        assert_eq!(rules.fen(&position), row.fen);
        // Every playout visits a move, also after a move is proven, because the solver is off.
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
    // The values of a random network are noise, so some of its resignations must be wrong.
    assert!(tally.false_resignations > 0 && tally.false_resignations <= tally.would_resign, "{tally:?}");
    let never_resigned = play(&config.self_play, 2).tally;
    assert_eq!((never_resigned.resigned, never_resigned.would_resign), (0, 0));
}

#[test]
fn games_under_a_payoff_are_learnt_by_what_their_ends_are_worth() {
    let text = CONFIG.replace(
        "seed = 1\n",
        "seed = 1\npayoff = { count = 0.5, count-at-ply = 50, checkmate = -0.25, flag = 0.75 }\n",
    );
    let config = Config::from_toml("test", &text).unwrap();
    let (_, usual, network) = setting();
    let rules: Vec<_> = usual.iter().map(|regime| Arc::clone(&regime.rules)).collect();
    let (regimes, _) = regimes(&config, &rules).unwrap();
    let payoff = config.payoff().unwrap();
    for (regime, rules) in regimes.iter().zip(&rules) {
        assert_eq!(regime.rules.hash(), rules.with_payoff(payoff.clone()).hash());
        assert_ne!(regime.rules.hash(), rules.hash());
    }
    let many = SelfPlayConfig { games: 40, ..config.self_play.clone() };
    let games = play_games(&regimes, &network, &many, None, (1, 3), 0..many.games, &|_| ());
    let (mut row, mut kinds) = (0, std::collections::BTreeMap::new());
    let mut expected = Vec::new();
    while row < games.rows.len() {
        let rules = &regimes[games.rows[row].regime].rules;
        let mut game = rules::Game::new(Arc::clone(rules));
        let first = row;
        while row < games.rows.len() && games.rows[row].game == games.rows[first].game {
            let mv = rules.parse_uci(game.position(), &games.rows[row].played).unwrap();
            game.play(mv);
            row += 1;
        }
        let ending = game.ending().expect("games end by the count at the latest");
        *kinds.entry(ending.kind.name()).or_insert(0) += 1;
        for row in &games.rows[first..row] {
            let turn = rules.parse_fen(&row.fen).unwrap().turn();
            assert_eq!(row.worth, rules.worth(ending, turn), "{row:?}");
            expected.extend(row.target.then_some(row.worth));
        }
    }
    assert_eq!(games.samples.results, expected);
    assert!(kinds.contains_key("count") && kinds.contains_key("flag"), "{kinds:?}");
    assert!(games.rows.iter().all(|row| row.ply < 50));
}

#[test]
fn payoffs_are_configured_by_name_or_refused() {
    let read = |payoff: &str| Config::from_toml("test", &CONFIG.replace("[network]", &format!("{payoff}\n[network]")));
    let usual = read("").unwrap();
    assert!(usual.payoff().unwrap().is_default());
    assert!(!serde_json::to_string(&usual).unwrap().contains("payoff"), "the hash of usual configurations stays");
    let table = read("[payoff]\nstalemate = 1\nflag = -0.5\ncount-at-ply = 40").unwrap();
    assert_eq!(table.payoff().unwrap().to_string(), "stalemate=1,flag=-0.5,count-at-ply=40");
    assert_ne!(table.hash(), usual.hash());
    let again: Config = serde_json::from_str(&serde_json::to_string(&table).unwrap()).unwrap();
    assert_eq!(again, table);
    let set = ["payoff.flag=0.5".to_owned()];
    assert_eq!(Config::from_toml_with("test", CONFIG, &set).unwrap().payoff().unwrap().to_string(), "flag=0.5");
    for (payoff, part) in [
        ("payoff = { stalemat = 1 }", "payoff: `stalemat` is no ending; checkmate, stalemate"),
        ("payoff = { stalemate = 1.25 }", "payoff: stalemate = 1.25: a worth from -1 to 1 was expected"),
        ("payoff = { count-at-ply = 0 }", "payoff: count-at-ply = 0: a whole number from 1 to 1000 was expected"),
        ("payoff = { count = 0.5 }", "payoff: count = 0.5 has no effect without count-at-ply"),
        ("payoff = { stalemate = \"loss\" }", "payoff: stalemate = `loss`: a number was expected"),
        ("[payoff]\nstalemate = true", "payoff: stalemate is no number; one was expected"),
    ] {
        let error = read(payoff).unwrap_err().to_string();
        assert!(error.contains(part) && error.starts_with("test: "), "{error}");
    }
}

#[test]
fn settings_without_effect_are_refused() {
    let halving = |noise: &str, temperature: &str| {
        let text = CONFIG
            .replace("noise_share = 0.25", &format!("considered = 8\nnoise_share = {noise}"))
            .replace("temperature_plies = 12", &format!("temperature_plies = {temperature}"));
        Config::from_toml("test", &text).map_err(|e| e.to_string())
    };
    assert!(halving("0.0", "0").is_ok());
    assert!(halving("0.25", "0").unwrap_err().contains("noise_share has no effect with considered"));
    assert!(halving("0.0", "12").unwrap_err().contains("temperature_plies has no effect"));
    let tested = |payoff: &str| {
        let sprt = "threshold = 0.5\nsprt = { elo0 = -10, elo1 = 30, alpha = 0.1, beta = 0.1 }";
        let text = CONFIG.split("[[regimes]]").next().unwrap().replace("threshold = 0.5", sprt);
        Config::from_toml("test", &text.replace("[network]", &format!("{payoff}\n[network]")))
            .map_err(|e| e.to_string())
    };
    assert!(tested("").is_ok() && tested("payoff = { flag = -1 }").is_ok());
    assert!(tested("payoff = { flag = 0.5 }").unwrap_err().contains("gate.sprt tests wins, draws and losses"));
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
