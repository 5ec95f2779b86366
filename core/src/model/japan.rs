//! Time in Japan, for the hours of desks and for stamps that are shown: nine hours ahead of UTC, all year. A carer's day is
//! not this one but the device's own ([`crate::app::ports::Clock::today`]). Japan has had no summer time since 1951 (repealed 1952), so a
//! constant serves every instant that a device of today can tell; a table of the world's time zones would add two
//! megabytes to each phone.

use chrono::{DateTime, NaiveDateTime, TimeDelta};

/// What clocks in Japan show.
pub fn in_japan(millis_since_1970: u64) -> NaiveDateTime {
    moment_in_japan(i64::try_from(millis_since_1970).unwrap_or_default())
}

/// The same of a clock that may stand before 1970.
pub(crate) fn moment_in_japan(millis: i64) -> NaiveDateTime {
    let utc = DateTime::from_timestamp_millis(millis).unwrap_or_default().naive_utc();
    of_universal(utc).unwrap_or(utc)
}

/// What clocks in Japan show at a moment of universal time; `None` behind the end of the calendar.
pub(crate) fn of_universal(utc: NaiveDateTime) -> Option<NaiveDateTime> {
    utc.checked_add_signed(TimeDelta::hours(9))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Instants and their Japanese wall-clock times, as `date -d @SECONDS` shows them with `TZ=Asia/Tokyo`.
    #[test]
    fn a_day_in_japan_begins_at_three_in_the_afternoon_of_utc() {
        for (seconds, shown) in [
            (0, "1970-01-01T09:00:00"),
            (1_767_193_199, "2025-12-31T23:59:59"),
            (1_767_193_200, "2026-01-01T00:00:00"),
            (1_709_132_400, "2024-02-29T00:00:00"),
        ] {
            assert_eq!(in_japan(seconds * 1000).format("%FT%T").to_string(), shown);
        }
    }
}
