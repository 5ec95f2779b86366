//! What is to be done because of an event: data, which the server does after it wrote the row in the same transaction.

use ayumi_protocol::municipal::thread::id::DeskId;
use ayumi_protocol::municipal::thread::{HandoffState, MessageId, ThreadId, UnixMs, Urgency};

use crate::staff::StaffId;

/// One duty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Duty {
    /// Tell the parent.
    Tell(Telling),
    /// Ring at a desk: a limit has passed.
    Ring(DeskId),
    /// Three minutes: ring at all others who are present at the desk.
    RingOthers(DeskId),
    /// Six minutes, or the limit of the queue: ring at the second desk.
    RingSecond(DeskId),
    /// Ten minutes, or nobody where somebody should be: call the line outside the browser. No words.
    OutsideLine,
    /// Ring at the desk: a reply was not fetched, and the safe contact is to be tried.
    RingUnfetched(DeskId),
    /// Show it to a supervisor: a reply was never fetched.
    Supervisor,
    /// Put it on the list that is handed over at the change of shifts.
    HandOverList,
    /// Keep somebody's draft, and tell them that they hold the thread no more.
    KeepDraft(StaffId),
    /// Tell whoever holds it that the parent closed it.
    TellHolder(StaffId),
    /// A reply was stopped: show what it missed beside it.
    Stopped {
        /// Which.
        id: MessageId,
        /// Whose.
        by: StaffId,
        /// The newest line.
        newest: u32,
        /// A colleague's reply whose difference must be read.
        beside: Option<u32>,
    },
    /// Ask the parent whether another desk may have it, with the summary.
    AskHandoff(DeskId),
    /// Open the thread that the parent agreed to at the other desk, with nothing but the summary.
    OpenHandoff {
        /// Where.
        to: DeskId,
        /// Its name.
        thread: ThreadId,
        /// Since when its parent waits.
        waiting_since: UnixMs,
        /// How soon an answer is needed.
        urgency: Urgency,
    },
    /// Close that thread: the hand-over is over.
    EndHandoff(ThreadId),
    /// Mark the hand-over of the thread that this one came from as received.
    ReceivedFrom(ThreadId),
    /// Count, for the office's figures, that nobody came at opening time.
    CountUnopened,
    /// Delete the wrapped key and list it among the forgotten.
    DestroyKey,
}

/// What the parent is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// The desk is closed: when it opens, who is open now, and numbers.
    Waits,
    /// The second desk was called, too.
    SecondDesk,
    /// Nobody has seen it yet; call.
    NobodyHasSeen,
    /// A reply is there.
    Answered,
    /// It closes tomorrow.
    ClosesTomorrow,
    /// It is closed.
    Closed,
    /// Another desk answers for it now.
    Moved,
    /// How far a hand-over is.
    Handoff(HandoffState),
    /// The server was put back; tell again what you have.
    Restored,
}
