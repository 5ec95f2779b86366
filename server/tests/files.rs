//! SQLite: one encrypted file for each municipality, and its key elsewhere.

use ayumi_municipal::database::Access;
use ayumi_municipal::thread::kept as threads;
use ayumi_server::municipal::{SqliteOffice, StartError};

use crate::apart::town;
use crate::place::{Open, Place, Sqlite, tenants};
use crate::walk::Kept;

/// The files of a municipality, with what is still in the write-ahead log.
fn bytes(place: &Sqlite, tenant: usize) -> Vec<u8> {
    let file = place.file(&tenants()[tenant]);
    [std::fs::read(&file).unwrap(), std::fs::read(file.with_extension("db-wal")).unwrap_or_default()].concat()
}

#[test]
fn a_file_without_its_key_says_nothing_and_no_other_key_opens_it() {
    let open = Open::<Sqlite>::new();
    Kept::new(&open, 0, town(1, 1));
    let file = bytes(&open.place, 0);
    assert!(file.len() > 20_000);
    for word in ["SQLite format", "jp.131032", "threads", "child", "queued", "CREATE TABLE"] {
        assert!(!file.windows(word.len()).any(|window| window == word.as_bytes()), "{word}");
    }
    let Open { place, database, .. } = open;
    drop(database);
    let [ours, theirs] = tenants().map(|tenant| place.keys().join(format!("municipality-{tenant}.key")));
    let start = |place: &Sqlite| SqliteOffice::open(&place.data(), &place.keys(), &tenants()).map(drop);
    let key = std::fs::read(&ours).unwrap();
    std::fs::copy(&theirs, &ours).unwrap();
    assert_eq!(start(&place), Err(StartError::OtherKey), "another municipality's");
    std::fs::remove_file(&ours).unwrap();
    assert_eq!(start(&place), Err(StartError::NoKey), "a new one is not made for a file that is there");
    std::fs::write(&ours, "0f").unwrap();
    assert_eq!(start(&place), Err(StartError::KeyFile));
    std::fs::write(&ours, key).unwrap();
    assert_eq!(start(&place), Ok(()));
}

#[test]
fn no_key_lies_beside_the_file_that_it_opens() {
    let place = Sqlite::new();
    for (data, keys) in [("x", "x"), ("x", "x/keys"), ("x/data", "x"), ("x/../y", "y")] {
        let at = |path: &str| place.data().join(path);
        let refused = SqliteOffice::open(&at(data), &at(keys), &tenants()).map(drop);
        assert_eq!(refused, Err(StartError::KeysBesideData), "{data} {keys}");
    }
    let open = Open::<Sqlite>::new();
    let names = |folder: std::path::PathBuf| -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    assert!(names(open.place.data()).iter().all(|name| !name.ends_with(".key")));
    assert_eq!(names(open.place.keys()).len(), 2, "one for each");
    for name in names(open.place.keys()) {
        let key = std::fs::read_to_string(open.place.keys().join(name)).unwrap();
        assert!(!bytes(&open.place, 0).windows(64).any(|window| window == key.trim().as_bytes()));
    }
}

#[cfg(unix)]
#[test]
fn files_and_keys_of_a_municipality_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let open = Open::<Sqlite>::new();
    Kept::new(&open, 0, town(1, 1));
    for folder in [open.place.data(), open.place.keys()] {
        assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o077, 0);
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.file_name());
        }
    }
}

#[test]
fn two_processes_do_not_have_one_file_and_what_was_committed_is_there_afterwards() {
    let open = Open::<Sqlite>::new();
    let town = town(1, 1);
    Kept::new(&open, 0, town.clone());
    let start = |place: &Sqlite| SqliteOffice::open(&place.data(), &place.keys(), &tenants());
    assert_eq!(start(&open.place).map(drop), Err(StartError::Unavailable));
    let Open { place, database, runtime } = open;
    drop(database);
    let again = Open { database: start(&place).unwrap(), place, runtime };
    let mut read = again.begin(&tenants()[0], Access::Read);
    assert_eq!(again.wait(threads::open(&mut read)).unwrap().len(), town.rows.len());
}

#[test]
fn a_copy_of_a_file_opens_with_the_same_key_and_holds_what_was_committed() {
    let open = Open::<Sqlite>::new();
    let town = town(1, 1);
    Kept::new(&open, 0, town.clone());
    let copied = Sqlite::new();
    std::fs::create_dir_all(copied.data()).unwrap();
    let [tenant, _] = tenants();
    let back_up = |to: &std::path::Path| SqliteOffice::back_up(&open.place.data(), &open.place.keys(), &tenant, to);
    back_up(&copied.file(&tenant)).unwrap();
    assert_eq!(back_up(&copied.file(&tenant)), Err(StartError::Unavailable), "never over a file that is there");
    assert_eq!(back_up(&open.place.keys().join("copy.db")), Err(StartError::KeysBesideData), "and never beside a key");
    let file = std::fs::read(copied.file(&tenant)).unwrap();
    assert!(!file.windows(7).any(|window| window == b"threads"));
    std::fs::create_dir_all(copied.keys()).unwrap();
    for entry in std::fs::read_dir(open.place.keys()).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copied.keys().join(entry.file_name())).unwrap();
    }
    let again = Open::<Sqlite> {
        database: SqliteOffice::open(&copied.data(), &copied.keys(), [&tenant]).unwrap(),
        place: copied,
        runtime: tokio::runtime::Runtime::new().unwrap(),
    };
    let mut read = again.begin(&tenant, Access::Read);
    assert_eq!(again.wait(threads::open(&mut read)).unwrap().len(), town.rows.len());
}
