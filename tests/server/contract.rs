//! What every store must do.

use std::collections::BTreeSet;

use ayumi_core::crypto::keys::{EpochKey, commitment, wrap};
use ayumi_core::crypto::seal::open;
use ayumi_protocol::accept::Refusal;
use ayumi_protocol::control::{self, Action, Cutoff, Holder, NewEpoch, Role, Statement, read_chain};
use ayumi_protocol::end::End;
use ayumi_protocol::envelope::Envelope;
use ayumi_protocol::key::KeyId;
use ayumi_protocol::prefix::{Prefix, extend};
use ayumi_server::log::{Chunk, Earlier, Item, Log, LogError, PageRequest, Place as LogPlace};

use super::family::{Family, NOW, Phone};
use super::store::{Memory, Place, Postgres, Sqlite, Store};

contract!(
    what_is_sent_is_kept_in_order_and_answered_once_for_all,
    roles_hold_and_each_refusal_comes_through,
    the_chain_never_forks,
    many_at_once_lose_nothing,
    any_member_brings_back_what_a_store_lost_byte_for_byte,
    what_is_beyond_a_cutoff_comes_back_nowhere,
    an_envelope_that_was_sealed_anew_takes_the_place_of_the_others,
    a_removal_waits_for_words_that_came_meanwhile,
    a_chain_that_was_there_first_takes_the_place_of_the_other,
    time_never_falls_and_stands_in_the_prefix,
    a_store_knows_when_its_newest_item_was_taken,
    a_full_notebook_takes_no_more_words_but_still_removes_members,
    the_server_holds_only_ciphertext,
);

/// Sends the chain of a family that is not there yet.
pub(super) fn send_chain<P: Place>(log: &Store<P>, family: &Family) {
    for statement in &family.statements {
        log.append_statement(statement.clone(), NOW).unwrap();
    }
}

fn what_is_sent_is_kept_in_order_and_answered_once_for_all<P: Place>() {
    let log = Store::<P>::new();
    let mut mother = Phone::new();
    let family = Family::founded(&mother);
    let words = "はじめて笑った".as_bytes();
    let early = mother.writes(&family, words);
    assert_eq!(log.append_envelope(early.clone(), NOW), Err(LogError::NoNotebook));
    assert_eq!(log.append_statement(family.statements[0].clone(), NOW), Ok(1));
    assert_eq!(log.append_statement(family.statements[0].clone(), NOW), Ok(1), "the same statement again");
    let receipt = log.append_envelope(early.clone(), NOW).unwrap();
    assert_eq!((receipt.position, receipt.hash), (2, early.hash()));
    let second = mother.writes(&family, "よく眠った".as_bytes());
    log.append_envelope(second, NOW).unwrap();
    let again = log.append_envelope(early.clone(), NOW + 1_000_000).unwrap();
    assert_eq!(again, receipt, "the first receipt, whatever has come since");
    let page = log.page(family.notebook, 0, usize::MAX).unwrap();
    assert_eq!(
        page.items.iter().map(|item| (item.position, item.control)).collect::<Vec<_>>(),
        [(1, true), (2, false), (3, false)]
    );
    let hashes = page.items.iter().map(|item| match item.control {
        true => Statement::from_bytes(&item.bytes).unwrap().hash(),
        false => Envelope::from_bytes(&item.bytes).unwrap().hash(),
    });
    let end = page
        .items
        .iter()
        .zip(hashes)
        .fold(End::default(), |end, (item, hash)| end.then(&hash, item.control, item.taken_at));
    assert_eq!(page.end, end, "what a phone computes is what the server signs");
    let signed = log.log().signer().end(family.notebook, &page.end);
    assert!(signed.is_signed_by(log.log().signer().public_key()), "a promise that can be shown");
    let back = Envelope::from_bytes(&page.items[1].bytes).unwrap();
    assert_eq!(open(&back, &family.epochs[0]).as_deref(), Ok(words), "another phone reads it");
}

