//! Envelopes of a newer form, and changes that may not stand where they stand, are kept; after an update of the app they are opened and
//! judged again, without asking anybody. So are those whose key a member told this device later, and those for which an erased change
//! made room.

use std::collections::{BTreeMap, BTreeSet};

use ayumi_protocol::key::KeyId;
use ayumi_protocol::{Change, Hlc, NotebookId, Stamp, limits};

use super::erasing::Erasing;
use super::judgement::Judgement;
use super::kept::changes_in;
use crate::app::error::Result;
use crate::app::judging::judge_again;
use crate::app::membership::load;
use crate::model::naming::EntryKey;
use crate::store::changes::{Delivery, apply_all, note_clock, withdraw};
use crate::store::frames::{self, Counts};
use crate::store::settings::READ_BY;
use crate::store::{Db, StoreError, Tx, channel, outbox};
use crate::sync::reader::Reader;

/// Opens again what an earlier version of the app could not read.
pub(super) fn after_an_update(db: &mut Db) -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    if READ_BY.get(db.reader())?.as_deref() == Some(version) {
        return Ok(());
    }
    judge_again(db)?;
    for id in channel::all(db.reader())? {
        reopen(db, id)?;
    }
    Ok(db.write(|tx| READ_BY.set(tx, &version.to_owned()))?)
}

/// Opens again what is kept of a notebook and could not be read, or not all of it. Returns how many changes are kept apart that were
/// not known before.
pub(super) fn reopen(db: &mut Db, notebook: NotebookId) -> Result<u64> {
    let Some(channel) = channel::find(db.reader(), notebook)? else { return Ok(0) };
    if frames::unread_count(db.reader(), notebook)? == 0 {
        return Ok(0);
    }
    let reader = load(db.reader(), &channel)?;
    let apart = frames::apart_count(db.reader(), notebook)?;
    let greatest = db.write(|tx| {
        outbox::collect_new(tx)?;
        let greatest = Opening { tx, reader: &reader }.all()?;
        outbox::mark_current_as_scanned(tx)?;
        note_clock(tx, greatest)?;
        Ok(greatest)
    })?;
    db.advance_clock(greatest)?;
    Ok(frames::apart_count(db.reader(), notebook)?.saturating_sub(apart))
}

/// What is opened again of one notebook.
struct Opening<'a> {
    tx: &'a Tx<'a>,
    reader: &'a Reader,
}

impl Opening<'_> {
    /// Returns the greatest stamp of an envelope that was opened.
    fn all(&self) -> std::result::Result<Hlc, StoreError> {
        let (mut greatest, mut first_read, mut full) = (Hlc::default(), BTreeSet::new(), BTreeSet::new());
        for unread in frames::unread(self.tx, self.reader.notebook())? {
            let header = *unread.held.header();
            let Some(changes) = changes_in(self.tx, self.reader, &unread.held)? else { continue };
            let judged = Judgement::of(&changes, self.reader);
            let beyond = judged.take_in(self.tx)?.beyond;
            self.count(unread.row, changes.len(), judged.apart + beyond)?;
            greatest = changes.iter().map(|change| change.stamp.hlc).fold(greatest, Hlc::max);
            if unread.apart == 0 {
                first_read.insert(header.author);
            }
            if beyond > 0 {
                full.insert(header.author);
            }
            if self.reader.erased(&header).is_some() {
                let erasing = Erasing { tx: self.tx, reader: self.reader };
                erasing.one(header.author, (header.sequence, header.attempt))?;
            }
        }
        for author in full.intersection(&first_read).filter(|author| **author != self.reader.id()) {
            self.along_the_line(*author)?;
        }
        Ok(greatest)
    }

    fn count(&self, row: i64, changes: usize, apart: usize) -> std::result::Result<(), StoreError> {
        let counts = if apart == 0 { Counts::Read } else { Counts::Unread };
        frames::count_as(self.tx, row, counts, changes, apart)
    }

    /// Of an entry that an author changed too often, the changes count that stand first in the author's line; an envelope that was
    /// read late may stand before others. So every phone shows the same, in whatever order it could read.
    fn along_the_line(&self, author: KeyId) -> std::result::Result<(), StoreError> {
        let mut written: BTreeMap<EntryKey, BTreeSet<Stamp>> = BTreeMap::new();
        let (mut stand, mut beyond): (Vec<Change>, Vec<Change>) = Default::default();
        for frame in frames::of_author(self.tx, self.reader.notebook(), author, None)? {
            let Some(changes) = changes_in(self.tx, self.reader, &frame.held)?.filter(|_| frame.counts) else {
                continue;
            };
            let judged = Judgement::of(&changes, self.reader);
            let mut apart = judged.apart;
            for change in judged.fit.iter() {
                let stamps = written.entry(EntryKey::of(change)).or_default();
                if stamps.contains(&change.stamp) {
                    continue;
                }
                if stamps.len() < limits::ENTRY_CHANGES {
                    stamps.insert(change.stamp);
                    stand.push(change.clone());
                } else {
                    apart += 1;
                    beyond.push(change.clone());
                }
            }
            self.count(frame.row, changes.len(), apart)?;
        }
        withdraw(self.tx, &beyond)?;
        apply_all(self.tx, &stand, Delivery::Sent)?;
        Ok(())
    }
}
