//! The files of an edition: all of them, or none.

use std::collections::BTreeMap;

use ayumi_protocol::municipal::feed::{ClientVersion, FeedFile, FeedRefusal};

use super::check::Candidate;
use super::outcome::Outcome;
use super::pinned::Pinned;

/// The ending of a packed file.
pub const PACKED: &str = ".zst";

/// Bytes of all files of an edition together, unpacked.
pub const UNPACKED_BYTES: usize = 16 * 1024 * 1024;

/// The files of an edition by path, verified and unpacked.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Takes an edition with the bytes of its files, in the manifest's order; a file that could not be fetched is missing. Nothing of
/// it is taken unless every file is the one that the manifest names.
pub fn take(pinned: &mut Pinned, candidate: Candidate, served: &[Vec<u8>], own: ClientVersion) -> (Outcome, Files) {
    match open(candidate.files(), served) {
        Ok(files) => {
            pinned.hold(candidate.manifest, candidate.hash, own);
            (Outcome::Updated, files)
        }
        Err(reason) => (Outcome::Refused { reason }, Files::new()),
    }
}

fn open(files: &[FeedFile], served: &[Vec<u8>]) -> Result<Files, FeedRefusal> {
    let mut opened = Files::new();
    let mut left = UNPACKED_BYTES;
    for (number, file) in files.iter().enumerate() {
        let bytes = served.get(number).ok_or(FeedRefusal::Cut)?;
        file.verify(bytes)?;
        let bytes = unpack(&file.path, bytes, left)?;
        left = left.checked_sub(bytes.len()).ok_or(FeedRefusal::TooLong)?;
        opened.insert(file.path.clone(), bytes);
    }
    Ok(opened)
}

/// Unpacks a path that ends with [`PACKED`]; any other one is as it was served. What would be longer is not unpacked.
pub(super) fn unpack(path: &str, bytes: &[u8], most: usize) -> Result<Vec<u8>, FeedRefusal> {
    if !path.ends_with(PACKED) {
        return Ok(bytes.to_vec());
    }
    zstd::bulk::decompress(bytes, most).map_err(|_| FeedRefusal::Unreadable)
}
