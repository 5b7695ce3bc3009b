//! `interregnum match`

use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use arena::stats::Sprt;
use arena::{
    Adjudication, Book, DrawRule, Existing, GameLog, MakePlayer, MatchConfig, MatchError, MatchResult, MatchSummary,
    PairingInputs, PlayerFactory, PlayerSpec, RandomOpenings, ResignRule, SharedJob, match_job, round_pgn, share_match,
    stop_on_signals,
};
use rules::{Catalog, Rules, Word, with_rules};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::match_text::{describe, details};
use super::openings::Order;
use super::{PayoffArgs, log_error, print_json, stdout};
use crate::units::{Recorded, UnitArgs};

/// Head-to-head evaluation: any two players, Elo with an honest interval.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  interregnum match model:gardner-1@playouts=100 rollout@playouts=400 --variant gardner
  interregnum match zero@playouts=400 random --variant chess --rounds 20 --pgn games.pgn
  interregnum match model:A.safetensors model:B.safetensors --variant gardner --sprt elo0=0 elo1=10 --rounds 5000
  interregnum match zero@playouts=50 uci:fairy-stockfish@nodes=500 --variant chess --pgn games.pgn --resume
  interregnum match model:gardner-1 rollout --variant gardner --payoff stalemate=0.5,repetition=-1
  interregnum match model:gardner-1 zero --variant gardner --shared-in runs/m --units wait    # others play: `interregnum work runs/m`

