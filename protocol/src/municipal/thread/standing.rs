//! What a parent is told of a thread: where it is, until when, and who is there.

use serde::{Deserialize, Serialize};

use super::id::{DeskId, ThreadId};
use super::lists::{HandoffState, ThreadState};
use super::time::UnixMs;

/// Where a thread stands, for the phones of the family whose it is. The keys are those of `consult show`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Which thread.
    pub id: ThreadId,
    /// The desk that answers for it.
    pub desk: DeskId,
    /// Where it is.
    pub state: ThreadState,
    /// Until when this holds, if nothing else happens: whoever writes must have answered by then.
    pub until: UnixMs,
    /// Whether the newest reply reached a phone.
    pub fetched: bool,
    /// The day on which it closes by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes_on: Option<UnixMs>,
    /// The second desk, once it was called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_desk: Option<DeskId>,
    /// How far a hand-over is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handoff: Option<HandoffState>,
    /// Until when the other desk must have said that it has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_by: Option<UnixMs>,
    /// When the desk opens, of a thread that waits for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<UnixMs>,
    /// Whether the day of opening is sure; beyond the known holidays a desk may be closed.
    #[serde(default)]
    pub may_be_closed: bool,
    /// Whether somebody is at the desk.
    pub open_now: bool,
    /// Which news this is: the phone says that it has it, and then the parent counts as told.
    pub news: u64,
}
