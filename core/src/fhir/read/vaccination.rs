//! Doses of others.

use chrono::NaiveDate;

use super::types::{self, elements};
use crate::fhir::codes::{CVX, product_of};
use crate::fhir::names::PRODUCTS;
use crate::fhir::open::Resource;
use crate::fhir::when;
use crate::fhir::why::Why;
use crate::model::kind::Record;
use crate::model::kinds::Immunisation;
use crate::model::limits::SHORT_TEXT_CHARS;
use crate::model::value::Fields;

/// The elements that are read, or that say only what is said otherwise.
pub(super) const ELEMENTS: &[&str] = &[
    "identifier",
    "status",
    "vaccineCode",
    "patient",
    "occurrenceDateTime",
    "lotNumber",
    "manufacturer",
    "site",
    "performer",
    "note",
    "protocolApplied",
    "primarySource",
    "reportOrigin",
    "recorded",
];

/// Doses that the form counts.
const DOSES: std::ops::RangeInclusive<i64> = 1..=9;

pub(super) const fn kind() -> &'static str {
    Immunisation::KIND.id
}

/// A dose: its day and fields. A vaccine that is none of the list keeps its name beside the lot.
pub(super) fn read(resource: &Resource) -> Result<(NaiveDate, Fields), Why> {
    let read: types::Immunization = elements(resource)?;
    match read.status.as_str() {
        "completed" => {}
        "not-done" => return Err(Why::NotGiven),
        "" => return Err(Why::Unreadable),
        _ => return Err(Why::NotFinal),
    }
    let on = when::read(&read.occurrence_date_time).ok_or(Why::NoDay)?.day;
    let options = Immunisation::KIND.field("vaccine").map_or(&[][..], |field| field.field_type.options());
    let ours = read.vaccine_code.code(PRODUCTS).filter(|product| options.contains(product));
    let product = ours.or_else(|| read.vaccine_code.code(CVX).and_then(product_of));
    let mut kept = Kept::default();
    if product.is_none() {
        let code = read.vaccine_code.coding.iter().find(|coding| !coding.code.is_empty());
        let code = code.map(|coding| format!("{} {}", coding.system, coding.code)).unwrap_or_default();
        let name = read.vaccine_code.words();
        kept.short("maker_lot", &if name.is_empty() { code } else { name });
    }
    kept.short("maker_lot", &read.manufacturer.display);
    kept.short("maker_lot", &read.lot_number);
    kept.short("site_note", &read.site.words());
    for performer in &read.performer {
        kept.short("doctor", &performer.actor.display);
    }
    let doses = read.protocol_applied.iter().filter_map(|applied| {
        applied.dose_number_positive_int.or_else(|| applied.dose_number_string.trim().parse().ok())
    });
    match doses.clone().next() {
        Some(dose) if DOSES.contains(&dose) => drop(kept.fields.insert("dose_no".into(), dose.into())),
        Some(dose) => kept.long(&dose.to_string()),
        None => {}
    }
    for note in &read.note {
        kept.long(&note.text);
    }
    kept.fields.insert("vaccine".into(), product.unwrap_or("other").into());
    Ok((on, kept.fields))
}

/// Texts side by side in their fields; what is too long for a line stands in the remark.
#[derive(Default)]
struct Kept {
    fields: Fields,
}

impl Kept {
    fn short(&mut self, field: &str, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let there = self.fields.get(field).and_then(serde_json::Value::as_str);
        let both = there.map_or_else(|| text.to_owned(), |there| format!("{there} / {text}"));
        if both.chars().count() <= SHORT_TEXT_CHARS {
            self.fields.insert(field.to_owned(), both.into());
        } else {
            self.long(text);
        }
    }

    fn long(&mut self, text: &str) {
        let text = text.trim();
        if !text.is_empty() {
            let there = self.fields.get("remark").and_then(serde_json::Value::as_str);
            let both = there.map_or_else(|| text.to_owned(), |there| format!("{there}\n{text}"));
            self.fields.insert("remark".into(), both.into());
        }
    }
}
