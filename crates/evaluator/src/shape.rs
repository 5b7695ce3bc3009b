//! What a network looks at and what it can address.

use rules::{ATTRIBUTES, Color, Move, PieceType, Position, Rules, Square, Word, squares};
use serde::{Deserialize, Serialize};

use crate::frame::{Frame, MAX_SQUARES};
use crate::{Relabel, WeightsError};

/// The widest hidden layer.
pub(crate) const MAX_HIDDEN: usize = 1024;
/// The most moves that are judged in buffers of fixed size. Only positions with very many men in hand have more of them, and positions
/// in which moves build walls.
pub(crate) const MAX_MOVES: usize = 1024;
/// Numbers of men of one kind in hand that a network tells apart; more of them count as this many.
pub const HAND_COUNTS: usize = 8;
/// The most features of a position: see [`Shape::most_active`].
pub(crate) const MAX_ACTIVE: usize = 256;
/// The most piece types of a variant.
const MAX_TYPES: usize = 32;

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
    /// Whether the network sees walls and tells moves apart by the walls that they build.
    #[serde(default, skip_serializing_if = "is_false")]
    pub walls: bool,
    /// Whether the network tells men apart by whether they are attacked and whether they are defended ([`rules::Rules::attacked_squares`]).
    #[serde(default, skip_serializing_if = "is_false")]
    pub attacks: bool,
    /// Whether the network sees men in hand.
    #[serde(default, skip_serializing_if = "is_false")]
    pub hands: bool,
}

