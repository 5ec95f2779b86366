//! What every store must do with release keys: they go with their code, and with their notebook.

use ayumi_protocol::control::{Action, Role};
use ayumi_protocol::key::KeyId;
use ayumi_server::gone::Due;
use ayumi_server::log::{Log, LogError, Release, Terms};

use super::family::{Family, NOW, Phone};
use super::store::{Memory, Place, Postgres, Sqlite, Store};

contract!(
    a_release_key_goes_when_its_code_is_used_void_or_over,
    a_release_key_of_a_code_that_was_used_is_not_stored,
    a_release_key_goes_with_its_notebook,
);

/// A family whose open invitation, its last statement, has a release key.
fn with_code<P: Place>(log: &Store<P>, mother: &Phone, key: [u8; 32]) -> (Family, Release) {
    let mut family = Family::founded(mother);
    log.found(&family.statements[0], Terms::Whole, NOW).unwrap();
    family.welcome(mother, &Phone::new(), Role::Reader);
    log.append_statement(family.statements[1].clone(), NOW).unwrap();
    let Action::Invite { invitation, expires_at, .. } = &family.statements[1].action else { unreachable!() };
    let (notebook, holder, ends_at) = (family.notebook, invitation.keys.id(), Some(*expires_at));
    let release = Release { notebook, holder, key, ends_at };
    log.wait(log.log().put_release(release)).unwrap();
    (family, release)
}

fn there<P: Place>(log: &Store<P>, release: &Release) -> Option<[u8; 32]> {
    log.wait(log.log().release(release.notebook, release.holder)).unwrap()
}

fn holds<P: Place>(log: &Store<P>, key: [u8; 32]) -> bool {
    log.place.dump().windows(32).any(|bytes| bytes == key)
}

fn a_release_key_goes_when_its_code_is_used_void_or_over<P: Place>() {
    let log = Store::<P>::new();
    let mother = Phone::new();
    let [first, second, third] = [0; 3].map(|_| ayumi_core::crypto::random::<32>().unwrap());
    let (used, release) = with_code(&log, &mother, first);
    assert_eq!(there(&log, &release), Some(first));
    // Put once more, it takes the other one's place.
    log.wait(log.log().put_release(Release { key: second, ..release })).unwrap();
    let log = log.again();
    assert_eq!(there(&log, &release), Some(second), "also after a restart");
    assert_eq!(there(&log, &Release { holder: KeyId([3; 16]), ..release }), None);
    log.append_statement(used.statements[2].clone(), NOW).unwrap();
    assert_eq!(there(&log, &release), None, "used");
    let (_, release) = with_code(&log, &mother, third);
    let expire = |now_ms| log.wait(log.log().expire(Due::now(now_ms))).unwrap();
    expire(NOW + 999);
    assert_eq!(there(&log, &release), Some(third));
    expire(NOW + 1000);
    assert_eq!(there(&log, &release), None, "over");
}

fn a_release_key_of_a_code_that_was_used_is_not_stored<P: Place>() {
    let log = Store::<P>::new();
    let (mother, key) = (Phone::new(), ayumi_core::crypto::random::<32>().unwrap());
    let (used, release) = with_code(&log, &mother, key);
    log.append_statement(used.statements[2].clone(), NOW).unwrap();
    log.wait(log.log().put_release(release)).unwrap();
    assert_eq!(there(&log, &release), None);
}

fn a_release_key_goes_with_its_notebook<P: Place>() {
    let log = Store::<P>::new();
    let (mother, key) = (Phone::new(), ayumi_core::crypto::random::<32>().unwrap());
    let (family, release) = with_code(&log, &mother, key);
    log.place.forget(family.notebook, NOW);
    assert_eq!(there(&log, &release), None);
    assert!(!holds(&log, key), "nothing of it is in a dump");
    let nowhere = log.wait(log.log().put_release(release));
    assert_eq!(nowhere, Err(LogError::NoNotebook));
}
