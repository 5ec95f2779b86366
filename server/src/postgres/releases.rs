//! Release keys of open codes.

use ayumi_protocol::NotebookId;
use ayumi_protocol::key::KeyId;
use ayumi_protocol::release::ReleaseKey;
use deadpool_postgres::{GenericClient, Object};

use super::connection::{failed, number};
use super::read;
use crate::log::{LogError, LogResult, Release};

/// Stores the release key of a code that is open still; the notebook's row is the lock, so that no statement ends the code meanwhile.
pub(super) async fn put(client: &mut Object, release: &Release) -> LogResult<()> {
    let tx = client.transaction().await.map_err(failed)?;
    let (id, holder) = (&release.notebook.as_bytes()[..], &release.holder.0[..]);
    let locked =
        tx.query_opt("SELECT 1 FROM ayumi_notebooks WHERE id = $1 FOR UPDATE", &[&id]).await.map_err(failed)?;
    if locked.is_none() {
        return Err(LogError::NoNotebook);
    }
    let state = read::chain(&tx, release.notebook).await?.ok_or(LogError::NoNotebook)?;
    if state.holder(&release.holder).is_some() {
        let sql = "INSERT INTO ayumi_releases (notebook, holder, ends_at, body) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (notebook, holder) DO UPDATE SET ends_at = excluded.ends_at, body = excluded.body";
        let ends_at = release.ends_at.map(number);
        tx.execute(sql, &[&id, &holder, &ends_at, &&release.key[..]]).await.map_err(failed)?;
    }
    tx.commit().await.map_err(failed)
}

/// Returns the release key of a code.
pub(super) async fn get(
    client: &impl GenericClient,
    notebook: NotebookId,
    holder: KeyId,
) -> LogResult<Option<ReleaseKey>> {
    let sql = "SELECT body FROM ayumi_releases WHERE notebook = $1 AND holder = $2";
    let row = client.query_opt(sql, &[&&notebook.as_bytes()[..], &&holder.0[..]]).await.map_err(failed)?;
    row.map(|row| row.get::<_, Vec<u8>>(0).try_into().map_err(|_| LogError::Unavailable)).transpose()
}
