//! A municipality with its keys and folder, phones that follow it, and whoever stands between.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use ayumi_core::app::ports::Clock;
use ayumi_core::app::{Config, Error, FeedReport, Handbook, Locale, NewChild, NotebookId, Sex, check_edition};
use ayumi_protocol::municipal::feed::{Manifest, RootStatement, Signed};
use ayumi_protocol::{Hex, purpose};
use ayumi_server::feed::folder::Folder;
use ayumi_server::feed::keys::{FeedKeys, RootKey};
use ayumi_server::feed::{FeedError, Founding};
use ayumi_tests::family::Time;
use ayumi_tests::handbook::{FixedKey, day};
use chrono::{DateTime, NaiveDate};
use ring::signature::{Ed25519KeyPair, KeyPair};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// 2026-11-30 10:00 in Japan.
pub(super) const NOW: u64 = 1_796_000_400;
pub(super) const DAY: u64 = 24 * 60 * 60;

/// A notice for children of 1 year 6 months to 2 years.
pub(super) const CHECKUP: &str = "[[notice]]\nid = \"checkup\"\nsent = \"2026-11-16 09:00\"\nexpires = \"2026-12-25\"\n\
    title = { ja = \"1歳6か月児健診\", en = \"18-month check-up\" }\ntext = { ja = \"保健センターで\", en = \"At the centre\" }\n\
    [notice.audience]\nage_days = [548, 730]\n";
/// A notice for pregnancies of 16 to 34 weeks.
pub(super) const CLASS: &str = "[[notice]]\nid = \"class\"\nsent = \"2026-11-20 10:00\"\nexpires = \"2026-12-05\"\n\
    title = { ja = \"両親学級\" }\ntext = { ja = \"見本市役所1階\" }\n[notice.audience]\npregnancy_weeks = [16, 34]\n";

/// A content pack.
pub(super) fn pack(version: u32, parts: &[&str]) -> String {
    format!(
        "format = 1\n[pack]\nid = \"jp.000000.notices\"\nversion = {version}\nname = [\"見本市\", \"{{見本市|みほんし}}\", \"Sample City\"]\n\
         municipality = \"000000\"\n{}",
        parts.concat()
    )
}

/// A municipality's office: keys in one folder, the feed in another.
pub(super) struct Town {
    folder: TempDir,
    pub(super) papers: Vec<RootKey>,
    pub(super) keys: FeedKeys,
}

impl Town {
    pub(super) fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let founding =
            Founding { municipality: name.parse().unwrap(), supervisors: ["s-01".into(), "s-02".into()], sample: true };
        let printed = FeedKeys::make(&folder.path().join("keys"), founding, NOW - DAY).unwrap();
        let papers = printed.keys.iter().map(|key| RootKey::from_words(&key.words().join(" ")).unwrap()).collect();
        let keys = FeedKeys::load(&folder.path().join("keys")).unwrap();
        Self { folder, papers, keys }
    }

    pub(super) fn keys_folder(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    pub(super) fn feed(&self) -> Folder {
        Folder::at(self.folder.path().join("feed"))
    }

    /// Publishes a pack as the next edition, checked by the one validator.
    pub(super) fn publish(&self, text: &str, now: u64) -> Manifest {
        self.try_publish(text, now).unwrap()
    }

    pub(super) fn try_publish(&self, text: &str, now: u64) -> Result<Manifest, FeedError> {
        let texts = [("notices.toml".to_owned(), text.to_owned())];
        let former = self.feed().files()?;
        let edition = check_edition(&texts, &former, &["s-01".into(), "s-02".into()], now * 1000).unwrap();
        self.feed().publish(&self.keys, Some(&edition.files), None, now)
    }

    /// What a server shows of its folder.
    pub(super) fn shown(&self) -> Shown {
        let path = self.feed().path().to_owned();
        Shown {
            manifest: std::fs::read(path.join("manifest")).unwrap(),
            roots: std::fs::read(path.join("roots")).unwrap(),
            files: files_in(&path.join("files")),
            ..Shown::default()
        }
    }

    /// Signs a manifest with the feed key, as a thief of it would: nothing is verified.
    pub(super) fn signed_by_thief(&self, manifest: &Manifest) -> Vec<u8> {
        let text = std::fs::read_to_string(self.keys_folder().join("feed.key")).unwrap();
        let seed: Hex<32> = text.lines().last().unwrap().parse().unwrap();
        signed(&seed.0, purpose::MANIFEST, &serde_json::to_string(manifest).unwrap())
    }

    /// Signs a root statement with two of the papers, as who holds them would.
    pub(super) fn signed_by_two(&self, statement: &RootStatement) -> Vec<u8> {
        let body = serde_json::to_string(statement).unwrap();
        let seeds: Vec<[u8; 32]> =
            self.papers.iter().map(|key| ayumi_protocol::words::read_key(&key.words().join(" ")).unwrap()).collect();
        let first = signed(&seeds[0], purpose::ROOT, &body);
        let second = String::from_utf8(signed(&seeds[1], purpose::ROOT, &body)).unwrap();
        [first, second.lines().nth(1).unwrap().as_bytes().to_vec(), vec![b'\n']].concat()
    }
}

