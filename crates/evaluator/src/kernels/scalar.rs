//! Inference in plain Rust.

use super::{MAX_HIDDEN, Parts, Room};
use crate::shape::Address;

/// Writes the hidden layer, and returns the logits of win, draw and loss.
pub(super) fn hidden(parts: &Parts, room: &mut Room, active: usize) -> [i32; 3] {
    let width = parts.bias.len();
    let mut sums = [0i16; MAX_HIDDEN];
    let sums = &mut sums[..width];
    sums.copy_from_slice(&parts.bias);
    for feature in &room.active[..active] {
        for (sum, weight) in sums.iter_mut().zip(row(&parts.features, usize::from(*feature), width)) {
            *sum += weight;
        }
    }
    let activation = &mut room.activation[..width];
    for (a, sum) in activation.iter_mut().zip(sums) {
        let clipped = u32::from((*sum).clamp(0, 255) as u16);
        *a = ((clipped * clipped) >> 9) as u8;
    }
    let activation = &*activation;
    [0, 1, 2].map(|i| {
        let products = row(&parts.value, i, width).iter().zip(activation);
        products.map(|(w, a)| i32::from(*w) * i32::from(*a)).sum::<i32>() + parts.value_bias[i]
    })
}

/// The logit of a move without its wall.
pub(super) fn logit_of_man(parts: &Parts, activation: &[u8], address: Address) -> i32 {
    let from_to = head(&parts.policy, &parts.policy_bias, activation, address.from_to);
    let promotion = address.promotion.map(|row| head(&parts.promotion, &parts.promotion_bias, activation, row));
    from_to + promotion.unwrap_or(0)
}

/// What a wall adds to the logit of a move.
pub(super) fn logit_of_wall(parts: &Parts, activation: &[u8], wall: usize) -> i32 {
    head(&parts.wall, &parts.wall_bias, activation, wall)
}

/// The product of a row of a head with the hidden layer, and its bias.
fn head(weights: &[i8], biases: &[i32], activation: &[u8], address: usize) -> i32 {
    let products = row(weights, address, activation.len()).iter().zip(activation);
    products.map(|(w, a)| i32::from(*w) * i32::from(*a)).sum::<i32>() + biases[address]
}

fn row<T>(weights: &[T], index: usize, width: usize) -> &[T] {
    &weights[index * width..][..width]
}
