//! Inference in 512-bit vectors, with dot products of bytes in one instruction (VNNI).

use std::arch::x86_64::*;

use super::avx2::{self, lanes, softmax, sum_lanes};
use super::{Bound, Color, Move, Network, Parts, Position, Room, Rules, Word, addresses_of_four, fixed};

/// The value of a position as [`super::Runnable::value`] specifies.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,avx2,bmi1,bmi2")]
pub(super) fn value<W: Word>(bound: Bound<'_>, rules: &Rules<W>, position: &Position<W>, room: &mut Room) -> f32 {
    let active = room.look(bound.binding, rules, position);
    let value = hidden(&bound.network.parts, &room.active[..active], &mut room.activation);
    fixed::expected_result(value, Network::VALUE_RECIPROCAL)
}

/// The priors of moves as [`super::Runnable::priors`] specifies.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,avx2,bmi1,bmi2")]
pub(super) fn priors(bound: Bound<'_>, turn: Color, moves: &[Move], room: &mut Room, priors: &mut [f32]) {
    policy(bound, turn, moves, room);
    softmax(room, priors);
}

/// Writes the hidden layer, and returns the logits of win, draw and loss.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn hidden(parts: &Parts, active: &[u16], activation: &mut [u8]) -> [i32; 3] {
    /// Vectors of sums that are carried through all rows at once, as many as fit the registers.
    const WIDE: usize = 8;
    const MIDDLE: usize = 4;
    let mut value = [_mm512_setzero_si512(); 3];
    let mut first = 0;
    let activation = &mut activation.as_chunks_mut::<32>().0[..parts.bias.len() / 32];
    let (wide, rest) = activation.as_chunks_mut();
    for block in wide {
        hidden_block::<WIDE>(parts, active, first, block, &mut value);
        first += WIDE;
    }
    let (middle, rest) = rest.as_chunks_mut();
    for block in middle {
        hidden_block::<MIDDLE>(parts, active, first, block, &mut value);
        first += MIDDLE;
    }
    for block in rest.as_chunks_mut().0 {
        hidden_block::<1>(parts, active, first, block, &mut value);
        first += 1;
    }
    let [win, draw, loss, _] = lanes(sum_lanes(halved([value[0], value[1], value[2], value[2]])));
    [win + parts.value_bias[0], draw + parts.value_bias[1], loss + parts.value_bias[2]]
}

/// Computes `N` vectors of hidden units from number `first` on: writes their activations, and adds their products with the weights
/// of the value head to its lanes.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn hidden_block<const N: usize>(
    parts: &Parts,
    active: &[u16],
    first: usize,
    activation: &mut [[u8; 32]; N],
    value: &mut [__m512i; 3],
) {
    let vectors = parts.bias.len() / 32;
    let mut sums = [_mm512_setzero_si512(); N];
    let bias = block::<N>(&parts.bias, first);
    for i in 0..N {
        sums[i] = load(&bias[i]);
    }
    for feature in active {
        let weights = block::<N>(&parts.features, usize::from(*feature) * vectors + first);
        for i in 0..N {
            sums[i] = _mm512_add_epi16(sums[i], load(&weights[i]));
        }
    }
    for (sum, activation) in sums.iter_mut().zip(activation) {
        let clipped = _mm512_min_epi16(_mm512_max_epi16(*sum, _mm512_setzero_si512()), _mm512_set1_epi16(255));
        // (c << 7) * c >> 16 is c * c >> 9.
        *sum = _mm512_mulhi_epi16(_mm512_slli_epi16::<7>(clipped), clipped);
        avx2::store(activation, _mm512_cvtepi16_epi8(*sum));
    }
    for (logit, total) in value.iter_mut().enumerate() {
        let weights = block::<N>(&parts.value, logit * vectors + first);
        for i in 0..N {
            *total = _mm512_add_epi32(*total, _mm512_madd_epi16(sums[i], load(&weights[i])));
        }
    }
}

