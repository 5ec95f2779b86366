//! Local calendar dates (Asia/Tokyo law of ages), as people write them in Japan.
//!
//! Accepted on input: `2024-05-03`, `2024/5/3`, `2024年5月3日`, `20240503`, `令和6年5月3日`, `R6.5.3`, full-width
//! digits, a day of the week behind it (it must be that day's), `5 November 2024`. Stored always as ISO 8601; dates of achievement use EDTF (ISO 8601-2): `2024-05` is a month, a `~` behind a
//! date means "about".

use std::fmt;

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use unicode_normalization::UnicodeNormalization;

use super::law::iso_day;

/// Days of a mean Gregorian month (365.2425 / 12 = 30.436875), as WHO's tables convert (30.4375).
pub const DAYS_PER_MONTH: f64 = 30.4375;

/// Names, first year and first day of an era.
type Era = (&'static [&'static str], i32, (i32, u32, u32));

/// The eras, newest first. Source: the era ordinances (元号を改める政令); Meiji dates count in the
/// Gregorian calendar from 1873.
const ERAS: [Era; 5] = [
    (&["令和", "R"], 2019, (2019, 5, 1)),
    (&["平成", "H"], 1989, (1989, 1, 8)),
    (&["昭和", "S"], 1926, (1926, 12, 25)),
    (&["大正", "T"], 1912, (1912, 7, 30)),
    (&["明治", "M"], 1868, (1873, 1, 1)),
];

/// Returns a day's year as offices write it: 令和6年, 令和元年. `None` before Meiji 6.
///
/// ```
/// use ayumi_core::model::date::{japanese_year, parse_date};
/// let year = |text| japanese_year(parse_date(text).unwrap()).unwrap();
/// assert_eq!((year("2019-04-30"), year("2019-05-01"), year("2026-01-01")), ("平成31年".into(), "令和元年".into(), "令和8年".into()));
/// ```
pub fn japanese_year(date: NaiveDate) -> Option<String> {
    let index = (0..ERAS.len()).find(|index| in_era(Some(*index), date))?;
    let (names, first, _) = ERAS[index];
    let year = match date.year() - first + 1 {
        1 => "元".to_owned(),
        year => year.to_string(),
    };
    Some(format!("{}{year}年", names[0]))
}

/// Years that a handbook can speak of.
const YEARS: std::ops::RangeInclusive<i32> = 1800..=2200;

/// Folds full-width digits and signs, and takes blanks away.
pub(crate) fn fold(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).collect()
}

/// A date in its stored form, `2024-05-03`, of a year that a handbook can speak of.
pub(crate) fn iso_date(text: &str) -> Option<NaiveDate> {
    iso_day(text).filter(|date| YEARS.contains(&date.year()))
}

/// Reads a calendar date. `None` if the text is no date, the day does not exist, or it lies outside its era.
///
/// ```
/// use ayumi_core::model::date::parse_date;
/// let day = parse_date("2024-05-03");
/// assert!(day.is_some());
/// assert_eq!(parse_date("令和6年5月3日"), day);
/// assert_eq!(parse_date("R6.5.3"), day);
/// assert_eq!(parse_date("平成32年1月1日"), None, "that era had ended");
/// ```
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    // The common form needs no folding.
    if let Some(date) = iso_date(text) {
        return Some(date);
    }
    let folded = fold(text);
    let (bare, weekday) = without_weekday(&folded);
    let date = match parts(bare).or_else(|| with_month_name(bare))? {
        (era, year, Some(month), Some(day)) => {
            let date = NaiveDate::from_ymd_opt(year, month, day)?;
            in_era(era, date).then_some(date)
        }
        _ => None,
    };
    // A day that was another day of the week is a slip in one of the two.
    date.filter(|date| weekday.is_none_or(|weekday| date.weekday() == weekday))
}

