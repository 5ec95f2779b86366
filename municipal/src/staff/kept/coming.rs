//! Sessions, links, tries and known browsers as the database keeps them.

use ayumi_protocol::key::Hash;
use ayumi_protocol::municipal::thread::UnixMs;

use super::run::{one, only};
use crate::database::{DatabaseError, Fields, Statement, Transaction};
use crate::staff::tries::Count;
use crate::staff::{Session, StaffId};

const SESSION: Statement = Statement::new(
    "staff.session",
    "SELECT staff, since, seen, acted, locked FROM sessions WHERE tenant = $1 AND hash = $2",
);
const SESSIONS: Statement = Statement::new(
    "staff.sessions",
    "SELECT staff, since, seen, acted, locked FROM sessions WHERE tenant = $1 ORDER BY staff",
);
const BEGIN: Statement = Statement::new(
    "staff.begin session",
    "INSERT INTO sessions (tenant, hash, staff, since, seen, acted) VALUES ($1, $2, $3, $4, $4, $4)",
);
const TOUCH: Statement = Statement::new(
    "staff.touch session",
    "UPDATE sessions SET seen = $3, acted = $4, locked = $5 WHERE tenant = $1 AND hash = $2",
);
const END: Statement = Statement::new("staff.end sessions", "DELETE FROM sessions WHERE tenant = $1 AND staff = $2");
const PUT_LINK: Statement = Statement::new(
    "staff.put link",
    "INSERT INTO links (tenant, hash, staff, code_hash, ends_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (tenant, staff) DO UPDATE SET hash = excluded.hash, code_hash = excluded.code_hash, ends_at = excluded.ends_at",
);
const TAKE_LINK: Statement = Statement::new(
    "staff.take link",
    "DELETE FROM links WHERE tenant = $1 AND hash = $2 RETURNING staff, code_hash, ends_at",
);
const TRIES: Statement =
    Statement::new("staff.tries", "SELECT count, began_at FROM tries WHERE tenant = $1 AND bucket = $2");
const PUT_TRIES: Statement = Statement::new(
    "staff.put tries",
    "INSERT INTO tries (tenant, bucket, count, began_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant, bucket) DO UPDATE SET count = excluded.count, began_at = excluded.began_at",
);
const CLEAR_TRIES: Statement =
    Statement::new("staff.clear tries", "DELETE FROM tries WHERE tenant = $1 AND bucket = $2");
const KNOWN: Statement = Statement::new(
    "staff.known browser",
    "SELECT known_until FROM browsers WHERE tenant = $1 AND hash = $2 AND staff = $3 AND known_until > $4",
);
const KNOW: Statement = Statement::new(
    "staff.know browser",
    "INSERT INTO browsers (tenant, hash, staff, known_until) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant, hash, staff) DO UPDATE SET known_until = excluded.known_until",
);
const FORGET_BROWSERS: Statement =
    Statement::new("staff.forget browsers", "DELETE FROM browsers WHERE tenant = $1 AND staff = $2");

/// The statements of this file.
pub(crate) const OWN: &[&Statement] = &[
    &SESSION,
    &SESSIONS,
    &BEGIN,
    &TOUCH,
    &END,
    &PUT_LINK,
    &TAKE_LINK,
    &TRIES,
    &PUT_TRIES,
    &CLEAR_TRIES,
    &KNOWN,
    &KNOW,
    &FORGET_BROWSERS,
];

type Done<T> = Result<T, DatabaseError>;

/// A session as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptSession {
    /// Whose.
    pub staff: StaffId,
    /// As the office's rules see it.
    pub session: Session,
    /// When a hand did something last: a page that answers by itself is no hand.
    pub acted: UnixMs,
}

fn session(fields: &mut Fields) -> Done<KeptSession> {
    let (staff, since, seen) = (StaffId(fields.id()?), fields.moment()?, fields.moment()?);
    let (acted, locked) = (fields.moment()?, fields.moment_or_none()?);
    Ok(KeptSession { staff, session: Session { since, seen, locked }, acted })
}

/// Returns a session by the hash of its cookie.
///
/// # Errors
/// [`DatabaseError`].
pub async fn session_of<T: Transaction>(transaction: &mut T, hash: Hash) -> Done<Option<KeptSession>> {
    one(transaction, &SESSION, &[hash.into()]).await?.map(|record| session(&mut record.fields())).transpose()
}

