//! An author whose key signs two envelopes for one place, or other ones than it had signed before: every phone that has the same
//! envelopes shows the same, in whatever order they came, and says so.

use std::collections::BTreeMap;

use ayumi_channel::memory::Contents;
use ayumi_core::app::sync::{OddWords, SyncOutcome};
use ayumi_core::app::{Handbook, ListFilter};
use ayumi_core::store::changes::Delivery;
use ayumi_core::texts::Locale;
use ayumi_play::Dice;
use ayumi_protocol::control::{Cutoff, Role};
use ayumi_protocol::envelope::{Envelope, Tail};
use ayumi_protocol::exchange::{Answer, Piece};
use ayumi_protocol::key::KeyId;
use ayumi_protocol::{Change, EntryId, NotebookId};
use ayumi_tests::family::{Direct, Time, sync as sync_phone, wait};
use ayumi_tests::phones::{Phone, family, invite, phone, weigh};

use super::hostile::{change, invited, sends};
use super::matrix::{Device, sync};
use super::patched::log_of;
use super::rekey::copied;

fn entry(n: u8) -> EntryId {
    EntryId::from_slice(&[n; 16]).unwrap()
}

fn says(notebook: NotebookId, n: u8, time: &Time, text: &str) -> Change {
    change(notebook, entry(n), "diary", time, &format!(r#"{{"n":{{"text":"{text}"}}}}"#))
}

fn shown(book: &Handbook, notebook: NotebookId) -> BTreeMap<EntryId, String> {
    let listed = book.entries().list(notebook, &ListFilter { limit: 500, ..ListFilter::default() }).unwrap();
    listed.into_iter().map(|entry| (entry.id, format!("{:?} {}", entry.fields, entry.conflicts))).collect()
}

fn healthy(phone: &Phone, notebook: NotebookId) {
    assert_eq!(phone.book.doctor().examine(&mut |_, _| ()).unwrap().findings, Vec::<String>::new());
    assert_eq!(phone.book.sync().state(notebook).unwrap().halted, None);
}

fn newcomer(time: &Time, way: &Direct, by: &Phone, notebook: NotebookId) -> Phone {
    let newcomer = phone(time, "祖母");
    invite(&by.book, &newcomer.book, notebook, Role::Reader, way);
    assert_eq!(sync_phone(&newcomer.book, way).outcome, SyncOutcome::Done);
    newcomer
}

/// Brings an envelope as if it was from a log; what the server says.
fn carries(way: &Direct, by: &Device, envelope: &Envelope) -> &'static str {
    let piece = [Piece::CarriedEnvelope(envelope.to_bytes())];
    answer(sync(&way.0, &by.keys, by.reader.notebook(), &piece).unwrap().answers[0])
}

fn brings(way: &Direct, by: &Device, envelope: &Envelope) -> &'static str {
    let piece = [Piece::Envelope(envelope.to_bytes())];
    answer(sync(&way.0, &by.keys, by.reader.notebook(), &piece).unwrap().answers[0])
}

const fn answer(answer: Answer) -> &'static str {
    match answer {
        Answer::Refused(refused) => refused.key(),
        Answer::Taken(_) => "taken",
    }
}

