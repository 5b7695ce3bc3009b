//! What a network looks at and what it can address.

use rules::{ATTRIBUTES, Color, MAX_PIECE_TYPES, Move, PieceType, Position, Rules, squares};
use serde::{Deserialize, Serialize};

use crate::frame::Frame;
use crate::{Relabel, WeightsError};

/// The widest hidden layer.
pub(crate) const MAX_HIDDEN: usize = 1024;
/// The most moves that can be judged at once; with 16 piece types in hand a board of 64 squares may have nearly as many.
pub const MAX_MOVES: usize = 1024;
/// Squares of the largest board, rounded up to a power of two.
pub(crate) const MAX_SQUARES: usize = 128;

/// Size of a network, all of it given by the board, the piece letters and the width.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// Width of the board.
    pub files: usize,
    /// Height of the board.
    pub ranks: usize,
    /// Letters of the pieces that the network tells apart, in the order of its features.
    pub letters: String,
    /// Units of the hidden layer.
    pub hidden: usize,
    /// Features that describe the rules: 0 for a network that sees the board alone, or [`rules::ATTRIBUTES`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attributes: usize,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl Shape {
    /// A shape within the limits.
    ///
    /// # Errors
    /// If the board is not 3x3 to 12x10, a letter is not `a` to `z` or stands twice, or the width is not a multiple of 32 in
    /// 32 to 1024.
    pub fn new(files: usize, ranks: usize, letters: &str, hidden: usize) -> Result<Shape, WeightsError> {
        let shape = Shape { files, ranks, letters: letters.to_owned(), hidden, attributes: 0 };
        shape.check().map(|()| shape)
    }

    /// The shape of a network that sees the rules ([`rules::Rules::attributes`]) besides the board.
    ///
    /// # Errors
    /// If the board has more than 36 squares: a hidden sum could then leave 16 bits.
    pub fn seeing_rules(mut self) -> Result<Shape, WeightsError> {
        self.attributes = ATTRIBUTES;
        self.check().map(|()| self)
    }

    pub(crate) fn check(&self) -> Result<(), WeightsError> {
        let error = |message: String| Err(WeightsError::Shape(message));
        if !(3..=12).contains(&self.files) || !(3..=10).contains(&self.ranks) {
            return error(format!(
                "a board of {} files and {} ranks; 3x3 to 12x10 was expected",
                self.files, self.ranks
            ));
        }
        let distinct = self.letters.chars().enumerate().all(|(i, c)| !self.letters[..i].contains(c));
        if self.letters.is_empty() || !distinct || !self.letters.chars().all(|c| c.is_ascii_lowercase()) {
            return error(format!("piece letters `{}`; distinct letters a to z were expected", self.letters));
        }
        if !self.hidden.is_multiple_of(32) || !(32..=MAX_HIDDEN).contains(&self.hidden) {
            return error(format!("{} hidden units; a multiple of 32 from 32 to 1024 was expected", self.hidden));
        }
        if self.attributes != 0 && self.attributes != ATTRIBUTES {
            return error(format!("{} attributes of the rules; 0 or {ATTRIBUTES} was expected", self.attributes));
        }
        // An active feature of the rules may add as much to a hidden sum as a man on a square.
        if self.attributes != 0 && self.squares() + self.attributes > 64 {
            return error(format!("a network that sees the rules plays on at most {} squares", 64 - ATTRIBUTES));
        }
        Ok(())
    }

    /// Squares of the board.
    #[must_use]
    pub fn squares(&self) -> usize {
        self.files * self.ranks
    }

    /// Number of input features: one for each side, letter and square, with sides and squares as the mover sees them, then one for
    /// each attribute of the rules.
    #[must_use]
    pub fn features(&self) -> usize {
        self.men() + self.attributes
    }

    /// Number of input features that stand for men on squares.
    pub(crate) fn men(&self) -> usize {
        2 * self.letters.len() * self.squares()
    }

    /// Number of policy addresses: pairs of origin and target as the mover sees them.
    #[must_use]
    pub fn addresses(&self) -> usize {
        self.squares() * self.squares()
    }

    /// Number of further policy addresses for promotions: pairs of letter and target.
    #[must_use]
    pub fn promotions(&self) -> usize {
        self.letters.len() * self.squares()
    }
}

/// Where a move's logit comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// Address of origin and target, below [`Shape::addresses`].
    pub from_to: usize,
    /// Address of the promotion, below [`Shape::promotions`]; `None` without a promotion, or if the network has no letter for the
    /// piece.
    pub promotion: Option<usize>,
}

