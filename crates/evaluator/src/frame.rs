//! The board as an evaluator sees it: from the mover's side, and with its squares relabelled if asked for.

use rules::{Color, Move, Rules, Square, Word};

/// A permutation of the squares of the board. An evaluator with relabelled squares plays the same game on a relabelled board as one
/// without does on the unchanged board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relabel([u8; MAX_SQUARES]);

/// Squares of the largest board, rounded up to a power of two.
pub(crate) const MAX_SQUARES: usize = 128;

impl Relabel {
    /// Left and right exchanged, on a board of at most 12x10 squares.
    #[must_use]
    pub fn mirror_files(files: usize, ranks: usize) -> Relabel {
        let mut map = [0; MAX_SQUARES];
        for (square, image) in map.iter_mut().enumerate().take(files * ranks) {
            *image = (square / files * files + files - 1 - square % files) as u8;
        }
        Relabel(map)
    }

    /// The square that `square` stands for.
    #[must_use]
    pub fn square(&self, square: Square) -> Square {
        Square(self.0[square.index() & (MAX_SQUARES - 1)])
    }
}

/// Maps squares of the board to those of the evaluator's own view.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    squares: [[u8; MAX_SQUARES]; 2],
    /// Letter of each piece type, as a number from 1.
    letters: Vec<u32>,
}

impl Frame {
    pub(crate) fn new<W: Word>(rules: &Rules<W>, relabel: Option<Relabel>) -> Frame {
        let (files, ranks) = (rules.files(), rules.ranks());
        let mut squares = [[0; MAX_SQUARES]; 2];
        for square in 0..rules.squares() {
            let flipped = (ranks - 1 - square / files) * files + square % files;
            for (view, seen) in squares.iter_mut().zip([square, flipped]) {
                let seen = Square(seen as u8);
                view[square] = relabel.as_ref().map_or(seen, |r| r.square(seen)).0;
            }
        }
        let letters = rules.pieces().iter().map(|p| u32::from(p.letter as u8 - b'a') + 1).collect();
        Frame { squares, letters }
    }

    /// For each square of the board, the square that `mover` sees it as.
    #[inline]
    pub(crate) fn squares(&self, mover: Color) -> &[u8; MAX_SQUARES] {
        &self.squares[mover.index()]
    }

    /// A number that tells the moves of a position apart and does not depend on how the board is labelled: below 2^19 for a move that
    /// builds no wall, below 2^26 for one that does.
    #[inline]
    pub(crate) fn order(&self, mv: Move, mover: Color) -> u32 {
        let seen = self.squares(mover);
        let seen = |square: Square| u32::from(seen[square.index() & (MAX_SQUARES - 1)]);
        let man = seen(mv.from()) << 12 | seen(mv.to()) << 5 | mv.promotion().map_or(0, |p| self.letters[p.index()]);
        mv.wall().map_or(man, |wall| (seen(wall) + 1) << 19 | man)
    }
}
