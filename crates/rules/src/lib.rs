#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod attributes;
mod board;
mod catalog;
mod distance;
mod format;
mod material;
mod mirror;
mod perft;
mod position;
mod rules;

pub use attributes::ATTRIBUTES;
pub use board::{
    Color, MAX_PIECE_TYPES, Move, MoveKind, MoveList, Outcome, PieceType, Position, Square, Value, Word, squares,
};
pub use catalog::{AnyRules, Catalog};
pub use distance::{Distance, distance};
pub use format::{BetzaError, Gait, Loaded, Place, RuleError, Step, parse_betza};
pub use material::InsufficientMaterial;
pub use perft::{divide, perft, perft_made};
pub use position::{FenError, Game, History, MoveError, is_null_move, without_en_passant_mark};
pub use rules::{Ending, EndingKind, Payoff, Piece, Rules};
