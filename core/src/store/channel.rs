//! What this device knows of a notebook's log at the server: keys, cursor, control chain.

use ayumi_protocol::control::Statement;
use ayumi_protocol::exchange::Token;
use ayumi_protocol::gone::WhyGone;
use ayumi_protocol::key::{KeyId, hash};
use ayumi_protocol::prefix::Prefix;
use ayumi_protocol::{DeviceId, NotebookId};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::error::StoreError;
use super::former_log::{self, Placed};
use super::outbox;
use crate::crypto::keys::{EpochKey, SecretKeys};

/// A notebook's channel.
#[derive(Debug, Clone)]
pub struct Channel {
    /// The notebook.
    pub notebook: NotebookId,
    /// This device's keys in it.
    pub keys: SecretKeys,
    /// This device in stamps.
    pub device: DeviceId,
    /// The server's store epoch; `None` before its first reply.
    pub store_epoch: Option<[u8; 16]>,
    /// Signs the ends of its log.
    pub server_key: Option<[u8; 32]>,
    /// Opens the next request.
    pub token: Option<Token>,
    /// All up to here is in this file.
    pub position: u64,
    /// Names the log up to there.
    pub prefix: Prefix,
    /// When the server took the last item there, in milliseconds since 1970.
    pub taken_at: u64,
    /// The attempt of the next envelope that is sealed; rises whenever one must be sealed anew.
    pub attempt: u32,
    /// Another log, or one that forgot, is being read from its beginning.
    pub again: bool,
    /// Until that log has everything that is kept here, all changes show as waiting.
    pub doubted: bool,
    /// Why nothing more is sent.
    pub halted: Option<String>,
    /// This device is no member any more.
    pub removed: bool,
    /// The keys that take the place of these before anything more is written: another device may have these.
    pub next: Option<SecretKeys>,
    /// The notebook is closed at this server, or gone.
    pub gone: Option<AtServer>,
    /// Whose word this device's join waits for: until then nothing that it wrote is sent.
    pub awaits: Option<KeyId>,
}

/// What has become of a notebook at a server. Written as words with a blank between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtServer {
    /// An owner closed it, and it can be opened again.
    Closed,
    /// The server has it no more, as it signed.
    Gone {
        /// Why.
        why: WhyGone,
        /// Since when, in milliseconds since 1970 by the server's clock.
        when_ms: u64,
    },
}

impl AtServer {
    fn parse(text: &str) -> Option<Self> {
        let Some((why, when)) = text.split_once(' ') else { return (text == "closed").then_some(Self::Closed) };
        Some(Self::Gone { why: WhyGone::from_key(why)?, when_ms: when.parse().ok()? })
    }

    fn to_text(self) -> String {
        match self {
            Self::Closed => "closed".into(),
            Self::Gone { why, when_ms } => format!("{} {when_ms}", why.key()),
        }
    }
}

impl Channel {
    /// Returns the channel of a notebook that was never synced.
    pub fn new(notebook: NotebookId, keys: SecretKeys) -> Self {
        Self {
            notebook,
            device: keys.id().into(),
            keys,
            store_epoch: None,
            server_key: None,
            token: None,
            position: 0,
            prefix: Prefix::default(),
            taken_at: 0,
            attempt: 0,
            again: false,
            doubted: false,
            halted: None,
            removed: false,
            next: None,
            gone: None,
            awaits: None,
        }
    }

    /// Saves the channel.
    pub fn save(&self, tx: &Transaction<'_>) -> Result<(), StoreError> {
        let (sign, agree) = self.keys.expose();
        tx.prepare_cached(
            "INSERT OR REPLACE INTO channels (notebook, sign, agree, device, store_epoch, server_key, token, position, prefix,
                                              taken_at, attempt, again, doubted, halted, removed, next, gone, awaits)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
        )?
        .execute(params![
            self.notebook.as_bytes(),
            sign,
            agree,
            self.device.0.to_be_bytes(),
            self.store_epoch,
            self.server_key,
            self.token,
            self.position,
            self.prefix,
            self.taken_at,
            self.attempt,
            self.again,
            self.doubted,
            self.halted,
            self.removed,
            self.next.as_ref().map(joined),
            self.gone.map(AtServer::to_text),
            self.awaits.map(|key| key.0)
        ])?;
        Ok(())
    }
}

