//! Words under their thread's key, that key under a week's: what a dump shows, what a week turns over, what erasing takes away.

use std::time::Duration;

use ayumi_municipal::database::{Access, Record, Transaction};
use ayumi_municipal::sealing::kept::{self, NoWords};
use ayumi_municipal::sealing::{ThreadKey, Week, Weeks};
use ayumi_protocol::municipal::thread::{ThreadId, UnixMs};
use ayumi_server::municipal::WeekKeys;
use tempfile::TempDir;

use crate::apart::town;
use crate::place::{Open, Place, tenants};
use crate::town::{Town, at};
use crate::walk::Kept;

contract!(
    a_dump_without_the_key_holds_no_word,
    keys_are_wrapped_anew_each_week_and_a_week_is_destroyed_after_thirty_five_days,
    what_was_erased_stays_erased_when_a_backup_is_put_back,
    an_old_backup_opens_nothing_once_its_week_is_destroyed,
);

const WORDS: &str = "夜になると涙が止まりません";

/// An office with a line of words in each thread.
struct Office<P: Place> {
    open: Open<P>,
    town: Town,
    keys: WeekKeys,
    folder: TempDir,
}

const DAY: Duration = Duration::from_secs(24 * 3600);

impl<P: Place> Office<P> {
    fn new(now: UnixMs) -> Self {
        let (open, town, folder) = (Open::<P>::new(), town(1, 1), tempfile::tempdir().unwrap());
        Kept::new(&open, 0, town.clone());
        let keys = WeekKeys::in_folder(folder.path().to_owned(), tenants()[0].clone());
        let weeks = keys.open(now).unwrap();
        let mut transaction = open.begin(&tenants()[0], Access::Write);
        open.wait(async {
            for (number, thread) in town.rows.keys().enumerate() {
                let (number, key) = (number as u8, ThreadKey::new([number as u8 + 40; 32]));
                kept::put_key(&mut transaction, &weeks, *thread, &key, [number; 12]).await.unwrap();
                let words = WORDS.as_bytes();
                kept::put_words(&mut transaction, &key, (*thread, 1), words, [number; 12]).await.unwrap();
            }
            transaction.commit().await.unwrap();
        });
        Self { open, town, keys, folder }
    }

    fn threads(&self) -> Vec<ThreadId> {
        self.town.rows.keys().copied().collect()
    }

    fn read(&self, weeks: &Weeks, thread: ThreadId) -> Result<String, NoWords> {
        let mut read = self.open.begin(&tenants()[0], Access::Read);
        let words = self.open.wait(kept::words(&mut read, weeks, (thread, 1)))?;
        Ok(String::from_utf8(words.to_vec()).unwrap())
    }

    fn turn(&self, now: UnixMs) -> Weeks {
        self.open.wait(self.keys.turn(&self.open.database, now)).unwrap()
    }

    fn files(&self) -> usize {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        entries.filter(|entry| entry.as_ref().unwrap().file_name().to_str().unwrap().contains(".week-")).count()
    }

    /// What a backup has of keys and words.
    fn backup(&self) -> [Vec<Record>; 2] {
        [
            "SELECT thread, week, wrapped FROM thread_keys WHERE tenant = $1",
            "SELECT thread, number, sealed FROM thread_words WHERE tenant = $1",
        ]
        .map(|sql| self.open.sql(&tenants()[0], sql))
    }

    fn put_back(&self, backup: &[Vec<Record>; 2]) {
        let tenant = &tenants()[0];
        P::attack(&self.open, tenant, "DELETE FROM thread_keys WHERE tenant = $1", &[]);
        for record in &backup[0] {
            let sql = "INSERT INTO thread_keys (tenant, thread, week, wrapped) VALUES ($1, $2, $3, $4)";
            P::attack(&self.open, tenant, sql, &record.0);
        }
        for record in &backup[1] {
            let sql = "INSERT INTO thread_words (tenant, thread, number, sealed) VALUES ($1, $2, $3, $4)";
            P::attack(&self.open, tenant, sql, &record.0);
        }
    }
}

