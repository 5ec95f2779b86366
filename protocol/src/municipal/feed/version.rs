//! Versions of clients.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::format::{FormatError, plain_number, text_in_json};

/// A client's version, `1.4.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientVersion(pub u16, pub u16, pub u16);

impl fmt::Display for ClientVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

impl FromStr for ClientVersion {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let parts: Vec<u16> = text.split('.').map_while(plain_number).collect();
        match parts.as_slice() {
            [major, minor, patch] if text.matches('.').count() == 2 => Ok(Self(*major, *minor, *patch)),
            _ => Err(FormatError { what: "client version" }),
        }
    }
}

text_in_json!(ClientVersion);
