//! Checkmate and stalemate.

use crate::board::Value;
use crate::format::{Definition, Key};

/// What it is worth to the side to move that it has no move.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mates {
    /// The result where it is in check.
    pub(crate) checkmate_value: Value,
    /// The result where it is not in check.
    pub(crate) stalemate_value: Value,
    /// Whether `stalemate_value` is for the side that has fewer men, wherever it is to move.
    pub(crate) stalemate_piece_count: bool,
    /// Whether a pawn of shogi that is dropped to mate loses.
    pub(crate) pawn_drop_mate_illegal: bool,
    /// Whether a knight that mates loses, and a mate after a series of checks without one by knight, rook or dragon is a draw (shatar).
    pub(crate) shatar: bool,
}

impl Mates {
    pub(crate) fn compile(definition: &Definition) -> Mates {
        let result = |key| definition.result(key).unwrap_or(Value::Draw);
        Mates {
            checkmate_value: result(Key::CheckmateValue),
            stalemate_value: result(Key::StalemateValue),
            stalemate_piece_count: definition.flag(Key::StalematePieceCount),
            pawn_drop_mate_illegal: definition.flag(Key::ShogiPawnDropMateIllegal),
            shatar: definition.flag(Key::ShatarMateRule),
        }
    }
}
