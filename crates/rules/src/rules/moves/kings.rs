//! What kings may do to each other.

use crate::format::{Definition, Key};

/// Checks, and kings that face each other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kings {
    /// Whether a move may give check.
    pub(crate) checking: bool,
    /// Whether a king in check may only capture the man that checks it, not flee (makpong).
    pub(crate) makpong: bool,
    /// Whether kings may not face each other on an open line (xiangqi).
    pub(crate) flying_general: bool,
    /// Whether a side that lets the kings face each other offers a draw, which the other side accepts by leaving it so (janggi).
    pub(crate) bikjang: bool,
}

impl Kings {
    pub(crate) fn compile(definition: &Definition) -> Kings {
        Kings {
            checking: definition.flag(Key::Checking),
            makpong: definition.flag(Key::MakpongRule),
            flying_general: definition.flag(Key::FlyingGeneral),
            bikjang: definition.flag(Key::BikjangRule),
        }
    }
}
