//! The engine as a UCI server.
//!
//! One thread reads commands; the main thread answers them and searches in slices, looking at the commands in between.

use std::io::{BufRead as _, Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use evaluator::{Evaluator, Network, NetworkEvaluator, Rollout};
use rules::{Catalog, Color, Game, Move};
use search::{Limit, Params, RootMove, RootReport, Search};

/// The longest command that is read, in bytes.
const MAX_LINE: u64 = 1 << 20;
/// Playouts between two looks at the clock and at the commands.
const SLICE: u32 = 64;
/// Playouts of a `go` that sets no limit that is known here.
const DEFAULT_NODES: u32 = 10_000;
/// Memory of the tree in MiB, unless `Hash` says otherwise, and the most that it may say.
const DEFAULT_HASH: usize = 1024;
const MAX_HASH: usize = 1 << 17;
/// The most lines that `MultiPV` may ask for.
const MAX_LINES: usize = 256;
/// What can follow `searchmoves MOVE…` in a `go` command.
const GO_WORDS: [&str; 12] = [
    "ponder",
    "wtime",
    "btime",
    "winc",
    "binc",
    "movestogo",
    "depth",
    "nodes",
    "mate",
    "movetime",
    "infinite",
    "searchmoves",
];
/// The most threads that judge positions.
const MAX_THREADS: usize = 256;
/// Positions that are judged at once with more than one thread, unless `Batch` says otherwise, and the most that it may say.
const DEFAULT_BATCH: u32 = 512;
const MAX_BATCH: usize = 1 << 16;
/// The longest slice of a search in batches, in playouts.
const LONG_SLICE: u64 = 16_384;

/// What a `go` command asks for.
#[derive(Debug, Default)]
struct Go {
    nodes: Option<u32>,
    time: Option<Duration>,
    infinite: bool,
    /// Thinking on the other side's time: limits count from `ponderhit` on.
    ponder: bool,
    /// Moves of the root to search, all if empty.
    moves: Vec<String>,
}

/// The state of a session.
struct Engine {
    catalog: Catalog,
    variant: String,
    eval_file: Option<PathBuf>,
    game: Game,
    search: Search,
    /// One for each thread, if judgements do not depend on each other.
    evaluators: Vec<Box<dyn Evaluator>>,
    threads: usize,
    /// 0: 1 with one thread, [`DEFAULT_BATCH`] with more.
    batch: u32,
    /// The longest slice, in playouts.
    slice: u64,
    /// Lines to show.
    lines: usize,
    /// Whether to show the chances of a win, a draw and a loss.
    show_wdl: bool,
}

/// What the engine does next.
enum Next {
    Wait,
    Search(Go),
    Quit,
}

/// Serves one session on standard input and output.
pub(crate) fn serve(catalog: Catalog) -> anyhow::Result<()> {
    let (sender, commands) = channel();
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        loop {
            let mut line = Vec::new();
            match input.by_ref().take(MAX_LINE).read_until(b'\n', &mut line) {
                Ok(1..) if sender.send(String::from_utf8_lossy(&line).trim().to_owned()).is_ok() => {}
                _ => return,
            }
        }
    });
    let mut out = std::io::stdout();
    let mut engine = Engine::new(catalog)?;
    while let Ok(line) = commands.recv() {
        match engine.command(&line, &mut out)? {
            Next::Wait => {}
            Next::Quit => return Ok(()),
            Next::Search(go) => {
                if engine.think(&go, &commands, &mut out)? {
                    return Ok(());
                }
            }
        }
        out.flush()?;
    }
    Ok(())
}

impl Engine {
    fn new(catalog: Catalog) -> anyhow::Result<Engine> {
        let rules = catalog.rules("chess")?;
        let evaluators: Vec<Box<dyn Evaluator>> = vec![Box::new(Rollout::new(&rules))];
        let game = Game::new(rules);
        let mut search = Search::new(Params::default());
        search.set_memory(DEFAULT_HASH << 20);
        Ok(Engine {
            catalog,
            variant: "chess".to_owned(),
            eval_file: None,
            game,
            search,
            evaluators,
            threads: 1,
            batch: 0,
            slice: SLICE.into(),
            lines: 1,
            show_wdl: false,
        })
    }

