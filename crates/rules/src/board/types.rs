//! Sides, squares, piece types and results: the small values that everything else is written in.

use std::fmt;
use std::ops::Not;

/// The most piece types a variant on at most 64 squares may have; one with more is played on the larger word.
pub const MAX_PIECE_TYPES: usize = 16;

/// A set of piece types, one bit each.
pub(crate) type TypeSet = u32;

/// A side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Color {
    /// The side that moves first.
    White,
    /// The side that moves second.
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

/// The result of a game.
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
    /// Neither side wins.
    Draw,
}

impl Value {
    /// What the result is for the opponent of the side that the rule speaks of.
    pub(crate) fn turned(self) -> Value {
        match self {
            Value::Win => Value::Loss,
            Value::Loss => Value::Win,
            Value::Draw => Value::Draw,
        }
    }
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
