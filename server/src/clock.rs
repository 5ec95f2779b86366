//! Compares the machine's clock with the store at the start: a clock that was set back would take codes for fresh that are
//! over, and refuse what phones write.

use std::time::Duration;

/// How far a clock may be behind: machines correct theirs by seconds.
const TOLERANCE: Duration = Duration::from_secs(60);

/// Returns by how much a clock is behind the time at which the store's newest item was taken, if it is too much.
pub fn behind(now_ms: u64, last_taken_ms: u64) -> Option<Duration> {
    Some(Duration::from_millis(last_taken_ms.saturating_sub(now_ms))).filter(|behind| *behind > TOLERANCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_behind_by_more_than_a_minute_or_not_at_all() {
        let last = 1_800_000_000_000;
        for (now, expected) in [
            (last, None),
            (last + 86_400_000, None),
            (last - 60_000, None),
            (last - 60_001, Some(60_001)),
            (0, Some(last)),
        ] {
            assert_eq!(behind(now, last), expected.map(Duration::from_millis), "{now}");
        }
        assert_eq!(behind(0, 0), None, "an empty store");
    }
}
