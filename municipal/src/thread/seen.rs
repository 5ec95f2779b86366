//! Whether a reply has seen what it answers. Nothing is locked: a reply that has not is stopped, what it missed is shown
//! beside it, and the same reply is taken at the next press if only the parent wrote since. After a colleague's reply it takes
//! the difference read, and another key.

use std::time::Duration;

use ayumi_protocol::municipal::thread::{MessageId, Reply};

use super::said::Lines;
use crate::staff::StaffId;

/// A reply that was stopped. It stands on its author's first page until it is sent or thrown away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// Its name.
    pub id: MessageId,
    /// Whose it is.
    pub by: StaffId,
    /// How far its author had read when it was first sent.
    pub begun_at: u32,
}

/// What becomes of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is taken.
    Taken,
    /// It is stopped: its author has not seen all.
    Stopped {
        /// The newest line.
        newest: u32,
        /// A colleague's reply whose difference must be read first.
        beside: Option<u32>,
        /// How far its author had read when it was first sent.
        begun_at: u32,
    },
    /// Its name is another line's, or somebody else's.
    NameTaken,
}

/// Decides about a reply by somebody who may answer. One that stands already is not decided again; its name is taken.
pub fn judge(lines: &Lines, stopped: &[Stopped], by: StaffId, reply: &Reply, burst: Duration) -> Verdict {
    if lines.named(reply.id).is_some() {
        return Verdict::NameTaken;
    }
    let before = stopped.iter().find(|before| before.id == reply.id);
    if before.is_some_and(|before| before.by != by) {
        return Verdict::NameTaken;
    }
    let newest = lines.newest();
    // More than there is was never seen here: the browser is to look again.
    let seen = if reply.seen_through > newest { 0 } else { reply.seen_through };
    let begun_at = before.map_or(seen, |before| before.begun_at.min(seen));
    let colleague = lines.colleague_after(begun_at, by);
    let read = colleague.is_none_or(|theirs| reply.read_beside.is_some_and(|read| read >= theirs));
    if seen >= lines.must_be_seen(burst) && read {
        Verdict::Taken
    } else {
        Verdict::Stopped { newest, beside: colleague, begun_at }
    }
}
