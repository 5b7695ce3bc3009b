//! Long first steps and captures in passing.

use crate::board::{TypeSet, Word};
use crate::format::{Definition, Key};
use crate::rules::pieces::{Numbering, regions};

/// From where pawns step further, and who captures in passing where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pawns<W> {
    /// By side: the squares from which its pawns can go two squares, and other pieces make the moves of their first squares.
    pub(crate) double_step: [W; 2],
    /// By side: the squares from which its pawns can go three squares.
    pub(crate) triple_step: [W; 2],
    /// By side: the squares on which its men may capture in passing.
    pub(crate) en_passant_region: [W; 2],
    /// By side: the types that capture in passing.
    pub(crate) en_passant_types: [TypeSet; 2],
}

impl<W: Word> Pawns<W> {
    pub(crate) fn compile(definition: &Definition, numbering: &Numbering) -> Pawns<W> {
        let doubles = definition.flag(Key::DoubleStep);
        Pawns {
            double_step: if doubles { regions(definition, Key::DoubleStepRegion) } else { [W::EMPTY; 2] },
            triple_step: regions(definition, Key::TripleStepRegion),
            en_passant_region: regions(definition, Key::EnPassantRegion),
            en_passant_types: numbering.types(definition, Key::EnPassantTypes),
        }
    }
}
