//! Hybrid logical clock: stamps that order changes although the clocks of phones are wrong.
//!
//! A stamp is never a calendar date. When a child was weighed is a field of the entry; the stamp only says which of
//! two writings is the later one.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::format::{FormatError, text_in_json};
use crate::id::{DeviceId, hex16};

const COUNTER_BITS: u32 = 16;

/// Milliseconds since 1970 (48 bits) and a counter (16 bits) in one number, so that comparing numbers compares times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hlc(pub u64);

impl Hlc {
    /// The next reading of a clock that last read `self`, when the wall clock says `now_ms`. Always greater than
    /// `self`, also when the wall clock went back or stands still.
    ///
    /// ```
    /// use ayumi_protocol::Hlc;
    /// let first = Hlc::default().next(1_000);
    /// let later = first.next(2_000);
    /// let clock_went_back = later.next(500);
    /// assert!(first < later && later < clock_went_back);
    /// assert_eq!(clock_went_back.millis(), 2_000);
    /// ```
    #[must_use]
    pub fn next(self, now_ms: u64) -> Self {
        let wall = Self(now_ms.min(u64::MAX >> COUNTER_BITS) << COUNTER_BITS);
        // A counter that runs over carries into the milliseconds: still greater.
        wall.max(Self(self.0.saturating_add(1)))
    }

    /// The milliseconds since 1970 in it.
    pub const fn millis(self) -> u64 {
        self.0 >> COUNTER_BITS
    }
}

/// When and by which device a change was made. Unique: a device never uses a clock reading twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Stamp {
    /// The clock reading; compared first.
    pub hlc: Hlc,
    /// Who; decides between equal readings.
    pub device: DeviceId,
}

impl Stamp {
    /// 16 bytes that sort as stamps do.
    pub fn to_bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.hlc.0.to_be_bytes());
        bytes[8..].copy_from_slice(&self.device.0.to_be_bytes());
        bytes
    }

    /// From stored bytes.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, FormatError> {
        let wrong = |_| FormatError { what: "stamp" };
        let bytes: [u8; 16] = bytes.try_into().map_err(wrong)?;
        let number = u128::from_be_bytes(bytes);
        Ok(Self { hlc: Hlc((number >> 64) as u64), device: DeviceId(number as u64) })
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{}", self.hlc.0, self.device)
    }
}

impl FromStr for Stamp {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let parse = || {
            let (hlc, device) = text.split_once('-')?;
            Some(Self { hlc: Hlc(hex16(hlc)?), device: DeviceId(hex16(device)?) })
        };
        parse().ok_or(FormatError { what: "stamp" })
    }
}

text_in_json!(Stamp);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_stamp_survives_text_and_bytes_and_sorts_alike(a: u64, b: u64, c: u64, d: u64) {
            let first = Stamp { hlc: Hlc(a), device: DeviceId(b) };
            let second = Stamp { hlc: Hlc(c), device: DeviceId(d) };
            prop_assert_eq!(first.to_string().parse::<Stamp>(), Ok(first));
            prop_assert_eq!(Stamp::from_slice(&first.to_bytes()), Ok(first));
            prop_assert_eq!(first.cmp(&second), first.to_bytes().cmp(&second.to_bytes()));
        }

        #[test]
        fn a_clock_never_repeats(start: u32, walls in proptest::collection::vec(0_u64..1 << 40, 1..50)) {
            let mut last = Hlc(u64::from(start));
            for wall in walls {
                let next = last.next(wall);
                prop_assert!(next > last);
                prop_assert!(next.millis() >= wall);
                last = next;
            }
        }
    }
}
