//! The one error of the public door: few variants, each tied to something a shell does.

use crate::model::{Invalid, NumberRange, Reason};
use crate::photo::NotAPicture;
use crate::store::StoreError;
use crate::texts::{self, Locale};

/// Result of the public door.
pub type Result<T> = std::result::Result<T, Error>;

/// What can be missing, or be there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Thing {
    /// This device's handbook; or it was closed.
    Handbook,
    /// A notebook.
    Notebook,
    /// A notebook of which this device is an owner.
    OwnedNotebook,
    /// A notebook at the server, for this device.
    NotebookAtServer,
    /// An entry.
    Entry,
    /// A version of an entry.
    Version,
    /// A photo.
    Photo,
    /// A self-check.
    Check,
    /// A content pack.
    ContentPack,
    /// A municipality that is followed.
    Municipality,
    /// A notice that concerns this family.
    Notice,
    /// A member.
    Member,
    /// A file.
    File,
    /// A folder.
    Folder,
}

impl std::fmt::Display for Thing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Handbook => "handbook",
            Self::Notebook => "notebook",
            Self::OwnedNotebook => "notebook of which this device is an owner",
            Self::NotebookAtServer => "notebook at the server",
            Self::Entry => "entry",
            Self::Version => "version",
            Self::Photo => "photo",
            Self::Check => "check",
            Self::ContentPack => "content pack",
            Self::Municipality => "municipality that this device follows",
            Self::Notice => "notice for this family",
            Self::Member => "member",
            Self::File => "file",
            Self::Folder => "folder",
        })
    }
}

/// What a shell learns when a call fails. It holds no text of a library, and nothing that a family wrote but what the
/// carer just typed.
///
/// # Store errors
///
/// Every call that reads or writes the file can end with [`Error::Damaged`] (call [`crate::app::doctor::salvage`]),
/// [`Error::DiskFull`] or [`Error::Io`] (nothing was changed; try again), or [`Error::NotFound`] with
/// [`Thing::Handbook`] once the handbook was closed. Opening it can also end with [`Error::InUse`],
/// [`Error::WrongKey`], [`Error::NoKey`] or [`Error::NewerFile`].
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Error), uniffi(name = "AyumiError"))]
pub enum Error {
    /// Something typed or imported does not fit. Show it beside the field.
    #[error("{why}")]
    Invalid {
        /// Which field, what was given, what is allowed.
        #[from]
        why: Invalid,
    },
    /// There is no such thing. Re-read the list.
    #[error("there is no such {what}")]
    NotFound {
        /// What is missing.
        what: Thing,
    },
    /// It is there already. Open it instead.
    #[error("there is a {what} already")]
    AlreadyThere {
        /// The thing that is already there.
        what: Thing,
    },
    /// They have been an owner for longer than this device's person, so they stay. Offer to begin the notebook anew without
    /// them.
    #[error("they have been an owner for longer; nothing was changed. You can begin the notebook anew without them")]
    Senior,
    /// The key store gives no key. Ask the carer to unlock it, or to recover.
    #[error("the key of the handbook cannot be had")]
    NoKey,
    /// The key does not open the file. Ask for the right one; the file is untouched.
    #[error("the key does not open this handbook; the file was left as it is")]
    WrongKey,
    /// Parts of the file cannot be read. Offer to set it aside and save what can be read.
    #[error(
        "the handbook file is damaged; nothing was changed. \"doctor --repair\" keeps it and saves what can be read"
    )]
    Damaged,
    /// Written by a newer version. Offer the update; the file is untouched.
    #[error("the handbook was written by a newer version of Ayumi; please update. The file was left as it is")]
    NewerFile,
    /// Another program has it open. Close that one.
    #[error("another program has this handbook open")]
    InUse,
    /// The disk is full. Nothing was changed; make room and try again.
    #[error("the disk is full; nothing was changed. Make room and try again")]
    DiskFull,
    /// The operating system did not let the handbook's folder or a file be read or written. Try again.
    #[error("a file could not be read or written")]
    Io,
    /// The server cannot be reached, and this needs it. Nothing was changed; try again with a network.
    #[error("the server cannot be reached; nothing was changed")]
    Offline,
    /// A defect of ours; the number helps to find it.
    #[error("unexpected error {code}; nothing was changed")]
    Internal {
        /// Number for a report.
        code: i32,
    },
}

