//! Moving: to another device in one encrypted file, to another municipality, to a device beside this one without any
//! server.

use std::path::Path;

use ayumi_core::app::sync::{SyncOutcome, SyncWhy};
use ayumi_core::app::{Error, Handbook, ListFilter, Moving, NewEntry};
use ayumi_core::store::changes::Delivery;
use ayumi_protocol::control::Role;
use ayumi_tests::family::{Direct, Municipality, Nowhere, Time, phone_config, sync, wait};
use ayumi_tests::fixture;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use ayumi_tests::phones::{child, family, phone, weigh};

fn picture(book: &Handbook, child: ayumi_core::model::NotebookId) -> ayumi_core::model::EntryId {
    let data = std::fs::read(fixture("photos/garden.jpg")).unwrap();
    let entry = NewEntry::typed(child, "diary", "2026-04-02", &[("text", "庭")]).unwrap();
    let id = book.entries().add(&entry.with_photo(&data).unwrap()).unwrap();
    book.entries().photos_of(id).unwrap()[0].id
}

fn code_of(error: Result<Handbook, Error>) -> &'static str {
    error.err().expect("refused").code()
}

#[test]
fn one_file_takes_everything_to_a_new_phone_which_takes_the_old_ones_place() {
    let (time, way, mother, father, notebook) = family();
    let id = weigh(&mother.book, notebook, "9.1");
    mother.book.entries().edit(id, &[("weight", "9.2")]).unwrap();
    let photo = picture(&mother.book, notebook);
    sync(&mother.book, &way);
    let unsent = weigh(&mother.book, notebook, "9.3");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("moving.ayumi");
    let code = mother.book.moving().pack(&file).unwrap();
    assert_eq!(
        mother.book.moving().pack(&file).map(|_| ()).unwrap_err().code(),
        "already_there",
        "a box is not written over"
    );
    let bytes = std::fs::read(&file).unwrap();
    // Words long enough that no chance puts them among some hundred thousand random bytes.
    for plain in ["さくら", "growth", "SQLite format"] {
        assert!(!bytes.windows(plain.len()).any(|w| w == plain.as_bytes()), "{plain} stands in the box");
    }

    let home = tempfile::tempdir().unwrap();
    let (mut config, _) = phone_config(home.path(), &time);
    config.vault = std::sync::Arc::new(ayumi_tests::handbook::FixedKey([9; 32]));
    for (what, wrong) in [("no code", "M-0000"), ("of another box", "M-0000-0000-0000-0000-0000-0000-0000-000")] {
        assert_eq!(code_of(Moving::unpack(&config, &file, wrong)), "invalid", "{what}");
    }
    let other = mother.book.moving().pack(&folder.path().join("other")).unwrap();
    assert_eq!(code_of(Moving::unpack(&config, &file, &other)), "invalid", "another box's code");
    assert_eq!(code_of(Moving::unpack(&config, Path::new("/nowhere"), &code)), "not_found");
    // Damaged on its way: refused, and nothing is left behind.
    for (what, damaged) in [
        ("cut", bytes[..bytes.len() / 2].to_vec()),
        ("empty", Vec::new()),
        ("flipped", {
            let mut flipped = bytes.clone();
            // A page of an index may be damaged unnoticed: indexes are made anew. So every other page is.
            (3000..flipped.len()).step_by(4096).for_each(|at| flipped[at] ^= 1);
            flipped
        }),
    ] {
        let path = folder.path().join("damaged");
        std::fs::write(&path, damaged).unwrap();
        assert_eq!(code_of(Moving::unpack(&config, &path, &code)), "damaged", "{what}");
        assert_eq!(code_of(Handbook::open(&config)), "not_found", "{what}: nothing is left");
    }

    let moved = Moving::unpack(&config, &file, &code.to_lowercase().replace('-', " ")).unwrap();
    assert_eq!(code_of(Moving::unpack(&config, &file, &code)), "already_there");
    assert_eq!(moved.carer().unwrap(), "母");
    assert_eq!(moved.entries().show(id).unwrap().fields["weight"], 9.2);
    assert_eq!(moved.entries().history(id).unwrap().len(), 2, "with the whole history");
    assert_eq!(moved.entries().photo(photo), mother.book.entries().photo(photo));
    assert_eq!(std::fs::read(&file).unwrap(), bytes, "the box stays as it was");

    // It goes on as the member that the old phone was: what waited there is sent from here.
    assert_eq!(sync(&moved, &way).outcome, SyncOutcome::Done);
    assert_eq!(moved.entries().delivery(unsent), Ok(Delivery::Sent));
    weigh(&moved, notebook, "9.4");
    sync(&moved, &way);
    sync(&father.book, &way);
    assert_eq!(father.book.entries().list(notebook, &ListFilter::default()).unwrap().len(), 5);
    assert_eq!(moved.members().list(notebook).unwrap().len(), 2, "nobody came in anew");

    // The old phone is used all the same: it is told that its place is taken, and keeps what was written on it.
    let late = weigh(&mother.book, notebook, "9.5");
    let report = sync(&mother.book, &way);
    assert_eq!(report.outcome, SyncOutcome::Removed);
    assert_eq!((report.notebooks[0].why, report.notebooks[0].removed_by.as_deref()), (Some(SyncWhy::Replaced), None));
    assert_eq!(mother.book.entries().delivery(late), Ok(Delivery::Refused));
    // It comes back by the sheet, as one more device of the same person.
    let sheet = wait(moved.members().print_recovery(&way)).unwrap().code;
    assert_eq!(wait(mother.book.members().recover(&sheet, &way)), Ok(vec![notebook]));
    let report = sync(&mother.book, &way);
    assert_eq!(report.outcome, SyncOutcome::Done, "{report:?}");
    sync(&father.book, &way);
    assert_eq!(father.book.entries().show(late).unwrap().fields["weight"], 9.5, "nothing is lost");
}

