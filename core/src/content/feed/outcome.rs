//! What became of a look at the feed, and what to say of it.

use ayumi_protocol::municipal::feed::FeedRefusal;

use crate::texts::{self, Locale};

/// What became of a look at the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing new, and what is shown is fresh.
    Unchanged,
    /// A newer edition is shown now.
    Updated,
    /// What is shown may be old, and goes on being shown.
    Stale {
        /// Why.
        reason: FeedRefusal,
        /// Since when it is not fresh, in seconds since 1970, where that can be said.
        since: Option<u64>,
    },
    /// What came is not taken; what was shown before goes on being shown.
    Refused {
        /// Why.
        reason: FeedRefusal,
    },
}

impl Outcome {
    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Updated => "updated",
            Self::Stale { .. } => "stale",
            Self::Refused { .. } => "refused",
        }
    }

    /// Returns why, if it is stale or refused.
    pub const fn reason(self) -> Option<FeedRefusal> {
        match self {
            Self::Unchanged | Self::Updated => None,
            Self::Stale { reason, .. } | Self::Refused { reason } => Some(reason),
        }
    }

    /// Returns what to tell a carer: what is shown, and why nothing newer is. `{date}` stands where the day belongs since when it is
    /// not fresh.
    pub fn words(self, locale: Locale) -> [&'static str; 2] {
        let outcome = match self {
            Self::Unchanged => "feed.unchanged",
            Self::Updated => "feed.updated",
            Self::Stale { since: Some(_), .. } => "feed.stale_since",
            Self::Stale { since: None, .. } => "feed.stale",
            Self::Refused { .. } => "feed.refused",
        };
        [
            texts::municipal(outcome, locale),
            self.reason().map(|reason| reason_words(reason, locale)).unwrap_or_default(),
        ]
    }
}

/// Returns the words of a reason.
pub fn reason_words(reason: FeedRefusal, locale: Locale) -> &'static str {
    texts::municipal(&format!("feed.reason.{}", reason.key()), locale)
}
