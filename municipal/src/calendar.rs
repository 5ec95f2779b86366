//! Days and times of day in Japan. There is one offset, nine hours, and no summer time.

use std::collections::BTreeSet;
use std::time::Duration;

use ayumi_protocol::municipal::thread::UnixMs;
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime};

/// How far Japan is ahead of UTC.
const AHEAD: Duration = Duration::from_secs(9 * 3600);

/// Returns what clock and calendar in Japan show.
pub fn in_japan(moment: UnixMs) -> NaiveDateTime {
    let shown = DateTime::from_timestamp_millis(moment.after(AHEAD).0.min(UnixMs::END.0 / 1_000_000) as i64);
    shown.map(|shown| shown.naive_utc()).unwrap_or_default()
}

/// Returns the moment at which clock and calendar in Japan show this.
pub fn moment(shown: NaiveDateTime) -> UnixMs {
    let ms = u64::try_from(shown.and_utc().timestamp_millis()).unwrap_or_default();
    UnixMs(ms).before(AHEAD)
}

/// Returns the moment so many minutes after a day began; more than a day's minutes lead into the next one.
pub fn minutes_into(day: NaiveDate, minutes: u32) -> UnixMs {
    moment(day.and_time(NaiveTime::MIN)).after(Duration::from_secs(60 * u64::from(minutes)))
}

/// The national holidays as the Cabinet Office's file has them, and how far that file reaches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holidays {
    days: BTreeSet<NaiveDate>,
    last_year: Option<i32>,
}

impl Holidays {
    /// Takes the days of a file, which knows every year up to that of its last day.
    pub fn new(days: impl IntoIterator<Item = NaiveDate>) -> Self {
        let days: BTreeSet<NaiveDate> = days.into_iter().collect();
        let last_year = days.last().map(Datelike::year);
        Self { days, last_year }
    }

    /// Whether a day is a holiday, as far as the file knows.
    pub fn has(&self, day: NaiveDate) -> bool {
        self.days.contains(&day)
    }

    /// Whether the file reaches to a day.
    pub fn knows(&self, day: NaiveDate) -> bool {
        self.last_year.is_some_and(|last| day.year() <= last)
    }
}