/// One phone reads one thing in a first life of the server, another one another thing in its second life.
#[test]
fn two_tongues_are_shown_alike_in_every_order_of_arrival() {
    for seed in 0..ayumi_play::rounds(12) {
        let mut dice = Dice::new(seed);
        let (time, way, mother, father, notebook) = family();
        sync_phone(&mother.book, &way);
        let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
        sends(&way, &mut guest, &time, &[says(notebook, 1, &time, "はじめ")]);
        let (common, then) = (guest.tail, way.0.contents());
        time.pass(1000);
        // Different words under one stamp, and words that only one of the lines has.
        let (yes, no) = (says(notebook, 2, &time, "はい"), says(notebook, 2, &time, "いいえ"));
        let mut lines: [Vec<Envelope>; 2] = Default::default();
        for (line, (first, own)) in lines.iter_mut().zip([(yes, 3), (no, 4)]) {
            guest.tail = common;
            line.push(guest.writes_changes(&time, &[first, says(notebook, own, &time, "ひとつだけ")]));
            time.pass(1000);
            line.push(guest.writes_changes(&time, &[says(notebook, own + 2, &time, "それから")]));
        }
        let phones = [&mother, &father];
        let mut told = [0; 2];
        for (phone, line) in phones.iter().zip(&lines) {
            way.0.restore(then.clone());
            line.iter().for_each(|envelope| assert_eq!(brings(&way, &guest, envelope), "taken"));
            sync_phone(&phone.book, &way);
        }
        for _ in 0..6 {
            if dice.percent(30) {
                way.0.restore(if dice.percent(50) { then.clone() } else { Contents::default() });
            }
            let at = dice.below(2);
            let report = sync_phone(&phones[at].book, &way);
            told[at] += report.odd.iter().filter(|odd| odd.two_tongues).count();
        }
        for _ in 0..2 {
            for (phone, told) in phones.iter().zip(&mut told) {
                let report = sync_phone(&phone.book, &way);
                assert_eq!((report.outcome, report.waiting), (SyncOutcome::Done, 0), "seed {seed}: {report:?}");
                *told += report.odd.iter().filter(|odd| odd.two_tongues).count();
            }
        }
        assert_eq!(told, [1, 1], "seed {seed}: told once");
        let late = newcomer(&time, &way, &mother, notebook);
        let all = shown(&mother.book, notebook);
        for n in 1..=6 {
            assert!(all.contains_key(&entry(n)), "seed {seed}: both lines' words count");
        }
        for phone in [&mother, &father, &late] {
            assert_eq!(shown(&phone.book, notebook), all, "seed {seed}");
            healthy(phone, notebook);
        }
    }
}

#[test]
fn what_two_tongues_are_is_said_in_three_languages() {
    let notebook = NotebookId::from_slice(&[9; 16]).unwrap();
    let odd = OddWords {
        notebook,
        member: String::new(),
        name: "客".into(),
        doubled: 0,
        back_dated: 0,
        two_tongues: true,
        displaced: false,
    };
    for locale in [Locale::Ja, Locale::JaEasy, Locale::En] {
        let told = odd.told(locale);
        assert!(told.len() == 1 && told[0].contains("客") && !told[0].contains('{'), "{told:?}");
    }
}

#[test]
fn a_key_with_two_tongues_writes_nothing_more_until_it_is_replaced() {
    let (time, way, mother, father, notebook) = family();
    sync_phone(&mother.book, &way);
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    let (one, other) = (
        guest.writes_changes(&time, &[says(notebook, 1, &time, "ひとつ")]),
        Device { tail: Tail::default(), ..guest_again(&guest) }
            .writes_changes(&time, &[says(notebook, 2, &time, "べつの")]),
    );
    assert_eq!((brings(&way, &guest, &one), brings(&way, &guest, &other)), ("taken", "sequence_taken"));
    assert_eq!(carries(&way, &guest, &other), "taken", "as from a log");
    let next = guest.writes_changes(&time, &[says(notebook, 3, &time, "つぎの")]);
    assert_eq!(brings(&way, &guest, &next), "sequence_taken");
    assert_eq!(brings(&way, &guest, &one), "taken", "what is there is answered as before");
    for phone in [&mother, &father] {
        sync_phone(&phone.book, &way);
        let all: Vec<EntryId> = shown(&phone.book, notebook).into_keys().collect();
        assert_eq!(all, [entry(1), entry(2)]);
    }
    // Her cut names both lines, and both lines' words still count.
    let gone = format!("{:?}", guest.keys.id());
    wait(mother.book.members().remove(notebook, &gone, &way)).unwrap();
    let late = newcomer(&time, &way, &mother, notebook);
    for phone in [&mother, &father, &late] {
        sync_phone(&phone.book, &way);
        assert_eq!(shown(&phone.book, notebook).into_keys().collect::<Vec<_>>(), [entry(1), entry(2)]);
        healthy(phone, notebook);
    }
}

fn guest_again(guest: &Device) -> Device {
    Device { keys: guest.keys.clone(), reader: guest.reader.clone(), tail: guest.tail, attempt: guest.attempt }
}

