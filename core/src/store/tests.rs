//! The store by itself: what opens, what is refused, what survives.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use ayumi_protocol::{Change, DeviceId, EntryId, FieldChange, NotebookId, Stamp};

use super::changes::{self, Applier, Delivery, Taken, apply_all};
use super::entries::{self, EntryQuery};
use super::open::file_path;
use super::settings;
use super::{Db, StoreError, check, photos, salvage, search, thumbnails};
use crate::crypto::FileKey;
use crate::model::naming::EntryKey;

const PAGE: usize = ayumi_sqlcipher::page::PAGE_LEN;
const BOOK: [u8; 16] = [7; 16];

fn key() -> FileKey {
    FileKey::from_bytes([5; 32])
}

fn id(n: u32) -> EntryId {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&n.to_be_bytes());
    EntryId::from_slice(&bytes).unwrap()
}

fn key_of(kind: &str, n: u32) -> EntryKey {
    EntryKey::new(NotebookId::from_slice(&BOOK).unwrap(), kind, id(n))
}

fn diary(db: &mut Db, n: u32, text: &str) -> Change {
    let field = |value: serde_json::Value| FieldChange { value, replaces: BTreeSet::new() };
    let day = chrono::NaiveDate::from_num_days_from_ce_opt(739_000 + i32::try_from(n % 1000).unwrap()).unwrap();
    Change {
        entry: id(n),
        notebook: NotebookId::from_slice(&BOOK).unwrap(),
        kind: "diary".into(),
        stamp: Stamp { hlc: db.next_clock(1_700_000_000_000).unwrap(), device: DeviceId(7) },
        fields: [("text".into(), field(text.into())), ("on".into(), field(day.to_string().into()))].into(),
        deletes: None,
        history: Vec::new(),
    }
}

fn filled(folder: &Path, count: u32) -> Db {
    let mut db = Db::create(folder, &key(), "母").unwrap();
    let texts = ["夜泣きが続いた。", "離乳食をよく食べた。", "ミルクを120ml", "発熱 37.8℃、翌日解熱。"];
    let changes: Vec<Change> = (0..count).map(|n| diary(&mut db, n, texts[n as usize % texts.len()])).collect();
    db.write(|tx| {
        let mut applier = Applier::default();
        changes.iter().try_for_each(|change| applier.add(tx, change, Delivery::Waiting))
    })
    .unwrap();
    db
}

fn hits(db: &Db, text: &str, limit: usize) -> usize {
    let book = NotebookId::from_slice(&BOOK).unwrap();
    search::search(db.reader(), book, text, &EntryQuery::default(), limit).unwrap().len()
}

#[test]
fn search_finds_the_same_before_and_after_indexing() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = filled(folder.path(), 1200);
    let ask =
        |db: &Db| ["夜泣き", "みるく", "ﾐﾙｸ", "37.8", "熱", "７．８", "120ML", "猫", "。"].map(|t| hits(db, t, 5000));
    let before = ask(&db);
    assert_eq!(before, [300, 300, 300, 300, 300, 300, 300, 0, 900]);
    assert_eq!(db.index(true).unwrap(), 1200);
    assert_eq!(ask(&db), before);
    assert_eq!(hits(&db, "夜泣き", 7), 7);
    let late = diary(&mut db, 5000, "猫がきた");
    db.take_in(&[late], Delivery::Sent).unwrap();
    assert_eq!(hits(&db, "ネコ", 10), 0);
    assert_eq!(hits(&db, "猫", 10), 1, "not indexed yet, found all the same");
    db.index(true).unwrap();
    assert_eq!(hits(&db, "猫が", 10), 1);
}

/// A reading behind its kanji is no part of the text: neither where it is written nor where it is typed, in an old entry that
/// the index knows as in a new one. Who looks for the reading itself finds it, too.
#[test]
fn search_ignores_readings() {
    for others in [4, 1200] {
        let folder = tempfile::tempdir().unwrap();
        let mut db = filled(folder.path(), others);
        let texts = ["頭(あたま)を 上げた", "頭（アタマ）を 上げた", "頭を 上げた", "頭が(あたま)"];
        for (n, text) in (6000..).zip(texts) {
            let new = diary(&mut db, n, text);
            db.take_in(&[new], Delivery::Sent).unwrap();
        }
        let ask = |db: &Db| {
            ["頭を", "頭(あたま)を", "頭（あたま）を", "{頭|あたま}を", "(あたま)", "頭が(あたま)"]
                .map(|t| hits(db, t, 50))
        };
        let wanted = [3, 3, 3, 3, 3, 1];
        assert_eq!(ask(&db), wanted, "among {others}");
        db.index(true).unwrap();
        assert_eq!(ask(&db), wanted, "among {others}, by the index");
    }
}

