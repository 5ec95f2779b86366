-- The handbook on one device. What an entry shows is a function of its changes; `entries` keeps the result so that
-- reading is one look-up. Everything else can be made again from `changes` and `photo_data`, and salvage does so.

CREATE TABLE meta (
    n     INTEGER PRIMARY KEY,
    key   TEXT NOT NULL UNIQUE,  -- device, carer, clock, indexed
    value TEXT NOT NULL
);

CREATE TABLE notebooks (
    n       INTEGER PRIMARY KEY,
    id      BLOB NOT NULL UNIQUE,  -- 16 bytes
    profile INTEGER NOT NULL       -- entries.n of its own facts; 0 until they have come
);

CREATE TABLE entries (
    n         INTEGER PRIMARY KEY,
    id        BLOB NOT NULL,         -- 16 bytes, UUIDv7; found through changes, which saves an index
    notebook  INTEGER NOT NULL REFERENCES notebooks (n),
    kind      TEXT NOT NULL,
    day       INTEGER NOT NULL,      -- the calendar day it is about, counted from 0001-01-01; 0 if it has none
    fields    TEXT NOT NULL,         -- JSON of the shown fields
    deleted   INTEGER NOT NULL,
    conflicts INTEGER NOT NULL       -- fields that carers wrote differently without seeing each other's
);
-- Newest first per notebook; `kind` rides along so that filtering by it reads no rows in vain.
CREATE INDEX entries_by_day ON entries (notebook, deleted, day, n, kind);
CREATE INDEX entries_in_conflict ON entries (n) WHERE conflicts > 0;

-- The log of what carers did. Rows are never rewritten (but for `state`) or removed. Clustered by entry, so that a new
-- entry touches one page here, and the table is itself the way from an id to its entry. Each row can be understood
-- alone, so that salvage needs no other table.
CREATE TABLE changes (
    entry       BLOB NOT NULL,       -- 16 bytes
    stamp       BLOB NOT NULL,       -- 16 bytes that sort as stamps do
    n           INTEGER NOT NULL,    -- entries.n
    notebook    BLOB NOT NULL,       -- 16 bytes
    kind        TEXT NOT NULL,
    state       INTEGER NOT NULL,    -- 0 waiting, 1 sent, 2 refused
    body        TEXT NOT NULL,       -- ayumi-protocol, Change::body
    PRIMARY KEY (entry, stamp)
) WITHOUT ROWID;

-- Changes of entries that were there before, in the order they came: with the newest entries they are what the search
-- index and the outbox have not seen yet.
CREATE TABLE edits (
    seq   INTEGER PRIMARY KEY,
    n     INTEGER NOT NULL,          -- entries.n
    stamp BLOB NOT NULL
);

CREATE TABLE photos (
    n     INTEGER PRIMARY KEY,
    id    BLOB NOT NULL UNIQUE,      -- id of the photo's entry
    thumb BLOB NOT NULL              -- small JPEG
);
-- Apart from the thumbnails, so that a page of them does not read the photos.
CREATE TABLE photo_data (
    n    INTEGER PRIMARY KEY,        -- photos.n
    id   BLOB NOT NULL,              -- again, for salvage
    data BLOB NOT NULL               -- JPEG without metadata
);
