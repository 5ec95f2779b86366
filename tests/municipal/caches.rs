//! What a cache between phones and the office may keep, and what nobody can tell phones apart by.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use ayumi_channel::memory::{Contents, MemoryLog};
use ayumi_channel::signer::Signer;
use ayumi_core::app::Locale;
use ayumi_server::feed::served::Served;
use ayumi_server::http::serve::{Patience, serve};
use ayumi_server::http::{App, Setup};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use super::town::*;

/// The real server with a town's feed.
struct Office {
    runtime: Option<Runtime>,
    address: String,
    stop: Option<oneshot::Sender<()>>,
}

impl Office {
    fn of(town: &Town) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let log = Arc::new(MemoryLog::new(Contents::default(), Signer::new(&[7; 32], [1; 16]).unwrap(), 1 << 30));
        let setup = Setup { feed: Some(Served::from(town.feed().path().to_owned())), ..Setup::default() };
        let app = Arc::new(App::with(log, Arc::new(|| NOW * 1000), setup));
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        runtime.spawn(serve(listener, app.router(), None, Patience::default(), None, async {
            let _ = stopped.await;
        }));
        Self { runtime: Some(runtime), address, stop: Some(stop) }
    }

    fn get(&self, path: &str, more: &str) -> (String, Vec<u8>) {
        let answer = raw(&self.address, &format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{more}\r\n"));
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        (String::from_utf8(answer[..end].to_vec()).unwrap(), answer[end..].to_vec())
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A reply's head without the time and the state of the connection.
fn without_date(head: &str) -> String {
    head.split_inclusive("\r\n").filter(|line| !line.starts_with("date:") && !line.starts_with("connection:")).collect()
}

#[test]
fn a_304_is_at_most_two_hundred_bytes_and_the_same_for_every_phone() {
    let town = Town::new("jp.000000");
    town.publish(&pack(1, &[CHECKUP]), NOW);
    let office = Office::of(&town);
    let (head, body) = office.get("/feed/manifest", "");
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("cache-control: public, max-age=60\r\n"), "{head}");
    assert_eq!(body, town.shown().manifest);
    let etag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap().to_owned();
    let hash: String = ayumi_protocol::key::hash(body.split(|byte| *byte == b'\n').next().unwrap())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(etag, format!("\"{hash}\""), "the hash of the words, which a phone computes itself");
    let (head, body) = office.get("/feed/manifest", &format!("if-none-match: {etag}\r\n"));
    assert!(head.starts_with("HTTP/1.1 304") && body.is_empty(), "{head}");
    let counted = without_date(&head);
    assert!(counted.len() <= 200, "{} bytes: {counted}", counted.len());
    // Whatever a phone says of itself, the reply is the same.
    let marked = format!("if-none-match: {etag}\r\ncookie: who=me\r\nuser-agent: phone 7\r\naccept-language: vi\r\n");
    assert_eq!(without_date(&office.get("/feed/manifest", &marked).0), counted);
    for word in ["cookie", "vary", "last-modified", "server"] {
        assert!(!counted.to_lowercase().contains(word), "{word}: {counted}");
    }
}

#[test]
fn a_file_never_changes_and_a_parameter_or_an_unknown_path_is_nobodys() {
    let town = Town::new("jp.000000");
    let manifest = town.publish(&pack(1, &[CHECKUP]), NOW);
    let office = Office::of(&town);
    let path = format!("/feed/{}", manifest.files[0].hash);
    let (head, body) = office.get(&path, "");
    assert!(head.contains("cache-control: public, max-age=31536000, immutable\r\n"), "{head}");
    assert_eq!(body, town.shown().files[&manifest.files[0].hash.to_string()]);
    let (head, body) = office.get("/feed/roots", "");
    assert!(head.contains("cache-control: public, max-age=60\r\n") && body == town.shown().roots, "{head}");
    for asked in
        ["/feed/manifest?phone=7", &format!("{path}?x"), "/feed/feed.key", "/feed/..%2Fkeys%2Ffeed.key", "/feed/0"]
    {
        let (head, _) = office.get(asked, "");
        assert!(head.starts_with("HTTP/1.1 404") && head.contains("no-store"), "{asked}: {head}");
    }
}

#[test]
fn a_server_without_a_feed_says_so_and_an_edition_that_no_phone_takes_is_not_served() {
    let town = Town::new("jp.000000");
    let office = Office::of(&town);
    assert!(office.get("/feed/manifest", "").0.starts_with("HTTP/1.1 404"));
    let other = Town::new("jp.000000");
    other.publish(&pack(1, &[CHECKUP]), NOW);
    town.publish(&pack(1, &[CHECKUP]), NOW);
    std::fs::copy(other.feed().path().join("manifest"), town.feed().path().join("manifest")).unwrap();
    let fresh = Office::of(&town);
    assert!(fresh.get("/feed/manifest", "").0.starts_with("HTTP/1.1 404"), "signed by nobody whom the roots name");
}

/// A cache as HTTP has them: it keeps what says that it is public, and asks the office for the rest.
fn cache(office: &str) -> (String, Arc<Mutex<BTreeMap<String, u32>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::<Mutex<BTreeMap<String, u32>>>::default();
    let (office, counted) = (office.to_owned(), asked.clone());
    std::thread::spawn(move || {
        let mut kept: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let mut rest = String::new();
            while reader.read_line(&mut rest).is_ok_and(|read| read > 2) {}
            let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
            let reply = kept.get(&path).cloned().unwrap_or_else(|| {
                *counted.lock().unwrap().entry(path.clone()).or_default() += 1;
                let request = format!("{line}host: office\r\nconnection: close\r\n\r\n");
                raw(&office, &request)
            });
            if String::from_utf8_lossy(&reply).contains("cache-control: public") {
                kept.insert(path, reply.clone());
            }
            let _ = stream.write_all(&reply);
        }
    });
    (address, asked)
}

