//! The municipality's notices: which of them concern this family, and why. Nobody learns what came out.

use std::sync::Arc;

use super::kept::Kept;
use crate::app::error::{Error, Result, Thing};
use crate::app::handbook::Handbook;
use crate::content::Content;
use crate::model::japan::in_japan;
use crate::notices::list::{NoticeState, NoticeView, list};
use crate::notices::standing::{Mark, Marks};
use crate::store::municipality as store;
use crate::texts;

/// Notices of the municipality.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/handbook.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let (handbook, child) = handbook(folder.path())?;
/// assert!(handbook.notices().list(false)?.is_empty(), "no municipality is followed");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Notices {
    pub(in crate::app) handbook: Handbook,
}

impl Notices {
    /// Lists the notices that concern this family now: urgent ones first, then the newest; `all` adds those that are over. A
    /// shell says with [`Self::shown`] which of them it showed.
    ///
    /// # Errors
    /// Any [store error](crate::app::Error#store-errors).
    pub fn list(&self, all: bool) -> Result<Vec<NoticeView>> {
        let Some((content, kept)) = self.content()? else { return Ok(Vec::new()) };
        let locale = self.handbook.locale();
        let language = kept.stored.language.as_deref().unwrap_or(locale.key());
        let household = self.handbook.household(&content, language, kept.stored.area.as_deref())?;
        let mut notices = list(&content, &household, &self.marks()?, self.handbook.now_in_japan(), locale, all);
        if kept.pinned.root.sample {
            let sample = texts::municipal("feed.sample", locale);
            notices.iter_mut().for_each(|notice| notice.remarks.push(sample.to_owned()));
        }
        Ok(notices)
    }

    /// Returns how many are new or corrected: for a number beside an icon, without a word of them.
    ///
    /// # Errors
    /// Any [store error](crate::app::Error#store-errors).
    pub fn unread(&self) -> Result<u32> {
        let unread = |notice: &&NoticeView| matches!(notice.state, NoticeState::New | NoticeState::Corrected);
        Ok(u32::try_from(self.list(false)?.iter().filter(unread).count()).unwrap_or(u32::MAX))
    }

    /// Notes that notices were shown, so that their corrections and cancellations are told to who saw them.
    ///
    /// # Errors
    /// Any [store error](crate::app::Error#store-errors).
    pub fn shown(&self, notices: &[NoticeView]) -> Result<()> {
        let marks = self.marks()?;
        let new: Vec<&String> =
            notices.iter().flat_map(|notice| &notice.shown).filter(|key| !marks.contains_key(*key)).collect();
        if new.is_empty() {
            return Ok(());
        }
        let now_ms = self.handbook.clock().now_ms();
        let mut db = self.handbook.db();
        if db.is_read_only() {
            return Ok(());
        }
        Ok(db.write(|tx| new.iter().try_for_each(|key| store::mark(tx, key, now_ms, false)))?)
    }

    /// Opens a notice and notes that it was read. Nothing is fetched for it.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none that concerns this family; any [store error](crate::app::Error#store-errors).
    pub fn read(&self, id: &str) -> Result<NoticeView> {
        let all = self.list(true)?;
        let of_it = |notice: &&NoticeView| notice.id == id || format!("{}/{}", notice.id, notice.version) == id;
        let newest = all.into_iter().filter(|notice| of_it(&notice)).max_by_key(|notice| notice.version);
        let notice = newest.ok_or(Error::NotFound { what: Thing::Notice })?;
        let now_ms = self.handbook.clock().now_ms();
        let mut db = self.handbook.db();
        if !db.is_read_only() {
            db.write(|tx| notice.shown.iter().try_for_each(|key| store::mark(tx, key, now_ms, true)))?;
        }
        Ok(notice)
    }

    /// The content with the municipality that is followed.
    fn content(&self) -> Result<Option<(Arc<Content>, Kept)>> {
        let kept = self.handbook.kept()?.filter(|kept| kept.stored.follows && kept.pinned.held.is_some());
        kept.map(|kept| Ok((self.handbook.content()?, kept))).transpose()
    }

    fn marks(&self) -> Result<Marks> {
        let marks = store::marks(self.handbook.db().reader())?;
        Ok(marks.into_iter().map(|mark| (mark.key, Mark { shown: in_japan(mark.shown), read: mark.read })).collect())
    }
}
