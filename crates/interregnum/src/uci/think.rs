//! Searches in slices until a limit or a command ends the search, and answers with a move.

use std::io::Write;
use std::time::{Duration, Instant};

use rules::{Move, Word};
use search::{Limit, RootReport, Search};

use super::inbox::{Inbox, Running};
use super::info::{self, Progress};
use super::limits::{Go, Limits};
use super::mates::Mates;
use super::options::FULL_SKILL;
use super::session::{Session, answer, report};
use super::skill;

/// Playouts of the first slice, after which clock and commands are looked at, and of the shortest later ones.
const FIRST_SLICE: u64 = 16;
/// The longest slice of a search without batches, in playouts.
const SLICE: u64 = 64;
/// The longest slice of a search in batches.
const LONG_SLICE: u64 = 16_384;
/// Positions that are judged at once with more than one thread, unless `Batch` says otherwise.
const DEFAULT_BATCH: u32 = 512;
/// How long a search that waits for `stop` may go on without looking at commands, in seconds.
const ATTENTION: f64 = 0.05;
/// When the first lines of analysis are shown, and the time between further ones.
pub(super) const FIRST_SHOWN: Duration = Duration::from_millis(100);
pub(super) const SHOWN: Duration = Duration::from_millis(500);

impl<W: Word> Session<W> {
    /// Carries out a command `go`.
    pub(super) fn go(
        &mut self,
        mut go: Go,
        mut running: Running,
        inbox: &mut Inbox,
        out: &mut impl Write,
    ) -> anyhow::Result<()> {
        for question in inbox.begin(&mut running) {
            answer(&self.setup, &question, out)?;
        }
        let allowed = match self.prepare(&mut go) {
            Ok(allowed) => allowed,
            Err(reason) => {
                report(&reason, out)?;
                writeln!(out, "bestmove (none)")?;
                return Ok(());
            }
        };
        for remark in &go.remarks {
            writeln!(out, "info string go: {remark}; it is ignored")?;
        }
        if let Some(name) = self.setup.announcement() {
            writeln!(out, "info string {}", files::printable(name))?;
        }
        let line = if self.takes_alphabeta(&go) {
            self.think_by_alphabeta(&go, &allowed, running, inbox, out)?
        } else {
            self.search.restrict(allowed.clone());
            self.think(&go, &allowed, running, inbox, out)?
        };
        self.write_best(&line, out)
    }

    /// Prepares the search. Returns the moves of the root that are to be searched.
    fn prepare(&mut self, go: &mut Go) -> Result<Vec<Move>, String> {
        let (game, evaluators) = self.setup.ready(self.options.threads as usize)?;
        let batch = match (self.options.batch, evaluators.len()) {
            _ if evaluators[0].twin().is_none() => 1,
            (0, 1) => 1,
            (0, _) => DEFAULT_BATCH,
            (batch, _) => batch as u32,
        };
        self.search.set_batch(batch).map_err(|e| e.to_string())?;
        let mut allowed = Vec::new();
        for name in std::mem::take(&mut go.moves) {
            match game.rules().find_uci(game.position(), game.legal(), &name) {
                Ok(mv) if allowed.contains(&mv) => {}
                Ok(mv) => allowed.push(mv),
                Err(_) => go.remark(format!("searchmoves: `{}` is not legal here", files::excerpt(&name, 20))),
            }
        }
        Ok(allowed)
    }

