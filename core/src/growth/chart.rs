//! Chart series: bands of a reference and a child's points, ready to draw.

use super::normal::HANDBOOK_PERCENTILES;
use super::score::{Indicator, Reference};
use super::{jp2000, jp2023, who};
use crate::model::date::DAYS_PER_MONTH;
use crate::model::notebook::Sex;

/// A line: ages in days and values.
pub type Line = Vec<(f64, f64)>;

/// One curve of a reference.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// 3, 10, 25, 50, 75, 90 or 97.
    pub percentile: f64,
    /// Its line.
    pub line: Line,
}

/// The curves of a reference from birth to `until_day`; empty where it has none. A child of unspecified sex gets none.
pub fn bands(reference: Reference, indicator: Indicator, sex: Sex, until_day: f64) -> Vec<Band> {
    let mut bands: Vec<Band> = HANDBOOK_PERCENTILES
        .iter()
        .map(|(percentile, _)| Band { percentile: *percentile, line: Line::new() })
        .collect();
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
        band.line.push((day, value));
    }
}

/// Ends a line at a day, on the line.
fn cut(line: &mut Line, until: f64) {
    let Some(over) = line.iter().position(|(day, _)| *day > until) else { return };
    if let Some(before) = over.checked_sub(1) {
        let ((d0, v0), (d1, v1)) = (line[before], line[over]);
        line.truncate(over);
        line.push((until, v0 + (v1 - v0) * (until - d0) / (d1 - d0)));
    } else {
        line.clear();
    }
}
