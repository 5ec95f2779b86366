//! A municipality whose feed is followed, and its notices.

use std::sync::Arc;

use ayumi_core::app::{FeedReport, FlagView, MunicipalityView, NoticeView};

use crate::Result;
use crate::slot::Slot;
use crate::worker::run;

/// The municipality whose feed this device reads. Every phone asks it for the same texts, whatever the family.
#[derive(uniffi::Object)]
pub struct Municipality {
    pub(crate) slot: Arc<Slot>,
}

#[uniffi::export]
impl Municipality {
    /// Meets the municipality at an address: `https://…`, or `http://` to this very device. Show its six words beside those that
    /// the municipality has printed; it is followed once a carer says that they are the same.
    ///
    /// Fails with `Invalid` if nothing there leads to a municipality; with `Offline`.
    pub async fn meet(&self, address: String) -> Result<MunicipalityView> {
        run(&self.slot, "municipality.meet", move |handbook| async move {
            let municipality = handbook.municipality();
            let (address, feed) = municipality.connection_to(&address)?;
            municipality.meet(&address, &feed).await
        })
        .await
    }

    /// Follows the municipality that was met: its six words are those that it has printed.
    pub fn words_match(&self) -> Result<()> {
        self.slot.with("municipality.words_match", |handbook| handbook.municipality().words_match())
    }

    /// Looks whether there is a newer edition, and takes it whole or not at all.
    ///
    /// Fails with `NotFound` if none is followed; with `Offline`.
    pub async fn check(&self) -> Result<FeedReport> {
        run(&self.slot, "municipality.check", |handbook| async move {
            let municipality = handbook.municipality();
            let feed = municipality.connection()?;
            municipality.check(&feed).await
        })
        .await
    }

    /// Returns what is known of the municipality; none if none was met.
    pub fn show(&self) -> Result<Option<MunicipalityView>> {
        self.slot.with("municipality.show", |handbook| handbook.municipality().show())
    }

    /// Chooses the area in which the family lives, or none. It stays on this device.
    pub fn choose_area(&self, area: Option<String>) -> Result<()> {
        self.slot.with("municipality.choose_area", |handbook| handbook.municipality().choose_area(area.as_deref()))
    }

    /// Chooses the language in which notices are read, such as `vi`; without one the app's. It stays on this device.
    pub fn choose_language(&self, language: Option<String>) -> Result<()> {
        self.slot.with("municipality.choose_language", |handbook| {
            handbook.municipality().choose_language(language.as_deref())
        })
    }

    /// Leaves the municipality: everything of it is deleted on this device. Ask before it.
    pub fn leave(&self) -> Result<()> {
        self.slot.with("municipality.leave", |handbook| handbook.municipality().leave())
    }
}

/// What the municipality tells this family.
#[derive(uniffi::Object)]
pub struct Notices {
    pub(crate) slot: Arc<Slot>,
}

#[uniffi::export]
impl Notices {
    /// Lists the notices that concern this family now, urgent ones first, each with its reason; `all` adds those that are over.
    #[uniffi::method(default(all = false))]
    pub fn list(&self, all: bool) -> Result<Vec<NoticeView>> {
        self.slot.with("notices.list", |handbook| handbook.notices().list(all))
    }

    /// Returns how many are new or corrected, for a number beside an icon.
    pub fn unread(&self) -> Result<u32> {
        self.slot.with("notices.unread", |handbook| handbook.notices().unread())
    }

    /// Notes which notices were shown, so that their corrections and cancellations are told.
    pub fn shown(&self, notices: Vec<NoticeView>) -> Result<()> {
        self.slot.with("notices.shown", |handbook| handbook.notices().shown(&notices))
    }

    /// Opens a notice and notes that it was read. Nothing is fetched for it.
    pub fn read(&self, id: String) -> Result<NoticeView> {
        self.slot.with("notices.read", |handbook| handbook.notices().read(&id))
    }
}

/// The guide to red flags: here without a network; what is opened is noted nowhere.
#[derive(uniffi::Object)]
pub struct Guide {
    pub(crate) slot: Arc<Slot>,
}

#[uniffi::export]
impl Guide {
    /// Lists the flags of a topic (`night_illness`, `pregnancy`, `mind`, …), or all, the strongest act first.
    #[uniffi::method(default(topic = None))]
    pub fn flags(&self, topic: Option<String>) -> Result<Vec<FlagView>> {
        self.slot.with("guide.flags", |handbook| handbook.guide().flags(topic.as_deref()))
    }

    /// Returns what to tell above it while no doctor has signed it; empty once one has.
    pub fn remark(&self) -> Result<String> {
        self.slot.with("guide.remark", |handbook| Ok(handbook.guide().remark().to_owned()))
    }
}