    /// Searches, and chooses a move. Returns it with the line that is expected after it; nothing if the game is over.
    fn think(
        &mut self,
        go: &Go,
        allowed: &[Move],
        mut running: Running,
        inbox: &mut Inbox,
        out: &mut impl Write,
    ) -> anyhow::Result<Vec<Move>> {
        let began = Instant::now();
        // The moment from which the time limit counts; `ponderhit` sets it anew.
        let mut counting = began;
        let mut next_shown = FIRST_SHOWN;
        let mut full = false;
        let (mut playouts, mut at_rest) = (0, false);
        let game = self.setup.game().map_err(|reason| anyhow::anyhow!("{reason}"))?;
        let (turn, key) = (game.position().turn(), game.position().key());
        let mut limits = go.limits(turn, self.options.overhead);
        let level = if self.options.analyse { FULL_SKILL } else { self.options.skill };
        let mut memory = self.mates.take();
        let mut mates = (level == FULL_SKILL).then(|| Mates::begin(&mut memory, game, allowed, limits.mate));
        if let Some(most) = skill::playouts(level) {
            limits.nodes = limits.nodes.min(most);
            self.search.clear();
        }
        let report = loop {
            let slice = self.slice(&limits, running, playouts, began, counting);
            let (game, evaluators) = self.setup.ready(self.options.threads as usize).map_err(anyhow::Error::msg)?;
            let mut report = self.search.run_on(game, evaluators, Limit::Playouts(slice as u32));
            playouts += u64::from(report.playouts);
            let made = playouts >= limits.nodes || report.playouts == 0;
            let mut done = made;
            if report.playouts == 0 && report.proven.is_none() && !report.moves.is_empty() && !full {
                full = true;
                writeln!(
                    out,
                    "info string WARNING: Hash is full, the tree grows no further; more of it lets the search go on"
                )?;
            }
            if let Some(mates) = &mut mates {
                mates.keep_up(&report, playouts, made);
                // When the tree is finished or full, the remaining playouts go to the search for a shorter mate. If there is no
                // other limit, that search may take as much as the tree took.
                let endless = limits.nodes == u64::MAX && limits.time.is_none() && !running.waits();
                let nodes = if endless { playouts } else { limits.nodes };
                done = made && !(report.playouts == 0 && mates.go_on(&report, nodes));
                mates.complete(game, &mut report);
                // A mate that was found ends the search only if one line is asked for: other lines are the tree's.
                done |= self.options.lines == 1 && mates.has_found() || limits.mate.is_some() && mates.is_done();
            }
            done |= is_reached(&limits, &report, &self.search);
            let elapsed = began.elapsed();
            // A client that waits is shown what a search has found once there is nothing more to find.
            let rests = done && running.waits();
            if elapsed >= next_shown || rests && !at_rest {
                next_shown = elapsed + SHOWN;
                self.inform(&report, playouts, elapsed, out)?;
                out.flush()?;
            }
            at_rest = rests;
            // If there is nothing left to search, but the search was asked for without an end, a command is waited for.
            let pondered = running.ponder;
            for question in inbox.poll(&mut running, done) {
                answer(&self.setup, &question, out)?;
            }
            if pondered && !running.ponder {
                counting = Instant::now();
            }
            let timed_out = limits.time.is_some_and(|limit| counting.elapsed() >= limit);
            if running.stopped || (!running.waits() && (done || timed_out)) {
                break report;
            }
        };
        self.mates = memory;
        self.inform(&report, playouts, began.elapsed(), out)?;
        let best = skill::choose(&report, level, key);
        Ok(best.map(|best| info::line(&|mv| self.search.line(Some(mv)), &report, best)).unwrap_or_default())
    }

    /// How many playouts to make before commands are looked at again. A search with a limit of nodes must not depend on the clock,
    /// so a slice is a whole number of batches.
    fn slice(&self, limits: &Limits, running: Running, playouts: u64, began: Instant, counting: Instant) -> u64 {
        let longest = if self.search.batch() > 1 { LONG_SLICE } else { SLICE };
        let mut slice = (playouts / 4).clamp(FIRST_SLICE, longest);
        let seconds = if running.waits() {
            Some(ATTENTION)
        } else {
            // Half of what can be done in the remaining time, so that it is not exceeded.
            limits.time.map(|limit| limit.saturating_sub(counting.elapsed()).as_secs_f64() / 2.0)
        };
        if let Some(seconds) = seconds {
            let speed = playouts as f64 / began.elapsed().as_secs_f64().max(1e-6);
            slice = slice.min((speed * seconds) as u64).max(FIRST_SLICE);
        }
        slice.min(limits.nodes.saturating_sub(playouts))
    }

    fn inform(
        &mut self,
        report: &RootReport,
        playouts: u64,
        elapsed: Duration,
        out: &mut impl Write,
    ) -> anyhow::Result<()> {
        let (game, evaluators) = self.setup.ready(self.options.threads as usize).map_err(anyhow::Error::msg)?;
        let line = |mv| self.search.line(Some(mv));
        let fullness = self.search.fullness();
        let progress = Progress { game, report, line: &line, fullness, depths: None, nodes: playouts, elapsed };
        progress.write(&self.options, evaluators[0].as_mut(), out)
    }

    /// Writes the answer to a `go`: the first move of a line, and the reply that is expected.
    fn write_best(&self, line: &[Move], out: &mut impl Write) -> anyhow::Result<()> {
        let game = self.setup.game().map_err(|reason| anyhow::anyhow!("{reason}"))?;
        let line = game.rules().uci_line(game.position(), &line[..line.len().min(2)]);
        match line.as_slice() {
            [] => writeln!(out, "bestmove (none)")?,
            [best, reply, ..] => writeln!(out, "bestmove {best} ponder {reply}")?,
            [best] => writeln!(out, "bestmove {best}")?,
        }
        Ok(())
    }
}

/// Whether a limit other than those of nodes and time is reached.
fn is_reached<W: Word>(limits: &Limits, report: &RootReport, search: &Search<W>) -> bool {
    let Some(best) = report.moves.first() else { return true };
    let deep = |depth: u64| info::line(&|mv| search.line(Some(mv)), report, best.mv).len() as u64 >= depth;
    let mate = |most: u64| info::mate_in(best).is_some_and(|moves| (1..=most as i64).contains(&moves));
    limits.depth.is_some_and(deep) || limits.mate.is_some_and(mate)
}
