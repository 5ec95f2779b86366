#![no_main]
//! Amounts as people write them, for every unit that a field has: what is read is kept as it is read back.
use ayumi_core::model::field::{FieldDef, FieldType};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((which, rest)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let units = ["kg", "g", "cm", "mL", "min", "°C", "years", "days", "weeks", "kg/m2", "per day", ""];
    let unit = units[*which as usize % units.len()];
    let field = FieldDef::new("amount", FieldType::Decimal { min: 0.0, max: 20_000.0, decimals: 3, unit });
    if let Ok(value) = field.read(text) {
        assert_eq!(field.validate(&value), Ok(value));
    }
});
