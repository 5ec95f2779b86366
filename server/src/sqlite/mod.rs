//! SQLite as the embedded store: one thread writes, and commits all waiting jobs together, so that many small
//! requests share one flush of the disk. Readers have connections of their own. One process locks the file.

mod admission;
mod append;
mod aside;
mod connection;
mod erasing;
mod gone;
mod read;
mod writer;

use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use ayumi_protocol::NotebookId;
use ayumi_protocol::blob::{BlobName, BlobReply};
use ayumi_protocol::control::State;
use ayumi_protocol::drawer::DrawerReply;
use ayumi_protocol::end::SignedEnd;
use ayumi_protocol::key::{Hash, KeyId};
use ayumi_protocol::release::ReleaseKey;
use ayumi_sqlcipher::private;
use rusqlite::{Connection, OptionalExtension, Transaction};
use tokio::sync::oneshot;

use crate::chains::Chains;
use crate::gone::{Due, Trace, is_a_new_visit};
use crate::keys::{Keys, OpenError};
use crate::log::{Appended, Chunk, Earlier, Entry, Log, LogError, LogResult, Page, PageRequest, Release, Terms};
use crate::signer::{Signer, random};
pub(crate) use connection::lock;
use connection::{READER_CACHE_KB, WRITER_CACHE_KB, connect, failed, write_over};
use writer::{Jobs, Task, Writer};

/// The number of reading connections.
const READERS: usize = 4;

/// A store of logs in one SQLite file.
pub struct SqliteLog {
    jobs: Option<Jobs>,
    writer: Option<JoinHandle<()>>,
    readers: Vec<Mutex<Connection>>,
    signer: Arc<Signer>,
    chains: Arc<Chains>,
    /// The lock goes with the process, however it ends.
    _lock: File,
}

impl std::fmt::Debug for SqliteLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SqliteLog(…)")
    }
}

impl SqliteLog {
    /// Opens or makes the file. `quota` is how many bytes a notebook may take.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(path: &Path, keys: &Keys, quota: u64) -> Result<Self, OpenError> {
        if let Some(folder) = path.parent() {
            private::folder(folder).map_err(|_| OpenError::Unavailable)?;
        }
        let lock = lock(path)?;
        // Only a file that is not there yet: closing one that SQLite has open would take its locks away.
        if !path.exists() {
            private::file(path).map_err(|_| OpenError::Unavailable)?;
        }
        let mut connection = connect(path, WRITER_CACHE_KB)?;
        let signer = Arc::new(prepare(&mut connection, keys)?);
        let readers =
            (0..READERS).map(|_| connect(path, READER_CACHE_KB).map(Mutex::new)).collect::<Result<_, LogError>>()?;
        let chains = Arc::new(Chains::default());
        let (jobs, writer) = Writer::start(
            connection,
            writer::Shared { chains: chains.clone(), quota, server: signer.own_keys().to_vec(), deleted: false },
        )?;
        Ok(Self { jobs: Some(jobs), writer: Some(writer), readers, signer, chains, _lock: lock })
    }

    /// Assigns a new store epoch. Call it after restoring a backup, so that phones notice and re-send what was
    /// lost.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] if there is no store, a server has it open, or it cannot be written.
    pub fn rotate_store_epoch(path: &Path) -> Result<(), LogError> {
        let _lock = lock(path)?;
        let connection = connect(path, WRITER_CACHE_KB)?;
        let epoch = random::<16>().map_err(|_| LogError::Unavailable)?;
        let changed = connection.execute("UPDATE meta SET value = ?1 WHERE key = 'store_epoch'", [epoch]);
        if changed.map_err(failed)? == 1 { Ok(()) } else { Err(LogError::Unavailable) }
    }

    /// Copies the store as it is at this moment into a new file, also while a server has it open.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] if there is no store, or the file is there already or cannot be written.
    pub fn back_up(path: &Path, to: &Path) -> Result<(), LogError> {
        if !path.exists() || to.exists() {
            return Err(LogError::Unavailable);
        }
        // An empty file is written over, with the permissions that it has.
        private::file(to).map_err(|_| LogError::Unavailable)?;
        let to = to.to_str().ok_or(LogError::Unavailable)?;
        connect(path, READER_CACHE_KB)?.execute("VACUUM INTO ?1", [to]).map(|_| ()).map_err(failed)
    }

    /// Writes the file anew, also while a server has it open: what was deleted is written over at once, but pieces of rows
    /// that were moved stay in pages that others share. Writes of the server wait for it.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] if there is no store, or it cannot be written.
    pub fn compact(path: &Path) -> Result<(), LogError> {
        if !path.exists() {
            return Err(LogError::Unavailable);
        }
        let connection = connect(path, READER_CACHE_KB)?;
        connection.execute_batch("VACUUM").map_err(failed)?;
        if write_over(&connection) { Ok(()) } else { Err(LogError::Unavailable) }
    }

    /// Adds tickets by their hashes, also while a server has the store open.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] if there is no store, or it cannot be written.
    pub fn add_tickets(path: &Path, hashes: &[Hash]) -> Result<(), LogError> {
        if !path.exists() {
            return Err(LogError::Unavailable);
        }
        admission::add_tickets(&mut connect(path, READER_CACHE_KB)?, hashes)
    }

    /// Deletes a notebook wholly and remembers that it is gone, also while a server has the store open.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] if there is no store, or it cannot be written.
    pub fn forget_at(path: &Path, notebook: NotebookId, now_ms: u64) -> Result<Trace, LogError> {
        if !path.exists() {
            return Err(LogError::Unavailable);
        }
        let mut connection = connect(path, READER_CACHE_KB)?;
        let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(failed)?;
        let trace = gone::forgotten(&tx, notebook, now_ms)?;
        tx.commit().map_err(failed)?;
        if write_over(&connection) { Ok(trace) } else { Err(LogError::Unavailable) }
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>, &mut writer::Shared) -> LogResult<T> + Send + 'static,
    ) -> LogResult<T> {
        let (answer, answered) = oneshot::channel();
        let jobs = self.jobs.as_ref().ok_or(LogError::Unavailable)?;
        jobs.send(Box::new(Task::new(work, answer))).map_err(|_| LogError::Unavailable)?;
        answered.await.map_err(|_| LogError::Unavailable)?
    }

    /// Locks any free reader; else waits for the one that `turn` selects.
    fn reader(&self, turn: u8) -> MutexGuard<'_, Connection> {
        let free = self.readers.iter().find_map(|reader| reader.try_lock().ok());
        free.unwrap_or_else(|| {
            let turn = usize::from(turn) % self.readers.len();
            self.readers[turn].lock().unwrap_or_else(PoisonError::into_inner)
        })
    }
}