    fn command(&mut self, line: &str, out: &mut impl Write) -> anyhow::Result<Next> {
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        match word {
            "uci" => self.introduce(out)?,
            "isready" => writeln!(out, "readyok")?,
            "ucinewgame" => self.search.clear(),
            "setoption" => self.report_error(Engine::set_option, rest, out)?,
            "position" => self.report_error(Engine::set_position, rest, out)?,
            "go" => {
                let go = self.limits(rest);
                match self.root_moves(&go.moves) {
                    Ok(moves) => {
                        self.search.restrict(moves);
                        return Ok(Next::Search(go));
                    }
                    Err(error) => writeln!(out, "info string error: searchmoves: {error:#}")?,
                }
                writeln!(out, "bestmove (none)")?;
            }
            "d" => writeln!(out, "info string {}", self.game.rules().fen(self.game.position()))?,
            "quit" => return Ok(Next::Quit),
            "" | "stop" | "ponderhit" | "debug" | "register" => {}
            other => {
                let shown: String = other.chars().take(40).collect();
                writeln!(out, "info string unknown command `{shown}`")?;
            }
        }
        Ok(Next::Wait)
    }

    fn report_error(
        &mut self,
        act: fn(&mut Engine, &str) -> anyhow::Result<()>,
        rest: &str,
        out: &mut impl Write,
    ) -> anyhow::Result<()> {
        if let Err(error) = act(self, rest) {
            writeln!(out, "info string error: {}", format!("{error:#}").replace(['\n', '\r'], " "))?;
        }
        Ok(())
    }

    fn introduce(&self, out: &mut impl Write) -> anyhow::Result<()> {
        writeln!(out, "id name Interregnum {}\nid author the Interregnum developers", env!("CARGO_PKG_VERSION"))?;
        write!(out, "option name UCI_Variant type combo default chess")?;
        for name in self.catalog.searchable() {
            write!(out, " var {name}")?;
        }
        writeln!(out, "\noption name VariantPath type string default <empty>")?;
        writeln!(out, "option name EvalFile type string default <empty>")?;
        writeln!(out, "option name Hash type spin default {DEFAULT_HASH} min 1 max {MAX_HASH}")?;
        writeln!(out, "option name Threads type spin default 1 min 1 max {MAX_THREADS}")?;
        writeln!(out, "option name Batch type spin default 0 min 0 max {MAX_BATCH}")?;
        writeln!(out, "option name UCI_ShowWDL type check default false")?;
        writeln!(out, "option name MultiPV type spin default 1 min 1 max {MAX_LINES}")?;
        writeln!(out, "option name Ponder type check default false")?;
        writeln!(out, "uciok")?;
        Ok(())
    }

    /// The moves that `searchmoves` names.
    fn root_moves(&self, names: &[String]) -> anyhow::Result<Vec<Move>> {
        let find = |name: &String| self.game.rules().find_uci(self.game.position(), self.game.legal(), name);
        Ok(names.iter().map(find).collect::<Result<_, _>>()?)
    }

    fn set_option(&mut self, rest: &str) -> anyhow::Result<()> {
        let rest = rest.trim().strip_prefix("name ").unwrap_or(rest);
        let (name, value) = rest.split_once(" value ").unwrap_or((rest, ""));
        let (name, value) = (name.trim(), value.trim());
        match name.to_ascii_lowercase().as_str() {
            "uci_variant" => {
                self.catalog.rules(value)?;
                self.variant = value.to_owned();
                self.take_up()?;
            }
            "variantpath" => {
                if !value.is_empty() && value != "<empty>" {
                    crate::warn_refused(&self.catalog.load_file(Path::new(value))?);
                }
            }
            "evalfile" => {
                let file = (!value.is_empty() && value != "<empty>").then(|| PathBuf::from(value));
                if let Some(file) = &file {
                    Network::load(file)?;
                }
                self.eval_file = file;
                self.take_up()?;
            }
            "hash" => {
                let size = number(value, 1, MAX_HASH)?;
                self.search.set_memory(size << 20);
            }
            "multipv" => {
                self.lines = number(value, 1, MAX_LINES)?;
            }
            "uci_showwdl" => {
                self.show_wdl =
                    value.parse().map_err(|_| anyhow::anyhow!("UCI_ShowWDL: `true` or `false` was expected"))?;
            }
            "threads" => {
                self.threads = number(value, 1, MAX_THREADS)?;
                self.share_out();
            }
            "batch" => {
                self.batch = number(value, 0, MAX_BATCH)? as u32;
                self.share_out();
            }
            "ponder" => {}
            _ => anyhow::bail!(
                "there is no option `{name}`; there are UCI_Variant, VariantPath, EvalFile, Hash, Threads, Batch, MultiPV, \
                 UCI_ShowWDL and Ponder"
            ),
        }
        Ok(())
    }

