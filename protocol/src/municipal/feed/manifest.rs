//! An edition of the feed: which files there are.
//!
//! ```text
//! {"form":1,"municipality":"jp.131130","root":1,"key":1,"edition":12,"made":1795000000,"expires":1795604800,
//!  "oldest_client":"1.4.0","audit_head":"<64 hex>",
//!  "files":[{"path":"content.toml","length":5120,"hash":"<64 hex>"}, …]}
//! ```
//! signed by the feed key with that number (`ayumi manifest 2`). The line is one line.

use serde::{Deserialize, Serialize};

use super::file::{FeedFile, verify_list};
use super::limits::{FRESH_SECONDS, MANIFEST_BYTES};
use super::name::MunicipalityName;
use super::place::Place;
use super::refusal::FeedRefusal;
use super::root::{FeedKey, RootStatement};
use super::signed::{FORM, Signed};
use super::version::ClientVersion;
use crate::hex::Hex;
use crate::purpose;

/// An edition of the feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form; see [`FORM`].
    pub form: u32,
    /// Whose edition it is.
    pub municipality: MunicipalityName,
    /// The number of the newest root statement.
    pub root: u32,
    /// The number of the feed key that signs it.
    pub key: u32,
    /// The edition: rises under one key, begins anew with the next one.
    pub edition: u64,
    /// When it was made, in seconds since 1970.
    pub made: u64,
    /// Until when it is fresh, in seconds since 1970.
    pub expires: u64,
    /// The oldest client that still speaks with the municipality.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_client: Option<ClientVersion>,
    /// The head of the office's audit chains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit_head: Option<Hex<32>>,
    /// The files, in the order in which every phone fetches all of them.
    pub files: Vec<FeedFile>,
}

impl Manifest {
    /// Begins the edition behind another one, under the feed key that a root statement names, fresh as long as may be. Fill
    /// in the rest and [`Self::seal`] it.
    pub fn following(before: Option<&Self>, root: &RootStatement, made: u64, files: Vec<FeedFile>) -> Self {
        let same_key = before.filter(|before| before.key == root.feed.number);
        Self {
            form: FORM,
            municipality: root.municipality.clone(),
            root: root.number,
            key: root.feed.number,
            edition: same_key.map_or(1, |before| before.edition.saturating_add(1)),
            made,
            expires: made.saturating_add(FRESH_SECONDS).min(root.feed.ends),
            oldest_client: before.and_then(|before| before.oldest_client),
            audit_head: before.and_then(|before| before.audit_head),
            files,
        }
    }

    /// Returns where it stands in the order of editions.
    pub const fn place(&self) -> Place {
        Place { key: self.key, edition: self.edition }
    }

    /// Signs it with the feed key: `sign` gets the bytes to sign.
    ///
    /// # Errors
    /// Why no phone would take it.
    pub fn seal(&self, key: &FeedKey, sign: impl FnOnce(&[u8]) -> [u8; 64]) -> Result<Signed, FeedRefusal> {
        if self.key != key.number {
            return Err(FeedRefusal::SkippedKey);
        }
        if self.made > key.ends {
            return Err(FeedRefusal::KeyEnded);
        }
        self.verify()?;
        let mut signed = Signed::of(self)?;
        let signature = sign(&signed.to_sign(purpose::MANIFEST));
        signed.add(key.key.0, signature);
        match signed.to_bytes().len() {
            length if length > MANIFEST_BYTES => Err(FeedRefusal::TooLong),
            _ if !is_signed(&signed, key) => Err(FeedRefusal::Signature),
            _ => Ok(signed),
        }
    }

    /// Reads one as it was served, and verifies what it says by itself. Who signed it, [`is_signed`] says.
    ///
    /// # Errors
    /// [`FeedRefusal::TooLong`], [`FeedRefusal::Cut`], [`FeedRefusal::Unreadable`], [`FeedRefusal::NewerForm`],
    /// [`FeedRefusal::EndlessEdition`] or [`FeedRefusal::Files`].
    pub fn from_bytes(bytes: &[u8]) -> Result<(Self, Signed), FeedRefusal> {
        let signed = Signed::from_bytes(bytes, MANIFEST_BYTES, 1)?;
        let manifest: Self = signed.value()?;
        manifest.verify()?;
        Ok((manifest, signed))
    }

    /// Verifies what it says by itself.
    fn verify(&self) -> Result<(), FeedRefusal> {
        let fresh = self.expires.checked_sub(self.made).is_some_and(|seconds| (1..=FRESH_SECONDS).contains(&seconds));
        if self.edition == 0 || self.edition > self.made || !fresh {
            return Err(FeedRefusal::EndlessEdition);
        }
        verify_list(&self.files)
    }
}

/// Whether the feed key signed a manifest.
pub fn is_signed(signed: &Signed, key: &FeedKey) -> bool {
    signed.signers(purpose::MANIFEST, &[key.key]) == 1
}
