//! A family leaves a server: with the real program, its flags and its database, and a search through all that is kept
//! there for anything that was the notebook's.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ayumi_tests::postgres;
use ayumi_tests::stored::{bytes_of_dump, left_of, values_in_dump, values_in_file};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::municipality::{Server, ayumi, value};

/// The database of a server, as a flag and as bytes.
trait Database {
    fn store(&self) -> Vec<String>;
    /// What belongs to a notebook in a dump that is made now.
    fn values_of(&self, id: &[u8]) -> Vec<Vec<u8>>;
    /// A dump that is made now.
    fn dump(&self) -> Vec<u8>;
    /// All files that are the server's own.
    fn files(&self) -> Vec<u8>;
}

/// What lies in the files of a folder.
fn files_of(folder: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.flat_map(|file| std::fs::read(file).unwrap()).collect()
}

/// A file in a folder, keys beside it.
struct Embedded(TempDir);

impl Embedded {
    fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn copied(&self) -> PathBuf {
        let copy = self.0.path().join("copy.db");
        let _ = std::fs::remove_file(&copy);
        assert!(serve(&self.store(), &["--backup", &copy.display().to_string()]));
        copy
    }
}

impl Database for Embedded {
    fn store(&self) -> Vec<String> {
        vec!["--data".into(), self.data().display().to_string()]
    }

    fn values_of(&self, id: &[u8]) -> Vec<Vec<u8>> {
        values_in_file(&self.copied(), id)
    }

    fn dump(&self) -> Vec<u8> {
        std::fs::read(self.copied()).unwrap()
    }

    /// With its write-ahead log, after it was written anew.
    fn files(&self) -> Vec<u8> {
        assert!(serve(&self.store(), &["--compact"]));
        [files_of(&self.data()), files_of(&self.0.path().join("data-keys"))].concat()
    }
}

struct Postgres {
    address: String,
    keys: TempDir,
}

impl Postgres {
    fn new() -> Self {
        Self { address: postgres::shared().database(), keys: tempfile::tempdir().unwrap() }
    }

    fn text(&self) -> Vec<u8> {
        let name = self.address.rsplit('=').next().unwrap();
        postgres::shared().program("pg_dump").arg(name).output().unwrap().stdout
    }
}

impl Database for Postgres {
    fn store(&self) -> Vec<String> {
        let keys = self.keys.path().display().to_string();
        vec!["--database".into(), self.address.clone(), "--keys".into(), keys]
    }

    fn values_of(&self, id: &[u8]) -> Vec<Vec<u8>> {
        values_in_dump(&self.text(), id)
    }

    fn dump(&self) -> Vec<u8> {
        bytes_of_dump(&self.text())
    }

    fn files(&self) -> Vec<u8> {
        files_of(self.keys.path())
    }
}

/// Runs `serve` with flags after which it ends; whether it did what it should.
fn serve(store: &[String], flags: &[&str]) -> bool {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ayumi"));
    command.arg("serve").args(store).args(flags).stderr(Stdio::null()).status().unwrap().success()
}

/// A child's notebook with a member beside its carer, words and a photo.
fn notebook(mother: &Path, father: &Path, name: &str) -> String {
    let child = ["notebook", "add", "child", "--name", name, "--sex", "female", "--born", "2025-05-03"];
    let id = value(mother, &child)["id"].as_str().unwrap().to_owned();
    value(mother, &["sync"]);
    let invited = value(mother, &["member", "invite", &id, "--role", "writer"]);
    value(father, &["join", invited["code"].as_str().unwrap()]);
    let photo = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/photos/garden.jpg");
    value(mother, &["entry", "add", &id, "diary", "--on", "2026-04-01", "text=花", "--photo", photo]);
    for (home, text) in [(mother, "text=母の言葉"), (father, "text=父の言葉")] {
        value(home, &["entry", "add", &id, "diary", "--on", "2026-04-02", text]);
        assert_eq!(value(home, &["sync"])["outcome"], "done");
    }
    id
}

fn id_bytes(id: &str) -> Vec<u8> {
    let digits: Vec<u8> = id.bytes().filter(|byte| *byte != b'-').collect();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks_exact(2).map(pair).collect()
}

