//! The command line of Interregnum, and what the Python package shares with it: where weight files and suites come from, and how a
//! stress run is played and reported.

#![forbid(unsafe_code)]

mod commands;
mod play;
mod shipped;
mod uci;
mod units;

use std::ffi::OsString;
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use rules::Catalog;

pub use commands::stress::{StressRun, play_stress, write_report};
pub use commands::suite_text;
pub use shipped::{ByName, names};
pub use units::do_unit;

/// The text of `--version`. Two builds with the same signatures of behaviour (`interregnum bench --signature`) search alike, move for
/// move.
const LONG_VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\nsignatures of behaviour:\n",
    // The file ends with a line end.
    include_str!("../../../tests/bench.signature"),
    "features: ",
    cfg_select! { feature = "torch" => { "torch" } _ => { "none (`train` needs torch)" } },
);

/// Select an evaluator by self-play, freeze it, change the rules, and measure what the inheritance costs.
#[derive(Parser)]
#[command(
    name = "interregnum",
    version,
    long_version = LONG_VERSION,
    max_term_width = 100,
    after_help = "Examples:
  interregnum stress quick --out runs/quick        # what rule changes do to the shipped evaluators
  interregnum match model:gardner-1@playouts=100 zero@playouts=100 --variant gardner
  interregnum perft --variant gardner 5
  interregnum play                                 # a board in the browser, before and after a change of the rules
  interregnum uci                                  # the engine, for a chess GUI

A weight file is named by its path, or by its name with or without `.safetensors`. Names are looked for in the folder of the
variable INTERREGNUM_MODELS, in `models` beside the program, in `../share/interregnum/models` from there, in the source tree of a
program that runs from its `target`, among those built in (the default evaluators of gardner, losalamos and chess, and all that the
suite quick needs), and in `models` of the working directory. `--models` names a folder that is looked in instead of all these.

Exit code 0: success, 1: the thing failed, 2: bad usage or bad input."
)]
struct Cli {
    /// Add the variants of a rule file (the format of Fairy-Stockfish's variants.ini), or of - for standard input
    #[arg(long, global = true, value_name = "FILE.ini")]
    variant_path: Vec<PathBuf>,
    /// The only folder in which the names of weight files are looked for [default: see `interregnum --help`]
    #[arg(long, global = true, value_name = "DIR")]
    models: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List, check, show and compare variants
    Variants(commands::variants::Args),
    /// Legal moves and outcome of positions
    Legal(commands::legal::Args),
    /// Count the leaves of the move tree
    Perft(commands::perft::Args),
    /// What a search finds in one position, and why
    Search(commands::search::Args),
    /// Signature of behaviour, and speed
    Bench(commands::bench::Args),
    /// The engine, for any chess GUI (UCI_Variant, VariantPath, EvalFile)
    Uci,
    /// A board in the browser, before and after a change of the rules; runs as they go on
    Play(commands::play::Args),
    /// Select an evaluator by self-play: the base optimizer
    Train(commands::train::Args),
    /// Head-to-head evaluation of two players
    Match(Box<commands::match_::Args>),
    /// Round robins and gauntlets, and the rating list that follows
    Tournament(commands::tournament::Args),
    /// A book of random, balanced openings for any variant
    Openings(commands::openings::Args),
    /// The regime-change stress test
    Stress(commands::stress::Args),
    /// Page and tables of a finished run
    Report(commands::stress::ReportArgs),
    /// Do units of the work that a run shares
    Work(commands::work::Args),
    /// The card of a weight file
    Model(commands::model::Args),
    /// Completion scripts for bash, zsh, fish and other shells
    Completions(commands::generate::CompletionsArgs),
    /// Manual pages
    Man(commands::generate::ManArgs),
}

/// A check of the program failed: exit code 1 rather than 2.
#[derive(Debug)]
pub(crate) struct Failed(pub(crate) String);

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}

/// Warns about the sections of a rule file that were refused. Those that were not have been loaded.
pub(crate) fn warn_refused(loaded: &rules::Loaded) {
    if let Some(warning) = loaded.warning() {
        say(&format!("warning: {warning}"));
    }
}

/// Warns about what rule files say but can hardly mean.
pub(crate) fn warn(catalog: &Catalog) {
    for warning in catalog.warnings() {
        say(&format!("warning: {warning}"));
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let mut catalog = Catalog::builtin();
    for path in &cli.variant_path {
        warn_refused(&commands::load_rules(&mut catalog, path).context("--variant-path")?);
    }
    warn(&catalog);
    if let Some(folder) = cli.models {
        shipped::look_only_in(folder);
    }
    match cli.command {
        Command::Variants(args) => commands::variants::run(&args, &mut catalog),
        Command::Legal(args) => commands::legal::run(&args, &catalog),
        Command::Perft(args) => commands::perft::run(&args, &catalog),
        Command::Search(args) => commands::search::run(&args, &catalog),
        Command::Bench(args) => commands::bench::run(&args, &catalog),
        Command::Uci => uci::serve(catalog),
        Command::Play(args) => commands::play::run(args, catalog),
        Command::Train(args) => commands::train::run(&args, &catalog),
        Command::Match(args) => commands::match_::run(&args, &catalog),
        Command::Tournament(args) => commands::tournament::run(&args, &catalog),
        Command::Openings(args) => commands::openings::run(&args, &catalog),
        Command::Stress(args) => commands::stress::run(&args, &catalog),
        Command::Report(args) => commands::stress::report(&args, &catalog),
        Command::Work(args) => commands::work::run(&args),
        Command::Model(args) => commands::model::run(&args),
        Command::Completions(args) => commands::generate::completions(&args),
        Command::Man(args) => commands::generate::man(&args),
    }
}

/// The most characters of a line on standard error.
pub(crate) const MAX_LINE: usize = 400;
const NAME: &str = "interregnum: ";

/// Writes to standard error, as one line that no text from outside can break out of.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{NAME}{}", files::excerpt_of_ends(text, MAX_LINE - NAME.len()));
}

