//! `interregnum stress` and `interregnum report`

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use regime::analysis::{ExactNull, Run, Summary};
use regime::{Origin, Progress, RegimeError, Stress, Suite};
use rules::Catalog;
use serde_json::json;
use work::WorkError;

use super::{print_json, stdout};
use crate::units::{Recorded, UnitArgs, run_shared};

/// The regime-change stress test: what a change of the rules does to inherited evaluators.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  interregnum stress quick --out runs/quick
  interregnum stress quick --out runs/quick --resume      # after an interruption
  interregnum stress quick --list                         # shifts, agents, experiments and claims
  interregnum stress mine.toml --check                    # all that is checked before the first game
  interregnum stress --replicate runs/quick --out runs/again

SUITE is a file, - for standard input, or the name of one built in: quick, standard, neutral (needs fairy-stockfish). The run directory holds
run.json (what was run, and the identity that all rows are chained to), results.jsonl (a row per pair of games) and the same as results.parquet,
probes.jsonl, extras.json, summary.json, summary.csv and report.html. Verdicts are computed from these files alone: see `interregnum report`.
Ends with exit code 1 if a shift that must change nothing (an exact null) changed something: then no number of the run can be trusted.")]
pub(crate) struct Args {
    /// Suite: a TOML file, - for standard input, or the name of one built in
    #[arg(required_unless_present = "replicate")]
    suite: Option<String>,
    /// Run directory
    #[arg(long, required_unless_present_any = ["list", "check"])]
    out: Option<PathBuf>,
    /// Play the run in this directory again, by its own suite, and say where the results differ
    #[arg(long, value_name = "DIR", conflicts_with = "suite")]
    replicate: Option<PathBuf>,
    /// Continue a run that was interrupted
    #[arg(long)]
    resume: bool,
    /// Games played at once [default: the number of cores]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    #[command(flatten)]
    units: UnitArgs,
    /// Say what would be run, and stop
    #[arg(long)]
    list: bool,
    /// Compile all rules, read all weight files and start all engines, as a run would, and stop
    #[arg(long, conflicts_with_all = ["list", "json", "resume"])]
    check: bool,
    /// Print one JSON object instead of the table
    #[arg(long)]
    json: bool,
}

/// The page, plots and tables of a stress run, finished or not, recomputed from its rows; or of a training run.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  interregnum report runs/quick
  interregnum report runs/gardner-1

An unfinished run is reported as such, and replaces nothing that was made from more rows. Ends with exit code 1, after writing, if an exact null
of the stress run is broken.")]
pub(crate) struct ReportArgs {
    /// Run directory
    folder: PathBuf,
    /// Print claims and verdicts of a stress run as Markdown instead, and write nothing
    #[arg(long)]
    markdown: bool,
}

pub(crate) fn run(args: &Args, catalog: &Catalog) -> anyhow::Result<()> {
    let published = args.replicate.as_deref().map(Run::read).transpose()?;
    let (source, text) = match (&published, &args.suite) {
        (Some(run), _) => (run.card().source.clone(), run.card().suite.clone()),
        (None, Some(name)) => super::suite_text(name)?,
        (None, None) => anyhow::bail!("a suite, or a run to replicate, was expected"),
    };
    if args.list {
        return list(&Suite::from_toml(&source, &text)?, catalog, args.json);
    }
    // Engines that play in it must not outlive it.
    arena::stop_on_signals()?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(args.jobs.unwrap_or(0).into()).build()?;
    let command = args.out.as_deref().map_or_else(String::new, super::command_line);
    let Some(out) = args.out.as_deref().filter(|_| !args.check) else {
        let (stress, _) = prepare(catalog, &source, &text, &command, &pool, None)?;
        writeln!(stdout(), "accepted: {} cells would be played (identity {})", stress.units(), stress.card().identity)?;
        return Ok(());
    };
    let asked = StressRun { source: &source, text: &text, command: &command, out, resume: args.resume };
    let bar = Bar::new();
    let folder = args.units.folder(out)?;
    let outcome = play(&asked, catalog, &pool, folder.as_ref(), &|progress| bar.show(progress));
    bar.0.finish_and_clear();
    let (run, summary) = outcome?;
    if let Some(published) = &published {
        return super::replicate::compare(published, &run);
    }
    if args.json {
        print_json(&summary)?;
        return check_nulls(&summary);
    }
    let mut out_lock = stdout();
    write!(out_lock, "{}", report::table(&summary))?;
    writeln!(out_lock, "\nreport: {}", out.join("report.html").display())?;
    check_nulls(&summary)
}

/// A stress run that is asked for.
#[derive(Clone, Copy, Debug)]
pub struct StressRun<'a> {
    /// Where the suite's text came from.
    pub source: &'a str,
    /// The suite.
    pub text: &'a str,
    /// What asked for the run, as its user would ask again.
    pub command: &'a str,
    /// The run directory.
    pub out: &'a Path,
    /// Whether to go on with a run that was interrupted.
    pub resume: bool,
}

