//! Who may do what with a thread: capability × desk × profession × place, as a table. The tenant comes with the database, which
//! shows an office no other's rows. Profession counts through the desk: it says which professions answer there.
//!
//! Who does not see a thread gets one answer for all reasons, the one for a thread that does not exist.

use ayumi_protocol::municipal::thread::UnixMs;
use ayumi_protocol::municipal::thread::id::DeskId;

use crate::office::{Desk, Office};
use crate::staff::{Capability, StaffId};
use crate::thread::Place::{Answered, Closed, Held, Queue, Sealed, Waiting};
use crate::thread::row::{Row, Stored};
use crate::thread::{Place, Refusal, StaffAct};

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// Sees that the thread is there, its number, and since when it waits.
    See,
    /// Opens its words.
    Open,
    /// Takes it from the queue.
    Claim,
    /// Puts it back.
    Return,
    /// Takes it from somebody else.
    TakeOver,
    /// Replies.
    Reply,
    /// Throws a stopped reply of their own away.
    ThrowAway,
    /// Closes it.
    Close,
    /// Sets a day of follow-up, or takes it away.
    FollowUp,
    /// Makes it more urgent.
    Raise,
    /// Acknowledges its alarm.
    Acknowledge,
    /// Records what came of the safe contact.
    Contacted,
    /// Says that they know the family.
    Know,
    /// Asks for a hand-over.
    HandoffAsk,
    /// Takes one back.
    HandoffWithdraw,
    /// Receives one, or gives it back.
    HandoffReceive,
}

/// In which relation to the thread somebody must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// Has the capability at a desk where it stands, and is signed in.
    AtDesk,
    /// Is present there.
    Present,
    /// Holds it.
    Holder,
    /// Is present there and does not hold it.
    Other,
    /// Is present at the desk to which it is handed over.
    Receiving,
    /// Held it when the family left, less than an hour ago.
    Reader,
}

/// One row of the table: this is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// What.
    pub act: Act,
    /// With which capability at the desk.
    pub capability: Capability,
    /// In which relation.
    pub who: Who,
    /// Where the thread is.
    pub places: &'static [Place],
    /// Whether a reason must be typed before.
    pub reason: bool,
}

const fn rule(act: Act, capability: Capability, who: Who, places: &'static [Place], reason: bool) -> Rule {
    Rule { act, capability, who, places, reason }
}

/// The places of a thread that is open.
const OPEN: &[Place] = &[Queue, Waiting, Held, Answered];
/// The places in which a desk sees that a thread is there.
const SEEN: &[Place] = &[Queue, Waiting, Held, Answered, Closed];

/// Everything that is allowed; all else is not. Words are opened by claiming, by taking over, or to supervise with a reason.
pub const TABLE: &[Rule] = &[
    rule(Act::See, Capability::Answer, Who::AtDesk, SEEN, false),
    rule(Act::See, Capability::Supervise, Who::AtDesk, SEEN, false),
    rule(Act::See, Capability::Answer, Who::Reader, &[Sealed], false),
    rule(Act::Open, Capability::Answer, Who::Holder, &[Held], false),
    rule(Act::Open, Capability::Answer, Who::Reader, &[Sealed], false),
    rule(Act::Open, Capability::Supervise, Who::AtDesk, SEEN, true),
    rule(Act::Claim, Capability::Answer, Who::Present, &[Queue], false),
    rule(Act::Return, Capability::Answer, Who::Holder, &[Held], false),
    rule(Act::TakeOver, Capability::Answer, Who::Other, &[Held], true),
    rule(Act::Reply, Capability::Answer, Who::Holder, &[Held], false),
    rule(Act::ThrowAway, Capability::Answer, Who::AtDesk, SEEN, false),
    rule(Act::Close, Capability::Answer, Who::Present, &[Answered], false),
    rule(Act::FollowUp, Capability::Answer, Who::Present, &[Answered], false),
    rule(Act::Raise, Capability::Answer, Who::Present, &[Queue, Held, Answered], false),
    rule(Act::Acknowledge, Capability::Answer, Who::Present, &[Queue], false),
    rule(Act::Contacted, Capability::Answer, Who::Present, &[Answered], false),
    rule(Act::Know, Capability::Answer, Who::AtDesk, SEEN, false),
    rule(Act::Know, Capability::Supervise, Who::AtDesk, SEEN, false),
    rule(Act::HandoffAsk, Capability::Answer, Who::Holder, &[Held], false),
    rule(Act::HandoffAsk, Capability::Answer, Who::Present, &[Answered], false),
    rule(Act::HandoffWithdraw, Capability::Answer, Who::Present, &[Queue, Held, Answered], false),
    rule(Act::HandoffReceive, Capability::Answer, Who::Receiving, OPEN, false),
];

