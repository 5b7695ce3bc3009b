//! What rules do with positions: attacks, moves, legality, endings, notation.
//!
//! A position itself is plain data, which [`crate::board`] holds. Here are methods of [`crate::Rules`], in an order in which each folder
//! and file uses those before it: [`attack`], [`make`] (the board that a move leaves), [`generate`], [`play`] (moves with all that they
//! change), [`ending`], [`legal`] (what other crates ask for), [`notation`],
//! [`tactics`], [`start`] and [`game`].

mod attack;
mod ending;
mod game;
mod generate;
mod legal;
mod make;
mod notation;
mod play;
mod start;
mod tactics;

pub use ending::History;
pub use game::Game;
pub use notation::{FenError, MoveError, is_null_move, without_en_passant_mark};
