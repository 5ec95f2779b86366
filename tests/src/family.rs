//! Phones and a municipality in one process: a virtual clock, a server without sockets, a network that does what a
//! test wants.

use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::sync::atomic::{AtomicI64, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use ayumi_channel::answer::{Channel, Origins};
use ayumi_channel::memory::{Contents, MemoryLog};
use ayumi_channel::signer::Signer;
use ayumi_core::app::ports::Clock;
use ayumi_core::app::sync::{Budget, SyncReport};
use ayumi_core::app::{Config, Handbook};
use ayumi_core::sync::transport::{RawResponse, Transport, Unreachable, Waiting};
use ayumi_protocol::endpoint;
use chrono::NaiveDate;

use crate::handbook::FixedKey;

/// The time that everybody shares, in milliseconds since 1970.
#[derive(Clone)]
pub struct Time(pub Arc<AtomicU64>);

impl Default for Time {
    fn default() -> Self {
        Self(Arc::new(AtomicU64::new(1_776_600_000_000)))
    }
}

impl Time {
    /// What time it is.
    pub fn now(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Time passes.
    pub fn pass(&self, ms: u64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

/// A phone's clock: the time, and how wrong it is.
pub struct PhoneClock {
    time: Time,
    /// Milliseconds ahead.
    pub wrong_ms: Arc<AtomicI64>,
}

impl Clock for PhoneClock {
    fn now_ms(&self) -> u64 {
        self.time.0.fetch_add(1, Ordering::Relaxed).saturating_add_signed(self.wrong_ms.load(Ordering::Relaxed))
    }

    fn today(&self) -> NaiveDate {
        crate::handbook::today()
    }
}

/// A phone's configuration, and the handle on how wrong its clock is.
pub fn phone_config(folder: &Path, time: &Time) -> (Config, Arc<AtomicI64>) {
    let wrong_ms = Arc::new(AtomicI64::new(0));
    let clock = PhoneClock { time: time.clone(), wrong_ms: wrong_ms.clone() };
    let config = Config { clock: Some(Arc::new(clock)), ..Config::new(folder.to_owned(), Arc::new(FixedKey([7; 32]))) };
    (config, wrong_ms)
}

/// A municipality's server in memory.
pub struct Municipality {
    app: Mutex<Arc<Channel<MemoryLog>>>,
    origins: Origins,
    seed: AtomicU8,
    /// The keys before this one, by their numbers.
    former: Mutex<Vec<u8>>,
    time: Time,
    store_epoch: AtomicU64,
    unvisited_ms: Option<u64>,
}

impl Municipality {
    /// A new one.
    pub fn new(time: &Time) -> Arc<Self> {
        Self::at(time, Origins::Nearby)
    }

    /// A new one that is reached at these places.
    pub fn at(time: &Time, origins: Origins) -> Arc<Self> {
        Self::with_key(time, origins, 7)
    }

    /// A new one with the key of a number; that of the next number follows it.
    pub fn with_key(time: &Time, origins: Origins, seed: u8) -> Arc<Self> {
        Arc::new(Self::made(time, origins, seed, None))
    }

    /// A new one that deletes what nobody visits for so many milliseconds.
    pub fn ending_unvisited(time: &Time, unvisited_ms: u64) -> Arc<Self> {
        Arc::new(Self::made(time, Origins::Nearby, 7, Some(unvisited_ms)))
    }

    fn made(time: &Time, origins: Origins, seed: u8, unvisited_ms: Option<u64>) -> Self {
        let app = Mutex::new(app(Contents::default(), (seed, &[]), 1, time, &origins, unvisited_ms));
        let (seed, former) = (AtomicU8::new(seed), Mutex::default());
        Self { app, origins, seed, former, time: time.clone(), store_epoch: AtomicU64::new(1), unvisited_ms }
    }

    /// Puts the next key in the place of the present one, as an operator does.
    ///
    /// # Panics
    /// After a panic elsewhere.
    pub fn change_key(&self) {
        let contents = self.contents();
        self.former.lock().expect("no panic").push(self.seed.fetch_add(1, Ordering::Relaxed));
        self.roll_back(contents);
    }

    /// The store.
    pub fn contents(&self) -> Contents {
        self.app.lock().expect("no panic").log.contents()
    }

    /// The store itself, for what an operator does.
    ///
    /// # Panics
    /// After a panic elsewhere.
    pub fn log(&self) -> Arc<MemoryLog> {
        self.app.lock().expect("no panic").log.clone()
    }

    /// Puts a backup back (or nothing), as an operator does: the store gets a new epoch.
    pub fn restore(&self, contents: Contents) {
        self.store_epoch.fetch_add(1, Ordering::Relaxed);
        self.roll_back(contents);
    }

    /// Puts a backup back behind everybody's back: the store epoch stays the same, as when a disk image is put back.
    pub fn roll_back(&self, contents: Contents) {
        let store_epoch = self.store_epoch.load(Ordering::Relaxed) as u8;
        let former = self.former.lock().expect("no panic");
        let keys = (self.seed.load(Ordering::Relaxed), &former[..]);
        *self.app.lock().expect("no panic") =
            app(contents, keys, store_epoch, &self.time, &self.origins, self.unvisited_ms);
    }

    /// The answer to a request.
    pub fn answer(&self, path: &str, body: &[u8]) -> RawResponse {
        let app = self.app.lock().expect("no panic").clone();
        match wait(app.answer(path, body)) {
            Ok(body) => RawResponse { status: endpoint::OK, body, retry_after: None },
            Err(problem) => RawResponse { status: problem.status(), body: problem.into_body(), retry_after: None },
        }
    }
}

fn app(
    contents: Contents,
    (seed, former): (u8, &[u8]),
    store_epoch: u8,
    time: &Time,
    origins: &Origins,
    unvisited_ms: Option<u64>,
) -> Arc<Channel<MemoryLog>> {
    let time = time.clone();
    let public = |seed: u8| Signer::new(&[seed; 32], [0; 16]).expect("a seed").public_key();
    let former: Vec<[u8; 32]> = former.iter().map(|seed| public(*seed)).collect();
    let signer = Signer::new(&[seed; 32], [store_epoch; 16]).expect("a seed").followed_by(&public(seed + 1));
    let signer = signer.following(&former);
    let log = Arc::new(MemoryLog::new(contents, signer, u64::MAX));
    let channel = Channel::new(log, Arc::new(move || time.now()), Arc::new(()), origins.clone());
    Arc::new(channel.ending_unvisited(unvisited_ms))
}

/// A network without faults.
pub struct Direct(pub Arc<Municipality>);

impl Transport for Direct {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        Box::pin(async move { Ok(self.0.answer(path, &body)) })
    }
}

/// No network.
pub struct Nowhere;

impl Transport for Nowhere {
    fn post<'a>(&'a self, _: &'a str, _: Vec<u8>) -> Waiting<'a> {
        Box::pin(async { Err(Unreachable) })
    }
}

/// Runs a future that never really waits.
///
/// # Panics
/// If it waits for something outside.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..1_000_000 {
        if let Poll::Ready(done) = future.as_mut().poll(&mut context) {
            return done;
        }
    }
    panic!("a future of the simulation waits for something outside of it");
}

/// One sync, as long as it takes.
///
/// # Panics
/// If the file fails.
pub fn sync(book: &Handbook, way: &dyn Transport) -> SyncReport {
    wait(book.sync().run(way, Budget::default(), &|_, _| ())).expect("the file")
}
