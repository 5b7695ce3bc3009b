//! The piece types of one variant: which of the format's pieces each stands for.

use crate::board::{PieceType, TypeSet, Word};
use crate::format::{Definition, Key, RuleError, Slots, TypeChoice};

/// The pieces of a variant in the format's order. Their places in it are their [`PieceType`]s.
#[derive(Clone, Debug)]
pub(crate) struct Numbering {
    slots: Vec<usize>,
}

impl Numbering {
    /// Numbers the pieces that a definition has.
    ///
    /// # Errors
    /// If it has none.
    pub(crate) fn compile(definition: &Definition) -> Result<Numbering, RuleError> {
        let slots: Vec<usize> = definition.letters().map(|(slot, _)| slot).collect();
        if slots.is_empty() {
            return Err(
                definition.error("", "the variant has no pieces: name some (`pawn = p`) or inherit (`[child:chess]`)")
            );
        }
        Ok(Numbering { slots })
    }

    /// The slots of the pieces, in the order of their types.
    pub(crate) fn slots(&self) -> &[usize] {
        &self.slots
    }

    /// The type of the piece in a slot, if the variant has it.
    pub(crate) fn type_of(&self, slot: usize) -> Option<PieceType> {
        self.slots.iter().position(|s| *s == slot).map(|i| PieceType(i as u8))
    }

    /// The types of a set of slots.
    pub(crate) fn set_of(&self, slots: Slots) -> TypeSet {
        self.slots.iter().enumerate().filter(|(_, slot)| slots.has(**slot)).fold(0, |set, (i, _)| set | 1 << i)
    }

    /// The types that a key lists for either side.
    pub(crate) fn types(&self, definition: &Definition, key: Key) -> [TypeSet; 2] {
        [0, 1].map(|side| self.set_of(definition.types(key, side)))
    }

    /// The type that a key names for a side; `None` where it names none or any.
    pub(crate) fn choice(&self, definition: &Definition, key: Key, side: usize) -> Option<PieceType> {
        match definition.choice(key, side) {
            TypeChoice::Slot(slot) => self.type_of(slot),
            TypeChoice::None | TypeChoice::Any => None,
        }
    }
}

/// The squares that a key lists for either side.
pub(crate) fn regions<W: Word>(definition: &Definition, key: Key) -> [W; 2] {
    [0, 1].map(|side| definition.region_of(key, side).on(definition.board))
}
