//! A variant compiled to tables: what positions are played under.
//!
//! A definition becomes [`Rules`] part by part: [`pieces`] says how men move, [`moves`] what else they may do, [`endings`] how games end,
//! and the [`Plan`] what of all that has to be asked for in every position.

mod compile;
mod endings;
mod hash;
mod moves;
mod pieces;
mod plan;

use std::sync::Arc;

use crate::board::{Board, Color, Lines, PieceType, Position, Squares, Word, Zobrist};
pub(crate) use endings::{Counting, Extinction, Flags, Material, Mates, Repetition, Tallies};
pub use endings::{Ending, EndingKind, Payoff};
pub(crate) use hash::hash_of;
pub(crate) use moves::{Captures, Castling, Gates, Hands, Kings, Passes, Pawns, Promotion, Walling, Walls};
pub use pieces::Piece;
pub(crate) use pieces::{Attackers, Mover, Path, Pieces, Roles, Special};
pub(crate) use plan::{Group, Guard, Method, Plan};

/// A variant's rules, compiled once and immutable. Moves, outcomes and notation are methods of it.
#[derive(Clone, Debug)]
pub struct Rules<W: Word = u64> {
    pub(crate) name: String,

    pub(crate) board: Board,
    pub(crate) squares: Squares<W>,
    pub(crate) lines: Arc<Lines<W>>,
    pub(crate) zobrist: &'static Zobrist,

    pub(crate) roles: Roles,
    pub(crate) pieces: Pieces<W>,

    pub(crate) promotion: Promotion<W>,
    pub(crate) captures: Captures,
    pub(crate) pawns: Pawns<W>,
    pub(crate) castling: Option<Castling<W>>,
    pub(crate) chess960: bool,
    pub(crate) hands: Hands<W>,
    pub(crate) gates: Gates,
    pub(crate) walls: Walls<W>,
    pub(crate) kings: Kings,
    pub(crate) passes: Passes,

    pub(crate) extinction: Option<Extinction>,
    pub(crate) flags: Option<Flags<W>>,
    pub(crate) mates: Mates,
    pub(crate) repetition: Repetition,
    pub(crate) tallies: Tallies,

    pub(crate) plan: Plan,

    pub(crate) start: Position<W>,
    pub(crate) start_fen: String,
    /// The variant as a section without a parent, but for its header.
    pub(crate) text: String,
    /// The hash of `text` and `payoff`.
    pub(crate) hash: String,
    pub(crate) payoff: Payoff,
}

impl<W: Word> Rules<W> {
    /// The variant's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Width of the board, 3 to 12.
    #[must_use]
    pub fn files(&self) -> usize {
        self.board.files.into()
    }

    /// Height of the board, 3 to 10.
    #[must_use]
    pub fn ranks(&self) -> usize {
        self.board.ranks.into()
    }

    /// Number of squares.
    #[must_use]
    pub fn squares(&self) -> usize {
        self.board.squares().into()
    }

    /// The piece types; a [`PieceType`] is an index into them.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces.list
    }

    /// Whether moves build walls.
    #[must_use]
    pub fn builds_walls(&self) -> bool {
        self.walls.rule.is_some()
    }

    /// Hash of the rules, 16 hex digits: equal for equal rules, whatever the variant is called and however it was written.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The start position.
    #[must_use]
    pub fn start(&self) -> Position<W> {
        self.start
    }

    /// Whether kings and rooks castle from anywhere and castling is written as the king taking the rook (`chess960`).
    #[must_use]
    pub fn chess960(&self) -> bool {
        self.chess960
    }

    /// Whether anybody castles.
    #[must_use]
    pub fn castles(&self) -> bool {
        self.castling.is_some()
    }

    /// Whether men come from the hand.
    #[must_use]
    pub fn has_drops(&self) -> bool {
        self.hands.drops.is_some()
    }

    /// FEN of the start position.
    #[must_use]
    pub fn start_fen(&self) -> &str {
        &self.start_fen
    }

    /// The variant as a rule file: its own section, complete, without a parent.
    #[must_use]
    pub fn to_ini(&self) -> String {
        format!("[{}]\n{}", self.name, self.text)
    }

    /// The letter of a piece type, in upper case for White.
    pub(crate) fn letter(&self, color: Color, piece: PieceType) -> char {
        let letter = self.pieces.list.get(piece.index()).map_or('?', |p| p.letter);
        if color == Color::White { letter.to_ascii_uppercase() } else { letter }
    }

    /// All piece types.
    pub(crate) fn types(&self) -> impl Iterator<Item = PieceType> + use<W> {
        (0..self.pieces.list.len() as u8).map(PieceType)
    }

    /// How a piece type of a side moves.
    #[inline]
    pub(crate) fn mover(&self, color: Color, piece: PieceType) -> &Mover<W> {
        &self.pieces.movers[color.index()][piece.index()]
    }

    /// The rank on which a side's men begin: 0 for White, the last one for Black.
    pub(crate) fn home_rank(&self, side: Color) -> u8 {
        if side == Color::White { 0 } else { self.board.ranks - 1 }
    }

    /// These rules under another payoff: the same moves, ends that are worth something else, another hash unless the payoff is the
    /// default.
    #[must_use]
    pub fn with_payoff(&self, payoff: Payoff) -> Rules<W> {
        // Nothing is added for the default payoff: rules without one keep the hash that they have in files and cards.
        let hash = hash_of(&(self.text.clone() + &payoff.text()));
        Rules { hash, payoff, ..self.clone() }
    }

    /// What endings are worth.
    #[must_use]
    pub fn payoff(&self) -> &Payoff {
        &self.payoff
    }

    /// What an ending is worth to a side, in [-1, 1].
    #[must_use]
    #[inline]
    pub fn worth(&self, ending: Ending, color: Color) -> f32 {
        match self.payoff.worth(ending.kind) {
            None => ending.outcome.for_color(color) as f32,
            Some(worth) => match ending.favours {
                None => 0.0,
                Some(side) if side == color => worth,
                // Not the minus sign: it would make -0, which prints otherwise than 0.
                Some(_) => 0.0 - worth,
            },
        }
    }
}
