//! `interregnum play`

use std::path::PathBuf;

use anyhow::Context as _;
use rules::Catalog;

use crate::play::{Options, run as serve};

/// A board in the browser: meet an evaluator, change the rules amid the game, watch what it believes.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  interregnum play                                         # Gardner minichess, against the evaluator that ships
  interregnum play --variant crazyhouse
  interregnum play quick:hill                              # a shift of a suite: before and after the change
  interregnum play --variant gardner --evaluator runs/mine/champion.safetensors
  interregnum play --watch runs/mine --watch runs/quick    # follows training and stress runs while they go on

Prints the address of the page, which holds a secret: only who knows it is answered, and only on this machine. Nothing is fetched from
outside, and no request reads or writes a file that was not listed when the program started. Ctrl-C ends it.")]
pub(crate) struct Args {
    /// A shift of a suite, whose change the page begins with; a suite is a file or the name of one built in
    #[arg(value_name = "SUITE:SHIFT", conflicts_with = "variant")]
    shift: Option<String>,
    /// Variant to begin with [default: gardner]
    #[arg(long)]
    variant: Option<String>,
    /// A weight file of your own, to play against and to look into; may be given several times
    #[arg(long, value_name = "FILE")]
    evaluator: Vec<PathBuf>,
    /// A directory of a training or stress run to follow; may be given several times
    #[arg(long, value_name = "DIR")]
    watch: Vec<PathBuf>,
    /// Port on 127.0.0.1 [default: any free one]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    port: u16,
}

pub(crate) fn run(args: Args, catalog: Catalog) -> anyhow::Result<()> {
    let shift = match args.shift {
        None => None,
        Some(text) => {
            let (suite, shift) = text.rsplit_once(':').with_context(|| {
                format!("`{}`: SUITE:SHIFT was expected, such as quick:hill", files::excerpt(&text, 80))
            })?;
            Some((suite.to_owned(), shift.to_owned()))
        }
    };
    serve(Options {
        catalog,
        variant: args.variant,
        shift,
        evaluators: args.evaluator,
        watch: args.watch,
        port: args.port,
    })
}
