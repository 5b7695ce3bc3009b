//! Regime changes: shifts, suites, arms, and what they cost.

pub mod results;
