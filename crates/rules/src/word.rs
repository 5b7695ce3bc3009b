//! The board word: one bit per square, `u64` for boards of up to 64 squares, `u128` for larger ones.

use std::fmt::Debug;
use std::hash::Hash;
use std::ops::{BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, BitXorAssign, Not, Shl, Shr};
use std::sync::Mutex;

use crate::lines::{Cache, MagicSliders, RaySliders, Sliders};
use crate::types::Square;

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
    /// Squares that it can hold.
    const SQUARES: usize;
    /// Piece types that a position on this word can tell apart.
    const TYPES: usize;
    /// No square.
    const EMPTY: Self;
    /// One word per bit of a piece type's number.
    type Codes: Copy + Eq + Debug + Default + Send + Sync + AsRef<[Self]> + AsMut<[Self]>;
    /// One count per piece type.
    type Hand: Copy + Eq + Debug + Default + Send + Sync + AsRef<[u8]> + AsMut<[u8]>;
    /// One word per square.
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
    /// Whether it holds no square.
    #[inline]
    fn is_empty(self) -> bool {
        self == Self::EMPTY
    }
    /// Whether it holds a square.
    #[inline]
    fn any(self) -> bool {
        self != Self::EMPTY
    }
    /// Whether it holds more than one square.
    #[inline]
    fn several(self) -> bool {
        self.without_lowest().any()
    }
    /// Whether it holds `square`.
    #[inline]
    fn has(self, square: Square) -> bool {
        (self & Self::bit(square)).any()
    }
    /// A table of empty sets.
    fn table() -> Box<Self::Table>;
    /// An entry of a table.
    fn at(table: &Self::Table, square: Square) -> Self;
    /// Adds squares to an entry of a table.
    fn add(table: &mut Self::Table, square: Square, bits: Self);
    /// Whether two tables are equal.
    fn same(a: &Self::Table, b: &Self::Table) -> bool;
    /// The codes of the piece type that stands on `square`.
    fn code_at(codes: &Self::Codes, square: Square) -> u8;
    /// The squares whose code is `code`, occupied or not.
    fn with_code(codes: &Self::Codes, code: u8) -> Self;
    /// Tables made so far, by size of the board.
    fn cache() -> &'static Mutex<Cache<Self>>;
}

macro_rules! word {
    ($word:ty, $squares:literal, $codes:literal, $types:literal, $sliders:ty) => {
        impl Word for $word {
            const SQUARES: usize = $squares;
            const TYPES: usize = $types;
            const EMPTY: Self = 0;
            type Codes = [Self; $codes];
            type Hand = [u8; $types];
            type Table = [Self; $squares];
            type Sliders = $sliders;

            #[inline(always)]
            fn bit(square: Square) -> Self {
                1 << (square.0 & ($squares - 1))
            }
            #[inline(always)]
            fn count(self) -> u32 {
                self.count_ones()
            }
            #[inline(always)]
            fn lowest(self) -> Square {
                Square(self.trailing_zeros() as u8)
            }
            #[inline(always)]
            fn highest(self) -> Square {
                Square(($squares - 1 - self.leading_zeros() as u8) & ($squares - 1))
            }
            #[inline(always)]
            fn without_lowest(self) -> Self {
                self & self.wrapping_sub(1)
            }
            fn table() -> Box<Self::Table> {
                Box::new([0; $squares])
            }
            #[inline(always)]
            fn at(table: &Self::Table, square: Square) -> Self {
                table[square.index() & ($squares - 1)]
            }
            fn add(table: &mut Self::Table, square: Square, bits: Self) {
                table[square.index() & ($squares - 1)] |= bits;
            }
            fn same(a: &Self::Table, b: &Self::Table) -> bool {
                a == b
            }
            #[inline(always)]
            fn code_at(codes: &Self::Codes, square: Square) -> u8 {
                let mut code = 0;
                for (i, word) in codes.iter().enumerate() {
                    code |= ((word >> (square.0 & ($squares - 1))) as u8 & 1) << i;
                }
                code
            }
            #[inline(always)]
            fn with_code(codes: &Self::Codes, code: u8) -> Self {
                let mut men = !0;
                for (i, word) in codes.iter().enumerate() {
                    men &= word ^ (Self::from(code >> i & 1).wrapping_sub(1));
                }
                men
            }
            fn cache() -> &'static Mutex<Cache<Self>> {
                static CACHE: Mutex<Cache<$word>> = Mutex::new(Cache::new());
                &CACHE
            }
        }
    };
}

word!(u64, 64, 4, 16, MagicSliders);
word!(u128, 128, 5, 32, RaySliders);
