//! Closing a notebook at its server, as a family sees it; and servers that lie about what is gone.

use std::sync::Mutex;

use ayumi_channel::answer::Origins;
use ayumi_channel::signer::Signer;
use ayumi_core::app::sync::{SyncOutcome, SyncWhy};
use ayumi_core::app::{Error, Handbook};
use ayumi_core::crypto::keys::SecretKeys;
use ayumi_core::sync::halt::Halt;
use ayumi_core::sync::transport::{RawResponse, Transport, Waiting};
use ayumi_protocol::NotebookId;
use ayumi_protocol::control::{CLOSED_FOR_MS, Role};
use ayumi_protocol::exchange::{Reply, Request};
use ayumi_protocol::gone::{Gone, WhyGone};
use ayumi_server::gone::Due;
use ayumi_server::log::Log;
use ayumi_tests::family::{Direct, Municipality, Time, sync, wait};
use ayumi_tests::phones::{Phone, child, phone, weigh};

const PLACE: &str = "https://ayumi.example:443";

/// What a server that lies makes of an answer.
type Lie = Box<dyn Fn(&Request, RawResponse) -> RawResponse + Send + Sync>;

/// A server that can be dialled, and lies if it is told to.
struct City {
    real: Direct,
    lie: Mutex<Option<Lie>>,
}

impl City {
    fn new(time: &Time, seed: u8) -> Self {
        let origins = Origins::Listed(vec![PLACE.into()]);
        Self { real: Direct(Municipality::with_key(time, origins, seed)), lie: Mutex::default() }
    }

    fn lies(&self, lie: impl Fn(&Request, RawResponse) -> RawResponse + Send + Sync + 'static) {
        *self.lie.lock().unwrap() = Some(Box::new(lie));
    }

    fn is_honest_again(&self) {
        *self.lie.lock().unwrap() = None;
    }

    fn items(&self, notebook: NotebookId) -> usize {
        self.real.0.contents().length(notebook)
    }

    /// Its house is kept.
    fn expire(&self, time: &Time) -> u64 {
        wait(self.real.0.log().expire(Due::now(time.now()))).unwrap()
    }
}

impl Transport for City {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        let answer = self.real.0.answer(path, &body);
        let answer = match (&*self.lie.lock().unwrap(), Request::from_bytes(&body)) {
            (Some(lie), Ok(request)) if path == "/v1/sync" => lie(&request, answer),
            _ => answer,
        };
        Box::pin(async move { Ok(answer) })
    }

    fn origin(&self) -> &str {
        PLACE
    }
}

fn raw(status: u16, body: Vec<u8>) -> RawResponse {
    RawResponse { status, body, retry_after: None }
}

/// A mother and a father in one notebook, with an entry of each.
fn at(city: &City, time: &Time, role: Role) -> (Phone, Phone, NotebookId) {
    let (mother, father) = (phone(time, "母"), phone(time, "父"));
    let notebook = child(&mother.book);
    let code = wait(mother.book.members().invite(notebook, role, "", city)).unwrap().code;
    wait(father.book.members().join(&code, city)).unwrap();
    for phone in [&mother, &father] {
        weigh(&phone.book, notebook, "9.1");
        assert_eq!(sync(&phone.book, city).outcome, SyncOutcome::Done);
    }
    sync(&mother.book, city);
    (mother, father, notebook)
}

fn why(book: &Handbook, city: &City) -> (SyncOutcome, Option<SyncWhy>) {
    let report = sync(book, city);
    (report.outcome, report.notebooks[0].why)
}