/// The index is made in steps: a search pays for some of them, idle time for all; what is written or edited in between is found
/// before, between and after.
#[test]
fn search_finds_the_same_while_the_index_is_made_in_steps() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = filled(folder.path(), 25_000);
    let field = |value: &str| FieldChange { value: value.into(), replaces: BTreeSet::new() };
    let mut old = diary(&mut db, 30_000, "頭(あたま)を 上げた");
    old.fields.insert("on".into(), field("2020-01-02"));
    db.take_in(&[old.clone()], Delivery::Sent).unwrap();
    let edited = |db: &mut Db, text: &str| {
        let stamp = Stamp { hlc: db.next_clock(1_700_000_100_000).unwrap(), device: DeviceId(7) };
        let change = Change { stamp, fields: [("text".into(), field(text))].into(), ..old.clone() };
        db.take_in(&[change], Delivery::Sent).unwrap();
    };
    assert_eq!(hits(&db, "頭を", 9), 1, "nothing is indexed");
    assert_eq!(db.index(false).unwrap(), 20_000, "a search pays for a part");
    assert_eq!((hits(&db, "頭を", 9), hits(&db, "夜泣き", 30_000)), (1, 6250), "a part is indexed");
    edited(&mut db, "足(あし)を 上げた");
    assert_eq!((hits(&db, "頭を", 9), hits(&db, "足を", 9)), (0, 1), "edited between");
    assert_eq!(db.index(true).unwrap(), 5001, "the rest");
    edited(&mut db, "手(て)を ふった");
    assert_eq!((hits(&db, "足を", 9), hits(&db, "手を", 9)), (0, 1), "edited behind");
    assert_eq!((db.index(true).unwrap(), db.index(true).unwrap()), (1, 0));
    assert_eq!((hits(&db, "足を", 9), hits(&db, "手を", 9), hits(&db, "夜泣き", 30_000)), (0, 1, 6250));
}

#[test]
fn the_file_opens_again_and_only_once_and_only_with_its_key() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Db::open(folder.path(), &key()).unwrap_err(), StoreError::Missing);
    let mut db = filled(folder.path(), 10);
    let clock = db.next_clock(0).unwrap();
    assert_eq!(Db::open(folder.path(), &key()).unwrap_err(), StoreError::InUse);
    assert_eq!(Db::create(folder.path(), &key(), "").unwrap_err(), StoreError::InUse);
    drop(db);
    assert_eq!(Db::create(folder.path(), &key(), "").unwrap_err(), StoreError::Exists);
    assert_eq!(Db::open(folder.path(), &FileKey::from_bytes([6; 32])).unwrap_err(), StoreError::WrongKey);
    let mut db = Db::open(folder.path(), &key()).unwrap();
    assert_eq!(db.carer().unwrap(), "母");
    assert!(db.next_clock(0).unwrap() >= clock, "the clock goes on");
    assert_eq!(check::check(db.reader(), &mut |_, _| ()).unwrap().findings, Vec::<check::Finding>::new());
}

#[test]
fn nothing_readable_lies_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path(), 500));
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for word in ["夜泣き".as_bytes(), b"diary", b"CREATE TABLE", b"SQLite format"] {
            assert!(!bytes.windows(word.len()).any(|w| w == word));
        }
    }
}

fn damage(path: &Path, at: u64, bytes: &[u8]) {
    let mut file = std::fs::File::options().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(bytes).unwrap();
}

fn checkpointed(folder: &Path, count: u32) {
    let db = filled(folder, count);
    db.reader().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
}