impl Error {
    /// What to tell a parent: calm, short, what to do next.
    pub fn words(&self, locale: Locale) -> String {
        match self {
            Self::Invalid { why } => why.words(locale),
            other => texts::error(other.code(), locale).to_owned(),
        }
    }

    /// A stable key for shells and scripts.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "invalid",
            Self::NotFound { .. } => "not_found",
            Self::AlreadyThere { .. } => "already_there",
            Self::Senior => "senior",
            Self::NoKey => "no_key",
            Self::WrongKey => "wrong_key",
            Self::Damaged => "damaged",
            Self::NewerFile => "newer_file",
            Self::InUse => "in_use",
            Self::DiskFull => "disk_full",
            Self::Io => "io",
            Self::Offline => "offline",
            Self::Internal { .. } => "internal",
        }
    }
}

impl Invalid {
    /// What to tell a parent: why it was not taken.
    pub fn words(&self, locale: Locale) -> String {
        let given = self.given.trim();
        let template = match self.reason {
            Reason::Unfit | Reason::Missing if given.is_empty() => "invalid.empty".to_owned(),
            Reason::Unfit | Reason::OutOfRange if self.range.is_some() => "invalid.range".to_owned(),
            Reason::UnknownUnit if self.range.as_ref().is_none_or(|range| range.unit.is_empty()) => {
                "invalid".to_owned()
            }
            Reason::Unfit | Reason::Missing | Reason::OutOfRange => "invalid".to_owned(),
            reason => reason.words_key(),
        };
        let range = self.range.as_ref();
        let number = |end: fn(&NumberRange) -> f64| range.map(|range| end(range).to_string()).unwrap_or_default();
        let unit = range.map(|range| range.unit.clone()).unwrap_or_default();
        let unit = if template == "invalid.range" && !unit.is_empty() { format!(" {unit}") } else { unit };
        // What was typed comes last: it may hold braces.
        texts::error(&template, locale)
            .replace("{min}", &number(|range| range.min))
            .replace("{max}", &number(|range| range.max))
            .replace("{unit}", &unit)
            .replace("{asked}", &self.allowed)
            .replace("{given}", given)
    }
}

impl Reason {
    /// The key of its words.
    pub(in crate::app) fn words_key(self) -> String {
        match self {
            Self::Unfit => "invalid".to_owned(),
            Self::Missing => "invalid.empty".to_owned(),
            Self::OutOfRange => "invalid.range".to_owned(),
            other => format!("invalid.{}", other.key()),
        }
    }

    /// What to tell a parent of something that is left out.
    pub fn words(self, locale: Locale) -> &'static str {
        texts::error(&self.words_key(), locale)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing => Self::NotFound { what: Thing::Handbook },
            StoreError::Exists => Self::AlreadyThere { what: Thing::Handbook },
            StoreError::WrongKey => Self::WrongKey,
            StoreError::Damaged => Self::Damaged,
            StoreError::Newer => Self::NewerFile,
            StoreError::InUse => Self::InUse,
            StoreError::Full => Self::DiskFull,
            StoreError::ReadOnly | StoreError::Io => Self::Io,
            StoreError::NoRandomness => Defect::NoRandomness.into(),
            StoreError::Sql(code) => Self::Internal { code },
        }
    }
}

impl From<NotAPicture> for Error {
    fn from(_: NotAPicture) -> Self {
        Invalid::new("photo", "this file", "a JPEG, PNG or WebP picture of at most 64 MB")
            .because(Reason::NotAPicture)
            .into()
    }
}

impl From<super::ports::VaultError> for Error {
    fn from(_: super::ports::VaultError) -> Self {
        Self::NoKey
    }
}

