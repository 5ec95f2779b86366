//! Words that no honest phone writes so: two bodies under one stamp, stamps below earlier ones. Every phone shows the same, in
//! whatever order it met them, and says so once.

use std::collections::BTreeMap;
use std::path::Path;

use ayumi_core::app::sync::{OddWords, SyncOutcome};
use ayumi_core::app::{EntryKey, Handbook, ListFilter};
use ayumi_core::crypto::seal::open;
use ayumi_core::sync::statement::Decision;
use ayumi_core::texts::Locale;
use ayumi_play::Dice;
use ayumi_protocol::batch::Batch;
use ayumi_protocol::control::{ErasedIn, Role};
use ayumi_protocol::envelope::Tail;
use ayumi_protocol::exchange::{Answer, Piece};
use ayumi_protocol::key::KeyId;
use ayumi_protocol::opening::Held;
use ayumi_protocol::{Change, EntryId, NotebookId, author_hash};
use ayumi_tests::family::{Direct, Time, phone_config, sync as sync_phone, wait};
use ayumi_tests::phones::{Phone, family, invite, phone, weigh};

use super::hostile::{change, invited, sends};
use super::matrix::{Device, says, sync};
use super::patched::log_of;
use super::two_phones::open_bare;

fn entry(n: u8) -> EntryId {
    EntryId::from_slice(&[n; 16]).unwrap()
}