#[test]
fn damage_is_told_apart_from_a_wrong_key_and_everything_readable_is_saved() {
    let whole = 2000;
    for (what, first_page, length) in [
        ("first bytes", 0_u64, 16),
        ("first page", 0, PAGE),
        ("a page in the middle", 20 * PAGE as u64, PAGE),
        ("twelve pages", 8 * PAGE as u64, 12 * PAGE),
    ] {
        let folder = tempfile::tempdir().unwrap();
        checkpointed(folder.path(), whole);
        let path = file_path(folder.path());
        let before = std::fs::read(&path).unwrap();
        damage(&path, first_page, &vec![0xa5; length]);
        let opened = Db::open(folder.path(), &key());
        match opened {
            Ok(db) if what != "first page" => {
                if what != "first bytes" {
                    let found = check::check(db.reader(), &mut |_, _| ());
                    assert!(found.is_ok_and(|f| !f.findings.is_empty()), "{what}");
                }
            }
            Ok(_) => panic!("{what}: opened"),
            Err(error) => assert_eq!(error, StoreError::Damaged, "{what}"),
        }
        assert_eq!(std::fs::read(&path).unwrap().len(), before.len(), "{what}: the file stays as it is");
        let wrong = salvage::salvage(folder.path(), &FileKey::from_bytes([9; 32]), &mut |_| ());
        assert_eq!(wrong.unwrap_err(), StoreError::WrongKey, "{what}");
        let saved = salvage::salvage(folder.path(), &key(), &mut |_| ()).unwrap();
        assert_eq!(saved.pages, (before.len() / PAGE) as u64);
        assert_eq!(saved.pages_lost, (length / PAGE) as u64, "{what}");
        // A page holds some thirty changes of one or two hundred bytes.
        assert!(saved.entries >= u64::from(whole) - 40 * saved.pages_lost, "{what}: {saved:?}");
        assert!(saved.set_aside.join("handbook.db").exists());
        let db = Db::open(folder.path(), &key()).unwrap();
        assert_eq!(db.carer().unwrap(), "母");
        assert_eq!(check::check(db.reader(), &mut |_, _| ()).unwrap().findings, Vec::<check::Finding>::new(), "{what}");
        let book = NotebookId::from_slice(&BOOK).unwrap();
        let shown = entries::page(db.reader(), book, &EntryQuery::default(), None, 5000).unwrap();
        assert_eq!(shown.len() as u64, saved.entries);
    }
}

#[test]
fn a_salvaged_file_keeps_exactly_the_settings_marked_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = filled(folder.path(), 3);
    let value = |name: &str| match name {
        "device" => "00000000000000ab",
        "outbox" => "3,0",
        "indexed" => "3 0",
        "recovery" => "000102030405060708090a0b0c0d0e0f",
        "server_key" | "server_next" | "server_former" => {
            "000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f"
        }
        "tickets" => "000102030405060708090a0b0c0d0e0f:01010101-0101-0101-0101-010101010101",
        "carer" | "server" | "read_by" => "words",
        _ => "7",
    };
    for setting in settings::ALL {
        assert!((setting.is_readable)(value(setting.name)), "{}", setting.name);
        db.write(|tx| settings::set_text(tx, setting.name, value(setting.name))).unwrap();
    }
    drop(db);
    damage(&file_path(folder.path()), 0, &[0; PAGE]);
    salvage::salvage(folder.path(), &key(), &mut |_| ()).unwrap();
    let db = Db::open(folder.path(), &key()).unwrap();
    let mut statement = db.reader().prepare("SELECT key, value FROM meta").unwrap();
    let kept: BTreeMap<String, String> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().collect::<Result<_, _>>().unwrap();
    for setting in settings::ALL {
        let expected = setting.survives_salvage.then_some(value(setting.name));
        // Salvage computes the clock from the changes that it finds.
        let found = kept.get(setting.name).filter(|_| setting.name != "clock");
        assert_eq!(found.map(String::as_str), expected, "{}", setting.name);
    }
    assert_eq!(settings::ALL.iter().filter(|setting| setting.survives_salvage).count(), 9);
}

