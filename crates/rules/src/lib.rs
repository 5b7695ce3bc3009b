#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod attack;
mod attributes;
mod betza;
mod catalog;
mod definition;
mod distance;
mod ending;
mod fen;
mod game;
mod history;
mod ini;
mod keys;
mod legality;
mod lines;
mod material;
mod mirror;
mod movegen;
mod notation;
mod outcome;
mod perft;
mod play;
mod position;
mod reach;
mod region;
mod rules;
mod types;
mod word;

pub use attributes::ATTRIBUTES;
pub use betza::{BetzaError, Gait, Step, parse as parse_betza};
pub use catalog::{AnyRules, Catalog, Loaded};
pub use distance::{Distance, distance};
pub use ending::{Ending, EndingKind, Payoff};
pub use fen::FenError;
pub use game::Game;
pub use history::History;
pub use ini::{Place, RuleError};
pub use material::InsufficientMaterial;
pub use notation::{MoveError, is_null_move, without_en_passant_mark};
pub use perft::{divide, perft, perft_made};
pub use position::Position;
pub use rules::{Piece, Rules};
pub use types::{Color, MAX_PIECE_TYPES, Move, MoveKind, MoveList, Outcome, PieceType, Square, Value, squares};
pub use word::Word;
