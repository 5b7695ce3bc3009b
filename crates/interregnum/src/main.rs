//! The command line of Interregnum.

#![forbid(unsafe_code)]

mod commands;
mod shipped;
mod uci;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use rules::Catalog;

/// What `--version` says: two builds of one signature search alike, move for move (`interregnum bench --signature`).
const LONG_VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\nsignature of behaviour: ",
    // Ends its line.
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
  interregnum stress quick --out runs/quick        what rule changes do to the shipped evaluators
  interregnum match model:gardner-1@playouts=100 zero@playouts=100 --variant gardner
  interregnum perft --variant gardner 5
  interregnum uci                                  the engine, for a chess GUI

A weight file is named by its path, or by its name with or without `.safetensors`. Names are looked for in the folder of the
variable INTERREGNUM_MODELS, in `models` beside the program, in `../share/interregnum/models` from there, in the source tree of a
program that runs from its `target`, among those built in (the default evaluators of gardner, losalamos and chess, and all that the
suite quick needs), and in `models` of the working directory. `--models` names a folder that is looked in instead of all these.

Exit code 0: success, 1: the thing failed, 2: bad usage or bad input."
)]
struct Cli {
    /// Add the variants of a rule file (the format of Fairy-Stockfish's variants.ini)
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
    /// Select an evaluator by self-play: the base optimizer
    Train(commands::train::Args),
    /// Head-to-head evaluation of two players
    Match(commands::match_::Args),
    /// Round robins and gauntlets, and the rating list that follows
    Tournament(commands::tournament::Args),
    /// A book of random, balanced openings for any variant
    Openings(commands::openings::Args),
    /// The regime-change stress test
    Stress(commands::stress::Args),
    /// Page and tables of a finished run
    Report(commands::stress::ReportArgs),
    /// The card of a weight file
    Model(commands::model::Args),
    /// Completion scripts for bash, zsh, fish and other shells
    Completions(commands::generate::CompletionsArgs),
    /// Manual pages
    Man(commands::generate::ManArgs),
}

/// Something that was asked for did not hold: exit code 1 rather than 2.
#[derive(Debug)]
pub(crate) struct Failed(pub(crate) String);

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}

/// Says what loaded rule files hardly mean.
pub(crate) fn warn(catalog: &Catalog) {
    for warning in catalog.warnings() {
        let _ = writeln!(std::io::stderr(), "interregnum: warning: {warning}");
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let mut catalog = Catalog::builtin();
    for path in &cli.variant_path {
        catalog.load_file(path).context("--variant-path")?;
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
        Command::Train(args) => commands::train::run(&args, &catalog),
        Command::Match(args) => commands::match_::run(&args, &catalog),
        Command::Tournament(args) => commands::tournament::run(&args, &catalog),
        Command::Openings(args) => commands::openings::run(&args, &catalog),
        Command::Stress(args) => commands::stress::run(&args, &catalog),
        Command::Report(args) => commands::stress::report(&args, &catalog),
        Command::Model(args) => commands::model::run(&args),
        Command::Completions(args) => commands::generate::completions(&args),
        Command::Man(args) => commands::generate::man(&args),
    }
}

fn main() -> ExitCode {
    let error = match run(Cli::parse()) {
        Ok(()) => return ExitCode::SUCCESS,
        Err(error) => error,
    };
    let broken_pipe = |e: &std::io::Error| e.kind() == std::io::ErrorKind::BrokenPipe;
    if error.chain().any(|e| e.downcast_ref().is_some_and(broken_pipe)) {
        return ExitCode::SUCCESS;
    }
    let _ = writeln!(std::io::stderr(), "interregnum: {error:#}");
    // What a signal has stopped ends as if by the signal.
    let signal = arena::interrupted().and_then(|signal| u8::try_from(128 + signal).ok());
    ExitCode::from(signal.unwrap_or(if error.is::<Failed>() { 1 } else { 2 }))
}
