//! Why something may not be done.

use super::place::Place;
use crate::staff::StaffId;

/// A refusal. Each has a next step, and a draft is never lost by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Refusal {
    /// There is no such thread for them: wrong desk, no capability, kept from it, or not there at all. All the same answer.
    #[error("there is no such thread")]
    NoSuchThread,
    /// Sign in first; drafts are kept.
    #[error("signed out, or locked")]
    NotSignedIn,
    /// They are not present at a desk where the thread stands.
    #[error("not on at this desk now")]
    NotPresent,
    /// Somebody else holds it: talk to them, or take over with a reason.
    #[error("somebody else holds it")]
    HeldBy(StaffId),
    /// They do not hold it, or no longer: claim it again; the draft is kept.
    #[error("the one who sends does not hold the thread")]
    NotHeld,
    /// Not where the thread is now.
    #[error("not possible where the thread is now")]
    WrongPlace(Place),
    /// It was written in another thread, and lands there or nowhere.
    #[error("written in another thread")]
    OtherThread,
    /// Another line has this name.
    #[error("the name is taken")]
    NameTaken,
    /// A reason must be typed first.
    #[error("a reason is needed")]
    NoReason,
    /// The reply has not been fetched: try the safe contact.
    #[error("the reply has not reached the family")]
    Unfetched,
    /// A hand-over is under way, or there is none.
    #[error("not with this state of a hand-over")]
    Handoff,
    /// Somebody is to look at it again: take that day away first.
    #[error("a follow-up is open")]
    FollowUp,
    /// Urgency is raised, never lowered.
    #[error("urgency is never lowered")]
    Lowered,
    /// Nothing rings, or they acknowledged it once and did not come.
    #[error("nothing to acknowledge")]
    NothingRings,
    /// The phones are telling again what a restored server lost: send again in some minutes.
    #[error("phones are still telling what was lost")]
    Retelling,
    /// Too many replies of theirs were stopped in this thread: send or throw away one of them first.
    #[error("too many stopped replies")]
    Drafts,
    /// The time for it is over.
    #[error("too late")]
    TooLate,
    /// A desk that closes needs a successor that is open and as confidential.
    #[error("no successor that may have its threads")]
    NoSuccessor,
    /// They may not change this about the office.
    #[error("not allowed")]
    NotAllowed,
}

impl Refusal {
    /// All of them, with whatever they carry at its first value.
    pub const KEYS: &[&str] = &[
        "no_such_thread",
        "not_signed_in",
        "not_present",
        "held_by",
        "not_held",
        "wrong_place",
        "other_thread",
        "name_taken",
        "no_reason",
        "unfetched",
        "handoff",
        "follow_up",
        "lowered",
        "nothing_rings",
        "retelling",
        "drafts",
        "too_late",
        "no_successor",
        "not_allowed",
    ];

    /// Returns the stable key, for pages and counts.
    pub const fn key(self) -> &'static str {
        match self {
            Self::NoSuchThread => "no_such_thread",
            Self::NotSignedIn => "not_signed_in",
            Self::NotPresent => "not_present",
            Self::HeldBy(_) => "held_by",
            Self::NotHeld => "not_held",
            Self::WrongPlace(_) => "wrong_place",
            Self::OtherThread => "other_thread",
            Self::NameTaken => "name_taken",
            Self::NoReason => "no_reason",
            Self::Unfetched => "unfetched",
            Self::Handoff => "handoff",
            Self::FollowUp => "follow_up",
            Self::Lowered => "lowered",
            Self::NothingRings => "nothing_rings",
            Self::Retelling => "retelling",
            Self::Drafts => "drafts",
            Self::TooLate => "too_late",
            Self::NoSuccessor => "no_successor",
            Self::NotAllowed => "not_allowed",
        }
    }
}