fn joined(keys: &SecretKeys) -> Vec<u8> {
    let (sign, agree) = keys.expose();
    [&sign[..], &agree[..]].concat()
}

pub(super) fn keys_of(bytes: &[u8]) -> Option<SecretKeys> {
    let (sign, agree) = bytes.split_at_checked(32)?;
    Some(SecretKeys::from_bytes(sign.try_into().ok()?, agree.try_into().ok()?))
}

/// Returns a notebook's channel, if it has one.
pub fn find(connection: &Connection, notebook: NotebookId) -> Result<Option<Channel>, StoreError> {
    let sql =
        "SELECT sign, agree, device, store_epoch, server_key, token, position, prefix, taken_at, attempt, again, doubted,
                      halted, removed, next, gone, awaits FROM channels WHERE notebook = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row([notebook.as_bytes()], |row| {
        Ok(Channel {
            notebook,
            keys: SecretKeys::from_bytes(row.get(0)?, row.get(1)?),
            device: DeviceId(u64::from_be_bytes(row.get(2)?)),
            store_epoch: row.get(3)?,
            server_key: row.get(4)?,
            token: row.get(5)?,
            position: row.get(6)?,
            prefix: row.get(7)?,
            taken_at: row.get(8)?,
            attempt: row.get(9)?,
            again: row.get(10)?,
            doubted: row.get(11)?,
            halted: row.get(12)?,
            removed: row.get(13)?,
            next: row.get::<_, Option<Vec<u8>>>(14)?.and_then(|bytes| keys_of(&bytes)),
            gone: row.get::<_, Option<String>>(15)?.as_deref().and_then(AtServer::parse),
            awaits: row.get::<_, Option<[u8; 16]>>(16)?.map(KeyId),
        })
    });
    Ok(found.optional()?)
}

/// Returns the codes whose release keys are at this life of a server's store.
pub fn released(
    connection: &Connection,
    notebook: NotebookId,
    store_epoch: &[u8; 16],
) -> Result<Vec<KeyId>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT holder FROM releases WHERE notebook = ?1 AND store_epoch = ?2")?;
    let rows = statement.query_map(params![notebook.as_bytes(), store_epoch], |row| row.get(0))?;
    Ok(rows.map(|row| row.map(KeyId)).collect::<Result<_, _>>()?)
}

/// Notes which codes' release keys are at this life of a server's store, in place of what was noted.
pub fn note_released(
    tx: &Transaction<'_>,
    notebook: NotebookId,
    holders: &[KeyId],
    store_epoch: &[u8; 16],
) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM releases WHERE notebook = ?1")?.execute([notebook.as_bytes()])?;
    let mut note = tx.prepare_cached("INSERT INTO releases (notebook, holder, store_epoch) VALUES (?1, ?2, ?3)")?;
    for holder in holders {
        note.execute(params![notebook.as_bytes(), holder.0, store_epoch])?;
    }
    Ok(())
}

/// Names the chain of a notebook as it stands at the server: another statement, another name.
pub fn chain_mark(connection: &Connection, notebook: NotebookId) -> Result<Option<KeyId>, StoreError> {
    let sql = "SELECT body FROM control WHERE notebook = ?1 AND position > 0 ORDER BY position DESC LIMIT 1";
    let last = connection.prepare_cached(sql)?.query_row([notebook.as_bytes()], |row| row.get::<_, Vec<u8>>(0));
    let mark = |body: Vec<u8>| {
        let mut mark = KeyId([0; 16]);
        mark.0.copy_from_slice(&hash(&body)[..16]);
        mark
    };
    Ok(last.optional()?.map(mark))
}

/// Forgets the rights to make requests: the server is asked again who it is.
pub fn forget_tokens(tx: &Transaction<'_>) -> Result<(), StoreError> {
    tx.execute("UPDATE channels SET token = NULL", [])?;
    Ok(())
}

/// Returns the notebooks that have a channel; also those whose first entry has not come yet.
pub fn all(connection: &Connection) -> Result<Vec<NotebookId>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT notebook FROM channels ORDER BY notebook")?;
    let ids = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?.collect::<Result<Vec<_>, _>>()?;
    Ok(ids.iter().map(|id| NotebookId::from_slice(id)).collect::<Result<_, _>>()?)
}

