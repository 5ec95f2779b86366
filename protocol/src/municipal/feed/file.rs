//! A file of an edition: its path, its length, its hash.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::limits::{EDITION_BYTES, FILES, PATH_CHARS};
use super::name::is_plain;
use super::refusal::FeedRefusal;
use crate::hex::Hex;
use crate::key::hash;

/// A file of an edition. It is served under its hash and never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedFile {
    /// What it is called in the edition, such as `notices.toml`; see [`is_path`].
    pub path: String,
    /// Its bytes as served.
    pub length: u64,
    /// SHA-256 of them.
    pub hash: Hex<32>,
}

impl FeedFile {
    /// Describes a file by its bytes as they will be served.
    pub fn of(path: impl Into<String>, bytes: &[u8]) -> Self {
        Self { path: path.into(), length: bytes.len() as u64, hash: Hex(hash(bytes)) }
    }

    /// Verifies bytes that were served for it.
    ///
    /// # Errors
    /// [`FeedRefusal::TooLong`], [`FeedRefusal::Cut`] or [`FeedRefusal::MixedFiles`].
    pub fn verify(&self, bytes: &[u8]) -> Result<(), FeedRefusal> {
        match (bytes.len() as u64).cmp(&self.length) {
            std::cmp::Ordering::Greater => Err(FeedRefusal::TooLong),
            std::cmp::Ordering::Less => Err(FeedRefusal::Cut),
            std::cmp::Ordering::Equal if hash(bytes) == self.hash.0 => Ok(()),
            std::cmp::Ordering::Equal => Err(FeedRefusal::MixedFiles),
        }
    }
}

/// Whether a text is a path of a file: at most three names in small letters, digits, dots and hyphens with `/` between, none
/// of which begins or ends with a dot or a hyphen.
///
/// ```
/// use ayumi_protocol::municipal::feed::file::is_path;
/// assert!(is_path("guide/red-flags.toml"));
/// assert!(!is_path("../handbook.db") && !is_path("/etc/passwd") && !is_path("a//b") && !is_path("C:\\x"));
/// ```
pub fn is_path(path: &str) -> bool {
    path.len() <= PATH_CHARS && path.split('/').count() <= 3 && path.split('/').all(|part| is_plain(part, PATH_CHARS))
}

/// Verifies the list of an edition's files: paths, no path twice (nor as a folder of another one), count and sizes.
///
/// # Errors
/// [`FeedRefusal::Files`].
pub(super) fn verify_list(files: &[FeedFile]) -> Result<(), FeedRefusal> {
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let is_folder = |path: &str| {
        let below = format!("{path}/");
        paths.iter().any(|other| other.starts_with(&below))
    };
    let total = files.iter().try_fold(0_u64, |total, file| total.checked_add(file.length));
    let good = (1..=FILES).contains(&files.len())
        && paths.len() == files.len()
        && files.iter().all(|file| is_path(&file.path) && file.length > 0)
        && !paths.iter().any(|path| is_folder(path))
        && total.is_some_and(|total| total <= EDITION_BYTES);
    if good { Ok(()) } else { Err(FeedRefusal::Files) }
}
