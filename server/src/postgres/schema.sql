-- The server's store in PostgreSQL, partitioned by notebook. The same columns as in SQLite; `ayumi_notebooks` is also the lock that
-- puts the writers of one notebook in order, over all processes.
CREATE TABLE ayumi_meta (
    key   text PRIMARY KEY,      -- version, store_epoch, server_key: the public half
    value bytea NOT NULL
);
CREATE TABLE ayumi_notebooks (
    id    bytea PRIMARY KEY,
    bytes bigint NOT NULL,       -- used, for the quota
    last  bigint NOT NULL,       -- last position; 0: not founded
    head  bytea NOT NULL,        -- hash of the newest control statement
    prefix bytea NOT NULL,       -- names the log up to its end
    taken_at bigint NOT NULL,    -- when its last item was taken
    open_quota bigint,           -- of one that began without a ticket
    ends_at bigint,              -- when that one is deleted
    closes_at bigint,            -- when one that its owners closed is deleted
    visited_at bigint NOT NULL DEFAULT 0  -- when somebody came who brought nothing; written down once in thirty days
) WITH (fillfactor = 70);
CREATE INDEX ayumi_notebooks_by_end ON ayumi_notebooks (ends_at) WHERE ends_at IS NOT NULL;
CREATE INDEX ayumi_notebooks_by_closing ON ayumi_notebooks (closes_at) WHERE closes_at IS NOT NULL;
-- Tickets with which notebooks begin: hashes only.
CREATE TABLE ayumi_tickets (
    hash     bytea PRIMARY KEY,
    notebook bytea               -- that began with it
);
-- What is left of notebooks that are gone.
CREATE TABLE ayumi_gone (
    hash    bytea PRIMARY KEY,   -- of the id, which stands nowhere
    why     smallint NOT NULL,   -- 1 closed by its owners, 2 forgotten: it begins never again; 3 over: with a ticket it may
    gone_at bigint NOT NULL
);
CREATE TABLE ayumi_log (
    notebook bytea NOT NULL,
    position bigint NOT NULL,
    control  boolean NOT NULL,
    author   bytea NOT NULL,
    sequence bigint NOT NULL,
    attempt  bigint NOT NULL,
    hash     bytea NOT NULL,
    prefix   bytea NOT NULL,
    taken_at bigint NOT NULL,
    body     bytea NOT NULL,
    remnant  boolean NOT NULL,   -- words of it were erased, and the body is what is left
    PRIMARY KEY (notebook, position)
) PARTITION BY HASH (notebook);
CREATE UNIQUE INDEX ayumi_log_by_author ON ayumi_log (notebook, author, attempt, sequence, hash) WHERE NOT control;
CREATE INDEX ayumi_log_control ON ayumi_log (notebook, position) WHERE control;
-- The greatest envelope of each author, by attempt, sequence and hash: the one behind which the author goes on.
CREATE TABLE ayumi_tails (
    notebook bytea NOT NULL,
    author   bytea NOT NULL,
    frame    bytea NOT NULL,     -- of that envelope, without what is sealed
    two_tongues boolean NOT NULL, -- the author's key signed two envelopes for one place, and both are here
    PRIMARY KEY (notebook, author)
) WITH (fillfactor = 70);
-- What this server signed before it forgot, as it was told again: for each head of a chain the earliest end that has it.
CREATE TABLE ayumi_receipts (
    notebook bytea NOT NULL,
    head     bytea NOT NULL,
    taken_at bigint NOT NULL,
    body     bytea NOT NULL,     -- the signed end
    PRIMARY KEY (notebook, head)
);
-- What lets open codes open: deleted when a code is used, void or over.
CREATE TABLE ayumi_releases (
    notebook bytea NOT NULL,
    holder   bytea NOT NULL,      -- 16 bytes: the code's key
    ends_at  bigint,              -- of an invitation
    body     bytea NOT NULL,      -- 32 bytes
    PRIMARY KEY (notebook, holder)
);
CREATE INDEX ayumi_releases_by_end ON ayumi_releases (ends_at) WHERE ends_at IS NOT NULL;

CREATE TABLE ayumi_chunks (
    notebook bytea NOT NULL,
    name     bytea NOT NULL,
    number   integer NOT NULL,
    total    integer NOT NULL,
    hash     bytea NOT NULL,      -- 32 bytes
    body     bytea NOT NULL,
    PRIMARY KEY (notebook, name, number)
) PARTITION BY HASH (notebook);
CREATE TABLE ayumi_drawers (
    id      bytea PRIMARY KEY,
    edition bigint NOT NULL,
    sealed  bytea NOT NULL,
    opened_at bigint NOT NULL    -- written down once in thirty days
);
CREATE INDEX ayumi_drawers_by_opening ON ayumi_drawers (opened_at);
DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format('CREATE TABLE ayumi_log_%s PARTITION OF ayumi_log FOR VALUES WITH (MODULUS 16, REMAINDER %s)', part, part);
        EXECUTE format('CREATE TABLE ayumi_chunks_%s PARTITION OF ayumi_chunks FOR VALUES WITH (MODULUS 16, REMAINDER %s)', part, part);
    END LOOP;
END $$;
INSERT INTO ayumi_meta (key, value) VALUES ('version', '\x02');
