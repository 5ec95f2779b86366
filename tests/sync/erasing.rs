//! Words that are erased leave every phone and the server, and nobody brings them back.

use ayumi_channel::memory::Contents;
use ayumi_core::app::sync::SyncOutcome;
use ayumi_core::app::{Handbook, ListFilter, NewEntry};
use ayumi_core::model::{EntryId, NotebookId};
use ayumi_core::sync::statement::Decision;
use ayumi_core::sync::transport::{RawResponse, Transport, Waiting};
use ayumi_protocol::control::{ErasedIn, Role};
use ayumi_protocol::envelope::Envelope;
use ayumi_protocol::exchange::{Answer, ItemBody, Piece, Reply};
use ayumi_protocol::opening::{Opening, Remnant};
use ayumi_sqlcipher::page::{PAGE_LEN, PageReader};
use ayumi_tests::family::{Direct, Time, sync, wait};
use ayumi_tests::phones::{Phone, family, phone, weigh};

use super::hostile::invited;
use super::matrix::{says, sync as ask};

const WORD: &str = "けされることばはどこにものこらない";

fn write(book: &Handbook, notebook: NotebookId, text: &str) -> EntryId {
    book.entries().add(&NewEntry::typed(notebook, "diary", "2026-04-01", &[("text", text)]).unwrap()).unwrap()
}

fn done(phone: &Phone, way: &dyn Transport) {
    let report = sync(&phone.book, way);
    assert_eq!((report.outcome, report.waiting, report.refused), (SyncOutcome::Done, 0, 0), "{report:?}");
}

fn join(time: &Time, way: &Direct, by: &Phone, notebook: NotebookId, role: Role, name: &str) -> Phone {
    let newcomer = phone(time, name);
    let code = wait(by.book.members().invite(notebook, role, "", way)).unwrap().code;
    assert_eq!(wait(newcomer.book.members().join(&code, way)), Ok(notebook));
    newcomer
}

fn texts(book: &Handbook, notebook: NotebookId) -> Vec<String> {
    let all = ListFilter { limit: 500, ..ListFilter::default() };
    let list = book.entries().list(notebook, &all).unwrap();
    let mut texts: Vec<String> =
        list.iter().filter_map(|entry| Some(entry.fields.get("text")?.as_str()?.to_owned())).collect();
    texts.sort();
    texts
}

fn is_healthy(phone: &Phone) {
    assert_eq!(phone.book.doctor().examine(&mut |_, _| ()).unwrap().findings, Vec::<String>::new());
}