#[test]
fn a_truncated_file_is_damaged_and_its_log_is_salvaged_too() {
    let folder = tempfile::tempdir().unwrap();
    checkpointed(folder.path(), 500);
    let path = file_path(folder.path());
    let mut db = Db::open(folder.path(), &key()).unwrap();
    let late = diary(&mut db, 9000, "ログにだけある");
    db.take_in(&[late], Delivery::Waiting).unwrap();
    // As after a crash: the log stays.
    let log = std::fs::read(path.with_extension("db-wal")).unwrap();
    drop(db);
    std::fs::write(path.with_extension("db-wal"), log).unwrap();
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_len(PAGE as u64 * 6 + 100).unwrap();
    let saved = salvage::salvage(folder.path(), &key(), &mut |_| ()).unwrap();
    assert!(saved.entries > 0, "{saved:?}");
    let db = Db::open(folder.path(), &key()).unwrap();
    assert!(entries::find(db.reader(), &key_of("diary", 9000)).unwrap().is_some());
    drop(db);
    std::fs::write(&path, b"").unwrap();
    let _ = std::fs::remove_file(path.with_extension("db-wal"));
    assert_eq!(Db::open(folder.path(), &key()).unwrap_err(), StoreError::Damaged);
}

#[test]
fn photos_are_kept_whole_and_salvaged() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = filled(folder.path(), 3);
    let noise =
        image::RgbImage::from_fn(600, 400, |x, y| image::Rgb([(x * 7 + y * 13) as u8, (x ^ y) as u8, (x * y) as u8]));
    let mut original = std::io::Cursor::new(Vec::new());
    image::DynamicImage::from(noise).write_to(&mut original, image::ImageFormat::Png).unwrap();
    let photo = crate::photo::prepare(original.get_ref()).unwrap();
    assert!(photo.data.len() > PAGE * 3, "long enough for a chain of pages");
    db.write(|tx| photos::add(tx, &key_of("photo", 1), &photo.data, &photo.thumb)).unwrap();
    assert_eq!(photos::data(db.reader(), &key_of("photo", 1)).unwrap().as_ref(), Some(&photo.data));
    drop(db);
    damage(&file_path(folder.path()), 0, &[0; PAGE]);
    let saved = salvage::salvage(folder.path(), &key(), &mut |_| ()).unwrap();
    assert_eq!(saved.photos, 1);
    let db = Db::open(folder.path(), &key()).unwrap();
    assert_eq!(photos::data(db.reader(), &key_of("photo", 1)).unwrap(), Some(photo.data));
}

/// A photo's entry and its pixels: noise, so that each differs and needs several pages.
fn photo(db: &mut Db, n: u32) -> (Change, crate::photo::Prepared) {
    let noise = image::RgbImage::from_fn(360, 240, |x, y| {
        image::Rgb([(x * (n + 7) + y * 13) as u8, (x ^ (y + n)) as u8, (x * y + n) as u8])
    });
    let mut original = std::io::Cursor::new(Vec::new());
    image::DynamicImage::from(noise).write_to(&mut original, image::ImageFormat::Png).unwrap();
    let photo = crate::photo::prepare(original.get_ref()).unwrap();
    let mut change = diary(db, n, "");
    change.kind = "photo".into();
    let sum = FieldChange { value: crate::crypto::sha256_hex(&photo.data).into(), replaces: BTreeSet::new() };
    change.fields = [("sha256".into(), sum)].into();
    (change, photo)
}

