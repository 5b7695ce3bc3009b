//! Playing moves: the board that a move leaves, and a key that is complete.

use crate::board::{Move, Position, Word};
use crate::rules::Rules;

impl<W: Word> Rules<W> {
    /// Plays a legal move. A move that is not legal in `position` leaves a position without meaning.
    #[inline]
    pub fn play(&self, position: &mut Position<W>, mv: Move) {
        if self.plan.plain_play {
            self.play_plainly(position, mv);
        } else {
            self.play_fully(position, mv);
        }
    }

    /// Makes `next` the position after a legal move. `next` must be `position` itself or one that came from it by this function.
    #[inline]
    pub(crate) fn play_from(&self, position: &Position<W>, next: &mut Position<W>, mv: Move) {
        if self.plan.plain_play {
            next.return_to(position);
            self.play_plainly(next, mv);
        } else {
            *next = *position;
            self.play_fully(next, mv);
        }
    }

    /// Plays a move of a variant in which men only move, capture, promote and castle.
    #[inline]
    fn play_plainly(&self, position: &mut Position<W>, mv: Move) {
        if self.make_plainly(position, mv) {
            self.find_capturable(position);
            position.key ^= self.zobrist.en_passant(position.capturable);
        }
    }

    /// Plays any move of any variant.
    fn play_fully(&self, position: &mut Position<W>, mv: Move) {
        self.make_fully(position, mv);
        self.find_capturable(position);
        position.key ^= position.state_key(self.zobrist);
    }

    /// Finds out on which squares of [`Position::en_passant`] a legal move captures, in a position that is complete but for that and for
    /// its key.
    pub(crate) fn find_capturable(&self, position: &mut Position<W>) {
        if position.en_passant.any() {
            position.capturable = self.captures_in_passing(position);
        }
    }
}
