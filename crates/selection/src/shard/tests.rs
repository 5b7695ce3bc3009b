use evaluator::FloatNetwork;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rules::{Catalog, Rules, Word, with_rules};

use super::*;
use crate::config::Config;
use crate::self_play::{Games, play_games};

fn setting() -> (Games, Vec<Regime>) {
    setting_under("")
}

/// Games under a payoff, written as a line of the configuration.
fn setting_under(payoff: &str) -> (Games, Vec<Regime>) {
    let text = "variant = 'losalamos'\nseed = 1\ngenerations = 1\nnetwork = { hidden = 32 }\n\
        self_play = { games = 4, playouts = 8, full_share = 0.5, fast_playouts = 4, random_plies = 4, temperature_plies = 60, \
        noise_share = 0.25, noise_concentration = 10.0, max_plies = 60 }\n\
        training = { window = 1, batch = 1, reuse = 1.0, learning_rate = 1e-3, final_learning_rate = 1e-3, weight_decay = 0.0, \
        search_value_share = 0.3 }\ngate = { pairs = 1, playouts = 1, threshold = 0.5 }\n";
    let config = Config::from_toml("test", &format!("{payoff}\n{text}")).unwrap();
    let rules = Catalog::builtin().rules("losalamos").unwrap();
    let (regimes, shape) = crate::regimes(&config, &[rules]).unwrap();
    let network = FloatNetwork::random(&shape, &mut ChaCha8Rng::seed_from_u64(1)).quantise().unwrap();
    let games =
        play_games(&regimes, &Arc::new(network), &config.self_play, None, (1, 1), 0..config.self_play.games, &|_| ());
    (games, regimes)
}

#[test]
fn what_is_read_is_what_was_learnt_from() {
    let (games, regimes) = setting();
    let bytes = encode(&games.rows, &regimes, "0123", 1).unwrap();
    assert_eq!(bytes, encode(&games.rows, &regimes, "0123", 1).unwrap());
    assert!(games.rows.iter().any(|r| r.value.is_none()) && games.rows.iter().any(|r| !r.target && r.value.is_some()));
    assert_eq!(rows_and_samples(bytes, &regimes).unwrap(), (games.rows, games.samples));
}

#[test]
fn damage_is_an_error_that_says_what_to_do() {
    let (games, regimes) = setting();
    let bytes = encode(&games.rows, &regimes, "0123", 1).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("0001.parquet");
    for length in [0, 3, 8, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..length]).unwrap();
        let error = read(&path, &disk::sha256(&bytes), &regimes).unwrap_err().to_string();
        assert!(error.contains("0001.parquet") && error.contains("cut short") && error.contains("--resume"), "{error}");
        // Even if the hash agrees.
        assert!(read(&path, &disk::sha256(&bytes[..length]), &regimes).is_err());
    }
    let other = Catalog::builtin().rules("gardner").unwrap();
    let strangers = [Regime { rules: other, binding: regimes[0].binding.clone() }];
    let error = decode(bytes, &strangers).unwrap_err();
    assert!(error.contains("row 0") || error.contains("not to this run"), "{error}");
}

/// A generation of two short games of a variant comes back from its shard as it was learnt from.
fn check_shard<W: Word>(rules: Arc<Rules<W>>) {
    let name = rules.name().to_owned();
    let text = format!(
        "variant = '{name}'\nseed = 1\ngenerations = 1\nnetwork = {{ hidden = 32 }}\n\
         self_play = {{ games = 2, playouts = 4, random_plies = 4, temperature_plies = 60, noise_share = 0.25, \
         noise_concentration = 10.0, max_plies = 24 }}\n\
         training = {{ window = 1, batch = 1, reuse = 1.0, learning_rate = 1e-3, final_learning_rate = 1e-3, \
         weight_decay = 0.0, search_value_share = 0.3 }}\ngate = {{ pairs = 1, playouts = 1, threshold = 0.5 }}\n"
    );
    let config = Config::from_toml("test", &text).unwrap();
    let (regimes, shape) = crate::regimes(&config, &[rules]).unwrap();
    let network = FloatNetwork::random(&shape, &mut ChaCha8Rng::seed_from_u64(1)).quantise().unwrap();
    let games =
        play_games(&regimes, &Arc::new(network), &config.self_play, None, (1, 1), 0..config.self_play.games, &|_| ());
    assert!(!games.samples.is_empty(), "{name}");
    let moves = games.samples.addresses.len();
    assert_eq!(games.samples.walls.len(), if shape.walls { moves } else { 0 }, "{name}");
    let bytes = encode(&games.rows, &regimes, "0123", 1).unwrap();
    assert_eq!(decode(bytes.clone(), &regimes).map_err(|e| format!("{name}: {e}")), Ok(games.samples), "{name}");
    assert_eq!(decode_moves(bytes).unwrap().len(), games.rows.len(), "{name}");
}

#[test]
fn shards_hold_games_of_every_variant() {
    let catalog = Catalog::builtin();
    for name in catalog.names() {
        with_rules!(catalog.compiled(name).unwrap(), rules => check_shard(rules));
    }
}

const FRACTIONS: &str = "payoff = { count = 0.3, count-at-ply = 30, checkmate = 0.9 }";