/// A silent copy of an honest phone writes at another life of the server: the phone learns that its key spoke twice, takes new
/// ones, and nothing of either is lost.
#[test]
fn a_phone_whose_copy_spoke_for_it_takes_new_keys_before_it_writes() {
    let (time, way, mother, father, notebook) = family();
    sync_phone(&mother.book, &way);
    sync_phone(&father.book, &way);
    let then = way.0.contents();
    let (father, _folder, copy) = copied(father, &time);
    let hers = weigh(&copy, notebook, "9.1");
    assert_eq!(sync_phone(&copy, &way).outcome, SyncOutcome::Done);
    sync_phone(&mother.book, &way);
    way.0.restore(then);
    let his = weigh(&father.book, notebook, "9.2");
    assert_eq!(sync_phone(&father.book, &way).outcome, SyncOutcome::Done);
    sync_phone(&mother.book, &way);
    let before = father.book.members().list(notebook).unwrap().into_iter().find(|member| member.me).unwrap().id;
    for _ in 0..2 {
        sync_phone(&father.book, &way);
    }
    let after = father.book.members().list(notebook).unwrap().into_iter().find(|member| member.me).unwrap().id;
    assert_ne!(before, after, "new keys");
    let later = weigh(&father.book, notebook, "9.3");
    assert_eq!(sync_phone(&father.book, &way).outcome, SyncOutcome::Done);
    assert_eq!(father.book.entries().delivery(later), Ok(Delivery::Sent));
    let late = newcomer(&time, &way, &mother, notebook);
    for phone in [&mother, &father, &late] {
        sync_phone(&phone.book, &way);
        for entry in [hers, his, later] {
            assert!(phone.book.entries().show(entry).is_ok(), "{entry:?}");
        }
        healthy(phone, notebook);
    }
}

#[test]
fn who_was_removed_puts_no_other_line_in_before_the_cut() {
    let (time, way, mother, father, notebook) = family();
    sync_phone(&mother.book, &way);
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    let accomplice = invited(&way, &mother.book, notebook, Role::Reader);
    let now = guest_again(&guest);
    sends(&way, &mut guest, &time, &[says(notebook, 1, &time, "ほんとう")]);
    sends(&way, &mut guest, &time, &[says(notebook, 2, &time, "それから")]);
    for phone in [&mother, &father] {
        sync_phone(&phone.book, &way);
    }
    wait(mother.book.members().remove(notebook, &format!("{:?}", guest.keys.id()), &way)).unwrap();
    sync_phone(&father.book, &way);
    let known = shown(&father.book, notebook);
    // Made afterwards, under the old head, with a sequence and an attempt before the last one.
    let back_dated = guest_again(&now).writes_changes(&time, &[says(notebook, 9, &time, "あとから")]);
    let beyond = guest.writes_changes(&time, &[says(notebook, 8, &time, "そのあと")]);
    let anew =
        Device { attempt: 1, ..guest_again(&now) }.writes_changes(&time, &[says(notebook, 7, &time, "かわりに")]);
    assert_eq!(carries(&way, &accomplice, &beyond), "not_a_writer");
    assert_eq!(carries(&way, &accomplice, &anew), "not_a_writer");
    assert_eq!(carries(&way, &accomplice, &back_dated), "taken", "it could lead up to the last one");
    let late = newcomer(&time, &way, &mother, notebook);
    for phone in [&mother, &father, &late] {
        sync_phone(&phone.book, &way);
        assert_eq!(shown(&phone.book, notebook), known);
        healthy(phone, notebook);
    }
    // It is kept and told on, and a server that tells the chain first changes nothing.
    way.0.restore(Contents::default());
    assert_eq!(sync_phone(&father.book, &way).outcome, SyncOutcome::Done);
    let has = |of: &Envelope| log_of(&way.0, &accomplice.keys, notebook).iter().any(|held| held.frame() == of.frame());
    assert!(has(&back_dated) && !has(&beyond));
    sync_phone(&mother.book, &way);
    let later = newcomer(&time, &way, &mother, notebook);
    assert_eq!(shown(&later.book, notebook), known);
    healthy(&later, notebook);
}

