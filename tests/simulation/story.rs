//! One family's story, and what must be true at its end.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Poll, Waker};

use ayumi_channel::memory::Contents;
use ayumi_core::app::sync::{Budget, SyncOutcome, SyncReport};
use ayumi_core::app::{Config, Handbook, ListFilter, NewChild, NewEntry};
use ayumi_core::model::notebook::Sex;
use ayumi_core::model::{EntryId, NotebookId};
use ayumi_play::Dice;
use ayumi_protocol::control::Role;
use ayumi_tests::family::{Municipality, Time, phone_config};
use ayumi_tests::handbook::day;
use tempfile::TempDir;

use super::network::Network;

/// What was played, over all seeds.
#[derive(Debug, Default, Clone)]
pub(crate) struct Told {
    written: u64,
    edited: u64,
    deleted: u64,
    restored: u64,
    joined: u64,
    removed: u64,
    left: u64,
    recovered: u64,
    killed: u64,
    faults: u64,
    clocks: u64,
    wiped: u64,
    rolled_back: u64,
    pub(crate) conflicts: u64,
    stopped: u64,
    pub(crate) came_last: u64,
    /// Joins that were confirmed by comparing words.
    pub(crate) compared: u64,
    /// Joins that were confirmed by the phone that made the code.
    answered: u64,
}

impl Told {
    pub(crate) fn add(&mut self, one: &Self) {
        for (sum, value) in self.all_mut().into_iter().zip(one.clone().all_mut()) {
            *sum += *value;
        }
    }

    fn all_mut(&mut self) -> [&mut u64; 18] {
        [
            &mut self.written,
            &mut self.edited,
            &mut self.deleted,
            &mut self.restored,
            &mut self.joined,
            &mut self.removed,
            &mut self.left,
            &mut self.recovered,
            &mut self.killed,
            &mut self.faults,
            &mut self.clocks,
            &mut self.wiped,
            &mut self.rolled_back,
            &mut self.conflicts,
            &mut self.stopped,
            &mut self.came_last,
            &mut self.compared,
            &mut self.answered,
        ]
    }

    pub(crate) fn everything_happened(&self) -> bool {
        self.clone().all_mut().into_iter().all(|count| *count > 0)
    }
}

/// Polls; a future that waits for ever is dropped, as when an app is put away.
pub(crate) fn poll<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    }
}

/// With `AYUMI_TELL` the story is told as it is played.
pub(crate) fn tell(words: impl FnOnce() -> String) {
    if std::env::var_os("AYUMI_TELL").is_some() {
        println!("{}", words());
    }
}

pub(crate) struct Phone {
    pub(crate) folder: TempDir,
    config: Config,
    wrong_ms: Arc<AtomicI64>,
    book: Option<Handbook>,
    /// In the notebook, as the phone's carer believes.
    joined: bool,
    /// Entries that existed when this phone was taken out; it must never see later ones of others.
    pub(crate) gone_at: Option<BTreeSet<EntryId>>,
    /// Its key when it was taken out.
    gone_key: String,
    /// The municipality forgot something since then: who had not heard of the removal writes for this phone too.
    pub(crate) forgotten: bool,
    /// Entries by phones that knew that this one was out.
    pub(crate) not_for: BTreeSet<EntryId>,
    /// What this phone itself wrote.
    pub(crate) own: BTreeSet<EntryId>,
}

impl Phone {
    pub(crate) fn new(time: &Time) -> Self {
        let folder = ayumi_tests::phones::folder();
        let (config, wrong_ms) = phone_config(folder.path(), time);
        let book = Handbook::create(&config, "家族").unwrap();
        let book = Some(book);
        Self {
            folder,
            config,
            wrong_ms,
            book,
            joined: false,
            gone_at: None,
            gone_key: String::new(),
            forgotten: false,
            not_for: BTreeSet::new(),
            own: BTreeSet::new(),
        }
    }

    pub(crate) fn book(&self) -> &Handbook {
        self.book.as_ref().unwrap()
    }

    /// The process is gone; another one opens the file.
    fn kill(&mut self) {
        self.book = None;
        self.book = Some(Handbook::open(&self.config).unwrap());
    }
}

