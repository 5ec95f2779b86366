//! A small municipality for tests: three desks, six people, a week in December 2026 (the 7th is a Monday).

use std::collections::BTreeMap;
use std::time::Duration;

use ayumi_municipal::calendar::{Holidays, minutes_into};
use ayumi_municipal::hours::{Hours, Span};
use ayumi_municipal::moves::{Change, moved};
use ayumi_municipal::roster::{Roster, Slot};
use ayumi_municipal::staff::{Capability, Grant};
use ayumi_municipal::thread::{Opened, ParentAct, StaffAct};
use ayumi_municipal::{Desk, Duty, Event, Office, Refusal, Row, Staff, StaffId};
use ayumi_protocol::municipal::thread::id::DeskId;
use ayumi_protocol::municipal::thread::{
    Line, MessageId, Profession, RandomId, Reply, ThreadId, Topic, UnixMs, Urgency,
};
use chrono::{NaiveDate, Weekday};

pub(crate) const WEEKDAYS: [Weekday; 5] = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
pub(crate) const ALL_DAYS: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

pub(crate) const MIN: Duration = Duration::from_secs(60);
pub(crate) const MS: Duration = Duration::from_millis(1);

pub(crate) fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 12, day).unwrap()
}

/// A moment of December 2026, in Japan.
pub(crate) fn at(of: u32, hour: u32, minute: u32) -> UnixMs {
    minutes_into(day(of), hour * 60 + minute)
}

pub(crate) fn id(number: u64) -> RandomId {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    RandomId::from_random(bytes)
}

pub(crate) fn staff(number: u64) -> StaffId {
    StaffId(id(1000 + number))
}

/// The midwife and the nurse of the desk for children, its supervisor, the nurse of the night, the counsellor, and who administers
/// the desks but the counsellor's.
pub(crate) fn midwife() -> StaffId {
    staff(1)
}
pub(crate) fn nurse() -> StaffId {
    staff(2)
}
pub(crate) fn supervisor() -> StaffId {
    staff(3)
}
pub(crate) fn night_nurse() -> StaffId {
    staff(4)
}
pub(crate) fn counsellor() -> StaffId {
    staff(5)
}

pub(crate) fn administrator() -> StaffId {
    staff(6)
}

pub(crate) fn child() -> DeskId {
    "child".into()
}
pub(crate) fn night() -> DeskId {
    "night".into()
}
pub(crate) fn mind() -> DeskId {
    "mind".into()
}

pub(crate) fn span(days: &[Weekday], from: u32, minutes: u32) -> Span {
    Span { days: days.to_vec(), from, minutes }
}

pub(crate) fn office_hours() -> Hours {
    Hours {
        spans: vec![span(&WEEKDAYS, 8 * 60 + 30, 8 * 60 + 45)],
        closed_on_holidays: true,
        closed_yearly: [(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)].into(),
        ..Hours::default()
    }
}

pub(crate) fn night_hours() -> Hours {
    Hours { spans: vec![span(&ALL_DAYS, 17 * 60, 16 * 60)], ..Hours::default() }
}

pub(crate) fn desk(topics: &[Topic], hours: Hours, second: Option<&str>, is_confidential: bool) -> Desk {
    Desk {
        topics: topics.to_vec(),
        is_confidential,
        professions: Vec::new(),
        hours,
        second: second.map(DeskId::from),
        successor: None,
    }
}

pub(crate) fn grants(list: &[(Capability, &str)], until: UnixMs) -> Vec<Grant> {
    list.iter().map(|(capability, desk)| Grant { capability: *capability, desk: (*desk).into(), until }).collect()
}

/// An office and one thread, and a clock that tests turn.
#[derive(Clone)]
pub(crate) struct Town {
    pub(crate) office: Office,
    pub(crate) rows: BTreeMap<ThreadId, Row>,
    pub(crate) now: UnixMs,
    pub(crate) duties: Vec<Duty>,
    next: u64,
}

