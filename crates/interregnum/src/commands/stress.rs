//! `interregnum stress` and `interregnum report`

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use regime::results::{Summary, SummaryRow};
use regime::{Arm, Progress, Stress, Suite};
use rules::Catalog;
use serde_json::json;

use super::{print_json, stdout};
use crate::shipped::ByName;

/// The regime-change stress test: what a change of the rules does to inherited evaluators.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  interregnum stress quick --out runs/quick
  interregnum stress quick --out runs/quick --resume      # after an interruption
  interregnum stress quick --list                         # shifts, hypotheses, arms and experiments
  interregnum stress --replicate runs/quick/summary.json --out runs/again

SUITE is a file, - for standard input, or the name of one built in: quick, standard, neutral (needs fairy-stockfish). The run directory holds results.jsonl (a
row per pair of games) and the same as results.parquet, probes.jsonl, summary.json, summary.csv and report.html.
Ends with exit code 1 if a shift that must change nothing (an exact null) changed something: then no number of the run can be trusted.")]
pub(crate) struct Args {
    /// Suite: a TOML file, - for standard input, or the name of one built in
    #[arg(required_unless_present = "replicate")]
    suite: Option<String>,
    /// Run directory
    #[arg(long, required_unless_present = "list")]
    out: Option<PathBuf>,
    /// Run the suite of this summary.json (- for standard input) again, and say where the results differ
    #[arg(long, value_name = "SUMMARY")]
    replicate: Option<PathBuf>,
    /// Continue a run that was interrupted
    #[arg(long)]
    resume: bool,
    /// Games played at once [default: the number of cores]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Say what would be run, and stop
    #[arg(long)]
    list: bool,
    /// Print one JSON object instead of the table
    #[arg(long)]
    json: bool,
}

/// The page, plots and tables of a finished stress run, or of a training run that may still be going on.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  interregnum report runs/quick
  interregnum report runs/gardner-1

Ends with exit code 1, after writing, if an exact null of the stress run is broken.")]
pub(crate) struct ReportArgs {
    /// Run directory
    folder: PathBuf,
    /// Print claims and verdicts of a stress run as Markdown instead, and write nothing
    #[arg(long)]
    markdown: bool,
}