/// A diary entry that says this, stamped now.
fn says_now(notebook: NotebookId, n: u8, time: &Time, text: &str) -> Change {
    change(notebook, entry(n), "diary", time, &format!(r#"{{"n":{{"text":"{text}"}}}}"#))
}

fn shown(book: &Handbook, notebook: NotebookId) -> BTreeMap<EntryId, String> {
    let listed = book.entries().list(notebook, &ListFilter::default()).unwrap();
    listed.into_iter().map(|entry| (entry.id, format!("{} {}", entry.fields["text"], entry.conflicts))).collect()
}

fn healthy(book: &Handbook) {
    assert_eq!(book.doctor().examine(&mut |_, _| ()).unwrap().findings, Vec::<String>::new());
}

/// Somebody new, who reads the whole log.
fn newcomer(time: &Time, way: &Direct, by: &Phone, notebook: NotebookId) -> Phone {
    let newcomer = phone(time, "祖母");
    invite(&by.book, &newcomer.book, notebook, Role::Reader, way);
    assert_eq!(sync_phone(&newcomer.book, way).outcome, SyncOutcome::Done);
    newcomer
}

#[test]
fn of_two_bodies_under_one_stamp_every_phone_shows_the_same_and_says_so_once() {
    let (time, way, mother, father, notebook) = family();
    sync_phone(&mother.book, &way);
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    let bodies = [says_now(notebook, 1, &time, "はい"), says_now(notebook, 1, &time, "いいえ")];
    sends(&way, &mut guest, &time, &bodies);
    // Which one has the smaller leaf, another client computes from the batch.
    let batch = Batch { seed: [3; 16], former_key: None, peer_heads: Vec::new(), changes: guest.own(&bodies) };
    let leaves = batch.leaves();
    let smaller = usize::from(leaves[1] < leaves[0]);
    let words = ["はい", "いいえ"];
    for phone in [&mother, &father] {
        let report = sync_phone(&phone.book, &way);
        assert_eq!((report.outcome, report.pulled, report.apart), (SyncOutcome::Done, 1, 1));
        let member = format!("{:?}", guest.keys.id());
        let odd = OddWords {
            notebook,
            member,
            name: "客".into(),
            doubled: 1,
            back_dated: 0,
            two_tongues: false,
            displaced: false,
        };
        assert_eq!(report.odd, std::slice::from_ref(&odd));
        assert!(
            [Locale::Ja, Locale::JaEasy, Locale::En].map(|locale| odd.told(locale)).iter().all(|told| told.len() == 1)
        );
        assert_eq!(phone.book.entries().show(entry(1)).unwrap().fields["text"], words[smaller]);
        let again = sync_phone(&phone.book, &way);
        assert_eq!((again.apart, again.odd), (0, Vec::new()), "told once");
        assert_eq!(phone.book.sync().state(notebook).unwrap().apart, 1, "kept and counted");
        healthy(&phone.book);
    }
    // When that one is erased, the other one comes to light, on every phone alike.
    let erased = vec![ErasedIn { sequence: 1, attempt: 0, places: vec![u32::try_from(smaller).unwrap()] }];
    let statement = says(&guest, &Decision::Erase(guest.keys.id(), erased));
    let reply = sync(&way.0, &guest.keys, notebook, &[Piece::Statement(statement.to_bytes())]).unwrap();
    assert!(matches!(reply.answers[0], Answer::Taken(_)), "{:?}", reply.answers);
    sync_phone(&mother.book, &way);
    sync_phone(&father.book, &way);
    let late = newcomer(&time, &way, &mother, notebook);
    for phone in [&mother, &father, &late] {
        assert_eq!(phone.book.entries().show(entry(1)).unwrap().fields["text"], words[1 - smaller]);
        assert_eq!(phone.book.sync().state(notebook).unwrap().apart, 0);
        healthy(&phone.book);
    }
    // Erased by its entry, nothing is left of either.
    wait(mother.book.sync().erase(EntryKey::new(notebook, "diary", entry(1)), &way)).unwrap();
    for phone in [&father, &late] {
        sync_phone(&phone.book, &way);
        assert!(phone.book.entries().show(entry(1)).is_err());
    }
}

#[test]
fn a_word_stamped_below_an_own_earlier_one_is_shown_to_nobody_and_told_once() {
    let (time, way, mother, father, notebook) = family();
    sync_phone(&mother.book, &way);
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    let before = says_now(notebook, 2, &time, "前に");
    let same = says_now(notebook, 1, &time, "すりかえ");
    time.pass(1000);
    let first = says_now(notebook, 1, &time, "先に");
    sends(&way, &mut guest, &time, std::slice::from_ref(&first));
    // Below it, at the same time as it, and one that is later.
    let at_once = Change { stamp: first.stamp, ..same };
    time.pass(1000);
    sends(&way, &mut guest, &time, &[before, at_once, says_now(notebook, 3, &time, "後に")]);
    time.pass(1000);
    // The signed hash goes on.
    sends(&way, &mut guest, &time, &[says_now(notebook, 4, &time, "それから")]);
    let all = BTreeMap::from(
        [(1, "先に"), (3, "後に"), (4, "それから")].map(|(n, text)| (entry(n), format!("\"{text}\" 0"))),
    );
    for phone in [&mother, &father] {
        let report = sync_phone(&phone.book, &way);
        assert_eq!((report.outcome, report.apart), (SyncOutcome::Done, 2));
        let odd: Vec<(u64, u64)> = report.odd.iter().map(|odd| (odd.doubled, odd.back_dated)).collect();
        assert_eq!(odd, [(0, 2)]);
        assert!([Locale::Ja, Locale::JaEasy, Locale::En].iter().all(|locale| report.odd[0].told(*locale).len() == 1));
        assert_eq!(sync_phone(&phone.book, &way).odd, Vec::new(), "told once");
        assert_eq!(phone.book.sync().state(notebook).unwrap().apart, 2, "kept and counted");
        assert_eq!(shown(&phone.book, notebook), all);
        healthy(&phone.book);
    }
    let late = newcomer(&time, &way, &mother, notebook);
    assert_eq!(shown(&late.book, notebook), all, "a snapshot brings it to light no more than the log");
    // It is told on: a server that lost everything gets it back, and whoever comes then judges it alike.
    way.0.restore(Default::default());
    sync_phone(&father.book, &way);
    sync_phone(&mother.book, &way);
    let later = newcomer(&time, &way, &mother, notebook);
    assert_eq!(shown(&later.book, notebook), all);
    assert_eq!(later.book.sync().state(notebook).unwrap().apart, 2);
}

/// Erased words are not counted: who read them and who never did judge what came later alike.
#[test]
fn what_an_erased_word_was_stamped_binds_nobody_any_more() {
    let (time, way, mother, father, notebook) = family();
    sync_phone(&mother.book, &way);
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    let before = says_now(notebook, 2, &time, "前に");
    time.pass(1000);
    let first = says_now(notebook, 1, &time, "先に");
    sends(&way, &mut guest, &time, &[first]);
    sends(&way, &mut guest, &time, &[before]);
    assert_eq!(sync_phone(&mother.book, &way).apart, 1);
    sync_phone(&father.book, &way);
    let erased = vec![ErasedIn { sequence: 1, attempt: 0, places: vec![0] }];
    let statement = says(&guest, &Decision::Erase(guest.keys.id(), erased));
    sync(&way.0, &guest.keys, notebook, &[Piece::Statement(statement.to_bytes())]).unwrap();
    guest.learn(&[statement]);
    for phone in [&mother, &father, &mother] {
        assert_eq!(sync_phone(&phone.book, &way).outcome, SyncOutcome::Done);
    }
    let late = newcomer(&time, &way, &mother, notebook);
    for phone in [&mother, &father, &late] {
        assert_eq!(shown(&phone.book, notebook), BTreeMap::from([(entry(2), "\"前に\" 0".to_owned())]));
        assert_eq!(phone.book.sync().state(notebook).unwrap().apart, 0);
        healthy(&phone.book);
    }
}

/// Envelopes of two guests with words of all these kinds come to three phones page by page, all at once, and in the order in which a
/// phone tells them a server that lost everything.
#[test]
fn in_whatever_order_odd_words_come_all_phones_show_the_same() {
    for seed in 0..ayumi_play::rounds(60) {
        let mut dice = Dice::new(seed);
        let (time, way, mother, father, notebook) = family();
        sync_phone(&mother.book, &way);
        let mut guests = [0; 2].map(|_| (invited(&way, &mother.book, notebook, Role::Writer), Tail::default()));
        for _ in 0..3 + dice.below(8) {
            time.pass(1000);
            let (guest, before) = &mut guests[dice.below(2)];
            let words: Vec<Change> = (0..1 + dice.below(3))
                .map(|_| {
                    let n = u8::try_from(1 + dice.below(3)).unwrap();
                    let mut words = says_now(notebook, n, &time, &format!("{}", dice.below(5)));
                    // Up to three envelopes back.
                    words.stamp.hlc.0 -= (1000 * dice.below(4) as u64) << 16;
                    words
                })
                .collect();
            // Sometimes in the place of the last ones.
            if dice.percent(15) && guest.tail.sequence > 0 {
                (guest.attempt, guest.tail) = (guest.tail.attempt + 1, *before);
            }
            *before = guest.tail;
            sends(&way, guest, &time, &words);
            if dice.percent(50) {
                sync_phone(&mother.book, &way);
            }
        }
        for phone in [&mother, &father] {
            assert_eq!(sync_phone(&phone.book, &way).outcome, SyncOutcome::Done, "seed {seed}");
        }
        let late = newcomer(&time, &way, &mother, notebook);
        way.0.restore(Default::default());
        sync_phone(&father.book, &way);
        sync_phone(&mother.book, &way);
        let later = newcomer(&time, &way, &mother, notebook);
        let [one, others @ ..] = [&mother, &father, &late, &later].map(|phone| shown(&phone.book, notebook));
        assert!(others.iter().all(|other| *other == one), "seed {seed}: {one:?} {others:?}");
        let [one, others @ ..] =
            [&mother, &father, &later].map(|phone| phone.book.sync().state(notebook).unwrap().apart);
        assert_eq!(others, [one; 2], "seed {seed}");
        healthy(&mother.book);
    }
}

/// What every phone keeps apart, none of them writes: an own word that fell behind its own line is stamped anew.
#[test]
fn an_own_word_that_fell_behind_its_line_is_stamped_anew_before_it_is_sent() {
    let (time, way, mother, father, notebook) = family();
    weigh(&mother.book, notebook, "9.1");
    sync_phone(&mother.book, &way);
    let (folder, his) = (mother.folder, father.folder);
    drop(mother.book);
    // As if its clock had been ahead then, and was corrected since.
    let ahead = (time.now() + 60_000) << 16;
    open_bare(folder.path()).execute("UPDATE frames SET greatest = ?1", [ahead]).unwrap();
    let book = Handbook::open(&phone_config(folder.path(), &time).0).unwrap();
    let second = weigh(&book, notebook, "9.2");
    assert_eq!(sync_phone(&book, &way).outcome, SyncOutcome::Done);
    sync_phone(&father.book, &way);
    assert_eq!(father.book.entries().show(second).unwrap().fields["weight"], 9.2);
    healthy(&book);
    drop((book, father.book));
    let stamp = |folder: &Path| -> Vec<u8> {
        let sql = "SELECT stamp FROM changes WHERE entry = ?1";
        open_bare(folder).query_row(sql, [second.as_bytes()], |row| row.get(0)).unwrap()
    };
    assert!(stamp(folder.path())[..8] > ahead.to_be_bytes()[..], "behind its line");
    assert_eq!(stamp(his.path()), stamp(folder.path()));
}

/// Peer heads: rising by author, without the own one, each line that moved since the last envelope.
#[test]
fn an_envelope_names_every_line_that_moved_since_its_authors_last_one() {
    let (time, way, mother, father, notebook) = family();
    let aunt = phone(&time, "おば");
    invite(&mother.book, &aunt.book, notebook, Role::Writer, &way);
    let all = [&mother, &father, &aunt];
    for phone in all {
        weigh(&phone.book, notebook, "9.1");
        sync_phone(&phone.book, &way);
    }
    all.iter().for_each(|phone| _ = sync_phone(&phone.book, &way));
    weigh(&father.book, notebook, "9.15");
    sync_phone(&father.book, &way);
    // The aunt writes on; the father writes again, twice.
    weigh(&aunt.book, notebook, "9.2");
    sync_phone(&aunt.book, &way);
    for kg in ["9.3", "9.4"] {
        sync_phone(&father.book, &way);
        weigh(&father.book, notebook, kg);
        sync_phone(&father.book, &way);
    }
    let guest = invited(&way, &mother.book, notebook, Role::Reader);
    let ids = all.map(|phone| {
        let list = phone.book.members().list(notebook).unwrap();
        list.into_iter().find(|member| member.me).unwrap().id
    });
    let named: Vec<Vec<(KeyId, u64)>> = envelopes(&way, &guest, &ids[1])
        .into_iter()
        .map(|batch| batch.peer_heads.iter().map(|head| (head.author, head.sequence)).collect())
        .collect();
    let last_of = |id: &str| {
        let log = log_of(&way.0, &guest.keys, notebook);
        let last = log.iter().rfind(|held| format!("{:?}", held.header().author) == *id).unwrap();
        (last.header().author, last.header().sequence)
    };
    assert_eq!(named.last().unwrap(), &[], "nothing moved since");
    assert_eq!(named[named.len() - 2], [last_of(&ids[2])], "the aunt's alone, and never the own one");
    assert!(named.iter().all(|heads| heads.is_sorted() && heads.iter().all(|(id, _)| format!("{id:?}") != ids[1])));
    assert!(named.iter().any(|heads| heads.len() == 2), "the mother's and the aunt's");
}

/// What an author's envelopes hold, in order.
fn envelopes(way: &Direct, reader: &Device, author: &str) -> Vec<Batch> {
    let (notebook, mut tail) = (reader.reader.notebook(), Default::default());
    let log = log_of(&way.0, &reader.keys, notebook).into_iter();
    let theirs = log.filter(|held| format!("{:?}", held.header().author) == author);
    let batch = |held| {
        let Held::Whole(envelope) = held else { return None };
        let bytes = open(&envelope, reader.reader.key(envelope.header.epoch)?).ok()?;
        let decoded = Batch::from_bytes(notebook, envelope.header.author, &bytes).ok()?;
        assert_eq!(
            author_hash::next(notebook, envelope.header.author, &tail, &decoded.leaves),
            envelope.header.author_hash
        );
        tail = envelope.tail();
        Some(decoded.batch)
    };
    theirs.filter_map(batch).collect()
}