/// How a notebook stands after a sync.
fn stands(home: &Path, id: &str) -> Value {
    let out = ayumi(home, &["sync"]).output().unwrap();
    let report: Value = serde_json::from_slice(&out.stdout).unwrap();
    let all = report["notebooks"].as_array().unwrap();
    all.iter().find(|notebook| notebook["id"] == id).unwrap_or_else(|| panic!("{report}")).clone()
}

/// Two carers' phones that know a server.
fn two_phones(folder: &Path, server: &Server) -> [PathBuf; 2] {
    let address = format!("http://{}", server.address);
    ["mother", "father"].map(|name| {
        let home = folder.join(name);
        value(&home, &["init", "--carer", "家族"]);
        value(&home, &["sync", "--server", &address]);
        home
    })
}

/// One notebook goes by `goes`, another one stays; the phones are told `why`. Nothing of the first is in a dump.
fn leaves(database: &dyn Database, why: &str, goes: impl FnOnce(&Path, &str)) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&database.store());
    let [mother, father] = two_phones(folder.path(), &server);
    let [gone, stays] = ["もも", "さくら"].map(|name| notebook(&mother, &father, name));
    value(&mother, &["recovery", "print"]);
    let [was, is] = [&gone, &stays].map(|id| database.values_of(&id_bytes(id)));
    let size: usize = was.iter().map(Vec::len).sum();
    assert!(was.len() > 10 && size > 10_000, "{} values, {size} bytes: words, keys and a photo", was.len());
    assert!(left_of(&was, &database.dump()).is_some(), "the search finds what is there");
    let homes = [&mother, &father];
    homes.iter().for_each(|home| assert_eq!(stands(home, &gone)["outcome"], "done"));
    let wrote = homes.map(|home| value(home, &["entry", "list", &gone]));
    goes(&mother, &gone);
    for (home, wrote) in homes.into_iter().zip(wrote) {
        let notebook = stands(home, &gone);
        assert_eq!((&notebook["outcome"], &notebook["why"]), (&json!("gone"), &json!(why)), "{notebook}");
        assert_eq!(stands(home, &stays)["outcome"], "done");
        assert_eq!(value(home, &["entry", "list", &gone]), wrote, "on a phone it stays");
    }
    let was: Vec<_> = was.into_iter().filter(|value| !is.contains(value)).collect();
    let nothing_is_left = |bytes: &[u8], of: &str| {
        assert_eq!(left_of(&was, bytes), None, "something is left in {of}");
        assert_eq!(left_of(&[gone.clone().into_bytes()], bytes), None, "its id is left in {of}");
    };
    let dump = database.dump();
    nothing_is_left(&dump, "a dump");
    assert!(left_of(&is, &dump).is_some(), "the other notebook stays");
    nothing_is_left(&database.files(), "the files of the running server");
    // As if the power went: what lies in its files then.
    drop(server);
    nothing_is_left(&database.files(), "the files of the server");
}

fn forget(database: &dyn Database, id: &str) {
    assert!(serve(&database.store(), &["--forget", id]));
}

fn close(mother: &Path, id: &str) {
    assert_eq!(value(mother, &["notebook", "close", id, "--now", "--yes"])["state"], "deleted");
}

#[test]
fn what_is_forgotten_leaves_nothing_in_the_embedded_database() {
    let database = Embedded(tempfile::tempdir().unwrap());
    leaves(&database, "forgotten", |_, id| forget(&database, id));
}

#[test]
fn what_is_forgotten_leaves_nothing_in_postgres() {
    let database = Postgres::new();
    leaves(&database, "forgotten", |_, id| forget(&database, id));
}

#[test]
fn what_a_family_closes_leaves_nothing_in_the_embedded_database() {
    leaves(&Embedded(tempfile::tempdir().unwrap()), "closed_for_good", close);
}

#[test]
fn what_a_family_closes_leaves_nothing_in_postgres() {
    leaves(&Postgres::new(), "closed_for_good", close);
}

