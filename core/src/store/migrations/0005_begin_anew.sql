-- Wire version 2. A statement of version 1 proves nothing to who joins by a code, so each notebook begins anew at a server, with new
-- keys and everything that is in this file. Nothing of what carers wrote is touched.
-- The id that a notebook had before it began anew.
ALTER TABLE notebooks ADD COLUMN former BLOB;

-- Besides what the agenda read before: the cover, the birth, the certificate of the birth report, and the pages of the guardian's
-- record with answers that must not stay silent.
DROP INDEX entries_for_agenda;
CREATE INDEX entries_for_agenda ON entries (notebook, kind)
    WHERE deleted = 0 AND (kind = 'immunisation' OR kind = 'wellchild' OR kind = 'self_check' OR kind = 'agenda_mark'
                           OR kind = 'tests' OR kind = 'stool' OR kind = 'dental_maternal' OR kind = 'prenatal_visit'
                           OR kind = 'cover' OR kind = 'delivery' OR kind = 'guardian_birth_cert' OR kind = 'guardian_2w'
                           OR kind = 'guardian_1m' OR kind = 'guardian_2m' OR kind = 'guardian_3-4m'
                           OR kind = 'guardian_6-7m' OR kind = 'guardian_9-10m' OR kind = 'guardian_1y6m'
                           OR kind = 'guardian_3y');

DROP TABLE channels;
DROP TABLE tails;
DROP TABLE sealed;
DROP TABLE receipts;
DROP TABLE snapshot_seen;
DROP TABLE unread;
DELETE FROM control;
DELETE FROM epoch_keys;
DELETE FROM meta WHERE key IN ('outbox', 'recovery', 'server_key', 'snapshot_after', 'device');

-- One id under two kinds, or in two notebooks, is two entries: nobody takes an id away from another by using it first. All wait.
ALTER TABLE changes RENAME TO changes_by_id;
CREATE TABLE changes (
    entry    BLOB NOT NULL,
    notebook BLOB NOT NULL,
    kind     TEXT NOT NULL,
    stamp    BLOB NOT NULL,
    n        INTEGER NOT NULL,
    state    INTEGER NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (entry, notebook, kind, stamp)
) WITHOUT ROWID;
INSERT INTO changes (entry, notebook, kind, stamp, n, state, body)
    SELECT entry, notebook, kind, stamp, n, 0, body FROM changes_by_id;

-- Changes that may not stand in their notebook, as this version judges, and that are in no envelope: an earlier version, a transfer
-- file or a repair brought them. The next version judges again.
CREATE TABLE apart (
    n        INTEGER PRIMARY KEY,
    entry    BLOB NOT NULL,
    notebook BLOB NOT NULL,
    kind     TEXT NOT NULL,
    stamp    BLOB NOT NULL,
    body     TEXT NOT NULL
);
CREATE UNIQUE INDEX apart_by_change ON apart (entry, notebook, kind, stamp);

ALTER TABLE photos RENAME TO photos_by_id;
CREATE TABLE photos (
    n        INTEGER PRIMARY KEY,
    id       BLOB NOT NULL,
    notebook BLOB NOT NULL,
    thumb    BLOB NOT NULL
);
CREATE UNIQUE INDEX photos_by_entry ON photos (id, notebook);
INSERT INTO photos (n, id, notebook, thumb)
    SELECT p.n, p.id, coalesce((SELECT c.notebook FROM changes c WHERE c.entry = p.id LIMIT 1), zeroblob(16)), p.thumb
    FROM photos_by_id p;
ALTER TABLE photo_data RENAME TO photo_data_by_id;
CREATE TABLE photo_data (
    n        INTEGER PRIMARY KEY,
    id       BLOB NOT NULL,
    notebook BLOB NOT NULL,
    data     BLOB NOT NULL
);
INSERT INTO photo_data (n, id, notebook, data)
    SELECT d.n, d.id, p.notebook, d.data FROM photo_data_by_id d JOIN photos p ON p.n = d.n;
