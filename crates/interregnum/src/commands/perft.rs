//! `interregnum perft`

use std::io::Write as _;

use rules::{Catalog, Rules, Word, with_rules};
use serde_json::json;

use super::{position, print_json, stdout};

/// Count the leaves of the move tree: the standard check of move generation.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  interregnum perft --variant gardner --divide 4")]
pub(crate) struct Args {
    /// Name of the variant
    #[arg(long)]
    variant: String,
    /// Position to start from [default: the variant's start position]
    #[arg(long)]
    fen: Option<String>,
    /// Split the count by first move
    #[arg(long)]
    divide: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Length of the move sequences
    #[arg(value_parser = clap::value_parser!(u32).range(0..=30))]
    depth: u32,
}

pub(crate) fn run(args: &Args, catalog: &Catalog) -> anyhow::Result<()> {
    with_rules!(catalog.any(&args.variant)?, rules => count(args, &rules))
}

fn count<W: Word>(args: &Args, rules: &Rules<W>) -> anyhow::Result<()> {
    let position = position(rules, args.fen.as_deref())?;
    if !args.divide {
        let nodes = rules::perft(rules, &position, args.depth);
        if args.json {
            return print_json(&json!({"variant": rules.name(), "depth": args.depth, "nodes": nodes}));
        }
        writeln!(stdout(), "{nodes}")?;
        return Ok(());
    }
    let mut split: Vec<(String, u64)> =
        rules::divide(rules, &position, args.depth).into_iter().map(|(mv, n)| (rules.uci(&position, mv), n)).collect();
    split.sort();
    let nodes: u64 = split.iter().map(|(_, n)| n).sum();
    if args.json {
        let moves: serde_json::Map<_, _> = split.into_iter().map(|(mv, n)| (mv, n.into())).collect();
        return print_json(&json!({"variant": rules.name(), "depth": args.depth, "nodes": nodes, "divide": moves}));
    }
    let mut out = stdout();
    for (mv, nodes) in split {
        writeln!(out, "{mv}: {nodes}")?;
    }
    writeln!(out, "total: {nodes}")?;
    Ok(())
}
