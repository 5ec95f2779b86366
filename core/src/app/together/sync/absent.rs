//! What members' phones name of others, and what is not here: told, notebook by notebook, until it comes. It halts nothing.

use std::collections::BTreeSet;

use ayumi_protocol::batch::PeerHead;
use ayumi_protocol::control::State;
use ayumi_protocol::key::KeyId;

use crate::app::membership::name_of;
use crate::store::absent::{self, Named};
use crate::store::{StoreError, Tx, View};
use crate::sync::reader::Reader;
use crate::texts::{self, Locale};

/// A member's phone names something of another member's that is not here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "AbsentWords"))]
pub struct Absent {
    /// The id of the member whose phone names it, as in the list of members.
    pub named_by: String,
    /// That member's name; empty if it cannot be read.
    pub named_by_name: String,
    /// The id of the member whose it is.
    pub of: String,
    /// That member's name; empty if it cannot be read.
    pub of_name: String,
}

impl Absent {
    /// What to tell a parent.
    pub fn told(&self, locale: Locale) -> String {
        let named = |name: &str| match name {
            "" => texts::members("odd_somebody", locale).to_owned(),
            name => texts::members("odd_member", locale).replace("{name}", name),
        };
        // A name may hold braces: each blank is filled where it stands in the words.
        let words = texts::members("absent", locale);
        let (before, behind) = words.split_once("{by}").unwrap_or((words, ""));
        let (between, after) = behind.split_once("{of}").unwrap_or((behind, ""));
        [before, &named(&self.named_by_name), between, &named(&self.of_name), after].concat()
    }
}

/// Notes what is not here of what envelopes name that came, and forgets what has come meanwhile or counts no more.
pub(super) fn settle(tx: &Tx<'_>, reader: &Reader, named: &[Named]) -> Result<(), StoreError> {
    let notebook = reader.notebook();
    for kept in absent::all(tx, notebook)? {
        if !lacks(tx, reader, &kept.head)? || !absent::counts(tx, notebook, &kept)? {
            absent::forget(tx, notebook, &kept)?;
        }
    }
    for one in named {
        if lacks(tx, reader, &one.head)? && absent::counts(tx, notebook, one)? {
            absent::note(tx, notebook, one)?;
        }
    }
    Ok(())
}

/// Whether something that an envelope names is missing here. What its author's cutoff left out, and what its author put other words
/// in the place of, nobody needs to have.
fn lacks(view: &View, reader: &Reader, head: &PeerHead) -> Result<bool, StoreError> {
    let could_count = |state: &State| state.could_count(&head.author, head.sequence, head.attempt, &head.hash);
    let tail = reader.tail(&head.author);
    let expected = reader.state().is_some_and(could_count) && tail.attempt <= head.attempt;
    let is_tail = tail.sequence == head.sequence && tail.hash.starts_with(&head.hash);
    Ok(expected && !is_tail && !absent::is_here(view, reader.notebook(), head)?)
}

/// Returns what is named and not here, once for each two members.
pub(super) fn told(view: &View, reader: &Reader) -> Result<Vec<Absent>, StoreError> {
    let pairs: BTreeSet<(KeyId, KeyId)> =
        absent::all(view, reader.notebook())?.into_iter().map(|named| (named.by, named.head.author)).collect();
    let name = |id: &KeyId| {
        let holder = reader.state().and_then(|state| state.present_and_past().find(|(known, _)| *known == id));
        holder.map(|(_, holder)| name_of(reader, holder)).unwrap_or_default()
    };
    let one = |(by, of): (KeyId, KeyId)| Absent {
        named_by: format!("{by:?}"),
        named_by_name: name(&by),
        of: format!("{of:?}"),
        of_name: name(&of),
    };
    Ok(pairs.into_iter().map(one).collect())
}
