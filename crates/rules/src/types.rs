//! The small values that everything else is written in.

use std::fmt;
use std::ops::Not;

use arrayvec::ArrayVec;

/// The most piece types a variant may have.
pub const MAX_PIECE_TYPES: usize = 16;
/// The most legal moves a position may have; generation panics past it, which no board of 64 squares can reach.
pub const MAX_MOVES: usize = 512;

/// A list of moves, kept on the stack.
pub type MoveList = ArrayVec<Move, MAX_MOVES>;

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
    /// The bitboard that holds this square alone.
    #[must_use]
    pub const fn bit(self) -> u64 {
        1 << self.0
    }

    /// The number as an index.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The squares of a bitboard, lowest first.
pub fn squares(mut bits: u64) -> impl Iterator<Item = Square> {
    std::iter::from_fn(move || {
        if bits == 0 {
            return None;
        }
        let square = Square(bits.trailing_zeros() as u8);
        bits &= bits - 1;
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

/// A move, addressed by (from, to, promotion) as notation and policy heads address it.
///
/// Bits 0 to 6 hold the origin, 7 to 13 the target, 14 to 18 the promotion (piece type + 1, 0 for none), 19 castling,
/// 20 en passant. A castling move's target is the king's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Move(u32);

impl Move {
    const CASTLING: u32 = 1 << 19;
    const EN_PASSANT: u32 = 1 << 20;

    pub(crate) const fn normal(from: Square, to: Square) -> Move {
        Move(from.0 as u32 | (to.0 as u32) << 7)
    }

    pub(crate) const fn promoting(from: Square, to: Square, promotion: PieceType) -> Move {
        Move(Move::normal(from, to).0 | (promotion.0 as u32 + 1) << 14)
    }

    pub(crate) const fn castling(from: Square, to: Square) -> Move {
        Move(Move::normal(from, to).0 | Move::CASTLING)
    }

    pub(crate) const fn en_passant(from: Square, to: Square) -> Move {
        Move(Move::normal(from, to).0 | Move::EN_PASSANT)
    }

    /// Where the piece comes from.
    #[must_use]
    pub const fn from(self) -> Square {
        Square(self.0 as u8 & 127)
    }

    /// Where it goes.
    #[must_use]
    pub const fn to(self) -> Square {
        Square((self.0 >> 7) as u8 & 127)
    }

    /// What it becomes, if it changes.
    #[must_use]
    pub const fn promotion(self) -> Option<PieceType> {
        match (self.0 >> 14) & 31 {
            0 => None,
            n => Some(PieceType(n as u8 - 1)),
        }
    }

    /// Whether the king castles.
    #[must_use]
    pub const fn is_castling(self) -> bool {
        self.0 & Move::CASTLING != 0
    }

    /// Whether a pawn captures en passant.
    #[must_use]
    pub const fn is_en_passant(self) -> bool {
        self.0 & Move::EN_PASSANT != 0
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
