//! Gates that a move passes.

use crate::board::{Color, Move, MoveKind, PieceType, Position, Square, Word, rider};
use crate::rules::Rules;

impl<W: Word> Rules<W> {
    /// Puts the man from the hand on the board that follows a move of `us`, and closes the gates that the move ends. `rook` is the square of
    /// the rook that castled.
    pub(super) fn pass_gates(
        &self,
        position: &mut Position<W>,
        us: Color,
        piece: PieceType,
        mv: Move,
        rook: Option<Square>,
    ) {
        let (from, to) = (mv.from(), mv.to());
        let gate = match mv.kind() {
            MoveKind::Gate | MoveKind::CastlingGateKing => Some(from),
            MoveKind::CastlingGateRook => rook,
            _ => None,
        };
        if let (Some(gate), Some(gated)) = (gate, mv.promotion()) {
            position.toggle(self.zobrist, us, gated, gate);
            position.change_hand(self.zobrist, us, gated, false);
            position.gates[us.index()] &= !W::bit(gate);
        }
        let (ours, theirs) = (us.index(), (!us).index());
        if !mv.is_drop() {
            position.gates[ours] &= !W::bit(from);
        }
        if let Some(rook) = rook {
            position.gates[ours] &= !W::bit(rook);
        }
        position.gates[theirs] &= !W::bit(to);
        if self.gates.seirawan && position.hand_size(us) == 0 && !self.hands.captures_to_hand {
            position.gates[ours] = W::EMPTY;
        }
        if self.gates.cambodian
            && self.roles.rook == Some(piece)
            && let Some(king) = self.king(position, !us)
            && self.lines.attacks(rider::ROOK, to, W::EMPTY).has(king)
        {
            position.gates[theirs] &= !W::bit(king);
        }
    }
}
