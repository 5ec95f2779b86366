//! A store in a scratch place, SQLite or PostgreSQL, called from plain threads.

use std::future::Future;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

use ayumi_channel::memory::{Contents, MemoryLog};
use ayumi_channel::signer::Signer;
use ayumi_protocol::NotebookId;
use ayumi_protocol::accept::Bearer;
use ayumi_protocol::control::Statement;
use ayumi_protocol::end::End;
use ayumi_protocol::envelope::Envelope;
use ayumi_protocol::exchange::Wanted;
use ayumi_protocol::key::{Hash, KeyId};
use ayumi_protocol::opening::Remnant;
use ayumi_server::gone::{Due, Trace};
use ayumi_server::keys::Keys;
use ayumi_server::log::{Entry, Item, Log, LogError, PageRequest, Place as LogPlace, Terms};
use ayumi_server::postgres::{Address, PostgresLog};
use ayumi_server::sqlite::SqliteLog;
use ayumi_tests::postgres::shared;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Bytes that a notebook may take in these tests.
const QUOTA: u64 = 200_000;

/// A place for a store.
pub(crate) trait Place: Sync {
    type Log: Log;
    fn new() -> Self;
    fn open(&self) -> impl Future<Output = Self::Log>;
    /// As an operator does who changes the key.
    fn open_with_the_next_key(&self) -> impl Future<Output = Self::Log>;
    /// A new store under the same key: everything was lost.
    fn wiped(self) -> Self;
    /// As an operator does, while the server may run.
    fn add_tickets(&self, hashes: &[Hash]);
    /// As an operator does, while the server may run.
    fn forget(&self, notebook: NotebookId, now_ms: u64) -> Trace;
    /// Everything that it holds, as bytes.
    fn dump(&self) -> Vec<u8>;
    /// A backup, made while the server may run, as bytes.
    fn backup(&self) -> Vec<u8> {
        self.dump()
    }
}

/// A file in a scratch folder, and a folder for its key.
pub(crate) struct Sqlite(pub(crate) TempDir);

impl Place for Sqlite {
    type Log = SqliteLog;

    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    async fn open(&self) -> SqliteLog {
        SqliteLog::open(&self.file(), &self.keys(), QUOTA).unwrap()
    }

    async fn open_with_the_next_key(&self) -> SqliteLog {
        SqliteLog::open(&self.file(), &self.keys().rotating(), QUOTA).unwrap()
    }

    fn wiped(self) -> Self {
        std::fs::remove_dir_all(self.0.path().join("data")).unwrap();
        self
    }

    fn add_tickets(&self, hashes: &[Hash]) {
        SqliteLog::add_tickets(&self.file(), hashes).unwrap();
    }

    fn dump(&self) -> Vec<u8> {
        // Also what is still in the write-ahead log.
        let log = std::fs::read(self.file().with_extension("db-wal")).unwrap_or_default();
        [std::fs::read(self.file()).unwrap(), log].concat()
    }

    fn backup(&self) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy.db");
        SqliteLog::back_up(&self.file(), &copy).unwrap();
        std::fs::read(copy).unwrap()
    }

    fn forget(&self, notebook: NotebookId, now_ms: u64) -> Trace {
        SqliteLog::forget_at(&self.file(), notebook, now_ms).unwrap()
    }
}

impl Sqlite {
    pub(crate) fn file(&self) -> PathBuf {
        self.0.path().join("data/server.db")
    }

    pub(crate) fn keys(&self) -> Keys {
        Keys::in_folder(self.0.path().join("keys"))
    }
}

/// A database of its own, and a folder for its key.
pub(crate) struct Postgres(String, pub(crate) TempDir);

impl Place for Postgres {
    type Log = PostgresLog;

    fn new() -> Self {
        Self(shared().database(), tempfile::tempdir().unwrap())
    }

    async fn open(&self) -> PostgresLog {
        PostgresLog::open(&self.address(), &self.keys(), QUOTA).await.unwrap()
    }

