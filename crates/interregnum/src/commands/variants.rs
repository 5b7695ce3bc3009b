//! `interregnum variants`

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use rules::{AnyRules, Catalog, Distance, distance, with_rules};
use serde_json::json;

use super::{print_json, stdout};

/// List, check, show and compare variants.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  interregnum variants list
  interregnum variants check my-variants.ini
  interregnum variants diff chess gardner
  interregnum variants distance chess kingofthehill")]
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
        /// Print the built-in variants as a Markdown table (that of crates/rules/README.md)
        #[arg(long, conflicts_with = "json")]
        markdown: bool,
    },
    /// Check a rule file
    Check {
        /// The rule file, or - for standard input
        file: PathBuf,
    },
    /// The complete rules of a variant, as a rule file
    Show {
        /// Name of the variant
        name: String,
    },
    /// How far apart two variants are: the share of positions from random games whose legal moves or outcome differ
    Distance {
        /// Name of the first variant
        a: String,
        /// Name of the second variant
        b: String,
        /// Positions to look at, half of them from games under either rules
        #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(2..=10_000_000))]
        positions: u32,
        /// Seed of the random games
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// The keys in which two variants differ, as an edit of the first
    Diff {
        /// Name of the first variant
        a: String,
        /// Name of the second variant
        b: String,
    },
}

pub(crate) fn run(args: &Args, catalog: &mut Catalog) -> anyhow::Result<()> {
    match &args.action {
        Action::List { markdown: true, .. } => table(),
        Action::List { json, .. } => list(catalog, *json),
        Action::Check { file } => check(file, catalog),
        Action::Show { name } => with_rules!(catalog.any(name)?, rules => {
            write!(stdout(), "# rule hash {}\n{}", rules.hash(), rules.to_ini())?;
            Ok(())
        }),
        Action::Distance { a, b, positions, seed, json } => {
            let found = match (catalog.any(a)?, catalog.any(b)?) {
                (AnyRules::Small(a), AnyRules::Small(b)) => distance(&a, &b, *positions, *seed),
                (AnyRules::Large(a), AnyRules::Large(b)) => distance(&a, &b, *positions, *seed),
                _ => None,
            };
            let found = found.with_context(|| format!("the boards of {a} and {b} differ in size"))?;
            if *json {
                return print_json(&json!({
                    "a": a, "b": b, "positions": found.positions, "differing": found.differing,
                    "foreign": found.foreign, "distance": found.share(),
                }));
            }
            let Distance { positions, differing, foreign } = found;
            writeln!(
                stdout(),
                "{:.4} ({differing} of {positions} positions differ, {foreign} of them exist under one of the rules only)",
                found.share()
            )?;
            Ok(())
        }
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

/// Says for each section of a rule file whether it was accepted.
fn check(path: &Path, catalog: &mut Catalog) -> anyhow::Result<()> {
    let loaded = super::load_rules(catalog, path)?;
    crate::warn(catalog);
    let mut errors = std::io::stderr().lock();
    for refusal in &loaded.refused {
        writeln!(errors, "{refusal}")?;
    }
    drop(errors);
    let file = files::excerpt(&super::source_name(path), 200);
    let (valid, refused) = (loaded.names.len(), loaded.refused.len());
    let names = if valid == 0 { "none".to_owned() } else { loaded.names.join(", ") };
    if refused == 0 {
        writeln!(stdout(), "{file}: {valid} variants, all valid: {names}")?;
        return Ok(());
    }
    writeln!(stdout(), "{file}: {valid} of {} variants are valid: {names}", valid + refused)?;
    anyhow::bail!("{file}: {refused} of {} sections refused", valid + refused)
}

fn table() -> anyhow::Result<()> {
    let mut out = stdout();
    let families = Catalog::families();
    let count: usize = families.iter().map(|(_, names)| names.len()).sum();
    writeln!(out, "| {count} variants | |\n| --- | --- |")?;
    for (title, names) in families {
        writeln!(out, "| {} | {} |", title.trim_end_matches('.'), names.join(", "))?;
    }
    Ok(())
}

fn list(catalog: &Catalog, as_json: bool) -> anyhow::Result<()> {
    let mut out = stdout();
    let mut variants = Vec::new();
    for name in catalog.names() {
        with_rules!(catalog.compiled(name).context("list")?, rules => {
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