/// An error with its causes, each of them once: the text of many errors includes that of their cause.
pub(crate) fn with_causes(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |text, cause| match text.as_str() {
        "" => cause,
        said if said.contains(&cause) => text,
        said => format!("{said}: {cause}"),
    })
}

/// The words of the command line, that of the program first.
static WORDS: OnceLock<Vec<OsString>> = OnceLock::new();

/// Whether this process does what a command line asks for.
pub(crate) fn is_command_line() -> bool {
    WORDS.get().is_some()
}

/// The words of the command line behind the name of the program.
pub(crate) fn words() -> impl Iterator<Item = String> {
    let words = WORDS.get().map(Vec::as_slice).unwrap_or_default();
    words.iter().skip(1).map(|word| word.to_string_lossy().into_owned())
}

/// Reads the command line. If it is wrong, says so on standard error, without what a terminal would act on, and returns the exit
/// code.
fn parse(words: &[OsString]) -> Result<Cli, ExitCode> {
    let error = match Cli::try_parse_from(words) {
        Ok(cli) => return Ok(cli),
        Err(error) => error,
    };
    if !error.use_stderr() {
        // The user has asked for help or the version.
        return Err(error.print().map_or_else(|e| failed(&e.into()), |()| ExitCode::SUCCESS));
    }
    // The error of the command line with words that are safe to show, if that is wrong as well; otherwise the error of the line as
    // it is.
    let safe = words.iter().map(|word| files::excerpt(&word.to_string_lossy(), MAX_LINE / 4));
    let error = Cli::try_parse_from(safe).err().filter(|e| e.use_stderr()).unwrap_or(error);
    for line in error.render().to_string().lines() {
        let _ = writeln!(std::io::stderr(), "{}", files::excerpt(line, MAX_LINE));
    }
    Err(ExitCode::from(2))
}

/// Says on standard error why the program ends, and returns its exit code.
fn failed(error: &anyhow::Error) -> ExitCode {
    // Errors of files are wrapped in ones that name the file, so a bare error of the system is one of standard output.
    let stdout = error.chain().next().and_then(|e| e.downcast_ref::<std::io::Error>());
    if stdout.is_some_and(|e| e.kind() == ErrorKind::BrokenPipe) {
        return ExitCode::SUCCESS;
    }
    let machine = error.chain().find_map(|e| io_error(e)).is_some_and(files::is_failure);
    let failure = error.is::<Failed>() || stdout.is_some() || machine;
    let place = if stdout.is_some() { "standard output: " } else { "" };
    say(&format!("{place}{}", with_causes(error)));
    // A program that was stopped by a signal has the exit code that shells give for that signal.
    let signal = arena::interrupted().and_then(|signal| u8::try_from(128 + signal).ok());
    ExitCode::from(signal.unwrap_or(if failure { 1 } else { 2 }))
}

/// The error of the system inside of an error, if there is one.
fn io_error<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a std::io::Error> {
    let direct = error.downcast_ref::<std::io::Error>();
    let regime = || error.downcast_ref::<regime::RegimeError>().and_then(regime::RegimeError::io);
    let selection = || error.downcast_ref::<selection::SelectionError>().and_then(selection::SelectionError::io);
    let weights = || error.downcast_ref::<evaluator::WeightsError>().and_then(evaluator::WeightsError::io);
    let log = || match error.downcast_ref::<arena::GameLogError>() {
        Some(arena::GameLogError::Io { error, .. }) => Some(error),
        _ => None,
    };
    direct.or_else(regime).or_else(selection).or_else(weights).or_else(log)
}

/// Does what a command line asks for and returns the exit code: 0 success, 1 the thing failed, 2 bad usage or input. The first word is the name of
/// the program. Only the first command line of a process is noted in the records of its runs.
#[must_use]
pub fn main(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    // Without this the system would end the program without a word where the size of files is limited.
    if let Err(error) = arena::outlive_file_limits() {
        say(&format!("warning: {error}"));
    }
    let words = WORDS.get_or_init(|| words.into_iter().collect());
    let cli = match parse(words) {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    match run(cli).and_then(|()| Ok(std::io::stdout().flush()?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}
