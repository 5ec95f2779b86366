//! Operators and members who mean harm: each test is what one of them wanted.

use ayumi_core::app::sync::SyncOutcome;
use ayumi_core::app::{Error, Handbook, NewEntry};
use ayumi_core::crypto::keys::SecretKeys;
use ayumi_core::sync::blob;
use ayumi_core::sync::code::{Invitation, RecoveryCode};
use ayumi_core::sync::statement::{Decision, wraps_for};
use ayumi_core::sync::transport::{Transport, Waiting};
use ayumi_protocol::batch::Batch;
use ayumi_protocol::blob::{BlobAction, BlobRequest};
use ayumi_protocol::control::{Action, NewHolder, Role, Statement};
use ayumi_protocol::exchange::{Answer, Piece, Reply};
use ayumi_protocol::key::PublicKeys;
use ayumi_protocol::{Change, DeviceId, EntryId, Hlc, NotebookId, Stamp};
use ayumi_tests::family::{Direct, Municipality, Time, sync as sync_phone, wait};
use ayumi_tests::phones::{family, phone, weigh};

use super::false_server::{FalseServer, made_up};
use super::matrix::{Device, ask, sync};
use super::patched::{chain_of, come_in, signed};

pub(super) fn is_refused(result: Result<impl std::fmt::Debug, Error>) -> bool {
    matches!(result, Err(Error::Invalid { .. }))
}

#[test]
fn an_operator_who_founds_a_notebook_around_an_open_invitation_lets_nobody_in() {
    let (time, way, mother, _father, notebook) = family();
    let code = wait(mother.book.members().invite(notebook, Role::Writer, "", &way)).unwrap().code;
    let keys = Invitation::from_text(&code).unwrap().keys().public();
    let expires_at = time.now() + 1_000_000;
    let (proof, role, name) = (made_up(notebook), Role::Writer, String::new());
    let invite = Decision::Invite { keys, proof, role, mine: false, expires_at, name };
    let false_server = FalseServer::new(&time, &way, notebook, &invite);
    let aunt = phone(&time, "おば");
    assert!(is_refused(wait(aunt.book.members().join(&code, &false_server))));
    assert_eq!(aunt.book.notebooks().list().unwrap().len(), 0, "nothing of it is kept");
    assert_eq!(wait(aunt.book.members().join(&code, &way)), Ok(notebook), "the family's own server");
}

#[test]
fn an_operator_who_founds_a_notebook_around_a_recovery_sheet_recovers_nothing() {
    let (time, way, mother, _father, notebook) = family();
    let sheet = wait(mother.book.members().print_recovery(&way)).unwrap().code;
    let keys = RecoveryCode::from_text(&sheet).unwrap().keys(notebook).public();
    // The drawer is the operator's to copy: it lies in its store.
    let print = Decision::Print(keys, made_up(notebook));
    let false_server = FalseServer::new(&time, &way, notebook, &print);
    let new_phone = phone(&time, "母の新しい電話");
    assert!(is_refused(wait(new_phone.book.members().recover(&sheet, &false_server))));
    assert_eq!(new_phone.book.notebooks().list().unwrap().len(), 0);
    assert_eq!(wait(new_phone.book.members().recover(&sheet, &way)).unwrap(), [notebook]);
}

#[test]
fn a_server_whose_clock_stands_still_keeps_no_old_code_open() {
    let (time, way, mother, _father, notebook) = family();
    let code = wait(mother.book.members().invite(notebook, Role::Writer, "", &way)).unwrap().code;
    let aunt = phone(&time, "おば");
    let day_and_an_hour = 25 * 60 * 60 * 1000;
    aunt.wrong_ms.store(day_and_an_hour, std::sync::atomic::Ordering::Relaxed);
    assert!(is_refused(wait(aunt.book.members().join(&code, &way))), "for her it is over, whatever the server says");
}

/// Uses a code with a patched client that brings these keys.
fn come_in_with(server: &Municipality, code: &Invitation, chain: &[Statement], keys: PublicKeys) -> Answer {
    let notebook = code.notebook();
    let mut opener = Device::new(notebook, code.keys());
    opener.learn(chain);
    let wraps = wraps_for(chain.last().unwrap(), &code.keys().id()).unwrap();
    let join = Action::Join { member: NewHolder { keys, label: Vec::new() }, wraps };
    let statement = signed(&code.keys(), notebook, chain.last().unwrap().hash(), join);
    let reply = sync(server, &code.keys(), notebook, &[Piece::Statement(statement.to_bytes())]).unwrap();
    reply.answers[0]
}

/// Somebody who is invited and brings a patched client.
pub(super) fn invited(way: &Direct, by: &Handbook, notebook: NotebookId, role: Role) -> Device {
    let text = wait(by.members().invite(notebook, role, "", way)).unwrap().code;
    come_in(&way.0, &text).unwrap()
}

