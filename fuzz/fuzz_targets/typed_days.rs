#![no_main]
//! Days and times as people say and write them.
use ayumi_core::model::date::{day_named, parse_date};
use ayumi_core::model::field::{FieldDef, FieldType};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Some(today) = parse_date("2026-11-25") else { return };
    if let Some(day) = day_named(text, today) {
        assert_eq!(parse_date(&day.to_string()), Some(day));
    }
    for field_type in [FieldType::Time, FieldType::DateTime, FieldType::Date, FieldType::ApproxDate] {
        let field = FieldDef::new("at", field_type);
        if let Ok(value) = field.read(text) {
            assert_eq!(field.validate(&value), Ok(value));
        }
    }
});
