#![no_main]
//! The key file: 64 hex digits or nothing.
use ayumi_core::crypto::FileKey;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Some(key) = FileKey::from_hex(text) {
        assert_eq!(key.to_hex().as_str(), text.trim().to_lowercase());
    }
});