impl Drop for SqliteLog {
    /// Ends gracefully: jobs already sent are written and answered.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

impl Log for SqliteLog {
    fn signer(&self) -> &Signer {
        &self.signer
    }

    async fn append(
        &self,
        notebook: NotebookId,
        entries: Vec<Entry>,
        now_ms: u64,
        terms: Terms,
    ) -> LogResult<Appended> {
        self.write(move |tx, shared| append::append(tx, shared, notebook, &entries, (now_ms, terms))).await
    }

    async fn expire(&self, due: Due) -> LogResult<u64> {
        let mut all = 0;
        loop {
            // A few at a time: phones do not wait for it.
            let some = self.write(move |tx, shared| gone::expire(tx, shared, due)).await?;
            all += some;
            if some == 0 {
                return Ok(all);
            }
        }
    }

    async fn forget(&self, notebook: NotebookId, now_ms: u64) -> LogResult<Trace> {
        self.write(move |tx, shared| gone::forget(tx, shared, notebook, now_ms)).await
    }

    async fn forget_again(&self, traces: Vec<Trace>) -> LogResult<u64> {
        self.write(move |tx, shared| gone::forget_again(tx, shared, &traces)).await
    }

    async fn trace(&self, notebook: NotebookId) -> LogResult<Option<Trace>> {
        gone::trace(&self.reader(notebook.as_bytes()[15]), notebook)
    }

    async fn traces(&self) -> LogResult<Vec<Trace>> {
        gone::traces(&self.reader(0))
    }

    async fn visit(&self, notebook: NotebookId, now_ms: u64) -> LogResult<()> {
        self.write(move |tx, _| append::visit(tx, notebook, now_ms)).await
    }

    async fn put_aside(&self, notebook: NotebookId, earlier: Earlier, now_ms: u64) -> LogResult<bool> {
        self.write(move |tx, shared| aside::put_aside(tx, shared, notebook, earlier, now_ms)).await
    }

    async fn keep_receipts(&self, notebook: NotebookId, receipts: Vec<SignedEnd>) -> LogResult<()> {
        self.write(move |tx, _| aside::keep_receipts(tx, notebook, &receipts)).await
    }