#[test]
fn a_lower_attempt_that_comes_later_is_kept_and_not_shown() {
    let (time, way, mother, father, notebook) = family();
    sync_phone(&mother.book, &way);
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    let mut low = guest_again(&guest);
    guest.attempt = 1;
    sends(&way, &mut guest, &time, &[says(notebook, 1, &time, "あらためて")]);
    for phone in [&mother, &father] {
        sync_phone(&phone.book, &way);
    }
    let known = shown(&mother.book, notebook);
    let lower = low.writes_changes(&time, &[says(notebook, 2, &time, "はじめの")]);
    let behind = low.writes_changes(&time, &[says(notebook, 3, &time, "そのつぎ")]);
    assert_eq!(brings(&way, &guest, &lower), "sequence_taken", "as a new one it comes too late");
    assert_eq!((carries(&way, &guest, &lower), carries(&way, &guest, &behind)), ("taken", "taken"));
    let first = sync_phone(&mother.book, &way);
    for (phone, report) in [(&mother, first), (&father, sync_phone(&father.book, &way))] {
        let told: Vec<_> = report.odd.iter().map(|odd| (odd.displaced, odd.two_tongues)).collect();
        assert_eq!(
            (report.outcome, told),
            (SyncOutcome::Done, vec![(true, false)]),
            "the server took both, one by one"
        );
        for locale in [Locale::Ja, Locale::JaEasy, Locale::En] {
            assert_eq!(report.odd[0].told(locale).len(), 1);
        }
        assert_eq!(sync_phone(&phone.book, &way).odd, Vec::new(), "told once");
    }
    let late = newcomer(&time, &way, &mother, notebook);
    for phone in [&mother, &father, &late] {
        assert_eq!(sync_phone(&phone.book, &way).outcome, SyncOutcome::Done);
        assert_eq!(shown(&phone.book, notebook), known);
        healthy(phone, notebook);
    }
    let length = way.0.contents().length(notebook);
    way.0.restore(Contents::default());
    let report = sync_phone(&father.book, &way);
    assert_eq!((report.outcome, report.waiting), (SyncOutcome::Done, 0));
    assert_eq!(report.odd, Vec::new(), "a server that lost everything shows nothing new");
    assert_eq!(way.0.contents().length(notebook), length, "kept, and told on");
    sends(&way, &mut guest, &time, &[says(notebook, 4, &time, "そして")]);
    sync_phone(&mother.book, &way);
    assert!(mother.book.entries().show(entry(4)).is_ok(), "the line that stands goes on");
}

#[test]
fn what_gives_way_to_a_higher_attempt_after_a_server_took_it_is_told_once() {
    let (time, way, mother, father, notebook) = family();
    sync_phone(&mother.book, &way);
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    let mut high = guest_again(&guest);
    sends(&way, &mut guest, &time, &[says(notebook, 1, &time, "はじめの")]);
    for phone in [&mother, &father] {
        assert_eq!(sync_phone(&phone.book, &way).odd, Vec::new());
    }
    high.attempt = 1;
    let again = high.writes_changes(&time, &[says(notebook, 2, &time, "あらためて")]);
    assert_eq!(carries(&way, &guest, &again), "taken");
    for phone in [&mother, &father] {
        let report = sync_phone(&phone.book, &way);
        let told: Vec<_> = report.odd.iter().map(|odd| (odd.name.as_str(), odd.displaced, odd.two_tongues)).collect();
        assert_eq!(told, [("客", true, false)]);
        assert_eq!(sync_phone(&phone.book, &way).odd, Vec::new(), "told once");
        healthy(phone, notebook);
    }
}

/// The hashes that a cutoff in the newest statement of a chain names for somebody.
fn last_cut(way: &Direct, by: &Device, gone: KeyId) -> Option<Cutoff> {
    let chain = super::patched::chain_of(&way.0, &by.keys, by.reader.notebook())?;
    let cuts = chain.iter().flat_map(|statement| statement.cutoffs().map(|(of, cut)| (of, cut.clone())));
    cuts.filter(|(of, _)| *of == gone).map(|(_, cut)| cut).last()
}

#[test]
fn of_two_lines_a_cut_names_each_ones_last() {
    let (time, way, mother, _father, notebook) = family();
    sync_phone(&mother.book, &way);
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    let witness = invited(&way, &mother.book, notebook, Role::Reader);
    let mut other = guest_again(&guest);
    let one = guest.writes_changes(&time, &[says(notebook, 1, &time, "ひとつ")]);
    let mut second: Vec<Envelope> = Vec::new();
    for n in 2..4 {
        time.pass(1000);
        second.push(other.writes_changes(&time, &[says(notebook, n, &time, "べつの")]));
    }
    for envelope in [&one, &second[0], &second[1]] {
        assert_eq!(carries(&way, &guest, envelope), "taken");
    }
    sync_phone(&mother.book, &way);
    wait(mother.book.members().set_role(notebook, &format!("{:?}", guest.keys.id()), Role::Reader, &way)).unwrap();
    let named = last_cut(&way, &witness, guest.keys.id()).unwrap();
    let hashes: Vec<_> = named.ends().iter().map(|end| end.hash).collect();
    assert_eq!(hashes, [one.hash(), second[1].hash()]);
    sync_phone(&mother.book, &way);
    assert_eq!(shown(&mother.book, notebook).len(), 3);
}
