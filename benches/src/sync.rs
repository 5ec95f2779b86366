//! Sync: a first sync of 10,000 entries into a fresh process, ten edits, nothing new, through a proxy that counts
//! bytes; with a delay on the way. The same entries in small sittings: `lane`.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ayumi_core::app::sync::{Budget, SyncOutcome, SyncReport};
use ayumi_core::app::{Handbook, NewChild, NewEntry};
use ayumi_core::model::NotebookId;
use ayumi_core::model::notebook::Sex;
use ayumi_core::sync::http::Https;
use ayumi_core::sync::transport::{Transport, Waiting};
use ayumi_protocol::control::Role;
use ayumi_server::http::guard::Rates;
use ayumi_server::http::serve::{Patience, serve};
use ayumi_server::http::{App, Origins, system_clock};
use ayumi_server::keys::Keys;
use ayumi_server::log::Log;
use ayumi_server::sqlite::SqliteLog;
use chrono::NaiveDate;
use tokio::runtime::Runtime;

use crate::store::config_on;
use crate::table::{Outcome, row, shown};

const ENTRIES: usize = 10_000;

pub(crate) fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 4, 20).unwrap_or_default()
}

/// As `gen.mjs` of the peers' bench makes them, in our kinds: three measures, an item, an answer, a Japanese note.
pub(crate) fn records(child: NotebookId) -> Outcome<Vec<NewEntry>> {
    const NOTES: [&str; 6] = [
        "夜泣きが続いた。",
        "離乳食をよく食べた。",
        "小児科で相談した。",
        "特になし",
        "機嫌がよく、よく笑う。",
        "発熱 37.8℃、翌日解熱。",
    ];
    let mut state = 42_u32;
    let mut number = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((u64::from(state) * u64::from(below)) >> 32) as u32
    };
    let born = NaiveDate::from_ymd_opt(2020, 6, 10).unwrap_or_default();
    let mut all = Vec::with_capacity(ENTRIES);
    for i in 0..ENTRIES {
        let on = (born + chrono::Days::new(u64::from(number(2_000)))).to_string();
        let weight = format!("{:.3}", 2.5 + f64::from(number(15_000)) / 1000.0);
        let length = format!("{:.1}", 48.0 + f64::from(number(700)) / 10.0);
        let head = format!("{:.1}", 33.0 + f64::from(number(200)) / 10.0);
        let note = format!(
            "{} code-{} {}",
            NOTES[number(6) as usize],
            number(400),
            ["yes", "no", "unsure"][number(3) as usize]
        );
        all.push(if i % 3 == 0 {
            NewEntry::typed(child, "diary", &on, &[("text", &note)])?
        } else {
            let fields = [("weight", &*weight), ("length", &*length), ("head", &*head), ("note", &*note)];
            NewEntry::typed(child, "growth", &on, &fields)?
        });
    }
    Ok(all)
}

/// A segment on an ordinary network.
const SEGMENT: usize = 1448;
/// What a lost one costs at least: the sender's timer.
const LOST: Duration = Duration::from_millis(200);

/// Counts what goes through; each direction may take its time and lose segments, which come again later and hold up
/// those behind.
pub(crate) struct Proxy {
    pub(crate) address: String,
    bytes: Arc<AtomicU64>,
}

impl Proxy {
    pub(crate) fn to(server: String, delay: Duration, lost_of_1000: u64) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = format!("http://{}", listener.local_addr()?);
        let bytes = Arc::new(AtomicU64::new(0));
        let counter = bytes.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(&server) else { continue };
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (Ok(from), Ok(to)) = (from.try_clone(), to.try_clone()) else { continue };
                    carry(from, to, counter.clone(), delay, lost_of_1000);
                }
            }
        });
        Ok(Self { address, bytes })
    }

    pub(crate) fn take(&self) -> u64 {
        self.bytes.swap(0, Ordering::Relaxed)
    }
}

/// One direction, in two threads, so that what waits does not hold up what comes in.
fn carry(mut from: TcpStream, mut to: TcpStream, counter: Arc<AtomicU64>, delay: Duration, lost_of_1000: u64) {
    let _ = to.set_nodelay(true);
    let (send, sent) = std::sync::mpsc::channel::<(Instant, Vec<u8>)>();
    std::thread::spawn(move || {
        let far = !delay.is_zero();
        let mut buffer = vec![0; if far { SEGMENT } else { 256 * 1024 }];
        let mut dice = 42_u64;
        while let Ok(count) = from.read(&mut buffer) {
            counter.fetch_add(count as u64, Ordering::Relaxed);
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let lost = (dice >> 33) % 1000 < lost_of_1000;
            let due = Instant::now() + delay + if lost { LOST } else { Duration::ZERO };
            if count == 0 || send.send((due, buffer[..count].to_vec())).is_err() {
                break;
            }
        }
    });
    std::thread::spawn(move || {
        for (due, part) in sent {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&part).is_err() {
                break;
            }
        }
        let _ = to.shutdown(std::net::Shutdown::Both);
    });
}

/// Counts questions.
struct Counted(Https, AtomicU64);

impl Transport for Counted {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.post(path, body)
    }

    fn origin(&self) -> &str {
        self.0.origin()
    }
}

/// A server in this process that bounds no address; its own address without a scheme.
pub(crate) fn start<L: Log>(runtime: &Runtime, log: L) -> Outcome<String> {
    let rates = Rates {
        address_per_minute: std::num::NonZeroU32::MAX,
        device_per_minute: std::num::NonZeroU32::MAX,
        unfinished_per_address: u64::MAX,
        ..Rates::default()
    };
    start_with(runtime, log, rates)
}