fn is_false(flag: &bool) -> bool {
    !flag
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
        let letters = letters.to_owned();
        let shape = Shape { files, ranks, letters, hidden, attributes: 0, walls: false, attacks: false, hands: false };
        shape.check().map(|()| shape)
    }

    /// The shape of a network for some variants on one board: it tells the pieces of all of them apart, by letters in the order of the
    /// variants, and sees walls if moves of one of them build some.
    ///
    /// # Errors
    /// If there is no variant, or as [`Shape::new`].
    pub fn for_variants<'a, W: Word>(
        variants: impl IntoIterator<Item = &'a Rules<W>>,
        hidden: usize,
    ) -> Result<Shape, WeightsError> {
        let (mut letters, mut walls, mut board) = (String::new(), false, None);
        for rules in variants {
            board = board.or(Some((rules.files(), rules.ranks())));
            walls |= rules.builds_walls();
            for piece in rules.pieces() {
                if !letters.contains(piece.letter) {
                    letters.push(piece.letter);
                }
            }
        }
        let (files, ranks) = board.ok_or_else(|| WeightsError::Shape("a network for no variant".to_owned()))?;
        Ok(Shape { walls, ..Shape::new(files, ranks, &letters, hidden)? })
    }

    /// The shape of a network that sees the rules ([`rules::Rules::attributes`]) besides the board.
    ///
    /// # Errors
    /// If the board has more than 36 squares: a hidden sum could then leave 16 bits.
    pub fn seeing_rules(mut self) -> Result<Shape, WeightsError> {
        self.attributes = ATTRIBUTES;
        self.check().map(|()| self)
    }

    /// The shape of a network that sees walls, and tells moves apart by the walls that they build.
    #[must_use]
    pub fn seeing_walls(self) -> Shape {
        Shape { walls: true, ..self }
    }

    /// The shape of a network that tells men apart by whether they are attacked and defended. It has four features for each one that it had before, and
    /// sees how the men of the rules capture that it is asked under.
    #[must_use]
    pub fn seeing_attacks(self) -> Shape {
        Shape { attacks: true, ..self }
    }

    /// The shape of a network that sees men in hand.
    ///
    /// # Errors
    /// If the network sees the rules, too, and a hidden sum could then leave 16 bits.
    pub fn seeing_hands(mut self) -> Result<Shape, WeightsError> {
        self.hands = true;
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
        if self.attributes != 0 && self.most_active() > 64 {
            let most = 64 - (self.most_active() - self.squares());
            return error(format!("a network that sees the rules plays on at most {most} squares"));
        }
        Ok(())
    }

    /// Squares of the board.
    #[must_use]
    pub fn squares(&self) -> usize {
        self.files * self.ranks
    }

    /// Number of input features: one for each side, letter and square, with sides and squares as the mover sees them (four if the network sees attacks: for
    /// men that are neither attacked nor defended, attacked alone, defended alone, both), then one for each square that may be walled up if the
    /// network sees walls, then one for each side, letter and number from 1 to [`HAND_COUNTS`] if it sees men in hand, then one for each
    /// attribute of the rules.
    #[must_use]
    pub fn features(&self) -> usize {
        self.on_squares() + self.in_hand() + self.attributes
    }

    /// Number of input features that stand for men or walls on squares; they come first. Those of one square lie [`Shape::squares`] apart.
    #[must_use]
    pub fn on_squares(&self) -> usize {
        self.men() + self.wall_addresses()
    }

    /// Number of input features that stand for men on squares.
    pub(crate) fn men(&self) -> usize {
        self.states() * self.men_of_a_state()
    }

    /// How many features a man on a square may have.
    fn states(&self) -> usize {
        if self.attacks { 4 } else { 1 }
    }

    fn men_of_a_state(&self) -> usize {
        2 * self.letters.len() * self.squares()
    }

    /// Number of input features that stand for men in hand.
    pub(crate) fn in_hand(&self) -> usize {
        if self.hands { 2 * self.letters.len() * HAND_COUNTS } else { 0 }
    }

    /// The most features that are active in a position: a man or a wall on each square, a number for each kind of men in hand, and the attributes.
    pub(crate) fn most_active(&self) -> usize {
        self.squares() + self.in_hand() / HAND_COUNTS + self.attributes
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

    /// Number of further policy addresses for walls: the square of the wall, if the network sees walls.
    #[must_use]
    pub fn wall_addresses(&self) -> usize {
        if self.walls { self.squares() } else { 0 }
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
    /// Address of the wall, below [`Shape::wall_addresses`]; `None` without a wall, or if the network sees none.
    pub wall: Option<usize>,
}

/// A shape tied to a variant: which of its pieces and squares are which features.
#[derive(Clone, Debug)]
pub struct Binding {
    frame: Frame,
    squares: usize,
    /// By side (the mover's, the other's) and piece type: the feature of a man on the first square.
    first_feature: [[u16; MAX_TYPES]; 2],
    /// By piece type: the promotion address of the first square, for pieces that the network sees.
    first_promotion: [Option<u16>; MAX_TYPES],
    /// Piece types that the network does not see.
    unseen: Vec<PieceType>,
    /// Features of the rules, the same in every position.
    attributes: Vec<u16>,
    /// The feature of a wall on the first square, if the network sees walls.
    first_wall: Option<usize>,
    /// How far the features of the four states of a man lie apart, if the network sees attacks.
    states: Option<usize>,
    /// By side (the mover's, the other's) and piece type that the network sees: the feature of one man in hand, if the network sees hands.
    first_in_hand: [Vec<(PieceType, u16)>; 2],
    /// Whether there are features of walls, of men in hand or of the rules: most networks look for none, in one test.
    sees_more: bool,
    /// The most moves of a position that are judged one by one: none where moves build walls, since many of them then share an address.
    most_moves: usize,
}

impl Binding {
    /// Ties a shape to a variant. Pieces correspond by letter; one whose letter the network does not have is not seen.
    ///
    /// # Errors
    /// If the boards differ in size.
    pub fn new<W: Word>(shape: &Shape, rules: &Rules<W>, relabel: Option<Relabel>) -> Result<Binding, WeightsError> {
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
            first_feature: [[0; MAX_TYPES]; 2],
            first_promotion: [None; MAX_TYPES],
            unseen: Vec::new(),
            attributes: Vec::new(),
            first_wall: shape.walls.then(|| shape.men()),
            states: shape.attacks.then(|| shape.men_of_a_state()),
            first_in_hand: [Vec::new(), Vec::new()],
            sees_more: shape.walls || shape.hands || shape.attributes > 0,
            most_moves: if rules.builds_walls() { 0 } else { MAX_MOVES },
        };
        if shape.attributes > 0 {
            let first = shape.on_squares() + shape.in_hand();
            let holding = rules.attributes().into_iter().enumerate().filter(|(_, holds)| *holds);
            binding.attributes = holding.map(|(i, _)| (first + i) as u16).collect();
        }
        for (i, piece) in rules.pieces().iter().enumerate() {
            match shape.letters.find(piece.letter) {
                Some(slot) => {
                    binding.first_feature[0][i] = (slot * squares) as u16;
                    binding.first_feature[1][i] = ((letters + slot) * squares) as u16;
                    binding.first_promotion[i] = Some((slot * squares) as u16);
                    if shape.hands {
                        for (side, in_hand) in binding.first_in_hand.iter_mut().enumerate() {
                            let first = shape.on_squares() + (side * letters + slot) * HAND_COUNTS;
                            in_hand.push((PieceType(i as u8), first as u16));
                        }
                    }
                }
                None => binding.unseen.push(PieceType(i as u8)),
            }
        }
        Ok(binding)
    }

    /// Calls `active` once with each feature of the position: those of men by rising square of the board, those of walls, those of men in hand, then those
    /// of the rules. `rules` are those that the binding was made for.
    #[inline(always)]
    pub fn active_features<W: Word>(&self, rules: &Rules<W>, position: &Position<W>, mut active: impl FnMut(usize)) {
        let turn = position.turn();
        let others = position.color(!turn);
        let seen = self.frame.squares(turn);
        let unseen = self.unseen.iter().fold(W::EMPTY, |men, t| men | position.of_type(*t));
        // A man's type is read off bit by bit without a branch: one loop over all men costs one misprediction where loops over the men of
        // each type cost many.
        let of_man = |square: Square| {
            let first = self.first_feature[usize::from(others.has(square))];
            let first = first[position.type_at(square).index() & (MAX_TYPES - 1)];
            usize::from(first) + usize::from(seen[square.index() & (MAX_SQUARES - 1)])
        };
        match self.states {
            None => squares(position.men() & !unseen).for_each(|square| active(of_man(square))),
            Some(apart) => {
                let [ours, theirs] = [turn, !turn].map(|side| rules.attacked_squares(position, side));
                let (attacked, defended) = (ours & others | theirs & !others, theirs & others | ours & !others);
                for square in squares(position.men() & !unseen) {
                    let state = usize::from(attacked.has(square)) + 2 * usize::from(defended.has(square));
                    active(of_man(square) + state * apart);
                }
            }
        }
        if self.sees_more {
            self.active_beyond_men(position, active);
        }
    }

    /// The features that no man on a square stands for.
    #[inline(never)]
    fn active_beyond_men<W: Word>(&self, position: &Position<W>, mut active: impl FnMut(usize)) {
        let turn = position.turn();
        let seen = self.frame.squares(turn);
        if let Some(first) = self.first_wall {
            for square in squares(position.occupied() & !position.men()) {
                active(first + usize::from(seen[square.index() & (MAX_SQUARES - 1)]));
            }
        }
        for (side, in_hand) in [turn, !turn].into_iter().zip(&self.first_in_hand) {
            for (piece, first) in in_hand {
                let count = position.in_hand(side, *piece) as usize;
                if count > 0 {
                    active(usize::from(*first) + count.min(HAND_COUNTS) - 1);
                }
            }
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
        let seen = |square: Square| usize::from(seen[square.index() & (MAX_SQUARES - 1)]);
        let to = seen(mv.to());
        let first = mv.promotion().and_then(|p| self.first_promotion[p.index() & (MAX_TYPES - 1)]);
        Address {
            from_to: seen(mv.from()) * self.squares + to,
            promotion: first.map(|first| usize::from(first) + to),
            wall: mv.wall().filter(|_| self.first_wall.is_some()).map(seen),
        }
    }

    /// Whether the network sees walls.
    #[must_use]
    pub fn sees_walls(&self) -> bool {
        self.first_wall.is_some()
    }

    /// The most moves of a position that are judged one by one, at most [`MAX_MOVES`].
    #[inline]
    pub(crate) fn most_moves(&self) -> usize {
        self.most_moves
    }

    #[inline]
    pub(crate) fn order(&self, mv: Move, turn: Color) -> u32 {
        self.frame.order(mv, turn)
    }
}
