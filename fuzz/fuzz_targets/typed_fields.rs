#![no_main]
//! What people type: read once, its stored form reads as itself.
use ayumi_core::model::date::{ApproxDate, Gestation, parse_date};
use ayumi_core::model::kinds::KINDS;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((which, rest)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let _ = (parse_date(text), Gestation::parse(text));
    if let Some(date) = ApproxDate::parse(text) {
        assert_eq!(ApproxDate::parse(&date.to_string()), Some(date));
    }
    let fields: Vec<_> = KINDS.iter().flat_map(|kind| kind.fields).collect();
    let field = fields[*which as usize * fields.len() / 256];
    if let Ok(value) = field.read(text) {
        assert_eq!(field.validate(&value), Ok(value));
    }
});
