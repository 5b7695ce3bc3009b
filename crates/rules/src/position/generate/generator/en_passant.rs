//! Captures in passing.

use crate::board::{MoveKind, PieceType, Square, Word, squares};
use crate::position::generate::generator::Generator;
use crate::position::generate::generator::sink::Sink;

impl<W: Word> Generator<'_, W> {
    /// Captures in passing of pawns.
    #[inline]
    pub(super) fn pawns_in_passing<S: Sink<W>>(&self, pawn: PieceType, men: W, sink: &mut S) {
        let back = self.rules.mover(!self.us, pawn);
        for to in squares(self.passed) {
            for from in squares(W::at(&back.capture.leaps, to) & men) {
                self.en_passant(from, W::bit(to), sink);
            }
        }
    }

    /// Captures in passing of a man that is no pawn: where it captures and does not also go without capturing.
    #[inline]
    pub(super) fn in_passing<S: Sink<W>>(&self, piece: PieceType, from: Square, sink: &mut S) {
        let (rules, side) = (self.rules, self.us.index());
        if rules.pawns.en_passant_types[side] >> piece.0 & 1 == 1 && self.passed.any() {
            let mover = rules.mover(self.us, piece);
            let attacks = mover.capture.targets(&rules.lines, from, self.occupied) & mover.region;
            let mut quiets = mover.quiet.targets(&rules.lines, from, self.occupied);
            if let Some(initial) = &mover.initial
                && rules.pawns.double_step[side].has(from)
            {
                quiets |= initial.targets(&rules.lines, from, self.occupied);
            }
            self.en_passant(from, attacks & !(quiets & mover.region) & self.passed, sink);
        }
    }

    /// Captures in passing of the man on `from` that leave the king safe, if a watch is kept over it.
    fn en_passant<S: Sink<W>>(&self, from: Square, targets: W, sink: &mut S) {
        for to in squares(targets) {
            let captured = W::bit(self.rules.passed_man(self.position, self.us, to));
            if self.survives(from, to, captured) {
                sink.of_kind(MoveKind::EnPassant, from, W::bit(to), None);
            }
        }
    }
}