DROP TABLE changes_by_id;
DROP TABLE photo_data_by_id;
DROP TABLE photos_by_id;
DROP TABLE photos_sent;
DROP TABLE photo_chunks;
CREATE TABLE photos_sent (
    id       BLOB NOT NULL,
    notebook BLOB NOT NULL,
    picture  INTEGER NOT NULL, -- 1 the photo, 2 its thumbnail
    PRIMARY KEY (id, notebook, picture)
) WITHOUT ROWID;
CREATE TABLE photo_chunks (
    id       BLOB NOT NULL,
    notebook BLOB NOT NULL,
    place    BLOB NOT NULL, -- 32 bytes: where they lie at the server
    number   INTEGER NOT NULL,
    body     BLOB NOT NULL,
    PRIMARY KEY (id, notebook, place, number)
);

-- Counted with every question.
CREATE INDEX changes_refused ON changes (notebook) WHERE state = 2;
DROP TABLE outbox;
CREATE TABLE outbox (
    n        INTEGER PRIMARY KEY,
    entry    BLOB NOT NULL,
    notebook BLOB NOT NULL,
    kind     TEXT NOT NULL,
    stamp    BLOB NOT NULL,
    fresh    INTEGER NOT NULL,
    sequence INTEGER
);
CREATE INDEX outbox_by_notebook ON outbox (notebook, sequence);

CREATE TABLE channels (
    notebook    BLOB PRIMARY KEY,  -- 16 bytes
    sign        BLOB NOT NULL,     -- this device's secret keys in this notebook
    agree       BLOB NOT NULL,
    device      BLOB NOT NULL,     -- 8 bytes: this device in stamps, the first of its key's name
    store_epoch BLOB,              -- which life of the server's store; NULL before the first answer
    server_key  BLOB,              -- signs the ends of its log
    token       BLOB,
    position    INTEGER NOT NULL,  -- all up to here is in this file
    prefix      BLOB NOT NULL,     -- names the log up to there
    taken_at    INTEGER NOT NULL,  -- when the server took the last item there
    attempt     INTEGER NOT NULL,  -- of the next envelope that is sealed; rises whenever one must be sealed anew
    again       INTEGER NOT NULL,  -- 1 while another log, or one that forgot, is read from its beginning
    doubted     INTEGER NOT NULL,  -- 1 until that log has everything that is kept here: till then all changes show as waiting
    halted      TEXT,              -- why nothing more is sent
    removed     INTEGER NOT NULL,  -- 1 when this device is no member any more
    next        BLOB,              -- secret keys that take the place of these before anything more is written
    gone        TEXT,              -- closed at this server, or gone there: why and since when
    awaits      BLOB               -- 16 bytes: whose word this device's join waits for; till then nothing that it wrote is sent
) WITHOUT ROWID;

-- At which life of a server's store the release keys of open codes are, as this device put them there.
CREATE TABLE releases (
    notebook    BLOB NOT NULL,
    holder      BLOB NOT NULL,     -- 16 bytes: the code's key
    store_epoch BLOB NOT NULL,
    PRIMARY KEY (notebook, holder)
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
    taken_at INTEGER NOT NULL,     -- when the server took it there
    state    INTEGER NOT NULL,     -- 0 it counts; 1 it counts, and this version cannot read all of it; 2 it does not stand
    changes  INTEGER NOT NULL,     -- how many are in it, as far as is known
    apart    INTEGER NOT NULL,     -- how many of them may not stand in the notebook, or do not count in their author's line
    greatest INTEGER,              -- the greatest clock reading of the changes in the author's line up to here; NULL before any
    remnant  INTEGER NOT NULL,     -- 1: words of it were erased, and the body is what is left
    body     BLOB NOT NULL
);
CREATE UNIQUE INDEX frames_by_author ON frames (notebook, author, sequence, attempt, hash);
-- Asked with every question.
CREATE INDEX frames_unplaced ON frames (notebook) WHERE position <= 0;
CREATE INDEX frames_unread ON frames (notebook) WHERE state = 1;
CREATE INDEX frames_dead ON frames (notebook, author) WHERE state = 2;

-- Where the authors' lines end that stand.
CREATE TABLE tails (
    notebook BLOB NOT NULL,
    author   BLOB NOT NULL,
    frame    BLOB NOT NULL,        -- of the greatest one's last envelope, without what is sealed
    lines    INTEGER NOT NULL,     -- how many there are: two or more of an author who spoke with two tongues
    named    INTEGER NOT NULL,     -- 1 once this device named it in an envelope of its own
    PRIMARY KEY (notebook, author)
) WITHOUT ROWID;