/// Begins a session; any other of this person ends.
///
/// # Errors
/// [`DatabaseError`].
pub async fn begin_session<T: Transaction>(transaction: &mut T, hash: Hash, staff: StaffId, now: UnixMs) -> Done<()> {
    end_sessions(transaction, staff).await?;
    only(transaction, &BEGIN, &[hash.into(), staff.0.into(), now.into()]).await
}

/// Writes what changed of a session.
///
/// # Errors
/// [`DatabaseError`].
pub async fn put_session<T: Transaction>(transaction: &mut T, hash: Hash, kept: &KeptSession) -> Done<()> {
    let Session { seen, locked, .. } = kept.session;
    only(transaction, &TOUCH, &[hash.into(), seen.into(), kept.acted.into(), locked.into()]).await
}

/// Ends all sessions of somebody.
///
/// # Errors
/// [`DatabaseError`].
pub async fn end_sessions<T: Transaction>(transaction: &mut T, staff: StaffId) -> Done<()> {
    only(transaction, &END, &[staff.0.into()]).await
}

/// Returns all sessions.
pub(super) async fn sessions<T: Transaction>(transaction: &mut T) -> Done<Vec<KeptSession>> {
    let records = transaction.run(&SESSIONS, &[]).await?;
    records.into_iter().map(|record| session(&mut record.fields())).collect()
}

/// Forgets at which browsers somebody signed in.
pub(super) async fn forget_browsers<T: Transaction>(transaction: &mut T, staff: StaffId) -> Done<()> {
    only(transaction, &FORGET_BROWSERS, &[staff.0.into()]).await
}

/// Puts a one-time link for somebody in the place of any other.
///
/// # Errors
/// [`DatabaseError`].
pub async fn put_link<T: Transaction>(
    transaction: &mut T,
    hash: Hash,
    staff: StaffId,
    code: Option<Hash>,
    ends: UnixMs,
) -> Done<()> {
    only(transaction, &PUT_LINK, &[hash.into(), staff.0.into(), code.into(), ends.into()]).await
}

/// Takes a link: it is gone then, whatever comes of it. Returns whose it is, the hash of its code, its end.
///
/// # Errors
/// [`DatabaseError`].
pub async fn take_link<T: Transaction>(
    transaction: &mut T,
    hash: Hash,
) -> Done<Option<(StaffId, Option<Vec<u8>>, UnixMs)>> {
    let Some(record) = one(transaction, &TAKE_LINK, &[hash.into()]).await? else { return Ok(None) };
    let mut fields = record.fields();
    Ok(Some((StaffId(fields.id()?), fields.bytes_or_none()?, fields.moment()?)))
}

/// Returns the tries of a bucket.
///
/// # Errors
/// [`DatabaseError`].
pub async fn tries<T: Transaction>(transaction: &mut T, bucket: Hash) -> Done<Option<Count>> {
    let Some(record) = one(transaction, &TRIES, &[bucket.into()]).await? else { return Ok(None) };
    let mut fields = record.fields();
    Ok(Some(Count { tries: fields.small()?, began: fields.moment()? }))
}

/// Writes the tries of a bucket.
///
/// # Errors
/// [`DatabaseError`].
pub async fn put_tries<T: Transaction>(transaction: &mut T, bucket: Hash, count: Count) -> Done<()> {
    only(transaction, &PUT_TRIES, &[bucket.into(), count.tries.into(), count.began.into()]).await
}

/// Forgets the tries of a bucket.
///
/// # Errors
/// [`DatabaseError`].
pub async fn clear_tries<T: Transaction>(transaction: &mut T, bucket: Hash) -> Done<()> {
    only(transaction, &CLEAR_TRIES, &[bucket.into()]).await
}

/// Whether somebody signed in at a browser before.
///
/// # Errors
/// [`DatabaseError`].
pub async fn is_known<T: Transaction>(transaction: &mut T, browser: Hash, staff: StaffId, now: UnixMs) -> Done<bool> {
    Ok(one(transaction, &KNOWN, &[browser.into(), staff.0.into(), now.into()]).await?.is_some())
}

/// Remembers a browser at which somebody signed in.
///
/// # Errors
/// [`DatabaseError`].
pub async fn know<T: Transaction>(transaction: &mut T, browser: Hash, staff: StaffId, until: UnixMs) -> Done<()> {
    only(transaction, &KNOW, &[browser.into(), staff.0.into(), until.into()]).await
}
