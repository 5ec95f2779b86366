//! Values to ask back: "73.5 kg? Perhaps 7.35?". The one rule of every door where a measurement comes in.
//!
//! Nothing is refused and nothing is judged: a question says that a number is far from what any child of that age
//! measures, and what was probably meant. The limits are those at which WHO's own software asks whether a measurement is
//! right (WHO Anthro manual; `anthro` and `anthroplus` packages: weight −6 to +5, length or height ±6, head ±5 SD), taken
//! over both sexes, because a door may not know the sex. They lie on WHO's curves (weight to ten years, height to 19, head to
//! five), a weight then on the Japanese reference of 2000; before term on the Japanese sizes at birth; for a baby not yet born on the fetal weights of
//! JSUM 2003, ±6 SD. A child whose weeks at birth nobody wrote may have been born at 22 weeks, so its lower limit is that of
//! a child so much younger. Where no table reaches (chest; head after five years; weight after 17, height after 19) nothing is asked. What stands beside
//! a value is compared in [`super::change`].

use super::birth::{self, BirthMeasure};
use super::lms::Lms;
use super::query::Indicator;
use super::score::limits;
use super::{age, jp2000, who};
use crate::model::date::Gestation;
use crate::model::field::Quantity;
use crate::model::notebook::Sex;

/// The earliest week of the table of birth sizes.
const EARLIEST_BIRTH: i64 = 22 * 7;
/// Beyond so many SD of fetal weight there is a question.
const FETAL_SD: f64 = 6.0;
const POUND_KG: f64 = 0.453_592_37;
const INCH_CM: f64 = 2.54;

/// What slip of the finger explains a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Slip {
    /// A decimal point in the wrong place.
    Decimal,
    /// Pounds or inches where kilograms or centimetres are asked.
    Unit,
    /// Two neighbouring digits in the wrong order.
    Digits,
}

impl Slip {
    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Decimal => "decimal",
            Self::Unit => "unit",
            Self::Digits => "digits",
        }
    }
}

/// A value to ask back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Question {
    /// What was measured.
    pub quantity: Quantity,
    /// The value that was given: kg, cm; grams for a baby not yet born.
    pub given: f64,
    /// What was probably meant, and by which slip it came.
    pub likely: Option<(f64, Slip)>,
}

/// What was probably meant, if one slip explains it: of one kind of slip, the value that lies nearest to the usual one.
pub(crate) fn meant(quantity: Quantity, value: f64, usual: f64, fits: impl Fn(f64) -> bool) -> Option<(f64, Slip)> {
    let far = |value: f64| (value / usual).ln().abs();
    [Slip::Decimal, Slip::Unit, Slip::Digits].into_iter().find_map(|slip| {
        let meant = candidates(quantity, value, slip).into_iter().filter(|meant| fits(*meant));
        meant.min_by(|a, b| far(*a).total_cmp(&far(*b))).map(|meant| (meant, slip))
    })
}

/// Whether a value is to be asked back. `value` is in kg or cm, for [`Quantity::FetalWeight`] in grams; `age_days` counts
/// from birth, for a baby not yet born from the pregnancy's first day.
///
/// ```
/// use ayumi_core::growth::improbable::{Slip, improbable};
/// use ayumi_core::model::field::Quantity;
/// let asked = improbable(Quantity::Weight, 73.5, 186, None).unwrap();
/// assert_eq!(asked.likely, Some((7.35, Slip::Decimal)));
/// assert_eq!(improbable(Quantity::Weight, 7.35, 186, None), None);
/// ```
pub fn improbable(quantity: Quantity, value: f64, age_days: i64, gestation: Option<Gestation>) -> Option<Question> {
    let Expected { low, usual, high } = expected(quantity, age_days, gestation)?;
    let fits = |value: f64| (low..=high).contains(&value);
    if fits(value) {
        return None;
    }
    Some(Question { quantity, given: value, likely: meant(quantity, value, usual, fits) })
}

/// What may have been meant.
fn candidates(quantity: Quantity, value: f64, slip: Slip) -> Vec<f64> {
    let decimals = match quantity {
        Quantity::Weight => 3,
        Quantity::Length | Quantity::Head | Quantity::Chest => 1,
        Quantity::FetalWeight => 0,
    };
    let scale = 10_f64.powi(decimals);
    let round = |value: f64| (value * scale).round() / scale;
    match slip {
        Slip::Decimal => [value / 10.0, value * 10.0, value / 100.0, value * 100.0, value / 1000.0, value * 1000.0]
            .map(round)
            .to_vec(),
        Slip::Unit => match quantity {
            // A pound has 454 grams; more digits would claim too much.
            Quantity::Weight => vec![(value * POUND_KG * 100.0).round() / 100.0],
            Quantity::Length | Quantity::Head | Quantity::Chest => vec![round(value * INCH_CM)],
            Quantity::FetalWeight => vec![round(value * POUND_KG * 1000.0)],
        },
        Slip::Digits => swapped(&format!("{value}")),
    }
}

