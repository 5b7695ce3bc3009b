//! A position: plain data, which rules read and change.

use std::hash::{Hash as _, Hasher};

use crate::board::moves::Move;
use crate::board::types::{Color, PieceType, Square, TypeSet};
use crate::board::word::Word;
use crate::board::zobrist::{MixHasher, Zobrist};

/// A position of some variant. What it means depends on the [`crate::Rules`] that it belongs to: numbers of piece types, regions and
/// rights are theirs.
#[derive(Clone, Copy, Debug)]
pub struct Position<W: Word = u64> {
    /// The types of the men: word n holds bit n of the number of each man's type.
    codes: W::Codes,
    /// The men of either side.
    colors: [W; 2],
    /// Men that count as promoted: captured, they come to hand as what they were.
    pub(crate) promoted: W,
    /// Promoted men that were turned over.
    pub(crate) turned: W,
    /// The types that men had before they were turned over, written as in `codes`.
    origins: W::Codes,
    /// Squares that nobody can enter.
    pub(crate) walls: W,
    /// Squares on which a man from the hand may follow a man's first move.
    pub(crate) gates: [W; 2],
    /// Squares on which men that just passed over them can be captured, as a FEN names them, whether or not a legal move does so.
    pub(crate) en_passant: W,
    /// Those squares of `en_passant` on which a legal move captures: only they are a part of the key.
    pub(crate) capturable: W,
    /// Men in hand, by side and type.
    pub(crate) hands: [W::Hand; 2],
    /// See [`Position::key`].
    pub(crate) key: u64,
    /// Castling rights. Bit 0: White king side, 1: White queen side, 2 and 3: Black.
    pub(crate) castling: u8,
    /// Squares of men that may castle, or once might have.
    pub(crate) castling_men: W,
    /// By side: the square of the king that castles; without meaning where the side has no right.
    pub(crate) castling_king: [u8; 2],
    /// By the bits of `castling`: the square of the rook that castles; without meaning where the right is lost.
    pub(crate) castling_rook: [u8; 4],
    /// Checks that each side still has to give; 0 where checks are not counted or the last one was given.
    pub(crate) checks_left: [u8; 2],
    /// Plies after which a count to a draw ends (0 while nobody counts), and plies counted.
    pub(crate) counting: (u16, u16),
    /// See [`Position::halfmove_clock`].
    pub(crate) halfmove_clock: u16,
    /// The number of the move, from 1, as a FEN tells it.
    pub(crate) fullmove: u16,
    /// The side to move.
    pub(crate) turn: Color,
    pub(crate) past: Past,
}

/// What some rules must know of the moves before a position, and no FEN tells.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Past {
    /// The last move, if it is known.
    pub(crate) last: Option<Move>,
    /// Whether the last move captured.
    pub(crate) captured: bool,
    /// Whether the last move changed what men there are on the board without capturing: a drop or a promotion.
    pub(crate) material: bool,
    /// Whether the last move was a pass.
    pub(crate) passed: bool,
    /// Whether the move before the last one was a pass.
    pub(crate) passed_before: bool,
    /// Whether the kings faced each other before the last move.
    pub(crate) facing_before: bool,
    /// By side: whether at least one check of the unbroken series that the side is in was by a knight, rook or dragon.
    pub(crate) shak: [bool; 2],
}

impl<W: Word> PartialEq for Position<W> {
    /// Whether two positions have the same men, rights and counts. The moves before them are not compared.
    fn eq(&self, other: &Position<W>) -> bool {
        let men = |p: &Position<W>| (p.codes, p.colors, p.promoted, p.turned, p.origins);
        let board = |p: &Position<W>| (p.walls, p.gates, p.en_passant, p.hands, p.turn, p.key);
        let counts = |p: &Position<W>| (p.castling, p.checks_left, p.counting, p.halfmove_clock, p.fullmove);
        men(self) == men(other) && board(self) == board(other) && counts(self) == counts(other)
    }
}

impl<W: Word> Eq for Position<W> {}

impl<W: Word> Position<W> {
    /// No man on the board, White to make move 1. The key is not yet complete: see [`Position::state_key`].
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

    /// Men that count as promoted: where captured men go to the hand, they go there as what they were.
    #[must_use]
    pub fn promoted(&self) -> W {
        self.promoted
    }

    /// Squares on which men that just passed over them can be captured, as a FEN names them, whether or not a legal move does so.
    #[must_use]
    pub fn en_passant(&self) -> W {
        self.en_passant
    }

    /// Squares of a side on which a man from the hand may follow a man's first move.
    #[must_use]
    pub fn gates(&self, color: Color) -> W {
        self.gates[color.index()]
    }

