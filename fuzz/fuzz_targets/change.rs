#![no_main]
//! Changes from elsewhere: read, merged in any order, written again.
use ayumi_core::model::merge::{merge, versions};
use ayumi_protocol::{Change, DeviceId, EntryId, Hlc, NotebookId, Stamp};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (entry, notebook) = (EntryId::from_slice(&[1; 16]).unwrap(), NotebookId::from_slice(&[2; 16]).unwrap());
    let changes: Vec<Change> = text
        .lines()
        .zip(1..)
        .filter_map(|(line, n)| {
            let stamp = Stamp { hlc: Hlc(n), device: DeviceId(1) };
            Change::from_parts(entry, notebook, "growth", stamp, line).ok()
        })
        .collect();
    for change in &changes {
        assert_eq!(Change::from_parts(entry, notebook, "growth", change.stamp, &change.body()).as_ref(), Ok(change));
    }
    let state = merge(&changes);
    assert_eq!(merge(changes.iter().rev()), state);
    assert_eq!(versions(&changes).last().map(|v| v.fields.clone()).unwrap_or_default(), state.fields());
});
