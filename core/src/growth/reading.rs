//! Which plain words fit a run of measurements. Never an alarm, never a class; the words themselves are content.

/// A reading; its words stand in `content/texts/growth.toml` under the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The first measurement.
    First,
    /// Follows its curve.
    Along,
    /// Lies higher among the curves than before.
    Higher,
    /// Lies lower among the curves than before.
    Lower,
    /// Not compared with a curve.
    Unscored,
}

/// Two curves of the handbook lie about this far apart (z of 25 to 50); less than that is "along its curve".
const ONE_CURVE: f64 = 0.674_489_750_196_081_7;

impl Reading {
    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Along => "along",
            Self::Higher => "higher",
            Self::Lower => "lower",
            Self::Unscored => "unscored",
        }
    }

    /// Reads the newest z-score against the one before.
    pub fn of(before: Option<f64>, now: Option<f64>) -> Self {
        match (before, now) {
            (_, None) => Self::Unscored,
            (None, Some(_)) => Self::First,
            (Some(before), Some(now)) if now - before > ONE_CURVE => Self::Higher,
            (Some(before), Some(now)) if before - now > ONE_CURVE => Self::Lower,
            _ => Self::Along,
        }
    }
}