/// Plays a stress run on a thread pool, and writes its report.
///
/// # Errors
/// If the suite is wrong, a weight file is missing, the directory holds something else, or something fails while playing. What was
/// finished stays.
pub fn play_stress(
    asked: &StressRun<'_>,
    catalog: &Catalog,
    pool: &rayon::ThreadPool,
    progress: &(dyn Fn(&Progress) + Sync),
) -> anyhow::Result<(Run, Summary)> {
    play(asked, catalog, pool, None, progress)
}

/// [`play_stress`], with cells that others may play.
fn play(
    asked: &StressRun<'_>,
    catalog: &Catalog,
    pool: &rayon::ThreadPool,
    folder: Option<&work::Folder>,
    progress: &(dyn Fn(&Progress) + Sync),
) -> anyhow::Result<(Run, Summary)> {
    let (stress, files) = prepare(catalog, asked.source, asked.text, asked.command, pool, folder)?;
    let run = (asked.out, asked.resume);
    pool.install(|| run_shared(&stress, catalog, files, folder, run, progress)).map_err(|error| {
        match error.downcast_ref::<RegimeError>() {
            Some(RegimeError::Engine { .. } | RegimeError::Work(WorkError::Pending(_))) => {
                crate::Failed(error.to_string()).into()
            }
            _ => error,
        }
    })?;
    let run = Run::read(asked.out)?;
    let summary = run.summary();
    write_report(asked.out, &run, &summary)?;
    Ok((run, summary))
}

/// Compiles all rules and reads all weight files of a suite, whose bytes are returned by name if its cells are shared.
fn prepare(
    catalog: &Catalog,
    source: &str,
    text: &str,
    command: &str,
    pool: &rayon::ThreadPool,
    folder: Option<&work::Folder>,
) -> anyhow::Result<(Stress, BTreeMap<String, Vec<u8>>)> {
    let signature = pool.install(super::bench::own_signature)?;
    let origin = Origin { source, text, signature: &signature, version: env!("CARGO_PKG_VERSION"), command };
    let weights = Recorded::for_others(folder);
    let stress = Stress::prepare(origin, catalog, &weights)?;
    Ok((stress, weights.files()))
}

/// Progress on standard error: a bar on a terminal, a line every few seconds elsewhere.
struct Bar(ProgressBar, Instant, std::sync::Mutex<Instant>);

impl Bar {
    fn new() -> Bar {
        let style =
            ProgressStyle::with_template("{bar:30} {percent:>3}% {elapsed}<{eta} {msg}").expect("a valid template");
        let now = Instant::now();
        Bar(ProgressBar::new(1).with_style(style), now, std::sync::Mutex::new(now))
    }

    fn show(&self, progress: &Progress) {
        let label = files::excerpt(&progress.label, 100);
        if !self.0.is_hidden() {
            self.0.set_length(progress.total);
            self.0.set_position(progress.done);
            self.0.set_message(label);
            return;
        }
        let Ok(mut last) = self.2.lock() else { return };
        if last.elapsed() >= Duration::from_secs(5) {
            *last = Instant::now();
            let share = progress.done as f64 / progress.total.max(1) as f64;
            let passed = self.1.elapsed().as_secs_f64();
            // Work that is not counted, before the games and after them, has no estimate.
            let left = if share > 0.0 && share < 1.0 {
                format!("{:3.0}%, about {:.0} s left: ", 100.0 * share, passed * (1.0 - share) / share)
            } else {
                String::new()
            };
            let _ = writeln!(std::io::stderr(), "{left}{label}");
        }
    }
}

fn list(suite: &Suite, catalog: &Catalog, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        let shifts = suite
            .shifts
            .iter()
            .map(|shift| {
                let rules = regime::shift_rules(suite, shift, catalog)?;
                Ok(json!({
                    "name": shift.name, "family": shift.family, "hypothesis": shift.hypothesis,
                    "expected": shift.expect.word(), "edit": shift.edit, "payoff": suite.payoff_under(shift),
                    "variant": rules.name(), "hash": rules.hash(), "rules": rules.to_ini(),
                }))
            })
            .collect::<anyhow::Result<Vec<_>>>()?;
        return print_json(&json!({
            "shifts": shifts, "agents": suite.agents, "roles": suite.roles, "experiments": suite.experiments,
            "probes": suite.probes, "monitors": suite.monitors, "claims": suite.claims, "models": suite.files(),
        }));
    }
    let mut out = stdout();
    // A name with line ends would look like several entries.
    let text = files::printable;
    writeln!(out, "{}\n", text(&suite.title))?;
    for shift in &suite.shifts {
        writeln!(out, "{} ({})\n    {}", text(&shift.name), text(&shift.family), text(&shift.hypothesis))?;
        for (key, value) in &shift.edit {
            writeln!(out, "    {} = {}", text(key), text(value))?;
        }
    }
    for experiment in &suite.experiments {
        let matches: Vec<String> =
            experiment.matches.iter().map(|(a, b)| format!("{} vs {}", text(a), text(b))).collect();
        let (name, pairs, playouts) = (text(&experiment.name), experiment.pairs, &experiment.playouts);
        writeln!(
            out,
            "\n{name}: {pairs} pairs per evaluator at {playouts:?} playouts\n    {}",
            matches.join("\n    ")
        )?;
    }
    for probe in &suite.probes {
        let agents: Vec<String> = probe.agents.iter().map(|agent| text(agent).into_owned()).collect();
        let (name, positions, playouts) = (text(&probe.name), probe.positions, &probe.playouts);
        writeln!(out, "\n{name}: {positions} positions at {playouts:?} playouts\n    {}", agents.join("\n    "))?;
    }
    writeln!(out, "\nagents")?;
    for agent in &suite.agents {
        writeln!(out, "    {}: {}", text(&agent.name), text(&agent.about))?;
    }
    for claim in &suite.claims {
        writeln!(out, "\nclaim {}: {}", text(&claim.name), text(&claim.claim))?;
    }
    Ok(())
}

