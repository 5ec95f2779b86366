//! Beginning a notebook anew, without somebody: this device founds another one, and takes every word along. Nobody in the old
//! one is told, and it stays as it is at its server.

use std::collections::BTreeMap;

use ayumi_protocol::archive::{Archive, Word};
use ayumi_protocol::control::State;
use ayumi_protocol::{Change, NotebookId, Origin, Stamp};

use super::list::{MemberView, Members, view};
use crate::app::adopt::{rename, type_of};
use crate::app::error::{Error, Result, Thing};
use crate::app::founding::{add_pending, found_anew};
use crate::app::membership::load;
use crate::app::observe::Topic;
use crate::app::together::sync::words_of;
use crate::model::naming::EntryKey;
use crate::model::{Invalid, Reason};
use crate::store::anew::{Heir, begin_anew};
use crate::store::{StoreError, Tx, View, archives, channel, entries, frames, photos};
use crate::sync::archive::{Gathering, pack};
use crate::sync::reader::Reader;

/// A notebook that began anew.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct BegunAnew {
    /// Its new id.
    pub notebook: NotebookId,
    /// Who was a member of the old one, as they stood there, and is to be invited again: all but this device, and those without
    /// whom it began.
    pub to_invite: Vec<MemberView>,
}

impl Members {
    /// Begins a notebook anew: this device founds another one with every word, version and photo of it, and forgets its place in
    /// the old one. What others wrote is told as history; an archive of the old one proves what its members sent. `without` are members of the old one who
    /// are not to be invited again. Needs no server and no right in the old notebook; ask before it.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the notebook or one of the members; [`Error::Invalid`] while a photo of it is not on this device:
    /// look at it first.
    pub fn begin_anew(&self, notebook: NotebookId, without: &[String]) -> Result<BegunAnew> {
        let mut db = self.handbook.db();
        if entries::notebook_number(db.reader(), notebook)?.is_none() {
            return Err(Error::NotFound { what: Thing::Notebook });
        }
        let away = photos::missing(db.reader())?.iter().filter(|photo| photo.notebook == notebook).count();
        if away > 0 {
            let allowed =
                "a notebook with all of its photos on this device: look at those that are not, then try again";
            return Err(Invalid::new("photos", &away.to_string(), allowed).because(Reason::PhotoNotThere).into());
        }
        let (others, archived) = match channel::find(db.reader(), notebook)? {
            Some(channel) => {
                let reader = load(db.reader(), &channel)?;
                let members = reader.state().into_iter().flat_map(State::members);
                let others = members.filter(|(id, _)| **id != reader.id());
                let others = others.map(|(id, holder)| view(&channel, &reader, id, holder)).collect();
                (others, archived(db.reader(), &reader)?)
            }
            None => (Vec::new(), None),
        };
        if without.iter().any(|id| !others.iter().any(|member: &MemberView| member.id == *id)) {
            return Err(Error::NotFound { what: Thing::Member });
        }
        let notebook_type = type_of(&db, notebook)?;
        let named = archived.as_ref().map(|archived| archived.archive.mark());
        let (new, founding) = found_anew(&db.carer()?, notebook_type, named)?;
        let heir = Heir { from: notebook, to: new.notebook, device: new.device, notebook_type };
        // A child's pregnancy may have begun anew before.
        let names = entries::heirs(db.reader())?;
        let now_ms = self.handbook.clock().now_ms();
        let mut clock = db.next_clock(now_ms)?;
        db.write(|tx| {
            new.save(tx)?;
            add_pending(tx, &founding)?;
            let mut next = || {
                clock = clock.next(now_ms);
                clock
            };
            let origin_of = |change: &Change| archived.as_ref().and_then(|archived| archived.origin_of(change));
            begin_anew(tx, &heir, &mut next, |fields| rename(fields, &names), origin_of)?;
            channel::leave_behind(tx, notebook)?;
            archived.as_ref().map_or(Ok(()), |archived| archived.keep(tx, heir.to))
        })?;
        db.forget_known();
        db.advance_clock(clock)?;
        drop(db);
        self.handbook.profiles().clear();
        self.handbook.changed(&[Topic::Records, Topic::Members, Topic::Sync]);
        let to_invite = others.into_iter().filter(|member| !without.contains(&member.id)).collect();
        Ok(BegunAnew { notebook: heir.to, to_invite })
    }
}

/// What an archive holds of a notebook that begins anew.
struct Archived {
    archive: Archive,
    packed: Vec<u8>,
    words: BTreeMap<(EntryKey, Stamp), Word>,
}

/// Gathers what proves who wrote what, as far as servers have it. `None` if there is nothing, or more than an archive takes: then all
/// is told by who begins anew.
fn archived(view: &View, reader: &Reader) -> Result<Option<Archived>> {
    let mut gathering = Gathering::new(reader);
    frames::each(view, reader.notebook(), |held| gathering.take(held))?;
    let chain = channel::statements(view, reader.notebook())?.into_iter().filter(|stored| stored.position > 0);
    let gathered = gathering.finish(chain.map(|stored| stored.body).collect());
    let read = gathered.and_then(|archive| {
        let (packed, words) = (pack(&archive)?, archive.words(&archive.mark())?);
        let by_stamp = |word: Word| ((EntryKey::of(&word.change), word.change.stamp), word);
        Some(Archived { packed, words: words.into_iter().map(by_stamp).collect(), archive })
    });
    Ok(read)
}

impl Archived {
    /// Where the archive proves what a change says.
    fn origin_of(&self, change: &Change) -> Option<Origin> {
        let word = self.words.get(&(EntryKey::of(change), change.stamp))?;
        (word.change == *change).then_some(word.origin)
    }

    fn keep(&self, tx: &Tx<'_>, heir: NotebookId) -> std::result::Result<(), StoreError> {
        let named = self.archive.mark();
        let words = words_of(&self.archive, &named, heir).unwrap_or_default();
        archives::note_made(tx, heir, &named)?;
        archives::keep(tx, heir, &self.packed, &words)
    }
}
