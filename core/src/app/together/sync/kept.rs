//! Opens what this file keeps of a log, as far as it counts in its author's line.

use std::borrow::Cow;

use ayumi_protocol::envelope::{Header, Tail};
use ayumi_protocol::line::{greatest, later_than};
use ayumi_protocol::opening::Held;
use ayumi_protocol::{Change, Hlc};

use crate::store::{StoreError, View, frames};
use crate::sync::reader::{Reader, Words};

/// What of an envelope counts in its author's line.
pub(super) struct InLine<'a> {
    /// The changes that do.
    pub(super) changes: Cow<'a, [Change]>,
    /// How many do not: another one of the same entry has their stamp.
    pub(super) doubled: usize,
    /// How many do not: they are not stamped later than all in the author's envelopes before.
    pub(super) back_dated: usize,
    /// The greatest clock reading in the line up to here.
    pub(super) greatest: Option<Hlc>,
}

impl<'a> InLine<'a> {
    /// Behind a line with this greatest clock reading.
    pub(super) fn of(words: &'a Words, before: Option<Hlc>) -> Self {
        let changes = later_than(&words.changes, before);
        let back_dated = words.changes.len() - changes.len();
        Self { changes, doubled: words.doubled, back_dated, greatest: greatest(&words.changes, before) }
    }

    /// How many changes do not count.
    pub(super) const fn aside(&self) -> usize {
        self.doubled + self.back_dated
    }
}

/// Opens an envelope that is kept, or what is left of one; gives what it says.
pub(super) fn words_in(view: &View, reader: &Reader, held: &Held) -> Result<Option<Words>, StoreError> {
    let previous = before(view, reader, held.header())?;
    Ok(previous.and_then(|previous| reader.words_of(held, &previous)))
}

/// Opens an envelope that is kept, or what is left of one; gives the changes that count in its author's line.
pub(in crate::app) fn changes_in(view: &View, reader: &Reader, held: &Held) -> Result<Option<Vec<Change>>, StoreError> {
    let Some(words) = words_in(view, reader, held)? else { return Ok(None) };
    let greatest = greatest_before(view, held.header())?;
    Ok(Some(InLine::of(&words, greatest).changes.into_owned()))
}

/// Returns the tail that an envelope follows, if it is kept.
pub(in crate::app) fn before(view: &View, reader: &Reader, header: &Header) -> Result<Option<Tail>, StoreError> {
    match header.sequence {
        0 | 1 => Ok(Some(Tail::default())),
        sequence => frames::tail_of(view, reader.notebook(), header.author, sequence - 1, &header.previous),
    }
}

/// Returns the greatest clock reading of the changes in an author's line before an envelope.
pub(super) fn greatest_before(view: &View, header: &Header) -> Result<Option<Hlc>, StoreError> {
    match header.sequence {
        0 | 1 => Ok(None),
        sequence => frames::greatest_at(view, header.notebook, header.author, sequence - 1, &header.previous),
    }
}