/// Reads a day as it is said, 今日 or 3日前, or as it is written.
///
/// ```
/// use ayumi_core::model::date::{day_named, parse_date};
/// let today = parse_date("2024-11-05").unwrap();
/// assert_eq!(day_named("昨日", today), parse_date("2024-11-04"));
/// assert_eq!(day_named("３日前", today), parse_date("2024-11-02"));
/// assert_eq!(day_named("2024/11/5(火)", today), Some(today));
/// ```
pub fn day_named(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let folded = fold(text).to_lowercase();
    let ago = match folded.as_str() {
        "今日" | "きょう" | "本日" | "today" => Some(0),
        "昨日" | "きのう" | "さくじつ" | "yesterday" => Some(1),
        "一昨日" | "おととい" | "おとつい" | "daybeforeyesterday" | "thedaybeforeyesterday" => Some(2),
        other => other.strip_suffix("日前").and_then(|days| days.parse::<u64>().ok()).filter(|days| *days <= 366),
    };
    match ago {
        Some(days) => today.checked_sub_days(Days::new(days)),
        None => parse_date(text),
    }
}

/// Days of the week as they stand beside a date, Monday first.
const WEEKDAYS: [(&[&str], Weekday); 7] = [
    (&["月曜日", "月曜", "月", "monday", "mon"], Weekday::Mon),
    (&["火曜日", "火曜", "火", "tuesday", "tues", "tue"], Weekday::Tue),
    (&["水曜日", "水曜", "水", "wednesday", "wed"], Weekday::Wed),
    (&["木曜日", "木曜", "木", "thursday", "thurs", "thu"], Weekday::Thu),
    (&["金曜日", "金曜", "金", "friday", "fri"], Weekday::Fri),
    (&["土曜日", "土曜", "土", "saturday", "sat"], Weekday::Sat),
    (&["日曜日", "日曜", "日", "sunday", "sun"], Weekday::Sun),
];

/// Cuts the day of the week off: behind a date in brackets or written out, or in front with a comma.
fn without_weekday(folded: &str) -> (&str, Option<Weekday>) {
    let known = |word: &str| {
        let word = word.trim_end_matches("・祝").trim_end_matches('祝').trim_end_matches('.').to_lowercase();
        WEEKDAYS.iter().find(|(names, _)| names.contains(&word.as_str())).map(|(_, day)| *day)
    };
    if let Some((date, word)) = folded.strip_suffix([')', ']']).and_then(|rest| rest.rsplit_once(['(', '['])) {
        return known(word).map_or((folded, None), |day| (date, Some(day)));
    }
    if let Some((word, date)) = folded.split_once(',')
        && let Some(day) = known(word)
    {
        return (date, Some(day));
    }
    // Without brackets only where it cannot be part of the date: 5日 is a day of the month, 火 is none.
    let long = |(names, day): &(&'static [&'static str], Weekday)| {
        let date = names.iter().filter(|name| name.len() > "月".len()).find_map(|name| {
            let head = folded.len().checked_sub(name.len())?;
            folded.get(head..)?.eq_ignore_ascii_case(name).then(|| folded.get(..head)).flatten()
        })?;
        Some((date.trim_end_matches(','), Some(*day)))
    };
    WEEKDAYS.iter().find_map(long).unwrap_or((folded, None))
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Reads `5November2024` and `November5,2024`: the month is named, so nothing is ambiguous.
fn with_month_name(text: &str) -> Option<DateParts> {
    let lower = text.to_lowercase();
    let begin = lower.find(|c: char| c.is_ascii_alphabetic())?;
    let end = begin + lower.get(begin..)?.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(lower.len() - begin);
    let name = lower.get(begin..end)?;
    let month = MONTHS.iter().position(|month| name.len() >= 3 && month.starts_with(name))?;
    let (before, after) = (lower.get(..begin)?, lower.get(end..)?.trim_start_matches(['.', ',']));
    let (day, year) = if before.is_empty() { after.split_once(',')? } else { (before, after) };
    let number = |text: &str, longest: usize| {
        let digits = !text.is_empty() && text.len() <= longest && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<u32>().ok()).flatten()
    };
    let year = i32::try_from(number(year, 4)?).ok().filter(|year| YEARS.contains(year))?;
    Some((None, year, Some(u32::try_from(month).ok()? + 1), Some(number(day.trim_end_matches(['.', ',']), 2)?)))
}

