//! Mirror images, left and right exchanged, of the network's features of positions and addresses of moves.

use evaluator::Shape;

/// Maps features and addresses to those of the mirror image, for networks of one shape.
pub(crate) struct Mirror {
    squares: u32,
    /// Number of features that stand for a piece on a square. They come first; all others are the same in the mirror image.
    piece_features: u32,
    /// For each square, the square that it changes places with.
    image: Vec<u32>,
}

impl Mirror {
    pub(crate) fn new(shape: &Shape) -> Mirror {
        let (files, squares) = (shape.files as u32, shape.squares() as u32);
        Mirror {
            squares,
            piece_features: 2 * shape.letters.len() as u32 * squares,
            image: (0..squares).map(|square| square / files * files + files - 1 - square % files).collect(),
        }
    }

    /// The mirror image of a feature, or of a promotion address: both number a piece type and a square, and only the square changes.
    pub(crate) fn feature(&self, feature: u32) -> u32 {
        if feature >= self.piece_features {
            return feature;
        }
        let square = feature % self.squares;
        feature - square + self.image[square as usize]
    }

    /// The mirror image of a from-to address.
    pub(crate) fn address(&self, address: u32) -> u32 {
        let (from, to) = (address / self.squares, address % self.squares);
        self.image[from as usize] * self.squares + self.image[to as usize]
    }
}
