//! Why something of a feed is not taken. None of these is for ever: a newer good manifest is taken after any of them.

/// Defines the refusals, [`FeedRefusal::ALL`] and their keys from the same lines.
macro_rules! refusals {
    ($($(#[doc = $doc:literal])+ $name:ident = $key:literal;)+) => {
        /// Why something of a feed is not taken.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
        #[error("{}", self.key())]
        pub enum FeedRefusal {
            $($(#[doc = $doc])+ $name),+
        }

        impl FeedRefusal {
            /// All of them, in the order of the table in `docs/municipal-feed.md`.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Returns its stable key.
            pub const fn key(self) -> &'static str {
                match self {
                    $(Self::$name => $key),+
                }
            }
        }
    };
}

refusals! {
    /// Longer than it may be, or than the manifest says.
    TooLong = "too_long";
    /// Its end is missing, or a file of the edition is.
    Cut = "cut";
    /// It is not of this form.
    Unreadable = "unreadable";
    /// It is of a form that a newer version reads.
    NewerForm = "newer_form";
    /// It is of another municipality.
    OtherMunicipality = "other_municipality";
    /// Fewer than two of three different root keys signed a root statement, or it says what none may say.
    Root = "root";
    /// A root statement is missing between the one that is known and this one.
    SkippedRoot = "skipped_root";
    /// Two root statements have the same number: the first one stands.
    RootFork = "root_fork";
    /// The feed key signed nothing of the kind.
    Signature = "signature";
    /// The feed key was revoked: a root statement names a later one.
    RevokedKey = "revoked_key";
    /// No root statement that is known names such a feed key, or a number was left out.
    SkippedKey = "skipped_key";
    /// The feed key's time is over.
    KeyEnded = "key_ended";
    /// An edition beyond the seconds at which it was made, so that no later one could follow, or one that stays fresh too long.
    EndlessEdition = "endless_edition";
    /// A path that leads elsewhere, one that is there twice, or too many or too large files.
    Files = "files";
    /// An earlier edition than one that was seen.
    LowerEdition = "lower_edition";
    /// Another manifest of an edition that was seen: the first one stands.
    TwoManifests = "two_manifests";
    /// A file is another one than the manifest names.
    MixedFiles = "mixed_files";
    /// It was fresh once and is not any more.
    Expired = "expired";
    /// The phone's clock is wrong, so that nobody can say whether it is fresh.
    PhoneClock = "phone_clock";
    /// It says that it was made later than now, and the phone's clock is right.
    FromTheFuture = "from_the_future";
}

impl FeedRefusal {
    /// Whether it says only that what is shown may be old: nothing came that is false.
    pub const fn is_stale(self) -> bool {
        matches!(self, Self::Expired | Self::KeyEnded | Self::PhoneClock)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_refusals_is_this_list() {
        let page = include_str!("../../../../docs/municipal-feed.md");
        let (_, table) = page.split_once("## Refusals").unwrap_or_default();
        let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
        let listed: Vec<&str> = rows.filter_map(|row| Some(row.split_once('`')?.0)).collect();
        let known: Vec<&str> = FeedRefusal::ALL.iter().map(|refusal| refusal.key()).collect();
        assert_eq!(listed, known);
    }
}
