//! Winning by reaching squares.

use crate::board::{PieceType, Word};
use crate::format::{Definition, Key, TypeChoice};
use crate::rules::pieces::{Numbering, regions};

/// Who must reach which squares.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flags<W> {
    /// By side: the type whose men must reach them; `None` for any.
    pub(crate) piece: [Option<PieceType>; 2],
    /// By side: whether the type is one that the variant does not have, so that the side cannot win so.
    pub(crate) absent: [bool; 2],
    /// By side: its goal squares.
    pub(crate) region: [W; 2],
    /// How many men must stand on them.
    pub(crate) count: u32,
    /// Whether fewer men are enough where all goal squares are taken.
    pub(crate) blocked_win: bool,
    /// Whether the other side may still move, and makes a draw of it by reaching its own goal (racing kings).
    pub(crate) extra_move: bool,
    /// Whether the men must not be attacked there.
    pub(crate) safe: bool,
}

impl<W: Word> Flags<W> {
    /// Goals as a definition has them; `None` if no side has one.
    pub(crate) fn compile(definition: &Definition, numbering: &Numbering) -> Option<Flags<W>> {
        let region: [W; 2] = regions(definition, Key::FlagRegion);
        if region.iter().all(|squares| squares.is_empty()) {
            return None;
        }
        Some(Flags {
            piece: [0, 1].map(|side| numbering.choice(definition, Key::FlagPiece, side)),
            absent: [0, 1].map(|side| definition.choice(Key::FlagPiece, side) == TypeChoice::None),
            region,
            count: definition.number(Key::FlagPieceCount),
            blocked_win: definition.flag(Key::FlagPieceBlockedWin),
            extra_move: definition.flag(Key::FlagMove),
            safe: definition.flag(Key::FlagPieceSafe),
        })
    }
}
