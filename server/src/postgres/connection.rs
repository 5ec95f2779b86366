//! Connections of the pool, and what a failure of PostgreSQL means.

use deadpool_postgres::{Object, Pool};

use crate::log::{LogError, LogResult};

pub(super) fn failed(_: tokio_postgres::Error) -> LogError {
    LogError::Unavailable
}

pub(super) fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(super) async fn connection(pool: &Pool) -> LogResult<Object> {
    pool.get().await.map_err(|_| LogError::Unavailable)
}
