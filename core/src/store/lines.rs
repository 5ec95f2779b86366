//! The authors' lines: where those end that stand, and the envelopes of which they are made, without what is sealed.

use ayumi_protocol::NotebookId;
use ayumi_protocol::batch::PeerHead;
use ayumi_protocol::envelope::{FRAME_BYTES, Frame, Header, Tail};
use ayumi_protocol::key::{Hash, KeyId};
use ayumi_protocol::lines::Link;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::error::StoreError;

/// Where an author's lines end that stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineEnds {
    /// The greatest of their ends.
    pub tail: Tail,
    /// How many there are: two or more if the author spoke with two tongues.
    pub count: usize,
}

/// Returns where an author's lines end; `None` if nothing of the author's stands.
pub fn ends_of(connection: &Connection, notebook: NotebookId, author: KeyId) -> Result<Option<LineEnds>, StoreError> {
    let sql = "SELECT frame, lines FROM tails WHERE notebook = ?1 AND author = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let row = statement.query_row(params![notebook.as_bytes(), author.0], |row| Ok((row.get(0)?, row.get(1)?)));
    let row: Option<(Vec<u8>, usize)> = row.optional()?;
    row.map(|(frame, count)| Ok(LineEnds { tail: Tail::from_frame(&frame)?, count })).transpose()
}

/// Returns the ends of the authors' lines, of several the greatest.
pub fn tails(connection: &Connection, notebook: NotebookId) -> Result<Vec<(KeyId, Tail)>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT author, frame FROM tails WHERE notebook = ?1")?;
    let mut rows = statement.query([notebook.as_bytes()])?;
    let mut tails = Vec::new();
    while let Some(row) = rows.next()? {
        tails.push((KeyId(row.get(0)?), Tail::from_frame(&row.get::<_, Vec<u8>>(1)?)?));
    }
    Ok(tails)
}

/// Notes that an author's only line ends with this envelope.
pub fn keep_tail(tx: &Transaction<'_>, frame: &Frame) -> Result<(), StoreError> {
    let header = &frame.header;
    let sql = "INSERT OR REPLACE INTO tails (notebook, author, frame, lines, named) VALUES (?1, ?2, ?3, 1, 0)";
    tx.prepare_cached(sql)?.execute(params![header.notebook.as_bytes(), header.author.0, frame.to_bytes()])?;
    Ok(())
}

/// Notes where an author's lines end: how many there are, and the row of the greatest one's last envelope.
pub fn keep_ends(
    tx: &Transaction<'_>,
    (notebook, author): (NotebookId, KeyId),
    (row, count): (Option<i64>, usize),
) -> Result<(), StoreError> {
    let Some(row) = row else {
        let sql = "DELETE FROM tails WHERE notebook = ?1 AND author = ?2";
        tx.prepare_cached(sql)?.execute(params![notebook.as_bytes(), author.0])?;
        return Ok(());
    };
    let sql = format!(
        "INSERT INTO tails (notebook, author, frame, lines, named)
         SELECT notebook, author, substr(body, 1, {FRAME_BYTES}), ?2, 0 FROM frames WHERE n = ?1
         ON CONFLICT (notebook, author) DO UPDATE SET named = named AND frame = excluded.frame,
             frame = excluded.frame, lines = excluded.lines"
    );
    tx.prepare_cached(&sql)?.execute(params![row, count])?;
    Ok(())
}

/// Lets an author's line end with the last envelope that counts.
pub fn end_line(tx: &Transaction<'_>, notebook: NotebookId, author: KeyId) -> Result<(), StoreError> {
    let sql = "SELECT n FROM frames WHERE notebook = ?1 AND author = ?2 AND state < 2
               ORDER BY attempt DESC, sequence DESC LIMIT 1";
    let key = params![notebook.as_bytes(), author.0];
    let last = tx.prepare_cached(sql)?.query_row(key, |row| row.get(0)).optional()?;
    keep_ends(tx, (notebook, author), (last, 1))
}

