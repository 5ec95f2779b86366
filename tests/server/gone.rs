//! What every store must do with notebooks that are closed, forgotten or left: nothing of them stays.

use ayumi_protocol::control::{Action, CLOSED_FOR_MS, Cutoff, EVERYWHERE, Role, Statement};
use ayumi_protocol::envelope::Envelope;
use ayumi_protocol::gone::{WhyGone, gone_hash};
use ayumi_protocol::key::KeyId;
use ayumi_server::gone::{DRAWER_MS, Due, Trace, VISIT_MS};
use ayumi_server::gone_list::{GoneList, ListError};
use ayumi_server::log::{Chunk, Log, LogError, Terms};
use ayumi_server::sqlite::SqliteLog;

use super::family::{Family, NOW, Phone};
use super::store::{Memory, Place, Postgres, Sqlite, Store};

contract!(
    what_was_closed_goes_wholly_after_thirty_days_and_never_begins_again,
    what_was_opened_again_stays,
    what_all_owners_close_at_once_is_over_at_once,
    a_closing_for_another_server_ends_nothing_here,
    a_closing_that_names_the_key_before_counts_after_the_change,
    a_dump_after_a_closing_or_a_forgetting_holds_nothing_of_the_notebook,
    what_was_forgotten_beside_a_running_server_is_gone_for_it_too,
    what_is_listed_stays_gone_when_a_backup_is_put_back,
    what_nobody_visited_for_long_ends_and_begins_again_with_a_ticket,
    a_drawer_that_nobody_opened_for_two_years_ends,
);

const SECRET: &[u8] = b"words that are sealed";

/// A family with a ticket, words and a photo.
struct Kept {
    family: Family,
    mother: Phone,
    envelopes: Vec<Envelope>,
    chunk: Vec<u8>,
}

fn kept<P: Place>(log: &Store<P>) -> Kept {
    let (mut mother, father) = (Phone::new(), Phone::new());
    let mut family = Family::founded(&mother);
    family.welcome(&mother, &father, Role::Writer);
    let ticket = ayumi_core::crypto::random().unwrap();
    log.place.add_tickets(&[ticket]);
    log.found(&family.statements[0], Terms::Ticket(ticket), NOW).unwrap();
    for statement in &family.statements[1..] {
        log.append_statement(statement.clone(), NOW).unwrap();
    }
    // Enough that pages of a file are split, and some written anew.
    let noise: Vec<u8> = (0..3).flat_map(|_| ayumi_core::crypto::random::<500>().unwrap()).collect();
    let envelopes: Vec<Envelope> = (0..40).map(|_| mother.writes(&family, &[SECRET, &noise].concat())).collect();
    for envelope in &envelopes {
        log.append_envelope(envelope.clone(), NOW).unwrap();
    }
    let chunk = ayumi_core::crypto::random::<9000>().unwrap().to_vec();
    let photo = Chunk { notebook: family.notebook, name: [0xb7; 32], number: 0, of: 1, bytes: chunk.clone() };
    log.wait(log.log().put_chunk(photo)).unwrap();
    Kept { family, mother, envelopes, chunk }
}

fn close<P: Place>(log: &Store<P>, kept: &mut Kept, at_once: bool) -> Statement {
    let server = log.log().signer().public_key();
    kept.family.extend(&kept.mother, Action::Close { server, at_once })
}

fn trace_of<P: Place>(log: &Store<P>, kept: &Kept) -> Option<Trace> {
    log.wait(log.log().trace(kept.family.notebook)).unwrap()
}

fn is_there<P: Place>(log: &Store<P>, kept: &Kept) -> bool {
    let page = log.page(kept.family.notebook, 0, 1);
    assert!(matches!(page, Ok(_) | Err(LogError::NoNotebook)), "{page:?}");
    page.is_ok()
}

