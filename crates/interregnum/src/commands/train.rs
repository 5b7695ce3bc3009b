//! `interregnum train`

use std::path::PathBuf;

use rules::Catalog;

/// Select an evaluator by self-play: the base optimizer.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  interregnum train gardner --out runs/gardner-1 --seed 1
  interregnum train gardner --shift quick:antichess --out runs/antichess    under a shift of a suite
  interregnum train gardner --out runs/gardner-1 --seed 1 --resume          after an interruption

CONFIG is a file, or the name of one built in: gardner, gardner-tiny. The run directory holds the configuration, the event
log, checkpoints and, at the end, champion.safetensors. Needs a build with the feature `torch`.")]
pub(crate) struct Args {
    /// Configuration: a TOML file, or the name of one built in
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
    /// Print the result as one JSON object
    #[arg(long)]
    json: bool,
}

#[cfg(not(feature = "torch"))]
pub(crate) fn run(args: &Args, _catalog: &Catalog) -> anyhow::Result<()> {
    let Args { config, out, resume, seed, shift, json } = args;
    let _ = (config, out, resume, seed, shift, json);
    anyhow::bail!(
        "this build cannot train: fetch libtorch with scripts/fetch-libtorch.sh and build with `--features torch`"
    )
}

#[cfg(feature = "torch")]
pub(crate) fn run(args: &Args, catalog: &Catalog) -> anyhow::Result<()> {
    use std::io::Write as _;

    use anyhow::Context as _;
    use indicatif::{ProgressBar, ProgressStyle};
    use selection::{Config, Progress, Run};

    let (source, text) = super::config_text(&args.config)?;
    let mut config = Config::from_toml(&source, &text)?;
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
        config.variant.clone_from(&suite.variant);
        config.edit = shift.edit_pairs();
        edited = shift.variant(&suite.variant);
    }
    let rules = if config.edit.is_empty() {
        catalog.rules(&config.variant)?
    } else {
        catalog.clone().edit(&source, &config.variant, &edited, &config.edit)?
    };
    let command = super::command_line(&args.out);
    let run = Run::open(&args.out, config, rules, command, args.resume)?;
    let bar = ProgressBar::new(1).with_style(
        ProgressStyle::with_template("{prefix:>9} {wide_bar} {pos}/{len} {msg}").expect("a valid template"),
    );
    let began = std::time::Instant::now();
    let summary = run.run(&|progress| match progress {
        Progress::Stage(stage, done, total) => {
            bar.set_prefix(stage);
            bar.set_length(total);
            bar.set_position(done);
        }
        Progress::Generation(g, total) => {
            let elapsed = began.elapsed().as_secs_f64();
            let verdict = if g.accepted { "new champion" } else { "rejected" };
            let line = format!(
                "generation {}/{total}: {} positions, loss {:.3} + {:.3}, gate {:.1}%, {verdict} [{elapsed:.0} s]",
                g.generation,
                g.positions,
                g.value_loss,
                g.policy_loss,
                100.0 * g.gate_score
            );
            if bar.is_hidden() {
                let _ = writeln!(std::io::stderr(), "{line}");
            } else {
                bar.println(line);
            }
        }
    })?;
    bar.finish_and_clear();
    if args.json {
        return super::print_json(&serde_json::json!({
            "champion": summary.path, "weights": summary.champion, "generations": summary.generations
        }));
    }
    writeln!(super::stdout(), "{} (weights {})", summary.path.display(), summary.champion)?;
    Ok(())
}
