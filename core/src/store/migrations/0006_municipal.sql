-- The municipality whose feed this device reads: one at most.
CREATE TABLE municipality (
    n        INTEGER PRIMARY KEY CHECK (n = 1),
    address  TEXT NOT NULL,     -- where its feed is fetched
    pinned   TEXT NOT NULL,     -- JSON: what is kept so that nobody shows an older feed
    follows  INTEGER NOT NULL,  -- 0 until the six words of its root were compared
    area     TEXT,              -- the part of the municipality that the carer chose
    language TEXT,              -- the carer's language, where it is another one than the app's
    checked  INTEGER,           -- milliseconds since 1970: the last look that a server answered
    outcome  TEXT               -- what became of it: its key, and the reason's behind a blank
);

-- The files of the edition that is shown.
CREATE TABLE feed_files (
    n    INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    hash BLOB NOT NULL,         -- 32 bytes, of the file as it was served
    body BLOB NOT NULL          -- as it was served
);

-- What the carer did with notices.
CREATE TABLE notice_marks (
    n     INTEGER PRIMARY KEY,
    key   TEXT NOT NULL UNIQUE, -- id and version, "measles/1"
    shown INTEGER NOT NULL,     -- milliseconds since 1970
    read  INTEGER NOT NULL
);
