//! Phones of one family at one municipality, as most tests of sync need them.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use ayumi_core::app::{Handbook, NewChild, NewEntry};
use ayumi_core::model::notebook::Sex;
use ayumi_core::model::{EntryId, NotebookId};
use ayumi_core::sync::transport::Transport;
use ayumi_protocol::control::Role;
use tempfile::TempDir;

use crate::family::{Direct, Municipality, Time, phone_config, sync, wait};
use crate::handbook::day;

/// A phone with its folder and its clock.
pub struct Phone {
    /// Its folder.
    pub folder: TempDir,
    /// Its handbook.
    pub book: Handbook,
    /// How wrong its clock is, in milliseconds.
    pub wrong_ms: Arc<AtomicI64>,
}

/// Makes a scratch folder, in memory where there is a disk of memory: simulations make many thousands.
///
/// # Panics
/// If it cannot be made.
pub fn folder() -> TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

/// Makes a carer's phone with a new handbook.
///
/// # Panics
/// If the folder cannot be written.
pub fn phone(time: &Time, carer: &str) -> Phone {
    let folder = folder();
    let (config, wrong_ms) = phone_config(folder.path(), time);
    Phone { book: Handbook::create(&config, carer).unwrap(), folder, wrong_ms }
}

/// Begins a child's notebook.
///
/// # Panics
/// If it cannot be saved.
pub fn child(book: &Handbook) -> NotebookId {
    let child = NewChild { name: "さくら".into(), sex: Sex::Female, born: day("2025-05-03"), ..NewChild::default() };
    book.notebooks().add_child(&child).unwrap()
}

/// Writes a weight of one day.
///
/// # Panics
/// If it cannot be saved.
pub fn weigh(book: &Handbook, child: NotebookId, kg: &str) -> EntryId {
    book.entries().add(&NewEntry::typed(child, "growth", "2026-04-01", &[("weight", kg)]).unwrap()).unwrap()
}

/// Invites somebody who joins, and waits until the inviter's phone has confirmed it.
///
/// # Panics
/// If one of the steps fails.
pub fn invite(by: &Handbook, newcomer: &Handbook, notebook: NotebookId, role: Role, way: &dyn Transport) {
    let code = wait(by.members().invite(notebook, role, "", way)).unwrap().code;
    assert_eq!(wait(newcomer.members().join(&code, way)), Ok(notebook));
    assert!(newcomer.members().unconfirmed(notebook).unwrap().is_some(), "what is written now is not sent yet");
    sync(by, way);
    sync(newcomer, way);
    assert_eq!(newcomer.members().unconfirmed(notebook), Ok(None));
}

/// Makes a mother with a child's notebook, a father who joined it, and a municipality.
///
/// # Panics
/// If one of them cannot be made.
pub fn family() -> (Time, Direct, Phone, Phone, NotebookId) {
    let time = Time::default();
    let way = Direct(Municipality::new(&time));
    let (mother, father) = (phone(&time, "母"), phone(&time, "父"));
    let notebook = child(&mother.book);
    invite(&mother.book, &father.book, notebook, Role::Writer, &way);
    (time, way, mother, father, notebook)
}
