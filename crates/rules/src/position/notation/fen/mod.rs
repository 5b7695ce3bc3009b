//! Positions as text: reading and writing FENs.

mod board;
mod castling;
mod check;
mod en_passant;
mod field;
mod read;
mod reinterpret;
mod write;

pub use read::FenError;
