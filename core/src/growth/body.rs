//! Weight against height without age.

use once_cell::sync::Lazy;

use super::table::Table;
use crate::model::notebook::Sex;

/// Body mass index in kg/m²; for small children Japan calls the same number the Kaup index (カウプ指数).
pub fn bmi(weight_kg: f64, stature_cm: f64) -> Option<f64> {
    (weight_kg > 0.0 && stature_cm > 0.0).then(|| weight_kg / (stature_cm / 100.0).powi(2))
}

static STANDARD: Lazy<Table> =
    Lazy::new(|| Table::parse(&crate::packed::packed_text!("growth/jp_standard_weight_quadratic_1_6y.csv")));

/// Obesity degree (肥満度) in percent: how far the weight lies from the standard weight for the height. For children of 1
/// to 5 years from 70 to below 120 cm; `None` outside. A number only: its classes are not given out.
///
/// Source: standard weight formula as cited by two calculators (`jp_standard_weight_quadratic_1_6y.csv`); the older
/// survey.
pub fn obesity_degree(weight_kg: f64, height_cm: f64, sex: Sex) -> Option<f64> {
    let row = STANDARD.rows(&[("sex", sex.key())]).into_iter().find(|row| {
        let (from, to) = (row.number("height_cm_from"), row.number("height_cm_to_excl"));
        from.is_some_and(|from| height_cm >= from) && to.is_some_and(|to| height_cm < to)
    })?;
    let (a, b, c) = (row.number("quadratic")?, row.number("linear")?, row.number("constant")?);
    let standard = a * height_cm * height_cm + b * height_cm + c;
    (weight_kg > 0.0).then(|| (weight_kg - standard) / standard * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        assert_eq!(bmi(10.0, 100.0), Some(10.0));
        assert_eq!(bmi(10.0, 0.0), None);
        // 0.00206·100² − 0.1166·100 + 6.5273 = 15.4673 kg
        assert!(obesity_degree(15.4673, 100.0, Sex::Male).unwrap().abs() < 1e-9);
        assert!((obesity_degree(15.4673 * 1.15, 100.0, Sex::Male).unwrap() - 15.0).abs() < 1e-9);
        assert_eq!(obesity_degree(10.0, 69.9, Sex::Male), None);
        assert_eq!(obesity_degree(10.0, 120.0, Sex::Female), None);
        assert_eq!(obesity_degree(10.0, 100.0, Sex::Unspecified), None);
    }
}
