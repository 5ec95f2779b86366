//! Why something of a file was not taken: a closed list, with words in `content/texts/fhir.toml`.

use crate::model::Reason;

/// Why a resource was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// A handbook has no place for this kind of resource.
    NotKept,
    /// It frames the others: cover page, device, a person who is pointed at.
    Frame,
    /// It says whose the others are, and was compared with the notebook.
    Compared,
    /// It is computed anew from what was given.
    Computed,
    /// The vaccine was not given.
    NotGiven,
    /// It was withdrawn, or is not final.
    NotFinal,
    /// It has no value.
    NoValue,
    /// Its code is none that is read.
    UnknownCode,
    /// The same entry stands here and says something else.
    OtherHere,
    /// The same entry was deleted here.
    DeletedHere,
    /// It is not of the form that FHIR R4 gives it.
    Unreadable,
    /// It holds something that changes its meaning and is not understood.
    Modified,
    /// It has no day: a year or a month alone, or nothing.
    NoDay,
    /// Its unit is none that is read.
    UnknownUnit,
    /// It is of somebody else: another day of birth.
    SomebodyElse,
    /// Nothing says whose it is.
    WhoseIsUnclear,
    /// Two resources of the same entry say different things.
    SaysTwoThings,
    /// The picture is not the one that its entry names.
    OtherPicture,
}

impl Why {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::NotKept,
        Self::Frame,
        Self::Compared,
        Self::Computed,
        Self::NotGiven,
        Self::NotFinal,
        Self::NoValue,
        Self::UnknownCode,
        Self::OtherHere,
        Self::DeletedHere,
        Self::Unreadable,
        Self::Modified,
        Self::NoDay,
        Self::UnknownUnit,
        Self::SomebodyElse,
        Self::WhoseIsUnclear,
        Self::SaysTwoThings,
        Self::OtherPicture,
    ];

    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::NotKept => "not_kept",
            Self::Frame => "frame",
            Self::Compared => "compared",
            Self::Computed => "computed",
            Self::NotGiven => "not_given",
            Self::NotFinal => "not_final",
            Self::NoValue => "no_value",
            Self::UnknownCode => "unknown_code",
            Self::OtherHere => "other_here",
            Self::DeletedHere => "deleted_here",
            Self::Unreadable => "unreadable",
            Self::Modified => "modified",
            Self::NoDay => "no_day",
            Self::UnknownUnit => "unknown_unit",
            Self::SomebodyElse => "somebody_else",
            Self::WhoseIsUnclear => "whose_is_unclear",
            Self::SaysTwoThings => "says_two_things",
            Self::OtherPicture => "other_picture",
        }
    }

    /// Returns the reason that every import knows it by.
    pub const fn reason(self) -> Reason {
        match self {
            Self::NotKept | Self::UnknownCode => Reason::NoPlaceHere,
            Self::Frame | Self::Compared | Self::Computed => Reason::NotNeeded,
            Self::NotGiven => Reason::NotGiven,
            Self::NotFinal => Reason::NotFinal,
            Self::NoValue => Reason::Missing,
            Self::OtherHere => Reason::DiffersHere,
            Self::DeletedHere => Reason::DeletedHere,
            Self::Unreadable => Reason::NotAFile,
            Self::Modified => Reason::Ambiguous,
            Self::NoDay => Reason::NotADate,
            Self::UnknownUnit => Reason::UnknownUnit,
            Self::SomebodyElse | Self::WhoseIsUnclear => Reason::NotThisPerson,
            Self::SaysTwoThings => Reason::TwiceInFile,
            Self::OtherPicture => Reason::PhotoDamaged,
        }
    }

    /// Whether a person has to look at it before the rest is written. What a handbook has no place for is only named.
    pub const fn is_problem(self) -> bool {
        matches!(
            self,
            Self::Unreadable
                | Self::Modified
                | Self::NoDay
                | Self::UnknownUnit
                | Self::SomebodyElse
                | Self::WhoseIsUnclear
                | Self::SaysTwoThings
                | Self::OtherPicture
        )
    }
}
