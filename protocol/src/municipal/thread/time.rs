//! The office's clock. A phone's own clock decides nothing in a thread.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A moment: milliseconds since 1970, UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMs(pub u64);

impl UnixMs {
    /// Before everything.
    pub const NEVER: Self = Self(0);
    /// After everything that a database's signed number holds.
    pub const END: Self = Self(i64::MAX as u64);

    /// Returns the moment so much later.
    #[must_use]
    pub const fn after(self, length: Duration) -> Self {
        let ms = length.as_millis();
        let later = if ms > Self::END.0 as u128 { Self::END.0 } else { self.0.saturating_add(ms as u64) };
        if later > Self::END.0 { Self::END } else { Self(later) }
    }

    /// Returns the moment so much earlier.
    #[must_use]
    pub const fn before(self, length: Duration) -> Self {
        let ms = length.as_millis();
        Self(if ms > self.0 as u128 { 0 } else { self.0 - ms as u64 })
    }

    /// Returns how long ago another moment was; zero if it is still to come.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}
