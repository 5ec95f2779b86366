//! What statements erase leaves this device: the changes, the ciphertext with its seed, photos, the search index. What stands beside
//! them stays, proven by what is left, and is passed on.

use std::collections::BTreeSet;

use ayumi_protocol::key::KeyId;
use ayumi_protocol::line::later_than;

use super::archived::forget_in_archive;
use super::judgement::Judgement;
use super::kept::{InLine, before, greatest_before};
use crate::store::changes;
use crate::store::frames::{self, KeptFrame, Reading};
use crate::store::{StoreError, Tx, lines};
use crate::sync::reader::Reader;

/// What became of erasing.
#[derive(Default)]
pub(super) struct Erased {
    /// Something went.
    pub(super) went: bool,
    /// Whose later words are to be judged again: what went had the greatest clock reading before them.
    pub(super) lines: BTreeSet<KeyId>,
}

/// Erases in one notebook, as its chain says.
pub(super) struct Erasing<'a> {
    pub(super) tx: &'a Tx<'a>,
    /// With all statements that are known.
    pub(super) reader: &'a Reader,
}

impl Erasing<'_> {
    /// Erases in an author's envelope with this sequence and attempt, if it is here.
    pub(super) fn one(
        &self,
        author: KeyId,
        (sequence, attempt): (u64, u32),
        erased: &mut Erased,
    ) -> Result<(), StoreError> {
        let found = frames::of_author(self.tx, self.reader.notebook(), author, Some((sequence, attempt)))?;
        found.into_iter().try_for_each(|frame| self.frame(&frame, erased))
    }

    fn frame(&self, frame: &KeptFrame, erased: &mut Erased) -> Result<(), StoreError> {
        let header = frame.held.header();
        let Some(previous) = before(self.tx, self.reader, header)? else { return Ok(()) };
        let gone = self.reader.gone_of(&frame.held, &previous);
        let line = greatest_before(self.tx, header)?;
        if frame.counts && !gone.is_empty() {
            // Another one of the line may have the stamp of what does not count in it.
            changes::erase(self.tx, &later_than(&gone, line))?;
            forget_in_archive(self.tx, self.reader.notebook(), &gone)?;
        }
        // What stands cannot be told without the present key: then the envelope stays until another phone has told it.
        let Ok(Some(left)) = self.reader.left_of(&frame.held, &previous) else {
            erased.went |= !gone.is_empty();
            return Ok(());
        };
        let stands = InLine::of(&left.stand, line);
        let mut apart = 0;
        if frame.counts {
            let judged = Judgement::of(&stands.changes, self.reader);
            apart = stands.aside() + judged.apart + judged.take_in(self.tx)?.beyond;
        }
        let as_it_was = frame.held.is_remnant() && frame.held.to_bytes() == left.remnant.to_bytes();
        frames::strip(self.tx, frame.row, &left.remnant, as_it_was)?;
        let reading = Reading { changes: left.stand.count(), apart, greatest: stands.greatest };
        frames::note_reading(self.tx, frame.row, &reading)?;
        let fell = frame.counts && stands.greatest != frame.greatest;
        let several = lines::ends_of(self.tx, header.notebook, header.author)?.is_some_and(|ends| ends.count > 1);
        if several || (fell && frames::leans_on(self.tx, &frame.held, frame.greatest)?) {
            erased.lines.insert(header.author);
        }
        erased.went |= !as_it_was;
        Ok(())
    }
}
