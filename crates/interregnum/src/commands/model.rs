//! `interregnum model`

use std::io::Write as _;
use std::path::PathBuf;

use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use evaluator::{Card, SearchKind};

use super::{print_json, stdout};
use crate::shipped::find;

/// The card of a weight file: shape, hashes, lineage.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  interregnum model show gardner-1\n  \
    interregnum model set-search champion.safetensors mcts --out gardner-9.safetensors    # once it was measured")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Print the card
    Show {
        /// Weight file, or the name of a shipped one
        file: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Check the file: sizes, ranges and the hash of the weights
    Verify {
        /// Weight file, or the name of a shipped one
        file: String,
    },
    /// Copy the file, and write into its card which search the engine takes where none is asked for
    SetSearch {
        /// Weight file, or the name of a shipped one
        file: String,
        /// The search that plays better with these weights at 100 ms a move
        #[arg(value_parser = PossibleValuesParser::new(SearchKind::ALL.map(|(name, _)| name)))]
        search: String,
        /// The new file
        #[arg(long)]
        out: PathBuf,
    },
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    match &args.action {
        Action::Show { file, json } => {
            let found = find(file)?;
            let (network, card) = (found.network, found.card);
            if *json {
                return print_json(&card);
            }
            let (shape, l) = (&card.shape, &card.lineage);
            // A name with line ends would look like further entries of the card.
            let text = files::printable;
            let entries: Vec<String> =
                card.payoff.iter().map(|(name, worth)| format!("{}={worth}", text(name))).collect();
            let payoff =
                if entries.is_empty() { String::new() } else { format!("\npayoff      {}", entries.join(", ")) };
            let old_form = if card.format == 1 {
                format!(" (format 1: the hash does not cover the shape; {} does)", network.hash())
            } else {
                String::new()
            };
            let name = |kind| SearchKind::ALL.iter().find(|(_, known)| *known == kind).map_or("", |(name, _)| name);
            let search = card.search.map(|kind| format!("\nsearch      {}", name(kind))).unwrap_or_default();
            writeln!(
                stdout(),
                "weights     {}{old_form}{search}\nselected on {} (rules {}){payoff}\nboard       {}x{}, pieces {}\nhidden      {}\n\
                 generation  {}, parent {}\ncost        {} playouts, {} positions, {} gradient steps\n\
                 made by     {} (configuration {}, seed {})",
                card.weights,
                text(&card.variant),
                text(&card.rules),
                shape.files,
                shape.ranks,
                shape.letters,
                shape.hidden,
                l.generation,
                text(l.parent.as_deref().unwrap_or("none")),
                l.playouts,
                l.positions,
                l.steps,
                text(&l.command),
                text(&l.config),
                l.seed
            )?;
            Ok(())
        }
        Action::Verify { file } => {
            let found = find(file)?;
            writeln!(stdout(), "{}: sound, weights {}", found.origin, found.card.weights)?;
            Ok(())
        }
        Action::SetSearch { file, search, out } => {
            let found = find(file)?;
            let search = SearchKind::ALL.iter().find(|(name, _)| name == search).map(|(_, kind)| *kind);
            Ok(found.network.save_with(out, &Card { search, ..found.card })?)
        }
    }
}
