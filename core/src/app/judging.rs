//! Judges what came into the file as a whole: by a transfer file, a repair, or from an earlier version. Of what may not stand in its
//! notebook nothing is lost and nothing is shown.

use ayumi_protocol::{Change, NotebookId};

use crate::app::adopt;
use crate::app::error::Result;
use crate::app::membership::{load, type_of, with_waiting};
use crate::model::judge::judge;
use crate::model::notebook::NotebookType;
use crate::store::{Db, apart, changes, channel, entries};

/// Keeps apart all of the file that may not stand where it stands. Returns how many changes that is.
pub(in crate::app) fn judge_file(db: &mut Db) -> Result<u64> {
    let mut kept = 0;
    for notebook in entries::notebooks(db.reader())? {
        let notebook_type = what_it_is_for(db, notebook)?;
        let mut unfit = changes::in_notebook(db.reader(), notebook)?;
        unfit.retain(|change| judge(change, notebook_type).is_err());
        if !unfit.is_empty() {
            kept += unfit.len() as u64;
            db.write(|tx| apart::keep(tx, &unfit))?;
        }
    }
    Ok(kept)
}

/// Judges again what is kept apart: this version may know more.
pub(in crate::app) fn judge_again(db: &mut Db) -> Result<()> {
    for notebook in entries::notebooks(db.reader())? {
        let mut fit: Vec<Change> = apart::all(db.reader(), notebook)?;
        if fit.is_empty() {
            continue;
        }
        let notebook_type = what_it_is_for(db, notebook)?;
        fit.retain(|change| judge(change, notebook_type).is_ok());
        db.write(|tx| apart::take_back(tx, &fit))?;
    }
    Ok(())
}

/// What a notebook was founded for; where that is lost, what it says or holds.
pub(in crate::app) fn what_it_is_for(db: &Db, notebook: NotebookId) -> Result<NotebookType> {
    let reader = channel::find(db.reader(), notebook)?.map(|channel| load(db.reader(), &channel)).transpose()?;
    let reader = reader.map(|reader| with_waiting(reader, db.reader())).transpose()?;
    reader.as_ref().and_then(type_of).map_or_else(|| adopt::type_of(db, notebook), Ok)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use ayumi_protocol::{EntryId, Stamp};

    use super::*;
    use crate::app::exchange::doctor::salvage;
    use crate::app::ports::{KeyVault, VaultError};
    use crate::app::{Config, Handbook, ListFilter, Moving, NewChild};
    use crate::crypto::FileKey;
    use crate::store::changes::Delivery;

    struct FixedKey;
    impl KeyVault for FixedKey {
        fn load(&self) -> std::result::Result<Option<FileKey>, VaultError> {
            Ok(Some(FileKey::from_bytes([7; 32])))
        }

        fn keep(&self, _: FileKey) -> std::result::Result<(), VaultError> {
            Ok(())
        }
    }

    fn config(folder: &Path) -> Config {
        Config::new(folder.to_owned(), Arc::new(FixedKey))
    }

    fn change(db: &mut Db, notebook: NotebookId, entry: u8, kind: &str, body: &str) -> Change {
        let stamp: Stamp = db.next_stamp(notebook, 1).unwrap();
        Change::from_parts(EntryId::from_slice(&[entry; 16]).unwrap(), notebook, kind, stamp, body).unwrap()
    }

    const ON: &str = r#""on":"2026-04-01""#;

    /// A handbook whose file holds one entry that may stand there, two that may not, and one value too much.
    fn with_unfit(folder: &Path) -> (Handbook, NotebookId) {
        let book = Handbook::create(&config(folder), "母").unwrap();
        let born = "2025-05-03".parse().unwrap();
        let child = NewChild { name: "さくら".into(), born, ..NewChild::default() };
        let notebook = book.notebooks().add_child(&child).unwrap();
        let mut db = book.db();
        let all = [
            change(&mut db, notebook, 1, "growth", &format!(r#"{{"n":{{"weight":9.1,{ON}}}}}"#)),
            change(&mut db, notebook, 1, "growth", r#"{"f":{"weight":{"v":9100,"r":[]}}}"#),
            change(&mut db, notebook, 2, "growth", &format!(r#"{{"n":{{"weight":9100,{ON}}}}}"#)),
            change(&mut db, notebook, 3, "horoscope", &format!(r#"{{"n":{{"sign":"lion",{ON}}}}}"#)),
        ];
        db.take_in(&all, Delivery::Waiting).unwrap();
        drop(db);
        (book, notebook)
    }

    /// One entry is shown as it may be, three changes are kept, and nothing is wrong with the file.
    fn is_judged(book: &Handbook, notebook: NotebookId) {
        let shown = book.entries().list(notebook, &ListFilter::default()).unwrap();
        assert_eq!(shown.len(), 1, "{shown:?}");
        assert_eq!(shown[0].fields["weight"], 9.1);
        assert_eq!(book.sync().state(notebook).unwrap().apart, 3, "told, and not lost");
        assert_eq!(apart::all(book.db().reader(), notebook).unwrap().len(), 3);
        assert_eq!(book.doctor().examine(&mut |_, _| ()).unwrap().findings, [""; 0]);
        let waiting = book.sync().state(notebook).unwrap().waiting;
        assert_eq!(waiting, 2, "the notebook's facts and one weight: what may not stand there is not sent");
    }

    #[test]
    fn what_a_repaired_file_brings_is_judged() {
        let folder = tempfile::tempdir().unwrap();
        let (book, notebook) = with_unfit(folder.path());
        drop(book);
        assert_eq!(salvage(&config(folder.path()), &mut |_| ()).unwrap().apart, 3);
        is_judged(&Handbook::open(&config(folder.path())).unwrap(), notebook);
        // What was apart is read from a damaged file, too.
        assert_eq!(salvage(&config(folder.path()), &mut |_| ()).unwrap().apart, 3);
        is_judged(&Handbook::open(&config(folder.path())).unwrap(), notebook);
    }

    #[test]
    fn what_a_transfer_file_of_somebody_else_brings_is_judged() {
        let (folder, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (book, notebook) = with_unfit(folder.path());
        let file = folder.path().join("box.ayumi");
        let code = book.moving().pack(&file).unwrap();
        is_judged(&Moving::unpack(&config(new.path()), &file, &code).unwrap(), notebook);
    }

    #[test]
    fn what_is_apart_goes_along_when_a_notebook_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        let (book, notebook) = with_unfit(folder.path());
        judge_file(&mut book.db()).unwrap();
        is_judged(&book, notebook);
        let new = book.members().begin_anew(notebook, &[]).unwrap().notebook;
        is_judged(&book, new);
        assert_eq!(apart::count(book.db().reader(), notebook).unwrap(), 0);
        book.notebooks().forget(new).unwrap();
        assert_eq!(apart::count(book.db().reader(), new).unwrap(), 0, "and leaves with it");
    }

    #[test]
    fn the_next_version_judges_again_what_is_apart() {
        let folder = tempfile::tempdir().unwrap();
        let (book, notebook) = with_unfit(folder.path());
        let mut db = book.db();
        let known = changes::in_notebook(db.reader(), notebook).unwrap();
        let weight: Vec<Change> = known.into_iter().filter(|change| change.kind == "growth").take(1).collect();
        // As if the version before had not known weights.
        db.write(|tx| apart::keep(tx, &weight)).unwrap();
        judge_file(&mut db).unwrap();
        assert_eq!(apart::count(db.reader(), notebook).unwrap(), 4);
        judge_again(&mut db).unwrap();
        drop(db);
        is_judged(&book, notebook);
    }
}