#[test]
fn what_is_closed_is_not_served_and_comes_back_whole_when_an_owner_opens_it() {
    let time = Time::default();
    let city = City::new(&time, 7);
    let (mother, father, notebook) = at(&city, &time, Role::Writer);
    let (later, closing) = (weigh(&father.book, notebook, "9.4"), time.now());
    let closed = wait(mother.book.members().close(notebook, false, &city)).unwrap();
    assert!(closed.until.is_some_and(|until| until >= closing + CLOSED_FOR_MS));
    let told = sync(&father.book, &city);
    let state = &told.notebooks[0];
    assert_eq!((told.outcome, state.why, state.waiting), (SyncOutcome::Gone, Some(SyncWhy::Closed), 1));
    assert_eq!((state.closed_by.as_deref(), state.gone_at), (Some("母"), closed.until), "by whom, and until when");
    assert_eq!(why(&father.book, &city), (SyncOutcome::Gone, Some(SyncWhy::Closed)), "its word still waits");
    assert_eq!(sync(&mother.book, &city).outcome, SyncOutcome::Done, "she knows, and nothing of hers waits");
    let refused = wait(mother.book.members().invite(notebook, Role::Reader, "", &city));
    assert!(matches!(refused, Err(Error::Invalid { .. })), "nobody comes in meanwhile");
    assert!(matches!(wait(father.book.members().undo_close(notebook, &city)), Err(Error::Invalid { .. })));
    wait(mother.book.members().undo_close(notebook, &city)).unwrap();
    assert_eq!(sync(&father.book, &city).outcome, SyncOutcome::Done);
    sync(&mother.book, &city);
    assert_eq!(mother.book.entries().show(later).unwrap().fields["weight"], 9.4, "what waited has come");
    time.pass(2 * CLOSED_FOR_MS);
    assert_eq!(city.expire(&time), 0);
}

#[test]
fn a_writer_who_closes_a_notebook_closes_nothing() {
    let time = Time::default();
    let city = City::new(&time, 7);
    let (mother, father, notebook) = at(&city, &time, Role::Writer);
    for at_once in [false, true] {
        let refused = wait(father.book.members().close(notebook, at_once, &city));
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
    }
    assert_eq!(sync(&mother.book, &city).outcome, SyncOutcome::Done);
}

#[test]
fn what_was_closed_is_not_founded_there_again_and_may_be_told_another_server() {
    let time = Time::default();
    let (city, other) = (City::new(&time, 7), City::new(&time, 8));
    let (mother, father, notebook) = at(&city, &time, Role::Writer);
    wait(mother.book.members().close(notebook, false, &city)).unwrap();
    time.pass(CLOSED_FOR_MS);
    assert_eq!((city.expire(&time), city.items(notebook)), (1, 0));
    weigh(&father.book, notebook, "9.4");
    for _ in 0..2 {
        assert_eq!(why(&father.book, &city), (SyncOutcome::Gone, Some(SyncWhy::ClosedForGood)));
    }
    father.book.sync().go_on(notebook).unwrap();
    assert_eq!(why(&father.book, &city), (SyncOutcome::Gone, Some(SyncWhy::ClosedForGood)), "also if he insists");
    assert_eq!(city.items(notebook), 0);
    // It binds for that server only.
    father.book.sync().set_server("https://other.example").unwrap();
    assert_eq!(sync(&father.book, &other).outcome, SyncOutcome::Done);
    assert!(other.items(notebook) > 0);
    assert_eq!(father.book.sync().state(notebook).unwrap().waiting, 0);
}

#[test]
fn one_of_two_owners_cannot_delete_at_once_what_the_other_wants_to_keep() {
    let time = Time::default();
    let city = City::new(&time, 7);
    let (mother, father, notebook) = at(&city, &time, Role::Owner);
    let closed = wait(father.book.members().close(notebook, true, &city)).unwrap();
    assert!(closed.until.is_some() && city.items(notebook) > 0, "only in thirty days");
    let id = mother.book.members().list(notebook).unwrap().into_iter().find(|member| !member.me).unwrap().id;
    wait(mother.book.members().remove(notebook, &id, &city)).unwrap();
    assert!(city.items(notebook) > 0, "taking him out is taken, and deletes nothing");
    assert_eq!(sync(&father.book, &city).outcome, SyncOutcome::Removed);
    wait(mother.book.members().undo_close(notebook, &city)).unwrap();
    assert_eq!(sync(&mother.book, &city).outcome, SyncOutcome::Done);
    let alone = wait(mother.book.members().close(notebook, true, &city)).unwrap();
    assert_eq!((alone.until, city.items(notebook)), (None, 0), "the only owner decides at once");
    assert_eq!(why(&mother.book, &city).1, Some(SyncWhy::ClosedForGood));
}

