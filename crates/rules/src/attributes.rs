//! A description of rules of fixed length, for evaluators that are to see what they are playing.

use crate::board::{PieceType, Value, Word};
use crate::rules::Rules;

/// Number of attributes.
pub const ATTRIBUTES: usize = 28;

impl<W: Word> Rules<W> {
    /// What kind of game this is, as yes and no, in a fixed order: how it is won and lost (8 for the usual ends, 6 for extinction, by
    /// letter, 3 for goal squares), what captures do (3), and how knights, bishops, rooks and pawns move (8). Different rules may have the
    /// same description.
    #[must_use]
    pub fn attributes(&self) -> [bool; ATTRIBUTES] {
        let extinct = |value: Value| self.extinction.as_ref().is_some_and(|e| e.value == Some(value));
        let dies_out = |letter: char| {
            let bit = self.lettered(letter).map_or(0, |piece| 1 << piece.0);
            self.extinction.as_ref().is_some_and(|e| e.types & bit != 0)
        };
        let flag_piece = |letter| self.flags.as_ref().is_some_and(|f| f.piece[0] == self.lettered(letter));
        let (files, ranks) = (self.board.files, self.board.ranks);
        let centre = self.board.region(|f, r| f > 0 && r > 0 && f + 1 < files && r + 1 < ranks);
        [
            self.mates.stalemate_value == Value::Win,
            self.mates.stalemate_value == Value::Loss,
            self.mates.checkmate_value == Value::Win,
            self.roles.king.is_some(),
            self.tallies.check_counting,
            self.repetition.value != Value::Draw,
            self.tallies.material.is_some(),
            self.passes.allowed != [false; 2],
            extinct(Value::Loss),
            extinct(Value::Win),
            self.extinction.as_ref().is_some_and(|e| e.all),
            dies_out('p'),
            dies_out('q'),
            dies_out('k'),
            flag_piece('k'),
            self.flags.is_some() && !flag_piece('k'),
            self.flags.as_ref().is_some_and(|f| (f.region[0] & centre).any()),
            self.captures.mandatory,
            self.captures.blast,
            self.hands.captures_to_hand,
            self.leaps('n', 2, 1),
            self.leaps('n', 3, 1),
            self.leaps('n', 1, 0),
            self.leaps('b', 2, 2),
            self.leaps('b', 1, 0),
            self.leaps('r', 3, 0),
            self.leaps('r', 1, 1),
            self.leaps('p', 1, 0),
        ]
    }

    /// The piece type of a letter.
    fn lettered(&self, letter: char) -> Option<PieceType> {
        self.types().find(|t| self.pieces.list[t.index()].letter == letter)
    }

    /// Whether White's men of a letter can go `far` ranks forward and `aside` files to the right, or the other way round, on an empty board.
    fn leaps(&self, letter: char, far: i8, aside: i8) -> bool {
        let Some(piece) = self.lettered(letter) else { return false };
        let mover = &self.pieces.movers[0][piece.index()];
        self.board.each().any(|from| {
            let reached = mover.quiet.targets(&self.lines, from, W::EMPTY);
            [(far, aside), (aside, far)]
                .iter()
                .any(|(ranks, files)| self.board.step(from, *ranks, *files).is_some_and(|to| reached.has(to)))
        })
    }
}
