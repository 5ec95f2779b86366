//! Weeks, and when a week's key is destroyed.

use std::time::Duration;

use ayumi_protocol::municipal::thread::UnixMs;

/// Milliseconds of a week.
const WEEK_MS: u64 = 7 * 24 * 3600 * 1000;
/// How long after its beginning a week's key is destroyed.
pub const LIFE: Duration = Duration::from_secs(35 * 24 * 3600);

/// A week, counted from 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Week(pub u32);

impl Week {
    /// Returns the week of a moment.
    pub fn of(now: UnixMs) -> Self {
        Self(u32::try_from(now.0 / WEEK_MS).unwrap_or(u32::MAX))
    }

    /// Returns when its key is to be destroyed.
    pub fn ends(self) -> UnixMs {
        UnixMs(u64::from(self.0) * WEEK_MS).after(LIFE)
    }

    /// Whether its key is to be destroyed by now.
    pub fn is_over(self, now: UnixMs) -> bool {
        self.ends() <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weeks_key_lives_thirty_five_days() {
        let begun = UnixMs(2_900 * WEEK_MS);
        let week = Week::of(begun);
        assert_eq!(
            (week, Week::of(UnixMs(begun.0 - 1)), Week::of(UnixMs(begun.0 + WEEK_MS - 1))),
            (Week(2_900), Week(2_899), week)
        );
        let day = 24 * 3600 * 1000;
        assert!(!week.is_over(UnixMs(begun.0 + 35 * day - 1)));
        assert!(week.is_over(UnixMs(begun.0 + 35 * day)));
    }
}
