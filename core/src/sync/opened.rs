//! What stands in an envelope: the changes that its author signed, without those that were erased, whoever shows them. What is left
//! of it is made here, too.

use std::collections::BTreeSet;

use ayumi_protocol::batch::{Batch, Decoded};
use ayumi_protocol::control::Erased;
use ayumi_protocol::envelope::{Envelope, Header, Tail};
use ayumi_protocol::opening::{Held, Opened, OpenedChange, Remnant};
use ayumi_protocol::snapshot::{Keyed, Leaf};
use ayumi_protocol::{Change, Hlc, author_hash};

use super::reader::{Reader, Stand, Words};
use crate::crypto::seal::{SealError, open, open_opening, seal_opening};

/// What is left of an envelope after something of it was erased.
#[derive(Debug, Clone, PartialEq)]
pub struct Left {
    /// To keep in its place, and to pass on.
    pub remnant: Remnant,
    /// The changes that stand.
    pub stand: Words,
}

/// What an envelope tells of itself: what keys its leaves, and the changes in it, each with its body as it stood in the batch.
pub(super) struct Told {
    pub(super) keyed: Keyed,
    pub(super) changes: Vec<(Change, Vec<u8>)>,
}

impl Reader {
    /// Returns what an envelope tells of itself, or what is left of one. `None` if this device cannot read it all, or while something
    /// that was erased of it is still here.
    pub(super) fn told(&self, held: &Held, previous: &Tail) -> Option<Told> {
        let header = held.header();
        let (opened, seed) = match (held, self.erased(header)) {
            (Held::Whole(envelope), None) => {
                let (decoded, bytes) = self.decoded(envelope, previous)?;
                (Opened::of(&decoded, &bytes, &Erased::Places(BTreeSet::new())), Some(decoded.batch.seed))
            }
            (Held::Remnant(remnant), Some(erased)) => {
                let opened = self.opened(remnant)?;
                opened.proven(header, previous, &erased)?;
                (opened, None)
            }
            (Held::Whole(_), Some(_)) | (Held::Remnant(_), None) => return None,
        };
        let leaf = |change: &OpenedChange| match change {
            OpenedChange::Kept { leaf_key, .. } => Leaf::Kept(*leaf_key),
            OpenedChange::Erased(leaf) => Leaf::Erased(*leaf),
        };
        let keyed = match seed {
            Some(seed) => Keyed::Whole { seed, count: opened.changes.len() },
            None => Keyed::Opened(opened.changes.iter().map(leaf).collect()),
        };
        let kept = opened.changes.into_iter().filter_map(|change| match change {
            OpenedChange::Kept { change, body, .. } => Some((change, body)),
            OpenedChange::Erased(_) => None,
        });
        let changes: Vec<(Change, Vec<u8>)> = kept.collect();
        none_is_behind(changes.iter().map(|(change, _)| change), header.stamp).then_some(Told { keyed, changes })
    }

    /// Opens an envelope that counts, or what is left of one, behind its author's previous one. `None` if this version cannot read
    /// all of it, lacks the key, or if its changes are not the ones that its author signed; and for what is left of one until a
    /// statement is known that erased just that.
    pub fn words_of(&self, held: &Held, previous: &Tail) -> Option<Words> {
        self.stand(held, previous).map(|stand| stand.words)
    }

    /// As [`Self::words_of`], with the key that the author tells.
    pub(super) fn stand(&self, held: &Held, previous: &Tail) -> Option<Stand> {
        let header = held.header();
        let erased = self.erased(header);
        let stand = match (held, &erased) {
            (Held::Whole(envelope), _) => {
                let Decoded { batch, leaves, .. } = self.decoded(envelope, previous)?.0;
                let stands = |place| !erased.as_ref().is_some_and(|erased| erased.includes(place));
                let all = (0..).zip(batch.changes.into_iter().zip(leaves));
                let changes = all.filter(|(place, _)| stands(*place)).map(|(_, change)| change);
                let words = Words { peer_heads: batch.peer_heads, ..Words::of(changes.collect()) };
                Stand { words, former_key: batch.former_key }
            }
            (Held::Remnant(_), Some(Erased::Whole)) => Stand { words: Words::default(), former_key: None },
            (Held::Remnant(remnant), Some(erased)) => {
                let opened = self.opened(remnant)?;
                let words = standing(&opened, header, previous, erased)?;
                let words = Words { peer_heads: opened.peer_heads, ..words };
                Stand { words, former_key: opened.former_key }
            }
            (Held::Remnant(_), None) => return None,
        };
        // The server took the header's clock reading and saw no other one.
        none_is_behind(&stand.words.changes, header.stamp).then_some(stand)
    }

    /// Returns where a change that somebody made to one of some entries stands in an envelope.
    pub fn places_of(&self, held: &Held, previous: &Tail, is_one: impl Fn(&Change) -> bool) -> Vec<u32> {
        let placed = self.placed(held, previous).into_iter();
        placed.filter(|(_, change)| is_one(change)).map(|(place, _)| place).collect()
    }