/// A number with two neighbouring digits exchanged, in every place.
fn swapped(text: &str) -> Vec<f64> {
    let digits: Vec<usize> = text.bytes().enumerate().filter(|(_, b)| b.is_ascii_digit()).map(|(at, _)| at).collect();
    let exchange = |pair: &[usize]| -> Option<f64> {
        let mut bytes = text.as_bytes().to_vec();
        bytes.swap(pair[0], pair[1]);
        (bytes[digits[0]] != b'0').then(|| String::from_utf8(bytes).ok()?.parse().ok()).flatten()
    };
    digits.windows(2).filter_map(exchange).collect()
}

/// What needs no question, and the middle of the curves.
#[derive(Debug, Clone, Copy)]
struct Expected {
    low: f64,
    usual: f64,
    high: f64,
}

fn expected(quantity: Quantity, age_days: i64, gestation: Option<Gestation>) -> Option<Expected> {
    let (indicator, at_birth) = match quantity {
        Quantity::Weight => (Indicator::Wfa, BirthMeasure::Weight),
        Quantity::Length => (Indicator::Lhfa, BirthMeasure::Length),
        Quantity::Head => (Indicator::Hcfa, BirthMeasure::Head),
        Quantity::FetalWeight => {
            let (mean, sd) = birth::fetal_weight(age_days as f64)?;
            let low = (mean - FETAL_SD * sd).max(0.0);
            return Some(Expected { low, usual: mean, high: mean + FETAL_SD * sd });
        }
        Quantity::Chest => return None,
    };
    // How many days of pregnancy may have been missing: at most, for the lower limit, and at least, for the upper.
    let most = match gestation {
        Some(gestation) => age::days_early(gestation).unwrap_or(0),
        None => i64::from(Gestation::TERM.days()) - EARLIEST_BIRTH,
    };
    let least = gestation.and_then(age::days_early).unwrap_or(0);
    let younger = |early: i64| {
        let days = age_days - early;
        if (days as f64) < age::THREE_YEARS { days } else { age_days }
    };
    let low = at_age(indicator, at_birth, younger(most))?.low;
    Some(Expected { low, ..at_age(indicator, at_birth, younger(least))? })
}

/// Of a child so many days after term; before term by the week of the pregnancy.
fn at_age(indicator: Indicator, at_birth: BirthMeasure, days: i64) -> Option<Expected> {
    let groups: Vec<Lms> = if days < 0 {
        let unit = if at_birth == BirthMeasure::Weight { 1000.0 } else { 1.0 };
        let week = (i64::from(Gestation::TERM.days()) + days).max(EARLIEST_BIRTH);
        birth::groups(at_birth, week).into_iter().map(|lms| Lms { m: lms.m / unit, ..lms }).collect()
    } else {
        after_term(indicator, days)
    };
    let (low, high) = limits(indicator);
    let of = |lms: &Lms| Expected { low: lms.value_adjusted(low), usual: lms.m, high: lms.value_adjusted(high) };
    groups.iter().map(of).reduce(|a, b| Expected { low: a.low.min(b.low), usual: a.usual, high: a.high.max(b.high) })
}

/// Of both sexes, where a table reaches.
fn after_term(indicator: Indicator, days: i64) -> Vec<Lms> {
    let sexes = [Sex::Female, Sex::Male];
    let who: Vec<Lms> = sexes.into_iter().filter_map(|sex| who::lms_at_day(indicator, sex, days)).collect();
    if who.is_empty() {
        return sexes.into_iter().filter_map(|sex| jp2000::lms_at_day(indicator, sex, days as f64)).collect();
    }
    who
}

