//! Whether what the value head expects is what happens.

/// Bins of expected results, from -1 to 1.
const BINS: usize = 10;

/// Expected and actual results, by bins of expectation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calibration {
    bins: [(u64, f64, f64); BINS],
}

impl Calibration {
    /// Counts one position: expected and actual result, both -1 to 1.
    pub(crate) fn add(&mut self, expected: f32, result: f32) {
        let bin = ((expected + 1.0) / 2.0 * BINS as f32) as usize;
        let (count, expectation, outcome) = &mut self.bins[bin.min(BINS - 1)];
        *count += 1;
        *expectation += f64::from(expected);
        *outcome += f64::from(result);
    }

    /// The expected calibration error (Naeini et al. 2015), 0 to 2; 0 if nothing was counted.
    pub(crate) fn error(&self) -> f64 {
        let total: u64 = self.bins.iter().map(|(count, ..)| count).sum();
        let distances: f64 = self.bins.iter().map(|(_, expected, actual)| (expected - actual).abs()).sum();
        distances / total.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_is_the_distance_within_bins() {
        let mut calibration = Calibration::default();
        assert_eq!(calibration.error(), 0.0);
        // Right on average in one bin, wrong by 0.5 in another.
        for result in [1.0, -1.0] {
            calibration.add(0.0, result);
        }
        for _ in 0..2 {
            calibration.add(0.5, 1.0);
        }
        assert!((calibration.error() - 0.25).abs() < 1e-9);
        calibration.add(-1.0, -1.0);
        calibration.add(1.0, 1.0);
        assert!((calibration.error() - 1.0 / 6.0).abs() < 1e-6);
    }
}
