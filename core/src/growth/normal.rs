//! The standard normal distribution.

use std::f64::consts::SQRT_2;

/// Percentile (0 to 100) of a z-score.
///
/// ```
/// use ayumi_core::growth::normal::percentile;
/// assert_eq!(percentile(0.0), 50.0);
/// assert!((percentile(-1.880_793_608_151_251) - 3.0).abs() < 1e-9);
/// ```
pub fn percentile(z: f64) -> f64 {
    50.0 * libm::erfc(-z / SQRT_2)
}

/// The seven percentiles of the Japanese handbook's curves (3, 10, 25, 50, 75, 90, 97) with their z-scores.
pub const HANDBOOK_PERCENTILES: [(f64, f64); 7] = [
    (3.0, -1.880_793_608_151_251),
    (10.0, -1.281_551_565_544_600_5),
    (25.0, -0.674_489_750_196_081_7),
    (50.0, 0.0),
    (75.0, 0.674_489_750_196_081_7),
    (90.0, 1.281_551_565_544_600_5),
    (97.0, 1.880_793_608_151_251),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_percentiles_and_their_z_scores_agree() {
        for (percent, z) in HANDBOOK_PERCENTILES {
            assert!((percentile(z) - percent).abs() < 1e-10, "{percent}");
        }
    }
}