#[test]
fn a_closing_that_was_told_another_server_does_not_count_there() {
    let time = Time::default();
    let (city, other) = (City::new(&time, 7), City::new(&time, 8));
    let (mother, _father, notebook) = at(&city, &time, Role::Writer);
    wait(mother.book.members().close(notebook, false, &city)).unwrap();
    mother.book.sync().set_server("https://other.example").unwrap();
    assert_eq!(sync(&mother.book, &other).outcome, SyncOutcome::Done, "the chain says that it is closed elsewhere");
    weigh(&mother.book, notebook, "9.9");
    assert_eq!(sync(&mother.book, &other).outcome, SyncOutcome::Done);
    time.pass(2 * CLOSED_FOR_MS);
    assert_eq!((city.expire(&time), other.expire(&time)), (1, 0));
}

#[test]
fn a_server_that_says_closed_without_an_owners_word_is_not_believed() {
    let time = Time::default();
    let city = City::new(&time, 7);
    let (mother, _father, notebook) = at(&city, &time, Role::Writer);
    city.lies(|_, answer| match Reply::from_bytes(&answer.body) {
        Ok(reply) if answer.status == 200 => raw(200, Reply { closed: true, items: Vec::new(), ..reply }.to_bytes()),
        _ => answer,
    });
    assert_eq!(sync(&mother.book, &city).outcome, SyncOutcome::Halted);
    assert_eq!(mother.book.sync().state(notebook).unwrap().halted, Some(Halt::Chain));
}

/// A closed chain comes with holes between its places: in another order it would spoil what this phone keeps.
#[test]
fn a_server_that_shows_the_words_of_two_owners_in_another_order_is_not_believed() {
    let time = Time::default();
    let city = City::new(&time, 7);
    let (mother, father, notebook) = at(&city, &time, Role::Owner);
    for phone in [&father, &mother] {
        wait(phone.book.members().close(notebook, false, &city)).unwrap();
    }
    assert_eq!(why(&mother.book, &city).1, Some(SyncWhy::Closed));
    city.lies(|_, answer| match Reply::from_bytes(&answer.body) {
        Ok(mut reply) if answer.status == 200 && reply.items.len() >= 2 => {
            let last = reply.items.len() - 1;
            let body = reply.items[last].body.clone();
            reply.items[last].body = std::mem::replace(&mut reply.items[last - 1].body, body);
            raw(200, reply.to_bytes())
        }
        _ => answer,
    });
    assert_eq!(sync(&mother.book, &city).outcome, SyncOutcome::Halted);
    assert_eq!(mother.book.sync().state(notebook).unwrap().halted, Some(Halt::Chain));
    assert!(mother.book.doctor().examine(&mut |_, _| ()).unwrap().findings.is_empty(), "its file is as it was");
}

/// The word of a server that a notebook is gone, signed by whoever says it.
fn said(by: &SecretKeys, named: [u8; 32], notebook: NotebookId, when_ms: u64) -> RawResponse {
    let why = WhyGone::Closed;
    let signature = by.sign(Gone::PURPOSE, &Gone::signed_bytes(&named, notebook, why, when_ms));
    raw(410, Gone { server_key: named, notebook, why, when_ms, signature }.to_bytes())
}

#[test]
fn anothers_word_that_a_notebook_is_gone_or_one_about_another_notebook_is_none() {
    let time = Time::default();
    let city = City::new(&time, 7);
    let (mother, _father, notebook) = at(&city, &time, Role::Writer);
    let key = city.real.0.log().signer().public_key();
    let stranger = SecretKeys::generate().unwrap();
    let another = NotebookId::from_slice(&[9; 16]).unwrap();
    let now = time.now() + 1_000_000;
    let of_another = city.real.0.log().signer().gone(another, WhyGone::Closed, now).to_bytes();
    weigh(&mother.book, notebook, "9.9");
    for lie in [
        said(&stranger, stranger.public().sign, notebook, now),
        said(&stranger, key, notebook, now),
        raw(410, of_another),
        raw(410, b"gone".to_vec()),
    ] {
        let answer = lie.clone();
        city.lies(move |_, _| answer.clone());
        assert_eq!(why(&mother.book, &city), (SyncOutcome::Offline, Some(SyncWhy::NotReached)), "{lie:?}");
    }
    city.is_honest_again();
    assert_eq!(sync(&mother.book, &city).outcome, SyncOutcome::Done, "nothing of it stays");
}

