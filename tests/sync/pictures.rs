//! Photos and thumbnails: how they come, and what members and operators who mean harm get.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use ayumi_core::app::sync::SyncOutcome;
use ayumi_core::app::{EntryId, EntryKey, EntryName, Handbook, NewEntry, NotebookId};
use ayumi_core::sync::blob::{name, seal_thumbnail, thumbnail_name};
use ayumi_core::sync::transport::{RawResponse, Transport, Unreachable, Waiting};
use ayumi_protocol::Stamp;
use ayumi_protocol::blob::{BlobAction, BlobName, BlobReply, BlobRequest};
use ayumi_protocol::control::Role;
use ayumi_tests::family::{Direct, Time, sync, wait};
use ayumi_tests::phones::{Phone, family, phone};

use super::hostile::{change, invited, sends};
use super::matrix::{Device, ask};

/// A server, and what was asked of it about blobs; it can be told to answer something else.
struct Watched<'a> {
    server: &'a Direct,
    asked: Mutex<Vec<BlobAction>>,
    instead: &'a (dyn Fn(&BlobAction, RawResponse) -> Option<RawResponse> + Sync),
}

impl<'a> Watched<'a> {
    fn over(server: &'a Direct) -> Self {
        Self::lying(server, &|_, answer| Some(answer))
    }

    /// Answers `instead` of what the server says, or not at all.
    fn lying(
        server: &'a Direct,
        instead: &'a (dyn Fn(&BlobAction, RawResponse) -> Option<RawResponse> + Sync),
    ) -> Self {
        Self { server, asked: Mutex::default(), instead }
    }

    fn answer(&self, path: &str, body: &[u8]) -> Option<RawResponse> {
        let answer = self.server.0.answer(path, body);
        let Ok(request) = BlobRequest::from_bytes(body) else { return Some(answer) };
        if answer.status != 200 {
            return Some(answer);
        }
        self.asked.lock().unwrap().push(request.action.clone());
        (self.instead)(&request.action, answer)
    }

    fn asked(&self) -> Vec<BlobAction> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

impl Transport for Watched<'_> {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        Box::pin(async move { self.answer(path, &body).ok_or(Unreachable) })
    }
}

fn garden() -> Vec<u8> {
    std::fs::read(ayumi_tests::fixture("photos/garden.jpg")).unwrap()
}

/// Writes an entry with a photo. Returns both.
fn with_photo(book: &Handbook, notebook: NotebookId, picture: &[u8]) -> (EntryId, EntryName) {
    let entry = NewEntry::typed(notebook, "diary", "2026-04-02", &[("text", "庭")]).unwrap();
    let entry = book.entries().add(&entry.with_photo(picture).unwrap()).unwrap();
    (entry, book.entries().photos_of(entry).unwrap()[0].clone())
}

fn has_thumbnail(phone: &Phone, photo: &EntryName) -> bool {
    phone.book.entries().thumbnail(photo).is_ok()
}

/// Puts something into a member's own slot, as a patched client does.
fn puts(way: &Direct, device: &Device, name: BlobName, put: &BlobAction) {
    let notebook = device.reader.notebook();
    let body = |caller| ("/v1/blob".into(), BlobRequest { caller, name, action: put.clone() }.to_bytes());
    assert_eq!(ask(&way.0, &device.keys, notebook, &body).0, 200);
}

fn one(bytes: Vec<u8>) -> BlobAction {
    BlobAction::Put { number: 0, of: 1, bytes }
}

fn thumbnail_at(device: &Device, photo: EntryId) -> BlobName {
    thumbnail_name(device.reader.key(1).unwrap(), device.reader.notebook(), photo, 1)
}

