//! One module per subcommand.

pub(crate) mod bench;
pub(crate) mod generate;
pub(crate) mod legal;
pub(crate) mod match_;
mod match_text;
pub(crate) mod model;
pub(crate) mod openings;
pub(crate) mod perft;
pub(crate) mod search;
pub(crate) mod stress;
pub(crate) mod tournament;
pub(crate) mod train;
mod train_report;
#[cfg(feature = "torch")]
mod train_view;
pub(crate) mod variants;

use std::io::{StdoutLock, Write as _};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use regime::Suite;
use rules::{Game, Position, Rules, Word};

/// Standard output, locked; a closed pipe ends the program quietly.
pub(crate) fn stdout() -> StdoutLock<'static> {
    std::io::stdout().lock()
}

/// Prints one JSON value on a line.
pub(crate) fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut out = stdout();
    serde_json::to_writer(&mut out, value)?;
    writeln!(out)?;
    Ok(())
}

/// A log's error; where the input was right and the machine was not up to it, as a failure.
fn log_error(error: arena::GameLogError) -> anyhow::Error {
    match error {
        arena::GameLogError::Io { .. } => crate::Failed(error.to_string()).into(),
        other => other.into(),
    }
}

/// The position that `--fen` names, or the start position.
pub(crate) fn position<W: Word>(rules: &Rules<W>, fen: Option<&str>) -> anyhow::Result<Position<W>> {
    Ok(fen.map_or_else(|| Ok(rules.start()), |fen| rules.parse_fen(fen))?)
}

/// A game from a FEN, or the start, through moves in UCI notation.
pub(crate) fn game<W: Word>(rules: Arc<Rules<W>>, fen: Option<&str>, moves: &[String]) -> anyhow::Result<Game<W>> {
    let start = position(&rules, fen)?;
    let mut game = Game::from_position(rules, start);
    for text in moves {
        let mv = game.rules().find_uci(game.position(), game.legal(), text)?;
        game.play(mv);
    }
    Ok(game)
}

/// The largest configuration or suite that is read, in bytes.
const MAX_TOML_BYTES: u64 = 1 << 20;

/// Configurations and suites that are built in, by name.
#[cfg(feature = "torch")]
const CONFIGS: [(&str, &str); 8] = [
    ("gardner", include_str!("../../configs/gardner.toml")),
    ("gardner-fast", include_str!("../../configs/gardner-fast.toml")),
    ("gardner-strong", include_str!("../../configs/gardner-strong.toml")),
    ("gardner-deployed", include_str!("../../configs/gardner-deployed.toml")),
    ("gardner-regimes", include_str!("../../configs/gardner-regimes.toml")),
    ("losalamos", include_str!("../../configs/losalamos.toml")),
    ("chess", include_str!("../../configs/chess.toml")),
    ("gardner-tiny", include_str!("../../configs/gardner-tiny.toml")),
];
const SUITES: [(&str, &str); 3] = [
    ("quick", include_str!("../../suites/quick.toml")),
    ("standard", include_str!("../../suites/standard.toml")),
    ("neutral", include_str!("../../suites/neutral.toml")),
];

/// A built-in text by name, or a file: (where it came from, text).
fn named_or_file(what: &str, name: &str, builtin: &[(&str, &str)]) -> anyhow::Result<(String, String)> {
    if let Some((_, text)) = builtin.iter().find(|(n, _)| *n == name) {
        return Ok((format!("built-in {what} {name}"), (*text).to_owned()));
    }
    let names: Vec<&str> = builtin.iter().map(|(n, _)| *n).collect();
    let hint = || format!("{what} `{name}` is neither built in ({}) nor a file that can be read", names.join(", "));
    let path = Path::new(name);
    let size = std::fs::metadata(path).with_context(hint)?.len();
    anyhow::ensure!(size <= MAX_TOML_BYTES, "{what} {name}: {size} bytes; at most {MAX_TOML_BYTES} were expected");
    Ok((name.to_owned(), std::fs::read_to_string(path).with_context(hint)?))
}

/// A training configuration's text.
#[cfg(feature = "torch")]
pub(crate) fn config_text(name: &str) -> anyhow::Result<(String, String)> {
    named_or_file("configuration", name, &CONFIGS)
}

/// A stress suite.
pub(crate) fn suite(name: &str) -> anyhow::Result<Suite> {
    let (source, text) = named_or_file("suite", name, &SUITES)?;
    Ok(Suite::from_toml(&source, &text)?)
}

/// The command that is running, as one would type it again: without the run directory's own path, `--resume` and `--jobs`, so that
/// equal runs in different places leave equal files.
pub(crate) fn command_line(out: &Path) -> String {
    let mut words = vec!["interregnum".to_owned()];
    let mut given = std::env::args().skip(1);
    while let Some(word) = given.next() {
        if word == "--jobs" {
            given.next();
        } else if word != "--resume" {
            words.push(if Path::new(&word) == out { "DIR".to_owned() } else { word });
        }
    }
    words.join(" ")
}
