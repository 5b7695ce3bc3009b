//! Left and right exchanged, in the numbers that the network knows positions and moves by.

use evaluator::Shape;

/// Features and addresses of mirrored positions.
pub(crate) struct Mirror {
    squares: u32,
    /// Features of men and walls on squares; those behind them are the same in the mirror.
    on_squares: u32,
    square: Vec<u32>,
}

impl Mirror {
    pub(crate) fn new(shape: &Shape) -> Mirror {
        let (files, squares) = (shape.files as u32, shape.squares() as u32);
        Mirror {
            squares,
            on_squares: (shape.features() - shape.attributes) as u32,
            square: (0..squares).map(|s| s / files * files + files - 1 - s % files).collect(),
        }
    }

    /// The mirror image of a feature, or of the address of a promotion or a wall: what stands there, and the image of its square.
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
