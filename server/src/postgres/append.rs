//! Appends. All waiting jobs share one transaction of five queries, whatever its size: lock the notebooks, read the
//! ends of the authors' chains, write rows, ends, heads. The same pure functions as in every store decide in memory
//! which entries are accepted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ayumi_channel::compact::PartAt;
use ayumi_protocol::NotebookId;
use ayumi_protocol::accept::{Refusal, Tail, Taken, accept};
use ayumi_protocol::blob::BlobReply;
use ayumi_protocol::control::{State, Statement};
use ayumi_protocol::envelope::Envelope;
use ayumi_protocol::key::KeyId;
use ayumi_protocol::prefix::{Prefix, extend};
use deadpool_postgres::{GenericClient, Object, Pool, Transaction};
use tokio::sync::{Mutex, mpsc, oneshot};

use super::connection::{connection, failed, number};
use super::read;
use crate::chains::Chains;
use crate::log::{Appended, Chunk, Entry, LogError, LogResult, Place};

/// The most jobs in one transaction.
const TOGETHER: usize = 128;

/// Entries to append to one notebook.
pub(super) struct Job {
    pub(super) notebook: NotebookId,
    pub(super) entries: Vec<Entry>,
    pub(super) now_ms: u64,
    pub(super) answer: oneshot::Sender<LogResult<Appended>>,
}

type Jobs = Arc<Mutex<mpsc::UnboundedReceiver<Job>>>;

/// Runs one of several writers: gathers jobs, writes them, replies, until all senders are dropped.
pub(super) async fn write(pool: Pool, jobs: Jobs, chains: Arc<Chains>, quota: u64) {
    loop {
        let mut gathered = Vec::new();
        if jobs.lock().await.recv_many(&mut gathered, TOGETHER).await == 0 {
            return;
        }
        // Who stopped waiting will try again.
        gathered.retain(|job| !job.answer.is_closed());
        let Ok(mut client) = connection(&pool).await else {
            gathered.into_iter().for_each(|job| _ = job.answer.send(Err(LogError::Unavailable)));
            continue;
        };
        let written = written(&mut client, &gathered, &chains, quota).await;
        // One that fails keeps no other one back: then each is tried by itself.
        let answers = match written {
            Ok(answers) => answers,
            Err(_) if gathered.len() == 1 => vec![Err(LogError::Unavailable)],
            Err(_) => {
                let mut answers = Vec::with_capacity(gathered.len());
                for job in &gathered {
                    let alone = written_alone(&mut client, job, &chains, quota).await;
                    answers.push(alone);
                }
                answers
            }
        };
        for (job, answer) in gathered.into_iter().zip(answers) {
            let _ = job.answer.send(answer);
        }
    }
}

/// Writes jobs in one transaction. After an error nothing was stored.
async fn written(
    client: &mut Object,
    jobs: &[Job],
    chains: &Chains,
    quota: u64,
) -> LogResult<Vec<LogResult<Appended>>> {
    together(client, jobs, chains, quota).await.inspect_err(|_| chains.forget())
}

async fn written_alone(client: &mut Object, job: &Job, chains: &Chains, quota: u64) -> LogResult<Appended> {
    let mut answers = written(client, std::slice::from_ref(job), chains, quota).await?;
    answers.pop().unwrap_or(Err(LogError::Unavailable))
}

/// A notebook that a transaction has locked.
struct LockedNotebook {
    state: Option<Arc<State>>,
    bytes: u64,
    last: u64,
    prefix: Prefix,
}

impl LockedNotebook {
    /// Assigns the next position of the log.
    fn next(&mut self, bytes: usize, hash: &[u8; 32]) -> (u64, Prefix) {
        self.bytes += bytes as u64;
        self.last += 1;
        self.prefix = extend(&self.prefix, hash);
        (self.last, self.prefix)
    }
}

/// The data of one transaction: read state, and rows to write.
struct Work {
    notebooks: BTreeMap<NotebookId, LockedNotebook>,
    tails: BTreeMap<(NotebookId, KeyId), Tail>,
    rows: Vec<NewRow>,
    quota: u64,
}

