//! A root statement: which keys a municipality has, and until when. The newest one alone says everything.
//!
//! ```text
//! {"form":1,"municipality":"jp.131130","number":1,"made":1795000000,
//!  "root":["<64 hex>","<64 hex>","<64 hex>"],
//!  "feed":{"number":1,"key":"<64 hex>","ends":1826000000},
//!  "clinical":[{"key":"<64 hex>","name":"…","ends":1826000000}],
//!  "supervisors":["s-01","s-02"],"sample":false}
//! ```
//! The three root keys lie on paper, apart from each other; any two of them sign (`ayumi root 2`). The line is one line.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::limits::{CLINICAL_KEYS, KEY_SECONDS, KEY_WARNING_SECONDS, ROOT_KEYS, ROOTS};
use super::name::{MunicipalityName, is_plain};
use super::refusal::FeedRefusal;
use super::signed::{FORM, Signed};
use crate::hex::Hex;
use crate::key::{Hash, hash_for, is_weak_signing_key};
use crate::purpose;

/// The key that signs manifests. A root statement names one, and with it revokes all with a lower number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedKey {
    /// Its number: the first one is 1, each later one is one more.
    pub number: u32,
    /// The Ed25519 key.
    pub key: Hex<32>,
    /// Its last second.
    pub ends: u64,
}

/// How near a feed key's end is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// It holds for longer than anybody is warned before.
    Good,
    /// It ends within so many days: 60, 30 or 7.
    EndsWithin(u64),
    /// Its time is over.
    Ended,
}

impl FeedKey {
    /// Says how near its end is, in seconds since 1970.
    pub fn state(&self, now: u64) -> KeyState {
        let Some(left) = self.ends.checked_sub(now) else { return KeyState::Ended };
        let reached = KEY_WARNING_SECONDS.iter().rev().find(|before| left <= **before);
        reached.map_or(KeyState::Good, |before| KeyState::EndsWithin(before / (24 * 60 * 60)))
    }
}

/// A professional's key, which signs red flags and manuals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClinicalKey {
    /// The Ed25519 key.
    pub key: Hex<32>,
    /// Who it is, as families read it.
    pub name: String,
    /// Its last second.
    pub ends: u64,
}

/// A municipality's keys and offices, as its root names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootStatement {
    /// The form; see [`FORM`].
    pub form: u32,
    /// Whose keys they are.
    pub municipality: MunicipalityName,
    /// Its number: the first one is 1, each later one is one more.
    pub number: u32,
    /// When it was made, in seconds since 1970.
    pub made: u64,
    /// The three root keys, in rising order.
    pub root: [Hex<32>; ROOT_KEYS],
    /// The key that signs manifests.
    pub feed: FeedKey,
    /// Professionals' keys.
    #[serde(default)]
    pub clinical: Vec<ClinicalKey>,
    /// The names of the first two supervisors' accounts: no names of persons, everybody can read them.
    pub supervisors: [String; 2],
    /// The last second of the municipality's service, if it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<u64>,
    /// Whether it is only a sample, which everything that it signs says too.
    #[serde(default)]
    pub sample: bool,
}

impl RootStatement {
    /// Names three root keys of a municipality: H(`ayumi root keys 2` | name | a zero byte | the keys). It stands in codes
    /// and letters, and its six words are compared where there is none.
    pub fn fingerprint(&self) -> Hash {
        let mut bytes = self.municipality.as_str().as_bytes().to_vec();
        bytes.push(0);
        self.root.iter().for_each(|key| bytes.extend_from_slice(&key.0));
        hash_for(purpose::ROOT_KEYS, &bytes)
    }

    /// Writes it, to be signed by two of the root keys for [`purpose::ROOT`], and by two of the former ones if they change.
    ///
    /// # Errors
    /// [`FeedRefusal::Root`] if no reader would take it.
    pub fn unsigned(&self) -> Result<Signed, FeedRefusal> {
        self.verify()?;
        Signed::of(self)
    }

    /// Reads one. Who signed it and what it may follow, [`super::chain`] says.
    ///
    /// # Errors
    /// [`FeedRefusal::Unreadable`], [`FeedRefusal::NewerForm`] or [`FeedRefusal::Root`].
    pub fn of(signed: &Signed) -> Result<Self, FeedRefusal> {
        let statement: Self = signed.value()?;
        statement.verify()?;
        Ok(statement)
    }

    /// Verifies what it says by itself.
    fn verify(&self) -> Result<(), FeedRefusal> {
        let holds = |ends: u64| ends > self.made && ends - self.made <= KEY_SECONDS;
        let named = |key: &ClinicalKey| {
            let length = key.name.chars().count();
            (1..=100).contains(&length) && !key.name.chars().any(char::is_control) && holds(key.ends)
        };
        let all: Vec<Hex<32>> =
            self.root.iter().chain([&self.feed.key]).chain(self.clinical.iter().map(|key| &key.key)).copied().collect();
        let distinct: BTreeSet<Hex<32>> = all.iter().copied().collect();
        let good = self.form == FORM
            && (1..=ROOTS as u64).contains(&u64::from(self.number))
            && (1..=self.number).contains(&self.feed.number)
            && self.root.windows(2).all(|pair| pair[0] < pair[1])
            && distinct.len() == all.len()
            && !all.iter().any(|key| is_weak_signing_key(&key.0))
            && holds(self.feed.ends)
            && self.clinical.len() <= CLINICAL_KEYS
            && self.clinical.iter().all(named)
            && self.supervisors.iter().all(|name| is_plain(name, 40))
            && self.supervisors[0] != self.supervisors[1]
            && self.ends.is_none_or(|ends| ends > self.made);
        if good { Ok(()) } else { Err(FeedRefusal::Root) }
    }
}
