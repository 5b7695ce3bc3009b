//! Inference in 256-bit vectors.

use std::arch::x86_64::*;

use super::{Bound, Color, Move, Network, Parts, Position, Room, Rules, Word, addresses_of_four, fixed};

/// The value of a position as [`super::Runnable::value`] specifies.
#[target_feature(enable = "avx2,bmi1,bmi2")]
pub(super) fn value<W: Word>(bound: Bound<'_>, rules: &Rules<W>, position: &Position<W>, room: &mut Room) -> f32 {
    let active = room.look(bound.binding, rules, position);
    let value = hidden(&bound.network.parts, &room.active[..active], &mut room.activation);
    fixed::expected_result(value, Network::VALUE_RECIPROCAL)
}

/// The priors of moves as [`super::Runnable::priors`] specifies.
#[target_feature(enable = "avx2,bmi1,bmi2")]
pub(super) fn priors(bound: Bound<'_>, turn: Color, moves: &[Move], room: &mut Room, priors: &mut [f32]) {
    policy(bound, turn, moves, room);
    softmax(room, priors);
}

/// Writes the hidden layer, and returns the logits of win, draw and loss.
#[inline]
#[target_feature(enable = "avx2")]
fn hidden(parts: &Parts, active: &[u16], activation: &mut [u8]) -> [i32; 3] {
    /// Vectors of sums that are carried through all rows at once, as many as fit the registers.
    const WIDE: usize = 8;
    const NARROW: usize = 2;
    let vectors = parts.bias.len() / 16;
    let mut value = [_mm256_setzero_si256(); 3];
    let mut first = 0;
    let (wide, narrow) = activation.as_chunks_mut::<32>().0[..vectors / 2].as_chunks_mut::<{ WIDE / 2 }>();
    for block in wide {
        hidden_block::<WIDE>(parts, active, first, block, &mut value);
        first += WIDE;
    }
    for block in narrow.as_chunks_mut::<{ NARROW / 2 }>().0 {
        hidden_block::<NARROW>(parts, active, first, block, &mut value);
        first += NARROW;
    }
    let [win, draw, loss, _] = lanes(sum_lanes([value[0], value[1], value[2], value[2]]));
    [win + parts.value_bias[0], draw + parts.value_bias[1], loss + parts.value_bias[2]]
}

/// Computes `N` vectors of hidden units from number `first` on: writes their activations, and adds their products with the weights
/// of the value head to its lanes.
#[inline]
#[target_feature(enable = "avx2")]
fn hidden_block<const N: usize>(
    parts: &Parts,
    active: &[u16],
    first: usize,
    activation: &mut [[u8; 32]],
    value: &mut [__m256i; 3],
) {
    let vectors = parts.bias.len() / 16;
    let mut sums = [_mm256_setzero_si256(); N];
    let bias = block::<N>(&parts.bias, first);
    for i in 0..N {
        sums[i] = load(&bias[i]);
    }
    for feature in active {
        let weights = block::<N>(&parts.features, usize::from(*feature) * vectors + first);
        for i in 0..N {
            sums[i] = _mm256_add_epi16(sums[i], load(&weights[i]));
        }
    }
    for sum in &mut sums {
        let clipped = _mm256_min_epi16(_mm256_max_epi16(*sum, _mm256_setzero_si256()), _mm256_set1_epi16(255));
        // (c << 7) * c >> 16 is c * c >> 9.
        *sum = _mm256_mulhi_epi16(_mm256_slli_epi16::<7>(clipped), clipped);
    }
    for (logit, total) in value.iter_mut().enumerate() {
        let weights = block::<N>(&parts.value, logit * vectors + first);
        for i in 0..N {
            *total = _mm256_add_epi32(*total, _mm256_madd_epi16(sums[i], load(&weights[i])));
        }
    }
    for (i, activation) in activation.iter_mut().enumerate() {
        // Packing works within 128-bit halves; the permutation puts the units back in order.
        let packed = _mm256_packus_epi16(sums[2 * i], sums[2 * i + 1]);
        store(activation, _mm256_permute4x64_epi64::<0b11_01_10_00>(packed));
    }
}

