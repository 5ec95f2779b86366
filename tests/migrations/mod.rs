//! The five tests, from a dump of every schema version: it runs, it ends like a fresh file, rows survive field by
//! field, a step that fails leaves the file as it was, a newer file is refused untouched.

use std::path::Path;

use ayumi_core::app::Handbook;
use ayumi_core::app::{Error, ListFilter};
use ayumi_core::crypto::FileKey;
use ayumi_core::store::migrate::{STEPS, migrate};
use ayumi_core::store::{Db, StoreError};
use ayumi_tests::fixture_text;
use ayumi_tests::handbook::config;
use rusqlite::Connection;
use serde_json::json;

/// Opens the bare file with the tests' key, as the store does: raw key, salt derived from it (first 16 bytes of the
/// file).
fn bare(path: &Path, salt: &str) -> Connection {
    ayumi_sqlcipher::link();
    let connection = Connection::open(path).unwrap();
    connection
        .execute_batch(&format!("PRAGMA key = \"x'{}{salt}'\"; PRAGMA cipher_page_size = 2048", "07".repeat(32)))
        .unwrap();
    connection
}

/// The salt that the store derives for the tests' key, read off a file that it made.
fn salt() -> String {
    let folder = tempfile::tempdir().unwrap();
    drop(Db::create(folder.path(), &FileKey::from_bytes([7; 32]), "").unwrap());
    let bytes = std::fs::read(folder.path().join("handbook.db")).unwrap();
    bytes[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file as version `number` left it.
fn at_version(folder: &Path, number: i64) {
    let connection = bare(&folder.join("handbook.db"), &salt());
    connection.execute_batch(&fixture_text(&format!("db/v{number:04}.sql"))).unwrap();
}

fn schema(connection: &Connection) -> Vec<String> {
    let mut statement =
        connection.prepare("SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY type, name").unwrap();
    let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let plain = |sql: String| {
        let lines = sql.lines().map(|line| line.split("--").next().unwrap_or_default().trim().to_owned());
        lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
    };
    rows.map(|row| plain(row.unwrap())).collect()
}

#[test]
fn from_every_version_it_runs_and_ends_like_a_fresh_file_with_every_row() {
    let fresh = tempfile::tempdir().unwrap();
    drop(Db::create(fresh.path(), &FileKey::from_bytes([7; 32]), "").unwrap());
    let fresh = schema(&bare(&fresh.path().join("handbook.db"), &salt()));
    for (number, _) in STEPS {
        let folder = tempfile::tempdir().unwrap();
        at_version(folder.path(), *number);
        let book = Handbook::open(&config(folder.path())).unwrap();
        assert_eq!(book.carer().unwrap(), "母");
        let notebook = book.notebooks().list().unwrap()[0].clone();
        assert_eq!(
            (notebook.name.as_str(), notebook.profile.born.unwrap().to_string().as_str()),
            ("さくら", "2024-05-03")
        );
        let found = book.entries().list(notebook.id, &ListFilter::default()).unwrap();
        let rows: Vec<_> = found.iter().map(|e| json!([e.kind, e.on, e.fields])).collect();
        assert_eq!(
            json!(rows),
            json!([
                ["growth", "2024-11-05", {"weight": 7.4, "note": "ミルクをよくのむ"}],
                ["diary", "2024-11-04", {"text": "はじめて笑った"}],
            ])
        );
        let history = book.entries().history(found[0].id).unwrap();
        assert_eq!(history.iter().map(|v| v.fields["weight"].as_f64().unwrap()).collect::<Vec<_>>(), [7.35, 7.4]);
        assert_eq!(
            book.doctor().examine(&mut |_, _| ()).unwrap().findings,
            Vec::<String>::new(),
            "from version {number}"
        );
        drop(book);
        let migrated = bare(&folder.path().join("handbook.db"), &salt());
        assert_eq!(schema(&migrated), fresh, "from version {number}");
        let stamped: i64 = migrated.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert_eq!(stamped, STEPS.last().unwrap().0);
    }
}

/// Rows that a writer of another notebook, or a patched app, had brought into a file of schema 4.
const UNFIT: &str = "
INSERT INTO entries (n, id, notebook, kind, day, fields, deleted, conflicts)
    VALUES (90, x'01a2035601630000000000000000aa01', 1, 'growth', 0, '{\"weight\":9100}', 0, 0),
           (91, x'01a2035601630000000000000000aa02', 1, 'prenatal_visit', 0, '{\"on\":\"2024-01-05\"}', 0, 0);
INSERT INTO changes (entry, stamp, n, notebook, kind, state, body)
    VALUES (x'01a2035601630000000000000000aa01', x'01a203560163000070fc8e3c08efdaee', 90, x'01a2035601557000b6d554b5a89a3ee8', 'growth', 0, '{\"n\":{\"weight\":9100}}'),
           (x'01a2035601630000000000000000aa02', x'01a203560164000070fc8e3c08efdaee', 91, x'01a2035601557000b6d554b5a89a3ee8', 'prenatal_visit', 0, '{\"n\":{\"on\":\"2024-01-05\"}}');";

#[test]
fn what_an_old_file_brings_is_judged_when_it_opens() {
    let folder = tempfile::tempdir().unwrap();
    at_version(folder.path(), 4);
    bare(&folder.path().join("handbook.db"), &salt()).execute_batch(UNFIT).unwrap();
    let book = Handbook::open(&config(folder.path())).unwrap();
    let notebook = book.notebooks().list().unwrap()[0].id;
    let found = book.entries().list(notebook, &ListFilter::default()).unwrap();
    let shown: Vec<_> = found.iter().map(|entry| entry.kind.clone()).collect();
    assert_eq!(shown, ["growth", "diary"], "{found:?}");
    assert_eq!(book.sync().state(notebook).unwrap().apart, 2, "told, and not lost");
    assert_eq!(book.doctor().examine(&mut |_, _| ()).unwrap().findings, Vec::<String>::new());
}

#[test]
fn a_step_that_fails_leaves_the_file_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    at_version(folder.path(), 1);
    let path = folder.path().join("handbook.db");
    let before = schema(&bare(&path, &salt()));
    let broken = [STEPS[0], STEPS[1], (3, "CREATE TABLE more (n); DROP TABLE entries; SELECT nonsense FROM nowhere;")];
    assert!(migrate(&mut bare(&path, &salt()), &broken).is_err());
    let after = bare(&path, &salt());
    assert_eq!(schema(&after), before);
    assert_eq!(after.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
    drop(after);
    assert!(Handbook::open(&config(folder.path())).is_ok(), "and the next version opens it");
}

#[test]
fn a_newer_file_is_refused_untouched() {
    let folder = tempfile::tempdir().unwrap();
    at_version(folder.path(), STEPS.last().unwrap().0);
    let path = folder.path().join("handbook.db");
    bare(&path, &salt()).execute_batch("PRAGMA user_version = 99").unwrap();
    let before = std::fs::read(&path).unwrap();
    assert_eq!(Db::open(folder.path(), &FileKey::from_bytes([7; 32])).unwrap_err(), StoreError::Newer);
    assert_eq!(Handbook::open(&config(folder.path())).err(), Some(Error::NewerFile));
    assert!(std::fs::read(&path).unwrap() == before);
}

#[test]
fn every_step_has_its_dump_and_its_number() {
    for (i, (number, _)) in STEPS.iter().enumerate() {
        assert_eq!(*number, i as i64 + 1);
        assert!(fixture_text(&format!("db/v{number:04}.sql")).contains(&format!("PRAGMA user_version = {number};")));
    }
}
