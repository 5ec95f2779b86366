//! The Japanese reference of 2000, used for standard deviation scores to 17 years: weight and BMI by LMS, height by
//! mean and SD, each by month with straight lines between.
//!
//! Sources: weight and BMI LMS after Isojima et al. 2016 and Kato et al.; height mean and SD of the 2000 survey. For
//! height the mean/SD table is preferred to the published LMS, as the Japanese Society for Pediatric Endocrinology's
//! own calculation does (`content/growth/README.md`, check 5).

use once_cell::sync::Lazy;

use super::lms::Lms;
use super::query::{Indicator, Note, Query, Scored};
use super::table::Table;
use crate::model::date::DAYS_PER_MONTH;
use crate::model::notebook::Sex;

/// Edition, stated beside each result.
pub const VERSION: &str = "2000年度乳幼児身体発育調査・学校保健統計調査";

type Months = Vec<Lms>;

static CURVES: Lazy<[[Months; 2]; 3]> = Lazy::new(|| {
    let lms = Table::parse(&crate::packed::packed_text!("growth/jp2000_lms_weight_bmi_monthly.csv"));
    let normal = Table::parse(&crate::packed::packed_text!("growth/jp2000_mean_sd_height_weight_monthly.csv"));
    let from_lms = |measure: &str, sex: &str| -> Months {
        let rows = lms.rows(&[("measure", measure), ("sex", sex)]);
        rows.iter().filter_map(|r| Some(Lms { l: r.number("l")?, m: r.number("m")?, s: r.number("s")? })).collect()
    };
    // A mean and an SD are an LMS with L = 1.
    let from_normal = |sex: &str| -> Months {
        let rows = normal.rows(&[("sex", sex)]);
        let height = |row: &super::table::Row<'_>| {
            let (mean, sd) = (row.number("height_mean_cm")?, row.number("height_sd_cm")?);
            Some(Lms { l: 1.0, m: mean, s: sd / mean })
        };
        rows.iter().map_while(height).collect()
    };
    let sexes = ["female", "male"];
    [sexes.map(|sex| from_lms("weight", sex)), sexes.map(from_normal), sexes.map(|sex| from_lms("bmi", sex))]
});

fn months(indicator: Indicator, sex: Sex) -> Option<&'static Months> {
    let measure = match indicator {
        Indicator::Wfa => 0,
        Indicator::Lhfa => 1,
        Indicator::Bfa => 2,
        _ => return None,
    };
    match sex {
        Sex::Female => Some(&CURVES[measure][0]),
        Sex::Male => Some(&CURVES[measure][1]),
        Sex::Unspecified => None,
    }
}

/// Parameters at an age in days.
pub fn lms_at_day(indicator: Indicator, sex: Sex, day: f64) -> Option<Lms> {
    let months = months(indicator, sex)?;
    let age = day / DAYS_PER_MONTH;
    let below = age.floor();
    let row = |month: f64| months.get(if month >= 0.0 { month as usize } else { usize::MAX }).copied();
    let (low, part) = (row(below)?, age - below);
    Some(if part == 0.0 { low } else { low.towards(row(below + 1.0)?, part) })
}

pub(super) fn score(query: &Query) -> Result<Scored, Note> {
    if !matches!(query.indicator, Indicator::Wfa | Indicator::Lhfa | Indicator::Bfa) {
        return Err(Note::NotInReference);
    }
    if query.sex == Sex::Unspecified {
        return Err(Note::SexUnspecified);
    }
    let day = query.age_days.ok_or(Note::AgeMissing)?;
    let lms = lms_at_day(query.indicator, query.sex, day).ok_or(Note::AgeOutOfRange)?;
    Ok(Scored { z: lms.z(query.value), note: None })
}
