//! Why something typed or imported is not taken: a closed list, so that the words for each can stand in locale files and a
//! script can act on the key.

/// Why an input is not taken. Its words, in every language, are those of `invalid.KEY` in the texts of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Reason {
    /// It does not fit, and nothing more is known.
    #[default]
    Unfit,
    /// Something is needed and nothing was given.
    Missing,
    /// It is no number.
    NotANumber,
    /// The number is out of the range.
    OutOfRange,
    /// It has more decimals than are kept.
    TooFine,
    /// The unit is not known, or measures something else.
    UnknownUnit,
    /// It can be read in two ways.
    Ambiguous,
    /// It is no day of the calendar.
    NotADate,
    /// It is no time of day.
    NotATime,
    /// It is no length of a pregnancy.
    NotWeeks,
    /// It is no blood pressure.
    NotAPressure,
    /// It is no dental chart.
    NotTeeth,
    /// It is none of the options.
    NotAnOption,
    /// It is no id.
    NotAnId,
    /// The text is too long.
    TooLong,
    /// The day has not come yet.
    InFuture,
    /// The day is before 1900.
    TooLongAgo,
    /// The day is before the birth.
    BeforeBirth,
    /// No child of that age measures it: a carer is asked.
    Improbable,
    /// The due date is too far from the birth, or from today.
    DueTooFar,
    /// The end is before the beginning.
    OutOfOrder,
    /// This version knows no such kind of entry.
    UnknownKind,
    /// The kind has no such field.
    UnknownField,
    /// A field stands there twice.
    FieldTwice,
    /// The kind does not stand in such a notebook.
    WrongNotebook,
    /// It is a fact that follows from something else; nobody writes it.
    NotByHand,
    /// A notebook's own facts are never deleted.
    NeverDeleted,
    /// Several entries have this id.
    SeveralMeant,
    /// The notebook has ended.
    Ended,
    /// It is no such code, or the code was used.
    NotACode,
    /// It is no picture that can be read.
    NotAPicture,
    /// The file is not what it should be.
    NotAFile,
    /// The file is of a newer version.
    NewerForm,
    /// A row has more cells than the header.
    RowTooLong,
    /// Quotes are not closed, or something follows behind them.
    BadQuotes,
    /// No column holds the day.
    NoDayColumn,
    /// The table has no such column.
    NoSuchColumn,
    /// A column, or a field, is named twice.
    MappedTwice,
    /// No field takes this column.
    NoField,
    /// The kind has no field for a time of day.
    NoPlaceForTime,
    /// There is no kind of entry for it.
    NoPlaceHere,
    /// The file does not say in which unit it is.
    NoUnit,
    /// It has begun, and the file does not say when it ended.
    NoEnd,
    /// It was changed here since the file was written.
    ChangedSince,
    /// It was deleted here.
    DeletedHere,
    /// It stands in another notebook of this device.
    InAnotherNotebook,
    /// A file is about several children, and none has the notebook's name.
    SeveralChildren,
    /// It stands twice in the file, and differs.
    TwiceInFile,
    /// The bytes of a photo are not those that its entry tells of.
    PhotoDamaged,
    /// The pixels of a photo are not in the file.
    PhotoNotThere,
    /// Only an owner may do that.
    OwnersOnly,
    /// A notebook needs an owner.
    LastOwner,
    /// There are too many members, or too many changes.
    TooMany,
    /// Whoever reads only cannot write.
    ReadOnly,
    /// The notebook waits to be confirmed.
    NotConfirmed,
    /// The notebook is closed at its server.
    Closed,
    /// The notebook has stopped.
    Stopped,
    /// The app is too old for what the server asks.
    AppTooOld,
    /// It is no address of a server, or the server is another.
    NotAServer,
    /// It is no content pack, or not the municipality's.
    NotAPack,
    /// There is nothing to draw.
    NothingToDraw,
    /// Others wrote it.
    WrittenByOthers,
    /// It holds others together, or is computed anew: nothing of it is an entry.
    NotNeeded,
    /// It says that something was not done.
    NotGiven,
    /// It was withdrawn, or is not final.
    NotFinal,
    /// It stands here with other values, which stay.
    DiffersHere,
    /// It is somebody else's, or nothing says whose.
    NotThisPerson,
    /// The file is too large.
    TooLarge,
    /// A part of the file is missing.
    PartMissing,
    /// Nothing says which notebook it goes into.
    WhichNotebook,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 70] = [
        Self::Unfit,
        Self::Missing,
        Self::NotANumber,
        Self::OutOfRange,
        Self::TooFine,
        Self::UnknownUnit,
        Self::Ambiguous,
        Self::NotADate,
        Self::NotATime,
        Self::NotWeeks,
        Self::NotAPressure,
        Self::NotTeeth,
        Self::NotAnOption,
        Self::NotAnId,
        Self::TooLong,
        Self::InFuture,
        Self::TooLongAgo,
        Self::BeforeBirth,
        Self::Improbable,
        Self::DueTooFar,
        Self::OutOfOrder,
        Self::UnknownKind,
        Self::UnknownField,
        Self::FieldTwice,
        Self::WrongNotebook,
        Self::NotByHand,
        Self::NeverDeleted,
        Self::SeveralMeant,
        Self::Ended,
        Self::NotACode,
        Self::NotAPicture,
        Self::NotAFile,
        Self::NewerForm,
        Self::RowTooLong,
        Self::BadQuotes,
        Self::NoDayColumn,
        Self::NoSuchColumn,
        Self::MappedTwice,
        Self::NoField,
        Self::NoPlaceForTime,
        Self::NoPlaceHere,
        Self::NoUnit,
        Self::NoEnd,
        Self::ChangedSince,
        Self::DeletedHere,
        Self::InAnotherNotebook,
        Self::SeveralChildren,
        Self::TwiceInFile,
        Self::PhotoDamaged,
        Self::PhotoNotThere,
        Self::OwnersOnly,
        Self::LastOwner,
        Self::TooMany,
        Self::ReadOnly,
        Self::NotConfirmed,
        Self::Closed,
        Self::Stopped,
        Self::AppTooOld,
        Self::NotAServer,
        Self::NotAPack,
        Self::NothingToDraw,
        Self::WrittenByOthers,
        Self::NotNeeded,
        Self::NotGiven,
        Self::NotFinal,
        Self::DiffersHere,
        Self::NotThisPerson,
        Self::TooLarge,
        Self::PartMissing,
        Self::WhichNotebook,
    ];

    /// Returns its stable key, for scripts.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Unfit => "unfit",
            Self::Missing => "missing",
            Self::NotANumber => "not_a_number",
            Self::OutOfRange => "out_of_range",
            Self::TooFine => "too_fine",
            Self::UnknownUnit => "unknown_unit",
            Self::Ambiguous => "ambiguous",
            Self::NotADate => "not_a_date",
            Self::NotATime => "not_a_time",
            Self::NotWeeks => "not_weeks",
            Self::NotAPressure => "not_a_pressure",
            Self::NotTeeth => "not_teeth",
            Self::NotAnOption => "not_an_option",
            Self::NotAnId => "not_an_id",
            Self::TooLong => "too_long",
            Self::InFuture => "in_future",
            Self::TooLongAgo => "too_long_ago",
            Self::BeforeBirth => "before_birth",
            Self::Improbable => "improbable",
            Self::DueTooFar => "due_too_far",
            Self::OutOfOrder => "out_of_order",
            Self::UnknownKind => "unknown_kind",
            Self::UnknownField => "unknown_field",
            Self::FieldTwice => "field_twice",
            Self::WrongNotebook => "wrong_notebook",
            Self::NotByHand => "not_by_hand",
            Self::NeverDeleted => "never_deleted",
            Self::SeveralMeant => "several_meant",
            Self::Ended => "ended",
            Self::NotACode => "not_a_code",
            Self::NotAPicture => "not_a_picture",
            Self::NotAFile => "not_a_file",
            Self::NewerForm => "newer_form",
            Self::RowTooLong => "row_too_long",
            Self::BadQuotes => "bad_quotes",
            Self::NoDayColumn => "no_day_column",
            Self::NoSuchColumn => "no_such_column",
            Self::MappedTwice => "mapped_twice",
            Self::NoField => "no_field",
            Self::NoPlaceForTime => "no_place_for_time",
            Self::NoPlaceHere => "no_place_here",
            Self::NoUnit => "no_unit",
            Self::NoEnd => "no_end",
            Self::ChangedSince => "changed_since",
            Self::DeletedHere => "deleted_here",
            Self::InAnotherNotebook => "in_another_notebook",
            Self::SeveralChildren => "several_children",
            Self::TwiceInFile => "twice_in_file",
            Self::PhotoDamaged => "photo_damaged",
            Self::PhotoNotThere => "photo_not_there",
            Self::OwnersOnly => "owners_only",
            Self::LastOwner => "last_owner",
            Self::TooMany => "too_many",
            Self::ReadOnly => "read_only",
            Self::NotConfirmed => "not_confirmed",
            Self::Closed => "closed",
            Self::Stopped => "stopped",
            Self::AppTooOld => "app_too_old",
            Self::NotAServer => "not_a_server",
            Self::NotAPack => "not_a_pack",
            Self::NothingToDraw => "nothing_to_draw",
            Self::WrittenByOthers => "written_by_others",
            Self::NotNeeded => "not_needed",
            Self::NotGiven => "not_given",
            Self::NotFinal => "not_final",
            Self::DiffersHere => "differs_here",
            Self::NotThisPerson => "not_this_person",
            Self::TooLarge => "too_large",
            Self::PartMissing => "part_missing",
            Self::WhichNotebook => "which_notebook",
        }
    }
}
