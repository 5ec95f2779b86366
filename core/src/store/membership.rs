//! Recovers this device's membership of each notebook (keys, epoch keys, control chain) from a damaged file. Without
//! them a saved handbook could be read here, and never be sent to its own log again.

use std::collections::BTreeMap;

use ayumi_protocol::NotebookId;
use ayumi_protocol::control::Statement;
use ayumi_protocol::key::KeyId;
use rusqlite::Transaction;

use super::channel::{self, Channel, StoredStatement};
use super::error::StoreError;
use super::leaf::Column;
use crate::crypto::keys::{EpochKey, SecretKeys};

/// What pages held of it.
#[derive(Default)]
pub(super) struct Memberships {
    own: BTreeMap<NotebookId, Own>,
    epochs: BTreeMap<(NotebookId, u32), EpochKey>,
    statements: BTreeMap<(NotebookId, i64), (Statement, bool)>,
}

/// This device in a notebook.
struct Own {
    keys: SecretKeys,
    /// Its next attempt.
    attempt: u32,
    /// It was taken out.
    removed: bool,
    /// Keys that take the place of these.
    next: Option<SecretKeys>,
    /// Whose word its join waits for.
    awaits: Option<KeyId>,
}

fn bytes<const N: usize>(column: &Column) -> Option<[u8; N]> {
    let Column::Blob(blob) = column else { return None };
    blob.as_slice().try_into().ok()
}

fn id(column: &Column) -> Option<NotebookId> {
    NotebookId::from_slice(&bytes::<16>(column)?).ok()
}

impl Memberships {
    /// A row of `channels`, `epoch_keys` or `control`, known by its shape.
    pub(super) fn gather(&mut self, columns: &[Column]) {
        let _ = match columns {
            [notebook, sign, agree, .., Column::Integer(attempt), _, _, _, removed, next, _, awaits]
                if columns.len() == 18 =>
            {
                (|| {
                    let keys = SecretKeys::from_bytes(bytes(sign)?, bytes(agree)?);
                    // What was sealed and is lost may be somewhere: its number is never used for other words.
                    let attempt = u32::try_from(*attempt).ok()?.saturating_add(1);
                    let removed = matches!(removed, Column::Integer(1));
                    let next = if let Column::Blob(bytes) = next { channel::keys_of(bytes) } else { None };
                    let awaits = bytes(awaits).map(KeyId);
                    self.own.insert(id(notebook)?, Own { keys, attempt, removed, next, awaits })
                })()
                .map(drop)
            }
            [notebook, Column::Integer(epoch), key] => (|| {
                let epoch = u32::try_from(*epoch).ok()?;
                self.epochs.insert((id(notebook)?, epoch), EpochKey::from_bytes(bytes(key)?))
            })()
            .map(drop),
            [notebook, Column::Integer(place), Column::Integer(taken_at), Column::Integer(_), Column::Blob(body)] => {
                (|| {
                    let statement = Statement::from_bytes(body).ok()?;
                    let notebook = id(notebook).filter(|id| *id == statement.notebook)?;
                    self.statements.insert((notebook, *place), (statement, *taken_at > 0))
                })()
                .map(drop)
            }
            _ => None,
        };
    }

    /// The chain from its beginning, as far as it hangs together. What is missing comes from the server.
    fn chain(&self, notebook: NotebookId) -> Vec<&Statement> {
        let (mut chain, mut head) = (Vec::new(), [0; 32]);
        for (statement, taken) in self.statements.range((notebook, i64::MIN)..=(notebook, i64::MAX)).map(|(_, f)| f) {
            if !taken || statement.previous != head {
                break;
            }
            head = statement.hash();
            chain.push(statement);
        }
        chain
    }

    /// Each log is read again from its beginning.
    pub(super) fn write(&self, tx: &Transaction<'_>) -> Result<(), StoreError> {
        for (notebook, Own { keys, attempt, removed, next, awaits }) in &self.own {
            let channel = Channel {
                again: true,
                doubted: !removed,
                attempt: *attempt,
                removed: *removed,
                next: next.clone(),
                awaits: *awaits,
                ..Channel::new(*notebook, keys.clone())
            };
            channel.save(tx)?;
            for statement in self.chain(*notebook) {
                let kept = StoredStatement { taken_at: 1, position: 0, body: statement.to_bytes() };
                channel::add_statement(tx, *notebook, &kept)?;
            }
        }
        let keys = self.epochs.iter().filter(|((notebook, _), _)| self.own.contains_key(notebook));
        for ((notebook, epoch), key) in keys {
            channel::keep_keys(tx, *notebook, [(epoch, key)])?;
        }
        Ok(())
    }
}