fn what_was_closed_goes_wholly_after_thirty_days_and_never_begins_again<P: Place>() {
    let log = Store::<P>::new();
    let (mut one, other) = (kept(&log), kept(&log));
    let closing = close(&log, &mut one, false);
    log.append_statement(closing, NOW + 7).unwrap();
    assert_eq!(log.expire(NOW + 6 + CLOSED_FOR_MS), 0);
    assert!(is_there(&log, &one));
    assert_eq!((log.expire(NOW + 7 + CLOSED_FOR_MS), log.expire(NOW + 7 + CLOSED_FOR_MS)), (1, 0), "once");
    assert!(!is_there(&log, &one) && is_there(&log, &other));
    let notebook = one.family.notebook;
    let left = Trace { hash: gone_hash(notebook), why: WhyGone::Closed, when_ms: NOW + 7 + CLOSED_FOR_MS };
    assert_eq!(trace_of(&log, &one), Some(left));
    assert_eq!(log.wait(log.log().traces()).unwrap(), [left]);
    assert_eq!(log.wait(log.log().chain(notebook)), Ok(None));
    let log = log.again();
    log.place.add_tickets(&[[2; 32]]);
    for terms in [Terms::Whole, Terms::Ticket([2; 32])] {
        assert_eq!(log.found(&one.family.statements[0], terms, NOW), Err(LogError::Gone), "{terms:?}");
    }
    assert_eq!(log.append_envelope(one.envelopes[0].clone(), NOW), Err(LogError::NoNotebook));
    // The ticket that was not taken is good for another family.
    let third = Family::founded(&Phone::new());
    assert_eq!(log.found(&third.statements[0], Terms::Ticket([2; 32]), NOW), Ok(1));
}

fn what_was_opened_again_stays<P: Place>() {
    let log = Store::<P>::new();
    let mut one = kept(&log);
    let closing = close(&log, &mut one, false);
    log.append_statement(closing, NOW).unwrap();
    let server = log.log().signer().public_key();
    let opening = one.family.extend(&one.mother, Action::Reopen { server });
    log.append_statement(opening, NOW + CLOSED_FOR_MS - 1).unwrap();
    assert_eq!(log.expire(NOW + 2 * CLOSED_FOR_MS), 0);
    let words = one.mother.writes(&one.family, b"and on");
    log.append_envelope(words, NOW).unwrap();
    // Closed once more, the time begins anew.
    let closing = close(&log, &mut one, false);
    log.append_statement(closing, NOW + 2 * CLOSED_FOR_MS).unwrap();
    assert_eq!((log.expire(NOW + 3 * CLOSED_FOR_MS - 1), log.expire(NOW + 3 * CLOSED_FOR_MS)), (0, 1));
}

fn a_closing_that_names_the_key_before_counts_after_the_change<P: Place>() {
    let mut log = Store::<P>::new();
    let (mut one, mut other) = (kept(&log), kept(&log));
    let before = log.log().signer().public_key();
    let closing = close(&log, &mut one, false);
    log.append_statement(closing, NOW).unwrap();
    log = log.with_the_next_key();
    let now = log.log().signer().public_key();
    assert_ne!(now, before);
    // What an owner says later gives it no new time.
    let again = one.family.extend(&one.mother, Action::Close { server: now, at_once: false });
    log.append_statement(again, NOW + 5).unwrap();
    let late = other.family.extend(&other.mother, Action::Close { server: before, at_once: false });
    log.append_statement(late, NOW + 9).unwrap();
    assert_eq!((log.expire(NOW + CLOSED_FOR_MS - 1), is_there(&log, &one)), (0, true));
    assert_eq!((log.expire(NOW + CLOSED_FOR_MS), is_there(&log, &one)), (1, false));
    assert_eq!((log.expire(NOW + 8 + CLOSED_FOR_MS), is_there(&log, &other)), (0, true));
    assert_eq!((log.expire(NOW + 9 + CLOSED_FOR_MS), is_there(&log, &other)), (1, false));
}

fn what_all_owners_close_at_once_is_over_at_once<P: Place>() {
    let log = Store::<P>::new();
    let mut one = kept(&log);
    let father = *one.family.state.holders().map(|(id, _)| id).find(|id| **id != one.mother.id()).unwrap();
    let raise = one.family.extend(&one.mother, Action::Role { holder: father, role: Role::Owner, cutoff: None });
    log.append_statement(raise, NOW).unwrap();
    let closing = close(&log, &mut one, true);
    log.append_statement(closing, NOW + 1).unwrap();
    assert_eq!(log.expire(NOW + 1), 0, "another owner has not said so");
    let lowered = Action::Role { holder: father, role: Role::Reader, cutoff: Some(Cutoff::default()) };
    let lowered = one.family.extend(&one.mother, lowered);
    log.append_statement(lowered, NOW + 5).unwrap();
    assert_eq!((log.expire(NOW + 4), log.expire(NOW + 5)), (0, 1), "now she is the only one");
}

fn a_closing_for_another_server_ends_nothing_here<P: Place>() {
    let log = Store::<P>::new();
    let mut one = kept(&log);
    let elsewhere = one.family.extend(&one.mother, Action::Close { server: [3; 32], at_once: true });
    log.append_statement(elsewhere, NOW).unwrap();
    assert_eq!(log.expire(u64::MAX), 0);
    let everywhere = one.family.extend(&one.mother, Action::Close { server: EVERYWHERE, at_once: true });
    log.append_statement(everywhere, NOW).unwrap();
    assert_eq!(log.expire(NOW), 1);
}

