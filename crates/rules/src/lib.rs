#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod attack;
mod attributes;
mod board;
mod catalog;
mod distance;
mod fen;
mod format;
mod game;
mod history;
mod legality;
mod material;
mod mirror;
mod movegen;
mod notation;
mod outcome;
mod perft;
mod play;
mod rules;
mod start;

pub use attributes::ATTRIBUTES;
pub use board::{
    Color, MAX_PIECE_TYPES, Move, MoveKind, MoveList, Outcome, PieceType, Position, Square, Value, Word, squares,
};
pub use catalog::{AnyRules, Catalog};
pub use distance::{Distance, distance};
pub use fen::FenError;
pub use format::{BetzaError, Gait, Loaded, Place, RuleError, Step, parse_betza};
pub use game::Game;
pub use history::History;
pub use material::InsufficientMaterial;
pub use notation::{MoveError, is_null_move, without_en_passant_mark};
pub use perft::{divide, perft, perft_made};
pub use rules::{Ending, EndingKind, Payoff, Piece, Rules};
