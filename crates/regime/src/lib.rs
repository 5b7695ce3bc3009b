//! Regime changes: shifts of the rules, the arms that meet them, and what is measured.
//!
//! A [`Suite`] names everything as data; [`Stress`] plays it into a run directory; [`summarise`] turns rows into cells.

#![forbid(unsafe_code)]

mod account;
mod adaptive;
mod arms;
mod error;
mod graft;
pub mod inference;
pub mod monitor;
pub mod results;
pub mod rocket;
mod run;
mod suite;
mod summary;
mod verdicts;

pub use arms::Arm;
pub use error::RegimeError;
pub use run::{Progress, Stress, shift_rules, write_file};
pub use suite::{Base, Expect, Experiment, Hypothesis, Others, Shift, Suite};
pub use summary::{Estimate, estimate, summarise};
pub use verdicts::Test;