    /// Takes up the variant with the evaluator of `EvalFile`, with the shipped one of that name, or with rollouts: the first that there
    /// is and that fits. Options come in any order, so a file that does not fit now is kept for the next variant.
    fn take_up(&mut self) -> anyhow::Result<()> {
        let rules = self.catalog.rules(&self.variant)?;
        let fit = |network: Network, origin: &str| -> anyhow::Result<Box<dyn Evaluator>> {
            let evaluator = NetworkEvaluator::new(Arc::new(network), &rules).with_context(|| origin.to_owned())?;
            Ok(Box::new(evaluator))
        };
        let own = self.eval_file.as_ref().map(|file| fit(Network::load(file)?.0, &file.display().to_string()));
        let (own, misfit) = own.map_or((None, None), |own| own.map_or_else(|e| (None, Some(e)), |e| (Some(e), None)));
        let evaluator = match own {
            Some(own) => Some(own),
            None => crate::shipped::evaluator(&rules)?.map(|s| fit(s.network, &s.origin)).transpose()?,
        };
        self.evaluators = vec![evaluator.unwrap_or_else(|| Box::new(Rollout::new(&rules)))];
        self.share_out();
        self.search.clear();
        self.game = Game::new(rules);
        misfit.map_or(Ok(()), Err)
    }

    /// Gives each thread an evaluator, and the search its batch. Rollouts depend on each other: they stay on one thread.
    fn share_out(&mut self) {
        self.evaluators.truncate(1);
        while self.evaluators.len() < self.threads {
            let Some(twin) = self.evaluators[0].twin() else { break };
            self.evaluators.push(twin);
        }
        let batch = match (self.batch, self.evaluators.len()) {
            _ if self.evaluators[0].twin().is_none() => 1,
            (0, 1) => 1,
            (0, _) => DEFAULT_BATCH,
            (batch, _) => batch,
        };
        self.slice = if batch > 1 { LONG_SLICE } else { SLICE.into() };
        self.search.set_batch(batch);
    }

    fn set_position(&mut self, rest: &str) -> anyhow::Result<()> {
        let (place, moves) = match rest.split_once("moves") {
            Some((place, moves)) => (place.trim(), moves),
            None => (rest.trim(), ""),
        };
        let fen = match place.split_once(char::is_whitespace) {
            _ if place == "startpos" => None,
            Some(("fen", fen)) => Some(fen.trim()),
            _ => anyhow::bail!(
                "position: `startpos` or `fen FEN` was expected, not `{}`",
                place.chars().take(60).collect::<String>()
            ),
        };
        let moves: Vec<String> = moves.split_whitespace().map(str::to_owned).collect();
        // The rules that the evaluator was made for, whatever rule files have been loaded since.
        self.game = crate::commands::game(Arc::clone(self.game.rules()), fen, &moves)?;
        Ok(())
    }

