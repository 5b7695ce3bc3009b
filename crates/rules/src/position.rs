//! A position: plain data that the rules interpret.

use crate::types::{Color, MAX_PIECE_TYPES, PieceType, Square};

/// A position of some variant. Only the [`crate::Rules`] it belongs to can read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    by_type: [u64; MAX_PIECE_TYPES],
    by_color: [u64; 2],
    pub(crate) key: u64,
    /// The square behind a pawn that just made a double step and could be captured; 64 for none.
    pub(crate) en_passant: u8,
    /// Bit 0: White king side, 1: White queen side, 2 and 3: Black.
    pub(crate) castling: u8,
    /// Checks that each side still has to give; 0 where checks are not counted or the last one was given.
    pub(crate) checks_left: [u8; 2],
    pub(crate) halfmove_clock: u16,
    pub(crate) fullmove: u16,
    pub(crate) turn: Color,
}

impl Position {
    pub(crate) const NO_SQUARE: u8 = 64;

    pub(crate) fn empty() -> Position {
        Position {
            by_type: [0; MAX_PIECE_TYPES],
            by_color: [0; 2],
            key: 0,
            en_passant: Position::NO_SQUARE,
            castling: 0,
            checks_left: [0; 2],
            halfmove_clock: 0,
            fullmove: 1,
            turn: Color::White,
        }
    }

    /// The side to move.
    #[must_use]
    #[inline]
    pub fn turn(&self) -> Color {
        self.turn
    }

    /// All men of a colour; bit n is square n.
    #[must_use]
    #[inline]
    pub fn color(&self, color: Color) -> u64 {
        self.by_color[color.index()]
    }

    /// All men of a type, of both colours.
    #[must_use]
    #[inline]
    pub fn of_type(&self, piece: PieceType) -> u64 {
        self.by_type[piece.index() & (MAX_PIECE_TYPES - 1)]
    }

    /// All men of the types in a bit set.
    #[inline]
    pub(crate) fn of_types(&self, mut types: u32) -> u64 {
        let mut bits = 0;
        while types != 0 {
            bits |= self.by_type[types.trailing_zeros() as usize & (MAX_PIECE_TYPES - 1)];
            types &= types - 1;
        }
        bits
    }

    /// The men of a colour and type.
    #[must_use]
    #[inline]
    pub fn pieces(&self, color: Color, piece: PieceType) -> u64 {
        self.color(color) & self.of_type(piece)
    }

    /// All men.
    #[must_use]
    #[inline]
    pub fn occupied(&self) -> u64 {
        self.by_color[0] | self.by_color[1]
    }

    /// The man on a square.
    #[must_use]
    #[inline]
    pub fn piece_on(&self, square: Square) -> Option<(Color, PieceType)> {
        let bit = square.bit();
        let color = if self.by_color[0] & bit != 0 {
            Color::White
        } else if self.by_color[1] & bit != 0 {
            Color::Black
        } else {
            return None;
        };
        self.by_type.iter().position(|men| men & bit != 0).map(|t| (color, PieceType(t as u8)))
    }

    /// Zobrist key of everything that decides how the game can go on, but for the clocks.
    #[must_use]
    #[inline]
    pub fn key(&self) -> u64 {
        self.key
    }

    /// Plies since the last capture or pawn move.
    #[must_use]
    #[inline]
    pub fn halfmove_clock(&self) -> u32 {
        self.halfmove_clock.into()
    }

    #[inline]
    pub(crate) fn toggle(&mut self, zobrist: &Zobrist, color: Color, piece: PieceType, square: Square) {
        self.by_type[piece.index() & (MAX_PIECE_TYPES - 1)] ^= square.bit();
        self.by_color[color.index()] ^= square.bit();
        self.key ^= zobrist.piece[color.index()][piece.index() & (MAX_PIECE_TYPES - 1)][square.index() & 63];
    }
}

/// Random numbers that make up [`Position::key`], the same in every build.
#[derive(Clone, Debug)]
pub(crate) struct Zobrist {
    piece: [[[u64; 64]; MAX_PIECE_TYPES]; 2],
    en_passant: [u64; 65],
    castling: [u64; 16],
    checks_left: [[u64; 16]; 2],
    turn: u64,
}

impl Zobrist {
    pub(crate) fn new() -> Zobrist {
        // SplitMix64 (Steele, Lea, Flood 2014).
        let mut state = 0x1d8e_4e27_c47d_124f_u64;
        let mut next = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        let mut zobrist = Zobrist {
            piece: [[[0; 64]; MAX_PIECE_TYPES]; 2],
            en_passant: [0; 65],
            castling: [0; 16],
            checks_left: [[0; 16]; 2],
            turn: next(),
        };
        zobrist.piece.as_flattened_mut().as_flattened_mut().fill_with(&mut next);
        zobrist.castling.fill_with(&mut next);
        zobrist.checks_left.as_flattened_mut().fill_with(&mut next);
        zobrist.en_passant.fill_with(&mut next);
        zobrist.en_passant[usize::from(Position::NO_SQUARE)] = 0;
        zobrist
    }

    /// The part of the key that is not men.
    #[inline]
    pub(crate) fn state(&self, position: &Position) -> u64 {
        self.en_passant[usize::from(position.en_passant)]
            ^ self.castling[usize::from(position.castling & 15)]
            ^ self.checks_left[0][usize::from(position.checks_left[0] & 15)]
            ^ self.checks_left[1][usize::from(position.checks_left[1] & 15)]
            ^ if position.turn == Color::Black { self.turn } else { 0 }
    }
}
