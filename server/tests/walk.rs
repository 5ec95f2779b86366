//! Thousands of rows that the rules make, written and read again; and a change of the roster with the threads that hang on it.

use ayumi_municipal::database::{Access, Transaction};
use ayumi_municipal::moves::{Change, kept as changes};
use ayumi_municipal::roster::{Roster, Slot, kept as slots};
use ayumi_municipal::thread::{Event, ParentAct, Place as At, StaffAct, kept as threads};
use ayumi_municipal::{Row, StaffId};
use ayumi_play::Dice;
use ayumi_protocol::municipal::thread::id::DeskId;
use ayumi_protocol::municipal::thread::{MessageId, Reply, ThreadId, UnixMs, Urgency};

use crate::place::{Open, Place, tenants};
use crate::town::{MIN, Town, at, child, counsellor, midwife, mind, night, night_nurse, nurse, supervisor};

contract!(
    what_the_rules_make_comes_back_as_it_was,
    a_row_is_kept_if_it_is_sound_and_refused_if_not,
    a_roster_changes_with_its_threads_in_one_transaction,
    what_is_due_is_found_by_the_moment_alone,
);

const PEOPLE: [fn() -> StaffId; 5] = [midwife, nurse, supervisor, night_nurse, counsellor];

/// A town whose rows lie in a database, too.
pub(crate) struct Kept<'a, P: Place> {
    pub(crate) open: &'a Open<P>,
    pub(crate) town: Town,
    tenant: usize,
    known: std::collections::BTreeMap<ThreadId, Row>,
}

impl<'a, P: Place> Kept<'a, P> {
    pub(crate) fn new(open: &'a Open<P>, tenant: usize, town: Town) -> Self {
        let mut transaction = open.begin(&tenants()[tenant], Access::Write);
        open.wait(async {
            slots::put(&mut transaction, town.office.roster.slots()).await.unwrap();
            transaction.commit().await.unwrap();
        });
        let mut kept = Self { open, town, tenant, known: Default::default() };
        kept.write();
        kept
    }

    /// Writes every row that is another one than before, and reads it again.
    pub(crate) fn write(&mut self) {
        let rows = self.town.rows.values().filter(|row| self.known.get(&row.id) != Some(row));
        let rows: Vec<Row> = rows.cloned().collect();
        let mut transaction = self.open.begin(&tenants()[self.tenant], Access::Write);
        self.open.wait(async {
            for row in &rows {
                let written = threads::put(&mut transaction, row, &self.town.office, self.town.now).await;
                assert_eq!(written, Ok(()), "{row:?}");
                assert_eq!(threads::get(&mut transaction, row.id).await.unwrap().as_ref(), Some(row));
            }
            transaction.commit().await.unwrap();
        });
        self.known = self.town.rows.clone();
    }

    fn change(&mut self, change: &Change) {
        let before = (self.town.office.clone(), self.town.now);
        let allowed = self.town.change(change).is_ok();
        let mut transaction = self.open.begin(&tenants()[self.tenant], Access::Write);
        let changed = self.open.wait(async {
            let changed = changes::change(&mut transaction, &before.0, change, before.1).await;
            if changed.is_ok() {
                transaction.commit().await.unwrap();
            }
            changed
        });
        assert_eq!(changed.is_ok(), allowed, "{change:?} {changed:?}");
        if let Ok((office, _)) = changed {
            assert_eq!(office, self.town.office);
        }
        self.write();
    }

