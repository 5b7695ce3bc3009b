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

mod betza;
mod catalog;
mod definition;
mod fen;
mod game;
mod ini;
mod keys;
mod movegen;
mod notation;
mod outcome;
mod perft;
mod play;
mod position;
mod rules;
mod types;

pub use betza::{BetzaError, Step, parse as parse_betza};
pub use catalog::Catalog;
pub use fen::FenError;
pub use game::{Game, repetitions};
pub use ini::{Place, RuleError};
pub use notation::MoveError;
pub use perft::{divide, perft};
pub use position::Position;
pub use rules::{Piece, Rules};
pub use types::{Color, MAX_MOVES, MAX_PIECE_TYPES, Move, MoveList, Outcome, PieceType, Square, Value, squares};
