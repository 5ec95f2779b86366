//! The national survey of 2023 (令和5年乳幼児身体発育調査, こども家庭庁): the curves printed in handbooks issued from April
//! 2025. Weight and length to 6 years 6 months, head to 3 years.
//!
//! **Percentiles to z.** The survey prints seven percentiles per age band and no LMS. A band describes all children
//! in it, so its values stand at its middle; `birth` and `day 30` are points. Between two such places each percentile
//! runs straight; a middle that falls between two whole days stands at both of them, and the last band's values hold
//! to its end. At an age, a value's z-score runs straight between the printed percentiles (z = −1.88, −1.28, −0.67,
//! 0, …), so a printed value has exactly its printed percentile; beyond the 3rd and 97th the last piece is carried
//! on, with a note. Weight falls in the first days after birth: between birth and day 5 it is not scored.

use once_cell::sync::Lazy;

use super::normal::HANDBOOK_PERCENTILES;
use super::query::{Indicator, Note, Query, Scored};
use super::table::Table;
use crate::model::date::DAYS_PER_MONTH;
use crate::model::notebook::Sex;

/// Edition, stated beside each result.
pub const VERSION: &str = "令和5年(2023年)乳幼児身体発育調査";
/// Columns of the seven percentiles.
const COLUMNS: [&str; 7] = ["p3", "p10", "p25", "p50", "p75", "p90", "p97"];
/// Weight is not scored from the day after birth to the day before this one.
const WEIGHT_SETTLES_ON_DAY: f64 = 5.0;

/// The seven printed values.
pub type Values = [f64; 7];

/// Printed values and where they stand.
#[derive(Debug, Clone, Copy)]
struct Knot {
    middle: f64,
    end: f64,
    values: Values,
}

/// One measure of one sex.
#[derive(Debug)]
pub struct Curve {
    knots: Vec<Knot>,
}

static CURVES: Lazy<[[Curve; 2]; 3]> = Lazy::new(|| {
    let table = Table::parse(&crate::packed::packed_text!("growth/jp2023_percentiles.csv"));
    ["weight", "length_height", "head"].map(|measure| ["female", "male"].map(|sex| Curve::read(&table, measure, sex)))
});

/// The curve of an indicator, if the survey has it.
pub fn curve(indicator: Indicator, sex: Sex) -> Option<&'static Curve> {
    let measure = match indicator {
        Indicator::Wfa => 0,
        Indicator::Lhfa => 1,
        Indicator::Hcfa => 2,
        _ => return None,
    };
    match sex {
        Sex::Female => Some(&CURVES[measure][0]),
        Sex::Male => Some(&CURVES[measure][1]),
        Sex::Unspecified => None,
    }
}

impl Curve {
    fn read(table: &Table, measure: &str, sex: &str) -> Self {
        let knots = table.rows(&[("measure", measure), ("sex", sex)]).into_iter().filter_map(|row| {
            let mut values = [0.0; 7];
            for (value, column) in values.iter_mut().zip(COLUMNS) {
                *value = row.number(column)?;
            }
            let (middle, end) = match row.number("age_days") {
                Some(day) => (day, day),
                None => {
                    let (from, to) = (row.number("age_months_from")?, row.number("age_months_to_excl")?);
                    ((from + to) / 2.0 * DAYS_PER_MONTH, to * DAYS_PER_MONTH)
                }
            };
            Some(Knot { middle, end, values })
        });
        Self { knots: knots.collect() }
    }

    /// Ages in days and printed values, for drawing.
    pub fn points(&self) -> impl Iterator<Item = (f64, Values)> + '_ {
        self.knots.iter().map(|knot| (knot.middle, knot.values))
    }

    /// The seven values at an age in whole days; `None` outside the survey.
    pub fn at(&self, day: f64) -> Option<Values> {
        let last = self.knots.last()?;
        if !(0.0..last.end).contains(&day) {
            return None;
        }
        let above = self.knots.iter().position(|knot| knot.middle.floor() > day);
        let below = &self.knots[above.unwrap_or(self.knots.len()).checked_sub(1)?];
        let Some(above) = above.map(|i| &self.knots[i]) else { return Some(below.values) };
        let (start, end) = (below.middle.ceil(), above.middle.floor());
        if day <= start {
            return Some(below.values);
        }
        let part = (day - start) / (end - start);
        let mut values = below.values;
        for (value, next) in values.iter_mut().zip(above.values) {
            *value += (next - *value) * part;
        }
        Some(values)
    }
}

/// The z-score of a value among seven percentiles, and whether it lies beyond the printed ones.
pub fn z_among(values: &Values, value: f64) -> (f64, bool) {
    let last = values.len() - 1;
    let above = values.iter().position(|printed| value <= *printed).unwrap_or(last).clamp(1, last);
    let (low, high) = (values[above - 1], values[above]);
    let (z_low, z_high) = (HANDBOOK_PERCENTILES[above - 1].1, HANDBOOK_PERCENTILES[above].1);
    // The printed value itself gives its own z, without rounding on the way.
    let z = if value == high { z_high } else { z_low + (z_high - z_low) * (value - low) / (high - low) };
    (z, value < values[0] || value > values[last])
}

pub(super) fn score(query: &Query) -> Result<Scored, Note> {
    if !matches!(query.indicator, Indicator::Wfa | Indicator::Lhfa | Indicator::Hcfa) {
        return Err(Note::NotInReference);
    }
    let curve = curve(query.indicator, query.sex).ok_or(Note::SexUnspecified)?;
    let day = query.age_days.map(f64::round).ok_or(Note::AgeMissing)?;
    let values = curve.at(day).ok_or(Note::AgeOutOfRange)?;
    if query.indicator == Indicator::Wfa && day > 0.0 && day < WEIGHT_SETTLES_ON_DAY {
        return Err(Note::FirstDays);
    }
    let (z, beyond) = z_among(&values, query.value);
    Ok(Scored { z, note: beyond.then_some(Note::BeyondPrinted) })
}