/// A line, and one signature over it.
fn signed(seed: &[u8; 32], purpose: &str, body: &str) -> Vec<u8> {
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).unwrap();
    let to_sign = ayumi_protocol::key::to_sign(purpose, body.as_bytes());
    let key = Hex::<32>(pair.public_key().as_ref().try_into().unwrap());
    let signature = Hex::<64>(pair.sign(&to_sign).as_ref().try_into().unwrap());
    format!("{body}\n{{\"key\":\"{key}\",\"signature\":\"{signature}\"}}\n").into_bytes()
}

fn files_in(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())).collect()
}

/// What somebody between the office and a phone shows.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown {
    pub(super) manifest: Vec<u8>,
    pub(super) roots: Vec<u8>,
    pub(super) files: BTreeMap<String, Vec<u8>>,
    /// The time of its replies, in seconds since 1970.
    pub(super) date: Option<u64>,
    /// Answers that the validator's manifest is the newest.
    pub(super) freezes: bool,
}

impl Shown {
    pub(super) fn read(&self) -> Manifest {
        Manifest::from_bytes(&self.manifest).unwrap().0
    }
}

/// A server that shows what it is told to, and records what phones send.
pub(super) struct Mirror {
    pub(super) address: String,
    shown: Arc<Mutex<Shown>>,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Mirror {
    pub(super) fn new(shown: Shown) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (shown, seen) = (Arc::new(Mutex::new(shown)), Arc::<Mutex<Vec<String>>>::default());
        let (state, heard) = (shown.clone(), seen.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                answer(stream, &state, &heard);
            }
        });
        Self { address, shown, seen }
    }

    pub(super) fn show(&self, shown: Shown) {
        *self.shown.lock().unwrap() = shown;
    }

    /// The requests since the last call, byte for byte.
    pub(super) fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }
}

fn answer(mut stream: TcpStream, state: &Mutex<Shown>, heard: &Mutex<Vec<String>>) {
    let mut head = String::new();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while reader.read_line(&mut head).is_ok_and(|read| read > 2) {}
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let shown = state.lock().unwrap().clone();
    let asks_again = head.to_lowercase().contains("if-none-match");
    heard.lock().unwrap().push(head);
    let (status, body) = match path.as_str() {
        "/feed/manifest" if shown.freezes && asks_again => ("304 Not Modified", Vec::new()),
        "/feed/manifest" => ("200 OK", shown.manifest),
        "/feed/roots" => ("200 OK", shown.roots),
        other => match shown.files.get(other.trim_start_matches("/feed/")) {
            Some(body) => ("200 OK", body.clone()),
            None => ("404 Not Found", Vec::new()),
        },
    };
    let date = shown.date.map(|seconds| {
        let at = DateTime::from_timestamp(i64::try_from(seconds).unwrap(), 0).unwrap();
        format!("date: {}\r\n", at.format("%a, %d %b %Y %H:%M:%S GMT"))
    });
    let head = format!(
        "HTTP/1.1 {status}\r\n{}connection: close\r\ncontent-length: {}\r\n\r\n",
        date.unwrap_or_default(),
        body.len()
    );
    let _ = stream.write_all(&[head.into_bytes(), body].concat());
    let _ = stream.flush();
}