A player is KIND[:WHAT][@KEY=VALUE,…]:
  model:FILE, zero (uniform prior, value 0), rollout, policy:FILE (no search), random; FILE is a path, or a name such as gardner-1
      keys: playouts, nodes, cpuct, fpu_reduction, batch, considered (moves of the root that share the playouts by sequential
      halving; not with nodes or batch), solver=on|off, seed, search_rules=VARIANT (search under other rules than the game's)
  alphabeta:FILE, the alpha-beta search; keys: nodes, search_rules=VARIANT
  uci:COMMAND, an external engine; COMMAND is split into words as a shell does it, but no shell runs
      limits, at least one, which add up: nodes=N, depth=N (or plies=N), and one of
        tc=[MOVES/]TIME[+INCREMENT], a clock: TIME in seconds or minutes:seconds, given again after every MOVES moves; INCREMENT
          in seconds with each move: 10+0.1, 0+0.5 (the clock begins with the increment), 1:30+1, 40/10, 40/1:30+0.5, or inf for no clock
        st=SECONDS or movetime=MILLISECONDS for each move
      timemargin=MILLISECONDS over its time before it loses [100], timeout=SECONDS for a move where no clock runs [60], starttimeout=SECONDS to start and get ready [60]
      option.NAME=VALUE for its UCI options, name=NAME for the records, variant_path=FILE for its option VariantPath
      (an engine that does not list the variant is given one by itself, and refused if it lacks a key of it); a comma in a value is written \\,

With --payoff games are scored by what their ends are worth, players search for that, and the PGN has the tags Payoff, Ending and WhiteWorth
besides; Result stays the variant's own. A game scores (1 + worth) / 2; forfeits and adjudicated games are won, drawn or lost as ever, and games
that reach their length are worth nothing. A player with search_rules=VARIANT believes in the payoff of that variant. Where an ending is
worth something between, the score has Student's interval of the pairs' mean scores: no counts of wins, draws and losses, no
normalised Elo, and no --sprt.

A round is an opening played twice with colours swapped. The result does not depend on --concurrency, unless engines play
on time or draw numbers of their own.

An engine that crashes, does not answer, floods, oversteps its time, or answers with an illegal move or none (a resignation)
loses that game by forfeit and is started again for the next. Forfeits stand in the PGN and are counted by kind and
player. A match whose engine cannot be started ends at once, exit code 2.

An engine ends with all processes that it has started in its process group: after the match, when it fails, and when the program is
asked to stop (SIGINT, SIGTERM, SIGHUP), which then exits with 128 and the number of the signal.

--resign and --draw take the last exact score of each move's search; bounds (lowerbound, upperbound) and scores of other moves
(multipv 2 and on) do not count.

A game is drawn by insufficient material at once when nobody can win any more with the men that are left: in chess, fischerandom, gardner,
losalamos and others where mate alone wins, kings alone, with one knight or bishop, or with bishops on squares of one colour; in
crazyhouse with no more than one knight or bishop on board and in hand together; in atomic with one rook, too; in 3check kings alone.
Where bare kings can win (kingofthehill, racingkings), a side has no king (horde, antichess), walls are built, or repetition or
something else than the position decides, or under a payoff, games go on.

With --pgn the games are written as rounds end, and FILE.state.jsonl beside them keeps what --resume needs to go on after
a kill or a stop at any moment, with the same options: no game is lost or played twice. A FILE with games in it is refused
without --resume or --overwrite; --resume without any begins. A state file that was edited is refused.")]
pub(crate) struct Args {
    /// First player
    a: PlayerSpec,
    /// Second player
    b: PlayerSpec,
    /// Variant that is played
    #[arg(long)]
    variant: String,
    #[command(flatten)]
    payoff: PayoffArgs,
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
    /// Play every opening twice with colours swapped: always done, the option is for the habit
    #[arg(long)]
    repeat: bool,
    /// Stop when the sequential probability ratio test has decided: elo0=… elo1=… alpha=… beta=…
    /// model=logistic|normalized
    #[arg(long, num_args = 1..=5, value_name = "KEY=VALUE")]
    sprt: Option<Vec<String>>,
    /// End games that their loser has scored so for some moves in a row: movecount=… score=CENTIPAWNS [default: off]
    #[arg(long, num_args = 1..=2, value_name = "KEY=VALUE")]
    resign: Option<Vec<String>>,
    /// End games that both have scored level for some moves in a row: movenumber=… movecount=… score=CENTIPAWNS [default: off]
    #[arg(long, num_args = 1..=3, value_name = "KEY=VALUE")]
    draw: Option<Vec<String>>,
    /// Full moves, openings included, at which a game is called a draw [default: 256]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    maxmoves: Option<u32>,
    /// Write the games to a PGN file, as they end
    #[arg(long, alias = "pgnout", value_name = "FILE")]
    pgn: Option<PathBuf>,
    /// Go on with the match in the PGN file
    #[arg(long, requires = "pgn")]
    resume: bool,
    /// Replace the match in the PGN file
    #[arg(long, requires = "pgn", conflicts_with = "resume")]
    overwrite: bool,
    /// Games played at once [default: the number of cores]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    concurrency: Option<u16>,
    /// Seed of openings and of players that draw random numbers
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Directory whose folder `work` holds the rounds that are shared
    #[arg(long, value_name = "DIR")]
    shared_in: Option<PathBuf>,
    #[command(flatten)]
    units: UnitArgs,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Output {
    players: [String; 2],
    #[serde(flatten)]
    summary: MatchSummary,
    /// The rules that were asked for by which scores or length end games; `null` if there are none.
    adjudication: Option<String>,
    /// What each engine did that cost no game but that its user should know.
    remarks: [Vec<String>; 2],
}

pub(crate) fn run(args: &Args, catalog: &Catalog) -> anyhow::Result<()> {
    with_rules!(catalog.any(&args.variant)?, rules => run_under(args, catalog, args.payoff.apply(rules)))
}

fn run_under<W: Word>(args: &Args, catalog: &Catalog, rules: Arc<Rules<W>>) -> anyhow::Result<()> {
    if args.units.are_shared() && args.shared_in.is_none() {
        bail!("--units: --shared-in DIR is needed, which says where the units stand");
    }
    let adjudication = args.adjudication()?;
    let sprt = args.sprt.as_deref().map(Sprt::from_settings).transpose().context("--sprt")?;
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
    stop_on_signals()?;
    let folder = args.shared_in.as_ref().map(|dir| args.units.folder(dir)).transpose()?.flatten();
    let weights = Recorded::for_others(folder.as_ref());
    let players = [args.a.prepare_with(catalog, &rules, &weights)?, args.b.prepare_with(catalog, &rules, &weights)?];
    let files = weights.files();
    let mut config = MatchConfig {
        rounds: args.rounds,
        seed: args.seed,
        sprt,
        adjudication,
        insufficient_material: true,
        ..MatchConfig::new(rules, openings)
    };
    if let Some(moves) = args.maxmoves {
        config.max_plies = 2 * moves as usize;
    }
    config.check_test().context("--sprt")?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(args.concurrency.unwrap_or(0).into()).build()?;
    let (mut log, done) = match &args.pgn {
        None => (None, Vec::new()),
        Some(path) => {
            let existing = match (args.resume, args.overwrite) {
                (true, _) => Existing::Resume,
                (_, true) => Existing::Overwrite,
                _ => Existing::Refuse,
            };
            let rows = PathBuf::from(format!("{}.state.jsonl", path.display()));
            let config = identity(&config, &players);
            let (log, done) =
                GameLog::open(path, &rows, Some(&config), existing).map_err(log_error).context("--pgn")?;
            (Some(log), done)
        }
    };
    let job = folder.as_ref().and_then(|_| match_job(&config, &players.each_ref(), catalog, &files));
    if args.units.are_shared() && job.is_none() {
        bail!("--units: games of external engines (uci:) can only be played on this machine");
    }
    let files: Vec<Vec<u8>> = files.into_values().collect();
    let inputs = json!(PairingInputs { players: (0, 1), seed: config.seed, first: 0, last: 0 });
    let shared = folder.as_ref().zip(job.as_ref());
    let shared = shared.map(|(folder, job)| SharedJob { folder, job, files: &files }.of(&inputs));
    let stated = args.stated(&config.adjudication);
    let mut progress =
        Progress { began: Instant::now(), last: Instant::now(), done: done.len() as u32, rounds: args.rounds };
    let mut finished = done.len() as u32;
    let mut failure: Option<anyhow::Error> = None;
    let [first, second] = &players;
    let names = players.each_ref().map(PlayerFactory::name);
    let result = pool.install(|| {
        let make: [MakePlayer<'_, W>; 2] = [&|| first.player(), &|| second.player()];
        share_match(&config, &done, make, shared.as_ref(), &mut |round, so_far| {
            let number = (round.index + 1).to_string();
            let named = [(names[0].as_str(), first), (names[1].as_str(), second)];
            let written = log.as_mut().map_or(Ok(()), |log| {
                let text = round_pgn(round, "interregnum match", &number, named, stated.as_deref());
                log.append(&text, &round.tally()).map_err(log_error)
            });
            let failures = round.failures(&number, [&names[0], &names[1]]);
            match written.and_then(|()| progress.show(&failures, round.index, so_far)) {
                Ok(()) => {
                    finished = round.index + 1;
                    ControlFlow::Continue(())
                }
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            }
        })
    });
    if let Some(error) = failure {
        return Err(error);
    }
    if let Some(log) = &log {
        log.sync().map_err(log_error)?;
    }
    let result = match result {
        Err(stopped @ MatchError::Interrupted(_)) => {
            let how =
                if log.is_some() { "the same command with --resume goes on" } else { "--pgn FILE would keep them" };
            return Err(crate::Failed(format!("{stopped} after {finished} of {} rounds; {how}", args.rounds)).into());
        }
        Err(pending @ MatchError::Work(_)) => return Err(crate::Failed(pending.to_string()).into()),
        result => result?,
    };
    folder.as_ref().map_or(Ok(()), work::Folder::remove)?;
    let summary = result.summary();
    let output = Output {
        players: names,
        summary,
        adjudication: stated,
        remarks: players.each_ref().map(PlayerFactory::remarks),
    };
    if args.json {
        return print_json(&output);
    }
    let [first, second] = &output.players;
    writeln!(stdout(), "{first} against {second}\n{}\n{}", describe(&summary), details(&summary))?;
    for (name, remarks) in output.players.iter().zip(&output.remarks) {
        for remark in remarks {
            writeln!(stdout(), "{name} {remark}")?;
        }
    }
    Ok(())
}

impl Args {
    fn adjudication(&self) -> anyhow::Result<Adjudication> {
        let resign = self.resign.as_ref().map(|words| words.join(" ").parse::<ResignRule>());
        let draw = self.draw.as_ref().map(|words| words.join(" ").parse::<DrawRule>());
        Ok(Adjudication { resign: resign.transpose().context("--resign")?, draw: draw.transpose().context("--draw")? })
    }

    /// The rules that were asked for by which scores or length end games, in the form in which records state them.
    fn stated(&self, adjudication: &Adjudication) -> Option<String> {
        let scores = Some(adjudication.to_string()).filter(|text| !text.is_empty());
        let parts: Vec<String> = scores.into_iter().chain(self.maxmoves.map(|n| format!("maxmoves {n}"))).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// Everything that the games depend on. It must be unchanged if a match is to go on.
fn identity<W: Word>(config: &MatchConfig<W>, players: &[PlayerFactory<W>; 2]) -> serde_json::Value {
    let player = |p: &PlayerFactory<W>| {
        json!({
            "spec": p.spec().to_string(), "weights": p.weights_hash(), "search_rules": p.search_rules_hash(),
            "engine": p.engine_id(),
        })
    };
    let mut openings = Sha256::new();
    for opening in &config.openings {
        openings.update(format!("{opening:?}\n"));
    }
    let openings: String = openings.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    json!({
        "interregnum_match": env!("CARGO_PKG_VERSION"),
        "variant": config.rules.name(),
        "rules": config.rules.hash(),
        "first": player(&players[0]),
        "second": player(&players[1]),
        "openings": openings,
        "rounds": config.rounds,
        "seed": config.seed,
        "max_plies": config.max_plies,
        "adjudication": config.adjudication.to_string(),
        "sprt": config.sprt,
    })
}

/// What a running match writes to standard error.
struct Progress {
    began: Instant,
    last: Instant,
    /// Rounds that had been played before the program started.
    done: u32,
    rounds: u32,
}

impl Progress {
    fn show(&mut self, failures: &[String], round: u32, so_far: &MatchResult) -> anyhow::Result<()> {
        for line in failures {
            writeln!(std::io::stderr(), "{line}")?;
        }
        if self.last.elapsed() > Duration::from_secs(2) {
            self.last = Instant::now();
            let played = round + 1 - self.done;
            let left = self.began.elapsed().as_secs_f64() / f64::from(played) * f64::from(self.rounds - round - 1);
            writeln!(std::io::stderr(), "{}, at most {left:.0} s left", describe(&so_far.summary()))?;
        }
        Ok(())
    }
}
