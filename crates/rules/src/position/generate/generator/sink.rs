//! Where the moves go that a generator finds.

use crate::board::{Move, MoveKind, MoveList, PieceType, Square, Word, squares};

/// Takes moves as they are found.
pub(crate) trait Sink<W: Word> {
    /// Moves of kind [`MoveKind::Normal`] of the man on `from`.
    fn moves(&mut self, from: Square, targets: W);
    /// Moves of another kind of the man on `from`, with the piece type that they name, if they name one.
    fn of_kind(&mut self, kind: MoveKind, from: Square, targets: W, piece: Option<PieceType>);
    /// Moves of kind [`MoveKind::Normal`], each from the square whose number is that of its target less `delta`.
    fn shifted(&mut self, targets: W, delta: i8);
    /// Promotions to `piece`, each from the square whose number is that of its target less `delta`.
    fn shifted_promotions(&mut self, kind: MoveKind, targets: W, delta: i8, piece: PieceType);
    /// Drops of a type.
    fn drops(&mut self, kind: MoveKind, piece: PieceType, targets: W);
}

/// Counts moves without listing them.
#[derive(Default)]
pub(crate) struct Counter(pub(crate) u64);

impl<W: Word> Sink<W> for Counter {
    #[inline(always)]
    fn moves(&mut self, _from: Square, targets: W) {
        self.0 += u64::from(targets.count());
    }
    #[inline(always)]
    fn of_kind(&mut self, _kind: MoveKind, _from: Square, targets: W, _piece: Option<PieceType>) {
        self.0 += u64::from(targets.count());
    }
    #[inline(always)]
    fn shifted(&mut self, targets: W, _delta: i8) {
        self.0 += u64::from(targets.count());
    }
    #[inline(always)]
    fn shifted_promotions(&mut self, _kind: MoveKind, targets: W, _delta: i8, _piece: PieceType) {
        self.0 += u64::from(targets.count());
    }
    #[inline(always)]
    fn drops(&mut self, _kind: MoveKind, _piece: PieceType, targets: W) {
        self.0 += u64::from(targets.count());
    }
}

impl<W: Word> Sink<W> for MoveList {
    #[inline]
    fn moves(&mut self, from: Square, targets: W) {
        self.extend(squares(targets).map(|to| Move::normal(from, to)));
    }
    fn of_kind(&mut self, kind: MoveKind, from: Square, targets: W, piece: Option<PieceType>) {
        self.extend(squares(targets).map(|to| {
            let mv = Move::of_kind(kind, from, to);
            piece.map_or(mv, |p| mv.with_piece(p))
        }));
    }
    #[inline]
    fn shifted(&mut self, targets: W, delta: i8) {
        self.extend(squares(targets).map(|to| Move::normal(Square(to.0.wrapping_add_signed(-delta)), to)));
    }
    fn shifted_promotions(&mut self, kind: MoveKind, targets: W, delta: i8, piece: PieceType) {
        self.extend(
            squares(targets)
                .map(|to| Move::of_kind(kind, Square(to.0.wrapping_add_signed(-delta)), to).with_piece(piece)),
        );
    }
    fn drops(&mut self, kind: MoveKind, piece: PieceType, targets: W) {
        self.extend(squares(targets).map(|to| Move::of_kind(kind, to, to).with_piece(piece)));
    }
}

/// Notes only where men are captured in passing.
#[derive(Default)]
pub(crate) struct Passing<W>(pub(crate) W);

impl<W: Word> Sink<W> for Passing<W> {
    fn moves(&mut self, _from: Square, _targets: W) {}
    fn of_kind(&mut self, kind: MoveKind, _from: Square, targets: W, _piece: Option<PieceType>) {
        if kind == MoveKind::EnPassant {
            self.0 |= targets;
        }
    }
    fn shifted(&mut self, _targets: W, _delta: i8) {}
    fn shifted_promotions(&mut self, _kind: MoveKind, _targets: W, _delta: i8, _piece: PieceType) {}
    fn drops(&mut self, _kind: MoveKind, _piece: PieceType, _targets: W) {}
}