    async fn receipts(&self, notebook: NotebookId) -> LogResult<Vec<SignedEnd>> {
        aside::receipts(&self.reader(notebook.as_bytes()[15]), notebook)
    }

    fn known_chain(&self, notebook: NotebookId) -> Option<Arc<State>> {
        self.chains.get(notebook)
    }

    // A page is a short walk through mostly cached data: reading needs no thread of its own.
    async fn chain(&self, notebook: NotebookId) -> LogResult<Option<Arc<State>>> {
        if let Some(known) = self.chains.get(notebook) {
            return Ok(Some(known));
        }
        // Only the writer can be sure that the chain is still current when it enters the cache.
        self.write(move |tx, shared| append::chain(tx, shared, notebook)).await
    }

    async fn page(&self, request: PageRequest) -> LogResult<Page> {
        read::page(&self.reader(request.notebook.as_bytes()[15]), &request)
    }

    async fn put_chunk(&self, chunk: Chunk) -> LogResult<BlobReply> {
        self.write(move |tx, shared| append::put_chunk(tx, shared.quota, &chunk)).await
    }

    async fn blob(&self, notebook: NotebookId, name: BlobName, from: Option<u32>) -> LogResult<BlobReply> {
        read::blob(&self.reader(name[0]), notebook, &name, from)
    }

    async fn gather(&self, notebook: NotebookId, names: Vec<BlobName>) -> LogResult<Vec<Vec<u8>>> {
        read::gather(&self.reader(names.first().map_or(0, |name| name[0])), notebook, &names)
    }

    async fn drop_blob(&self, notebook: NotebookId, name: BlobName) -> LogResult<()> {
        self.write(move |tx, _| append::drop_blob(tx, notebook, &name)).await
    }

    async fn fill_drawer(&self, drawer: KeyId, edition: u64, sealed: Vec<u8>, now_ms: u64) -> LogResult<DrawerReply> {
        self.write(move |tx, _| append::fill_drawer(tx, drawer, edition, &sealed, now_ms)).await
    }

    async fn drawer(&self, drawer: KeyId, now_ms: u64) -> LogResult<DrawerReply> {
        let (content, opened_at) = read::drawer(&self.reader(drawer.0[0]), drawer)?;
        if is_a_new_visit(opened_at, now_ms) {
            self.write(move |tx, _| append::open_drawer(tx, drawer, now_ms)).await?;
        }
        Ok(content)
    }

    async fn put_release(&self, release: Release) -> LogResult<()> {
        self.write(move |tx, shared| append::put_release(tx, shared, &release)).await
    }

    async fn release(&self, notebook: NotebookId, holder: KeyId) -> LogResult<Option<ReleaseKey>> {
        read::release(&self.reader(holder.0[0]), notebook, holder)
    }

    async fn last_taken(&self) -> LogResult<u64> {
        read::last_taken(&self.reader(0))
    }

    async fn ready(&self) -> bool {
        // Also the writer must answer: a full disk or a dead thread is not ready.
        self.write(|tx, _| tx.query_row("SELECT 1", [], |_| Ok(())).map_err(failed)).await.is_ok()
    }
}

/// Makes the schema of a new file, reads or makes the store's epoch, and finds its key.
fn prepare(connection: &mut Connection, keys: &Keys) -> Result<Signer, OpenError> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(failed)?;
    let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed)?;
    match version {
        0 => transaction.execute_batch(include_str!("schema.sql")).map_err(failed)?,
        2 => {}
        // Also one of wire version 1, whose chains nobody can read any more.
        _ => return Err(OpenError::Unavailable),
    }
    let kept = |key: &str| -> Result<Option<Vec<u8>>, LogError> {
        let sql = "SELECT value FROM meta WHERE key = ?1";
        transaction.query_row(sql, [key], |row| row.get(0)).optional().map_err(failed)
    };
    let keep = |key: &str, value: &[u8]| {
        let sql = "INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)";
        transaction.execute(sql, (key, value)).map(drop).map_err(failed)
    };
    let epoch = match kept("store_epoch")? {
        Some(epoch) => epoch.try_into().map_err(|_| OpenError::Unavailable)?,
        None => {
            let epoch = random::<16>()?;
            keep("store_epoch", &epoch)?;
            epoch
        }
    };
    let known = kept("server_key")?.map(|key| key.try_into().map_err(|_| OpenError::Unavailable)).transpose()?;
    let (signer, now) = keys.signer(known, epoch)?;
    if let Some(now) = now {
        keep("server_key", &now)?;
    }
    transaction.commit().map_err(failed)?;
    Ok(signer)
}