-- Envelopes that a member's envelope names as another author's last, and that are not here: told until they come.
CREATE TABLE absent (
    notebook    BLOB NOT NULL,
    member      BLOB NOT NULL,     -- whose envelope names it
    at_sequence INTEGER NOT NULL,  -- of that envelope
    at_attempt  INTEGER NOT NULL,
    author      BLOB NOT NULL,     -- whose it is
    sequence    INTEGER NOT NULL,
    attempt     INTEGER NOT NULL,
    hash        BLOB NOT NULL,     -- the first 16 bytes
    PRIMARY KEY (notebook, member, author, sequence, attempt, hash)
) WITHOUT ROWID;

-- What servers signed: the end of the log. Of each life of a server's store the newest, and the first with each head of the chain.
CREATE TABLE ends (
    n           INTEGER PRIMARY KEY,
    notebook    BLOB NOT NULL,
    server_key  BLOB NOT NULL,
    store_epoch BLOB NOT NULL,
    head        BLOB NOT NULL,     -- of the control chain there
    taken_at    INTEGER NOT NULL,  -- when the last item was taken
    body        BLOB NOT NULL      -- the whole of it, signed
);
CREATE INDEX ends_by_notebook ON ends (notebook);

-- A server's log as it was before another one was read, and its end as that server signed it: proof of which envelopes it had.
CREATE TABLE former_logs (
    notebook    BLOB PRIMARY KEY,
    server_key  BLOB NOT NULL,
    signed      BLOB NOT NULL,
    items       BLOB NOT NULL      -- hash 32, time taken 8, one behind the other from the first
) WITHOUT ROWID;

-- Envelopes that this device made and that were not answered yet: sent again byte for byte.
CREATE TABLE sealed (
    notebook BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    body     BLOB NOT NULL,
    PRIMARY KEY (notebook, sequence)
) WITHOUT ROWID;

-- What a snapshot showed before its envelopes came: it goes again unless they come.
CREATE TABLE early (
    n        INTEGER PRIMARY KEY,
    notebook BLOB NOT NULL,
    changes  INTEGER NOT NULL,     -- how many
    frame    BLOB NOT NULL,        -- of the last envelope of one author's
    shown    BLOB NOT NULL         -- entry 16, stamp 16, length of kind 1, kind, one behind the other
);
-- When this device made a notebook's snapshot last, and how long the log was then; when it asked for one last.
CREATE TABLE snapshots (
    notebook BLOB PRIMARY KEY,
    at_ms    INTEGER NOT NULL,
    position INTEGER NOT NULL,
    asked_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- Photos that have left this device for good, until its server has dropped them.
CREATE TABLE photos_gone (
    id       BLOB NOT NULL,
    notebook BLOB NOT NULL,
    PRIMARY KEY (id, notebook)
) WITHOUT ROWID;

-- Thumbnails that were nowhere when this device asked, and when it asks again.
CREATE TABLE thumbnails_missed (
    id       BLOB NOT NULL,
    notebook BLOB NOT NULL,
    wait_ms  INTEGER NOT NULL,
    again_ms INTEGER NOT NULL,
    PRIMARY KEY (id, notebook)
) WITHOUT ROWID;
-- What may have a thumbnail that is not here is looked through with every sync.
CREATE INDEX entries_photos ON entries (notebook) WHERE kind = 'photo';

-- The archive of the notebook from which one began anew.
CREATE TABLE archives (
    n        INTEGER PRIMARY KEY,
    notebook BLOB NOT NULL UNIQUE, -- as it is now
    named    BLOB,                 -- 32 bytes: what the founder's label says of it; NULL: it has none
    body     BLOB,                 -- the archive, packed
    made     INTEGER NOT NULL,     -- 1: this device made it, and keeps it at the server
    asked_ms INTEGER NOT NULL,     -- when this device asked for it last
    head     BLOB,                 -- the control head under which this device began to put it at the server
    there    BLOB                  -- the life of the server's store at which it is
);
-- The words that it proves.
CREATE TABLE archived (
    notebook BLOB NOT NULL,
    mark     BLOB NOT NULL,        -- 16 bytes: of where a word stood and what it said
    PRIMARY KEY (notebook, mark)
) WITHOUT ROWID;

-- Texts are found without the readings behind their kanji from now on: the search index is made anew, step by step, and until then
-- entries are looked at directly.
INSERT INTO search (search) VALUES ('delete-all');
DELETE FROM meta WHERE key = 'indexed';
