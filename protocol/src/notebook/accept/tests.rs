use super::*;
use crate::id::NotebookId;
use crate::key::to_sign;
use crate::notebook::control::testing::{Device, NOW, family, holders, notebook};
use crate::notebook::control::{Action, Cutoff, Role};
use crate::notebook::envelope::{CHANGES, Envelope, Header, PURPOSE, VERSION};

fn sealed(by: &Device, header: Header) -> Envelope {
    let ciphertext = vec![1; 32];
    let signature = by.sign(&to_sign(PURPOSE, &Envelope::signed_bytes(&header, &ciphertext)));
    Envelope { header, ciphertext, signature }
}

fn first(by: &Device, state: &State) -> Header {
    Header {
        version: VERSION,
        kind: CHANGES,
        notebook: notebook(),
        epoch: state.epoch(),
        control: state.head(),
        author: by.id(),
        sequence: 1,
        attempt: 0,
        previous: [0; 32],
        stamp: Hlc(NOW << 16),
        author_hash: [6; 32],
        salt: [7; 32],
    }
}

/// A log that holds these envelopes of one author, the last one standing.
fn log<'a>(stored: &'a [&'a Envelope]) -> impl Fn(&Envelope) -> Known + 'a {
    move |envelope| {
        let Header { sequence, attempt, previous, .. } = envelope.header;
        let same = |other: &&&Envelope| (other.header.sequence, other.header.attempt) == (sequence, attempt);
        let named = stored.iter().find(|other| other.hash() == previous).map(|other| other.tail());
        let is_there = stored.iter().any(|other| other.hash() == envelope.hash());
        Known {
            is_there,
            has_rival: !is_there && stored.iter().any(|other| same(&other)),
            two_tongues: false,
            tail: stored.last().map(|other| other.tail()).unwrap_or_default(),
            previous: named.or((previous == [0; 32] && sequence == 1).then(Tail::default)),
        }
    }
}

/// Why, what comes, the chain, what is there, who brings it, the answer.
type Case<'a> = (&'a str, Envelope, &'a State, &'a [&'a Envelope], Bearer, Result<Taken, Refusal>);

// Long because each case has its row.
#[test]
fn each_refusal_has_its_case() {
    use Bearer::{Author, Carrier, Owner, Receipted};
    let (state, [mother, father, grandmother]) = family();
    let good = first(&father, &state);
    let one = sealed(&father, good);
    let there: &[&Envelope] = &[&one];
    let second = Header { sequence: 2, previous: one.hash(), ..good };
    let two = sealed(&father, second);
    let both: &[&Envelope] = &[&one, &two];
    let stranger = Device::new(77);
    let decide = |action| state.after(&mother.says(state.head(), action)).unwrap();
    let stay = holders(&[mother.id(), father.id()]);
    let next_epoch = decide(Action::Remove { holder: grandmother.id(), cutoff: Cutoff::default(), epoch: stay });
    let cutoff = Some(one.tail().into());
    let demoted = decide(Action::Role { holder: father.id(), role: Role::Reader, cutoff });
    let other = NotebookId::from_slice(&[1; 16]).unwrap();
    let ahead = Hlc((NOW + CLOCK_TOLERANCE_MS + 1) << 16);
    let edge = Hlc((NOW + CLOCK_TOLERANCE_MS) << 16);
    let ok = Ok(Taken::New);
    let earlier = Hlc((NOW - 1) << 16);
    let with = |changed: Header| sealed(&father, changed);
    let again = with(Header { attempt: 1, ..second });
    let newer = with(Header { epoch: 2, control: next_epoch.head(), ..good });
    let tongue = with(Header { salt: [8; 32], ..second });
    let (anew, after_epoch): (&[&Envelope], &[&Envelope]) = (&[&one, &again], &[&newer]);
    let two_lines: &[&Envelope] = &[&one, &two, &again];
    let cases: Vec<Case<'_>> = vec![
        ("the first", one.clone(), &state, &[], Author, ok),
        ("the first, sent twice", one.clone(), &state, there, Author, Ok(Taken::Again)),
        ("sent twice, after the author may not write", one.clone(), &demoted, there, Author, Ok(Taken::Again)),
        ("the second", two.clone(), &state, there, Author, ok),
        (
            "in another notebook",
            with(Header { notebook: other, ..second }),
            &state,
            there,
            Author,
            Err(Refusal::OtherNotebook),
        ),
        ("two tongues", with(Header { salt: [8; 32], ..good }), &state, there, Author, Err(Refusal::Taken)),
        ("an older one again, sealed anew", with(Header { attempt: 1, ..good }), &state, both, Author, Ok(Taken::New)),
        ("the last one, sealed anew", with(Header { attempt: 1, ..second }), &state, both, Author, Ok(Taken::New)),
        (
            "sealed anew behind what nobody has",
            with(Header { attempt: 1, previous: [6; 32], ..second }),
            &state,
            both,
            Author,
            Err(Refusal::Chain),
        ),
        (
            "sealed anew behind itself",
            with(Header { attempt: 1, previous: two.hash(), ..second }),
            &state,
            both,
            Author,
            Err(Refusal::Chain),
        ),
        (
            "an attempt that falls",
            with(Header { sequence: 3, previous: again.hash(), ..second }),
            &state,
            anew,
            Author,
            Err(Refusal::Chain),
        ),
        ("a lower attempt that comes later, by a carrier", two.clone(), &state, anew, Carrier, ok),
        ("a lower attempt that comes later, by himself", two.clone(), &state, anew, Author, Err(Refusal::Taken)),
        ("another one for the same place, by a carrier", tongue.clone(), &state, both, Carrier, Ok(Taken::Second)),
        (
            "behind the one that was put aside, by a carrier",
            with(Header { sequence: 3, previous: two.hash(), ..second }),
            &state,
            two_lines,
            Carrier,
            ok,
        ),
        (
            "behind the one that was put aside, by himself",
            with(Header { sequence: 3, previous: two.hash(), ..second }),
            &state,
            two_lines,
            Author,
            Err(Refusal::Chain),
        ),
        (
            "an attempt that falls, by a carrier",
            with(Header { sequence: 3, previous: again.hash(), ..second }),
            &state,
            anew,
            Carrier,
            Err(Refusal::Chain),
        ),
        ("no sequence", with(Header { sequence: 0, ..good }), &state, there, Author, Err(Refusal::Taken)),
        ("a reader", sealed(&grandmother, first(&grandmother, &state)), &state, &[], Author, Err(Refusal::NotAWriter)),
        (
            "a reader's, by a carrier",
            sealed(&grandmother, first(&grandmother, &state)),
            &state,
            &[],
            Carrier,
            Err(Refusal::NotAWriter),
        ),
        ("a stranger", sealed(&stranger, first(&stranger, &state)), &state, &[], Carrier, Err(Refusal::NotAWriter)),
        ("a writer who was made a reader", two.clone(), &demoted, there, Author, Err(Refusal::NotAWriter)),
        ("what he wrote before, by a carrier", one.clone(), &demoted, &[], Carrier, ok),
        ("what he wrote before, by himself anew", one.clone(), &demoted, &[], Author, Err(Refusal::NotAWriter)),
        (
            "in the place of what he wrote before, by a carrier",
            with(Header { attempt: 1, ..good }),
            &demoted,
            there,
            Carrier,
            Err(Refusal::NotAWriter),
        ),
        ("beyond his cutoff, by a carrier", two.clone(), &demoted, there, Carrier, Err(Refusal::NotAWriter)),
        ("in another's name", sealed(&grandmother, good), &state, &[], Carrier, Err(Refusal::Signature)),
        ("another chain", with(Header { control: [5; 32], ..good }), &state, &[], Author, Err(Refusal::Forked)),
        ("an older key", one.clone(), &next_epoch, &[], Author, Err(Refusal::OldEpoch)),
        ("an older key, by a carrier", one.clone(), &next_epoch, &[], Carrier, ok),
        (
            "the new key behind an older head",
            with(Header { epoch: 2, ..good }),
            &next_epoch,
            &[],
            Carrier,
            Err(Refusal::OldEpoch),
        ),
        ("the new key", newer.clone(), &next_epoch, &[], Author, ok),
        (
            "an older head behind a newer one",
            with(Header { sequence: 2, previous: newer.hash(), ..good }),
            &next_epoch,
            after_epoch,
            Carrier,
            Err(Refusal::Chain),
        ),
        ("a clock ten minutes ahead", with(Header { stamp: edge, ..good }), &state, &[], Author, ok),
        ("a clock further ahead", with(Header { stamp: ahead, ..good }), &state, &[], Author, Err(Refusal::ClockAhead)),
        (
            "a clock further ahead, by a carrier",
            with(Header { stamp: ahead, ..good }),
            &state,
            &[],
            Carrier,
            Err(Refusal::ClockAhead),
        ),
        ("a clock further ahead, by an owner", with(Header { stamp: ahead, ..good }), &state, &[], Owner, ok),
        ("a clock further ahead, with a receipt", with(Header { stamp: ahead, ..good }), &state, &[], Receipted, ok),
        ("beyond his cutoff, with a receipt", two.clone(), &demoted, there, Receipted, Err(Refusal::NotAWriter)),
        (
            "a clock reading of the next century, with a receipt",
            with(Header { stamp: Hlc((LATEST_MS + 1) << 16), ..good }),
            &state,
            &[],
            Receipted,
            Err(Refusal::ClockAhead),
        ),
        (
            "a clock reading of the next century, by an owner",
            with(Header { stamp: Hlc((LATEST_MS + 1) << 16), ..good }),
            &state,
            &[],
            Owner,
            Err(Refusal::ClockAhead),
        ),
        (
            "a clock reading of the next century",
            with(Header { stamp: Hlc((LATEST_MS + 1) << 16), ..good }),
            &state,
            &[],
            Carrier,
            Err(Refusal::ClockAhead),
        ),
        (
            "a clock reading that falls",
            with(Header { stamp: earlier, ..second }),
            &state,
            there,
            Author,
            Err(Refusal::Chain),
        ),
        ("a gap", with(Header { sequence: 3, ..second }), &state, there, Author, Err(Refusal::Gap { expected: 2 })),
        ("another past", with(Header { previous: [6; 32], ..second }), &state, there, Author, Err(Refusal::Chain)),
    ];
    let mut refusals = std::collections::BTreeSet::new();
    for (why, envelope, state, stored, bearer, expected) in cases {
        let known = log(stored)(&envelope);
        let latest = latest_reading(NOW, Hlc::default());
        assert_eq!(accept(&envelope.frame(), state, &known, bearer, latest), expected, "{why}");
        refusals.extend(expected.err().map(Refusal::key));
    }
    // What is refused of a remnant is tried where remnants are.
    let all = Refusal::ALL.iter().filter(|refusal| **refusal != Refusal::NotErased).map(|refusal| refusal.key());
    assert_eq!(refusals, all.collect(), "every refusal was met");
}

#[test]
fn a_key_with_two_tongues_writes_nothing_more_until_it_is_replaced() {
    let (state, [_, father, _]) = family();
    let one = sealed(&father, first(&father, &state));
    let next = Header { sequence: 2, previous: one.hash(), ..first(&father, &state) };
    let latest = latest_reading(NOW, Hlc::default());
    for (header, expected) in [(next, Err(Refusal::Taken)), (Header { attempt: 9, ..next }, Err(Refusal::Taken))] {
        let frame = sealed(&father, header).frame();
        let known = Known { tail: one.tail(), previous: Some(one.tail()), ..Known::default() };
        let accused = Known { two_tongues: true, ..known };
        assert_eq!(accept(&frame, &state, &known, Bearer::Author, latest), Ok(Taken::New));
        assert_eq!(accept(&frame, &state, &accused, Bearer::Author, latest), expected);
        assert_eq!(accept(&frame, &state, &accused, Bearer::Carrier, latest), Ok(Taken::New), "as others have it");
    }
    let again = Known { two_tongues: true, is_there: true, ..Known::default() };
    assert_eq!(accept(&one.frame(), &state, &again, Bearer::Author, latest), Ok(Taken::Again));
}

#[test]
fn a_clock_reading_is_taken_one_tick_behind_the_greatest_that_stands_there() {
    let edge = Hlc((NOW + CLOCK_TOLERANCE_MS) << 16);
    assert_eq!(latest_reading(NOW, Hlc::default()), edge);
    assert_eq!(latest_reading(NOW, Hlc(NOW << 16)), edge);
    let a_year_ahead = Hlc((NOW + 365 * 86_400_000) << 16 | 7);
    assert_eq!(latest_reading(NOW, a_year_ahead), Hlc(a_year_ahead.0 + 1));
    assert_eq!(latest_reading(u64::MAX, Hlc(u64::MAX)), Hlc(u64::MAX), "and nothing overflows");
}