#[test]
fn worths_between_are_kept_and_checked() {
    let (games, regimes) = setting_under(FRACTIONS);
    assert!(games.rows.iter().any(|r| r.worth == 0.3) && games.rows.iter().any(|r| r.worth == -0.3));
    let bytes = encode(&games.rows, &regimes, "0123", 1).unwrap();
    assert_eq!(decode(bytes.clone(), &regimes).unwrap(), games.samples);
    let moves = decode_moves(bytes.clone()).unwrap();
    assert!(moves.iter().zip(&games.rows).all(|(read, row)| (read.worth, &read.fen) == (row.worth, &row.fen)));
    for worth in [1.5, -1.01, f32::NAN, f32::INFINITY] {
        let mut rows = games.rows.clone();
        rows[3].worth = worth;
        let error = decode(encode(&rows, &regimes, "0123", 1).unwrap(), &regimes).unwrap_err();
        assert!(error.contains("row 3: worth is not in -1 to 1"), "{error}");
    }
    // Games of the one kind are not taken for games of the other.
    let (whole_games, whole) = setting();
    assert!(decode(bytes, &whole).unwrap_err().contains("worth fractions"));
    let bytes = encode(&whole_games.rows, &whole, "0123", 1).unwrap();
    assert!(decode(bytes, &regimes).unwrap_err().contains("worth fractions"));
}

#[test]
fn worths_that_are_whole_are_kept_as_outcomes() {
    let (games, regimes) = setting_under("payoff = { count = -1, count-at-ply = 30 }");
    let bytes = encode(&games.rows, &regimes, "0123", 1).unwrap();
    let (file, format) = open(bytes.clone()).unwrap();
    assert_eq!((format, file.metadata().file_metadata().schema().get_fields().len()), (Format::Outcomes, 14));
    assert_eq!(decode(bytes, &regimes).unwrap(), games.samples);
    assert!(games.rows.iter().any(|r| r.worth == -1.0) && games.rows.iter().any(|r| r.worth == 1.0));
}

#[test]
fn an_outcome_that_contradicts_the_worth_is_refused() {
    let (games, regimes) = setting_under(FRACTIONS);
    let bytes = encode(&games.rows, &regimes, "0123", 1).unwrap();
    let whole =
        encode(&games.rows.iter().map(|r| Row { worth: 0.0, ..r.clone() }).collect::<Vec<_>>(), &regimes, "0123", 1);
    let (file, _) = open(bytes).unwrap();
    let (other, _) = open(whole.unwrap()).unwrap();
    let (group, drawn) = (file.get_row_group(0).unwrap(), other.get_row_group(0).unwrap());
    let (worths, ..) = column::<FloatType>(group.as_ref(), 14).unwrap();
    let (outcomes, ..) = column::<Int32Type>(drawn.as_ref(), 13).unwrap();
    assert!(checked_worths(worths.clone(), &outcomes).unwrap_err().contains("outcome is 0, but worth is"));
    assert!(checked_worths(worths, &outcomes[1..]).unwrap_err().contains("different lengths"));
}

/// A column of one text as often as `times` says, in a file that is small all the same.
fn repeated(text: &str, times: usize) -> Vec<u8> {
    let row = Row {
        game: 0,
        ply: 0,
        regime: 0,
        fen: text.to_owned(),
        played: "e2e4".to_owned(),
        playouts: 1,
        target: false,
        moves: vec!["e2e4".to_owned()],
        visits: vec![1],
        value: None,
        worth: 0.0,
    };
    encode(&vec![row; times], &setting().1, "0123", 1).unwrap()
}

#[test]
fn a_small_file_cannot_stand_for_much() {
    assert_eq!(decode_moves(repeated("fen", 1000)).unwrap().len(), 1000);
    let bytes = repeated("fen", 300_000);
    assert!(bytes.len() < 100_000, "{}", bytes.len());
    assert!(decode_moves(bytes).unwrap_err().contains("more rows"));
    let bytes = repeated(&"x".repeat(100_000), 10);
    assert!(decode_moves(bytes).unwrap_err().contains("at most 400"));
    let mut row = setting().0.rows[0].clone();
    row.moves = vec!["e2e4".to_owned(); 1_000_000];
    row.visits = vec![1; 1_000_000];
    let bytes = encode(&[row], &setting().1, "0123", 1).unwrap();
    assert!(decode_moves(bytes).unwrap_err().contains("more values"));
}

#[test]
fn pages_that_claim_to_unpack_to_gigabytes_are_refused() {
    let bytes = repeated("fen", 1000);
    let file = SerializedFileReader::new(bytes::Bytes::from(bytes.clone())).unwrap();
    let column = file.metadata().row_group(0).column(6);
    let at = column.dictionary_page_offset().unwrap() as usize;
    // Type, then the unpacked size as a number of one byte, in whose place one of five does not fit: it reaches into what follows.
    assert_eq!(bytes[at], 0x15);
    let mut forged = bytes.clone();
    forged[at + 2..at + 8].copy_from_slice(&[0x15, 0xfe, 0xff, 0xff, 0xff, 0x0f]);
    assert!(pages::check(&forged, file.metadata()).is_err());
    assert!(decode_moves(forged).is_err());
    assert!(pages::check(&bytes, file.metadata()).is_ok());
}

#[test]
fn no_bytes_panic() {
    let (games, regimes) = setting();
    let bytes = encode(&games.rows, &regimes, "0123", 1).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let mut refused = 0;
    // What the library's assertions print is of no interest.
    std::panic::set_hook(Box::new(|_| ()));
    for _ in 0..1000 {
        let mut damaged = bytes.clone();
        for _ in 0..rng.random_range(1..4) {
            let at = rng.random_range(0..damaged.len());
            damaged[at] = rng.random();
        }
        refused += u32::from(decode_any(damaged, &regimes).is_err());
    }
    let _ = std::panic::take_hook();
    assert!(refused > 100, "{refused}");
}
