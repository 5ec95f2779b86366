//! What an operator does (docs/operations.md), done: a backup while the server runs, putting it back, a disk that is
//! full.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::municipality::{Server, ayumi, value};
use serde_json::json;
use tempfile::TempDir;

/// Two phones of a family, in one notebook.
struct Phones {
    _folder: TempDir,
    homes: [PathBuf; 2],
    notebook: String,
}

fn family(address: &str) -> Phones {
    let folder = tempfile::tempdir().unwrap();
    let homes = ["mother", "father"].map(|name| folder.path().join(name));
    homes.iter().for_each(|home| _ = value(home, &["init", "--carer", "家族"]));
    let child = ["notebook", "add", "child", "--name", "子", "--sex", "female", "--born", "2025-05-03"];
    let notebook = value(&homes[0], &child)["id"].as_str().unwrap().to_owned();
    value(&homes[0], &["sync", "--server", address]);
    let invited = value(&homes[0], &["member", "invite", &notebook, "--role", "writer"]);
    value(&homes[1], &["join", invited["code"].as_str().unwrap()]);
    Phones { _folder: folder, homes, notebook }
}

impl Phones {
    fn write(&self, who: usize, text: &str) {
        let words = ["entry", "add", &self.notebook, "diary", "--on", "2026-04-01", &format!("text={text}")];
        value(&self.homes[who], &words);
    }

    fn sync(&self, who: usize) -> serde_json::Value {
        let out = ayumi(&self.homes[who], &["sync"]).output().unwrap();
        serde_json::from_slice(&out.stdout).unwrap()
    }

    fn go_to(&self, address: &str) {
        self.homes.iter().for_each(|home| _ = value(home, &["sync", "--server", address]));
    }

    fn texts(&self, who: usize) -> Vec<String> {
        let list = value(&self.homes[who], &["entry", "list", &self.notebook]);
        let mut texts: Vec<String> =
            list.as_array().unwrap().iter().map(|e| e["fields"]["text"].as_str().unwrap().into()).collect();
        texts.sort();
        texts
    }
}

/// A backup is made, more is written, the store is lost and put back: what the backup lacks comes from the phones.
fn restored(store: &[String], back_up: impl FnOnce(), put_back: impl FnOnce()) {
    let server = Server::start(store);
    let phones = family(&format!("http://{}", server.address));
    phones.write(0, "before");
    assert_eq!(phones.sync(0)["outcome"], "done");
    back_up();
    phones.write(0, "after");
    assert_eq!(phones.sync(0)["outcome"], "done");
    assert_eq!(phones.sync(1)["pulled"], 2);
    drop(server);
    put_back();
    let told = Command::new(env!("CARGO_BIN_EXE_ayumi")).arg("serve").args(store).arg("--restored").status().unwrap();
    assert!(told.success());
    let server = Server::start(store);
    phones.write(1, "later");
    phones.go_to(&format!("http://{}", server.address));
    for who in [0, 1, 0] {
        let report = phones.sync(who);
        assert_eq!((&report["outcome"], &report["waiting"]), (&json!("done"), &json!(0)), "{report}");
    }
    for who in [0, 1] {
        assert_eq!(phones.texts(who), ["after", "before", "later"]);
    }
    // And a phone that comes in now finds what the backup had lost.
    let new = phones._folder.path().join("grandmother");
    value(&new, &["init", "--carer", "祖母"]);
    let invited = value(&phones.homes[0], &["member", "invite", &phones.notebook, "--role", "reader"]);
    value(&new, &["join", invited["code"].as_str().unwrap()]);
    assert_eq!(value(&new, &["entry", "list", &phones.notebook]).as_array().unwrap().len(), 3);
}

#[test]
fn a_backup_of_the_embedded_database_is_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let (data, backup) = (folder.path().join("data"), folder.path().join("backup.db"));
    let store = ["--data".to_owned(), data.display().to_string()];
    restored(
        &store,
        || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_ayumi"));
            assert!(command.arg("serve").args(&store).arg("--backup").arg(&backup).status().unwrap().success());
        },
        || {
            std::fs::remove_dir_all(&data).unwrap();
            std::fs::create_dir(&data).unwrap();
            std::fs::copy(&backup, data.join("server.db")).unwrap();
        },
    );
}

