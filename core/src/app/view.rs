//! What shells are shown of entries.

use ayumi_protocol::control::Role;
use ayumi_protocol::key::Hash;
use ayumi_protocol::{EntryId, NotebookId, Stamp, words};
use chrono::NaiveDate;
use serde_json::Value;

use crate::model::date::Gestation;
use crate::model::japan::in_japan;
use crate::model::kinds::Profile;
use crate::model::naming::EntryName;
use crate::model::notebook::NotebookType;
use crate::model::value::Fields;
pub use crate::store::entries::Entry as EntryView;
use crate::store::entries::Place;
use crate::texts::{self, Locale};

/// A notebook as it is listed.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct NotebookView {
    /// Its id.
    pub id: NotebookId,
    /// What it is for.
    pub notebook_type: NotebookType,
    /// Name; empty for a pregnancy.
    pub name: String,
    /// What this device may do; nothing once it is no member any more.
    pub role: Option<Role>,
    /// The notebook's profile.
    pub profile: Profile,
}

impl NotebookView {
    /// Whether what is about the baby is silent.
    pub fn baby_silent(&self) -> bool {
        self.profile.ended.is_some()
    }

    /// Whether what is about the baby is not shown unasked: after the loss of a pregnancy. A child's own notebook is
    /// opened knowingly; it stays readable.
    pub fn hides_baby(&self) -> bool {
        self.baby_silent() && self.notebook_type == NotebookType::Pregnancy
    }

    /// Weeks of pregnancy on a day, for a pregnancy with a due date.
    pub fn gestation_on(&self, on: NaiveDate) -> Option<Gestation> {
        let due = self.profile.due.filter(|_| self.notebook_type == NotebookType::Pregnancy)?;
        Gestation::from_days(i64::from(Gestation::TERM.days()) - (due - on).num_days())
    }
}

/// Six words by which two people compare whether they see the same: a join into the notebook that both know, the root of a
/// municipality.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct JoinWords {
    /// In hiragana.
    pub hiragana: Vec<String>,
    /// The same words in English.
    pub english: Vec<String>,
}

impl JoinWords {
    pub(in crate::app) fn of(named: &Hash) -> Self {
        Self { hiragana: words::in_hiragana(named).to_vec(), english: words::in_english(named).to_vec() }
    }
}

/// A field that carers wrote differently without seeing each other's.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Conflict {
    /// The entry.
    pub entry: EntryId,
    /// Names it and no other.
    pub name: EntryName,
    /// The field.
    pub field: String,
    /// The values, the shown one first.
    pub values: Vec<ConflictValue>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ConflictValue {
    /// Version that wrote it, for settling.
    pub version: u32,
    /// The value.
    pub value: Value,
    /// When, as a time in Japan.
    pub at: String,
    /// By which device.
    pub device: String,
}

/// An entry as it was after one action.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct VersionView {
    /// Number, from 1.
    pub version: u32,
    /// When it was written, as a time in Japan.
    pub at: String,
    /// By which device.
    pub device: String,
    /// Of what came from elsewhere, and nothing proves who wrote it: the member who tells it.
    pub told_by: Option<String>,
    /// What was shown then.
    pub fields: Fields,
    /// Whether it was deleted then.
    pub deleted: bool,
    /// Whether the clock of who wrote it was ahead: later than now, by this device's clock and its server's. It is shown, and counts.
    pub ahead: bool,
}

impl VersionView {
    /// What to tell a parent of a version that was written by a clock that was ahead.
    pub fn told_ahead(locale: Locale) -> &'static str {
        texts::members("ahead", locale)
    }
}

/// Which entries a list shows.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ListFilter {
    /// Only this kind.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub kind: Option<String>,
    /// From this day on.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub from: Option<NaiveDate>,
    /// Up to this day.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub to: Option<NaiveDate>,
    /// Only entries with this text, whatever the width of letters or the kind of kana.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub search: Option<String>,
    /// At most so many; 0 is a page of 50.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub limit: u32,
    /// Behind this place.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub after: Option<Place>,
    /// Deleted entries instead of the others.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub deleted: bool,
    /// After a loss: also what is about the baby.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub about_baby_too: bool,
}

/// A stamp's time in Japan, to the second, with its offset.
pub(super) fn time_of(stamp: Stamp) -> String {
    in_japan(stamp.hlc.millis()).format("%Y-%m-%dT%H:%M:%S+09:00").to_string()
}
