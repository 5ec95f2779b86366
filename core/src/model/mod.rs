//! Pure nouns and rules: dates, values, kinds of entries, notebooks, merge. No input or output, no clock.
//!
//! | module | idea |
//! |---|---|
//! | `amount` | a number and a unit, as people write them |
//! | [`date`] | local calendar dates, Japanese eras, dates with "about" precision, ages |
//! | [`field`] | what one field may hold: type, unit, range; how a person types it |
//! | [`kind`], [`kinds`] | every kind of entry of the ministerial form (省令様式) and of a family's day |
//! | [`japan`] | what clocks in Japan show |
//! | [`judge`] | whether a change may stand in a notebook, at every door |
//! | [`law`] | ages and terms as the law counts them |
//! | [`merge`] | what an entry shows, as a function of the set of its changes |
//! | [`past`] | what it was elsewhere, as changes tell it |
//! | `days` | whether days can be, seen from the birth and from today |
//! | [`naming`] | how one entry is named, in the store and at the surface |
//! | [`notebook`] | pregnancy, child, private; life events |
//! | [`reason`] | why something is not taken, as a closed list |
//! | `times` | times of day, as people and other programs write them |
//! | [`text`] | how texts are folded for search |

pub(crate) mod amount;
pub mod date;
pub(crate) mod days;
pub mod field;
pub mod japan;
pub mod judge;
pub mod kind;
pub mod kinds;
pub mod law;
pub mod merge;
pub mod naming;
pub mod notebook;
pub mod past;
pub mod reason;
pub mod text;
pub(crate) mod times;
pub mod value;

pub use ayumi_protocol::control::Role;
pub use ayumi_protocol::{Change, DeviceId, EntryId, FieldChange, Hlc, NotebookId, Stamp, limits};
pub use naming::{EntryKey, EntryName};
pub use reason::Reason;

pub(crate) use amount::{counts_the_rest, is_unit, same_unit};

/// Something typed or imported is not what the field takes. The words are for the person who typed it: which field,
/// what was given, what is allowed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{field}: \"{given}\" does not fit; allowed: {allowed}")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "InvalidInput"))]
pub struct Invalid {
    /// The field's key.
    pub field: String,
    /// What was given, at most 40 characters of it.
    pub given: String,
    /// Why it is not taken; its words stand in locale files.
    pub reason: Reason,
    /// What is allowed, with unit and range, for developers and scripts.
    pub allowed: String,
    /// The same as numbers, where it is a range.
    pub range: Option<NumberRange>,
}

/// Numbers that a field takes.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct NumberRange {
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// The unit; empty if it has none.
    pub unit: String,
}

impl Invalid {
    /// Cuts what was given to what fits a message.
    pub fn new(field: &str, given: &str, allowed: impl Into<String>) -> Self {
        let mut short: String = given.chars().filter(|c| !c.is_control()).take(40).collect();
        if given.chars().count() > 40 {
            short.push('…');
        }
        Self { field: field.to_owned(), given: short, reason: Reason::Unfit, allowed: allowed.into(), range: None }
    }

    /// Says why.
    #[must_use]
    pub fn because(self, reason: Reason) -> Self {
        Self { reason, ..self }
    }
}
