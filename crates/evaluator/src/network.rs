//! The network: one hidden layer over sparse piece-square features, a win-draw-loss head and a policy head over move addresses.
//!
//! ```text
//! h      = clamp(bias + sum of active feature rows, 0, 1)^2
//! wdl    = softmax(value.weight h + value.bias)
//! logit(from, to, promotion, wall) = policy[from, to] h + policy.bias[from, to]
//!                                    (+ promotion[letter, to] h + promotion.bias[letter, to]) (+ wall[square] h + wall.bias[square])
//! ```
//!
//! Quantised: sums in 16 bits at 255 per unit; `h` in 8 bits at 127 per unit (`c * c >> 9`); policy weights in 8 bits at 64 per
//! unit, value weights in 16 bits at 1024 per unit; biases of the heads in 32 bits at the scale of their dot products. Logits
//! leave as whole numbers of known scale.

use rand::Rng;

use crate::aligned::Aligned;
use crate::error::WeightsError;
use crate::fixed;
use crate::shape::{Address, HAND_COUNTS, Shape};
use crate::tensors::{
    POLICY_LOGIT, POLICY_SCALE, Parts, SUM_SCALE, TENSORS, VALUE_LOGIT, VALUE_SCALE, dims, limit, tensor_names,
};

/// One tensor of a [`FloatNetwork`].
#[derive(Clone, Copy, Debug)]
pub struct TensorRef<'a> {
    /// Name in weight files.
    pub name: &'static str,
    /// Rows and columns, or length.
    pub dims: [usize; 2],
    /// Values, row by row.
    pub values: &'a [f32],
    /// Largest magnitude that quantisation can represent: trainers clamp to it.
    pub limit: f32,
    /// How many whole numbers make 1 in the quantised network.
    scale: f32,
}

impl TensorRef<'_> {
    /// Dimensions: one for biases, two for weights.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        if self.dims[1] == 0 { &self.dims[..1] } else { &self.dims }
    }
}

/// The network in 32-bit floats: the form that a trainer works on, and what the quantised network is compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct FloatNetwork {
    shape: Shape,
    tensors: Vec<Vec<f32>>,
}

impl FloatNetwork {
    /// All weights 0.
    #[must_use]
    pub fn zeros(shape: &Shape) -> FloatNetwork {
        let tensors = (0..tensor_names(shape).count()).map(|i| vec![0.0; dims(shape, i).iter().product()]).collect();
        FloatNetwork { shape: shape.clone(), tensors }
    }

    /// Small uniformly random weights: hidden sums begin near the middle of their range, the outputs of the heads near 0.
    #[must_use]
    pub fn random(shape: &Shape, rng: &mut impl Rng) -> FloatNetwork {
        let mut network = FloatNetwork::zeros(shape);
        let weights = [(0.0, 0.2), (0.0, 0.05), (0.0, 0.05), (0.0, 0.1), (0.0, 0.05)];
        for (index, tensor) in network.tensors.iter_mut().enumerate() {
            let (centre, spread) = match index {
                1 => (0.4, 0.1),
                _ if index % 2 == 0 => weights[index / 2],
                _ => (0.0, 0.0),
            };
            for value in tensor {
                *value = centre + spread * (2.0 * rng.random::<f32>() - 1.0);
            }
        }
        network
    }

