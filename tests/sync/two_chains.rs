//! Which chain of members stands, when a server was put back to a time before and went on from there.

use std::collections::BTreeSet;
use std::sync::Mutex;

use ayumi_channel::memory::Contents;
use ayumi_channel::signer::Signer;
use ayumi_core::app::sync::SyncOutcome;
use ayumi_core::app::{Handbook, Holding};
use ayumi_core::model::NotebookId;
use ayumi_core::sync::halt::Halt;
use ayumi_core::sync::transport::{RawResponse, Transport, Waiting};
use ayumi_protocol::control::{Role, Statement};
use ayumi_protocol::end::End;
use ayumi_protocol::envelope::Envelope;
use ayumi_protocol::exchange::{ItemBody, Piece, Reply, Request};
use ayumi_protocol::key::Hash;
use ayumi_tests::family::{Direct, Time, sync, wait};
use ayumi_tests::phones::{Phone, child, family, invite, phone, weigh};

use super::servers::at_one_place;

fn join(time: &Time, way: &Direct, by: &Phone, notebook: NotebookId, role: Role, name: &str) -> Phone {
    let newcomer = phone(time, name);
    let code = wait(by.book.members().invite(notebook, role, "", way)).unwrap().code;
    assert_eq!(wait(newcomer.book.members().join(&code, way)), Ok(notebook));
    // The inviter's phone confirms it.
    sync(&by.book, way);
    sync(&newcomer.book, way);
    newcomer
}

fn my_id(book: &Handbook, notebook: NotebookId) -> String {
    book.members().list(notebook).unwrap().into_iter().find(|member| member.me).unwrap().id
}

/// The members' names, as a phone shows them.
fn members(book: &Handbook, notebook: NotebookId) -> Vec<String> {
    let list = book.members().list(notebook).unwrap();
    let mut names: Vec<String> =
        list.into_iter().filter(|member| member.what == Holding::Member).map(|member| member.name).collect();
    names.sort();
    names
}

/// A mother who took her lost phone out, a father who may have heard of it, and a server that was put back to before.
fn put_back_behind(father_heard: bool) -> (Time, Direct, [Phone; 3], NotebookId) {
    let (time, way, mother, father, notebook) = family();
    let lost = phone(&time, "落とし物");
    let code = wait(mother.book.members().invite_own_device(notebook, Role::Owner, "", &way)).unwrap().code;
    assert_eq!(wait(lost.book.members().join(&code, &way)), Ok(notebook));
    for phone in [&mother, &father, &lost] {
        weigh(&phone.book, notebook, "9.1");
        sync(&phone.book, &way);
    }
    sync(&lost.book, &way);
    let then = way.0.contents();
    time.pass(1000);
    wait(mother.book.members().remove(notebook, &my_id(&lost.book, notebook), &way)).unwrap();
    if father_heard {
        sync(&father.book, &way);
    }
    time.pass(1000);
    way.0.restore(then);
    (time, way, [mother, father, lost], notebook)
}

fn put_back() -> (Time, Direct, [Phone; 3], NotebookId) {
    put_back_behind(true)
}

/// The finder of a phone that was taken out; the server forgot it, and the mother is taken out there before anybody else comes:
/// both are devices of one person, so neither is senior.
#[test]
fn a_removed_owner_who_comes_first_to_a_restored_server_takes_nobody_out() {
    for father_first in [false, true] {
        let (_time, way, [mother, father, lost], notebook) = put_back();
        wait(lost.book.members().remove(notebook, &my_id(&mother.book, notebook), &way)).unwrap();
        let hers = weigh(&lost.book, notebook, "19.1");
        assert_eq!(sync(&lost.book, &way).outcome, SyncOutcome::Done, "this is what the finder wanted");
        let order = if father_first { [&father, &mother] } else { [&mother, &father] };
        let kept = weigh(&mother.book, notebook, "9.2");
        for phone in order.into_iter().chain(order) {
            let report = sync(&phone.book, &way);
            assert_eq!((report.outcome, report.waiting, report.refused), (SyncOutcome::Done, 0, 0), "{report:?}");
        }
        for phone in order {
            assert_eq!(members(&phone.book, notebook), ["母", "父"]);
            assert!(phone.book.entries().show(kept).is_ok());
            assert!(phone.book.entries().show(hers).is_err(), "what was written there since counts nowhere");
        }
        assert_eq!(mother.book.sync().state(notebook).unwrap().role, Some(Role::Owner));
        sync(&lost.book, &way);
        let state = lost.book.sync().state(notebook).unwrap();
        assert_eq!((state.role, state.waiting), (None, 0), "it is told, and nothing of it waits");
    }
}

