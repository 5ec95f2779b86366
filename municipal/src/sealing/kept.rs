//! Wrapped keys and sealed words as the database keeps them.

use ayumi_protocol::municipal::thread::ThreadId;
use zeroize::Zeroizing;

use super::key::{Fresh, NotOpened, ThreadKey};
use super::week::Week;
use super::weeks::Weeks;
use crate::database::{DatabaseError, Statement, Transaction, Value};

const KEY: Statement =
    Statement::new("sealing.key", "SELECT week, wrapped FROM thread_keys WHERE tenant = $1 AND thread = $2");
const PUT_KEY: Statement = Statement::new(
    "sealing.put key",
    "INSERT INTO thread_keys (tenant, thread, week, wrapped) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant, thread) DO UPDATE SET week = excluded.week, wrapped = excluded.wrapped",
);
const OLDER: Statement = Statement::new(
    "sealing.older",
    "SELECT thread FROM thread_keys WHERE tenant = $1 AND week < $2 ORDER BY week, thread LIMIT $3",
);
const ERASE: Statement =
    Statement::new("sealing.erase", "DELETE FROM thread_keys WHERE tenant = $1 AND thread = $2 RETURNING thread");
const WORDS: Statement = Statement::new(
    "sealing.words",
    "SELECT sealed FROM thread_words WHERE tenant = $1 AND thread = $2 AND number = $3",
);
const PUT_WORDS: Statement = Statement::new(
    "sealing.put words",
    "INSERT INTO thread_words (tenant, thread, number, sealed) VALUES ($1, $2, $3, $4)",
);

/// Every statement of this module.
pub const STATEMENTS: &[&Statement] = &[&KEY, &PUT_KEY, &OLDER, &ERASE, &WORDS, &PUT_WORDS];

/// Why words are not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoWords {
    /// There is no key of this thread: erased, or never there.
    #[error("there is no key of this thread")]
    NoKey,
    /// The key of its week is not there.
    #[error("the key of the week is not there")]
    NoWeek,
    /// Something does not open.
    #[error(transparent)]
    NotOpened(#[from] NotOpened),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Writes a thread's key, wrapped under the newest week's.
///
/// # Errors
/// [`NoWords`].
pub async fn put_key<T: Transaction>(
    transaction: &mut T,
    weeks: &Weeks,
    thread: ThreadId,
    key: &ThreadKey,
    nonce: Fresh,
) -> Result<(), NoWords> {
    let (week, with) = weeks.newest().ok_or(NoWords::NoWeek)?;
    let wrapped = with.wrap((transaction.tenant(), thread, week), key, nonce)?;
    transaction.run(&PUT_KEY, &[thread.0.into(), week.0.into(), wrapped.into()]).await?;
    Ok(())
}

/// Returns a thread's key.
///
/// # Errors
/// [`NoWords`].
pub async fn key<T: Transaction>(transaction: &mut T, weeks: &Weeks, thread: ThreadId) -> Result<ThreadKey, NoWords> {
    let record = transaction.run(&KEY, &[thread.0.into()]).await?.into_iter().next().ok_or(NoWords::NoKey)?;
    let mut fields = record.fields();
    let (week, wrapped) = (Week(fields.small()?), fields.bytes()?);
    let with = weeks.0.get(&week).ok_or(NoWords::NoWeek)?;
    Ok(with.unwrap((transaction.tenant(), thread, week), &wrapped)?)
}

/// Writes what a line says, sealed under its thread's key.
///
/// # Errors
/// [`NoWords`].
pub async fn put_words<T: Transaction>(
    transaction: &mut T,
    key: &ThreadKey,
    (thread, number): (ThreadId, u32),
    words: &[u8],
    nonce: Fresh,
) -> Result<(), NoWords> {
    let sealed = key.seal((transaction.tenant(), thread, number), words, nonce)?;
    transaction.run(&PUT_WORDS, &[thread.0.into(), number.into(), sealed.into()]).await?;
    Ok(())
}

/// Returns what a line says.
///
/// # Errors
/// [`NoWords`].
pub async fn words<T: Transaction>(
    transaction: &mut T,
    weeks: &Weeks,
    (thread, number): (ThreadId, u32),
) -> Result<Zeroizing<Vec<u8>>, NoWords> {
    let key = key(transaction, weeks, thread).await?;
    let record = transaction.run(&WORDS, &[thread.0.into(), number.into()]).await?.into_iter().next();
    let sealed = record.ok_or(NoWords::NoKey)?.fields().bytes()?;
    Ok(key.open((transaction.tenant(), thread, number), &sealed)?)
}

/// Wraps some keys of earlier weeks anew, under the newest week's; returns how many. Called until there are none.
///
/// # Errors
/// [`NoWords`].
pub async fn wrap_anew<T: Transaction>(
    transaction: &mut T,
    weeks: &Weeks,
    most: u32,
    mut fresh: impl FnMut() -> Fresh + Send,
) -> Result<usize, NoWords> {
    let (newest, _) = weeks.newest().ok_or(NoWords::NoWeek)?;
    let older = transaction.run(&OLDER, &[newest.0.into(), most.into()]).await?;
    let count = older.len();
    for record in older {
        let thread = ThreadId(record.fields().id()?);
        let known = key(transaction, weeks, thread).await?;
        put_key(transaction, weeks, thread, &known, fresh()).await?;
    }
    Ok(count)
}

/// Deletes a thread's key and with it all its words; returns whether there was one. Its id is listed outside of the database
/// before, so that no backup brings it back.
///
/// # Errors
/// [`DatabaseError`].
pub async fn erase<T: Transaction>(transaction: &mut T, thread: ThreadId) -> Result<bool, DatabaseError> {
    Ok(!transaction.run(&ERASE, &[Value::from(thread.0)]).await?.is_empty())
}
