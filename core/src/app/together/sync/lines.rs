//! An author's lines as this file has them: works out again which envelopes stand, and shows and takes back what follows from it.

use std::collections::{BTreeMap, BTreeSet};

use ayumi_protocol::control::{Cutoff, Statement};
use ayumi_protocol::key::{Hash, KeyId};
use ayumi_protocol::lines::{Link, Place, ends, greatest, places};
use ayumi_protocol::opening::Held;
use ayumi_protocol::{Change, Hlc, Stamp, limits};

use super::judgement::Judgement;
use super::kept::{InLine, changes_in, greatest_before, words_in};
use super::odd::Aside;
use crate::model::naming::EntryKey;
use crate::store::absent::Named;
use crate::store::changes::{self, Delivery, Taken, apply_all, is_here, withdraw};
use crate::store::frames::{self, KeptFrame, Reading};
use crate::store::lines::{self, KeptLink};
use crate::store::{StoreError, Tx, View, channel, outbox};
use crate::sync::reader::Reader;

type Stored<T> = Result<T, StoreError>;

/// What came to light.
#[derive(Default)]
pub(super) struct Came {
    /// Changes that were not here before.
    pub(super) new: usize,
    /// Changes that may not stand in the notebook, or do not count in their author's line.
    pub(super) apart: usize,
    /// Those that do not count in their author's line.
    pub(super) odd: Aside,
    /// The greatest clock reading of them.
    pub(super) greatest: Hlc,
    /// Envelopes that a server took, and in whose place others stand.
    pub(super) displaced: BTreeSet<Hash>,
    /// What those name that stand now and did not before.
    pub(super) named: Vec<Named>,
}

/// Works out again which of an author's envelopes stand. What stands no more is taken back: others' words go; this device's own that
/// are beyond its cutoff stay with it, refused, and others of its own wait to be sent again. What stands now is shown.
pub(super) fn settle(tx: &Tx<'_>, reader: &Reader, author: KeyId) -> Stored<Came> {
    let Some(state) = reader.state() else { return Ok(Came::default()) };
    // Of two chains that part it is not decided yet which one stands: then what names the other one stays as it is.
    let kept = lines::links(tx, reader.notebook(), author)?;
    let other = kept.iter().map(|kept| (kept.counts, kept.link.control));
    let other: BTreeSet<Hash> =
        other.filter(|(counts, head)| *counts && !state.knows_head(head)).map(|(_, h)| h).collect();
    if !other.is_empty() {
        let told = channel::statements(tx, reader.notebook())?;
        let mut told = told.iter().filter_map(|stored| Statement::from_bytes(&stored.body).ok());
        if told.any(|statement| other.contains(&statement.hash())) {
            return Ok(Came::default());
        }
    }
    settle_by(tx, reader, author)
}