    async fn open_with_the_next_key(&self) -> PostgresLog {
        PostgresLog::open(&self.address(), &self.keys().rotating(), QUOTA).await.unwrap()
    }

    fn wiped(self) -> Self {
        Self(shared().database(), self.1)
    }

    fn add_tickets(&self, hashes: &[Hash]) {
        let runtime = Runtime::new().unwrap();
        runtime.block_on(PostgresLog::add_tickets(&self.address(), hashes)).unwrap();
    }

    fn forget(&self, notebook: NotebookId, now_ms: u64) -> Trace {
        let runtime = Runtime::new().unwrap();
        runtime.block_on(PostgresLog::forget_at(&self.address(), notebook, now_ms)).unwrap()
    }

    fn dump(&self) -> Vec<u8> {
        let name = self.0.rsplit('=').next().unwrap();
        let hex = shared().program("pg_dump").arg(name).output().unwrap();
        assert!(hex.status.success());
        // Bytes are dumped as hex digits: looked at as they are.
        let text = String::from_utf8(hex.stdout).unwrap();
        let unhexed = text.split("\\\\x").skip(1).flat_map(|part| {
            let digits: Vec<u8> = part.bytes().take_while(u8::is_ascii_hexdigit).collect();
            let value = |c: u8| (c as char).to_digit(16).unwrap() as u8;
            digits.chunks_exact(2).map(|pair| value(pair[0]) << 4 | value(pair[1])).collect::<Vec<_>>()
        });
        unhexed.chain(text.bytes()).collect()
    }
}

impl Postgres {
    pub(crate) fn address(&self) -> Address {
        Address { url: self.0.clone(), ..Address::default() }
    }

    pub(crate) fn keys(&self) -> Keys {
        Keys::in_folder(self.1.path().join("keys"))
    }
}

/// In memory: what simulations run on.
pub(crate) struct Memory(Arc<Mutex<Contents>>, u8);

impl Place for Memory {
    type Log = MemoryLog;

    fn new() -> Self {
        static LIVES: AtomicU8 = AtomicU8::new(1);
        Self(Arc::default(), LIVES.fetch_add(1, Ordering::Relaxed))
    }

    async fn open(&self) -> MemoryLog {
        MemoryLog::sharing(self.0.clone(), Signer::new(&[7; 32], [self.1; 16]).unwrap(), QUOTA)
    }

    async fn open_with_the_next_key(&self) -> MemoryLog {
        let before = Signer::new(&[7; 32], [self.1; 16]).unwrap().public_key();
        let signer = Signer::new(&[8; 32], [self.1; 16]).unwrap().following(&[before]);
        MemoryLog::sharing(self.0.clone(), signer, QUOTA)
    }

    fn wiped(self) -> Self {
        Self::new()
    }

    fn add_tickets(&self, hashes: &[Hash]) {
        self.0.lock().unwrap().add_tickets(hashes);
    }

    fn dump(&self) -> Vec<u8> {
        self.0.lock().unwrap().bytes()
    }

    fn forget(&self, notebook: NotebookId, now_ms: u64) -> Trace {
        let log = MemoryLog::sharing(self.0.clone(), Signer::new(&[7; 32], [self.1; 16]).unwrap(), QUOTA);
        ayumi_tests::family::wait(log.forget(notebook, now_ms)).unwrap()
    }
}

/// A page, with what the reply around it says.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) items: Vec<Item>,
    pub(crate) end: End,
    pub(crate) store_epoch: [u8; 16],
}

/// An open store.
pub(crate) struct Store<P: Place> {
    pub(crate) place: P,
    pub(crate) log: Option<P::Log>,
    runtime: Runtime,
}

impl<P: Place> Store<P> {
    pub(crate) fn new() -> Self {
        Self::at(P::new())
    }

