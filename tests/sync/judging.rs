//! Every phone judges what members wrote alike, whenever it could be read, and whatever was erased of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, OnceLock};

use ayumi_core::app::sync::{SyncOutcome, SyncReport};
use ayumi_core::app::{EntryKey, Handbook, ListFilter, NewEntry};
use ayumi_core::sync::statement::Decision;
use ayumi_core::sync::transport::{RawResponse, Transport, Waiting};
use ayumi_protocol::blob::{BlobAction, BlobRequest};
use ayumi_protocol::control::{ErasedIn, Role};
use ayumi_protocol::exchange::{Answer, Piece};
use ayumi_protocol::{Change, EntryId, NotebookId, limits};
use ayumi_tests::family::{Direct, Municipality, Time, sync as sync_phone, wait};
use ayumi_tests::phones::{child, family, phone, weigh};

use super::hostile::{change, invited, sends};
use super::matrix::{Device, says, sync};
use super::patched::{chain_of, lying_epoch};

fn entry(n: usize) -> EntryId {
    EntryId::from_slice(&[0x30 + n as u8; 16]).unwrap()
}

/// What a phone shows of a notebook.
fn everything(book: &Handbook, notebook: NotebookId) -> BTreeMap<EntryId, String> {
    let listed = book.entries().list(notebook, &ListFilter::default()).unwrap();
    listed.into_iter().map(|entry| (entry.id, format!("{:?} {}", entry.fields, entry.conflicts))).collect()
}

