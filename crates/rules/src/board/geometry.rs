//! The size of a board, and where its squares lie.

use crate::board::types::Square;
use crate::board::word::Word;

/// The size of a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Board {
    pub(crate) files: u8,
    pub(crate) ranks: u8,
}

impl Board {
    /// Number of squares.
    pub(crate) fn squares(self) -> u8 {
        self.files * self.ranks
    }

    /// All squares, a1 first.
    #[inline]
    pub(crate) fn each(self) -> impl Iterator<Item = Square> {
        (0..self.squares()).map(Square)
    }

    /// The rank of a square, from 0.
    pub(crate) fn rank(self, square: Square) -> u8 {
        square.0 / self.files
    }

    /// The file of a square, from 0.
    pub(crate) fn file(self, square: Square) -> u8 {
        square.0 % self.files
    }

    /// The square `ranks` up and `files` right of `square`, if it is on the board.
    #[inline]
    pub(crate) fn step(self, square: Square, ranks: i8, files: i8) -> Option<Square> {
        let rank = self.rank(square).checked_add_signed(ranks).filter(|r| *r < self.ranks)?;
        let file = self.file(square).checked_add_signed(files).filter(|f| *f < self.files)?;
        Some(Square(rank * self.files + file))
    }

    /// The squares for which `inside` holds of (file, rank).
    pub(crate) fn region<W: Word>(self, inside: impl Fn(u8, u8) -> bool) -> W {
        self.each().filter(|s| inside(self.file(*s), self.rank(*s))).fold(W::EMPTY, |set, s| set | W::bit(s))
    }

    /// The squares of a file, counted from 0.
    pub(crate) fn file_squares<W: Word>(self, file: u8) -> W {
        let mut bits = W::EMPTY;
        for rank in 0..self.ranks {
            bits |= W::bit(Square(rank * self.files + file));
        }
        bits
    }

    /// The name of a square, such as `a1`.
    pub(crate) fn square_name(self, square: Square) -> String {
        format!("{}{}", (b'a' + self.file(square)) as char, self.rank(square) + 1)
    }

    /// The square of a name; `None` if the text is no name or the square lies beyond the board.
    pub(crate) fn parse_square(self, text: &str) -> Option<Square> {
        let file = (*text.as_bytes().first()?).checked_sub(b'a').filter(|f| *f < self.files)?;
        let rank = text.get(1..)?.parse::<u8>().ok()?.checked_sub(1).filter(|r| *r < self.ranks)?;
        Some(Square(rank * self.files + file))
    }
}

/// Sets of squares of a board that are asked for in every position.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Squares<W> {
    /// The whole board.
    pub(crate) all: W,
    pub(crate) first_file: W,
    pub(crate) last_file: W,
}

impl<W: Word> Squares<W> {
    pub(crate) fn of(board: Board) -> Squares<W> {
        Squares {
            all: board.region(|_, _| true),
            first_file: board.region(|f, _| f == 0),
            last_file: board.region(|f, _| f + 1 == board.files),
        }
    }
}
