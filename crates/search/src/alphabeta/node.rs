//! The search of one position.

use rules::{Move, Position, Word};

use super::ordering::Candidate;
use super::score::{self, MAX_PLY, WIN};
use super::table::{Bound, Entry};
use super::{AlphaBeta, Context};

/// Plies from the end at which a position is given up that the evaluator sees this far above beta, for each ply.
const REVERSE_FUTILITY_DEPTH: i32 = 6;
const REVERSE_FUTILITY_MARGIN: i32 = 900;
/// Plies from the end at which quiet moves are passed over where the evaluator sees the position this far below alpha.
const FUTILITY_DEPTH: i32 = 3;
const FUTILITY_MARGIN: i32 = 1200;
/// Plies from the end at which late quiet moves are passed over.
const LATE_DEPTH: i32 = 3;

impl Entry {
    /// The score at `ply`, if a search `depth` plies deep need not be made, because what is known settles it.
    #[inline]
    pub(super) fn settles(&self, depth: i32, window: Window, ply: i32) -> Option<i32> {
        let score = score::from_table(self.score, ply);
        let settled = match self.bound {
            Bound::Exact => true,
            Bound::Lower => score >= window.beta,
            Bound::Upper => score <= window.alpha,
        };
        (i32::from(self.depth) >= depth && settled).then_some(score)
    }
}

/// The bounds of a score that matters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) alpha: i32,
    pub(super) beta: i32,
}

impl Window {
    /// Only asks whether a score is above `alpha`.
    #[inline]
    pub(super) fn null(alpha: i32) -> Window {
        Window { alpha, beta: alpha + 1 }
    }

    /// As the other side sees it.
    #[inline]
    pub(super) fn turned(self) -> Window {
        Window { alpha: -self.beta, beta: -self.alpha }
    }

    /// Whether it asks for a score, not only whether one is above a bound.
    #[inline]
    fn is_open(self) -> bool {
        self.beta - self.alpha > 1
    }
}

impl<W: Word> AlphaBeta<W> {
    /// The score of a position for the side to move, looking `depth` plies ahead: exact within the window, a bound outside of it.
    pub(super) fn node(
        &mut self,
        context: &mut Context<'_, W>,
        position: &Position<W>,
        mut depth: i32,
        mut window: Window,
        ply: i32,
    ) -> i32 {
        if depth <= 0 {
            return self.quiesce(context, position, window, ply, 0);
        }
        if !self.count_node(context) {
            return 0;
        }
        self.deepest = self.deepest.max(ply);
        let (rules, here, turn) = (context.rules, ply as usize, position.turn());
        self.frames[here].line.clear();
        let key = rules.transposition_key(position);
        let known = self.table.get(key);
        let open = window.is_open();
        if !open && let Some(settled) = known.and_then(|entry| entry.settles(depth, window, ply)) {
            let ending = rules.ending_by_past(position, &self.history);
            return ending.map_or(settled, |ending| score::of_end(rules.worth(ending, turn), ply));
        }
        rules.legal_moves(position, &mut self.frames[here].moves);
        if let Some(ending) = rules.ending(position, &self.frames[here].moves, &self.history) {
            return score::of_end(rules.worth(ending, turn), ply);
        }
        // No line from here ends sooner than at the next ply.
        window.alpha = window.alpha.max(ply - WIN);
        window.beta = window.beta.min(WIN - ply - 1);
        if window.alpha >= window.beta {
            return window.alpha;
        }
        let eval = match known {
            Some(entry) => i32::from(entry.eval),
            None => context.judge(position),
        };
        if ply >= MAX_PLY - 1 {
            return eval;
        }
        let in_check = rules.in_check(position);
        if !open
            && !in_check
            && depth <= REVERSE_FUTILITY_DEPTH
            && !score::is_decided(window.beta)
            && eval - REVERSE_FUTILITY_MARGIN * depth >= window.beta
        {
            return eval;
        }
        if in_check {
            depth += 1;
        } else if known.is_none_or(|entry| entry.best == Move::NONE) && depth >= 4 {
            // What is best here is not known: a shallower search finds it out, and the next one looks deeper.
            depth -= 1;
        }
        let before = self.history.len();
        self.history.push(rules, position);
        let mut best = -WIN;
        let (mut best_move, mut bound) = (Move::NONE, Bound::Upper);
        let mut quiets: Vec<Move> = Vec::new();
        let remembered = known.map_or(Move::NONE, |entry| entry.best);
        let mut pending = self.frames[here].moves.contains(&remembered).then_some(remembered);
        let (mut taken, mut number, mut ordered) = (0, 0, false);
        loop {
            // The remembered move comes first, before the evaluator is asked about the others: they may not be needed.
            let first = pending.take().map(|mv| Candidate { mv, prior: 1.0 });
            let candidate = match first {
                Some(candidate) => candidate,
                None => {
                    if !ordered {
                        ordered = true;
                        self.ask_for_priors(context, position, here, known.is_none());
                        self.order(context, position, here);
                    }
                    let Some(candidate) = self.next_move(here, taken) else { break };
                    taken += 1;
                    if candidate.mv == remembered {
                        continue;
                    }
                    candidate
                }
            };
            let mv = candidate.mv;
            let noisy = rules.is_noisy(position, mv);
            let mut next = *position;
            rules.play(&mut next, mv);
            let tactical = noisy || in_check || rules.in_check(&next);
            if best > -WIN + 2 * MAX_PLY && !open && !tactical {
                let late = depth <= LATE_DEPTH && number >= 3 + 2 * depth * depth;
                let futile = depth <= FUTILITY_DEPTH && eval + FUTILITY_MARGIN * depth <= window.alpha;
                if late || futile {
                    number += 1;
                    continue;
                }
            }
            let score = self.try_move(context, &next, candidate, tactical, depth, window, number, ply);
            number += 1;
            if self.stopped {
                break;
            }
            if score > best {
                best = score;
                if score > window.alpha {
                    (best_move, bound) = (mv, Bound::Exact);
                    self.extend_line(here, mv);
                    if score >= window.beta {
                        bound = Bound::Lower;
                        if !noisy {
                            self.note_refutation(turn, mv, &quiets, here, depth);
                        }
                        break;
                    }
                    window.alpha = score;
                }
            }
            if !noisy {
                quiets.push(mv);
            }
        }
        self.history.truncate(before);
        if !self.stopped {
            self.note(key, best_move, best, eval, depth, bound, ply);
        }
        best
    }