/// Writes so many versions of an entry in one envelope.
fn floods(way: &Direct, guest: &mut Device, time: &Time, entry: EntryId, count: usize, word: &str) {
    let notebook = guest.reader.notebook();
    let version = |n| {
        time.pass(1);
        change(notebook, entry, "diary", time, &format!(r#"{{"n":{{"text":"{word}{n}"}}}}"#))
    };
    let changes: Vec<Change> = (0..count).map(version).collect();
    sends(way, guest, time, &changes);
}

fn apart(book: &Handbook, notebook: NotebookId) -> u64 {
    assert_eq!(book.doctor().examine(&mut |_, _| ()).unwrap().findings, Vec::<String>::new());
    book.sync().state(notebook).unwrap().apart
}

/// One phone reads the first half of a flood later than the second one: its author's line decides, not the order of reading.
#[test]
fn what_is_read_late_stands_where_it_stands_in_its_authors_line() {
    let (time, way, mother, father, notebook) = family();
    sync_phone(&mother.book, &way);
    let liar = invited(&way, &mother.book, notebook, Role::Owner);
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    let chain = chain_of(&way.0, &guest.keys, notebook).unwrap();
    let mut liar = liar;
    liar.learn(&chain);
    let his = father.book.members().list(notebook).unwrap().into_iter().find(|member| member.me).unwrap().id;
    let lie = lying_epoch(&liar, |id| format!("{id:?}") == his);
    sync(&way.0, &liar.keys, notebook, &[Piece::Statement(lie.to_bytes())]).unwrap();
    guest.learn(&[lie]);
    let half = limits::ENTRY_CHANGES * 3 / 5;
    floods(&way, &mut guest, &time, entry(0), half, "初");
    sync_phone(&mother.book, &way);
    wait(mother.book.members().remove(notebook, &format!("{:?}", liar.keys.id()), &way)).unwrap();
    guest.learn(&chain_of(&way.0, &guest.keys, notebook).unwrap());
    floods(&way, &mut guest, &time, entry(0), half, "次");
    sync_phone(&father.book, &way);
    let last = |book: &Handbook| book.entries().show(entry(0)).unwrap().fields["text"].clone();
    assert_eq!(last(&father.book), format!("次{}", half - 1), "what he can read");
    // The mother tells him the key that he was not given.
    weigh(&mother.book, notebook, "9.1");
    sync_phone(&mother.book, &way);
    let report = sync_phone(&father.book, &way);
    assert_eq!(report.outcome, SyncOutcome::Done);
    let beyond = 2 * half - limits::ENTRY_CHANGES;
    assert_eq!(report.apart, beyond as u64, "told once, when it is known");
    for book in [&mother.book, &father.book] {
        assert_eq!(last(book), format!("次{}", half - beyond - 1));
        assert_eq!(apart(book, notebook), beyond as u64);
    }
    assert_eq!(everything(&mother.book, notebook), everything(&father.book, notebook));
}

#[test]
fn what_was_erased_of_an_entry_makes_room_on_every_phone_alike() {
    let (time, way, mother, father, notebook) = family();
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    floods(&way, &mut guest, &time, entry(0), limits::ENTRY_CHANGES, "初");
    floods(&way, &mut guest, &time, entry(0), 5, "次");
    assert_eq!(sync_phone(&mother.book, &way).apart, 5);
    let erased = vec![ErasedIn { sequence: 1, attempt: 0, places: vec![0, 1, 2] }];
    let statement = says(&guest, &Decision::Erase(guest.keys.id(), erased));
    let reply = sync(&way.0, &guest.keys, notebook, &[Piece::Statement(statement.to_bytes())]).unwrap();
    assert!(matches!(reply.answers[0], Answer::Taken(_)), "{:?}", reply.answers);
    // The mother has read all of it before, the father reads what is left.
    for phone in [&mother, &father, &mother, &father] {
        assert_eq!(sync_phone(&phone.book, &way).outcome, SyncOutcome::Done);
    }
    for book in [&mother.book, &father.book] {
        assert_eq!(book.entries().show(entry(0)).unwrap().fields["text"], "次2");
        assert_eq!(apart(book, notebook), 2);
    }
    assert_eq!(everything(&mother.book, notebook), everything(&father.book, notebook));
}

#[test]
fn an_erased_word_brings_nothing_out_that_was_kept_apart() {
    let (time, way, mother, father, notebook) = family();
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    let word = change(notebook, entry(0), "diary", &time, r#"{"n":{"text":"消す"}}"#);
    let heavy = change(notebook, entry(1), "growth", &time, r#"{"n":{"weight":9100}}"#);
    sends(&way, &mut guest, &time, &[word, heavy]);
    sync_phone(&mother.book, &way);
    sync_phone(&father.book, &way);
    wait(mother.book.sync().erase(EntryKey::new(notebook, "diary", entry(0)), &way)).unwrap();
    let newcomer = phone(&time, "祖母");
    let code = wait(mother.book.members().invite(notebook, Role::Reader, "", &way)).unwrap().code;
    wait(newcomer.book.members().join(&code, &way)).unwrap();
    for phone in [&mother, &father, &newcomer] {
        assert_eq!(sync_phone(&phone.book, &way).outcome, SyncOutcome::Done);
        assert!(everything(&phone.book, notebook).is_empty(), "neither the word nor what was beside it");
        assert_eq!(apart(&phone.book, notebook), 1, "still kept and counted");
    }
}

/// A server that answers nothing sensible about the photos of the first notebook that asks, and notes whose photos it has taken.
struct Partly {
    server: Direct,
    first: OnceLock<NotebookId>,
    taken: Mutex<BTreeSet<NotebookId>>,
}

impl Partly {
    fn answer(&self, path: &str, body: &[u8]) -> RawResponse {
        let Ok(request) = BlobRequest::from_bytes(body) else { return self.server.0.answer(path, body) };
        let notebook = request.caller.notebook;
        if notebook == *self.first.get_or_init(|| notebook) {
            return RawResponse { status: 400, body: Vec::new(), retry_after: None };
        }
        let answer = self.server.0.answer(path, body);
        if answer.status == 200 && matches!(request.action, BlobAction::Put { .. }) {
            self.taken.lock().unwrap().insert(notebook);
        }
        answer
    }
}

impl Transport for Partly {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        Box::pin(async move { Ok(self.answer(path, &body)) })
    }
}

#[test]
fn one_notebooks_photo_that_cannot_be_sent_keeps_no_other_notebook_back() {
    let time = Time::default();
    let server = Direct(Municipality::new(&time));
    let way = Partly { server, first: OnceLock::new(), taken: Mutex::default() };
    let mother = phone(&time, "母");
    let picture = std::fs::read(ayumi_tests::fixture("photos/garden.jpg")).unwrap();
    let notebooks = [0; 3].map(|_| child(&mother.book));
    for notebook in notebooks {
        let entry = NewEntry::typed(notebook, "diary", "2026-04-01", &[("text", "庭")]).unwrap();
        mother.book.entries().add(&entry.with_photo(&picture).unwrap()).unwrap();
    }
    let report = sync_phone(&mother.book, &way);
    assert_ne!(report.outcome, SyncOutcome::Done, "never all is sent");
    let outcome = |report: &SyncReport, id| report.notebooks.iter().find(|one| one.notebook == id).unwrap().outcome;
    let first = *way.first.get().unwrap();
    for notebook in notebooks {
        let is_done = outcome(&report, notebook) == SyncOutcome::Done;
        assert_eq!((is_done, way.taken.lock().unwrap().contains(&notebook)), (notebook != first, notebook != first));
    }
    assert_eq!(sync_phone(&mother.book, &way.server).outcome, SyncOutcome::Done, "nothing is lost");
}
