//! Castling.

use crate::board::{MoveKind, Square, Word, squares};
use crate::position::generate::generator::Generator;
use crate::position::generate::generator::sink::Sink;
use crate::position::make::CastlingMove;

impl<W: Word> Generator<'_, W> {
    /// Castling that the position allows; with a watch, where the king is not attacked on its way.
    #[inline]
    pub(crate) fn castling<S: Sink<W>>(&self, sink: &mut S) {
        if self.castles {
            self.castling_to_wings(sink);
        }
    }

    fn castling_to_wings<S: Sink<W>>(&self, sink: &mut S) {
        for wing in 0..2 {
            let Some(castling) = self.rules.castling_squares(self.position, self.us, wing) else { continue };
            if self.castling_is_free(castling) && self.castling_is_safe(castling) {
                sink.of_kind(MoveKind::Castling, castling.king, W::bit(castling.king_to), None);
            }
        }
    }

    /// Whether nothing stands in the way of castling.
    fn castling_is_free(&self, CastlingMove { king, king_to, rook, rook_to }: CastlingMove) -> bool {
        let lines = &self.rules.lines;
        let way = lines.between(king, king_to) | W::bit(king_to) | lines.between(rook, rook_to) | W::bit(rook_to);
        (way & !(W::bit(king) | W::bit(rook)) & self.occupied).is_empty()
    }

    /// Whether the king castles neither through nor into check, if a watch is kept over it.
    fn castling_is_safe(&self, CastlingMove { king, king_to, rook, .. }: CastlingMove) -> bool {
        let Some(watch) = self.watch else { return true };
        let way = (self.rules.lines.between(king, king_to) | W::bit(king_to)) & !W::bit(king);
        let safe = |s: Square, occupied: W| !watch.attacks(self.rules, self.position, s, occupied, !W::EMPTY);
        // A rook on the first or last file has no attacker behind it.
        let edge = (self.rules.squares.first_file | self.rules.squares.last_file).has(rook);
        squares(way).all(|s| safe(s, self.occupied)) && (edge || safe(king_to, self.occupied & !W::bit(rook)))
    }
}
