//! Softmax in whole numbers: the same result on every machine, in whatever order the terms come.

/// The number that stands for 1 in results of [`exp_negative`].
pub(crate) const ONE: u64 = 1 << 30;
/// Coefficients `ln(2)^k / k!` of the series of `2^-f`, in units of 1 / [`ONE`].
pub(crate) const SERIES: [u64; 6] = [744_261_118, 257_941_239, 59_597_110, 10_327_388, 1_431_668, 165_393];

/// `exp(-x)` for `x = difference / scale >= 0`, in units of 2^-30, at least 1 unit.
///
/// `2^-t` with `t = x / ln 2` is split into whole and fractional part; the fraction goes through the Taylor series of
/// `2^-f` to the sixth order, whose error stays below 2e-5 of the value (5e-5 with the rounding of `reciprocal`).
#[inline]
pub(crate) fn exp_negative(difference: u64, reciprocal: u64) -> u64 {
    // 32.32 fixed point; differences are below 2^32 and the reciprocal below 2^31.
    let t = difference * reciprocal;
    let whole = t >> 32;
    if whole >= 30 {
        return 1;
    }
    let f = (t & 0xffff_ffff) >> 2;
    let mut sum = SERIES[5];
    for coefficient in SERIES[..5].iter().rev() {
        sum = coefficient - ((sum * f) >> 30);
    }
    ((ONE - ((sum * f) >> 30)) >> whole).max(1)
}

/// `2^32 / (ln 2 * scale)`: turns a difference of logits in units of `1 / scale` into 32.32 fixed-point halvings.
pub(crate) const fn reciprocal(scale: u64) -> u64 {
    // 2^32 / ln 2
    6_196_328_019 / scale
}

/// Softmax of logits in units of `1 / scale`: writes probabilities, each above 0.
#[inline]
pub(crate) fn softmax(logits: &[i32], reciprocal: u64, probabilities: &mut [f32]) {
    let Some(max) = logits.iter().max() else { return };
    let mut sum = 0;
    for (p, logit) in probabilities.iter_mut().zip(logits) {
        let term = exp_negative(u64::from(max.abs_diff(*logit)), reciprocal);
        sum += term;
        *p = term as f32;
    }
    let sum = sum as f32;
    for p in probabilities.iter_mut().take(logits.len()) {
        *p /= sum;
    }
}

/// Probabilities of win, draw and loss of their logits in units of `1 / scale`.
pub(crate) fn win_draw_loss(wdl: [i32; 3], reciprocal: u64) -> [f32; 3] {
    let mut probabilities = [0.0; 3];
    softmax(&wdl, reciprocal, &mut probabilities);
    probabilities
}

/// Expected result of win, draw and loss logits in units of `1 / scale`: P(win) - P(loss).
#[inline]
pub(crate) fn expected_result(wdl: [i32; 3], reciprocal: u64) -> f32 {
    let max = wdl[0].max(wdl[1]).max(wdl[2]);
    let [win, draw, loss] = wdl.map(|x| exp_negative(u64::from(max.abs_diff(x)), reciprocal));
    (win as i64 - loss as i64) as f32 / (win + draw + loss) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponential_is_accurate() {
        let scale = 8128;
        for difference in (0..200_000).step_by(37) {
            let exact = (-(difference as f64) / scale as f64).exp();
            let fixed = exp_negative(difference, reciprocal(scale)) as f64 / f64::from(1 << 30);
            assert!((fixed - exact).abs() < 5e-5 * exact + 2e-9, "{difference}: {fixed} {exact}");
        }
        assert_eq!(exp_negative(u64::from(u32::MAX), reciprocal(8128)), 1);
    }

    #[test]
    fn softmax_sums_to_one_in_any_order() {
        let logits = [0, 8128, -8128, 100_000, 99_000, -2_000_000];
        let (mut there, mut back) = ([0.0; 6], [0.0; 6]);
        softmax(&logits, reciprocal(8128), &mut there);
        let reversed: Vec<i32> = logits.iter().rev().copied().collect();
        softmax(&reversed, reciprocal(8128), &mut back);
        back.reverse();
        assert_eq!(there, back);
        assert!((there.iter().sum::<f32>() - 1.0).abs() < 1e-6 && there.iter().all(|p| *p > 0.0));
    }
}
