//! Making moves of variants in which men only move, capture, promote and castle.

use crate::board::{Move, MoveKind, PieceType, Position, Word};
use crate::rules::Rules;

impl<W: Word> Rules<W> {
    /// Makes a move of a variant whose plan is [`crate::rules::Plan::plain_play`]. Returns whether the man that moved can now be captured
    /// in passing. On which squares a legal move does so is not yet known: `capturable` is empty, and the key tells of no such square.
    #[inline(always)]
    pub(crate) fn make_plainly(&self, position: &mut Position<W>, mv: Move) -> bool {
        let us = position.turn;
        let (from, to) = (mv.from(), mv.to());
        let zobrist = self.zobrist;
        let piece = position.type_at(from);
        let captures = position.color(!us).has(to);
        let mut key = position.key ^ zobrist.turn();
        if captures {
            key ^= zobrist.man(!us, position.type_at(to), to);
        }
        position.key = key;
        if position.en_passant.any() {
            self.forget_capturable(position);
        }
        position.count_ply(us);
        if mv.is_normal() {
            position.en_passant = W::EMPTY;
            position.shift(zobrist, us, (piece, piece), from, to);
            if captures || self.only_forward(us, piece, mv) {
                position.halfmove_clock = 0;
            }
        } else {
            self.make_special(position, mv, piece, captures);
        }
        if position.castling != 0 && (position.castling_men & (W::bit(from) | W::bit(to))).any() {
            position.key ^= zobrist.castling(position.castling);
            self.lose_rights(position, us, mv);
            position.key ^= zobrist.castling(position.castling);
        }
        position.turn = !us;
        if self.plan.long_steps >> piece.0 & 1 == 1 && (self.roles.pawn != Some(piece) || self.is_long_step(from, to)) {
            self.set_en_passant(position, us, piece, mv);
            return position.en_passant.any();
        }
        false
    }

    /// Takes the squares on which men can be captured in passing out of the key.
    #[cold]
    fn forget_capturable(&self, position: &mut Position<W>) {
        position.key ^= self.zobrist.en_passant(position.capturable);
        position.capturable = W::EMPTY;
    }

    /// Moves the men of castling, promotions and captures in passing.
    #[cold]
    fn make_special(&self, position: &mut Position<W>, mv: Move, piece: PieceType, captures: bool) {
        let us = position.turn;
        let (from, to) = (mv.from(), mv.to());
        if mv.kind() == MoveKind::EnPassant {
            let victim = self.passed_man(position, us, to);
            position.toggle(self.zobrist, !us, position.type_at(victim), victim);
            position.halfmove_clock = 0;
        }
        position.en_passant = W::EMPTY;
        if mv.is_castling() {
            self.castle(position, us, mv);
        } else {
            position.shift(self.zobrist, us, (piece, mv.promotion().unwrap_or(piece)), from, to);
        }
        if captures || self.begins_count_anew(us, piece, mv) {
            position.halfmove_clock = 0;
        }
    }
}