    fn limits(&self, rest: &str) -> Go {
        let words: Vec<&str> = rest.split_whitespace().collect();
        let number = |key: &str| -> Option<u64> {
            let at = words.iter().position(|w| *w == key)?;
            // Clocks may be reported as negative: then there is no time left.
            words.get(at + 1)?.parse::<i64>().ok().map(|n| n.max(0) as u64)
        };
        let mut go = Go { infinite: words.contains(&"infinite"), ponder: words.contains(&"ponder"), ..Go::default() };
        if let Some(at) = words.iter().position(|w| *w == "searchmoves") {
            let moves = words[at + 1..].iter().take_while(|w| !GO_WORDS.contains(*w));
            go.moves = moves.map(|w| (*w).to_owned()).collect();
        }
        go.nodes = number("nodes").map(|n| n.clamp(1, u32::MAX.into()) as u32);
        let white = self.game.position().turn() == Color::White;
        let (clock, increment) = if white { ("wtime", "winc") } else { ("btime", "binc") };
        let share = number(clock).map(|left| {
            let moves = number("movestogo").unwrap_or(25).clamp(1, 40) + 1;
            let wish = left / moves + number(increment).unwrap_or(0) * 3 / 4;
            wish.min(left.saturating_sub(50)).max(5)
        });
        go.time = number("movetime").map(|t| t.saturating_sub(5).max(1)).or(share).map(Duration::from_millis);
        if go.nodes.is_none() && go.time.is_none() && !go.infinite {
            go.nodes = Some(DEFAULT_NODES);
        }
        go
    }

    /// Searches until a limit or a command ends it, and answers with the best move. True if the session ends.
    fn think(&mut self, go: &Go, commands: &Receiver<String>, out: &mut impl Write) -> anyhow::Result<bool> {
        let began = Instant::now();
        // When the time that counts began: `ponderhit` starts it again.
        let mut counting = began;
        let mut shown = Duration::ZERO;
        let (mut playouts, mut quit) = (0u64, false);
        let mut waiting = go.infinite || go.ponder;
        let report = loop {
            let nodes = if waiting { u32::MAX } else { go.nodes.unwrap_or(u32::MAX) };
            // Slices depend on nothing but what was searched, since batches end with them.
            let mut long = (playouts / 4).clamp(SLICE.into(), self.slice);
            if let Some(limit) = go.time.filter(|_| !waiting) {
                // Where the clock rules, nothing repeats anyway: half of what the rest of the time allows, not to overstep it.
                let speed = playouts as f64 / began.elapsed().as_secs_f64().max(1e-6);
                let left = limit.saturating_sub(counting.elapsed()).as_secs_f64();
                long = long.min((speed * left / 2.0) as u64).max(playouts / 16).max(SLICE.into());
            }
            let slice = u64::from(nodes).saturating_sub(playouts).min(long) as u32;
            let report = self.search.run_on(&self.game, &mut self.evaluators, Limit::Playouts(slice));
            playouts += u64::from(report.playouts);
            let elapsed = began.elapsed();
            if elapsed > shown + Duration::from_millis(500) {
                shown = elapsed;
                self.inform(&report, playouts, elapsed, out)?;
                out.flush()?;
            }
            let exhausted = report.playouts == 0 || playouts >= u64::from(nodes);
            let timed_out = !waiting && go.time.is_some_and(|limit| counting.elapsed() >= limit);
            let mut stopped = false;
            loop {
                // With nothing left to search, an infinite analysis waits for `stop`.
                let command = if waiting && exhausted {
                    commands.recv().map_err(|_| TryRecvError::Disconnected)
                } else {
                    commands.try_recv()
                };
                match command.as_deref() {
                    Ok("stop") => (stopped, waiting) = (true, false),
                    Ok("ponderhit") if go.ponder && !go.infinite => (counting, waiting) = (Instant::now(), false),
                    Ok("isready") => {
                        writeln!(out, "readyok")?;
                        out.flush()?;
                    }
                    Ok("quit") => (quit, waiting) = (true, false),
                    Ok(_) => {}
                    Err(TryRecvError::Disconnected) => {
                        // The input has ended: a limited search still gives its answer, an endless one ends.
                        waiting = false;
                        stopped = stopped || go.infinite || go.ponder;
                        break;
                    }
                    Err(TryRecvError::Empty) => break,
                }
            }
            if quit || stopped || timed_out || (exhausted && !waiting) {
                break report;
            }
        };
        self.inform(&report, playouts, began.elapsed(), out)?;
        let rules = self.game.rules();
        let best = report.best().map_or_else(|| "(none)".to_owned(), |mv| rules.uci(self.game.position(), mv));
        match rules.uci_line(self.game.position(), &report.pv).get(1) {
            Some(reply) => writeln!(out, "bestmove {best} ponder {reply}")?,
            None => writeln!(out, "bestmove {best}")?,
        }
        out.flush()?;
        Ok(quit)
    }

