//! Times of day, and of a day, as people and other programs write them.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use super::date::{fold, parse_date};
use super::japan;
use super::value::MINUTE;

/// Reads `14:05`, `14時5分`, `午後2時5分`, `2:05 PM`; seconds and parts of them are cut.
pub(crate) fn read_time(text: &str) -> Option<NaiveTime> {
    let folded = fold(text).to_lowercase();
    let behind = |sign: &str| folded.strip_suffix(sign).or_else(|| folded.strip_prefix(sign));
    let half = [("午前", 0), ("午後", 12), ("am", 0), ("pm", 12), ("a.m.", 0), ("p.m.", 12)];
    let half = half.into_iter().find_map(|(sign, hours)| Some((behind(sign)?, hours)));
    let (clock, later) = half.map_or((folded.as_str(), None), |(clock, hours)| (clock, Some(hours)));
    let clock = clock.replace("時半", ":30").replace(['時', '分'], ":").replace('秒', "");
    // Only a second has parts: `14:05:59.123`.
    let (clock, parts) = clock.split_once('.').unwrap_or((clock.as_str(), "0"));
    let whole = !parts.is_empty() && parts.bytes().all(|b| b.is_ascii_digit());
    if !whole || (parts != "0" && clock.matches(':').count() != 2) {
        return None;
    }
    let mut numbers = clock.trim_end_matches(':').split(':').map(|part| {
        let digits = matches!(part.len(), 1 | 2) && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse::<u32>().ok()).flatten()
    });
    let hour = numbers.next()??;
    let rest: Vec<u32> = numbers.collect::<Option<_>>()?;
    let hour = match later {
        // 12 AM is midnight, 12 PM is noon; 午後0時 is noon, too.
        Some(later) if hour <= 12 => hour % 12 + later,
        Some(_) => return None,
        None => hour,
    };
    let named = folded.contains(['時', ':']) || later.is_some();
    let (minute, second) = match rest.as_slice() {
        [] if named => (0, 0),
        [minute] => (*minute, 0),
        [minute, second] => (*minute, *second),
        _ => return None,
    };
    let known = (second < 60).then(|| NaiveTime::from_hms_opt(hour, minute, 0)).flatten();
    known.filter(|_| !folded.ends_with("::"))
}

/// Reads a day and, perhaps, a time of day: `2024-05-03T14:05`, `2024/5/3(金) 14:05`, `令和6年5月3日14時5分`. What another program
/// wrote in universal time (`…Z`) is what clocks in Japan showed.
pub(crate) fn read_day_and_time(text: &str) -> Option<(NaiveDate, Option<NaiveTime>)> {
    let text = text.trim();
    if let Some(day) = parse_date(text) {
        return Some((day, None));
    }
    if let Some(moment) = with_zone(text) {
        return Some((moment.date(), Some(cut(moment.time()))));
    }
    let breaks =
        text.char_indices().filter(|(_, c)| matches!(c, 'T' | ' ' | '　')).map(|(at, c)| (at, at + c.len_utf8()));
    let behind_day = text.find('日').map(|at| (at + '日'.len_utf8(), at + '日'.len_utf8()));
    let behind_bracket = text.find([')', '）']).and_then(|at| {
        let end = at + text.get(at..)?.chars().next()?.len_utf8();
        Some((end, end))
    });
    breaks.chain(behind_day).chain(behind_bracket).find_map(|(end, begin)| {
        let day = parse_date(text.get(..end)?)?;
        Some((day, Some(read_time(text.get(begin..)?)?)))
    })
}

/// Reads a day with its time of day.
pub(crate) fn read_minute(text: &str) -> Option<NaiveDateTime> {
    if let Ok(minute) = NaiveDateTime::parse_from_str(text, MINUTE) {
        return Some(minute);
    }
    let (day, time) = read_day_and_time(text)?;
    Some(day.and_time(time?))
}

/// A moment with a zone. What was written in another zone than universal time shows its own clock.
fn with_zone(text: &str) -> Option<NaiveDateTime> {
    let (clock, universal) = match text.strip_suffix(['Z', 'z']).or_else(|| text.strip_suffix("UTC")) {
        Some(clock) => (clock, true),
        None => {
            let clock = text.trim_end_matches(|c: char| c.is_ascii_digit() || c == ':').strip_suffix(['+', '-'])?;
            (clock, offset_is_nothing(text.get(clock.len() + 1..)?)?)
        }
    };
    // A sign in the day itself begins no zone.
    let breaks = clock.char_indices().filter(|(_, c)| matches!(c, 'T' | 't' | ' '));
    let mut moments =
        breaks.filter_map(|(at, _)| Some(parse_date(clock.get(..at)?)?.and_time(read_time(clock.get(at + 1..)?)?)));
    let shown = moments.next()?;
    if universal { japan::of_universal(shown) } else { Some(shown) }
}

