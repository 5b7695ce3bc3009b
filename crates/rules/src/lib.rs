//! Rules of chess-like games as data: variants in the format of Fairy-Stockfish's `variants.ini`, compiled once, played exactly.
//!
//! ```
//! use rules::{Catalog, Game};
//!
//! let mut catalog = Catalog::builtin();
//! catalog.load_text("example", "[hill:gardner]\nflagPiece = k\nflagRegion = c3\n")?;
//! let mut game = Game::new(catalog.rules("hill")?);
//! let mv = game.rules().parse_uci(game.position(), "b2b3").unwrap();
//! game.play(mv);
//! assert_eq!(game.rules().fen(game.position()), "rnbqk/ppppp/1P3/P1PPP/RNBQK b - - 0 1");
//! # Ok::<(), rules::RuleError>(())
//! ```

#![forbid(unsafe_code)]

mod attack;
mod attributes;
mod betza;
mod catalog;
mod definition;
mod distance;
mod fen;
mod game;
mod history;
mod ini;
mod keys;
mod legality;
mod lines;
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
pub use fen::FenError;
pub use game::Game;
pub use history::History;
pub use ini::{Place, RuleError};
pub use notation::MoveError;
pub use perft::{divide, perft, perft_made};
pub use position::Position;
pub use rules::{Piece, Rules};
pub use types::{Color, MAX_PIECE_TYPES, Move, MoveKind, MoveList, Outcome, PieceType, Square, Value, squares};
pub use word::Word;
