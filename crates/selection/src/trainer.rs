//! Gradient steps: libtorch differentiates the hidden layer and the value head, [`crate::policy`] the policy head, and AdamW changes the
//! weights, which stay in the range that quantisation can represent.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use evaluator::{FloatNetwork, Shape};
use rand::Rng as _;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use tch::{Kind, Tensor};

use crate::SelectionError;
use crate::batch::Batch;
use crate::calibration::Calibration;
use crate::config::TrainingConfig;
use crate::disk;
use crate::policy::{Policy, PolicyLoss, policy_loss};
use crate::samples::Samples;
use crate::symmetry::Mirror;

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const EPSILON: f32 = 1e-8;
/// The largest checkpoint that is read back, in bytes.
const MAX_CHECKPOINT_BYTES: u64 = 1 << 30;

/// A tensor of weights with its AdamW moments (Loshchilov, Hutter 2019). All columns have as many numbers as the tensor.
struct Parameter {
    name: &'static str,
    dims: Vec<usize>,
    weight: Vec<f32>,
    /// First moment: moving average of the gradient.
    first: Vec<f32>,
    /// Second moment: moving average of the squared gradient.
    second: Vec<f32>,
    /// Exponential moving average of the weight.
    average: Vec<f32>,
    /// Largest magnitude that quantisation can represent.
    limit: f32,
    /// Whether weight decay applies, which it does to matrices but not to biases.
    decays: bool,
}

impl Parameter {
    fn weights(&self) -> &[f32] {
        &self.weight
    }

    /// The weights as a tensor of libtorch whose gradient is computed.
    fn tensor(&self) -> Tensor {
        let dims: Vec<i64> = self.dims.iter().map(|d| *d as i64).collect();
        Tensor::from_slice(&self.weight).reshape(dims).set_requires_grad(true)
    }

    /// The columns that checkpoints hold, with the suffixes of their names.
    fn columns(&mut self) -> [(&'static str, &mut Vec<f32>); 4] {
        [
            ("", &mut self.weight),
            (".first", &mut self.first),
            (".second", &mut self.second),
            (".average", &mut self.average),
        ]
    }
}

/// Parts of all columns of a parameter that a thread changes: weights, gradients, first and second moments, averages.
type Chunk<'a> = ((((&'a mut [f32], &'a [f32]), &'a mut [f32]), &'a mut [f32]), &'a mut [f32]);

/// What a part of a batch adds to the gradient: a column for each parameter.
struct Gradient {
    columns: Vec<Vec<f32>>,
}

impl Gradient {
    fn of(parameters: &[Parameter]) -> Gradient {
        Gradient { columns: parameters.iter().map(|p| vec![0.0; p.weight.len()]).collect() }
    }

    fn take(&mut self, place: usize, leaf: &Tensor) {
        let column = &mut self.columns[place];
        let length = column.len();
        leaf.grad().reshape([-1]).copy_data(column, length);
    }
}

/// The losses of a part of a batch.
struct PartLoss {
    /// The part's share of the mean value loss.
    value: f64,
    /// Sums over its positions.
    policy: PolicyLoss,
    /// The expected result of each of its positions, -1 to 1.
    expected: Vec<f32>,
}

/// One gradient step: a line of a file in `training/`.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Step {
    /// Number of the step, from 1, counted through all generations.
    pub step: u64,
    /// Learning rate of the step.
    pub rate: f64,
    /// Cross entropy of the value targets, in nats: a mean over the positions of the step.
    pub value_loss: f64,
    /// Cross entropy of the visits, in nats: a mean over the positions of the step.
    pub policy_loss: f64,
    /// Mean entropy of the visits in nats, which is the least that `policy_loss` can be.
    pub visit_entropy: f64,
}

/// Losses of the gradient steps that a candidate took in a generation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Losses {
    /// All steps, in order.
    pub steps: Vec<Step>,
    /// Expected calibration error (Naeini et al. 2015) of the value head over all drawn positions, 0 to 2: the distance between mean
    /// expected and mean actual result in each of ten bins of the expected result, averaged with the bins' positions as weights.
    pub calibration_error: f64,
}

impl Losses {
    /// The mean of a number over the steps; 0 if there were no steps.
    #[must_use]
    pub fn mean(&self, of: impl Fn(&Step) -> f64) -> f64 {
        self.steps.iter().map(of).sum::<f64>() / self.steps.len().max(1) as f64
    }
}

/// The network being trained and its optimizer.
pub struct Trainer {
    shape: Shape,
    /// In the order of [`FloatNetwork::tensors`].
    parameters: Vec<Parameter>,
    /// One for each part that batches are divided into.
    gradients: Vec<Gradient>,
    steps: u64,
}

