-- Content packs that were installed on this device: a municipality's desks, programmes, items, words.
CREATE TABLE packs (
    n       INTEGER PRIMARY KEY,
    id      TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    body    TEXT NOT NULL          -- the TOML as it came; read and checked again when it is used
);

-- What the agenda asks for each time it is shown. Few entries are of these kinds, so saving the others costs nothing.
CREATE INDEX entries_for_agenda ON entries (notebook, kind)
    WHERE deleted = 0 AND kind IN ('immunisation', 'wellchild', 'self_check', 'agenda_mark', 'tests', 'stool',
                                   'dental_maternal', 'prenatal_visit');
