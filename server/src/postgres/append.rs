//! Appends. All waiting jobs share one transaction of five queries, whatever its size: lock the notebooks, read the
//! ends of the authors' chains, write rows, ends, heads. The same pure functions as in every store decide in memory
//! which entries are accepted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ayumi_protocol::accept::{Bearer, Known, Refusal, Taken, accept, latest_reading};
use ayumi_protocol::control::{State, Statement};
use ayumi_protocol::end::End;
use ayumi_protocol::envelope::{Envelope, Frame, Header, Tail};
use ayumi_protocol::key::{Hash, KeyId};
use ayumi_protocol::opening::Remnant;
use ayumi_protocol::{Hlc, NotebookId};
use deadpool_postgres::{GenericClient, Object, Pool, Transaction};
use tokio::sync::{Mutex, mpsc, oneshot};

use super::connection::{connection, failed, number};
use super::work::{AuthorEnd, LockedNotebook, NewItem, NewRow, Rules, Work};
use super::{admission, erasing, read};
use crate::author::{AuthorTail, check_cutoff};
use crate::chains::Chains;
use crate::gone::goes_at;
use crate::log::{Appended, Entry, LogError, LogResult, Place, Terms, codes_gone, fits, kept_form, latest_for};

/// The most jobs in one transaction.
const TOGETHER: usize = 128;

/// Entries to append to one notebook.
pub(super) struct Job {
    pub(super) notebook: NotebookId,
    pub(super) entries: Vec<Entry>,
    pub(super) now_ms: u64,
    pub(super) terms: Terms,
    pub(super) answer: oneshot::Sender<LogResult<Appended>>,
}

type Jobs = Arc<Mutex<mpsc::UnboundedReceiver<Job>>>;

