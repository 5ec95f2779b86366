//! The data of one transaction: what was read, and what is to be written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ayumi_protocol::NotebookId;
use ayumi_protocol::accept::Taken;
use ayumi_protocol::control::{ServerKey, State};
use ayumi_protocol::end::End;
use ayumi_protocol::envelope::Frame;
use ayumi_protocol::key::{Hash, KeyId};
use ayumi_protocol::prefix::Prefix;

use crate::author::AuthorTail;
use crate::log::{LogError, LogResult, Place, next_place};

/// A notebook that a transaction has locked.
pub(super) struct LockedNotebook {
    pub(super) state: Option<Arc<State>>,
    pub(super) bytes: u64,
    pub(super) open_quota: Option<u64>,
    /// When it is deleted, as its owners closed it.
    pub(super) closes_at: Option<u64>,
    pub(super) end: End,
}

/// The data of one transaction: read state, and rows to write.
pub(super) struct Work {
    pub(super) notebooks: BTreeMap<NotebookId, LockedNotebook>,
    pub(super) tails: BTreeMap<(NotebookId, KeyId), AuthorEnd>,
    pub(super) rows: Vec<NewRow>,
    /// What is left of envelopes that are in the table, by place.
    pub(super) remnants: BTreeMap<(NotebookId, u64), Vec<u8>>,
    /// Notebooks that were closed or opened.
    pub(super) closings: BTreeSet<NotebookId>,
    pub(super) rules: Rules,
}

/// What a server holds everything against.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    /// The most bytes of a notebook.
    pub(super) quota: u64,
    /// The server's public keys: the present one, and those before it.
    pub(super) server: Arc<[ServerKey]>,
}

/// What is known of an author.
#[derive(Default)]
pub(super) struct AuthorEnd {
    pub(super) known: AuthorTail,
    /// The frame of the author's greatest envelope.
    pub(super) frame: Vec<u8>,
    /// Whether it is to be written.
    pub(super) is_new: bool,
}

pub(super) struct NewRow {
    pub(super) notebook: NotebookId,
    pub(super) place: Place,
    pub(super) control: bool,
    pub(super) author: KeyId,
    pub(super) sequence: u64,
    pub(super) attempt: u32,
    pub(super) body: Vec<u8>,
    pub(super) prefix: Prefix,
    pub(super) remnant: bool,
}

impl Work {
    /// What is known of an author so far.
    pub(super) fn known_of(&self, notebook: NotebookId, author: KeyId) -> AuthorTail {
        self.tails.get(&(notebook, author)).map(|end| end.known).unwrap_or_default()
    }

    /// Notes that an author's envelope was taken.
    pub(super) fn note(&mut self, frame: &Frame, taken: Taken) {
        let end = self.tails.entry((frame.header.notebook, frame.header.author)).or_default();
        end.known = end.known.with(frame, taken);
        if end.known.tail.hash == frame.hash() {
            end.frame = frame.to_bytes();
        }
        end.is_new = true;
    }

    /// Puts an item at the end of a log that is locked.
    pub(super) fn push(&mut self, notebook: NotebookId, hash: Hash, now_ms: u64, row: NewItem) -> LogResult<Place> {
        let locked = self.notebooks.get_mut(&notebook).ok_or(LogError::NoNotebook)?;
        locked.bytes += row.body.len() as u64;
        let NewItem { control, author, sequence, attempt, body, remnant } = row;
        let place = next_place(&mut locked.end, hash, control, now_ms);
        let prefix = locked.end.prefix;
        self.rows.push(NewRow { notebook, place, control, author, sequence, attempt, body, prefix, remnant });
        Ok(place)
    }
}

/// What is put there.
pub(super) struct NewItem {
    pub(super) control: bool,
    pub(super) author: KeyId,
    pub(super) sequence: u64,
    pub(super) attempt: u32,
    pub(super) body: Vec<u8>,
    pub(super) remnant: bool,
}
