//! A server with hardly any room: new notebooks are refused first, and everybody is told to wait, not that something is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ayumi_channel::memory::{Contents, MemoryLog};
use ayumi_channel::signer::Signer;
use ayumi_core::app::Handbook;
use ayumi_core::app::sync::SyncOutcome;
use ayumi_core::sync::transport::{RawResponse, Transport, Waiting};
use ayumi_server::http::floors::{Floor, Floors, Left};
use ayumi_server::http::{App, Origins, Setup};
use ayumi_tests::family::{sync, wait};
use ayumi_tests::handbook::{day, scratch};

const DISK: Floors =
    Floors { foundings: Floor { disk_bytes: 1000, files: 0 }, everything: Floor { disk_bytes: 250, files: 0 } };

/// A server whose disk and clock the test holds.
struct Held {
    app: App<MemoryLog>,
    free: Arc<AtomicU64>,
    measured: Arc<AtomicU64>,
    time: Arc<AtomicU64>,
}

impl Held {
    fn new() -> Self {
        let [free, measured, time] = [5000, 0, super::family::NOW].map(|value| Arc::new(AtomicU64::new(value)));
        let (disk, count, clock) = (free.clone(), measured.clone(), time.clone());
        let measure = move || {
            count.fetch_add(1, Ordering::Relaxed);
            Left { disk_bytes: Some(disk.load(Ordering::Relaxed)), files: None }
        };
        let log = MemoryLog::new(Contents::default(), Signer::new(&[7; 32], [1; 16]).unwrap(), 1 << 30);
        let setup = Setup { origins: Origins::Nearby, floors: DISK, measure: Arc::new(measure), ..Setup::default() };
        let app = App::with(Arc::new(log), Arc::new(move || clock.load(Ordering::Relaxed)), setup);
        Self { app, free, measured, time }
    }

    /// A second later there is so much room.
    fn has(&self, bytes: u64) {
        self.free.store(bytes, Ordering::Relaxed);
        self.time.fetch_add(1000, Ordering::Relaxed);
    }
}

impl Transport for Held {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        let answer = wait(self.app.answer(path, &body));
        let response = match answer {
            Ok(body) => RawResponse { status: 200, body, retry_after: None },
            Err(problem) => {
                RawResponse { status: problem.status(), retry_after: problem.retry_after(), body: problem.into_body() }
            }
        };
        Box::pin(async move { Ok(response) })
    }
}

fn family() -> (tempfile::TempDir, Handbook) {
    let (folder, book) = scratch();
    let child = ayumi_core::app::NewChild { name: "子".into(), born: day("2025-05-03"), ..Default::default() };
    book.notebooks().add_child(&child).unwrap();
    (folder, book)
}

#[test]
fn below_a_floor_foundings_are_refused_first_then_everything() {
    let server = Held::new();
    let (_here, known) = family();
    assert_eq!(sync(&known, &server).outcome, SyncOutcome::Done);
    let (_there, new) = family();
    server.has(999);
    let refused = sync(&new, &server);
    assert_eq!((refused.outcome, refused.pushed), (SyncOutcome::Offline, 0), "a notebook that begins");
    assert!(refused.retry_ms >= 300_000, "it asks to wait for five minutes: {}", refused.retry_ms);
    let child = known.notebooks().list().unwrap()[0].id;
    let profile = ayumi_core::app::NewChild { name: "弟".into(), born: day("2025-05-03"), ..Default::default() };
    assert_eq!(sync(&known, &server).outcome, SyncOutcome::Done, "who is here already");
    known.notebooks().add_child(&profile).unwrap();
    assert_eq!(sync(&known, &server).outcome, SyncOutcome::Offline, "another notebook of theirs");
    assert_eq!(known.sync().state(child).unwrap().waiting, 0);
    server.has(249);
    let refused = wait(server.app.answer("/v1/sync", b"x")).unwrap_err();
    assert_eq!((refused.status(), refused.into_body()), (503, b"no_room".to_vec()));
    server.has(1000);
    for book in [&new, &known] {
        assert_eq!(sync(book, &server).outcome, SyncOutcome::Done, "room again, and nothing was lost");
    }
}

#[test]
fn what_is_left_is_measured_once_a_second_at_most() {
    let server = Held::new();
    let ask = || _ = wait(server.app.answer("/v1/sync", b"x"));
    let measured = || server.measured.load(Ordering::Relaxed);
    (0..100).for_each(|_| ask());
    assert_eq!(measured(), 1);
    server.time.fetch_add(999, Ordering::Relaxed);
    ask();
    assert_eq!(measured(), 1);
    server.time.fetch_add(1, Ordering::Relaxed);
    (0..100).for_each(|_| ask());
    assert_eq!(measured(), 2);
    server.time.fetch_sub(3_600_000, Ordering::Relaxed);
    ask();
    assert_eq!(measured(), 3, "also when the clock is set back");
}
