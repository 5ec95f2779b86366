//! An owner who means harm makes a new key, and wraps another one for some of the members.

use ayumi_core::app::sync::{SyncOutcome, SyncWhy};
use ayumi_core::crypto::keys::SecretKeys;
use ayumi_core::sync::code::Invitation;
use ayumi_core::sync::label::Label;
use ayumi_core::sync::statement::{Decision, found, join};
use ayumi_protocol::control::Role;
use ayumi_protocol::exchange::{Answer, Piece};
use ayumi_tests::family::{sync as sync_phone, wait};
use ayumi_tests::phones::{family, weigh};

use super::hostile::invited;
use super::matrix::{Device, says, sync};
use super::patched::lying_epoch;

#[test]
fn an_owner_who_gives_one_member_another_key_is_found_out() {
    let [mother, father] = [0; 2].map(|_| SecretKeys::generate().unwrap());
    let mut chain = vec![found(&mother, &Label::founder("母", 2)).unwrap()];
    let notebook = chain[0].notebook;
    let mut owner = Device::new(notebook, mother.clone());
    owner.learn(&chain);
    let code = Invitation::generate(notebook, None).unwrap();
    let (keys, proof) = (code.keys().public(), code.proof());
    let (role, expires_at, name) = (Role::Writer, u64::MAX, String::new());
    let invite = says(&owner, &Decision::Invite { keys, proof, role, mine: false, expires_at, name });
    owner.learn(std::slice::from_ref(&invite));
    chain.push(invite);
    let opener = owner.opener(&code.keys(), &chain);
    assert_eq!(opener.reader.liar(), None);
    let state = opener.reader.state().unwrap();
    chain.push(join(&opener.reader, state, &father, "父").unwrap());
    let mut member = Device::new(notebook, father.clone());
    member.learn(&chain);
    assert_eq!((member.reader.liar(), member.reader.key(1).is_some()), (None, true));
    // She commits to one key, and wraps another for him.
    owner.learn(&chain[2..]);
    let lie = lying_epoch(&owner, |id| *id == father.id());
    member.learn(&[lie]);
    assert_eq!(member.reader.liar(), Some(mother.id()), "named");
    assert!(member.reader.key(2).is_none(), "and her key is not used");
}

/// An owner who means harm makes a new key, and wraps another one for one member: what is written under it is kept from
/// that member until somebody else makes the next key.
#[test]
fn a_member_who_was_given_another_key_says_so_and_gets_the_right_one_from_everybody_else() {
    let (time, way, mother, father, notebook) = family();
    sync_phone(&mother.book, &way);
    let guest = invited(&way, &mother.book, notebook, Role::Owner);
    let his = father.book.members().list(notebook).unwrap().into_iter().find(|member| member.me).unwrap().id;
    let lie = lying_epoch(&guest, |id| format!("{id:?}") == his);
    let reply = sync(&way.0, &guest.keys, notebook, &[Piece::Statement(lie.to_bytes())]).unwrap();
    assert!(matches!(reply.answers[0], Answer::Taken(_)), "a server cannot know: {:?}", reply.answers);
    time.pass(1000);
    sync_phone(&mother.book, &way);
    let weight = weigh(&mother.book, notebook, "9.1");
    assert_eq!(sync_phone(&mother.book, &way).outcome, SyncOutcome::Done);
    let report = sync_phone(&father.book, &way);
    assert_eq!(
        (report.outcome, report.notebooks[0].why),
        (SyncOutcome::More, Some(SyncWhy::NoKey)),
        "never all is well"
    );
    assert!(father.book.entries().show(weight).is_err());
    // The mother takes the guest out; what she writes next under the next key tells him the one before.
    let guests = format!("{:?}", guest.keys.id());
    wait(mother.book.members().remove(notebook, &guests, &way)).unwrap();
    sync_phone(&father.book, &way);
    assert_eq!(sync_phone(&father.book, &way).notebooks[0].why, Some(SyncWhy::NoKey), "nobody has told him yet");
    weigh(&mother.book, notebook, "9.2");
    sync_phone(&mother.book, &way);
    assert_eq!(sync_phone(&father.book, &way).outcome, SyncOutcome::Done);
    assert_eq!(father.book.entries().show(weight).unwrap().fields["weight"], 9.1);
    assert_eq!(father.book.sync().state(notebook).unwrap().unread, 0);
}

/// As before, and the one who was cheated is an owner: that phone makes the next key itself.
#[test]
fn an_owner_who_was_given_another_key_makes_a_new_one() {
    let (time, way, mother, _father, notebook) = family();
    sync_phone(&mother.book, &way);
    let guest = invited(&way, &mother.book, notebook, Role::Owner);
    let lie = lying_epoch(&guest, |id| *id != guest.keys.id());
    sync(&way.0, &guest.keys, notebook, &[Piece::Statement(lie.to_bytes())]).unwrap();
    time.pass(1000);
    weigh(&mother.book, notebook, "9.1");
    let report = sync_phone(&mother.book, &way);
    assert_eq!((report.outcome, report.waiting), (SyncOutcome::Done, 0), "she writes on");
}
