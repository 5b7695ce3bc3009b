//! The board that a move leaves. Nothing here looks at other moves.

mod castling;
mod counts;
mod en_passant;
mod full;
mod gates;
mod moved;
mod plain;

pub(crate) use castling::CastlingMove;