/// Every page of a phone's file in clear, also those that are in no table any more.
fn clear_pages(phone: Phone) -> Vec<u8> {
    let Phone { folder, book, .. } = phone;
    drop(book);
    let path = folder.path().join("handbook.db");
    let file = std::fs::read(&path).unwrap();
    assert!(std::fs::metadata(path.with_extension("db-wal")).map_or(0, |wal| wal.len()) == 0);
    let reader = PageReader::new(&[7; 32], file[..16].try_into().unwrap());
    let pages = (1..).zip(file.chunks_exact(PAGE_LEN));
    pages.flat_map(|(n, page)| reader.open(n, page.try_into().unwrap()).unwrap().to_vec()).collect()
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// The ciphertexts that a store holds.
fn ciphertexts(way: &Direct, by: &super::matrix::Device, notebook: NotebookId) -> Vec<Vec<u8>> {
    let reply = ask(&way.0, &by.keys, notebook, &[]).unwrap();
    let envelopes = reply.items.into_iter().filter_map(|item| match item.body {
        ItemBody::Envelope(bytes) => Some(Envelope::from_bytes(&bytes).unwrap().ciphertext),
        _ => None,
    });
    envelopes.collect()
}

#[test]
fn an_erased_entry_leaves_the_server_and_every_phone() {
    let (time, way, mother, father, notebook) = family();
    let other = write(&mother.book, notebook, "となりのことば");
    let id = write(&mother.book, notebook, WORD);
    let weight = weigh(&mother.book, notebook, "9.1");
    done(&mother, &way);
    mother.book.entries().edit(id, &[("text", &format!("{WORD}、もう一度"))]).unwrap();
    let beside = write(&mother.book, notebook, "いっしょに封をしたことば");
    done(&mother, &way);
    done(&father, &way);
    father.book.entries().edit(id, &[("text", &format!("{WORD}、父より"))]).unwrap();
    done(&father, &way);
    done(&mother, &way);
    for phone in [&mother, &father] {
        phone.book.maintain().unwrap();
        assert_eq!(phone.book.entries().history(id).unwrap().len(), 3);
    }
    let guest = invited(&way, &mother.book, notebook, Role::Reader);
    done(&mother, &way);
    let before = ciphertexts(&way, &guest, notebook);
    wait(mother.book.sync().erase(id, &way)).unwrap();
    assert!(mother.book.entries().show(id).is_err());
    let after = ciphertexts(&way, &guest, notebook);
    assert_eq!(before.len() - after.len(), 3, "three envelopes held a version of it");
    let dump = way.0.contents().bytes();
    for gone in before.iter().filter(|sealed| !after.contains(sealed)) {
        assert!(!holds(&dump, gone), "the server holds the ciphertext");
    }
    done(&father, &way);
    for phone in [&mother, &father] {
        done(phone, &way);
        assert!(phone.book.entries().show(id).is_err());
        assert!(
            phone
                .book
                .entries()
                .list(notebook, &ListFilter { search: Some(WORD.into()), ..Default::default() })
                .unwrap()
                .is_empty()
        );
        assert_eq!(texts(&phone.book, notebook), ["いっしょに封をしたことば", "となりのことば"]);
        assert_eq!(phone.book.entries().show(weight).unwrap().fields["weight"], 9.1);
        assert_eq!(phone.book.sync().state(notebook).unwrap().unread, 0);
        is_healthy(phone);
    }
    // A newcomer has only what is left, and reads all that stands.
    let newcomer = join(&time, &way, &mother, notebook, Role::Reader, "祖母");
    assert_eq!(texts(&newcomer.book, notebook), ["いっしょに封をしたことば", "となりのことば"]);
    assert_eq!(newcomer.book.sync().state(notebook).unwrap().unread, 0);
    assert!(newcomer.book.entries().show(beside).is_ok() && newcomer.book.entries().show(other).is_ok());
    for phone in [mother, father, newcomer] {
        let pages = clear_pages(phone);
        assert!(holds(&pages, "となりのことば".as_bytes()), "what stands is there");
        assert!(!holds(&pages, WORD.as_bytes()), "the word is in the file");
        for sealed in &before {
            assert!(after.contains(sealed) || !holds(&pages, &sealed[..64]), "a ciphertext whose key is here");
        }
    }
}

#[test]
fn who_may_not_erase_is_told_who_can() {
    let (_time, way, mother, father, notebook) = family();
    let hers = write(&mother.book, notebook, WORD);
    let his = write(&father.book, notebook, "父のことば");
    for phone in [&mother, &father, &mother] {
        done(phone, &way);
    }
    let error = wait(father.book.sync().erase(hers, &way)).unwrap_err();
    assert_eq!(error.code(), "invalid");
    assert!(error.to_string().contains("母"), "{error}");
    assert_eq!(texts(&mother.book, notebook).len(), 2);
    wait(father.book.sync().erase(his, &way)).unwrap();
    done(&mother, &way);
    assert_eq!(texts(&mother.book, notebook), [WORD]);
    assert_eq!(wait(mother.book.sync().erase(EntryId::from(notebook), &way)).unwrap_err().code(), "invalid");
}

#[test]
fn words_that_come_later_into_an_erased_entry_count() {
    let (_time, way, mother, father, notebook) = family();
    let id = write(&mother.book, notebook, WORD);
    for phone in [&mother, &father] {
        done(phone, &way);
    }
    father.book.entries().edit(id, &[("text", "あとから")]).unwrap();
    wait(mother.book.sync().erase(id, &way)).unwrap();
    for phone in [&father, &mother] {
        done(phone, &way);
        assert_eq!(texts(&phone.book, notebook), ["あとから"]);
        let history = phone.book.entries().history(id).unwrap();
        assert_eq!(history.len(), 1, "the erased version does not count");
        is_healthy(phone);
    }
}

/// A server that goes on showing what it should have dropped.
struct Remembers(Direct, Vec<(Vec<u8>, Vec<u8>)>);

impl Transport for Remembers {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        Box::pin(async move {
            let mut response: RawResponse = self.0.post(path, body).await?;
            if let Ok(mut reply) = Reply::from_bytes(&response.body) {
                for item in &mut reply.items {
                    if let ItemBody::Remnant(left) = &item.body
                        && let Some((_, old)) = self.1.iter().find(|(frame, _)| left.starts_with(frame))
                    {
                        item.body = ItemBody::Envelope(old.clone());
                    }
                }
                response.body = reply.to_bytes();
            }
            Ok(response)
        })
    }
}

