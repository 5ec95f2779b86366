//! PostgreSQL for production: several server processes on one database work as one. Concurrent appends
//! share a transaction, so the disk is flushed once for many; a row of `ayumi_notebooks` puts the writers of a
//! notebook in order.

mod address;
mod admission;
mod append;
mod aside;
mod chunks;
mod connection;
mod erasing;
mod gone;
mod read;
mod releases;
mod work;

use std::sync::Arc;

use ayumi_protocol::NotebookId;
use ayumi_protocol::blob::{BlobName, BlobReply};
use ayumi_protocol::control::State;
use ayumi_protocol::drawer::DrawerReply;
use ayumi_protocol::end::SignedEnd;
use ayumi_protocol::key::{Hash, KeyId};
use ayumi_protocol::release::ReleaseKey;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::chains::Chains;
use crate::gone::{Due, Trace, is_a_new_visit};
use crate::keys::{Keys, OpenError};
use crate::log::{Appended, Chunk, Earlier, Entry, Log, LogError, LogResult, Page, PageRequest, Release, Terms};
use crate::signer::{Signer, random};
pub use address::Address;
use append::Job;
use connection::{connection, failed, number};
use work::Rules;

/// Connections that read, and the ones that write chunks and drawers.
const READERS: usize = 8;
/// Transactions that append at once: while one waits for the disk, the next gathers.
const WRITERS: usize = 3;
/// Keeps two processes from making the schema at once.
const SCHEMA_LOCK: i64 = 0x4179_756d;

/// A store of logs in PostgreSQL.
pub struct PostgresLog {
    pool: Pool,
    jobs: mpsc::UnboundedSender<Job>,
    signer: Signer,
    chains: Arc<Chains>,
    quota: u64,
}

impl std::fmt::Debug for PostgresLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PostgresLog(…)")
    }
}

impl PostgresLog {
    /// Connects, and makes the schema in an empty database.
    ///
    /// `quota` is the most bytes of a notebook.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(address: &Address, keys: &Keys, quota: u64) -> Result<Self, OpenError> {
        let pool = pool(address, READERS + WRITERS)?;
        let signer = prepare(&mut connection(&pool).await?, keys).await?;
        let chains = Arc::new(Chains::default());
        let (jobs, received) = mpsc::unbounded_channel();
        let received = Arc::new(Mutex::new(received));
        let rules = Rules { quota, server: signer.own_keys().into() };
        for _ in 0..WRITERS {
            tokio::spawn(append::write(pool.clone(), received.clone(), chains.clone(), rules.clone()));
        }
        Ok(Self { pool, jobs, signer, chains, quota })
    }

    /// Assigns a new store epoch. Call it after restoring a backup, before any server process starts, so that phones
    /// notice and re-send what was lost.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] if the database cannot be used, or holds no store.
    pub async fn rotate_store_epoch(address: &Address) -> Result<(), LogError> {
        let pool = pool(address, 1)?;
        let client = connection(&pool).await?;
        let epoch = random::<16>().map_err(|_| LogError::Unavailable)?.to_vec();
        let changed = client.execute("UPDATE ayumi_meta SET value = $1 WHERE key = 'store_epoch'", &[&epoch]).await;
        if changed.map_err(failed)? == 1 { Ok(()) } else { Err(LogError::Unavailable) }
    }

    /// Adds tickets by their hashes, also while servers run.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] if the database cannot be used, or holds no store.
    pub async fn add_tickets(address: &Address, hashes: &[Hash]) -> Result<(), LogError> {
        let pool = pool(address, 1)?;
        admission::add_tickets(&connection(&pool).await?, hashes).await
    }

    /// Deletes a notebook wholly and remembers that it is gone, also while servers run.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] if the database cannot be used, or holds no store.
    pub async fn forget_at(address: &Address, notebook: NotebookId, now_ms: u64) -> Result<Trace, LogError> {
        let pool = pool(address, 1)?;
        gone::forget(&mut connection(&pool).await?, notebook, now_ms).await
    }
}

