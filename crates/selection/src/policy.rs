//! The loss of the policy head in training, and its gradient: the cross entropy of the visits and the softmax over the legal moves.
//!
//! It is computed here because libtorch would copy a row of weights and the hidden layer for every legal move, forward and backward. Sums
//! run in a fixed order and the exponential is portable, so the result is the same on every machine.

/// Numbers that are summed at once. The widths of hidden layers are multiples of it.
const LANES: usize = 16;

/// Weights of the policy head, or their gradients.
pub(crate) struct Policy<T> {
    /// A row of the hidden layer's width per from-to address.
    pub(crate) weight: T,
    /// A number per from-to address.
    pub(crate) bias: T,
    /// A row of the hidden layer's width per promotion address. The logit of a promotion is the sum of its from-to and its promotion logit.
    pub(crate) promotion: T,
    /// A number per promotion address.
    pub(crate) promotion_bias: T,
    /// A row per wall address, added besides; none in a network that sees no walls.
    pub(crate) wall: T,
    pub(crate) wall_bias: T,
}

/// A legal move with its target probability.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    /// From-to address of the move.
    pub(crate) address: usize,
    /// Promotion address, if the move is a promotion.
    pub(crate) promotion: Option<usize>,
    /// Wall address, if the move builds a wall.
    pub(crate) wall: Option<usize>,
    /// Share of the visits, 0 to 1.
    pub(crate) share: f32,
}

/// The policy loss of a position, or a sum or mean of such losses.
#[derive(Clone, Copy, Default)]
pub(crate) struct PolicyLoss {
    /// Cross entropy of the visits and the network's priors, in nats.
    pub(crate) cross_entropy: f64,
    /// Entropy of the visits in nats, which is the least that the cross entropy can be.
    pub(crate) entropy: f64,
}

/// The loss of one position whose hidden layer is `hidden`. Adds `scale` times the gradient of the loss to `gradient` and
/// `hidden_gradient`. `logits` is a buffer, so that calls do not allocate.
pub(crate) fn policy_loss(
    policy: &Policy<&[f32]>,
    hidden: &[f32],
    targets: &[Target],
    scale: f32,
    logits: &mut Vec<f32>,
    gradient: &mut Policy<&mut [f32]>,
    hidden_gradient: &mut [f32],
) -> PolicyLoss {
    let width = hidden.len();
    let row = |index: usize| index * width..(index + 1) * width;
    logits.clear();
    logits.extend(targets.iter().map(|t| {
        let from_to = dot(&policy.weight[row(t.address)], hidden) + policy.bias[t.address];
        let promotion = t.promotion.map_or(0.0, |p| dot(&policy.promotion[row(p)], hidden) + policy.promotion_bias[p]);
        let man = from_to + promotion;
        t.wall.map_or(man, |w| man + (dot(&policy.wall[row(w)], hidden) + policy.wall_bias[w]))
    }));
    let max = logits.iter().fold(f32::NEG_INFINITY, |max, x| max.max(*x));
    let sum: f32 = logits.iter().map(|x| libm::expf(x - max)).sum();
    let log_sum = max + libm::logf(sum);
    let mut loss = PolicyLoss::default();
    for (logit, t) in logits.iter().zip(targets) {
        let log_prior = logit - log_sum;
        loss.cross_entropy -= f64::from(t.share * log_prior);
        if t.share > 0.0 {
            loss.entropy -= f64::from(t.share * libm::logf(t.share));
        }
        let slope = scale * (libm::expf(log_prior) - t.share);
        add_scaled(&mut gradient.weight[row(t.address)], slope, hidden);
        gradient.bias[t.address] += slope;
        add_scaled(hidden_gradient, slope, &policy.weight[row(t.address)]);
        if let Some(p) = t.promotion {
            add_scaled(&mut gradient.promotion[row(p)], slope, hidden);
            gradient.promotion_bias[p] += slope;
            add_scaled(hidden_gradient, slope, &policy.promotion[row(p)]);
        }
        if let Some(w) = t.wall {
            add_scaled(&mut gradient.wall[row(w)], slope, hidden);
            gradient.wall_bias[w] += slope;
            add_scaled(hidden_gradient, slope, &policy.wall[row(w)]);
        }
    }
    loss
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0f32; LANES];
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