/// A control statement, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredStatement {
    /// When the server accepted it.
    pub taken_at: u64,
    /// Its number in the log; 0 until the server has accepted it.
    pub position: u64,
    /// Its wire form.
    pub body: Vec<u8>,
}

/// Returns the control chain, in order; what the server has not accepted yet stands at its end. What it will not take is not
/// among it.
pub fn statements(connection: &Connection, notebook: NotebookId) -> Result<Vec<StoredStatement>, StoreError> {
    let sql = "SELECT taken_at, position, body FROM control WHERE notebook = ?1 AND position >= 0
               ORDER BY position = 0, position, place";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([notebook.as_bytes()], |row| {
        Ok(StoredStatement { taken_at: row.get(0)?, position: row.get(1)?, body: row.get(2)? })
    });
    Ok(rows?.collect::<Result<_, _>>()?)
}

/// Returns how many statements the server has up to a position of its log.
pub fn statements_up_to(connection: &Connection, notebook: NotebookId, position: u64) -> Result<usize, StoreError> {
    let sql = "SELECT count(*) FROM control WHERE notebook = ?1 AND position BETWEEN 1 AND ?2";
    Ok(connection.prepare_cached(sql)?.query_row(params![notebook.as_bytes(), position], |row| row.get(0))?)
}

/// Adds a control statement at the end of the chain.
pub fn add_statement(tx: &Transaction<'_>, notebook: NotebookId, stored: &StoredStatement) -> Result<(), StoreError> {
    let sql = "INSERT INTO control (notebook, place, taken_at, position, body)
               SELECT ?1, coalesce(max(place), 0) + 1, ?2, ?3, ?4 FROM control WHERE notebook = ?1";
    let id = notebook.as_bytes();
    tx.prepare_cached(sql)?.execute(params![id, stored.taken_at, stored.position, stored.body])?;
    Ok(())
}

/// Notes the place of a control statement that the server has accepted, or has again.
pub fn place_statement(
    tx: &Transaction<'_>,
    notebook: NotebookId,
    body: &[u8],
    taken_at: u64,
    position: u64,
) -> Result<(), StoreError> {
    let sql = "UPDATE control SET taken_at = ?3, position = ?4 WHERE notebook = ?1 AND body = ?2";
    tx.prepare_cached(sql)?.execute(params![notebook.as_bytes(), body, taken_at, position])?;
    Ok(())
}

/// Keeps a control statement that the server has accepted, and its place.
pub fn keep_statement(tx: &Transaction<'_>, notebook: NotebookId, stored: &StoredStatement) -> Result<(), StoreError> {
    let sql = "SELECT 1 FROM control WHERE notebook = ?1 AND body = ?2";
    if tx.prepare_cached(sql)?.exists(params![notebook.as_bytes(), stored.body])? {
        return place_statement(tx, notebook, &stored.body, stored.taken_at, stored.position);
    }
    add_statement(tx, notebook, stored)
}

/// Keeps a whole chain as a server showed it. What is stored besides counts as not accepted: it came from another log.
pub fn keep_chain(tx: &Transaction<'_>, notebook: NotebookId, shown: &[StoredStatement]) -> Result<(), StoreError> {
    tx.execute("UPDATE control SET position = 0 WHERE notebook = ?1", [notebook.as_bytes()])?;
    shown.iter().try_for_each(|stored| keep_statement(tx, notebook, stored))
}

/// Resets accepted control statements to pending ones; those that the server refuses now are deleted.
pub fn doubt_statements(tx: &Transaction<'_>, notebook: NotebookId) -> Result<(), StoreError> {
    let sql = "UPDATE control SET taken_at = 0 WHERE notebook = ?1 AND position = 0";
    tx.execute(sql, [notebook.as_bytes()])?;
    Ok(())
}

/// Notes that the server will not take the statements that it is told again, until another log is read.
pub fn leave_statements(tx: &Transaction<'_>, notebook: NotebookId) -> Result<(), StoreError> {
    let sql = "UPDATE control SET position = -1 WHERE notebook = ?1 AND position = 0 AND taken_at > 0";
    tx.execute(sql, [notebook.as_bytes()])?;
    Ok(())
}

/// Deletes a control statement that the server did not accept.
pub fn drop_statement(tx: &Transaction<'_>, notebook: NotebookId, body: &[u8]) -> Result<(), StoreError> {
    let sql = "DELETE FROM control WHERE notebook = ?1 AND body = ?2 AND position = 0";
    tx.prepare_cached(sql)?.execute(params![notebook.as_bytes(), body])?;
    Ok(())
}

