//! The board word: one bit per square, `u64` for boards of up to 64 squares, `u128` for larger ones.

use std::fmt::Debug;
use std::hash::Hash;
use std::ops::{BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, BitXorAssign, Not, Shl, Shr};

use crate::board::types::Square;

/// Attacks of bishops and rooks on a board of one size.
pub trait Sliders<W>: Clone + Debug + Send + Sync {
    /// Tables for a board.
    fn new(files: u8, ranks: u8) -> Self;
    /// Squares that a bishop reaches, the first occupied one in each direction included.
    fn bishop(&self, from: Square, occupied: W) -> W;
    /// Squares that a rook reaches, the first occupied one in each direction included.
    fn rook(&self, from: Square, occupied: W) -> W;
}

/// An integer that holds a set of squares, with the tables that go with its size.
pub trait Word:
    Copy
    + Eq
    + Debug
    + Default
    + Hash
    + Send
    + Sync
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + BitXor<Output = Self>
    + Not<Output = Self>
    + Shl<u32, Output = Self>
    + Shr<u32, Output = Self>
    + BitAndAssign
    + BitOrAssign
    + BitXorAssign
    + 'static
{
    /// Number of squares that a set can hold.
    const SQUARES: usize;
    /// Number of piece types that a position on this word can tell apart.
    const TYPES: usize;
    /// The set of no squares.
    const EMPTY: Self;
    /// The men's types: one word for each bit of a piece type's number.
    type Codes: Copy + Eq + Debug + Default + Send + Sync + AsRef<[Self]> + AsMut<[Self]>;
    /// A side's men in hand: one count for each piece type.
    type Hand: Copy + Eq + Debug + Default + Send + Sync + AsRef<[u8]> + AsMut<[u8]>;
    /// A table of sets: one for each square.
    type Table: Clone + Debug + Send + Sync;
    /// Attacks of sliders.
    type Sliders: Sliders<Self>;

    /// The set that holds one square.
    fn bit(square: Square) -> Self;
    /// Number of squares in the set.
    fn count(self) -> u32;
    /// The lowest square; the set must not be empty.
    fn lowest(self) -> Square;
    /// The highest square; the set must not be empty.
    fn highest(self) -> Square;
    /// The set without its lowest square.
    #[must_use]
    fn without_lowest(self) -> Self;
    /// Whether the set holds no square.
    #[inline]
    fn is_empty(self) -> bool {
        self == Self::EMPTY
    }
    /// Whether the set holds a square.
    #[inline]
    fn any(self) -> bool {
        self != Self::EMPTY
    }
    /// Whether the set holds more than one square.
    #[inline]
    fn several(self) -> bool {
        self.without_lowest().any()
    }
    /// Whether the set holds `square`.
    #[inline]
    fn has(self, square: Square) -> bool {
        (self & Self::bit(square)).any()
    }
    /// A table whose sets are all empty.
    fn table() -> Box<Self::Table>;
    /// The set that a table has for a square.
    fn at(table: &Self::Table, square: Square) -> Self;
    /// Adds squares to the set that a table has for a square.
    fn add(table: &mut Self::Table, square: Square, bits: Self);
    /// Whether two tables are equal.
    fn same(a: &Self::Table, b: &Self::Table) -> bool;
    /// The number of the piece type that stands on `square`; without meaning if no man does.
    fn code_at(codes: &Self::Codes, square: Square) -> u8;
    /// The squares whose codes spell the number `code`. Empty squares spell 0, so mask with the men.
    fn with_code(codes: &Self::Codes, code: u8) -> Self;
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
