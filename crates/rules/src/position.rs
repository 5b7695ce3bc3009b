//! A position: plain data that the rules interpret.

use std::hash::{Hash as _, Hasher};

use crate::types::{Color, Move, PieceType, Square};
use crate::word::Word;

/// A position of some variant. Only the [`crate::Rules`] it belongs to can read it.
#[derive(Clone, Copy, Debug)]
pub struct Position<W: Word = u64> {
    /// The bits of the piece types' numbers.
    codes: W::Codes,
    colors: [W; 2],
    /// Men that count as promoted: captured, they come to hand as what they were.
    pub(crate) promoted: W,
    /// Promoted men that were turned over, and the types they had before.
    pub(crate) turned: W,
    origins: W::Codes,
    /// Squares that nobody can enter.
    pub(crate) walls: W,
    /// Squares on which a man from the hand may follow a man's first move.
    pub(crate) gates: [W; 2],
    /// Squares on which men that just passed over them can be captured, as a FEN names them: whether it is legal is not asked.
    pub(crate) en_passant: W,
    /// What the key tells of them: those on which a legal move captures. Empty where `en_passant` is.
    pub(crate) capturable: W,
    /// Men in hand, by type.
    pub(crate) hands: [W::Hand; 2],
    pub(crate) key: u64,
    /// Bit 0: White king side, 1: White queen side, 2 and 3: Black.
    pub(crate) castling: u8,
    /// Squares of men that may castle, or once might have.
    pub(crate) castling_men: W,
    /// Where the castling men stand; only meaningful for those who have the right.
    pub(crate) castling_king: [u8; 2],
    pub(crate) castling_rook: [u8; 4],
    /// Checks that each side still has to give; 0 where checks are not counted or the last one was given.
    pub(crate) checks_left: [u8; 2],
    /// Plies after which a count to a draw ends, and plies counted.
    pub(crate) counting: (u16, u16),
    pub(crate) halfmove_clock: u16,
    pub(crate) fullmove: u16,
    pub(crate) turn: Color,
    pub(crate) past: Past,
}

/// What the last moves leave behind beyond the men: some rules ask for it, no FEN tells it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Past {
    /// The last move, if it is known.
    pub(crate) last: Option<Move>,
    pub(crate) captured: bool,
    /// The last move changed what men there are, without capturing.
    pub(crate) material: bool,
    pub(crate) passed: bool,
    pub(crate) passed_before: bool,
    pub(crate) facing_before: bool,
    /// Per side: whether the checks it has been in without a break were, at least once, by a knight, rook or dragon.
    pub(crate) shak: [bool; 2],
}

impl<W: Word> PartialEq for Position<W> {
    /// Equal positions go on equally; how they came about does not count.
    fn eq(&self, other: &Position<W>) -> bool {
        let men = |p: &Position<W>| (p.codes, p.colors, p.promoted, p.turned, p.origins);
        let board = |p: &Position<W>| (p.walls, p.gates, p.en_passant, p.hands, p.turn, p.key);
        let counts = |p: &Position<W>| (p.castling, p.checks_left, p.counting, p.halfmove_clock, p.fullmove);
        men(self) == men(other) && board(self) == board(other) && counts(self) == counts(other)
    }
}

impl<W: Word> Eq for Position<W> {}

