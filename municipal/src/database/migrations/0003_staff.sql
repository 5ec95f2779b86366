-- People of an office: accounts, what they may do, how they sign in.
-- No password and no token stands here: hashes only, and second factors sealed under a key that is not in the database.

-- keeps accounts: 1826 days after leaving the job (as long as the threads that they answered)
CREATE TABLE accounts (
    tenant TEXT NOT NULL CHECK (tenant <> ''),
    id BYTEA NOT NULL CHECK (length(id) = 16),
    -- By which they sign in.
    name TEXT NOT NULL CHECK (name <> ''),
    -- Which families see.
    public_name TEXT NOT NULL CHECK (public_name <> ''),
    profession TEXT NOT NULL CHECK (profession <> ''),
    -- Empty for the first one.
    made_by BYTEA CHECK (length(made_by) = 16),
    made_at BIGINT NOT NULL,
    password_salt BYTEA CHECK (length(password_salt) = 16),
    password_hash BYTEA CHECK (length(password_hash) = 32),
    totp_sealed BYTEA,
    -- The newest step of which a code was taken: none is taken twice.
    totp_step BIGINT NOT NULL CHECK (totp_step >= 0),
    left_at BIGINT,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, name),
    CHECK ((password_salt IS NULL) = (password_hash IS NULL)),
    CHECK (made_by <> id),
    -- Whoever left the job has nothing to sign in with.
    CHECK (left_at IS NULL OR (password_hash IS NULL AND totp_sealed IS NULL))
);

-- keeps grants: until their end, then 1826 days
CREATE TABLE grants (
    tenant TEXT NOT NULL CHECK (tenant <> ''),
    staff BYTEA NOT NULL,
    capability TEXT NOT NULL CHECK (capability IN ('answer', 'publish', 'supervise', 'administer')),
    desk TEXT NOT NULL CHECK (desk <> ''),
    until BIGINT NOT NULL CHECK (until > 0),
    -- Empty for what the root named.
    asked_by BYTEA CHECK (length(asked_by) = 16),
    agreed_by BYTEA CHECK (length(agreed_by) = 16),
    by_root BIGINT NOT NULL CHECK (by_root IN (0, 1)),
    given_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, staff, capability, desk),
    FOREIGN KEY (tenant, staff) REFERENCES accounts (tenant, id),
    CHECK (by_root = 1 OR asked_by IS NOT NULL),
    -- Two other persons, or one who asked and nobody yet.
    CHECK (asked_by <> staff),
    CHECK (agreed_by <> staff AND agreed_by <> asked_by)
);

-- keeps sessions: 12 hours at most
CREATE TABLE sessions (
    tenant TEXT NOT NULL CHECK (tenant <> ''),
    hash BYTEA NOT NULL CHECK (length(hash) = 32),
    staff BYTEA NOT NULL,
    since BIGINT NOT NULL,
    -- When the desk page answered last, and when a hand did something.
    seen BIGINT NOT NULL,
    acted BIGINT NOT NULL,
    locked BIGINT,
    PRIMARY KEY (tenant, hash),
    -- One person sits at one browser.
    UNIQUE (tenant, staff),
    FOREIGN KEY (tenant, staff) REFERENCES accounts (tenant, id)
);

-- keeps links: 30 minutes after they were made
CREATE TABLE links (
    tenant TEXT NOT NULL CHECK (tenant <> ''),
    hash BYTEA NOT NULL CHECK (length(hash) = 32),
    staff BYTEA NOT NULL,
    -- A code that goes another way than the link; empty where the link was read from the server's own terminal.
    code_hash BYTEA CHECK (length(code_hash) = 32),
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, hash),
    UNIQUE (tenant, staff),
    FOREIGN KEY (tenant, staff) REFERENCES accounts (tenant, id)
);

-- keeps tries: 15 minutes after the first
CREATE TABLE tries (
    tenant TEXT NOT NULL CHECK (tenant <> ''),
    bucket BYTEA NOT NULL CHECK (length(bucket) = 32),
    count BIGINT NOT NULL CHECK (count > 0),
    began_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, bucket)
);

-- keeps browsers: 180 days after the last sign-in there
CREATE TABLE browsers (
    tenant TEXT NOT NULL CHECK (tenant <> ''),
    hash BYTEA NOT NULL CHECK (length(hash) = 32),
    staff BYTEA NOT NULL,
    known_until BIGINT NOT NULL,
    PRIMARY KEY (tenant, hash, staff),
    FOREIGN KEY (tenant, staff) REFERENCES accounts (tenant, id)
);