impl Trainer {
    /// Begins with a network of small random weights, which `rng` alone decides, and a fresh optimizer.
    #[must_use]
    pub fn new(shape: &Shape, rng: &mut ChaCha8Rng) -> Trainer {
        let start = FloatNetwork::random(shape, rng);
        Trainer::from_network(&start)
    }

    /// Begins with the weights of a network and a fresh optimizer.
    ///
    /// # Panics
    /// Never: a network has eight tensors.
    #[must_use]
    pub fn from_network(network: &FloatNetwork) -> Trainer {
        let parameters: Vec<Parameter> = network
            .tensors()
            .map(|t| Parameter {
                name: t.name,
                dims: t.shape().to_vec(),
                weight: t.values.to_vec(),
                first: vec![0.0; t.values.len()],
                second: vec![0.0; t.values.len()],
                average: t.values.to_vec(),
                limit: t.limit,
                decays: t.shape().len() > 1,
            })
            .collect();
        Trainer { shape: network.shape().clone(), parameters, gradients: Vec::new(), steps: 0 }
    }

    /// The network for quantisation: the moving average of its weights. Rows of moves that no gradient ever reached and that have no bias are
    /// all zero: their random start says nothing of such moves, and files need not hold rows without any weight.
    ///
    /// # Panics
    /// Never: the parameters are those of a network.
    #[must_use]
    pub fn network(&self) -> FloatNetwork {
        let mut network = FloatNetwork::zeros(&self.shape);
        for p in &self.parameters {
            network.tensor_mut(p.name).expect("a parameter of the network").copy_from_slice(&p.average);
        }
        let [_, _, policy, policy_bias, promotion, promotion_bias, ..] = &self.parameters[..] else {
            unreachable!("as many as there are tensors")
        };
        for (moves, biases) in [(policy, policy_bias), (promotion, promotion_bias)] {
            let rows =
                network.tensor_mut(moves.name).expect("a parameter of the network").chunks_exact_mut(self.shape.hidden);
            let moments = moves.second.chunks_exact(self.shape.hidden);
            for ((row, moments), bias) in rows.zip(moments).zip(&biases.average) {
                if self.steps > 0 && *bias == 0.0 && moments.iter().all(|moment| *moment == 0.0) {
                    row.fill(0.0);
                }
            }
        }
        network
    }

    /// Takes `steps` gradient steps at the learning rate `rate` on positions drawn from the window, each replaced by its mirror image with
    /// probability 1/2 if the configuration says so. `on_step` is called after every step with the step and its number in this call, from 1.
    ///
    /// # Errors
    /// [`SelectionError::Diverged`] if a loss is not a finite number.
    ///
    /// # Panics
    /// If steps are to be taken and the window has no positions.
    pub fn train(
        &mut self,
        window: &[&Samples],
        steps: u64,
        config: &TrainingConfig,
        rate: f64,
        rng: &mut ChaCha8Rng,
        on_step: &dyn Fn(&Step, u64),
    ) -> Result<Losses, SelectionError> {
        let total: usize = window.iter().map(|s| s.len()).sum();
        let mirror = config.mirror.then(|| Mirror::new(&self.shape));
        let mut losses = Losses::default();
        let mut calibration = Calibration::default();
        self.gradients.resize_with(config.parts, || Gradient::of(&self.parameters));
        for done in 1..=steps {
            let drawn: Vec<(usize, bool)> = (0..config.batch)
                .map(|_| (rng.random_range(0..total), config.mirror && rng.random_range(0..2) == 1))
                .collect();
            let batch = Batch::gather(window, &drawn, config.search_value_share, mirror.as_ref());
            let (value_loss, policy) = self.gradients(&batch, &mut calibration);
            let warm = ((self.steps + 1) as f64 / config.warm_up.max(1) as f64).min(1.0);
            let step = Step {
                step: self.steps + 1,
                rate: rate * warm,
                value_loss,
                policy_loss: policy.cross_entropy,
                visit_entropy: policy.entropy,
            };
            if !(value_loss + policy.cross_entropy).is_finite() {
                return Err(SelectionError::Diverged { step: step.step });
            }
            self.step(step.rate as f32, config);
            on_step(&step, done);
            losses.steps.push(step);
        }
        losses.calibration_error = calibration.error();
        Ok(losses)
    }

