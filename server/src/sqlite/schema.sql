-- The server's store in SQLite. Everything in `log.body`, `chunks.body` and `drawers.sealed` is sealed by devices; the rest is what
-- ordering needs.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,  -- store_epoch, server_key: the public half
    value BLOB NOT NULL
) WITHOUT ROWID;

-- One row for each statement or envelope, clustered by notebook and place: a page is one walk.
CREATE TABLE log (
    notebook BLOB NOT NULL,      -- 16 bytes
    position INTEGER NOT NULL,   -- from 1
    control  INTEGER NOT NULL,   -- 1 a control statement, 0 an envelope
    author   BLOB NOT NULL,      -- 16 bytes: the author's key in this notebook
    sequence INTEGER NOT NULL,   -- the author's number; 0 for statements
    attempt  INTEGER NOT NULL,   -- how often the author had sealed something anew before; 0 for statements
    hash     BLOB NOT NULL,      -- 32 bytes
    prefix   BLOB NOT NULL,      -- 16 bytes: names the log up to here
    taken_at INTEGER NOT NULL,
    body     BLOB NOT NULL,
    remnant  INTEGER NOT NULL,   -- 1: words of it were erased, and the body is what is left
    second   INTEGER NOT NULL,   -- 1: another envelope of the author is before it, with the same sequence and attempt
    PRIMARY KEY (notebook, position)
) WITHOUT ROWID;
-- The greatest envelope of an author is the one behind which the author goes on.
CREATE UNIQUE INDEX log_by_author ON log (notebook, author, attempt, sequence, hash) WHERE control = 0;
-- Whose key signed two envelopes for one place.
CREATE INDEX log_second ON log (notebook, author) WHERE second = 1;
-- A newcomer reads the chain before it reads anything else.
CREATE INDEX log_control ON log (notebook, position) WHERE control = 1;

-- Bytes used, for the quota.
CREATE TABLE notebooks (
    id       BLOB PRIMARY KEY,
    bytes    INTEGER NOT NULL,
    taken_at INTEGER NOT NULL,   -- when its last item was taken
    open_quota INTEGER,          -- of one that began without a ticket
    ends_at  INTEGER,            -- when that one is deleted
    closes_at INTEGER,           -- when one that its owners closed is deleted
    visited_at INTEGER NOT NULL DEFAULT 0  -- when somebody came who brought nothing; written down once in thirty days
) WITHOUT ROWID;
CREATE INDEX notebooks_by_end ON notebooks (ends_at) WHERE ends_at IS NOT NULL;
CREATE INDEX notebooks_by_closing ON notebooks (closes_at) WHERE closes_at IS NOT NULL;

-- What this server signed before it forgot, as it was told again: for each head of a chain the earliest end that has it.
CREATE TABLE receipts (
    notebook BLOB NOT NULL,
    head     BLOB NOT NULL,      -- 32 bytes: the hash of a statement
    taken_at INTEGER NOT NULL,
    body     BLOB NOT NULL,      -- the signed end
    PRIMARY KEY (notebook, head)
) WITHOUT ROWID;

-- Tickets with which notebooks begin: hashes only.
CREATE TABLE tickets (
    hash     BLOB PRIMARY KEY,
    notebook BLOB                -- that began with it
) WITHOUT ROWID;

-- What is left of notebooks that are gone.
CREATE TABLE gone (
    hash    BLOB PRIMARY KEY,    -- 32 bytes, of the id, which stands nowhere
    why     INTEGER NOT NULL,    -- 1 closed by its owners, 2 forgotten: it begins never again; 3 over: with a ticket it may
    gone_at INTEGER NOT NULL
) WITHOUT ROWID;

-- What lets open codes open: deleted when a code is used, void or over.
CREATE TABLE releases (
    notebook BLOB NOT NULL,
    holder   BLOB NOT NULL,      -- 16 bytes: the code's key
    ends_at  INTEGER,            -- of an invitation
    body     BLOB NOT NULL,      -- 32 bytes
    PRIMARY KEY (notebook, holder)
) WITHOUT ROWID;
CREATE INDEX releases_by_end ON releases (ends_at) WHERE ends_at IS NOT NULL;

-- Photos and thumbnails in sealed chunks.
CREATE TABLE chunks (
    notebook BLOB NOT NULL,
    name     BLOB NOT NULL,      -- 32 bytes, derived by the members
    number   INTEGER NOT NULL,   -- from 0
    total    INTEGER NOT NULL,
    hash     BLOB NOT NULL,      -- 32 bytes; before the body, so that it is read without it
    body     BLOB NOT NULL,
    PRIMARY KEY (notebook, name, number)
);

-- Where recovery prints find their notebooks.
CREATE TABLE drawers (
    id      BLOB PRIMARY KEY,    -- 16 bytes: a key's name
    edition INTEGER NOT NULL,
    sealed  BLOB NOT NULL,
    opened_at INTEGER NOT NULL   -- written down once in thirty days
) WITHOUT ROWID;
CREATE INDEX drawers_by_opening ON drawers (opened_at);

PRAGMA user_version = 2;
