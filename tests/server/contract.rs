//! What every store must do.

use std::collections::BTreeSet;

use ayumi_core::crypto::seal::open;
use ayumi_protocol::accept::Refusal;
use ayumi_protocol::control::{self, Action, Role, Statement, read_chain};
use ayumi_protocol::envelope::{Envelope, Kind, Part, Receipt};
use ayumi_protocol::key::{KeyId, PublicKeys, hash};
use ayumi_protocol::prefix::{Prefix, extend};
use ayumi_server::log::{Confirmed, Log, LogError};

use super::family::{Family, NOW, Phone};
use super::store::{Memory, Place, Postgres, Sqlite, Store};

/// Every rule for every store.
macro_rules! contract {
    ($($rule:ident),* $(,)?) => {
        mod sqlite {
            $(#[test] fn $rule() { super::$rule::<super::Sqlite>(); })*
        }
        mod postgres {
            $(#[test] fn $rule() { super::$rule::<super::Postgres>(); })*
        }
        mod memory {
            $(#[test] fn $rule() { super::$rule::<super::Memory>(); })*
        }
    };
}
contract!(
    what_is_sent_is_kept_in_order_and_answered_once_for_all,
    roles_hold_and_each_refusal_comes_through,
    the_chain_never_forks,
    many_at_once_lose_nothing,
    a_full_notebook_takes_no_more_words_but_still_removes_members,
    the_server_holds_only_ciphertext,
    a_snapshot_stands_where_it_was_made_or_nowhere,
    what_two_snapshots_hold_is_let_go_when_all_have_passed_them,
);

/// Sends the chain of a family that is not there yet.
fn send_chain<P: Place>(log: &Store<P>, family: &Family) {
    for statement in &family.statements {
        log.append_statement(statement.clone(), NOW).unwrap();
    }
}

fn what_is_sent_is_kept_in_order_and_answered_once_for_all<P: Place>() {
    let log = Store::<P>::new();
    let mut mother = Phone::new();
    let family = Family::founded(1, &mother);
    let words = "はじめて笑った".as_bytes();
    let early = mother.writes(&family, words);
    assert_eq!(log.append_envelope(early.clone(), NOW), Err(LogError::NoNotebook));
    assert_eq!(log.append_statement(family.statements[0].clone(), NOW), Ok(1));
    assert_eq!(log.append_statement(family.statements[0].clone(), NOW), Ok(1), "the same statement again");
    let receipt = log.append_envelope(early.clone(), NOW).unwrap();
    assert_eq!((receipt.position, receipt.envelope), (2, early.hash()));
    let server = PublicKeys { sign: log.log().signer().public_key(), agree: [0; 32] };
    let signed = Receipt::signed_bytes(receipt.notebook, receipt.position, &receipt.envelope, &receipt.store_epoch);
    assert!(server.verify(Receipt::PURPOSE, &signed, &receipt.signature), "a promise that can be shown");
    let second = mother.writes(&family, "よく眠った".as_bytes());
    log.append_envelope(second, NOW).unwrap();
    let again = log.append_envelope(early.clone(), NOW + 1_000_000).unwrap();
    assert_eq!(again, receipt, "the first receipt, whatever has come since");
    let page = log.page(family.notebook, 0, usize::MAX).unwrap();
    assert_eq!(
        page.items.iter().map(|item| (item.position, item.control)).collect::<Vec<_>>(),
        [(1, true), (2, false), (3, false)]
    );
    assert_eq!((page.end, page.store_epoch), (3, receipt.store_epoch));
    let back = Envelope::from_bytes(&page.items[1].bytes).unwrap();
    assert_eq!(open(&back, &family.epochs[0]).as_deref(), Ok(words), "another phone reads it");
}

fn roles_hold_and_each_refusal_comes_through<P: Place>() {
    let log = Store::<P>::new();
    let [mut mother, mut father, mut grandmother] = [Phone::new(), Phone::new(), Phone::new()];
    let mut family = Family::founded(1, &mother);
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
    let after_the_removal = father.writes(&family, b"too late");
    family.remove(&mother, &father);
    log.append_statement(family.statements.last().unwrap().clone(), NOW).unwrap();
    assert_eq!(refused(after_the_removal), Refusal::NotAWriter.into(), "what a removed phone had written offline");
    assert_eq!(refused(with_the_old_key), Refusal::OldEpoch.into(), "she seals it anew with the new key");
    let stale = mother.says(family.notebook, family.statements[0].hash(), Action::Leave);
    let head_moved = log.append_statement(stale, NOW).unwrap_err();
    assert_eq!(head_moved, control::Refusal::HeadMoved.into());
    let expired = log.page(ayumi_protocol::NotebookId::from_slice(&[9; 16]).unwrap(), 0, 1).unwrap_err();
    assert_eq!(expired, LogError::NoNotebook);
}

/// Of statements that come at the same head at the same moment one is taken.
fn the_chain_never_forks<P: Place>() {
    let log = Store::<P>::new();
    let mother = Phone::new();
    let family = Family::founded(1, &mother);
    send_chain(&log, &family);
    let rivals: Vec<Statement> = (0..16)
        .map(|_| {
            let mut other = Family::founded(1, &mother);
            (other.state, other.epochs) = (family.state.clone(), family.epochs.clone());
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
        .map(|number| {
            let mother = Phone::new();
            let mut family = Family::founded(number, &mother);
            let father = Phone::new();
            family.welcome(&mother, &father, Role::Writer);
            send_chain(&log, &family);
            (family, vec![mother, father])
        })
        .collect();
    let receipts: Vec<Receipt> = std::thread::scope(|scope| {
        let mut threads = Vec::new();
        for (family, phones) in families {
            let family = std::sync::Arc::new(family);
            for mut phone in phones {
                let (log, family) = (&log, family.clone());
                threads.push(scope.spawn(move || {
                    let write = |n: u32| log.append_envelope(phone.writes(&family, &n.to_be_bytes()), NOW).unwrap();
                    (0..40).map(write).collect::<Vec<_>>()
                }));
            }
        }
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(receipts.len(), 320);
    for number in 1..=4 {
        let notebook = ayumi_protocol::NotebookId::from_slice(&[number; 16]).unwrap();
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
        let mine: BTreeSet<u64> = receipts.iter().filter(|r| r.notebook == notebook).map(|r| r.position).collect();
        assert_eq!(mine, (4..=83).collect(), "each receipt has its own place");
    }
    // After a restart the store is the same one.
    let epoch = receipts[0].store_epoch;
    let log = log.again();
    let page = log.page(receipts[0].notebook, 0, 1).unwrap();
    assert_eq!((page.end, page.store_epoch), (83, epoch));
    let other = Store::<P>::new();
    let mother = Phone::new();
    send_chain(&other, &Family::founded(1, &mother));
    let fresh = other.page(receipts[0].notebook, 0, 1).unwrap().store_epoch;
    assert_ne!(fresh, epoch, "another store has another life");
}

fn a_full_notebook_takes_no_more_words_but_still_removes_members<P: Place>() {
    let log = Store::<P>::new();
    let (mut mother, father) = (Phone::new(), Phone::new());
    let mut family = Family::founded(1, &mother);
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
    family.remove(&mother, &father);
    assert!(log.append_statement(family.statements.last().unwrap().clone(), NOW).is_ok());
}

/// A dump of the server's file beside what a family wrote.
fn the_server_holds_only_ciphertext<P: Place>() {
    let log = Store::<P>::new();
    let mut mother = Phone::new();
    let family = Family::founded(1, &mother);
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

/// The part of a snapshot that belongs at the end of the log as it is.
fn part<P: Place>(log: &Store<P>, by: &mut Phone, family: &Family, number: u16, of: u16) -> Envelope {
    let mut prefix = Prefix::default();
    for item in log.page(family.notebook, 0, usize::MAX).unwrap().items {
        prefix = item.gone.map_or_else(|| extend(&prefix, &hash(&item.bytes)), |(_, named)| named);
    }
    by.seals(family, Kind::Snapshot(Part { prefix, number, of }), b"everything once more")
}

fn a_snapshot_stands_where_it_was_made_or_nowhere<P: Place>() {
    let log = Store::<P>::new();
    let [mut mother, mut father] = [Phone::new(), Phone::new()];
    let mut family = Family::founded(1, &mother);
    family.welcome(&mother, &father, Role::Writer);
    send_chain(&log, &family);
    log.append_envelope(mother.writes(&family, b"one"), NOW).unwrap();
    let late = part(&log, &mut mother, &family, 0, 1);
    log.append_envelope(father.writes(&family, b"meanwhile"), NOW).unwrap();
    assert_eq!(log.append_envelope(late, NOW).unwrap_err(), Refusal::Moved.into());
    let good = part(&log, &mut father, &family, 0, 1);
    let receipt = log.append_envelope(good.clone(), NOW).unwrap();
    log.append_envelope(father.writes(&family, b"later"), NOW).unwrap();
    assert_eq!(log.append_envelope(good, NOW), Ok(receipt), "the same again");
}

fn what_two_snapshots_hold_is_let_go_when_all_have_passed_them<P: Place>() {
    let log = Store::<P>::new();
    let [mut mother, father] = [Phone::new(), Phone::new()];
    let mut family = Family::founded(1, &mother);
    family.welcome(&mother, &father, Role::Writer);
    send_chain(&log, &family);
    let (notebook, members) = (family.notebook, vec![mother.id(), father.id()]);
    let confirm = |author: KeyId, position: u64| {
        let confirmed = Confirmed { notebook, author, position, members: members.clone(), now_ms: NOW };
        log.wait(log.log().confirm(confirmed)).unwrap();
    };
    let gone = || {
        let items = log.page(notebook, 0, usize::MAX).unwrap().items;
        items.iter().filter(|item| item.gone.is_some()).map(|item| item.position).collect::<Vec<_>>()
    };
    // Three statements; two envelopes; a snapshot in two parts; one envelope; a snapshot.
    let mut hashes = Vec::new();
    for words in [&b"one"[..], b"two"] {
        let envelope = mother.writes(&family, words);
        hashes.push(envelope.hash());
        log.append_envelope(envelope, NOW).unwrap();
    }
    for number in 0..2 {
        let envelope = part(&log, &mut mother, &family, number, 2);
        log.append_envelope(envelope, NOW).unwrap();
    }
    confirm(mother.id(), 7);
    confirm(father.id(), 7);
    assert!(gone().is_empty(), "one snapshot is not enough");
    let kept = mother.writes(&family, b"three");
    log.append_envelope(kept.clone(), NOW).unwrap();
    let envelope = part(&log, &mut mother, &family, 0, 1);
    log.append_envelope(envelope, NOW).unwrap();
    let before = log.page(notebook, 0, usize::MAX).unwrap();
    confirm(mother.id(), 9);
    assert!(gone().is_empty(), "one member has not seen the second");
    confirm(father.id(), 9);
    assert_eq!(gone(), [4, 5], "what stands before the first of the two");
    let after = log.page(notebook, 0, usize::MAX).unwrap();
    for (i, (was, is)) in before.items.iter().zip(&after.items).enumerate() {
        match is.gone {
            Some((hash, _)) => assert_eq!((hash, is.bytes.len()), (hashes[i - 3], 0), "its hash stays"),
            None => assert_eq!(was, is, "the rest is as it was"),
        }
    }
    assert_eq!(after.items[5].gone, None);
    // The answer to what is gone is the first one still, and the log goes on.
    let mut again = Phone::new();
    again.keys = mother.keys.clone();
    let other = again.writes(&family, b"one");
    assert_eq!(log.append_envelope(other, NOW).unwrap_err(), Refusal::Taken.into());
    assert_eq!(log.append_envelope(kept, NOW).unwrap().position, 8);
    assert_eq!(log.append_envelope(mother.writes(&family, b"four"), NOW).unwrap().position, 10);
    let log = log.again();
    let last = log.page(notebook, 9, usize::MAX).unwrap();
    assert_eq!((last.items.len(), last.end), (1, 10));
}