    /// The shape of the network.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// All tensors, in a fixed order.
    pub fn tensors(&self) -> impl Iterator<Item = TensorRef<'_>> {
        self.tensors.iter().enumerate().map(|(i, values)| {
            let d = dims(&self.shape, i);
            TensorRef {
                name: TENSORS[i].0,
                dims: [d[0], d.get(1).copied().unwrap_or(0)],
                values,
                limit: limit(&self.shape, i),
                scale: TENSORS[i].2,
            }
        })
    }

    /// The values of a tensor, to be overwritten.
    #[must_use]
    pub fn tensor_mut(&mut self, name: &str) -> Option<&mut [f32]> {
        let index = tensor_names(&self.shape).position(|n| n == name)?;
        Some(&mut self.tensors[index])
    }

    /// Expected result in [-1, 1] and policy logits, computed in 64-bit floats.
    ///
    /// # Panics
    /// If a feature or address lies outside the shape.
    #[must_use]
    pub fn evaluate(&self, active: &[usize], addresses: &[Address]) -> (f64, Vec<f64>) {
        let h = self.shape.hidden;
        let tensor = |index: usize| self.tensors.get(index).map_or(&[][..], Vec::as_slice);
        let [features, bias, policy, policy_bias, promotion] = [0, 1, 2, 3, 4].map(tensor);
        let [promotion_bias, value, value_bias, wall, wall_bias] = [5, 6, 7, 8, 9].map(tensor);
        let hidden: Vec<f64> = (0..h)
            .map(|j| active.iter().map(|f| f64::from(features[f * h + j])).sum::<f64>() + f64::from(bias[j]))
            .map(|sum| sum.clamp(0.0, 1.0).powi(2))
            .collect();
        let head = |weights: &[f32], biases: &[f32], row: usize| {
            let dot: f64 = hidden.iter().zip(&weights[row * h..(row + 1) * h]).map(|(a, w)| a * f64::from(*w)).sum();
            dot + f64::from(biases[row])
        };
        let wdl = [0, 1, 2].map(|row| head(value, value_bias, row).exp());
        let logits = addresses
            .iter()
            .map(|a| {
                head(policy, policy_bias, a.from_to)
                    + a.promotion.map_or(0.0, |row| head(promotion, promotion_bias, row))
                    + a.wall.map_or(0.0, |row| head(wall, wall_bias, row))
            })
            .collect();
        ((wdl[0] - wdl[2]) / wdl.iter().sum::<f64>(), logits)
    }

    /// The network in whole numbers.
    ///
    /// # Errors
    /// If a weight is not a number or larger than its limit.
    pub fn quantise(&self) -> Result<Network, WeightsError> {
        for tensor in self.tensors() {
            // Rounding may have moved a weight at its limit a little beyond: it is accepted, so that a quantised network can be
            // quantised again.
            let most = ((tensor.limit * tensor.scale).round() + 0.1) / tensor.scale;
            if let Some(value) = tensor.values.iter().find(|v| v.is_nan() || v.abs() > most) {
                return Err(WeightsError::Tensor {
                    name: tensor.name.to_owned(),
                    message: format!("holds {value}; numbers from -{} to {} were expected", tensor.limit, tensor.limit),
                });
            }
        }
        let scaled = |index: usize| {
            let values = self.tensors.get(index).map_or(&[][..], Vec::as_slice);
            values.iter().map(move |v| (v * TENSORS[index].2).round())
        };
        let i16s = |index| scaled(index).map(|v| v as i16).collect::<Aligned<_>>();
        let i8s = |index| scaled(index).map(|v| v as i8).collect::<Aligned<_>>();
        let i32s = |index| scaled(index).map(|v| v as i32).collect::<Vec<_>>();
        Network::new(
            self.shape.clone(),
            Parts {
                features: i16s(0),
                bias: i16s(1),
                policy: i8s(2),
                policy_bias: i32s(3),
                promotion: i8s(4),
                promotion_bias: i32s(5),
                value: i16s(6),
                value_bias: i32s(7),
                wall: i8s(8),
                wall_bias: i32s(9),
            },
        )
    }
}

/// A network in whole numbers, checked so that no sum of its inference can overflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    shape: Shape,
    pub(crate) parts: Parts,
    hash: String,
}

impl Network {
    /// [`fixed::reciprocal`] for the softmax of policy logits.
    pub(crate) const POLICY_RECIPROCAL: u64 = fixed::reciprocal(POLICY_LOGIT);
    /// [`fixed::reciprocal`] for the softmax of win, draw and loss.
    pub(crate) const VALUE_RECIPROCAL: u64 = fixed::reciprocal(VALUE_LOGIT);

