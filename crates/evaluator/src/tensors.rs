//! The tensors of a network: their names, sizes and scales, their values in whole numbers, and the hash of all of them.

use sha2::{Digest as _, Sha256};

use crate::aligned::Aligned;
use crate::shape::Shape;

pub(crate) const SUM_SCALE: f32 = 255.0;
pub(crate) const POLICY_SCALE: f32 = 64.0;
pub(crate) const VALUE_SCALE: f32 = 1024.0;
/// Units of a policy logit.
pub(crate) const POLICY_LOGIT: u64 = 127 * 64;
/// Units of a win, draw or loss logit.
pub(crate) const VALUE_LOGIT: u64 = 127 * 1024;
/// Largest head bias in logits, so small that the 32-bit sums cannot overflow.
const BIAS_LIMIT: f32 = 8.0;
/// Largest bias of a hidden sum.
const BIAS_OF_SUM: f32 = 1.69;

/// Tensor names with their largest magnitude and how many whole numbers make 1, in the order of files and trainers.
/// The last two are only in networks that see walls.
pub(crate) const TENSORS: [(&str, f32, f32); 10] = [
    ("features.weight", 1.98, SUM_SCALE),
    ("features.bias", BIAS_OF_SUM, SUM_SCALE),
    ("policy.weight", 1.98, POLICY_SCALE),
    ("policy.bias", BIAS_LIMIT, POLICY_LOGIT as f32),
    ("promotion.weight", 1.98, POLICY_SCALE),
    ("promotion.bias", BIAS_LIMIT, POLICY_LOGIT as f32),
    ("value.weight", BIAS_LIMIT, VALUE_SCALE),
    ("value.bias", BIAS_LIMIT, VALUE_LOGIT as f32),
    ("wall.weight", 1.98, POLICY_SCALE),
    ("wall.bias", BIAS_LIMIT, POLICY_LOGIT as f32),
];
/// Index of the first tensor that only networks have that see walls.
const WALL_TENSORS: usize = 8;

/// The largest magnitude of the tensor number `index` of [`TENSORS`]. The more squares a board has, the less a man on one of them may add to
/// a hidden sum, which must not leave 16 bits with men on all squares and in both hands.
pub(crate) fn limit(shape: &Shape, index: usize) -> f32 {
    let room = i16::MAX as usize - (BIAS_OF_SUM * SUM_SCALE + 0.5) as usize;
    let largest = TENSORS[index].1;
    if index == 0 && shape.most_active() > 64 {
        return largest.min((room / shape.most_active()) as f32 / SUM_SCALE);
    }
    largest
}

/// Dimensions of the tensor number `index` of [`TENSORS`].
pub(crate) fn dims(shape: &Shape, index: usize) -> Vec<usize> {
    let rows = match index / 2 {
        0 => shape.features(),
        1 => shape.addresses(),
        2 => shape.promotions(),
        3 => 3,
        _ => shape.wall_addresses(),
    };
    match index {
        1 => vec![shape.hidden],
        i if i % 2 == 0 => vec![rows, shape.hidden],
        _ => vec![rows],
    }
}

/// The tensors of moves, by their numbers in [`TENSORS`], of which files leave out rows without any weight; and the tensor that says which rows are
/// there.
pub(crate) const WITH_ROWS: [(usize, &str); 2] = [(2, "policy.rows"), (4, "promotion.rows")];

/// The rows of `biases`, and of `weights` with as many rows, in which anything is not zero.
pub(crate) fn rows_in_use(weights: &[i8], biases: &[i32]) -> Vec<u16> {
    let width = weights.len() / biases.len();
    let in_use = |(row, bias): &(&[i8], &i32)| **bias != 0 || row.iter().any(|weight| *weight != 0);
    let rows = weights.chunks_exact(width).zip(biases).enumerate();
    rows.filter(|(_, row)| in_use(row)).map(|(number, _)| number as u16).collect()
}

/// The bytes of these rows out of `all` bytes of a tensor of `count` rows.
pub(crate) fn taken(all: &[u8], count: usize, rows: &[u16]) -> Vec<u8> {
    let length = all.len() / count;
    rows.iter().flat_map(|row| &all[usize::from(*row) * length..][..length]).copied().collect()
}

/// All bytes of a tensor of `count` rows of `length` bytes each, of which all but `rows`, numbers below `count`, are zero.
pub(crate) fn spread(bytes: &[u8], count: usize, length: usize, rows: &[u16]) -> Vec<u8> {
    let mut all = vec![0; count * length];
    for (row, bytes) in rows.iter().zip(bytes.chunks_exact(length)) {
        all[usize::from(*row) * length..][..length].copy_from_slice(bytes);
    }
    all
}

/// The names of the tensors of a network.
pub(crate) fn tensor_names(shape: &Shape) -> impl Iterator<Item = &'static str> + use<> {
    let count = if shape.walls { TENSORS.len() } else { WALL_TENSORS };
    TENSORS.iter().take(count).map(|(name, ..)| *name)
}

/// The tensors of a quantised network, in the order of [`TENSORS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) features: Aligned<i16>,
    pub(crate) bias: Aligned<i16>,
    pub(crate) policy: Aligned<i8>,
    pub(crate) policy_bias: Vec<i32>,
    pub(crate) promotion: Aligned<i8>,
    pub(crate) promotion_bias: Vec<i32>,
    pub(crate) value: Aligned<i16>,
    pub(crate) value_bias: Vec<i32>,
    /// Empty, as its biases are, in a network that sees no walls.
    pub(crate) wall: Aligned<i8>,
    pub(crate) wall_bias: Vec<i32>,
}

/// The tensors as bytes, in the order of their names in [`tensor_names`].
pub(crate) fn bytes(parts: &Parts) -> [Vec<u8>; 10] {
    let i16s = |v: &[i16]| v.iter().flat_map(|x| x.to_le_bytes()).collect();
    let i8s = |v: &[i8]| v.iter().map(|x| x.cast_unsigned()).collect();
    let i32s = |v: &[i32]| v.iter().flat_map(|x| x.to_le_bytes()).collect();
    [
        i16s(&parts.features),
        i16s(&parts.bias),
        i8s(&parts.policy),
        i32s(&parts.policy_bias),
        i8s(&parts.promotion),
        i32s(&parts.promotion_bias),
        i16s(&parts.value),
        i32s(&parts.value_bias),
        i8s(&parts.wall),
        i32s(&parts.wall_bias),
    ]
}

/// Hash of a network, 16 hexadecimal digits: of its shape, piece letters included, and of the names and values of its tensors.
pub(crate) fn hash(shape: &Shape, parts: &Parts) -> String {
    let Shape { files, ranks, letters, hidden, attributes, walls, attacks, hands } = shape;
    let mut digest = Sha256::new();
    let [walls, attacks, hands] =
        [(walls, " walls"), (attacks, " attacks"), (hands, " hands")].map(|(sees, word)| if *sees { word } else { "" });
    digest.update(format!("{files} {ranks} {letters} {hidden} {attributes}{walls}{attacks}{hands}\n"));
    digest_tensors(digest, shape, parts)
}

/// The hash in cards of format 1: of the tensors alone, so that a permutation of the piece letters went unnoticed.
pub(crate) fn hash_of_tensors(shape: &Shape, parts: &Parts) -> String {
    digest_tensors(Sha256::new(), shape, parts)
}

fn digest_tensors(mut digest: Sha256, shape: &Shape, parts: &Parts) -> String {
    for (name, data) in tensor_names(shape).zip(bytes(parts)) {
        digest.update(name.as_bytes());
        digest.update(data);
    }
    digest.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect()
}
