//! `interregnum train`

use std::path::PathBuf;

use rules::Catalog;

use crate::units::UnitArgs;
#[cfg(feature = "torch")]
use {
    anyhow::Context as _,
    evaluator::Network,
    rules::{AnyRules, Rules, Word, with_rules},
    selection::{Config, Run, Start},
    std::io::Write as _,
    std::sync::Arc,
};

/// Select an evaluator by self-play: the base optimizer.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  interregnum train gardner --out runs/gardner-1 --seed 1
  interregnum train gardner --shift quick:antichess --out runs/antichess    # under a shift of a suite
  interregnum train gardner --out runs/gardner-1 --seed 1 --resume          # after an interruption
  interregnum train gardner --out runs/narrow --set network.hidden=32 --set generations=12
  interregnum train gardner --out runs/stalemates --set payoff.stalemate=0.5      # what endings are worth
  interregnum train gardner --shift quick:hill --from gardner-1 --out runs/hill-inherited
  interregnum report runs/gardner-1                                         # losses, gates, games as a page

CONFIG is a file, - for standard input, or the name of one built in: gardner, gardner-fast, gardner-strong, gardner-deployed, gardner-regimes, long (any
variant),
gardner-tiny, losalamos, chess. The run directory holds the configuration, the event log, shards of games (Parquet), checkpoints and, at the end,
champion.safetensors. Needs a build with the feature `torch`.")]
pub(crate) struct Args {
    /// Configuration: a TOML file, - for standard input, or the name of one built in
    config: String,
    /// Run directory
    #[arg(long)]
    out: PathBuf,
    /// Continue a run that was interrupted
    #[arg(long)]
    resume: bool,
    /// Replace the configuration's seed
    #[arg(long)]
    seed: Option<u64>,
    /// Select under a shift of a stress suite
    #[arg(long, value_name = "SUITE:SHIFT")]
    shift: Option<String>,
    /// Replace a value of the configuration, written in TOML; may be given several times
    #[arg(long, value_name = "SECTION.KEY=VALUE")]
    set: Vec<String>,
    /// Begin with these weights instead of random ones
    #[arg(long, value_name = "MODEL")]
    from: Option<String>,
    #[command(flatten)]
    units: UnitArgs,
    /// Print the result as one JSON object
    #[arg(long)]
    json: bool,
}

#[cfg(not(feature = "torch"))]
pub(crate) fn run(args: &Args, _catalog: &Catalog) -> anyhow::Result<()> {
    let Args { config, out, resume, seed, shift, set, from, units, json } = args;
    let _ = (config, out, resume, seed, shift, set, from, units.are_shared(), json);
    anyhow::bail!(
        "this build cannot train: fetch libtorch with scripts/fetch-libtorch.sh and build with `--features torch`"
    )
}

#[cfg(feature = "torch")]
pub(crate) fn run(args: &Args, catalog: &Catalog) -> anyhow::Result<()> {
    let (source, text) = super::config_text(&args.config)?;
    let mut config = Config::from_toml_with(&source, &text, &args.set)?;
    if let Some(seed) = args.seed {
        config.seed = seed;
    }
    let mut edited = format!("{}-edited", config.variant);
    if let Some(shift) = &args.shift {
        let (suite, name) =
            shift.split_once(':').context("--shift: SUITE:SHIFT was expected, for instance quick:antichess")?;
        let suite = super::suite(suite)?;
        let shift = suite.shift(name).with_context(|| {
            let known: Vec<&str> = suite.shifts.iter().map(|s| s.name.as_str()).collect();
            format!("--shift: suite {} has no shift `{name}`; it has {}", suite.name, known.join(", "))
        })?;
        let (variant, edit) = suite.origin(shift);
        variant.clone_into(&mut config.variant);
        config.edit = edit;
        config.payoff = suite.payoff_under(shift);
        edited = shift.shifted(suite.base(shift));
    }
    let mut catalog = catalog.clone();
    let base = if config.edit.is_empty() {
        catalog.any(&config.variant)?
    } else {
        catalog.edit_any(&source, &config.variant, &edited, &config.edit)?
    };
    let mut others = Vec::new();
    for regime in &config.regimes {
        let edit: Vec<(String, String)> = regime.edit.clone().into_iter().collect();
        let name = format!("{}-{}", config.variant, regime.name);
        others.push(catalog.edit_any(&source, &config.variant, &name, &edit)?);
    }
    let inherited = match &args.from {
        Some(name) => {
            let found = crate::shipped::find(name)?;
            config.from = Some(found.network.hash().to_owned());
            Some(Arc::new(found.network))
        }
        None => None,
    };
    with_rules!(base, base => select(args, config, base, others, inherited))
}

/// Runs a selection under these rules and those of the configuration's regimes.
#[cfg(feature = "torch")]
fn select<W: Word>(
    args: &Args,
    config: Config,
    base: Arc<Rules<W>>,
    others: Vec<AnyRules>,
    inherited: Option<Arc<Network>>,
) -> anyhow::Result<()> {
    let mut rules = vec![base];
    for other in others {
        let (name, kinds) = with_rules!(&other, rules => (rules.name().to_owned(), rules.pieces().len()));
        let base = &rules[0];
        // One run has one kind of board.
        let unlike = || {
            let own = base.pieces().len();
            format!("{name} has {kinds} kinds of men and {} {own}: both or neither must have more than 16", base.name())
        };
        let other = other.on().with_context(unlike)?;
        rules.push(other);
    }
    let command = super::command_line(&args.out);
    let work = args.units.folder(&args.out)?;
    let generations = config.generations;
    let run = Run::open(&args.out, config, Start { rules, command, inherited, resume: args.resume, work })?;
    let events = args.out.join("events.jsonl");
    let before = if events.exists() { selection::read_events(&events)? } else { Vec::new() };
    let view = super::train_view::View::new(generations, &before);
    let outcome = run.run(&|progress| view.show(progress));
    view.finish();
    let summary = outcome.map_err(explained)?;
    if args.json {
        return super::print_json(&serde_json::json!({
            "champion": summary.path, "weights": summary.champion, "generations": summary.generations
        }));
    }
    writeln!(super::stdout(), "{} (weights {})", summary.path.display(), summary.champion)?;
    Ok(())
}

/// The error that stopped a run, with what to do about it. A full disk and a diverging loss are failures, not mistakes of the
/// command line.
#[cfg(feature = "torch")]
fn explained(error: selection::SelectionError) -> anyhow::Error {
    use arena::MatchError;
    use evaluator::WeightsError;
    use files::FileError;
    use selection::SelectionError;
    use work::WorkError;
    match error {
        SelectionError::File(FileError { action: "write", .. })
        | SelectionError::Weights(WeightsError::File(FileError { action: "write", .. })) => {
            crate::Failed(format!("{error}; finished generations are kept, and --resume goes on when there is room"))
                .into()
        }
        SelectionError::Diverged { .. }
        | SelectionError::Work(WorkError::Pending(_) | WorkError::Stopped)
        | SelectionError::Match(MatchError::Work(_)) => crate::Failed(error.to_string()).into(),
        error => error.into(),
    }
}