impl Town {
    /// Everybody is on at their desk all week, by day or by night; nobody is signed in.
    pub(crate) fn new() -> Self {
        let people = [
            (midwife(), Profession::Midwife, vec![(Capability::Answer, "child")]),
            (nurse(), Profession::Nurse, vec![(Capability::Answer, "child")]),
            (
                supervisor(),
                Profession::PublicHealthNurse,
                vec![
                    (Capability::Answer, "child"),
                    (Capability::Supervise, "child"),
                    (Capability::Supervise, "night"),
                    (Capability::Supervise, "mind"),
                ],
            ),
            (night_nurse(), Profession::Nurse, vec![(Capability::Answer, "night")]),
            (counsellor(), Profession::Psychologist, vec![(Capability::Answer, "mind")]),
            (
                administrator(),
                Profession::Clerk,
                vec![(Capability::Administer, "child"), (Capability::Administer, "night")],
            ),
        ];
        let end = at(31, 0, 0);
        let staff =
            people.map(|(id, profession, list)| (id, Staff { profession, grants: grants(&list, end), session: None }));
        let mut slots = Vec::new();
        for of in 6..=15 {
            for who in [midwife(), nurse(), supervisor()] {
                slots.push(Slot::on(who, child(), day(of), 8 * 60 + 30, 8 * 60 + 45));
            }
            slots.push(Slot::on(night_nurse(), night(), day(of), 17 * 60, 16 * 60));
            slots.push(Slot::on(counsellor(), mind(), day(of), 10 * 60, 6 * 60));
        }
        let mind_hours = Hours { spans: vec![span(&WEEKDAYS, 600, 360)], ..Hours::default() };
        let office = Office {
            desks: [
                (child(), desk(&[Topic::Development], office_hours(), Some("night"), false)),
                (night(), desk(&[Topic::NightIllness], night_hours(), None, false)),
                (mind(), desk(&[Topic::Mind], mind_hours, Some("night"), true)),
            ]
            .into(),
            staff: staff.into(),
            roster: Roster::new(slots),
            holidays: Holidays::new([NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()]),
            ..Office::default()
        };
        Self { office, rows: BTreeMap::new(), now: at(7, 9, 0), duties: Vec::new(), next: 1 }
    }

    /// A Monday at nine with these people signed in, and a thread at the children's desk.
    pub(crate) fn with(people: &[StaffId], urgency: Urgency) -> (Self, ThreadId) {
        let mut town = Self::new();
        for who in people {
            town.change(&Change::SignIn(*who)).unwrap();
        }
        let thread = town.open(&child(), urgency, true);
        (town, thread)
    }

    pub(crate) fn fresh(&mut self) -> RandomId {
        self.next += 1;
        id(self.next)
    }

    pub(crate) fn open(&mut self, desk: &DeskId, urgency: Urgency, second: bool) -> ThreadId {
        let thread = ThreadId(self.fresh());
        let line = Line { id: MessageId(self.fresh()), thread, urgency: None };
        let opened = Opened { desk: desk.clone(), line, urgency, second };
        let (row, duties) = Row::begin(&opened, self.now, &self.office);
        self.rows.insert(thread, row);
        self.duties.extend(duties);
        thread
    }

    pub(crate) fn row(&self, thread: ThreadId) -> &Row {
        &self.rows[&thread]
    }

    /// Puts rows down, and does what the server does between threads.
    pub(crate) fn put(&mut self, row: Row, duties: Vec<Duty>) {
        let (from, id) = (row.id, row.id);
        self.rows.insert(id, row);
        for duty in duties {
            match &duty {
                Duty::OpenHandoff { to, thread, waiting_since, urgency } => {
                    let line = Line { id: MessageId(self.fresh()), thread: *thread, urgency: None };
                    let opened = Opened { desk: to.clone(), line, urgency: *urgency, second: true };
                    let (row, more) = Row::hand_over(&opened, from, *waiting_since, self.now, &self.office);
                    self.put(row, more);
                }
                Duty::EndHandoff(thread) => self.office_act(*thread, ayumi_municipal::thread::OfficeAct::HandoffOver),
                Duty::ReceivedFrom(thread) => {
                    // Received by word already: nothing to do.
                    let act = ayumi_municipal::thread::OfficeAct::HandoffReceived;
                    let _ = self.try_do(*thread, Event::Office(act));
                }
                _ => {}
            }
            self.duties.push(duty);
        }
    }

