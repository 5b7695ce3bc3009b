#![doc = include_str!("../README.md")]
#![deny(unsafe_code)]

mod aligned;
mod error;
mod evaluators;
mod fixed;
mod frame;
mod kernels;
mod network;
mod shape;
mod source;
mod tensors;
mod weights;

pub use error::WeightsError;
pub use evaluators::{Evaluator, NetworkEvaluator, Rollout, Uniform, look};
pub use frame::Relabel;
pub use kernels::Kernel;
pub use network::{FloatNetwork, Network, TensorRef};
pub use shape::{Address, Binding, HAND_COUNTS, Shape};
pub use source::{InMemory, Loaded, Paths, WeightSource};
pub use weights::{Card, Lineage, SearchKind};