/// What a writer wants who tells of pictures that are nowhere: that every phone asks for them for ever.
#[test]
fn a_thumbnail_that_is_nowhere_is_asked_for_less_and_less_often() {
    const MINUTE: u64 = 60_000;
    let folder = tempfile::tempdir().unwrap();
    let mut db = filled(folder.path(), 1);
    let (mut change, photo) = photo(&mut db, 2);
    let named = |text: String| FieldChange { value: text.into(), replaces: BTreeSet::new() };
    change.fields.insert("thumb_sha256".into(), named("0".repeat(64)));
    change.fields.insert("of".into(), named(id(0).to_string()));
    db.write(|tx| Applier::default().add(tx, &change, Delivery::Waiting)).unwrap();
    let (key, book) = (EntryKey::of(&change), change.notebook);
    let wanted = |db: &Db, now_ms| thumbnails::wanted(db.reader(), book, now_ms).unwrap();
    let found = thumbnails::Wanted { photo: key.clone(), sha256: "0".repeat(64), author: DeviceId(7) };
    let mut now_ms = 1_800_000_000_000;
    assert_eq!(wanted(&db, now_ms), [found]);
    let day = 24 * 60 * MINUTE;
    let mut waits = vec![10 * MINUTE, 40 * MINUTE, 160 * MINUTE, 640 * MINUTE, 2560 * MINUTE, 10_240 * MINUTE];
    waits.extend([28 * day; 3]);
    for wait in waits {
        db.write(|tx| thumbnails::note_missed(tx, &key, now_ms)).unwrap();
        assert!(wanted(&db, now_ms + wait - 1).is_empty(), "within {} minutes", wait / MINUTE);
        assert_eq!(wanted(&db, now_ms + wait).len(), 1, "after {} minutes", wait / MINUTE);
        assert_eq!(wanted(&db, 1_000).len(), 1, "a clock that was set back makes no wait longer");
        now_ms += wait;
    }
    db.write(|tx| photos::add_thumbnail(tx, &key, &photo.thumb)).unwrap();
    assert!(wanted(&db, now_ms).is_empty(), "it is here");
    assert!(photos::data(db.reader(), &key).unwrap().is_none());
    db.write(|tx| photos::add(tx, &key, &photo.data, b"made here")).unwrap();
    assert_eq!(photos::thumbnail(db.reader(), &key).unwrap(), Some(photo.thumb), "the one that came stays");
    assert_eq!(photos::data(db.reader(), &key).unwrap(), Some(photo.data));
    db.write(|tx| photos::erase(tx, &key)).unwrap();
    assert_eq!(wanted(&db, now_ms).len(), 1);
    // With the entry that it belongs to, deleted, nobody fetches its picture any more.
    let deletes = Some([db_first(&db)].into());
    let stamp = Stamp { hlc: db.next_clock(1_900_000_000_000).unwrap(), device: DeviceId(7) };
    let deletion = Change { stamp, fields: BTreeMap::new(), deletes, ..diary(&mut db, 0, "") };
    db.write(|tx| Applier::default().apply(tx, &deletion, Delivery::Waiting)).unwrap();
    assert!(wanted(&db, now_ms).is_empty());
}

/// The stamp of the first diary.
fn db_first(db: &Db) -> Stamp {
    super::changes::of_entry(db.reader(), &key_of("diary", 0)).unwrap()[0].stamp
}

#[test]
fn a_thumbnail_is_never_saved_as_the_photo() {
    for (what, length) in [("first bytes", 16), ("first page", PAGE)] {
        let folder = tempfile::tempdir().unwrap();
        let mut db = filled(folder.path(), 3);
        let photos: Vec<_> = (100..124).map(|n| photo(&mut db, n)).collect();
        for (change, photo) in &photos {
            db.write(|tx| {
                Applier::default().add(tx, change, Delivery::Waiting)?;
                photos::add(tx, &EntryKey::of(change), &photo.data, &photo.thumb)
            })
            .unwrap();
        }
        drop(db);
        damage(&file_path(folder.path()), 0, &vec![0; length]);
        let saved = salvage::salvage(folder.path(), &key(), &mut |_| ()).unwrap();
        let db = Db::open(folder.path(), &key()).unwrap();
        let wrong = photos.iter().filter(|(change, photo)| {
            photos::data(db.reader(), &EntryKey::of(change)).unwrap().as_ref() != Some(&photo.data)
        });
        assert_eq!(wrong.count(), 0, "{what}: {saved:?}");
        assert_eq!((saved.photos, saved.photos_lost), (24, 0), "{what}");
        assert_eq!(check::check(db.reader(), &mut |_, _| ()).unwrap().findings, Vec::<check::Finding>::new(), "{what}");
    }
}

#[test]
fn pages_below_a_readable_tree_are_known_by_their_tables_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = filled(folder.path(), 3);
    // No entry names its sha256, and the thumbnail is the longer of the two: the pattern alone would take it.
    let (large, small) = (photo(&mut db, 7).1.data, photo(&mut db, 8).1.thumb);
    assert!(large.len() > small.len());
    db.write(|tx| photos::add(tx, &key_of("photo", 1), &small, &large)).unwrap();
    drop(db);
    salvage::salvage(folder.path(), &key(), &mut |_| ()).unwrap();
    let db = Db::open(folder.path(), &key()).unwrap();
    assert_eq!(photos::data(db.reader(), &key_of("photo", 1)).unwrap(), Some(small));
}

