//! External engines that speak UCI (the protocol of Meyer-Kahlen and Huber, 2000).

mod client;
mod clock;
mod player;
mod process;
mod protocol;
mod spec;

pub(crate) use clock::{EXPECTED as EXPECTED_TIME_CONTROL, minutes, seconds};
pub(crate) use player::UciFactory;
pub(crate) use process::{allow_all, kill_all};
pub(crate) use spec::{DEFAULT_MARGIN, DEFAULT_TIMEOUT};
pub use {
    clock::TimeControl,
    spec::{UciLimits, UciSpec},
};
