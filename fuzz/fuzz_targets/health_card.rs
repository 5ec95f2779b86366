#![no_main]
//! SMART Health Cards: digits of a QR code, a file, a token; and a payload of any kind in a token that is well made.
use ayumi_core::fhir::card::read;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = read(text);
        let _ = ayumi_core::fhir::open::open(data);
    }
    let digits: String = data.iter().map(|byte| format!("{:02}", byte % 100)).collect();
    let _ = read(&format!("shc:/{digits}"));
});
