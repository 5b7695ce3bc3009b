//! `interregnum openings`

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arena::{Balance, BookMaker, BookOrder, PlayerSpec, epd};
use rules::{Catalog, Rules, Word, with_rules};
use serde_json::json;

use super::{PayoffArgs, print_json, stdout};
use crate::shipped::ByName;

/// A book of random openings for any variant: legal, distinct and, on request, balanced.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  interregnum openings --variant gardner --count 500 --seed 1 --balance 0.3 --out gardner.epd
  interregnum openings --variant crazyhouse --count 100 --plies 6 --balance 0.2 --judge rollout@playouts=800
  interregnum match zero rollout --variant gardner --openings gardner.epd --order random

Each line of the book is a position in the variant's own FEN. The judge searches each position; those with a value beyond ±BALANCE
(0 is equal, 1 a sure win) are left out. Any player that searches can judge, best one that does not play in the match. The book
depends on the seed alone, not on the number of threads, and a smaller one is the beginning of a larger one.")]
pub(crate) struct Args {
    /// Name of the variant
    #[arg(long)]
    variant: String,
    /// Number of openings
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    count: u32,
    /// Random plies of each
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(0..=256))]
    plies: u32,
    /// Seed of the book
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The largest value for either side, above 0 and up to 1 [default: whatever comes]
    #[arg(long, value_parser = balance)]
    balance: Option<f32>,
    /// The player whose search judges the positions
    #[arg(long, default_value = "rollout@playouts=400", requires = "balance", value_name = "PLAYER")]
    judge: PlayerSpec,
    /// File to write [default: standard output]
    #[arg(long, value_name = "FILE.epd")]
    out: Option<PathBuf>,
    #[command(flatten)]
    payoff: PayoffArgs,
    /// Threads [default: the number of cores]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Print one JSON object about the book
    #[arg(long, requires = "out")]
    json: bool,
}

/// [`BookOrder`] on the command line.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Order {
    Sequential,
    Random,
}

impl From<Order> for BookOrder {
    fn from(order: Order) -> BookOrder {
        match order {
            Order::Sequential => BookOrder::Sequential,
            Order::Random => BookOrder::Random,
        }
    }
}

fn balance(text: &str) -> Result<f32, String> {
    let number = text.parse().ok().filter(|x| *x > 0.0 && *x <= 1.0);
    number.ok_or_else(|| "a number above 0 and up to 1 was expected".to_owned())
}

pub(crate) fn run(args: &Args, catalog: &Catalog) -> anyhow::Result<()> {
    with_rules!(catalog.any(&args.variant)?, rules => run_under(args, catalog, args.payoff.apply(rules)))
}

fn run_under<W: Word>(args: &Args, catalog: &Catalog, rules: Arc<Rules<W>>) -> anyhow::Result<()> {
    let judge = args.judge.prepare_with(catalog, &rules, &ByName)?;
    let balance = args.balance.map(|limit| Balance { limit, judge: &judge });
    let maker = BookMaker { seed: args.seed, plies: args.plies, balance };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(args.jobs.unwrap_or(0).into()).build()?;
    let (began, mut last, mut tried) = (Instant::now(), Instant::now(), 0);
    let lines = pool.install(|| {
        maker.make(&rules, args.count as usize, &mut |progress| {
            tried = progress.tried;
            if last.elapsed() > Duration::from_secs(2) && progress.found > 0 {
                last = Instant::now();
                let share = progress.found as f64 / f64::from(args.count);
                let left = began.elapsed().as_secs_f64() * (1.0 - share) / share;
                let _ = writeln!(
                    std::io::stderr(),
                    "{} of {} openings from {tried} candidates, about {left:.0} s left",
                    progress.found,
                    args.count
                );
            }
        })
    })?;
    let text = epd(&lines);
    let Some(path) = &args.out else {
        write!(stdout(), "{text}")?;
        return Ok(());
    };
    let file = files::printable(&path.display().to_string()).into_owned();
    super::write_file(path, text.as_bytes())?;
    if args.json {
        return print_json(&json!({
            "openings": lines.len(),
            "candidates": tried,
            "variant": rules.name(),
            "rules": rules.hash(),
            "plies": args.plies,
            "seed": args.seed,
            "balance": args.balance,
            "judge": args.balance.map(|_| judge.name()),
            "judge_weights": judge.weights_hash(),
            "file": file,
        }));
    }
    writeln!(stdout(), "{} openings from {tried} candidates in {file}", lines.len())?;
    Ok(())
}
