//! Squares in one direction, and sliders that are looked up direction by direction.

use crate::board::geometry::Board;
use crate::board::types::Square;
use crate::board::word::{Sliders, Word};

/// The directions of a rook, as (ranks, files): up, right, down, left.
pub(crate) const STRAIGHT: [(i8, i8); 4] = [(1, 0), (0, 1), (-1, 0), (0, -1)];
/// The directions of a bishop, as (ranks, files).
pub(crate) const DIAGONAL: [(i8, i8); 4] = [(1, 1), (1, -1), (-1, 1), (-1, -1)];
/// The leaps of a knight, as (ranks, files).
pub(crate) const KNIGHT: [(i8, i8); 8] = [(2, 1), (2, -1), (1, 2), (1, -2), (-1, 2), (-1, -2), (-2, 1), (-2, -1)];

/// The squares that lie in one direction from each square.
#[derive(Clone, Debug)]
pub(crate) struct Rays<W: Word> {
    rays: Box<W::Table>,
    /// Whether squares further along a ray have higher numbers: then the nearest is the lowest bit.
    ascending: bool,
}

impl<W: Word> Rays<W> {
    /// The rays that go by so many ranks and files from square to square.
    pub(crate) fn new(board: Board, ranks: i8, files: i8) -> Rays<W> {
        let mut rays = W::table();
        for square in board.each() {
            let mut at = square;
            while let Some(next) = board.step(at, ranks, files) {
                W::add(&mut rays, square, W::bit(next));
                at = next;
            }
        }
        Rays { rays, ascending: (ranks, files) > (0, 0) }
    }

    /// The ray from a square, which is not on it.
    #[inline]
    pub(crate) fn from(&self, square: Square) -> W {
        W::at(&self.rays, square)
    }

    /// Squares reached from `from`, the first occupied one included.
    #[inline]
    pub(crate) fn slide(&self, from: Square, occupied: W) -> W {
        let ray = self.from(from);
        let blockers = ray & occupied;
        if blockers.is_empty() { ray } else { ray & !self.from(self.nearest(blockers)) }
    }

    /// The nearest of some squares on a ray. There must be one.
    #[inline]
    fn nearest(&self, blockers: W) -> Square {
        if self.ascending { blockers.lowest() } else { blockers.highest() }
    }

    /// The last square of the ray from a square; none if the ray is empty.
    pub(crate) fn last(&self, square: Square) -> W {
        let ray = self.from(square);
        if ray.is_empty() {
            return ray;
        }
        W::bit(if self.ascending { ray.highest() } else { ray.lowest() })
    }

    /// Squares that a cannon reaches: those behind the first occupied one, the second occupied one included.
    pub(crate) fn hop(&self, from: Square, occupied: W) -> W {
        let blockers = self.from(from) & occupied;
        if blockers.is_empty() { W::EMPTY } else { self.slide(self.nearest(blockers), occupied) }
    }

    /// The square that a grasshopper reaches: the one just behind the first occupied one.
    pub(crate) fn hop_behind(&self, from: Square, occupied: W) -> W {
        let blockers = self.from(from) & occupied;
        if blockers.is_empty() {
            return W::EMPTY;
        }
        let behind = self.from(self.nearest(blockers));
        if behind.is_empty() { behind } else { W::bit(self.nearest(behind)) }
    }
}

/// Sliders looked up ray by ray: for boards of more than 64 squares.
#[derive(Clone, Debug)]
pub struct RaySliders {
    straight: [Rays<u128>; 4],
    diagonal: [Rays<u128>; 4],
}

impl Sliders<u128> for RaySliders {
    fn new(files: u8, ranks: u8) -> RaySliders {
        let board = Board { files, ranks };
        RaySliders {
            straight: STRAIGHT.map(|(r, f)| Rays::new(board, r, f)),
            diagonal: DIAGONAL.map(|(r, f)| Rays::new(board, r, f)),
        }
    }

    #[inline]
    fn bishop(&self, from: Square, occupied: u128) -> u128 {
        self.diagonal.iter().fold(0, |set, rays| set | rays.slide(from, occupied))
    }

    #[inline]
    fn rook(&self, from: Square, occupied: u128) -> u128 {
        self.straight.iter().fold(0, |set, rays| set | rays.slide(from, occupied))
    }
}
