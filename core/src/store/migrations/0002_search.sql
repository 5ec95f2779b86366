-- Search by substring in Japanese text: pairs of characters, kept without the text itself. Entries are indexed some
-- time after they were written (`meta.indexed` = last entry and last edit indexed), so that saving stays as fast as
-- without; search looks at the rest directly, and at every hit again, so a stale row costs time, never truth.
CREATE VIRTUAL TABLE search USING fts5(grams, content='', contentless_delete=1, detail=none, tokenize='ascii');