struct NewRow {
    notebook: NotebookId,
    position: u64,
    control: bool,
    author: KeyId,
    sequence: u64,
    hash: [u8; 32],
    taken_at: u64,
    body: Vec<u8>,
    prefix: Prefix,
}

async fn together(
    client: &mut Object,
    jobs: &[Job],
    chains: &Chains,
    quota: u64,
) -> LogResult<Vec<LogResult<Appended>>> {
    let tx = client.transaction().await.map_err(failed)?;
    let mut work = begin(&tx, jobs, chains, quota).await?;
    let mut answers = Vec::with_capacity(jobs.len());
    for job in jobs {
        answers.push(take(&tx, &mut work, job).await?);
    }
    finish(&tx, &work).await?;
    tx.commit().await.map_err(failed)?;
    for state in work.notebooks.into_values().filter_map(|locked| locked.state) {
        chains.put(state);
    }
    Ok(answers)
}

/// Locks the notebooks and reads their state; in the order of their ids, so that two transactions never deadlock.
async fn begin(tx: &Transaction<'_>, jobs: &[Job], chains: &Chains, quota: u64) -> LogResult<Work> {
    let ids: BTreeSet<NotebookId> = jobs.iter().map(|job| job.notebook).collect();
    let ids: Vec<&[u8]> = ids.iter().map(|id| &id.as_bytes()[..]).collect();
    let founding: BTreeSet<NotebookId> = jobs
        .iter()
        .filter(|job| matches!(job.entries.first(), Some(Entry::Statement(s)) if s.previous == [0; 32]))
        .map(|job| job.notebook)
        .collect();
    if !founding.is_empty() {
        let founding: Vec<&[u8]> = founding.iter().map(|id| &id.as_bytes()[..]).collect();
        let sql = "INSERT INTO ayumi_notebooks (id, bytes, last, head, prefix)
                   SELECT id, 0, 0, '', decode(repeat('00', 16), 'hex') FROM unnest($1::bytea[]) AS new (id) ORDER BY id ON CONFLICT DO NOTHING";
        tx.execute(sql, &[&founding]).await.map_err(failed)?;
    }
    let authors: BTreeSet<(NotebookId, KeyId)> = jobs
        .iter()
        .flat_map(|job| job.entries.iter().map(|entry| (job.notebook, entry)))
        .filter_map(|(notebook, entry)| match entry {
            Entry::Envelope(envelope) => Some((notebook, envelope.header.author)),
            Entry::Statement(_) => None,
        })
        .collect();
    let notebooks: Vec<&[u8]> = authors.iter().map(|(notebook, _)| &notebook.as_bytes()[..]).collect();
    let keys: Vec<&[u8]> = authors.iter().map(|(_, key)| &key.0[..]).collect();
    let lock = "SELECT id, bytes, last, head, prefix FROM ayumi_notebooks WHERE id = ANY($1) ORDER BY id FOR UPDATE";
    let lock = tx.prepare_cached(lock).await.map_err(failed)?;
    let ends =
        "SELECT t.notebook, t.author, t.sequence, t.hash FROM unnest($1::bytea[], $2::bytea[]) AS a (notebook, author)
                JOIN ayumi_tails t ON t.notebook = a.notebook AND t.author = a.author";
    let ends = tx.prepare_cached(ends).await.map_err(failed)?;
    // The ends are read after the locks are held: the server runs the queries of one connection in order.
    let locked_params: [&(dyn tokio_postgres::types::ToSql + Sync); 1] = [&ids];
    let ends_params: [&(dyn tokio_postgres::types::ToSql + Sync); 2] = [&notebooks, &keys];
    let (locked, tails) =
        tokio::try_join!(tx.query(&lock, &locked_params), tx.query(&ends, &ends_params)).map_err(failed)?;
    let mut work = Work { notebooks: BTreeMap::new(), tails: BTreeMap::new(), rows: Vec::new(), quota };
    for row in locked {
        let id = NotebookId::from_slice(row.get(0)).map_err(|_| LogError::Unavailable)?;
        let last: i64 = row.get(2);
        let head: &[u8] = row.get(3);
        let known = chains.get(id).filter(|state| state.head()[..] == *head);
        let state = match known {
            Some(known) => Some(known),
            None if last == 0 => None,
            None => read::chain(tx, id).await?.map(Arc::new),
        };
        let positive = |value: i64| u64::try_from(value).unwrap_or(0);
        let prefix = row.get::<_, &[u8]>(4).try_into().map_err(|_| LogError::Unavailable)?;
        work.notebooks.insert(id, LockedNotebook { state, bytes: positive(row.get(1)), last: positive(last), prefix });
    }
    for row in tails {
        let id = NotebookId::from_slice(row.get(0)).map_err(|_| LogError::Unavailable)?;
        let author = KeyId(row.get::<_, &[u8]>(1).try_into().map_err(|_| LogError::Unavailable)?);
        let sequence = u64::try_from(row.get::<_, i64>(2)).unwrap_or(0);
        work.tails.insert((id, author), Tail { sequence, hash: read::hash_of(row.get(3))? });
    }
    Ok(work)
}

