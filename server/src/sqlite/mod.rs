//! SQLite as the embedded store: one thread writes, and commits what has gathered in one go, so that many small requests
//! share one flush of the disk. Readers have connections of their own.

mod write;

use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use ayumi_protocol::NotebookId;
use ayumi_protocol::control::Statement;
use ayumi_protocol::envelope::{Envelope, Receipt};
use rusqlite::{Connection, OptionalExtension};
use tokio::sync::oneshot;

use crate::log::{Item, Log, LogError, Page};
use crate::signer::{Signer, random};
use write::{Job, Writer};

/// Readers at most.
const READERS: usize = 4;

/// A store of logs in one SQLite file.
pub struct SqliteLog {
    jobs: Option<Sender<Job>>,
    writer: Option<JoinHandle<()>>,
    readers: Vec<Mutex<Connection>>,
    signer: Arc<Signer>,
}

impl std::fmt::Debug for SqliteLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SqliteLog(…)")
    }
}

fn failed(_: rusqlite::Error) -> LogError {
    LogError::Unavailable
}

fn connect(path: &Path) -> Result<Connection, LogError> {
    ayumi_sqlcipher::link();
    let connection = Connection::open(path).map_err(failed)?;
    // The library is built for one connection to a file (the phone's); here there are several.
    let pragmas = "PRAGMA locking_mode = NORMAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;
                   PRAGMA cache_size = -32000; PRAGMA trusted_schema = OFF";
    connection.execute_batch(pragmas).map_err(failed)?;
    Ok(connection)
}

impl SqliteLog {
    /// Opens or makes the file. `quota` is how many bytes a notebook may take.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] if the file cannot be used, or is of a newer version.
    pub fn open(path: &Path, quota: u64) -> Result<Self, LogError> {
        let mut connection = connect(path)?;
        let signer = Arc::new(prepare(&mut connection)?);
        let readers = (0..READERS).map(|_| connect(path).map(Mutex::new)).collect::<Result<_, _>>()?;
        let (jobs, received) = channel();
        let mut writer = Writer::new(connection, signer.clone(), quota);
        let thread = std::thread::Builder::new().name("ayumi-writer".into());
        let thread = thread.spawn(move || writer.run(&received)).map_err(|_| LogError::Unavailable)?;
        Ok(Self { jobs: Some(jobs), writer: Some(thread), readers, signer })
    }

    /// The key that receipts are signed with.
    pub fn public_key(&self) -> [u8; 32] {
        self.signer.public_key()
    }

    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<Result<T, LogError>>) -> Job) -> Result<T, LogError> {
        let (answer, answered) = oneshot::channel();
        let jobs = self.jobs.as_ref().ok_or(LogError::Unavailable)?;
        jobs.send(job(answer)).map_err(|_| LogError::Unavailable)?;
        answered.await.map_err(|_| LogError::Unavailable)?
    }

    /// A page, read on the calling thread.
    fn read_page(&self, notebook: NotebookId, after: u64, max_bytes: usize) -> Result<Page, LogError> {
        // Any reader that is free; else the one that its notebook falls on.
        let turn = usize::from(notebook.as_bytes()[15]) % self.readers.len();
        let free = self.readers.iter().find_map(|reader| reader.try_lock().ok());
        let reader = free.unwrap_or_else(|| self.readers[turn].lock().unwrap_or_else(PoisonError::into_inner));
        let sql =
            "SELECT position, taken_at, control, body FROM log WHERE notebook = ?1 AND position > ?2 ORDER BY position";
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let mut statement = reader.prepare_cached(sql).map_err(failed)?;
        let mut rows = statement.query((notebook.as_bytes(), after)).map_err(failed)?;
        let (mut items, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rows.next().map_err(failed)? {
            let item = Item {
                position: row.get(0).map_err(failed)?,
                taken_at: row.get(1).map_err(failed)?,
                control: row.get(2).map_err(failed)?,
                bytes: row.get(3).map_err(failed)?,
            };
            bytes += item.bytes.len();
            if bytes > max_bytes && !items.is_empty() {
                break;
            }
            items.push(item);
        }
        drop(rows);
        let mut last = reader.prepare_cached("SELECT max(position) FROM log WHERE notebook = ?1").map_err(failed)?;
        let end: Option<u64> = last.query_row([notebook.as_bytes()], |row| row.get(0)).map_err(failed)?;
        let end = end.ok_or(LogError::NoNotebook)?;
        Ok(Page { items, end, store_epoch: self.signer.store_epoch() })
    }
}

impl Drop for SqliteLog {
    /// Ends gracefully: what was sent is written and answered.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

impl Log for SqliteLog {
    async fn append_statement(&self, statement: Statement, now_ms: u64) -> Result<u64, LogError> {
        self.ask(|answer| Job::Statement { statement, now_ms, answer }).await
    }

    async fn append_envelope(&self, envelope: Envelope, now_ms: u64) -> Result<Receipt, LogError> {
        self.ask(|answer| Job::Envelope { envelope, now_ms, answer }).await
    }

    async fn page(&self, notebook: NotebookId, after: u64, max_bytes: usize) -> Result<Page, LogError> {
        // A page is a short walk through pages that are mostly in memory.
        self.read_page(notebook, after, max_bytes)
    }
}

/// Makes the schema of a new file, and reads or makes the store's epoch and key.
fn prepare(connection: &mut Connection) -> Result<Signer, LogError> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(failed)?;
    let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed)?;
    match version {
        0 => transaction.execute_batch(include_str!("schema.sql")).map_err(failed)?,
        1 => {}
        _ => return Err(LogError::Unavailable),
    }
    let kept = |key: &str, fresh: Vec<u8>| -> Result<Vec<u8>, LogError> {
        let sql = "SELECT value FROM meta WHERE key = ?1";
        if let Some(value) = transaction.query_row(sql, [key], |row| row.get(0)).optional().map_err(failed)? {
            return Ok(value);
        }
        transaction.execute("INSERT INTO meta (key, value) VALUES (?1, ?2)", (key, &fresh)).map_err(failed)?;
        Ok(fresh)
    };
    let epoch = kept("store_epoch", random::<16>().map_err(|_| LogError::Unavailable)?.to_vec())?;
    let seed = kept("seed", random::<32>().map_err(|_| LogError::Unavailable)?.to_vec())?;
    transaction.commit().map_err(failed)?;
    let epoch = epoch.try_into().map_err(|_| LogError::Unavailable)?;
    Signer::new(&seed, epoch).map_err(|_| LogError::Unavailable)
}
