//! The order of editions.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::limits::{AHEAD_SECONDS, ROOTS};
use crate::format::{FormatError, plain_number};

/// Where an edition stands: editions of a later feed key come after all of an earlier one.
///
/// As text, in codes and letters: `2/1795000000`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The number of the feed key, from 1.
    pub key: u32,
    /// The edition under this key, from 1.
    pub edition: u64,
}

impl Place {
    /// Whether an honest municipality can have reached it by now, in seconds since 1970. No other place may bar the way to
    /// newer editions.
    pub fn can_be(self, now: u64) -> bool {
        (1..=ROOTS as u64).contains(&u64::from(self.key)) && self.edition <= now.saturating_add(AHEAD_SECONDS)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.key, self.edition)
    }
}

impl FromStr for Place {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let parse = || {
            let (key, edition) = text.split_once('/')?;
            Some(Self { key: plain_number(key)?, edition: plain_number(edition)? })
        };
        parse().filter(|place| place.key > 0 && place.edition > 0).ok_or(FormatError { what: "edition" })
    }
}
