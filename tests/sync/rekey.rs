//! New keys in a device's place: a moving box, and a copy that writes.

use std::sync::atomic::{AtomicBool, Ordering};

use ayumi_core::app::sync::{SyncOutcome, SyncWhy};
use ayumi_core::app::{Handbook, Moving, NotebookId};
use ayumi_core::store::changes::Delivery;
use ayumi_core::sync::transport::{Transport, Unreachable, Waiting};
use ayumi_protocol::exchange::{Piece, Request};
use ayumi_tests::family::{Direct, Time, phone_config, sync, wait};
use ayumi_tests::phones::{Phone, family, phone, weigh};
use tempfile::TempDir;

/// Moves a phone in a box; the old one goes on all the same.
fn moved(from: &Handbook, time: &Time) -> (TempDir, Handbook) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("box");
    let code = from.moving().pack(&file).unwrap();
    let (config, _) = phone_config(&folder.path().join("home"), time);
    let book = Moving::unpack(&config, &file, &code).unwrap();
    (folder, book)
}

/// A silent copy of a phone's folder.
pub(super) fn copied(from: Phone, time: &Time) -> (Phone, TempDir, Handbook) {
    let Phone { folder, book, wrong_ms } = from;
    drop(book);
    let copy = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    let open = |folder: &std::path::Path| Handbook::open(&phone_config(folder, time).0).unwrap();
    let (original, second) = (open(folder.path()), open(copy.path()));
    (Phone { folder, book: original, wrong_ms }, copy, second)
}

fn my_id(book: &Handbook, notebook: NotebookId) -> String {
    book.members().list(notebook).unwrap().into_iter().find(|member| member.me).unwrap().id
}

#[test]
fn a_box_takes_new_keys_before_it_writes_and_what_the_old_phone_sent_meanwhile_stays() {
    let (time, way, mother, father, notebook) = family();
    weigh(&mother.book, notebook, "9.0");
    sync(&mother.book, &way);
    let before = my_id(&mother.book, notebook);
    let (_folder, box_book) = moved(&mother.book, &time);
    let meanwhile = weigh(&mother.book, notebook, "9.1");
    assert_eq!(sync(&mother.book, &way).outcome, SyncOutcome::Done);
    let on_the_new = weigh(&box_book, notebook, "9.2");
    assert_eq!(sync(&box_book, &way).outcome, SyncOutcome::Done);
    assert_eq!(box_book.entries().delivery(on_the_new), Ok(Delivery::Sent));
    let members = box_book.members().list(notebook).unwrap();
    assert_eq!(members.len(), 2, "nobody came in anew");
    assert!(members.iter().all(|member| member.id != before), "the old key is out");
    sync(&father.book, &way);
    for entry in [meanwhile, on_the_new] {
        assert!(father.book.entries().show(entry).is_ok(), "{entry:?}");
    }
    // Another sync is as any other: one question.
    assert_eq!(sync(&box_book, &way).round_trips, 1);
    weigh(&father.book, notebook, "9.3");
    assert_eq!(sync(&father.book, &way).outcome, SyncOutcome::Done);
}

#[test]
fn what_the_old_phone_had_sealed_goes_out_of_the_box_as_it_was() {
    let (time, way, mother, father, notebook) = family();
    sync(&mother.book, &way);
    let entry = weigh(&mother.book, notebook, "9.1");
    // It is sealed, and no answer comes.
    let lost = Losing { way: &way, when: |pieces| pieces.iter().any(is_envelope), lost: AtomicBool::new(false) };
    assert_eq!(sync(&mother.book, &lost).outcome, SyncOutcome::Offline);
    let (_folder, box_book) = moved(&mother.book, &time);
    assert_eq!(sync(&box_book, &way).outcome, SyncOutcome::Done);
    assert_eq!(box_book.entries().delivery(entry), Ok(Delivery::Sent));
    sync(&father.book, &way);
    assert_eq!(father.book.entries().history(entry).unwrap().len(), 1, "once, under the old key");
}

