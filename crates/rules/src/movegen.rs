//! Legal moves.

use crate::position::Position;
use crate::rules::{Castling, Rules};
use crate::types::{Color, Move, MoveList, PieceType, Square, squares};

impl Rules {
    /// Writes the legal moves of the side to move into `moves`, in a fixed order. There are none once the game has ended
    /// by extinction, a flag or the last check; repetition and the n-move rule leave them alone.
    pub fn legal_moves(&self, position: &Position, moves: &mut MoveList) {
        moves.clear();
        if self.immediate_outcome(position).is_some() {
            return;
        }
        let us = position.turn();
        let guard = KingGuard::new(self, position, us);
        let own = position.color(us);
        for t in 0..self.pieces.len() {
            let piece = PieceType(t as u8);
            let movement = &self.movement[us.index()][t];
            for from in squares(own & position.of_type(piece)) {
                let targets = movement.targets(from, position.occupied()) & !own;
                if self.pawn == Some(piece) {
                    self.pawn_moves(position, &guard, piece, from, targets, moves);
                } else {
                    for to in squares(guard.allowed(piece, from, targets)) {
                        moves.push(Move::normal(from, to));
                    }
                }
            }
        }
        if !guard.in_check && position.castling != 0 {
            self.castling_moves(position, us, moves);
        }
        if self.must_capture {
            let captures = |m: &Move| m.is_en_passant() || position.color(!us) & m.to().bit() != 0;
            if moves.iter().any(captures) {
                moves.retain(|m| captures(m));
            }
        }
    }

    fn pawn_moves(
        &self,
        position: &Position,
        guard: &KingGuard,
        pawn: PieceType,
        from: Square,
        mut targets: u64,
        moves: &mut MoveList,
    ) {
        let us = position.turn();
        if self.double_step_region[us.index()] & from.bit() != 0
            && let Some(to) = self.double_step_target(position, us, from)
        {
            targets |= to.bit();
        }
        let promotion = self.promotion_region[us.index()];
        for to in squares(guard.allowed(pawn, from, targets)) {
            if promotion & to.bit() == 0 {
                moves.push(Move::normal(from, to));
            } else {
                moves.extend(self.promotions[us.index()].iter().map(|p| Move::promoting(from, to, *p)));
            }
        }
        if position.en_passant != Position::NO_SQUARE {
            let to = Square(position.en_passant);
            if self.pawn_attacks(us, from) & to.bit() != 0 {
                let captured = self.behind(us, to).bit();
                if guard.survives(pawn, from, to, captured) {
                    moves.push(Move::en_passant(from, to));
                }
            }
        }
    }

    /// Squares that a pawn of `color` on `from` captures on.
    #[inline]
    pub(crate) fn pawn_attacks(&self, color: Color, from: Square) -> u64 {
        self.pawn.map_or(0, |pawn| self.movement[color.index()][pawn.index()].targets(from, !0))
    }

    /// The square behind `square`, seen by a pawn of `color`.
    #[inline]
    pub(crate) fn behind(&self, color: Color, square: Square) -> Square {
        match color {
            Color::White => Square(square.0.wrapping_sub(self.board.files)),
            Color::Black => Square(square.0 + self.board.files),
        }
    }

    fn double_step_target(&self, position: &Position, us: Color, from: Square) -> Option<Square> {
        let forward = if us == Color::White { 1 } else { -1 };
        let over = self.board.step(from.0, forward, 0)?;
        let to = self.board.step(over, forward, 0)?;
        ((1 << over | 1 << to) & position.occupied() == 0).then_some(Square(to))
    }

    fn castling_moves(&self, position: &Position, us: Color, moves: &mut MoveList) {
        let possible = |c: &&Castling| {
            position.castling & c.right != 0
                && position.occupied() & c.path == 0
                && c.safe.iter().all(|s| !self.attacked(position, *s, !us, position.occupied(), !0))
        };
        moves.extend(self.castling[us.index()].iter().filter(possible).map(|c| Move::castling(c.king, c.king_to)));
    }
}

/// Decides which moves leave the mover's king alone.
struct KingGuard<'a> {
    rules: &'a Rules,
    position: &'a Position,
    us: Color,
    king: Option<Square>,
    in_check: bool,
    pinned: u64,
}

impl<'a> KingGuard<'a> {
    fn new(rules: &'a Rules, position: &'a Position, us: Color) -> KingGuard<'a> {
        let king = rules.king(position, us);
        let (in_check, pinned) = king.map_or((false, 0), |king| {
            (rules.attacked(position, king, !us, position.occupied(), !0), rules.pinned(position, king, us))
        });
        KingGuard { rules, position, us, king, in_check, pinned }
    }

    /// The targets to which the man on `from` may go.
    #[inline]
    fn allowed(&self, piece: PieceType, from: Square, targets: u64) -> u64 {
        let royal = self.rules.royal == Some(piece);
        if self.king.is_none() || (!royal && !self.in_check && self.pinned & from.bit() == 0) {
            return targets;
        }
        squares(targets).filter(|to| self.survives(piece, from, *to, to.bit())).fold(0, |bits, to| bits | to.bit())
    }

    /// Whether the king is safe after the move; `captured` is the square of the man taken, if there is one on it.
    #[inline]
    fn survives(&self, piece: PieceType, from: Square, to: Square, captured: u64) -> bool {
        let Some(king) = self.king else { return true };
        let king = if self.rules.royal == Some(piece) { to } else { king };
        let occupied = (self.position.occupied() & !from.bit() & !captured) | to.bit();
        !self.rules.attacked(self.position, king, !self.us, occupied, !captured)
    }
}
