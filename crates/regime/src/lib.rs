#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod account;
mod adaptive;
mod arms;
mod deployment;
mod error;
mod evidence;
mod files;
mod graft;
mod hypotheses;
pub mod inference;
mod log;
mod measure;
pub mod monitor;
mod oracle;
mod probe;
pub mod results;
pub mod rocket;
mod run;
mod suite;
mod summary;
mod verdicts;
mod watch;

pub use arms::Arm;
pub use error::RegimeError;
pub use files::{Files, Points};
pub use log::{pairs, write_file};
pub use oracle::{Oracle, OracleError};
pub use run::{Progress, Stress, shift_rules};
pub use suite::{Base, Dose, Expect, Experiment, Hypothesis, Judge, Others, Probe, Shift, Suite, Test};
pub use summary::{Estimate, estimate, summarise};