pub(crate) struct Story {
    dice: Dice,
    pub(crate) time: Time,
    pub(crate) net: Network,
    pub(crate) phones: Vec<Phone>,
    pub(crate) notebook: NotebookId,
    backups: Vec<Contents>,
    /// Every value that was confirmed, by entry: what was written, by which phone.
    pub(crate) confirmed: BTreeMap<EntryId, Vec<(String, usize)>>,
    /// How often anybody did something to an entry.
    actions: BTreeMap<EntryId, usize>,
    /// Entries deleted by somebody who had seen everything that was done to them, and not touched since; by whom.
    pub(crate) surely_deleted: BTreeMap<EntryId, usize>,
    pub(crate) told: Told,
    count: u64,
}

/// A word that must not be found at the server.
pub(crate) const WORD: &str = "ひみつのことば";

pub(crate) fn play(seed: u64) -> Told {
    let time = Time::default();
    let municipality = Municipality::new(&time);
    let net = Network::new(municipality, seed ^ 0x6e65_7477_6f72_6b21);
    let first = Phone::new(&time);
    let child = NewChild { name: WORD.into(), sex: Sex::Female, born: day("2025-05-03"), ..NewChild::default() };
    let notebook = first.book().notebooks().add_child(&child).unwrap();
    let mut story = Story {
        dice: Dice::new(seed),
        time,
        net,
        phones: vec![Phone { joined: true, ..first }],
        notebook,
        backups: Vec::new(),
        confirmed: BTreeMap::new(),
        actions: BTreeMap::new(),
        surely_deleted: BTreeMap::new(),
        told: Told::default(),
        count: 0,
    };
    for _ in 0..25 + story.dice.below(25) {
        story.step();
    }
    story.end();
    story.told.faults = story.net.seen();
    story.told
}

impl Story {
    fn step(&mut self) {
        let who = self.dice.below(self.phones.len());
        let wait = 1 + self.dice.number() % 600_000;
        self.time.pass(wait);
        let kind = self.dice.below(100);
        tell(|| format!("phone {who}, {kind}"));
        match kind {
            0..=19 => self.write(who),
            20..=21 => self.compare_words(who, false),
            22..=33 => self.edit(who),
            34..=39 => self.delete(who),
            40..=42 => self.restore(who),
            43..=70 => _ = self.sync(who),
            71..=77 => self.join(),
            78..=79 => self.remove(),
            80 => self.leave(who),
            81..=82 => self.recover(),
            83..=87 => {
                self.phones[who].kill();
                self.told.killed += 1;
            }
            // Sessions end: devices show how far they have come.
            88..=89 => self.time.pass(3_600_000 * 24),
            90..=92 => {
                let hours = self.dice.below(100_000) as i64 - 50_000;
                self.phones[who].wrong_ms.store(hours * 3_600_000 / 10, Ordering::Relaxed);
                self.told.clocks += 1;
            }
            93..=95 => self.backups.push(self.net.municipality.contents()),
            96 => {
                self.net.municipality.restore(Contents::default());
                self.city_forgot();
                self.told.wiped += 1;
            }
            _ => {
                let Some(backup) = self.backups.pop() else { return };
                if self.dice.percent(50) {
                    self.net.municipality.restore(backup)
                } else {
                    self.net.municipality.roll_back(backup)
                }
                self.city_forgot();
                self.told.rolled_back += 1;
            }
        }
    }

    fn writes(&self, who: usize) -> bool {
        let phone = &self.phones[who];
        let view = phone.book().notebooks().find(self.notebook);
        phone.joined && view.is_ok_and(|view| view.role >= Some(Role::Writer))
    }

    fn text(&mut self) -> String {
        self.count += 1;
        format!("{WORD} {}", self.count)
    }

    fn write(&mut self, who: usize) {
        if !self.writes(who) {
            return;
        }
        let text = self.text();
        let entry = NewEntry::typed(self.notebook, "diary", "2026-04-01", &[("text", &text)]).unwrap();
        let id = self.phones[who].book().entries().add(&entry).unwrap();
        self.phones[who].own.insert(id);
        tell(|| format!("  write {id} {text}"));
        *self.actions.entry(id).or_default() += 1;
        self.confirmed.entry(id).or_default().push((text, who));
        let members = self.phones[who].book().members().list(self.notebook).unwrap_or_default();
        for phone in self.phones.iter_mut().filter(|phone| phone.gone_at.is_some()) {
            if !members.is_empty() && !members.iter().any(|member| member.id == phone.gone_key) {
                phone.not_for.insert(id);
            }
        }
        self.told.written += 1;
    }