/// The same by a chain that is known to stand: what names another one counts nowhere.
pub(super) fn settle_by(tx: &Tx<'_>, reader: &Reader, author: KeyId) -> Stored<Came> {
    let Some(state) = reader.state() else { return Ok(Came::default()) };
    let kept = lines::links(tx, reader.notebook(), author)?;
    let links: Vec<Link> = kept.iter().map(|kept| kept.link).collect();
    let places = places(state, &author, &links);
    let ends = ends(&links, &places);
    let had_several = lines::ends_of(tx, reader.notebook(), author)?.is_some_and(|ends| ends.count > 1);
    let stands = |place: &Place| *place == Place::Stands;
    let gone = kept.iter().zip(&places).filter(|(kept, place)| kept.counts && !stands(place));
    let gone: Vec<(&KeptLink, Place)> = gone.map(|(kept, place)| (kept, *place)).collect();
    let come = kept.iter().zip(&places).filter(|(kept, place)| !kept.counts && stands(place));
    let come: Vec<&KeptLink> = come.map(|(kept, _)| kept).collect();
    let aside = kept.iter().zip(&places).filter(|(kept, place)| kept.placed && **place == Place::Displaced);
    let displaced: BTreeSet<Hash> = aside.map(|(kept, _)| kept.link.end.hash).collect();
    let gave_way = gone.iter().any(|(kept, _)| displaced.contains(&kept.link.end.hash));
    let odd = Aside { displaced: gave_way, ..Aside::default() };
    let mut words = Gone::default();
    for (kept, place) in &gone {
        words.take(tx, reader, (kept.row, *place))?;
    }
    let end = ends.first().and_then(|end| kept.iter().find(|kept| kept.link.end == *end)).map(|kept| kept.row);
    lines::keep_ends(tx, (reader.notebook(), author), (end, ends.len()))?;
    let one_line = ends.len() <= 1 && !had_several;
    if gone.is_empty() && (one_line || come.is_empty()) {
        let mut came = Came { displaced, ..Came::default() };
        for kept in come {
            one(tx, reader, kept.row, &mut came)?;
        }
        return Ok(came);
    }
    let before = frames::apart_count(tx, reader.notebook())?;
    come.iter().try_for_each(|kept| frames::count(tx, kept.row))?;
    if author != reader.id() {
        withdraw(tx, &words.all())?;
    }
    let Judged { stand, taken, mut named } = judge(tx, reader, author)?;
    named.retain(|row, _| come.iter().any(|kept| kept.row == *row));
    if author == reader.id() {
        for kept in come {
            let said = changes_in(tx, reader, &frames::held_in(tx, kept.row)?)?.unwrap_or_default();
            outbox::mark_confirmed(tx, &said)?;
        }
        words.keep_own(tx, &stand)?;
    }
    let apart = frames::apart_count(tx, reader.notebook())?.saturating_sub(before);
    let greatest = stand.iter().map(|change| change.stamp.hlc).max().unwrap_or_default();
    Ok(Came {
        new: taken.new,
        apart: usize::try_from(apart).unwrap_or(usize::MAX),
        odd,
        greatest,
        displaced,
        named: named.into_values().flatten().collect(),
    })
}

/// Shows what an envelope says that stands now, behind everything that its author's only line shows.
fn one(tx: &Tx<'_>, reader: &Reader, row: i64, came: &mut Came) -> Stored<()> {
    let held = frames::held_in(tx, row)?;
    frames::count(tx, row)?;
    let before = greatest_before(tx, held.header())?;
    let Some(words) = words_in(tx, reader, &held)? else { return frames::note_greatest(tx, row, before) };
    came.named.extend(Named::all(held.header(), &words.peer_heads));
    let in_line = InLine::of(&words, before);
    let judged = Judgement::of(&in_line.changes, reader);
    let Taken { new, beyond } = judged.take_in(tx)?;
    outbox::mark_confirmed(tx, &judged.fit)?;
    let apart = in_line.aside() + judged.apart + beyond;
    came.new += new;
    came.apart += apart;
    came.odd.doubled += in_line.doubled as u64;
    came.odd.back_dated += in_line.back_dated as u64;
    came.greatest = judged.fit.iter().map(|change| change.stamp.hlc).fold(came.greatest, Hlc::max);
    frames::note_reading(tx, row, &Reading { changes: words.count(), apart, greatest: in_line.greatest })
}

/// The words of envelopes that stand no more.
#[derive(Default)]
struct Gone {
    /// Another envelope stands in the place of theirs.
    displaced: Vec<Change>,
    /// They are beyond a cutoff.
    nowhere: Vec<Change>,
}

impl Gone {
    fn take(&mut self, tx: &Tx<'_>, reader: &Reader, (row, place): (i64, Place)) -> Stored<()> {
        let said = changes_in(tx, reader, &frames::held_in(tx, row)?)?.unwrap_or_default();
        match place {
            Place::Displaced => self.displaced.extend(said),
            Place::Nowhere | Place::Stands => self.nowhere.extend(said),
        }
        frames::count_nowhere(tx, row)
    }

    fn all(&self) -> Vec<Change> {
        self.displaced.iter().chain(&self.nowhere).cloned().collect()
    }

