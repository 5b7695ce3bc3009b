//! Making moves.

use crate::position::Position;
use crate::rules::Rules;
use crate::types::{Color, Move, Square, squares};

impl Rules {
    /// Plays a legal move. A move that is not legal in `position` leaves a position without meaning.
    #[inline]
    pub fn play(&self, position: &mut Position, mv: Move) {
        let us = position.turn;
        let (from, to) = (mv.from(), mv.to());
        position.key ^= self.zobrist.state(position);
        position.en_passant = Position::NO_SQUARE;
        position.halfmove_clock = position.halfmove_clock.saturating_add(1);
        if us == Color::Black {
            position.fullmove = position.fullmove.saturating_add(1);
        }
        let Some((_, piece)) = position.piece_on(from) else {
            return;
        };
        let victim = if mv.is_en_passant() { self.behind(us, to) } else { to };
        if position.color(!us) & victim.bit() != 0 {
            if let Some((color, captured)) = position.piece_on(victim) {
                position.toggle(&self.zobrist, color, captured, victim);
            }
            position.halfmove_clock = 0;
        }
        position.toggle(&self.zobrist, us, piece, from);
        position.toggle(&self.zobrist, us, mv.promotion().unwrap_or(piece), to);
        if mv.is_castling()
            && let (Some(c), Some(rook)) = (self.castling[us.index()].iter().find(|c| c.king_to == to), self.rook)
        {
            position.toggle(&self.zobrist, us, rook, c.rook);
            position.toggle(&self.zobrist, us, rook, c.rook_to);
        }
        if self.pawn == Some(piece) {
            position.halfmove_clock = 0;
            self.set_en_passant(position, us, from, to);
        }
        position.castling &= self.rights_kept[from.index() & 63] & self.rights_kept[to.index() & 63];
        position.turn = !us;
        if self.check_counting && position.checks_left[us.index()] > 0 && self.king_attacked(position, !us) {
            position.checks_left[us.index()] -= 1;
        }
        position.key ^= self.zobrist.state(position);
    }

    /// Notes the square behind a pawn that made a double step, if an enemy pawn stands ready to capture on it.
    fn set_en_passant(&self, position: &mut Position, us: Color, from: Square, to: Square) {
        if from.0.abs_diff(to.0) != 2 * self.board.files {
            return;
        }
        let behind = self.behind(us, to);
        let ready = self.pawn.map_or(0, |pawn| position.pieces(!us, pawn));
        if squares(ready).any(|s| self.pawn_attacks(!us, s) & behind.bit() != 0) {
            position.en_passant = behind.0;
        }
    }
}
