//! What captures do.

use crate::board::TypeSet;
use crate::format::{Definition, Key};
use crate::rules::pieces::Numbering;

/// What captures do beyond taking a man, and which are forbidden or required.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Captures {
    /// Whether a capture blows up the man that makes it and all men around but pawns.
    pub(crate) blast: bool,
    /// Types that no blast harms.
    pub(crate) blast_immune: TypeSet,
    /// Types whose men cannot capture men of the same type.
    pub(crate) mutually_immune: TypeSet,
    /// Types whose men turn into walls as they capture.
    pub(crate) petrify: TypeSet,
    /// Whether men that a blast takes turn into walls.
    pub(crate) petrify_blast: bool,
    /// Whether a side that can capture must.
    pub(crate) mandatory: bool,
}

impl Captures {
    pub(crate) fn compile(definition: &Definition, numbering: &Numbering) -> Captures {
        let types = |key| numbering.types(definition, key)[0];
        Captures {
            blast: definition.flag(Key::BlastOnCapture),
            blast_immune: types(Key::BlastImmuneTypes),
            mutually_immune: types(Key::MutuallyImmuneTypes),
            petrify: types(Key::PetrifyOnCaptureTypes),
            petrify_blast: definition.flag(Key::PetrifyBlastPieces),
            mandatory: definition.flag(Key::MustCapture),
        }
    }
}
