//! Envelopes of a newer form, and changes that may not stand where they stand, are kept; after an update of the app they are opened and
//! judged again, without asking anybody. So are those whose key a member told this device later, and those for which an erased change
//! made room.

use std::collections::BTreeSet;

use ayumi_protocol::{Hlc, NotebookId};

use super::absent;
use super::erasing::{Erased, Erasing};
use super::judgement::Judgement;
use super::kept::{InLine, greatest_before, words_in};
use super::lines::judge_lines;
use crate::app::error::Result;
use crate::app::judging::judge_again;
use crate::app::membership::load;
use crate::store::absent::Named;
use crate::store::changes::note_clock;
use crate::store::frames::{self, Reading};
use crate::store::settings::READ_BY;
use crate::store::{Db, StoreError, Tx, channel, lines as ends, outbox};
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
        let (mut greatest, mut lines, mut named) = (Hlc::default(), BTreeSet::new(), Vec::new());
        for unread in frames::unread(self.tx, self.reader.notebook())? {
            let header = *unread.held.header();
            let Some(words) = words_in(self.tx, self.reader, &unread.held)? else { continue };
            let in_line = InLine::of(&words, greatest_before(self.tx, &header)?);
            let judged = Judgement::of(&in_line.changes, self.reader);
            let apart = in_line.aside() + judged.apart + judged.take_in(self.tx)?.beyond;
            let reading = Reading { changes: words.count(), apart, greatest: in_line.greatest };
            frames::note_reading(self.tx, unread.row, &reading)?;
            greatest = in_line.changes.iter().map(|change| change.stamp.hlc).fold(greatest, Hlc::max);
            // What is read first now may stand before others in its author's line, or beside them in another.
            let several = ends::ends_of(self.tx, header.notebook, header.author)?.is_some_and(|ends| ends.count > 1);
            if unread.apart == 0 || several {
                lines.insert(header.author);
                named.extend(Named::all(&header, &words.peer_heads));
            }
            if self.reader.erased(&header).is_some() {
                let (erasing, mut erased) = (Erasing { tx: self.tx, reader: self.reader }, Erased::default());
                erasing.one(header.author, (header.sequence, header.attempt), &mut erased)?;
                lines.extend(erased.lines);
            }
        }
        judge_lines(self.tx, self.reader, &lines)?;
        absent::settle(self.tx, self.reader, &named)?;
        Ok(greatest)
    }
}
