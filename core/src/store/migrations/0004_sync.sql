-- The notebook channel: what this device knows of each notebook's log at the server, and what waits to be sent.
CREATE TABLE channels (
    notebook    BLOB PRIMARY KEY,  -- 16 bytes
    sign        BLOB NOT NULL,     -- this device's secret keys in this notebook
    agree       BLOB NOT NULL,
    store_epoch BLOB,              -- which life of the server's store; NULL before the first answer
    server_key  BLOB,              -- signs receipts
    token       BLOB,
    position    INTEGER NOT NULL,  -- all up to here is in this file
    prefix      BLOB NOT NULL,     -- names the log up to there
    sequence    INTEGER NOT NULL,  -- the end of this device's own chain, as sealed
    hash        BLOB NOT NULL,
    again       INTEGER NOT NULL,  -- 1 while a server that forgot is read again
    halted      TEXT,              -- why nothing more is sent
    removed     INTEGER NOT NULL,  -- 1 when this device is no member any more
    snapshot    INTEGER NOT NULL,  -- where the newest whole snapshot ends
    hollow      INTEGER NOT NULL,  -- 1 while envelopes are gone that no snapshot has told of yet
    assembly    BLOB               -- the snapshot of which not all parts have come
) WITHOUT ROWID;

-- Control statements, in order. position is 0 until the server has taken it.
CREATE TABLE control (
    notebook BLOB NOT NULL,
    place    INTEGER NOT NULL,
    taken_at INTEGER NOT NULL,
    position INTEGER NOT NULL,
    body     BLOB NOT NULL,
    PRIMARY KEY (notebook, place)
) WITHOUT ROWID;

CREATE TABLE epoch_keys (
    notebook BLOB NOT NULL,
    epoch    INTEGER NOT NULL,
    key      BLOB NOT NULL,
    PRIMARY KEY (notebook, epoch)
) WITHOUT ROWID;

-- The ends of the authors' chains.
CREATE TABLE tails (
    notebook BLOB NOT NULL,
    author   BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    hash     BLOB NOT NULL,
    PRIMARY KEY (notebook, author)
) WITHOUT ROWID;

-- Changes that the server does not have, in the order they were written. Filled when a sync begins, so that saving an entry pays
-- nothing for it: `meta.outbox` is how far entries and edits have been looked at. fresh: never sent before, so its stamp may
-- still be corrected. sequence: the envelope that it is sealed in.
CREATE TABLE outbox (
    n        INTEGER PRIMARY KEY,
    notebook BLOB NOT NULL,
    entry    BLOB NOT NULL,
    stamp    BLOB NOT NULL,
    fresh    INTEGER NOT NULL,
    sequence INTEGER
);
CREATE INDEX outbox_by_notebook ON outbox (notebook, sequence);

-- Counted with every question; a table walked for it would cost more than the question. Others pay nothing for it.
CREATE INDEX changes_refused ON changes (notebook) WHERE state = 2;

-- Envelopes that were made and not answered yet: sent again byte for byte.
CREATE TABLE sealed (
    notebook BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    body     BLOB NOT NULL,
    PRIMARY KEY (notebook, sequence)
) WITHOUT ROWID;

-- The server's promises.
CREATE TABLE receipts (
    notebook  BLOB NOT NULL,
    sequence  INTEGER NOT NULL,
    position  INTEGER NOT NULL,
    hash      BLOB NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (notebook, sequence)
) WITHOUT ROWID;

-- What the snapshot that is coming holds; what it lacks and this device knows is sent again.
CREATE TABLE snapshot_seen (
    notebook BLOB NOT NULL,
    entry    BLOB NOT NULL,
    stamp    BLOB NOT NULL,
    PRIMARY KEY (notebook, entry, stamp)
) WITHOUT ROWID;

-- Items that this version cannot read; tried again after an update.
CREATE TABLE unread (
    notebook BLOB NOT NULL,
    position INTEGER NOT NULL,
    taken_at INTEGER NOT NULL,
    body     BLOB NOT NULL,
    PRIMARY KEY (notebook, position)
) WITHOUT ROWID;

-- Photos that the server has, and chunks of photos that are on their way here.
CREATE TABLE photos_sent (
    id BLOB PRIMARY KEY
) WITHOUT ROWID;
CREATE TABLE photo_chunks (
    id     BLOB NOT NULL,
    number INTEGER NOT NULL,
    total  INTEGER NOT NULL,
    body   BLOB NOT NULL,
    PRIMARY KEY (id, number)
);