    /// A phone's key, as the list of members shows it.
    fn key_of(&self, who: usize) -> String {
        let list = self.phones[who].book().members().list(self.notebook).unwrap_or_default();
        list.into_iter().find(|member| member.me).map(|member| member.id).unwrap_or_default()
    }

    fn city_forgot(&mut self) {
        self.phones.iter_mut().for_each(|phone| phone.forgotten = true);
    }

    /// An entry that this phone shows.
    fn some_entry(&mut self, who: usize, deleted: bool) -> Option<EntryId> {
        let filter = ListFilter { limit: 1000, deleted, ..ListFilter::default() };
        let all = self.phones[who].book().entries().list(self.notebook, &filter).ok()?;
        (!all.is_empty()).then(|| all[self.dice.below(all.len())].id)
    }

    fn edit(&mut self, who: usize) {
        let Some(id) = self.writes(who).then(|| self.some_entry(who, false)).flatten() else { return };
        let text = self.text();
        self.phones[who].book().entries().edit(id, &[("text", &text)]).unwrap();
        tell(|| format!("  edit {id} {text}"));
        self.confirmed.entry(id).or_default().push((text, who));
        *self.actions.entry(id).or_default() += 1;
        self.surely_deleted.remove(&id);
        self.told.edited += 1;
    }

    fn delete(&mut self, who: usize) {
        let Some(id) = self.writes(who).then(|| self.some_entry(who, false)).flatten() else { return };
        tell(|| format!("  delete {id}"));
        let seen = self.phones[who].book().entries().history(id).unwrap().len();
        self.phones[who].book().entries().delete(id).unwrap();
        let done = self.actions.entry(id).or_default();
        *done += 1;
        if seen + 1 == *done {
            self.surely_deleted.insert(id, who);
        }
        self.told.deleted += 1;
    }

    fn restore(&mut self, who: usize) {
        let Some(id) = self.writes(who).then(|| self.some_entry(who, true)).flatten() else { return };
        tell(|| format!("  restore {id}"));
        self.phones[who].book().entries().restore(id, None).unwrap();
        *self.actions.entry(id).or_default() += 1;
        self.surely_deleted.remove(&id);
        self.told.restored += 1;
    }

    fn sync(&mut self, who: usize) -> Option<SyncReport> {
        let book = self.phones[who].book().clone();
        let waits = |book: &Handbook| book.members().unconfirmed(self.notebook).is_ok_and(|waits| waits.is_some());
        let waited = waits(&book);
        let done = poll(book.sync().run(&self.net, Budget::default(), &|_, _| ()));
        self.told.answered += u64::from(waited && !waits(&book));
        let report = done.map(|report| report.expect("the file"));
        tell(|| format!("  sync {who}: {report:?}"));
        report
    }

    fn owner(&mut self) -> Option<usize> {
        let owners: Vec<usize> = (0..self.phones.len())
            .filter(|who| {
                let view = self.phones[*who].book().notebooks().find(self.notebook);
                self.phones[*who].joined && view.is_ok_and(|view| view.role == Some(Role::Owner))
            })
            .collect();
        (!owners.is_empty()).then(|| owners[self.dice.below(owners.len())])
    }

    /// A new phone, or one that was taken out, comes in.
    fn join(&mut self) {
        let Some(owner) = self.owner() else { return };
        let role = [Role::Owner, Role::Writer, Role::Writer, Role::Reader][self.dice.below(4)];
        let book = self.phones[owner].book().clone();
        let Some(Ok(invited)) = poll(book.members().invite(self.notebook, role, "", &self.net)) else { return };
        let back = (0..self.phones.len()).find(|who| !self.phones[*who].joined);
        let who = back.unwrap_or(self.phones.len());
        if who == self.phones.len() {
            if who == 4 {
                return;
            }
            self.phones.push(Phone::new(&self.time));
        }
        // Tried again with the same code, as people do.
        for _ in 0..4 {
            let book = self.phones[who].book().clone();
            match poll(book.members().join(&invited.code, &self.net)) {
                Some(Ok(_)) => {
                    self.came_in(who);
                    self.told.joined += 1;
                    return;
                }
                Some(Err(ayumi_core::app::Error::Invalid { .. } | ayumi_core::app::Error::AlreadyThere { .. })) => {
                    break;
                }
                _ => {}
            }
        }
        // It may have come in without knowing it: then it is a member all the same.
        self.came_in(who);
    }