fn roles_hold_and_each_refusal_comes_through<P: Place>() {
    let log = Store::<P>::new();
    let [mut mother, mut father, mut grandmother] = [Phone::new(), Phone::new(), Phone::new()];
    let mut family = Family::founded(&mother);
    family.welcome(&mother, &father, Role::Writer);
    family.welcome(&mother, &grandmother, Role::Reader);
    send_chain(&log, &family);
    let refused = |envelope: Envelope| log.append_envelope(envelope, NOW).unwrap_err();
    assert_eq!(refused(grandmother.writes(&family, b"reader")), Refusal::NotAWriter.into());
    assert_eq!(refused(Phone::new().writes(&family, b"stranger")), Refusal::NotAWriter.into());
    log.append_envelope(father.writes(&family, b"one"), NOW).unwrap();
    let lost = father.writes(&family, b"two");
    let third = father.writes(&family, b"three");
    assert_eq!(refused(third.clone()), Refusal::Gap { expected: 2 }.into());
    log.append_envelope(lost, NOW).unwrap();
    log.append_envelope(third, NOW).unwrap();
    let with_the_old_key = mother.writes(&family, b"old key");
    let last = father.tail;
    let after_the_removal = father.writes(&family, b"too late");
    family.remove(&mother, &father, last);
    log.append_statement(family.statements.last().unwrap().clone(), NOW).unwrap();
    assert_eq!(refused(after_the_removal), Refusal::NotAWriter.into(), "what a removed phone had written offline");
    assert_eq!(refused(with_the_old_key), Refusal::OldEpoch.into(), "she seals it anew with the new key");
    let stale = mother.says(family.notebook, family.statements[0].hash(), Action::Leave { cutoff: Cutoff::default() });
    let head_moved = log.append_statement(stale, NOW).unwrap_err();
    assert_eq!(head_moved, control::Refusal::HeadMoved.into());
    let expired = log.page(ayumi_protocol::NotebookId::from_slice(&[9; 16]).unwrap(), 0, 1).unwrap_err();
    assert_eq!(expired, LogError::NoNotebook);
}

