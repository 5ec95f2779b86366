//! A JSON text and who signed it, byte for byte as it is served: nothing is ever written anew to be verified.
//!
//! ```text
//! {"form":1,"municipality":"jp.131130", … }                    one line of JSON: its bytes are what is signed
//! {"key":"<64 hex digits>","signature":"<128 hex digits>"}     one line for each signature
//! ```
//! Every line ends with a line feed, so that a text that was cut is known for one. A signature is Ed25519 over the purpose,
//! a zero byte and the bytes of the first line without its line feed. The hash of the text is SHA-256 of these bytes: a
//! server that signs the same words twice cannot mark a phone by them.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::refusal::FeedRefusal;
use crate::hex::Hex;
use crate::key::{Hash, hash, is_signed_by, is_weak_signing_key, to_sign};

/// The form of what stands in the first line; a greater one is of a newer version.
pub const FORM: u32 = 1;

/// A signature and the key that made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The Ed25519 key.
    pub key: Hex<32>,
    /// What it made.
    pub signature: Hex<64>,
}

/// A JSON text in one line, and its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    body: String,
    signatures: Vec<Signature>,
}

/// What every first line has.
#[derive(Deserialize)]
struct Head {
    form: u32,
}

impl Signed {
    /// Writes a value as the first line, not yet signed.
    ///
    /// # Errors
    /// [`FeedRefusal::Unreadable`] if it has no form as JSON.
    pub(in crate::municipal) fn of(value: &impl Serialize) -> Result<Self, FeedRefusal> {
        let body = serde_json::to_string(value).map_err(|_| FeedRefusal::Unreadable)?;
        Ok(Self { body, signatures: Vec::new() })
    }

    /// Returns the bytes that a key signs for a purpose.
    pub fn to_sign(&self, purpose: &str) -> Vec<u8> {
        to_sign(purpose, self.body.as_bytes())
    }

    /// Adds a signature: over [`Self::to_sign`], by the key that is named.
    pub fn add(&mut self, key: [u8; 32], signature: [u8; 64]) {
        self.signatures.push(Signature { key: Hex(key), signature: Hex(signature) });
    }

    /// Returns the first line, without its line feed.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Returns SHA-256 of the first line: its name, and the validator that a phone sends.
    pub fn hash(&self) -> Hash {
        hash(self.body.as_bytes())
    }

    /// Counts how many of some keys signed it for a purpose, each once, however often it stands there.
    pub fn signers(&self, purpose: &str, keys: &[Hex<32>]) -> usize {
        let signed: BTreeSet<Hex<32>> = self
            .signatures
            .iter()
            .filter(|one| keys.contains(&one.key) && !is_weak_signing_key(&one.key.0))
            .filter(|one| is_signed_by(&one.key.0, purpose, self.body.as_bytes(), &one.signature.0))
            .map(|one| one.key)
            .collect();
        signed.len()
    }

    /// Reads the value of the first line.
    ///
    /// # Errors
    /// [`FeedRefusal::NewerForm`] or [`FeedRefusal::Unreadable`].
    pub(in crate::municipal) fn value<T: DeserializeOwned>(&self) -> Result<T, FeedRefusal> {
        let head: Head = serde_json::from_str(&self.body).map_err(|_| FeedRefusal::Unreadable)?;
        if head.form > FORM {
            return Err(FeedRefusal::NewerForm);
        }
        if head.form == 0 {
            return Err(FeedRefusal::Unreadable);
        }
        serde_json::from_str(&self.body).map_err(|_| FeedRefusal::Unreadable)
    }

    /// Returns the text as it is served.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = self.body.clone();
        text.push('\n');
        for signature in &self.signatures {
            // A line of two texts of hex digits.
            text.push_str(&format!("{{\"key\":\"{}\",\"signature\":\"{}\"}}\n", signature.key, signature.signature));
        }
        text.into_bytes()
    }

    /// Reads a text as it was served. Whether it is genuine, [`Self::signers`] says.
    ///
    /// # Errors
    /// [`FeedRefusal::TooLong`], [`FeedRefusal::Cut`] or [`FeedRefusal::Unreadable`].
    pub fn from_bytes(bytes: &[u8], longest: usize, most_signatures: usize) -> Result<Self, FeedRefusal> {
        Self::of_text(whole(bytes, longest)?, most_signatures)
    }

    /// Reads a text without its last line feed.
    pub(super) fn of_text(text: &str, most_signatures: usize) -> Result<Self, FeedRefusal> {
        let mut lines = text.split('\n');
        let body = lines.next().unwrap_or_default().to_owned();
        let signatures: Vec<Signature> = lines
            .map(|line| serde_json::from_str(line).map_err(|_| FeedRefusal::Unreadable))
            .collect::<Result<_, _>>()?;
        match signatures.len() {
            0 => Err(FeedRefusal::Cut),
            count if count > most_signatures => Err(FeedRefusal::TooLong),
            _ => Ok(Self { body, signatures }),
        }
    }
}

/// Returns a text that came whole, without its last line feed: without one it was cut, wherever, also inside a letter.
///
/// # Errors
/// [`FeedRefusal::TooLong`], [`FeedRefusal::Cut`] or [`FeedRefusal::Unreadable`].
pub(super) fn whole(bytes: &[u8], longest: usize) -> Result<&str, FeedRefusal> {
    if bytes.len() > longest {
        return Err(FeedRefusal::TooLong);
    }
    let text = bytes.strip_suffix(b"\n").ok_or(FeedRefusal::Cut)?;
    std::str::from_utf8(text).map_err(|_| FeedRefusal::Unreadable)
}