impl Log for PostgresLog {
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
        let (answer, answered) = oneshot::channel();
        self.jobs.send(Job { notebook, entries, now_ms, terms, answer }).map_err(|_| LogError::Unavailable)?;
        answered.await.map_err(|_| LogError::Unavailable)?
    }

    async fn expire(&self, due: Due) -> LogResult<u64> {
        let mut client = connection(&self.pool).await?;
        let mut all = 0;
        loop {
            let some = gone::expire(&mut client, &self.chains, due).await?;
            all += some;
            if some == 0 {
                return Ok(all);
            }
        }
    }

    async fn forget(&self, notebook: NotebookId, now_ms: u64) -> LogResult<Trace> {
        self.chains.drop_one(notebook);
        gone::forget(&mut connection(&self.pool).await?, notebook, now_ms).await
    }

    async fn forget_again(&self, traces: Vec<Trace>) -> LogResult<u64> {
        gone::forget_again(&mut connection(&self.pool).await?, &self.chains, &traces).await
    }

    async fn trace(&self, notebook: NotebookId) -> LogResult<Option<Trace>> {
        let client = connection(&self.pool).await?;
        gone::trace(&client, notebook).await
    }

    async fn traces(&self) -> LogResult<Vec<Trace>> {
        let client = connection(&self.pool).await?;
        gone::traces(&client).await
    }

    async fn visit(&self, notebook: NotebookId, now_ms: u64) -> LogResult<()> {
        let client = connection(&self.pool).await?;
        let sql = "UPDATE ayumi_notebooks SET visited_at = $2 WHERE id = $1";
        let (id, now) = (&notebook.as_bytes()[..], number(now_ms));
        client.execute(sql, &[&id, &now]).await.map(drop).map_err(failed)
    }

    async fn put_aside(&self, notebook: NotebookId, earlier: Earlier, now_ms: u64) -> LogResult<bool> {
        let mut client = connection(&self.pool).await?;
        let rules = Rules { quota: self.quota, server: self.signer.own_keys().into() };
        let kept = (&*self.chains, &rules);
        let done = aside::put_aside(&mut client, kept, notebook, earlier, now_ms).await;
        done.inspect_err(|_| self.chains.forget())
    }

    async fn keep_receipts(&self, notebook: NotebookId, receipts: Vec<SignedEnd>) -> LogResult<()> {
        aside::keep_receipts(&connection(&self.pool).await?, notebook, &receipts).await
    }

    async fn receipts(&self, notebook: NotebookId) -> LogResult<Vec<SignedEnd>> {
        aside::receipts(&connection(&self.pool).await?, notebook).await
    }

    fn known_chain(&self, notebook: NotebookId) -> Option<Arc<State>> {
        self.chains.get(notebook)
    }

    async fn chain(&self, notebook: NotebookId) -> LogResult<Option<Arc<State>>> {
        let client = connection(&self.pool).await?;
        let sql = "SELECT head FROM ayumi_notebooks WHERE id = $1 AND last > 0";
        let statement = client.prepare_cached(sql).await.map_err(failed)?;
        let Some(row) = client.query_opt(&statement, &[&&notebook.as_bytes()[..]]).await.map_err(failed)? else {
            return Ok(None);
        };
        let head: Vec<u8> = row.get(0);
        if let Some(known) = self.chains.get(notebook)
            && known.head()[..] == head[..]
        {
            return Ok(Some(known));
        }
        // Another process may append meanwhile: every use of a cached chain compares its head first.
        let state = read::chain(&client, notebook).await?.map(Arc::new);
        Ok(state.inspect(|state| self.chains.put(state.clone())))
    }

    async fn page(&self, request: PageRequest) -> LogResult<Page> {
        read::page(&connection(&self.pool).await?, &request).await
    }

    async fn put_chunk(&self, chunk: Chunk) -> LogResult<BlobReply> {
        chunks::put_chunk(&mut connection(&self.pool).await?, self.quota, &chunk).await
    }

    async fn blob(&self, notebook: NotebookId, name: BlobName, from: Option<u32>) -> LogResult<BlobReply> {
        read::blob(&connection(&self.pool).await?, notebook, &name, from).await
    }

    async fn gather(&self, notebook: NotebookId, names: Vec<BlobName>) -> LogResult<Vec<Vec<u8>>> {
        read::gather(&connection(&self.pool).await?, notebook, &names).await
    }

    async fn drop_blob(&self, notebook: NotebookId, name: BlobName) -> LogResult<()> {
        chunks::drop_blob(&mut connection(&self.pool).await?, notebook, &name).await
    }

    async fn fill_drawer(&self, drawer: KeyId, edition: u64, sealed: Vec<u8>, now_ms: u64) -> LogResult<DrawerReply> {
        let client = connection(&self.pool).await?;
        let edition = i64::try_from(edition).map_err(|_| LogError::Quota)?;
        let sql = "INSERT INTO ayumi_drawers (id, edition, sealed, opened_at) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (id) DO UPDATE SET edition = excluded.edition, sealed = excluded.sealed, opened_at = excluded.opened_at
                   WHERE excluded.edition > ayumi_drawers.edition";
        client.execute(sql, &[&&drawer.0[..], &edition, &sealed, &number(now_ms)]).await.map_err(failed)?;
        Ok(read::drawer(&client, drawer).await?.0)
    }

    async fn drawer(&self, drawer: KeyId, now_ms: u64) -> LogResult<DrawerReply> {
        let client = connection(&self.pool).await?;
        let (content, opened_at) = read::drawer(&client, drawer).await?;
        if is_a_new_visit(opened_at, now_ms) {
            let sql = "UPDATE ayumi_drawers SET opened_at = $2 WHERE id = $1";
            client.execute(sql, &[&&drawer.0[..], &number(now_ms)]).await.map_err(failed)?;
        }
        Ok(content)
    }

    async fn put_release(&self, release: Release) -> LogResult<()> {
        releases::put(&mut connection(&self.pool).await?, &release).await
    }

    async fn release(&self, notebook: NotebookId, holder: KeyId) -> LogResult<Option<ReleaseKey>> {
        releases::get(&connection(&self.pool).await?, notebook, holder).await
    }

    async fn last_taken(&self) -> LogResult<u64> {
        read::last_taken(&connection(&self.pool).await?).await
    }

    async fn ready(&self) -> bool {
        match connection(&self.pool).await {
            Ok(client) => client.simple_query("SELECT 1").await.is_ok(),
            Err(_) => false,
        }
    }
}