#[test]
fn a_notice_to_many_phones_is_one_object_and_reads_that_a_cache_answers() {
    let (town, time) = (Town::new("jp.000000"), time());
    town.publish(&pack(1, &[CHECKUP]), NOW - 60);
    let office = Office::of(&town);
    let (address, asked) = cache(&office.address);
    let phones = 30;
    for number in 0..phones {
        let phone = Phone::new(&time, Locale::Ja);
        if number % 2 == 0 {
            phone.child("はな", "2025-05-20");
        }
        assert_eq!(phone.follow(&address).outcome, "updated");
        assert_eq!(phone.notices().len(), usize::from(number % 2 == 0));
        let before = asked.lock().unwrap().clone();
        if number % 2 == 0 {
            phone.book.notices().read("checkup").unwrap();
        }
        assert_eq!(*asked.lock().unwrap(), before, "nothing is fetched when a notice is opened");
    }
    let asked = asked.lock().unwrap().clone();
    assert_eq!(town.shown().files.len(), 1, "one object");
    assert_eq!(asked.len(), 3, "{asked:?}");
    assert!(asked.values().all(|count| *count == 1), "the office was asked once for each, whoever came: {asked:?}");
}

#[test]
fn an_edition_changes_in_one_moment_and_phones_on_their_way_find_their_files() {
    let (town, time) = (Town::new("jp.000000"), time());
    town.publish(&pack(1, &[CHECKUP]), NOW - 600);
    let served = Served::from(town.feed().path().to_owned());
    let first = served.now().unwrap();
    for version in 2..=5 {
        let now = NOW - 600 + u64::from(version);
        town.publish(&pack(version, &[CHECKUP, CLASS]), now);
        let fresh = Served::from(town.feed().path().to_owned()).now().unwrap();
        let manifest = ayumi_protocol::municipal::feed::Manifest::from_bytes(&fresh.manifest).unwrap().0;
        assert_eq!(manifest.edition, u64::from(version));
        assert!(manifest.files.iter().all(|file| fresh.files.contains_key(&file.hash.to_string())));
        assert_eq!(fresh.files.len(), 2, "those of the edition before, too, and no older ones");
    }
    assert_eq!(served.now().unwrap().etag, first.etag, "within a second the folder is not looked at again");
    let office = Office::of(&town);
    let phone = Phone::new(&time, Locale::Ja);
    assert_eq!(phone.follow(&office.address).outcome, "updated");
    assert_eq!(phone.looks(), ("unchanged".to_owned(), None));
}
