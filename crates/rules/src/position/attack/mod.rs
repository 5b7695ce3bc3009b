//! Where men can go, and what they attack.

mod attackers;
mod checks;
mod map;
mod targets;
mod watch;

pub(crate) use watch::Watch;
