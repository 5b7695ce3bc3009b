//! The root: iterative deepening, and what is reported.

use rules::{Game, Move, Word};

use super::node::Window;
use super::ordering::Candidate;
use super::score::{self, MAX_PLY, WIN};
use super::{AlphaBeta, Context, Iteration, Watch};
use crate::report::{RootMove, RootReport};

/// The depth from which on an iteration expects about the score of the one before, and how far from it, at first.
const ASPIRATION_DEPTH: i32 = 4;
const ASPIRATION: i32 = 300;

/// A move of the root.
#[derive(Clone, Debug)]
pub(super) struct RootLine {
    pub(super) mv: Move,
    pub(super) prior: f32,
    /// The score, or a bound of it.
    score: i32,
    /// Whether `score` is more than an upper bound.
    searched: bool,
    /// Nodes below the move.
    nodes: u64,
    /// The line that begins with the move, where one was found.
    pub(super) pv: Vec<Move>,
}

impl<W: Word> AlphaBeta<W> {
    /// Looks one ply further again and again, until a limit is reached or nothing more can be found.
    pub(super) fn deepen(&mut self, context: &mut Context<'_, W>, game: &Game<W>, lines: usize) -> RootReport {
        let position = game.position();
        self.frames[0].moves.clone_from(game.legal());
        if !self.root_moves.is_empty() {
            let allowed = &self.root_moves;
            self.frames[0].moves.retain(|mv| allowed.contains(mv));
        }
        let eval = context.judge(position);
        self.ask_for_priors(context, position, 0, true);
        self.order(context, position, 0);
        let mut done = 0;
        while let Some(Candidate { mv, prior }) = self.next_move(0, done) {
            done += 1;
            self.lines.push(RootLine { mv, prior, score: eval, searched: false, nodes: 0, pv: vec![mv] });
        }
        self.nodes = 1;
        let lines = lines.min(self.lines.len());
        let mut report = self.report(eval);
        while self.depth < MAX_PLY - 1 && !self.stopped && !self.lines.is_empty() {
            self.depth += 1;
            for line in 0..lines {
                self.aspire(context, game, line);
                if self.stopped {
                    break;
                }
            }
            self.pass_over_lost_moves();
            report = self.report(eval);
            if self.stopped || (context.watch)(Watch::Iteration(self.iteration(&report))).is_break() {
                break;
            }
            // An end that was found at this depth comes no sooner.
            if report.plies_to_end.is_some_and(|plies| plies as i32 <= self.depth) && lines == 1 {
                break;
            }
        }
        report
    }

    fn iteration<'a>(&'a self, report: &'a RootReport) -> Iteration<'a> {
        Iteration {
            report,
            nodes: self.nodes,
            depth: self.depth as u32,
            deepest: self.deepest as u32,
            fullness: self.table.fullness(),
            lines: &self.lines,
        }
    }

    /// Searches for the best of the moves from number `line` on, with a window around the score that the last iteration found.
    fn aspire(&mut self, context: &mut Context<'_, W>, game: &Game<W>, line: usize) {
        let before = self.lines[line].score;
        let (mut below, mut above) = (ASPIRATION, ASPIRATION);
        let aims = self.depth >= ASPIRATION_DEPTH && self.lines[line].searched;
        loop {
            let mut window = Window { alpha: -WIN, beta: WIN };
            if aims && below < 4 * ASPIRATION {
                window.alpha = before - below;
            }
            if aims && above < 4 * ASPIRATION {
                window.beta = before + above;
            }
            let score = self.search_root(context, game, line, window);
            if self.stopped {
                return;
            }
            if score <= window.alpha && window.alpha > -WIN {
                below *= 4;
            } else if score >= window.beta && window.beta < WIN {
                above *= 4;
            } else {
                return;
            }
        }
    }

    /// Searches the moves from number `first` on, and moves the best to that place.
    fn search_root(&mut self, context: &mut Context<'_, W>, game: &Game<W>, first: usize, mut window: Window) -> i32 {
        let (rules, position) = (context.rules, game.position());
        let before = self.history.len();
        self.history.push(rules, position);
        let mut best = -WIN;
        let in_check = rules.in_check(position);
        for number in first..self.lines.len() {
            let (mv, prior) = (self.lines[number].mv, self.lines[number].prior);
            let mut next = *position;
            rules.play(&mut next, mv);
            let nodes = self.nodes;
            let tactical = in_check || rules.is_noisy(position, mv) || rules.in_check(&next);
            let candidate = Candidate { mv, prior };
            let late = (number - first) as i32;
            let score = self.try_move(context, &next, candidate, tactical, self.depth, window, late, 0);
            let line = &mut self.lines[number];
            line.nodes += self.nodes - nodes;
            if self.stopped {
                break;
            }
            if number == first || score > window.alpha {
                line.pv.clear();
                line.pv.push(mv);
                line.pv.extend_from_slice(&self.frames[1].line);
                (line.score, line.searched) = (score, true);
                if score > best {
                    self.lines[first..=number].rotate_right(1);
                }
            } else {
                line.score = score;
                line.searched = false;
            }
            best = best.max(score);
            window.alpha = window.alpha.max(score);
            if score >= window.beta {
                break;
            }
        }
        self.history.truncate(before);
        best
    }

    /// Where the search was stopped after the move that seemed best had been found to lose, another move comes first that may not.
    fn pass_over_lost_moves(&mut self) {
        let loses = |line: &RootLine| line.score < 0 && score::is_decided(line.score);
        if self.lines.first().is_some_and(loses)
            && let Some(other) = self.lines.iter().position(|line| !loses(line))
        {
            self.lines[..=other].rotate_right(1);
        }
    }

    /// What the search has found so far. `eval` is the score of the root before anything was searched.
    fn report(&self, eval: i32) -> RootReport {
        let moves: Vec<RootMove> = self.lines.iter().map(RootLine::report).collect();
        let best = self.lines.first();
        let score = best.map_or(eval, |line| line.score);
        // The root is won if its best move wins, and lost if all moves lose.
        let lost = moves.iter().all(|m| m.proven == Some(-1.0));
        let known = moves.first().filter(|m| m.proven == Some(1.0) || lost);
        RootReport {
            value: score::to_value(score),
            proven: known.and_then(|m| m.proven),
            plies_to_end: known.and_then(|m| m.plies_to_end),
            playouts: self.nodes.min(u32::MAX.into()) as u32,
            nodes: self.nodes as usize,
            pv: best.map(|line| line.pv.clone()).unwrap_or_default(),
            moves,
        }
    }
}

impl RootLine {
    fn report(&self) -> RootMove {
        // An upper bound that tells of a loss is as good as a score.
        let known = self.searched || self.score < 0;
        let plies_to_end = score::plies_to_end(self.score).filter(|_| known);
        RootMove {
            mv: self.mv,
            visits: self.nodes.min(u32::MAX.into()) as u32,
            value: score::to_value(self.score),
            prior: self.prior,
            proven: plies_to_end.map(|_| self.score.signum() as f32),
            plies_to_end,
        }
    }
}