    /// This device's own words stay with it: what another envelope of its says still stands, the rest is refused, or sent again.
    fn keep_own(self, tx: &Tx<'_>, stand: &[Change]) -> Stored<()> {
        let stand: BTreeSet<(EntryKey, Stamp)> = stand.iter().map(|word| (EntryKey::of(word), word.stamp)).collect();
        let rest = |words: Vec<Change>| {
            let rest = words.into_iter().filter(|word| !stand.contains(&(EntryKey::of(word), word.stamp)));
            rest.collect::<Vec<Change>>()
        };
        changes::mark_refused(tx, &rest(self.nowhere))?;
        outbox::requeue(tx, &rest(self.displaced))
    }
}

/// What an author's envelopes say that stand: of several words for one entry and stamp the one with the smallest leaf, in whatever
/// line it is.
pub(super) struct Told {
    frames: Vec<ToldFrame>,
    smallest: BTreeMap<(EntryKey, Stamp), (Hash, Change)>,
}

/// What one of them says.
struct ToldFrame {
    row: i64,
    count: usize,
    /// How many of its changes do not count in its line.
    aside: Vec<Change>,
    doubled: usize,
    /// Those that do.
    changes: Vec<Change>,
    greatest: Option<Hlc>,
    /// What it names of others.
    named: Vec<Named>,
    read: bool,
}

impl Told {
    /// Reads all of an author's envelopes that stand, along their lines.
    pub(super) fn read(tx: &Tx<'_>, reader: &Reader, author: KeyId) -> Stored<Self> {
        let mut told = Self { frames: Vec::new(), smallest: BTreeMap::new() };
        let mut behind: BTreeMap<Hash, Option<Hlc>> = BTreeMap::new();
        let kept = frames::of_author(tx, reader.notebook(), author, None)?.into_iter().filter(|frame| frame.counts);
        for KeptFrame { row, held, .. } in kept {
            let before = behind.get(&held.header().previous).copied().flatten();
            let frame = told.frame(tx, reader, (row, &held), before)?;
            behind.insert(held.frame().hash(), frame.greatest);
            told.frames.push(frame);
        }
        Ok(told)
    }

    fn frame(
        &mut self,
        tx: &Tx<'_>,
        reader: &Reader,
        (row, held): (i64, &Held),
        before: Option<Hlc>,
    ) -> Stored<ToldFrame> {
        let Some(words) = words_in(tx, reader, held)? else {
            let (aside, changes, named) = (Vec::new(), Vec::new(), Vec::new());
            return Ok(ToldFrame { row, count: 0, aside, doubled: 0, changes, greatest: before, named, read: false });
        };
        let counts = |change: &Change| before.is_none_or(|before| change.stamp.hlc > before);
        for (change, leaf) in words.changes.iter().zip(&words.leaves).filter(|(change, _)| counts(change)) {
            let place = (EntryKey::of(change), change.stamp);
            let smallest = self.smallest.entry(place).or_insert_with(|| (*leaf, change.clone()));
            if *leaf < smallest.0 {
                *smallest = (*leaf, change.clone());
            }
        }
        let in_line = InLine::of(&words, before);
        let (changes, greatest) = (in_line.changes.to_vec(), in_line.greatest);
        let (count, doubled) = (words.count(), words.doubled);
        let named = Named::all(held.header(), &words.peer_heads).collect();
        let aside = words.changes.into_iter().filter(|change| !counts(change)).collect();
        Ok(ToldFrame { row, count, aside, doubled, changes, greatest, named, read: true })
    }

    /// Whether a word is the one that counts under its stamp.
    fn is_smallest(&self, change: &Change) -> bool {
        self.smallest.get(&(EntryKey::of(change), change.stamp)).is_some_and(|(_, smallest)| smallest == change)
    }

    /// All words that count.
    pub(super) fn into_words(self) -> Vec<Change> {
        self.smallest.into_values().map(|(_, change)| change).collect()
    }

    /// The word that counts under a stamp.
    pub(super) fn word(&self, entry: EntryKey, stamp: Stamp) -> Option<&Change> {
        self.smallest.get(&(entry, stamp)).map(|(_, change)| change)
    }
}

/// What was judged of all that an author wrote.
struct Judged {
    /// What stands.
    stand: Vec<Change>,
    taken: Taken,
    /// What each envelope names of others, by its row.
    named: BTreeMap<i64, Vec<Named>>,
}

