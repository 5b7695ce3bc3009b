//! `interregnum variants`

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Subcommand;
use rules::Catalog;
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
            writeln!(stdout(), "{}: {} variants, all valid: {}", file.display(), names.len(), names.join(", "))?;
            Ok(())
        }
        Action::Show { name } => {
            let rules = catalog.rules(name)?;
            write!(stdout(), "# rule hash {}\n{}", rules.hash(), rules.to_ini())?;
            Ok(())
        }
        Action::Diff { a, b } => diff(catalog, a, b),
    }
}

fn list(catalog: &Catalog, as_json: bool) -> anyhow::Result<()> {
    let mut out = stdout();
    let mut variants = Vec::new();
    for name in catalog.names() {
        let rules = catalog.rules(name).context("list")?;
        let pieces: String = rules.pieces().iter().map(|p| p.letter).collect();
        if as_json {
            variants.push(json!({
                "name": name, "files": rules.files(), "ranks": rules.ranks(), "pieces": pieces,
                "rules": rules.hash(), "start_fen": rules.start_fen(),
            }));
        } else {
            writeln!(out, "{name:<16} {}x{} {pieces:<8} {}", rules.files(), rules.ranks(), rules.start_fen())?;
        }
    }
    if as_json {
        drop(out);
        return print_json(&json!({ "variants": variants }));
    }
    Ok(())
}

fn diff(catalog: &Catalog, a: &str, b: &str) -> anyhow::Result<()> {
    let (a, b) = (catalog.rules(a)?, catalog.rules(b)?);
    let lines = |ini: String| -> Vec<(String, String)> {
        ini.lines().filter_map(|l| l.split_once(" = ").map(|(k, v)| (k.to_owned(), v.to_owned()))).collect()
    };
    let (before, after) = (lines(a.to_ini()), lines(b.to_ini()));
    let value = |lines: &[(String, String)], key: &str| lines.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone());
    let mut out = stdout();
    writeln!(out, "[{}:{}]", b.name(), a.name())?;
    for (key, new) in &after {
        if value(&before, key).as_ref() != Some(new) {
            writeln!(out, "{key} = {new}")?;
        }
    }
    for (key, old) in &before {
        if value(&after, key).is_none() {
            // A piece or a rule that is no longer there: the format removes it with `-`, or with `none` for a value.
            let none = if matches!(old.as_str(), "win" | "loss" | "draw") { "none" } else { "-" };
            writeln!(out, "{key} = {none}")?;
        }
    }
    Ok(())
}
