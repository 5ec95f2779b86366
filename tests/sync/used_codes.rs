//! Codes that were used, or made void: who finds one then opens nothing with it, whatever copy of the chain is at hand.

use ayumi_channel::memory::Contents;
use ayumi_core::app::Error;
use ayumi_core::app::sync::SyncOutcome;
use ayumi_core::crypto::keys::SecretKeys;
use ayumi_core::sync::code::{Invitation, RecoveryCode};
use ayumi_core::sync::statement::wraps_for;
use ayumi_protocol::NotebookId;
use ayumi_protocol::control::{Role, Statement};
use ayumi_protocol::release::{ReleaseAction, ReleaseKey, ReleaseRequest};
use ayumi_tests::family::{Direct, Municipality, sync, wait};
use ayumi_tests::phones::{family, phone, weigh};

use super::matrix::{Device, ask, release_at};
use super::patched::{chain_of, come_in};

/// How many epochs' keys a code opens, with a copy of the chain and what a server gives for it.
fn opens(notebook: NotebookId, code: &SecretKeys, chain: &[Statement], release: Option<ReleaseKey>) -> usize {
    let mut finder = Device::new(notebook, code.clone()).released(release);
    finder.learn(chain);
    for statement in chain {
        if let Some(wraps) = wraps_for(statement, &code.id()) {
            finder.reader.unwrap_all(&wraps, statement.author);
        }
    }
    finder.reader.keys().len()
}

fn stores(server: &Municipality, release: &ReleaseKey) -> bool {
    server.contents().bytes().windows(release.len()).any(|bytes| bytes == release)
}

#[test]
fn a_used_code_opens_nothing() {
    let (time, way, mother, _father, notebook) = family();
    weigh(&mother.book, notebook, "9.1");
    sync(&mother.book, &way);
    let text = wait(mother.book.members().invite(notebook, Role::Reader, "", &way)).unwrap().code;
    let keys = Invitation::from_text(&text).unwrap().keys();
    // Whoever copies the database while it is open has the chain; the code is found later.
    let chain = chain_of(&way.0, &keys, notebook).unwrap();
    let release = release_at(&way.0, &keys, notebook).expect("while it is open");
    assert!(stores(&way.0, &release), "the search finds what is there");
    assert_eq!(opens(notebook, &keys, &chain, Some(release)), 1, "it opens while it is open");
    let aunt = phone(&time, "おば");
    assert_eq!(wait(aunt.book.members().join(&text, &way)), Ok(notebook));
    assert_eq!(release_at(&way.0, &keys, notebook), None);
    assert_eq!(opens(notebook, &keys, &chain, None), 0, "with the chain alone it opens nothing");
    assert!(!stores(&way.0, &release), "nor is there anything in a dump");
}

#[test]
fn a_void_sheet_opens_nothing() {
    let (_time, way, mother, father, notebook) = family();
    let text = wait(mother.book.members().print_recovery(&way)).unwrap().code;
    let keys = RecoveryCode::from_text(&text).unwrap().keys(notebook);
    let before = chain_of(&way.0, &keys, notebook).unwrap();
    let release = release_at(&way.0, &keys, notebook).expect("while it counts");
    assert_eq!(opens(notebook, &keys, &before, Some(release)), 1);
    sync(&father.book, &way);
    // Somebody leaves, and the mother's phone makes a new key, for a new sheet, too; then she prints once more.
    wait(father.book.members().leave(notebook, &way)).unwrap();
    assert_eq!(release_at(&way.0, &keys, notebook), None, "who leaves may know it");
    assert_eq!(opens(notebook, &keys, &before, None), 0);
    assert!(!stores(&way.0, &release));
    let next = wait(mother.book.members().print_recovery(&way)).unwrap().code;
    let next_keys = RecoveryCode::from_text(&next).unwrap().keys(notebook);
    weigh(&mother.book, notebook, "9.4");
    assert_eq!(sync(&mother.book, &way).outcome, SyncOutcome::Done);
    let chain = chain_of(&way.0, &next_keys, notebook).unwrap();
    let release = release_at(&way.0, &next_keys, notebook);
    assert_eq!((opens(notebook, &next_keys, &chain, release), opens(notebook, &next_keys, &chain, None)), (2, 0));
}

