//! What a member's phone names of another's, and what is not here: told until it comes, and it halts nothing.

use ayumi_core::app::sync::{Absent, SyncOutcome};
use ayumi_core::app::{Handbook, NotebookId};
use ayumi_core::sync::statement::Decision;
use ayumi_core::texts::Locale;
use ayumi_protocol::batch::PeerHead;
use ayumi_protocol::control::{ErasedIn, Role};
use ayumi_protocol::envelope::Tail;
use ayumi_protocol::exchange::{Answer, Piece};
use ayumi_protocol::key::KeyId;
use ayumi_tests::family::{Direct, Municipality, Time, sync as sync_phone, wait};
use ayumi_tests::phones::{family, phone, weigh};

use super::hostile::invited;
use super::matrix::{Device, says, sync};
use super::patched::{chain_of, log_of};

/// A patched client that writes, and names these ends of others' lines.
fn names(way: &Direct, guest: &mut Device, time: &Time, heads: &[PeerHead]) {
    time.pass(1000);
    let piece = Piece::Envelope(guest.writes_naming(time, heads).to_bytes());
    let reply = sync(&way.0, &guest.keys, guest.reader.notebook(), &[piece]).unwrap();
    assert!(matches!(reply.answers[0], Answer::Taken(_)), "{:?}", reply.answers);
}

fn id_of(book: &Handbook, notebook: NotebookId) -> String {
    book.members().list(notebook).unwrap().into_iter().find(|member| member.me).unwrap().id
}

/// The last envelope of a member in a server's log.
fn last_of(way: &Direct, reader: &Device, member: &str) -> (KeyId, Tail) {
    let log = log_of(&way.0, &reader.keys, reader.reader.notebook());
    let last = log.iter().rfind(|held| format!("{:?}", held.header().author) == member).unwrap();
    (last.header().author, last.frame().tail())
}

/// Syncs, with nothing that waits; what is told not to be here.
fn told(book: &Handbook, way: &Direct) -> Vec<Absent> {
    let report = sync_phone(book, way);
    assert_eq!((report.outcome, report.waiting), (SyncOutcome::Done, 0), "{report:?}");
    report.notebooks[0].absent.clone()
}

#[test]
fn a_server_that_hides_a_members_words_is_found_out_by_who_has_read_them() {
    let (time, way, mother, father, notebook) = family();
    sync_phone(&mother.book, &way);
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    for phone in [&mother, &father] {
        assert_eq!(told(&phone.book, &way), []);
    }
    // Another past, which the server shows to the father and the guest alone.
    let hidden = Direct(Municipality::new(&time));
    hidden.0.roll_back(way.0.contents());
    weigh(&father.book, notebook, "9.4");
    assert_eq!(told(&father.book, &hidden), []);
    let (his, tail) = last_of(&hidden, &guest, &id_of(&father.book, notebook));
    names(&way, &mut guest, &time, &[PeerHead::of(his, &tail)]);
    let absent = Absent {
        named_by: format!("{:?}", guest.keys.id()),
        named_by_name: "客".into(),
        of: format!("{his:?}"),
        of_name: "父".into(),
    };
    for locale in [Locale::Ja, Locale::JaEasy, Locale::En] {
        let words = absent.told(locale);
        assert!(words.contains("客") && words.contains("父") && !words.contains('{'), "{words}");
    }
    let aunt = phone(&time, "おば");
    let code = wait(mother.book.members().invite(notebook, Role::Reader, "", &way)).unwrap().code;
    assert_eq!(wait(aunt.book.members().join(&code, &way)), Ok(notebook));
    for _ in 0..2 {
        assert_eq!(told(&mother.book, &way), std::slice::from_ref(&absent), "until it comes");
    }
    assert_eq!(told(&aunt.book, &way), [absent], "to who came later, too");
    // His phone brings what that log lacks.
    sync_phone(&father.book, &way);
    assert_eq!(told(&father.book, &way), []);
    for phone in [&mother, &aunt] {
        assert_eq!(told(&phone.book, &way), [], "it has come");
        assert_eq!(phone.book.doctor().examine(&mut |_, _| ()).unwrap().findings, Vec::<String>::new());
    }
}