#[test]
fn an_operator_who_shows_the_old_ciphertext_brings_no_erased_word_back() {
    let (time, way, mother, father, notebook) = family();
    let id = write(&mother.book, notebook, WORD);
    write(&mother.book, notebook, "となりのことば");
    for phone in [&mother, &father] {
        done(phone, &way);
    }
    let guest = invited(&way, &mother.book, notebook, Role::Reader);
    let old: Vec<(Vec<u8>, Vec<u8>)> = ask(&way.0, &guest.keys, notebook, &[])
        .unwrap()
        .items
        .into_iter()
        .filter_map(|item| match item.body {
            ItemBody::Envelope(bytes) => Some((bytes[..286].to_vec(), bytes)),
            _ => None,
        })
        .collect();
    wait(mother.book.sync().erase(id, &way)).unwrap();
    done(&father, &way);
    let lying = Remembers(Direct(way.0.clone()), old);
    let newcomer = join(&time, &way, &mother, notebook, Role::Reader, "祖母");
    for phone in [&mother, &father, &newcomer] {
        // The whole log is read again, with the old ciphertext in it.
        phone.book.sync().go_on(notebook).unwrap();
        sync(&phone.book, &lying);
        sync(&phone.book, &lying);
        assert_eq!(texts(&phone.book, notebook), ["となりのことば"]);
        assert!(phone.book.entries().show(id).is_err());
    }
    let late = phone(&time, "叔母");
    let code = wait(mother.book.members().invite(notebook, Role::Reader, "", &way)).unwrap().code;
    assert_eq!(wait(late.book.members().join(&code, &lying)), Ok(notebook));
    assert_eq!(texts(&late.book, notebook), ["となりのことば"], "also to who never had it");
    assert!(!holds(&clear_pages(late), WORD.as_bytes()));
}

#[test]
fn a_phone_that_was_offline_carries_no_erased_word_back_to_a_server_that_forgot() {
    let (time, way, mother, father, notebook) = family();
    let grandmother = join(&time, &way, &mother, notebook, Role::Reader, "祖母");
    let id = write(&mother.book, notebook, WORD);
    write(&mother.book, notebook, "となりのことば");
    for phone in [&mother, &father, &grandmother] {
        done(phone, &way);
    }
    let guest = invited(&way, &mother.book, notebook, Role::Reader);
    let before = ciphertexts(&way, &guest, notebook);
    let backup = way.0.contents();
    wait(mother.book.sync().erase(id, &way)).unwrap();
    let after = ciphertexts(&way, &guest, notebook);
    let gone: Vec<&Vec<u8>> = before.iter().filter(|sealed| !after.contains(sealed)).collect();
    assert_eq!(gone.len(), 1);
    // Everything lost: the phone that was away carries the old envelope, before or after the one that erased.
    for (first, second) in [(&grandmother, &mother), (&mother, &father)] {
        way.0.restore(Contents::default());
        for phone in [first, second, first] {
            sync(&phone.book, &way);
        }
        assert!(!holds(&way.0.contents().bytes(), gone[0]));
    }
    // A backup from before.
    way.0.restore(backup);
    for phone in [&mother, &father, &grandmother] {
        for _ in 0..2 {
            sync(&phone.book, &way);
        }
        assert_eq!(texts(&phone.book, notebook), ["となりのことば"]);
    }
    assert!(!holds(&way.0.contents().bytes(), gone[0]));
}

