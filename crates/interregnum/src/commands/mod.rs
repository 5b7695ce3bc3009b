//! One module per subcommand.

pub(crate) mod bench;
pub(crate) mod generate;
pub(crate) mod legal;
pub(crate) mod match_;
mod match_text;
pub(crate) mod model;
pub(crate) mod openings;
pub(crate) mod perft;
pub(crate) mod play;
mod replicate;
pub(crate) mod search;
pub(crate) mod stress;
pub(crate) mod tournament;
pub(crate) mod train;
pub(crate) mod train_report;
#[cfg(feature = "torch")]
mod train_view;
pub(crate) mod variants;
pub(crate) mod work;

use std::io::{StdoutLock, Write};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use rules::{Catalog, Game, Loaded, Payoff, Position, Rules, Word};

/// Standard output, for text of whole lines. Everything that a terminal would act on is escaped, except line ends.
pub(crate) struct Out(StdoutLock<'static>);

/// Locks standard output. If its pipe is closed, the program ends without an error.
pub(crate) fn stdout() -> Out {
    Out(std::io::stdout().lock())
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        for (i, line) in text.split('\n').enumerate() {
            if i > 0 {
                self.0.write_all(b"\n")?;
            }
            self.0.write_all(files::printable(line).as_bytes())?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// Prints one JSON value on a line.
pub(crate) fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    let text = serde_json::to_string(value)?;
    writeln!(std::io::stdout().lock(), "{}", files::printable_json(&text))?;
    Ok(())
}

/// A worth as JSON has it: the digits that tell it from other numbers of its size, whole numbers as such.
pub(crate) fn decimal(worth: f32) -> serde_json::Value {
    if worth.fract() == 0.0 {
        (worth as i64).into()
    } else {
        worth.to_string().parse::<f64>().unwrap_or_default().into()
    }
}

/// Reads a text, from standard input where the path is `-`.
pub(crate) fn read_text(path: &Path, limit: u64) -> anyhow::Result<String> {
    files::read_input(path, limit).with_context(|| source_name(path))
}

/// The largest rule file that is read, in bytes.
const MAX_RULE_BYTES: u64 = 1 << 20;

/// Adds the variants of a rule file, read from standard input where the path is `-`.
pub(crate) fn load_rules(catalog: &mut Catalog, path: &Path) -> anyhow::Result<Loaded> {
    if path != Path::new(files::STDIN) {
        return Ok(catalog.load_file(path)?);
    }
    let text = read_text(path, MAX_RULE_BYTES)?;
    Ok(catalog.load_text(&source_name(path), &text)?)
}

/// The name that errors give to a path: the path itself, or standard input.
pub(crate) fn source_name(path: &Path) -> String {
    if path == Path::new(files::STDIN) { "standard input".to_owned() } else { path.display().to_string() }
}

/// Writes a file whole or not at all.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    files::write(path, bytes).with_context(|| format!("{}: cannot be written", path.display()))
}

/// Writes a file of a run directory, whose files have fixed names: a link that stands there is not followed.
pub(crate) fn write_own_file(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    files::write_own(path, bytes).with_context(|| format!("{}: cannot be written", path.display()))
}

/// The error of a log. It counts as a failure of the program (exit code 1) if the input was right but the machine could not do it.
fn log_error(error: arena::GameLogError) -> anyhow::Error {
    match error {
        arena::GameLogError::Io { error: ref system, .. } if files::is_failure(system) => {
            crate::Failed(error.to_string()).into()
        }
        other => other.into(),
    }
}

/// `--payoff`, for the commands that take one.
#[derive(clap::Args)]
pub(crate) struct PayoffArgs {
    /// What endings are worth to the side that they favour, from -1 to 1, where that is not what the variant says [kinds: checkmate,
    /// stalemate, extinction, flag, castling, checks, bikjang, passes, full-board, repetition, move-rule, counting, count; count-at-ply=N
    /// ends games at ply N by a count of men]
    #[arg(long, value_name = "ENDING=WORTH,…")]
    payoff: Option<Payoff>,
}

impl PayoffArgs {
    /// Whether a payoff was given.
    pub(crate) fn is_given(&self) -> bool {
        self.payoff.is_some()
    }

    /// The rules under the payoff that was given.
    pub(crate) fn apply<W: Word>(&self, rules: Arc<Rules<W>>) -> Arc<Rules<W>> {
        match &self.payoff {
            Some(payoff) => Arc::new(rules.with_payoff(payoff.clone())),
            None => rules,
        }
    }
}

/// The position that `--fen` names, or the start position.
pub(crate) fn position<W: Word>(rules: &Rules<W>, fen: Option<&str>) -> anyhow::Result<Position<W>> {
    Ok(fen.map_or_else(|| Ok(rules.start()), |fen| rules.parse_fen(fen))?)
}

/// Plays moves in UCI notation from a FEN or the start position.
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
const CONFIGS: [(&str, &str); 9] = [
    ("gardner", include_str!("../../configs/gardner.toml")),
    ("gardner-fast", include_str!("../../configs/gardner-fast.toml")),
    ("gardner-strong", include_str!("../../configs/gardner-strong.toml")),
    ("gardner-deployed", include_str!("../../configs/gardner-deployed.toml")),
    ("gardner-regimes", include_str!("../../configs/gardner-regimes.toml")),
    ("long", include_str!("../../configs/long.toml")),
    ("losalamos", include_str!("../../configs/losalamos.toml")),
    ("chess", include_str!("../../configs/chess.toml")),
    ("gardner-tiny", include_str!("../../configs/gardner-tiny.toml")),
];
const SUITES: [(&str, &str); 3] = [
    ("quick", include_str!("../../suites/quick.toml")),
    ("standard", include_str!("../../suites/standard.toml")),
    ("neutral", include_str!("../../suites/neutral.toml")),
];

/// A text that is built in under a name, or that of a file. Returns where it came from, and the text.
fn named_or_file(what: &str, name: &str, builtin: &[(&str, &str)]) -> anyhow::Result<(String, String)> {
    if let Some((_, text)) = builtin.iter().find(|(n, _)| *n == name) {
        return Ok((format!("built-in {what} {name}"), (*text).to_owned()));
    }
    let path = Path::new(name);
    let text = files::read_input(path, MAX_TOML_BYTES).with_context(|| {
        let names: Vec<&str> = builtin.iter().map(|(n, _)| *n).collect();
        let name = files::excerpt(name, 200);
        format!("{what} `{name}` is neither built in ({}) nor a file that can be read", names.join(", "))
    })?;
    Ok((source_name(path), text))
}

/// A training configuration's text.
#[cfg(feature = "torch")]
pub(crate) fn config_text(name: &str) -> anyhow::Result<(String, String)> {
    named_or_file("configuration", name, &CONFIGS)
}

/// The text of a stress suite, and where it came from.
///
/// # Errors
/// If `name` is neither that of a suite which is built in nor the path of a file that can be read.
pub fn suite_text(name: &str) -> anyhow::Result<(String, String)> {
    named_or_file("suite", name, &SUITES)
}

/// A stress suite.
#[cfg(feature = "torch")]
pub(crate) fn suite(name: &str) -> anyhow::Result<regime::Suite> {
    let (source, text) = suite_text(name)?;
    Ok(regime::Suite::from_toml(&source, &text)?)
}

/// The command that is running, as a user would type it again. The path of the run directory, `--resume`, `--jobs` and what `--units` says are left
/// out, so that equal runs in different places leave equal files.
pub(crate) fn command_line(out: &Path) -> String {
    let mut words = vec!["interregnum".to_owned()];
    let mut given = crate::words();
    while let Some(word) = given.next() {
        if ["--jobs", "--units", "--unit-seconds"].contains(&word.as_str()) {
            given.next();
        } else if word != "--resume" {
            words.push(if word == out.to_string_lossy() { "DIR".to_owned() } else { word });
        }
    }
    words.join(" ")
}
