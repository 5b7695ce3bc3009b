//! Kings and other royal men, and the checks on them.

use crate::board::{Color, PieceType, Position, Square, Word, rider, squares};
use crate::rules::Rules;

impl<W: Word> Rules<W> {
    /// The square of a side's king, if it is on the board.
    #[inline]
    pub(crate) fn king(&self, position: &Position<W>, side: Color) -> Option<Square> {
        let kings = position.pieces(side, self.roles.king?);
        kings.any().then(|| kings.lowest())
    }

    /// Whether the kings face each other on an open rank or file.
    pub(crate) fn kings_face(&self, position: &Position<W>) -> bool {
        match (self.king(position, Color::White), self.king(position, Color::Black)) {
            (Some(a), Some(b)) => self.lines.attacks(rider::ROOK, a, position.occupied()).has(b),
            _ => false,
        }
    }

    /// Whether the side to move is in check: its king is attacked, or pseudo-royal men whose loss loses the game are.
    #[must_use]
    pub fn in_check(&self, position: &Position<W>) -> bool {
        self.king_attacked(position, position.turn()) || self.checked_pseudo_royals(position, position.turn()).any()
    }

    /// Whether a side's king, if it has one, is attacked.
    pub(crate) fn king_attacked(&self, position: &Position<W>, side: Color) -> bool {
        self.king(position, side)
            .is_some_and(|king| self.attacked(position, king, !side, position.occupied(), !W::EMPTY))
    }

    /// Men that give check to the king of the side to move.
    pub(crate) fn checkers(&self, position: &Position<W>) -> W {
        let side = position.turn();
        self.king(position, side).map_or(W::EMPTY, |king| self.attackers(position, king, !side, position.occupied()))
    }

    /// Pseudo-royal men of a side that the other side could capture.
    pub(crate) fn checked_pseudo_royals(&self, position: &Position<W>, side: Color) -> W {
        let Some(extinction) = self.extinction.as_ref().filter(|e| e.pseudo_royal) else { return W::EMPTY };
        let theirs = self.pseudo_royals(position, !side);
        let attacked = |square: Square| {
            // A capture beside a pseudo-royal man of the captor's own side would blow that man up.
            !(self.captures.blast && (theirs & W::at(&self.lines.neighbours, square)).any())
                && self.attacked(position, square, !side, position.occupied(), !W::EMPTY)
        };
        let mut checked = W::EMPTY;
        for square in squares(self.pseudo_royals(position, side)) {
            if attacked(square) {
                checked |= W::bit(square);
            }
        }
        if extinction.duple_check {
            let all = position.of_types(extinction.types) & position.color(side);
            if all.any() && squares(all).all(attacked) {
                checked |= all;
            }
        }
        checked
    }

    /// Pseudo-royal men of a side: those whose loss would leave too few of their type.
    pub(crate) fn pseudo_royals(&self, position: &Position<W>, side: Color) -> W {
        let Some(extinction) = self.extinction.as_ref().filter(|e| e.pseudo_royal) else { return W::EMPTY };
        let mut royals = W::EMPTY;
        let mut types = extinction.types;
        while types != 0 {
            let men = position.pieces(side, PieceType(types.trailing_zeros() as u8));
            if men.count() <= extinction.count + 1 {
                royals |= men;
            }
            types &= types - 1;
        }
        royals
    }
}
