#![no_main]
//! Requests, replies, parts of snapshots: read strictly, and whatever is read comes back.

use ayumi_protocol::blob::{BlobReply, BlobRequest};
use ayumi_protocol::drawer::{DrawerReply, DrawerRequest};
use ayumi_protocol::exchange::{Challenge, Reply, Request};
use ayumi_protocol::{NotebookId, snapshot};

macro_rules! comes_back {
    ($data:ident, $($kind:ty),*) => {
        $(if let Ok(read) = <$kind>::from_bytes($data) {
            assert!(<$kind>::from_bytes(&read.to_bytes()).is_ok_and(|again| again == read));
        })*
    };
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    comes_back!(data, Request, Reply, Challenge, BlobRequest, BlobReply, DrawerRequest, DrawerReply);
    if let Ok(notebook) = NotebookId::from_slice(&[7; 16])
        && let Ok((tails, changes)) = snapshot::decode(notebook, data)
    {
        let again = snapshot::decode(notebook, &snapshot::encode(&tails, &changes));
        assert!(again.is_ok_and(|again| again == (tails, changes)));
    }
});
