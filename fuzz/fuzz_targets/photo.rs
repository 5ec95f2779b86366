#![no_main]
//! Pictures and their metadata: nothing of the original's tags survives.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(photo) = ayumi_core::photo::prepare(data) {
        assert!(photo.data.len() <= ayumi_core::model::limits::PHOTO_BYTES);
        assert!(!photo.data.windows(6).any(|w| w == b"Exif\0\0"));
        assert!(ayumi_core::photo::is_thumbnail(&photo.thumb));
    }
    // What another device sends as one.
    let _ = (ayumi_core::photo::is_thumbnail(data), ayumi_core::photo::thumbnail_of(data));
});
