//! Envelopes of a newer form, and changes that may not stand where they stand, are kept; after an update of the app they are
//! opened and judged again, without asking anybody. So are
//! those whose key a member told this device later.

use ayumi_protocol::{Hlc, NotebookId};

use super::erasing::Erasing;
use super::judgement::Judgement;
use super::kept::changes_in;
use crate::app::error::Result;
use crate::app::membership::load;
use crate::store::changes::{Delivery, apply_all, note_clock};
use crate::store::frames::{self, Counts};
use crate::store::settings::READ_BY;
use crate::store::{Db, channel, outbox};

/// Opens again what an earlier version of the app could not read.
pub(super) fn after_an_update(db: &mut Db) -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    if READ_BY.get(db.reader())?.as_deref() == Some(version) {
        return Ok(());
    }
    for id in channel::all(db.reader())? {
        reopen(db, id)?;
    }
    Ok(db.write(|tx| READ_BY.set(tx, &version.to_owned()))?)
}

/// Opens again what is kept of a notebook and could not be read.
pub(super) fn reopen(db: &mut Db, notebook: NotebookId) -> Result<()> {
    let Some(channel) = channel::find(db.reader(), notebook)? else { return Ok(()) };
    if frames::unread_count(db.reader(), notebook)? == 0 {
        return Ok(());
    }
    let reader = load(db.reader(), &channel)?;
    let greatest = db.write(|tx| {
        outbox::collect_new(tx)?;
        let mut greatest = Hlc::default();
        for (row, held) in frames::unread(tx, notebook)? {
            let header = *held.header();
            let Some(changes) = changes_in(tx, &reader, &held)? else { continue };
            let judged = Judgement::of(&changes, &reader);
            let apart = judged.apart + apply_all(tx, &judged.fit, Delivery::Sent)?.beyond;
            let counts = if apart == 0 { Counts::Read } else { Counts::Unread };
            greatest = greatest.max(header.stamp);
            frames::count_as(tx, row, counts, changes.len(), apart)?;
            if reader.erased(&header).is_some() {
                Erasing { tx, reader: &reader }.one(header.author, (header.sequence, header.attempt))?;
            }
        }
        outbox::mark_current_as_scanned(tx)?;
        note_clock(tx, greatest)?;
        Ok(greatest)
    })?;
    Ok(db.advance_clock(greatest)?)
}