/// Runs one job, up to its first refused entry.
async fn take(tx: &Transaction<'_>, work: &mut Work, job: &Job) -> LogResult<LogResult<Appended>> {
    let before = work.notebooks.get(&job.notebook).map_or_else(Default::default, |locked| (locked.last, locked.prefix));
    let mut answers = Vec::with_capacity(job.entries.len());
    for entry in &job.entries {
        let taken = match entry {
            Entry::Statement(statement) => take_statement(tx, work, statement, job.now_ms).await,
            Entry::Envelope(envelope) => take_envelope(tx, work, envelope, job.now_ms).await,
        };
        match taken {
            Err(LogError::Unavailable) => return Err(LogError::Unavailable),
            Err(LogError::NoNotebook) => return Ok(Err(LogError::NoNotebook)),
            Err(refused) => {
                answers.push(Err(refused));
                break;
            }
            Ok(place) => answers.push(Ok(place)),
        }
    }
    let state = work.notebooks.get(&job.notebook).and_then(|locked| locked.state.as_ref());
    let head = state.map(|state| state.head()).unwrap_or_default();
    Ok(Ok(Appended { answers, before, head }))
}

async fn take_statement(tx: &Transaction<'_>, work: &mut Work, statement: &Statement, now_ms: u64) -> LogResult<Place> {
    let (notebook, hash) = (statement.notebook, statement.hash());
    let locked = work.notebooks.get_mut(&notebook).ok_or(LogError::NoNotebook)?;
    let next = match &locked.state {
        None => State::founded(statement)?,
        Some(state) if state.knows_head(&hash) => {
            if let Some(row) = work.rows.iter().find(|row| row.notebook == notebook && row.hash == hash) {
                return Ok((row.position, hash));
            }
            let sql = "SELECT position FROM ayumi_log WHERE notebook = $1 AND control AND hash = $2";
            let row = tx.query_one(sql, &[&&notebook.as_bytes()[..], &&hash[..]]).await.map_err(failed)?;
            return Ok((u64::try_from(row.get::<_, i64>(0)).unwrap_or(0), hash));
        }
        Some(state) => state.after(statement)?,
    };
    locked.state = Some(Arc::new(next));
    let body = statement.to_bytes();
    let (position, prefix) = locked.next(body.len(), &hash);
    let (author, taken_at) = (statement.author, now_ms);
    work.rows.push(NewRow { notebook, position, control: true, author, sequence: 0, hash, taken_at, body, prefix });
    Ok((position, hash))
}