/// A shape tied to a variant: which of its pieces and squares are which features.
#[derive(Clone, Debug)]
pub struct Binding {
    frame: Frame,
    squares: usize,
    /// By side (the mover's, the other's) and piece type: the feature of a man on the first square.
    first_feature: [[u16; MAX_PIECE_TYPES]; 2],
    /// By piece type: the promotion address of the first square, for pieces that the network sees.
    first_promotion: [Option<u16>; MAX_PIECE_TYPES],
    /// Piece types that the network does not see.
    unseen: Vec<PieceType>,
    /// Features of the rules, the same in every position.
    attributes: Vec<u16>,
}

impl Binding {
    /// Ties a shape to a variant. Pieces correspond by letter; one whose letter the network does not have is not seen.
    ///
    /// # Errors
    /// If the boards differ in size.
    pub fn new(shape: &Shape, rules: &Rules, relabel: Option<Relabel>) -> Result<Binding, WeightsError> {
        if (shape.files, shape.ranks) != (rules.files(), rules.ranks()) {
            return Err(WeightsError::Shape(format!(
                "a network for a board of {} files and {} ranks cannot play {}, which has {} and {}",
                shape.files,
                shape.ranks,
                rules.name(),
                rules.files(),
                rules.ranks()
            )));
        }
        let (squares, letters) = (shape.squares(), shape.letters.len());
        let mut binding = Binding {
            frame: Frame::new(rules, relabel),
            squares,
            first_feature: [[0; MAX_PIECE_TYPES]; 2],
            first_promotion: [None; MAX_PIECE_TYPES],
            unseen: Vec::new(),
            attributes: Vec::new(),
        };
        if shape.attributes > 0 {
            let first = shape.men();
            let holding = rules.attributes().into_iter().enumerate().filter(|(_, holds)| *holds);
            binding.attributes = holding.map(|(i, _)| (first + i) as u16).collect();
        }
        for (i, piece) in rules.pieces().iter().enumerate() {
            match shape.letters.find(piece.letter) {
                Some(slot) => {
                    binding.first_feature[0][i] = (slot * squares) as u16;
                    binding.first_feature[1][i] = ((letters + slot) * squares) as u16;
                    binding.first_promotion[i] = Some((slot * squares) as u16);
                }
                None => binding.unseen.push(PieceType(i as u8)),
            }
        }
        Ok(binding)
    }

    /// Calls `active` once with each feature of the position: those of men by rising square of the board, then those of the rules.
    #[inline(always)]
    pub fn active_features(&self, position: &Position, mut active: impl FnMut(usize)) {
        // One bitboard per bit of the piece type's number: a man's type is then read off without a branch, and one loop over all
        // men costs one misprediction where loops over the men of each type cost many.
        let mut type_bits = [0; MAX_PIECE_TYPES.ilog2() as usize];
        for (bit, men) in type_bits.iter_mut().enumerate() {
            for t in 0..MAX_PIECE_TYPES {
                if t >> bit & 1 == 1 {
                    *men |= position.of_type(PieceType(t as u8));
                }
            }
        }
        let others = position.color(!position.turn());
        let seen = self.frame.squares(position.turn());
        let unseen = self.unseen.iter().fold(0, |men, t| men | position.of_type(*t));
        for square in squares(position.occupied() & !unseen) {
            let on = |men: u64| (men >> square.index() & 1) as usize;
            let t: usize = type_bits.iter().enumerate().map(|(bit, men)| on(*men) << bit).sum();
            active(usize::from(self.first_feature[on(others)][t]) + usize::from(seen[square.index() & 63]));
        }
        for attribute in &self.attributes {
            active(usize::from(*attribute));
        }
    }

    /// The address of a move of `turn`.
    #[inline(always)]
    #[must_use]
    pub fn address(&self, mv: Move, turn: Color) -> Address {
        let seen = self.frame.squares(turn);
        let (from, to) = (usize::from(seen[mv.from().index() & 63]), usize::from(seen[mv.to().index() & 63]));
        let first = mv.promotion().and_then(|p| self.first_promotion[p.index() & (MAX_PIECE_TYPES - 1)]);
        Address { from_to: from * self.squares + to, promotion: first.map(|first| usize::from(first) + to) }
    }

    #[inline]
    pub(crate) fn order(&self, mv: Move, turn: Color) -> u32 {
        self.frame.order(mv, turn)
    }
}
