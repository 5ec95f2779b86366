//! Real processes: a server and phones that are killed with signal 9 at random moments of a sync, on SQLite and on
//! PostgreSQL, and connections that are cut after any number of bytes. What an `entry add` had confirmed is on both
//! phones at the end, once.
//!
//! 20 rounds, 200 with `cargo xtask test --long`; `AYUMI_ROUNDS=N` plays N.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ayumi_play::Dice;

use crate::municipality::{Server, ayumi, value};

/// How many rounds the long test plays.
const ROUNDS: u64 = 200;

fn rounds() -> u64 {
    std::env::var("AYUMI_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or_else(|| ayumi_play::rounds(ROUNDS))
}

/// Phones always call this port; behind it stands whichever server lives, and it cuts a connection after some bytes.
struct Door {
    address: String,
    behind: Arc<std::sync::Mutex<String>>,
    /// Bytes until the next cut; 0 for none.
    cut: Arc<AtomicU64>,
}

impl Door {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let behind = Arc::new(std::sync::Mutex::new(String::new()));
        let cut = Arc::new(AtomicU64::new(0));
        let (to, after) = (behind.clone(), cut.clone());
        std::thread::spawn(move || {
            for phone in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(&*to.lock().unwrap()) else { continue };
                let left = Arc::new(AtomicU64::new(after.load(Ordering::Relaxed)));
                let limited = left.load(Ordering::Relaxed) > 0;
                for (from, to) in [(&phone, &server), (&server, &phone)] {
                    let (from, to, left) = (from.try_clone().unwrap(), to.try_clone().unwrap(), left.clone());
                    std::thread::spawn(move || carry(from, to, limited.then_some(&left)));
                }
            }
        });
        Self { address, behind, cut }
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, left: Option<&AtomicU64>) {
    let mut bytes = [0; 1024];
    while let Ok(count) = from.read(&mut bytes) {
        let allowed = match left {
            None => count,
            Some(left) => {
                let before = left
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| Some(left.saturating_sub(count as u64)));
                count.min(usize::try_from(before.unwrap_or(0)).unwrap_or(usize::MAX))
            }
        };
        if to.write_all(&bytes[..allowed]).is_err() || count == 0 || allowed < count {
            break;
        }
    }
    let _ = from.shutdown(std::net::Shutdown::Both);
    let _ = to.shutdown(std::net::Shutdown::Both);
}

fn entries(home: &Path, notebook: &str) -> BTreeSet<String> {
    let list = value(home, &["entry", "list", notebook, "--limit", "100000"]);
    let texts = list.as_array().unwrap().iter().map(|entry| entry["fields"]["text"].as_str().unwrap().to_owned());
    let all: Vec<String> = texts.collect();
    let set: BTreeSet<String> = all.iter().cloned().collect();
    assert_eq!(all.len(), set.len(), "nothing is there twice");
    set
}

fn play(stores: &[Vec<String>], seed: u64) {
    let mut dice = Dice::new(seed);
    let folder = tempfile::tempdir().unwrap();
    let homes = ["mother", "father"].map(|name| folder.path().join(name));
    for home in &homes {
        value(home, &["init", "--carer", "家族"]);
    }
    let door = Door::open();
    let mut servers: Vec<Server> = stores.iter().map(|store| Server::start(store)).collect();
    *door.behind.lock().unwrap() = servers[0].address.clone();
    let child =
        value(&homes[0], &["notebook", "add", "child", "--name", "子", "--sex", "female", "--born", "2025-05-03"]);
    let notebook = child["id"].as_str().unwrap().to_owned();
    value(&homes[0], &["sync", "--server", &door.address]);
    let code =
        value(&homes[0], &["member", "invite", &notebook, "--role", "writer"])["code"].as_str().unwrap().to_owned();
    value(&homes[1], &["join", &code]);

    let (mut confirmed, mut phones_killed, mut servers_killed, mut cut) = (BTreeSet::new(), 0, 0, 0);
    for round in 0..rounds() {
        let home = &homes[dice.below(2)];
        let text = format!("text={round}");
        value(home, &["entry", "add", &notebook, "diary", "--on", "2026-04-01", &text]);
        confirmed.insert(round.to_string());
        let which = dice.below(servers.len());
        *door.behind.lock().unwrap() = servers[which].address.clone();
        door.cut.store(if dice.below(3) == 0 { dice.between(1, 4_001) } else { 0 }, Ordering::Relaxed);
        cut += u64::from(door.cut.load(Ordering::Relaxed) > 0);
        let mut sync = ayumi(home, &["sync"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let moment = Duration::from_micros(dice.between(0, 40_000));
        let begun = Instant::now();
        while begun.elapsed() < moment && sync.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        match dice.below(3) {
            0 => {
                // Signal 9: nothing of it runs any more.
                sync.kill().unwrap();
                phones_killed += 1;
            }
            1 => {
                let server = &mut servers[which];
                server.child.kill().unwrap();
                server.child.wait().unwrap();
                *server = Server::start(&stores[which]);
                servers_killed += 1;
            }
            _ => {}
        }
        sync.wait().unwrap();
    }
    door.cut.store(0, Ordering::Relaxed);
    *door.behind.lock().unwrap() = servers[0].address.clone();
    for home in [&homes[0], &homes[1], &homes[0]] {
        let report = value(home, &["sync"]);
        assert_eq!((&report["outcome"], &report["waiting"]), (&"done".into(), &0.into()), "{report}");
    }
    for home in &homes {
        assert_eq!(entries(home, &notebook), confirmed, "seed {seed}");
        assert_eq!(value(home, &["doctor"])["healthy"], true);
    }
    ayumi_play::show(&format!(
        "seed {seed}: {} of {ROUNDS} rounds (--long plays all), {phones_killed} phones and {servers_killed} servers killed, {cut} connections to be cut",
        rounds()
    ));
}

#[test]
fn nothing_is_lost_when_processes_die_with_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    play(&[vec!["--data".into(), folder.path().join("data").display().to_string()]], 1);
}

/// Two server processes on one database: whichever is asked, they work as one.
#[test]
fn nothing_is_lost_when_processes_die_with_postgres() {
    let address = ayumi_tests::postgres::shared().database();
    let keys = tempfile::tempdir().unwrap();
    let store = vec!["--database".to_owned(), address, "--keys".to_owned(), keys.path().display().to_string()];
    play(&[store.clone(), store], 2);
}
