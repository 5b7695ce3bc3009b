#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod agents;
pub mod analysis;
mod error;
pub mod monitor;
mod play;
pub mod rows;
pub mod suite;

pub use agents::{Setting, Wrap};
pub use error::{OracleError, RegimeError};
pub use play::{Oracle, Origin, Progress, SharedCells, Stress, shift_rules};
pub use suite::Suite;
