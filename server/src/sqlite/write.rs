//! The one writer. Jobs that have gathered while the disk was busy are committed together; nobody is answered before.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use ayumi_protocol::NotebookId;
use ayumi_protocol::accept::{Tail, Taken, accept};
use ayumi_protocol::control::{self, State, Statement};
use ayumi_protocol::envelope::{Envelope, Receipt};
use ayumi_protocol::key::Hash;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use super::failed;
use crate::log::LogError;
use crate::signer::Signer;

/// Jobs in one transaction at most.
const TOGETHER: usize = 256;
/// Chains kept in memory at most.
const CHAINS: usize = 10_000;

/// Where an answer goes.
type Answer<T> = oneshot::Sender<Result<T, LogError>>;

/// Something to take.
pub(super) enum Job {
    /// A control statement.
    Statement { statement: Statement, now_ms: u64, answer: Answer<u64> },
    /// An envelope.
    Envelope { envelope: Envelope, now_ms: u64, answer: Answer<Receipt> },
}

/// An answer that waits for the commit.
enum Ready {
    Statement(Answer<u64>, Result<u64, LogError>),
    Envelope(Answer<Receipt>, Result<Receipt, LogError>),
}

impl Ready {
    fn failed(&self) -> bool {
        let failed = Some(&LogError::Unavailable);
        match self {
            Self::Statement(_, result) => result.as_ref().err() == failed,
            Self::Envelope(_, result) => result.as_ref().err() == failed,
        }
    }

    /// Sends it; after a failed commit nothing was taken. Whoever does not wait any more asks again.
    fn send(self, committed: bool) {
        match self {
            Self::Statement(answer, result) => {
                _ = answer.send(if committed { result } else { Err(LogError::Unavailable) })
            }
            Self::Envelope(answer, result) => {
                _ = answer.send(if committed { result } else { Err(LogError::Unavailable) })
            }
        }
    }
}

/// Writes.
pub(super) struct Writer {
    connection: Connection,
    signer: Arc<Signer>,
    quota: u64,
    /// Chains as they are after what was written; thrown away when a commit fails.
    chains: HashMap<NotebookId, State>,
}

impl Writer {
    pub(super) fn new(connection: Connection, signer: Arc<Signer>, quota: u64) -> Self {
        Self { connection, signer, quota, chains: HashMap::new() }
    }

    /// Until nobody can send jobs any more.
    pub(super) fn run(&mut self, jobs: &Receiver<Job>) {
        while let Ok(first) = jobs.recv() {
            let gathered: Vec<Job> = std::iter::once(first).chain(jobs.try_iter().take(TOGETHER - 1)).collect();
            self.write(gathered);
        }
    }

    fn write(&mut self, jobs: Vec<Job>) {
        let mut ready = Vec::with_capacity(jobs.len());
        let (signer, quota, chains) = (&self.signer, self.quota, &mut self.chains);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let committed = match transaction {
            Ok(transaction) => {
                for job in jobs {
                    ready.push(match job {
                        Job::Statement { statement, now_ms, answer } => {
                            Ready::Statement(answer, take_statement(&transaction, chains, quota, &statement, now_ms))
                        }
                        Job::Envelope { envelope, now_ms, answer } => {
                            let taken = take_envelope(&transaction, chains, quota, &envelope, now_ms);
                            let notebook = envelope.header.notebook;
                            let receipt = taken.map(|(position, hash)| signer.receipt(notebook, position, hash));
                            Ready::Envelope(answer, receipt)
                        }
                    });
                }
                // One that failed half-way must leave nothing: then nothing of the lot is taken, and all ask again.
                !ready.iter().any(Ready::failed) && transaction.commit().is_ok()
            }
            Err(_) => {
                ready.extend(jobs.into_iter().map(|job| match job {
                    Job::Statement { answer, .. } => Ready::Statement(answer, Err(LogError::Unavailable)),
                    Job::Envelope { answer, .. } => Ready::Envelope(answer, Err(LogError::Unavailable)),
                }));
                false
            }
        };
        if !committed || chains.len() > CHAINS {
            chains.clear();
        }
        ready.into_iter().for_each(|answer| answer.send(committed));
    }
}

/// The chain as it is now; `None` for a notebook that is not here.
fn chain<'c>(
    tx: &Transaction<'_>,
    chains: &'c mut HashMap<NotebookId, State>,
    notebook: NotebookId,
) -> Result<Option<&'c State>, LogError> {
    Ok(match chains.entry(notebook) {
        Entry::Occupied(known) => Some(known.into_mut()),
        Entry::Vacant(place) => read_chain(tx, notebook)?.map(|state| &*place.insert(state)),
    })
}

fn read_chain(tx: &Transaction<'_>, notebook: NotebookId) -> Result<Option<State>, LogError> {
    let sql = "SELECT body, taken_at FROM log WHERE notebook = ?1 AND control = 1 ORDER BY position";
    let mut statement = tx.prepare_cached(sql).map_err(failed)?;
    let rows = statement.query_map([notebook.as_bytes()], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?)));
    let mut statements: Vec<(Statement, u64)> = Vec::new();
    for row in rows.map_err(failed)? {
        let (body, taken_at) = row.map_err(failed)?;
        statements.push((Statement::from_bytes(&body).map_err(|_| LogError::Unavailable)?, taken_at));
    }
    if statements.is_empty() {
        return Ok(None);
    }
    let read = control::read_chain(statements.iter().map(|(statement, at)| (statement, *at)));
    read.map(Some).map_err(|_| LogError::Unavailable)
}

