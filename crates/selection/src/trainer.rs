//! Gradient steps with libtorch: the network in f32, AdamW with clamped weights, checkpoints that hold the moments too.

use std::collections::HashMap;
use std::path::Path;

use evaluator::{FloatNetwork, Shape};
use rand::Rng as _;
use rand_chacha::ChaCha8Rng;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use tch::{Device, Kind, Tensor, no_grad};

use crate::SelectionError;
use crate::batch::Batch;
use crate::config::TrainingConfig;
use crate::files;
use crate::samples::Samples;

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;
/// The largest checkpoint that is read back, in bytes.
const MAX_CHECKPOINT_BYTES: u64 = 1 << 30;

/// A parameter with its AdamW moments (Loshchilov, Hutter 2019).
struct Parameter {
    name: &'static str,
    weight: Tensor,
    first: Tensor,
    second: Tensor,
    /// Largest magnitude that quantisation can represent.
    limit: f64,
    /// Whether weight decay applies; biases are free of it.
    decays: bool,
}

/// Mean losses of one generation's training.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Losses {
    /// Cross entropy of the result, in nats.
    pub value: f64,
    /// Cross entropy of the visits, in nats.
    pub policy: f64,
    /// Steps taken.
    pub steps: u64,
}

/// The network being trained and its optimizer.
pub struct Trainer {
    shape: Shape,
    parameters: Vec<Parameter>,
    steps: i64,
}

impl Trainer {
    /// A network with small random weights, the same for the same seed.
    #[must_use]
    pub fn new(shape: &Shape, rng: &mut ChaCha8Rng) -> Trainer {
        let start = FloatNetwork::random(shape, rng);
        Trainer::from_network(&start)
    }

    /// Continues from a network, with a fresh optimizer.
    #[must_use]
    pub fn from_network(network: &FloatNetwork) -> Trainer {
        // Float sums depend on how threads share them: new and resumed trainers alike must use one.
        tch::set_num_threads(1);
        let shape = network.shape().clone();
        let parameters = network
            .tensors()
            .map(|t| {
                let weight =
                    Tensor::from_slice(t.values).reshape(t.shape().iter().map(|d| *d as i64).collect::<Vec<_>>());
                Parameter {
                    name: t.name,
                    first: weight.zeros_like(),
                    second: weight.zeros_like(),
                    weight: weight.set_requires_grad(true),
                    limit: f64::from(t.limit),
                    decays: t.shape().len() > 1,
                }
            })
            .collect();
        Trainer { shape, parameters, steps: 0 }
    }

    fn weight(&self, name: &str) -> &Tensor {
        &self.parameters.iter().find(|p| p.name == name).expect("a parameter of the network").weight
    }

    /// The network as it stands, for quantisation.
    #[must_use]
    pub fn network(&self) -> FloatNetwork {
        let mut network = FloatNetwork::zeros(&self.shape);
        for parameter in &self.parameters {
            let flat = parameter.weight.detach().reshape([-1]);
            let length = flat.size()[0] as usize;
            let target = network.tensor_mut(parameter.name).expect("a parameter of the network");
            flat.copy_data(target, length);
        }
        network
    }

    /// Takes gradient steps at the learning rate `rate` on positions drawn from the window.
    ///
    /// # Errors
    /// If the loss is no longer a number: the run stops at the last finished generation.
    pub fn train(
        &mut self,
        window: &[&Samples],
        steps: u64,
        config: &TrainingConfig,
        rate: f64,
        rng: &mut ChaCha8Rng,
        on_step: &dyn Fn(u64),
    ) -> Result<Losses, SelectionError> {
        let total: usize = window.iter().map(|s| s.len()).sum();
        let mut losses = Losses { steps, ..Losses::default() };
        let (mut value_sum, mut policy_sum) = (0.0, 0.0);
        for step in 0..steps {
            let drawn: Vec<usize> = (0..config.batch).map(|_| rng.random_range(0..total)).collect();
            let batch = Batch::gather(window, &drawn, config.search_value_share);
            let (value, policy) = self.losses(&batch);
            let loss = &value + &policy;
            loss.backward();
            let (value, policy) = (value.double_value(&[]), policy.double_value(&[]));
            if !(value + policy).is_finite() {
                return Err(SelectionError::Diverged { step: self.steps as u64 });
            }
            (value_sum, policy_sum) = (value_sum + value, policy_sum + policy);
            self.step(rate, config.weight_decay);
            on_step(step + 1);
        }
        if steps > 0 {
            (losses.value, losses.policy) = (value_sum / steps as f64, policy_sum / steps as f64);
        }
        Ok(losses)
    }

