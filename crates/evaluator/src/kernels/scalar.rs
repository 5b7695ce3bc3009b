//! Inference in plain Rust.

use super::{MAX_HIDDEN, Parts, Room};

/// Computes the logits of `moves` moves, and returns those of win, draw and loss.
pub(super) fn logits(parts: &Parts, room: &mut Room, active: usize, moves: usize, promotions: usize) -> [i32; 3] {
    let width = parts.bias.len();
    let mut sums = [0i16; MAX_HIDDEN];
    let sums = &mut sums[..width];
    sums.copy_from_slice(&parts.bias);
    for feature in &room.active[..active] {
        for (sum, weight) in sums.iter_mut().zip(row(&parts.features, *feature, width)) {
            *sum += weight;
        }
    }
    let activation = &mut room.activation[..width];
    for (a, sum) in activation.iter_mut().zip(sums) {
        let clipped = u32::from((*sum).clamp(0, 255) as u16);
        *a = ((clipped * clipped) >> 9) as u8;
    }
    let activation = &*activation;
    let policy = |weights: &[i8], biases: &[i32], address: u16| {
        let products = row(weights, address, width).iter().zip(activation);
        products.map(|(w, a)| i32::from(*w) * i32::from(*a)).sum::<i32>() + biases[usize::from(address)]
    };
    for (logit, address) in room.logits.iter_mut().zip(&room.from_to[..moves]) {
        *logit = policy(&parts.policy, &parts.policy_bias, *address);
    }
    for (mv, address) in &room.promotions[..promotions] {
        room.logits[usize::from(*mv)] += policy(&parts.promotion, &parts.promotion_bias, *address);
    }
    [0, 1, 2].map(|i| {
        let products = row(&parts.value, i, width).iter().zip(activation);
        products.map(|(w, a)| i32::from(*w) * i32::from(*a)).sum::<i32>() + parts.value_bias[usize::from(i)]
    })
}

fn row<T>(weights: &[T], index: u16, width: usize) -> &[T] {
    &weights[usize::from(index) * width..][..width]
}
