//! `interregnum variants`

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Subcommand;
use rules::{Catalog, with_rules};
use serde_json::json;

use super::{print_json, stdout};

/// List, check, show and compare variants.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  interregnum variants list
  interregnum variants check my-variants.ini
  interregnum variants diff chess gardner")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Names, boards and pieces of all variants
    List {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Check a rule file
    Check {
        /// The rule file
        file: PathBuf,
    },
    /// The complete rules of a variant, as a rule file
    Show {
        /// Name of the variant
        name: String,
    },
    /// The keys in which two variants differ
    Diff {
        /// Name of the first variant
        a: String,
        /// Name of the second variant
        b: String,
    },
}

pub(crate) fn run(args: &Args, catalog: &mut Catalog) -> anyhow::Result<()> {
    match &args.action {
        Action::List { json } => list(catalog, *json),
        Action::Check { file } => {
            let names = catalog.load_file(file)?;
            crate::warn(catalog);
            writeln!(stdout(), "{}: {} variants, all valid: {}", file.display(), names.len(), names.join(", "))?;
            Ok(())
        }
        Action::Show { name } => with_rules!(catalog.any(name)?, rules => {
            write!(stdout(), "# rule hash {}\n{}", rules.hash(), rules.to_ini())?;
            Ok(())
        }),
        Action::Diff { a, b } => {
            let mut out = stdout();
            writeln!(out, "[{b}:{a}]")?;
            for (key, value) in catalog.diff(a, b)? {
                writeln!(out, "{key} = {value}")?;
            }
            Ok(())
        }
    }
}

fn list(catalog: &Catalog, as_json: bool) -> anyhow::Result<()> {
    let mut out = stdout();
    let mut variants = Vec::new();
    for name in catalog.names() {
        with_rules!(catalog.any(name).context("list")?, rules => {
            let pieces: String = rules.pieces().iter().map(|p| p.letter).collect();
            if as_json {
                variants.push(json!({
                    "name": name, "files": rules.files(), "ranks": rules.ranks(), "pieces": pieces,
                    "rules": rules.hash(), "start_fen": rules.start_fen(),
                }));
            } else {
                writeln!(out, "{name:<16} {}x{} {pieces:<8} {}", rules.files(), rules.ranks(), rules.start_fen())?;
            }
        });
    }
    if as_json {
        drop(out);
        return print_json(&json!({ "variants": variants }));
    }
    Ok(())
}
