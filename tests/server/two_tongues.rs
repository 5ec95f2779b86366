//! What every store does with several lines of one author.

use ayumi_protocol::accept::Refusal;
use ayumi_protocol::control::{self, Cutoff, Role};
use ayumi_protocol::envelope::Tail;

use super::contract::{all, copy, send_chain};
use super::family::{Family, NOW, Phone};
use super::store::{Memory, Place, Postgres, Sqlite, Store};

contract!(
    a_lower_attempt_that_comes_later_is_kept,
    a_key_with_two_tongues_writes_nothing_more,
    of_two_lines_a_cut_names_the_last_that_is_there,
);

/// Another server may have had it first.
fn a_lower_attempt_that_comes_later_is_kept<P: Place>() {
    let log = Store::<P>::new();
    let mut mother = Phone::new();
    let family = Family::founded(&mother);
    send_chain(&log, &family);
    let first = mother.writes(&family, b"one");
    log.append_envelope(first.clone(), NOW).unwrap();
    let mut before = Phone { keys: mother.keys.clone(), tail: first.tail(), attempt: 0 };
    let lower = [before.writes(&family, b"two"), before.writes(&family, b"three"), before.writes(&family, b"four")];
    mother.attempt = 1;
    let anew = mother.writes(&family, b"two, sealed anew");
    log.append_envelope(anew, NOW).unwrap();
    assert_eq!(log.append_envelope(lower[0].clone(), NOW), Err(Refusal::Taken.into()), "not as a new one");
    let gap = log.append_envelope_carried(lower[1].clone(), NOW);
    assert_eq!(gap, Err(Refusal::Chain.into()), "what it follows is not there");
    let log = log.again();
    for (place, envelope) in (4..).zip(&lower) {
        assert_eq!(log.append_envelope_carried(envelope.clone(), NOW).unwrap().position, place);
    }
    assert_eq!(log.append_envelope_carried(lower[1].clone(), NOW).unwrap().position, 5, "twice changes nothing");
    let next = mother.writes(&family, b"three, behind the one that stands");
    assert_eq!(log.append_envelope(next, NOW).unwrap().position, 7, "the author goes on where it was");
}

fn a_key_with_two_tongues_writes_nothing_more<P: Place>() {
    let log = Store::<P>::new();
    let [mother, mut father] = [Phone::new(), Phone::new()];
    let mut family = Family::founded(&mother);
    family.welcome(&mother, &father, Role::Writer);
    send_chain(&log, &family);
    let one = father.writes(&family, b"one");
    let other = Phone { keys: father.keys.clone(), tail: Default::default(), attempt: 0 }.writes(&family, b"another");
    let receipt = log.append_envelope(one.clone(), NOW).unwrap();
    assert_eq!(log.append_envelope(other.clone(), NOW), Err(Refusal::Taken.into()));
    let second = log.append_envelope_carried(other.clone(), NOW).unwrap();
    assert_eq!(second.position, receipt.position + 1, "both are kept");
    let log = log.again();
    for (envelope, place) in [(&one, receipt), (&other, second)] {
        assert_eq!(log.append_envelope(envelope.clone(), NOW), Ok(place), "what is there is answered as before");
    }
    let next = father.writes(&family, b"two");
    let anew = Phone { keys: father.keys.clone(), tail: Default::default(), attempt: 7 }.writes(&family, b"anew");
    assert_eq!(log.append_envelope(next.clone(), NOW), Err(Refusal::Taken.into()));
    assert_eq!(log.append_envelope(anew, NOW), Err(Refusal::Taken.into()));
    assert!(log.append_envelope_carried(next, NOW).is_ok(), "what he wrote elsewhere comes all the same");
    let bytes: Vec<Vec<u8>> = all(&log, &family).into_iter().map(|item| item.bytes).collect();
    assert!(bytes.contains(&one.to_bytes()) && bytes.contains(&other.to_bytes()));
}

/// Whoever takes somebody out has read to the end of the greatest line, and names it.
fn of_two_lines_a_cut_names_the_last_that_is_there<P: Place>() {
    let log = Store::<P>::new();
    let [mother, mut father] = [Phone::new(), Phone::new()];
    let mut family = Family::founded(&mother);
    family.welcome(&mother, &father, Role::Writer);
    send_chain(&log, &family);
    let mut twin = Phone { keys: father.keys.clone(), tail: father.tail, attempt: 0 };
    log.append_envelope(father.writes(&family, b"one"), NOW).unwrap();
    log.append_envelope_carried(twin.writes(&family, b"another"), NOW).unwrap();
    log.append_envelope_carried(twin.writes(&family, b"and on"), NOW).unwrap();
    let removal = |last: &[Tail]| {
        let mut family = copy(&family);
        family.remove_up_to(&mother, &father, Cutoff::of(last.iter().map(|tail| (*tail).into())));
        family.statements.pop().unwrap()
    };
    for unread in [&[][..], &[father.tail], &[Tail { sequence: 9, ..twin.tail }]] {
        let refused = log.append_statement(removal(unread), NOW);
        assert_eq!(refused, Err(control::Refusal::HeadMoved.into()), "{unread:?}");
    }
    assert!(log.append_statement(removal(&[father.tail, twin.tail]), NOW).is_ok());
}
