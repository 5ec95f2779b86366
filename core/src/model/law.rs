//! Ages and terms as Japanese law counts them: the most common source of errors in vaccination software.
//!
//! | words | meaning | function |
//! |---|---|---|
//! | N か月に至る・達する | the day **before** the same day N months later, clamped to the month's end | [`attain`] |
//! | n 日以上の間隔 | n full days between | [`after_days`] |
//! | n 月以上の間隔 | the same day n months later, else the **1st** of the next month | [`after_months`] |
//! | n 月半以上の間隔 | n months, then half of the month that was reached | [`after_months_and_half`] |
//! | 生後 w 週 d 日 | the birth day is 0w0d | [`birth_week`] |
//! | 妊娠 w 週 d 日 | 40w0d is the due date | [`pregnancy_week`] |
//! | 小学校就学前の1年 | 1 April to 31 March before entry; born on 1 April: the older class | [`preschool_year`] |
//! | N 歳となる年度 | the fiscal year that holds the day of attaining N | [`fiscal_year_of_age`] |
//!
//! Sources: 年齢計算ニ関する法律; the examples of ministry and cities in `fixtures/vaccines/vaccine_test_vectors.json`,
//! each of which is a test. All functions are `None` only beyond the calendar's end.

use chrono::{Datelike, Days, Months, NaiveDate};

/// The day on whose end a person attains so many months of age.
///
/// ```
/// use ayumi_core::model::law::attain;
/// let day = |text: &str| text.parse().unwrap();
/// assert_eq!(attain(day("2018-04-01"), 60), Some(day("2023-03-31")), "school law's older class");
/// assert_eq!(attain(day("2018-12-31"), 2), Some(day("2019-02-28")), "the month's end stands for a missing day");
/// ```
pub fn attain(born: NaiveDate, months: u32) -> Option<NaiveDate> {
    let later = born.checked_add_months(Months::new(months))?;
    // A month without that day ends the age on its own last day.
    if later.day() < born.day() { Some(later) } else { later.pred_opt() }
}

/// The first day with at least `n` full days between it and `previous`.
pub fn after_days(previous: NaiveDate, n: u32) -> Option<NaiveDate> {
    previous.checked_add_days(Days::new(u64::from(n) + 1))
}

/// The first day that is `n` months after `previous`.
pub fn after_months(previous: NaiveDate, n: u32) -> Option<NaiveDate> {
    let later = previous.checked_add_months(Months::new(n))?;
    if later.day() < previous.day() { later.succ_opt() } else { Some(later) }
}

/// The first day that is `n` months and half a month (n 月半) after `previous`: the half has 14, 15, 15 or 16 days in a
/// month of 28, 29, 30 or 31.
pub fn after_months_and_half(previous: NaiveDate, n: u32) -> Option<NaiveDate> {
    let whole = after_months(previous, n)?;
    whole.checked_add_days(Days::new(match whole.num_days_in_month() {
        28 => 14,
        31 => 16,
        _ => 15,
    }))
}

/// The day of so many weeks and days of life.
pub fn birth_week(born: NaiveDate, weeks: u32, days: u32) -> Option<NaiveDate> {
    born.checked_add_days(Days::new(u64::from(weeks) * 7 + u64::from(days)))
}

/// The day of so many weeks and days of pregnancy.
pub fn pregnancy_week(due: NaiveDate, weeks: u32, days: u32) -> Option<NaiveDate> {
    due.checked_add_signed(chrono::TimeDelta::days(i64::from(weeks) * 7 + i64::from(days) - 280))
}

/// First and last day of the year before primary school.
pub fn preschool_year(born: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let entry = school_entry(born)?;
    Some((NaiveDate::from_ymd_opt(entry.year() - 1, 4, 1)?, entry.pred_opt()?))
}

/// The 1 April on which primary school begins: the first on or after the day after attaining six years.
pub fn school_entry(born: NaiveDate) -> Option<NaiveDate> {
    let ready = attain(born, 72)?.succ_opt()?;
    let april = NaiveDate::from_ymd_opt(ready.year(), 4, 1)?;
    if ready <= april { Some(april) } else { NaiveDate::from_ymd_opt(ready.year() + 1, 4, 1) }
}

/// First and last day of the fiscal year in which an age is attained.
pub fn fiscal_year_of_age(born: NaiveDate, years: u32) -> Option<(NaiveDate, NaiveDate)> {
    let day = attain(born, years * 12)?;
    let start = if day.month() >= 4 { day.year() } else { day.year() - 1 };
    Some((NaiveDate::from_ymd_opt(start, 4, 1)?, NaiveDate::from_ymd_opt(start + 1, 3, 31)?))
}

/// A day in its stored form, `2027-03-31`, and no other.
pub fn iso_day(text: &str) -> Option<NaiveDate> {
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = text.as_bytes() else { return None };
    let number = |digits: &[&u8]| -> Option<u32> {
        digits.iter().try_fold(0, |n, d| d.is_ascii_digit().then(|| n * 10 + u32::from(**d - b'0')))
    };
    let year = i32::try_from(number(&[y0, y1, y2, y3])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&[m0, m1])?, number(&[d0, d1])?)
}
