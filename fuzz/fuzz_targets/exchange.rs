#![no_main]
//! Requests and replies: read strictly, and whatever is read comes back.

use ayumi_protocol::blob::{BlobReply, BlobRequest};
use ayumi_protocol::drawer::{DrawerReply, DrawerRequest};
use ayumi_protocol::exchange::{Challenge, Reply, Request};
use ayumi_protocol::release::{ReleaseReply, ReleaseRequest};

macro_rules! comes_back {
    ($data:ident, $($kind:ty),*) => {
        $(if let Ok(read) = <$kind>::from_bytes($data) {
            assert!(<$kind>::from_bytes(&read.to_bytes()).is_ok_and(|again| again == read));
        })*
    };
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    comes_back!(data, Request, Reply, Challenge, BlobRequest, BlobReply, DrawerRequest, DrawerReply, ReleaseRequest, ReleaseReply);
});