#[test]
fn a_code_that_is_over_opens_nothing() {
    let (time, way, mother, _father, notebook) = family();
    let text = wait(mother.book.members().invite(notebook, Role::Reader, "", &way)).unwrap().code;
    let keys = Invitation::from_text(&text).unwrap().keys();
    let release = release_at(&way.0, &keys, notebook).unwrap();
    time.pass(25 * 60 * 60 * 1000);
    assert_eq!(release_at(&way.0, &keys, notebook), None, "given no more");
    let due = ayumi_server::gone::Due::now(time.now());
    wait(ayumi_server::log::Log::expire(&*way.0.log(), due)).unwrap();
    assert!(!stores(&way.0, &release), "and deleted when the house is kept");
}

#[test]
fn a_new_store_gets_the_sheets_wraps_again() {
    let (time, way, mother, father, notebook) = family();
    weigh(&mother.book, notebook, "9.1");
    sync(&mother.book, &way);
    let sheet = wait(mother.book.members().print_recovery(&way)).unwrap().code;
    sync(&father.book, &way);
    // The store is lost; what a recovery index entry says was copied.
    way.0.restore(Contents::default().with_drawers_of(&way.0.contents()));
    let new = phone(&time, "母の新しい電話");
    // A writer's phone tells the log again, byte for byte; what lets the sheet open it does not tell.
    assert_eq!(sync(&father.book, &way).outcome, SyncOutcome::Done);
    let not_yet = wait(new.book.members().recover(&sheet, &way)).unwrap_err();
    assert!(matches!(&not_yet, Error::Invalid { why } if why.allowed.contains("not possible here yet")), "{not_yet:?}");
    assert!(new.book.notebooks().list().unwrap().is_empty(), "nothing half-done");
    assert_eq!(sync(&mother.book, &way).outcome, SyncOutcome::Done);
    assert_eq!(wait(new.book.members().recover(&sheet, &way)), Ok(vec![notebook]));
}

#[test]
fn nobody_but_an_owner_puts_a_release_key_and_nobody_but_the_code_gets_it() {
    let (_time, way, mother, father, notebook) = family();
    let text = wait(mother.book.members().invite(notebook, Role::Reader, "", &way)).unwrap().code;
    let code = Invitation::from_text(&text).unwrap().keys();
    let release = release_at(&way.0, &code, notebook).unwrap();
    let writer = wait(mother.book.members().invite(notebook, Role::Writer, "", &way)).unwrap().code;
    let writer = come_in(&way.0, &writer).unwrap();
    for keys in [&writer.keys, &code, &SecretKeys::generate().unwrap()] {
        let action = ReleaseAction::Put { holder: code.id(), key: [7; 32] };
        let put = |caller| ("/v1/release".to_owned(), ReleaseRequest { caller, action: action.clone() }.to_bytes());
        assert_eq!(ask(&way.0, keys, notebook, &put).0, 403);
    }
    assert_eq!(release_at(&way.0, &writer.keys, notebook), None);
    assert_eq!(release_at(&way.0, &code, notebook), Some(release));
    sync(&father.book, &way as &Direct);
}

/// A new key ends every open code; after somebody left one is due, and it is made before the code, not after it.
#[test]
fn a_code_that_is_made_when_a_new_key_is_due_opens() {
    let (time, way, mother, father, notebook) = family();
    weigh(&mother.book, notebook, "9.1");
    sync(&mother.book, &way);
    sync(&father.book, &way);
    wait(father.book.members().leave(notebook, &way)).unwrap();
    let text = wait(mother.book.members().invite(notebook, Role::Writer, "", &way)).unwrap().code;
    let aunt = phone(&time, "おば");
    assert_eq!(wait(aunt.book.members().join(&text, &way)), Ok(notebook));
}
