//! Gates: squares of men that have not moved, where that allows something.

use crate::format::{Definition, Key};

/// What men that have not moved may do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gates {
    /// Whether positions tell the squares of men that have not moved.
    pub(crate) gating: bool,
    /// Whether a man from the hand may follow a man's first move (Seirawan chess).
    pub(crate) seirawan: bool,
    /// Whether king and fers may leap from their first squares (Cambodian chess).
    pub(crate) cambodian: bool,
}

impl Gates {
    pub(crate) fn compile(definition: &Definition) -> Gates {
        let gating = definition.flag(Key::Gating);
        Gates {
            gating,
            seirawan: gating && definition.flag(Key::SeirawanGating),
            cambodian: definition.flag(Key::CambodianMoves),
        }
    }
}