    fn office_act(&mut self, thread: ThreadId, act: ayumi_municipal::thread::OfficeAct) {
        self.try_do(thread, Event::Office(act)).unwrap();
    }

    pub(crate) fn try_do(&mut self, thread: ThreadId, event: Event) -> Result<(), Refusal> {
        let (row, duties) = self.rows[&thread].after(&event, self.now, &self.office)?;
        self.put(row, duties);
        Ok(())
    }

    pub(crate) fn staff(&mut self, thread: ThreadId, who: StaffId, act: StaffAct) -> Result<(), Refusal> {
        self.try_do(thread, Event::Staff(who, act))
    }

    pub(crate) fn parent(&mut self, thread: ThreadId, act: ParentAct) {
        self.try_do(thread, Event::Parent(act)).unwrap();
    }

    pub(crate) fn write(&mut self, thread: ThreadId) -> MessageId {
        let line = MessageId(self.fresh());
        self.parent(thread, ParentAct::Write(Line { id: line, thread, urgency: None }));
        line
    }

    /// A reply of somebody who has seen everything.
    pub(crate) fn reply(&mut self, thread: ThreadId, who: StaffId) -> Result<(), Refusal> {
        let seen_through = self.row(thread).lines.newest();
        let id = MessageId(self.fresh());
        self.staff(thread, who, StaffAct::Reply(Reply { id, thread, seen_through, read_beside: None, urgent: false }))
    }

    /// A phone fetches everything.
    pub(crate) fn fetch(&mut self, thread: ThreadId) {
        let (through, news) = (self.row(thread).lines.newest(), self.row(thread).news);
        self.parent(thread, ParentAct::Fetched { through, news });
    }

    pub(crate) fn change(&mut self, change: &Change) -> Result<(), Refusal> {
        self.office.apply(change, self.now)?;
        let moved = moved(&self.office, change, self.rows.values(), self.now);
        for (row, duties) in moved {
            self.put(row, duties);
        }
        Ok(())
    }

    /// Lets time pass; the pages of whoever is named answer each minute, and the clock runs whenever something is due.
    pub(crate) fn pass(&mut self, length: Duration, pages: &[StaffId]) {
        let end = self.now.after(length);
        while self.now < end {
            let minute = self.now.after(MIN).min(end);
            let due = self.rows.values().map(|row| row.next_due(self.now, &self.office)).min().unwrap_or(UnixMs::END);
            self.now = due.min(minute);
            for who in pages {
                let _ = self.change(&Change::Seen(*who));
            }
            self.tick();
        }
    }

    /// Turns the clock without a page or a job, as when the server stands still.
    pub(crate) fn stand_still(&mut self, length: Duration) {
        self.now = self.now.after(length);
    }

    pub(crate) fn tick(&mut self) {
        for thread in self.rows.keys().copied().collect::<Vec<_>>() {
            self.try_do(thread, Event::Clock).unwrap();
        }
    }

    pub(crate) fn place(&self, thread: ThreadId) -> ayumi_municipal::Place {
        self.row(thread).place(self.now)
    }

    /// Returns the duties since this was last asked.
    pub(crate) fn new_duties(&mut self) -> Vec<Duty> {
        std::mem::take(&mut self.duties)
    }

    pub(crate) fn has_duty(&mut self, duty: &Duty) -> bool {
        self.new_duties().contains(duty)
    }
}
