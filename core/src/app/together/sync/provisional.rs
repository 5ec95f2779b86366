//! What a snapshot shows before the log is here: provisional until the log was read to its end.

use std::collections::BTreeMap;

use ayumi_protocol::key::KeyId;
use ayumi_protocol::{Change, Hlc, NotebookId};

use super::judgement::Judgement;
use super::lines::Told;
use super::prepare::channel_of;
use crate::app::error::Result;
use crate::app::handbook::Handbook;
use crate::app::membership::load;
use crate::model::naming::EntryKey;
use crate::store::changes::{self, note_clock};
use crate::store::{Db, StoreError, Tx, early, frames, outbox};
use crate::sync::reader::Reader;
use crate::sync::snapshot::{open, proven};

/// Changes that are written at once.
const AT_ONCE: usize = 500;

/// Shows what a snapshot proves of others; this device's clock goes no further than `most`. Returns how many changes were new;
/// `None` if it proved nothing.
pub(super) fn show(db: &mut Db, reader: &Reader, chunks: Vec<Vec<u8>>, most: Hlc) -> Result<Option<u64>> {
    let Some((state, snapshot)) = reader.state().zip(open(reader, chunks)) else { return Ok(None) };
    let (shown, greatest) = db.write(|tx| {
        outbox::collect_new(tx)?;
        let (mut shown, mut greatest) = (None, Hlc::default());
        for part in snapshot.parts {
            let end = part.end;
            // What this device wrote, it knows better.
            let others = end.header.author != reader.id();
            let Some(changes) = proven(state, part).filter(|_| others) else { continue };
            let (mut rest, mut count) = (changes.into_iter().peekable(), shown.unwrap_or(0));
            // What is written is not held any longer.
            while rest.peek().is_some() {
                let some: Vec<Change> = rest.by_ref().take(AT_ONCE).collect();
                greatest = some.iter().map(|change| change.stamp.hlc).fold(greatest, Hlc::max);
                let new = changes::unknown(tx, some)?;
                let judged = Judgement::of(&new, reader);
                judged.take_in(tx)?;
                early::keep(tx, &end, &judged.fit)?;
                count += judged.fit.len() as u64;
            }
            shown = Some(count);
        }
        outbox::mark_current_as_scanned(tx)?;
        let greatest = greatest.min(most);
        note_clock(tx, greatest)?;
        Ok((shown, greatest))
    })?;
    db.advance_clock(greatest)?;
    Ok(shown)
}

/// Once the log was read to its end, what a snapshot showed stands only as the log tells it.
pub(super) fn settle(handbook: &Handbook, notebook: NotebookId, end: u64) -> Result<()> {
    let mut db = handbook.db();
    if !early::is_some(db.reader(), notebook)? {
        return Ok(());
    }
    let channel = channel_of(&mut db, notebook)?;
    let ends = channel.halted.is_some() || channel.removed || channel.gone.is_some();
    if ends || channel.again || channel.position < end {
        return Ok(());
    }
    let reader = load(db.reader(), &channel)?;
    let went = db.write(|tx| {
        let mut doubtful: BTreeMap<KeyId, Vec<Change>> = BTreeMap::new();
        for early in early::all(tx, notebook)? {
            // The same author hash is of the same words.
            if !frames::is_read_to(tx, &early.end)? {
                doubtful.entry(early.end.header.author).or_default().extend(early.changes);
            }
        }
        let mut went = false;
        for (author, shown) in doubtful {
            went |= as_the_log_tells(tx, &reader, author, shown)?;
        }
        early::forget(tx, notebook)?;
        Ok(went)
    })?;
    if went {
        db.fold_log()?;
    }
    drop(db);
    handbook.profiles().clear();
    Ok(())
}

/// Takes back what a snapshot showed of an author and no envelope holds, or holds otherwise. Returns whether something went.
fn as_the_log_tells(
    tx: &Tx<'_>,
    reader: &Reader,
    author: KeyId,
    shown: Vec<Change>,
) -> std::result::Result<bool, StoreError> {
    let told = Told::read(tx, reader, author)?;
    let mut gone = Vec::new();
    for change in shown {
        let stands = match told.word(EntryKey::of(&change), change.stamp) {
            Some(told) => changes::is_here(tx, told)?,
            None => false,
        };
        if !stands {
            gone.push(change);
        }
    }
    changes::erase(tx, &gone)?;
    // What stood in its place comes to light.
    Judgement::of(&told.into_words(), reader).take_in(tx)?;
    Ok(!gone.is_empty())
}