/// Sends bytes as they are; the answer until the server closes.
pub(super) fn raw(address: &str, request: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address.trim_start_matches("http://")).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    answer
}

/// A phone whose clock the test holds.
pub(super) struct Phone {
    pub(super) folder: TempDir,
    pub(super) book: Handbook,
    runtime: Runtime,
    config: Config,
}

struct At(Time);

impl Clock for At {
    fn now_ms(&self) -> u64 {
        self.0.now()
    }

    /// In Japan: the hosts of tests stand in any zone.
    fn today(&self) -> NaiveDate {
        DateTime::from_timestamp_millis(i64::try_from(self.0.now()).unwrap() + 9 * 3_600_000).unwrap().date_naive()
    }
}

/// The time at which tests begin.
pub(super) fn time() -> Time {
    let time = Time::default();
    time.0.store(NOW * 1000, std::sync::atomic::Ordering::Relaxed);
    time
}

impl Phone {
    pub(super) fn new(time: &Time, locale: Locale) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            clock: Some(Arc::new(At(time.clone()))),
            locale,
            ..Config::new(folder.path().to_owned(), Arc::new(FixedKey([7; 32])))
        };
        let book = Handbook::create(&config, "母").unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { folder, book, runtime, config }
    }

    pub(super) fn child(&self, name: &str, born: &str) -> NotebookId {
        let child = NewChild { name: name.into(), sex: Sex::Female, born: day(born), ..NewChild::default() };
        self.book.notebooks().add_child(&child).unwrap()
    }

    /// Meets what is at an address of this computer, and takes the first edition.
    pub(super) fn follow(&self, address: &str) -> FeedReport {
        let municipality = self.book.municipality();
        let (address, feed) = municipality.connection_to(address).unwrap();
        let met = self.runtime.block_on(municipality.meet(&address, &feed)).unwrap();
        assert!(met.follows, "nobody stands between on one computer");
        self.check().unwrap()
    }

    pub(super) fn meet(&self, address: &str) -> Result<(), Error> {
        let municipality = self.book.municipality();
        let (address, feed) = municipality.connection_to(address)?;
        self.runtime.block_on(municipality.meet(&address, &feed)).map(drop)
    }

    pub(super) fn check(&self) -> Result<FeedReport, Error> {
        let municipality = self.book.municipality();
        self.runtime.block_on(municipality.check(&municipality.connection()?))
    }

    /// Outcome and reason of a look.
    pub(super) fn looks(&self) -> (String, Option<String>) {
        let report = self.check().unwrap();
        (report.outcome, report.reason)
    }

    /// The ids of the notices that are shown.
    pub(super) fn notices(&self) -> Vec<String> {
        self.book.notices().list(false).unwrap().into_iter().map(|notice| notice.id).collect()
    }

    pub(super) fn edition(&self) -> Option<String> {
        self.book.municipality().show().unwrap().unwrap().edition
    }
}

/// A statement of a file of them, by its place.
pub(super) fn statement(roots: &[u8], at: usize) -> (RootStatement, Signed) {
    let all = ayumi_protocol::municipal::feed::chain::from_bytes(roots).unwrap();
    (RootStatement::of(&all[at]).unwrap(), all[at].clone())
}

impl Phone {
    /// Its file was damaged, and what could be read of it was saved into a new one.
    pub(super) fn salvaged(self) -> Self {
        let Self { folder, book, runtime, config } = self;
        drop(book);
        ayumi_core::app::doctor::salvage(&config, &mut |_| ()).unwrap();
        Self { book: Handbook::open(&config).unwrap(), folder, runtime, config }
    }
}
