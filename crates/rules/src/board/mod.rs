//! The board and what stands on it, as plain data: squares and sets of squares, lines, moves, positions. Nothing here knows any rules.

mod geometry;
mod lines;
mod magic;
mod moves;
mod position;
mod rays;
mod region;
mod types;
mod word;
mod words;
mod zobrist;

pub(crate) use geometry::{Board, Squares};
pub(crate) use lines::{Lines, rider};
pub use moves::{Move, MoveKind, MoveList};
pub use position::Position;
pub(crate) use position::{Past, Planes};
pub(crate) use region::{MAX_FILES, MAX_RANKS, Region};
pub(crate) use types::TypeSet;
pub use types::{Color, MAX_PIECE_TYPES, Outcome, PieceType, Square, Value};
pub(crate) use word::Sliders;
pub use word::{Word, squares};
pub(crate) use zobrist::{Zobrist, mix};
