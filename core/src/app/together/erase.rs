//! Erasing an entry for good: all its versions and photos, here, at the server, and on every member's phone at its next sync.

use std::collections::{BTreeMap, BTreeSet};

use ayumi_protocol::control::ErasedIn;
use ayumi_protocol::key::KeyId;
use ayumi_protocol::{Change, DeviceId, NotebookId, limits};

use crate::app::error::{Error, Result};
use crate::app::membership::{load, name_of};
use crate::app::observe::Topic;
use crate::app::together::sync::{NotebookOutcome, Session, Sync, SyncReport, before, channel_of, forget_in_archive};
use crate::app::view::EntryView;
use crate::model::kind::Record;
use crate::model::kinds::Profile;
use crate::model::naming::{EntryKey, EntryName};
use crate::model::{Invalid, Reason};
use crate::store::{View, changes, channel, entries, frames, outbox};
use crate::sync::reader::Reader;
use crate::sync::statement::Decision;
use crate::sync::transport::Transport;

/// What is to be erased of each author's.
type Named = BTreeMap<KeyId, Vec<ErasedIn>>;

impl Sync {
    /// Erases an entry for good: all its versions and photos, on this device and at the server, and on other members' phones
    /// when they sync. Nothing brings it back. What somebody writes into it later, without knowing, is shown.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Offline`]: try again; [`Error::Invalid`] for a notebook's own facts, and for words of
    /// others if this device is no owner.
    pub async fn erase(&self, entry: impl Into<EntryName>, transport: &dyn Transport) -> Result<()> {
        let entry = self.erasable(entry.into())?;
        let (notebook, members) = (entry.notebook, self.handbook.members());
        members.bring_up_to_date(notebook, transport).await?;
        let keys = self.with_photos(&entry)?;
        let there = self.changes_of(&keys)?;
        let named = {
            let mut db = self.handbook.db();
            let channel = channel_of(&mut db, notebook)?;
            let reader = load(db.reader(), &channel)?;
            let named = named(db.reader(), &reader, &keys, &there)?;
            check_rights(&reader, &named)?;
            named
        };
        for (author, envelopes) in named {
            for some in at_once(envelopes) {
                members.decide(notebook, &Decision::Erase(author, some), transport).await?;
            }
        }
        self.forget(notebook, &there)?;
        let mut report = SyncReport::default();
        let mut session = Session::new(self.handbook.clone(), transport, None, &mut report);
        // What the server does not drop now, it drops with the next sync.
        let _: NotebookOutcome = session.photos(notebook).await?;
        session.archive(notebook).await
    }

    /// Erases an entry of a notebook that no server has heard of.
    ///
    /// # Errors
    /// As [`Self::erase`]; [`Error::Offline`] if a server may have it.
    pub fn erase_here(&self, entry: impl Into<EntryName>) -> Result<()> {
        let entry = self.erasable(entry.into())?;
        {
            let db = self.handbook.db();
            let known = channel::find(db.reader(), entry.notebook)?;
            let sealed = !outbox::sealed(db.reader(), entry.notebook)?.is_empty();
            if sealed || known.is_some_and(|channel| channel.store_epoch.is_some()) {
                return Err(Error::Offline);
            }
        }
        let there = self.changes_of(&self.with_photos(&entry)?)?;
        self.forget(entry.notebook, &there)
    }

    fn erasable(&self, name: EntryName) -> Result<EntryView> {
        let entry = self.handbook.entries().find(&name)?;
        if entry.kind == Profile::KIND.id {
            return Err(Invalid::new("entry", &entry.kind, "an entry: a notebook's own facts stay with it")
                .because(Reason::NeverDeleted)
                .into());
        }
        Ok(entry)
    }

    /// The entry and its photos, deleted ones too.
    fn with_photos(&self, entry: &EntryView) -> Result<BTreeSet<EntryKey>> {
        let db = self.handbook.db();
        let of = entry.id.to_string();
        let mut keys = BTreeSet::from([entry.key()]);
        for deleted in [false, true] {
            let photos = entries::photos(db.reader(), entry.notebook, deleted)?;
            keys.extend(photos.iter().filter(|photo| photo.photo_of() == of).map(entries::Entry::key));
        }
        Ok(keys)
    }

    fn changes_of(&self, keys: &BTreeSet<EntryKey>) -> Result<Vec<Change>> {
        let db = self.handbook.db();
        let mut all = Vec::new();
        for key in keys {
            all.extend(changes::of_entry(db.reader(), key)?);
        }
        Ok(all)
    }