#[test]
fn a_handbook_that_never_met_a_server_moves_too() {
    let time = Time::default();
    let mother = phone(&time, "母");
    let notebook = child(&mother.book);
    let id = weigh(&mother.book, notebook, "9.1");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("box");
    let code = mother.book.moving().pack(&file).unwrap();
    let (config, _) = phone_config(folder.path(), &time);
    let moved = Moving::unpack(&config, &file, &code).unwrap();
    assert_eq!(moved.entries().show(id).unwrap().fields["weight"], 9.1);
    drop(moved);
    assert_eq!(Handbook::open(&config).unwrap().entries().show(id).unwrap().fields["weight"], 9.1, "it lasts");
}

#[test]
fn a_family_leaves_one_city_for_another_with_everything() {
    let (time, way, mother, father, notebook) = family();
    let id = weigh(&mother.book, notebook, "9.1");
    let photo = picture(&mother.book, notebook);
    sync(&mother.book, &way);
    sync(&father.book, &way);
    let new = Direct(Municipality::new(&time));
    new.0.restore(Default::default());
    // What one wrote before the move and had not sent comes along.
    let unsent = weigh(&father.book, notebook, "9.2");
    for phone in [&mother, &father, &mother] {
        phone.book.sync().set_server("https://new.example").unwrap();
        assert_eq!(sync(&phone.book, &new).outcome, SyncOutcome::Done);
    }
    for phone in [&mother, &father] {
        assert_eq!(phone.book.entries().delivery(id), Ok(Delivery::Sent));
        assert_eq!(phone.book.entries().show(unsent).unwrap().fields["weight"], 9.2);
        assert_eq!(phone.book.members().list(notebook).unwrap().len(), 2);
    }
    assert_eq!(wait(father.book.sync().fetch_photo(photo, &new)), mother.book.entries().photo(photo));
}

pub(super) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// One visit; what each side reported.
fn meet(runtime: &Runtime, host: &Handbook, guest: &Handbook) -> (SyncOutcome, SyncOutcome) {
    runtime.block_on(async {
        let ready = host.nearby().host().await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let visiting = async {
            let way = guest.nearby().dial(&address, &ready.code()).await.unwrap();
            guest.nearby().visit(&way).await.unwrap()
        };
        let (welcomed, visited) = tokio::join!(ready.welcome(&listener), visiting);
        ready.end().unwrap();
        (welcomed.unwrap().outcome, visited.outcome)
    })
}