pub(crate) fn run(args: &Args, catalog: &Catalog) -> anyhow::Result<()> {
    let published = args.replicate.as_deref().map(read_summary).transpose()?;
    let name = args.suite.as_deref().or(published.as_ref().map(|p| p.run.suite.as_str()));
    let suite = super::suite(name.context("a suite, or a summary to replicate, was expected")?)?;
    let Some(out) = args.out.as_deref().filter(|_| !args.list) else { return list(&suite, catalog, args.json) };
    // At a signal, engines that play in the run must end with the program.
    arena::stop_on_signals()?;
    let stress = Stress::prepare(suite, catalog, &ByName)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(args.jobs.unwrap_or(0).into()).build()?;
    let bar = Bar::new();
    let command = super::command_line(out);
    let outcome = pool.install(|| stress.run(out, args.resume, &command, &|progress| bar.show(progress)));
    bar.0.finish_and_clear();
    let summary = outcome.map_err(|error| match error {
        regime::RegimeError::Engine { .. } => crate::Failed(error.to_string()).into(),
        error => anyhow::Error::from(error),
    })?;
    write_report(out, &summary)?;
    if let Some(published) = &published {
        return compare(published, &summary);
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
            let left = self.1.elapsed().as_secs_f64() * (1.0 - share) / share.max(1e-9);
            let _ = writeln!(std::io::stderr(), "{:3.0}%, about {left:.0} s left: {label}", 100.0 * share);
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
                    "name": shift.name, "family": shift.family, "hypothesis": shift.hypothesis, "edit": shift.edit,
                    "variant": rules.name(), "hash": rules.hash(), "rules": rules.to_ini(),
                }))
            })
            .collect::<anyhow::Result<Vec<_>>>()?;
        let arms: Vec<&str> = Arm::ALL.iter().map(|a| a.name()).collect();
        return print_json(&json!({
            "shifts": shifts, "arms": arms, "experiments": suite.experiments, "probes": suite.probes,
            "hypotheses": suite.hypotheses, "models": suite.files(),
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
            experiment.matches.iter().map(|(a, b)| format!("{} vs {}", a.name(), b.name())).collect();
        let (name, pairs, playouts) = (text(&experiment.name), experiment.pairs, &experiment.playouts);
        writeln!(out, "\n{name}: {pairs} pairs per seed at {playouts:?} playouts\n    {}", matches.join("\n    "))?;
    }
    for probe in &suite.probes {
        let arms: Vec<&str> = probe.arms.iter().map(|a| a.name()).collect();
        let (name, positions, playouts) = (text(&probe.name), probe.positions, &probe.playouts);
        writeln!(out, "\n{name}: {positions} positions at {playouts:?} playouts\n    {}", arms.join("\n    "))?;
    }
    Ok(())
}

fn write_report(folder: &Path, summary: &Summary) -> anyhow::Result<()> {
    super::write_file(&folder.join("report.html"), report::html(summary).as_bytes())?;
    super::write_file(&folder.join("summary.csv"), report::csv(summary).as_bytes())?;
    let pairs = regime::pairs(folder)?;
    if !pairs.is_empty() {
        super::write_file(&folder.join("results.parquet"), &report::pairs_parquet(Vec::new(), pairs)?)?;
    }
    Ok(())
}

/// The largest summary that is read, in bytes.
const MAX_SUMMARY_BYTES: u64 = 1 << 28;

fn read_summary(path: &Path) -> anyhow::Result<Summary> {
    let text = files::read_input(path, MAX_SUMMARY_BYTES).with_context(|| {
        let name = super::source_name(path);
        format!("{name}: a finished stress run was expected (finish it with `stress … --resume`)")
    })?;
    let damaged = |what| anyhow::anyhow!("{} is damaged: {what}", super::source_name(path));
    Summary::from_json(&text).map_err(damaged)
}

/// Fails if a change that cannot make a difference made one: such a run shows nothing.
fn check_nulls(summary: &Summary) -> anyhow::Result<()> {
    let broken: Vec<&str> =
        summary.exact_nulls.iter().filter(|(_, held)| !held).map(|(shift, _)| shift.as_str()).collect();
    if broken.is_empty() {
        return Ok(());
    }
    let shifts = broken.join(", ");
    Err(crate::Failed(format!("exact null failed: {shifts} differs from none; do not trust any number of this run"))
        .into())
}

/// Says where the results of a replication differ from those that were published, and fails if they do.
fn compare(published: &Summary, again: &Summary) -> anyhow::Result<()> {
    let mut out = stdout();
    if published.run.config != again.run.config {
        let (old, new) = (&published.run.config, &again.run.config);
        writeln!(out, "suite, rules or weights are not those of the report: configuration {new}, {old} was expected")?;
    }
    let key = |r: &SummaryRow| {
        let names = [&r.experiment, &r.shift, &r.arm, &r.opponent].map(String::clone);
        (names, r.playouts, r.opponent_playouts, r.games)
    };
    let mut differing = 0;
    for old in &published.rows {
        let new = again.rows.iter().find(|new| key(new) == key(old));
        if new != Some(old) {
            differing += 1;
            let ([experiment, shift, arm, opponent], playouts, ..) = key(old);
            let now = new.map_or("missing".to_owned(), |new| format!("{:.4}", new.score));
            writeln!(out, "{experiment}, {shift}: {arm} v {opponent} @{playouts}: {:.4} was, {now} is", old.score)?;
        }
    }
    let verdicts = published.findings == again.findings && published.shift_verdicts == again.shift_verdicts;
    let (cells, words) = (published.rows.len(), if verdicts { "the same" } else { "not the same" });
    writeln!(out, "{} of {cells} cells replicated to the last digit; verdicts are {words}", cells - differing)?;
    if differing > 0 || !verdicts {
        return Err(crate::Failed("the report was not replicated".to_owned()).into());
    }
    Ok(())
}

pub(crate) fn report(args: &ReportArgs, catalog: &Catalog) -> anyhow::Result<()> {
    if args.folder.join("config.json").exists() && args.folder.join("checkpoints").exists() {
        return super::train_report::report(&args.folder, catalog);
    }
    let summary = read_summary(&args.folder.join("summary.json"))?;
    if args.markdown {
        stdout().write_all(report::markdown(&summary).as_bytes())?;
        return check_nulls(&summary);
    }
    write_report(&args.folder, &summary)?;
    let mut out = stdout();
    write!(out, "{}", report::table(&summary))?;
    writeln!(out, "\nreport: {}", args.folder.join("report.html").display())?;
    check_nulls(&summary)
}