/// Writes the logits of moves into `room`, and fills the last vector up with the least numbers there are.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn policy(bound: Bound<'_>, turn: Color, moves: &[Move], room: &mut Room) {
    let parts = &bound.network.parts;
    let width = parts.bias.len();
    let activation = &room.activation[..width];
    let row = |address: usize| &parts.policy[address * width..][..width];
    let mut promotions = 0;
    // Four moves at once share the sums across lanes.
    let logits = room.logits.as_chunks_mut::<4>().0;
    for (group, moves) in moves.chunks(4).enumerate() {
        let from_to = addresses_of_four(bound.binding, turn, (4 * group, moves), &mut room.promotions, &mut promotions);
        let [a, b, c, d] = from_to;
        let products = dot4([row(a), row(b), row(c), row(d)], activation);
        logits[group] = std::array::from_fn(|i| products[i] + parts.policy_bias[from_to[i]]);
    }
    for (mv, address) in &room.promotions[..promotions] {
        let address = usize::from(*address);
        let row = &parts.promotion[address * width..][..width];
        room.logits[usize::from(*mv)] += dot4([row; 4], activation)[0] + parts.promotion_bias[address];
    }
    room.logits[moves.len()..moves.len().next_multiple_of(4)].fill(i32::MIN);
}

/// The dot products of four rows with the activations.
#[inline]
#[target_feature(enable = "avx512f,avx512vl,avx512vnni,avx2")]
fn dot4(rows: [&[i8]; 4], activation: &[u8]) -> [i32; 4] {
    let mut sums = [_mm512_setzero_si512(); 4];
    let [a, b, c, d] = rows;
    let (vectors, rest) = activation.as_chunks::<64>();
    let (wide, narrow) = vectors.as_chunks();
    for (k, activation) in wide.iter().enumerate() {
        dot4_block::<2>([chunk(a, k), chunk(b, k), chunk(c, k), chunk(d, k)], activation, &mut sums);
    }
    for (k, activation) in (2 * wide.len()..).zip(narrow.as_chunks().0) {
        dot4_block::<1>([chunk(a, k), chunk(b, k), chunk(c, k), chunk(d, k)], activation, &mut sums);
    }
    let mut sums = halved(sums);
    if let Some(activation) = rest.as_chunks::<32>().0.first() {
        for i in 0..4 {
            let weights = &rows[i].as_chunks::<32>().0[2 * vectors.len()];
            sums[i] = _mm256_dpbusd_epi32(sums[i], avx2::load(activation), avx2::load(weights));
        }
    }
    lanes(sum_lanes(sums))
}

/// Adds products of `N` vectors of each row to the sums.
#[inline]
#[target_feature(enable = "avx512f,avx512vnni")]
fn dot4_block<const N: usize>(rows: [&[[i8; 64]; N]; 4], activation: &[[u8; 64]; N], sums: &mut [__m512i; 4]) {
    for k in 0..N {
        let activation = load(&activation[k]);
        for i in 0..4 {
            sums[i] = _mm512_dpbusd_epi32(sums[i], activation, load(&rows[i][k]));
        }
    }
}

/// The sums of both halves of four vectors.
#[inline]
#[target_feature(enable = "avx512f,avx2")]
fn halved(vectors: [__m512i; 4]) -> [__m256i; 4] {
    let mut halved = [_mm256_setzero_si256(); 4];
    for i in 0..4 {
        halved[i] = _mm256_add_epi32(_mm512_castsi512_si256(vectors[i]), _mm512_extracti64x4_epi64::<1>(vectors[i]));
    }
    halved
}

/// The chunk of `N` vectors number `k`.
#[inline(always)]
fn chunk<const N: usize>(row: &[i8], k: usize) -> &[[i8; 64]; N] {
    &row.as_chunks().0.as_chunks().0[k]
}

/// `N` vectors from number `first` on.
#[inline(always)]
fn block<const N: usize>(weights: &[i16], first: usize) -> &[[i16; 32]; N] {
    weights.as_chunks().0[first..].first_chunk().expect("rows are multiples of 32 units")
}

/// What fills a 512-bit vector.
trait Vector {}
impl Vector for [i16; 32] {}
impl Vector for [i8; 64] {}
impl Vector for [u8; 64] {}

#[inline]
#[target_feature(enable = "avx512f")]
fn load<T: Vector>(from: &T) -> __m512i {
    const { assert!(size_of::<T>() == 64) };
    // SAFETY: `from` is 64 bytes of integers; the load needs no alignment.
    unsafe { _mm512_loadu_si512(std::ptr::from_ref(from).cast()) }
}
