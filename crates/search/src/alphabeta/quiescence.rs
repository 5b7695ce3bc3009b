//! The search of noisy moves, where the search of all moves ends.

use rules::{Move, Position, Word};

use super::node::Window;
use super::score::{self, MAX_PLY};
use super::table::Bound;
use super::{AlphaBeta, Context};

/// Plies of noisy moves at which a side in check still looks at all its moves.
const CHECKS_HEEDED: i32 = 2;
/// Plies of noisy moves after which the evaluator has the last word.
const LONGEST: i32 = 12;

impl<W: Word> AlphaBeta<W> {
    /// The score of a position for the side to move, who may make noisy moves or, unless a capture is forced, leave it at that.
    /// `noisy` is the number of plies that the search of noisy moves already lasts.
    pub(super) fn quiesce(
        &mut self,
        context: &mut Context<'_, W>,
        position: &Position<W>,
        window: Window,
        ply: i32,
        noisy: i32,
    ) -> i32 {
        if !self.count_node(context) {
            return 0;
        }
        self.deepest = self.deepest.max(ply);
        let (rules, here) = (context.rules, ply as usize);
        self.frames[here].line.clear();
        let Window { mut alpha, beta } = window;
        let key = rules.transposition_key(position);
        let known = self.table.get(key);
        if let Some(settled) = known.and_then(|entry| entry.settles(0, window, ply)) {
            let ending = rules.ending_by_past(position, &self.history);
            return ending.map_or(settled, |ending| score::of_end(rules.worth(ending, position.turn()), ply));
        }
        rules.legal_moves(position, &mut self.frames[here].moves);
        if let Some(ending) = rules.ending(position, &self.frames[here].moves, &self.history) {
            return score::of_end(rules.worth(ending, position.turn()), ply);
        }
        let forced = rules.must_capture() && rules.is_noisy(position, self.frames[here].moves[0]);
        let all = forced || noisy < CHECKS_HEEDED && rules.in_check(position);
        if !all {
            self.frames[here].moves.retain(|mv| rules.is_noisy(position, *mv));
        }
        let eval = match known {
            Some(entry) => i32::from(entry.eval),
            None => context.judge(position),
        };
        if ply >= MAX_PLY - 1 || noisy >= LONGEST {
            return eval;
        }
        let mut best = -score::WIN;
        if !all {
            if eval >= beta {
                if known.is_none() {
                    self.note(key, Move::NONE, eval, eval, 0, Bound::Lower, ply);
                }
                return eval;
            }
            best = eval;
            alpha = alpha.max(eval);
        }
        if self.frames[here].moves.is_empty() {
            return best;
        }
        self.ask_for_priors(context, position, here, known.is_none());
        self.order(context, position, here);
        let before = self.history.len();
        self.history.push(rules, position);
        let (mut best_move, mut bound, mut done) = (Move::NONE, Bound::Upper, 0);
        while let Some(candidate) = self.next_move(here, done) {
            done += 1;
            let mut next = *position;
            rules.play(&mut next, candidate.mv);
            let window = Window { alpha, beta }.turned();
            let score = -self.quiesce(context, &next, window, ply + 1, noisy + 1);
            if self.stopped {
                break;
            }
            if score > best {
                best = score;
                if score > alpha {
                    (alpha, best_move, bound) = (score, candidate.mv, Bound::Exact);
                    self.extend_line(here, candidate.mv);
                    if score >= beta {
                        bound = Bound::Lower;
                        break;
                    }
                }
            }
        }
        self.history.truncate(before);
        if !self.stopped {
            self.note(key, best_move, best, eval, 0, bound, ply);
        }
        best
    }

    /// Makes a move and the line after it the line of a ply.
    pub(super) fn extend_line(&mut self, ply: usize, mv: Move) {
        let (above, below) = self.frames.split_at_mut(ply + 1);
        let line = &mut above[ply].line;
        line.clear();
        line.push(mv);
        line.extend_from_slice(&below[0].line);
    }
}