    /// Returns the changes that were erased of an envelope, as far as they are still in it.
    pub fn gone_of(&self, held: &Held, previous: &Tail) -> Vec<Change> {
        let Some(erased) = self.erased(held.header()) else { return Vec::new() };
        let placed = self.placed(held, previous).into_iter();
        placed.filter(|(place, _)| erased.includes(*place)).map(|(_, change)| change).collect()
    }

    /// The changes that are in an envelope, or in what is left of it, with their places.
    fn placed(&self, held: &Held, previous: &Tail) -> Vec<(u32, Change)> {
        match held {
            Held::Whole(envelope) => {
                let decoded = self.decoded(envelope, previous);
                decoded.map(|(decoded, _)| (0..).zip(decoded.batch.changes).collect()).unwrap_or_default()
            }
            Held::Remnant(remnant) => {
                let changes = self.opened(remnant).into_iter().flat_map(|opened| (0..).zip(opened.changes));
                let kept = changes.filter_map(|(place, change)| match change {
                    OpenedChange::Kept { change, .. } => Some((place, change)),
                    OpenedChange::Erased(_) => None,
                });
                kept.collect()
            }
        }
    }

    /// Leaves out of an envelope what statements erase of it. `None` if nothing is erased, or if this device cannot tell what
    /// stands: then it stays as it is.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn left_of(&self, held: &Held, previous: &Tail) -> Result<Option<Left>, SealError> {
        let (Some(state), Some(erased)) = (self.state(), self.erased(held.header())) else { return Ok(None) };
        let frame = held.frame();
        if erased == Erased::Whole {
            let remnant = Remnant { frame, opening: None };
            return Ok(Some(Left { remnant, stand: Words::default() }));
        }
        let standing = |opened: &Opened| standing(opened, &frame.header, previous, &erased);
        let opened = match held {
            Held::Whole(envelope) => {
                self.decoded(envelope, previous).map(|(decoded, bytes)| Opened::of(&decoded, &bytes, &erased))
            }
            Held::Remnant(remnant) => {
                let Some(old) = self.opened(remnant) else { return Ok(None) };
                // One that a server has already is as good as another.
                if let Some(stand) = standing(&old).filter(|_| remnant.check(state).is_ok()) {
                    return Ok(Some(Left { remnant: remnant.clone(), stand }));
                }
                Some(old.without(&erased))
            }
        };
        let Some((stand, opened)) = opened.and_then(|opened| Some((standing(&opened)?, opened))) else {
            return Ok(None);
        };
        let epoch = state.epoch();
        let Some(key) = self.key(epoch) else { return Ok(None) };
        let opening = seal_opening(&frame.hash(), (epoch, key), state.head(), &opened.to_bytes())?;
        Ok(Some(Left { remnant: Remnant { frame, opening: Some(opening) }, stand }))
    }

    /// What statements erase of an envelope.
    pub fn erased(&self, header: &Header) -> Option<Erased> {
        Some(self.state()?.erased(header)?.1)
    }

    /// Opens an envelope: the batch that its author signed, and its bytes.
    fn decoded(&self, envelope: &Envelope, previous: &Tail) -> Option<(Decoded, Vec<u8>)> {
        let header = &envelope.header;
        let key = self.key(header.epoch).filter(|_| header.is_understood())?;
        let bytes = open(envelope, key).ok()?;
        let decoded = Batch::from_bytes(header.notebook, header.author, &bytes).ok()?;
        let signed = author_hash::next(header.notebook, header.author, previous, &decoded.leaves) == header.author_hash;
        // What says nothing tells no time either.
        let tells = !decoded.leaves.is_empty() || header.stamp == previous.stamp;
        (signed && tells).then_some((decoded, bytes))
    }

    fn opened(&self, remnant: &Remnant) -> Option<Opened> {
        let (header, opening) = (&remnant.frame.header, remnant.opening.as_ref()?);
        let bytes = open_opening(opening, &remnant.frame.hash(), self.key(opening.epoch)?).ok()?;
        Opened::from_bytes(header.notebook, header.author, &bytes).ok()
    }
}

/// What stands in an opening, if it is the right one.
fn standing(opened: &Opened, header: &Header, previous: &Tail, erased: &Erased) -> Option<Words> {
    let proven = opened.proven(header, previous, erased)?.into_iter();
    Some(Words::of(proven.map(|(change, leaf)| (change.clone(), leaf)).collect()))
}

/// Whether no change is stamped later than its envelope says: a stamp that the server never saw would stand above every edit.
fn none_is_behind<'c>(changes: impl IntoIterator<Item = &'c Change>, header: Hlc) -> bool {
    changes.into_iter().all(|change| change.stamp.hlc <= header)
}
