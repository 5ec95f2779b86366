#![no_main]
//! Pages of a damaged file.
use ayumi_core::store::leaf::rows;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut page = Box::new([0; 2048]);
    for (to, from) in page.iter_mut().zip(data) {
        *to = *from;
    }
    let other = page.clone();
    rows(&page, 1 + u32::from(data.len() % 2 == 0), &|_| Some(other.clone()));
});
