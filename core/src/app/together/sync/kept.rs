//! Opens what this file keeps of a log.

use ayumi_protocol::Change;
use ayumi_protocol::envelope::{Header, Tail};
use ayumi_protocol::opening::Held;

use crate::store::{StoreError, View, frames};
use crate::sync::reader::Reader;

/// Opens an envelope that is kept, or what is left of one.
pub(in crate::app) fn changes_in(tx: &View, reader: &Reader, held: &Held) -> Result<Option<Vec<Change>>, StoreError> {
    let previous = before(tx, reader, held.header())?;
    Ok(previous.and_then(|previous| reader.changes_of(held, &previous)))
}

/// Returns the tail that an envelope follows, if it is kept.
pub(in crate::app) fn before(view: &View, reader: &Reader, header: &Header) -> Result<Option<Tail>, StoreError> {
    match header.sequence {
        0 | 1 => Ok(Some(Tail::default())),
        sequence => frames::tail_of(view, reader.notebook(), header.author, sequence - 1, &header.previous),
    }
}