    fn inform(
        &mut self,
        report: &RootReport,
        playouts: u64,
        elapsed: Duration,
        out: &mut impl Write,
    ) -> anyhow::Result<()> {
        let (rules, position) = (Arc::clone(self.game.rules()), *self.game.position());
        let seconds = elapsed.as_secs_f64().max(1e-6);
        for (i, m) in report.moves.iter().take(self.lines).enumerate() {
            let mut line = rules.uci_line(&position, &self.search.line(Some(m.mv)));
            if line.is_empty() {
                line.push(rules.uci(&position, m.mv));
            }
            write!(out, "info depth {} seldepth {}", line.len(), line.len())?;
            if self.lines > 1 {
                write!(out, " multipv {}", i + 1)?;
            }
            write!(out, " score {}", score(m))?;
            if self.show_wdl {
                let [win, draw, loss] = win_draw_loss(m, self.draws_after(m.mv));
                write!(out, " wdl {win} {draw} {loss}")?;
            }
            writeln!(
                out,
                " nodes {playouts} nps {:.0} hashfull {:.0} time {} pv {}",
                playouts as f64 / seconds,
                1000.0 * self.search.fullness(),
                elapsed.as_millis(),
                line.join(" ")
            )?;
        }
        Ok(())
    }

    /// The share of draws that the evaluator expects at the end of the line that begins with a move.
    fn draws_after(&mut self, mv: Move) -> f64 {
        let (rules, mut position) = (self.game.rules(), *self.game.position());
        let line = self.search.line(Some(mv));
        line.iter().for_each(|mv| rules.play(&mut position, *mv));
        self.evaluators[0].win_draw_loss(&position).map_or(0.0, |[_, draw, _]| draw.into())
    }
}

/// Chances of a win, a draw and a loss in thousandths: their difference is what the search found, the draws are what the evaluator
/// expects, as far as that leaves room for them.
fn win_draw_loss(m: &RootMove, draws: f64) -> [u32; 3] {
    let value = m.proven.map_or(f64::from(m.value), f64::from).clamp(-1.0, 1.0);
    let draws = if m.proven == Some(0) { 1.0 } else { draws.min(1.0 - value.abs()) };
    let win = (500.0 * (1.0 + value - draws)).round() as u32;
    let draw = (1000.0 * draws).round() as u32;
    let win = win.min(1000 - draw);
    [win, draw, 1000 - win - draw]
}

/// A move's score as UCI has it: moves to a proven end, or centipawns.
fn score(m: &RootMove) -> String {
    match (m.proven, m.plies_to_end) {
        (Some(1), Some(plies)) => format!("mate {}", plies.div_ceil(2)),
        (Some(-1), Some(plies)) => format!("mate -{}", plies / 2),
        _ => {
            // Logistic: an expected score of 64% is a pawn, and so on; a sure result stops at 20 pawns.
            let value = f64::from(m.value).clamp(-0.999_999, 0.999_999);
            let centipawns = (100.0 * 4.0 * ((1.0 + value) / (1.0 - value)).log10()).clamp(-2000.0, 2000.0);
            format!("cp {centipawns:.0}")
        }
    }
}

/// An option's value as a whole number from `least` to `most`.
fn number(value: &str, least: usize, most: usize) -> anyhow::Result<usize> {
    let fits = value.parse().ok().filter(|n| (least..=most).contains(n));
    fits.ok_or_else(|| {
        anyhow::anyhow!(
            "`{}`: a whole number from {least} to {most} was expected",
            value.chars().take(20).collect::<String>()
        )
    })
}
