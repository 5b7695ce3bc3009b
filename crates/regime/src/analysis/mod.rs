//! From rows to words, without playing.
mod cells;
mod index;
mod monitors;
mod summary;
pub use summary::*;
pub use cells::{Estimate, estimate};