/// The grandmother only heard of the chain that came since; her words in it are made again.
#[test]
fn who_wrote_behind_a_chain_that_is_put_aside_writes_it_again_and_nothing_is_lost() {
    let (time, way, [mother, father, lost], notebook) = put_back();
    let grandmother = join(&time, &way, &lost, notebook, Role::Writer, "祖母");
    weigh(&lost.book, notebook, "9.3");
    sync(&lost.book, &way);
    let words = weigh(&grandmother.book, notebook, "9.4");
    assert_eq!(sync(&grandmother.book, &way).outcome, SyncOutcome::Done);
    // The mother's chain was there first: the invitation that the lost phone gave counts nowhere.
    assert_eq!(sync(&mother.book, &way).outcome, SyncOutcome::Done);
    assert_eq!(sync(&father.book, &way).outcome, SyncOutcome::Done);
    assert_eq!(members(&father.book, notebook), ["母", "父"]);
    sync(&grandmother.book, &way);
    let entry = grandmother.book.entries().show(words).unwrap();
    assert_eq!(entry.fields["weight"], 9.4, "and her words are on her phone");
    let code = wait(mother.book.members().invite(notebook, Role::Writer, "", &way)).unwrap().code;
    assert_eq!(wait(grandmother.book.members().join(&code, &way)), Ok(notebook));
    sync(&mother.book, &way);
    assert_eq!(sync(&grandmother.book, &way).outcome, SyncOutcome::Done);
    sync(&mother.book, &way);
    assert_eq!(mother.book.entries().show(words).unwrap().fields["weight"], 9.4);
}

/// A network that takes out of every request what the server signed before.
struct WithoutReceipts<'a>(&'a Direct);

impl Transport for WithoutReceipts<'_> {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        let Ok(mut request) = Request::from_bytes(&body) else { return self.0.post(path, body) };
        request.ends.clear();
        self.0.post(path, request.to_bytes())
    }
}

/// A network that notes which envelopes a phone makes: sequence, attempt and the head that each names.
struct Listening<'a>(&'a Direct, Mutex<Vec<(u64, u32, Hash)>>);

impl Transport for Listening<'_> {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        let pieces = Request::from_bytes(&body).map(|request| request.pieces).unwrap_or_default();
        let made = pieces.iter().filter_map(|piece| match piece {
            Piece::Envelope(bytes) => Envelope::from_bytes(bytes).ok().map(|envelope| envelope.header),
            _ => None,
        });
        self.1.lock().unwrap().extend(made.map(|header| (header.sequence, header.attempt, header.control)));
        self.0.post(path, body)
    }
}

/// The father is a member in both chains, and both have a new key of the same number.
#[test]
fn words_that_name_a_head_put_aside_count_nowhere_and_are_made_again_with_the_next_attempt() {
    let (_time, way, [mother, father, lost], notebook) = put_back_behind(false);
    wait(lost.book.members().remove(notebook, &my_id(&mother.book, notebook), &way)).unwrap();
    let fathers = Listening(&way, Mutex::default());
    sync(&father.book, &fathers);
    let words = weigh(&father.book, notebook, "9.7");
    assert_eq!(sync(&father.book, &fathers).outcome, SyncOutcome::Done);
    sync(&lost.book, &way);
    assert!(lost.book.entries().show(words).is_ok(), "they stand behind the finder's chain");
    // The chain that was there first comes: nothing that names the other one is given to anybody.
    assert_eq!(sync(&mother.book, &way).outcome, SyncOutcome::Done);
    assert!(mother.book.entries().show(words).is_err());
    let before = fathers.1.lock().unwrap().len();
    for _ in 0..2 {
        let report = sync(&father.book, &fathers);
        assert_eq!((report.outcome, report.waiting, report.refused), (SyncOutcome::Done, 0, 0), "{report:?}");
    }
    let made = fathers.1.lock().unwrap().clone();
    let ((sequence, attempt, head), again) = (made[before - 1], &made[before..]);
    assert!(again.iter().any(|one| one.0 == sequence && one.1 > attempt && one.2 != head), "{made:?}");
    assert!(again.iter().all(|one| one.2 != head), "{made:?}");
    let places: BTreeSet<(u64, u32)> = made.iter().map(|one| (one.0, one.1)).collect();
    let frames: BTreeSet<_> = made.iter().collect();
    assert_eq!(places.len(), frames.len(), "one frame for each place");
    sync(&mother.book, &way);
    assert_eq!(mother.book.entries().show(words).unwrap().fields["weight"], 9.7);
    assert_eq!(members(&father.book, notebook), ["母", "父"]);
    sync(&lost.book, &way);
    assert_eq!(lost.book.sync().state(notebook).unwrap().role, None);
}

