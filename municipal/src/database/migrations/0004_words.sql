-- What was said, sealed under the thread's own key; that key, wrapped under the key of a week, which is not in the database.

-- keeps thread_keys: until the thread's term is over or its family erases it; then the row goes, and with it all words
CREATE TABLE thread_keys (
    tenant TEXT NOT NULL CHECK (tenant <> ''),
    thread BYTEA NOT NULL CHECK (length(thread) = 16),
    -- The week whose key wraps it.
    week BIGINT NOT NULL CHECK (week > 0),
    wrapped BYTEA NOT NULL CHECK (length(wrapped) = 60),
    PRIMARY KEY (tenant, thread),
    FOREIGN KEY (tenant, thread) REFERENCES threads (tenant, id) ON DELETE CASCADE
);

CREATE INDEX thread_keys_by_week ON thread_keys (tenant, week);

-- keeps thread_words: as long as the key of their thread
CREATE TABLE thread_words (
    tenant TEXT NOT NULL CHECK (tenant <> ''),
    thread BYTEA NOT NULL CHECK (length(thread) = 16),
    number BIGINT NOT NULL CHECK (number > 0),
    sealed BYTEA NOT NULL CHECK (length(sealed) >= 28),
    PRIMARY KEY (tenant, thread, number),
    FOREIGN KEY (tenant, thread) REFERENCES thread_keys (tenant, thread) ON DELETE CASCADE
);