/// Everything that names or is a notebook.
fn all_of(kept: &Kept) -> Vec<(&'static str, Vec<u8>)> {
    let Kept { family, envelopes, chunk, .. } = kept;
    let mut all = vec![
        ("the id", family.notebook.as_bytes().to_vec()),
        ("the id in text", family.notebook.to_string().into_bytes()),
        ("a photo", chunk[..64].to_vec()),
        ("the end of a photo", chunk[chunk.len() - 64..].to_vec()),
    ];
    for statement in &family.statements {
        all.push(("a key's name", statement.author.0.to_vec()));
        all.push(("a statement's hash", statement.hash().to_vec()));
        all.push(("a statement's signature", statement.signature.to_vec()));
    }
    for (id, holder) in family.state.holders() {
        all.push(("a holder", id.0.to_vec()));
        all.push(("a signing key", holder.keys.sign.to_vec()));
        all.push(("an agreement key", holder.keys.agree.to_vec()));
    }
    for envelope in envelopes {
        all.push(("a frame's hash", envelope.hash().to_vec()));
        all.push(("ciphertext", envelope.ciphertext[..32].to_vec()));
        all.push(("the end of a ciphertext", envelope.ciphertext[envelope.ciphertext.len() - 32..].to_vec()));
        all.push(("a signature", envelope.signature.to_vec()));
    }
    all
}

fn holds(dump: &[u8], bytes: &[u8]) -> bool {
    // Most places differ in the first byte: the whole is compared seldom.
    dump.windows(bytes.len()).any(|window| window[0] == bytes[0] && window == bytes)
}

fn a_dump_after_a_closing_or_a_forgetting_holds_nothing_of_the_notebook<P: Place>() {
    let log = Store::<P>::new();
    let (mut closed, forgotten, stays) = (kept(&log), kept(&log), kept(&log));
    let closing = close(&log, &mut closed, false);
    log.append_statement(closing, NOW).unwrap();
    let before = log.place.backup();
    for kept in [&closed, &forgotten, &stays] {
        let (what, id) = &all_of(kept)[0];
        assert!(holds(&before, id), "{what} is there, so that the search can find something");
        assert!(holds(&before, &kept.envelopes[7].ciphertext[..32]) && holds(&before, &kept.chunk[..64]));
    }
    assert_eq!(log.expire(NOW + CLOSED_FOR_MS), 1);
    assert_eq!(log.place.forget(forgotten.family.notebook, NOW).why, WhyGone::Forgotten);
    // What is asked, and what is written, afterwards is answered as always.
    assert!(is_there(&log, &stays) && !is_there(&log, &forgotten));
    let check = |dump: &[u8]| {
        for (who, kept) in [("closed", &closed), ("forgotten", &forgotten)] {
            for (what, bytes) in all_of(kept) {
                assert!(!holds(dump, &bytes), "{who}: {what} is left");
            }
            assert!(holds(dump, &gone_hash(kept.family.notebook)), "what answers for it");
        }
        assert!(holds(dump, stays.family.notebook.as_bytes()), "the others stay");
    };
    check(&log.place.backup());
    let log = log.again();
    check(&log.place.backup());
}

/// Pages of a file keep pieces of what stood in them before, also beside other families' rows.
#[test]
fn a_file_that_was_written_anew_holds_nothing_of_what_was_forgotten_between_its_rows_either() {
    let log = Store::<Sqlite>::new();
    let (forgotten, stays) = (kept(&log), kept(&log));
    log.place.forget(forgotten.family.notebook, NOW);
    // Beside the running server.
    SqliteLog::compact(&log.place.file()).unwrap();
    let file = log.place.dump();
    for (what, bytes) in all_of(&forgotten) {
        assert!(!holds(&file, &bytes), "{what} is left");
    }
    assert!(is_there(&log, &stays) && holds(&file, &stays.chunk[..64]));
    let mut mother = stays.mother;
    assert!(log.append_envelope(mother.writes(&stays.family, b"and on"), NOW).is_ok(), "the server goes on");
}