/// After all was lost once more both tell what they have, in whatever order: nothing goes to and fro.
#[test]
fn who_was_there_first_stands_also_at_a_server_that_was_wiped_since() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let (time, way, [mother, father, lost], notebook) = put_back();
        wait(lost.book.members().remove(notebook, &my_id(&mother.book, notebook), &way)).unwrap();
        let kept = weigh(&mother.book, notebook, "9.2");
        way.0.restore(Contents::default());
        let phones = [&mother, &father, &lost];
        for who in order.into_iter().chain(order) {
            time.pass(60_000);
            sync(&phones[who].book, &way);
        }
        let length = way.0.contents().length(notebook);
        for who in order {
            let report = sync(&phones[who].book, &way);
            assert_eq!(phones[who].book.sync().state(notebook).unwrap().halted, None, "{order:?} {who}: {report:?}");
        }
        assert_eq!(way.0.contents().length(notebook), length, "{order:?}: all is there, and stays");
        for phone in [&mother, &father] {
            assert_eq!(members(&phone.book, notebook), ["母", "父"], "{order:?}");
            assert!(phone.book.entries().show(kept).is_ok());
        }
        assert_eq!(lost.book.sync().state(notebook).unwrap().role, None, "{order:?}");
    }
}

/// The operator changed the key since: what was signed under the one before is still that server's word.
#[test]
fn the_word_under_a_former_key_still_says_which_chain_stands() {
    for finder_comes_again in [false, true] {
        let time = Time::default();
        let way = at_one_place(&time, 7, Contents::default());
        let (mother, father, lost) = (phone(&time, "母"), phone(&time, "父"), phone(&time, "落とし物"));
        let notebook = child(&mother.book);
        invite(&mother.book, &father.book, notebook, Role::Writer, &way);
        let code = wait(mother.book.members().invite_own_device(notebook, Role::Owner, "", &way)).unwrap().code;
        assert_eq!(wait(lost.book.members().join(&code, &way)), Ok(notebook));
        for phone in [&mother, &father, &lost] {
            weigh(&phone.book, notebook, "9.1");
            sync(&phone.book, &way);
        }
        sync(&lost.book, &way);
        let then = way.0.0.contents();
        time.pass(1000);
        wait(mother.book.members().remove(notebook, &my_id(&lost.book, notebook), &way)).unwrap();
        sync(&father.book, &way);
        time.pass(1000);
        way.0.0.change_key();
        way.0.0.restore(then);
        wait(lost.book.members().remove(notebook, &my_id(&mother.book, notebook), &way)).unwrap();
        for phone in [&mother, &father] {
            if finder_comes_again {
                sync(&lost.book, &way);
            }
            let report = sync(&phone.book, &way);
            assert_eq!((report.outcome, report.waiting), (SyncOutcome::Done, 0), "{report:?}");
            assert_eq!(members(&phone.book, notebook), ["母", "父"]);
        }
        sync(&lost.book, &way);
        assert_eq!(lost.book.sync().state(notebook).unwrap().role, None);
    }
}

/// A server that contradicts its own word stops the phones; nobody has to decide once it shows again what it signed.
#[test]
fn a_phone_that_stopped_goes_on_by_itself_when_the_chain_that_stands_comes() {
    let (_time, way, [mother, father, lost], notebook) = put_back();
    wait(lost.book.members().remove(notebook, &my_id(&mother.book, notebook), &way)).unwrap();
    let words = weigh(&father.book, notebook, "9.8");
    for phone in [&mother, &father] {
        for _ in 0..2 {
            sync(&phone.book, &WithoutReceipts(&way));
            let state = phone.book.sync().state(notebook).unwrap();
            assert_eq!(state.halted, Some(Halt::Chain), "it stays stopped as long as it is so");
        }
    }
    for phone in [&mother, &father, &mother] {
        let report = sync(&phone.book, &way);
        assert_eq!((report.outcome, report.waiting), (SyncOutcome::Done, 0), "{report:?}");
        assert_eq!(phone.book.sync().state(notebook).unwrap().halted, None);
        assert_eq!(members(&phone.book, notebook), ["母", "父"]);
    }
    assert!(mother.book.entries().show(words).is_ok());
}