type EraIndex = Option<usize>;
/// Era, year, month and day, as far as they are there.
type DateParts = (EraIndex, i32, Option<u32>, Option<u32>);

/// Year, and month and day as far as they are there.
fn parts(text: &str) -> Option<DateParts> {
    let mut era = None;
    let mut rest = text;
    for (index, (names, _, _)) in ERAS.iter().enumerate() {
        let found = names.iter().find_map(|name| match name.len() {
            1 => text.get(..1).filter(|head| head.eq_ignore_ascii_case(name)).and_then(|_| text.get(1..)),
            _ => text.strip_prefix(name),
        });
        if let Some(tail) = found {
            (era, rest) = (Some(index), tail);
        }
    }
    if era.is_none() && rest.len() == 8 && rest.bytes().all(|b| b.is_ascii_digit()) {
        let number = |range: std::ops::Range<usize>| rest.get(range)?.parse().ok();
        let year = rest[..4].parse().ok().filter(|year| YEARS.contains(year))?;
        return Some((None, year, number(4..6), number(6..8)));
    }
    let first_year = rest.strip_prefix("元").map(|tail| format!("1{tail}"));
    let rest = first_year.as_deref().unwrap_or(rest);
    let mut numbers = Vec::new();
    let mut pieces = rest.split(['-', '/', '.', '年', '月', '日']).peekable();
    while let Some(piece) = pieces.next() {
        // Only the last piece may be empty: the text behind "日" or "月".
        if piece.is_empty() && pieces.peek().is_none() && !numbers.is_empty() && rest.ends_with(['年', '月', '日']) {
            break;
        }
        if piece.is_empty() || piece.len() > 4 || !piece.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        numbers.push(piece.parse::<u32>().ok()?);
    }
    let year = i32::try_from(*numbers.first()?).ok()?;
    let year = match era {
        Some(_) if year == 0 => return None,
        Some(index) => ERAS[index].1 + year - 1,
        None => year,
    };
    if numbers.len() > 3 || !YEARS.contains(&year) {
        return None;
    }
    Some((era, year, numbers.get(1).copied(), numbers.get(2).copied()))
}

fn in_era(era: EraIndex, date: NaiveDate) -> bool {
    let Some(index) = era else { return true };
    let first = |i: usize| {
        let (y, m, d) = ERAS[i].2;
        NaiveDate::from_ymd_opt(y, m, d)
    };
    let begun = first(index).is_some_and(|start| date >= start);
    let not_over = index == 0 || first(index - 1).is_some_and(|next| date < next);
    begun && not_over
}

/// A date of achievement: how precisely a parent remembers is part of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ApproxDate {
    /// That day.
    Day(NaiveDate),
    /// About that day (ごろ).
    About(NaiveDate),
    /// Some day of that month; the first of it is kept.
    Month(NaiveDate),
    /// It has happened; nobody knows when.
    Unknown,
}

impl ApproxDate {
    /// Reads `2024-05-03`, `2024-05-03~`, `5月3日ごろ` with a year, `2024-05`, `令和6年5月`, `unknown`, `不明`.
    pub fn parse(text: &str) -> Option<Self> {
        let folded = fold(text);
        if matches!(folded.to_lowercase().as_str(), "unknown" | "不明" | "わからない" | "?") {
            return Some(Self::Unknown);
        }
        let lower = folded.trim_start_matches("about").trim_start_matches('約').trim_start_matches('~');
        let bare = lower.trim_end_matches('~').trim_end_matches("ごろ").trim_end_matches("ころ").trim_end_matches('頃');
        let about = bare.len() != folded.len();
        let (bare, weekday) = without_weekday(bare);
        let (era, year, month, day) = parts(bare)?;
        let date = NaiveDate::from_ymd_opt(year, month?, day.unwrap_or(1))?;
        if weekday.is_some_and(|weekday| day.is_none() || date.weekday() != weekday) {
            return None;
        }
        match day {
            // A month touches its era if its last day does.
            None if in_era(era, date + Months::new(1) - Days::new(1)) || in_era(era, date) => Some(Self::Month(date)),
            Some(_) if !in_era(era, date) => None,
            Some(_) if about => Some(Self::About(date)),
            Some(_) => Some(Self::Day(date)),
            None => None,
        }
    }

