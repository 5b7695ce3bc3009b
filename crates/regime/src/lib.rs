#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod account;
mod adaptive;
pub mod analysis;
mod arms;
mod check;
mod deployment;
mod error;
mod evidence;
mod graft;
mod hypotheses;
pub mod inference;
mod limits;
mod log;
mod measure;
mod models;
pub mod monitor;
mod names;
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
pub use log::pairs;
pub use names::{Files, Points};
pub use oracle::{Oracle, OracleError};
pub use run::{Progress, Stress, shift_rules};
pub use suite::{
    Base, Dose, Estimator, Expect, Experiment, Hypothesis, Judge, Others, Population, Probe, Shift, Suite, Test,
};
pub use summary::{Estimate, estimate, summarise};