pub(super) fn sends(way: &Direct, device: &mut Device, time: &Time, changes: &[Change]) {
    let envelope = device.writes_changes(time, changes).to_bytes();
    let reply = sync(&way.0, &device.keys, device.reader.notebook(), &[Piece::Envelope(envelope)]).unwrap();
    assert!(matches!(reply.answers[0], Answer::Taken(_)), "{:?}", reply.answers);
}

pub(super) fn change(notebook: NotebookId, entry: EntryId, kind: &str, time: &Time, body: &str) -> Change {
    let stamp = Stamp { hlc: Hlc(time.now() << 16), device: DeviceId(77) };
    Change::from_parts(entry, notebook, kind, stamp, body).unwrap()
}

#[test]
fn a_stamp_far_ahead_inside_an_envelope_does_not_stand_above_every_edit() {
    let (time, way, mother, _father, notebook) = family();
    let weight = weigh(&mother.book, notebook, "9.1");
    sync_phone(&mother.book, &way);
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    let in_2100 = Stamp { hlc: Hlc(4_102_444_800_000 << 16), device: DeviceId(77) };
    let body = r#"{"n":{"weight":19.5}}"#;
    let change = Change::from_parts(weight, notebook, "growth", in_2100, body).unwrap();
    sends(&way, &mut guest, &time, &[change]);
    sync_phone(&mother.book, &way);
    let entries = mother.book.entries();
    assert_eq!(entries.show(weight).unwrap().fields["weight"], 9.1);
    assert_eq!(mother.book.sync().state(notebook).unwrap().unread, 1, "kept and counted");
    entries.edit(weight, &[("weight", "9.2")]).unwrap();
    assert_eq!(entries.show(weight).unwrap().fields["weight"], 9.2);
}

#[test]
fn a_reader_with_keys_that_protect_nothing_does_not_stop_the_owners_sync() {
    let (_time, way, mother, father, notebook) = family();
    let text = wait(mother.book.members().invite(notebook, Role::Reader, "", &way)).unwrap().code;
    let code = Invitation::from_text(&text).unwrap();
    let chain = chain_of(&way.0, &code.keys(), notebook).unwrap();
    let keys = SecretKeys::generate().unwrap().public();
    for weak in [PublicKeys { agree: [0; 32], ..keys }, PublicKeys { sign: [0; 32], ..keys }] {
        let answer = come_in_with(&way.0, &code, &chain, weak);
        assert!(matches!(answer, Answer::Refused(refused) if refused.key() == "weak_keys"), "{answer:?}");
    }
    // Somebody leaves; the owner's phone makes a new key for all who are there, and goes on.
    wait(father.book.members().leave(notebook, &way)).unwrap();
    weigh(&mother.book, notebook, "9.4");
    assert_eq!(sync_phone(&mother.book, &way).outcome, SyncOutcome::Done);
    assert_eq!(mother.book.sync().state(notebook).unwrap().waiting, 0);
}

#[test]
fn an_owner_who_was_made_a_writer_does_not_come_back_by_an_old_code() {
    let (time, way, mother, father, notebook) = family();
    let member = |name: &str| {
        let list = mother.book.members().list(notebook).unwrap();
        list.into_iter().find(|member| member.name == name).unwrap().id
    };
    sync_phone(&mother.book, &way);
    wait(mother.book.members().set_role(notebook, &member("父"), Role::Owner, &way)).unwrap();
    sync_phone(&father.book, &way);
    let kept = wait(father.book.members().invite(notebook, Role::Owner, "", &way)).unwrap().code;
    let sheet = wait(father.book.members().print_recovery(&way)).unwrap().code;
    sync_phone(&mother.book, &way);
    wait(mother.book.members().set_role(notebook, &member("父"), Role::Writer, &way)).unwrap();
    let second = phone(&time, "父の別の電話");
    assert!(is_refused(wait(second.book.members().join(&kept, &way))));
    assert!(wait(second.book.members().recover(&sheet, &way)).is_err());
    let owners = mother.book.members().list(notebook).unwrap();
    assert_eq!(owners.iter().filter(|member| member.role == Role::Owner).count(), 1);
}