    /// Keeps what the search of a position found.
    #[allow(clippy::too_many_arguments)] // the fields of an entry
    pub(super) fn note(&mut self, key: u64, best: Move, score: i32, eval: i32, depth: i32, bound: Bound, ply: i32) {
        let (score, depth) = (score::to_table(score, ply), depth.clamp(0, 255) as u8);
        self.table.put(key, Entry { best, score, eval: eval as i16, depth, bound });
    }

    /// The score of a move for the side that made it: the first move with the whole window, later ones with a null window and, if they are late,
    /// first less deep (principal variation search with late-move reductions).
    #[allow(clippy::too_many_arguments)] // what a node knows of a move
    pub(super) fn try_move(
        &mut self,
        context: &mut Context<'_, W>,
        next: &Position<W>,
        candidate: Candidate,
        tactical: bool,
        depth: i32,
        window: Window,
        number: i32,
        ply: i32,
    ) -> i32 {
        if number == 0 {
            return -self.node(context, next, depth - 1, window.turned(), ply + 1);
        }
        let null = Window::null(window.alpha);
        let reduction = if tactical { 0 } else { reduction(depth, number, candidate.prior, window.is_open()) };
        let mut score = -self.node(context, next, depth - 1 - reduction, null.turned(), ply + 1);
        if score > window.alpha && reduction > 0 && !self.stopped {
            score = -self.node(context, next, depth - 1, null.turned(), ply + 1);
        }
        if score > window.alpha && score < window.beta && window.is_open() && !self.stopped {
            score = -self.node(context, next, depth - 1, window.turned(), ply + 1);
        }
        score
    }
}

/// Plies that a quiet move is searched less deep: more the later it comes, the deeper the search and the less the policy expects it.
#[inline]
fn reduction(depth: i32, number: i32, prior: f32, open: bool) -> i32 {
    if depth < 2 || number < 1 {
        return 0;
    }
    // Binary logarithms in 1/16, by the bits of a float.
    let log = |x: f32| ((x.to_bits() >> 19) as i32) - (127 << 4);
    let mut plies = 6 + log(depth as f32) * log((number + 1) as f32) / 45 + (-log(prior) - 64) / 8;
    if open {
        plies -= 16;
    }
    (plies / 16).clamp(0, depth - 1)
}