/// As [`start`], with these bounds.
pub(crate) fn start_with<L: Log>(runtime: &Runtime, log: L, rates: Rates) -> Outcome<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?.to_string();
    let app = Arc::new(App::new(Arc::new(log), system_clock(), rates, Origins::Loopback));
    runtime.spawn(async move {
        if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
            serve(listener, app.router(), None, Patience::default(), None, std::future::pending()).await;
        }
    });
    Ok(address)
}

pub(crate) fn sync(runtime: &Runtime, book: &Handbook, way: &Https) -> Outcome<SyncReport> {
    let report = runtime.block_on(book.sync().run(way, Budget::default(), &|_, _| ()))?;
    if report.outcome == SyncOutcome::Done { Ok(report) } else { Err(format!("{report:?}").into()) }
}

fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// In a process of its own: joins, and tells how long the first sync took and how much memory grew.
pub(crate) fn client(folder: &str, code: &str, address: &str) -> Outcome<()> {
    let book = Handbook::create(&config_on(Path::new(folder), today()), "父")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    book.sync().set_server(address)?;
    let way = Counted(Https::to(address, None)?, AtomicU64::new(0));
    let before = peak_kb();
    let begun = Instant::now();
    runtime.block_on(book.members().join(code, &way))?;
    let took = begun.elapsed().as_micros();
    println!("{took} {} {}", peak_kb() - before, way.1.load(Ordering::Relaxed));
    Ok(())
}

pub(crate) fn first_sync(folder: &Path, name: &str, code: &str, address: &str) -> Outcome<(Duration, u64, u64)> {
    let out = Command::new(std::env::current_exe()?)
        .args(["sync-client", &folder.join(name).display().to_string(), code, address])
        .output()?;
    let text = String::from_utf8_lossy(&out.stdout);
    let mut numbers = text.split_whitespace().map(str::parse::<u64>);
    let (Some(Ok(micros)), Some(Ok(kb)), Some(Ok(questions))) = (numbers.next(), numbers.next(), numbers.next()) else {
        return Err(String::from_utf8_lossy(&out.stderr).into_owned().into());
    };
    Ok((Duration::from_micros(micros), kb, questions))
}

pub(crate) fn run() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let server = start(&runtime, SqliteLog::open(&folder.path().join("server.db"), &Keys::given([7; 32]), 1 << 30)?)?;
    let proxy = Proxy::to(server.clone(), Duration::ZERO, 0)?;
    let mother = Handbook::create(&config_on(&folder.path().join("mother"), today()), "母")?;
    let born = NaiveDate::from_ymd_opt(2020, 6, 10).unwrap_or_default();
    let child = NewChild { name: "さくら".into(), sex: Sex::Female, born, ..NewChild::default() };
    let child = mother.notebooks().add_child(&child)?;
    let ids = mother.entries().add_all(&records(child)?)?;
    mother.sync().set_server(&proxy.address)?;
    let way = Https::to(&proxy.address, None)?;
    let begun = Instant::now();
    let sent = sync(&runtime, &mother, &way)?;
    let up = proxy.take();
    row(
        "send 10,000 entries, sealed",
        &shown(begun.elapsed()),
        &format!("{up} bytes, {} questions", sent.round_trips),
        None,
        "",
    );
    let invite = |way: &Https| runtime.block_on(mother.members().invite(child, Role::Writer, "", way));
    for turn in 0..5 {
        let code = invite(&way)?.code;
        proxy.take();
        let (time, kb, questions) = first_sync(folder.path(), &format!("father{turn}"), &code, &proxy.address)?;
        let what = "first sync of 10,000 entries: join, check, open, write";
        let told = format!("{} bytes, {questions} questions, memory +{:.1} MB", proxy.take(), kb as f64 / 1024.0);
        row(what, &shown(time), &told, None, "≤ 300 ms, 0.6 MB, +20 MB");
    }
    sync(&runtime, &mother, &way)?;
    let mut times = Vec::new();
    let mut bytes = 0;
    for turn in 0..9 {
        for (i, id) in ids.iter().skip(1).step_by(3).take(10).enumerate() {
            mother.entries().edit(*id, &[("weight", &format!("{}.{turn}{i}", 5 + turn))])?;
        }
        proxy.take();
        let begun = Instant::now();
        let report = sync(&runtime, &mother, &way)?;
        times.push(begun.elapsed());
        bytes = proxy.take();
        assert_eq!((report.round_trips, report.pushed), (1, 10));
    }
    times.sort_unstable();
    row("10 edits, one question", &shown(times[4]), &format!("{bytes} bytes"), None, "≤ 15 ms, 2 KB");
    proxy.take();
    let begun = Instant::now();
    let report = sync(&runtime, &mother, &way)?;
    let took = begun.elapsed();
    assert_eq!(report.round_trips, 1);
    row("nothing new, one question", &shown(took), &format!("{} bytes", proxy.take()), None, "≤ 420 bytes");

    for (turn, lost) in [0, 10, 10, 10].into_iter().enumerate() {
        let slow = Proxy::to(server.clone(), Duration::from_millis(25), lost)?;
        let code = invite(&way)?.code;
        let (time, _, questions) = first_sync(folder.path(), &format!("far{turn}"), &code, &slow.address)?;
        let what = format!("first sync, 50 ms there and back, {} % of segments lost", lost / 10);
        row(&what, &shown(time), &format!("{questions} questions"), None, "≤ 10 questions");
    }
    Ok(())
}