fn a_dump_without_the_key_holds_no_word<P: Place>() {
    let office = Office::<P>::new(at(7, 9, 0));
    let weeks = office.keys.open(at(7, 9, 0)).unwrap();
    assert_eq!(office.read(&weeks, office.threads()[0]), Ok(WORDS.to_owned()));
    assert_eq!(office.read(&Weeks::default(), office.threads()[0]), Err(NoWords::NoWeek));
    let dump = office.open.place.dump();
    assert!(dump.len() > 10_000);
    for part in [WORDS.as_bytes(), "涙が".as_bytes(), &[40; 32], &[41; 32]] {
        assert!(!dump.windows(part.len()).any(|window| window == part), "{part:?}");
    }
    // Neither do the keys of the weeks lie in it.
    for entry in std::fs::read_dir(office.folder.path()).unwrap() {
        let key = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let raw: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&key[2 * at..2 * at + 2], 16).unwrap()).collect();
        assert!(!dump.windows(32).any(|window| window == raw));
        assert!(!dump.windows(64).any(|window| window == key.trim().as_bytes()));
    }
}

fn keys_are_wrapped_anew_each_week_and_a_week_is_destroyed_after_thirty_five_days<P: Place>() {
    let begun = at(7, 9, 0);
    let office = Office::<P>::new(begun);
    let first = Week::of(begun);
    for day in 0..60_u32 {
        let now = begun.after(DAY * day);
        let weeks = office.turn(now);
        assert_eq!(weeks.newest().unwrap().0, Week::of(now), "day {day}");
        assert_eq!(weeks.0.contains_key(&first), !first.is_over(now), "day {day}");
        assert_eq!(weeks.0.len(), office.files());
        assert!(office.files() <= 6);
        let wrapped = office.open.sql(&tenants()[0], "SELECT DISTINCT week FROM thread_keys WHERE tenant = $1");
        assert_eq!(wrapped, [Record(vec![Week::of(now).0.into()])], "all under this week's, day {day}");
        for thread in office.threads() {
            assert_eq!(office.read(&weeks, thread), Ok(WORDS.to_owned()), "day {day}");
        }
    }
    assert!(first.is_over(begun.after(DAY * 35)));
}

fn what_was_erased_stays_erased_when_a_backup_is_put_back<P: Place>() {
    let now = at(7, 9, 0);
    let office = Office::<P>::new(now);
    let backup = office.backup();
    let [erased, stays] = office.threads()[..] else { panic!() };
    let erase = |thread| office.open.wait(office.keys.erase(&office.open.database, thread)).unwrap();
    assert!(erase(erased));
    let weeks = office.keys.open(now).unwrap();
    assert_eq!(office.read(&weeks, erased), Err(NoWords::NoKey));
    assert_eq!(office.read(&weeks, stays), Ok(WORDS.to_owned()));
    let left = office.open.sql(&tenants()[0], "SELECT thread FROM thread_words WHERE tenant = $1");
    assert_eq!(left, [Record(vec![stays.0.into()])], "its words went along");
    office.put_back(&backup);
    assert_eq!(office.read(&weeks, erased), Ok(WORDS.to_owned()), "a backup brings it back");
    let again = || office.open.wait(office.keys.forget_again(&office.open.database)).unwrap();
    assert_eq!(again(), 1, "until the list is applied, before the first request");
    assert_eq!(office.read(&weeks, erased), Err(NoWords::NoKey));
    assert_eq!(office.read(&weeks, stays), Ok(WORDS.to_owned()));
    assert_eq!(again(), 0);
    assert!(!erase(erased), "twice is once");
}

fn an_old_backup_opens_nothing_once_its_week_is_destroyed<P: Place>() {
    let begun = at(7, 9, 0);
    let office = Office::<P>::new(begun);
    let backup = office.backup();
    office.turn(begun.after(DAY * 20));
    let later = begun.after(DAY * 42);
    let weeks = office.turn(later);
    assert_eq!(office.read(&weeks, office.threads()[0]), Ok(WORDS.to_owned()), "what lives goes on");
    office.put_back(&backup);
    for thread in office.threads() {
        assert_eq!(office.read(&weeks, thread), Err(NoWords::NoWeek));
    }
}
