//! Random numbers for the keys of positions, and mixing of what is hashed.

use std::hash::Hasher;
use std::sync::LazyLock;

use crate::board::types::{Color, PieceType, Square};
use crate::board::word::{Word, squares};

/// Random numbers that make up [`crate::Position::key`], equal in every build.
#[derive(Clone, Debug)]
pub(crate) struct Zobrist {
    men: [[u64; 128]; 64],
    walls: [u64; 128],
    en_passant: [u64; 128],
    hand: u64,
    castling: [u64; 16],
    checks_left: [[u64; 16]; 2],
    turn: u64,
}

impl Zobrist {
    /// The numbers of this program.
    pub(crate) fn get() -> &'static Zobrist {
        static NUMBERS: LazyLock<Zobrist> = LazyLock::new(Zobrist::new);
        &NUMBERS
    }

    fn new() -> Zobrist {
        // SplitMix64 (Steele, Lea, Flood 2014).
        let mut state = 0x1d8e_4e27_c47d_124f_u64;
        let mut next = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            mix(state)
        };
        let mut zobrist = Zobrist {
            men: [[0; 128]; 64],
            walls: [0; 128],
            en_passant: [0; 128],
            hand: next(),
            castling: [0; 16],
            checks_left: [[0; 16]; 2],
            turn: next(),
        };
        zobrist.men.as_flattened_mut().fill_with(&mut next);
        for table in [&mut zobrist.walls, &mut zobrist.en_passant] {
            table.fill_with(&mut next);
        }
        zobrist.castling.fill_with(&mut next);
        zobrist.checks_left.as_flattened_mut().fill_with(&mut next);
        zobrist
    }

    /// The number of a man on a square.
    #[inline(always)]
    pub(crate) fn man(&self, color: Color, piece: PieceType, square: Square) -> u64 {
        self.men[usize::from(piece.0 & 31) * 2 + color.index()][square.index() & 127]
    }

    /// The number of so many men of a type in a side's hand.
    pub(crate) fn hand(&self, color: Color, piece: PieceType, count: u8) -> u64 {
        if count == 0 {
            return 0;
        }
        mix(self.hand ^ u64::from(count) << 16 ^ u64::from(piece.0) << 1 ^ color.index() as u64)
    }

    /// The number of Black being to move.
    #[inline]
    pub(crate) fn turn(&self) -> u64 {
        self.turn
    }

    /// The number of a set of castling rights.
    #[inline]
    pub(crate) fn castling(&self, rights: u8) -> u64 {
        self.castling[usize::from(rights & 15)]
    }

    /// The number of squares on which a legal move captures in passing.
    #[inline]
    pub(crate) fn en_passant<W: Word>(&self, capturable: W) -> u64 {
        squares(capturable).fold(0, |key, square| key ^ self.en_passant[square.index() & 127])
    }

    /// The number of a wall on a square.
    #[inline]
    pub(crate) fn wall(&self, square: Square) -> u64 {
        self.walls[square.index() & 127]
    }

    /// The number of the checks that a side still has to give.
    #[inline]
    pub(crate) fn checks_left(&self, color: Color, checks: u8) -> u64 {
        self.checks_left[color.index()][usize::from(checks & 15)]
    }
}

/// Mixes whatever is hashed into one number, quickly and equally in every build. It begins with the number that it is made with.
pub(crate) struct MixHasher(pub(crate) u64);

impl Hasher for MixHasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(29) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        mix(self.0)
    }
}

/// SplitMix64's finaliser (Steele, Lea, Flood 2014).
pub(crate) fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
