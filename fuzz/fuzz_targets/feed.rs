#![no_main]
//! A municipality's manifest and root statements: read, and judged beside a phone that knows the frozen ones. What nobody
//! signed changes nothing.

use ayumi_core::content::feed::check::{Came, Next, check};
use ayumi_core::content::feed::clock::Clock;
use ayumi_core::content::feed::pinned::{Pinned, Seen};
use ayumi_core::content::feed::take::take;
use ayumi_protocol::municipal::feed::{ClientVersion, Manifest, chain};
use ayumi_protocol::{FormatError, Hex};

const ROOTS: &[u8] = include_bytes!("../../fixtures/municipal/roots.jsonl");
const MANIFEST: &[u8] = include_bytes!("../../fixtures/municipal/manifest.jsonl");
const FINGERPRINT: &str = "0f7ae831a9da3a9198dde4191a7e4d3d87196817bdf4b9f47f055f95ae838bfd";
/// An hour after the frozen manifest was made.
const CLOCK: Clock = Clock { now: 1_795_003_600, server: None };

fn seen() -> Result<Seen, FormatError> {
    let fingerprint: Hex<32> = FINGERPRINT.parse()?;
    Ok(Seen { municipality: "jp.000000".parse()?, fingerprint, highest: None, hash: None })
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = Manifest::from_bytes(data);
    let Ok(seen) = seen() else { return };
    // The first statement alone, so that there is a next one to roll over to.
    let first = ROOTS.windows(2).position(|pair| pair == b"\n\n").map_or(ROOTS, |at| &ROOTS[..=at]);
    let Ok((mut pinned, _)) = Pinned::meet(&seen, first, CLOCK) else { return };
    if let Ok(file) = chain::from_bytes(data) {
        let _ = Pinned::meet(&seen, data, CLOCK);
        let _ = chain::to_bytes(&file);
    }
    for (manifest, roots) in [(data, None), (data, Some(ROOTS)), (data, Some(data)), (MANIFEST, Some(data))] {
        let step = check(&pinned, Came::Manifest(manifest), roots, CLOCK);
        assert!(step.pinned.root.number >= pinned.root.number);
        if let Next::NeedsFiles(candidate) = step.next {
            assert!(manifest == MANIFEST || data.starts_with(MANIFEST.split(|byte| *byte == b'\n').next().unwrap_or_default()));
            let _ = take(&mut pinned, candidate, &[data.to_vec()], ClientVersion(1, 0, 0));
        }
    }
});
