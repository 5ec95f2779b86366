//! What members write, good and bad, in one order at one server and in another order at another one: every phone judges it alike.

use ayumi_core::app::sync::SyncOutcome;
use ayumi_core::model::judge::kind_in;
use ayumi_core::model::notebook::NotebookType;
use ayumi_play::Dice;
use ayumi_protocol::control::Role;
use ayumi_protocol::exchange::{Answer, Piece};
use ayumi_protocol::{Change, DeviceId, EntryId, Hlc, Stamp};
use ayumi_tests::family::{Direct, Municipality, Time, sync as sync_phone, wait};
use ayumi_tests::phones::family;

use super::truth::everything;
use crate::sync::matrix::sync;
use crate::sync::patched::come_in;

/// What may stand in a child's notebook, and what may not.
const BODIES: [(bool, &str, &str); 14] = [
    (true, "diary", r#"{"n":{"text":"こんにちは"}}"#),
    (true, "diary", r#"{"n":{"text":"さようなら","on":"2026-04-01"}}"#),
    (true, "diary", r#"{"d":[]}"#),
    (true, "growth", r#"{"n":{"weight":9.1}}"#),
    // What hangs on a clock or on other entries is shown everywhere.
    (true, "growth", r#"{"n":{"weight":9.4,"on":"2099-01-01"}}"#),
    (true, "diary", r#"{"n":{"on":"2001-01-01"}}"#),
    (false, "growth", r#"{"n":{"weight":-4}}"#),
    (false, "growth", r#"{"n":{"weight":"heavy"}}"#),
    (false, "diary", r#"{"n":{"weight":9.1}}"#),
    (false, "diary", r#"{"n":{"on":"yesterday"}}"#),
    (false, "prenatal_visit", r#"{"n":{}}"#),
    (false, "horoscope", r#"{"n":{"sign":"lion"}}"#),
    (false, "profile", r#"{"n":{"name":"よその子"}}"#),
    (false, "diary", r#"{"h":[{"s":"0000000000010000-00000000000000aa","k":"text","v":7}]}"#),
];

fn entry(n: usize) -> EntryId {
    EntryId::from_slice(&[0x30 + n as u8; 16]).unwrap()
}

/// A server with the same log.
fn copy_of(way: &Direct, time: &Time) -> Direct {
    let copy = Direct(Municipality::new(time));
    copy.0.roll_back(way.0.contents());
    copy
}

#[test]
fn however_what_members_wrote_is_shuffled_all_phones_judge_alike() {
    for seed in 0..12 {
        let mut dice = Dice::new(seed);
        let (time, way, mother, father, notebook) = family();
        let mut guests = [0; 3].map(|_| {
            let code = wait(mother.book.members().invite(notebook, Role::Writer, "", &way)).unwrap().code;
            come_in(&way.0, &code).unwrap()
        });
        sync_phone(&mother.book, &way);
        sync_phone(&father.book, &way);
        let (mut lines, mut apart) = ([const { Vec::new() }; 3], 0);
        for _ in 0..24 {
            let who = dice.below(3);
            let changes: Vec<Change> = (0..1 + dice.below(4))
                .map(|_| {
                    time.pass(1000);
                    let (fits, kind, body) = BODIES[dice.below(BODIES.len())];
                    apart += u64::from(!fits);
                    let stamp = Stamp { hlc: Hlc(time.now() << 16), device: DeviceId(0) };
                    Change::from_parts(entry(dice.below(5)), notebook, kind, stamp, body).unwrap()
                })
                .collect();
            lines[who].push(guests[who].writes_changes(&time, &changes));
        }
        let phones = [&mother, &father].map(|phone| {
            let (server, mut next, mut told) = (copy_of(&way, &time), [0; 3], 0);
            while let Some(who) = {
                let left: Vec<usize> = (0..3).filter(|who| next[*who] < lines[*who].len()).collect();
                left.get(dice.below(left.len())).copied()
            } {
                let piece = Piece::Envelope(lines[who][next[who]].to_bytes());
                let reply = sync(&server.0, &guests[who].keys, notebook, &[piece]).unwrap();
                assert!(matches!(reply.answers[0], Answer::Taken(_)), "seed {seed}: {:?}", reply.answers);
                next[who] += 1;
                if dice.percent(30) {
                    told += sync_phone(&phone.book, &server).apart;
                }
            }
            let report = sync_phone(&phone.book, &server);
            assert_eq!(report.outcome, SyncOutcome::Done, "seed {seed}");
            assert_eq!(told + report.apart, apart, "seed {seed}: each is told once");
            assert_eq!(phone.book.sync().state(notebook).unwrap().apart, apart, "seed {seed}: kept and counted");
            everything(&phone.book, notebook)
        });
        assert_eq!(phones[0], phones[1], "seed {seed}");
        for name in phones[0].keys() {
            let kind = mother.book.entries().show(name).unwrap().kind;
            assert!(kind_in(&kind, NotebookType::Child).is_ok(), "seed {seed}: {kind}");
        }
        assert_eq!(mother.book.notebooks().find(notebook).unwrap().name, "さくら");
    }
}