/// Such an envelope stands only once its author's lines are worked out again.
#[test]
fn what_only_the_second_of_two_tongues_names_is_told_too() {
    let (time, way, mother, father, notebook) = family();
    sync_phone(&mother.book, &way);
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    let mut second = Device { tail: guest.tail, attempt: guest.attempt, ..Device::new(notebook, guest.keys.clone()) };
    second.reader = guest.reader.clone();
    let hidden = Direct(Municipality::new(&time));
    hidden.0.roll_back(way.0.contents());
    weigh(&father.book, notebook, "9.4");
    assert_eq!(told(&father.book, &hidden), []);
    let (his, tail) = last_of(&hidden, &guest, &id_of(&father.book, notebook));
    names(&way, &mut guest, &time, &[]);
    assert_eq!(told(&mother.book, &way), []);
    let behind = second.writes_naming(&time, &[PeerHead::of(his, &tail)]);
    let piece = Piece::CarriedEnvelope(behind.to_bytes());
    let reply = sync(&way.0, &guest.keys, notebook, &[piece]).unwrap();
    assert!(matches!(reply.answers[0], Answer::Taken(_)), "{:?}", reply.answers);
    let absent = told(&mother.book, &way);
    assert_eq!(absent.iter().map(|one| one.of.clone()).collect::<Vec<_>>(), [format!("{his:?}")]);
    sync_phone(&father.book, &way);
    assert_eq!(told(&mother.book, &way), [], "it has come");
}

#[test]
fn what_was_erased_is_here_and_nobody_is_told_that_it_is_missing() {
    let (time, way, mother, father, notebook) = family();
    sync_phone(&mother.book, &way);
    let entry = weigh(&father.book, notebook, "9.4");
    let other = weigh(&father.book, notebook, "9.5");
    for phone in [&father, &mother] {
        sync_phone(&phone.book, &way);
    }
    let mut guest = invited(&way, &mother.book, notebook, Role::Owner);
    let (his, tail) = last_of(&way, &guest, &id_of(&father.book, notebook));
    names(&way, &mut guest, &time, &[PeerHead::of(his, &tail)]);
    let newcomer = |name| {
        let code = wait(mother.book.members().invite(notebook, Role::Reader, "", &way)).unwrap().code;
        let newcomer = phone(&time, name);
        assert_eq!(wait(newcomer.book.members().join(&code, &way)), Ok(notebook));
        sync_phone(&mother.book, &way);
        newcomer
    };
    // One word of it, and then all of it: its frame stays.
    wait(mother.book.sync().erase(entry, &way)).unwrap();
    let aunt = newcomer("おば");
    for phone in [&mother, &father, &aunt] {
        assert_eq!(told(&phone.book, &way), []);
    }
    guest = Device { tail: guest.tail, ..Device::new(notebook, guest.keys.clone()) };
    guest.learn(&chain_of(&way.0, &guest.keys, notebook).unwrap());
    let whole = vec![ErasedIn { sequence: tail.sequence, attempt: tail.attempt, places: Vec::new() }];
    let piece = Piece::Statement(says(&guest, &Decision::Erase(his, whole)).to_bytes());
    let reply = sync(&way.0, &guest.keys, notebook, &[piece]).unwrap();
    assert!(matches!(reply.answers[0], Answer::Taken(_)), "{:?}", reply.answers);
    let uncle = newcomer("おじ");
    for phone in [&mother, &father, &aunt, &uncle] {
        assert_eq!(told(&phone.book, &way), []);
        assert!(phone.book.entries().show(other).is_err(), "it is gone");
    }
}

#[test]
fn who_names_what_never_was_halts_nobody_and_fills_nobodys_file() {
    let (time, way, mother, father, notebook) = family();
    sync_phone(&mother.book, &way);
    weigh(&father.book, notebook, "9.4");
    sync_phone(&father.book, &way);
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    let (his, tail) = last_of(&way, &guest, &id_of(&father.book, notebook));
    let never =
        |n: u8| PeerHead { sequence: tail.sequence + 1 + u64::from(n), hash: [n; 16], ..PeerHead::of(his, &tail) };
    let stranger = PeerHead { author: KeyId([0xff; 16]), ..never(0) };
    for n in 0..100 {
        names(&way, &mut guest, &time, &[never(n), stranger]);
    }
    names(&way, &mut guest, &time, &[PeerHead { sequence: u64::MAX, attempt: u32::MAX, ..never(7) }]);
    for phone in [&mother, &father] {
        let absent = told(&phone.book, &way);
        assert_eq!(absent.len(), 1, "of nobody who was never here: {absent:?}");
        let before = std::fs::metadata(phone.folder.path().join("handbook.db")).unwrap().len();
        assert!(before < 2_000_000, "{before}");
    }
    // What is beyond his last envelope nobody needs to have, once he is out.
    wait(mother.book.members().remove(notebook, &id_of(&father.book, notebook), &way)).unwrap();
    assert_eq!(told(&mother.book, &way), []);
}
