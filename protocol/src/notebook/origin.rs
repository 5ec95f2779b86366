//! Where a word stood in the notebook from which this one began anew: whoever began it names it, and an archive proves it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::format::{FormatError, text_in_json};
use crate::hex::{Hex, unhex};
use crate::key::{Hash, KeyId};

/// Names a word in an author's line. As text: author 32, sequence 16, leaf 64 hex digits, with hyphens between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin {
    /// Who wrote it there.
    pub author: KeyId,
    /// The sequence of the envelope that held it.
    pub sequence: u64,
    /// Its leaf.
    pub leaf: Hash,
}

impl Origin {
    /// 56 bytes: author 16, sequence 8, leaf 32.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.author.0[..], &self.sequence.to_be_bytes(), &self.leaf].concat()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}-{:016x}-{}", self.author, self.sequence, Hex(self.leaf))
    }
}

impl FromStr for Origin {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let parse = || {
            let (author, rest) = text.split_once('-')?;
            let (sequence, leaf) = rest.split_once('-')?;
            let sequence = u64::from_be_bytes(unhex(sequence)?);
            Some(Self { author: KeyId(unhex(author)?), sequence, leaf: unhex(leaf)? })
        };
        parse().ok_or(FormatError { what: "origin" })
    }
}

text_in_json!(Origin);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_comes_back_and_no_other_is_read() {
        let origin = Origin { author: KeyId([0xa1; 16]), sequence: 7, leaf: [0x0f; 32] };
        let text = origin.to_string();
        assert_eq!(text, format!("{}-0000000000000007-{}", "a1".repeat(16), "0f".repeat(32)));
        assert_eq!(text.parse(), Ok(origin));
        let upper = text.to_uppercase();
        for wrong in ["", "-", "--", &text[1..], &text[..text.len() - 1], upper.as_str(), &text.replace('7', "é")] {
            assert!(wrong.parse::<Origin>().is_err(), "{wrong}");
        }
    }
}