/// The curves of each sex at two ages, both of one table; none where no table reaches.
pub(super) fn lines(quantity: Quantity, from: i64, to: i64) -> Vec<(Lms, Lms)> {
    let indicator = match quantity {
        Quantity::Weight => Indicator::Wfa,
        Quantity::Length => Indicator::Lhfa,
        Quantity::Head => Indicator::Hcfa,
        Quantity::Chest | Quantity::FetalWeight => return Vec::new(),
    };
    let sexes = [Sex::Female, Sex::Male];
    let both = |at: &dyn Fn(Sex, i64) -> Option<Lms>| -> Vec<(Lms, Lms)> {
        sexes.into_iter().filter_map(|sex| at(sex, from).zip(at(sex, to))).collect()
    };
    let who = both(&|sex, day| who::lms_at_day(indicator, sex, day));
    if who.is_empty() { both(&|sex, day| jp2000::lms_at_day(indicator, sex, day as f64)) } else { who }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(quantity: Quantity, value: f64, days: i64) -> Option<Option<(f64, Slip)>> {
        improbable(quantity, value, days, None).map(|question| question.likely)
    }

    /// The values of the issue and its kind: a point, a unit, two digits; each measure, each age.
    #[test]
    fn a_slip_of_the_finger_is_asked_back_with_what_was_meant() {
        use Quantity::{FetalWeight, Head, Length, Weight};
        for (quantity, value, days, meant, why) in [
            (Weight, 73.5, 186, Some((7.35, Slip::Decimal)), "six months, no point"),
            (Weight, 73.5, 610, Some((7.35, Slip::Decimal)), "20 months"),
            (Weight, 0.735, 186, Some((7.35, Slip::Decimal)), "the point too far left"),
            (Weight, 16.2, 186, Some((7.35, Slip::Unit)), "pounds"),
            (Weight, 37.5, 0, Some((3.75, Slip::Decimal)), "at birth"),
            (Weight, 180.0, 2200, Some((18.0, Slip::Decimal)), "six years"),
            (Weight, 300.0, 3400, Some((30.0, Slip::Decimal)), "nine years"),
            (Length, 6.65, 186, Some((66.5, Slip::Decimal)), "the point too far left"),
            (Length, 0.665, 186, Some((66.5, Slip::Decimal)), "metres"),
            (Length, 25.5, 186, Some((64.8, Slip::Unit)), "inches"),
            (Length, 86.5, 186, Some((68.5, Slip::Digits)), "two digits"),
            (Length, 11.45, 2200, Some((114.5, Slip::Decimal)), "six years"),
            (Head, 4.3, 186, Some((43.0, Slip::Decimal)), "head"),
            (Head, 30.0, 400, None, "too small, and no slip that is known"),
            (Head, 64.0, 400, Some((46.0, Slip::Digits)), "head, two digits"),
            (FetalWeight, 147.0, 210, Some((1470.0, Slip::Decimal)), "before birth, 30 weeks"),
        ] {
            assert_eq!(asked(quantity, value, days), Some(meant), "{why}: {value} on day {days}");
        }
    }

    /// What a child may well be is never asked: far out is not wrong.
    #[test]
    fn unusual_is_not_improbable() {
        use Quantity::{Chest, FetalWeight, Head, Length, Weight};
        let week = |text: &str| Gestation::parse(text);
        for (quantity, value, days, gestation, why) in [
            (Weight, 7.35, 186, None, "six months"),
            (Weight, 5.2, 186, None, "six months, small"),
            (Weight, 11.5, 186, None, "six months, large"),
            (Weight, 0.62, 0, week("24w1d"), "born at 24 weeks"),
            (Weight, 0.62, 0, None, "born small, nobody wrote the weeks"),
            (Weight, 2.1, 70, week("30w0d"), "just at term"),
            (Weight, 1.3, 21, week("28w3d"), "before term"),
            (Weight, 5.4, 0, week("41w0d"), "born large"),
            (Length, 31.0, 0, week("24w1d"), "born at 24 weeks"),
            (Length, 85.0, 790, week("30w0d"), "two years"),
            (Head, 51.0, 800, None, "two years"),
            (Chest, 44.0, 186, None, "no table"),
            (Weight, 70.0, 365 * 18, None, "no table"),
            (Weight, 55.0, 365 * 14, None, "a girl of 14"),
            (FetalWeight, 1470.0, 210, None, "30 weeks"),
        ] {
            assert_eq!(improbable(quantity, value, days, gestation), None, "{why}: {value} on day {days}");
        }
    }

    /// Every printed value of the survey of 2023, 3rd to 97th percentile, is taken without a question.
    #[test]
    fn no_value_of_the_survey_is_asked_back() {
        use super::super::jp2023;
        for (quantity, indicator) in
            [(Quantity::Weight, Indicator::Wfa), (Quantity::Length, Indicator::Lhfa), (Quantity::Head, Indicator::Hcfa)]
        {
            for sex in [Sex::Female, Sex::Male] {
                for (day, values) in jp2023::curve(indicator, sex).unwrap().points() {
                    for (value, term) in values.into_iter().flat_map(|v| [(v, None), (v, Gestation::parse("40w0d"))]) {
                        assert_eq!(
                            improbable(quantity, value, day as i64, term),
                            None,
                            "{indicator:?} day {day}: {value}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_question_comes_where_whos_software_asks() {
        // WHO 2006, boys, day 365: weight M 9.6479, L 0.0644, S 0.11079 (who_lms_daily.csv); girls lie lower. SD3pos
        // 13.26 kg, SD2 to SD3 1.36 kg, so +5 SD lies near 15.99 kg; the limits of both sexes are taken.
        assert!(asked(Quantity::Weight, 15.9, 365).is_none());
        assert!(asked(Quantity::Weight, 16.6, 365).is_some());
    }
}
