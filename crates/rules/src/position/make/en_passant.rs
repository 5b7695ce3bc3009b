//! Men that step past others, and who is taken in passing.

use crate::board::{Color, Move, MoveKind, PieceType, Position, Square, Word, squares};
use crate::rules::Rules;

impl<W: Word> Rules<W> {
    /// Whether a pawn's move is by two or three squares.
    #[inline]
    pub(super) fn is_long_step(&self, from: Square, to: Square) -> bool {
        let distance = from.0.abs_diff(to.0);
        distance == 2 * self.board.files || distance == 3 * self.board.files
    }

    /// Notes the squares on which the man that moved can be captured, if its move was a long first step.
    #[cold]
    pub(super) fn set_en_passant(&self, position: &mut Position<W>, us: Color, piece: PieceType, mv: Move) {
        let (from, to) = (mv.from(), mv.to());
        let region = self.pawns.en_passant_region[(!us).index()];
        if self.roles.pawn == Some(piece) {
            let files = self.board.files;
            if !self.is_long_step(from, to) || !matches!(mv.kind(), MoveKind::Normal | MoveKind::Gate) {
                return;
            }
            let steps = from.0.abs_diff(to.0) / files - 1;
            let others = self.pawns.en_passant_types[(!us).index()] & !(1 << piece.0) != 0;
            let ready = position.pieces(!us, piece);
            for n in 1..=steps {
                let behind = Square(if us == Color::White { to.0 - n * files } else { to.0 + n * files });
                let seen = || (W::at(&self.mover(us, piece).capture.leaps, behind) & ready).any();
                if region.has(behind) && (others || seen()) && mv.wall() != Some(behind) {
                    position.en_passant |= W::bit(behind);
                }
            }
        } else if self.roles.king != Some(piece)
            && let Some(initial) = &self.mover(us, piece).initial
            && matches!(mv.kind(), MoveKind::Normal | MoveKind::Gate | MoveKind::EnPassant | MoveKind::Leap)
            && W::at(&initial.widest, from).has(to)
            && !W::at(&self.mover(us, piece).quiet.widest, from).has(to)
        {
            position.en_passant = (self.lines.between(from, to) | W::bit(to)) & region;
        }
    }

    /// The square of the man that is taken by going to `to` in passing.
    #[inline]
    pub(crate) fn passed_man(&self, position: &Position<W>, us: Color, to: Square) -> Square {
        // Where men other than pawns step far, the squares of `en_passant` include the one on which the man now stands.
        let on_the_way = position.en_passant & position.men();
        let file = self.board.file(to);
        let behind =
            |s: &Square| self.board.file(*s) == file && if us == Color::White { s.0 < to.0 } else { s.0 > to.0 };
        match us {
            Color::White if on_the_way.any() => on_the_way.lowest(),
            Color::Black if on_the_way.any() => on_the_way.highest(),
            Color::White => squares(position.color(!us)).filter(behind).last().unwrap_or(to),
            Color::Black => squares(position.color(!us)).find(behind).unwrap_or(to),
        }
    }
}
