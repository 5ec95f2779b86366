//! `serve --forget`, and the list of what is gone: beside the server's key, outside of the store and its backups.

use std::path::Path;

use ayumi_core::app::NotebookId;
use ayumi_server::gone_list::{GoneList, ListError};
use ayumi_server::http::system_clock;
use ayumi_server::keys::Keys;
use ayumi_server::log::Log;
use ayumi_server::postgres::{Address, PostgresLog};
use ayumi_server::sqlite::SqliteLog;

use super::store::{StoreOptions, keys_of, unusable};
use crate::output::{Failure, hint};

/// Deletes a notebook and lists that it is gone.
pub(super) async fn forget(
    store: &StoreOptions,
    keys: Option<&Path>,
    address: Option<&Address>,
    notebook: NotebookId,
) -> Result<(), Failure> {
    let keys = keys_of(store, keys, false, address.is_some())?.keys;
    // Known before anything is deleted: what is not listed comes back with a backup.
    let list = list_of(&keys).ok_or_else(|| Failure::Input(NO_FOLDER.into()))?;
    let now_ms = system_clock()();
    let forgotten = match address {
        Some(address) => PostgresLog::forget_at(address, notebook, now_ms).await,
        None => SqliteLog::forget_at(&store.file(), notebook, now_ms),
    };
    let trace = forgotten.map_err(|_| Failure::Other(unusable("the server's store")))?;
    list.add(&[trace]).map_err(unlisted)?;
    hint("ayumi: the notebook is gone from this store; backups hold it for as long as you keep them");
    Ok(())
}

const NO_FOLDER: &str = "--keys: missing; allowed: a folder in which it is listed what is gone, outside of the database and its \
                         backups, so that a backup that is put back brings nothing back";

fn list_of(keys: &Keys) -> Option<GoneList> {
    keys.folder().map(GoneList::in_folder)
}

fn unlisted(error: ListError) -> Failure {
    Failure::Other(match error {
        ListError::File => {
            "the file gone.list beside the server's key cannot be read or written, or a line of it is none".into()
        }
        ListError::Store => unusable("the database"),
    })
}

/// Makes the store and its list know the same before it is served; `None` if there is no place for one. Also says what an
/// operator should know.
pub(super) async fn agreed<L: Log>(log: &L, keys: &Keys) -> Result<(Option<GoneList>, Option<String>), Failure> {
    let Some(list) = list_of(keys) else {
        let words = "ayumi: warning: the key comes from the environment, so nothing is listed of what was closed or forgotten: a \
                     backup that is put back brings it back. Put the key into a folder, and name it with --keys.";
        return Ok((None, Some(words.into())));
    };
    let gone = list.agree_with(log).await.map_err(unlisted)?;
    let words = format!("ayumi: {gone} notebooks that had been closed or forgotten were in this store, and left it");
    Ok((Some(list), (gone > 0).then_some(words)))
}

/// Years as milliseconds, leap days counted.
pub(super) const fn years_ms(years: u64) -> u64 {
    years.saturating_mul(366 * 24 * 60 * 60 * 1000)
}
