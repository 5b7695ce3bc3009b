//! `interregnum tournament`

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use arena::tournament::{Tournament, TournamentConfig, TournamentError, TournamentProgress};
use arena::{MatchError, SharedJob, stop_on_signals};
use indicatif::{ProgressBar, ProgressStyle};
use rules::{AnyRules, Catalog, Word};

use super::{MAX_TOML_BYTES, log_error, print_json, stdout};
use crate::units::{Recorded, UnitArgs};

/// Round robins and gauntlets between named players, and the rating list that follows.
#[derive(clap::Args)]
#[command(after_help = r#"Examples:
  interregnum tournament ladder.toml --out runs/ladder
  interregnum tournament ladder.toml --out runs/ladder --resume      # after an interruption

A tournament file:
  name = "ladder"
  variant = "gardner"
  format = "round-robin"            # or "gauntlet": the challengers (or the first player) meet all others
  rounds = 100                      # of each pairing; a round is an opening played twice with colours swapped
  seed = 1                          # optional, like the rest up to the players
  max_plies = 512                   # games are called drawn at this length
  anchor = "zero"                   # whose rating is anchor_elo [default: the mean of all]
  anchor_elo = 0.0
  [payoff]                          # what endings are worth, as `interregnum match --payoff`; -1, 0 or 1 only
  stalemate = -1
  [openings]                        # [default: 4 random plies]
  file = "book.epd"                 # EPD, PGN or lines of moves; or plies = N for random openings
  order = "random"                  # or "sequential"
  [[player]]
  name = "zero"
  spec = "zero@playouts=100"        # as for `interregnum match`
  [[player]]
  name = "model"
  spec = "model:gardner-1@playouts=100"
  # challenger = true               # in a gauntlet

The run directory holds config.json, results.jsonl (a row per round, written as it ends), games.pgn, ratings.json and table.txt.
Ratings are the maximum likelihood of all games at once (Davidson's model with an advantage for White), with 95% intervals of the
difference to the anchor that take the games of one opening as dependent. The result does not depend on --jobs. External engines (`uci:`) that fail lose that game, as in
`interregnum match`; failures are told as they happen and counted below the table and in ratings.json. Asked to stop (SIGINT, SIGTERM,
SIGHUP), the program ends the engines, keeps the rounds that are finished, and exits with 128 and the number of the signal."#)]
pub(crate) struct Args {
    /// The tournament: a TOML file, or - for standard input
    file: PathBuf,
    /// Run directory
    #[arg(long)]
    out: PathBuf,
    /// Continue a tournament that was interrupted
    #[arg(long)]
    resume: bool,
    /// Games played at once [default: the number of cores]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    #[command(flatten)]
    units: UnitArgs,
    /// Print one JSON object, that of ratings.json, instead of the table
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args, catalog: &Catalog) -> anyhow::Result<()> {
    let name = super::source_name(&args.file);
    let text = super::read_text(&args.file, MAX_TOML_BYTES)?;
    let config = TournamentConfig::from_toml(&name, &text)?;
    stop_on_signals()?;
    match catalog.any(&config.variant)? {
        AnyRules::Small(_) => run_on::<u64>(args, config, catalog),
        AnyRules::Large(_) => run_on::<u128>(args, config, catalog),
    }
}

fn run_on<W: Word>(args: &Args, config: TournamentConfig, catalog: &Catalog) -> anyhow::Result<()> {
    let folder = args.units.folder(&args.out)?;
    let weights = Recorded::for_others(folder.as_ref());
    let tournament = Tournament::<W>::prepare_with(config, catalog, &weights)?;
    let files = weights.files();
    let job = folder.as_ref().and_then(|_| tournament.job(catalog, &files));
    let files: Vec<Vec<u8>> = files.into_values().collect();
    let shared = folder.as_ref().zip(job.as_ref()).map(|(folder, job)| SharedJob { folder, job, files: &files });
    if args.units.are_shared() && shared.is_none() {
        anyhow::bail!("--units: games of external engines (uci:) can only be played on this machine");
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(args.jobs.unwrap_or(0).into()).build()?;
    let line = Line::new(tournament.games());
    let standings = pool
        .install(|| tournament.run_shared(&args.out, args.resume, shared.as_ref(), &|progress| line.show(progress)));
    line.bar.finish_and_clear();
    let standings = standings.map_err(|error| match error {
        TournamentError::Log(error) => log_error(error),
        TournamentError::Match(stopped @ MatchError::Interrupted(_)) => {
            crate::Failed(format!("{stopped}; the same command with --resume goes on")).into()
        }
        TournamentError::Match(pending @ MatchError::Work(_)) => crate::Failed(pending.to_string()).into(),
        other => other.into(),
    })?;
    if args.json {
        return print_json(&standings);
    }
    write!(stdout(), "{}", standings.table())?;
    for remark in tournament.remarks() {
        writeln!(stdout(), "{remark}")?;
    }
    Ok(())
}

/// Progress on standard error: a bar on a terminal, a line every few seconds elsewhere.
struct Line {
    bar: ProgressBar,
    began: Instant,
    last: Mutex<Instant>,
}

impl Line {
    fn new(games: u64) -> Line {
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} games {msg}").expect("a valid template");
        let now = Instant::now();
        Line { bar: ProgressBar::new(games).with_style(style), began: now, last: Mutex::new(now) }
    }

    fn show(&self, progress: &TournamentProgress) {
        for failure in &progress.failures {
            self.bar.suspend(|| {
                let _ = writeln!(std::io::stderr(), "{failure}");
            });
        }
        let played = (progress.done - progress.found).max(1);
        let left = self.began.elapsed().as_secs_f64() * (progress.total - progress.done) as f64 / played as f64;
        let message = format!("about {left:.0} s left: {}", progress.label);
        if !self.bar.is_hidden() {
            self.bar.set_position(progress.done);
            self.bar.set_message(message);
            return;
        }
        let Ok(mut last) = self.last.lock() else { return };
        if last.elapsed() >= Duration::from_secs(5) {
            *last = Instant::now();
            let _ = writeln!(std::io::stderr(), "{} of {} games, {message}", progress.done, progress.total);
        }
    }
}
