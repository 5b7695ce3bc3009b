//! Drops of men from the hand.

use crate::board::{Color, MoveKind, PieceType, Position, Word};
use crate::position::generate::generator::Generator;
use crate::position::generate::generator::sink::Sink;
use crate::rules::Rules;

impl<W: Word> Generator<'_, W> {
    /// Drops of men from the hand.
    pub(super) fn drops<S: Sink<W>>(&self, sink: &mut S) {
        let rules = self.rules;
        for piece in rules.types() {
            if self.position.in_hand(self.us, piece) == 0 {
                continue;
            }
            let targets = self.quiet & rules.drop_squares(self.position, self.us, piece);
            let mobile = |piece: PieceType, targets: W| {
                if rules.pieces.immobility_illegal {
                    targets & self.mobile(rules.mover(self.us, piece))
                } else {
                    targets
                }
            };
            if let Some(drops) = &rules.hands.drops
                && drops.promoted
                && let Some(promoted) = rules.promotion.turns_to[piece.index()]
            {
                sink.drops(MoveKind::PromotedDrop, piece, mobile(promoted, targets));
            }
            sink.drops(MoveKind::Drop, piece, mobile(piece, targets));
        }
    }
}

impl<W: Word> Rules<W> {
    /// Squares on which a man from the hand may be dropped, taken or not, and whatever becomes of kings.
    pub(crate) fn drop_squares(&self, position: &Position<W>, us: Color, piece: PieceType) -> W {
        let Some(drops) = &self.hands.drops else { return W::EMPTY };
        let mut region = drops.region[us.index()][piece.index()];
        if drops.no_doubled == Some(piece) {
            let men = position.pieces(us, piece);
            for file in 0..self.board.files {
                let file = self.board.file_squares(file);
                if (men & file).count() >= drops.no_doubled_count {
                    region &= !file;
                }
            }
        }
        region
    }
}
