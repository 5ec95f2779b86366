//! Who and what: entries, notebooks, devices.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::format::{FormatError, text_in_json};
use crate::key::{Hash, KeyId};

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// From the UUID itself.
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The 16 bytes, as stored.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// From 16 stored bytes.
            pub fn from_slice(bytes: &[u8]) -> Result<Self, FormatError> {
                Uuid::from_slice(bytes).map(Self).map_err(|_| FormatError { what: $what })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = FormatError;

            fn from_str(text: &str) -> Result<Self, FormatError> {
                Uuid::parse_str(text.trim()).map(Self).map_err(|_| FormatError { what: $what })
            }
        }
    };
}

uuid_id! {
    /// One thing written in a notebook. A UUIDv7, made on the device that wrote it.
    EntryId, "entry id"
}
uuid_id! {
    /// One notebook (手帳の一冊): the unit of ownership, encryption, sync and sharing. It follows from the statement that founded
    /// the notebook, so nobody else can found another one under it.
    NotebookId, "notebook id"
}

impl NotebookId {
    /// What stands in a notebook's place while its founding is made, since the id follows from the founding.
    pub const fn from_nonce(nonce: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(nonce))
    }

    /// From the first 16 bytes of a hash.
    pub(crate) fn from_hash(hash: &Hash) -> Self {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        Self(Uuid::from_bytes(bytes))
    }
}

impl From<NotebookId> for EntryId {
    /// A notebook's own facts (name, birth, …) are an entry that carries the notebook's id.
    fn from(id: NotebookId) -> Self {
        Self(id.0)
    }
}

/// Who wrote something in one notebook, as stamps carry it: the first 8 bytes of the author's key name, shown as 16 hex
/// digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DeviceId(pub u64);

impl From<KeyId> for DeviceId {
    fn from(key: KeyId) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = key.0;
        Self(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for DeviceId {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        hex16(text).map(Self).ok_or(FormatError { what: "device id" })
    }
}

text_in_json!(DeviceId);

/// Exactly 16 hex digits. (`from_str_radix` alone would also take a sign.)
pub(crate) fn hex16(text: &str) -> Option<u64> {
    let digits = text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit());
    digits.then(|| u64::from_str_radix(text, 16).ok()).flatten()
}
