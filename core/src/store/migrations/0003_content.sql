-- Content packs that were installed on this device: a municipality's desks, programmes, items, words.
CREATE TABLE packs (
    n       INTEGER PRIMARY KEY,
    id      TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    body    TEXT NOT NULL          -- the TOML as it came; read and checked again when it is used
);

-- What the agenda asks for each time it is shown. Few entries are of these kinds, so saving the others costs next to nothing
-- (with IN instead of OR, SQLite would build the list anew for each row).
CREATE INDEX entries_for_agenda ON entries (notebook, kind)
    WHERE deleted = 0 AND (kind = 'immunisation' OR kind = 'wellchild' OR kind = 'self_check' OR kind = 'agenda_mark'
                           OR kind = 'tests' OR kind = 'stool' OR kind = 'dental_maternal' OR kind = 'prenatal_visit');
