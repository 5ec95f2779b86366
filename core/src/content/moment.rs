//! Days as content files name them: words that a nurse can read and the law can be checked against.
//!
//! | written | the day |
//! |---|---|
//! | `birth`, `due`, `ended`, `notice` | born; due date; a pregnancy's end without a birth; the handbook's first day |
//! | `birth + 13 days`, `due - 56 days + 2 years` | counted from it, at most two steps |
//! | `birth 14w6d`, `pregnancy 28w0d` | weeks and days of life, of pregnancy |
//! | `attain 12` | the day on whose end 12 months of age are attained (the day before the monthly birthday) |
//! | `after attain 18` | the monthly birthday itself |
//! | `preschool year start`, `preschool year end` | the year before primary school |
//! | `fiscal year of 12 start`, `fiscal year of 12 end` | the fiscal year in which an age in years is attained |
//! | `2027-03-31` | that day |
//!
//! Behind any of them may stand how sure the source is: `attain 9 (B)`. Without it the figure is of confidence A. A
//! figure of confidence C drives nothing.

use std::fmt;
use std::str::FromStr;

use chrono::{Days, Months, NaiveDate};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use crate::model::law;

/// How sure a figure is: A two or more sources, B one, C general knowledge that nobody has confirmed yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize)]
pub enum Confidence {
    /// Two or more consistent sources, at least one of them law, ministry or municipality.
    #[default]
    A,
    /// One source, or an inference.
    B,
    /// Not confirmed: drives nothing, stands in the list for review.
    C,
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// The days of a person's life that others are counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Anchors {
    /// Date of birth.
    pub born: Option<NaiveDate>,
    /// Due date.
    pub due: Option<NaiveDate>,
    /// The day on which a pregnancy ended without a birth.
    pub ended: Option<NaiveDate>,
    /// The day of the pregnancy notification (妊娠届出), on which the handbook was begun; `notice` in content files.
    pub notified: Option<NaiveDate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    Birth,
    Due,
    Ended,
    Notification,
    BirthWeek(u32, u32),
    PregnancyWeek(u32, u32),
    Attain(u32),
    AfterAttain(u32),
    PreschoolStart,
    PreschoolEnd,
    FiscalStart(u32),
    FiscalEnd(u32),
    Day(NaiveDate),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shift {
    Days(i64),
    Months(i32),
}

/// A day that follows from a person's anchors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    base: Base,
    shifts: [Shift; 2],
    /// How sure its source is.
    pub confidence: Confidence,
}

/// The words cannot be read as a day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no day: write for example \"birth + 13 days\", \"attain 12\", \"pregnancy 28w0d\", \"2027-03-31\"")]
pub struct NoMoment(pub String);

impl Moment {
    /// The day for these anchors; `None` if the anchor is not known.
    pub fn on(self, anchors: &Anchors) -> Option<NaiveDate> {
        let day = match self.base {
            Base::Birth => anchors.born?,
            Base::Due => anchors.due?,
            Base::Ended => anchors.ended?,
            Base::Notification => anchors.notified?,
            Base::BirthWeek(weeks, days) => law::birth_week(anchors.born?, weeks, days)?,
            Base::PregnancyWeek(weeks, days) => law::pregnancy_week(anchors.due?, weeks, days)?,
            Base::Attain(months) => law::attain(anchors.born?, months)?,
            Base::AfterAttain(months) => law::attain(anchors.born?, months)?.succ_opt()?,
            Base::PreschoolStart => law::preschool_year(anchors.born?)?.0,
            Base::PreschoolEnd => law::preschool_year(anchors.born?)?.1,
            Base::FiscalStart(years) => law::fiscal_year_of_age(anchors.born?, years)?.0,
            Base::FiscalEnd(years) => law::fiscal_year_of_age(anchors.born?, years)?.1,
            Base::Day(day) => day,
        };
        self.shifts.into_iter().try_fold(day, |day, shift| match shift {
            Shift::Days(n) if n >= 0 => day.checked_add_days(Days::new(n.unsigned_abs())),
            Shift::Days(n) => day.checked_sub_days(Days::new(n.unsigned_abs())),
            Shift::Months(n) if n >= 0 => day.checked_add_months(Months::new(n.unsigned_abs())),
            Shift::Months(n) => day.checked_sub_months(Months::new(n.unsigned_abs())),
        })
    }

    /// Whether it may decide anything.
    pub fn is_sure(self) -> bool {
        self.confidence < Confidence::C
    }
}

/// Takes `(B)` off the end.
fn split_confidence(text: &str) -> Option<(&str, Confidence)> {
    let text = text.trim();
    let Some(rest) = text.strip_suffix(')') else { return Some((text, Confidence::A)) };
    let (rest, mark) = rest.rsplit_once('(')?;
    let confidence = match mark {
        "A" => Confidence::A,
        "B" => Confidence::B,
        "C" => Confidence::C,
        _ => return None,
    };
    Some((rest.trim_end(), confidence))
}

