//! Moves.

use crate::board::types::{PieceType, Square};

/// A list of moves. A position of duck chess has thousands of them, so the list lives on the heap: keep it from call to call.
pub type MoveList = Vec<Move>;

/// What kind of move it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum MoveKind {
    /// A man goes to an empty square or captures.
    Normal,
    /// A pawn becomes another piece for good.
    Promotion,
    /// A capture in passing.
    EnPassant,
    /// King and rook move together; the target is the king's.
    Castling,
    /// A man from the hand is put on an empty square.
    Drop,
    /// A man from the hand is put on an empty square and promoted at once.
    PromotedDrop,
    /// A man is turned over, as in shogi.
    PiecePromotion,
    /// A promoted man is turned back.
    Demotion,
    /// A leap of king or fers from its first square (Cambodian chess).
    Leap,
    /// Nothing moves.
    Pass,
    /// A move that leaves a man from the hand on the square it came from (Seirawan chess).
    Gate,
    /// Castling that leaves a man from the hand on the king's square.
    CastlingGateKing,
    /// Castling that leaves a man from the hand on the rook's square.
    CastlingGateRook,
}

impl MoveKind {
    const ALL: [MoveKind; 13] = [
        MoveKind::Normal,
        MoveKind::Promotion,
        MoveKind::EnPassant,
        MoveKind::Castling,
        MoveKind::Drop,
        MoveKind::PromotedDrop,
        MoveKind::PiecePromotion,
        MoveKind::Demotion,
        MoveKind::Leap,
        MoveKind::Pass,
        MoveKind::Gate,
        MoveKind::CastlingGateKing,
        MoveKind::CastlingGateRook,
    ];
}

/// A move, addressed by (from, to, piece type) as notation and policy heads address it.
///
/// Bits 0 to 6 hold the origin, 7 to 13 the target, 14 to 18 a piece type + 1 (what is promoted to, dropped or gated; 0 for none),
/// 19 to 22 the kind, 23 to 29 the square of a wall + 1 that the move builds (0 for none). A drop's origin is its target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Move(u32);

impl Move {
    /// Stands for no move, in tables: it leads from a square to itself. The default.
    pub const NONE: Move = Move(0);

    /// The move as a number, for tables: below 2^30, and 0 for [`Move::NONE`] alone.
    #[must_use]
    #[inline]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The move of [`Move::bits`]. Another number may stand for a move that no rules know.
    #[must_use]
    #[inline]
    pub const fn from_bits(bits: u32) -> Move {
        Move(bits)
    }

    #[inline]
    pub(crate) const fn normal(from: Square, to: Square) -> Move {
        Move(from.0 as u32 | (to.0 as u32) << 7)
    }

    #[inline]
    pub(crate) const fn of_kind(kind: MoveKind, from: Square, to: Square) -> Move {
        Move(Move::normal(from, to).0 | (kind as u32) << 19)
    }

    #[inline]
    pub(crate) const fn with_piece(self, piece: PieceType) -> Move {
        Move(self.0 | (piece.0 as u32 + 1) << 14)
    }

    #[inline]
    pub(crate) const fn with_wall(self, wall: Square) -> Move {
        Move(self.0 | (wall.0 as u32 + 1) << 23)
    }

    /// Where the man comes from; the target for a drop.
    #[must_use]
    #[inline]
    pub const fn from(self) -> Square {
        Square(self.0 as u8 & 127)
    }

    /// Where the man goes; the king's target for castling.
    #[must_use]
    #[inline]
    pub const fn to(self) -> Square {
        Square((self.0 >> 7) as u8 & 127)
    }

    /// What is promoted to, dropped or gated, if anything.
    #[must_use]
    #[inline]
    pub const fn promotion(self) -> Option<PieceType> {
        match (self.0 >> 14) & 31 {
            0 => None,
            n => Some(PieceType(n as u8 - 1)),
        }
    }

    /// The kind of move.
    #[must_use]
    #[inline]
    pub const fn kind(self) -> MoveKind {
        MoveKind::ALL[((self.0 >> 19) & 15) as usize % MoveKind::ALL.len()]
    }

    /// Whether a man only goes to an empty square or captures: the kind is [`MoveKind::Normal`] and no wall is built.
    #[inline]
    pub(crate) const fn is_normal(self) -> bool {
        self.0 >> 19 == 0
    }

    /// The square of the wall that the move builds, if it builds one.
    #[must_use]
    pub const fn wall(self) -> Option<Square> {
        match (self.0 >> 23) & 127 {
            0 => None,
            n => Some(Square(n as u8 - 1)),
        }
    }

    /// Whether king and rook move together.
    #[must_use]
    pub const fn is_castling(self) -> bool {
        matches!(self.kind(), MoveKind::Castling | MoveKind::CastlingGateKing | MoveKind::CastlingGateRook)
    }

    /// Whether a man comes from the hand to an empty square.
    #[must_use]
    pub const fn is_drop(self) -> bool {
        matches!(self.kind(), MoveKind::Drop | MoveKind::PromotedDrop)
    }
}
