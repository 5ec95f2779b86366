//! People of an office: profession, capabilities with their ends, session.

use ayumi_protocol::municipal::thread::id::DeskId;
use ayumi_protocol::municipal::thread::{Profession, RandomId, UnixMs};

use crate::limits::Limits;

/// Somebody who works at an office.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StaffId(pub RandomId);

/// What somebody may do at a desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capability {
    /// Answer families.
    Answer,
    /// Publish notices.
    Publish,
    /// See that nobody is forgotten: roster, hours, take-over.
    Supervise,
    /// Accounts and keys; no family's words.
    Administer,
}

/// A capability at one desk, up to a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// What.
    pub capability: Capability,
    /// Where.
    pub desk: DeskId,
    /// Until when.
    pub until: UnixMs,
}

/// A browser that is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// Since when.
    pub since: UnixMs,
    /// When its desk page last answered.
    pub seen: UnixMs,
    /// Since when it is locked. A locked page rings on and opens nothing.
    pub locked: Option<UnixMs>,
}

/// Somebody's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// Shown on every reply.
    pub profession: Profession,
    /// What they may do.
    pub grants: Vec<Grant>,
    /// The browser that is signed in.
    pub session: Option<Session>,
}

impl Staff {
    /// Returns until when somebody has a capability at a desk; `None` if they do not have it now.
    pub fn has_until(&self, capability: Capability, desk: &DeskId, now: UnixMs) -> Option<UnixMs> {
        let grants = self.grants.iter().filter(|grant| grant.capability == capability && grant.desk == *desk);
        grants.map(|grant| grant.until).max().filter(|until| *until > now)
    }

    /// Returns the session that may act now: signed in, not too long ago, not locked.
    pub fn acting(&self, now: UnixMs, limits: &Limits) -> Option<&Session> {
        self.session.as_ref().filter(|session| session.locked.is_none() && session.since.after(limits.session) > now)
    }
}
