//! Thinks by alpha-beta search.

use std::io::Write;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use evaluator::SearchKind;
use rules::{Game, Move, Word};
use search::{RootReport, Watch};

use super::inbox::{Inbox, Running};
use super::info::{self, Progress};
use super::limits::Go;
use super::mates::Mates;
use super::options::FULL_SKILL;
use super::session::{Session, answer};
use super::think::{FIRST_SHOWN, SHOWN};

impl<W: Word> Session<W> {
    /// Whether the search of a command is an alpha-beta search. It needs an evaluator whose judgements do not depend on each other, which
    /// random games do not give, and plays at full strength only; where nothing but a mate is asked for, the search for mates does better.
    pub(super) fn takes_alphabeta(&mut self, go: &Go) -> bool {
        let full = self.options.analyse || self.options.skill == FULL_SKILL;
        let possible =
            full && !go.is_for_mate() && self.setup.ready(1).is_ok_and(|(_, judges)| judges[0].twin().is_some());
        let wanted = self.options.search.or(self.setup.better_search()).unwrap_or(SearchKind::AlphaBeta);
        possible && wanted == SearchKind::AlphaBeta
    }

    /// Searches, and returns the best line; nothing if the game is over.
    pub(super) fn think_by_alphabeta(
        &mut self,
        go: &Go,
        allowed: &[Move],
        mut running: Running,
        inbox: &mut Inbox,
        out: &mut impl Write,
    ) -> anyhow::Result<Vec<Move>> {
        let began = Instant::now();
        let (game, judges) = self.setup.ready(1).map_err(anyhow::Error::msg)?;
        let game = game.clone();
        let twin = || judges[0].twin().ok_or_else(|| anyhow::anyhow!("this evaluator needs `Search` mcts"));
        let (mut judge, mut shown) = (twin()?, twin()?);
        let limits = go.limits(game.position().turn(), self.options.overhead);
        self.alphabeta.restrict(allowed.to_vec());
        let (setup, options) = (&self.setup, &self.options);
        // The moment from which the time limit counts; `ponderhit` sets it anew.
        let mut counting = began;
        let mut next_shown = FIRST_SHOWN;
        let mut told = Ok(());
        let mut goes_on = |inbox: &mut Inbox, running: &mut Running, out: &mut _, wait: bool| -> anyhow::Result<bool> {
            let pondered = running.ponder;
            for question in inbox.poll(running, wait) {
                answer(setup, &question, out)?;
            }
            if pondered && !running.ponder {
                counting = Instant::now();
            }
            let timed_out = limits.time.is_some_and(|limit| counting.elapsed() >= limit);
            Ok(!running.stopped && (running.waits() || !timed_out))
        };
        let mut watch = |watch: Watch<'_>| {
            let step = match watch {
                Watch::Nodes(_) => goes_on(inbox, &mut running, out, false),
                Watch::Iteration(iteration) => {
                    let elapsed = began.elapsed();
                    let told = if elapsed < next_shown {
                        Ok(())
                    } else {
                        next_shown = elapsed + SHOWN;
                        let progress = Progress {
                            game: &game,
                            report: iteration.report,
                            line: &|mv| iteration.line(mv),
                            fullness: iteration.fullness,
                            depths: Some((iteration.depth, iteration.deepest)),
                            nodes: iteration.nodes,
                            elapsed,
                        };
                        progress.write(options, shown.as_mut(), out).and_then(|()| Ok(out.flush()?))
                    };
                    let deep = limits.depth.is_some_and(|depth| u64::from(iteration.depth) >= depth);
                    told.map(|()| running.waits() || !deep)
                }
            };
            match step {
                Ok(true) => ControlFlow::Continue(()),
                Ok(false) => ControlFlow::Break(()),
                Err(error) => {
                    told = Err(error);
                    ControlFlow::Break(())
                }
            }
        };
        let mut report = self.alphabeta.run_watched(&game, judge.as_mut(), limits.nodes, options.lines, &mut watch);
        told?;
        let nodes = u64::from(report.playouts);
        // A win that was found may not be the quickest: what is left of the limits goes to the search for a shorter one. Its steps grow with it, so
        // it begins no step in the second half of the time.
        if report.proven == Some(1.0) && options.lines == 1 && limits.depth.is_none() {
            let mut mates = Mates::begin(&mut self.mates, &game, allowed, None);
            let most = if limits.nodes == u64::MAX { nodes.max(1) } else { limits.nodes.saturating_sub(nodes) };
            let in_time = || limits.time.is_none_or(|limit| 2 * began.elapsed() < limit);
            while most > 0 && in_time() && goes_on(inbox, &mut running, out, false)? && mates.go_on(&report, most) {}
            mates.complete(&game, &mut report);
        }
        let found = Found { game: &game, report: &report, nodes, elapsed: began.elapsed() };
        self.show(&found, shown.as_mut(), out)?;
        out.flush()?;
        // A client that asked for a search without an end is answered when it says so.
        while running.waits() {
            goes_on(inbox, &mut running, out, true)?;
        }
        let line = |best: Move| info::line(&|mv| self.alphabeta.line(mv), &report, best);
        Ok(report.best().map(line).unwrap_or_default())
    }

    fn show(
        &self,
        found: &Found<'_, W>,
        judge: &mut dyn evaluator::Evaluator<W>,
        out: &mut impl Write,
    ) -> anyhow::Result<()> {
        let (depth, deepest) = self.alphabeta.depths();
        let progress = Progress {
            game: found.game,
            report: found.report,
            line: &|mv| self.alphabeta.line(mv),
            fullness: self.alphabeta.fullness(),
            depths: Some((depth, deepest)),
            nodes: found.nodes,
            elapsed: found.elapsed,
        };
        progress.write(&self.options, judge, out)
    }
}

/// What a search has found in the end.
struct Found<'a, W: Word = u64> {
    game: &'a Game<W>,
    report: &'a RootReport,
    nodes: u64,
    elapsed: Duration,
}