    /// A network of these tensors. They are refused if lengths do not fit the shape, if a hidden sum could leave 16 bits (with the
    /// heaviest man on every square and of each kind in hand), if an 8-bit weight is -128, or if a head could leave 32 bits.
    pub(crate) fn new(shape: Shape, parts: Parts) -> Result<Network, WeightsError> {
        shape.check()?;
        let error = |name: &str, message: String| Err(WeightsError::Tensor { name: name.to_owned(), message });
        let lengths = [
            parts.features.len(),
            parts.bias.len(),
            parts.policy.len(),
            parts.policy_bias.len(),
            parts.promotion.len(),
            parts.promotion_bias.len(),
            parts.value.len(),
            parts.value_bias.len(),
            parts.wall.len(),
            parts.wall_bias.len(),
        ];
        for (index, length) in lengths.into_iter().enumerate() {
            let expected: usize = dims(&shape, index).iter().product();
            if length != expected {
                return error(TENSORS[index].0, format!("has {length} values; {expected} were expected"));
            }
        }
        for unit in 0..shape.hidden {
            let heaviest: i32 = (0..shape.squares())
                .map(|square| {
                    let weights = (square..shape.on_squares()).step_by(shape.squares());
                    weights.map(|f| i32::from(parts.features[f * shape.hidden + unit]).abs()).max().unwrap_or(0)
                })
                .sum();
            let weight = |f: usize| i32::from(parts.features[f * shape.hidden + unit]).abs();
            let in_hand = shape.on_squares()..shape.on_squares() + shape.in_hand();
            let kinds = in_hand.clone().step_by(HAND_COUNTS);
            let held: i32 = kinds.map(|first| (first..first + HAND_COUNTS).map(weight).max().unwrap_or(0)).sum();
            let described: i32 = (in_hand.end..shape.features()).map(weight).sum();
            let worst = heaviest + held + described + i32::from(parts.bias[unit]).abs();
            let limit = i32::from(i16::MAX);
            if worst > limit {
                let name = TENSORS[usize::from(heaviest + held + described <= limit)].0;
                return error(name, format!("lets the sum of unit {unit} reach {worst}, more than 16 bits hold"));
            }
        }
        for (index, weights) in [(2, &parts.policy), (4, &parts.promotion), (8, &parts.wall)] {
            if weights.contains(&i8::MIN) {
                return error(TENSORS[index].0, "holds -128; -127 to 127 was expected".to_owned());
            }
        }
        if parts.value.iter().any(|w| w.unsigned_abs() > 8192) {
            return error(TENSORS[6].0, "holds a weight beyond -8192 to 8192".to_owned());
        }
        let biases =
            [(3, &parts.policy_bias), (5, &parts.promotion_bias), (7, &parts.value_bias), (9, &parts.wall_bias)];
        for (index, biases) in biases {
            if biases.iter().any(|b| b.unsigned_abs() > 1 << 21) {
                return error(TENSORS[index].0, "holds a bias beyond -2^21 to 2^21".to_owned());
            }
        }
        let hash = crate::tensors::hash(&shape, &parts);
        Ok(Network { shape, parts, hash })
    }

    /// The shape of the network.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The network in floats, from which a trainer can continue. Quantised again it is equal to this network.
    #[must_use]
    pub fn dequantise(&self) -> FloatNetwork {
        let i16s = |values: &[i16], scale: f32| values.iter().map(|v| f32::from(*v) / scale).collect();
        let i8s = |values: &[i8]| values.iter().map(|v| f32::from(*v) / POLICY_SCALE).collect();
        let i32s = |values: &[i32], scale: f32| values.iter().map(|v| *v as f32 / scale).collect();
        let p = &self.parts;
        let mut tensors = vec![
            i16s(&p.features, SUM_SCALE),
            i16s(&p.bias, SUM_SCALE),
            i8s(&p.policy),
            i32s(&p.policy_bias, POLICY_LOGIT as f32),
            i8s(&p.promotion),
            i32s(&p.promotion_bias, POLICY_LOGIT as f32),
            i16s(&p.value, VALUE_SCALE),
            i32s(&p.value_bias, VALUE_LOGIT as f32),
        ];
        if self.shape.walls {
            tensors.extend([i8s(&p.wall), i32s(&p.wall_bias, POLICY_LOGIT as f32)]);
        }
        FloatNetwork { shape: self.shape.clone(), tensors }
    }

    /// Hash of the weights, 16 hex digits.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }
}
