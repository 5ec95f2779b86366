#![no_main]
//! The wire forms of the notebook channel: read strictly, and whatever is read has one form only.

use ayumi_protocol::NotebookId;
use ayumi_protocol::archive::Archive;
use ayumi_protocol::batch::Batch;
use ayumi_protocol::control::{State, Statement};
use ayumi_protocol::end::SignedEnd;
use ayumi_protocol::envelope::Envelope;
use ayumi_protocol::gone::Gone;
use ayumi_protocol::key::KeyId;
use ayumi_protocol::snapshot::{Part, Snapshot};

const AUTHOR: KeyId = KeyId([0xaa; 16]);

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(envelope) = Envelope::from_bytes(data) {
        assert!(envelope.to_bytes() == data);
    }
    if let Ok(end) = SignedEnd::from_bytes(data) {
        assert!(end.to_bytes() == data);
    }
    if let Ok(gone) = Gone::from_bytes(data) {
        assert!(gone.to_bytes() == data);
    }
    if let Ok(statement) = Statement::from_bytes(data) {
        assert!(statement.to_bytes() == data);
        let _ = State::founded(&statement);
    }
    if let Ok(notebook) = NotebookId::from_slice(&[7; 16])
        && let Ok(decoded) = Batch::from_bytes(notebook, AUTHOR, data)
    {
        let again = Batch::from_bytes(notebook, AUTHOR, &decoded.batch.to_bytes());
        assert!(again.is_ok_and(|again| again.batch == decoded.batch && again.leaves == decoded.batch.leaves()));
    }
    // The frozen one stands behind its mark.
    for bytes in [data, data.get(32..).unwrap_or_default()] {
        if let Ok(mut archive) = Archive::from_bytes(bytes) {
            let proven = archive.words(&archive.mark()).map(|words| words.len());
            let again = Archive::from_bytes(&archive.to_bytes());
            assert!(again.is_ok_and(|again| again == archive));
            archive.forget(|change| change.stamp.hlc.0 % 2 == 0);
            assert!(proven.is_none() || archive.words(&archive.mark()).is_some());
        }
    }
    // The frozen one, which is a seed, is of this notebook.
    if let Ok(notebook) = NotebookId::from_slice(&[9; 16])
        && let Ok(snapshot) = Snapshot::from_bytes(notebook, data)
    {
        let proven: Vec<bool> = snapshot.parts.iter().map(Part::is_proven).collect();
        snapshot.parts.iter().for_each(|part| _ = part.places());
        let again = Snapshot::from_bytes(notebook, &snapshot.to_bytes());
        assert!(again.is_ok_and(|again| again.parts.iter().map(Part::is_proven).eq(proven) && again == snapshot));
    }
});
