//! WHO reference of 2007 for school age: height and BMI for age from 61 to 228 months, weight to 120, by month with
//! straight lines between.
//!
//! Source: the tables of WHO's own `anthroplus` package, `content/growth/who2007_lms_monthly.csv`; method: that package's
//! `R/zscores.R` (L, M and S each by a straight line between whole months; WHO's adjusted formula for weight and BMI). Both
//! ends are in it: 228 months, for weight 120. WHO has no weight for age after ten years, when it no longer tells height and
//! mass apart.

use once_cell::sync::Lazy;

use super::lms::Lms;
use super::query::Indicator;
use super::table::Table;
use crate::model::date::DAYS_PER_MONTH;
use crate::model::notebook::Sex;

/// Edition, stated beside each result.
pub const VERSION: &str = "WHO 2007";
/// Month of the first row.
const FIRST: f64 = 61.0;

type Months = Vec<Lms>;

static CURVES: Lazy<[[Months; 2]; 3]> = Lazy::new(|| {
    let table = Table::parse(&crate::packed::packed_text!("growth/who2007_lms_monthly.csv"));
    let months = |indicator: &str, sex: &str| -> Months {
        let rows = table.rows(&[("indicator", indicator), ("sex", sex)]);
        rows.iter().filter_map(|r| Some(Lms { l: r.number("l")?, m: r.number("m")?, s: r.number("s")? })).collect()
    };
    ["wfa_2007", "hfa_2007", "bfa_2007"].map(|indicator| ["female", "male"].map(|sex| months(indicator, sex)))
});

/// Parameters at an age in days; `None` outside the table.
pub fn lms_at_day(indicator: Indicator, sex: Sex, day: f64) -> Option<Lms> {
    let measure = match indicator {
        Indicator::Wfa => 0,
        Indicator::Lhfa => 1,
        Indicator::Bfa => 2,
        Indicator::Hcfa | Indicator::Acfa | Indicator::Wfl | Indicator::Wfh => return None,
    };
    let months = match sex {
        Sex::Female => &CURVES[measure][0],
        Sex::Male => &CURVES[measure][1],
        Sex::Unspecified => return None,
    };
    let age = day / DAYS_PER_MONTH - FIRST;
    let (below, part) = (age.floor(), age.fract());
    let row = |at: f64| if at < 0.0 { None } else { months.get(at as usize).copied() };
    let low = row(below)?;
    if part == 0.0 { Some(low) } else { Some(low.towards(row(below + 1.0)?, part)) }
}
