//! Mirror images, left and right exchanged, of the network's features of positions and addresses of moves.

use evaluator::Shape;

/// Maps features and addresses to those of the mirror image, for networks of one shape.
pub(crate) struct Mirror {
    squares: u32,
    /// Number of features that stand for a man or a wall on a square. They come first; all others are the same in the mirror image.
    on_squares: u32,
    /// For each square, the square that it changes places with.
    square: Vec<u32>,
}

impl Mirror {
    pub(crate) fn new(shape: &Shape) -> Mirror {
        let (files, squares) = (shape.files as u32, shape.squares() as u32);
        Mirror {
            squares,
            on_squares: shape.on_squares() as u32,
            square: (0..squares).map(|s| s / files * files + files - 1 - s % files).collect(),
        }
    }

    /// The mirror image of a feature, or of the address of a promotion or a wall: all number what stands there and a square, and only the square changes.
    pub(crate) fn feature(&self, feature: u32) -> u32 {
        if feature >= self.on_squares {
            return feature;
        }
        let square = feature % self.squares;
        feature - square + self.square[square as usize]
    }

    /// The mirror image of a from-to address.
    pub(crate) fn address(&self, address: u32) -> u32 {
        let (from, to) = (address / self.squares, address % self.squares);
        self.square[from as usize] * self.squares + self.square[to as usize]
    }
}
