//! The two board words: `u64` with magic bitboards, `u128` with rays.

use crate::board::magic::MagicSliders;
use crate::board::rays::RaySliders;
use crate::board::types::Square;
use crate::board::word::Word;

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
        }
    };
}

word!(u64, 64, 4, 16, MagicSliders);
word!(u128, 128, 5, 32, RaySliders);
