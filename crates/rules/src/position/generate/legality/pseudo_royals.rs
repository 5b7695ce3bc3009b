//! Moves and pseudo-royal men.

use crate::board::{Move, MoveKind, PieceType, Position, Square, Word, squares};
use crate::position::generate::legality::trial::Trial;
use crate::position::make::CastlingMove;
use crate::rules::{Rules, Walling};

impl<W: Word> Rules<W> {
    /// Whether a move of a man of type `moved` neither loses a pseudo-royal man nor leaves one to be captured.
    pub(super) fn royals_survive(&self, position: &Position<W>, trial: &Trial<W>, mv: Move, moved: PieceType) -> bool {
        let Some(extinction) = &self.extinction else { return true };
        let (us, from, to) = (trial.us, mv.from(), mv.to());
        let (kind, drop) = (mv.kind(), mv.is_drop());
        let capture = self.is_capture(position, mv);
        let near = |square: Square| W::at(&self.lines.neighbours, square);
        let origin = if drop { W::EMPTY } else { W::bit(from) };
        let mut occupied = position.occupied() & !origin;
        if self.walls.rule == Some(Walling::Duck) {
            occupied &= !position.walls;
        }
        let mut walls = mv.wall().map_or(W::EMPTY, W::bit);
        if kind == MoveKind::Gate {
            occupied |= W::bit(from);
        }
        if mv.is_castling() {
            let Some(CastlingMove { king_to, rook, rook_to, .. }) = self.castling_of(position, us, mv) else {
                return false;
            };
            if trial.royals.has(from) {
                // The royal man must not castle out of an attack or through one.
                let way = W::bit(from) | self.lines.between(from, king_to) & !W::bit(king_to);
                for square in squares(way) {
                    if !(self.captures.blast && (near(square) & trial.their_royals).any())
                        && self.attackers(position, square, !us, occupied | walls).any()
                    {
                        return false;
                    }
                }
            }
            occupied = occupied & !W::bit(rook) | W::bit(rook_to);
            match kind {
                MoveKind::CastlingGateKing => occupied |= W::bit(from),
                MoveKind::CastlingGateRook => occupied |= W::bit(rook),
                _ => {}
            }
        }
        occupied |= W::bit(to);
        if kind == MoveKind::EnPassant {
            occupied &= !W::bit(self.passed_man(position, us, to));
        }
        if capture && self.captures.blast {
            let pawns = self.roles.pawn.map_or(W::EMPTY, |p| position.of_type(p));
            occupied &= !(near(to) & position.men() & !pawns | W::bit(to));
            if mv.wall().is_some() || self.captures.petrify_blast || self.captures.petrify != 0 {
                // Where men are blown up, some may have become walls.
                walls |= self.board_after(position, mv).walls;
            }
        }
        if capture && self.captures.petrify >> moved.0 & 1 == 1 && trial.royals.has(from) {
            return false;
        }
        let mut royals = trial.royals;
        if drop && extinction.types >> moved.0 & 1 == 1 {
            royals |= W::bit(to);
        }
        if !drop && royals.has(from) {
            royals = royals & !W::bit(from) | W::bit(to);
        }
        let becomes = mv.promotion().filter(|t| kind == MoveKind::Promotion && extinction.types >> t.0 & 1 == 1);
        if let Some(piece) = becomes {
            if position.count(us, piece) > extinction.count {
                royals &= !position.pieces(us, piece);
            } else {
                royals |= W::bit(to);
            }
        }
        if (royals & !occupied).any() {
            return false;
        }
        // Men that are gone attack nobody, even where walls stand in their place.
        let mut candidates = occupied & !W::bit(to);
        candidates &= !position.of_types(self.captures.petrify & extinction.types);
        let safe = |square: Square| {
            self.captures.blast && (trial.their_royals & near(square)).any()
                || (self.attackers(position, square, !us, occupied | walls) & candidates).is_empty()
        };
        if (trial.their_royals & !occupied).is_empty() && !squares(royals).all(safe) {
            return false;
        }
        if extinction.duple_check {
            let mut all = position.of_types(extinction.types) & position.color(us);
            if !drop && all.has(from) {
                all = all & !W::bit(from) | W::bit(to);
            }
            if becomes.is_some() {
                all |= W::bit(to);
            }
            if all.any() && squares(all).all(|s| !safe(s)) {
                return false;
            }
        }
        true
    }
}