    /// Computes the gradients of the mean loss of a batch, each part of it by itself and several at the same time. Returns the mean value loss and policy loss.
    fn gradients(&mut self, batch: &Batch, calibration: &mut Calibration) -> (f64, PolicyLoss) {
        let (positions, parts) = (batch.positions.len(), self.gradients.len());
        let mut gradients = std::mem::take(&mut self.gradients);
        let range = |part: usize| positions * part / parts..positions * (part + 1) / parts;
        let losses: Vec<PartLoss> = match &mut gradients[..] {
            [whole] => vec![self.part(batch, range(0), whole)],
            several => {
                let parts = several.par_iter_mut().enumerate();
                parts.map(|(part, gradient)| self.part(batch, range(part), gradient)).collect()
            }
        };
        self.gradients = gradients;
        let (mut value, mut policy) = (0.0, PolicyLoss::default());
        for loss in &losses {
            value += loss.value;
            policy.cross_entropy += loss.policy.cross_entropy;
            policy.entropy += loss.policy.entropy;
        }
        let expected = losses.iter().flat_map(|loss| &loss.expected);
        for (drawn, expected) in batch.positions.iter().zip(expected) {
            calibration.add(*expected, Batch::result(*drawn));
        }
        let mean = |sum: f64| sum / positions as f64;
        (value, PolicyLoss { cross_entropy: mean(policy.cross_entropy), entropy: mean(policy.entropy) })
    }

    /// Computes what a range of a batch's positions adds to the gradient.
    fn part(&self, batch: &Batch, range: Range<usize>, gradient: &mut Gradient) -> PartLoss {
        // Float sums depend on how threads divide the work, so libtorch uses one here, whichever thread of ours this is.
        tch::set_num_threads(1);
        let (positions, width) = (batch.positions.len(), self.shape.hidden);
        let of_part = range.len();
        let [features, bias, policy, policy_bias, promotion, promotion_bias, value, value_bias, walls @ ..] =
            &self.parameters[..]
        else {
            unreachable!("a network has eight tensors, or ten with those for walls")
        };
        let none: &[f32] = &[];
        let [wall, wall_bias] =
            walls.as_array().map_or([none; 2], |walls: &[Parameter; 2]| walls.each_ref().map(Parameter::weights));
        let leaves = [features, bias, value, value_bias].map(Parameter::tensor);
        let [rows, hidden_bias, value_rows, value_biases] = &leaves;
        let (active, offsets) = batch.features_of(range.clone());
        let (sums, ..) = Tensor::embedding_bag(
            rows,
            &Tensor::from_slice(active),
            &Tensor::from_slice(&offsets),
            false,
            0,
            false,
            None::<&Tensor>,
            false,
        );
        // This is `clamp(0, 1)` squared. libtorch takes several times as long for the derivative of `clamp`.
        let hidden_layer = (sums + hidden_bias).relu().hardtanh().square();
        let log_wdl = (hidden_layer.matmul(&value_rows.tr()) + value_biases).log_softmax(1, Kind::Float);
        let target = Tensor::from_slice(&batch.value[3 * range.start..3 * range.end]).reshape([-1, 3]);
        let value_loss = -(&log_wdl * target).sum(Kind::Float) / positions as f64;

        let mut hidden = vec![0.0; of_part * width];
        hidden_layer.detach().reshape([-1]).copy_data(&mut hidden, of_part * width);
        let weights = Policy {
            weight: policy.weights(),
            bias: policy_bias.weights(),
            promotion: promotion.weights(),
            promotion_bias: promotion_bias.weights(),
            wall,
            wall_bias,
        };
        let [_, _, columns @ ..] = &mut gradient.columns[..] else { unreachable!("as many as there are tensors") };
        let [weight, bias_column, promotion_column, promotion_bias_column, _, _, walls @ ..] = columns else {
            unreachable!("as many as there are tensors")
        };
        let mut none = [Vec::new(), Vec::new()];
        let [wall_column, wall_bias_column] = walls.as_mut_array().unwrap_or(&mut none);
        let mut slope = Policy {
            weight: &mut weight[..],
            bias: &mut bias_column[..],
            promotion: &mut promotion_column[..],
            promotion_bias: &mut promotion_bias_column[..],
            wall: &mut wall_column[..],
            wall_bias: &mut wall_bias_column[..],
        };
        let heads = [&mut slope.weight, &mut slope.bias, &mut slope.promotion, &mut slope.promotion_bias];
        for column in heads.into_iter().chain([&mut slope.wall, &mut slope.wall_bias]) {
            column.fill(0.0);
        }
        let mut hidden_gradient = vec![0.0; of_part * width];
        let (mut sum, mut targets, mut logits) = (PolicyLoss::default(), Vec::new(), Vec::new());
        let rows = hidden.chunks_exact(width).zip(hidden_gradient.chunks_exact_mut(width));
        for (drawn, (row, row_gradient)) in batch.positions[range].iter().zip(rows) {
            batch.targets(*drawn, &mut targets);
            let scale = 1.0 / positions as f32;
            let loss = policy_loss(&weights, row, &targets, scale, &mut logits, &mut slope, row_gradient);
            sum.cross_entropy += loss.cross_entropy;
            sum.entropy += loss.entropy;
        }

        // libtorch differentiates a scalar. The derivative of this product by the hidden layer is the policy's gradient, so adding the product
        // to the value loss carries that gradient on to the features.
        let policy_slope = Tensor::from_slice(&hidden_gradient).reshape([of_part as i64, width as i64]);
        (&value_loss + (hidden_layer * policy_slope).sum(Kind::Float)).backward();
        for (place, leaf) in [0, 1, 6, 7].into_iter().zip(&leaves) {
            gradient.take(place, leaf);
        }

        let mut log_probabilities = vec![0.0f32; 3 * of_part];
        log_wdl.detach().reshape([-1]).copy_data(&mut log_probabilities, 3 * of_part);
        let expected = log_probabilities.as_chunks::<3>().0.iter().map(|wdl| libm::expf(wdl[0]) - libm::expf(wdl[2]));
        PartLoss { value: value_loss.double_value(&[]), policy: sum, expected: expected.collect() }
    }