/// Makes a pool of so many connections at most; none is opened yet.
pub(crate) fn pool(address: &Address, most: usize) -> LogResult<Pool> {
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(address.config()?, address.tls()?, recycling);
    Pool::builder(manager).max_size(most).build().map_err(|_| LogError::Unavailable)
}

/// Makes the schema of a new database, reads or makes the store's epoch, and finds its key: one process after the other.
async fn prepare(client: &mut Object, keys: &Keys) -> Result<Signer, OpenError> {
    let transaction = client.transaction().await.map_err(failed)?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&SCHEMA_LOCK]).await.map_err(failed)?;
    let there = transaction.query_one("SELECT to_regclass('ayumi_meta') IS NOT NULL", &[]).await.map_err(failed)?;
    if !there.get::<_, bool>(0) {
        transaction.batch_execute(include_str!("schema.sql")).await.map_err(failed)?;
    }
    let version = transaction.query_one("SELECT value FROM ayumi_meta WHERE key = 'version'", &[]).await;
    if version.map_err(failed)?.get::<_, Vec<u8>>(0) != [2] {
        return Err(OpenError::Unavailable);
    }
    let fresh = random::<16>()?.to_vec();
    let sql = "INSERT INTO ayumi_meta (key, value) VALUES ('store_epoch', $1) ON CONFLICT DO NOTHING";
    transaction.execute(sql, &[&fresh]).await.map_err(failed)?;
    let sql = "SELECT (SELECT value FROM ayumi_meta WHERE key = 'store_epoch'), (SELECT value FROM ayumi_meta WHERE key = 'server_key')";
    let row = transaction.query_one(sql, &[]).await.map_err(failed)?;
    let (epoch, known): (Vec<u8>, Option<Vec<u8>>) = (row.get(0), row.get(1));
    let epoch = epoch.try_into().map_err(|_| OpenError::Unavailable)?;
    let known = known.map(|key| key.try_into().map_err(|_| OpenError::Unavailable)).transpose()?;
    let (signer, now) = keys.signer(known, epoch)?;
    if let Some(now) = now {
        let sql = "INSERT INTO ayumi_meta (key, value) VALUES ('server_key', $1)
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        transaction.execute(sql, &[&now.to_vec()]).await.map_err(failed)?;
    }
    transaction.commit().await.map_err(failed)?;
    Ok(signer)
}
