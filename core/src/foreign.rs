//! How values that are not ours (dates, ids, JSON) cross to Swift and Kotlin. Everything else says it where it is
//! defined.

use std::collections::HashMap;
use std::path::PathBuf;

use ayumi_protocol::control::Role;
use ayumi_protocol::{EntryId, NotebookId};
use chrono::{NaiveDate, NaiveDateTime};
use serde_json::Value;

use crate::app::Error;
use crate::content::item::{Area, Basis, OfferKind};
use crate::crypto::FileKey;
use crate::model::date::Gestation;
use crate::model::naming::EntryName;
use crate::model::value::{Datum, Fields, MINUTE};
use crate::store::entries::Place;
use crate::texts::Locale;

uniffi::custom_type!(
    /// A notebook (手帳の一冊).
    NotebookId, String, { remote, lower: |id| id.to_string(), try_lift: |text| Ok(text.parse()?) }
);
uniffi::custom_type!(
    /// An entry.
    EntryId, String, { remote, lower: |id| id.to_string(), try_lift: |text| Ok(text.parse()?) }
);
uniffi::custom_type!(
    /// What an entry is called: its id, or `NOTEBOOK:KIND:ID` where several entries have that id.
    EntryName, String, { lower: |name| name.to_string(), try_lift: |text| Ok(text.parse()?) }
);
uniffi::custom_type!(
    /// A calendar day in Japan.
    NaiveDate, String, { remote, lower: |day| day.to_string(), try_lift: |text| Ok(text.parse()?) }
);
uniffi::custom_type!(
    /// A calendar day in Japan and a time of day, to the minute.
    NaiveDateTime, String, {
        remote,
        lower: |at| at.format(MINUTE).to_string(),
        try_lift: |text| Ok(NaiveDateTime::parse_from_str(&text, MINUTE)?)
    }
);
uniffi::custom_type!(
    /// Days of pregnancy: 38 weeks and 2 days are 268.
    Gestation, u16, {
        lower: |weeks| weeks.days(),
        try_lift: |days| Gestation::from_days(days.into()).ok_or_else(|| uniffi::deps::anyhow::anyhow!("at most 45 weeks"))
    }
);
uniffi::custom_type!(
    /// A place in a list: the next page begins behind it. Pass it on as it is.
    Place, String, { lower: |place| place.to_text(), try_lift: |text| {
        Place::from_text(&text).ok_or_else(|| uniffi::deps::anyhow::anyhow!("not a place"))
    } }
);
uniffi::custom_type!(
    /// The 256-bit key of the handbook's file: 32 bytes.
    FileKey, Vec<u8>, {
        lower: |key| key.expose().to_vec(),
        try_lift: |bytes| {
            let bytes: [u8; 32] = bytes.try_into().map_err(|_| uniffi::deps::anyhow::anyhow!("a key has 32 bytes"))?;
            Ok(FileKey::from_bytes(bytes))
        }
    }
);
uniffi::custom_type!(
    /// A path of the device's file system.
    PathBuf, String, {
        remote,
        lower: |path| path.to_string_lossy().into_owned(),
        try_lift: |text| Ok(PathBuf::from(text))
    }
);
uniffi::custom_type!(
    /// A field's value.
    Value, Datum, { remote, lower: |value| Datum::of(&value), try_lift: |datum| Ok(datum.into_json()) });
uniffi::custom_type!(
    /// Fields of an entry by key; a key that is missing is unanswered.
    Fields, HashMap<String, Value>, {
        remote,
        lower: |fields| fields.into_iter().collect(),
        try_lift: |fields| Ok(fields.into_iter().collect())
    }
);

/// What a member may do.
#[uniffi::remote(Enum)]
pub enum Role {
    /// Reads.
    Reader,
    /// Reads and writes.
    Writer,
    /// Reads, writes, and says who else does.
    Owner,
}

// These stand in files that the build script reads too, where there is no such derive.

/// An area of the self-check.
#[uniffi::remote(Enum)]
pub enum Area {
    /// 運動
    Motor,
    /// 言葉
    Language,
    /// 社会性
    Social,
    /// 生活
    DailyLife,
}

/// What the ages of an item rest on.
#[uniffi::remote(Enum)]
pub enum Basis {
    /// A source names these ages.
    Cited,
    /// A rule derives them from a source's ages.
    Derived,
    /// The municipality added the item.
    Municipality,
}

/// What a self-check offers.
#[uniffi::remote(Enum)]
pub enum OfferKind {
    /// Nothing needed.
    None,
    /// Look again in some weeks.
    Repeat,
    /// The desk, whenever it suits.
    Desk,
    /// The desk or a doctor, soon.
    Soon,
    /// A doctor, within days; the desk after that.
    Doctor,
}

#[uniffi::export(name = "AyumiError")]
impl Error {
    /// A stable key: `invalid`, `not_found`, `already_there`, `senior`, `no_key`, `wrong_key`, `damaged`, `newer_file`, `in_use`,
    /// `disk_full`, `io`, `offline`, `internal`.
    #[uniffi::method(name = "code")]
    pub fn foreign_code(&self) -> String {
        self.code().to_owned()
    }

    /// What to tell a parent: calm, short, what to do next.
    #[uniffi::method(name = "words")]
    pub fn foreign_words(&self, locale: Locale) -> String {
        self.words(locale)
    }
}
