//! What a move does, as far as it shows without making it.

use crate::board::{Color, Move, MoveKind, PieceType, Position, Word};
use crate::rules::Rules;

impl<W: Word> Rules<W> {
    /// Whether a move takes a man.
    #[inline]
    pub(crate) fn is_capture(&self, position: &Position<W>, mv: Move) -> bool {
        mv.kind() == MoveKind::EnPassant
            || !mv.is_castling() && mv.from() != mv.to() && position.occupied().has(mv.to())
    }

    /// The type that a drop puts on the board.
    pub(crate) fn dropped(&self, mv: Move) -> PieceType {
        let held = mv.promotion().unwrap_or(PieceType(0));
        match mv.kind() {
            MoveKind::PromotedDrop => self.promotion.turns_to.get(held.index()).copied().flatten().unwrap_or(held),
            _ => held,
        }
    }

    /// Whether a move of a man of type `piece` that captures nothing begins the count of the n-move rule anew.
    #[inline]
    pub(super) fn begins_count_anew(&self, us: Color, piece: PieceType, mv: Move) -> bool {
        match mv.kind() {
            MoveKind::Promotion | MoveKind::Drop | MoveKind::PromotedDrop => true,
            MoveKind::PiecePromotion if !self.promotion.demotion => true,
            _ => self.only_forward(us, piece, mv),
        }
    }

    /// Whether the n-move rule counts moves of type `piece`, and the man could not go back where it came from.
    #[inline]
    pub(super) fn only_forward(&self, us: Color, piece: PieceType, mv: Move) -> bool {
        self.tallies.n_move_types[us.index()] >> piece.0 & 1 == 1
            && (self.roles.pawn == Some(piece) || !W::at(&self.mover(us, piece).quiet.widest, mv.to()).has(mv.from()))
    }
}
