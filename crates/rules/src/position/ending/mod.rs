//! How games end.

mod chase;
mod flags;
mod history;
mod immediate;
mod outcome;
mod usual;
mod values;

pub use history::History;
