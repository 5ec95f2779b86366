//! Which words an archive proves here, and how an erased one leaves it.

use std::collections::BTreeSet;

use ayumi_protocol::archive::{Archive, Word};
use ayumi_protocol::key::Hash;
use ayumi_protocol::{Change, NotebookId};

use crate::model::naming::EntryKey;
use crate::store::archives;
use crate::store::{StoreError, Tx};
use crate::sync::archive::{pack, unpack};

/// Returns the words that an archive proves in the notebook that began anew: that one's own facts stand under its own id there. `None`
/// if it is not the archive that the label names.
pub(in crate::app) fn words_of(archive: &Archive, named: &Hash, heir: NotebookId) -> Option<Vec<Word>> {
    let mut words = archive.words(named)?;
    for word in words.iter_mut().filter(|word| EntryKey::of(&word.change).is_profile()) {
        word.change.entry = heir.into();
    }
    Some(words)
}

/// Takes all that an archive holds of the entries of erased words out of it.
pub(in crate::app) fn forget_in_archive(
    tx: &Tx<'_>,
    notebook: NotebookId,
    gone: &[Change],
) -> std::result::Result<(), StoreError> {
    let told = gone.iter().filter(|change| !change.history.is_empty());
    let entries: BTreeSet<EntryKey> = told.map(EntryKey::of).collect();
    let known = archives::find(tx, notebook)?.and_then(|known| known.named);
    let Some((named, body)) = known.filter(|_| !entries.is_empty()).zip(archives::body(tx, notebook)?) else {
        return Ok(());
    };
    let Some(mut archive) = unpack(&body) else { return Err(StoreError::Damaged) };
    let is_gone = |change: &Change| {
        let old = EntryKey::of(change);
        let id = if old.is_profile() { notebook.into() } else { old.id };
        entries.contains(&EntryKey { notebook, id, ..old })
    };
    if archive.forget(is_gone) {
        let body = pack(&archive).ok_or(StoreError::Damaged)?;
        let words = words_of(&archive, &named, notebook).ok_or(StoreError::Damaged)?;
        archives::keep(tx, notebook, &body, &words)?;
    }
    Ok(())
}
