//! The LMS method (Cole): a skewed distribution by power L, median M and coefficient of variation S.

/// Parameters at one age (or one length).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lms {
    /// Box-Cox power.
    pub l: f64,
    /// Median, in the measure's unit.
    pub m: f64,
    /// Generalised coefficient of variation.
    pub s: f64,
}

impl Lms {
    /// The z-score of a value above zero: `((y/M)^L − 1) / (L·S)`, or `ln(y/M) / S` for L = 0.
    pub fn z(self, value: f64) -> f64 {
        let ratio = value / self.m;
        if self.l == 0.0 { ratio.ln() / self.s } else { (ratio.powf(self.l) - 1.0) / (self.l * self.s) }
    }

    /// The value at a z-score: `M·(1 + L·S·z)^(1/L)`.
    pub fn value(self, z: f64) -> f64 {
        if self.l == 0.0 {
            self.m * (self.s * z).exp()
        } else {
            self.m * (1.0 + self.l * self.s * z).powf(1.0 / self.l)
        }
    }

    /// WHO's z-score for measures with a skew: beyond ±3 the distance between 2 and 3 SD is carried on, because the far
    /// tail of the LMS curve rests on no data (WHO Child Growth Standards, methods and development, 2006, chapter 7).
    pub fn z_adjusted(self, value: f64) -> f64 {
        let z = self.z(value);
        if z > 3.0 {
            let three = self.value(3.0);
            3.0 + (value - three) / (three - self.value(2.0))
        } else if z < -3.0 {
            let three = self.value(-3.0);
            -3.0 + (value - three) / (self.value(-2.0) - three)
        } else {
            z
        }
    }

    /// The value at a z-score by the same rule: beyond ±3 a straight line. Never below zero.
    pub fn value_adjusted(self, z: f64) -> f64 {
        let value = if z > 3.0 {
            let three = self.value(3.0);
            three + (z - 3.0) * (three - self.value(2.0))
        } else if z < -3.0 {
            let three = self.value(-3.0);
            three + (z + 3.0) * (self.value(-2.0) - three)
        } else {
            self.value(z)
        };
        value.max(0.0)
    }

    /// Between two rows: each parameter by a straight line. `part` runs from 0 (self) to 1 (other).
    #[must_use]
    pub fn towards(self, other: Self, part: f64) -> Self {
        let mix = |a: f64, b: f64| a + (b - a) * part;
        Self { l: mix(self.l, other.l), m: mix(self.m, other.m), s: mix(self.s, other.s) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn value_and_z_are_inverse(l in -2.0..2.0_f64, m in 1.0..100.0_f64, s in 0.01..0.2_f64, z in -2.4..2.4_f64) {
            let lms = Lms { l, m, s };
            prop_assert!((lms.z(lms.value(z)) - z).abs() < 1e-6);
        }

        #[test]
        fn the_adjusted_score_joins_smoothly_and_rises(l in -1.0..1.0_f64, m in 2.0..20.0_f64, s in 0.05..0.15_f64) {
            let lms = Lms { l, m, s };
            for edge in [3.0, -3.0] {
                prop_assert!((lms.z_adjusted(lms.value(edge)) - edge).abs() < 1e-6);
            }
            for z in [-5.5, -3.0, 0.0, 3.0, 5.5] {
                prop_assume!(lms.value_adjusted(z) > 0.0);
                prop_assert!((lms.z_adjusted(lms.value_adjusted(z)) - z).abs() < 1e-6);
            }
            let scores: Vec<f64> = (1..60).map(|i| lms.z_adjusted(m * f64::from(i) / 20.0)).collect();
            prop_assert!(scores.windows(2).all(|w| w[0] < w[1]));
        }
    }
}
