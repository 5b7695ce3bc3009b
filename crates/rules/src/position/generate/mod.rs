//! Finding moves.

mod generator;
mod in_play;
mod legality;
