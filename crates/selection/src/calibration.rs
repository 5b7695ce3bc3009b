//! Calibration of the value head: how far the results that it expects lie from the results that games had.

/// Bins of equal width into which expected results, -1 to 1, fall.
const BINS: usize = 10;

/// Sums over the positions whose expected results fall into one bin.
#[derive(Clone, Copy, Debug, Default)]
struct Bin {
    positions: u64,
    expected: f64,
    actual: f64,
}

/// Expected and actual results, by bins of the expected result.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calibration {
    bins: [Bin; BINS],
}

impl Calibration {
    /// Counts one position: expected and actual result, both -1 to 1.
    pub(crate) fn add(&mut self, expected: f32, result: f32) {
        let number = ((expected + 1.0) / 2.0 * BINS as f32) as usize;
        let bin = &mut self.bins[number.min(BINS - 1)];
        bin.positions += 1;
        bin.expected += f64::from(expected);
        bin.actual += f64::from(result);
    }

    /// The expected calibration error (Naeini et al. 2015), 0 to 2: the distance between mean expected and mean actual result of a bin,
    /// averaged over bins with their positions as weights. 0 if nothing was counted.
    pub(crate) fn error(&self) -> f64 {
        let total: u64 = self.bins.iter().map(|bin| bin.positions).sum();
        let distances: f64 = self.bins.iter().map(|bin| (bin.expected - bin.actual).abs()).sum();
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
        // Two positions are right on average in one bin, and two are wrong by 0.5 in another.
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
