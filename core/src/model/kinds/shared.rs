//! Types of fields that many kinds use.

use crate::model::field::FieldType;
use crate::model::limits::{SHORT_TEXT_CHARS, TEXT_CHARS};
use crate::model::notebook::NotebookType;

pub(super) const PREGNANCY: &[NotebookType] = &[NotebookType::Pregnancy];
pub(super) const CHILD: &[NotebookType] = &[NotebookType::Child];
pub(super) const EITHER: &[NotebookType] = &[NotebookType::Pregnancy, NotebookType::Child];
pub(super) const PRIVATE: &[NotebookType] = &[NotebookType::Private];
pub(super) const ANY: &[NotebookType] = &[NotebookType::Pregnancy, NotebookType::Child, NotebookType::Private];

pub(super) const TEXT: FieldType = FieldType::Text(TEXT_CHARS);
pub(super) const SHORT: FieldType = FieldType::Text(SHORT_TEXT_CHARS);
pub(super) const DATE: FieldType = FieldType::Date;
pub(super) const ABOUT: FieldType = FieldType::ApproxDate;
pub(super) const MINUTE: FieldType = FieldType::DateTime;
pub(super) const TIME: FieldType = FieldType::Time;
pub(super) const WEEKS: FieldType = FieldType::Gestation;
pub(super) const YES_NO: FieldType = FieldType::YesNo;
pub(super) const WORRY: FieldType = FieldType::YesNoUnsure;
pub(super) const BP: FieldType = FieldType::BloodPressure;
/// Urine and oedema signs are ordinal, not numbers.
pub(super) const SIGN: FieldType = FieldType::Code(&["-", "±", "+", "++"]);
pub(super) const FEEDING: FieldType = FieldType::Code(&["breast", "mixed", "formula"]);
pub(super) const SUCK: FieldType = FieldType::Code(&["normal", "weak"]);

pub(super) const fn kg(min: f64, max: f64) -> FieldType {
    FieldType::Decimal { min, max, decimals: 3, unit: "kg" }
}

pub(super) const fn cm(min: f64, max: f64) -> FieldType {
    FieldType::Decimal { min, max, decimals: 2, unit: "cm" }
}

pub(super) const fn whole(min: i64, max: i64, unit: &'static str) -> FieldType {
    FieldType::Integer { min, max, unit }
}

/// A baby's weight in grams, from the smallest that lived upwards.
pub(super) const GRAMS: FieldType = whole(100, 20_000, "g");
pub(super) const CHILD_KG: FieldType = kg(0.1, 150.0);
pub(super) const MOTHER_KG: FieldType = kg(20.0, 250.0);
pub(super) const LENGTH: FieldType = cm(15.0, 220.0);
pub(super) const HEAD: FieldType = cm(10.0, 80.0);
pub(super) const CHEST: FieldType = cm(10.0, 150.0);