/// Returns the ends of others' lines that this device has not named in an envelope of its own, rising by author.
pub fn peer_heads(connection: &Connection, notebook: NotebookId, me: KeyId) -> Result<Vec<PeerHead>, StoreError> {
    let sql = "SELECT author, frame FROM tails WHERE notebook = ?1 AND author <> ?2 AND named = 0 ORDER BY author";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![notebook.as_bytes(), me.0])?;
    let mut heads = Vec::new();
    while let Some(row) = rows.next()? {
        heads.push(PeerHead::of(KeyId(row.get(0)?), &Tail::from_frame(&row.get::<_, Vec<u8>>(1)?)?));
    }
    Ok(heads)
}

/// Notes whether this device named all of them.
pub fn mark_named(tx: &Transaction<'_>, notebook: NotebookId, named: bool) -> Result<(), StoreError> {
    let sql = "UPDATE tails SET named = ?2 WHERE notebook = ?1 AND named <> ?2";
    tx.prepare_cached(sql)?.execute(params![notebook.as_bytes(), named])?;
    Ok(())
}

/// An envelope that is kept, as its author's lines are judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptLink {
    /// Its row.
    pub row: i64,
    /// Whether it counts.
    pub counts: bool,
    /// Whether the server is known to have it.
    pub placed: bool,
    /// Where it stands in its author's lines.
    pub link: Link,
}

/// Returns all of an author's envelopes so, each behind the one that it follows.
pub fn links(connection: &Connection, notebook: NotebookId, author: KeyId) -> Result<Vec<KeptLink>, StoreError> {
    let sql = format!(
        "SELECT n, state < 2, position > 0, substr(body, 1, {FRAME_BYTES}) FROM frames
         WHERE notebook = ?1 AND author = ?2 ORDER BY attempt, sequence, hash"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![notebook.as_bytes(), author.0])?;
    let mut links = Vec::new();
    while let Some(row) = rows.next()? {
        let link = Link::from(&Frame::from_start_of(&row.get::<_, Vec<u8>>(3)?)?);
        links.push(KeptLink { row: row.get(0)?, counts: row.get(1)?, placed: row.get(2)?, link });
    }
    Ok(links)
}

/// Returns the hash of an author's greatest envelope that the server is known to have.
pub fn greatest_placed(
    connection: &Connection,
    notebook: NotebookId,
    author: KeyId,
) -> Result<Option<Hash>, StoreError> {
    let sql = "SELECT hash FROM frames WHERE notebook = ?1 AND author = ?2 AND position > 0
               ORDER BY attempt DESC, sequence DESC, hash DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row(params![notebook.as_bytes(), author.0], |row| row.get(0)).optional()?)
}

/// Returns the authors of envelopes that count nowhere.
pub fn with_dead(connection: &Connection, notebook: NotebookId) -> Result<Vec<KeyId>, StoreError> {
    let sql = "SELECT DISTINCT author FROM frames WHERE notebook = ?1 AND state = 2";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([notebook.as_bytes()], |row| Ok(KeyId(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether an envelope, which is not kept yet, proves for the first time that its author signed two for one place.
pub fn is_second_tongue(connection: &Connection, header: &Header) -> Result<bool, StoreError> {
    let (notebook, author) = (header.notebook.as_bytes(), header.author.0);
    let sql = "SELECT 1 FROM frames WHERE notebook = ?1 AND author = ?2 AND sequence = ?3 AND attempt = ?4";
    let key = params![notebook, author, header.sequence, header.attempt];
    if !connection.prepare_cached(sql)?.exists(key)? {
        return Ok(false);
    }
    let sql = "SELECT 1 FROM frames WHERE notebook = ?1 AND author = ?2 GROUP BY sequence, attempt HAVING count(*) > 1";
    Ok(!connection.prepare_cached(sql)?.exists(params![notebook, author])?)
}