#[test]
fn in_a_shelter_without_network_two_phones_exchange_everything_and_the_city_gets_it_later() {
    let (_time, way, mother, father, notebook) = family();
    let runtime = runtime();
    let of_mother = weigh(&mother.book, notebook, "9.1");
    let of_father = weigh(&father.book, notebook, "9.2");
    let photo = picture(&father.book, notebook);
    assert_eq!(meet(&runtime, &mother.book, &father.book), (SyncOutcome::Done, SyncOutcome::Done));
    for phone in [&mother, &father] {
        assert_eq!(phone.book.entries().show(of_mother).unwrap().fields["weight"], 9.1);
        assert_eq!(phone.book.entries().show(of_father).unwrap().fields["weight"], 9.2);
        assert_eq!(phone.book.entries().delivery(of_mother), Ok(Delivery::Waiting), "the municipality has not seen it");
    }
    assert_eq!(mother.book.entries().photo(photo), father.book.entries().photo(photo));
    // The mother comes to a network first, and brings what the father wrote.
    assert_eq!(sync(&mother.book, &way).outcome, SyncOutcome::Done);
    let report = sync(&father.book, &way);
    assert_eq!((report.outcome, report.pushed), (SyncOutcome::Done, 0), "nothing is sent twice");
    assert_eq!(father.book.entries().delivery(of_father), Ok(Delivery::Sent));
    // And a second meeting, the other way round.
    let later = weigh(&mother.book, notebook, "9.4");
    assert_eq!(meet(&runtime, &father.book, &mother.book), (SyncOutcome::Done, SyncOutcome::Done));
    assert_eq!(father.book.entries().show(later).unwrap().fields["weight"], 9.4);
    for phone in [&father, &mother] {
        let report = sync(&phone.book, &way);
        assert_eq!((report.outcome, report.waiting), (SyncOutcome::Done, 0));
    }
    assert_eq!(sync(&mother.book, &Nowhere).outcome, SyncOutcome::Offline);
}

#[test]
fn a_family_that_uses_no_server_shares_by_an_invitation_across_a_table() {
    let time = Time::default();
    let (mother, father) = (phone(&time, "母"), phone(&time, "父"));
    let notebook = child(&mother.book);
    let id = weigh(&mother.book, notebook, "9.1");
    let runtime = runtime();
    runtime.block_on(async {
        let host = mother.book.nearby().host().await.unwrap();
        let code = mother.book.members().invite(notebook, Role::Writer, "", host.transport()).await.unwrap().code;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let joining = async {
            let way = father.book.nearby().dial(&address, &host.code()).await.unwrap();
            assert_eq!(father.book.members().join(&code, &way).await, Ok(notebook));
            father.book.nearby().visit(&way).await.unwrap()
        };
        let (welcomed, _) = tokio::join!(host.welcome(&listener), joining);
        assert_eq!(welcomed.unwrap().outcome, SyncOutcome::Done);
    });
    assert_eq!(father.book.entries().show(id).unwrap().fields["weight"], 9.1);
    let answer = weigh(&father.book, notebook, "9.2");
    assert_eq!(meet(&runtime, &mother.book, &father.book), (SyncOutcome::Done, SyncOutcome::Done));
    assert_eq!(mother.book.entries().show(answer).unwrap().fields["weight"], 9.2);
}

#[test]
fn a_stranger_who_connects_gets_nothing() {
    let (time, _way, mother, _father, notebook) = family();
    weigh(&mother.book, notebook, "9.1");
    let stranger = phone(&time, "他人");
    let own = child(&stranger.book);
    assert_eq!(meet(&runtime(), &mother.book, &stranger.book), (SyncOutcome::Done, SyncOutcome::Done));
    let ids = |book: &Handbook| -> Vec<_> { book.notebooks().list().unwrap().into_iter().map(|n| n.id).collect() };
    assert_eq!(ids(&stranger.book), [own]);
    assert_eq!(ids(&mother.book), [notebook], "nor does a stranger leave anything");
}