/// A network that shows receipts of its own making, and takes the true ones out of every request.
struct Forging<'a>(&'a Direct);

impl Transport for Forging<'_> {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        Box::pin(async move {
            let notebook = Request::from_bytes(&body).map(|request| request.caller.notebook);
            let answer = WithoutReceipts(self.0).post(path, body).await?;
            let (Ok(mut reply), Ok(notebook)) = (Reply::from_bytes(&answer.body), notebook) else { return Ok(answer) };
            // Of a head that the log shows, of long ago, by a key that is not the server's.
            let head = reply.items.iter().rev().find_map(|item| match &item.body {
                ItemBody::Statement(bytes) => Statement::from_bytes(bytes).ok().map(|statement| statement.hash()),
                _ => None,
            });
            let end = End { position: 1, prefix: [7; 16], head: head.unwrap_or_default(), taken_at: 1 };
            reply.receipt = Some(Signer::new(&[0x5e; 32], [1; 16]).unwrap().end(notebook, &end));
            Ok(RawResponse { body: reply.to_bytes(), ..answer })
        })
    }
}

/// What a network wants that brings a removed device back.
#[test]
fn a_forged_receipt_in_a_reply_puts_nobodys_chain_aside() {
    let (_time, way, [mother, father, lost], notebook) = put_back();
    wait(lost.book.members().remove(notebook, &my_id(&mother.book, notebook), &way)).unwrap();
    for phone in [&mother, &father] {
        for _ in 0..2 {
            sync(&phone.book, &Forging(&way));
            let state = phone.book.sync().state(notebook).unwrap();
            assert_eq!(state.halted, Some(Halt::Chain), "her chain was there first");
        }
    }
    for phone in [&mother, &father] {
        assert_eq!(sync(&phone.book, &way).outcome, SyncOutcome::Done);
        assert_eq!(members(&phone.book, notebook), ["母", "父"]);
    }
}

#[test]
fn a_chain_that_no_receipt_dates_takes_no_others_place() {
    let (_time, way, [mother, _father, lost], notebook) = put_back();
    wait(lost.book.members().remove(notebook, &my_id(&mother.book, notebook), &way)).unwrap();
    let length = way.0.contents().length(notebook);
    sync(&mother.book, &WithoutReceipts(&way));
    assert_eq!(way.0.contents().length(notebook), length, "the server keeps what it has");
}

/// The father was let in for a day; the server forgot it, and he is the first who comes, days later.
#[test]
fn who_joined_in_time_and_has_the_servers_word_for_it_is_a_member_when_the_server_forgot() {
    let time = Time::default();
    let way = Direct(ayumi_tests::family::Municipality::new(&time));
    let (mother, father) = (phone(&time, "母"), phone(&time, "父"));
    let notebook = ayumi_tests::phones::child(&mother.book);
    let code = wait(mother.book.members().invite(notebook, Role::Writer, "", &way)).unwrap().code;
    let then = way.0.contents();
    assert_eq!(wait(father.book.members().join(&code, &way)), Ok(notebook));
    sync(&mother.book, &way);
    let his = weigh(&father.book, notebook, "9.1");
    assert_eq!(sync(&father.book, &way).outcome, SyncOutcome::Done);
    time.pass(10 * 86_400_000);
    way.0.restore(then.clone());
    let report = sync(&father.book, &way);
    assert_eq!((report.outcome, report.waiting), (SyncOutcome::Done, 0), "{report:?}");
    sync(&mother.book, &way);
    assert!(mother.book.entries().show(his).is_ok());
    assert_eq!(members(&mother.book, notebook), ["母", "父"]);
    // Without that word a join is late, and an owner who knows of it brings it.
    way.0.restore(then);
    assert_ne!(sync(&father.book, &WithoutReceipts(&way)).outcome, SyncOutcome::Done);
    assert_eq!(sync(&mother.book, &way).outcome, SyncOutcome::Done);
    father.book.sync().go_on(notebook).unwrap();
    assert_eq!(sync(&father.book, &way).outcome, SyncOutcome::Done);
}
