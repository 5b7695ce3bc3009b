//! Legal moves.

use crate::board::{MoveList, Position, Word};
use crate::rules::Rules;

impl<W: Word> Rules<W> {
    /// Writes the legal moves of the side to move into `moves`, in a fixed order. There are none once the game has ended
    /// by extinction, a flag, the last check or the like; repetition and the n-move rule leave them alone.
    pub fn legal_moves(&self, position: &Position<W>, moves: &mut MoveList) {
        moves.clear();
        if self.plan.immediate_ends && self.immediate_ending(position).is_some() {
            return;
        }
        self.moves_in_play(position, moves);
    }

    /// Number of legal moves, without listing them where that can be avoided. `room` is scratch space.
    pub fn count_moves(&self, position: &Position<W>, room: &mut MoveList) -> u64 {
        if self.plan.immediate_ends && self.immediate_ending(position).is_some() {
            return 0;
        }
        self.count_in_play(position, room)
    }
}