/// Whether an offset is none: `00:00`, `0000`, `00`. `None` if it is no offset.
fn offset_is_nothing(text: &str) -> Option<bool> {
    let digits: String = text.split(':').collect();
    let fits = matches!((text.len(), digits.len()), (2, 2) | (4 | 5, 4)) && digits.bytes().all(|b| b.is_ascii_digit());
    let hours = digits.get(..2)?.parse::<u8>().ok().filter(|hours| *hours <= 14);
    (fits && hours.is_some()).then(|| digits.bytes().all(|b| b == b'0'))
}

/// To the minute, as it is kept.
pub(crate) fn cut(time: NaiveTime) -> NaiveTime {
    NaiveTime::from_hms_opt(time.hour(), time.minute(), 0).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::value::TIME;

    #[test]
    fn times_as_people_write_them() {
        for (text, expected) in [
            ("14:05", Some("14:05")),
            ("8:05", Some("08:05")),
            ("１４：０５", Some("14:05")),
            ("14時5分", Some("14:05")),
            ("14時", Some("14:00")),
            ("14時半", Some("14:30")),
            ("午後2時5分", Some("14:05")),
            ("午前０時", Some("00:00")),
            ("午後0時30分", Some("12:30")),
            ("2:05 PM", Some("14:05")),
            ("12:05 am", Some("00:05")),
            ("12 pm", Some("12:00")),
            ("14:05:59", Some("14:05")),
            ("14:05:59.123", Some("14:05")),
            ("14:05.5", None),
            ("14:05:59.", None),
            ("AM8:00", Some("08:00")),
            ("13:00 PM", None),
            ("14:05:61", None),
            ("午後14時", None),
            ("24:00", None),
            ("14", None),
            ("14:5:5:5", None),
            (":30", None),
            ("夜", None),
            ("", None),
        ] {
            let read = read_time(text).map(|time| time.format(TIME).to_string());
            assert_eq!(read.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_day_and_a_time_in_one_cell() {
        for (text, expected) in [
            ("2024-11-05", Some("2024-11-05 -")),
            ("2024-11-05 08:00", Some("2024-11-05 08:00")),
            ("2024-11-05T08:00:30", Some("2024-11-05 08:00")),
            ("2024/11/5(火) 8:00", Some("2024-11-05 08:00")),
            ("2024/11/5（火）8:00", Some("2024-11-05 08:00")),
            ("2024年11月5日 8時", Some("2024-11-05 08:00")),
            ("令和6年11月5日8時5分", Some("2024-11-05 08:05")),
            ("5 November 2024 8:00 AM", Some("2024-11-05 08:00")),
            // Universal time is nine hours behind Japan; another zone keeps its own clock.
            ("2024-11-05T20:00:00Z", Some("2024-11-06 05:00")),
            ("2024-11-05 20:00:00 +0000", Some("2024-11-06 05:00")),
            ("2024-11-05T08:00:00+09:00", Some("2024-11-05 08:00")),
            ("2024-11-05T08:00:00-08:00", Some("2024-11-05 08:00")),
            // The same by other programs: without seconds, with parts of them, with a shorter zone.
            ("2024-11-05T20:00Z", Some("2024-11-06 05:00")),
            ("2024-11-05T20:00:00.123Z", Some("2024-11-06 05:00")),
            ("2024-11-05 20:00:00 UTC", Some("2024-11-06 05:00")),
            ("2024-11-05T20:00:00+0000", Some("2024-11-06 05:00")),
            ("2024-11-05 20:00:00.123456+00", Some("2024-11-06 05:00")),
            ("2024-11-05T08:00:00+0900", Some("2024-11-05 08:00")),
            ("2024-11-05 08:00:00+09", Some("2024-11-05 08:00")),
            ("2024-11-05 08:00 +09:00", Some("2024-11-05 08:00")),
            ("2024-11-05T08:00:00.123", Some("2024-11-05 08:00")),
            ("Tue, 5 Nov 2024 20:00:00 +0000", Some("2024-11-06 05:00")),
            ("2024-12-31T23:30:00Z", Some("2025-01-01 08:30")),
            ("2024-11-05T08:00:00+99:00", None),
            ("2024-11-05T08:00:00+9", None),
            ("2024-11-05Z", None),
            ("2024-11-05 morning", None),
            ("2024/11/5(水) 8:00", None),
            ("T", None),
            ("", None),
        ] {
            let read = read_day_and_time(text);
            let shown = read.map(|(day, time)| {
                let time = time.map_or("-".to_owned(), |time| time.format(TIME).to_string());
                format!("{day} {time}")
            });
            assert_eq!(shown.as_deref(), expected, "{text}");
        }
    }
}