#[test]
fn a_backup_of_postgres_is_put_back() {
    let cluster = ayumi_tests::postgres::shared();
    let address = cluster.database();
    let name = address.rsplit('=').next().unwrap().to_owned();
    let dump = std::cell::RefCell::new(Vec::new());
    let keys = tempfile::tempdir().unwrap();
    restored(
        &["--database".to_owned(), address.clone(), "--keys".to_owned(), keys.path().display().to_string()],
        || *dump.borrow_mut() = cluster.program("pg_dump").arg(&name).output().unwrap().stdout,
        || {
            for program in ["dropdb", "createdb"] {
                let mut command = cluster.program(program);
                let force = if program == "dropdb" { &["--force"][..] } else { &[] };
                assert!(command.args(force).arg(&name).status().unwrap().success(), "{program}");
            }
            let mut psql = cluster.program("psql");
            let mut psql =
                psql.args(["--quiet", "--dbname", &name]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
            let psql = psql.as_mut().unwrap();
            psql.stdin.take().unwrap().write_all(&dump.borrow()).unwrap();
            assert!(psql.wait().unwrap().success());
        },
    );
}

/// The server may write no file beyond a size: every write that needs more room fails, as on a full disk.
#[test]
fn a_full_disk_takes_nothing_half_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = ["--data".to_owned(), folder.path().join("data").display().to_string()];
    let mut limited = Command::new("sh");
    // The signal is ignored, so that the write fails and the server can say so.
    let script = "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"";
    limited.args(["-c", script, "800", env!("CARGO_BIN_EXE_ayumi")]);
    let server = Server::started_by(limited, &store);
    let phones = family(&format!("http://{}", server.address));
    let mut taken = 0;
    let mut refused = 0;
    for round in 0..40 {
        // Words that do not compress, so that the disk fills soon.
        let noise: String = (0..3_000_u32).map(|i| noise(round * 3_000 + i)).collect();
        phones.write(0, &format!("{round:03} {noise}"));
        let report = phones.sync(0);
        match report["outcome"].as_str().unwrap() {
            "done" => taken += 1,
            "offline" => refused += 1,
            other => panic!("{other}"),
        }
        if refused >= 3 {
            break;
        }
    }
    assert!(taken > 0 && refused >= 3, "{taken} were taken, {refused} were not");
    assert!(alive(&server.address), "the server still answers");
    let waiting = value(&phones.homes[0], &["entry", "list", &phones.notebook]).as_array().unwrap().len();
    assert_eq!(waiting, taken + refused, "nothing is lost on the phone");
    drop(server);
    // There is room again.
    let server = Server::start(&store);
    phones.go_to(&format!("http://{}", server.address));
    for who in [0, 1] {
        assert_eq!(phones.sync(who)["outcome"], "done");
    }
    assert_eq!(phones.texts(1).len(), taken + refused);
    assert_eq!(phones.texts(0), phones.texts(1));
}

fn noise(number: u32) -> char {
    let mixed = number.wrapping_mul(2_654_435_761) ^ (number.wrapping_mul(40_503) >> 7);
    char::from_u32(0x4e00 + mixed % 20_000).unwrap()
}

fn alive(address: &str) -> bool {
    use std::io::Read;
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.starts_with("HTTP/1.1 200")
}

#[test]
fn what_is_not_there_is_not_backed_up() {
    let folder = tempfile::tempdir().unwrap();
    let serve = |data: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ayumi"));
        let backup = folder.path().join("backup");
        command.arg("serve").arg("--data").arg(data).arg("--backup").arg(backup).stderr(Stdio::null());
        command.status().unwrap().code()
    };
    assert_eq!(serve(&folder.path().join("nothing")), Some(1));
    assert!(!folder.path().join("backup").exists());
}

/// A server that starts with another key would halt every phone.
#[test]
fn a_server_without_its_key_does_not_start_and_says_how_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let store = ["--data".to_owned(), data.display().to_string()];
    let server = Server::start(&store);
    let phones = family(&format!("http://{}", server.address));
    drop(server);
    let (key, aside) = (folder.path().join("data-keys/server.key"), folder.path().join("aside"));
    std::fs::rename(&key, &aside).unwrap();
    let refused = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ayumi"));
        let out = command.args(["serve", "--listen", "127.0.0.1:0"]).args(&store).args(more).output().unwrap();
        (out.status.code(), String::from_utf8(out.stderr).unwrap())
    };
    let (code, words) = refused(&[]);
    assert_eq!(code, Some(1), "{words}");
    assert!(words.contains("data-keys") && words.contains("--keys") && words.contains("--new-key"), "{words}");
    let inside = data.join("keys").display().to_string();
    assert_eq!(refused(&["--keys", &inside]).0, Some(2), "a backup of the folder would take it along");
    std::fs::rename(&aside, &key).unwrap();
    let server = Server::start(&store);
    phones.write(0, "later");
    phones.go_to(&format!("http://{}", server.address));
    assert_eq!(phones.sync(0)["outcome"], "done", "with its key it goes on as if nothing had been");
}

#[test]
fn a_database_without_a_place_for_the_key_is_refused_with_the_way_to_go_on() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ayumi"));
    let out = command.args(["serve", "--database", "host=/nowhere dbname=x"]).env_remove("AYUMI_SERVER_KEY").output();
    let out = out.unwrap();
    let words = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(2), "{words}");
    assert!(words.contains("--keys") && words.contains("AYUMI_SERVER_KEY"), "{words}");
}
