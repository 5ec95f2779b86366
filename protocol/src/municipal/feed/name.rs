//! What a municipality is called in signed forms and paths.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::format::{FormatError, text_in_json};

/// The name of a municipality in signed forms: small letters, digits, dots and hyphens, 64 at most, such as `jp.131130`.
///
/// Two municipalities may choose the same one: only together with its root keys it names one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MunicipalityName(String);

impl MunicipalityName {
    /// Returns it as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a text is a short name in small letters: no letter of it is read for another one, and it is safe in a path.
pub(super) fn is_plain(text: &str, longest: usize) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    text.len() <= longest
        && text.bytes().all(plain)
        && ends(text.as_bytes().first())
        && ends(text.as_bytes().last())
        && !text.contains("..")
}

impl FromStr for MunicipalityName {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        if is_plain(text, 64) { Ok(Self(text.to_owned())) } else { Err(FormatError { what: "municipality" }) }
    }
}

impl fmt::Display for MunicipalityName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_in_json!(MunicipalityName);