async fn take_envelope(tx: &Transaction<'_>, work: &mut Work, envelope: &Envelope, now_ms: u64) -> LogResult<Place> {
    let (header, hash) = (&envelope.header, envelope.hash());
    let (notebook, author, sequence) = (header.notebook, header.author, header.sequence);
    if i64::try_from(sequence).is_err() {
        return Err(Refusal::Taken.into());
    }
    let locked = work.notebooks.get_mut(&notebook).ok_or(LogError::NoNotebook)?;
    let state = locked.state.as_ref().ok_or(LogError::NoNotebook)?;
    let tail = work.tails.get(&(notebook, author)).copied().unwrap_or_default();
    let mut there = None;
    if sequence <= tail.sequence {
        let mine = |row: &&NewRow| {
            row.notebook == notebook && !row.control && row.author == author && row.sequence == sequence
        };
        there = work.rows.iter().find(mine).map(|row| (row.hash, row.position));
        if there.is_none() {
            let sql = "SELECT hash, position FROM ayumi_log WHERE notebook = $1 AND author = $2 AND sequence = $3 AND NOT control";
            let row = tx.query_opt(sql, &[&&notebook.as_bytes()[..], &&author.0[..], &number(sequence)]).await;
            if let Some(row) = row.map_err(failed)? {
                there = Some((read::hash_of(row.get(0))?, u64::try_from(row.get::<_, i64>(1)).unwrap_or(0)));
            }
        }
    }
    match accept(envelope, state, there.as_ref().map(|(hash, _)| hash), &tail, &locked.prefix, now_ms)? {
        Taken::Again => there.map(|(hash, position)| (position, hash)).ok_or(LogError::Unavailable),
        Taken::New => {
            let body = envelope.to_bytes();
            if locked.bytes + body.len() as u64 > work.quota {
                return Err(LogError::Quota);
            }
            let (position, prefix) = locked.next(body.len(), &hash);
            work.tails.insert((notebook, author), Tail { sequence, hash });
            if let Some(part) = PartAt::of(envelope, position) {
                let sql =
                    "INSERT INTO ayumi_parts (notebook, position, author, number, total) VALUES ($1, $2, $3, $4, $5)";
                let (id, author) = (&notebook.as_bytes()[..], &author.0[..]);
                let (number, of) = (i32::from(part.number), i32::from(part.of));
                tx.execute(sql, &[&id, &self::number(position), &author, &number, &of]).await.map_err(failed)?;
            }
            work.rows.push(NewRow {
                notebook,
                position,
                control: false,
                author,
                sequence,
                hash,
                taken_at: now_ms,
                body,
                prefix,
            });
            Ok((position, hash))
        }
    }
}

