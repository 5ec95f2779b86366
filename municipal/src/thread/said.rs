//! The lines of a thread in the order in which the server took them; whose they are, not what they say.

use std::time::Duration;

use ayumi_protocol::municipal::thread::{MessageId, UnixMs};

use crate::staff::StaffId;

/// Whose a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// The parent's, from whichever phone.
    Parent,
    /// Somebody's who answers.
    Staff(StaffId),
}

/// One line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// Its name.
    pub id: MessageId,
    /// Whose it is.
    pub by: Author,
    /// When the server took it.
    pub at: UnixMs,
}

/// All lines; the first is number 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines(Vec<Said>);

impl Lines {
    /// Returns the number of the newest line; 0 if there is none.
    pub fn newest(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// Returns the line with a name, if it was taken already.
    pub fn named(&self, id: MessageId) -> Option<&Said> {
        self.0.iter().find(|line| line.id == id)
    }

    /// Takes one more line.
    pub fn push(&mut self, line: Said) {
        self.0.push(line);
    }

    /// Returns all lines, from the first on.
    pub fn all(&self) -> &[Said] {
        &self.0
    }

    /// Returns the number of the newest reply; 0 if there is none.
    pub fn newest_reply(&self) -> u32 {
        let place = self.0.iter().rposition(|line| line.by != Author::Parent);
        place.and_then(|place| u32::try_from(place + 1).ok()).unwrap_or_default()
    }

    /// Returns the number of the newest reply by anybody but one person, behind a number; `None` if there is none.
    pub fn colleague_after(&self, number: u32, person: StaffId) -> Option<u32> {
        let theirs = |line: &Said| !matches!(line.by, Author::Parent) && line.by != Author::Staff(person);
        let place = self.0.iter().rposition(theirs)?;
        u32::try_from(place + 1).ok().filter(|newest| *newest > number)
    }

    /// Returns the number of the line that must have been seen by whoever answers now: the newest one. Lines of the parent within
    /// a burst are one, so that she is not interrupted and nobody is stopped five times: there it is the first of them.
    ///
    /// A burst is counted from its first line and not from its last, so that it ends.
    pub fn must_be_seen(&self, burst: Duration) -> u32 {
        let mut first = self.newest();
        let run = self.newest_reply() as usize;
        let mut begun: Option<UnixMs> = None;
        for (place, line) in self.0.iter().enumerate().skip(run) {
            if begun.is_none_or(|begun| line.at > begun.after(burst)) {
                begun = Some(line.at);
                first = u32::try_from(place + 1).unwrap_or(u32::MAX);
            }
        }
        first
    }
}