#[test]
fn a_silent_copy_that_writes_is_met_and_shut_out() {
    let (time, way, mother, father, notebook) = family();
    weigh(&mother.book, notebook, "9.0");
    sync(&mother.book, &way);
    let (mother, _copy, thief) = copied(mother, &time);
    let forged = weigh(&thief, notebook, "1.0");
    assert_eq!(sync(&thief, &way).outcome, SyncOutcome::Done, "nobody can tell yet");
    let hers = weigh(&mother.book, notebook, "9.1");
    assert_eq!(sync(&mother.book, &way).outcome, SyncOutcome::Done, "she is not stopped");
    assert_eq!(mother.book.entries().delivery(hers), Ok(Delivery::Sent));
    assert!(mother.book.entries().show(forged).is_ok(), "what came up to then cannot be told apart");
    // The copy has no key any more, and reads nothing that comes.
    let later = weigh(&mother.book, notebook, "9.2");
    sync(&mother.book, &way);
    let report = sync(&thief, &way);
    assert_eq!((report.outcome, report.notebooks[0].why), (SyncOutcome::Removed, Some(SyncWhy::Replaced)));
    assert!(thief.entries().show(later).is_err());
    weigh(&father.book, notebook, "9.3");
    assert_eq!(sync(&father.book, &way).outcome, SyncOutcome::Done);
}

#[test]
fn whose_key_was_replaced_without_her_is_told_and_comes_back_by_the_sheet() {
    let (time, way, mother, _father, notebook) = family();
    let sheet = wait(mother.book.members().print_recovery(&way)).unwrap().code;
    sync(&mother.book, &way);
    let (_folder, thief) = moved(&mother.book, &time);
    assert_eq!(sync(&thief, &way).outcome, SyncOutcome::Done);
    let unsent = weigh(&mother.book, notebook, "9.1");
    let report = sync(&mother.book, &way);
    assert_eq!((report.outcome, report.notebooks[0].why), (SyncOutcome::Removed, Some(SyncWhy::Replaced)));
    assert_eq!(report.notebooks[0].removed_by, None, "nobody took her out");
    assert_eq!(wait(mother.book.members().recover(&sheet, &way)), Ok(vec![notebook]), "new keys end no sheet");
    sync(&mother.book, &way);
    assert_eq!(mother.book.entries().delivery(unsent), Ok(Delivery::Sent));
    // She is the same person, so she takes the other device out.
    let thiefs = my_id(&thief, notebook);
    wait(mother.book.members().remove(notebook, &thiefs, &way)).unwrap();
    assert_eq!(sync(&thief, &way).notebooks[0].why, Some(SyncWhy::Removed));
}

/// A network that swallows the answer to one request, after the server has acted on it.
struct Losing<'a> {
    way: &'a Direct,
    when: fn(&[Piece]) -> bool,
    lost: AtomicBool,
}

fn is_envelope(piece: &Piece) -> bool {
    matches!(piece, Piece::Envelope(_))
}

impl Transport for Losing<'_> {
    fn origin(&self) -> &str {
        self.way.origin()
    }

    fn post<'b>(&'b self, path: &'b str, body: Vec<u8>) -> Waiting<'b> {
        Box::pin(async move {
            let pieces = Request::from_bytes(&body).map(|request| request.pieces).unwrap_or_default();
            let answer = self.way.post(path, body).await;
            if (self.when)(&pieces) && !self.lost.swap(true, Ordering::Relaxed) { Err(Unreachable) } else { answer }
        })
    }
}

#[test]
fn new_keys_whose_answer_was_lost_are_found_in_the_log() {
    let (time, way, mother, father, notebook) = family();
    sync(&mother.book, &way);
    let (_folder, box_book) = moved(&mother.book, &time);
    let entry = weigh(&box_book, notebook, "9.1");
    let statement = |pieces: &[Piece]| pieces.iter().any(|piece| matches!(piece, Piece::Statement(_)));
    let lost = Losing { way: &way, when: statement, lost: AtomicBool::new(false) };
    assert_eq!(sync(&box_book, &lost).outcome, SyncOutcome::Offline);
    assert_eq!(sync(&box_book, &way).outcome, SyncOutcome::Done);
    assert_eq!(box_book.entries().delivery(entry), Ok(Delivery::Sent));
    sync(&father.book, &way);
    assert!(father.book.entries().show(entry).is_ok());
    assert_eq!(father.book.members().list(notebook).unwrap().len(), 2);
}

#[test]
fn a_box_of_a_handbook_that_never_met_a_server_founds_its_notebook_first() {
    let (time, way, ..) = family();
    let mother = phone(&time, "はは");
    let notebook = ayumi_tests::phones::child(&mother.book);
    let (_folder, box_book) = moved(&mother.book, &time);
    let entry = weigh(&box_book, notebook, "9.1");
    let report = sync(&box_book, &way);
    assert_eq!(report.outcome, SyncOutcome::Done, "{report:?}");
    assert_eq!(box_book.entries().delivery(entry), Ok(Delivery::Sent));
    assert_eq!(sync(&mother.book, &way).notebooks[0].why, Some(SyncWhy::Replaced));
}