/// Writes rows, ends and heads; the three queries are sent together.
async fn finish(tx: &Transaction<'_>, work: &Work) -> LogResult<()> {
    if work.rows.is_empty() {
        return Ok(());
    }
    let rows = &work.rows;
    let notebooks: Vec<&[u8]> = rows.iter().map(|row| &row.notebook.as_bytes()[..]).collect();
    let positions: Vec<i64> = rows.iter().map(|row| number(row.position)).collect();
    let controls: Vec<bool> = rows.iter().map(|row| row.control).collect();
    let authors: Vec<&[u8]> = rows.iter().map(|row| &row.author.0[..]).collect();
    let sequences: Vec<i64> = rows.iter().map(|row| number(row.sequence)).collect();
    let hashes: Vec<&[u8]> = rows.iter().map(|row| &row.hash[..]).collect();
    let times: Vec<i64> = rows.iter().map(|row| number(row.taken_at)).collect();
    let bodies: Vec<&[u8]> = rows.iter().map(|row| &row.body[..]).collect();
    let prefixes: Vec<&[u8]> = rows.iter().map(|row| &row.prefix[..]).collect();
    let insert = "INSERT INTO ayumi_log (notebook, position, control, author, sequence, hash, taken_at, body, prefix)
                  SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::boolean[], $4::bytea[], $5::bigint[], $6::bytea[], $7::bigint[], $8::bytea[], $9::bytea[])";
    let insert = tx.prepare_cached(insert).await.map_err(failed)?;

    let written: BTreeSet<(NotebookId, KeyId)> =
        rows.iter().filter(|row| !row.control).map(|row| (row.notebook, row.author)).collect();
    let ends: Vec<_> = work.tails.iter().filter(|(key, _)| written.contains(key)).collect();
    let end_notebooks: Vec<&[u8]> = ends.iter().map(|((notebook, _), _)| &notebook.as_bytes()[..]).collect();
    let end_keys: Vec<&[u8]> = ends.iter().map(|((_, key), _)| &key.0[..]).collect();
    let end_sequences: Vec<i64> = ends.iter().map(|(_, tail)| number(tail.sequence)).collect();
    let end_hashes: Vec<&[u8]> = ends.iter().map(|(_, tail)| &tail.hash[..]).collect();
    let tails = "INSERT INTO ayumi_tails (notebook, author, sequence, hash)
                 SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::bytea[])
                 ON CONFLICT (notebook, author) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash";
    let tails = tx.prepare_cached(tails).await.map_err(failed)?;

    let touched: BTreeSet<NotebookId> = rows.iter().map(|row| row.notebook).collect();
    let locked: Vec<(&NotebookId, &LockedNotebook)> =
        work.notebooks.iter().filter(|(id, _)| touched.contains(id)).collect();
    let ids: Vec<&[u8]> = locked.iter().map(|(id, _)| &id.as_bytes()[..]).collect();
    let bytes: Vec<i64> = locked.iter().map(|(_, locked)| number(locked.bytes)).collect();
    let lasts: Vec<i64> = locked.iter().map(|(_, locked)| number(locked.last)).collect();
    let heads: Vec<Vec<u8>> = locked
        .iter()
        .map(|(_, locked)| locked.state.as_ref().map_or_else(Vec::new, |state| state.head().to_vec()))
        .collect();
    let update = "UPDATE ayumi_notebooks n SET bytes = u.bytes, last = u.last, head = u.head, prefix = u.prefix
                  FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bytea[]) AS u (id, bytes, last, head, prefix)
                  WHERE n.id = u.id";
    let update = tx.prepare_cached(update).await.map_err(failed)?;

    let insert_params: [&(dyn tokio_postgres::types::ToSql + Sync); 9] =
        [&notebooks, &positions, &controls, &authors, &sequences, &hashes, &times, &bodies, &prefixes];
    let tails_params: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
        [&end_notebooks, &end_keys, &end_sequences, &end_hashes];
    let ends: Vec<&[u8]> = locked.iter().map(|(_, locked)| &locked.prefix[..]).collect();
    let update_params: [&(dyn tokio_postgres::types::ToSql + Sync); 5] = [&ids, &bytes, &lasts, &heads, &ends];
    tokio::try_join!(
        tx.execute(&insert, &insert_params),
        tx.execute(&tails, &tails_params),
        tx.execute(&update, &update_params)
    )
    .map_err(failed)?;
    Ok(())
}

/// Stores a chunk; the notebook's row is the lock for its quota.
pub(super) async fn put_chunk(client: &mut Object, quota: u64, chunk: &Chunk) -> LogResult<BlobReply> {
    let tx = client.transaction().await.map_err(failed)?;
    let (id, name) = (&chunk.notebook.as_bytes()[..], &chunk.name[..]);
    let row =
        tx.query_opt("SELECT bytes FROM ayumi_notebooks WHERE id = $1 FOR UPDATE", &[&id]).await.map_err(failed)?;
    let used: i64 = row.ok_or(LogError::NoNotebook)?.get(0);
    let there = read::blob(&tx, chunk.notebook, &chunk.name, None).await?;
    // Another total means other content under the same name: the first stays.
    if there.of == 0 || there.of == chunk.of {
        let sql = "INSERT INTO ayumi_chunks (notebook, name, number, total, body) VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT DO NOTHING";
        let int = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
        let params: [&(dyn tokio_postgres::types::ToSql + Sync); 5] =
            [&id, &name, &int(chunk.number), &int(chunk.of), &chunk.bytes];
        if tx.execute(sql, &params).await.map_err(failed)? == 1 {
            let used = used + number(chunk.bytes.len() as u64);
            if used > number(quota) {
                return Err(LogError::Quota);
            }
            tx.execute("UPDATE ayumi_notebooks SET bytes = $2 WHERE id = $1", &[&id, &used]).await.map_err(failed)?;
        }
    }
    let reply = read::blob(&tx, chunk.notebook, &chunk.name, None).await?;
    tx.commit().await.map_err(failed)?;
    Ok(reply)
}