/// What lies in a folder, by name.
fn names_in(folder: &Path) -> Vec<String> {
    std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn who_is_forgotten_leaves_nothing_on_the_device_and_nothing_of_their_own_at_the_server() {
    let database = Embedded(tempfile::tempdir().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&database.store());
    let [mother, father] = two_phones(folder.path(), &server);
    let shared = notebook(&mother, &father, "さくら");
    let others = value(&mother, &["member", "list", &shared]);
    let other = others.as_array().unwrap().iter().find(|member| member["me"] == false).unwrap()["id"].clone();
    value(&mother, &["member", "role", &shared, other.as_str().unwrap(), "--role", "owner"]);
    value(&mother, &["sync"]);
    let own = value(&mother, &["notebook", "add", "private"])["id"].as_str().unwrap().to_owned();
    value(&mother, &["entry", "add", &own, "diary", "--on", "2026-04-01", "text=わたしの言葉"]);
    assert_eq!(value(&mother, &["sync"])["outcome"], "done");
    let never = value(&mother, &["notebook", "add", "pregnancy", "--due", "2027-01-10"])["id"].clone();
    value(&mother, &["recovery", "print"]);
    let of_her_own = database.values_of(&id_bytes(&own));
    assert!(left_of(&of_her_own, &database.dump()).is_some(), "the search finds what is there");
    let gone = value(&mother, &["forget-me", "--yes"]);
    assert_eq!(gone["device"], "forgotten");
    let parting = |id: &str| {
        let all = gone["notebooks"].as_array().unwrap();
        all.iter().find(|notebook| notebook["id"] == *id).unwrap()["parting"].as_str().unwrap().to_owned()
    };
    assert_eq!((parting(&own), parting(&shared)), ("deleted".into(), "left".into()));
    assert_eq!(parting(never.as_str().unwrap()), "deleted", "the print brought it to the server");
    assert_eq!(names_in(&mother), Vec::<String>::new(), "file, log, lock and key");
    assert_eq!(left_of(&of_her_own, &database.dump()), None);
    assert_eq!(left_of(&of_her_own, &database.files()), None);
    assert_eq!(value(&father, &["sync"])["outcome"], "done");
    let words = value(&father, &["entry", "list", &shared, "--search", "母の言葉"]);
    assert_eq!(words.as_array().unwrap().len(), 1, "what is shared stays with him");
}

#[test]
fn who_cannot_reach_the_server_is_not_half_forgotten() {
    let database = Embedded(tempfile::tempdir().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let mother = folder.path().join("mother");
    let server = Server::start(&database.store());
    value(&mother, &["init", "--carer", "母"]);
    value(&mother, &["notebook", "add", "private"]);
    value(&mother, &["sync", "--server", &format!("http://{}", server.address)]);
    drop(server);
    let out = ayumi(&mother, &["forget-me", "--yes"]).output().unwrap();
    assert_eq!(out.status.code(), Some(1));
    let told: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((&told["device"], &told["notebooks"][0]["parting"]), (&json!("kept"), &json!("offline")));
    assert_eq!(value(&mother, &["notebook", "list"]).as_array().unwrap().len(), 1);
    assert_eq!(value(&mother, &["forget-me", "--only-here", "--yes"])["device"], "forgotten");
    assert_eq!(names_in(&mother), Vec::<String>::new());
}

#[test]
fn the_print_shows_by_which_numbers_whoever_runs_the_server_deletes() {
    let database = Embedded(tempfile::tempdir().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let mother = folder.path().join("mother");
    let server = Server::start(&database.store());
    value(&mother, &["init", "--carer", "母"]);
    let ids = [0, 1].map(|_| value(&mother, &["notebook", "add", "private"])["id"].as_str().unwrap().to_owned());
    value(&mother, &["sync", "--server", &format!("http://{}", server.address)]);
    let page = folder.path().join("page.svg");
    let mut command = Command::new(env!("CARGO_BIN_EXE_ayumi"));
    command.env("AYUMI_KEY", "07".repeat(32)).arg("--home").arg(&mother);
    let printed = command.args(["recovery", "print", "--svg"]).arg(&page).output().unwrap().stdout;
    for shown in [String::from_utf8(printed).unwrap(), std::fs::read_to_string(&page).unwrap()] {
        let code = shown.find("R-").unwrap();
        for id in &ids {
            assert!(shown.find(id.as_str()).is_some_and(|at| at > code), "{id} under the code: {shown}");
        }
    }
}
