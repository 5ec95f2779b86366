#![no_main]
//! The table scorer: every row keeps its place.
use ayumi_core::growth::Reference;
use ayumi_core::growth::batch::score_csv;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    for reference in Reference::ALL {
        let mut out = Vec::new();
        if let Ok(report) = score_csv(reference, data, &mut out, &mut |_| ()) {
            assert!(report.scored <= report.rows);
        }
    }
});
