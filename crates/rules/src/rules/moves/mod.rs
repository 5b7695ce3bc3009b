//! What men may do beyond going where they go: one part for each group of keys.

mod captures;
mod castling;
mod gates;
mod hands;
mod kings;
mod passes;
mod pawns;
mod promotion;
mod walls;

pub(crate) use captures::Captures;
pub(crate) use castling::Castling;
pub(crate) use gates::Gates;
pub(crate) use hands::Hands;
pub(crate) use kings::Kings;
pub(crate) use passes::Passes;
pub(crate) use pawns::Pawns;
pub(crate) use promotion::Promotion;
pub(crate) use walls::{Walling, Walls};