/// Writes everything that is computed from the rows of a run, unless it would replace what was computed from more of them.
///
/// # Errors
/// If a file cannot be written, or an unfinished run has lost rows since its report was written.
pub fn write_report(folder: &Path, run: &Run, summary: &Summary) -> anyhow::Result<()> {
    check_exports(folder, run)?;
    let json = serde_json::to_vec_pretty(summary).expect("plain data");
    super::write_own_file(&folder.join("summary.json"), &json)?;
    super::write_own_file(&folder.join("report.html"), report::html(summary).as_bytes())?;
    super::write_own_file(&folder.join("summary.csv"), report::csv(summary).as_bytes())?;
    if !run.pairs().is_empty() {
        let pairs = regime::rows::write_pairs(run.pairs(), &run.card().identity);
        super::write_own_file(&folder.join("results.parquet"), &pairs)?;
    }
    Ok(())
}

/// The largest `summary.json` that is read back, in bytes.
const MAX_SUMMARY_BYTES: u64 = 1 << 28;

/// Fails if an unfinished run has lost rows since its report was written: what stands there may be all that is left of them.
fn check_exports(folder: &Path, run: &Run) -> anyhow::Result<()> {
    if run.is_finished() {
        return Ok(());
    }
    let (pairs, answers) = (run.pairs().len() as u64, run.probes().len() as u64);
    let lost = |file: &str, what: &str, before: u64, now: u64| -> anyhow::Result<()> {
        if before <= now {
            return Ok(());
        }
        let path = folder.join(file);
        let message =
            format!("{}: was made from {before} {what}, of which {now} are left; nothing was written", path.display());
        Err(crate::Failed(message).into())
    };
    lost("results.parquet", "pairs", regime::rows::count_pairs(&folder.join("results.parquet")).unwrap_or(0), pairs)?;
    let text = files::read_to_string(&folder.join("summary.json"), MAX_SUMMARY_BYTES).unwrap_or_default();
    let Ok(before) = serde_json::from_str::<Summary>(&text) else { return Ok(()) };
    lost("summary.json", "pairs", before.run.pairs, pairs)?;
    let asked = before.probes.iter().map(|cell| u64::from(cell.seeds)).sum();
    lost("summary.json", "answers of probes", asked, answers)
}

/// Says on standard error that more is to come.
fn tell_unfinished(run: &Run) {
    if !run.is_finished() {
        let (pairs, answers) = (run.pairs().len(), run.probes().len());
        let _ = writeln!(
            std::io::stderr(),
            "not finished: {pairs} pairs of games and {answers} answers of probes so far; `interregnum stress --resume` goes on"
        );
    }
}

/// Fails if a change that cannot make a difference made one: such a run shows nothing.
fn check_nulls(summary: &Summary) -> anyhow::Result<()> {
    let names = |failed: &dyn Fn(&ExactNull) -> bool| -> String {
        let nulls = summary.exact_nulls.iter().filter(|null| null.held == Some(false) && failed(null));
        nulls.map(|null| null.shift.as_str()).collect::<Vec<_>>().join(", ")
    };
    let (broken, untested) = (names(&|null| null.pairs > 0), names(&|null| null.pairs == 0));
    let what = match (broken.is_empty(), untested.is_empty()) {
        (true, true) => return Ok(()),
        (false, _) => format!("exact null failed: {broken} differs from the unchanged rules"),
        (true, false) => {
            format!("exact null not tested: no pair of {untested} can be held against the unchanged rules")
        }
    };
    Err(crate::Failed(format!("{what}; do not trust any number of this run")).into())
}

pub(crate) fn report(args: &ReportArgs, catalog: &Catalog) -> anyhow::Result<()> {
    if args.folder.join("config.json").exists() && args.folder.join("checkpoints").exists() {
        return super::train_report::report(&args.folder, catalog);
    }
    let run = Run::read(&args.folder)?;
    tell_unfinished(&run);
    let summary = run.summary();
    if args.markdown {
        stdout().write_all(report::markdown(&summary).as_bytes())?;
        return check_nulls(&summary);
    }
    let written = write_report(&args.folder, &run, &summary);
    let mut out = stdout();
    write!(out, "{}", report::table(&summary))?;
    written?;
    writeln!(out, "\nreport: {}", args.folder.join("report.html").display())?;
    check_nulls(&summary)
}
