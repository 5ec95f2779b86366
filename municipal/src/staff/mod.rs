//! People of an office: profession, capabilities with their ends, session; and how they sign in.
//!
//! | module | idea |
//! |---|---|
//! | [`pairs`] | who may be the second person |
//! | [`password`] | which passwords are taken, and their hashes |
//! | [`totp`] | the second factor |
//! | [`tries`] | how often somebody may try |
//! | [`token`] | what a browser or a link carries |
//! | [`kept`] | accounts, rights and sessions as the database keeps them |
//! | [`sign_in`] | a try that is counted, a password that is hashed, a session: three steps |
//! | [`links`] | one-time links: the first administrator, a new account, lost factors |

pub mod kept;
pub mod links;
pub mod pairs;
pub mod password;
pub mod sign_in;
pub mod token;
pub mod totp;
pub mod tries;

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

impl Capability {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Answer, Self::Publish, Self::Supervise, Self::Administer];

    /// Returns the stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Publish => "publish",
            Self::Supervise => "supervise",
            Self::Administer => "administer",
        }
    }
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
