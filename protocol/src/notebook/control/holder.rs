//! Who holds a notebook's keys: a member's device, an open invitation, the recovery sheet.

use crate::key::{KeyId, PublicKeys};

/// A person in one notebook: a random tag that all their devices there share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Person(pub [u8; 16]);

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Reads.
    Reader,
    /// Reads and writes.
    Writer,
    /// Reads, writes, and says who else does.
    Owner,
}

impl Role {
    /// Its key, as shells show it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Writer => "writer",
            Self::Owner => "owner",
        }
    }

    /// Reads it from its key; `None` for an unknown one.
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Reader, Self::Writer, Self::Owner].into_iter().find(|role| role.key() == key)
    }
}

/// What a holder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A member's device.
    Member,
    /// An invitation that nobody has used yet.
    Invitation {
        /// Milliseconds since 1970 after which it is void.
        expires_at: u64,
    },
    /// The recovery sheet that a family keeps in the paper handbook.
    Recovery,
}

impl What {
    /// Returns when an invitation ends, in milliseconds since 1970.
    pub const fn expires_at(self) -> Option<u64> {
        match self {
            Self::Invitation { expires_at } => Some(expires_at),
            Self::Member | Self::Recovery => None,
        }
    }
}

/// Somebody who has the notebook's keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// What it is.
    pub what: What,
    /// What it may do; what an invitation will be able to do.
    pub role: Role,
    /// Its public keys.
    pub keys: PublicKeys,
    /// A name, sealed.
    pub label: Vec<u8>,
    /// Whose it is; of an invitation, who comes by it.
    pub person: Person,
    /// The owner's device that made the code, or whose code let this member in; `None` for the founder.
    pub by: Option<KeyId>,
}

impl Holder {
    /// Whether it is a device of an owner.
    pub fn is_owner(&self) -> bool {
        self.what == What::Member && self.role == Role::Owner
    }

    /// Whether it is an open invitation that this device made. It ends when its maker is no owner any more.
    pub(super) fn is_invitation_of(&self, maker: KeyId) -> bool {
        matches!(self.what, What::Invitation { .. }) && self.by == Some(maker)
    }
}