/// Writes the logits of moves into `room`, and fills the last vector up with the least numbers there are.
#[inline]
#[target_feature(enable = "avx2")]
fn policy(bound: Bound<'_>, turn: Color, moves: &[Move], room: &mut Room) {
    let parts = &bound.network.parts;
    let vectors = parts.bias.len() / 32;
    let activation = &room.activation.as_chunks().0[..vectors];
    let row = |address: usize| &parts.policy.as_chunks().0[address * vectors..][..vectors];
    let mut promotions = 0;
    // Four moves at once share the sums across lanes.
    let logits = room.logits.as_chunks_mut::<4>().0;
    for (group, moves) in moves.chunks(4).enumerate() {
        let from_to = addresses_of_four(bound.binding, turn, (4 * group, moves), &mut room.promotions, &mut promotions);
        let [a, b, c, d] = from_to;
        let products = lanes(dot4([row(a), row(b), row(c), row(d)], activation));
        logits[group] = std::array::from_fn(|i| products[i] + parts.policy_bias[from_to[i]]);
    }
    for (mv, address) in &room.promotions[..promotions] {
        let address = usize::from(*address);
        let row = &parts.promotion.as_chunks().0[address * vectors..][..vectors];
        room.logits[usize::from(*mv)] += dot(row, activation) + parts.promotion_bias[address];
    }
    room.logits[moves.len()..moves.len().next_multiple_of(4)].fill(i32::MIN);
}

/// The dot products of four rows with the activations.
#[inline]
#[target_feature(enable = "avx2")]
fn dot4(rows: [&[[i8; 32]]; 4], activation: &[[u8; 32]]) -> __m128i {
    let mut sums = [_mm256_setzero_si256(); 4];
    let [a, b, c, d] = rows;
    let (wide, narrow) = activation.as_chunks();
    for (k, activation) in wide.iter().enumerate() {
        dot4_block::<4>([chunk(a, k), chunk(b, k), chunk(c, k), chunk(d, k)], activation, &mut sums);
    }
    for (k, activation) in (4 * wide.len()..).zip(narrow.as_chunks().0) {
        dot4_block::<1>([chunk(a, k), chunk(b, k), chunk(c, k), chunk(d, k)], activation, &mut sums);
    }
    sum_lanes(sums)
}

/// Adds products of `N` vectors of each row to the sums.
#[inline]
#[target_feature(enable = "avx2")]
fn dot4_block<const N: usize>(rows: [&[[i8; 32]; N]; 4], activation: &[[u8; 32]; N], sums: &mut [__m256i; 4]) {
    for k in 0..N {
        let activation = load(&activation[k]);
        for i in 0..4 {
            sums[i] = _mm256_add_epi32(sums[i], products(activation, &rows[i][k]));
        }
    }
}

/// The dot product of a row with the activations.
#[inline]
#[target_feature(enable = "avx2")]
fn dot(row: &[[i8; 32]], activation: &[[u8; 32]]) -> i32 {
    let mut sum = _mm256_setzero_si256();
    for (activation, weights) in activation.iter().zip(row) {
        sum = _mm256_add_epi32(sum, products(load(activation), weights));
    }
    lanes(sum_lanes([sum; 4]))[0]
}

/// Products of activations and weights, added up by fours. Two products of 127 * 127 fit 16 bits: nothing saturates.
#[inline]
#[target_feature(enable = "avx2")]
fn products(activation: __m256i, weights: &[i8; 32]) -> __m256i {
    let pairs = _mm256_maddubs_epi16(activation, load(weights));
    _mm256_madd_epi16(pairs, _mm256_set1_epi16(1))
}