#[test]
fn a_full_file_system_is_told_and_nothing_is_half_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = filled(folder.path(), 100);
    let pages: i64 = db.reader().query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    db.reader().query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).unwrap();
    let changes: Vec<Change> = (200..2000).map(|n| diary(&mut db, n, "いっぱい")).collect();
    assert_eq!(db.take_in(&changes, Delivery::Waiting).unwrap_err(), StoreError::Full);
    assert_eq!(entries::counts(db.reader()).unwrap(), (100, 100));
    drop(db);
    let db = Db::open(folder.path(), &key()).unwrap();
    assert_eq!(check::check(db.reader(), &mut |_, _| ()).unwrap().entries, 100);
}

#[test]
fn the_agenda_reads_by_the_index_and_every_kind_that_an_event_or_a_lead_names() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let migration = include_str!("migrations/0005_begin_anew.sql");
    let condition = migration.split_once("deleted = 0 AND (").and_then(|(_, rest)| rest.split_once(");")).unwrap().0;
    assert_eq!(words(entries::FOR_AGENDA), words(condition), "word by word");
    let content = crate::content::Content::default();
    let events = content.agenda().unwrap().event.iter().filter_map(|event| event.done_by.as_ref());
    let answers = content.leads().rule.iter().flat_map(|rule| &rule.answer);
    let kinds: BTreeSet<&str> = events.chain(answers).map(|done_by| done_by.kind.as_str()).collect();
    assert!(kinds.len() >= 12, "{kinds:?}");
    for kind in kinds {
        assert!(entries::FOR_AGENDA.contains(&format!("kind = '{kind}'")), "{kind} is named but not read");
    }
}

/// Case 15: a handbook on a medium for reading only could not be read at all.
#[test]
fn what_lies_where_nothing_can_be_written_is_read_from_a_copy_and_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = Db::create(folder.path(), &key(), "母").unwrap();
    let change = diary(&mut db, 1, "笑った");
    db.write(|tx| Applier::default().apply(tx, &change, Delivery::Waiting)).unwrap();
    drop(db);
    let before = std::fs::read(file_path(folder.path())).unwrap();
    // Nobody has made a lock file there, and nobody can.
    std::fs::remove_file(folder.path().join("handbook.lock")).unwrap();
    let mut db = Db::open_to_read(folder.path(), &key()).unwrap();
    assert!(db.is_read_only());
    assert_eq!(db.carer().unwrap(), "母");
    assert_eq!(entries::named(db.reader(), &key_of("diary", 1).into()).unwrap()[0].fields["text"], "笑った");
    let change = diary(&mut db, 2, "泣いた");
    let written = db.write(|tx| Applier::default().apply(tx, &change, Delivery::Waiting));
    assert_eq!(written.err(), Some(StoreError::ReadOnly));
    assert_eq!(db.index(true), Ok(0), "searching needs no index");
    drop(db);
    assert_eq!(std::fs::read(file_path(folder.path())).unwrap(), before);
    assert!(!folder.path().join("handbook.lock").exists());
    assert_eq!(Db::open_to_read(folder.path(), &FileKey::from_bytes([6; 32])).err(), Some(StoreError::WrongKey));
}

/// What a hostile envelope costs: however many changes of an entry come at once, what it shows is worked out and written once.
#[test]
fn an_entry_is_worked_out_once_however_many_of_its_changes_come_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = filled(folder.path(), 1);
    let count = 900;
    let changes: Vec<Change> = (0..count).map(|_| diary(&mut db, 0, "なんども")).collect();
    let before = db.edition();
    assert_eq!(db.write(|tx| apply_all(tx, &changes, Delivery::Sent)).unwrap(), Taken { new: count, beyond: 0 });
    let written = db.edition() - before;
    assert!(written <= 2 * count as u64 + 1, "a change, its mark, and once what is shown: {written} rows");
    assert_eq!(changes::of_entry(db.reader(), &key_of("diary", 0)).unwrap().len(), count + 1);
}
