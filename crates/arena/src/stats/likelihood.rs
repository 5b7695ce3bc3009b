//! The likeliest distributions of scores that fulfil a hypothesis.

use super::moments::{Moments, class_score};

/// Deviations that are tried before the best is refined.
const GRID: usize = 32;
/// Steps of the refinement, each of which narrows the interval to 0.618 of its width.
const REFINEMENTS: usize = 36;

/// How much likelier, in nats, the results are under their own frequencies than under the likeliest distribution with mean `score`.
/// That distribution is p_i = f_i / (1 + t (a_i - score)), with t such that its mean is `score` (Van den Bergh, "Comments on
/// Normalized Elo", proposition 1.1); hence the value is the sum of n_i ln(1 + t (a_i - score)). All counts must be positive.
pub(super) fn log_odds(counts: &[f64], score: f64) -> f64 {
    let distances: Vec<f64> = (0..counts.len()).map(|class| class_score(class, counts.len()) - score).collect();
    // The secular function falls from +infinity to -infinity between its outer poles. Bisection finds its zero to the last bit.
    let (mut low, mut high) = (-1.0 / (1.0 - score), 1.0 / score);
    loop {
        let t = 0.5 * (low + high);
        if t <= low || t >= high {
            return counts.iter().zip(&distances).map(|(n, d)| n * libm::log1p(low * d)).sum();
        }
        let secular: f64 = counts.iter().zip(&distances).map(|(n, d)| n * d / (1.0 + t * d)).sum();
        if secular > 0.0 {
            low = t;
        } else {
            high = t;
        }
    }
}

/// The generalised log-likelihood ratio for hypotheses on (mean - 1/2) / deviation of one unit. All counts must be
/// positive.
///
/// Where no likeliest distribution can be found (hypotheses of many hundred Elo), the approximation of section 4.2 of
/// Van den Bergh's "Normalized Elo in practice" stands in: n/2 ln((1 + (t - t0)^2) / (1 + (t - t1)^2)).
pub(super) fn normalised_llr(counts: &[f64], t0: f64, t1: f64) -> f64 {
    // Exchanging the players gives an equivalent problem. Both are solved, because where nearly all pairs end alike rounding may
    // hide the maximum in one of them.
    let reversed: Vec<f64> = counts.iter().rev().copied().collect();
    let odds = |t: f64| normalised_log_odds(counts, t).min(normalised_log_odds(&reversed, -t));
    let (odds0, odds1) = (odds(t0), odds(t1));
    if odds0.is_finite() && odds1.is_finite() {
        return odds0 - odds1;
    }
    let moments = Moments::of(counts);
    let t = (moments.mean - 0.5) / moments.variance.sqrt();
    let distance = |hypothesis: f64| libm::log1p((t - hypothesis) * (t - hypothesis));
    moments.units / 2.0 * (distance(t0) - distance(t1))
}

/// How much likelier, in nats, the results are under their own frequencies than under the likeliest distribution with (mean - 1/2)
/// / deviation = `t`; infinite if no such distribution was found.
///
/// For each deviation s, finding the likeliest distribution with mean 1/2 + t s and deviation s is a concave problem; s runs over
/// all values that the bounds of the scores allow. A fixed-point iteration on s ("Normalized Elo in practice", section 4.1) is
/// faster and finds the maximum in ordinary matches, but only a local one where nearly all pairs end alike.
fn normalised_log_odds(counts: &[f64], t: f64) -> f64 {
    let largest = 0.5 / (1.0 + t * t).sqrt();
    let at = |deviation: f64| moments_log_odds(counts, 0.5 + t * deviation, deviation);
    let grid = |k: usize| {
        let share = k as f64 / GRID as f64;
        // The grid is fine near zero, as matches of nearly nothing but draws have tiny deviations.
        largest * share * share * share
    };
    let Some(best) = (1..GRID).min_by(|a, b| at(grid(*a)).total_cmp(&at(grid(*b)))) else { return f64::INFINITY };
    // Golden section search.
    let ratio = 0.618_033_988_749_894_9;
    let (mut low, mut high) = (grid(best - 1), grid(best + 1));
    let mut inner = [high - ratio * (high - low), low + ratio * (high - low)];
    let mut values = inner.map(at);
    for _ in 0..REFINEMENTS {
        if values[0] < values[1] {
            high = inner[1];
            inner = [high - ratio * (high - low), inner[0]];
            values = [at(inner[0]), values[0]];
        } else {
            low = inner[0];
            inner = [inner[1], low + ratio * (high - low)];
            values = [values[1], at(inner[1])];
        }
    }
    values[0].min(values[1]).min(at(grid(best)))
}

/// How much likelier, in nats, the results are under their own frequencies than under the likeliest distribution with this mean and
/// deviation; infinite if there is none.
///
/// That distribution is p_i = f_i / (1 + x u_i + y v_i), where u_i = a_i - mean and v_i = (a_i - mean)^2 - deviation^2 have the
/// mean zero under it. x and y maximise the sum of n_i ln(1 + x u_i + y v_i), which is concave (Owen, "Empirical Likelihood",
/// section 3.14). They are found by Newton's method, with steps halved until they help.
fn moments_log_odds(counts: &[f64], mean: f64, deviation: f64) -> f64 {
    let units: f64 = counts.iter().sum();
    let constraints: Vec<[f64; 2]> = (0..counts.len())
        .map(|class| {
            let distance = class_score(class, counts.len()) - mean;
            [distance, distance * distance - deviation * deviation]
        })
        .collect();
    let value = |x: f64, y: f64| {
        let terms = counts.iter().zip(&constraints).map(|(n, [u, v])| {
            let tilt = x * u + y * v;
            if tilt > -1.0 { n * libm::log1p(tilt) } else { f64::NEG_INFINITY }
        });
        terms.sum::<f64>()
    };
    let (mut x, mut y, mut reached) = (0.0, 0.0, 0.0);
    for _ in 0..200 {
        let (mut gx, mut gy, mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (n, [u, v]) in counts.iter().zip(&constraints) {
            let weight = 1.0 / (1.0 + x * u + y * v);
            gx += n * weight * u;
            gy += n * weight * v;
            xx += n * weight * weight * u * u;
            xy += n * weight * weight * u * v;
            yy += n * weight * weight * v * v;
        }
        let determinant = xx * yy - xy * xy;
        if !(determinant > 0.0 && determinant.is_finite()) {
            return f64::INFINITY;
        }
        let (dx, dy) = ((yy * gx - xy * gy) / determinant, (xx * gy - xy * gx) / determinant);
        let gain = gx * dx + gy * dy;
        if gain < 1e-18 * units {
            return reached;
        }
        let mut share = 1.0;
        loop {
            let next = value(x + share * dx, y + share * dy);
            if next > reached + 0.1 * share * gain {
                (x, y, reached) = (x + share * dx, y + share * dy, next);
                break;
            }
            share /= 2.0;
            if share < 1e-9 {
                // What is left to gain may be less than rounding errors.
                return if gain < 1e-9 * units { reached } else { f64::INFINITY };
            }
        }
    }
    f64::INFINITY
}
