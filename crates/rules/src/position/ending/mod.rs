//! How games end.

mod chase;
mod flags;
mod history;
mod immediate;
mod outcome;
mod values;

pub use history::History;
