//! A change of the office together with the threads that it moves: one decision, one transaction. Nobody can take away a slot, a
//! desk, a right or a person and leave behind a thread that hangs on it.

pub mod kept;

use ayumi_protocol::municipal::thread::UnixMs;
use ayumi_protocol::municipal::thread::id::DeskId;

use crate::calendar::Holidays;
use crate::hours::Hours;
use crate::office::Office;
use crate::roster::{Roster, Slot};
use crate::staff::{Capability, Grant, Session, Staff, StaffId};
use crate::thread::{Duty, Refusal, Row};

/// A change of the office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Somebody signed in; how, is decided elsewhere.
    SignIn(StaffId),
    /// Somebody signed out.
    SignOut(StaffId),
    /// Somebody's desk page answered.
    Seen(StaffId),
    /// Somebody's page was locked.
    Lock(StaffId),
    /// And opened again.
    Unlock(StaffId),
    /// A supervisor gives a desk other slots.
    Slots {
        /// Who does it.
        by: StaffId,
        /// Which desk.
        desk: DeskId,
        /// All its slots from now on.
        slots: Vec<Slot>,
    },
    /// A supervisor gives a desk other hours.
    Hours {
        /// Who does it.
        by: StaffId,
        /// Which desk.
        desk: DeskId,
        /// Its hours from now on.
        hours: Hours,
    },
    /// A supervisor closes a desk for good.
    CloseDesk {
        /// Who does it.
        by: StaffId,
        /// Which desk.
        desk: DeskId,
        /// Who takes its threads.
        successor: Option<DeskId>,
    },
    /// An administrator gives somebody else other capabilities. That two people agreed to it, is decided elsewhere.
    Grants {
        /// Who does it.
        by: StaffId,
        /// Whose capabilities.
        staff: StaffId,
        /// All of them from now on.
        grants: Vec<Grant>,
    },
    /// An administrator says that somebody left the job: sessions, capabilities and slots end in one act.
    LeftJob {
        /// Who does it.
        by: StaffId,
        /// Who left.
        staff: StaffId,
    },
    /// An administrator puts in the Cabinet Office's newer file.
    Holidays {
        /// Who does it.
        by: StaffId,
        /// Its days.
        holidays: Holidays,
    },
    /// The office's server began again, perhaps with rows of an earlier day or holidays of a newer release.
    Began,
}

impl Change {
    /// Whether a desk may open at another time than before.
    const fn changes_opening(&self) -> bool {
        matches!(
            self,
            Self::Slots { .. }
                | Self::Hours { .. }
                | Self::CloseDesk { .. }
                | Self::LeftJob { .. }
                | Self::Holidays { .. }
                | Self::Began
        )
    }
}

impl Office {
    /// Changes the office, or leaves it as it is.
    ///
    /// # Errors
    /// Why it is refused: no right to it, or a desk without a successor.
    pub fn apply(&mut self, change: &Change, now: UnixMs) -> Result<(), Refusal> {
        match change {
            Change::SignIn(staff) => {
                let person = self.staff.get_mut(staff).ok_or(Refusal::NotAllowed)?;
                person.session = Some(Session { since: now, seen: now, locked: None });
            }
            Change::SignOut(staff) => self.staff.get_mut(staff).ok_or(Refusal::NotSignedIn)?.session = None,
            Change::Seen(staff) => self.session(*staff)?.seen = now,
            Change::Lock(staff) => {
                let session = self.session(*staff)?;
                session.locked = session.locked.or(Some(now));
            }
            Change::Unlock(staff) => {
                let session = self.session(*staff)?;
                (session.locked, session.seen) = (None, now);
            }
            Change::Slots { by, desk, slots } => {
                self.must_supervise(*by, desk, now)?;
                let others = self.roster.slots().iter().filter(|slot| slot.desk != *desk);
                let own = slots.iter().filter(|slot| slot.desk == *desk);
                self.roster = Roster::new(others.chain(own).cloned().collect());
            }
            Change::Hours { by, desk, hours } => {
                self.must_supervise(*by, desk, now)?;
                self.desks.get_mut(desk).ok_or(Refusal::NotAllowed)?.hours = hours.clone();
            }
            Change::CloseDesk { by, desk, successor } => {
                self.must_supervise(*by, desk, now)?;
                let next = successor.as_ref().filter(|next| *next != desk && self.may_go(desk, next));
                let next = next.ok_or(Refusal::NoSuccessor)?.clone();
                let closing = self.desks.get_mut(desk).filter(|desk| desk.is_open());
                closing.ok_or(Refusal::NotAllowed)?.successor = Some(next);
            }
            Change::Grants { by, staff, grants } => {
                self.must_give(*by, *staff, grants, now)?;
                self.staff.get_mut(staff).ok_or(Refusal::NotAllowed)?.grants.clone_from(grants);
            }
            Change::LeftJob { by, staff } => {
                self.must_administer(*by, now)?;
                let person = self.staff.get_mut(staff).ok_or(Refusal::NotAllowed)?;
                (person.session, person.grants) = (None, Vec::new());
                let others = self.roster.slots().iter().filter(|slot| slot.staff != *staff);
                self.roster = Roster::new(others.cloned().collect());
            }
            Change::Holidays { by, holidays } => {
                self.must_administer(*by, now)?;
                self.holidays = holidays.clone();
            }
            Change::Began => {}
        }
        Ok(())
    }

