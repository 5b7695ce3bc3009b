//! The smallest effect that a design would have shown with a power of 80% at a level of 5%.

use super::distributions::student_quantile;
use super::levels::{Level, Variance};

/// The power at which an effect counts as one that a design would have shown.
const POWER: f64 = 0.8;

/// Effects that a sign flip of normal unit effects shows with a power of 80%, in standard deviations of a unit, for 6, 7, 8 and 9 units. With
/// fewer units no effect can be shown; with more, the effect that a t test shows is the same within 1%. Simulated by `tests/data/power_tables.py`.
const FLIP: [f64; 4] = [1.79, 1.33, 1.19, 1.09];

/// Differences that a permutation of two small groups shows with a power of 80%, in standard errors. For other sizes of groups the t test, which must be
/// passed too, shows no smaller difference, or the same within 1%. Simulated by `tests/data/power_tables.py`.
const PERMUTED: [Permuted; 6] = [
    Permuted { smaller: 3, larger: 4, errors: 4.79 },
    Permuted { smaller: 3, larger: 5, errors: 3.90 },
    Permuted { smaller: 4, larger: 4, errors: 4.09 },
    Permuted { smaller: 4, larger: 5, errors: 3.38 },
    Permuted { smaller: 4, larger: 6, errors: 3.34 },
    Permuted { smaller: 5, larger: 5, errors: 3.28 },
];

struct Permuted {
    smaller: usize,
    larger: usize,
    errors: f64,
}

/// How many standard errors a t test shows with a power of 80% (Bloom 1995): too few by 5% at 2 degrees of freedom, by 1% at 5.
#[must_use]
pub fn errors_shown(df: f64) -> f64 {
    student_quantile(0.975, df) + student_quantile(POWER, df)
}

/// The smallest mean effect that a test of one population shows, where it is by sign flips or, for a contrast, by permutation.
pub(crate) fn shown_by(level: &Level, contrast: bool) -> f64 {
    let variance = level.variance();
    let error = variance.value.sqrt();
    let n = level.units();
    if contrast {
        let mut sizes: Vec<usize> = level.components.iter().map(|c| c.units).filter(|units| *units > 1).collect();
        sizes.sort_unstable();
        let listed = PERMUTED.iter().find(|p| sizes == [p.smaller, p.larger]);
        return listed.map_or(0.0, |p| p.errors).max(errors_shown(variance.df)) * error;
    }
    match n.checked_sub(6).and_then(|place| FLIP.get(place)) {
        Some(deviations) => deviations * (n as f64).sqrt() * error,
        None => errors_shown(variance.df) * error,
    }
}

/// The smallest effect of this variance that a t test shows with a power of 80%. With a margin, the estimate must lie beyond it with that power, too.
pub(crate) fn shown_by_t(variance: Variance, margin: Option<f64>) -> f64 {
    let error = variance.value.sqrt();
    let beyond = margin.map_or(0.0, |margin| margin + student_quantile(POWER, variance.df) * error);
    (errors_shown(variance.df) * error).max(beyond)
}

/// The smallest correlation that n shifts show, where other populations add a variance `beside`: r with
/// r / sqrt((1 - r^2) / (n - 2) + beside) at the errors shown. `None` if none is.
pub(crate) fn correlation_shown(shifts: usize, beside: f64, df: f64) -> Option<f64> {
    let freedom = shifts as f64 - 2.0;
    let squared = errors_shown(df) * errors_shown(df);
    let r = (squared * (1.0 / freedom + beside) / (1.0 + squared / freedom)).sqrt();
    (r < 1.0).then_some(r)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::inference::distributions::normal_quantile;
    use crate::analysis::inference::randomisation::{Groups, MonteCarlo, group_permutation, sign_flip};
    use rand::Rng as _;

    const KEYED: MonteCarlo = MonteCarlo { key: 1, stream: 1, draws: 0 };

    /// The share of 3,000 samples of `n` normal numbers that are significant; its standard error is 0.7%.
    fn share(n: usize, significant: impl Fn(Vec<f64>) -> bool) -> f64 {
        let mut rng = MonteCarlo { stream: n as u64, ..KEYED }.rng();
        let mut normal = || normal_quantile(rng.random::<f64>().clamp(1e-15, 1.0 - 1e-15));
        let samples = (0..3000).filter(|_| significant((0..n).map(|_| normal()).collect()));
        samples.count() as f64 / 3000.0
    }

    #[test]
    fn tables_hold_what_is_shown_four_times_in_five() {
        for (place, effect) in FLIP.into_iter().enumerate() {
            let n = place + 6;
            let shown = share(n, |x| sign_flip(&x.iter().map(|x| x + effect).collect::<Vec<f64>>(), &KEYED).p < 0.05);
            assert!((shown - 0.8).abs() < 0.03, "{n} units: {shown}");
        }
        for table in PERMUTED {
            let n = table.smaller + table.larger;
            let effect = table.errors * (1.0 / table.smaller as f64 + 1.0 / table.larger as f64).sqrt();
            let labels: Vec<u32> = (0..n).map(|i| u32::from(i >= table.smaller)).collect();
            let shown = share(n, |mut values| {
                values[..table.smaller].iter_mut().for_each(|x| *x += effect);
                let groups = Groups { values, labels: labels.clone(), weights: vec![1.0, -1.0] };
                group_permutation(&groups, &KEYED).p < 0.05
            });
            assert!((shown - 0.8).abs() < 0.03, "{} against {}: {shown}", table.smaller, table.larger);
        }
    }

    #[test]
    fn correlations_that_are_shown_are_those_of_the_t_test() {
        // r / sqrt((1 - r^2) / (n - 2)) at the errors shown.
        let r = correlation_shown(12, 0.0, 10.0).unwrap();
        assert!((r / ((1.0 - r * r) / 10.0).sqrt() - errors_shown(10.0)).abs() < 1e-12);
        assert_eq!(correlation_shown(5, 1.0, 3.0), None);
    }
}
