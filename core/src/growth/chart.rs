//! Chart series: bands of a reference and a child's points, ready to draw.

use super::normal::HANDBOOK_PERCENTILES;
use super::query::Indicator;
use super::score::Reference;
use super::{jp2000, jp2023, who};
use crate::model::date::DAYS_PER_MONTH;
use crate::model::notebook::Sex;

/// A place on a chart.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "GrowthPoint"))]
pub struct Point {
    /// Age in days.
    pub day: f64,
    /// Value, in the measure's unit.
    pub value: f64,
}

/// One curve of a reference.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "GrowthBand"))]
pub struct Band {
    /// 3, 10, 25, 50, 75, 90 or 97.
    pub percentile: f64,
    /// Its line.
    pub line: Vec<Point>,
}

/// The curves of a reference from birth to `until_day`; empty where it has none. A child of unspecified sex gets none.
pub fn bands(reference: Reference, indicator: Indicator, sex: Sex, until_day: f64) -> Vec<Band> {
    let mut bands: Vec<Band> =
        HANDBOOK_PERCENTILES.iter().map(|(percentile, _)| Band { percentile: *percentile, line: Vec::new() }).collect();
    match reference {
        Reference::Jp2023 => {
            let Some(curve) = jp2023::curve(indicator, sex) else { return Vec::new() };
            for (day, values) in curve.points() {
                push(&mut bands, day, values);
            }
        }
        Reference::Jp2000 | Reference::Who => {
            // A point each month draws a smooth curve; the first month moves fast, so every five days there.
            let days = (0..6).map(|i| f64::from(i) * 5.0).chain((1..).map(|m| f64::from(m) * DAYS_PER_MONTH));
            for day in days {
                let lms = match reference {
                    Reference::Who => who::lms_at_day(indicator, sex, day as i64),
                    _ => jp2000::lms_at_day(indicator, sex, day),
                };
                let Some(lms) = lms else { break };
                push(&mut bands, day, HANDBOOK_PERCENTILES.map(|(_, z)| lms.value(z)));
            }
        }
    }
    for band in &mut bands {
        cut(&mut band.line, until_day);
    }
    bands.retain(|band| !band.line.is_empty());
    bands
}

fn push(bands: &mut [Band], day: f64, values: [f64; 7]) {
    for (band, value) in bands.iter_mut().zip(values) {
        band.line.push(Point { day, value });
    }
}

/// Ends a line at a day, on the line.
fn cut(line: &mut Vec<Point>, until: f64) {
    let Some(over) = line.iter().position(|point| point.day > until) else { return };
    if let Some(before) = over.checked_sub(1) {
        let (a, b) = (line[before], line[over]);
        line.truncate(over);
        line.push(Point { day: until, value: a.value + (b.value - a.value) * (until - a.day) / (b.day - a.day) });
    } else {
        line.clear();
    }
}
