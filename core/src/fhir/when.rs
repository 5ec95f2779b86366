//! Days and times as FHIR writes them, and as a handbook keeps them: what the calendar and the clock on the wall showed.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use crate::model::japan;
use crate::model::law::iso_day;
use crate::model::times::cut;

/// The offset that is written behind times: Japan's.
const JAPAN: &str = "+09:00";

/// A moment as it was read: a day, and the time if there was one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When {
    /// The local day.
    pub day: NaiveDate,
    /// The local time of day, to the minute.
    pub time: Option<NaiveTime>,
}

/// Reads a `date`, `dateTime` or `instant`.
///
/// A time with an offset is kept as it is written, which is what the clock there showed. One in UTC (`Z`) says nothing about a
/// place, and is taken as Japan's. A year or a month alone is no day: `None`.
pub fn read(text: &str) -> Option<When> {
    let Some((day, rest)) = text.split_once('T') else {
        return Some(When { day: iso_day(text)?, time: None });
    };
    let day = iso_day(day)?;
    let end = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(end);
    let time = ["%H:%M:%S%.f", "%H:%M:%S", "%H:%M"].iter().find_map(|f| NaiveTime::parse_from_str(clock, f).ok())?;
    let shown = day.and_time(time);
    let moment = if zone == "Z" { japan::of_universal(shown)? } else { shown };
    Some(When { day: moment.date(), time: Some(cut(moment.time())) })
}

/// Writes a time of a day.
pub fn write(moment: NaiveDateTime) -> String {
    format!("{}{JAPAN}", moment.format("%Y-%m-%dT%H:%M:%S"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_wall() {
        for (text, shown) in [
            ("2024-05-03", Some("2024-05-03")),
            ("2024-05-03T23:30:00+09:00", Some("2024-05-03 23:30")),
            ("2024-05-03T23:30:59.123-05:00", Some("2024-05-03 23:30")),
            // Half past eleven in the night of UTC is the next morning in Japan.
            ("2024-05-03T23:30:00Z", Some("2024-05-04 08:30")),
            ("2024-05-03T23:30Z", Some("2024-05-04 08:30")),
            ("2024-05", None),
            ("2024", None),
            ("", None),
            ("2024-02-30", None),
            ("12024-05-03", None),
            ("2024-5-3", None),
            ("2024-05-03T25:00:00Z", None),
            ("2024-05-03T", None),
            ("9999-12-31T23:30:00Z", Some("+10000-01-01 08:30")),
        ] {
            let read = read(text).map(|when| match when.time {
                Some(time) => format!("{} {}", when.day, time.format("%H:%M")),
                None => when.day.to_string(),
            });
            assert_eq!(read.as_deref(), shown, "{text}");
        }
    }

    #[test]
    fn a_written_time_reads_as_itself() {
        let day = NaiveDate::from_ymd_opt(2024, 5, 3).unwrap();
        let written = write(day.and_hms_opt(14, 5, 0).unwrap());
        assert_eq!(written, "2024-05-03T14:05:00+09:00");
        assert_eq!(read(&written), Some(When { day, time: NaiveTime::from_hms_opt(14, 5, 0) }));
    }
}