/// Runs one of several writers: gathers jobs, writes them, replies, until all senders are dropped.
pub(super) async fn write(pool: Pool, jobs: Jobs, chains: Arc<Chains>, rules: Rules) {
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
        let written = written(&mut client, &gathered, &chains, &rules).await;
        // One that fails keeps no other one back: then each is tried by itself.
        let answers = match written {
            Ok(answers) => answers,
            Err(_) if gathered.len() == 1 => vec![Err(LogError::Unavailable)],
            Err(_) => {
                let mut answers = Vec::with_capacity(gathered.len());
                for job in &gathered {
                    let alone = written_alone(&mut client, job, &chains, &rules).await;
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
    rules: &Rules,
) -> LogResult<Vec<LogResult<Appended>>> {
    together(client, jobs, chains, rules).await.inspect_err(|_| chains.forget())
}

async fn written_alone(client: &mut Object, job: &Job, chains: &Chains, rules: &Rules) -> LogResult<Appended> {
    let mut answers = written(client, std::slice::from_ref(job), chains, rules).await?;
    answers.pop().unwrap_or(Err(LogError::Unavailable))
}

async fn together(
    client: &mut Object,
    jobs: &[Job],
    chains: &Chains,
    rules: &Rules,
) -> LogResult<Vec<LogResult<Appended>>> {
    let tx = client.transaction().await.map_err(failed)?;
    let (answers, states) = append_in(&tx, jobs, chains, rules).await?;
    tx.commit().await.map_err(failed)?;
    states.into_iter().for_each(|state| chains.put(state));
    Ok(answers)
}

/// Runs jobs inside a transaction. Returns their results, and the chains as they stand when it is committed.
pub(super) async fn append_in(
    tx: &Transaction<'_>,
    jobs: &[Job],
    chains: &Chains,
    rules: &Rules,
) -> LogResult<(Vec<LogResult<Appended>>, Vec<Arc<State>>)> {
    let mut work = begin(tx, jobs, chains, rules).await?;
    let mut answers = Vec::with_capacity(jobs.len());
    for job in jobs {
        answers.push(take(tx, &mut work, job).await?);
    }
    finish(tx, &work).await?;
    note_closings(tx, &work).await?;
    drop_empty(tx, &work).await?;
    Ok((answers, work.notebooks.into_values().filter_map(|locked| locked.state).collect()))
}

/// Locks the notebooks and reads their state; in the order of their ids, so that two transactions never deadlock.
async fn begin(tx: &Transaction<'_>, jobs: &[Job], chains: &Chains, rules: &Rules) -> LogResult<Work> {
    let ids: BTreeSet<NotebookId> = jobs.iter().map(|job| job.notebook).collect();
    let ids: Vec<&[u8]> = ids.iter().map(|id| &id.as_bytes()[..]).collect();
    let founding: BTreeSet<NotebookId> = jobs
        .iter()
        .filter(|job| matches!(job.entries.first(), Some(Entry::Statement(s, _)) if s.previous == [0; 32]))
        .map(|job| job.notebook)
        .collect();
    if !founding.is_empty() {
        let founding: Vec<&[u8]> = founding.iter().map(|id| &id.as_bytes()[..]).collect();
        let sql = "INSERT INTO ayumi_notebooks (id, bytes, last, head, prefix, taken_at)
                   SELECT id, 0, 0, '', decode(repeat('00', 16), 'hex'), 0 FROM unnest($1::bytea[]) AS new (id) ORDER BY id ON CONFLICT DO NOTHING";
        tx.execute(sql, &[&founding]).await.map_err(failed)?;
    }
    let authors: BTreeSet<(NotebookId, KeyId)> = jobs
        .iter()
        .flat_map(|job| job.entries.iter().map(|entry| (job.notebook, entry)))
        .flat_map(|(notebook, entry)| {
            let authors = match entry {
                Entry::Envelope(envelope, _) => vec![envelope.header.author],
                Entry::Remnant(remnant, ..) => vec![remnant.frame.header.author],
                Entry::Statement(statement, _) => statement.cutoffs().map(|(author, _)| author).collect(),
            };
            authors.into_iter().map(move |author| (notebook, author))
        })
        .collect();
    let notebooks: Vec<&[u8]> = authors.iter().map(|(notebook, _)| &notebook.as_bytes()[..]).collect();
    let keys: Vec<&[u8]> = authors.iter().map(|(_, key)| &key.0[..]).collect();
    let lock = "SELECT id, bytes, last, head, prefix, taken_at, open_quota, closes_at FROM ayumi_notebooks WHERE id = ANY($1) ORDER BY id FOR UPDATE";
    let lock = tx.prepare_cached(lock).await.map_err(failed)?;
    let ends = "SELECT t.notebook, t.author, t.frame, t.two_tongues FROM unnest($1::bytea[], $2::bytea[]) AS a (notebook, author)
                JOIN ayumi_tails t ON t.notebook = a.notebook AND t.author = a.author";
    let ends = tx.prepare_cached(ends).await.map_err(failed)?;
    // The ends are read after the locks are held: the server runs the queries of one connection in order.
    let locked_params: [&(dyn tokio_postgres::types::ToSql + Sync); 1] = [&ids];
    let ends_params: [&(dyn tokio_postgres::types::ToSql + Sync); 2] = [&notebooks, &keys];
    let (locked, tails) =
        tokio::try_join!(tx.query(&lock, &locked_params), tx.query(&ends, &ends_params)).map_err(failed)?;
    let (notebooks, tails_known, rows, remnants) = (BTreeMap::new(), BTreeMap::new(), Vec::new(), BTreeMap::new());
    let mut work =
        Work { notebooks, tails: tails_known, rows, remnants, closings: BTreeSet::new(), rules: rules.clone() };
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
        let prefix = row.get::<_, &[u8]>(4).try_into().map_err(|_| LogError::Unavailable)?;
        let head = if last == 0 { Hash::default() } else { read::hash_of(head)? };
        let end = End { position: read::positive(last), prefix, head, taken_at: read::positive(row.get(5)) };
        let (bytes, open_quota) = (read::positive(row.get(1)), row.get::<_, Option<i64>>(6).map(read::positive));
        let closes_at = row.get::<_, Option<i64>>(7).map(read::positive);
        work.notebooks.insert(id, LockedNotebook { state, bytes, open_quota, closes_at, end });
    }
    for row in tails {
        let id = NotebookId::from_slice(row.get(0)).map_err(|_| LogError::Unavailable)?;
        let known = AuthorTail { tail: read::tail_of(row.get(2))?, two_tongues: row.get(3) };
        let end = AuthorEnd { known, frame: row.get(2), is_new: false };
        work.tails.insert((id, read::key_of(row.get(1))?), end);
    }
    Ok(work)
}

/// Runs one job, up to its first refused entry.
async fn take(tx: &Transaction<'_>, work: &mut Work, job: &Job) -> LogResult<LogResult<Appended>> {
    let before = work.notebooks.get(&job.notebook).map_or_else(End::default, |locked| locked.end);
    let mut answers = Vec::with_capacity(job.entries.len());
    for entry in &job.entries {
        let taken = match entry {
            Entry::Statement(statement, bearer) => take_statement(tx, work, (statement, *bearer), job).await,
            Entry::Envelope(envelope, bearer) => take_envelope(tx, work, envelope, *bearer, job.now_ms).await,
            Entry::Remnant(remnant, maker, bearer) => take_remnant(tx, work, (remnant, maker, *bearer), job).await,
        };
        match taken {
            Err(LogError::Unavailable) => return Err(LogError::Unavailable),
            // It is the first statement that did not found.
            Err(refused @ (LogError::NoNotebook | LogError::NoTicket | LogError::Gone)) => return Ok(Err(refused)),
            Err(refused) => {
                answers.push(Err(refused));
                break;
            }
            Ok(place) => answers.push(Ok(place)),
        }
    }
    let end = work.notebooks.get(&job.notebook).map_or_else(End::default, |locked| locked.end);
    Ok(Ok(Appended { answers, before, end }))
}

async fn take_statement(
    tx: &Transaction<'_>,
    work: &mut Work,
    (statement, bearer): (&Statement, Bearer),
    job: &Job,
) -> LogResult<Place> {
    let (notebook, hash) = (statement.notebook, statement.hash());
    let locked = work.notebooks.get_mut(&notebook).ok_or(LogError::NoNotebook)?;
    let next = match &locked.state {
        None => {
            let founded = State::founded(statement)?;
            locked.open_quota = admission::admit(tx, notebook, job.terms).await?;
            founded
        }
        Some(state) if state.knows_head(&hash) => {
            let new = work.rows.iter().find(|row| row.notebook == notebook && row.place.hash == hash);
            if let Some(row) = new {
                return Ok(row.place);
            }
            let sql = "SELECT position, taken_at FROM ayumi_log WHERE notebook = $1 AND control AND hash = $2";
            let row = tx.query_one(sql, &[&&notebook.as_bytes()[..], &&hash[..]]).await.map_err(failed)?;
            return Ok(Place { position: read::positive(row.get(0)), hash, taken_at: read::positive(row.get(1)) });
        }
        Some(state) => state.after(statement)?,
    };
    check_cutoff(statement, bearer, |author| {
        Ok::<_, LogError>(work.tails.get(&(notebook, author)).map(|end| end.known.tail).unwrap_or_default())
    })?;
    let (author, body) = (statement.author, statement.to_bytes());
    if !fits(locked.bytes + body.len() as u64, true, work.rules.quota, locked.open_quota) {
        return Err(LogError::Quota);
    }
    let server = &work.rules.server;
    let closes_at = goes_at(locked.closes_at, &next, server, locked.end.taken_at.max(job.now_ms));
    if closes_at != locked.closes_at {
        locked.closes_at = closes_at;
        work.closings.insert(notebook);
    }
    for code in codes_gone(locked.state.as_deref(), &next) {
        let sql = "DELETE FROM ayumi_releases WHERE notebook = $1 AND holder = $2";
        tx.execute(sql, &[&&notebook.as_bytes()[..], &&code.0[..]]).await.map_err(failed)?;
    }
    let next = Arc::new(next);
    locked.state = Some(next.clone());
    let item = NewItem { control: true, author, sequence: 0, attempt: 0, body, remnant: false };
    let place = work.push(notebook, hash, job.now_ms, item)?;
    erasing::drop_whole(tx, work, &next, statement).await?;
    Ok(place)
}

async fn take_envelope(
    tx: &Transaction<'_>,
    work: &mut Work,
    envelope: &Envelope,
    bearer: Bearer,
    now_ms: u64,
) -> LogResult<Place> {
    let frame = envelope.frame();
    let locked = work.notebooks.get(&frame.header.notebook).ok_or(LogError::NoNotebook)?;
    let state = locked.state.as_ref().ok_or(LogError::NoNotebook)?;
    let kept = kept_form(envelope, &frame, state);
    take_frame(tx, work, &frame, kept, (bearer, now_ms)).await
}

/// Takes a frame, and what comes with it.
async fn take_frame(
    tx: &Transaction<'_>,
    work: &mut Work,
    frame: &Frame,
    (body, remnant): (Vec<u8>, bool),
    (bearer, now_ms): (Bearer, u64),
) -> LogResult<Place> {
    let (header, hash) = (&frame.header, frame.hash());
    let (notebook, author, sequence, attempt) = (header.notebook, header.author, header.sequence, header.attempt);
    if i64::try_from(sequence).is_err() {
        return Err(Refusal::Taken.into());
    }
    let before = work.known_of(notebook, author);
    let mut there: Vec<Place> = Vec::new();
    if header.previous != before.tail.hash {
        let same = |row: &&NewRow| {
            !row.control
                && (row.notebook, row.author, row.attempt, row.sequence) == (notebook, author, attempt, sequence)
        };
        there = work.rows.iter().filter(same).map(|row| row.place).collect();
        there.extend(stored(tx, header).await?);
    }
    let mut named = None;
    if header.previous != before.tail.hash && sequence > 1 {
        let new = work.rows.iter().find(|row| row.notebook == notebook && row.place.hash == header.previous);
        named = match new {
            Some(row) => Some(read::tail_of(&row.body)?),
            None => tail_by_hash(tx, header).await?,
        };
    }
    let hashes = there.iter().map(|place| place.hash).collect();
    let ends = (before.tail, before.two_tongues);
    let known = Known::gather::<LogError>(frame, ends, |_, _| Ok(hashes), |_, _| Ok(named))?;
    let locked = work.notebooks.get(&notebook).ok_or(LogError::NoNotebook)?;
    let ahead = header.stamp > latest_reading(locked.end.taken_at.max(now_ms), Hlc::default());
    let greatest = if ahead { greatest_reading(tx, work, notebook).await? } else { Hlc::default() };
    let state = locked.state.as_ref().ok_or(LogError::NoNotebook)?;
    let latest = latest_for(frame, &locked.end, now_ms, || Ok::<_, LogError>(greatest))?;
    let taken = accept(frame, state, &known, bearer, latest)?;
    if taken == Taken::Again {
        return there.into_iter().find(|place| place.hash == hash).ok_or(LogError::Unavailable);
    }
    if !fits(locked.bytes + body.len() as u64, false, work.rules.quota, locked.open_quota) {
        return Err(LogError::Quota);
    }
    work.note(frame, taken);
    work.push(notebook, hash, now_ms, NewItem { control: false, author, sequence, attempt, body, remnant })
}

/// Finds the greatest clock reading at the end of an author's line.
async fn greatest_reading(tx: &Transaction<'_>, work: &Work, notebook: NotebookId) -> LogResult<Hlc> {
    let sql = "SELECT frame FROM ayumi_tails WHERE notebook = $1";
    let rows = tx.query(sql, &[&&notebook.as_bytes()[..]]).await.map_err(failed)?;
    let new = work.tails.iter().filter(|((of, _), _)| *of == notebook).map(|(_, end)| end.known.tail.stamp);
    let greatest = new.max().unwrap_or_default();
    rows.iter().try_fold(greatest, |greatest, row| Ok(greatest.max(read::tail_of(row.get(0))?.stamp)))
}

/// Finds an author's envelopes with the same attempt at the same sequence.
async fn stored(tx: &Transaction<'_>, header: &Header) -> LogResult<Vec<Place>> {
    let sql = "SELECT position, hash, taken_at FROM ayumi_log
               WHERE notebook = $1 AND author = $2 AND attempt = $3 AND sequence = $4 AND NOT control";
    let (notebook, author) = (&header.notebook.as_bytes()[..], &header.author.0[..]);
    let (attempt, sequence) = (i64::from(header.attempt), number(header.sequence));
    let rows = tx.query(sql, &[&notebook, &author, &attempt, &sequence]).await.map_err(failed)?;
    let place = |row: &tokio_postgres::Row| {
        let (position, taken_at) = (read::positive(row.get(0)), read::positive(row.get(2)));
        Ok(Place { position, hash: read::hash_of(row.get(1))?, taken_at })
    };
    rows.iter().map(place).collect()
}

/// Finds the author's envelope that this one names as its previous one.
async fn tail_by_hash(tx: &Transaction<'_>, header: &Header) -> LogResult<Option<Tail>> {
    let sql = "SELECT body FROM ayumi_log
               WHERE notebook = $1 AND author = $2 AND sequence = $3 AND hash = $4 AND NOT control";
    let (notebook, author) = (&header.notebook.as_bytes()[..], &header.author.0[..]);
    let (before, hash) = (number(header.sequence - 1), &header.previous[..]);
    let row = tx.query_opt(sql, &[&notebook, &author, &before, &hash]).await.map_err(failed)?;
    row.map(|row| read::tail_of(row.get(0))).transpose()
}

/// Writes rows, ends and heads; the three queries are sent together.
async fn finish(tx: &Transaction<'_>, work: &Work) -> LogResult<()> {
    if work.rows.is_empty() && work.remnants.is_empty() {
        return Ok(());
    }
    erasing::write(tx, work).await?;
    let rows = &work.rows;
    let notebooks: Vec<&[u8]> = rows.iter().map(|row| &row.notebook.as_bytes()[..]).collect();
    let positions: Vec<i64> = rows.iter().map(|row| number(row.place.position)).collect();
    let controls: Vec<bool> = rows.iter().map(|row| row.control).collect();
    let authors: Vec<&[u8]> = rows.iter().map(|row| &row.author.0[..]).collect();
    let sequences: Vec<i64> = rows.iter().map(|row| number(row.sequence)).collect();
    let attempts: Vec<i64> = rows.iter().map(|row| i64::from(row.attempt)).collect();
    let hashes: Vec<&[u8]> = rows.iter().map(|row| &row.place.hash[..]).collect();
    let times: Vec<i64> = rows.iter().map(|row| number(row.place.taken_at)).collect();
    let bodies: Vec<&[u8]> = rows.iter().map(|row| &row.body[..]).collect();
    let prefixes: Vec<&[u8]> = rows.iter().map(|row| &row.prefix[..]).collect();
    let remnants: Vec<bool> = rows.iter().map(|row| row.remnant).collect();
    let insert = "INSERT INTO ayumi_log (notebook, position, control, author, sequence, attempt, hash, taken_at, body, prefix, remnant)
                  SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::boolean[], $4::bytea[], $5::bigint[], $6::bigint[], $7::bytea[], $8::bigint[], $9::bytea[], $10::bytea[], $11::boolean[])";
    let insert = tx.prepare_cached(insert).await.map_err(failed)?;

    let ends: Vec<_> = work.tails.iter().filter(|(_, end)| end.is_new).collect();
    let end_notebooks: Vec<&[u8]> = ends.iter().map(|((notebook, _), _)| &notebook.as_bytes()[..]).collect();
    let end_keys: Vec<&[u8]> = ends.iter().map(|((_, key), _)| &key.0[..]).collect();
    let end_frames: Vec<&[u8]> = ends.iter().map(|(_, end)| &end.frame[..]).collect();
    let end_tongues: Vec<bool> = ends.iter().map(|(_, end)| end.known.two_tongues).collect();
    let tails = "INSERT INTO ayumi_tails (notebook, author, frame, two_tongues)
                 SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::boolean[])
                 ON CONFLICT (notebook, author) DO UPDATE SET frame = excluded.frame, two_tongues = excluded.two_tongues";
    let tails = tx.prepare_cached(tails).await.map_err(failed)?;

    let mut touched: BTreeSet<NotebookId> = rows.iter().map(|row| row.notebook).collect();
    touched.extend(work.remnants.keys().map(|(notebook, _)| *notebook));
    let locked: Vec<(&NotebookId, &LockedNotebook)> =
        work.notebooks.iter().filter(|(id, _)| touched.contains(id)).collect();
    let ids: Vec<&[u8]> = locked.iter().map(|(id, _)| &id.as_bytes()[..]).collect();
    let bytes: Vec<i64> = locked.iter().map(|(_, locked)| number(locked.bytes)).collect();
    let lasts: Vec<i64> = locked.iter().map(|(_, locked)| number(locked.end.position)).collect();
    let heads: Vec<&[u8]> = locked.iter().map(|(_, locked)| &locked.end.head[..]).collect();
    let times_of_last: Vec<i64> = locked.iter().map(|(_, locked)| number(locked.end.taken_at)).collect();
    let update = "UPDATE ayumi_notebooks n SET bytes = u.bytes, last = u.last, head = u.head, prefix = u.prefix, taken_at = u.taken_at
                  FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bytea[], $6::bigint[])
                       AS u (id, bytes, last, head, prefix, taken_at)
                  WHERE n.id = u.id";
    let update = tx.prepare_cached(update).await.map_err(failed)?;

    let insert_params: [&(dyn tokio_postgres::types::ToSql + Sync); 11] = [
        &notebooks, &positions, &controls, &authors, &sequences, &attempts, &hashes, &times, &bodies, &prefixes,
        &remnants,
    ];
    let tails_params: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
        [&end_notebooks, &end_keys, &end_frames, &end_tongues];
    let ends: Vec<&[u8]> = locked.iter().map(|(_, locked)| &locked.end.prefix[..]).collect();
    let update_params: [&(dyn tokio_postgres::types::ToSql + Sync); 6] =
        [&ids, &bytes, &lasts, &heads, &ends, &times_of_last];
    tokio::try_join!(
        tx.execute(&insert, &insert_params),
        tx.execute(&tails, &tails_params),
        tx.execute(&update, &update_params)
    )
    .map_err(failed)?;
    Ok(())
}