    /// Takes one step of AdamW with the sum of the parts' gradients.
    fn step(&mut self, rate: f32, config: &TrainingConfig) {
        /// Numbers of a parameter that a thread changes at a time.
        const CHUNK: usize = 1 << 14;
        self.steps += 1;
        let steps = self.steps as f64;
        let correction = |beta: f32| (1.0 - libm::pow(f64::from(beta), steps)) as f32;
        let (correction1, correction2) = (correction(BETA1), correction(BETA2));
        // The average keeps less of itself in the first steps, so that the random start soon has no weight in it.
        let keep = f64::from(config.average).min((1.0 + steps) / (10.0 + steps)) as f32;
        let keep = if config.average == 0.0 { 0.0 } else { keep };
        let decay = 1.0 - rate * config.weight_decay as f32;
        let (first_part, others) = self.gradients.split_first_mut().expect("at least one part");
        for (place, p) in self.parameters.iter_mut().enumerate() {
            let decay = if p.decays { decay } else { 1.0 };
            let gradient = &mut first_part.columns[place];
            for other in &*others {
                gradient.iter_mut().zip(&other.columns[place]).for_each(|(sum, more)| *sum += more);
            }
            let limit = p.limit;
            let update = |((((weight, gradient), first), second), average): Chunk<'_>| {
                let columns = weight.iter_mut().zip(gradient).zip(first).zip(second).zip(average);
                for ((((weight, gradient), first), second), average) in columns {
                    *first = BETA1 * *first + (1.0 - BETA1) * gradient;
                    *second = BETA2 * *second + (1.0 - BETA2) * gradient * gradient;
                    let direction = (*first / correction1) / ((*second / correction2).sqrt() + EPSILON);
                    *weight = (*weight * decay - rate * direction).clamp(-limit, limit);
                    *average = *weight + keep * (*average - *weight);
                }
            };
            let weights = p.weight.par_chunks_mut(CHUNK).zip(gradient.par_chunks(CHUNK));
            let moments = weights.zip(p.first.par_chunks_mut(CHUNK)).zip(p.second.par_chunks_mut(CHUNK));
            moments.zip(p.average.par_chunks_mut(CHUNK)).for_each(update);
        }
    }

    /// Writes a checkpoint with weights, moments, averages and step count, whole or not at all.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&mut self, path: &Path) -> Result<(), SelectionError> {
        let mut columns: Vec<(String, Vec<usize>, Vec<u8>)> = Vec::new();
        for p in &mut self.parameters {
            let (name, dims) = (p.name, p.dims.clone());
            for (suffix, values) in p.columns() {
                let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
                columns.push((format!("{name}{suffix}"), dims.clone(), bytes));
            }
        }
        let views = columns.iter().map(|(name, dims, bytes)| {
            (name, TensorView::new(Dtype::F32, dims.clone(), bytes).expect("four bytes each"))
        });
        let steps = HashMap::from([("steps".to_owned(), self.steps.to_string())]);
        let bytes =
            safetensors::serialize(views, Some(steps)).map_err(|e| SelectionError::damaged(path, e.to_string()))?;
        Ok(disk::write(path, &bytes)?)
    }

    /// Reads a checkpoint that [`Trainer::save`] wrote.
    ///
    /// # Errors
    /// If the file cannot be read or does not hold a trainer of this shape.
    pub fn load(path: &Path, shape: &Shape) -> Result<Trainer, SelectionError> {
        let damaged = |what: String| {
            let help = "remove the file and, in events.jsonl, its generation and all later ones; or begin anew in another directory";
            SelectionError::damaged(path, format!("{what}; {help}"))
        };
        let bytes = disk::read(path, MAX_CHECKPOINT_BYTES)?;
        let (_, header) = SafeTensors::read_metadata(&bytes).map_err(|e| damaged(e.to_string()))?;
        let file = SafeTensors::deserialize(&bytes).map_err(|e| damaged(e.to_string()))?;
        let steps = header.metadata().as_ref().and_then(|m| m.get("steps")?.parse().ok());
        let mut trainer = Trainer::from_network(&FloatNetwork::zeros(shape));
        trainer.steps = steps.ok_or_else(|| damaged("has no step count".to_owned()))?;
        for p in &mut trainer.parameters {
            let (name, dims) = (p.name, p.dims.clone());
            for (suffix, values) in p.columns() {
                let name = format!("{name}{suffix}");
                let view = file.tensor(&name).map_err(|e| damaged(e.to_string()))?;
                if view.dtype() != Dtype::F32 || view.shape() != dims {
                    return Err(damaged(format!("tensor {name} has shape {:?}; {dims:?} was expected", view.shape())));
                }
                *values = view.data().as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
            }
        }
        Ok(trainer)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;

    use super::*;

    const CONFIG: TrainingConfig = TrainingConfig {
        window: 1,
        batch: 4,
        reuse: 1.0,
        learning_rate: 1e-3,
        final_learning_rate: 1e-3,
        weight_decay: 0.0,
        search_value_share: 0.5,
        warm_up: 0,
        average: 0.0,
        mirror: false,
        parts: 1,
    };

    /// A position with two moves, at addresses 1 and 2.
    fn samples(value: f32) -> Samples {
        Samples {
            features: vec![3, 77],
            feature_offsets: vec![0, 2],
            addresses: vec![1, 2],
            promotions: vec![crate::NO_PROMOTION; 2],
            visits: vec![0.75, 0.25],
            move_offsets: vec![0, 2],
            results: vec![1.0],
            values: vec![value],
            ..Samples::default()
        }
    }

    fn train(trainer: &mut Trainer, samples: &Samples) -> Result<Losses, SelectionError> {
        trainer.train(&[samples], 3, &CONFIG, 1e-3, &mut ChaCha8Rng::seed_from_u64(2), &|_, _| ())
    }

    #[test]
    fn a_loss_that_is_no_number_stops_the_training() {
        let shape = Shape::new(5, 5, "pk", 32).unwrap();
        let mut trainer = Trainer::new(&shape, &mut ChaCha8Rng::seed_from_u64(1));
        let losses = train(&mut trainer, &samples(0.5)).unwrap();
        assert!(losses.steps[2].value_loss < losses.steps[0].value_loss);
        let error = train(&mut trainer, &samples(f32::NAN)).unwrap_err().to_string();
        assert!(error.contains("step 4") && error.contains("learning rate"), "{error}");
    }

    #[test]
    fn rows_of_moves_that_were_never_trained_have_no_weight() {
        let shape = Shape::new(5, 5, "pk", 32).unwrap();
        let mut trainer = Trainer::new(&shape, &mut ChaCha8Rng::seed_from_u64(1));
        let rows_in_use = |trainer: &Trainer| {
            let network = trainer.network();
            let policy = network.tensors().find(|t| t.name == "policy.weight").unwrap();
            let rows = policy.values.chunks_exact(shape.hidden).enumerate();
            rows.filter(|(_, row)| row.iter().any(|w| *w != 0.0)).map(|(row, _)| row).collect::<Vec<_>>()
        };
        assert_eq!(rows_in_use(&trainer).len(), shape.addresses(), "an untrained network is random");
        train(&mut trainer, &samples(0.5)).unwrap();
        assert_eq!(rows_in_use(&trainer), [1, 2], "addresses of the samples");

        // What was inherited stays, though this trainer never saw it: its bias says that it was trained.
        let mut start = trainer.network();
        start.tensor_mut("policy.weight").unwrap()[7 * shape.hidden] = 0.5;
        start.tensor_mut("policy.bias").unwrap()[7] = 0.1;
        let mut heir = Trainer::from_network(&start);
        train(&mut heir, &samples(0.5)).unwrap();
        assert_eq!(rows_in_use(&heir), [1, 2, 7]);
    }
}
