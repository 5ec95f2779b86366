//! Ids that tell nothing: random, never a notebook's, never from a clock.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid, Version};

use crate::format::{FormatError, text_in_json};

/// A name that was drawn at random (UUIDv4). Every other kind of UUID is refused: one from a clock would tell when, and
/// one of a notebook would tie the two channels together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RandomId(Uuid);

impl RandomId {
    /// Makes it from 16 random bytes; six of their bits say that they are random.
    pub const fn from_random(bytes: [u8; 16]) -> Self {
        Self(Builder::from_random_bytes(bytes).into_uuid())
    }

    /// Returns the 16 bytes, as stored.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for RandomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for RandomId {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let id = Uuid::try_parse(text).ok().filter(|id| id.get_version() == Some(Version::Random));
        // One spelling each, so that an id can be compared as text.
        id.filter(|id| id.hyphenated().to_string() == text).map(Self).ok_or(FormatError { what: "random id" })
    }
}

text_in_json!(RandomId);

/// One consultation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ThreadId(pub RandomId);

/// One thing that was said, named by whoever said it before it was sent: however often it is sent, it stands once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(pub RandomId);

/// A desk, by the stable key that the feed gives it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct DeskId(pub Arc<str>);

impl From<&str> for DeskId {
    fn from(key: &str) -> Self {
        Self(key.into())
    }
}

impl From<String> for DeskId {
    fn from(key: String) -> Self {
        Self(key.into())
    }
}

impl From<DeskId> for String {
    fn from(desk: DeskId) -> Self {
        desk.0.as_ref().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_tells_a_time_or_a_notebook_is_refused() {
        let drawn = RandomId::from_random([0xab; 16]).to_string();
        assert_eq!(drawn, "abababab-abab-4bab-abab-abababababab");
        assert!(drawn.parse::<RandomId>().is_ok());
        // A UUIDv7 of 2022, the one in RFC 9562, A.6; the nil UUID; another spelling.
        for text in
            ["017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "00000000-0000-0000-0000-000000000000", &drawn.to_uppercase(), ""]
        {
            assert!(text.parse::<RandomId>().is_err(), "{text}");
            assert!(serde_json::from_value::<ThreadId>(text.into()).is_err(), "{text}");
        }
    }
}
