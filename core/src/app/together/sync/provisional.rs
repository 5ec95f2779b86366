//! What a snapshot shows before the log is here: provisional until the log was read to its end.

use std::collections::BTreeSet;

use ayumi_protocol::{Change, Hlc, NotebookId, Stamp};

use super::judgement::Judgement;
use super::kept::changes_in;
use super::prepare::channel_of;
use crate::app::error::Result;
use crate::app::handbook::Handbook;
use crate::app::membership::load;
use crate::model::naming::EntryKey;
use crate::store::changes::{self, note_clock};
use crate::store::early::{self, Early};
use crate::store::{Db, StoreError, Tx, frames, outbox};
use crate::sync::reader::Reader;
use crate::sync::snapshot::{open, proven};

/// Shows what a snapshot proves. Returns whether it proved something.
pub(super) fn show(db: &mut Db, reader: &Reader, chunks: &[Vec<u8>]) -> Result<bool> {
    let Some((state, snapshot)) = reader.state().zip(open(reader, chunks)) else { return Ok(false) };
    let (shown, greatest) = db.write(|tx| {
        outbox::collect_new(tx)?;
        let (mut shown, mut greatest) = (false, Hlc::default());
        for part in snapshot.parts {
            let end = part.end;
            let Some(changes) = proven(state, part) else { continue };
            greatest = changes.iter().map(|change| change.stamp.hlc).fold(greatest, Hlc::max);
            let judged = Judgement::of(&changes, reader);
            judged.take_in(tx)?;
            early::keep(tx, &end, &judged.fit)?;
            shown = true;
        }
        outbox::mark_current_as_scanned(tx)?;
        note_clock(tx, greatest)?;
        Ok((shown, greatest))
    })?;
    db.advance_clock(greatest)?;
    Ok(shown)
}

/// The log was read to its end: what a snapshot showed and no envelope holds goes again.
pub(super) fn settle(handbook: &Handbook, notebook: NotebookId) -> Result<()> {
    let mut db = handbook.db();
    if early::count(db.reader(), notebook)? == 0 {
        return Ok(());
    }
    let channel = channel_of(&mut db, notebook)?;
    if channel.again || channel.halted.is_some() {
        return Ok(());
    }
    let reader = load(db.reader(), &channel)?;
    db.write(|tx| {
        for early in early::all(tx, notebook)? {
            changes::withdraw(tx, &not_there(tx, &reader, early)?)?;
        }
        early::forget(tx, notebook)
    })?;
    drop(db);
    handbook.profiles().clear();
    Ok(())
}

/// The changes that a part of a snapshot showed, and no envelope of their author holds.
fn not_there(tx: &Tx<'_>, reader: &Reader, early: Early) -> std::result::Result<Vec<Change>, StoreError> {
    let (notebook, header) = (reader.notebook(), &early.end.header);
    let all = frames::of_author(tx, notebook, header.author, None)?;
    let counts = all.into_iter().filter(|frame| frame.counts);
    let (mut is_there, mut held) = (false, Vec::new());
    for frame in counts {
        is_there |= frame.held.frame().hash() == early.end.hash();
        held.push(frame.held);
    }
    if is_there {
        return Ok(Vec::new());
    }
    let mut there: BTreeSet<(EntryKey, Stamp)> = BTreeSet::new();
    for held in &held {
        let changes = changes_in(tx, reader, held)?.unwrap_or_default();
        there.extend(changes.iter().map(|change| (EntryKey::of(change), change.stamp)));
    }
    Ok(early.changes.into_iter().filter(|change| !there.contains(&(EntryKey::of(change), change.stamp))).collect())
}
