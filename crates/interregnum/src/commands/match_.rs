//! `interregnum match`

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use arena::stats::Sprt;
use arena::{
    Book, MatchConfig, MatchSummary, PgnTags, PlayerFactory, PlayerSpec, RandomOpenings, Round, pgn, run_match,
};
use rules::{Catalog, Color};

use super::openings::Order;
use super::{print_json, stdout};

/// Head-to-head evaluation: any two players, Elo with an honest interval.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  interregnum match model:models/gardner-1.safetensors@playouts=100 rollout@playouts=400 --variant gardner
  interregnum match zero@playouts=400 random --variant chess --rounds 20 --pgn games.pgn
  interregnum match model:A.safetensors model:B.safetensors --variant gardner --sprt elo0=0 elo1=10 --rounds 5000

A player is KIND[:WHAT][@KEY=VALUE,…]: model:FILE, zero (uniform prior, value 0), rollout, policy:FILE (no search),
random; keys: playouts, nodes, cpuct, fpu_reduction, batch, solver=on|off, seed, search_rules=VARIANT (search under other rules than the
game's).
A round is an opening played twice with colours swapped. The result does not depend on --concurrency.")]
pub(crate) struct Args {
    /// First player
    a: PlayerSpec,
    /// Second player
    b: PlayerSpec,
    /// Variant that is played
    #[arg(long)]
    variant: String,
    /// Rounds of two games
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Openings: EPD, PGN, or a line of moves in UCI notation for each [default: random ones]
    #[arg(long, value_name = "FILE")]
    openings: Option<PathBuf>,
    /// Use the openings of the file one after the other, or shuffled by the seed
    #[arg(long, value_enum, default_value_t = Order::Sequential, requires = "openings")]
    order: Order,
    /// Random plies of each opening [default: 4]; of a file: plies taken of each game [default: all]
    #[arg(long)]
    plies: Option<u32>,
    /// Stop when the sequential probability ratio test has decided: elo0=… elo1=… alpha=… beta=…
    /// model=logistic|normalized
    #[arg(long, num_args = 1..=5, value_name = "KEY=VALUE")]
    sprt: Option<Vec<String>>,
    /// Write the games to a PGN file
    #[arg(long, value_name = "FILE")]
    pgn: Option<PathBuf>,
    /// Games played at once [default: the number of cores]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    concurrency: Option<u16>,
    /// Seed of openings and of players that draw random numbers
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args, catalog: &Catalog) -> anyhow::Result<()> {
    let rules = catalog.rules(&args.variant)?;
    let [first, second] = [args.a.prepare(catalog, &rules)?, args.b.prepare(catalog, &rules)?];
    let openings = match &args.openings {
        Some(path) => {
            let book = Book::load(path, args.plies).context("--openings")?;
            book.openings(&rules, args.order.into(), args.seed, args.rounds as usize).context("--openings")?
        }
        None => {
            let plies = args.plies.unwrap_or(4);
            RandomOpenings::new(args.seed, plies..=plies).generate(&rules, args.rounds)?
        }
    };
    if openings.len() < args.rounds as usize {
        // Repeated games would count as new evidence.
        let (openings, rounds) = (openings.len(), args.rounds);
        writeln!(
            std::io::stderr(),
            "interregnum: warning: {openings} openings for {rounds} rounds are used again; players that draw no random \
             numbers repeat their games, and the interval is too narrow"
        )?;
    }
    let sprt = args.sprt.as_deref().map(Sprt::from_settings).transpose().context("--sprt")?;
    let config = MatchConfig { rounds: args.rounds, seed: args.seed, sprt, ..MatchConfig::new(rules, openings) };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(args.concurrency.unwrap_or(0).into()).build()?;
    let (began, mut last) = (Instant::now(), Instant::now());
    let mut records = String::new();
    let failure = Mutex::new(None);
    let result = pool.install(|| {
        run_match(&config, &|| first.player(), &|| second.player(), &mut |round, so_far| {
            if args.pgn.is_some() {
                records.push_str(&games_as_pgn(round, &first, &second));
            }
            if last.elapsed() > Duration::from_secs(2) {
                last = Instant::now();
                let done = round.index + 1;
                let left = began.elapsed().as_secs_f64() / f64::from(done) * f64::from(args.rounds - done);
                let line = format!("{}, at most {left:.0} s left", describe(&so_far.summary()));
                if let Err(error) = writeln!(std::io::stderr(), "{line}") {
                    *failure.lock().expect("no panic in between") = Some(error);
                }
            }
        })
    })?;
    if let Some(path) = &args.pgn {
        regime::write_file(path, records.as_bytes())?;
    }
    let summary = result.summary();
    if args.json {
        return print_json(&summary);
    }
    writeln!(stdout(), "{} against {}\n{}\n{}", first.name(), second.name(), describe(&summary), details(&summary))?;
    Ok(())
}

fn games_as_pgn(round: &Round, first: &PlayerFactory, second: &PlayerFactory) -> String {
    let mut text = String::new();
    for (number, game) in round.games.iter().enumerate() {
        let (white, black) = if Round::color(0, number) == Color::White { (first, second) } else { (second, first) };
        let weights = |p: &PlayerFactory| p.weights_hash().unwrap_or_default().to_owned();
        text += &pgn(
            game,
            &PgnTags {
                event: "interregnum match".to_owned(),
                round: format!("{}.{}", round.index + 1, number + 1),
                white: white.name(),
                black: black.name(),
                white_weights: weights(white),
                black_weights: weights(black),
                more: Vec::new(),
            },
        );
    }
    text
}

/// What the score alone does not say.
fn details(s: &MatchSummary) -> String {
    let percent = |share: f64| format!("{:.1}%", 100.0 * share);
    let mut text = format!(
        "pairs {:?}, draws {}, with White {}, with Black {}, LOS {}",
        s.pentanomial.0,
        percent(s.draw_rate),
        percent(s.as_white.score()),
        percent(s.as_black.score()),
        percent(s.los)
    );
    if let (Some(elo), Some(low), Some(high)) = (s.normalised_elo, s.normalised_elo_low, s.normalised_elo_high) {
        text += &format!(", normalised Elo {elo:+.0} [{low:+.0}, {high:+.0}]");
    }
    text
}

fn describe(s: &MatchSummary) -> String {
    let number = |elo: Option<f64>, infinite: &str| elo.map_or_else(|| infinite.to_owned(), |e| format!("{e:+.0}"));
    let (low, high) = (number(s.elo_low, "-inf"), number(s.elo_high, "inf"));
    let elo = number(s.elo, if s.score > 0.5 { "+inf" } else { "-inf" });
    let mut text = format!(
        "{} games, +{} ={} -{}, score {:.1}% [{:.1}, {:.1}], Elo {elo} [{low}, {high}]",
        s.games,
        s.wins,
        s.draws,
        s.losses,
        100.0 * s.score,
        100.0 * s.score_low,
        100.0 * s.score_high
    );
    if let (Some(llr), Some(low), Some(high)) = (s.llr, s.llr_low, s.llr_high) {
        let verdict = s.accepted.map_or_else(String::new, |h| format!(", {h:?} accepted"));
        text += &format!(", LLR {llr:.2} [{low:.2}, {high:.2}]{verdict}");
    }
    if s.illegal != [0, 0] {
        text += &format!(", illegal choices {} and {}", s.illegal[0], s.illegal[1]);
    }
    text
}
