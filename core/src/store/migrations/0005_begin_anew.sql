-- Wire version 2. A statement of version 1 proves nothing to who joins by a code, so each notebook begins anew at a server, with new
-- keys and everything that is in this file. Nothing of what carers wrote is touched.
-- The id that a notebook had before it began anew.
ALTER TABLE notebooks ADD COLUMN former BLOB;

DROP TABLE channels;
DROP TABLE tails;
DROP TABLE sealed;
DROP TABLE receipts;
DROP TABLE snapshot_seen;
DROP TABLE unread;
DELETE FROM control;
DELETE FROM epoch_keys;
DELETE FROM outbox;
DELETE FROM photos_sent;
DELETE FROM photo_chunks;
DELETE FROM meta WHERE key IN ('outbox', 'recovery', 'server_key', 'snapshot_after', 'device');
UPDATE changes SET state = 0 WHERE state <> 0;

CREATE TABLE channels (
    notebook    BLOB PRIMARY KEY,  -- 16 bytes
    sign        BLOB NOT NULL,     -- this device's secret keys in this notebook
    agree       BLOB NOT NULL,
    device      BLOB NOT NULL,     -- 8 bytes: this device in stamps, the first of its key's name
    store_epoch BLOB,              -- which life of the server's store; NULL before the first answer
    server_key  BLOB,              -- signs receipts
    token       BLOB,
    position    INTEGER NOT NULL,  -- all up to here is in this file
    prefix      BLOB NOT NULL,     -- names the log up to there
    attempt     INTEGER NOT NULL,  -- of the next envelope that is sealed; rises whenever one must be sealed anew
    again       INTEGER NOT NULL,  -- 1 while another log, or one that forgot, is read from its beginning
    doubted     INTEGER NOT NULL,  -- 1 until that log has everything that is kept here: till then all changes show as waiting
    halted      TEXT,              -- why nothing more is sent
    removed     INTEGER NOT NULL   -- 1 when this device is no member any more
) WITHOUT ROWID;

-- The log as this device has it: every envelope byte for byte, so that any member can give a server back what it lost.
CREATE TABLE frames (
    n        INTEGER PRIMARY KEY,
    notebook BLOB NOT NULL,
    author   BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    attempt  INTEGER NOT NULL,
    hash     BLOB NOT NULL,
    position INTEGER NOT NULL,     -- its place in the server's log; 0: not known to be there; -1: the server will not take it
    state    INTEGER NOT NULL,     -- 0 it counts; 1 it counts, and this version cannot read all of it; 2 it counts nowhere
    changes  INTEGER NOT NULL,     -- how many are in it, as far as is known
    receipt  BLOB,                 -- the server's signature, if this device sent it there
    body     BLOB NOT NULL
);
CREATE UNIQUE INDEX frames_by_author ON frames (notebook, author, sequence, attempt);
-- Asked with every question.
CREATE INDEX frames_unplaced ON frames (notebook) WHERE position <= 0 AND state < 2;
CREATE INDEX frames_unread ON frames (notebook) WHERE state = 1;

-- The ends of the authors' lines.
CREATE TABLE tails (
    notebook BLOB NOT NULL,
    author   BLOB NOT NULL,
    frame    BLOB NOT NULL,        -- of the last envelope, without what is sealed
    named    INTEGER NOT NULL,     -- 1 once this device named it in an envelope of its own
    PRIMARY KEY (notebook, author)
) WITHOUT ROWID;

-- Envelopes that this device made and that were not answered yet: sent again byte for byte.
CREATE TABLE sealed (
    notebook BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    body     BLOB NOT NULL,
    PRIMARY KEY (notebook, sequence)
) WITHOUT ROWID;
