//! What rules make of positions: attacks, moves, legality, endings, notation.
//!
//! Every room is written as methods of [`crate::Rules`], each on the shoulders of the one before: [`attack`], [`make`] (the board that a
//! move leaves), [`generate`], then [`play`] and [`legal`] (what other crates call), [`ending`], [`notation`], and at last [`game`].

mod attack;
mod ending;
mod game;
mod generate;
mod legal;
mod make;
mod notation;
mod play;
mod start;

pub use ending::History;
pub use game::Game;
pub use notation::{FenError, MoveError, is_null_move, without_en_passant_mark};
