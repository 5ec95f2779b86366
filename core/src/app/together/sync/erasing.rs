//! What statements erase leaves this device: the changes, the ciphertext with its seed, photos, the search index. What stands beside
//! them stays, proven by what is left, and is passed on.

use ayumi_protocol::key::KeyId;

use super::judgement::Judgement;
use super::kept::before;
use crate::store::changes;
use crate::store::frames::{self, KeptFrame};
use crate::store::{StoreError, Tx};
use crate::sync::reader::Reader;

/// Erases in one notebook, as its chain says.
pub(super) struct Erasing<'a> {
    pub(super) tx: &'a Tx<'a>,
    /// With all statements that are known.
    pub(super) reader: &'a Reader,
}

impl Erasing<'_> {
    /// Erases in an author's envelope with this sequence and attempt, if it is here. Returns whether something went.
    pub(super) fn one(&self, author: KeyId, (sequence, attempt): (u64, u32)) -> Result<bool, StoreError> {
        let found = frames::of_author(self.tx, self.reader.notebook(), author, Some((sequence, attempt)))?;
        found.into_iter().try_fold(false, |went, frame| Ok(self.frame(&frame)? || went))
    }

    fn frame(&self, frame: &KeptFrame) -> Result<bool, StoreError> {
        let Some(previous) = before(self.tx, self.reader, frame.held.header())? else { return Ok(false) };
        let gone = self.reader.gone_of(&frame.held, &previous);
        if frame.counts && !gone.is_empty() {
            changes::erase(self.tx, &gone)?;
        }
        // What stands cannot be told without the present key: then the envelope stays until another phone has told it.
        let Ok(Some(left)) = self.reader.left_of(&frame.held, &previous) else { return Ok(!gone.is_empty()) };
        let mut apart = 0;
        if frame.counts {
            let judged = Judgement::of(&left.stand, self.reader);
            apart = judged.apart + judged.take_in(self.tx)?.beyond;
        }
        let as_it_was = frame.held.is_remnant() && frame.held.to_bytes() == left.remnant.to_bytes();
        frames::strip(self.tx, frame.row, &left.remnant, (left.stand.len(), apart), as_it_was)?;
        Ok(!as_it_was)
    }
}