/// The softmax of the logits of `room` as [`fixed::softmax`] computes it, four logits at a time.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn softmax(room: &mut Room, priors: &mut [f32]) {
    let groups = priors.len().div_ceil(4);
    let logits = &room.logits.as_chunks::<4>().0[..groups];
    let terms = &mut room.terms.as_chunks_mut::<4>().0[..groups];

    let mut best = _mm_set1_epi32(i32::MIN);
    for logits in logits {
        best = _mm_max_epi32(best, load4(logits));
    }
    best = _mm_max_epi32(best, _mm_shuffle_epi32::<0b01_00_11_10>(best));
    best = _mm_max_epi32(best, _mm_shuffle_epi32::<0b10_11_00_01>(best));

    let mut total = _mm256_setzero_si256();
    for (logits, terms) in logits.iter().zip(&mut *terms) {
        let term = exp_negative(_mm_sub_epi32(best, load4(logits)));
        total = _mm256_add_epi64(total, term);
        let evens = _mm256_permutevar8x32_epi32(term, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));
        store4(terms, _mm_cvtepi32_ps(_mm256_castsi256_si128(evens)));
    }
    let half = _mm_add_epi64(_mm256_castsi256_si128(total), _mm256_extracti128_si256::<1>(total));
    let total = _mm_cvtsi128_si64(half) + _mm_extract_epi64::<1>(half);
    // Each number that fills up the last vector has added 1 unit, the least value of a term.
    let total = (total - (4 * groups - priors.len()) as i64) as f32;
    for (prior, term) in priors.iter_mut().zip(terms.as_flattened()) {
        *prior = term / total;
    }
}

/// Computes [`fixed::exp_negative`] of four differences below 2^32, as four integers of 64 bits.
#[inline]
#[target_feature(enable = "avx2")]
fn exp_negative(difference: __m128i) -> __m256i {
    let reciprocal = _mm256_set1_epi64x(Network::POLICY_RECIPROCAL as i64);
    let t = _mm256_mul_epu32(_mm256_cvtepu32_epi64(difference), reciprocal);
    let f = _mm256_srli_epi64::<34>(_mm256_slli_epi64::<32>(t));
    let mut sum = _mm256_set1_epi64x(fixed::SERIES[5] as i64);
    for coefficient in
        [fixed::SERIES[4], fixed::SERIES[3], fixed::SERIES[2], fixed::SERIES[1], fixed::SERIES[0], fixed::ONE]
    {
        let product = _mm256_srli_epi64::<30>(_mm256_mul_epu32(sum, f));
        sum = _mm256_sub_epi64(_mm256_set1_epi64x(coefficient as i64), product);
    }
    _mm256_max_epu32(_mm256_srlv_epi64(sum, _mm256_srli_epi64::<32>(t)), _mm256_set1_epi64x(1))
}

/// The sum of the eight lanes of each of four vectors.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn sum_lanes([a, b, c, d]: [__m256i; 4]) -> __m128i {
    let halves = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
    _mm_add_epi32(_mm256_castsi256_si128(halves), _mm256_extracti128_si256::<1>(halves))
}

/// The chunk of `N` vectors number `k`.
#[inline(always)]
fn chunk<const N: usize>(row: &[[i8; 32]], k: usize) -> &[[i8; 32]; N] {
    &row.as_chunks().0[k]
}

/// `N` vectors from number `first` on.
#[inline(always)]
fn block<const N: usize>(weights: &[i16], first: usize) -> &[[i16; 16]; N] {
    weights.as_chunks().0[first..].first_chunk().expect("rows are multiples of 32 units")
}

/// What fills a 256-bit vector.
pub(super) trait Vector {}
impl Vector for [i16; 16] {}
impl Vector for [i8; 32] {}
impl Vector for [u8; 32] {}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn load<T: Vector>(from: &T) -> __m256i {
    const { assert!(size_of::<T>() == 32) };
    // SAFETY: `from` is 32 bytes of integers; the load needs no alignment.
    unsafe { _mm256_loadu_si256(std::ptr::from_ref(from).cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn store(to: &mut [u8; 32], vector: __m256i) {
    // SAFETY: `to` is 32 bytes; the store needs no alignment.
    unsafe { _mm256_storeu_si256(std::ptr::from_mut(to).cast(), vector) };
}

#[inline]
#[target_feature(enable = "avx2")]
fn load4(from: &[i32; 4]) -> __m128i {
    // SAFETY: `from` is 16 bytes; the load needs no alignment.
    unsafe { _mm_loadu_si128(std::ptr::from_ref(from).cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store4(to: &mut [f32; 4], vector: __m128) {
    // SAFETY: `to` is 16 bytes; the store needs no alignment.
    unsafe { _mm_storeu_ps(to.as_mut_ptr(), vector) };
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn lanes(vector: __m128i) -> [i32; 4] {
    let mut lanes = [0; 4];
    // SAFETY: `lanes` is 16 bytes; the store needs no alignment.
    unsafe { _mm_storeu_si128(lanes.as_mut_ptr().cast(), vector) };
    lanes
}
