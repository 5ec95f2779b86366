//! Size at birth by gestation, and estimated fetal weight.
//!
//! Sources: Japanese birth size by gestation, LMS by day from 22w0d to 41w6d (weight by sex and parity; length and head
//! for both sexes); fetal weight: Japan Society of Ultrasonics in Medicine 2003, 18 to 40 weeks, mean and SD.

use once_cell::sync::Lazy;

use super::lms::Lms;
use super::table::Table;
use crate::model::date::Gestation;
use crate::model::notebook::Sex;

/// Edition of the birth size reference.
pub const BIRTH_VERSION: &str = "在胎期間別出生時体格標準値";
/// Edition of the fetal weight reference.
pub const FETAL_VERSION: &str = "JSUM 2003";

/// What was measured at birth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BirthMeasure {
    /// Grams.
    Weight,
    /// Centimetres.
    Length,
    /// Centimetres.
    Head,
}

const FIRST_DAY: u16 = 22 * 7;
const DAYS: usize = 140;

struct Birth {
    /// Sex (female, male), parity (first, later).
    weight: [[Vec<Lms>; 2]; 2],
    length: Vec<Lms>,
    head: Vec<Lms>,
}

static BIRTH: Lazy<Birth> = Lazy::new(|| {
    let table = Table::parse(&crate::packed::packed_text!("growth/jp_birth_size_lms_by_gestation.csv"));
    let curve = |measure: &str, sex: &str, parity: &str| -> Vec<Lms> {
        let rows = table.rows(&[("measure", measure), ("sex", sex), ("parity", parity)]);
        let lms: Vec<Lms> =
            rows.iter().filter_map(|r| Some(Lms { l: r.number("l")?, m: r.number("m")?, s: r.number("s")? })).collect();
        debug_assert_eq!(lms.len(), DAYS);
        lms
    };
    let weight = |sex: &str| ["primipara", "multipara"].map(|parity| curve("weight_g", sex, parity));
    Birth {
        weight: [weight("female"), weight("male")],
        length: curve("length_cm", "both", ""),
        head: curve("head_cm", "both", ""),
    }
});

/// The z-score of a size at birth. Without parity the weight's score is the mean of the scores for first and later
/// births. `None` outside 22w0d to 41w6d, or for a weight without sex.
pub fn birth_z(
    measure: BirthMeasure,
    value: f64,
    gestation: Gestation,
    sex: Sex,
    first_birth: Option<bool>,
) -> Option<f64> {
    let day = usize::from(gestation.days().checked_sub(FIRST_DAY)?);
    let z = |curve: &Vec<Lms>| curve.get(day).map(|lms| lms.z(value));
    match measure {
        BirthMeasure::Length => z(&BIRTH.length),
        BirthMeasure::Head => z(&BIRTH.head),
        BirthMeasure::Weight => {
            let by_parity = match sex {
                Sex::Female => &BIRTH.weight[0],
                Sex::Male => &BIRTH.weight[1],
                Sex::Unspecified => return None,
            };
            match first_birth {
                Some(first) => z(&by_parity[usize::from(!first)]),
                None => Some((z(&by_parity[0])? + z(&by_parity[1])?) / 2.0),
            }
        }
    }
}

/// Parameters of every group (sex, parity) for one measure in one week; none outside 22w0d to 41w6d.
pub(super) fn groups(measure: BirthMeasure, gestation_days: i64) -> Vec<Lms> {
    let day = usize::try_from(gestation_days - i64::from(FIRST_DAY)).unwrap_or(usize::MAX);
    let curves: Vec<&Vec<Lms>> = match measure {
        BirthMeasure::Weight => BIRTH.weight.iter().flatten().collect(),
        BirthMeasure::Length => vec![&BIRTH.length],
        BirthMeasure::Head => vec![&BIRTH.head],
    };
    curves.into_iter().filter_map(|curve| curve.get(day).copied()).collect()
}

/// Weeks, mean and SD in grams.
static FETAL: Lazy<Vec<(f64, f64, f64)>> = Lazy::new(|| {
    let table = Table::parse(&crate::packed::packed_text!("growth/jp_fetal_efw_jsum2003.csv"));
    let rows = table.rows(&[]);
    rows.iter()
        .filter_map(|r| Some((r.number("ga_weeks")? * 7.0, r.number("efw_mean_g")?, r.number("sd_g")?)))
        .collect()
});

/// The z-score of an estimated fetal weight in grams; straight lines between the even weeks of the table. `None`
/// outside 18 to 40 weeks.
pub fn fetal_weight_z(grams: f64, gestation: Gestation) -> Option<f64> {
    let (mean, sd) = fetal_weight(f64::from(gestation.days()))?;
    Some((grams - mean) / sd)
}

/// Mean and SD in grams on a day of pregnancy.
pub(super) fn fetal_weight(day: f64) -> Option<(f64, f64)> {
    let above = FETAL.iter().position(|(d, ..)| *d >= day)?;
    let high = FETAL[above];
    if high.0 == day {
        return Some((high.1, high.2));
    }
    let low = FETAL[above.checked_sub(1)?];
    let part = (day - low.0) / (high.0 - low.0);
    let mix = |a: f64, b: f64| a + (b - a) * part;
    Some((mix(low.1, high.1), mix(low.2, high.2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weeks(text: &str) -> Gestation {
        Gestation::parse(text).unwrap()
    }

    #[test]
    fn printed_rows_come_back() {
        // jp_birth_size_lms_by_gestation.csv, first row: M = 446.995 g.
        assert_eq!(birth_z(BirthMeasure::Weight, 446.995, weeks("22w0d"), Sex::Male, Some(true)), Some(0.0));
        assert_eq!(birth_z(BirthMeasure::Weight, 3000.0, weeks("42w0d"), Sex::Male, Some(true)), None);
        assert_eq!(birth_z(BirthMeasure::Weight, 3000.0, weeks("40w0d"), Sex::Unspecified, None), None);
        assert!(birth_z(BirthMeasure::Length, 49.0, weeks("40w0d"), Sex::Unspecified, None).is_some());
        // jp_fetal_efw_jsum2003.csv: 30 weeks 1470 g, SD 186; 28 weeks 1163 g, SD 155.
        assert_eq!(fetal_weight_z(1470.0 + 186.0, weeks("30w0d")), Some(1.0));
        assert_eq!(fetal_weight_z((1470.0 + 1163.0) / 2.0, weeks("29w0d")), Some(0.0));
        assert_eq!(fetal_weight_z(100.0, weeks("17w6d")), None);
        assert_eq!(fetal_weight_z(4000.0, weeks("40w1d")), None);
    }
}