    fn at(place: P) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let log = runtime.block_on(place.open());
        Self { place, log: Some(log), runtime }
    }

    /// Closes and opens again.
    pub(crate) fn again(mut self) -> Self {
        self.log = None;
        let log = self.runtime.block_on(self.place.open());
        self.log = Some(log);
        self
    }

    /// Closes and opens again, with the next key in the place of the present one.
    pub(crate) fn with_the_next_key(mut self) -> Self {
        self.log = None;
        let log = self.runtime.block_on(self.place.open_with_the_next_key());
        self.log = Some(log);
        self
    }

    pub(crate) fn log(&self) -> &P::Log {
        self.log.as_ref().unwrap()
    }

    pub(crate) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    pub(crate) fn append_statement(&self, statement: Statement, now_ms: u64) -> Result<u64, LogError> {
        let notebook = statement.notebook;
        Ok(self.append(notebook, Entry::Statement(statement, Bearer::Author), now_ms)?.position)
    }

    /// By its author.
    pub(crate) fn append_envelope(&self, envelope: Envelope, now_ms: u64) -> Result<LogPlace, LogError> {
        let notebook = envelope.header.notebook;
        self.append(notebook, Entry::Envelope(envelope, Bearer::Author), now_ms)
    }

    /// By another member, whatever the present epoch is.
    pub(crate) fn append_envelope_carried(&self, envelope: Envelope, now_ms: u64) -> Result<LogPlace, LogError> {
        let notebook = envelope.header.notebook;
        self.append(notebook, Entry::Envelope(envelope, Bearer::Carrier), now_ms)
    }

    /// By another member, who has it from a log.
    pub(crate) fn carry(&self, notebook: NotebookId, item: &Item, now_ms: u64) -> Result<u64, LogError> {
        let entry = if item.control {
            Entry::Statement(Statement::from_bytes(&item.bytes).unwrap(), Bearer::Carrier)
        } else if item.remnant {
            Entry::Remnant(Remnant::from_bytes(&item.bytes).unwrap(), KeyId([0; 16]), Bearer::Carrier)
        } else {
            Entry::Envelope(Envelope::from_bytes(&item.bytes).unwrap(), Bearer::Carrier)
        };
        Ok(self.append(notebook, entry, now_ms)?.position)
    }

    /// What is left of an envelope, by a member.
    pub(crate) fn erase(&self, remnant: &Remnant, maker: KeyId, now_ms: u64) -> Result<u64, LogError> {
        let notebook = remnant.frame.header.notebook;
        Ok(self.append(notebook, Entry::Remnant(remnant.clone(), maker, Bearer::Carrier), now_ms)?.position)
    }

    fn append(&self, notebook: NotebookId, entry: Entry, now_ms: u64) -> Result<LogPlace, LogError> {
        self.append_on(Terms::Whole, notebook, entry, now_ms)
    }

    fn append_on(&self, terms: Terms, notebook: NotebookId, entry: Entry, now_ms: u64) -> Result<LogPlace, LogError> {
        let mut answers = self.wait(self.log().append(notebook, vec![entry], now_ms, terms))?.answers;
        answers.remove(0)
    }

    /// Sends a statement on terms of a notebook that begins.
    pub(crate) fn found(&self, statement: &Statement, terms: Terms, now_ms: u64) -> Result<u64, LogError> {
        let entry = Entry::Statement(statement.clone(), Bearer::Author);
        Ok(self.append_on(terms, statement.notebook, entry, now_ms)?.position)
    }

    pub(crate) fn expire(&self, now_ms: u64) -> u64 {
        self.wait(self.log().expire(Due::now(now_ms))).unwrap()
    }

    /// As a reader who wrote nothing.
    pub(crate) fn page(&self, notebook: NotebookId, after: u64, max_bytes: usize) -> Result<Seen, LogError> {
        let wanted = Wanted::default();
        let request = PageRequest { notebook, reader: KeyId([0; 16]), after, prefix: None, max_bytes, wanted };
        let page = self.wait(self.log().page(request))?;
        Ok(Seen { items: page.items, end: page.end, store_epoch: self.log().signer().store_epoch() })
    }
}
