//! The pieces of a variant: how they are called, how they move, and from where they attack.

mod attackers;
mod mover;
mod numbering;
mod reach;
mod roles;

use crate::board::{Board, Lines, Word};
use crate::format::{Definition, Key, RuleError, slot};
pub(crate) use attackers::Attackers;
pub(crate) use mover::{Mover, Path, Special};
pub(crate) use numbering::{Numbering, regions};
pub(crate) use reach::Reach;
pub(crate) use roles::Roles;

use mover::soldier_zone;

/// A piece type of a variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its letter, lower case; White writes it in upper case.
    pub letter: char,
    /// Its key in the rule file: `knight`, `customPiece1`, `king`.
    pub name: String,
}

/// The pieces of a variant, by their types.
#[derive(Clone, Debug)]
pub(crate) struct Pieces<W: Word> {
    pub(crate) list: Vec<Piece>,
    /// By side and type: how the piece moves.
    pub(crate) movers: [Vec<Mover<W>>; 2],
    /// By side: from where its men attack.
    pub(crate) attackers: [Attackers<W>; 2],
    /// Whether no man may go where he could never move again.
    pub(crate) immobility_illegal: bool,
    /// Squares with diagonal lines, along which some pieces move: the palaces of janggi.
    pub(crate) palace: W,
    /// By side: the squares beyond the river, from which soldiers also move sideways.
    pub(crate) promoted_soldiers: [W; 2],
}

impl<W: Word> Pieces<W> {
    /// Compiles the pieces of a definition.
    ///
    /// # Errors
    /// If one can never move, and is not meant to stand still.
    pub(crate) fn compile(
        definition: &Definition,
        numbering: &Numbering,
        lines: &Lines<W>,
    ) -> Result<Pieces<W>, RuleError> {
        let board = definition.board;
        let movers = [0, 1].map(|side| {
            numbering.slots().iter().map(|slot| Mover::compile(definition, side, *slot)).collect::<Vec<Mover<W>>>()
        });
        for (i, (slot, letter)) in definition.letters().enumerate() {
            if slot != slot::IMMOBILE && movers.iter().all(|movers| !can_move(&movers[i], board)) {
                return Err(definition
                    .error(&slot::slot_name(slot), format!("the piece `{letter}` can never move on this board")));
            }
        }
        let attackers = [0, 1].map(|side| Attackers::compile(board, lines, &movers[side]));
        let name = |(slot, letter)| Piece { letter, name: slot::slot_name(slot) };
        Ok(Pieces {
            list: definition.letters().map(name).collect(),
            movers,
            attackers,
            immobility_illegal: definition.flag(Key::ImmobilityIllegal),
            palace: regions(definition, Key::DiagonalLines)[0],
            promoted_soldiers: [0, 1].map(|side| soldier_zone(definition, side)),
        })
    }
}

/// Whether a piece has a move from any square that it may enter, on a board without other men.
fn can_move<W: Word>(mover: &Mover<W>, board: Board) -> bool {
    board.each().filter(|square| mover.region.has(*square)).any(|square| {
        let targets = |reach: &Reach<W>| W::at(&reach.widest, square) & mover.region;
        let initial = mover.initial.as_ref().map_or(W::EMPTY, targets);
        (targets(&mover.quiet) | targets(&mover.capture) | initial).any()
    })
}
