//! What servers signed: the ends of a notebook's log. They are this device's receipts, for every item before them.

use ayumi_protocol::NotebookId;
use ayumi_protocol::end::SignedEnd;
use ayumi_protocol::receipt::Receipt;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::error::StoreError;

/// Keeps an end that a server's key signed and that this device computed alike. Of one life of a server's store the newest is
/// kept, and the first with each head: so there is the earliest receipt for every statement of the chain.
pub fn keep(tx: &Transaction<'_>, server_key: &[u8; 32], signed: &SignedEnd) -> Result<(), StoreError> {
    let (id, epoch) = (signed.notebook.as_bytes(), signed.store_epoch);
    let sql =
        "INSERT INTO ends (notebook, server_key, store_epoch, head, taken_at, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let body = signed.to_bytes();
    tx.prepare_cached(sql)?.execute(params![id, server_key, epoch, signed.end.head, signed.end.taken_at, body])?;
    let newest = tx.last_insert_rowid();
    let sql = "DELETE FROM ends WHERE notebook = ?1 AND server_key = ?2 AND store_epoch = ?3 AND n < ?4 AND EXISTS
               (SELECT 1 FROM ends first WHERE first.notebook = ?1 AND first.server_key = ?2 AND first.store_epoch = ?3
                AND first.head = ends.head AND first.n < ends.n)";
    tx.prepare_cached(sql)?.execute(params![id, server_key, epoch, newest])?;
    Ok(())
}

/// Returns the newest end that this life of a server's store signed.
pub fn newest(
    connection: &Connection,
    notebook: NotebookId,
    server_key: &[u8; 32],
    store_epoch: &[u8; 16],
) -> Result<Option<SignedEnd>, StoreError> {
    let sql =
        "SELECT body FROM ends WHERE notebook = ?1 AND server_key = ?2 AND store_epoch = ?3 ORDER BY n DESC LIMIT 1";
    let key = params![notebook.as_bytes(), server_key, store_epoch];
    let body = connection.prepare_cached(sql)?.query_row(key, |row| row.get::<_, Vec<u8>>(0)).optional()?;
    Ok(body.map(|body| SignedEnd::from_bytes(&body)).transpose()?)
}

/// Returns the ends that are kept by a server's keys, in whatever life of its store: with each head the first, and some newer
/// ones.
pub fn all(
    connection: &Connection,
    notebook: NotebookId,
    server_keys: &[[u8; 32]],
) -> Result<Vec<Receipt>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT body FROM ends WHERE notebook = ?1 AND server_key = ?2")?;
    let mut all = Vec::new();
    for key in server_keys {
        let rows = statement.query_map(params![notebook.as_bytes(), key], |row| row.get::<_, Vec<u8>>(0))?;
        for body in rows {
            all.push(Receipt::of(*key, SignedEnd::from_bytes(&body?)?));
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use ayumi_protocol::end::End;

    use super::*;

    fn signed(position: u64, head: u8) -> SignedEnd {
        let end = End { position, prefix: [0; 16], head: [head; 32], taken_at: 1000 + position };
        let notebook = NotebookId::from_slice(&[9; 16]).unwrap();
        SignedEnd { notebook, store_epoch: [8; 16], end, signature: [7; 64] }
    }

    #[test]
    fn the_newest_end_is_kept_and_the_first_with_each_head() {
        let mut connection = Connection::open_in_memory().unwrap();
        crate::store::migrate::migrate(&mut connection, crate::store::migrate::STEPS).unwrap();
        let tx = connection.transaction().unwrap();
        for (position, head) in [(1, 1), (3, 1), (4, 1), (5, 2), (6, 3), (8, 3), (9, 3)] {
            keep(&tx, &[6; 32], &signed(position, head)).unwrap();
        }
        let notebook = signed(1, 1).notebook;
        assert_eq!(newest(&tx, notebook, &[6; 32], &[8; 16]).unwrap(), Some(signed(9, 3)));
        assert_eq!(newest(&tx, notebook, &[5; 32], &[8; 16]).unwrap(), None, "another server");
        let kept = |keys: &[[u8; 32]]| {
            let all = all(&tx, notebook, keys).unwrap();
            let mut positions: Vec<u64> = all.iter().map(|receipt| receipt.signed.end.position).collect();
            positions.sort_unstable();
            positions
        };
        assert_eq!(kept(&[[6; 32]]), [1, 5, 6, 9]);
        assert_eq!(kept(&[[5; 32], [6; 32]]), [1, 5, 6, 9], "under whichever of its keys");
        assert!(kept(&[[5; 32]]).is_empty(), "another server");
        let count: i64 = tx.query_row("SELECT count(*) FROM ends", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 4, "one for each head, and the newest");
    }
}
