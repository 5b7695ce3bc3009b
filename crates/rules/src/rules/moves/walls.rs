//! Walls that moves build.

use crate::board::Word;
use crate::format::{Definition, Key};
use crate::rules::pieces::regions;

/// Where moves build walls.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walls<W> {
    /// How walls are built, if they are.
    pub(crate) rule: Option<Walling>,
    /// By side: the squares on which it may build.
    pub(crate) region: [W; 2],
    /// Whether a side either moves or builds, and does not do both.
    pub(crate) or_move: bool,
}

/// How walls are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Walling {
    /// Where the man that moved could go next (game of the amazons).
    Arrow,
    /// Anywhere, in place of the wall that was built before (duck chess).
    Duck,
    /// On the edge of the board as walls leave it.
    Edge,
    /// On the square that the man came from.
    Past,
    /// Anywhere.
    Static,
}

impl<W: Word> Walls<W> {
    pub(crate) fn compile(definition: &Definition) -> Walls<W> {
        let rule = match definition.number(Key::WallingRule) {
            1 => Some(Walling::Arrow),
            2 => Some(Walling::Duck),
            3 => Some(Walling::Edge),
            4 => Some(Walling::Past),
            5 => Some(Walling::Static),
            _ => None,
        };
        Walls {
            rule,
            region: regions(definition, Key::WallingRegion),
            or_move: definition.flag(Key::WallOrMove) && rule.is_some(),
        }
    }
}
