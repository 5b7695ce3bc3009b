//! The small values that everything else is written in.

use std::fmt;
use std::ops::Not;

use crate::word::Word;

/// The most piece types a variant on at most 64 squares may have; one with more is played on the larger word.
pub const MAX_PIECE_TYPES: usize = 16;

/// A list of moves. Duck chess has thousands in a position, so it lives on the heap: keep it from call to call.
pub type MoveList = Vec<Move>;

/// A side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Color {
    /// The side that moves first.
    White,
    /// The other one.
    Black,
}

impl Color {
    /// Both colours, White first.
    pub const ALL: [Color; 2] = [Color::White, Color::Black];

    /// 0 for White, 1 for Black.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl Not for Color {
    type Output = Color;

    fn not(self) -> Color {
        match self {
            Color::White => Color::Black,
            Color::Black => Color::White,
        }
    }
}

/// A square, numbered densely: `rank * files + file`, a1 = 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Square(pub u8);

impl Square {
    /// The number as an index.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The squares of a set, lowest first.
#[inline]
pub fn squares<W: Word>(mut bits: W) -> impl Iterator<Item = Square> {
    std::iter::from_fn(move || {
        if bits.is_empty() {
            return None;
        }
        let square = bits.lowest();
        bits = bits.without_lowest();
        Some(square)
    })
}

/// A piece type of one variant: an index into [`crate::Rules::pieces`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PieceType(pub u8);

impl PieceType {
    /// The number as an index.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

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
    /// King and rook; the target is the king's.
    Castling,
    /// A man from the hand.
    Drop,
    /// A man from the hand, promoted as it is dropped.
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
    /// Castling that leaves a man on the king's square.
    CastlingGateKing,
    /// Castling that leaves a man on the rook's square.
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
/// 19 to 22 the kind, 23 to 29 the square of a wall + 1 that the move builds. A drop's origin is its target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Move(u32);

impl Move {
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

    /// Where the man comes from; the target itself for a drop.
    #[must_use]
    #[inline]
    pub const fn from(self) -> Square {
        Square(self.0 as u8 & 127)
    }

    /// Where it goes.
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

    /// Whether it is neither a promotion, a drop, castling, en passant nor anything else that is special.
    #[inline]
    pub(crate) const fn is_normal(self) -> bool {
        self.0 >> 19 == 0
    }

    /// The square of the wall that the move builds.
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

/// How a game ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// 1-0
    WhiteWins,
    /// 0-1
    BlackWins,
    /// 1/2-1/2
    Draw,
}

impl Outcome {
    /// 1 if `color` won, -1 if it lost, 0 for a draw.
    #[must_use]
    pub const fn for_color(self, color: Color) -> i32 {
        match (self, color) {
            (Outcome::Draw, _) => 0,
            (Outcome::WhiteWins, Color::White) | (Outcome::BlackWins, Color::Black) => 1,
            _ => -1,
        }
    }

    /// The outcome that is worth `value` to `color`.
    #[must_use]
    pub const fn from_value(value: Value, color: Color) -> Outcome {
        match (value, color) {
            (Value::Draw, _) => Outcome::Draw,
            (Value::Win, Color::White) | (Value::Loss, Color::Black) => Outcome::WhiteWins,
            _ => Outcome::BlackWins,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Outcome::WhiteWins => "1-0",
            Outcome::BlackWins => "0-1",
            Outcome::Draw => "1/2-1/2",
        })
    }
}

/// A result for the side that a rule speaks of (`stalemateValue = win`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// That side wins.
    Win,
    /// That side loses.
    Loss,
    /// Nobody does.
    Draw,
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Value::Win => "win",
            Value::Loss => "loss",
            Value::Draw => "draw",
        })
    }
}