fn take_statement(
    tx: &Transaction<'_>,
    chains: &mut HashMap<NotebookId, State>,
    quota: u64,
    statement: &Statement,
    now_ms: u64,
) -> Result<u64, LogError> {
    let (notebook, hash) = (statement.notebook, statement.hash());
    let next = match chain(tx, chains, notebook)? {
        None => State::founded(statement)?,
        Some(state) if state.knows_head(&hash) => return position_of(tx, notebook, &hash),
        Some(state) => state.after(statement, now_ms)?,
    };
    let row = Row { control: true, author: &statement.author.0, sequence: 0, hash: &hash, body: &statement.to_bytes() };
    let position = insert(tx, notebook, quota, now_ms, &row)?;
    chains.insert(notebook, next);
    Ok(position)
}

fn position_of(tx: &Transaction<'_>, notebook: NotebookId, hash: &Hash) -> Result<u64, LogError> {
    let sql = "SELECT position FROM log WHERE notebook = ?1 AND control = 1 AND hash = ?2";
    tx.query_row(sql, (notebook.as_bytes(), hash), |row| row.get(0)).map_err(failed)
}

fn take_envelope(
    tx: &Transaction<'_>,
    chains: &mut HashMap<NotebookId, State>,
    quota: u64,
    envelope: &Envelope,
    now_ms: u64,
) -> Result<(u64, Hash), LogError> {
    let (header, hash) = (&envelope.header, envelope.hash());
    let state = chain(tx, chains, header.notebook)?.ok_or(LogError::NoNotebook)?;
    let (notebook, author) = (header.notebook.as_bytes(), &header.author.0);
    let sequence = i64::try_from(header.sequence).map_err(|_| ayumi_protocol::accept::Refusal::Taken)?;
    let sql = "SELECT hash, position FROM log WHERE notebook = ?1 AND author = ?2 AND sequence = ?3 AND control = 0";
    let mut known = tx.prepare_cached(sql).map_err(failed)?;
    let there =
        known.query_row((notebook, author, sequence), |row| Ok((row.get::<_, Hash>(0)?, row.get::<_, u64>(1)?)));
    let there = there.optional().map_err(failed)?;
    let sql = "SELECT sequence, hash FROM log WHERE notebook = ?1 AND author = ?2 AND control = 0
               ORDER BY sequence DESC LIMIT 1";
    let mut last = tx.prepare_cached(sql).map_err(failed)?;
    let tail = last.query_row((notebook, author), |row| Ok(Tail { sequence: row.get(0)?, hash: row.get(1)? }));
    let tail = tail.optional().map_err(failed)?.unwrap_or_default();
    let position = match accept(envelope, state, there.as_ref().map(|(hash, _)| hash), &tail, now_ms)? {
        Taken::Again => there.map(|(_, position)| position).ok_or(LogError::Unavailable)?,
        Taken::New => {
            let row = Row { control: false, author, sequence, hash: &hash, body: &envelope.to_bytes() };
            insert(tx, header.notebook, quota, now_ms, &row)?
        }
    };
    Ok((position, hash))
}

/// A row to write.
struct Row<'a> {
    control: bool,
    author: &'a [u8; 16],
    sequence: i64,
    hash: &'a Hash,
    body: &'a [u8],
}

fn insert(tx: &Transaction<'_>, notebook: NotebookId, quota: u64, now_ms: u64, row: &Row<'_>) -> Result<u64, LogError> {
    let id = notebook.as_bytes();
    let mut used = tx.prepare_cached("SELECT bytes FROM notebooks WHERE id = ?1").map_err(failed)?;
    let used: u64 = used.query_row([id], |row| row.get(0)).optional().map_err(failed)?.unwrap_or(0);
    let used = used + row.body.len() as u64;
    // Statements are always taken: a family must be able to remove somebody whatever the quota says.
    if used > quota && !row.control {
        return Err(LogError::Quota);
    }
    let mut last =
        tx.prepare_cached("SELECT coalesce(max(position), 0) + 1 FROM log WHERE notebook = ?1").map_err(failed)?;
    let position: u64 = last.query_row([id], |row| row.get(0)).map_err(failed)?;
    let sql = "INSERT INTO log (notebook, position, control, author, sequence, hash, taken_at, body)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let mut write = tx.prepare_cached(sql).map_err(failed)?;
    write.execute((id, position, row.control, row.author, row.sequence, row.hash, now_ms, row.body)).map_err(failed)?;
    let sql = "INSERT INTO notebooks (id, bytes) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET bytes = excluded.bytes";
    tx.prepare_cached(sql).map_err(failed)?.execute((id, used)).map_err(failed)?;
    Ok(position)
}