impl<W: Word> Position<W> {
    pub(crate) fn empty() -> Position<W> {
        Position {
            codes: W::Codes::default(),
            colors: [W::EMPTY; 2],
            promoted: W::EMPTY,
            turned: W::EMPTY,
            origins: W::Codes::default(),
            walls: W::EMPTY,
            gates: [W::EMPTY; 2],
            en_passant: W::EMPTY,
            capturable: W::EMPTY,
            hands: [W::Hand::default(); 2],
            key: 0,
            castling: 0,
            castling_men: W::EMPTY,
            castling_king: [0; 2],
            castling_rook: [0; 4],
            checks_left: [0; 2],
            counting: (0, 0),
            halfmove_clock: 0,
            fullmove: 1,
            turn: Color::White,
            past: Past::default(),
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
    pub fn color(&self, color: Color) -> W {
        self.colors[color.index()]
    }

    /// All men.
    #[must_use]
    #[inline]
    pub fn men(&self) -> W {
        self.colors[0] | self.colors[1]
    }

    /// All squares that are taken, by men or walls.
    #[must_use]
    #[inline]
    pub fn occupied(&self) -> W {
        self.colors[0] | self.colors[1] | self.walls
    }

    /// Squares that are walls.
    #[must_use]
    pub fn walls(&self) -> W {
        self.walls
    }

    /// All men of a type, of both colours.
    #[must_use]
    #[inline]
    pub fn of_type(&self, piece: PieceType) -> W {
        W::with_code(&self.codes, piece.0) & self.men()
    }

    /// All men of the types in a bit set.
    #[inline]
    pub(crate) fn of_types(&self, mut types: u32) -> W {
        let mut bits = W::EMPTY;
        while types != 0 {
            bits |= W::with_code(&self.codes, types.trailing_zeros() as u8);
            types &= types - 1;
        }
        bits & self.men()
    }

    /// The men of a colour and type.
    #[must_use]
    #[inline]
    pub fn pieces(&self, color: Color, piece: PieceType) -> W {
        self.color(color) & W::with_code(&self.codes, piece.0)
    }

    /// The men by type, for those who ask for many types.
    #[inline]
    pub(crate) fn planes(&self) -> Planes<W> {
        let codes = self.codes.as_ref();
        let split = |men: W, code: W| [men & !code, men & code];
        let [a, b] = split(self.men(), codes[0]);
        let ([a, c], [b, d]) = (split(a, codes[1]), split(b, codes[1]));
        let [e, g] = split(!codes[3], codes[2]);
        let [f, h] = split(codes[3], codes[2]);
        let mut high = [e, g, f, h, W::EMPTY, W::EMPTY, W::EMPTY, W::EMPTY];
        if let Some(code) = codes.get(4) {
            for i in 0..4 {
                [high[i], high[i + 4]] = split(high[i], *code);
            }
        }
        Planes { low: [a, b, c, d], high }
    }

    /// Number of men of a colour and type on the board.
    #[inline]
    pub(crate) fn count(&self, color: Color, piece: PieceType) -> u32 {
        self.pieces(color, piece).count()
    }

    /// Men of a type that a side has in hand.
    #[must_use]
    #[inline]
    pub fn in_hand(&self, color: Color, piece: PieceType) -> u32 {
        self.hands[color.index()].as_ref()[piece.index() & (W::TYPES - 1)].into()
    }

    /// Number of men that a side has in hand.
    #[must_use]
    pub fn hand_size(&self, color: Color) -> u32 {
        self.hands[color.index()].as_ref().iter().map(|n| u32::from(*n)).sum()
    }

    /// The type of the man on a square that is known to be taken by one.
    #[inline]
    pub(crate) fn type_at(&self, square: Square) -> PieceType {
        PieceType(W::code_at(&self.codes, square))
    }

    /// The man on a square.
    #[must_use]
    #[inline]
    pub fn piece_on(&self, square: Square) -> Option<(Color, PieceType)> {
        let color = if self.colors[0].has(square) {
            Color::White
        } else if self.colors[1].has(square) {
            Color::Black
        } else {
            return None;
        };
        Some((color, self.type_at(square)))
    }

    /// What the man on a square was before it was turned over.
    #[inline]
    pub(crate) fn origin(&self, square: Square) -> Option<PieceType> {
        self.turned.has(square).then(|| PieceType(W::code_at(&self.origins, square)))
    }

    /// Zobrist key of what a repetition must have in common: men, hands, walls, castling rights, squares on which a legal move captures
    /// in passing, checks, the side to move. As in the format's own programs, gates and what promoted men were do not count.
    #[must_use]
    #[inline]
    pub fn key(&self) -> u64 {
        self.key
    }

    /// Number of everything that what comes next depends on, but for earlier positions: [`Position::key`], and the counts, gates,
    /// promoted men and traces of the last moves that repetition does not ask for.
    #[must_use]
    #[inline]
    pub fn full_key(&self) -> u64 {
        let past = &self.past;
        let castled = past.last.filter(|mv| mv.is_castling());
        let mut hasher = MixHasher(self.key);
        (self.promoted, self.turned, self.origins.as_ref(), self.gates, self.counting, self.halfmove_clock)
            .hash(&mut hasher);
        (past.passed, past.passed_before, past.facing_before, past.material, past.shak, castled).hash(&mut hasher);
        hasher.finish()
    }

    /// Plies since the start of the game by the number of the move that a FEN tells: 0 where White is to make move 1.
    #[must_use]
    #[inline]
    pub fn ply(&self) -> u32 {
        2 * u32::from(self.fullmove.max(1) - 1) + u32::from(self.turn == Color::Black)
    }

    /// Plies since the last move that cannot be taken back.
    #[must_use]
    #[inline]
    pub fn halfmove_clock(&self) -> u32 {
        self.halfmove_clock.into()
    }

    /// Puts a man on an empty square, or takes it away.
    #[inline]
    pub(crate) fn toggle(&mut self, zobrist: &Zobrist, color: Color, piece: PieceType, square: Square) {
        let bit = W::bit(square);
        for (i, word) in self.codes.as_mut().iter_mut().enumerate() {
            *word ^= if piece.0 >> i & 1 == 1 { bit } else { W::EMPTY };
        }
        self.colors[color.index()] ^= bit;
        self.key ^= zobrist.man(color, piece, square);
    }

    /// Moves a man, or leaves it where it is, and makes it `into`, in place of whatever man stood on the target. That man's part of the
    /// key is left alone.
    #[inline(always)]
    pub(crate) fn shift(
        &mut self,
        zobrist: &Zobrist,
        color: Color,
        (piece, into): (PieceType, PieceType),
        from: Square,
        to: Square,
    ) {
        let (left, reached) = (W::bit(from), W::bit(to));
        for (i, word) in self.codes.as_mut().iter_mut().enumerate() {
            *word = *word & !(left | reached) | if into.0 >> i & 1 == 1 { reached } else { W::EMPTY };
        }
        let own = &mut self.colors[color.index()];
        *own = *own & !left | reached;
        self.colors[(!color).index()] &= !reached;
        self.key ^= zobrist.man(color, piece, from) ^ zobrist.man(color, into, to);
    }

    /// Becomes `other`, from which it differs by one move of [`crate::Rules::plain_play`] at most.
    #[inline(always)]
    pub(crate) fn return_to(&mut self, other: &Position<W>) {
        self.codes = other.codes;
        self.colors = other.colors;
        self.en_passant = other.en_passant;
        self.capturable = other.capturable;
        self.key = other.key;
        self.castling = other.castling;
        self.halfmove_clock = other.halfmove_clock;
        self.fullmove = other.fullmove;
        self.turn = other.turn;
    }

    /// Takes the man on `square` away with all that is known of it.
    pub(crate) fn remove(&mut self, zobrist: &Zobrist, color: Color, piece: PieceType, square: Square) {
        self.unmark(square);
        self.toggle(zobrist, color, piece, square);
    }

    /// Marks a man as promoted, `from` another type if it was turned over.
    pub(crate) fn mark(&mut self, square: Square, from: Option<PieceType>) {
        let bit = W::bit(square);
        self.promoted |= bit;
        if let Some(from) = from {
            self.turned |= bit;
            for (i, word) in self.origins.as_mut().iter_mut().enumerate() {
                if from.0 >> i & 1 == 1 {
                    *word |= bit;
                }
            }
        }
    }

    /// Forgets that a man was promoted.
    pub(crate) fn unmark(&mut self, square: Square) {
        let bit = W::bit(square);
        if (self.promoted & bit).is_empty() {
            return;
        }
        if self.turned.has(square) {
            self.turned ^= bit;
            for word in self.origins.as_mut() {
                *word &= !bit;
            }
        }
        self.promoted ^= bit;
    }

    /// Changes the number of men in hand. Counts stop at 0 and 255.
    pub(crate) fn change_hand(&mut self, zobrist: &Zobrist, color: Color, piece: PieceType, more: bool) {
        let count = &mut self.hands[color.index()].as_mut()[piece.index() & (W::TYPES - 1)];
        self.key ^= zobrist.hand(color, piece, *count);
        *count = if more { count.saturating_add(1) } else { count.saturating_sub(1) };
        self.key ^= zobrist.hand(color, piece, *count);
    }

    /// Builds a wall, or takes it down.
    pub(crate) fn toggle_wall(&mut self, zobrist: &Zobrist, square: Square) {
        self.walls ^= W::bit(square);
        self.key ^= zobrist.walls[square.index() & 127];
    }
}

/// Men by piece type: each type's are the common squares of one of four sets and one of eight.
pub(crate) struct Planes<W> {
    low: [W; 4],
    high: [W; 8],
}

impl<W: Word> Planes<W> {
    /// The men of a type, of both colours.
    #[inline(always)]
    pub(crate) fn of(&self, piece: PieceType) -> W {
        self.low[usize::from(piece.0 & 3)] & self.high[usize::from(piece.0 >> 2 & 7)]
    }

    /// The men of the types in a bit set.
    #[inline(always)]
    pub(crate) fn of_types(&self, mut types: u32) -> W {
        let mut men = W::EMPTY;
        while types != 0 {
            men |= self.of(PieceType(types.trailing_zeros() as u8));
            types &= types - 1;
        }
        men
    }
}

/// Random numbers that make up [`Position::key`], the same in every build.
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
    pub(crate) fn new() -> Zobrist {
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

    #[inline(always)]
    pub(crate) fn man(&self, color: Color, piece: PieceType, square: Square) -> u64 {
        self.men[usize::from(piece.0 & 31) * 2 + color.index()][square.index() & 127]
    }

    fn hand(&self, color: Color, piece: PieceType, count: u8) -> u64 {
        if count == 0 {
            return 0;
        }
        mix(self.hand ^ u64::from(count) << 16 ^ u64::from(piece.0) << 1 ^ color.index() as u64)
    }

    #[inline]
    pub(crate) fn turn(&self) -> u64 {
        self.turn
    }

    #[inline]
    pub(crate) fn castling(&self, rights: u8) -> u64 {
        self.castling[usize::from(rights & 15)]
    }

    #[inline]
    pub(crate) fn en_passant<W: Word>(&self, squares: W) -> u64 {
        crate::types::squares(squares).fold(0, |key, square| key ^ self.en_passant[square.index() & 127])
    }

    /// The part of the key that is neither men, walls nor hands.
    #[inline]
    pub(crate) fn state<W: Word>(&self, position: &Position<W>) -> u64 {
        self.castling(position.castling)
            ^ self.en_passant(position.capturable)
            ^ self.checks_left[0][usize::from(position.checks_left[0] & 15)]
            ^ self.checks_left[1][usize::from(position.checks_left[1] & 15)]
            ^ if position.turn == Color::Black { self.turn } else { 0 }
    }
}

/// Mixes whatever is hashed into one number, quickly.
struct MixHasher(u64);

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
