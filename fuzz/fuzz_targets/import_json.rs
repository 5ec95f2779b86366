#![no_main]
//! An export of our own, damaged or made up; what can be planned must also be written.
mod book;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let (book, _) = book::book();
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(plan) = book.import().plan_json(text) {
        book.import().apply(plan, true).unwrap();
    }
});