fn what_was_forgotten_beside_a_running_server_is_gone_for_it_too<P: Place>() {
    let log = Store::<P>::new();
    let one = kept(&log);
    let notebook = one.family.notebook;
    // The running server has the chain in its memory.
    assert!(log.wait(log.log().chain(notebook)).unwrap().is_some());
    let trace = log.place.forget(notebook, NOW + 9);
    assert_eq!((trace.why, trace.when_ms), (WhyGone::Forgotten, NOW + 9));
    assert!(!is_there(&log, &one));
    let mut mother = Phone { keys: one.mother.keys.clone(), ..one.mother };
    let words = mother.writes(&one.family, b"and on");
    assert_eq!(log.append_envelope(words, NOW), Err(LogError::NoNotebook));
    assert_eq!(log.found(&one.family.statements[0], Terms::Whole, NOW), Err(LogError::Gone));
    assert_eq!(log.wait(log.log().trace(notebook)).unwrap(), Some(trace));
    assert_eq!(log.place.forget(notebook, NOW + 99), trace, "once more changes nothing");
    let never = Family::founded(&Phone::new());
    assert_eq!(log.place.forget(never.notebook, NOW).why, WhyGone::Forgotten, "one that never was does not begin");
    assert_eq!(log.found(&never.statements[0], Terms::Whole, NOW), Err(LogError::Gone));
}

fn what_is_listed_stays_gone_when_a_backup_is_put_back<P: Place>() {
    let folder = tempfile::tempdir().unwrap();
    let list = GoneList::in_folder(&folder.path().join("keys"));
    // The store that was put back has them still.
    let log = Store::<P>::new();
    let (one, other) = (kept(&log), kept(&log));
    assert_eq!(log.wait(list.agree_with(log.log())), Ok(0));
    let listed = Trace { hash: gone_hash(one.family.notebook), why: WhyGone::Closed, when_ms: NOW };
    let unknown = Trace { hash: [9; 32], why: WhyGone::Forgotten, when_ms: NOW };
    list.add(&[listed, unknown]).unwrap();
    assert_eq!(log.wait(list.agree_with(log.log())), Ok(1));
    assert!(!is_there(&log, &one) && is_there(&log, &other));
    assert_eq!(trace_of(&log, &one), Some(listed));
    // What leaves the store is listed.
    let forgotten = log.place.forget(other.family.notebook, NOW);
    assert_eq!(log.wait(list.agree_with(log.log())), Ok(0));
    assert_eq!(list.read(), Ok(vec![listed, unknown, forgotten]));
    std::fs::write(folder.path().join("keys/gone.list"), "half a li").unwrap();
    assert_eq!(log.wait(list.agree_with(log.log())), Err(ListError::File), "a list that cannot be read is noticed");
}

fn what_nobody_visited_for_long_ends_and_begins_again_with_a_ticket<P: Place>() {
    let log = Store::<P>::new();
    let (one, other) = (kept(&log), kept(&log));
    let expire = |log: &Store<P>, now_ms, since| {
        log.wait(log.log().expire(Due { now_ms, unvisited_since: Some(since) })).unwrap()
    };
    assert_eq!(expire(&log, NOW + 10, NOW - 1), 0);
    // Somebody came, and brought nothing.
    log.wait(log.log().visit(other.family.notebook, NOW + 5)).unwrap();
    assert_eq!(log.expire(u64::MAX / 4), 0, "without years that were named nothing ends");
    assert_eq!(expire(&log, NOW + 10, NOW), 1);
    assert!(!is_there(&log, &one) && is_there(&log, &other));
    let left = Trace { hash: gone_hash(one.family.notebook), why: WhyGone::Expired, when_ms: NOW + 10 };
    assert_eq!(trace_of(&log, &one), Some(left));
    assert_eq!(log.wait(log.log().traces()).unwrap(), [], "no list keeps it away");
    log.place.add_tickets(&[[2; 32]]);
    assert_eq!(log.found(&one.family.statements[0], Terms::Ticket([2; 32]), NOW + 20), Ok(1));
    assert_eq!(trace_of(&log, &one), None);
}

fn a_drawer_that_nobody_opened_for_two_years_ends<P: Place>() {
    let log = Store::<P>::new();
    let [left, opened] = [KeyId([1; 16]), KeyId([2; 16])];
    let look = |drawer, now| log.wait(log.log().drawer(drawer, now)).unwrap().edition;
    for drawer in [left, opened] {
        log.wait(log.log().fill_drawer(drawer, 7, b"sealed".to_vec(), NOW)).unwrap();
    }
    assert_eq!(look(opened, NOW + VISIT_MS), 7);
    let due = |now_ms| log.wait(log.log().expire(Due::now(now_ms))).unwrap();
    due(NOW + DRAWER_MS - 1);
    assert_eq!((look(left, NOW), look(opened, NOW)), (7, 7));
    due(NOW + DRAWER_MS);
    assert_eq!((look(left, NOW), look(opened, NOW)), (0, 7));
}
