//! Games as environments of reinforcement learning: how positions and moves are numbered, and many games at once.

mod codec;
mod encoding;
mod lanes;
mod pgx;
mod vector;

pub use encoding::{Encoding, PLANES, Pending, Step, View};
pub use vector::VectorEnv;
