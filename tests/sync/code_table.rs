//! The statement that a code belongs to, with each of its bytes another: nobody comes in by it, even if the owner who made it has
//! signed that, too.

use std::sync::Mutex;

use ayumi_core::app::Handbook;
use ayumi_core::crypto::keys::{EpochKey, SecretKeys};
use ayumi_core::sync::blob;
use ayumi_core::sync::code::{Invitation, RecoveryCode};
use ayumi_core::sync::statement::Decision;
use ayumi_core::sync::transport::{Transport, Waiting};
use ayumi_protocol::NotebookId;
use ayumi_protocol::control::{PURPOSE, Role, Statement};
use ayumi_protocol::drawer::{self, DrawerRequest};
use ayumi_protocol::exchange::{Answer, ItemBody, Piece, Reply};
use ayumi_protocol::release::{ReleaseAction, ReleaseRequest};
use ayumi_tests::family::{Direct, wait};
use ayumi_tests::phones::{family, phone};

use super::hostile::{invited, is_refused};
use super::matrix::{Device, ask, says, sync};

/// A server that shows another statement in the place of one.
struct Shows {
    real: Direct,
    statement: Vec<u8>,
    other: Mutex<Vec<u8>>,
}

impl Transport for Shows {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        Box::pin(async move {
            let mut response = self.real.post(path, body).await?;
            if let Ok(mut reply) = Reply::from_bytes(&response.body) {
                for item in &mut reply.items {
                    if matches!(&item.body, ItemBody::Statement(bytes) if *bytes == self.statement) {
                        item.body = ItemBody::Statement(self.other.lock().unwrap().clone());
                    }
                }
                response.body = reply.to_bytes();
            }
            Ok(response)
        })
    }
}

/// A statement with one byte another, signed again by its author.
fn with_another_byte(statement: &[u8], at: usize, author: &SecretKeys) -> Vec<u8> {
    let mut other = statement.to_vec();
    other[at] ^= 1 << (at % 8);
    let signed = other.len() - 64;
    if at < signed {
        let signature = author.sign(PURPOSE, &other[..signed]);
        other[signed..].copy_from_slice(&signature);
    }
    other
}

/// An owner with a patched client, who has made a statement that the server took.
fn makes(way: &Direct, owner: &Device, notebook: NotebookId, decision: &Decision) -> Statement {
    let statement = says(owner, decision);
    let reply = sync(&way.0, &owner.keys, notebook, &[Piece::Statement(statement.to_bytes())]).unwrap();
    assert!(matches!(reply.answers[0], Answer::Taken(_)), "{:?}", reply.answers);
    let mut reader = owner.reader.clone();
    reader.statement(&statement.to_bytes()).unwrap();
    for (holder, code) in reader.state().unwrap().codes() {
        let action = ReleaseAction::Put { holder: *holder, key: reader.release_of(code).unwrap() };
        let put = |caller| ("/v1/release".to_owned(), ReleaseRequest { caller, action: action.clone() }.to_bytes());
        assert_eq!(ask(&way.0, &owner.keys, notebook, &put).0, 200);
    }
    statement
}

/// Shows a newcomer the statement with each byte another, and then as it is.
fn nobody_comes_in(
    way: &Direct,
    statement: &Statement,
    owner: &Device,
    newcomer: &Handbook,
    come: &dyn Fn(&Shows) -> Option<bool>,
) {
    let bytes = statement.to_bytes();
    let server = Shows { real: Direct(way.0.clone()), statement: bytes.clone(), other: Mutex::default() };
    for at in 0..bytes.len() {
        *server.other.lock().unwrap() = with_another_byte(&bytes, at, &owner.keys);
        assert_eq!(come(&server), None, "byte {at} of {}", bytes.len());
    }
    assert!(newcomer.notebooks().list().unwrap().is_empty(), "nothing of it is kept");
    *server.other.lock().unwrap() = bytes;
    assert_eq!(come(&server), Some(true), "as it was made");
}

#[test]
fn an_invitation_with_any_byte_another_lets_nobody_in() {
    let (time, way, mother, _father, notebook) = family();
    let owner = invited(&way, &mother.book, notebook, Role::Owner);
    let code = Invitation::generate(notebook, None).unwrap();
    let (keys, proof, expires_at) = (code.keys().public(), code.proof(), time.now() + 10_000_000);
    let name = String::new();
    let invite = Decision::Invite { keys, proof, role: Role::Writer, mine: false, expires_at, name };
    let statement = makes(&way, &owner, notebook, &invite);
    let aunt = phone(&time, "おば");
    nobody_comes_in(&way, &statement, &owner, &aunt.book, &|server| {
        let joined = wait(aunt.book.members().join(&code.to_text(), server));
        (!is_refused(joined.clone())).then_some(joined == Ok(notebook))
    });
}

#[test]
fn a_recovery_sheet_whose_statement_has_any_byte_another_recovers_nothing() {
    let (time, way, mother, _father, notebook) = family();
    let owner = invited(&way, &mother.book, notebook, Role::Owner);
    let code = RecoveryCode::generate().unwrap();
    let print = Decision::Print(code.keys(notebook).public(), code.proof(notebook));
    let statement = makes(&way, &owner, notebook, &print);
    let content = EpochKey::from_bytes(code.drawer_key());
    let ids = serde_json::to_vec(&[notebook]).unwrap();
    let sealed = blob::seal(&content, 1, &[0; 32], &ids).unwrap().remove(0);
    let (keys, edition) = (code.drawer(), time.now());
    let signature = keys.sign(drawer::PURPOSE, &drawer::signed_bytes(edition, &sealed));
    let fill = DrawerRequest::Fill { key: keys.public().sign, edition, sealed, signature };
    assert_eq!(way.0.answer("/v1/drawer", &fill.to_bytes()).status, 200);
    let new = phone(&time, "客の電話");
    nobody_comes_in(&way, &statement, &owner, &new.book, &|server| {
        let recovered = wait(new.book.members().recover(&code.to_text(), server));
        (!is_refused(recovered.clone())).then_some(recovered == Ok(vec![notebook]))
    });
}