/// Writes of a photo whose thumbnail has this hash; sends nothing of it.
fn tells_of(way: &Direct, device: &mut Device, time: &Time, photos: &[(EntryId, String)]) {
    let notebook = device.reader.notebook();
    let changes = photos.iter().map(|(photo, hash)| {
        time.pass(1);
        let body = format!(r#"{{"n":{{"sha256":"{}","thumb_sha256":"{hash}"}}}}"#, "0".repeat(64));
        change(notebook, *photo, "photo", time, &body)
    });
    let changes: Vec<_> = changes.collect();
    time.pass(1000);
    sends(way, device, time, &changes);
}

fn id(n: u8) -> EntryId {
    EntryId::from_slice(&[n; 16]).unwrap()
}

fn sha256(bytes: &[u8]) -> String {
    ayumi_core::crypto::sha256_hex(bytes)
}

#[test]
fn thumbnails_come_after_the_words_without_any_photo_and_are_counted_apart() {
    let (_time, way, mother, father, notebook) = family();
    let (_, photo) = with_photo(&mother.book, notebook, &garden());
    let watched = Watched::over(&way);
    let sent = sync(&mother.book, &watched);
    assert_eq!((sent.thumbnails_pushed, sent.photos_pushed, sent.thumbnails_pulled), (1, 1, 0));
    let puts = watched.asked().into_iter().filter_map(|action| match action {
        BlobAction::Put { bytes, .. } => Some(bytes.len()),
        _ => None,
    });
    let puts: Vec<usize> = puts.collect();
    assert_eq!(puts[0], 1 + 4 + 32 + 16 * 1024 + 16, "the thumbnail first, as long as any other");
    assert!(puts[1..].iter().sum::<usize>() > 20_000, "then the photo: {puts:?}");

    let came = sync(&father.book, &watched);
    assert_eq!((came.outcome, came.thumbnails_pulled), (SyncOutcome::Done, 1));
    assert!(came.bytes_down < 30_000, "nobody waits for the photo: {} bytes", came.bytes_down);
    assert!(matches!(watched.asked()[..], [BlobAction::Gather { .. }]), "one question");
    assert_eq!(father.book.entries().thumbnail(&photo), mother.book.entries().thumbnail(&photo));
    assert!(father.book.entries().photo(&photo).is_err());
    assert_eq!(father.book.export().missing_photos(notebook).unwrap().len(), 1, "an export says what it would lack");
    for phone in [&mother, &father] {
        let again = sync(&phone.book, &watched);
        assert_eq!((again.round_trips, again.thumbnails_pulled), (1, 0), "nothing new asks nothing more");
    }
    let whole = wait(father.book.sync().fetch_photo(&photo, &watched)).unwrap();
    assert_eq!(Ok(whole), mother.book.entries().photo(&photo));
    assert_eq!(father.book.entries().thumbnail(&photo), mother.book.entries().thumbnail(&photo));
    assert!(father.book.doctor().examine(&mut |_, _| ()).unwrap().findings.is_empty());
}

#[test]
fn many_thumbnails_come_with_few_questions_and_a_cut_loses_none() {
    let (time, way, mother, _father, notebook) = family();
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    let thumbnail = ayumi_core::photo::prepare(&garden()).unwrap().thumb;
    let photos: Vec<_> = (1..=70).map(|n| (id(n), sha256(&thumbnail))).collect();
    tells_of(&way, &mut guest, &time, &photos);
    for (photo, _) in &photos {
        let name = thumbnail_at(&guest, *photo);
        let sealed = seal_thumbnail(guest.reader.key(1).unwrap(), 1, &name, &thumbnail).unwrap();
        puts(&way, &guest, name, &one(sealed));
    }
    let answered = AtomicU32::new(0);
    let cut = |_: &BlobAction, answer| (answered.fetch_add(1, Ordering::Relaxed) == 0).then_some(answer);
    let first = sync(&mother.book, &Watched::lying(&way, &cut));
    assert_eq!(first.outcome, SyncOutcome::Offline);
    assert!((50..70).contains(&first.thumbnails_pulled), "as many as one reply holds: {}", first.thumbnails_pulled);
    let watched = Watched::over(&way);
    let rest = sync(&mother.book, &watched);
    assert_eq!((rest.outcome, first.thumbnails_pulled + rest.thumbnails_pulled), (SyncOutcome::Done, 70));
    assert_eq!(watched.asked().len(), 1);
}

#[test]
fn who_knows_an_entry_cannot_take_its_thumbnails_name() {
    let (_time, way, mother, father, notebook) = family();
    let guest = invited(&way, &mother.book, notebook, Role::Writer);
    let (_, photo) = with_photo(&mother.book, notebook, &garden());
    // Junk under the very name, before the mother has sent hers.
    let name = thumbnail_at(&guest, photo.id);
    puts(&way, &guest, name, &one(vec![7; 64]));
    assert_eq!(sync(&mother.book, &way).outcome, SyncOutcome::Done);
    assert_eq!(sync(&father.book, &way).thumbnails_pulled, 1);
    assert_eq!(father.book.entries().thumbnail(&photo), mother.book.entries().thumbnail(&photo), "the mother's own");
}

/// Nothing, junk, another picture, what is no picture, one that unfolds to gigabytes, one without end, a photo's own chunk.
#[test]
fn a_thumbnail_that_is_not_what_its_entry_says_is_shown_to_nobody_and_halts_nobody() {
    let (time, way, mother, father, notebook) = family();
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    let honest = ayumi_core::photo::prepare(&garden()).unwrap().thumb;
    // A comment makes it another one.
    let picture = [&honest[..2], b"\xff\xfe\0\x06mine", &honest[2..]].concat();
    // The header says how large it is: 65,535 pixels each way.
    let frame = picture.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    let mut bomb = picture.clone();
    bomb[frame + 5..frame + 9].fill(0xff);
    let words = b"<script>alert(1)</script>".to_vec();
    let named: [&[u8]; 7] = [&picture, &picture, &honest, &words, &bomb, &picture, &picture];
    let photos: Vec<_> = (1..).zip(named).map(|(n, named)| (id(n), sha256(named))).collect();
    tells_of(&way, &mut guest, &time, &photos);
    let key = guest.reader.key(1).unwrap();
    let sealed = |n: u8, data: &[u8]| {
        let name = thumbnail_at(&guest, id(n));
        (name, seal_thumbnail(key, 1, &name, data).unwrap())
    };
    puts(&way, &guest, thumbnail_at(&guest, id(2)), &one(vec![7; 20_000]));
    for (n, data) in [(3, &picture), (4, &words), (5, &bomb)] {
        let (name, chunk) = sealed(n, data);
        puts(&way, &guest, name, &one(chunk));
    }
    let (name, chunk) = sealed(6, &picture);
    puts(&way, &guest, name, &BlobAction::Put { number: 0, of: 4096, bytes: chunk });
    let (_, of_another) = sealed(1, &picture);
    puts(&way, &guest, thumbnail_at(&guest, id(7)), &one(of_another));
    let (_, good) = with_photo(&mother.book, notebook, &garden());
    for reader in [&mother, &father] {
        let report = sync(&reader.book, &way);
        assert_eq!(report.outcome, SyncOutcome::Done);
        assert!(has_thumbnail(reader, &good), "the honest one beside them");
        for (photo, _) in &photos {
            assert!(!has_thumbnail(reader, &EntryName::from(*photo)), "{photo}");
        }
        assert_eq!(sync(&reader.book, &way).round_trips, 1, "and nobody asks for them with every sync");
    }
    // What comes later is taken later.
    let (name, chunk) = sealed(1, &picture);
    puts(&way, &guest, name, &one(chunk));
    time.pass(11 * 60 * 1000);
    assert_eq!(sync(&father.book, &way).thumbnails_pulled, 1);
    assert!(has_thumbnail(&father, &EntryName::from(id(1))));
}

#[test]
fn who_squats_a_photos_name_at_a_server_that_forgot_it_makes_nobody_believe_that_it_is_there() {
    let (time, way, mother, father, notebook) = family();
    let guest = invited(&way, &mother.book, notebook, Role::Writer);
    let (_, photo) = with_photo(&mother.book, notebook, &garden());
    sync(&mother.book, &way);
    sync(&father.book, &way);
    wait(father.book.sync().fetch_photo(&photo, &way)).unwrap();
    way.0.restore(Default::default());
    // The words are told again, and no picture comes through yet.
    let no_pictures = Watched::lying(&way, &|_, _| None);
    assert_ne!(sync(&father.book, &no_pictures).outcome, SyncOutcome::Done, "never all is sent");
    for (name, bytes) in [
        (name(guest.reader.key(1).unwrap(), notebook, photo.id, 1), vec![7; 640]),
        (thumbnail_at(&guest, photo.id), vec![7; 64]),
    ] {
        puts(&way, &guest, name, &one(bytes));
    }
    let report = sync(&father.book, &way);
    assert_eq!(
        (report.outcome, report.thumbnails_pushed, report.photos_pushed),
        (SyncOutcome::Done, 1, 1),
        "his own slot"
    );
    let aunt = phone(&time, "おば");
    let code = wait(mother.book.members().invite(notebook, Role::Reader, "", &way)).unwrap().code;
    wait(aunt.book.members().join(&code, &way)).unwrap();
    sync(&aunt.book, &way);
    assert!(has_thumbnail(&aunt, &photo));
    assert_eq!(wait(aunt.book.sync().fetch_photo(&photo, &way)), father.book.entries().photo(&photo));
}

#[test]
fn a_server_that_says_it_has_a_photo_and_has_another_one_is_not_believed() {
    let (_time, way, mother, father, notebook) = family();
    let (_, photo) = with_photo(&mother.book, notebook, &garden());
    let liar = |_: &BlobAction, answer: RawResponse| {
        let reply = BlobReply::from_bytes(&answer.body).unwrap();
        let reply = BlobReply { of: 1, there: 1, hash: [8; 32], ..reply };
        Some(RawResponse { body: reply.to_bytes(), ..answer })
    };
    let lying = Watched::lying(&way, &liar);
    let report = sync(&mother.book, &lying);
    assert_ne!(report.outcome, SyncOutcome::Done, "never all is sent");
    assert_eq!((report.thumbnails_pushed, report.photos_pushed), (0, 0));
    assert!(lying.asked().len() < 10, "and nobody tries for ever");
    let honest = sync(&mother.book, &way);
    assert_eq!((honest.outcome, honest.thumbnails_pushed, honest.photos_pushed), (SyncOutcome::Done, 1, 1));
    sync(&father.book, &way);
    assert!(has_thumbnail(&father, &photo) && wait(father.book.sync().fetch_photo(&photo, &way)).is_ok());
}

/// One id under two kinds is two entries: what becomes of one is not the other's.
#[test]
fn who_deletes_an_entry_of_their_own_under_anothers_id_takes_no_photo_away() {
    let (time, way, mother, father, notebook) = family();
    let (diary, photo) = with_photo(&mother.book, notebook, &garden());
    sync(&mother.book, &way);
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    time.pass(1000);
    let word = change(notebook, diary, "growth", &time, r#"{"n":{"weight":9.1}}"#);
    let stamp = Stamp { device: guest.device(), ..word.stamp };
    time.pass(1);
    let gone = change(notebook, diary, "growth", &time, &format!(r#"{{"d":["{stamp}"]}}"#));
    time.pass(1000);
    sends(&way, &mut guest, &time, &[word, gone]);
    sync(&mother.book, &way);
    assert_eq!(sync(&father.book, &way).thumbnails_pulled, 1);
    let name = EntryKey::new(notebook, "growth", diary);
    assert!(mother.book.entries().show(name).unwrap().deleted);
    time.pass(31 * 24 * 60 * 60 * 1000);
    for phone in [&mother, &father] {
        sync(&phone.book, &way);
        assert!(has_thumbnail(phone, &photo));
    }
    assert_eq!(wait(father.book.sync().fetch_photo(&photo, &way)), mother.book.entries().photo(&photo));
}

/// Noise, so that it takes several chunks.
fn large() -> Vec<u8> {
    let noise = image::RgbImage::from_fn(900, 700, |x, y| {
        let n = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).wrapping_mul(2_246_822_519);
        image::Rgb([n as u8, (n >> 8) as u8, (n >> 16) as u8])
    });
    let mut png = std::io::Cursor::new(Vec::new());
    image::DynamicImage::from(noise).write_to(&mut png, image::ImageFormat::Png).unwrap();
    png.into_inner()
}

/// A network that is cut all the time, and people whose junk lies under the same name, in places where the photo may be, too.
#[test]
fn who_squats_a_photos_name_does_not_make_it_begin_again_with_every_cut() {
    let (time, way, mother, father, notebook) = family();
    let guests = [0; 3].map(|_| invited(&way, &mother.book, notebook, Role::Writer));
    let (_, photo) = with_photo(&mother.book, notebook, &large());
    sync(&mother.book, &way);
    sync(&father.book, &way);
    wait(father.book.sync().fetch_photo(&photo, &way)).unwrap();
    // The author's slot, where it is looked for first, is empty; the father's is one of several.
    way.0.restore(Default::default());
    assert_eq!(sync(&father.book, &way).photos_pushed, 1);
    for guest in &guests {
        let name = name(guest.reader.key(1).unwrap(), notebook, photo.id, 1);
        for number in 0..16 {
            puts(&way, guest, name, &BlobAction::Put { number, of: 16, bytes: vec![number as u8; 1024] });
        }
    }
    let aunt = phone(&time, "おば");
    let code = wait(mother.book.members().invite(notebook, Role::Reader, "", &way)).unwrap().code;
    wait(aunt.book.members().join(&code, &way)).unwrap();
    sync(&aunt.book, &way);
    let mut tries = 0;
    let fetched = loop {
        tries += 1;
        let given = AtomicU32::new(0);
        // What the guests put comes through; of the photo itself one answer, and then nothing.
        let cut = |action: &BlobAction, answer: RawResponse| {
            let BlobAction::Get { slot, .. } = action else { return Some(answer) };
            let is_junk = guests.iter().any(|guest| guest.keys.id() == *slot);
            let is_empty = BlobReply::from_bytes(&answer.body).unwrap().chunks.is_empty();
            let comes = is_junk || is_empty || given.fetch_add(1, Ordering::Relaxed) == 0;
            comes.then_some(answer)
        };
        match wait(aunt.book.sync().fetch_photo(&photo, &Watched::lying(&way, &cut))) {
            Ok(photo) => break photo,
            Err(_) if tries < 10 => {}
            Err(error) => panic!("after {tries} tries: {error}"),
        }
    };
    assert_eq!(Ok(fetched), mother.book.entries().photo(&photo));
    assert!(tries > 1, "it was cut");
}
