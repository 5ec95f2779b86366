//! What can happen to a thread, and who does it.

use ayumi_protocol::municipal::thread::id::DeskId;
use ayumi_protocol::municipal::thread::{Line, MessageId, Reply, ThreadId, UnixMs, Urgency};

use super::said::Author;
use crate::staff::StaffId;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A parent does something, from whichever phone.
    Parent(ParentAct),
    /// Somebody who is signed in at the office does something.
    Staff(StaffId, StaffAct),
    /// The office's server does something.
    Office(OfficeAct),
    /// Time passes.
    Clock,
}

/// What a parent does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParentAct {
    /// Writes a line.
    Write(Line),
    /// Tells again a line of either direction that a restored server lacks.
    Retell {
        /// The line's name.
        id: MessageId,
        /// Whose it is: the office's signature, or the parent's own word.
        by: Author,
        /// When the server had taken it, as its receipt says.
        taken: UnixMs,
    },
    /// Has told all lines again.
    Retold,
    /// Closes the thread.
    Close,
    /// Opens it again.
    Reopen,
    /// A phone says what it has.
    Fetched {
        /// The number of the newest line.
        through: u32,
        /// The newest news.
        news: u64,
    },
    /// Agrees to a hand-over, with the name of the thread that it opens.
    HandoffAgree(ThreadId),
    /// Does not want it.
    HandoffRefuse,
    /// Takes it back.
    HandoffWithdraw,
    /// Does not want somebody to see the thread.
    KeepFrom(StaffId),
    /// Leaves the municipality.
    Leave,
    /// Comes back, with the six words.
    Undo,
}

/// What somebody at the office does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StaffAct {
    /// Takes a thread from the queue, to answer it.
    Claim,
    /// Puts it back.
    Return,
    /// Takes it from somebody else.
    TakeOver {
        /// Why, in words of their own.
        reason: String,
    },
    /// Sends a reply.
    Reply(Reply),
    /// Throws away a reply that was stopped.
    ThrowAway(MessageId),
    /// Closes the thread.
    Close,
    /// Says on which day somebody looks at it again; `None` says that nobody needs to.
    FollowUp(Option<UnixMs>),
    /// Makes it more urgent.
    Raise(Urgency),
    /// Says of the alarm that they will claim the thread.
    Acknowledge,
    /// Records what came of the safe contact, or that there is none.
    Contacted(bool),
    /// Knows the family, and is kept from the thread from now on.
    Know,
    /// Asks the parent whether another desk may have it.
    HandoffAsk(DeskId),
    /// Takes a hand-over back.
    HandoffWithdraw,
    /// Says, at the other desk, that they have it.
    HandoffReceive,
    /// Gives it back, at the other desk.
    HandoffReturn,
}

/// What the office's server does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfficeAct {
    /// Was put back from a backup.
    Restored,
    /// The thread that a hand-over opened was answered at the other desk: it was received.
    HandoffReceived,
    /// The hand-over that opened this thread is over: the first desk has it again.
    HandoffOver,
}
