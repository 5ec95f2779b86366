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
    (&["令和", "令", "R"], 2019, (2019, 5, 1)),
    (&["平成", "平", "H"], 1989, (1989, 1, 8)),
    (&["昭和", "昭", "S"], 1926, (1926, 12, 25)),
    (&["大正", "大", "T"], 1912, (1912, 7, 30)),
    (&["明治", "明", "M"], 1868, (1873, 1, 1)),
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
        "今日" | "きょう" | "本日" | "今朝" | "けさ" | "今夜" | "今晩" | "today" | "tonight" => Some(0),
        "昨日" | "きのう" | "さくじつ" | "昨夜" | "昨晩" | "ゆうべ" | "yesterday" | "lastnight" => {
            Some(1)
        }
        "一昨日" | "おととい" | "おとつい" | "daybeforeyesterday" | "thedaybeforeyesterday" => Some(2),
        other => days_ago(other),
    };
    match ago {
        Some(days) => today.checked_sub_days(Days::new(days)),
        None => parse_date(text),
    }
}

/// `3日前`, `三日前`, `2週間前`, `3daysago`, within a year.
fn days_ago(folded: &str) -> Option<u64> {
    const NUMBERS: &str = "一二三四五六七八九";
    let words = [
        ("日前", 1),
        ("日まえ", 1),
        ("週間前", 7),
        ("週間まえ", 7),
        ("daysago", 1),
        ("dayago", 1),
        ("weeksago", 7),
        ("weekago", 7),
    ];
    let (count, days) = words.iter().find_map(|(word, days)| Some((folded.strip_suffix(word)?, days)))?;
    let digits = !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit());
    let read = || match digits {
        true => count.parse::<u64>().ok(),
        false => NUMBERS.chars().zip(1..).find(|(sign, _)| count.chars().eq([*sign])).map(|(_, number)| number),
    };
    read()?.checked_mul(*days).filter(|days| *days <= 366)
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
        // 月・祝, 月祝, 月・休, 月・振休: a holiday besides.
        let word = word.split(['・', '/']).next().unwrap_or(word);
        let word = word.trim_end_matches(['祝', '休']).trim_end_matches('.').to_lowercase();
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
    let lower = without_ordinal(&text.to_lowercase());
    let begin = lower.find(|c: char| c.is_ascii_alphabetic())?;
    let end = begin + lower.get(begin..)?.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(lower.len() - begin);
    let name = lower.get(begin..end)?;
    let month = MONTHS.iter().position(|month| name.len() >= 3 && month.starts_with(name))?;
    let between = ['.', ',', '-', '/'];
    let (before, after) =
        (lower.get(..begin)?.trim_end_matches(between), lower.get(end..)?.trim_start_matches(between));
    let (day, year) = if before.is_empty() {
        // Four digits are the year, also where no comma stands before them.
        after.split_once(',').or_else(|| after.split_at_checked(after.len().checked_sub(4)?))?
    } else {
        (before, after)
    };
    let number = |text: &str, longest: usize| {
        let digits = !text.is_empty() && text.len() <= longest && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<u32>().ok()).flatten()
    };
    let year = i32::try_from(number(year, 4)?).ok().filter(|year| YEARS.contains(year))?;
    Some((None, year, Some(u32::try_from(month).ok()? + 1), Some(number(day.trim_end_matches(['.', ',']), 2)?)))
}

/// Takes `th` and the like away from behind a day: `5thNovember`, `November1st`.
fn without_ordinal(lower: &str) -> String {
    let found = lower.char_indices().zip(lower.chars().skip(1)).find_map(|((at, digit), next)| {
        let end = at + 1;
        let tail = lower.get(end..).filter(|_| digit.is_ascii_digit() && next.is_ascii_alphabetic())?;
        ["st", "nd", "rd", "th"].iter().any(|word| tail.starts_with(word)).then_some(end)
    });
    match found {
        Some(at) => [lower.get(..at), lower.get(at + 2..)].into_iter().flatten().collect(),
        None => lower.to_owned(),
    }
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
#[path = "date_tests.rs"]
mod tests;