    /// Does anything that somebody could do.
    fn step(&mut self, dice: &mut Dice) {
        let who = PEOPLE[dice.below(PEOPLE.len())]();
        let desks = [child(), night(), mind()];
        let desk = desks[dice.below(3)].clone();
        let threads: Vec<ThreadId> = self.town.rows.keys().copied().collect();
        let thread = threads.get(dice.below(threads.len())).copied();
        match (dice.below(16), thread) {
            (0, _) | (_, None) => {
                let urgency = [Urgency::Now, Urgency::Today, Urgency::Week][dice.below(3)];
                self.town.open(&desk, urgency, dice.percent(70));
            }
            (1, _) => PEOPLE.iter().for_each(|person| self.change(&Change::SignIn(person()))),
            (2 | 3, _) => PEOPLE.iter().for_each(|person| self.change(&Change::Seen(person()))),
            (4, _) => self.change(&[Change::Lock(who), Change::SignOut(who)][dice.below(2)].clone()),
            (5, _) => {
                let change = self.roster(&desk, dice);
                self.change(&change);
            }
            (6, Some(thread)) => {
                // Whoever may.
                let _ = PEOPLE.iter().any(|person| self.town.staff(thread, person(), StaffAct::Claim).is_ok());
            }
            (7, Some(thread)) => {
                let _ = PEOPLE.iter().any(|person| self.town.staff(thread, person(), StaffAct::Claim).is_ok());
                let holder = self.town.row(thread).hold().map_or(who, |hold| hold.staff);
                let _ = self.town.reply(thread, holder);
            }
            (8, Some(thread)) => {
                // One who has not seen the newest line.
                let (id, seen_through) = (MessageId(self.town.fresh()), 0);
                let reply = Reply { id, thread, seen_through, read_beside: None, urgent: dice.percent(50) };
                let _ = self.town.staff(thread, who, StaffAct::Reply(reply));
            }
            (9, Some(thread)) => {
                let _ = self.town.try_do(thread, Event::Parent(ParentAct::Close));
            }
            (10, Some(thread)) => {
                let (through, news) = (self.town.row(thread).lines.newest(), self.town.row(thread).news);
                let _ = self.town.try_do(thread, Event::Parent(ParentAct::Fetched { through, news }));
            }
            (11, Some(thread)) => {
                let acts = [
                    StaffAct::HandoffAsk(desk),
                    StaffAct::Acknowledge,
                    StaffAct::Know,
                    StaffAct::FollowUp(Some(self.town.now.after(120 * MIN))),
                    StaffAct::TakeOver { reason: "she went home".into() },
                    StaffAct::Contacted(true),
                ];
                let _ = self.town.staff(thread, who, acts[dice.below(acts.len())].clone());
            }
            (12, Some(thread)) => {
                let other = ThreadId(self.town.fresh());
                let acts = [
                    ParentAct::HandoffAgree(other),
                    ParentAct::Leave,
                    ParentAct::Undo,
                    ParentAct::Reopen,
                    ParentAct::KeepFrom(who),
                ];
                let _ = self.town.try_do(thread, Event::Parent(acts[dice.below(acts.len())].clone()));
            }
            (13, Some(thread)) if self.town.place(thread) != At::Destroyed => {
                let line =
                    ayumi_protocol::municipal::thread::Line { id: MessageId(self.town.fresh()), thread, urgency: None };
                let _ = self.town.try_do(thread, Event::Parent(ParentAct::Write(line)));
            }
            _ => {
                let pages = PEOPLE.map(|person| person());
                let length = [MIN, 5 * MIN, 45 * MIN, 20 * 60 * MIN][dice.below(4)];
                let here = if dice.percent(80) { &pages[..] } else { &[] };
                self.town.pass(length.min(180 * MIN), here);
            }
        }
        self.write();
    }

    /// A supervisor moves the ends of a desk's slots, or takes some away.
    fn roster(&self, desk: &DeskId, dice: &mut Dice) -> Change {
        let own = self.town.office.roster.slots().iter().filter(|slot| slot.desk == *desk);
        let mut slots: Vec<Slot> = own.cloned().collect();
        slots.retain(|_| !dice.percent(8));
        for slot in &mut slots {
            if dice.percent(30) {
                slot.to = UnixMs(slot.from.0 + dice.between(60_000, 12 * 3_600_000));
            }
            if dice.percent(10) {
                slot.from = slot.from.before(30 * MIN);
            }
        }
        Change::Slots { by: supervisor(), desk: desk.clone(), slots }
    }
}

fn what_the_rules_make_comes_back_as_it_was<P: Place>() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..3 {
        let open = Open::<P>::new();
        let mut kept = Kept::new(&open, 0, Town::new());
        let mut dice = Dice::new(seed);
        for person in PEOPLE {
            kept.change(&Change::SignIn(person()));
        }
        for _ in 0..200 {
            kept.step(&mut dice);
            seen.extend(kept.town.rows.values().map(|row| row.place(kept.town.now)));
        }
        let open_rows: Vec<Row> = kept.town.rows.values().filter(|row| row.is_open()).cloned().collect();
        let mut read = open.begin(&tenants()[0], Access::Read);
        let (mut found, roster) = open.wait(async {
            (threads::open(&mut read).await.unwrap(), slots::after(&mut read, UnixMs::NEVER).await.unwrap())
        });
        found.sort_by_key(|row| row.id);
        assert_eq!(found, open_rows, "seed {seed}");
        let longest = slots::difference(&roster, &kept.town.office.roster);
        assert_eq!(longest, slots::Difference::default(), "the roster is the office's, seed {seed}");
    }
    assert!(seen.len() >= 6, "a walk that goes nowhere proves nothing: {seen:?}");
}

