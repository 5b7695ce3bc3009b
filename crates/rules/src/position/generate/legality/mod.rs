//! Moves of variants in which checks and pins are not all that decides: what only some of them have, and which moves are legal.

mod legal;
mod pseudo_royals;
mod trial;
mod unusual;