fn weeks(text: &str) -> Option<(u32, u32)> {
    let (weeks, days) = text.trim().strip_suffix('d')?.split_once('w')?;
    let days = days.parse().ok().filter(|days| *days < 7)?;
    Some((weeks.parse().ok().filter(|weeks| *weeks <= 500)?, days))
}

fn base(text: &str) -> Option<Base> {
    let number = |text: &str| text.trim().parse::<u32>().ok().filter(|n| *n <= 1500);
    let words: Vec<&str> = text.split_whitespace().collect();
    Some(match words.as_slice() {
        ["birth"] => Base::Birth,
        ["due"] => Base::Due,
        ["ended"] => Base::Ended,
        ["notice"] => Base::Notification,
        ["birth", at] => weeks(at).map(|(w, d)| Base::BirthWeek(w, d))?,
        ["pregnancy", at] => weeks(at).map(|(w, d)| Base::PregnancyWeek(w, d))?,
        ["attain", months] => Base::Attain(number(months)?),
        ["after", "attain", months] => Base::AfterAttain(number(months)?),
        ["preschool", "year", "start"] => Base::PreschoolStart,
        ["preschool", "year", "end"] => Base::PreschoolEnd,
        ["fiscal", "year", "of", age, "start"] => Base::FiscalStart(number(age)?),
        ["fiscal", "year", "of", age, "end"] => Base::FiscalEnd(number(age)?),
        [day] => Base::Day(crate::model::law::iso_day(day)?),
        _ => return None,
    })
}

/// `+ 13 days`, `- 1 days`, `+ 2 years`.
fn read_shift(text: &str) -> Option<Shift> {
    let mut words = text.split_whitespace();
    let sign = match words.next()? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let n = sign * i64::from(words.next()?.parse::<u16>().ok()?);
    let unit = words.next()?;
    if words.next().is_some() {
        return None;
    }
    match unit {
        "days" | "day" => Some(Shift::Days(n)),
        "months" | "month" => Some(Shift::Months(i32::try_from(n).ok()?)),
        "years" | "year" => Some(Shift::Months(i32::try_from(n * 12).ok()?)),
        _ => None,
    }
}

impl FromStr for Moment {
    type Err = NoMoment;

    fn from_str(text: &str) -> Result<Self, NoMoment> {
        let read = || {
            let (words, confidence) = split_confidence(text)?;
            let mut pieces = Vec::new();
            let mut rest = words;
            while let Some(at) = rest.rfind(" + ").max(rest.rfind(" - ")) {
                pieces.push(&rest[at + 1..]);
                rest = &rest[..at];
            }
            let mut shifts = [Shift::Days(0); 2];
            if pieces.len() > shifts.len() {
                return None;
            }
            for (shift, piece) in shifts.iter_mut().zip(pieces.iter().rev()) {
                *shift = read_shift(piece)?;
            }
            Some(Self { base: base(rest)?, shifts, confidence })
        };
        read().ok_or_else(|| NoMoment(text.chars().take(40).collect()))
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A distance between two doses: `27 days` are full days between, `3 months` the same day three months later, `2.5 months`
/// half a month more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Distance {
    count: u32,
    months: bool,
    half: bool,
    /// How sure its source is.
    pub confidence: Confidence,
}

impl Distance {
    /// So many full days between.
    pub const fn days(count: u32) -> Self {
        Self { count, months: false, half: false, confidence: Confidence::A }
    }

    /// The last day before which a dose keeps the distance to a later one on `next`.
    pub fn before(self, next: NaiveDate) -> Option<NaiveDate> {
        let guess = if self.months {
            next.checked_sub_months(Months::new(self.count))?
        } else {
            next.checked_sub_days(Days::new(u64::from(self.count) + 1))?
        };
        // Months differ in length: the guess is at most some days off, half a month where there is half of one.
        let mut day = guess.checked_add_days(Days::new(4))?;
        for _ in 0..40 {
            if self.after(day)? <= next {
                return Some(day);
            }
            day = day.pred_opt()?;
        }
        None
    }

    /// The first day that keeps the distance.
    pub fn after(self, previous: NaiveDate) -> Option<NaiveDate> {
        match (self.months, self.half) {
            (false, _) => law::after_days(previous, self.count),
            (true, false) => law::after_months(previous, self.count),
            (true, true) => law::after_months_and_half(previous, self.count),
        }
    }

    /// Whether it may decide anything.
    pub fn is_sure(self) -> bool {
        self.confidence < Confidence::C
    }
}

impl FromStr for Distance {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (words, confidence) = split_confidence(text)?;
            let (count, unit) = words.split_once(' ')?;
            let (count, half) = count.strip_suffix(".5").map_or((count, false), |whole| (whole, true));
            let months = match unit.trim() {
                "days" => false,
                "months" => true,
                _ => return None,
            };
            if half && !months {
                return None;
            }
            Some(Self { count: count.parse().ok().filter(|n| *n <= 600)?, months, half, confidence })
        };
        read()
            .ok_or_else(|| format!("\"{text}\" is no distance: write \"27 days\" (full days between) or \"3 months\""))
    }
}

impl<'de> Deserialize<'de> for Distance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
