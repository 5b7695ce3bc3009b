//! Normal and Student's t distributions, through `libm` alone: stored results must not depend on the platform's mathematics.

use libm::{erfc, exp, lgamma, log, sqrt};

/// Degrees of freedom from which t is taken for normal: its quantiles then differ by less than 1e-6.
const NORMAL_FROM: f64 = 1e7;

/// P(Z <= x).
#[must_use]
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

/// The x with P(Z <= x) = `p`, to 16 digits (Wichura 1988, algorithm AS 241). Infinite at 0 and 1.
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * polynomial(&CENTRE, r) / polynomial(&CENTRE_BELOW, r);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    if tail <= 0.0 {
        return if q < 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let r = sqrt(-log(tail));
    let x = if r <= 5.0 {
        polynomial(&MIDDLE, r - 1.6) / polynomial(&MIDDLE_BELOW, r - 1.6)
    } else {
        polynomial(&FAR, r - 5.0) / polynomial(&FAR_BELOW, r - 5.0)
    };
    if q < 0.0 { -x } else { x }
}

/// P(T <= `t`) for Student's t with `df` degrees of freedom, which need not be whole.
#[must_use]
pub fn student_cdf(t: f64, df: f64) -> f64 {
    if df >= NORMAL_FROM || t == 0.0 {
        return normal_cdf(t);
    }
    if t.is_infinite() {
        return if t > 0.0 { 1.0 } else { 0.0 };
    }
    let tail = 0.5 * incomplete_beta(df / 2.0, 0.5, df / (df + t * t));
    if t > 0.0 { 1.0 - tail } else { tail }
}

/// p of a two-sided test whose statistic is distributed as Student's t.
#[must_use]
pub fn two_sided(t: f64, df: f64) -> f64 {
    (2.0 * student_cdf(-t.abs(), df)).min(1.0)
}

/// The t with P(T <= t) = `p`, for `p` strictly between 0 and 1: Newton's method, held inside a bracket.
#[must_use]
pub fn student_quantile(p: f64, df: f64) -> f64 {
    if p < 0.5 {
        return -student_quantile(1.0 - p, df);
    }
    let normal = normal_quantile(p);
    if df >= NORMAL_FROM || p == 0.5 {
        return normal;
    }
    // The quantile of t lies beyond the normal one.
    let (mut low, mut high) = (normal, 2.0 * normal + 1.0);
    while student_cdf(high, df) < p {
        low = high;
        high *= 4.0;
    }
    let scale = exp(lgamma((df + 1.0) / 2.0) - lgamma(df / 2.0)) / sqrt(df * std::f64::consts::PI);
    let mut t = (normal + (normal * normal * normal + normal) / (4.0 * df)).clamp(low, high);
    for _ in 0..100 {
        let excess = student_cdf(t, df) - p;
        if excess > 0.0 {
            high = t;
        } else {
            low = t;
        }
        let density = scale * exp(-(df + 1.0) / 2.0 * libm::log1p(t * t / df));
        let mut next = t - excess / density;
        if !(low < next && next < high) {
            next = f64::midpoint(low, high);
        }
        if (next - t).abs() <= 1e-13 * next.abs() {
            return next;
        }
        t = next;
    }
    t
}

/// The regularised incomplete beta function I_x(a, b), by its continued fraction (Lentz's method; Press et al., Numerical Recipes, 6.4).
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * libm::log1p(-x));
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(a, b, x) / a
    } else {
        1.0 - front * beta_fraction(b, a, 1.0 - x) / b
    }
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for m in 1..10_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut step = 1.0;
        for term in [even, odd] {
            d = 1.0 / away(1.0 + term * d);
            c = away(1.0 + term / c);
            step = d * c;
            fraction *= step;
        }
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
    }
    fraction
}

/// Coefficients of rising powers, by Horner's rule.
fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

const CENTRE: [f64; 8] = [
    3.387_132_872_796_366_6,
    133.141_667_891_784_38,
    1_971.590_950_306_551_4,
    13_731.693_765_509_46,
    45_921.953_931_549_87,
    67_265.770_927_008_7,
    33_430.575_583_588_13,
    2_509.080_928_730_122_7,
];
const CENTRE_BELOW: [f64; 8] = [
    1.0,
    42.313_330_701_600_91,
    687.187_007_492_057_9,
    5_394.196_021_424_751,
    21_213.794_301_586_597,
    39_307.895_800_092_71,
    28_729.085_735_721_943,
    5_226.495_278_852_545,
];
const MIDDLE: [f64; 8] = [
    1.423_437_110_749_683_5,
    4.630_337_846_156_546,
    5.769_497_221_460_691,
    3.647_848_324_763_204_5,
    1.270_458_252_452_368_4,
    0.241_780_725_177_450_6,
    0.022_723_844_989_269_184,
    7.745_450_142_783_414e-4,
];
const MIDDLE_BELOW: [f64; 8] = [
    1.0,
    2.053_191_626_637_759,
    1.676_384_830_183_803_8,
    0.689_767_334_985_1,
    0.148_103_976_427_480_08,
    0.015_198_666_563_616_457,
    5.475_938_084_995_345e-4,
    1.050_750_071_644_416_9e-9,
];
const FAR: [f64; 8] = [
    6.657_904_643_501_103,
    5.463_784_911_164_114,
    1.784_826_539_917_291_3,
    0.296_560_571_828_504_87,
    0.026_532_189_526_576_124,
    0.001_242_660_947_388_078_4,
    2.711_555_568_743_487_6e-5,
    2.010_334_399_292_288_1e-7,
];
const FAR_BELOW: [f64; 8] = [
    1.0,
    0.599_832_206_555_888,
    0.136_929_880_922_735_8,
    0.014_875_361_290_850_615,
    7.868_691_311_456_133e-4,
    1.846_318_317_510_054_8e-5,
    1.421_511_758_316_446e-7,
    2.044_263_103_389_939_8e-15,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values_come_out() {
        assert!((normal_cdf(1.959_963_984_540_054) - 0.975).abs() < 1e-15);
        assert!((normal_quantile(0.8) - 0.841_621_233_572_914_2).abs() < 1e-14);
        assert!((normal_quantile(1e-10) + 6.361_340_902_404_056).abs() < 1e-12);
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        // One degree of freedom is Cauchy's distribution, two have a closed form.
        assert!((student_cdf(1.0, 1.0) - 0.75).abs() < 1e-14);
        assert!((student_cdf(2.0, 2.0) - (0.5 + 1.0 / 6.0f64.sqrt())).abs() < 1e-14);
        assert!((student_quantile(0.975, 11.0) - 2.200_985_160_082_949).abs() < 1e-10);
        assert!((student_quantile(0.975, 1.0) - 12.706_204_736_432_1).abs() < 1e-8);
        assert_eq!(two_sided(f64::INFINITY, 3.0), 0.0);
        assert_eq!(two_sided(0.0, 3.0), 1.0);
    }

    #[test]
    fn quantiles_turn_probabilities_back() {
        for df in [0.7, 1.0, 2.5, 5.0, 11.0, 60.0, 1e4, 1e8] {
            for p in [0.001, 0.025, 0.2, 0.5, 0.7, 0.8, 0.975, 0.9999] {
                let back = student_cdf(student_quantile(p, df), df);
                assert!((back - p).abs() < 1e-9, "{p} with {df}: {back}");
            }
        }
        for p in [1e-12, 0.01, 0.3, 0.62, 0.999] {
            assert!((normal_cdf(normal_quantile(p)) - p).abs() < 1e-14);
        }
    }
}