    /// Lets go of what is still here: what waited, or was refused.
    fn forget(&self, notebook: NotebookId, there: &[Change]) -> Result<()> {
        let mut db = self.handbook.db();
        db.write(|tx| {
            outbox::collect_new(tx)?;
            changes::erase(tx, there)?;
            forget_in_archive(tx, notebook, there)
        })?;
        db.fold_log()?;
        drop(db);
        self.handbook.profiles().clear();
        self.handbook.changed(&[Topic::Records]);
        Ok(())
    }
}

/// Where changes of these entries stand in the log. Envelopes that count nowhere go whole.
fn named(view: &View, reader: &Reader, keys: &BTreeSet<EntryKey>, there: &[Change]) -> Result<Named> {
    let devices: BTreeSet<DeviceId> = there.iter().map(|change| change.stamp.device).collect();
    let notebook: NotebookId = reader.notebook();
    let mut named = Named::new();
    for author in reader.tails().keys().filter(|author| devices.contains(&DeviceId::from(**author))) {
        for frame in frames::of_author(view, notebook, *author, None)? {
            let header = frame.held.header();
            let Some(previous) = before(view, reader, header)? else { continue };
            let mut places = reader.places_of(&frame.held, &previous, |change| keys.contains(&EntryKey::of(change)));
            if places.is_empty() {
                continue;
            }
            if !frame.counts {
                places.clear();
            }
            let (sequence, attempt) = (header.sequence, header.attempt);
            let envelopes = named.entry(*author).or_default();
            // Of two that were signed for one place a statement names both at once.
            match envelopes.last_mut().filter(|one| (one.sequence, one.attempt) == (sequence, attempt)) {
                Some(one) if one.places.is_empty() || places.is_empty() => one.places.clear(),
                Some(one) => {
                    one.places.extend(places);
                    one.places.sort_unstable();
                    one.places.dedup();
                }
                None => envelopes.push(ErasedIn { sequence, attempt, places }),
            }
        }
    }
    named.values_mut().for_each(|envelopes| envelopes.sort_by_key(|one| (one.sequence, one.attempt)));
    Ok(named)
}

/// Whether this device may erase all of it; else who can.
fn check_rights(reader: &Reader, named: &Named) -> Result<()> {
    let Some(state) = reader.state() else { return Err(Error::Offline) };
    if reader.is_owner() || named.keys().all(|author| *author == reader.id()) {
        return Ok(());
    }
    let owners = state.holders().filter(|(_, holder)| holder.is_owner()).map(|(_, holder)| name_of(reader, holder));
    let owners: Vec<String> = owners.collect();
    let allowed = format!("what you wrote alone; an owner can erase this: {}", owners.join(", "));
    Err(Invalid::new("entry", "words of others", allowed).because(Reason::WrittenByOthers).into())
}

/// As many as one statement erases.
fn at_once(envelopes: Vec<ErasedIn>) -> Vec<Vec<ErasedIn>> {
    let (mut all, mut weight) = (vec![Vec::new()], 0);
    for one in envelopes {
        // Places of one envelope go in parts, too: what several statements erase of it adds up.
        let parts: Vec<Vec<u32>> = match one.places.len() {
            0 => vec![Vec::new()],
            _ => one.places.chunks(limits::ERASED_AT_ONCE).map(<[u32]>::to_vec).collect(),
        };
        for places in parts {
            let more = places.len().max(1);
            if weight + more > limits::ERASED_AT_ONCE {
                (weight, _) = (0, all.push(Vec::new()));
            }
            weight += more;
            if let Some(last) = all.last_mut() {
                last.push(ErasedIn { places, ..one });
            }
        }
    }
    all.retain(|some| !some.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_more_than_a_statement_takes_goes_in_several() {
        let one = |sequence, count: u32| ErasedIn { sequence, attempt: 0, places: (0..count).collect() };
        let parts = at_once(vec![one(1, 600), one(2, 300), one(3, 0), one(4, 100), one(5, 2400)]);
        let shape: Vec<Vec<(u64, usize)>> =
            parts.iter().map(|part| part.iter().map(|one| (one.sequence, one.places.len())).collect()).collect();
        assert_eq!(
            shape,
            [vec![(1, 600), (2, 300), (3, 0)], vec![(4, 100)], vec![(5, 1000)], vec![(5, 1000)], vec![(5, 400)]]
        );
        assert!(at_once(Vec::new()).is_empty());
    }
}