/// Notes when closed notebooks are deleted, and which are open again.
async fn note_closings(tx: &Transaction<'_>, work: &Work) -> LogResult<()> {
    for (id, locked) in work.closings.iter().filter_map(|id| Some((id, work.notebooks.get(id)?))) {
        let sql = "UPDATE ayumi_notebooks SET closes_at = $2 WHERE id = $1";
        tx.execute(sql, &[&&id.as_bytes()[..], &locked.closes_at.map(number)]).await.map_err(failed)?;
    }
    Ok(())
}

/// Takes back the rows of notebooks that were to begin, and did not.
async fn drop_empty(tx: &Transaction<'_>, work: &Work) -> LogResult<()> {
    let empty = work.notebooks.iter().filter(|(_, locked)| locked.state.is_none());
    let empty: Vec<&[u8]> = empty.map(|(id, _)| &id.as_bytes()[..]).collect();
    if empty.is_empty() {
        return Ok(());
    }
    let sql = "DELETE FROM ayumi_notebooks WHERE id = ANY($1) AND last = 0";
    tx.execute(sql, &[&empty]).await.map(drop).map_err(failed)
}

/// Takes what is left of an envelope, in the place of the envelope if that is there.
async fn take_remnant(
    tx: &Transaction<'_>,
    work: &mut Work,
    (remnant, maker, bearer): (&Remnant, &KeyId, Bearer),
    job: &Job,
) -> LogResult<Place> {
    let locked = work.notebooks.get(&job.notebook).ok_or(LogError::NoNotebook)?;
    let state = locked.state.clone().ok_or(LogError::NoNotebook)?;
    remnant.check(&state)?;
    let body = (remnant.to_bytes(), true);
    let place = take_frame(tx, work, &remnant.frame, body, (bearer, job.now_ms)).await?;
    erasing::replace(tx, work, &state, place.position, (remnant, maker, false)).await?;
    Ok(place)
}