    /// The first day that it can mean, for sorting and charts.
    pub fn earliest(self) -> Option<NaiveDate> {
        match self {
            Self::Day(date) | Self::About(date) | Self::Month(date) => Some(date),
            Self::Unknown => None,
        }
    }
}

impl fmt::Display for ApproxDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(date) => write!(f, "{date}"),
            Self::About(date) => write!(f, "{date}~"),
            Self::Month(date) => write!(f, "{}", date.format("%Y-%m")),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

/// Pregnancy weeks and days: `38w2d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gestation(u16);

impl Gestation {
    /// Forty weeks: the due date, and what corrected age counts to.
    pub const TERM: Self = Self(280);
    /// Below 37 completed weeks a birth is preterm (`preterm_age_conventions.csv`, cited).
    pub const PRETERM_BELOW: Self = Self(259);

    /// From days since the first day of the last period. At most 45 weeks.
    pub fn from_days(days: i64) -> Option<Self> {
        u16::try_from(days).ok().filter(|d| *d <= 45 * 7).map(Self)
    }

    /// Reads `38w2d`, `38w`, `38週2日`, `38+2`.
    pub fn parse(text: &str) -> Option<Self> {
        let folded = fold(text).to_lowercase().replace('週', "w").replace('日', "d").replace('+', "w");
        let (weeks, days) = folded.split_once('w').unwrap_or((&folded, ""));
        let number = |t: &str| -> Option<i64> {
            let digits = !t.is_empty() && t.len() <= 2 && t.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| t.parse().ok()).flatten()
        };
        let days = days.trim_end_matches('d');
        let days = if days.is_empty() { 0 } else { number(days).filter(|d| *d < 7)? };
        Self::from_days(number(weeks)? * 7 + days)
    }

    /// Days between a preterm birth and 40 weeks; `None` from 37 weeks on.
    pub fn days_early(self) -> Option<u16> {
        (self < Self::PRETERM_BELOW).then(|| Self::TERM.0 - self.0)
    }

    /// Days in all.
    pub const fn days(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Gestation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}w{}d", self.0 / 7, self.0 % 7)
    }
}