    fn session(&mut self, staff: StaffId) -> Result<&mut Session, Refusal> {
        self.staff.get_mut(&staff).and_then(|person| person.session.as_mut()).ok_or(Refusal::NotSignedIn)
    }

    /// Returns somebody who may act now.
    fn acting(&self, by: StaffId, now: UnixMs) -> Result<&Staff, Refusal> {
        let person = self.staff.get(&by).ok_or(Refusal::NotAllowed)?;
        person.acting(now, &self.limits).ok_or(Refusal::NotSignedIn)?;
        Ok(person)
    }

    fn must_supervise(&self, by: StaffId, desk: &DeskId, now: UnixMs) -> Result<(), Refusal> {
        let until = self.acting(by, now)?.has_until(Capability::Supervise, desk, now);
        until.map(drop).ok_or(Refusal::NotAllowed)
    }

    /// Accounts and holidays are the whole office's: an administrator of any desk may change them.
    fn must_administer(&self, by: StaffId, now: UnixMs) -> Result<(), Refusal> {
        let person = self.acting(by, now)?;
        let administers = |desk: &DeskId| person.has_until(Capability::Administer, desk, now).is_some();
        if self.desks.keys().any(administers) { Ok(()) } else { Err(Refusal::NotAllowed) }
    }

    /// Capabilities are given and taken by an administrator of each desk for which they become others, and by nobody to themselves:
    /// who administers would open families' words otherwise.
    fn must_give(&self, by: StaffId, staff: StaffId, grants: &[Grant], now: UnixMs) -> Result<(), Refusal> {
        self.must_administer(by, now)?;
        let (giver, before) = (self.acting(by, now)?, &self.staff.get(&staff).ok_or(Refusal::NotAllowed)?.grants);
        let taken = before.iter().filter(|grant| !grants.contains(grant));
        let mut others = grants.iter().filter(|grant| !before.contains(grant)).chain(taken);
        let may = others.all(|grant| giver.has_until(Capability::Administer, &grant.desk, now).is_some());
        if may && by != staff { Ok(()) } else { Err(Refusal::NotAllowed) }
    }
}

/// One thread that a change moved, and the duties that follow.
pub type Moved = (Row, Vec<Duty>);

/// Returns the threads that are others after a change than before, of an office that is changed already.
pub fn moved<'a>(office: &Office, change: &Change, rows: impl Iterator<Item = &'a Row>, now: UnixMs) -> Vec<Moved> {
    let settled = rows.filter(|row| may_move(office, change, row)).filter_map(|row| {
        let (after, duties) = row.settled(now, office, change.changes_opening());
        (after != *row || !duties.is_empty()).then_some((after, duties))
    });
    settled.collect()
}

/// Decides a change with all that it moves.
///
/// # Errors
/// Why it is refused; then nothing moves.
pub fn decide<'a>(
    office: &Office,
    change: &Change,
    rows: impl Iterator<Item = &'a Row>,
    now: UnixMs,
) -> Result<(Office, Vec<Moved>), Refusal> {
    let mut office = office.clone();
    office.apply(change, now)?;
    let moved = moved(&office, change, rows, now);
    Ok((office, moved))
}

/// Whether a change can move a thread at all: a page that answers moves none of another desk, and none that is answered.
fn may_move(office: &Office, change: &Change, row: &Row) -> bool {
    let Change::Seen(staff) = change else { return true };
    let waits = row.is_open() && row.waiting_since.is_some();
    let desks = || std::iter::once(&row.desk).chain(&row.second);
    let grants = || office.staff.get(staff).into_iter().flat_map(|person| &person.grants);
    waits && desks().any(|desk| grants().any(|grant| grant.desk == *desk))
}