/// Returns the notebook's keys by key epoch.
pub fn epoch_keys(connection: &Connection, notebook: NotebookId) -> Result<Vec<(u32, EpochKey)>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT epoch, key FROM epoch_keys WHERE notebook = ?1 ORDER BY epoch")?;
    let rows =
        statement.query_map([notebook.as_bytes()], |row| Ok((row.get(0)?, EpochKey::from_bytes(row.get(1)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Saves keys.
pub fn keep_keys<'k>(
    tx: &Transaction<'_>,
    notebook: NotebookId,
    keys: impl IntoIterator<Item = (&'k u32, &'k EpochKey)>,
) -> Result<(), StoreError> {
    let mut insert =
        tx.prepare_cached("INSERT OR REPLACE INTO epoch_keys (notebook, epoch, key) VALUES (?1, ?2, ?3)")?;
    for (epoch, key) in keys {
        insert.execute(params![notebook.as_bytes(), epoch, key.expose()])?;
    }
    Ok(())
}

/// The statements that the server has, by their places.
fn placed_statements(connection: &Connection, notebook: NotebookId) -> Result<Vec<Placed>, StoreError> {
    let placed = statements(connection, notebook)?.into_iter().filter(|stored| stored.position > 0);
    let with_hash =
        |stored: StoredStatement| Ok((stored.position, Statement::from_bytes(&stored.body)?.hash(), stored.taken_at));
    placed.map(with_hash).collect()
}

/// Begins to read another log, or one that forgot, from its beginning. The envelopes that are kept stay; where that log has
/// them, it will say.
pub fn begin_again(tx: &Transaction<'_>, channel: &mut Channel) -> Result<(), StoreError> {
    let id = channel.notebook.as_bytes();
    if let Some(server) = channel.server_key.zip(channel.store_epoch).filter(|_| !channel.again) {
        former_log::keep(tx, channel.notebook, server, placed_statements(tx, channel.notebook)?)?;
    }
    tx.execute("UPDATE frames SET position = 0 WHERE notebook = ?1", [id])?;
    tx.execute("UPDATE control SET position = 0 WHERE notebook = ?1 AND position < 0", [id])?;
    // In the order of the log, also what came before this device.
    let chain = statements(tx, channel.notebook)?;
    tx.execute("DELETE FROM control WHERE notebook = ?1", [id])?;
    for stored in chain {
        add_statement(tx, channel.notebook, &StoredStatement { position: 0, ..stored })?;
    }
    for table in ["photos_sent", "thumbnails_missed"] {
        tx.execute(&format!("DELETE FROM {table} WHERE notebook = ?1"), [id])?;
    }
    channel.position = 0;
    (channel.prefix, channel.taken_at) = (Prefix::default(), 0);
    channel.token = None;
    channel.again = true;
    if !channel.removed {
        channel.doubted = true;
        outbox::doubt(tx, channel.notebook)?;
    }
    channel.save(tx)
}

/// Deletes this device's place in a notebook that began anew under another id, and its log with all keys: what proves who wrote
/// what stands in the archive, and a word that is erased there is nowhere else in the file.
pub fn leave_behind(tx: &Transaction<'_>, notebook: NotebookId) -> Result<(), StoreError> {
    let log = ["frames", "tails", "ends", "control", "epoch_keys", "releases", "early", "snapshots"];
    for table in ["channels", "sealed", "outbox", "archives", "archived"].into_iter().chain(log) {
        tx.execute(&format!("DELETE FROM {table} WHERE notebook = ?1"), [notebook.as_bytes()])?;
    }
    Ok(())
}

/// Deletes this device's place in a notebook: it joins anew, with other keys. Entries, epoch keys and the log stay.
pub fn delete(tx: &Transaction<'_>, notebook: NotebookId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM releases WHERE notebook = ?1", [notebook.as_bytes()])?;
    for table in ["channels", "control", "sealed"] {
        tx.execute(&format!("DELETE FROM {table} WHERE notebook = ?1"), [notebook.as_bytes()])?;
    }
    let sql = "UPDATE outbox SET sequence = NULL WHERE notebook = ?1";
    tx.execute(sql, [notebook.as_bytes()])?;
    Ok(())
}