/// Completed months and days between two dates, as ages are stated: 1 month old on the same day of the next month; where
/// that day does not exist, on the last day of the month.
pub fn months_and_days(born: NaiveDate, on: NaiveDate) -> Option<(u32, u32)> {
    if on < born {
        return None;
    }
    let rough = (on.year() - born.year()) * 12 + on.month() as i32 - born.month() as i32;
    let mut months = u32::try_from(rough).ok()?;
    let mut anchor = born.checked_add_months(Months::new(months))?;
    if anchor > on {
        months = months.checked_sub(1)?;
        anchor = born.checked_add_months(Months::new(months))?;
    }
    Some((months, u32::try_from((on - anchor).num_days()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ymd(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    #[test]
    fn dates_as_people_write_them() {
        for (text, expected, why) in [
            ("2024-05-03", Some((2024, 5, 3)), "ISO 8601"),
            ("2024/5/3", Some((2024, 5, 3)), "slashes without zeros"),
            ("2024年5月3日", Some((2024, 5, 3)), "Japanese"),
            ("20240503", Some((2024, 5, 3)), "eight digits"),
            ("２０２４－０５－０３", Some((2024, 5, 3)), "full-width"),
            ("令和6年5月3日", Some((2024, 5, 3)), "era"),
            ("令和 ６年 ５月 ３日", Some((2024, 5, 3)), "era, full-width, blanks"),
            ("R6.5.3", Some((2024, 5, 3)), "era letter"),
            ("r6/5/3", Some((2024, 5, 3)), "small era letter"),
            ("令和元年5月1日", Some((2019, 5, 1)), "first day of Reiwa"),
            ("平成31年4月30日", Some((2019, 4, 30)), "last day of Heisei"),
            ("令和元年4月30日", None, "Reiwa had not begun"),
            ("平成31年5月1日", None, "Heisei was over"),
            ("昭和64年1月7日", Some((1989, 1, 7)), "last day of Showa"),
            ("昭和64年1月8日", None, "Showa was over"),
            ("S60.12.1", Some((1985, 12, 1)), "a mother's birthday"),
            ("2023-02-29", None, "no such day"),
            ("2024-02-29", Some((2024, 2, 29)), "leap day"),
            ("24-05-03", None, "two-digit years are ambiguous"),
            ("2024-05", None, "a month is no day"),
            ("2024-5-3-1", None, "too much"),
            ("明日", None, "no date"),
            ("2024/11/5(火)", Some((2024, 11, 5)), "day of the week"),
            ("2024年11月5日（火）", Some((2024, 11, 5)), "in wide brackets"),
            ("2024年11月5日火曜日", Some((2024, 11, 5)), "written out"),
            ("令和6年11月4日(月・祝)", Some((2024, 11, 4)), "a holiday"),
            ("2024/11/5(水)", None, "it was a Tuesday"),
            ("Tue, Nov 5, 2024", Some((2024, 11, 5)), "in English"),
            ("5 November 2024", Some((2024, 11, 5)), "as our own booklet writes it"),
            ("November 5, 2024", Some((2024, 11, 5)), "as Americans write it"),
            ("5 Nov. 2024", Some((2024, 11, 5)), "shortened"),
            ("5 Nob 2024", None, "no month"),
            ("11/5/2024", None, "May or November"),
            ("2024/11/5(仏滅)", None, "something else in brackets"),
            ("", None, "nothing"),
            ("令和0年1月1日", None, "no year zero"),
            ("11111111", None, "eight digits are not always a date"),
            ("令和5709年2月22日", None, "no such year of an era"),
            ("--", None, "only signs"),
        ] {
            assert_eq!(parse_date(text), expected.map(|(y, m, d)| ymd(y, m, d)), "{text}: {why}");
        }
    }

    #[test]
    fn achievement_dates_keep_their_precision() {
        for (text, expected) in [
            ("2024-05-03", Some("2024-05-03")),
            ("2024-05-03~", Some("2024-05-03~")),
            ("令和6年5月3日ごろ", Some("2024-05-03~")),
            ("約2024/5/3", Some("2024-05-03~")),
            ("about 2024-05-03", Some("2024-05-03~")),
            ("2024-05", Some("2024-05")),
            ("令和6年5月", Some("2024-05")),
            ("令和元年5月頃", Some("2019-05")),
            ("不明", Some("unknown")),
            ("2024", None),
            ("2024-13", None),
            ("soon", None),
        ] {
            assert_eq!(ApproxDate::parse(text).map(|d| d.to_string()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn gestation_in_weeks_and_days() {
        for (text, days) in [
            ("38w2d", Some(268)),
            ("38週2日", Some(268)),
            ("38+2", Some(268)),
            ("40w", Some(280)),
            ("40", Some(280)),
            ("22w7d", None),
            ("46w", None),
            ("", None),
            ("w", None),
        ] {
            assert_eq!(Gestation::parse(text).map(Gestation::days), days, "{text}");
        }
        assert_eq!(Gestation::from_days(268).unwrap().to_string(), "38w2d");
    }

    #[test]
    fn ages_in_months_and_days() {
        for (born, on, expected, why) in [
            (ymd(2024, 1, 31), ymd(2024, 2, 29), Some((1, 0)), "the last day stands for a missing day"),
            (ymd(2024, 2, 29), ymd(2025, 2, 28), Some((12, 0)), "born on a leap day"),
            (ymd(2024, 4, 1), ymd(2024, 4, 30), Some((0, 29)), "days before the first month"),
            (ymd(2024, 4, 1), ymd(2024, 3, 31), None, "before birth"),
        ] {
            assert_eq!(months_and_days(born, on), expected, "{why}");
        }
    }
}