fn add_scaled(target: &mut [f32], scale: f32, source: &[f32]) {
    for (target, source) in target.iter_mut().zip(source) {
        *target += scale * source;
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng as _, SeedableRng as _};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    const WIDTH: usize = 32;

    /// The cross entropy in 64-bit floats, computed without the code under test.
    fn loss_at(numbers: &[Vec<f32>; 6], hidden: &[f32], targets: &[Target]) -> f64 {
        let [weight, bias, promotion, promotion_bias, wall, wall_bias] = numbers;
        let logits: Vec<f64> = targets
            .iter()
            .map(|t| {
                let head = |w: &[f32], b: &[f32], i: usize| {
                    let row = &w[i * WIDTH..(i + 1) * WIDTH];
                    row.iter().zip(hidden).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>() + f64::from(b[i])
                };
                let man =
                    head(weight, bias, t.address) + t.promotion.map_or(0.0, |p| head(promotion, promotion_bias, p));
                man + t.wall.map_or(0.0, |w| head(wall, wall_bias, w))
            })
            .collect();
        let sum: f64 = logits.iter().map(|x| x.exp()).sum();
        targets.iter().zip(&logits).map(|(t, x)| -f64::from(t.share) * (x - sum.ln())).sum()
    }

    #[test]
    fn gradient_is_the_slope_of_the_loss() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut draw = |n: usize| (0..n).map(|_| rng.random_range(-0.5f32..0.5)).collect::<Vec<f32>>();
        let mut numbers = [draw(6 * WIDTH), draw(6), draw(3 * WIDTH), draw(3), draw(4 * WIDTH), draw(4)];
        let mut hidden = draw(WIDTH);
        // Two moves share a from-to address, as promotions to different pieces do.
        let targets =
            [(0, None, Some(2), 0.5), (4, Some(1), Some(2), 0.25), (4, Some(2), Some(0), 0.25), (5, None, None, 0.0)]
                .map(|(address, promotion, wall, share)| Target { address, promotion, wall, share });
        let mut gradients = numbers.each_ref().map(|column| vec![0.0; column.len()]);
        let mut hidden_gradient = vec![0.0; WIDTH];
        let [weight, bias, promotion, promotion_bias, wall, wall_bias] = &mut gradients;
        let mut gradient = Policy {
            weight: &mut weight[..],
            bias: &mut bias[..],
            promotion: &mut promotion[..],
            promotion_bias: &mut promotion_bias[..],
            wall: &mut wall[..],
            wall_bias: &mut wall_bias[..],
        };
        let policy = Policy {
            weight: &numbers[0][..],
            bias: &numbers[1],
            promotion: &numbers[2],
            promotion_bias: &numbers[3],
            wall: &numbers[4],
            wall_bias: &numbers[5],
        };
        let mut room = Vec::new();
        let loss = policy_loss(&policy, &hidden, &targets, 1.0, &mut room, &mut gradient, &mut hidden_gradient);
        assert!((loss.cross_entropy - loss_at(&numbers, &hidden, &targets)).abs() < 1e-5);
        assert!((loss.entropy - 1.5 * std::f64::consts::LN_2).abs() < 1e-6);

        const STEP: f32 = 1e-2;
        let assert_near = |slope: f64, found: f32| assert!((slope - f64::from(found)).abs() < 1e-4, "{slope} {found}");
        for tensor in 0..numbers.len() {
            for i in 0..numbers[tensor].len() {
                let value = numbers[tensor][i];
                let [above, below] = [STEP, -STEP].map(|change| {
                    numbers[tensor][i] = value + change;
                    loss_at(&numbers, &hidden, &targets)
                });
                numbers[tensor][i] = value;
                assert_near((above - below) / f64::from(2.0 * STEP), gradients[tensor][i]);
            }
        }
        for i in 0..WIDTH {
            let value = hidden[i];
            let [above, below] = [STEP, -STEP].map(|change| {
                hidden[i] = value + change;
                loss_at(&numbers, &hidden, &targets)
            });
            hidden[i] = value;
            assert_near((above - below) / f64::from(2.0 * STEP), hidden_gradient[i]);
        }
    }
}
