//! Positions and moves as text.

mod error;
mod fen;
mod marks;
mod san;
mod uci;

pub use error::MoveError;
pub use fen::FenError;
pub use marks::{is_null_move, without_en_passant_mark};