#[test]
fn an_old_word_that_a_notebook_is_gone_does_not_count_after_it_went_on() {
    let time = Time::default();
    let city = City::new(&time, 7);
    let (mother, _father, notebook) = at(&city, &time, Role::Writer);
    wait(mother.book.members().close(notebook, false, &city)).unwrap();
    // Signed while it was closed, and kept.
    let old = city.real.0.log().signer().gone(notebook, WhyGone::Closed, time.now()).to_bytes();
    time.pass(1000);
    wait(mother.book.members().undo_close(notebook, &city)).unwrap();
    city.lies(move |_, _| raw(410, old.clone()));
    assert_eq!(sync(&mother.book, &city).outcome, SyncOutcome::Offline);
    city.is_honest_again();
    assert_eq!(sync(&mother.book, &city).outcome, SyncOutcome::Done);
}

#[test]
fn a_server_that_hides_a_notebook_is_told_nothing_until_a_carer_says_so() {
    let time = Time::default();
    let city = City::new(&time, 7);
    let (mother, _father, notebook) = at(&city, &time, Role::Writer);
    city.lies(|_, _| raw(404, b"no_notebook".to_vec()));
    weigh(&mother.book, notebook, "9.9");
    assert_eq!(why(&mother.book, &city), (SyncOutcome::Halted, Some(SyncWhy::Stopped)));
    assert_eq!(mother.book.sync().state(notebook).unwrap().halted, Some(Halt::Missing));
    city.is_honest_again();
    assert_eq!(sync(&mother.book, &city).outcome, SyncOutcome::Halted);
    mother.book.sync().go_on(notebook).unwrap();
    assert_eq!(sync(&mother.book, &city).outcome, SyncOutcome::Done);
}

#[test]
fn what_a_server_forgot_it_says_and_nobody_who_was_invited_comes_in() {
    let time = Time::default();
    let city = City::new(&time, 7);
    let (mother, father, notebook) = at(&city, &time, Role::Writer);
    let code = wait(mother.book.members().invite(notebook, Role::Reader, "", &city)).unwrap().code;
    wait(city.real.0.log().forget(notebook, time.now())).unwrap();
    for phone in [&mother, &father] {
        assert_eq!(why(&phone.book, &city), (SyncOutcome::Gone, Some(SyncWhy::Forgotten)));
        assert_eq!(sync(&phone.book, &city).outcome, SyncOutcome::Done, "told once");
    }
    let aunt = phone(&time, "おば");
    assert!(matches!(wait(aunt.book.members().join(&code, &city)), Err(Error::NotFound { .. })));
    assert_eq!(city.items(notebook), 0);
}

#[test]
fn who_comes_in_the_last_six_months_is_told_when_the_notebook_would_have_gone() {
    const DAY: u64 = 24 * 60 * 60 * 1000;
    let two_years = 2 * 365 * DAY;
    let time = Time::default();
    let way = Direct(Municipality::ending_unvisited(&time, two_years));
    let mother = phone(&time, "母");
    let notebook = child(&mother.book);
    sync(&mother.book, &way);
    let came = time.now();
    let told = |book: &Handbook| {
        let report = sync(book, &way);
        let state = report.notebooks.iter().find(|state| state.notebook == notebook).unwrap();
        assert_eq!((report.outcome, state.why), (SyncOutcome::Done, None));
        state.ends_at
    };
    assert_eq!(told(&mother.book), None);
    // A year and a half, and some days, by the server's own clock.
    time.pass(18 * 30 * DAY + 20 * DAY);
    let ends_at = told(&mother.book).expect("within six months");
    assert!((came + two_years - 60_000..=came + two_years).contains(&ends_at), "{ends_at} {came}");
    assert_eq!(told(&mother.book), None, "she came: it stays");
    time.pass(two_years / 2);
    assert_eq!(told(&mother.book), None);
    let due = Due { now_ms: time.now(), unvisited_since: Some(time.now() - two_years) };
    assert_eq!(wait(way.0.log().expire(due)).unwrap(), 0);
}