/// What the database must refuse is what the rules call unsound: the same for rows that no event makes.
fn a_row_is_kept_if_it_is_sound_and_refused_if_not<P: Place>() {
    let open = Open::<P>::new();
    let (mut town, thread) = Town::with(&[midwife(), nurse()], Urgency::Today);
    town.open(&child(), Urgency::Now, false);
    let claimed = town.open(&child(), Urgency::Week, true);
    town.staff(claimed, midwife(), StaffAct::Claim).unwrap();
    let answered = town.open(&child(), Urgency::Week, true);
    town.staff(answered, nurse(), StaffAct::Claim).unwrap();
    town.reply(answered, nurse()).unwrap();
    town.parent(thread, ParentAct::Close);
    let kept = Kept::new(&open, 0, town);
    let rows: Vec<Row> = kept.town.rows.values().cloned().collect();
    let ways: [fn(&mut Row); 12] = [
        |row| row.until = UnixMs::NEVER,
        |row| row.waiting_since = None,
        |row| row.waiting_since = Some(row.queued_at),
        |row| row.present_until = row.present_until.after(MIN),
        |row| (row.joined, row.second) = (true, None),
        |row| (row.joined, row.second) = (true, Some("night".into())),
        |row| row.stored = ayumi_municipal::thread::row::Stored::Queued,
        |row| row.stored = ayumi_municipal::thread::row::Stored::Answered,
        |row| row.stored = ayumi_municipal::thread::row::Stored::Closed,
        |row| {
            row.alarm = Some(ayumi_municipal::thread::row::Alarm {
                since: row.queued_at,
                why: ayumi_municipal::thread::row::Why::Limit,
                steps: 1,
                still_until: UnixMs::NEVER,
            });
        },
        |row| {
            let hold =
                ayumi_municipal::thread::row::Hold { staff: midwife(), desk: "night".into(), claimed: row.queued_at };
            row.stored = ayumi_municipal::thread::row::Stored::Held(hold);
        },
        |_| {},
    ];
    let (mut kept_rows, mut refused) = (0, 0);
    for row in &rows {
        for (way, edit) in ways.iter().enumerate() {
            let mut row = row.clone();
            edit(&mut row);
            let mut transaction = open.begin(&tenants()[0], Access::Write);
            let written = open.wait(threads::put(&mut transaction, &row, &kept.town.office, kept.town.now));
            assert_eq!(written.is_ok(), row.is_sound(), "way {way}: {written:?} {row:?}");
            if row.is_sound() { kept_rows += 1 } else { refused += 1 }
        }
    }
    assert!(kept_rows >= 10 && refused >= 15, "{kept_rows} {refused}");
}

fn a_roster_changes_with_its_threads_in_one_transaction<P: Place>() {
    let open = Open::<P>::new();
    let (mut town, thread) = Town::with(&[midwife(), nurse()], Urgency::Week);
    town.change(&Change::SignIn(supervisor())).unwrap();
    town.staff(thread, midwife(), StaffAct::Claim).unwrap();
    let mut kept = Kept::new(&open, 0, town);
    let until = kept.town.row(thread).until;
    let desk = kept.town.office.roster.slots().iter().filter(|slot| slot.desk == child()).cloned();
    let desk: Vec<Slot> = desk.collect();
    let slots = |edit: &dyn Fn(&mut Slot) -> bool| {
        let mut slots = desk.clone();
        slots.retain_mut(|slot| slot.staff != midwife() || edit(slot));
        Change::Slots { by: supervisor(), desk: child(), slots }
    };
    // Longer, and beginning earlier: she goes on holding it.
    kept.change(&slots(&|slot| {
        slot.to = slot.to.after(60 * MIN);
        true
    }));
    kept.change(&slots(&|slot| {
        slot.from = slot.from.before(60 * MIN);
        true
    }));
    assert_eq!((kept.town.place(thread), kept.town.row(thread).until), (At::Held, until));
    // Ends before "until": the hold ends with it.
    let earlier = until.before(2 * MIN);
    kept.change(&slots(&|slot| {
        (slot.from, slot.to) =
            (slot.from.before(60 * MIN), if slot.from < earlier { earlier.min(slot.to) } else { slot.to });
        true
    }));
    assert_eq!((kept.town.place(thread), kept.town.row(thread).until), (At::Held, earlier));
    // Gone: it is in the queue, in the same transaction.
    kept.change(&slots(&|_| false));
    assert_eq!(kept.town.place(thread), At::Queue);
    let mut read = open.begin(&tenants()[0], Access::Read);
    let row = open.wait(threads::get(&mut read, thread)).unwrap().unwrap();
    assert_eq!(row.place(kept.town.now), At::Queue);
}

fn what_is_due_is_found_by_the_moment_alone<P: Place>() {
    let open = Open::<P>::new();
    let (mut town, first) = Town::with(&[midwife()], Urgency::Now);
    town.pass(2 * MIN, &[midwife()]);
    let second = town.open(&child(), Urgency::Week, false);
    town.change(&Change::Seen(midwife())).unwrap();
    let kept = Kept::new(&open, 0, town);
    let dues = [first, second].map(|thread| kept.town.row(thread).next_due(kept.town.now, &kept.town.office));
    let due = |now: UnixMs, most| {
        let mut read = open.begin(&tenants()[0], Access::Read);
        open.wait(threads::due(&mut read, now, most)).unwrap()
    };
    let soonest = *dues.iter().min().unwrap();
    assert!(due(UnixMs(soonest.0 - 1), 9).is_empty());
    assert!(!due(soonest, 9).is_empty());
    let all = due(at(31, 0, 0), 9);
    assert_eq!(all.len(), 2);
    assert_eq!(due(at(31, 0, 0), 1), all[..1]);
    assert_eq!(Roster::default().slots().len(), 0);
}
