//! Which moves are looked at first.

use rules::{Color, Move, Position, Word};

use super::{AlphaBeta, Context};

/// Bits of a sort key that hold a move's number. Below a rank, [`Evaluator::order`] has 26 bits above them.
///
/// [`Evaluator::order`]: evaluator::Evaluator::order
const NUMBER_BITS: u32 = 16;
/// Where the rank of a move begins in its sort key.
const RANK_SHIFT: u32 = NUMBER_BITS + 26;
/// More than the rank of any move, by its prior and what is known of it.
const LAST_RANK: i32 = 1 << 19;
/// The bits of a prior are halved in number: what is left counts 2^11 for each factor of 2.
const PRIOR_SHIFT: u32 = 12;
/// What a quiet move that refuted another move at this ply gains, in the units of a prior: a factor of 4, and of 2 for the older one.
const KILLER: [i32; 2] = [2 << 11, 1 << 11];
/// What history can add to or take from a move: a factor of 8.
const MOST_HISTORY: i32 = 3 << 11;

/// How well quiet moves did elsewhere in the tree, by side, origin and target.
#[derive(Debug)]
pub(super) struct QuietHistory(Vec<i16>);

const SQUARES: usize = 128;

impl Default for QuietHistory {
    fn default() -> QuietHistory {
        QuietHistory(vec![0; 2 * SQUARES * SQUARES])
    }
}

impl QuietHistory {
    #[inline]
    fn place(side: Color, mv: Move) -> usize {
        (side.index() * SQUARES + mv.from().index()) * SQUARES + mv.to().index()
    }

    /// How well a move did, from [`MOST_HISTORY`] below 0 to as much above it.
    #[inline]
    pub(super) fn get(&self, side: Color, mv: Move) -> i32 {
        self.0[QuietHistory::place(side, mv)].into()
    }

    /// Notes that a move refuted another one, or failed to (a negative bonus).
    #[inline]
    pub(super) fn add(&mut self, side: Color, mv: Move, bonus: i32) {
        let entry = &mut self.0[QuietHistory::place(side, mv)];
        let old = i32::from(*entry);
        // What is far from 0 moves slowly further, so that it stays within its range.
        *entry = (old + bonus - old * bonus.abs() / MOST_HISTORY) as i16;
    }

    pub(super) fn clear(&mut self) {
        self.0.fill(0);
    }

    /// Makes what was learnt for the move before count less.
    pub(super) fn fade(&mut self) {
        self.0.iter_mut().for_each(|entry| *entry /= 2);
    }
}

/// A move with what the search knows of it before it is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) mv: Move,
    /// The evaluator's prior.
    pub(super) prior: f32,
}

impl<W: Word> AlphaBeta<W> {
    /// Writes the order of the moves of a frame: by the evaluator's priors, what they did elsewhere in the tree, and the evaluator's own order
    /// of moves among equals.
    pub(super) fn order(&mut self, context: &Context<'_, W>, position: &Position<W>, ply: usize) {
        let frame = &mut self.frames[ply];
        let turn = position.turn();
        frame.order.clear();
        for (number, (mv, prior)) in frame.moves.iter().zip(&frame.priors).enumerate() {
            // Priors are positive floats, whose bits stand for their logarithm, and order as they do.
            let mut key = (prior.to_bits() >> PRIOR_SHIFT) as i32 + self.quiets.get(turn, *mv);
            for (killer, gain) in frame.killers.iter().zip(KILLER) {
                if killer == mv {
                    key += gain;
                }
            }
            let place = u64::from(context.evaluator.order(*mv, turn)) << NUMBER_BITS | number as u64;
            frame.order.push(((LAST_RANK - key.max(0)) as u64) << RANK_SHIFT | place);
        }
    }

    /// The next move of a frame's order, of which `done` have been taken.
    #[inline]
    pub(super) fn next_move(&mut self, ply: usize, done: usize) -> Option<Candidate> {
        let frame = &mut self.frames[ply];
        let rest = frame.order.get_mut(done..)?;
        let (best, _) = rest.iter().enumerate().min_by_key(|(_, key)| **key)?;
        rest.swap(0, best);
        let number = (rest[0] & ((1 << NUMBER_BITS) - 1)) as usize;
        Some(Candidate { mv: frame.moves[number], prior: frame.priors[number] })
    }

    /// Notes that a quiet move refuted what led to the position, and that those before it did not.
    pub(super) fn note_refutation(&mut self, side: Color, mv: Move, before: &[Move], ply: usize, depth: i32) {
        let killers = &mut self.frames[ply].killers;
        if killers[0] != mv {
            *killers = [mv, killers[0]];
        }
        let bonus = (32 * depth * depth).min(MOST_HISTORY / 4);
        self.quiets.add(side, mv, bonus);
        before.iter().for_each(|other| self.quiets.add(side, *other, -bonus));
    }

    /// Asks the evaluator for the priors of the moves of a frame. `judged` says that the position is the one whose value it was asked for last.
    pub(super) fn ask_for_priors(
        &mut self,
        context: &mut Context<'_, W>,
        position: &Position<W>,
        ply: usize,
        judged: bool,
    ) {
        let frame = &mut self.frames[ply];
        // More moves than there are numbers: no variant that ships comes near it.
        frame.moves.truncate(1 << NUMBER_BITS);
        frame.priors.clear();
        frame.priors.resize(frame.moves.len(), 0.0);
        let (moves, priors) = (&frame.moves, &mut frame.priors);
        if judged {
            context.evaluator.priors(context.rules, position, moves, priors);
        } else {
            context.evaluator.evaluate(context.rules, position, moves, priors);
        }
    }
}

impl<W: Word> Context<'_, W> {
    /// What the evaluator says of a position, as a score.
    #[inline]
    pub(super) fn judge(&mut self, position: &Position<W>) -> i32 {
        super::score::from_value(self.evaluator.value(self.rules, position))
    }
}