/// Judges all that an author wrote again, along the lines: which changes are stamped later than all before them, and which are the
/// first of an entry that was changed too often, hangs on what stands before; and that may have been read late, or erased. So every
/// phone shows the same, in whatever order it could read.
fn judge(tx: &Tx<'_>, reader: &Reader, author: KeyId) -> Stored<Judged> {
    let told = Told::read(tx, reader, author)?;
    let mut written: BTreeMap<EntryKey, usize> = BTreeMap::new();
    let mut stand: BTreeMap<(EntryKey, Stamp), Change> = BTreeMap::new();
    let mut aside: Vec<Change> = Vec::new();
    for frame in &told.frames {
        if !frame.read {
            frames::note_greatest(tx, frame.row, frame.greatest)?;
            continue;
        }
        let counting: Vec<Change> = frame.changes.iter().filter(|change| told.is_smallest(change)).cloned().collect();
        let judged = Judgement::of(&counting, reader);
        let mut apart = frame.doubled + frame.aside.len() + frame.changes.len() - counting.len() + judged.apart;
        for change in judged.fit.iter() {
            let place = (EntryKey::of(change), change.stamp);
            if stand.contains_key(&place) {
                continue;
            }
            let count = written.entry(EntryKey::of(change)).or_default();
            if *count < limits::ENTRY_CHANGES {
                *count += 1;
                stand.insert(place, change.clone());
            } else {
                apart += 1;
                aside.push(change.clone());
            }
        }
        let counts: BTreeSet<Stamp> = frame.changes.iter().map(|change| change.stamp).collect();
        aside.extend(frame.aside.iter().filter(|change| !counts.contains(&change.stamp)).cloned());
        frames::note_reading(tx, frame.row, &Reading { changes: frame.count, apart, greatest: frame.greatest })?;
    }
    // Those that stand replace what has their stamps.
    aside.retain(|change| !stand.contains_key(&(EntryKey::of(change), change.stamp)));
    for change in stand.values() {
        if !is_here(tx, change)? {
            aside.push(change.clone());
        }
    }
    withdraw(tx, &aside)?;
    let stand: Vec<Change> = stand.into_values().collect();
    let taken = apply_all(tx, &stand, Delivery::Sent)?;
    let named = told.frames.into_iter().map(|frame| (frame.row, frame.named)).collect();
    Ok(Judged { stand, taken, named })
}

/// Judges all that some authors wrote again. What this device wrote it knows, unless a copy of it wrote, too.
pub(super) fn judge_lines(tx: &Tx<'_>, reader: &Reader, authors: &BTreeSet<KeyId>) -> Stored<()> {
    for author in authors {
        let ends = lines::ends_of(tx, reader.notebook(), *author)?;
        if *author != reader.id() || ends.is_some_and(|ends| ends.count > 1) {
            judge(tx, reader, *author)?;
        }
    }
    Ok(())
}

/// What a cutoff names of authors of whom more is known than one line's end that the server has: each line's last, and the last of
/// them that the server has, so that nothing is lost to those who are not told the rest.
pub(in crate::app) fn cutoffs(view: &View, reader: &Reader) -> Stored<BTreeMap<KeyId, Cutoff>> {
    let Some(state) = reader.state() else { return Ok(BTreeMap::new()) };
    let mut cutoffs = BTreeMap::new();
    for author in state.writers() {
        let (known, placed) = (
            lines::ends_of(view, reader.notebook(), *author)?,
            lines::greatest_placed(view, reader.notebook(), *author)?,
        );
        if known.filter(|ends| ends.count == 1).map(|ends| ends.tail.hash) == placed {
            continue;
        }
        let kept = lines::links(view, reader.notebook(), *author)?;
        let all: Vec<Link> = kept.iter().map(|kept| kept.link).collect();
        let placed: Vec<Link> = kept.iter().filter(|kept| kept.placed).map(|kept| kept.link).collect();
        let of = |links: &[Link]| ends(links, &places(state, author, links));
        let named = greatest(&placed).into_iter().chain(of(&all)).chain(of(&placed));
        cutoffs.insert(*author, Cutoff::of(named));
    }
    Ok(cutoffs)
}
