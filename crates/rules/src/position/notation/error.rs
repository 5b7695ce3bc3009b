//! Why a move was refused.

use thiserror::Error;

/// Why a move was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MoveError {
    /// The text does not have the form of a move.
    #[error("`{0}` is no move in UCI notation (`e2e4`, `a7a8q`, `P@c3`) or SAN (`Nf3`, `exd5`, `O-O`)")]
    Malformed(String),
    /// The text is a mark that programs write where no move is made.
    #[error("`{0}` is a null move, which no rules know; a move was expected")]
    Null(String),
    /// The text has the form of a move, but names no legal one.
    #[error("`{mv}` is not legal in `{fen}`")]
    Illegal {
        /// The move.
        mv: String,
        /// The position.
        fen: String,
    },
    /// The text names several legal moves.
    #[error("`{mv}` could be {moves} in `{fen}`")]
    Ambiguous {
        /// The move.
        mv: String,
        /// The legal moves that it names.
        moves: String,
        /// The position.
        fen: String,
    },
}

/// The longest text that is looked at as a move, in bytes.
pub(super) const MAX_MOVE_BYTES: usize = 24;