#[test]
fn who_knows_an_entry_cannot_take_its_photos_name() {
    let (_time, way, mother, father, notebook) = family();
    let guest = invited(&way, &mother.book, notebook, Role::Writer);
    let data = std::fs::read(ayumi_tests::fixture("photos/garden.jpg")).unwrap();
    let entry = NewEntry::typed(notebook, "diary", "2026-04-02", &[("text", "庭")]).unwrap();
    let entry = mother.book.entries().add(&entry.with_photo(&data).unwrap()).unwrap();
    let photo = mother.book.entries().photos_of(entry).unwrap()[0].id;
    // Junk under the very name, before the mother has sent hers.
    let name = blob::name(guest.reader.key(1).unwrap(), notebook, photo, 1);
    let put = BlobAction::Put { number: 0, of: 1, bytes: vec![7; 64] };
    let squat = |caller| ("/v1/blob".into(), BlobRequest { caller, name, action: put.clone() }.to_bytes());
    assert_eq!(ask(&way.0, &guest.keys, notebook, &squat).0, 200);
    assert_eq!(sync_phone(&mother.book, &way).outcome, SyncOutcome::Done);
    sync_phone(&father.book, &way);
    let fetched = wait(father.book.sync().fetch_photo(photo, &way)).unwrap();
    assert_eq!(Some(fetched), mother.book.entries().photo(photo).ok(), "the mother's own");
}

/// A member signs one thing and seals another, so that a word can be denied, or swapped for one phone.
#[test]
fn an_envelope_with_other_words_than_its_author_signed_is_put_aside_and_the_author_goes_on() {
    let (time, way, mother, _father, notebook) = family();
    sync_phone(&mother.book, &way);
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    time.pass(1000);
    let diary = |n: u8, time: &Time| {
        let entry = EntryId::from_slice(&[n; 16]).unwrap();
        (entry, change(notebook, entry, "diary", time, r#"{"n":{"text":"こんにちは"}}"#))
    };
    let (denied, words) = diary(0x51, &time);
    let batch = Batch { seed: [3; 16], former_key: None, peer_heads: Vec::new(), changes: vec![words] };
    let envelope = guest.writes_text(&time, &batch.to_bytes());
    let reply = sync(&way.0, &guest.keys, notebook, &[Piece::Envelope(envelope.to_bytes())]).unwrap();
    assert!(matches!(reply.answers[0], Answer::Taken(_)), "a server cannot know: {:?}", reply.answers);
    time.pass(1000);
    let (said, words) = diary(0x52, &time);
    sends(&way, &mut guest, &time, &[words]);
    assert_eq!(sync_phone(&mother.book, &way).outcome, SyncOutcome::Done);
    assert!(mother.book.entries().show(denied).is_err(), "nothing of it is shown");
    assert_eq!(mother.book.entries().show(said).unwrap().kind, "diary");
    assert_eq!(mother.book.sync().state(notebook).unwrap().unread, 1, "kept and counted");
}

/// A stamp carries who wrote it, and nobody can write another one's name into it.
#[test]
fn words_of_one_member_stand_under_no_others_name() {
    let (time, way, mother, _father, notebook) = family();
    let weight = weigh(&mother.book, notebook, "9.1");
    sync_phone(&mother.book, &way);
    let hers = mother.book.entries().history(weight).unwrap()[0].device.clone();
    let mut guest = invited(&way, &mother.book, notebook, Role::Writer);
    time.pass(1000);
    let forged = Stamp { hlc: Hlc(time.now() << 16), device: hers.parse().unwrap() };
    let body = r#"{"n":{"weight":19.5}}"#;
    sends(&way, &mut guest, &time, &[Change::from_parts(weight, notebook, "growth", forged, body).unwrap()]);
    assert_eq!(sync_phone(&mother.book, &way).outcome, SyncOutcome::Done);
    let history = mother.book.entries().history(weight).unwrap();
    let names: Vec<&str> = history.iter().map(|version| version.device.as_str()).collect();
    let his = guest.device().to_string();
    assert_eq!(names, [hers.as_str(), his.as_str()], "the guest's words, in the guest's name");
}

/// A server that shows a true removal, and gives its statements places that fall.
struct Falling(Direct);

impl Transport for Falling {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        Box::pin(async move {
            let mut response = self.0.post(path, body).await?;
            if let Ok(mut reply) = Reply::from_bytes(&response.body)
                && reply.gone
            {
                (1..).zip(reply.items.iter_mut().rev()).for_each(|(position, item)| item.position = position);
                response.body = reply.to_bytes();
            }
            Ok(response)
        })
    }
}

#[test]
fn a_removal_whose_statements_have_falling_places_stops_the_notebook_and_nothing_of_it_is_kept() {
    let (_time, way, mother, father, notebook) = family();
    sync_phone(&mother.book, &way);
    let his = mother.book.members().list(notebook).unwrap().into_iter().find(|member| !member.me).unwrap().id;
    wait(mother.book.members().remove(notebook, &his, &way)).unwrap();
    assert_eq!(sync_phone(&mother.book, &way).outcome, SyncOutcome::Done);
    for _ in 0..2 {
        let report =
            wait(father.book.sync().run(&Falling(Direct(way.0.clone())), Default::default(), &|_, _| ())).unwrap();
        assert_eq!(report.outcome, SyncOutcome::Halted);
    }
    assert_eq!(father.book.sync().state(notebook).unwrap().role, Some(Role::Writer));
}
