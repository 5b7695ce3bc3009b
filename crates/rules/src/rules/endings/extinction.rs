//! Winning or losing by running out of men.

use crate::board::{TypeSet, Value};
use crate::format::{Definition, Key};
use crate::rules::pieces::Numbering;

/// When a side has too few men, and what follows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extinction {
    /// The result for the side that has too few men; `None` if that does not end the game, and only [`Extinction::pseudo_royal`] matters.
    pub(crate) value: Option<Value>,
    /// The types that are counted, each by itself.
    pub(crate) types: TypeSet,
    /// Whether all men together are counted as one more type.
    pub(crate) all: bool,
    /// The number of men of a type that is too few.
    pub(crate) count: u32,
    /// The number of men of the type that the other side must have left.
    pub(crate) opponent_count: u32,
    /// Whether the side to move has too few men only if the other side has one man more than `opponent_count`.
    pub(crate) claim: bool,
    /// Whether men whose loss would leave too few must not be lost, as kings must not.
    pub(crate) pseudo_royal: bool,
    /// Whether all men of `types` must not be attacked at once either.
    pub(crate) duple_check: bool,
}

impl Extinction {
    /// Extinction as a definition has it; `None` if the number of men neither ends games nor forbids moves.
    pub(crate) fn compile(definition: &Definition, numbering: &Numbering) -> Option<Extinction> {
        let value = definition.result(Key::ExtinctionValue);
        let pseudo_royal = definition.flag(Key::ExtinctionPseudoRoyal);
        if value.is_none() && !pseudo_royal {
            return None;
        }
        let types = definition.types(Key::ExtinctionPieceTypes, 0);
        Some(Extinction {
            value,
            types: numbering.set_of(types),
            all: types.all,
            count: definition.number(Key::ExtinctionPieceCount),
            opponent_count: definition.number(Key::ExtinctionOpponentPieceCount),
            claim: definition.flag(Key::ExtinctionClaim),
            pseudo_royal,
            duple_check: definition.flag(Key::DupleCheck),
        })
    }
}