/// Of statements that come at the same head at the same moment one is taken.
fn the_chain_never_forks<P: Place>() {
    let log = Store::<P>::new();
    let mother = Phone::new();
    let family = Family::founded(&mother);
    send_chain(&log, &family);
    let rivals: Vec<Statement> = (0..16)
        .map(|_| {
            let mut other = Family::founded(&mother);
            (other.notebook, other.state, other.epochs) =
                (family.notebook, family.state.clone(), family.epochs.clone());
            other.statements = family.statements.clone();
            let mut welcomed = other;
            welcomed.welcome(&mother, &Phone::new(), Role::Writer);
            welcomed.statements[1].clone()
        })
        .collect();
    let results: Vec<bool> = std::thread::scope(|scope| {
        let send = |statement: Statement| scope.spawn(|| log.append_statement(statement, NOW).is_ok());
        let threads: Vec<_> = rivals.into_iter().map(send).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(results.iter().filter(|taken| **taken).count(), 1, "{results:?}");
}

/// Many phones of many notebooks at once: every receipt is true, places have no gap, pages of any size show everything.
fn many_at_once_lose_nothing<P: Place>() {
    let log = Store::<P>::new();
    let families: Vec<(Family, Vec<Phone>)> = (1..=4)
        .map(|_| {
            let mother = Phone::new();
            let mut family = Family::founded(&mother);
            let father = Phone::new();
            family.welcome(&mother, &father, Role::Writer);
            send_chain(&log, &family);
            (family, vec![mother, father])
        })
        .collect();
    let notebooks: Vec<_> = families.iter().map(|(family, _)| family.notebook).collect();
    let receipts: Vec<(ayumi_protocol::NotebookId, LogPlace)> = std::thread::scope(|scope| {
        let mut threads = Vec::new();
        for (family, phones) in families {
            let family = std::sync::Arc::new(family);
            for mut phone in phones {
                let (log, family) = (&log, family.clone());
                threads.push(scope.spawn(move || {
                    let mut write = |n: u32| {
                        let envelope = phone.writes(&family, &n.to_be_bytes());
                        (family.notebook, log.append_envelope(envelope, NOW).unwrap())
                    };
                    (0..40).map(&mut write).collect::<Vec<_>>()
                }));
            }
        }
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(receipts.len(), 320);
    for notebook in notebooks {
        for max_bytes in [1, 1000, usize::MAX] {
            let (mut after, mut seen) = (0, Vec::new());
            loop {
                let page = log.page(notebook, after, max_bytes).unwrap();
                let Some(last) = page.items.last() else { break };
                after = last.position;
                seen.extend(page.items);
            }
            let positions: Vec<u64> = seen.iter().map(|item| item.position).collect();
            assert_eq!(positions, (1..=83).collect::<Vec<_>>(), "three statements and eighty envelopes, no gap");
            let statements: Vec<Statement> = seen
                .iter()
                .filter(|item| item.control)
                .map(|item| Statement::from_bytes(&item.bytes).unwrap())
                .collect();
            assert!(read_chain(&statements).is_ok(), "a phone reads the chain alike");
        }
        let mine: BTreeSet<u64> = receipts.iter().filter(|(of, _)| *of == notebook).map(|(_, r)| r.position).collect();
        assert_eq!(mine, (4..=83).collect(), "each receipt has its own place");
    }
    // After a restart the store is the same one.
    let epoch = log.log().signer().store_epoch();
    let log = log.again();
    let page = log.page(receipts[0].0, 0, 1).unwrap();
    assert_eq!((page.end.position, page.store_epoch), (83, epoch));
    let other = Store::<P>::new();
    let mother = Phone::new();
    let hers = Family::founded(&mother);
    send_chain(&other, &hers);
    let fresh = other.page(hers.notebook, 0, 1).unwrap().store_epoch;
    assert_ne!(fresh, epoch, "another store has another life");
}

fn a_full_notebook_takes_no_more_words_but_still_removes_members<P: Place>() {
    let log = Store::<P>::new();
    let (mut mother, father) = (Phone::new(), Phone::new());
    let mut family = Family::founded(&mother);
    family.welcome(&mother, &father, Role::Writer);
    send_chain(&log, &family);
    // Random, so that it does not compress.
    let noise: Vec<u8> = (0..60).flat_map(|_| ayumi_core::crypto::random::<1000>().unwrap()).collect();
    let mut answers = Vec::new();
    for _ in 0..5 {
        answers.push(log.append_envelope(mother.writes(&family, &noise), NOW).err());
    }
    assert_eq!(answers[0], None);
    assert!(answers.contains(&Some(LogError::Quota)), "{answers:?}");
    family.remove(&mother, &father, father.tail);
    assert!(log.append_statement(family.statements.last().unwrap().clone(), NOW).is_ok());
}

/// A dump of the server's file beside what a family wrote.
fn the_server_holds_only_ciphertext<P: Place>() {
    let log = Store::<P>::new();
    let mut mother = Phone::new();
    let family = Family::founded(&mother);
    send_chain(&log, &family);
    let words = "わたしはとても疲れています。";
    for _ in 0..20 {
        log.append_envelope(mother.writes(&family, words.as_bytes()), NOW).unwrap();
    }
    let mut log = log;
    log.log = None;
    let file = log.place.dump();
    assert!(file.len() > 5_000);
    assert!(!file.windows(words.len()).any(|window| window == words.as_bytes()));
    let key = family.epochs[0].expose();
    assert!(!file.windows(32).any(|window| window == key), "and no key");
}

/// Everything in a log.
pub(super) fn all<P: Place>(log: &Store<P>, family: &Family) -> Vec<Item> {
    log.page(family.notebook, 0, usize::MAX).unwrap().items
}

/// Carries items to another store: statements first, then each author's envelopes.
fn carry<P: Place>(to: &Store<P>, family: &Family, items: &[Item]) -> Vec<Result<u64, LogError>> {
    let mut items = items.to_vec();
    items.sort_by_key(|item| (!item.control, if item.control { item.position } else { 0 }, item.author, item.sequence));
    items.iter().map(|item| to.carry(family.notebook, item, NOW + 1000)).collect()
}

fn any_member_brings_back_what_a_store_lost_byte_for_byte<P: Place>() {
    let (log, other) = (Store::<P>::new(), Store::<P>::new());
    let [mut mother, mut father, grandmother] = [Phone::new(), Phone::new(), Phone::new()];
    let mut family = Family::founded(&mother);
    family.welcome(&mother, &father, Role::Writer);
    family.welcome(&mother, &grandmother, Role::Reader);
    send_chain(&log, &family);
    for words in [&b"one"[..], b"two", b"three"] {
        log.append_envelope(mother.writes(&family, words), NOW).unwrap();
        log.append_envelope(father.writes(&family, words), NOW).unwrap();
    }
    family.remove(&mother, &father, father.tail);
    log.append_statement(family.statements.last().unwrap().clone(), NOW).unwrap();
    log.append_envelope(mother.writes(&family, b"four"), NOW).unwrap();
    let was = all(&log, &family);
    assert!(carry(&other, &family, &was).iter().all(Result::is_ok), "also what he wrote who is out, under the old key");
    let is = all(&other, &family);
    let bytes = |items: &[Item]| items.iter().map(|item| item.bytes.clone()).collect::<BTreeSet<_>>();
    assert_eq!((bytes(&was), was.len()), (bytes(&is), is.len()));
    // Twice changes nothing, and the log goes on.
    assert!(carry(&other, &family, &was).iter().all(Result::is_ok));
    assert_eq!(all(&other, &family), is);
    other.append_envelope(mother.writes(&family, b"five"), NOW).unwrap();
}

/// Who was taken out, and whoever helps, cannot back-date words into the time before.
fn what_is_beyond_a_cutoff_comes_back_nowhere<P: Place>() {
    let (log, other) = (Store::<P>::new(), Store::<P>::new());
    let [mother, mut father] = [Phone::new(), Phone::new()];
    let mut family = Family::founded(&mother);
    family.welcome(&mother, &father, Role::Writer);
    send_chain(&log, &family);
    log.append_envelope(father.writes(&family, b"one"), NOW).unwrap();
    let last = father.tail;
    // In a place that the mother never saw.
    for statement in &family.statements {
        other.append_statement(statement.clone(), NOW).unwrap();
    }
    let was = all(&log, &family);
    assert!(carry(&other, &family, &was).iter().all(Result::is_ok));
    other.append_envelope(father.writes(&family, b"two"), NOW).unwrap();
    let beyond = all(&other, &family).pop().unwrap();
    family.remove(&mother, &father, last);
    log.append_statement(family.statements.last().unwrap().clone(), NOW).unwrap();
    let refused = log.carry(family.notebook, &beyond, NOW);
    assert_eq!(refused, Err(Refusal::NotAWriter.into()));
    // Neither does a line of his that begins anew take the place of the words that counted.
    let mut anew = Phone { keys: father.keys.clone(), tail: Default::default(), attempt: 1 };
    let before = Family { state: read_chain(&family.statements[..3]).unwrap(), ..family };
    let anew = anew.writes(&before, b"something else");
    let item = Item { bytes: anew.to_bytes(), ..beyond };
    assert_eq!(log.carry(before.notebook, &item, NOW), Err(Refusal::NotAWriter.into()));
    let family = before;
    // There, too, the removal that was decided here is taken.
    let removal = all(&log, &family).pop().unwrap();
    assert!(other.carry(family.notebook, &removal, NOW).is_ok());
    let third = father.writes(&family, b"three");
    assert_eq!(other.append_envelope(third, NOW), Err(Refusal::NotAWriter.into()));
}

fn an_envelope_that_was_sealed_anew_takes_the_place_of_the_others<P: Place>() {
    let log = Store::<P>::new();
    let mut mother = Phone::new();
    let family = Family::founded(&mother);
    send_chain(&log, &family);
    let first = mother.writes(&family, b"one");
    log.append_envelope(first.clone(), NOW).unwrap();
    let lost = mother.writes(&family, b"two");
    let third = mother.writes(&family, b"three");
    log.append_envelope(lost.clone(), NOW).unwrap();
    log.append_envelope(third, NOW).unwrap();
    (mother.tail, mother.attempt) = (first.tail(), 1);
    let anew = mother.writes(&family, b"two, sealed anew");
    assert_eq!(anew.header.sequence, 2);
    let receipt = log.append_envelope(anew.clone(), NOW).unwrap();
    assert_eq!(receipt.position, 5);
    let other = { Phone { keys: mother.keys.clone(), tail: first.tail(), attempt: 1 } }.writes(&family, b"two tongues");
    assert_eq!(log.append_envelope(other, NOW), Err(Refusal::Taken.into()), "one attempt has one envelope");
    let next = mother.writes(&family, b"three, behind it");
    assert_eq!(log.append_envelope(next, NOW).unwrap().position, 6, "the line goes on from there");
    // The first answers never change.
    assert_eq!(log.append_envelope(lost, NOW).unwrap().position, 3);
    let log = log.again();
    assert_eq!(log.append_envelope(anew, NOW), Ok(receipt));
    let own = PageRequest {
        notebook: family.notebook,
        reader: mother.id(),
        after: 0,
        prefix: None,
        max_bytes: 0,
        wanted: Default::default(),
    };
    assert_eq!(log.wait(log.log().page(own)).unwrap().own, mother.tail);
}

/// Else words that were acknowledged would count nowhere.
fn a_removal_waits_for_words_that_came_meanwhile<P: Place>() {
    let log = Store::<P>::new();
    let [mother, mut father] = [Phone::new(), Phone::new()];
    let mut family = Family::founded(&mother);
    family.welcome(&mother, &father, Role::Writer);
    send_chain(&log, &family);
    let seen = father.tail;
    log.append_envelope(father.writes(&family, b"meanwhile"), NOW).unwrap();
    let mut too_early = Family { epochs: family.epochs.clone(), statements: Vec::new(), ..family };
    let family = Family {
        notebook: too_early.notebook,
        state: too_early.state.clone(),
        epochs: too_early.epochs.clone(),
        statements: Vec::new(),
    };
    too_early.remove(&mother, &father, seen);
    let refused = log.append_statement(too_early.statements[0].clone(), NOW);
    assert_eq!(refused, Err(control::Refusal::HeadMoved.into()), "she reads them first");
    let mut family = family;
    family.remove(&mother, &father, father.tail);
    assert!(log.append_statement(family.statements[0].clone(), NOW).is_ok());
}

/// A new epoch for everybody.
fn renewed(mother: &Phone, family: &Family) -> NewEpoch {
    let (epoch, key) = (family.state.epoch() + 1, EpochKey::generate().unwrap());
    let wrapped =
        |(id, holder): (&KeyId, &Holder)| (*id, wrap(&key, family.notebook, epoch, &holder.keys, mother.id()).unwrap());
    let wraps = family.state.holders().map(wrapped).collect();
    NewEpoch { commitment: commitment(&key, family.notebook, epoch), wraps }
}

pub(super) fn copy(family: &Family) -> Family {
    let (notebook, state) = (family.notebook, family.state.clone());
    Family { notebook, state, epochs: family.epochs.clone(), statements: family.statements.clone() }
}

/// A server that was put back went on with another chain; somebody tells the one that was there first.
fn a_chain_that_was_there_first_takes_the_place_of_the_other<P: Place>() {
    let log = Store::<P>::new();
    let [mut mother, mut father] = [Phone::new(), Phone::new()];
    let mut family = Family::founded(&mother);
    family.welcome(&mother, &father, Role::Writer);
    send_chain(&log, &family);
    let common = family.state.clone();
    let first = mother.writes(&family, b"before");
    log.append_envelope(first.clone(), NOW).unwrap();
    let was = log.page(family.notebook, 0, 0).unwrap().end;
    // Both go on from there: the store with one statement, the phones with two others.
    let others = mother.says(family.notebook, common.head(), Action::Epoch { epoch: renewed(&mother, &family) });
    log.append_statement(others.clone(), NOW + 1).unwrap();
    let kept = father.writes(&family, b"names the head before");
    log.append_envelope_carried(kept.clone(), NOW + 2).unwrap();
    let behind = Family { state: common.after(&others).unwrap(), ..copy(&family) };
    let lost = mother.writes(&behind, b"names the head that is put aside");
    log.append_envelope_carried(lost.clone(), NOW + 3).unwrap();
    family.welcome(&mother, &Phone::new(), Role::Reader);
    let told = family.statements[3..].to_vec();
    let from = was.position + 1;
    let put = |instead_of, statements: &[Statement]| {
        let (statements, receipts) = (statements.to_vec(), Vec::new());
        let earlier = Earlier { instead_of, from, closes_at: None, statements, receipts };
        log.wait(log.log().put_aside(family.notebook, earlier, NOW + 4))
    };
    let before = all(&log, &family);
    assert_eq!(put(common.head(), &told), Ok(false), "the chain has another head by now");
    assert!(put(others.hash(), &[others.clone(), told[0].clone()]).is_err(), "no chain");
    assert_eq!(all(&log, &family), before, "and nothing happened");
    assert_eq!(put(others.hash(), &told), Ok(true));
    let log = log.again();
    let items = all(&log, &family);
    let bytes: Vec<&Vec<u8>> = items[was.position as usize..].iter().map(|item| &item.bytes).collect();
    let expected = [told[0].to_bytes(), told[1].to_bytes(), kept.to_bytes()];
    assert_eq!(bytes, expected.iter().collect::<Vec<_>>());
    assert_eq!(items[..was.position as usize], before[..was.position as usize]);
    let times = items[was.position as usize..].iter().map(|item| item.taken_at);
    assert_eq!(times.collect::<Vec<_>>(), [NOW + 4; 3]);
    let page = log.page(family.notebook, 0, 0).unwrap();
    assert_eq!((page.end.position, page.end.head), (from + 2, told[1].hash()));
    // The line of who wrote behind the other chain ends where it ended before, and goes on.
    let next = Phone { keys: mother.keys.clone(), tail: first.tail(), attempt: 1 }.writes(&family, b"made again");
    assert_eq!(log.append_envelope(next, NOW + 5).unwrap().position, from + 3);
    assert_eq!(log.append_statement(others, NOW + 6), Err(control::Refusal::HeadMoved.into()));
}

fn time_never_falls_and_stands_in_the_prefix<P: Place>() {
    let log = Store::<P>::new();
    let mut mother = Phone::new();
    let family = Family::founded(&mother);
    send_chain(&log, &family);
    log.append_envelope(mother.writes(&family, b"one"), NOW + 5000).unwrap();
    log.append_envelope(mother.writes(&family, b"two"), NOW).unwrap();
    let items = all(&log, &family);
    let times: Vec<u64> = items.iter().map(|item| item.taken_at - NOW).collect();
    assert_eq!(times, [0, 5000, 5000], "whatever the clock says");
    let hashes = [family.statements[0].hash()]
        .into_iter()
        .chain(items[1..].iter().map(|item| Envelope::from_bytes(&item.bytes).unwrap().hash()));
    let named = |times: [u64; 3]| {
        let items = hashes.clone().zip(times);
        items.fold(Prefix::default(), |prefix, (hash, time)| extend(&prefix, &hash, NOW + time))
    };
    let agrees = |prefix| {
        let (notebook, reader) = (family.notebook, mother.id());
        let request =
            PageRequest { notebook, reader, after: 3, prefix: Some(prefix), max_bytes: 0, wanted: Default::default() };
        log.wait(log.log().page(request)).unwrap().agrees
    };
    assert!(agrees(named([0, 5000, 5000])) && !agrees(named([0, 5000, 0])));
}

/// A server whose clock is before it does not start.
fn a_store_knows_when_its_newest_item_was_taken<P: Place>() {
    let log = Store::<P>::new();
    let last = |log: &Store<P>| log.wait(log.log().last_taken()).unwrap();
    assert_eq!(last(&log), 0);
    let (mut mother, other) = (Phone::new(), Phone::new());
    let (family, neighbours) = (Family::founded(&mother), Family::founded(&other));
    log.append_statement(family.statements[0].clone(), NOW).unwrap();
    log.append_envelope(mother.writes(&family, b"one"), NOW + 7000).unwrap();
    log.append_statement(neighbours.statements[0].clone(), NOW + 5000).unwrap();
    assert_eq!(last(&log), NOW + 7000);
    let photo = Chunk { notebook: family.notebook, name: [1; 32], number: 0, of: 1, bytes: vec![1] };
    log.wait(log.log().put_chunk(photo)).unwrap();
    assert_eq!(last(&log.again()), NOW + 7000, "also after a restart");
}
