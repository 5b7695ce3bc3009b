//! Playing a suite into a run directory: matches, probes, what is measured of shifts.

mod alarm;
mod cells;
mod matches;
mod measure;
mod models;
mod openings;
mod oracle;
mod prepare;
mod probe;
mod replay;
mod rocket;
mod run;

pub use oracle::Oracle;
pub use prepare::{Origin, Stress, shift_rules};
pub use run::{Progress, SharedCells};

/// Games are called drawn at this length, in plies.
const MAX_PLIES: usize = 300;