impl StaffAct {
    /// Returns its row of the table.
    pub const fn act(&self) -> Act {
        match self {
            Self::Claim => Act::Claim,
            Self::Return => Act::Return,
            Self::TakeOver { .. } => Act::TakeOver,
            Self::Reply(_) => Act::Reply,
            Self::ThrowAway(_) => Act::ThrowAway,
            Self::Close => Act::Close,
            Self::FollowUp(_) => Act::FollowUp,
            Self::Raise(_) => Act::Raise,
            Self::Acknowledge => Act::Acknowledge,
            Self::Contacted(_) => Act::Contacted,
            Self::Know => Act::Know,
            Self::HandoffAsk(_) => Act::HandoffAsk,
            Self::HandoffWithdraw => Act::HandoffWithdraw,
            Self::HandoffReceive | Self::HandoffReturn => Act::HandoffReceive,
        }
    }

    /// Returns the reason that was typed, if one was.
    fn reason(&self) -> Option<&str> {
        match self {
            Self::TakeOver { reason } => Some(reason),
            _ => None,
        }
    }
}

/// Somebody before a thread.
struct Before<'a> {
    staff: StaffId,
    row: &'a Row,
    office: &'a Office,
    now: UnixMs,
}

impl Before<'_> {
    /// Whether they have a capability where the thread stands, and their profession answers there.
    fn is_at_desk(&self, capability: Capability) -> bool {
        let Some(person) = self.office.staff.get(&self.staff) else { return false };
        self.row.desks().any(|desk| {
            let takes = |desk: &Desk| capability != Capability::Answer || desk.takes(person.profession);
            self.office.desks.get(desk).is_some_and(takes) && person.has_until(capability, desk, self.now).is_some()
        })
    }

    fn is_present_at(&self, desk: &DeskId) -> bool {
        self.office.present_until(self.staff, desk, self.now).is_some()
    }

    /// Whether they hold it: the row says so, its time is not over, and the right is still there.
    fn holds(&self) -> bool {
        let hold = self.row.hold().filter(|hold| hold.staff == self.staff && self.row.until > self.now);
        hold.is_some_and(|hold| self.office.keeps_until(self.staff, &hold.desk, self.now).is_some())
    }

    fn receives(&self) -> bool {
        self.row.sent().is_some_and(|handoff| self.is_present_at(&handoff.to))
    }

    fn reads_on(&self) -> bool {
        let Stored::Sealed(left) = &self.row.stored else { return false };
        left.reader == Some(self.staff) && left.at.after(self.office.limits.reads_on) > self.now
    }

    fn stands(&self, rule: &Rule) -> bool {
        match rule.who {
            Who::AtDesk => self.is_at_desk(rule.capability),
            Who::Present => self.row.desks().any(|desk| self.is_present_at(desk)),
            Who::Holder => self.holds(),
            Who::Other => self.row.desks().any(|desk| self.is_present_at(desk)) && !self.holds(),
            Who::Receiving => self.receives(),
            Who::Reader => self.reads_on(),
        }
    }
}

/// Decides whether somebody may do something now.
///
/// # Errors
/// Why not; the same for everybody who does not see the thread.
pub fn check(
    act: Act,
    reason: Option<&str>,
    staff: StaffId,
    row: &Row,
    office: &Office,
    now: UnixMs,
) -> Result<(), Refusal> {
    let before = Before { staff, row, office, now };
    let person = office.staff.get(&staff).ok_or(Refusal::NotSignedIn)?;
    person.acting(now, &office.limits).ok_or(Refusal::NotSignedIn)?;
    let place = row.place(now);
    let may = |rule: &&Rule| rule.places.contains(&place) && before.stands(rule);
    let sees = TABLE.iter().filter(|rule| rule.act == Act::See).any(|rule| may(&rule));
    // The desk to which it is handed over sees the hand-over, and nothing else.
    let sees = sees || (act == Act::HandoffReceive && before.receives());
    if !sees || row.kept_from.contains(&staff) {
        return Err(Refusal::NoSuchThread);
    }
    let rules = || TABLE.iter().filter(|rule| rule.act == act);
    if let Some(rule) = rules().find(may) {
        let is_given = reason.is_some_and(|reason| !reason.trim().is_empty());
        return if rule.reason && !is_given { Err(Refusal::NoReason) } else { Ok(()) };
    }
    Err(match (act, row.hold()) {
        (Act::Claim, Some(hold)) if place == Held => Refusal::HeldBy(hold.staff),
        (Act::Return | Act::Reply | Act::Open, _) => Refusal::NotHeld,
        (Act::HandoffReceive, _) => Refusal::Handoff,
        _ if !rules().any(|rule| rule.places.contains(&place)) => Refusal::WrongPlace(place),
        (Act::HandoffAsk, _) if place == Held => Refusal::NotHeld,
        _ => Refusal::NotPresent,
    })
}

/// Decides about something that is done to a thread.
pub(crate) fn check_act(
    act: &StaffAct,
    staff: StaffId,
    row: &Row,
    office: &Office,
    now: UnixMs,
) -> Result<(), Refusal> {
    check(act.act(), act.reason(), staff, row, office, now)
}