/// A member puts junk beside the frame before the phone that erased has put what stands, and after.
#[test]
fn junk_beside_an_erased_word_hides_nothing_that_stands() {
    let (time, way, mother, _father, notebook) = family();
    let id = write(&mother.book, notebook, WORD);
    write(&mother.book, notebook, "となりのことば");
    done(&mother, &way);
    let guest = invited(&way, &mother.book, notebook, Role::Writer);
    let log = ask(&way.0, &guest.keys, notebook, &[]).unwrap();
    let sealed = log.items.iter().rev().find_map(|item| match &item.body {
        ItemBody::Envelope(bytes) => Envelope::from_bytes(bytes).ok(),
        _ => None,
    });
    let frame = sealed.unwrap().frame();
    wait(mother.book.sync().erase(id, &way)).unwrap();
    let mut knows = super::matrix::Device::new(notebook, guest.keys.clone());
    let chain: Vec<_> = ask(&way.0, &guest.keys, notebook, &[])
        .unwrap()
        .items
        .into_iter()
        .filter_map(|item| match item.body {
            ItemBody::Statement(bytes) => ayumi_protocol::control::Statement::from_bytes(&bytes).ok(),
            _ => None,
        })
        .collect();
    knows.learn(&chain);
    let state = knows.reader.state().unwrap();
    let (epoch, control) = (state.epoch(), state.head());
    let opening = Some(Opening { epoch, control, salt: [9; 32], ciphertext: vec![9; 64] });
    let junk = Piece::Remnant(Remnant { frame, opening }.to_bytes());
    let reply = ask(&way.0, &guest.keys, notebook, &[junk]).unwrap();
    assert!(matches!(reply.answers[0], Answer::Taken(_)), "{:?}", reply.answers);
    // Nor can the guest erase more, or what is not there.
    for words_of in [frame.header.author, guest.keys.id()] {
        let envelopes = vec![ErasedIn { sequence: 99, attempt: 0, places: vec![0] }];
        let statement = says(&knows, &Decision::Erase(words_of, envelopes));
        let reply = ask(&way.0, &guest.keys, notebook, &[Piece::Statement(statement.to_bytes())]).unwrap();
        let taken = matches!(reply.answers[0], Answer::Taken(_));
        assert_eq!(taken, words_of == guest.keys.id(), "{:?}", reply.answers);
    }
    let newcomer = join(&time, &way, &mother, notebook, Role::Reader, "祖母");
    assert_eq!(texts(&newcomer.book, notebook), ["となりのことば"]);
    done(&mother, &way);
    assert_eq!(texts(&mother.book, notebook), ["となりのことば"], "what is not there is not erased");
}

#[test]
fn what_an_owner_erased_stays_erased_when_the_owner_is_taken_out() {
    let (time, way, mother, father, notebook) = family();
    let id = write(&mother.book, notebook, WORD);
    write(&mother.book, notebook, "となりのことば");
    for phone in [&mother, &father, &mother] {
        done(phone, &way);
    }
    let his = |book: &Handbook| {
        book.members().list(notebook).unwrap().into_iter().find(|member| member.name == "父").unwrap().id
    };
    wait(mother.book.members().set_role(notebook, &his(&mother.book), Role::Owner, &way)).unwrap();
    done(&father, &way);
    wait(father.book.sync().erase(id, &way)).unwrap();
    wait(mother.book.members().remove(notebook, &his(&mother.book), &way)).unwrap();
    done(&mother, &way);
    assert_eq!(texts(&mother.book, notebook), ["となりのことば"]);
    let newcomer = join(&time, &way, &mother, notebook, Role::Reader, "祖母");
    assert_eq!(texts(&newcomer.book, notebook), ["となりのことば"]);
}