impl From<crate::crypto::seal::SealError> for Error {
    fn from(error: crate::crypto::seal::SealError) -> Self {
        match error {
            crate::crypto::seal::SealError::NoRandomness(error) => error.into(),
            crate::crypto::seal::SealError::TooLong => Defect::TooLongForAnEnvelope.into(),
        }
    }
}

/// Defects of ours, by the number that shells report. SQLite's own numbers are smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app) enum Defect {
    /// One change alone is longer than an envelope may be.
    TooLongForAnEnvelope = 20_001,
    /// The list of notebooks for the recovery sheet cannot be sealed.
    RecoveryList = 20_002,
    /// The keys of a server in this device's memory cannot be used.
    #[cfg(feature = "nearby")]
    ServerInMemory = 20_003,
    /// The operating system gives no random numbers; there is no safe way on.
    NoRandomness = 20_004,
    /// A table in memory cannot be written.
    CsvInMemory = 20_005,
}

impl From<Defect> for Error {
    fn from(defect: Defect) -> Self {
        Self::Internal { code: defect as i32 }
    }
}

impl From<crate::crypto::NoRandomness> for Error {
    fn from(_: crate::crypto::NoRandomness) -> Self {
        Defect::NoRandomness.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of each, in the order of the definition.
    fn all() -> [Error; 13] {
        [
            Invalid::new("weight", "73", "number").into(),
            Error::NotFound { what: Thing::Entry },
            Error::AlreadyThere { what: Thing::File },
            Error::Senior,
            Error::NoKey,
            Error::WrongKey,
            Error::Damaged,
            Error::NewerFile,
            Error::InUse,
            Error::DiskFull,
            Error::Io,
            Error::Offline,
            Error::Internal { code: 1 },
        ]
    }

    #[test]
    fn only_what_the_operating_system_read_or_wrote_is_io() {
        use crate::crypto::NoRandomness;
        use crate::crypto::seal::SealError;
        let code = |error: Error| if let Error::Internal { code } = error { Some(code) } else { None };
        assert_eq!(Error::from(StoreError::Io), Error::Io);
        assert_eq!(Error::from(StoreError::ReadOnly), Error::Io);
        assert_eq!(code(StoreError::Sql(1).into()), Some(1));
        assert_eq!(code(NoRandomness.into()), Some(20_004));
        assert_eq!(code(StoreError::from(NoRandomness).into()), Some(20_004));
        assert_eq!(code(SealError::NoRandomness(NoRandomness).into()), Some(20_004));
        assert_eq!(code(SealError::TooLong.into()), Some(20_001));
        assert_eq!(code(Defect::RecoveryList.into()), Some(20_002));
    }

    #[test]
    fn every_error_has_words_in_every_language() {
        for error in all() {
            for locale in Locale::ALL {
                let words = error.words(locale);
                assert!(!words.is_empty() && !words.contains('{'), "{error:?}: {words}");
            }
        }
    }

    #[test]
    fn every_reason_has_words_of_its_own_in_every_language() {
        for locale in Locale::ALL {
            let all: Vec<&str> = Reason::ALL.iter().map(|reason| reason.words(locale)).collect();
            assert!(all.iter().all(|words| !words.is_empty()), "{locale:?}");
            let unlike: std::collections::BTreeSet<String> = Reason::ALL
                .iter()
                .map(|reason| Invalid::new("weight", "7", "a number").because(*reason).words(Locale::Ja))
                .collect();
            assert!(unlike.len() > Reason::ALL.len() - 5, "{unlike:?}");
        }
        let why = Invalid::new("on", "{given}", "a day").because(Reason::BeforeBirth);
        assert_eq!(why.words(Locale::Ja), "「{given}」は生まれる前の日です。");
    }

    #[test]
    fn what_was_typed_is_shown_as_it_was_and_the_range_with_it() {
        let why = Invalid {
            range: Some(crate::model::NumberRange { min: 0.2, max: 40.0, unit: "kg".into() }),
            ..Invalid::new("weight", "{min}", "number")
        };
        let words = Error::from(why).words(Locale::Ja);
        assert!(words.starts_with("「{min}」") && words.contains("0.2〜40 kg"), "{words}");
    }
}