/// The operator changes its key, as its challenges said, and whoever knows the key before believes what is said under the next one.
fn changes_key(city: &City) {
    city.real.0.change_key();
}

/// Who means harm keeps a notebook going that an owner closed: the server changed its key since, and says that it is another one.
#[test]
fn a_closing_that_names_the_key_before_still_counts_at_that_server() {
    let time = Time::default();
    let city = City::new(&time, 7);
    let (mother, father, notebook) = at(&city, &time, Role::Writer);
    let closed = wait(mother.book.members().close(notebook, false, &city)).unwrap();
    changes_key(&city);
    time.pass(1000);
    for phone in [&father, &mother] {
        weigh(&phone.book, notebook, "9.9");
        let before = city.items(notebook);
        let report = sync(&phone.book, &city);
        let state = &report.notebooks[0];
        assert_eq!((state.why, state.waiting, state.halted), (Some(SyncWhy::Closed), 1, None), "{report:?}");
        assert_eq!((state.closed_by.as_deref(), state.gone_at), (Some("母"), closed.until));
        assert_eq!(city.items(notebook), before, "nothing of it is taken");
    }
    wait(mother.book.members().undo_close(notebook, &city)).unwrap();
    for phone in [&father, &mother] {
        assert_eq!(sync(&phone.book, &city).outcome, SyncOutcome::Done, "whatever name it was closed under");
    }
    // Closed under the new key, it is closed after the next change, too, and goes in time.
    let until = wait(mother.book.members().close(notebook, false, &city)).unwrap().until.unwrap();
    changes_key(&city);
    assert_eq!(why(&father.book, &city), (SyncOutcome::Gone, Some(SyncWhy::Closed)));
    time.pass(until - time.now());
    assert_eq!(city.expire(&time), 1);
    for phone in [&father, &mother] {
        assert_eq!(why(&phone.book, &city), (SyncOutcome::Gone, Some(SyncWhy::ClosedForGood)));
    }
}

/// A server's word that a notebook is gone is its word also under the key of which it said that it follows, and under no other one.
#[test]
fn a_word_that_a_notebook_is_gone_counts_under_the_key_that_follows_and_under_none_behind_it() {
    let time = Time::default();
    let city = City::new(&time, 7);
    let (mother, father, notebook) = at(&city, &time, Role::Writer);
    let now = time.now() + 1_000_000;
    let word = |seed: u8| {
        let signer = Signer::new(&[seed; 32], [1; 16]).unwrap();
        raw(410, signer.gone(notebook, WhyGone::Closed, now).to_bytes())
    };
    let (next, behind_it) = (word(8), word(9));
    weigh(&mother.book, notebook, "9.9");
    city.lies(move |_, _| behind_it.clone());
    assert_eq!(why(&mother.book, &city), (SyncOutcome::Offline, Some(SyncWhy::NotReached)));
    city.lies(move |_, _| next.clone());
    assert_eq!(why(&mother.book, &city), (SyncOutcome::Gone, Some(SyncWhy::ClosedForGood)));
    assert_eq!(mother.book.sync().state(notebook).unwrap().waiting, 1, "her word stays here");
    // The key that is pinned is still the one that the server has; nobody else takes its place by such a word.
    city.is_honest_again();
    let other = child(&mother.book);
    sync(&mother.book, &city);
    assert_eq!(mother.book.sync().state(other).unwrap().waiting, 0);
    assert_eq!(sync(&father.book, &city).outcome, SyncOutcome::Done);
}
