//! What every store must do with tickets, and with notebooks that began without one.

use ayumi_protocol::control::Role;
use ayumi_server::log::{Chunk, Log, LogError, OpenTerms, Terms};

use super::family::{Family, NOW, Phone};
use super::store::{Memory, Place, Postgres, Sqlite, Store};

contract!(
    a_ticket_is_for_one_notebook_and_for_that_one_again,
    a_ticket_that_many_show_at_once_is_taken_from_one,
    a_notebook_without_a_ticket_is_small_and_its_chain_too,
    what_began_without_a_ticket_ends_wholly_and_begins_again_with_one_only,
);

fn a_ticket_is_for_one_notebook_and_for_that_one_again<P: Place>() {
    let log = Store::<P>::new();
    let mother = Phone::new();
    let [family, neighbours, third] = [0; 3].map(|_| Family::founded(&mother));
    let [ticket, other, unknown] = [[1; 32], [2; 32], [3; 32]];
    log.place.add_tickets(&[ticket, other]);
    let found = |log: &Store<P>, family: &Family, hash| log.found(&family.statements[0], Terms::Ticket(hash), NOW);
    assert_eq!(found(&log, &family, unknown), Err(LogError::NoTicket));
    assert_eq!(log.page(family.notebook, 0, 1).unwrap_err(), LogError::NoNotebook, "nothing of it is there");
    // A statement that founds nothing uses no ticket up.
    let mut broken = third.statements[0].clone();
    broken.signature[0] ^= 1;
    assert!(matches!(log.found(&broken, Terms::Ticket(ticket), NOW), Err(LogError::Control(_))));
    assert_eq!(found(&log, &family, ticket), Ok(1));
    assert_eq!(found(&log, &family, ticket), Ok(1), "again, as the first time");
    assert_eq!(found(&log, &neighbours, ticket), Err(LogError::NoTicket), "for one notebook");
    let log = log.again();
    assert_eq!(found(&log, &neighbours, ticket), Err(LogError::NoTicket), "also after a restart");
    assert_eq!(found(&log, &neighbours, other), Ok(1));
    assert_eq!(log.expire(u64::MAX), 0, "with a ticket it lives as long as the store");
}

fn a_ticket_that_many_show_at_once_is_taken_from_one<P: Place>() {
    let log = Store::<P>::new();
    let mother = Phone::new();
    log.place.add_tickets(&[[1; 32]]);
    let families: Vec<Family> = (0..8).map(|_| Family::founded(&mother)).collect();
    let taken: Vec<bool> = std::thread::scope(|scope| {
        let show = |family: &Family| {
            let (log, founding) = (&log, family.statements[0].clone());
            scope.spawn(move || log.found(&founding, Terms::Ticket([1; 32]), NOW).is_ok())
        };
        let threads: Vec<_> = families.iter().map(show).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(taken.iter().filter(|taken| **taken).count(), 1, "{taken:?}");
}

fn a_notebook_without_a_ticket_is_small_and_its_chain_too<P: Place>() {
    let log = Store::<P>::new();
    let mut mother = Phone::new();
    let mut family = Family::founded(&mother);
    let open = Terms::Open(OpenTerms { quota: 10_000, ends_at: NOW + 1000 });
    log.found(&family.statements[0], open, NOW).unwrap();
    // Random, so that it does not compress.
    let noise = ayumi_core::crypto::random::<8000>().unwrap();
    assert!(log.append_envelope(mother.writes(&family, &noise[..4000]), NOW).is_ok());
    assert_eq!(log.append_envelope(mother.writes(&family, &noise), NOW), Err(LogError::Quota));
    let photo = Chunk { notebook: family.notebook, name: [1; 32], number: 0, of: 1, bytes: vec![0; 8000] };
    assert_eq!(log.wait(log.log().put_chunk(photo)), Err(LogError::Quota));
    // Who comes and goes is still written, up to as much again.
    let refused = (0..40).find_map(|_| {
        let before = family.statements.len();
        family.welcome(&mother, &Phone::new(), Role::Writer);
        let sent = family.statements[before..].iter().map(|statement| log.append_statement(statement.clone(), NOW));
        sent.filter_map(Result::err).next()
    });
    assert_eq!(refused, Some(LogError::Quota));
    let page = log.page(family.notebook, 0, usize::MAX).unwrap();
    let bytes: usize = page.items.iter().map(|item| item.bytes.len()).sum();
    assert!((10_001..=20_000).contains(&bytes), "{bytes}");
}

fn what_began_without_a_ticket_ends_wholly_and_begins_again_with_one_only<P: Place>() {
    let log = Store::<P>::new();
    let mut mother = Phone::new();
    let [family, neighbours] = [0; 2].map(|_| Family::founded(&mother));
    let open = |ends_at| Terms::Open(OpenTerms { quota: 100_000, ends_at });
    log.found(&family.statements[0], open(NOW + 1000), NOW).unwrap();
    log.found(&neighbours.statements[0], open(NOW + 2000), NOW).unwrap();
    let envelope = mother.writes(&family, b"one");
    log.append_envelope(envelope.clone(), NOW).unwrap();
    let photo = |notebook| Chunk { notebook, name: [1; 32], number: 0, of: 1, bytes: b"chunk of a photo".to_vec() };
    for family in [&family, &neighbours] {
        log.wait(log.log().put_chunk(photo(family.notebook))).unwrap();
    }
    assert_eq!(log.expire(NOW + 999), 0);
    assert_eq!(log.expire(NOW + 1000), 1);
    assert_eq!(log.expire(NOW + 1000), 0, "once");
    assert_eq!(log.page(family.notebook, 0, 1).unwrap_err(), LogError::NoNotebook);
    assert_eq!(log.wait(log.log().chain(family.notebook)), Ok(None));
    assert_eq!(log.wait(log.log().blob(family.notebook, [1; 32], None)).unwrap().there, 0, "photos too");
    let late = log.wait(log.log().put_chunk(photo(family.notebook)));
    assert_eq!(late, Err(LogError::NoNotebook), "also one that was on its way");
    assert_eq!(log.append_envelope(envelope.clone(), NOW), Err(LogError::NoNotebook));
    let page = log.page(neighbours.notebook, 0, usize::MAX).unwrap();
    assert_eq!(page.items.len(), 1, "others stay as they are");
    assert_eq!(log.wait(log.log().blob(neighbours.notebook, [1; 32], None)).unwrap().there, 1);
    let log = log.again();
    assert_eq!(log.found(&family.statements[0], open(NOW + 9000), NOW), Err(LogError::NoTicket), "not for ever anew");
    log.place.add_tickets(&[[1; 32]]);
    assert_eq!(log.found(&family.statements[0], Terms::Ticket([1; 32]), NOW + 2000), Ok(1));
    assert_eq!(log.append_envelope(envelope, NOW + 2000).unwrap().position, 2, "its words come back from the phone");
    assert_eq!(log.expire(NOW + 5000), 1, "the neighbours'");
    assert_eq!(log.page(family.notebook, 0, usize::MAX).unwrap().items.len(), 2);
}