    /// Whether a side may still castle to the king's wing, and to the queen's.
    #[must_use]
    pub fn castling_rights(&self, color: Color) -> [bool; 2] {
        [0, 1].map(|wing| self.castling >> (2 * color.index() + wing) & 1 == 1)
    }

    /// Checks that a side still has to give; 0 where checks are not counted or the last one was given.
    #[must_use]
    pub fn checks_left(&self, color: Color) -> u8 {
        self.checks_left[color.index()]
    }

    /// All men of a type, of both colours.
    #[must_use]
    #[inline]
    pub fn of_type(&self, piece: PieceType) -> W {
        W::with_code(&self.codes, piece.0) & self.men()
    }

    /// All men of the types in a bit set.
    #[inline]
    pub(crate) fn of_types(&self, mut types: TypeSet) -> W {
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

    /// The men sorted by type: quicker than [`Position::of_type`] where many types are asked for.
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
    #[must_use]
    #[inline]
    pub fn type_at(&self, square: Square) -> PieceType {
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

    /// Zobrist key of what two positions must have in common to be a repetition: men, hands, walls, castling rights, squares on which a
    /// legal move captures in passing, checks to give, the side to move. As in the format's own programs, gates and what promoted men
    /// were do not count.
    #[must_use]
    #[inline]
    pub fn key(&self) -> u64 {
        self.key
    }

    /// Hash of everything that the rest of the game depends on except earlier positions: [`Position::key`] and, beyond it, the counts,
    /// gates, promoted men and the traces of the last moves.
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

    /// [`Position::full_key`] without the clock of the n-move rule.
    pub(crate) fn key_without_clock(&self) -> u64 {
        let past = &self.past;
        let castled = past.last.filter(|mv| mv.is_castling());
        let mut hasher = MixHasher(self.key);
        (self.promoted, self.turned, self.origins.as_ref(), self.gates, self.counting).hash(&mut hasher);
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

    /// Counts a move of `us`.
    #[inline]
    pub(crate) fn count_ply(&mut self, us: Color) {
        self.halfmove_clock = self.halfmove_clock.saturating_add(1);
        if us == Color::Black {
            self.fullmove = self.fullmove.saturating_add(1);
        }
    }

    /// Puts a man on an empty square, or takes away the man of that colour and type.
    #[inline]
    pub(crate) fn toggle(&mut self, zobrist: &Zobrist, color: Color, piece: PieceType, square: Square) {
        let bit = W::bit(square);
        for (i, word) in self.codes.as_mut().iter_mut().enumerate() {
            *word ^= if piece.0 >> i & 1 == 1 { bit } else { W::EMPTY };
        }
        self.colors[color.index()] ^= bit;
        self.key ^= zobrist.man(color, piece, square);
    }

    /// Moves a man of type `piece` and makes it one of type `into`. `from` may be `to`. A man of the other side on `to` is taken off the
    /// board, but not out of the key: that is left to the caller.
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

    /// Becomes `other`, from which it differs by at most one move of rules whose moves only move, capture and promote men: what such a
    /// move cannot change is not copied.
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

    /// Takes the man on `square` off the board and forgets that he was promoted.
    pub(crate) fn remove(&mut self, zobrist: &Zobrist, color: Color, piece: PieceType, square: Square) {
        self.unmark(square);
        self.toggle(zobrist, color, piece, square);
    }

    /// Marks a man as promoted; `from` is the type that he had, if he was turned over.
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
        self.key ^= zobrist.wall(square);
    }

    /// Gives a side the right to castle to a wing, 0 for the king's and 1 for the queen's. The key is left to the caller.
    pub(crate) fn grant_castling(&mut self, side: Color, wing: usize, king: Square, rook: Square) {
        let right = 2 * side.index() + wing;
        self.castling |= 1 << right;
        self.castling_men |= W::bit(king) | W::bit(rook);
        self.castling_king[side.index()] = king.0;
        self.castling_rook[right] = rook.0;
    }

    /// The part of the key that is neither men, walls nor hands.
    #[inline]
    pub(crate) fn state_key(&self, zobrist: &Zobrist) -> u64 {
        zobrist.castling(self.castling)
            ^ zobrist.en_passant(self.capturable)
            ^ zobrist.checks_left(Color::White, self.checks_left[0])
            ^ zobrist.checks_left(Color::Black, self.checks_left[1])
            ^ if self.turn == Color::Black { zobrist.turn() } else { 0 }
    }
}

/// The men by piece type. The men of a type are those squares that are both in the set of the lower two bits of its number and in the
/// set of its higher bits.
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
    pub(crate) fn of_types(&self, mut types: TypeSet) -> W {
        let mut men = W::EMPTY;
        while types != 0 {
            men |= self.of(PieceType(types.trailing_zeros() as u8));
            types &= types - 1;
        }
        men
    }
}
