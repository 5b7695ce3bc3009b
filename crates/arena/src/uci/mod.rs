//! External engines that speak UCI (the protocol of Meyer-Kahlen and Huber, 2000).

mod client;
mod player;
mod process;
mod protocol;
mod spec;

pub(crate) use player::UciFactory;
pub(crate) use spec::{DEFAULT_MARGIN, DEFAULT_TIMEOUT, seconds};
pub use spec::{TimeControl, UciLimits, UciSpec};
