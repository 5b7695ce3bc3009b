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

/// Select an evaluator by self-play, freeze it, change the rules, and measure what the inheritance costs.
#[derive(Parser)]
#[command(
    name = "interregnum",
    version,
    max_term_width = 100,
    after_help = "Examples:
  interregnum stress quick --out runs/quick        what rule changes do to the shipped evaluators
  interregnum match model:models/gardner-1.safetensors@playouts=100 zero@playouts=100 --variant gardner
  interregnum perft --variant gardner 5
  interregnum uci                                  the engine, for a chess GUI

Exit code 0: success, 1: the thing failed, 2: bad usage or bad input."
)]
struct Cli {
    /// Add the variants of a rule file (the format of Fairy-Stockfish's variants.ini)
    #[arg(long, global = true, value_name = "FILE.ini")]
    variant_path: Vec<PathBuf>,
    /// Folder of the weight files that players and suites name [default: the shipped ones]
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

/// Says which sections of a rule file were refused: the others are there.
pub(crate) fn warn_refused(loaded: &rules::Loaded) {
    if let Some(warning) = loaded.warning() {
        let _ = writeln!(std::io::stderr(), "interregnum: warning: {warning}");
    }
}

/// Says what loaded rule files hardly mean.
pub(crate) fn warn(catalog: &Catalog) {
    for warning in catalog.warnings() {
        let _ = writeln!(std::io::stderr(), "interregnum: warning: {warning}");
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let mut catalog = Catalog::builtin();
    for path in &cli.variant_path {
        warn_refused(&catalog.load_file(path).context("--variant-path")?);
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
    ExitCode::from(if error.is::<Failed>() { 1 } else { 2 })
}