    /// Mean cross entropies of a batch: of the result, of the visits.
    fn losses(&self, batch: &Batch) -> (Tensor, Tensor) {
        let (sums, ..) = Tensor::embedding_bag(
            self.weight("features.weight"),
            &batch.features,
            &batch.feature_offsets,
            false,
            0,
            false,
            None::<&Tensor>,
            false,
        );
        let clipped = (sums + self.weight("features.bias")).clamp(0.0, 1.0);
        let hidden = &clipped * &clipped;
        let value = hidden.matmul(&self.weight("value.weight").tr()) + self.weight("value.bias");
        let value_loss = -(value.log_softmax(1, Kind::Float) * &batch.value).sum(Kind::Float) / batch.positions as f64;

        // Ragged: one row per legal move of each position.
        let rows = Tensor::embedding(self.weight("policy.weight"), &batch.addresses, -1, false, false);
        let of_move = hidden.index_select(0, &batch.position_of_move);
        let mut logits = (rows * of_move).sum_dim_intlist(1i64, false, Kind::Float)
            + self.weight("policy.bias").index_select(0, &batch.addresses);
        if batch.promotions.size()[0] > 0 {
            let rows = Tensor::embedding(self.weight("promotion.weight"), &batch.promotions, -1, false, false);
            let of_promotion = hidden.index_select(0, &batch.position_of_promotion);
            let extra = (rows * of_promotion).sum_dim_intlist(1i64, false, Kind::Float)
                + self.weight("promotion.bias").index_select(0, &batch.promotions);
            logits = logits.index_add(0, &batch.move_of_promotion, &extra);
        }
        // Logits are bounded by the clamped weights, so the sum of exponentials cannot overflow f32 before it is noticed.
        let sums = Tensor::zeros([batch.positions], (Kind::Float, Device::Cpu)).index_add(
            0,
            &batch.position_of_move,
            &logits.exp(),
        );
        let log_priors = logits - sums.log().index_select(0, &batch.position_of_move);
        let policy_loss = -(log_priors * &batch.visits).sum(Kind::Float) / batch.positions as f64;
        (value_loss, policy_loss)
    }

    fn step(&mut self, rate: f64, weight_decay: f64) {
        self.steps += 1;
        let (correction1, correction2) = (1.0 - BETA1.powi(self.steps as i32), 1.0 - BETA2.powi(self.steps as i32));
        no_grad(|| {
            for p in &mut self.parameters {
                let gradient = p.weight.grad();
                p.first = &p.first * BETA1 + &gradient * (1.0 - BETA1);
                p.second = &p.second * BETA2 + &gradient * &gradient * (1.0 - BETA2);
                let direction = (&p.first / correction1) / ((&p.second / correction2).sqrt() + EPSILON);
                if p.decays {
                    let _ = p.weight.g_mul_scalar_(1.0 - rate * weight_decay);
                }
                let _ = p.weight.g_sub_(&(direction * rate));
                let _ = p.weight.clamp_(-p.limit, p.limit);
                p.weight.zero_grad();
            }
        });
    }

    /// Writes weights, moments and step count, all or nothing.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), SelectionError> {
        let columns: Vec<(String, Vec<usize>, Vec<u8>)> = self
            .parameters
            .iter()
            .flat_map(|p| {
                [("", &p.weight), (".first", &p.first), (".second", &p.second)].map(|(suffix, t)| (p.name, suffix, t))
            })
            .map(|(name, suffix, tensor)| {
                let dims: Vec<usize> = tensor.size().iter().map(|d| *d as usize).collect();
                let mut values = vec![0f32; dims.iter().product()];
                let length = values.len();
                tensor.detach().reshape([-1]).copy_data(&mut values, length);
                (format!("{name}{suffix}"), dims, values.iter().flat_map(|v| v.to_le_bytes()).collect())
            })
            .collect();
        let views = columns.iter().map(|(name, dims, bytes)| {
            (name, TensorView::new(Dtype::F32, dims.clone(), bytes).expect("four bytes each"))
        });
        let steps = HashMap::from([("steps".to_owned(), self.steps.to_string())]);
        let bytes =
            safetensors::serialize(views, Some(steps)).map_err(|e| SelectionError::damaged(path, e.to_string()))?;
        files::write(path, &bytes)
    }

    /// Continues from a checkpoint of [`Trainer::save`].
    ///
    /// # Errors
    /// If the file cannot be read or does not hold a trainer of this shape.
    pub fn load(path: &Path, shape: &Shape) -> Result<Trainer, SelectionError> {
        let damaged = |what: String| SelectionError::damaged(path, what);
        let bytes = files::read(path, MAX_CHECKPOINT_BYTES)?;
        let (_, header) = SafeTensors::read_metadata(&bytes).map_err(|e| damaged(e.to_string()))?;
        let file = SafeTensors::deserialize(&bytes).map_err(|e| damaged(e.to_string()))?;
        let steps = header.metadata().as_ref().and_then(|m| m.get("steps")?.parse().ok());
        let mut trainer = Trainer::from_network(&FloatNetwork::zeros(shape));
        trainer.steps = steps.ok_or_else(|| damaged("has no step count".to_owned()))?;
        for p in &mut trainer.parameters {
            let dims = p.weight.size();
            let read = |suffix: &str| {
                let name = format!("{}{suffix}", p.name);
                let view = file.tensor(&name).map_err(|e| damaged(e.to_string()))?;
                if view.dtype() != Dtype::F32 || view.shape().iter().map(|d| *d as i64).ne(dims.iter().copied()) {
                    return Err(damaged(format!("tensor {name} has shape {:?}; {dims:?} was expected", view.shape())));
                }
                let values: Vec<f32> =
                    view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
                Ok(Tensor::from_slice(&values).reshape(&dims))
            };
            let (weight, first, second) = (read("")?, read(".first")?, read(".second")?);
            (p.weight, p.first, p.second) = (weight.set_requires_grad(true), first, second);
        }
        Ok(trainer)
    }
}
