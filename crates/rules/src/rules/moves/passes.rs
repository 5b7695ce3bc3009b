//! Passing.

use crate::format::{Definition, Key};

/// Who may pass.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Passes {
    /// By side: whether it may pass at all.
    pub(crate) allowed: [bool; 2],
    /// By side: whether it may pass only where it has no other move and is not in check.
    pub(crate) on_stalemate: [bool; 2],
}

impl Passes {
    pub(crate) fn compile(definition: &Definition) -> Passes {
        let of = |key| [0, 1].map(|side| definition.flag_of(key, side));
        let (always, on_stalemate) = (of(Key::Pass), of(Key::PassOnStalemate));
        Passes { allowed: [0, 1].map(|side| always[side] || on_stalemate[side]), on_stalemate }
    }

    /// Whether any side may pass.
    pub(crate) fn any(&self) -> bool {
        self.allowed != [false; 2]
    }
}