#[test]
fn who_comes_back_brings_no_word_that_was_erased_meanwhile() {
    let (_time, way, mother, father, notebook) = family();
    let his = write(&father.book, notebook, WORD);
    write(&father.book, notebook, "父のほかのことば");
    for phone in [&father, &mother] {
        done(phone, &way);
    }
    let member = mother.book.members().list(notebook).unwrap().into_iter().find(|member| !member.me).unwrap().id;
    wait(mother.book.members().remove(notebook, &member, &way)).unwrap();
    wait(mother.book.sync().erase(his, &way)).unwrap();
    sync(&father.book, &way);
    let code = wait(mother.book.members().invite(notebook, Role::Writer, "", &way)).unwrap().code;
    assert_eq!(wait(father.book.members().join(&code, &way)), Ok(notebook));
    // Her phone answers his join.
    sync(&mother.book, &way);
    for phone in [&father, &mother] {
        done(phone, &way);
        assert_eq!(texts(&phone.book, notebook), ["父のほかのことば"]);
    }
}

#[test]
fn a_photo_goes_with_its_entry_and_after_thirty_days_with_a_deleted_one() {
    let (time, way, mother, father, notebook) = family();
    let data = std::fs::read(ayumi_tests::fixture("photos/garden.jpg")).unwrap();
    let with_photo = |text: &str| {
        let entry = NewEntry::typed(notebook, "diary", "2026-04-02", &[("text", text)]).unwrap();
        let entry = mother.book.entries().add(&entry.with_photo(&data).unwrap()).unwrap();
        (entry, mother.book.entries().photos_of(entry).unwrap()[0].clone())
    };
    let empty = way.0.contents().bytes().len();
    let ((erased, first), (deleted, second)) = (with_photo("けす"), with_photo("すてる"));
    for phone in [&mother, &father] {
        done(phone, &way);
    }
    for photo in [&first, &second] {
        wait(father.book.sync().fetch_photo(photo, &way)).unwrap();
    }
    // Who has looked at no photo has their thumbnails.
    let aunt = phone(&time, "おば");
    let code = wait(mother.book.members().invite(notebook, Role::Writer, "", &way)).unwrap().code;
    wait(aunt.book.members().join(&code, &way)).unwrap();
    for phone in [&mother, &aunt] {
        done(phone, &way);
    }
    assert!(aunt.book.entries().thumbnail(&first).is_ok() && aunt.book.entries().photo(&first).is_err());
    assert!(way.0.contents().bytes().len() > empty + 2 * data.len() / 2);
    wait(mother.book.sync().erase(erased, &way)).unwrap();
    mother.book.entries().delete(deleted).unwrap();
    for phone in [&mother, &father] {
        done(phone, &way);
        assert!(phone.book.entries().photo(&first).is_err(), "gone at once");
        assert!(phone.book.entries().photo(&second).is_ok(), "it could be restored");
    }
    done(&aunt, &way);
    for phone in [&mother, &father, &aunt] {
        assert!(phone.book.entries().thumbnail(&first).is_err(), "and so is its thumbnail");
        assert!(phone.book.entries().thumbnail(&second).is_ok());
    }
    time.pass(31 * 24 * 60 * 60 * 1000);
    for phone in [&mother, &father, &aunt] {
        done(phone, &way);
        assert!(phone.book.entries().photo(&second).is_err());
        assert!(phone.book.entries().thumbnail(&second).is_err());
        is_healthy(phone);
    }
    assert!(way.0.contents().bytes().len() < empty + 16_000, "no photo and no thumbnail is left at the server");
    assert!(father.book.entries().show(deleted).unwrap().deleted, "the entry itself stays");
    let report = sync(&father.book, &way);
    assert_eq!((report.outcome, report.round_trips), (SyncOutcome::Done, 1), "and nothing is asked twice");
}

#[test]
fn what_no_server_has_heard_of_is_erased_here() {
    let time = Time::default();
    let mother = phone(&time, "母");
    let notebook = ayumi_tests::phones::child(&mother.book);
    let id = write(&mother.book, notebook, WORD);
    let other = write(&mother.book, notebook, "となりのことば");
    mother.book.maintain().unwrap();
    mother.book.sync().erase_here(id).unwrap();
    assert_eq!(texts(&mother.book, notebook), ["となりのことば"]);
    is_healthy(&mother);
    let way = Direct(ayumi_tests::family::Municipality::new(&time));
    done(&mother, &way);
    assert_eq!(mother.book.sync().erase_here(other).unwrap_err().code(), "offline");
    assert!(!holds(&clear_pages(mother), WORD.as_bytes()));
}
