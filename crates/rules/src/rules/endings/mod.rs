//! How games end, and what endings are worth.

mod extinction;
mod flags;
mod mates;
mod payoff;
mod repetition;
mod tallies;

pub(crate) use extinction::Extinction;
pub(crate) use flags::Flags;
pub(crate) use mates::Mates;
pub use payoff::{Ending, EndingKind, Payoff};
pub(crate) use repetition::Repetition;
pub(crate) use tallies::{Counting, Material, Tallies};