    fn came_in(&mut self, who: usize) {
        self.phones[who].joined = true;
        self.phones[who].gone_at = None;
    }

    fn went_out(&mut self, who: usize, key: String) {
        self.phones[who].joined = false;
        self.phones[who].gone_key = key;
        self.phones[who].forgotten = false;
        self.phones[who].not_for.clear();
        self.phones[who].gone_at = Some(self.confirmed.keys().copied().collect());
    }

    fn remove(&mut self) {
        let Some(owner) = self.owner() else { return };
        let book = self.phones[owner].book().clone();
        let Ok(list) = book.members().list(self.notebook) else { return };
        let others: Vec<_> =
            list.into_iter().filter(|member| !member.me && member.what == ayumi_core::app::Holding::Member).collect();
        if others.is_empty() {
            return;
        }
        let gone = others[self.dice.below(others.len())].id.clone();
        let mine = (0..self.phones.len()).find(|who| {
            let list = self.phones[*who].book().members().list(self.notebook).unwrap_or_default();
            list.iter().any(|member| member.me && member.id == gone)
        });
        let done = poll(book.members().remove(self.notebook, &gone, &self.net));
        if let (Some(Ok(())), Some(who)) = (done, mine) {
            self.went_out(who, gone);
            self.told.removed += 1;
        }
    }

    fn leave(&mut self, who: usize) {
        let (book, key) = (self.phones[who].book().clone(), self.key_of(who));
        if self.phones[who].joined
            && let Some(Ok(())) = poll(book.members().leave(self.notebook, &self.net))
        {
            self.went_out(who, key);
            self.told.left += 1;
        }
    }

    /// A print is made and used at once, on a new phone.
    fn recover(&mut self) {
        let Some(owner) = self.owner() else { return };
        if self.phones.len() >= 4 {
            return;
        }
        let book = self.phones[owner].book().clone();
        let Some(Ok(print)) = poll(book.members().print_recovery(&self.net)) else { return };
        let phone = Phone::new(&self.time);
        let mut came = false;
        for _ in 0..4 {
            came |= matches!(poll(phone.book().members().recover(&print.code, &self.net)), Some(Ok(_)));
        }
        self.phones.push(phone);
        self.came_in(self.phones.len() - 1);
        self.told.recovered += u64::from(came);
    }

    /// The network heals, clocks are set, everybody syncs until nothing moves; then what must be true is true.
    fn end(&mut self) {
        self.net.heal();
        for phone in &self.phones {
            phone.wrong_ms.store(0, Ordering::Relaxed);
        }
        self.time.pass(600_000_000_000);
        let mut stopped = false;
        for round in 0..12 {
            let mut quiet = true;
            for who in 0..self.phones.len() {
                if round >= 4 {
                    self.compare_words(who, true);
                }
                let report = self.sync(who).expect("nothing waits now");
                let outcome = report.outcome;
                if outcome == SyncOutcome::Halted {
                    stopped = true;
                    quiet = false;
                    self.decide(who, round);
                }
                let state = self.phones[who].book().sync().state(self.notebook);
                quiet &= state.map_or(true, |state| state.waiting == 0) && outcome == SyncOutcome::Done;
                quiet &= report.pushed + report.pulled == 0;
            }
            if quiet && round >= 3 {
                break;
            }
        }
        self.told.stopped += u64::from(stopped);
        self.check();
        self.one_comes_last();
    }

    /// A carer decides what to do with a notebook that has stopped: first to read the server's log again; if it shows
    /// another chain of members than the one that was known (it was put back to a time before), to be invited anew.
    fn decide(&mut self, who: usize, round: usize) {
        if round < 2 {
            self.phones[who].book().sync().go_on(self.notebook).unwrap();
            return;
        }
        let owner = (0..self.phones.len()).find(|other| {
            let state = self.phones[*other].book().sync().state(self.notebook);
            *other != who && state.is_ok_and(|state| state.role == Some(Role::Owner) && state.halted.is_none())
        });
        let Some(owner) = owner else { return };
        let book = self.phones[owner].book().clone();
        if let Some(Ok(invited)) = poll(book.members().invite(self.notebook, Role::Owner, "", &self.net)) {
            poll(self.phones[who].book().members().join(&invited.code, &self.net)).unwrap().unwrap();
        }
    }
}
